"""The page 'Voordeel achteraf'."""

# ruff: noqa: F811 - a parameter names its fixture

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.activities.models import Activity
from app.extensions import db
from app.formats import pass_number
from app.people.models import Person
from app.uitpas.models import BenefitKind, EntryState
from tests.making import allow_insz, make_activity, make_person
from tests.sales.changing import SALE, line_of, register, states
from tests.sales.conftest import (  # noqa: F401 - fixtures
    SOCIAL,
    SOCIAL_TOO,
    Family,
    Publiq,
    camp,
    connected,
    family,
    publiq,
)
from tests.web.backoffice.staff_client import post, signed_in, words
from tests.web.reading import error_at, value_of


@pytest.fixture(params=["admin", "cashier"])
def staff(app: Flask, request: pytest.FixtureRequest) -> FlaskClient:
    return signed_in(app, request.param)


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return signed_in(app, "admin")


@pytest.fixture
def reference(family: Family, camp: Activity) -> str:
    """Mira is registered at the regular price."""
    return register(family, camp, family.mira, uitpas=False)


@pytest.fixture
def tuur(family: Family, camp: Activity) -> str:
    """Tuur, of whom no pass is known, is registered too."""
    return register(family, camp, family.tuur, uitpas=False)


OLD_CARD, NEW_CARD = "0910000001602", "0910000001719"


def address(reference: str) -> str:
    return f"/beheer/inschrijvingen/{reference}/voordeel"


def chosen(answer: TestResponse) -> dict[str, str]:
    """The form as a browser sends it with what is preselected."""
    page = answer.get_data(as_text=True)
    found = re.search(r'name="voordeel" value="([^"]+)" checked', page)
    assert found, "no benefit is preselected"
    prices = re.findall(r'name="(prijs-[^"]+)" value="([^"]+)"', page)
    return {
        "doe": "toevoegen",
        "number": value_of(answer, "number"),
        "gevraagd": value_of(answer, "gevraagd"),
        "voordeel": found.group(1),
        **dict(prices),
    }


def test_staff_add_what_the_own_pass_gives_and_the_claim_follows(
    staff: FlaskClient, reference: str, publiq: Publiq
) -> None:
    page = words(staff.get(f"/beheer/inschrijvingen/{reference}"))
    assert "Voordeel achteraf" in page
    shown = staff.get(address(reference))
    assert "minder te betalen" in words(shown)
    answer = post(staff, address(reference), chosen(shown), follow_redirects=True)
    page = words(answer)
    assert "Het voordeel is geregistreerd bij UiTPAS" in page
    assert "Voordeel achteraf" in page
    assert "Gelukt" in page
    line = line_of(reference)
    assert line.benefit_kind is BenefitKind.SOCIAL_TARIFF
    assert line.order.payment_request.amount == line.price
    assert len(publiq.live_sales()) == 1


def test_a_number_can_be_typed_and_is_not_kept_with_the_child(
    admin: FlaskClient, tuur: str, family: Family, publiq: Publiq
) -> None:
    page = words(admin.get(address(tuur)))
    assert "Welk voordeel?" not in page
    typed = {"doe": "nakijken", "number": "0900 0119 03417"}
    shown = post(admin, address(tuur), typed)
    assert value_of(shown, "gevraagd") == SOCIAL_TOO
    assert post(admin, address(tuur), chosen(shown)).status_code == 303
    assert publiq.live_sales()[0]["uitpasNumber"] == SOCIAL_TOO
    assert line_of(tuur).person.uitpas_number is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "Vul een UiTPAS-nummer in"), ("12", "heeft er 13"), ("abc", "bestaat uit cijfers")],
)
def test_a_number_that_is_none_is_said_at_its_field_and_stays(
    admin: FlaskClient, tuur: str, typed: str, said: str
) -> None:
    answer = post(admin, address(tuur), {"doe": "nakijken", "number": typed})
    assert answer.status_code == 422
    assert said in error_at(answer, "number")
    assert value_of(answer, "number") == typed


def test_a_card_that_was_replaced_is_followed_and_that_is_said(
    admin: FlaskClient, family: Family, camp: Activity, tuur: str
) -> None:
    amina = make_person(family.customer, "Amina", uitpas_number=OLD_CARD)
    opened = admin.get(address(register(family, camp, amina, uitpas=False)))
    assert "Deze kaart is vervangen." in words(opened)
    assert value_of(opened, "number") == pass_number(NEW_CARD)
    assert db.session.get_one(Person, amina.id, populate_existing=True).uitpas_number == NEW_CARD
    typed = post(admin, address(tuur), {"number": OLD_CARD, "doe": "nakijken"})
    assert "Deze kaart is vervangen." in words(typed)
    assert value_of(typed, "number") == pass_number(NEW_CARD)
    assert family.tuur.uitpas_number is None


def test_a_register_number_is_replaced_by_the_pass_of_that_child(
    admin: FlaskClient, camp: Activity, family: Family
) -> None:
    allow_insz()
    jade = register(family, camp, make_person(family.customer, "Jade"), uitpas=False)
    shown = post(admin, address(jade), {"doe": "nakijken", "number": "08.09.18-606.84"})
    assert value_of(shown, "gevraagd") == "0900010959113"
    assert "08091860684" not in shown.get_data(as_text=True).replace(".", "").replace("-", "")


def test_a_register_number_of_somebody_else_gives_nothing(admin: FlaskClient, tuur: str) -> None:
    allow_insz()
    answer = post(admin, address(tuur), {"doe": "nakijken", "number": "08.09.18-606.84"})
    assert "andere voornaam" in error_at(answer, "number")
    assert "gevraagd" not in answer.get_data(as_text=True)


def test_a_pass_without_benefits_says_so_in_publiqs_words(admin: FlaskClient, tuur: str) -> None:
    page = words(post(admin, address(tuur), {"doe": "nakijken", "number": "0900000031618"}))
    assert "Je recht op kansentarief is vervallen" in page
    assert "Waarom geen kansentarief?" in page
    assert 'value="toevoegen"' not in page


def test_another_price_than_was_shown_comes_back_with_the_new_one(
    admin: FlaskClient, reference: str, publiq: Publiq
) -> None:
    form = chosen(admin.get(address(reference)))
    stale = {key: "0.05" if key.startswith("prijs-") else value for key, value in form.items()}
    answer = post(admin, address(reference), stale)
    assert answer.status_code == 422
    assert "in plaats van" in error_at(answer, "voordeel")
    assert publiq.live_sales() == []
    assert post(admin, address(reference), chosen(answer)).status_code == 303


@pytest.mark.parametrize("junk", ["", "NaN", "Infinity", "abc"])
def test_a_form_that_was_tampered_with_asks_to_choose_again(
    admin: FlaskClient, reference: str, publiq: Publiq, junk: str
) -> None:
    form = chosen(admin.get(address(reference)))
    form |= {key: junk for key in form if key.startswith("prijs-")}
    answer = post(admin, address(reference), form)
    assert answer.status_code == 422
    assert error_at(answer, "voordeel") == "Kies een voordeel."
    assert publiq.live_sales() == []


def test_a_refusal_stands_at_the_choice_in_publiqs_words(
    admin: FlaskClient, reference: str, publiq: Publiq
) -> None:
    form = chosen(admin.get(address(reference)))
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    answer = post(admin, address(reference), form)
    assert answer.status_code == 422
    assert error_at(answer, "voordeel")
    assert line_of(reference).benefit_kind is None
    assert states() == [EntryState.REFUSED]


def test_a_lost_answer_says_that_it_goes_on_by_itself(
    admin: FlaskClient, reference: str, publiq: Publiq
) -> None:
    form = chosen(admin.get(address(reference)))
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault("GET /ticket-sales", "fout-500", count=None)
    page = words(post(admin, address(reference), form, follow_redirects=True))
    assert "We zoeken vanzelf op" in page
    assert "Wacht op UiTPAS" in page
    again = words(admin.get(address(reference)))
    assert "wordt net iets gewijzigd" in again


def test_uitpas_down_is_said_and_the_page_stands(
    admin: FlaskClient, reference: str, publiq: Publiq
) -> None:
    publiq.fault("uitpas", "plat", count=None)
    answer = admin.get(address(reference))
    assert answer.status_code == 200
    assert "UiTPAS antwoordt nu niet" in words(answer)


def test_an_activity_without_uitpas_says_what_to_do(admin: FlaskClient, family: Family) -> None:
    reference = register(family, make_activity("Atelier"), family.mira, uitpas=False)
    assert "Publiceer ze" in words(admin.get(address(reference)))


def test_a_reference_that_is_not_there_is_not_found(admin: FlaskClient) -> None:
    assert admin.get(address("bestaatniet")).status_code == 404
