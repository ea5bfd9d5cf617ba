"""Whatever the forms let through gives a body that publiq's own schema takes (D1, D2, D5, D6)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.activities.types import OLDEST
from app.publiq.wire import encode
from app.uitdatabank.event import (
    BookingLink,
    EventDate,
    EventFacts,
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
        cancel_reason=draw(typed),
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
@given(facts(), facts())
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
    assert body["mediaObject"][0]["copyrightHolder"] == "Gemeente"


@settings(max_examples=50, deadline=None)
@given(facts(), st.booleans(), st.booleans())
def test_places_and_cancellation_stay_out_of_the_hash_of_the_content(known, cancelled, sold_out):
    other = replace(
        known,
        io_base="http://127.0.0.1:5001/io",
        cancelled=cancelled,
        cancel_reason="",
        dates=tuple(replace(one, cancelled=cancelled, sold_out=sold_out) for one in known.dates),
    )
    assert content_hash(event_body(known)) == content_hash(event_body(other))
    renamed = replace(known, description=known.description + " Breng laarzen mee.")
    assert content_hash(event_body(known)) != content_hash(event_body(renamed))
