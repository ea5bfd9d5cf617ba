"""A module that is off vanishes from menu, pages, forms, routes and jobs (S2)."""

import re
from dataclasses import fields
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import jobs
from app.extensions import db, write_transaction
from app.settings.models import JobLease
from app.settings.uit import Modules, uit_settings_for_update
from app.uitdatabank.models import EventLink
from app.web.access import Access, access_of, module_of, needs
from tests.making import days_from_now, make_activity, make_person, make_type
from tests.sales.conftest import Family, publish_as
from tests.signing_in import make_account, post, sign_in
from tests.web.reading import text
from tests.web.shop.steps import choose, finish, lines, orders, take_benefit, text_of
from tests.web.test_routes import rules

OFF = {
    "uitdatabank": ("uitdatabank_on", "uitpas_on", "rewards_on", "coupons_on"),
    "uitpas": ("uitpas_on", "rewards_on", "coupons_on"),
    "rewards": ("rewards_on",),
    "coupons": ("coupons_on",),
}
WORDS = {
    "uitdatabank": r"UiTdatabank|UiT in Vlaanderen|Oproepenlog|UiTPAS|[Kk]ansentarief",
    "uitpas": r"UiTPAS|[Kk]ansentarief|grootboek|[Cc]oupon|[Oo]mruil",
    "rewards": r"[Oo]mruil",
    "coupons": r"[Cc]oupon",
}
"""What may stand on no page while the module is off."""
SWITCHES = "/beheer/instellingen/uit"
"""Where modules are switched on: the pages that must go on naming them."""
WHAT_IS_KEPT = {
    "backoffice.customer_data",
    "backoffice.person_data",
    "shop.own_data",
    "backoffice.privacy",
    "backoffice.erase_insz",
}
"""What is kept, and for how long, is told whole, also what a module that is off left behind."""


def switch_off(module: str) -> None:
    with write_transaction():
        settings = uit_settings_for_update()
        for name in ("uitdatabank_on", "uitpas_on", "rewards_on", "coupons_on"):
            setattr(settings, name, name not in OFF[module])


@pytest.fixture
def everybody(app: Flask, family: Family) -> dict[str, FlaskClient]:
    """An admin, a cashier and a parent with a family, a registration and a full basket."""
    browsers = {}
    for who, roles in (("admin", ["admin"]), ("cashier", ["cashier"])):
        browsers[who] = app.test_client()
        make_account(f"{who}@gemeente.example", roles)
        sign_in(browsers[who], f"{who}@gemeente.example")
    browsers["parent"] = app.test_client()
    sign_in(browsers["parent"], family.account.email)
    browsers["stranger"] = app.test_client()
    kind = make_type("Kamp")
    publish_as(make_activity("Natuurkamp", activity_type=kind))
    registered = make_activity("Zwemkamp", activity_type=kind)
    other = make_activity(
        "Kookkamp",
        activity_type=kind,
        dates=[(days_from_now(60, 9), days_from_now(60, 16))],
    )
    make_person(family.customer, "Lou")
    choose(browsers["parent"], registered, family.tuur)
    finish(browsers["parent"])
    choose(browsers["parent"], other, family.tuur)
    return browsers


def addresses(app: Flask) -> dict[str, str]:
    """The address of each page that can be fetched, filled in with what the fixture made."""
    order = orders()[-1]
    known = {
        "activity_id": order.lines[0].activity_id,
        "type_id": 1,
        "customer_id": order.customer_id,
        "person_id": order.lines[0].person_id,
        "number": order.number,
        "line_ref": order.lines[0].line_ref,
        "line_id": lines()[-1].id,
        "account_id": 1,
        "mail_id": 1,
        "slug": "zwemkamp",
        "entry_id": 1,
        "call_id": 1,
    }
    found = {}
    for rule in rules(app):
        if "GET" in rule.methods and rule.arguments <= known.keys():
            values = {name: known[name] for name in rule.arguments}
            found[rule.endpoint] = (rule.build(values) or ("", ""))[1]
    published = db.session.scalars(select(EventLink.activity_id)).one()
    tab = f"/beheer/activiteiten/{published}/uitdatabank"
    for page in ("", "/verwijder-link", "/event-verwijderen"):
        found[f"published{page}"] = f"{tab}{page}"
    found["organizers"] = "/beheer/uitdatabank/organisatoren?organizer=zonnewende"
    return found


def visible(page: str) -> str:
    """The words of a page with its labels and hints, without addresses and names of files."""
    page = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.S)
    return unescape(re.sub(r"<[^>]+>", " ", page))


@pytest.mark.parametrize("module", OFF)
def test_no_page_of_anybody_names_a_module_that_is_off(
    app: Flask, everybody: dict[str, FlaskClient], module: str
) -> None:
    pages = addresses(app)
    switch_off(module)
    seen = 0
    for who, browser in everybody.items():
        for endpoint, address in pages.items():
            answer = browser.get(address, follow_redirects=True)
            assert answer.status_code < 500, f"{address} as {who}"
            if answer.status_code != 200 or answer.mimetype != "text/html":
                continue
            shown = visible(answer.get_data(as_text=True)).replace("UiT-instellingen", "")
            if address.startswith(SWITCHES) or endpoint in WHAT_IS_KEPT:
                continue
            seen += 1
            found = re.search(f".{{0,40}}({WORDS[module]}).{{0,20}}", shown)
            assert not found, f"{endpoint} as {who}: {found and found.group()}"
    assert seen > 60


@pytest.mark.parametrize("module", OFF)
def test_a_route_of_a_module_that_is_off_does_not_exist_for_those_who_may(
    app: Flask, everybody: dict[str, FlaskClient], module: str
) -> None:
    switch_off(module)
    gone = {name for name in OFF if OFF[name][0] in OFF[module]}
    for rule in rules(app):
        kinds = access_of(app, rule.endpoint)
        browser = everybody["admin" if Access.ADMIN in kinds else "parent"]
        address = _address(rule)
        for method in sorted({"GET", "POST"} & rule.methods):
            if module_of(app, rule.endpoint) not in gone:
                continue
            answer = browser.get(address) if method == "GET" else post(browser, address)
            assert answer.status_code == 404, f"{method} {address}"


def _address(rule) -> str:
    values = dict.fromkeys(rule.arguments, 1)
    return (rule.build(values) or ("", ""))[1]


def test_with_all_modules_on_these_routes_exist(
    app: Flask, everybody: dict[str, FlaskClient]
) -> None:
    """So that the test above does not take any 404 for the right one."""
    with write_transaction():
        uit_settings_for_update()
    belonging = {
        rule.endpoint: module_of(app, rule.endpoint)
        for rule in rules(app)
        if module_of(app, rule.endpoint)
    }
    assert belonging["backoffice.calls"] == "uitdatabank"
    assert belonging["backoffice.search_uit_locations"] == "uitdatabank"
    assert belonging["backoffice.ledger"] == "uitpas"
    assert belonging["shop.benefits"] == "uitpas"
    for address in ("/beheer/oproepen", "/beheer/grootboek", "/beheer/uitdatabank/locaties"):
        assert everybody["admin"].get(address).status_code == 200
    paths = {rule.endpoint: rule.rule for rule in rules(app)}
    for endpoint, path in paths.items():
        if "uitpas" in path or "grootboek" in path or "voordelen" in path:
            assert belonging.get(endpoint) in {"uitpas", "rewards"}, path
        if "/uitdatabank" in path or "/oproepen" in path:
            assert belonging.get(endpoint) == "uitdatabank", path


def test_a_route_cannot_belong_to_a_module_that_does_not_exist() -> None:
    with pytest.raises(ValueError, match="uitpass"):
        needs("uitpass")


class TestJobs:
    def test_each_job_says_whether_it_rests_with_a_module(self) -> None:
        assert set(jobs.JOBS) == set(jobs.OF_MODULE) | jobs.ALWAYS
        assert not set(jobs.OF_MODULE) & jobs.ALWAYS
        assert set(jobs.OF_MODULE.values()) <= {field.name for field in fields(Modules)}

    @pytest.mark.parametrize("module", OFF)
    def test_a_job_rests_while_its_module_is_off_and_the_others_go_on(
        self, app: Flask, module: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ran: list[str] = []
        for name, (_use_case, *rest) in jobs.JOBS.items():
            monkeypatch.setitem(jobs.JOBS, name, (lambda name=name: ran.append(name), *rest))
        switch_off(module)
        gone = {name for name in OFF if OFF[name][0] in OFF[module]}
        for name in jobs.JOBS:
            rests = jobs.OF_MODULE.get(name) in gone
            assert jobs.run_job(name) is not rests, name
        assert set(ran) == {name for name in jobs.JOBS if jobs.OF_MODULE.get(name) not in gone}

    def test_a_job_that_rests_takes_no_lease(self, app: Flask) -> None:
        switch_off("uitdatabank")
        jobs.run_job("taxonomy")
        with write_transaction() as session:
            assert session.get(JobLease, "job-taxonomy") is None


class TestWhatWasPromised:
    """Switching UiTPAS off stops what is new; what stands there is still followed (invariant 3)."""

    def test_a_sale_is_undone_at_uitpas_after_the_module_went_off(
        self, parent: FlaskClient, camp, family: Family, publiq
    ) -> None:
        choose(parent, camp, family.mira, uitpas="ja")
        take_benefit(parent)
        finish(parent)
        (line,) = orders()[-1].lines
        assert len(publiq.live_sales()) == 1
        switch_off("uitpas")
        publiq.fault("DELETE /ticket-sales/{id}", "plat", count=1)
        assert post(parent, f"/mijn/inschrijvingen/{line.line_ref}/annuleren").status_code == 303
        publiq.heal()
        from app.sales.reconciler import reconcile

        assert jobs.run_job("reconcile")
        reconcile(min_age_seconds=0)
        assert publiq.live_sales() == []

    def test_a_benefit_that_was_given_still_explains_the_price(
        self, app: Flask, parent: FlaskClient, camp, family: Family
    ) -> None:
        choose(parent, camp, family.mira, uitpas="ja")
        take_benefit(parent)
        finish(parent)
        order = orders()[-1]
        switch_off("uitpas")
        admin = app.test_client()
        make_account("beheer@gemeente.example", ["admin"])
        sign_in(admin, "beheer@gemeente.example")
        assert "Kansentarief" in text(admin.get(f"/beheer/bestellingen/{order.number}"))

    def test_a_basket_loses_its_benefit_says_so_and_can_be_finished(
        self, parent: FlaskClient, camp, family: Family, publiq
    ) -> None:
        choose(parent, camp, family.mira, uitpas="ja")
        take_benefit(parent)
        reduced = lines()[-1].price
        switch_off("uitpas")
        answer = finish(parent)
        assert answer.location.endswith("/mandje"), "nobody pays a price that was not shown"
        shown = text_of(parent.get("/mandje"))
        assert "De prijs in je mandje is gewijzigd." in shown
        assert "de prijs is nu € 60,00 in plaats van € 12,00" in shown
        assert lines()[-1].price == lines()[-1].regular_price > reduced
        assert "/mijn/bestellingen/" in finish(parent).location
        assert publiq.live_sales() == []

    def test_a_basket_that_still_had_to_choose_is_not_sent_to_a_page_that_is_gone(
        self, parent: FlaskClient, camp, family: Family
    ) -> None:
        choose(parent, camp, family.mira, uitpas="ja")
        switch_off("uitpas")
        basket = parent.get("/mandje")
        assert "/mandje/voordelen" not in basket.get_data(as_text=True)
        assert "/mijn/bestellingen/" in finish(parent).location

    def test_coupons_are_not_offered_while_their_module_is_off(
        self, parent: FlaskClient, camp, family: Family
    ) -> None:
        with write_transaction():
            family.mira.uitpas_number = "0900010888817"
        choose(parent, camp, family.mira, uitpas="ja")
        assert "Coupon: " in text_of(parent.get("/mandje/voordelen"))
        switch_off("coupons")
        shown = text_of(parent.get("/mandje/voordelen"))
        assert "Coupon" not in shown
        assert "Kansentarief" in shown
