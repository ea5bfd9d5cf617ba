"""A typed UiTPAS number is looked at while it is typed, and nobody is asked (P1)."""

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.activities.models import Activity
from app.extensions import db, limiter
from app.settings.models import PubliqCall
from tests.making import allow_insz
from tests.sales.changing import register
from tests.sales.conftest import Family
from tests.signing_in import make_account, post, sign_in
from tests.web.reading import error_at
from tests.web.shop.steps import choose, lines, text_of

WARNING = "Kijk het UiTPAS-nummer na: misschien staat er een cijfer verkeerd."
TYPING_ERROR = ("0900010959114", "0900 010 959 114", "0900.010.959.114", "0900-010-959-114")
GOOD = ("0900010959113", "0900 010 959 113", "0900.010.959.113", "1000000520006", "")
BY_CARD = ("08091860684", "08.09.18-606.84", "04ED6ACACF6180", "B2026080918606840001")
PARENT, STAFF = "/mijn/uitpas-nummer", "/beheer/gezinsleden/uitpas-nummer"
WHY = "/beheer/uitpas/waarom/nummer"


@pytest.fixture(autouse=True)
def _nobody_asked_before(app: Flask) -> None:
    limiter.reset()


def staff(app: Flask, role: str) -> FlaskClient:
    browser = app.test_client()
    make_account(f"{role}@gemeente.example", [role])
    sign_in(browser, f"{role}@gemeente.example")
    return browser


def asked() -> int:
    return db.session.scalar(select(func.count(PubliqCall.id))) or 0


def hint(browser: FlaskClient, url: str, name: str, typed: str) -> str:
    answer = post(browser, url, {name: typed}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return text_of(answer).strip()


def test_step_two_of_a_parent_warns_of_a_typing_error_at_once_and_asks_nobody(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    name = f"nummer-{lines()[0].id}"
    shown = parent.get("/mandje/voordelen").get_data(as_text=True)
    assert f'hx-post="{PARENT}"' in shown and f'hx-params="{name}"' in shown
    assert f'id="{name}-uitslag" role="status"' in shown
    before = asked()
    assert {hint(parent, PARENT, name, typed) for typed in TYPING_ERROR} == {WARNING}
    assert {hint(parent, PARENT, name, typed) for typed in GOOD} == {""}
    assert "telt 12 cijfers" in hint(parent, PARENT, name, "0900 010 959 11")
    assert asked() == before


def test_the_warning_counts_against_no_limit(parent: FlaskClient) -> None:
    assert {hint(parent, PARENT, "nummer-1", TYPING_ERROR[0]) for _ in range(15)} == {WARNING}


@pytest.mark.parametrize("role", ["admin", "cashier"])
def test_staff_are_warned_at_each_field_and_not_of_what_a_reader_reads(
    app: Flask,
    family: Family,
    camp: Activity,
    role: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    allow_insz()
    line_ref = register(family, camp, family.mira, uitpas=False)
    desk = staff(app, role)
    start = f"/beheer/klanten/{family.id}/inschrijven"
    box = f"{camp.id}-{family.tuur.id}"
    post(desk, f"{start}/{camp.id}", {"keuze": box, "uitpas": "ja"})
    fields = {
        f"{start}/voordelen": (f"nummer-{lines()[-1].id}", STAFF),
        f"/beheer/inschrijvingen/{line_ref}/voordeel": ("number", STAFF),
        f"/beheer/gezinsleden/{family.tuur.id}": ("uitpas_number", STAFF),
        "/beheer/uitpas/waarom": ("number", WHY),
    }
    caplog.set_level(logging.DEBUG)
    for page, (name, url) in fields.items():
        shown = desk.get(page).get_data(as_text=True)
        assert f'hx-post="{url}"' in shown and f'hx-params="{name}"' in shown, page
        assert f'id="{name}-uitslag" role="status"' in shown, page
        before = asked()
        assert {hint(desk, url, name, typed) for typed in TYPING_ERROR} == {WARNING}, page
        assert {hint(desk, url, name, typed) for typed in GOOD} == {""}, page
        assert asked() == before
    for typed in BY_CARD:
        assert hint(desk, STAFF, "uitpas_number", typed) == ""
        assert "Hier kan enkel het UiTPAS-nummer zelf" in hint(desk, WHY, "number", typed)
    assert not [typed for typed in BY_CARD if typed in caplog.text]


def test_why_tells_a_register_number_from_a_number_with_too_few_digits(
    app: Flask, family: Family, camp: Activity
) -> None:
    desk = staff(app, "cashier")
    typed = {"activity": camp.title, "activity_id": camp.id}
    answer = post(desk, "/beheer/uitpas/waarom", {**typed, "number": BY_CARD[1]})
    assert answer.status_code == 422
    assert "Hier kan enkel het UiTPAS-nummer zelf" in error_at(answer, "number")
    answer = post(desk, "/beheer/uitpas/waarom", {**typed, "number": "09000109591"})
    assert "telt 11 cijfers" in error_at(answer, "number")
    assert asked() == 0


def test_a_number_stands_in_no_address(parent: FlaskClient) -> None:
    assert parent.get(PARENT, query_string={"nummer-1": GOOD[0]}).status_code == 405


def test_strangers_ask_nothing_about_a_number(client: FlaskClient) -> None:
    assert post(client, PARENT, {"nummer-1": GOOD[0]}).status_code in {302, 303}
