"""From what we know of an activity to publiq's event body: pure functions, no database, no calls.

Whatever the forms let through gives a body that publiq's schema takes (event-post, event-put).
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from app.activities.agenda_words import schedule_exceptions
from app.activities.schedule import AdjustedDays, ClosedDays, Opening, WeeklySchedule
from app.clock import from_local, local
from app.extensions import _l
from app.uitdatabank.told import Standing

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
    "mediaObject": _l("afbeelding"),
}
"""What a clerk edits, as people call it."""
CALENDAR = (
    "startDate",
    "endDate",
    "openingHours",
    "openingHoursClosedDays",
    "openingHoursAdjustedDays",
)
"""The parts of a weekly schedule, which count as its dates."""
DAYS_OF_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True)
class EventDate:
    """One date of the activity; moments are aware."""

    starts_at: datetime
    ends_at: datetime
    cancelled: bool = False
    sold_out: bool = False
    postponed: bool = False
    reason: str = ""


@dataclass(frozen=True)
class EventImage:
    """The picture of an event; ``url`` is its ``@id`` at publiq."""

    url: str
    description: str
    copyright_holder: str


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
    """All that an event says. ``prices`` begins with the base price.

    It has dates, or a weekly schedule in their place. ``exceptions_in_words``: closed and adjusted
    days of the schedule stand below the description, for a publiq that takes them no other way.
    """

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
    url: str = ""
    cancelled: bool = False
    postponed: bool = False
    state_reason: str = ""
    schedule: WeeklySchedule | None = None
    exceptions_in_words: bool = False
    image: EventImage | None = None


def event_body(facts: EventFacts) -> Body:
    """The body of POST /events, and what ``merge`` lays over the event that exists."""
    body: Body = {
        "mainLanguage": "nl",
        "name": {"nl": short_name(facts.title)},
        "description": {"nl": _description(facts)},
        "terms": _terms(facts),
        "location": {"@id": f"{facts.io_base}/places/{facts.location_id}"},
        "organizer": {"@id": f"{facts.io_base}/organizers/{facts.organizer_id}"},
        "workflowStatus": "READY_FOR_VALIDATION",
        "attendanceMode": "offline",
        "audience": {"audienceType": facts.audience},
        "typicalAgeRange": age_range(facts.min_age, facts.max_age),
        **_calendar(facts),
        "priceInfo": price_info(facts.prices),
        "hiddenLabels": [PRODUCT_LABEL],
    }
    labels = clean_labels(facts.labels)
    if labels:
        body["labels"] = labels
    if facts.booking is not None:
        body["bookingInfo"] = _booking(facts.booking)
    reached_by = (("phone", facts.phone), ("email", facts.email), ("url", facts.url))
    contact = {name: [value] for name, value in reached_by if value}
    if contact:
        body["contactPoint"] = contact
    if facts.image is not None:
        body["mediaObject"] = [_image(facts.image)]
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
    apart = ("subEvent", "status", "mediaObject", *CALENDAR)
    content = {key: value for key, value in body.items() if key not in apart}
    content["dates"] = [[date["startDate"], date["endDate"]] for date in body.get("subEvent", [])]
    if "subEvent" not in body:
        content["dates"] = [body.get(name) for name in CALENDAR]
    if "mediaObject" in body:
        content["mediaObject"] = [_with_id_only(item) for item in body["mediaObject"]]
    for name in ("location", "organizer"):
        content[name] = body[name]["@id"].rpartition("/")[2]
    return content


def _with_id_only(image: Body) -> Body:
    return {**image, "@id": image["@id"].rpartition("/")[2]}


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


def _description(facts: EventFacts) -> str:
    text = facts.description.replace("\r\n", "\n").strip()
    if facts.schedule is None or not facts.exceptions_in_words:
        return text
    return "\n\n".join(filter(None, (text, "\n".join(schedule_exceptions(facts.schedule)))))


def _calendar(facts: EventFacts) -> Body:
    if facts.schedule is not None:
        return _periodic(facts.schedule, facts)
    return {
        "calendarType": "single" if len(facts.dates) == 1 else "multiple",
        "subEvent": [sub_event(date, facts) for date in _in_order(facts.dates)],
    }


def _periodic(schedule: WeeklySchedule, facts: EventFacts) -> Body:
    """A weekly schedule; publiq refuses places left or sold out there, so none are sent."""
    body: Body = {
        "calendarType": "periodic",
        "startDate": written(from_local(schedule.first_day, time())),
        "endDate": written(from_local(schedule.last_day, LAST_SECOND)),
        "openingHours": [_hours(item) for item in schedule.openings],
        "status": status_of(facts),
    }
    if not facts.exceptions_in_words:
        body["openingHoursClosedDays"] = [_exception(item) for item in schedule.closed]
        body["openingHoursAdjustedDays"] = [
            {**_exception(item), "openingHours": [_hours(hours) for hours in item.openings]}
            for item in schedule.adjusted
        ]
    return body


def _hours(item: Opening) -> Body:
    return {
        "opens": item.opens.isoformat("minutes"),
        "closes": item.closes.isoformat("minutes"),
        "dayOfWeek": [DAYS_OF_WEEK[number] for number in sorted(set(item.weekdays))],
    }


def _exception(item: ClosedDays | AdjustedDays) -> Body:
    days: Body = {"startDate": item.first_day.isoformat(), "endDate": item.last_day.isoformat()}
    if item.reason.strip():
        days["description"] = {"nl": item.reason.strip()}
    return days


def status_of(whole: Standing) -> Body:
    """publiq's status of the whole: all that a weekly schedule says of going on or not."""
    return _status(whole.cancelled, whole.postponed, whole.state_reason)


def _status(cancelled: bool, postponed: bool, reason: str) -> Body:
    """As planned, postponed or cancelled; publiq takes a reason with the last two only."""
    if not cancelled and not postponed:
        return {"type": "Available"}
    status: Body = {"type": "Unavailable" if cancelled else "TemporarilyUnavailable"}
    if reason.strip():
        status["reason"] = {"nl": reason.strip()}
    return status


def sub_event(date: EventDate, of: Standing) -> Body:
    """One date; what holds for the whole activity wins over what holds for the date."""
    cancelled = date.cancelled or of.cancelled
    postponed = date.postponed or of.postponed
    whole = of.cancelled or (of.postponed and not date.cancelled)
    full = cancelled or postponed or date.sold_out
    return {
        "startDate": written(date.starts_at),
        "endDate": written(date.ends_at),
        "status": _status(cancelled, postponed, of.state_reason if whole else date.reason),
        "bookingAvailability": {"type": "Unavailable" if full else "Available"},
    }


def _image(image: EventImage) -> Body:
    return {
        "@id": image.url,
        "description": image.description,
        "copyrightHolder": image.copyright_holder,
        "inLanguage": "nl",
    }


def price_info(prices: tuple[EventPrice, ...]) -> list[Body]:
    """The base price and the tariffs as publiq gets them; the first one is the base price."""
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
