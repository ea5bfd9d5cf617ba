"""The offer and the page of an activity, as anyone sees them."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.activities.models import Activity, ActivityState, Module, Series
from app.activities.offer import CARDS_PER_PAGE
from app.clock import today
from app.extensions import write_transaction
from app.settings.models import Municipality
from app.uitdatabank.models import UitProfile
from tests.making import days_from_now, make_activity, make_type
from tests.queries import count_queries
from tests.sales.conftest import publish_as
from tests.web.shop.steps import text_of


def titles(client: FlaskClient, query: str = "") -> list[str]:
    """The names on the cards, in their order."""
    page = client.get(f"/aanbod{query}").get_data(as_text=True)
    return re.findall(r'<h3><a href="/aanbod/\d+-[^"]+">([^<]+)</a></h3>', page)


def make_series(title: str, *starts: int) -> list[Activity]:
    with write_transaction() as session:
        series = Series(title=title)
        session.add(series)
        session.flush()
        series_id = series.id
    kind = make_type()
    return [
        make_activity(
            title,
            activity_type=kind,
            series_id=series_id,
            dates=[(days_from_now(start, 9), days_from_now(start, 16))],
        )
        for start in starts
    ]


def test_the_root_leads_to_the_offer(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 302
    assert answer.location == "/aanbod"


def test_anyone_sees_what_is_online_and_not_over_as_links(client: FlaskClient) -> None:
    shown = make_activity("Winterbos-kamp")
    make_activity("Ontwerp", state=ActivityState.DRAFT)
    make_activity("Afgelast", state=ActivityState.CANCELLED)
    make_activity("Voorbij", dates=[(days_from_now(-3), days_from_now(-3, 16))])
    page = client.get("/aanbod").get_data(as_text=True)
    assert f'<a href="/aanbod/{shown.id}-winterbos-kamp">Winterbos-kamp</a>' in page
    assert titles(client) == ["Winterbos-kamp"]
    assert "1 activiteit gevonden" in page


def test_an_empty_offer_says_what_will_stand_there(client: FlaskClient) -> None:
    assert "Er staat nog niets in het aanbod" in text_of(client.get("/aanbod"))


def test_a_series_is_one_card_that_says_how_much_there_is_to_choose(client: FlaskClient) -> None:
    make_series("Winterbos-kamp", 20, 27, 34)
    page = text_of(client.get("/aanbod"))
    assert titles(client) == ["Winterbos-kamp"]
    assert "3 data om uit te kiezen" in page
    assert "1 activiteit gevonden" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?zoeken=WINTER", ["Winterkamp"]),
        ("?zoeken=100%25", []),
        ("?leeftijd=0-5", ["Kleuterzang"]),
        ("?vrij=1", ["Kleuterzang", "Winterkamp"]),
        ("?sorteer=naam", ["Kleuterzang", "Schaken", "Winterkamp"]),
        ("?sorteer=plaatsen", ["Winterkamp", "Kleuterzang", "Schaken"]),
        ("?uitpas=1", ["Winterkamp"]),
        ("?soort=999999&leeftijd=stokoud&pagina=x", ["Kleuterzang", "Winterkamp", "Schaken"]),
    ],
)
def test_filters_and_sort_stand_in_the_address(
    client: FlaskClient, connected: None, query: str, expected: list[str]
) -> None:
    make_activity(
        "Kleuterzang", min_age=2, max_age=5, dates=[(days_from_now(10), days_from_now(10, 12))]
    )
    winter = make_activity(
        "Winterkamp",
        min_age=6,
        max_age=11,
        capacity=40,
        dates=[(days_from_now(20), days_from_now(20, 12))],
    )
    make_activity(
        "Schaken",
        min_age=12,
        capacity=5,
        taken=5,
        dates=[(days_from_now(30), days_from_now(30, 12))],
    )
    publish_as(winter)
    assert titles(client, query) == expected


def test_the_period_takes_whole_days_and_the_kind_is_a_type(client: FlaskClient) -> None:
    kind = make_type("Zwemmen")
    make_activity("Vroeg", dates=[(days_from_now(5), days_from_now(5, 12))])
    make_activity("Zwem", activity_type=kind, dates=[(days_from_now(9), days_from_now(9, 12))])
    day = today() + timedelta(days=9)
    assert titles(client, f"?van={day}&tot={day}") == ["Zwem"]
    assert titles(client, f"?soort={kind.id}") == ["Zwem"]
    assert titles(client, f"?tot={day - timedelta(days=1)}") == ["Vroeg"]


def test_each_filter_can_be_dropped_by_its_own_link(client: FlaskClient) -> None:
    make_activity("Winterkamp")
    page = client.get("/aanbod?zoeken=winter&vrij=1").get_data(as_text=True)
    assert 'href="/aanbod?vrij=1">‘winter’' in page
    assert 'href="/aanbod?zoeken=winter">Met vrije plaatsen' in page


def test_dates_that_cannot_be_are_said_at_their_field_and_stay_filled_in(
    client: FlaskClient,
) -> None:
    make_activity("Winterkamp")
    turned = client.get("/aanbod?van=2027-03-03&tot=2027-03-01")
    assert turned.status_code == 422
    assert "De einddatum valt voor de startdatum. Kies een datum vanaf 3 maart 2027." in text_of(
        turned
    )
    assert 'value="2027-03-01"' in turned.get_data(as_text=True)
    assert "Vul een datum in" in text_of(client.get("/aanbod?van=gisteren"))


def test_htmx_gets_the_results_alone_with_a_clean_address(client: FlaskClient) -> None:
    make_activity("Winterkamp")
    answer = client.get("/aanbod?zoeken=winter&van=", headers={"HX-Request": "true"})
    page = answer.get_data(as_text=True)
    assert "<html" not in page
    assert "Winterkamp" in page
    assert 'id="vl-status"' in page
    assert answer.headers["HX-Push-Url"] == "/aanbod?zoeken=winter"


def test_more_than_a_page_is_paged(client: FlaskClient) -> None:
    kind = make_type()
    for number in range(CARDS_PER_PAGE + 1):
        make_activity(f"Kamp {number:02}", activity_type=kind)
    assert len(titles(client)) == CARDS_PER_PAGE
    assert len(titles(client, "?pagina=2")) == 1
    assert titles(client, "?pagina=99999999999999999999") == titles(client)


def test_the_number_of_queries_does_not_grow_with_the_offer(app: Flask, connected: None) -> None:
    kind = make_type()
    counted = []
    made = 0
    for size in (10, 500):
        with write_transaction():
            for number in range(size - made):
                make_activity(f"Kamp {number}", activity_type=kind)
        made = size
        browser = app.test_client()
        with count_queries() as sent:
            assert browser.get("/aanbod").status_code == 200
        counted.append(len(sent))
    assert counted[0] == counted[1]


def test_the_page_of_an_activity_says_what_one_wants_to_know(client: FlaskClient) -> None:
    with write_transaction() as session:
        session.add(Municipality(name="Zonnewende", postal_code="9995", locality="Zonnewende"))
    shown = make_activity(
        min_age=6,
        max_age=10,
        capacity=10,
        taken=7,
        prices=(("Inwoners", "60.00", ("9995",)), ("Basistarief", "75.00", ())),
        registration_closes_at=days_from_now(12, 17),
    )
    with write_transaction() as session:
        session.add(
            UitProfile(
                activity_id=shown.id,
                location_name="Speelplein De Boomhut",
                description="Hutten bouwen.\n\n- een koek\n- een drinkbus",
            )
        )
    page = text_of(client.get(f"/aanbod/{shown.id}-winterbos-kamp"))
    for words in (
        "6 tot 10 jaar",
        "9 tot 16 uur",
        "Speelplein De Boomhut",
        "Hutten bouwen.",
        "een drinkbus",
        "enkel voor inwoners van Zonnewende",
        "€ 75,00",
        "Nog 3 plaatsen",
        "Inschrijven kan tot",
        "Zelf annuleren kan tot en met",
        "Schrijf je in",
    ):
        assert words in page, words


def test_the_id_counts_and_a_wrong_slug_is_put_right(client: FlaskClient) -> None:
    shown = make_activity("Winterbos-kamp")
    for address in (f"/aanbod/{shown.id}-oude-naam", f"/aanbod/{shown.id}"):
        answer = client.get(address)
        assert answer.status_code == 301
        assert answer.location == f"/aanbod/{shown.id}-winterbos-kamp"


def test_a_draft_and_an_unknown_activity_do_not_exist(client: FlaskClient) -> None:
    draft = make_activity("Ontwerp", state=ActivityState.DRAFT)
    assert client.get(f"/aanbod/{draft.id}-ontwerp").status_code == 404
    assert client.get("/aanbod/987654-niets").status_code == 404


def test_a_cancelled_activity_says_so_and_offers_nothing(client: FlaskClient) -> None:
    shown = make_activity("Afgelast", state=ActivityState.CANCELLED)
    page = text_of(client.get(f"/aanbod/{shown.id}-afgelast"))
    assert "Geannuleerd" in page
    assert "Schrijf je in" not in page


def test_a_full_activity_says_volzet_and_one_that_opens_later_says_when(
    client: FlaskClient,
) -> None:
    full = make_activity("Vol", capacity=2, taken=2)
    later = make_activity("Later", registration_opens_at=days_from_now(3))
    full_page = text_of(client.get(f"/aanbod/{full.id}-vol"))
    later_page = text_of(client.get(f"/aanbod/{later.id}-later"))
    assert "Volzet" in full_page
    assert "Schrijf je in" not in full_page
    assert "Inschrijven kan vanaf" in later_page
    assert "Schrijf je in" not in later_page


def test_the_page_of_a_series_shows_all_its_activities(client: FlaskClient) -> None:
    first, second = make_series("Winterbos-kamp", 20, 27)
    page = client.get(f"/aanbod/{second.id}-winterbos-kamp").get_data(as_text=True)
    assert f"/aanbod/{first.id}-winterbos-kamp/inschrijven" in page
    assert f"/aanbod/{second.id}-winterbos-kamp/inschrijven" in page


def test_a_date_that_is_not_open_leads_to_the_others_of_its_series(client: FlaskClient) -> None:
    gone, open_one = make_series("Winterbos-kamp", 20, 27)
    with write_transaction() as session:
        session.get_one(Activity, gone.id).state = ActivityState.CANCELLED
    page = client.get(f"/aanbod/{gone.id}-winterbos-kamp").get_data(as_text=True)
    assert "Schrijf je in" not in page
    assert 'href="#data">Kies een andere datum' in page
    other = client.get(f"/aanbod/{open_one.id}-winterbos-kamp").get_data(as_text=True)
    assert "Schrijf je in" in other


def test_prices_that_differ_within_a_series_stand_at_each_date(client: FlaskClient) -> None:
    first, second = make_series("Winterbos-kamp", 20, 27)
    page = text_of(client.get(f"/aanbod/{first.id}-winterbos-kamp"))
    assert page.count("€ 60,00") >= 1
    assert ", € 60,00" not in page
    with write_transaction() as session:
        session.get_one(Activity, second.id).price_categories[0].price = Decimal("66.00")
    page = text_of(client.get(f"/aanbod/{first.id}-winterbos-kamp"))
    assert ", € 60,00" in page
    assert ", € 66,00" in page


def test_tickets_are_sold_at_the_desk(client: FlaskClient) -> None:
    with write_transaction() as session:
        session.add(Municipality(name="Zonnewende", phone="09 000 00 00"))
    kind = make_type(module=Module.TICKETING)
    shown = make_activity("De maan", activity_type=kind)
    page = text_of(client.get(f"/aanbod/{shown.id}-de-maan"))
    assert "Tickets koop je aan het loket" in page
    assert "09 000 00 00" in page
    assert "Schrijf je in" not in page


def test_the_legal_texts_are_there_for_anyone(client: FlaskClient) -> None:
    assert "Annuleren" in text_of(client.get("/voorwaarden"))
    assert "Cookies" in text_of(client.get("/privacy"))
    assert "gedeeltelijk" in text_of(client.get("/toegankelijkheid"))
    with write_transaction() as session:
        session.add(Municipality(name="Zonnewende", terms="Wie annuleert,\nbelt eerst."))
    assert "Wie annuleert, belt eerst." in text_of(client.get("/voorwaarden"))
