"""What an event says, by example; that it is always valid is in tests/contract (D2, D6, D14)."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.uitdatabank.event import (
    BookingLink,
    EventDate,
    EventFacts,
    EventPrice,
    clean_labels,
    event_body,
    short_name,
)

FACTS = EventFacts(
    io_base="http://127.0.0.1:5001/io",
    title="Keramiek",
    description="  Draaien en glazuren.\r\nMet klei. ",
    event_type="0.3.1.0.0",
    theme="1.42.0.0.0",
    location_id="place",
    organizer_id="organizer",
    dates=(
        EventDate(datetime(2027, 7, 2, 8, tzinfo=UTC), datetime(2027, 7, 2, 10, tzinfo=UTC)),
        EventDate(
            datetime(2027, 1, 4, 8, tzinfo=UTC),
            datetime(2027, 1, 4, 10, tzinfo=UTC),
            sold_out=True,
        ),
    ),
    prices=(EventPrice("Standaard", Decimal("12.50")),),
)


def test_dates_go_out_in_order_with_the_offset_of_brussels():
    body = event_body(FACTS)
    assert body["calendarType"] == "multiple"
    assert [item["startDate"] for item in body["subEvent"]] == [
        "2027-01-04T09:00:00+01:00",
        "2027-07-02T10:00:00+02:00",
    ]
    assert [item["bookingAvailability"]["type"] for item in body["subEvent"]] == [
        "Unavailable",
        "Available",
    ]
    assert event_body(replace(FACTS, dates=FACTS.dates[:1]))["calendarType"] == "single"


def test_place_and_organizer_stand_below_the_service_of_the_environment():
    body = event_body(FACTS)
    assert body["location"] == {"@id": "http://127.0.0.1:5001/io/places/place"}
    assert body["organizer"] == {"@id": "http://127.0.0.1:5001/io/organizers/organizer"}
    assert body["terms"] == [
        {"id": "0.3.1.0.0", "domain": "eventtype"},
        {"id": "1.42.0.0.0", "domain": "theme"},
    ]
    assert body["description"] == {"nl": "Draaien en glazuren.\nMet klei."}


def test_the_first_price_is_base_and_names_are_made_unique():
    prices = tuple(
        EventPrice(name, Decimal(amount))
        for name, amount in (("Wie dan ook", 20), ("Inwoner", 10), (" inwoner ", 9))
    )
    found = event_body(replace(FACTS, prices=(*prices, EventPrice("basistarief", Decimal(8)))))
    assert [(item["category"], item["name"]["nl"]) for item in found["priceInfo"]] == [
        ("base", "Basistarief"),
        ("tariff", "Inwoner"),
        ("tariff", "inwoner (2)"),
        ("tariff", "basistarief (2)"),
    ]
    assert event_body(FACTS)["priceInfo"][0]["price"] == 12.5


@pytest.mark.parametrize(
    ("ages", "written"),
    [((6, 12), "6-12"), ((6, None), "6-"), ((None, 12), "-12"), ((None, None), "-")],
)
def test_ages_are_written_as_publiq_wants_them(ages, written):
    body = event_body(replace(FACTS, min_age=ages[0], max_age=ages[1]))
    assert body["typicalAgeRange"] == written


def test_a_long_title_is_cut_between_two_words():
    title = "Tiendaagse vakantie in de bossen van Zonnewende " + "voor durvers en dromers " * 2
    short = short_name(title)
    assert len(title) > 90 >= len(short)
    assert short.endswith("…") and title.startswith(short[:-1] + " ")
    assert len(short_name("x" * 200)) == 90
    assert short_name("Kort  en\n goed") == "Kort en goed"


def test_a_cancelled_activity_cancels_all_its_dates_with_the_reason():
    body = event_body(replace(FACTS, cancelled=True, state_reason="Lesgever ziek"))
    for date in body["subEvent"]:
        assert date["status"] == {"type": "Unavailable", "reason": {"nl": "Lesgever ziek"}}
        assert date["bookingAvailability"] == {"type": "Unavailable"}


def test_a_button_never_ends_before_it_starts():
    link = BookingLink(
        url="http://localhost/aanbod/1-keramiek",
        label="Koop tickets",
        phone="09 123 45 67",
        email="vrijetijd@gemeente.be",
        starts_at=datetime(2027, 2, 1, tzinfo=UTC),
        ends_at=datetime(2027, 1, 1, tzinfo=UTC),
    )
    info = event_body(replace(FACTS, booking=link))["bookingInfo"]
    assert info["availabilityStarts"] == info["availabilityEnds"]
    assert info["urlLabel"] == {"nl": "Koop tickets"}


def test_labels_are_trimmed_and_doubles_and_our_own_are_left_out():
    assert clean_labels(["bos", " Bos ", "a", "x;y", "Vrijloket", "buiten  spelen"]) == [
        "bos",
        "buiten spelen",
    ]
