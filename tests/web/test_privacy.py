"""Who learns what: secrets stay secret, and nobody learns from the shop who has a kansentarief."""

# ruff: noqa: F811 - a parameter names its fixture

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, select

from app.activities.models import Activity
from app.extensions import db, limiter, write_transaction
from app.jobs import run_job
from app.mail.sending import send_due_mails
from app.people.models import Person
from app.settings.connections import publiq_client
from app.settings.models import (
    AuditEntry,
    Environment,
    EnvironmentSettings,
    PubliqCall,
)
from app.web.access import Access, access_of
from tests.dumping import dump
from tests.making import allow_insz, make_activity, make_customer, make_person
from tests.sales.conftest import (  # noqa: F401 - fixtures
    SOCIAL,
    SOCIAL_TOO,
    Family,
    Publiq,
    camp,
    connected,
    family,
    publiq,
    publish_as,
)
from tests.signing_in import make_account, post, sign_in
from tests.web.reading import error_at, text
from tests.web.shop.steps import choose, finish, lines, orders, take_benefit
from tests.web.test_routes import address_of, rules

INSZ = "15021760024"
"""Of publiq's test holder Lore, whose pass is SOCIAL_TOO."""
OTHER_INSZ = "85073003328"
INSZ_FORMS = ("15021760024", "15.02.17-600.24", "150217-600-24", "85073003328", "85.07.30-033.28")
NOT_A_PASS = "0900000000000"


@pytest.fixture(autouse=True)
def _no_limits(app: Flask) -> None:
    limiter.reset()


@pytest.fixture(autouse=True)
def _register_numbers_may_be_used(app: Flask) -> None:
    allow_insz()


@pytest.fixture
def parent(client: FlaskClient, family: Family) -> FlaskClient:
    """A browser in which the parent of the family is signed in."""
    sign_in(client, family.account.email)
    return client


def signed_in(app: Flask, *roles: str, customer: bool = False) -> FlaskClient:
    """A browser of somebody with these roles."""
    email = f"{'-'.join(roles) or 'klant'}@test.example"
    make_account(email, roles, customer=customer)
    browser = app.test_client()
    sign_in(browser, email)
    return browser


# A number that a parent types


def _typed(parent: FlaskClient, line_id: int, number: str):
    address = f"/mandje/voordelen/{line_id}/nummer"
    return post(parent, address, {f"nummer-{line_id}": number})


def _numbers() -> dict[str, str | None]:
    rows = db.session.execute(select(Person.first_name, Person.uitpas_number))
    return {row.first_name: row.uitpas_number for row in rows}


def test_a_number_that_publiq_does_not_know_is_not_kept(
    parent: FlaskClient,
    family: Family,
    camp: Activity,
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    take_benefit(parent)
    before = (lines()[0].uitpas_number, lines()[0].price, lines()[0].tariff_id)
    answer = _typed(parent, lines()[0].id, NOT_A_PASS)
    assert answer.status_code == 422
    assert "We vinden geen UiTPAS met dit nummer." in text(answer)
    assert _numbers()["Mira"] == SOCIAL
    assert (lines()[0].uitpas_number, lines()[0].price, lines()[0].tariff_id) == before


def test_a_number_is_not_kept_while_publiq_gives_no_answer(
    parent: FlaskClient,
    family: Family,
    camp: Activity,
    publiq: Publiq,
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    publiq.fault("uitpas", "plat", count=None)
    answer = _typed(parent, lines()[0].id, SOCIAL_TOO)
    publiq.heal()
    assert answer.status_code == 422
    assert "UiTPAS antwoordt nu niet" in text(answer)
    assert _numbers()["Tuur"] is None
    assert lines()[0].uitpas_number is None


def test_a_number_that_publiq_knows_counts_for_every_line_of_that_person(
    parent: FlaskClient,
    family: Family,
    camp: Activity,
) -> None:
    other = publish_as(make_activity("Ander kamp"), "d83b5b8a-108a-45d6-9ac9-8bdc44a0a24a")
    choose(parent, camp, family.tuur, family.mira, uitpas="ja")
    choose(parent, other, family.tuur, uitpas="ja")
    line = next(item for item in lines() if item.person_id == family.tuur.id)
    answer = _typed(parent, line.id, SOCIAL_TOO)
    assert answer.status_code == 303
    kept = {(item.activity_id, item.person_id): item.uitpas_number for item in lines()}
    assert kept == {
        (camp.id, family.tuur.id): SOCIAL_TOO,
        (other.id, family.tuur.id): SOCIAL_TOO,
        (camp.id, family.mira.id): SOCIAL,
    }
    assert _numbers() == {"Mira": SOCIAL, "Tuur": SOCIAL_TOO}


def test_nobody_gives_a_number_to_the_line_of_somebody_else(
    app: Flask,
    parent: FlaskClient,
    family: Family,
    camp: Activity,
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    stranger = signed_in(app, customer=True)
    assert _typed(stranger, lines()[0].id, SOCIAL_TOO).status_code in {303, 404}
    assert _numbers()["Tuur"] is None


# Look-ups are limited, whatever the way


def _asked(operation: str) -> int:
    return len(
        db.session.scalars(select(PubliqCall.id).where(PubliqCall.operation == operation)).all()
    )


def test_reloading_step_two_asks_for_publiqs_words_within_half_of_the_look_ups(
    parent: FlaskClient,
    family: Family,
    camp: Activity,
) -> None:
    with write_transaction() as session:
        session.get_one(Person, family.tuur.id).insz = OTHER_INSZ
    choose(parent, camp, family.tuur, uitpas="ja")
    for _ in range(14):
        answer = parent.get("/mandje/voordelen")
        assert answer.status_code == 200
    assert "UiTPAS kent geen kaart bij dit rijksregisternummer." in text(answer)
    assert "Je zocht het voorbije uur al vaak een nummer op." not in text(answer)
    assert _asked("get-passes") == 5


def test_register_numbers_cannot_be_looked_up_one_after_another_by_changing_a_child(
    parent: FlaskClient,
    family: Family,
    camp: Activity,
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    for number in range(14):
        with write_transaction() as session:
            tuur = session.get_one(Person, family.tuur.id)
            tuur.insz, tuur.first_name = OTHER_INSZ, f"Tuur {number}"
        answer = parent.get("/mandje/voordelen")
    assert "Je zocht het voorbije uur al vaak een nummer op." in text(answer)
    assert _asked("get-passes") == 10


def test_numbers_cannot_be_tried_one_after_another_by_keeping_them_with_a_person(
    parent: FlaskClient,
    family: Family,
) -> None:
    fields = {"first_name": "Tuur", "last_name": "Peeters", "birth_date": "04/05/2018"}
    address = f"/mijn/gezin/{family.tuur.id}"
    kept = []
    for number in range(14):
        typed = f"09000000675{number:02d}"
        answer = post(parent, address, {**fields, "uitpas_number": typed})
        kept.append(answer.status_code == 303)
    assert kept == [True] * 10 + [False] * 4
    assert "Je liet al veel nummers nakijken." in error_at(answer, "uitpas_number")
    assert typed in answer.get_data(as_text=True).replace(" ", "")
    assert _numbers()["Tuur"] == "0900000067509"
    again = post(parent, "/mijn/gezin/nieuw", {**fields, "uitpas_number": SOCIAL_TOO})
    assert again.status_code == 422
    assert post(parent, address, {**fields, "uitpas_number": "0900000067509"}).status_code == 303
    assert post(parent, address, {**fields, "uitpas_number": ""}).status_code == 303


def test_of_a_typed_number_nothing_of_its_holder_is_shown(
    parent: FlaskClient,
    family: Family,
    camp: Activity,
) -> None:
    """publiq answers a look-up with first name, postcode and points."""
    fields = {"first_name": "Wie", "last_name": "Ook", "birth_date": "04/05/2018"}
    seen = post(
        parent, "/mijn/gezin/nieuw", {**fields, "uitpas_number": SOCIAL_TOO}, follow_redirects=True
    ).get_data(as_text=True)
    choose(parent, camp, family.tuur, uitpas="ja")
    _typed(parent, lines()[0].id, SOCIAL_TOO)
    for path in ("/mandje/voordelen", "/mijn/gezin", "/mandje", f"/mijn/gezin/{family.tuur.id}"):
        seen += parent.get(path).get_data(as_text=True)
    for word in ("Lore", "punten", "points"):
        assert word not in seen


@pytest.mark.parametrize(
    "endpoint", ["look_up_pass", "add_person", "edit_person", "benefits", "use_pass_number"]
)
def test_whoever_has_not_signed_in_looks_up_nothing(app: Flask, endpoint: str) -> None:
    assert access_of(app, f"shop.{endpoint}") == frozenset({Access.CUSTOMER})


def test_a_register_number_typed_at_registering_is_looked_up_and_replaced(
    parent: FlaskClient,
    family: Family,
    camp: Activity,
) -> None:
    with write_transaction() as session:
        session.get_one(Person, family.tuur.id).first_name = "Lore"
    choose(parent, camp, family.tuur, uitpas="ja")
    answer = _typed(parent, lines()[0].id, "15.02.17-600.24")
    assert answer.status_code == 303
    assert (lines()[0].uitpas_number, _numbers()["Lore"]) == (SOCIAL_TOO, SOCIAL_TOO)
    other = _typed(parent, lines()[0].id, "08091860684")
    assert "staat een andere voornaam" in error_at(other, f"nummer-{lines()[0].id}")
    assert _asked("get-passes") == 2
    for _ in range(10):
        answer = _typed(parent, lines()[0].id, "08091860684")
    assert "Je liet al veel nummers nakijken." in text(answer)
    assert _asked("get-passes") == 10


# Cashiers and monitors

KEPT_FROM_CASHIERS = [
    "ledger",
    "entry",
    "run_reconciler",
    "act_on_entry",
    "accept_ledger_finding",
    "run_ledger_audit",
    "export_ledger_sheet",
    "reveal_insz",
    "find_insz",
    "export_persons",
    "privacy",
    "save_privacy",
    "erase_insz",
    "erase_insz_now",
    "customer_data",
    "person_data",
    "erase_customer",
    "erase_person",
    "export_registrations",
    "export_attendance",
    "save_monitors",
    "new_registration_group",
    "create_registration_group",
    "edit_registration_group",
    "save_registration_group",
    "remove_registration_group",
    "calls",
    "call",
    "audit",
    "mails",
    "mail_message",
    "send_mail_again",
    "uit_settings",
    "save_uit_settings",
    "environment_settings",
    "save_environment_settings",
    "test_connection",
    "municipality",
    "save_municipality",
    "staff",
    "invite_staff",
    "set_staff_roles",
    "activity_types",
    "new_activity",
    "create_activity",
    "save_activity",
    "cancel_activity",
    "activity_uit",
    "save_activity_uit",
    "forget_link",
    "activity_type_uit",
    "new_series",
    "create_series",
    "school_holidays",
    "save_school_holiday",
    "refunds",
    "mark_refund",
]


@pytest.mark.parametrize("endpoint", KEPT_FROM_CASHIERS)
def test_settings_prices_publishing_and_the_ledger_are_not_for_cashiers(
    app: Flask, endpoint: str
) -> None:
    assert access_of(app, f"backoffice.{endpoint}") == frozenset({Access.ADMIN})


OF_MONITORS = {"dashboard", "attendance", "attendance_list"}


def test_of_desk_and_back_office_a_monitor_sees_the_attendance_lists_and_nothing_else(
    app: Flask,
) -> None:
    open_to_monitors = {
        rule.endpoint.removeprefix("backoffice.")
        for rule in rules(app)
        if rule.endpoint.startswith(("backoffice.", "desk."))
        and Access.MONITOR in access_of(app, rule.endpoint)
    }
    assert open_to_monitors == OF_MONITORS


def test_a_cashier_neither_sees_nor_changes_a_register_number(app: Flask) -> None:
    customer = make_customer()
    person = make_person(customer, insz=OTHER_INSZ)
    cashier = signed_in(app, "cashier")
    address = f"/beheer/gezinsleden/{person.id}"
    seen = cashier.get(address).get_data(as_text=True)
    assert "insz" not in seen and "••" not in seen
    fields = {"first_name": "Lou", "last_name": "Peeters", "birth_date": "04/05/2018"}
    for sent in ({"insz": INSZ}, {"change_insz": "y", "insz": ""}):
        assert post(cashier, address, {**fields, **sent}).status_code == 303
        assert db.session.scalar(select(Person.insz)) == OTHER_INSZ
    new = f"/beheer/klanten/{customer.id}/gezinsleden/nieuw"
    assert post(cashier, new, {**fields, "first_name": "Bo", "insz": INSZ}).status_code == 303
    assert db.session.scalar(select(Person.insz).where(Person.first_name == "Bo")) is None


def test_a_cashier_cannot_take_over_an_account_by_its_address(
    app: Flask,
    family: Family,
) -> None:
    cashier = signed_in(app, "cashier")
    post(
        cashier,
        f"/beheer/klanten/{family.id}/bewerken",
        {"first_name": "Sofie", "last_name": "Peeters", "email": "kassa@elders.example"},
    )
    assert db.session.get_one(Person, family.mira.id).customer.account.email == (
        "ouder@gezin.example"
    )


def test_a_cashier_sees_the_benefit_of_a_registration_but_not_the_ledger(
    app: Flask,
    parent: FlaskClient,
    family: Family,
    camp: Activity,
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    take_benefit(parent)
    finish(parent)
    path = f"/beheer/inschrijvingen/{orders()[0].lines[0].line_ref}"
    seen = text(signed_in(app, "cashier").get(path))
    assert "UiTPAS-ticket-id" in seen
    assert "Geschiedenis bij UiTPAS" not in seen
    assert "Geschiedenis bij UiTPAS" in text(signed_in(app, "admin").get(path))


# What belongs to a family is for that family


def test_another_customer_finds_nothing_of_a_family(
    app: Flask,
    parent: FlaskClient,
    family: Family,
    camp: Activity,
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    take_benefit(parent)
    finish(parent)
    order = orders()[0]
    number, line_ref = order.number, order.lines[0].line_ref
    choose(parent, camp, family.tuur)
    line_id = lines()[-1].id
    stranger = signed_in(app, customer=True)
    for path in (
        f"/mijn/gezin/{family.mira.id}",
        f"/mijn/gezin/{family.mira.id}/verwijderen",
        f"/mijn/bestellingen/{number}",
        f"/mijn/bestellingen/{number}/agenda.ics",
        f"/mijn/inschrijvingen/{line_ref}/annuleren",
    ):
        assert stranger.get(path).status_code == 404, path
    for path in (
        f"/mijn/gezin/{family.mira.id}",
        f"/mijn/gezin/{family.mira.id}/verwijderen",
        f"/mijn/gezin/{family.mira.id}/uitpas-opzoeken",
        f"/mijn/inschrijvingen/{line_ref}/annuleren",
    ):
        answer = post(stranger, path, {"first_name": "X", "reden": "x"})
        assert answer.status_code == 404, path
    post(stranger, f"/mandje/{line_id}/weghalen")
    post(stranger, "/mandje/voordelen", {f"voordeel-{line_id}": ""})
    answer = choose(stranger, camp, family.tuur)
    assert answer.status_code == 422
    assert [line.id for line in lines()][-1] == line_id
    assert "Mira" not in text(stranger.get("/mijn")) + text(stranger.get("/mandje"))


# Planted values


SECRET = "geheim-van-publiq-7f3a9c"
"""What the sandbox takes is 'demo'; this one stands in the settings of another environment."""


def _planted(app: Flask, parent: FlaskClient, family: Family, camp: Activity) -> str:
    """Everything that uses a secret or a register number; returns the token that publiq gave."""
    with write_transaction() as session:
        session.add(EnvironmentSettings(environment=Environment.TEST, client_id="wij"))
    admin = signed_in(app, "admin")
    post(
        admin,
        "/beheer/instellingen/uit/test",
        {"client_id": "wij", "client_secret": SECRET, "registration_page_url": ""},
    )
    fields = {"first_name": "Lore", "last_name": "Peeters", "birth_date": "17/02/2015"}
    address = f"/mijn/gezin/{family.tuur.id}"
    assert post(parent, address, {**fields, "insz": "15.02.17-600.24"}).status_code == 303
    post(parent, "/mijn/gezin/nieuw", {**fields, "insz": INSZ})  # refused: stands there already
    post(parent, "/mijn/gezin/nieuw", {**fields, "insz": "15021760025"})
    choose(parent, camp, family.tuur, uitpas="ja")
    take_benefit(parent)
    finish(parent)
    person = f"/beheer/gezinsleden/{family.tuur.id}"
    post(admin, f"{person}/uitpas-opzoeken")
    post(admin, f"{person}/uitpas-vernieuwen")
    post(admin, "/beheer/gezinsleden/nakijken", {"id": [family.tuur.id]})
    assert run_job("pass-checks")
    post(admin, "/beheer/gezinsleden/rijksregisternummer", {"insz": INSZ})
    post(admin, f"{person}/rijksregisternummer", {"reason": f"controle van {INSZ}"})
    send_due_mails()
    client = publiq_client()
    return client.transport._token().access_token


def test_no_secret_stands_in_the_clear_anywhere(
    app: Flask,
    parent: FlaskClient,
    family: Family,
    camp: Activity,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    token = _planted(app, parent, family, camp)
    planted = (*INSZ_FORMS[:3], SECRET, token)
    assert len(token) > 8
    assert inspect(db.engine).has_table("person")
    seen = set()
    for where, value in dump():
        seen.add(where.split(".")[0])
        for word in planted:
            assert word not in value, where
    assert {"publiq_call", "audit_entry", "mail_message", "access_token", "person"} <= seen
    for word in planted:
        assert word not in caplog.text
    for number in (SOCIAL_TOO, SOCIAL):
        assert number not in caplog.text
        calls = [value for where, value in dump() if where.startswith("publiq_call.")]
        assert calls and not any(number in value for value in calls)
    for path in Path(app.instance_path).rglob("*"):
        if path.is_file():
            kept = path.read_bytes()
            assert not any(word.encode() in kept for word in planted), path.name


def test_no_page_shows_a_secret_or_a_register_number(
    app: Flask,
    parent: FlaskClient,
    family: Family,
    camp: Activity,
) -> None:
    token = _planted(app, parent, family, camp)
    order = orders()[0]
    gaps = {
        "/beheer/gezinsleden/987654": f"/beheer/gezinsleden/{family.tuur.id}",
        "/beheer/klanten/987654": f"/beheer/klanten/{family.id}",
        "/mijn/gezin/987654": f"/mijn/gezin/{family.tuur.id}",
        "bestellingen/bestaat-niet": f"bestellingen/{order.number}",
        "inschrijvingen/bestaat-niet": f"inschrijvingen/{order.lines[0].line_ref}",
        "uit/bestaat-niet": "uit/test",
        "/oproepen/987654": "/oproepen/{call}",
        "/mails/987654": "/mails/1",
        "/grootboek/987654": "/grootboek/1",
        "/nakijken/987654": "/nakijken/1",
        "export.bestaat-niet": "export.csv",
    }
    calls = list(db.session.scalars(select(PubliqCall.id)))
    browsers = {
        "parent": parent,
        "monitor": signed_in(app, "monitor"),
        "cashier": signed_in(app, "cashier"),
        "both": signed_in(app, "admin", "cashier", customer=True),
        "stranger": app.test_client(),
    }
    shown = 0
    for rule in rules(app):
        if "GET" not in rule.methods:
            continue
        path = address_of(rule)
        for gap, filled in gaps.items():
            path = path.replace(gap, filled)
        for address in [path.format(call=number) for number in calls] if "{" in path else [path]:
            for who, browser in browsers.items():
                answer = browser.get(address, follow_redirects=True)
                body = answer.get_data(as_text=True)
                shown += answer.status_code == 200
                for word in (*INSZ_FORMS, SECRET, token):
                    assert word not in body, f"{who} at {address}"
                    assert word not in answer.request.url, f"{who} at {address}"
    assert shown > 100


def test_a_revealed_number_and_the_reason_are_written_down_without_the_number(
    app: Flask,
    family: Family,
) -> None:
    with write_transaction() as session:
        session.get_one(Person, family.tuur.id).insz = INSZ
    admin = signed_in(app, "admin")
    address = f"/beheer/gezinsleden/{family.tuur.id}/rijksregisternummer"
    assert "15.02.17-600.24" in text(post(admin, address, {"reason": f"dubbele kaart {INSZ}"}))
    entry = db.session.scalar(select(AuditEntry).order_by(AuditEntry.id.desc()))
    assert entry is not None
    assert entry.reason == "dubbele kaart [rijksregisternummer]"


# What a stranger learns from forms


def test_a_forgotten_password_and_a_sign_in_do_not_tell_who_has_an_account(
    app: Flask,
    client: FlaskClient,
    family: Family,
) -> None:
    known, unknown = "ouder@gezin.example", "niemand@gezin.example"
    answers = [
        post(client, "/wachtwoord-vergeten", {"email": email}).get_data(as_text=True)
        for email in (known, unknown)
    ]
    cleaned = [
        re.sub(r'(name="csrf_token"[^>]*value="|X-CSRFToken": ")[^"]+', r"\1", body)
        .replace(known, "")
        .replace(unknown, "")
        for body in answers
    ]
    assert cleaned[0] == cleaned[1]
    refused = [
        text(post(client, "/aanmelden", {"email": email, "password": "niet het juiste"}))
        for email in (known, unknown)
    ]
    for body in refused:
        assert "Dit e-mailadres en wachtwoord passen niet bij elkaar." in body
