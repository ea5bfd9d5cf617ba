"""Whatever the forms let through gives a body that publiq's own schema takes (D1, D2, D5, D6)."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.activities.schedule import AdjustedDays, ClosedDays, Opening, WeeklySchedule
from app.activities.schedule_rules import schedule_problems, tidy, weekdays_between
from app.activities.types import OLDEST
from app.publiq.wire import encode
from app.sandbox import calendar_rules
from app.uitdatabank.event import (
    BookingLink,
    EventDate,
    EventFacts,
    EventImage,
    EventPrice,
    content_hash,
    event_body,
)
from app.uitdatabank.merging import merge
from tests.contract import openapi

pytestmark = pytest.mark.skipif(not openapi.available, reason=openapi.reason_unavailable)

IO = "https://io-test.uitdatabank.be"
uuids = st.uuids().map(str)
typed = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=300)
filled = typed.filter(lambda text: text.strip())
moments = st.integers(0, 16 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
prices = st.builds(
    EventPrice,
    name=filled.map(lambda text: text.strip()[:90]).filter(str.strip),
    amount=st.integers(0, 99999999).map(lambda cents: Decimal(cents) / 100),
)


@st.composite
def dates(draw):
    start = draw(moments)
    length = draw(st.integers(0, 31 * 24 * 60))
    return EventDate(
        start,
        start + timedelta(minutes=length),
        cancelled=draw(st.booleans()),
        sold_out=draw(st.booleans()),
        postponed=draw(st.booleans()),
        reason=draw(typed),
    )


links = st.builds(
    BookingLink,
    url=st.sampled_from(
        ["http://127.0.0.1:5000/aanbod/1-kamp", "https://vrijetijd.gemeente.be/aanbod/12-a-b"]
    ),
    label=st.sampled_from(["Schrijf je in", "Koop tickets"]),
    phone=st.sampled_from(["09 123 45 67", "+32 9 123 45 67"]),
    email=st.sampled_from(["vrijetijd@gemeente.be", "a.b+c@x-y.example"]),
    starts_at=st.none() | moments,
    ends_at=st.none() | moments,
)


hours = st.times().map(lambda at: at.replace(second=0, microsecond=0))


@st.composite
def openings(draw, weekdays=tuple(range(7))):
    first, last = sorted(draw(st.lists(hours, min_size=2, max_size=2, unique=True)))
    days = draw(st.sets(st.sampled_from(weekdays), min_size=1))
    return Opening(tuple(sorted(days)), first, last)


@st.composite
def schedules(draw):
    """A schedule as the form lets it through, of which some are no good."""
    begin = draw(st.dates(date(2024, 1, 1), date(2040, 1, 1)))
    length = draw(st.integers(6, 400))

    def span():
        first = draw(st.integers(0, length))
        last = draw(st.integers(first, length))
        return begin + timedelta(days=first), begin + timedelta(days=last)

    reasons = st.just("") | filled
    closed = [ClosedDays(*span(), draw(reasons)) for _ in range(draw(st.integers(0, 3)))]
    adjusted = []
    for _ in range(draw(st.integers(0, 3))):
        first, last = span()
        opening = draw(openings(weekdays_between(first, last)))
        adjusted.append(AdjustedDays(first, last, (opening,), draw(reasons)))
    return WeeklySchedule(
        begin,
        begin + timedelta(days=length),
        tuple(draw(st.lists(openings(), min_size=1, max_size=3))),
        tuple(closed),
        tuple(adjusted),
    )


good_schedules = schedules().filter(lambda one: not schedule_problems(one)).map(tidy)


@st.composite
def weekly_facts(draw):
    return replace(
        draw(facts()),
        dates=(),
        schedule=draw(good_schedules),
        postponed=draw(st.booleans()),
        exceptions_in_words=draw(st.booleans()),
    )


words = typed.map(lambda text: text.strip()[:250]).filter(lambda text: len(text) >= 2)
images = st.builds(
    EventImage,
    url=uuids.map(lambda key: f"{IO}/images/{key}"),
    description=words,
    copyright_holder=words,
)


@st.composite
def facts(draw):
    low = draw(st.none() | st.integers(0, OLDEST))
    high = draw(st.none() | st.integers(low or 0, OLDEST))
    return EventFacts(
        io_base=IO,
        title=draw(filled)[:200].strip() or "Kamp",
        description=draw(filled),
        event_type=draw(st.sampled_from(["0.57.0.0.0", "0.50.4.0.0"])),
        theme=draw(st.sampled_from(["", "1.51.12.0.0"])),
        location_id=draw(uuids),
        organizer_id=draw(uuids),
        dates=tuple(draw(st.lists(dates(), min_size=1, max_size=6))),
        prices=tuple(draw(st.lists(prices, min_size=1, max_size=8))),
        audience=draw(st.sampled_from(["everyone", "members", "education"])),
        min_age=low,
        max_age=high,
        labels=tuple(draw(st.lists(typed, max_size=8))),
        booking=draw(st.none() | links),
        phone=draw(st.sampled_from(["", "09 123 45 67"])),
        email=draw(st.sampled_from(["", "vrijetijd@gemeente.be"])),
        cancelled=draw(st.booleans()),
        postponed=draw(st.booleans()),
        state_reason=draw(typed),
        url=draw(st.sampled_from(["", "https://www.gemeente.be/kampen?week=1"])),
        image=draw(st.none() | images),
    )


def sent(body):
    """The body as it reaches publiq: through our own JSON."""
    return json.loads(encode(body))


@settings(max_examples=150, deadline=None)
@given(facts())
def test_the_event_body_is_valid_by_publiqs_schema_for_anything_the_forms_let_through(known):
    body = sent(event_body(known))
    openapi.validate_event_body(body)
    names = [item["name"]["nl"].strip().casefold() for item in body["priceInfo"]]
    assert len(names) == len(set(names))
    assert len(body["name"]["nl"]) <= 90
    labels = [text.casefold() for text in body.get("labels", []) + body["hiddenLabels"]]
    assert len(labels) == len(set(labels))
    info = body.get("bookingInfo", {})
    if "availabilityStarts" in info and "availabilityEnds" in info:
        starts, ends = info["availabilityStarts"], info["availabilityEnds"]
        assert datetime.fromisoformat(starts) <= datetime.fromisoformat(ends)


@settings(max_examples=60, deadline=None)
@given(weekly_facts())
def test_a_weekly_schedule_is_valid_by_publiqs_schema_and_by_its_own_rules(known):
    body = sent(event_body(known))
    openapi.validate_event_body(body)
    found = []
    calendar_rules.calendar(body, found)
    assert found == []
    assert body["calendarType"] == "periodic"
    assert "subEvent" not in body
    assert "bookingAvailability" not in body
    schedule = known.schedule
    if known.exceptions_in_words:
        assert body["description"]["nl"].count("Gesloten ") >= len(schedule.closed)
        assert "openingHoursClosedDays" not in body
        return
    spans = [(one["startDate"], one["endDate"]) for one in body["openingHoursAdjustedDays"]]
    assert len(spans) == len(set(spans)) == len(schedule.adjusted)
    assert len(body["openingHoursClosedDays"]) == len(schedule.closed)


@settings(max_examples=60, deadline=None)
@given(facts() | weekly_facts(), facts() | weekly_facts())
def test_an_update_laid_over_an_event_that_stands_there_is_valid_too(before, after):
    theirs = sent(event_body(before)) | {
        "@id": f"{IO}/events/5a0967f9-cc06-4c3c-9206-30481a767434",
        "created": "2026-01-01T00:00:00+00:00",
        "creator": "demo@clients",
        "workflowStatus": "APPROVED",
        "mediaObject": [
            {
                "@id": f"{IO}/images/74969172-e2a6-4626-ba63-4b6919242a24",
                "@type": "schema:ImageObject",
                "contentUrl": f"{IO}/images/x.jpeg",
                "copyrightHolder": "Gemeente",
                "inLanguage": "nl",
            }
        ],
    }
    theirs["name"]["fr"] = "Un titre"
    body = sent(merge(theirs, event_body(after), event_body(before)))
    openapi.validate_event_body(body)
    assert body["name"]["fr"] == "Un titre"
    assert body["mediaObject"][-1]["copyrightHolder"] == "Gemeente", "theirs comes after ours"


@settings(max_examples=50, deadline=None)
@given(facts(), st.booleans(), st.booleans())
def test_places_and_cancellation_stay_out_of_the_hash_of_the_content(known, cancelled, sold_out):
    other = replace(
        known,
        io_base="http://127.0.0.1:5001/io",
        cancelled=cancelled,
        state_reason="",
        dates=tuple(replace(one, cancelled=cancelled, sold_out=sold_out) for one in known.dates),
    )
    assert content_hash(event_body(known)) == content_hash(event_body(other))
    renamed = replace(known, description=known.description + " Breng laarzen mee.")
    assert content_hash(event_body(known)) != content_hash(event_body(renamed))
