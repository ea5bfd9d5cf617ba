"""Comparing with UiTdatabank: nothing is called different that publiq only writes otherwise."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.activities.schedule import AdjustedDays, ClosedDays, Opening, WeeklySchedule
from app.publiq.wire import encode
from app.sandbox.taxonomy import TERMS
from app.uitdatabank.comparing import changes_since, compare, overwritten, side_by_side
from app.uitdatabank.event import (
    BookingLink,
    EventDate,
    EventFacts,
    EventPrice,
    event_body,
)
from app.uitdatabank.readable import Names
from app.uitdatabank.told import Told, told_by
from tests.uitdatabank.support import event_at_publiq, organizer_id, place_id, token

START = datetime(2030, 1, 7, 8, tzinfo=UTC)
WEEK = WeeklySchedule(
    date(2030, 1, 1),
    date(2030, 6, 30),
    (Opening((2, 4), time(9), time(12, 30)),),
    (ClosedDays(date(2030, 2, 10), date(2030, 2, 12), "Krokus"),),
    (AdjustedDays(date(2030, 4, 1), date(2030, 4, 5), (Opening((0,), time(13), time(15)),), ""),),
)


def facts(io="http://publiq.example/io", **changes):
    values = {
        "io_base": io,
        "title": "Winterbos-kamp",
        "description": "Buiten spelen.",
        "event_type": "0.57.0.0.0",
        "theme": "1.51.12.0.0",
        "location_id": place_id(),
        "organizer_id": organizer_id(),
        "dates": (EventDate(START, START + timedelta(hours=7)),),
        "prices": (EventPrice("Standaard", Decimal("10.00")), EventPrice("Inwoners", Decimal(8))),
        "labels": ("winter",),
        "email": "vrijetijd@zonnewende.be",
    }
    return EventFacts(**{**values, **changes})


def body(**changes):
    return event_body(facts(**changes))


def spoken(changes):
    return [f"{one.part}: {one.before} → {one.after}".replace("\xa0", " ") for one in changes]


def test_a_changed_price_is_told_with_its_old_and_new_value():
    now = body(prices=(EventPrice("Standaard", Decimal(12)), EventPrice("Inwoners", Decimal(8))))
    assert spoken(changes_since(body(), now)) == ["prijs (Basistarief): € 10,00 → € 12,00"]


def test_what_came_and_what_went_stands_in_one_line():
    moved = (EventDate(START + timedelta(days=1), START + timedelta(days=1, hours=7)),)
    now = body(dates=moved, labels=("sneeuw",), theme="", min_age=6, max_age=12)
    names = Names({"1.51.12.0.0": "Omnisport"})
    assert spoken(changes_since(body(), now, names)) == [
        "data: ma 7 jan 2030, 9 tot 16 uur → di 8 jan 2030, 9 tot 16 uur",
        "leeftijd: alle leeftijden → 6 tot 12 jaar",
        "subthema: Omnisport → ",
        "labels: winter → sneeuw",
    ]


def test_nothing_changed_says_nothing_and_places_are_no_change():
    full = (EventDate(START, START + timedelta(hours=7), sold_out=True),)
    assert changes_since(body(), body(dates=full)) == []


def test_of_many_dates_the_first_are_named_and_the_others_counted():
    dates = tuple(
        EventDate(START + timedelta(days=n), START + timedelta(days=n, hours=1)) for n in range(40)
    )
    (change,) = changes_since(body(), body(dates=dates))
    assert "en 35 andere" in change.after


def as_publiq_gives_it(sandbox_url, sent):
    """The event that publiq makes of this body, read back."""
    answer = requests.post(
        f"{sandbox_url}/io/events",
        data=encode(sent),
        headers={**token(sandbox_url), "Content-Type": "application/json"},
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
    return event_at_publiq(sandbox_url, answer.json()["id"])


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"theme": "", "labels": (), "email": "", "min_age": 0},
        {"min_age": 6},
        {"max_age": 12, "audience": "members"},
        {"schedule": WEEK, "dates": ()},
        {"cancelled": True, "state_reason": "Lesgever ziek"},
        {"labels": ("UiTPAS Gent", "zomer")},
        {
            "booking": BookingLink(
                "https://x.example/aanbod/1", "Schrijf je in", "09 1", "a@b.be", START, None
            )
        },
    ],
)
def test_the_echo_of_what_we_sent_is_no_difference(sandbox_url, changes):
    sent = body(io=f"{sandbox_url}/io", **changes)
    assert compare(sent, as_publiq_gives_it(sandbox_url, sent)) == []


def test_a_duplicate_location_that_publiq_replaced_is_no_difference(sandbox_url):
    from app.sandbox.seed_uitdatabank import DUPLICATE_PLACE

    sent = body(io=f"{sandbox_url}/io", location_id=DUPLICATE_PLACE)
    theirs = as_publiq_gives_it(sandbox_url, sent)
    assert compare(sent, theirs) == []
    del theirs["location"]["duplicatedBy"]
    assert [one.part for one in compare(sent, theirs)] == ["locatie"]
    merged = {DUPLICATE_PLACE: place_id("Sporthal De Lork")}
    assert compare(sent, theirs, successors=merged) == []


typed = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=60
).filter(lambda text: text.strip())
moments = st.integers(0, 400_000).map(
    lambda n: datetime(2029, 1, 1, tzinfo=UTC) + timedelta(minutes=n)
)


@st.composite
def dates(draw):
    start = draw(moments)
    return EventDate(
        start,
        start + timedelta(minutes=draw(st.integers(0, 5000))),
        cancelled=draw(st.booleans()),
        postponed=draw(st.booleans()),
        sold_out=draw(st.booleans()),
        reason=draw(st.sampled_from(["", "Ziek", "Zaal dubbel geboekt"])),
    )


@st.composite
def bodies(draw):
    low = draw(st.none() | st.integers(0, 80))
    events = sorted(key for key, term in TERMS.items() if "events" in term["scope"])
    types = [key for key in events if TERMS[key]["domain"] == "eventtype"]
    themes = ["", *[key for key in events if TERMS[key]["domain"] == "theme"]]
    return {
        "title": draw(typed),
        "description": draw(typed),
        "event_type": draw(st.sampled_from(types)),
        "theme": draw(st.sampled_from(themes)),
        "dates": tuple(draw(st.lists(dates(), min_size=1, max_size=6))),
        "prices": tuple(
            draw(
                st.lists(
                    st.builds(
                        EventPrice,
                        name=typed.map(lambda text: text.strip()[:90]),
                        amount=st.integers(0, 999999).map(lambda n: Decimal(n) / 100),
                    ),
                    min_size=1,
                    max_size=5,
                )
            )
        ),
        "audience": draw(st.sampled_from(["everyone", "members", "education"])),
        "min_age": low,
        "max_age": draw(st.none() | st.integers(low or 0, 99)),
        "labels": tuple(draw(st.lists(typed, max_size=5))),
        "email": draw(st.sampled_from(["", "a@zonnewende.be"])),
        "cancelled": draw(st.booleans()),
        "state_reason": draw(st.sampled_from(["", "Storm"])),
        "schedule": draw(st.sampled_from([None, None, WEEK])),
        "booking": draw(
            st.none()
            | st.builds(
                BookingLink,
                url=st.just("https://x.example/aanbod/1"),
                label=st.sampled_from(["Schrijf je in", "Koop tickets"]),
                phone=st.sampled_from(["", "09 123 45 67"]),
                email=st.sampled_from(["", "a@zonnewende.be"]),
                starts_at=st.none() | moments,
                ends_at=st.none() | moments,
            )
        ),
    }


@pytest.fixture(scope="module")
def echo(_sandbox_server):
    """What publiq makes of a body, without asking a token each time."""
    requests.post(f"{_sandbox_server}/sandbox/opnieuw", timeout=10)
    headers = {**token(_sandbox_server), "Content-Type": "application/json"}
    io = f"{_sandbox_server}/io"

    def sent_and_read(changes):
        sent = json.loads(encode(event_body(facts(io=io, **changes))))
        answer = requests.post(f"{io}/events", data=encode(sent), headers=headers, timeout=10)
        assert answer.status_code == 201, answer.text
        return sent, requests.get(answer.json()["url"], timeout=10).json()

    return sent_and_read


@settings(max_examples=120, deadline=None, suppress_health_check=[*HealthCheck])
@given(bodies())
def test_whatever_was_sent_its_echo_is_no_difference(echo, changes):
    sent, theirs = echo(changes)
    assert compare(sent, theirs) == []


def theirs_of(sent, **changes):
    return {**json.loads(encode(sent)), **changes}


def test_what_somebody_changed_there_is_named_with_both_values():
    sent = body()
    theirs = theirs_of(
        sent,
        name={"nl": "Zomerkamp"},
        audience={"audienceType": "members"},
        typicalAgeRange="6-12",
        priceInfo=[{"category": "base", "price": 10}, {"category": "uitpas", "price": 2}],
    )
    found = compare(sent, theirs)
    told = {one.part: (one.ours, one.theirs.replace("\xa0", " ")) for one in found}
    assert told["titel"] == ("Winterbos-kamp", "Zomerkamp")
    assert told["doelpubliek"] == ("iedereen", "enkel leden")
    assert told["leeftijd"] == ("alle leeftijden", "6 tot 12 jaar")
    assert told["prijs"][1] == ""
    assert overwritten(found) == found


def test_what_somebody_added_there_is_said_and_kept():
    sent = body()
    theirs = theirs_of(
        sent,
        name={"nl": "Winterbos-kamp", "fr": "Stage"},
        labels=["winter", "natuur"],
        mediaObject=[{"@id": "https://io/images/1", "description": "Kinderen in het bos"}],
        videos=[{"url": "https://youtu.be/x"}],
        faqs=[{"nl": {"question": "Wat?", "answer": "Dit."}}],
    )
    found = compare(sent, theirs)
    assert {one.part: one.theirs for one in found} == {
        "labels": "natuur",
        "afbeelding": "Kinderen in het bos",
        "vertaling": "Frans",
        "films": "1",
        "vragen en antwoorden": "1",
    }
    assert overwritten(found) == []


def test_a_label_of_ours_that_was_taken_away_there_comes_back_when_we_publish():
    sent = body()
    (one,) = compare(sent, theirs_of(sent, labels=[]))
    assert (one.part, one.ours, one.theirs, one.kept) == ("labels", "winter", "", False)


def test_dates_that_stand_otherwise_than_publiq_was_told_are_drift():
    sent = body()
    told = [Told(told_by(sent)[0].start, "Available", full=True)]
    (one,) = compare(sent, theirs_of(sent), told=told)
    assert one.part == "doorgaan en plaatsen"
    assert "volzet" in one.ours and "gaat door" in one.theirs
    assert compare(sent, theirs_of(sent), told=[Told(told[0].start, "")]) == [], "in doubt"


def test_side_by_side_says_what_publishing_overwrites_and_what_it_keeps():
    sent = body()
    theirs = theirs_of(sent, name={"nl": "Zomerkamp", "fr": "Stage"}, labels=["winter", "natuur"])
    rows = {
        row.part: row
        for row in side_by_side(sent, theirs, body(description="Nieuw."), compare(sent, theirs))
    }
    assert rows["titel"].changed_there and not rows["titel"].changed_here
    assert (rows["titel"].theirs, rows["titel"].next) == ("Zomerkamp", "Winterbos-kamp")
    assert rows["omschrijving"].changed_here and not rows["omschrijving"].changed_there
    assert rows["labels"].added_there == "natuur" and not rows["labels"].changed_there
    assert rows["vertaling"].added_there == "Frans"
    assert not rows["locatie"].changed_there
