"""The page 'Waarom geen kansentarief?'."""

# ruff: noqa: F811 - a parameter names its fixture

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.activities.models import Activity
from app.extensions import db
from app.settings.models import AuditEntry
from tests.making import make_activity
from tests.sales.conftest import (  # noqa: F401 - fixtures
    EXPIRED,
    SOCIAL,
    Family,
    Publiq,
    camp,
    connected,
    family,
    publiq,
)
from tests.sales.meanwhile import finish_now, put
from tests.sales.selling import order, sell
from tests.web.backoffice.staff_client import post, signed_in, words
from tests.web.reading import error_at, value_of

WHY = "/beheer/uitpas/waarom"


@pytest.fixture(params=["admin", "cashier"])
def staff(app: Flask, request: pytest.FixtureRequest) -> FlaskClient:
    return signed_in(app, request.param)


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return signed_in(app, "admin")


def fields(activity: Activity, **typed: object) -> dict[str, object]:
    return {"activity": activity.title, "activity_id": activity.id, **typed}


def test_a_number_and_an_activity_give_the_reasons_and_who_can_mend_them(
    staff: FlaskClient, camp: Activity
) -> None:
    answer = post(staff, WHY, fields(camp, number="0900 000 031 618"))
    page = words(answer)
    assert answer.status_code == 200
    assert "Het kansentarief van deze pas is vervallen." in page
    assert "De houder, aan de UiTPAS-balie" in page
    assert "Je recht op kansentarief is vervallen. Ga langs bij je UiTPAS-balie" in page
    assert "Rita" not in page


def test_a_pass_with_a_tariff_shows_both_prices(admin: FlaskClient, camp: Activity) -> None:
    page = words(post(admin, WHY, fields(camp, number=SOCIAL)))
    assert "Er is wel kansentarief" in page
    assert "€ 60,00" in page and "€ 12,00" in page
    assert "Georges" not in page


def test_a_person_of_a_family_can_be_chosen_instead_of_a_number(
    admin: FlaskClient, family: Family, camp: Activity
) -> None:
    page = words(post(admin, WHY, fields(camp, person="Mira Peeters", person_id=family.mira.id)))
    assert "Er is wel kansentarief" in page
    page = words(post(admin, WHY, fields(camp, person="Tuur Peeters", person_id=family.tuur.id)))
    assert "Bij deze persoon staat geen UiTPAS-nummer" in page


def test_each_bad_input_is_told_at_its_field_and_nothing_is_lost(
    admin: FlaskClient, camp: Activity
) -> None:
    answer = post(admin, WHY, {"number": "0900 000", "activity": "Winterbos", "activity_id": ""})
    assert answer.status_code == 422
    assert "telt 7 cijfers" in error_at(answer, "number")
    assert "kies ze uit de lijst" in error_at(answer, "activity")
    assert value_of(answer, "activity") == "Winterbos"
    assert value_of(answer, "number") == "0900 000"
    answer = post(admin, WHY, fields(camp))
    assert "Vul een UiTPAS-nummer in" in error_at(answer, "number")
    answer = post(admin, WHY, fields(camp, person="Zomaar iemand"))
    assert "kies het uit de lijst" in error_at(answer, "person")
    answer = post(admin, WHY, {"activity": "x", "activity_id": "²", "person_id": "abc"})
    assert answer.status_code == 422
    assert db.session.scalar(select(AuditEntry.id)) is None


def test_live_search_finds_persons_and_activities(
    staff: FlaskClient, family: Family, camp: Activity
) -> None:
    found = words(post(staff, f"{WHY}/gezinsleden", {"person": "mira"}))
    assert f'data-id="{family.mira.id}"' in found
    assert SOCIAL not in found
    found = words(staff.get(f"{WHY}/activiteiten?activity=winterbos"))
    assert f'data-id="{camp.id}"' in found
    assert 'data-vl-answer="too_short"' in words(staff.get(f"{WHY}/activiteiten?activity=wi"))
    assert 'data-vl-answer="none"' in words(staff.get(f"{WHY}/activiteiten?activity=100%25"))


def test_without_script_a_search_shows_radios_and_keeps_what_was_typed(
    admin: FlaskClient, family: Family, camp: Activity
) -> None:
    make_activity("Winterbos voor kleuters")
    answer = post(admin, WHY, {"activity": "winterbos", "number": SOCIAL, "zoek": "activity"})
    page = words(answer)
    assert answer.status_code == 200
    assert page.count('type="radio"') == 2
    assert value_of(answer, "number") == "0900 000 067 513"
    page = words(post(admin, WHY, {"person": "mira", "zoek": "person"}))
    assert "Gevonden gezinsleden" in page


def test_the_pages_of_an_activity_and_of_a_registration_lead_here_filled_in(
    admin: FlaskClient, family: Family, camp: Activity
) -> None:
    page = words(admin.get(f"/beheer/inschrijvingen?activiteit={camp.id}"))
    assert f"{WHY}?activiteit={camp.id}" in page
    answer = admin.get(f"{WHY}?activiteit={camp.id}&gezinslid={family.mira.id}")
    assert value_of(answer, "activity") == "Winterbos-kamp"
    assert value_of(answer, "person_id") == str(family.mira.id)
    sell(family, camp)
    line_ref = order().lines[0].line_ref
    answer = admin.get(f"{WHY}?inschrijving={line_ref}")
    assert value_of(answer, "person_id") == str(family.mira.id)
    assert admin.get(f"{WHY}?inschrijving=weg&activiteit=99999&gezinslid=x").status_code == 200


def test_a_registration_without_benefit_leads_here(
    admin: FlaskClient, family: Family, camp: Activity
) -> None:
    put(family, camp, family.tuur, uitpas=False)
    finish_now(family)
    line_ref = order().lines[0].line_ref
    page = words(admin.get(f"/beheer/inschrijvingen/{line_ref}"))
    assert f"{WHY}?inschrijving={line_ref}" in page


def test_a_look_up_stands_in_the_audit_trail(
    staff: FlaskClient, family: Family, camp: Activity
) -> None:
    post(staff, WHY, fields(camp, number=EXPIRED))
    found = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "kansentarief nagekeken")
    ).one()
    assert found.account_name == "Hanne Lindewater"
    assert EXPIRED not in str(found.detail)


def test_publiq_being_down_is_said_on_the_page(
    admin: FlaskClient, camp: Activity, publiq: Publiq
) -> None:
    publiq.fault("uitpas", "verbroken", count=None)
    page = words(post(admin, WHY, fields(camp, number=SOCIAL)))
    assert "UiTPAS antwoordt nu niet" in page


def test_others_than_staff_may_not_look(app: Flask, client: FlaskClient) -> None:
    assert signed_in(app, "monitor").get(WHY).status_code == 403
    assert client.get(WHY).status_code in {302, 303}


def test_the_live_search_for_a_person_keeps_what_is_typed_out_of_the_address(
    staff: FlaskClient, camp: Activity, family: Family
) -> None:
    form = staff.get(WHY).text
    assert 'hx-post="/beheer/uitpas/waarom/gezinsleden"' in form
    assert post(staff, f"{WHY}/gezinsleden", {"person": SOCIAL}).status_code == 200
    assert staff.get(f"{WHY}/gezinsleden?person=mira").status_code == 405
