"""The pages of 'Verplaatsen'."""

# ruff: noqa: F811 - a parameter names its fixture

import re
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.activities.models import Activity, PriceCategory
from app.extensions import write_transaction
from app.formats import masked_pass_number
from app.settings.uit import uit_settings_for_update
from tests.making import make_activity
from tests.queries import count_queries
from tests.sales.changing import SALE, UNDO, add, line_of, live_line, register, states, taken
from tests.sales.checking import check_after_healing, heal
from tests.sales.conftest import (  # noqa: F401 - fixtures
    EVENT,
    ONCE_A_WEEK,
    SOCIAL,
    Family,
    Publiq,
    camp,
    connected,
    family,
    publiq,
    publish_as,
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
def circus(connected: None) -> Activity:
    return publish_as(make_activity("Circus", capacity=3), ONCE_A_WEEK)


@pytest.fixture
def club(connected: None) -> Activity:
    """Full with one child, at three prices of which two are alike."""
    prices = [("Basistarief", "60.00", ()), ("Leden", "60.00", ()), ("Dubbel", "120.00", ())]
    return publish_as(make_activity("Club", capacity=1, prices=prices), ONCE_A_WEEK)


@pytest.fixture
def reference(family: Family, camp: Activity) -> str:
    """Mira is registered with her social tariff."""
    return register(family, camp, family.mira, uitpas=True)


def address(reference: str, target: Activity | None = None) -> str:
    to = f"?naar={target.id}" if target else ""
    return f"/beheer/inschrijvingen/{reference}/verplaatsen{to}"


def filled(answer: TestResponse, **typed: str) -> dict[str, str]:
    """The form as a browser sends it with what is preselected."""
    page = answer.get_data(as_text=True).split('<form method="post" action')[-1]
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    checked = re.search(r'name="voordeel" value="(\w+)" checked', page)
    return {
        **hidden,
        **({"voordeel": checked.group(1)} if checked else {}),
        "reden": "op vraag van de ouder",
        **typed,
    }


def test_staff_choose_see_what_happens_and_move(
    staff: FlaskClient, reference: str, camp: Activity, circus: Activity, publiq: Publiq
) -> None:
    assert "Verplaatsen" in words(staff.get(f"/beheer/inschrijvingen/{reference}"))
    list_page = words(staff.get(address(reference)))
    assert "Circus" in list_page
    assert f"naar={circus.id}" in list_page
    shown = staff.get(address(reference, circus))
    page = words(shown)
    assert "bij Winterbos-kamp komt er een vrij" in page.replace("Bij", "bij")
    assert "De oude verkoop wordt ongedaan gemaakt" in page
    assert "Geld:" in page
    answer = post(staff, address(reference), filled(shown), follow_redirects=True)
    page = words(answer)
    assert "De inschrijving is verplaatst." in page
    assert "Van Winterbos-kamp naar Circus" in page
    assert live_line().activity_id == circus.id
    assert (taken(camp), taken(circus)) == (0, 1)
    assert len(publiq.live_sales()) == 1
    old = words(staff.get(f"/beheer/inschrijvingen/{reference}"))
    assert "Verplaatst naar Circus" in old
    assert "Naar de nieuwe inschrijving" in old


def test_a_card_that_was_replaced_is_followed_and_that_is_said(
    staff: FlaskClient, reference: str, family: Family, circus: Activity, publiq: Publiq
) -> None:
    new = publiq.replace_card(SOCIAL)
    shown = staff.get(address(reference, circus))
    page = words(shown)
    assert "De kaart van deze inschrijving is vervangen." in page
    assert f"{masked_pass_number(new)}. Het staat nu bij Mira" in page
    assert 'value="terug"' in shown.get_data(as_text=True), "the benefit goes along"
    page = words(post(staff, address(reference), filled(shown), follow_redirects=True))
    assert "De inschrijving is verplaatst." in page
    assert f"het nummer van de nieuwe kaart: {masked_pass_number(new)}." in page
    assert publiq.live_sales()[0]["uitpasNumber"] == new
    check_after_healing(publiq)


def test_a_search_narrows_the_activities(admin: FlaskClient, reference: str, circus: Activity):  # noqa: ANN201
    make_activity("Pottenbakken")
    page = words(admin.get(address(reference) + "?zoeken=potten"))
    assert "Pottenbakken" in page
    assert "Circus" not in page
    assert "Geen activiteiten" in words(admin.get(address(reference) + "?zoeken=xyz"))


def test_within_the_same_event_the_page_says_that_the_sale_stays(
    admin: FlaskClient, club: Activity, family: Family, publiq: Publiq
) -> None:
    reference = register(family, club, family.mira, uitpas=True)
    before = publiq.live_sales()
    shown = admin.get(address(reference, club))
    assert "De verkoop bij UiTPAS blijft, want het is hetzelfde event" in words(shown)
    assert "Blijft: het is dezelfde activiteit" in words(shown)
    answer = post(admin, address(reference), filled(shown), follow_redirects=True)
    assert "De prijscategorie is gewijzigd." in words(answer)
    assert "Andere prijscategorie: Leden" in words(answer), "among the changes"
    assert publiq.live_sales() == before
    assert line_of(reference).category_name == "Leden"


def test_another_price_category_is_offered_only_where_there_is_one(
    admin: FlaskClient, reference: str, club: Activity, camp: Activity, family: Family
) -> None:
    assert f"naar={camp.id}" not in admin.get(address(reference)).get_data(as_text=True)
    there = register(family, club, family.tuur, uitpas=False)
    page = admin.get(address(there)).get_data(as_text=True)
    assert f'naar={club.id}">Andere prijscategorie' in page
    shown = admin.get(address(there, club)).get_data(as_text=True)
    options = re.findall(r"<option [^>]*>([^<]*)", shown)
    assert [one.split(",")[0] for one in options] == ["Leden", "Dubbel"], "not the one it has"


def test_another_category_that_uitpas_refuses_is_said_to_have_stayed(
    admin: FlaskClient, club: Activity, family: Family, publiq: Publiq
) -> None:
    reference = register(family, club, family.mira, uitpas=True)
    double = next(one for one in club.price_categories if one.name == "Dubbel")
    shown = admin.get(address(reference, club) + f"&prijs={double.id}")
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    page = words(post(admin, address(reference), filled(shown), follow_redirects=True))
    assert "De prijscategorie is niet gewijzigd" in page
    assert "UiTPAS zegt:" in page
    assert live_line().category_name == "Basistarief"


def test_the_money_of_another_category_is_shown_and_taken(
    admin: FlaskClient, family: Family
) -> None:
    new = make_activity("B", prices=[("Basistarief", "75.00", ()), ("Vroege vogel", "40.00", ())])
    reference = register(family, make_activity("A"), family.tuur, uitpas=False)
    early = next(c for c in new.price_categories if c.name == "Vroege vogel")
    assert "€ 15,00 extra te betalen" in words(admin.get(address(reference, new)))
    shown = admin.get(address(reference, new) + f"&prijs={early.id}")
    assert "€ 20,00 minder te betalen" in words(shown)
    assert post(admin, address(reference), filled(shown)).status_code == 303
    assert line_of(reference).category_name == "Vroege vogel"


def test_a_missing_reason_is_said_at_its_field_and_the_choice_stays(
    admin: FlaskClient, reference: str, circus: Activity
) -> None:
    shown = admin.get(address(reference, circus))
    answer = post(admin, address(reference), filled(shown, reden=" ", voordeel="gewoon"))
    assert answer.status_code == 422
    assert "Geef een reden op" in error_at(answer, "reden")
    assert 'value="gewoon" checked' in answer.get_data(as_text=True)
    assert states()[0].value == "registered"


@pytest.mark.parametrize(
    "typed",
    [
        {"gewone_prijs": "1.00"},
        {"gewone_prijs": "NaN"},
        {"hoogstens": "0.05"},
        {"prijs": "99999"},
        {"voordeel": "wat"},
    ],
)
def test_what_is_not_as_it_was_shown_moves_nothing(
    admin: FlaskClient,
    reference: str,
    circus: Activity,
    publiq: Publiq,
    typed: dict[str, str],
) -> None:
    shown = admin.get(address(reference, circus))
    answer = post(admin, address(reference), filled(shown, **typed))
    assert answer.status_code == 422
    assert live_line().line_ref == reference
    assert taken(circus) == 0


def test_a_refusal_says_publiqs_words_and_that_nothing_moved(
    admin: FlaskClient, reference: str, circus: Activity, publiq: Publiq
) -> None:
    shown = admin.get(address(reference, circus))
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    page = words(post(admin, address(reference), filled(shown), follow_redirects=True))
    assert "De inschrijving is niet verplaatst" in page
    assert "UiTPAS zegt:" in page


def test_uitpas_that_does_not_answer_on_the_way_is_waited_for(
    admin: FlaskClient, reference: str, circus: Activity, publiq: Publiq
) -> None:
    shown = admin.get(address(reference, circus))
    publiq.fault(UNDO, "plat", count=None)
    page = words(post(admin, address(reference), filled(shown), follow_redirects=True))
    assert "We gaan vanzelf verder" in page
    assert "wordt net iets gewijzigd" in words(admin.get(address(reference)))
    assert "Wacht op UiTPAS" in words(admin.get(f"/beheer/inschrijvingen/{reference}"))


def test_with_uitpas_down_only_going_without_the_benefit_is_offered(
    admin: FlaskClient, reference: str, circus: Activity, publiq: Publiq
) -> None:
    publiq.fault("uitpas", "plat", count=None)
    shown = admin.get(address(reference, circus))
    assert "UiTPAS antwoordt nu niet" in words(shown)
    form = filled(shown)
    assert form["voordeel"] == "zonder"
    assert post(admin, address(reference), form).status_code == 303
    assert live_line().activity_id == circus.id


def test_a_full_activity_says_so_before_and_after(
    admin: FlaskClient, reference: str, family: Family
) -> None:
    full = make_activity("Vol", capacity=1)
    register(family, full, family.tuur, uitpas=False)
    shown = admin.get(address(reference, full))
    assert "geen vrije plaatsen" in words(shown)
    answer = post(admin, address(reference), filled(shown))
    assert answer.status_code == 422
    assert "is volzet" in words(answer)


def test_pages_say_nothing_of_uitpas_while_the_module_is_off(
    admin: FlaskClient, family: Family
) -> None:
    reference = register(family, make_activity("A"), family.tuur, uitpas=False)
    new = make_activity("B")
    with write_transaction():
        uit_settings_for_update().uitpas_on = False
    for url in (address(reference), address(reference, new)):
        assert "UiTPAS" not in words(admin.get(url)).split("<main", 1)[-1].split("</main")[0]
    shown = admin.get(address(reference, new))
    assert post(admin, address(reference), filled(shown)).status_code == 303
    assert line_of(reference).activity_id == new.id


def test_the_list_takes_no_query_for_each_activity(admin: FlaskClient, reference: str) -> None:
    def look() -> int:
        with count_queries() as sent:
            assert admin.get(address(reference)).status_code == 200
        return len(sent)

    for number in range(2):
        make_activity(f"Deel {number}")
    few = look()
    for number in range(2, 12):
        make_activity(f"Deel {number}")
    assert look() == few


def test_an_address_of_nothing_is_not_found(admin: FlaskClient, reference: str) -> None:
    assert admin.get(address("bestaatniet")).status_code == 404
    assert admin.get(address(reference) + "?naar=987654").status_code == 404
    assert value_of(admin.get(address(reference)), "zoeken") == ""


def test_the_regular_price_is_charged_once_the_family_agreed(
    admin: FlaskClient, reference: str, circus: Activity, publiq: Publiq
) -> None:
    shown = admin.get(address(reference, circus))
    publiq.fault(SALE, "geweigerd", count=2, problem="uitpas/maximum-reached")
    page = words(post(admin, address(reference), filled(shown), follow_redirects=True))
    assert "UiTPAS registreerde het oude voordeel niet opnieuw" in page
    assert "Gewone prijs" in page
    line = live_line()
    price = f"/beheer/inschrijvingen/{line.line_ref}/gewone-prijs"
    assert "€ 48,00 extra te betalen" in words(admin.get(price))
    answer = post(admin, price, {"reason": " "})
    assert "Schrijf op wie akkoord ging" in error_at(answer, "reason")
    page = words(post(admin, price, {"reason": "moeder, aan het loket"}, follow_redirects=True))
    assert "De gewone prijs is aangerekend." in page
    line = live_line()
    assert line.price == line.regular_price == line.order.payment_request.amount
    assert "geldt al de prijs" in words(post(admin, price, {"reason": "nog eens"}))
    check_after_healing(publiq)


def test_the_regular_price_waits_while_a_benefit_is_being_added(
    admin: FlaskClient, reference: str, circus: Activity, publiq: Publiq
) -> None:
    shown = admin.get(address(reference, circus))
    publiq.fault(SALE, "geweigerd", count=2, problem="uitpas/maximum-reached")
    post(admin, address(reference), filled(shown))
    line = live_line()
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault("GET /ticket-sales", "plat", count=None)
    add(line.line_ref, SOCIAL)
    page = words(admin.get(f"/beheer/inschrijvingen/{line.line_ref}/gewone-prijs"))
    assert "Dit kan nu niet" in page
    assert "Dit is niet nodig" not in page
    heal(publiq)
    check_after_healing(publiq)


def test_a_registration_at_its_own_price_needs_no_other(admin: FlaskClient, reference: str) -> None:
    page = words(admin.get(f"/beheer/inschrijvingen/{reference}/gewone-prijs"))
    assert "Dit is niet nodig" in page
    assert admin.get("/beheer/inschrijvingen/bestaatniet/gewone-prijs").status_code == 404


def test_a_benefit_that_came_since_the_page_was_shown_is_not_lost(
    admin: FlaskClient, family: Family, camp: Activity, circus: Activity, publiq: Publiq
) -> None:
    """The page said nothing of a benefit, so that nobody chose to lose it."""
    reference = register(family, camp, family.mira, uitpas=False)
    shown = admin.get(address(reference, circus))
    add(reference, SOCIAL)
    answer = post(admin, address(reference), filled(shown))
    assert answer.status_code == 422
    assert "Wat er met het voordeel gebeurt, is intussen gewijzigd" in words(answer)
    assert "Het voordeel gaat mee" in words(answer)
    assert len(publiq.live_sales()) == 1
    assert post(admin, address(reference), filled(answer)).status_code == 303
    assert live_line().benefit_kind is not None
    check_after_healing(publiq)


def test_a_sale_that_would_stay_and_no_longer_does_is_not_lost(
    admin: FlaskClient, club: Activity, family: Family, publiq: Publiq
) -> None:
    reference = register(family, club, family.mira, uitpas=True)
    shown = admin.get(address(reference, club))
    with write_transaction() as session:
        leden = next(one for one in club.price_categories if one.name == "Leden")
        session.get_one(PriceCategory, leden.id).price = Decimal("70.00")
    answer = post(admin, address(reference), filled(shown))
    assert answer.status_code == 422
    assert "De prijs is nu € 70,00" in words(answer)
    assert line_of(reference).category_name == "Basistarief"
    assert len(publiq.live_sales()) == 1
    check_after_healing(publiq)
