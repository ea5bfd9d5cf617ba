"""From what we know of an activity to publiq's event body: pure functions, no database, no calls.

Whatever the forms let through gives a body that publiq's schema takes (event-post, event-put).
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.clock import local
from app.extensions import _l

Body = dict[str, Any]

PRODUCT_LABEL = "vrijloket"
"""Stands hidden on every event of ours, so that a lost one can be found back."""
NAME_LENGTH = 90
LABEL_LENGTHS = range(2, 256)
BASE_PRICE_NAME = "Basistarief"
"""The name publiq itself gives the base price; a tariff must have another one."""
PARTS = {
    "name": _l("titel"),
    "description": _l("omschrijving"),
    "dates": _l("data"),
    "calendarType": _l("data"),
    "priceInfo": _l("prijzen"),
    "typicalAgeRange": _l("leeftijd"),
    "location": _l("locatie"),
    "organizer": _l("organisator"),
    "terms": _l("thema"),
    "labels": _l("labels"),
    "audience": _l("doelpubliek"),
    "bookingInfo": _l("registratielink"),
    "contactPoint": _l("contactgegevens"),
}
"""What a clerk edits, as people call it."""


@dataclass(frozen=True)
class EventDate:
    """One date of the activity; moments are aware."""

    starts_at: datetime
    ends_at: datetime
    cancelled: bool = False
    sold_out: bool = False


@dataclass(frozen=True)
class EventPrice:
    """One price, in euro."""

    name: str
    amount: Decimal


@dataclass(frozen=True)
class BookingLink:
    """The button 'Schrijf je in' or 'Koop tickets' (D6); moments are aware."""

    url: str
    label: str
    phone: str
    email: str
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class EventFacts:
    """All that an event says. ``prices`` begins with the base price."""

    io_base: str
    title: str
    description: str
    event_type: str
    theme: str
    location_id: str
    organizer_id: str
    dates: tuple[EventDate, ...]
    prices: tuple[EventPrice, ...]
    audience: str = "everyone"
    min_age: int | None = None
    max_age: int | None = None
    labels: tuple[str, ...] = ()
    booking: BookingLink | None = None
    phone: str = ""
    email: str = ""
    cancelled: bool = False
    cancel_reason: str = ""


def event_body(facts: EventFacts) -> Body:
    """The body of POST /events, and what ``merge`` lays over the event that exists."""
    body: Body = {
        "mainLanguage": "nl",
        "name": {"nl": short_name(facts.title)},
        "description": {"nl": facts.description.replace("\r\n", "\n").strip()},
        "terms": _terms(facts),
        "location": {"@id": f"{facts.io_base}/places/{facts.location_id}"},
        "organizer": {"@id": f"{facts.io_base}/organizers/{facts.organizer_id}"},
        "workflowStatus": "READY_FOR_VALIDATION",
        "attendanceMode": "offline",
        "audience": {"audienceType": facts.audience},
        "typicalAgeRange": age_range(facts.min_age, facts.max_age),
        "calendarType": "single" if len(facts.dates) == 1 else "multiple",
        "subEvent": [_sub_event(date, facts) for date in _in_order(facts.dates)],
        "priceInfo": _prices(facts.prices),
        "hiddenLabels": [PRODUCT_LABEL],
    }
    labels = clean_labels(facts.labels)
    if labels:
        body["labels"] = labels
    if facts.booking is not None:
        body["bookingInfo"] = _booking(facts.booking)
    contact = {
        name: [value] for name, value in (("phone", facts.phone), ("email", facts.email)) if value
    }
    if contact:
        body["contactPoint"] = contact
    return body


def content_hash(body: Body) -> str:
    """A hash of what a clerk edits: cancellation and places left stay out of it.

    The address of publiq's service stays out too, so that only a change of content counts.
    """
    text = json.dumps(_content(body), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def changed_parts(before: Body, after: Body) -> list[str]:
    """In Dutch, which parts of what a clerk edits differ between two of our bodies."""
    old, new = _content(before), _content(after)
    found = [str(words) for name, words in PARTS.items() if old.get(name) != new.get(name)]
    return list(dict.fromkeys(found))


def _content(body: Body) -> Body:
    content = {key: value for key, value in body.items() if key != "subEvent"}
    content["dates"] = [[date["startDate"], date["endDate"]] for date in body["subEvent"]]
    for name in ("location", "organizer"):
        content[name] = body[name]["@id"].rpartition("/")[2]
    return content


def short_name(title: str, longest: int = NAME_LENGTH) -> str:
    """A title as publiq takes it: at most 90 characters, cut between two words."""
    title = " ".join(title.split())
    if len(title) <= longest:
        return title
    cut = title[: longest - 1]
    if not title[longest - 1].isspace() and " " in cut[longest // 2 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip(" ,;:-") + "…"


def age_range(low: int | None, high: int | None) -> str:
    """'6-12', '6-', '-12', or '-' for all ages; in full years."""
    return f"{'' if low is None else low}-{'' if high is None else high}"


def is_label(text: str) -> bool:
    """Whether publiq takes this as a label: 2 to 255 characters and no semicolon."""
    plain = "".join(text.split())
    return len(text) in LABEL_LENGTHS and len(plain) >= 2 and ";" not in text


def clean_labels(labels: tuple[str, ...] | list[str]) -> list[str]:
    """The labels that publiq takes, each once, whatever its capitals, without our own."""
    found: dict[str, str] = {}
    for label in labels:
        text = " ".join(label.split())
        if is_label(text) and text.casefold() != PRODUCT_LABEL:
            found.setdefault(text.casefold(), text)
    return list(found.values())


def written(moment: datetime) -> str:
    """A moment as publiq wants it: with the offset of Brussels, to the second."""
    return local(moment).isoformat(timespec="seconds")


def _in_order(dates: tuple[EventDate, ...]) -> list[EventDate]:
    return sorted(dates, key=lambda date: (date.starts_at, date.ends_at))


def _terms(facts: EventFacts) -> list[Body]:
    terms = [{"id": facts.event_type, "domain": "eventtype"}]
    if facts.theme:
        terms.append({"id": facts.theme, "domain": "theme"})
    return terms


def _sub_event(date: EventDate, facts: EventFacts) -> Body:
    cancelled = date.cancelled or facts.cancelled
    status: Body = {"type": "Unavailable" if cancelled else "Available"}
    if facts.cancelled and facts.cancel_reason.strip():
        status["reason"] = {"nl": facts.cancel_reason.strip()}
    full = cancelled or date.sold_out
    return {
        "startDate": written(date.starts_at),
        "endDate": written(date.ends_at),
        "status": status,
        "bookingAvailability": {"type": "Unavailable" if full else "Available"},
    }


def _prices(prices: tuple[EventPrice, ...]) -> list[Body]:
    used = {BASE_PRICE_NAME.casefold()}
    found: list[Body] = []
    for price in prices:
        if not found:
            category, name = "base", BASE_PRICE_NAME
        else:
            category, name = "tariff", _unused(price.name, used)
        found.append(
            {
                "category": category,
                "name": {"nl": name},
                "price": _number(price.amount),
                "priceCurrency": "EUR",
            }
        )
    return found


def _unused(wished: str, used: set[str]) -> str:
    """The wished name of a tariff, with a number behind it where it is taken."""
    wished = short_name(wished) or "Tarief"
    name, number = wished, 1
    while name.casefold() in used:
        number += 1
        tail = f" ({number})"
        name = short_name(wished, NAME_LENGTH - len(tail)) + tail
    used.add(name.casefold())
    return name


def _number(amount: Decimal) -> int | float:
    """A JSON number, which keeps two places exactly when it is written."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _booking(link: BookingLink) -> Body:
    info: Body = {"url": link.url, "urlLabel": {"nl": link.label}}
    if link.phone:
        info["phone"] = link.phone
    if link.email:
        info["email"] = link.email
    starts_at, ends_at = link.starts_at, link.ends_at
    if starts_at and ends_at and starts_at > ends_at:
        starts_at = ends_at  # publiq refuses a button that ends before it starts
    if starts_at:
        info["availabilityStarts"] = written(starts_at)
    if ends_at:
        info["availabilityEnds"] = written(ends_at)
    return info
