"""An event as people read it: the body that we sent and the event that stands at publiq, alike.

Pure functions. What publiq writes differently by itself (offsets, the name of the base price, an
age of '-', labels and prices of UiTPAS, empty lists) reads the same on both sides.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.extensions import _l, _t
from app.formats import ages, day_span, money, period
from app.formats import moment as shown_moment
from app.publiq.reading import CENT, id_of, moment, text_of
from app.publiq.search import is_uitpas_label
from app.uitdatabank.event import BASE_PRICE_NAME, DAYS_OF_WEEK
from app.uitdatabank.told import in_order

Body = Mapping[str, Any]

PARTS = {
    "name": _l("titel"),
    "description": _l("omschrijving"),
    "dates": _l("data"),
    "prices": _l("prijs"),
    "age": _l("leeftijd"),
    "location": _l("locatie"),
    "organizer": _l("organisator"),
    "event_type": _l("thema"),
    "theme": _l("subthema"),
    "labels": _l("labels"),
    "audience": _l("doelpubliek"),
    "booking": _l("registratielink"),
    "contact": _l("contactgegevens"),
    "image": _l("afbeelding"),
}
"""What a clerk edits, in the order of the tab."""
AUDIENCES = {
    "everyone": _l("iedereen"),
    "members": _l("enkel leden"),
    "education": _l("scholen"),
}
WEEKDAYS = (
    _l("maandag"),
    _l("dinsdag"),
    _l("woensdag"),
    _l("donderdag"),
    _l("vrijdag"),
    _l("zaterdag"),
    _l("zondag"),
)
BOOKING_WORDS = {
    "url": _l("adres"),
    "label": _l("opschrift"),
    "phone": _l("telefoon"),
    "email": _l("e-mail"),
    "starts": _l("vanaf"),
    "ends": _l("tot"),
}


@dataclass(frozen=True)
class Item:
    """One thing that an event says. The same ``slot`` on both sides is the same thing."""

    slot: Hashable
    value: Hashable
    words: str
    about: str = ""
    """What it is, where its part holds several: the name of a price, a field of the button."""


@dataclass(frozen=True)
class Names:
    """What ids of publiq are called, where a document holds the id only."""

    terms: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    organizers: Mapping[str, str] = field(default_factory=dict)


def read_event(document: Body, names: Names | None = None) -> dict[str, list[Item]]:
    """By part, everything in it that a clerk edits; a part that says nothing is empty."""
    names = names or Names()
    return {
        "name": _text("name", document, lambda text: " ".join(text.split())),
        "description": _text("description", document, _unfolded),
        "dates": _dates(document),
        "prices": _prices(document),
        "age": [_age(document)],
        "location": _reference(document.get("location"), names.places),
        "organizer": _reference(document.get("organizer"), names.organizers),
        "event_type": _terms(document, "eventtype", names),
        "theme": _terms(document, "theme", names),
        "labels": _labels(document),
        "audience": [_audience(document)],
        "booking": _booking(document.get("bookingInfo") or {}),
        "contact": _contact(document.get("contactPoint") or {}),
        "image": _images(document),
    }


def _text(name: str, document: Body, normal: Any) -> list[Item]:
    text = normal(text_of(document.get(name), "nl"))
    return [Item(name, text, text)] if text else []


def _unfolded(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()


def _dates(document: Body) -> list[Item]:
    dates = document.get("subEvent")
    if dates:
        return [_date(item) for item in in_order(dates)]
    if document.get("calendarType") == "permanent":
        return [Item("permanent", "permanent", _t("altijd"))]
    return _weekly(document)


def _date(item: Body) -> Item:
    starts, ends = moment(item.get("startDate")), moment(item.get("endDate"))
    if starts is None or ends is None:
        return Item("?", "?", "?")
    return Item((starts, ends), (starts, ends), period(starts, ends))


def _weekly(document: Body) -> list[Item]:
    starts, ends = moment(document.get("startDate")), moment(document.get("endDate"))
    items = []
    if starts and ends:
        words = _t("%(first)s tot %(last)s", first=shown_moment(starts), last=shown_moment(ends))
        items.append(Item("period", (starts, ends), words))
    items += [_hours(item, "") for item in document.get("openingHours") or []]
    for item in document.get("openingHoursClosedDays") or []:
        words = _t("gesloten %(days)s", days=_days(item))
        items.append(_special(item, "closed", words, ()))
    for item in document.get("openingHoursAdjustedDays") or []:
        hours = [_hours(one, "") for one in item.get("openingHours") or []]
        words = _t(
            "%(days)s: %(hours)s", days=_days(item), hours="; ".join(one.words for one in hours)
        )
        items.append(_special(item, "adjusted", words, tuple(sorted(str(o.value) for o in hours))))
    return items


def _hours(item: Body, about: str) -> Item:
    weekdays = [name for name in DAYS_OF_WEEK if name in (item.get("dayOfWeek") or [])]
    opens, closes = _clock(item.get("opens")), _clock(item.get("closes"))
    named = ", ".join(str(WEEKDAYS[DAYS_OF_WEEK.index(name)]) for name in weekdays)
    value = (tuple(weekdays), opens, closes)
    words = _t("%(days)s %(opens)s tot %(closes)s", days=named, opens=opens, closes=closes)
    return Item(value, value, words, about)


def _clock(text: Any) -> str:
    """'9:00' and '09:00' are the same hour."""
    return str(text or "").zfill(5)


def _days(item: Body) -> str:
    try:
        first, last = (date.fromisoformat(str(item.get(key))) for key in ("startDate", "endDate"))
    except ValueError:
        return "?"
    return day_span(first, last)


def _special(item: Body, kind: str, words: str, hours: tuple[str, ...]) -> Item:
    reason = text_of(item.get("description"), "nl")
    value = (kind, str(item.get("startDate")), str(item.get("endDate")), hours, reason)
    return Item(value, value, f"{words} ({reason})" if reason else words)


def _prices(document: Body) -> list[Item]:
    """The base price by its role, since publiq names it itself; those of UiTPAS are publiq's."""
    items = []
    for price in document.get("priceInfo") or []:
        if price.get("category") == "uitpas":
            continue
        amount = _amount(price.get("price"))
        if price.get("category") == "base":
            items.append(Item("base", amount, money(amount), BASE_PRICE_NAME))
        else:
            name = text_of(price.get("name"), "nl")
            items.append(Item(name, amount, money(amount), name))
    return items


def _amount(value: Any) -> Decimal:
    try:
        return Decimal(str(value)).quantize(CENT)
    except InvalidOperation:
        return Decimal(0)


def _age(document: Body) -> Item:
    born = document.get("birthdateRange")
    if born:
        words = _t("geboren van %(first)s tot %(last)s", first=born["from"], last=born["to"])
        return Item("age", words, words)
    text = document.get("typicalAgeRange") or "-"
    low, _, high = ("-" if text == "0-" else text).partition("-")
    value = (int(low) if low else None, int(high) if high else None)
    return Item("age", value, ages(*value))


def _reference(item: Any, names: Mapping[str, str]) -> list[Item]:
    found = reference_id(item)
    if not found:
        return []
    words = text_of(item.get("name"), item.get("mainLanguage")) or names.get(found) or found
    return [Item("one", found, words)]


def reference_id(item: Any) -> str:
    """The id of a location or an organizer of publiq; empty where there is none."""
    try:
        return id_of(item["@id"]).lower() if isinstance(item, Mapping) else ""
    except (KeyError, ValueError):
        return ""


def _terms(document: Body, domain: str, names: Names) -> list[Item]:
    return [
        Item("one", term["id"], term.get("label") or names.terms.get(term["id"], term["id"]))
        for term in document.get("terms") or []
        if term.get("domain") == domain
    ]


def _labels(document: Body) -> list[Item]:
    labels = [*(document.get("labels") or []), *(document.get("hiddenLabels") or [])]
    unique = {text.casefold(): text for text in labels if not is_uitpas_label(text)}
    return [Item(key, key, text) for key, text in unique.items()]


def _audience(document: Body) -> Item:
    kind = (document.get("audience") or {}).get("audienceType", "everyone")
    return Item("audience", kind, str(AUDIENCES.get(kind, kind)))


def _booking(info: Body) -> list[Item]:
    starts, ends = moment(info.get("availabilityStarts")), moment(info.get("availabilityEnds"))
    found = {
        "url": (info.get("url"), info.get("url")),
        "label": (text_of(info.get("urlLabel"), "nl"),) * 2,
        "phone": (info.get("phone"), info.get("phone")),
        "email": (info.get("email"), info.get("email")),
        "starts": (starts, shown_moment(starts)),
        "ends": (ends, shown_moment(ends)),
    }
    return [
        Item(slot, value, words, str(BOOKING_WORDS[slot]))
        for slot, (value, words) in found.items()
        if value
    ]


def _contact(contact: Body) -> list[Item]:
    return [
        Item((name, text), text, text)
        for name in ("phone", "email", "url")
        for text in dict.fromkeys(contact.get(name) or [])
        if text
    ]


def _images(document: Body) -> list[Item]:
    return [
        Item(key, (item.get("description"), item.get("copyrightHolder")), _image_words(item))
        for item in document.get("mediaObject") or []
        if (key := reference_id(item))
    ]


def _image_words(item: Body) -> str:
    return item.get("description") or item.get("copyrightHolder") or _t("afbeelding")


def joined(items: Iterable[Item]) -> str:
    """What several items say, in one line."""
    return listed([f"{item.about}: {item.words}" if item.about else item.words for item in items])


def listed(words: Sequence[str], most: int = 6) -> str:
    """Several things in one line; of many only the first and how many more."""
    if len(words) <= most:
        return "; ".join(words)
    shown = "; ".join(words[: most - 1])
    return _t("%(shown)s; en %(count)s andere", shown=shown, count=len(words) - most + 1)
