"""The filters of the offer: read from an address, and dropped from it one by one."""

from dataclasses import dataclass, field
from datetime import date, datetime

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from app.activities.offer import SORTS, OfferFilters
from app.formats import long_day
from app.settings.uit import get_modules
from app.web.arguments import kept_names, read_day, text_argument

AGES = {
    "0-5": (0, 5, "tot 5 jaar"),
    "6-11": (6, 11, "6 tot 11 jaar"),
    "12-17": (12, 17, "12 tot 17 jaar"),
    "18-64": (18, 64, "volwassenen"),
    "65-": (65, None, "65 en ouder"),
}
SORT_WORDS = {"datum": "Datum", "naam": "Naam", "plaatsen": "Vrije plaatsen"}
LONGEST_TEXT = 100


@dataclass
class Wanted:
    """The filters as they were asked, and what could not be read of them."""

    filters: OfferFilters
    errors: dict[str, str] = field(default_factory=dict)


def read_filters(args: MultiDict[str, str], type_ids: set[int]) -> Wanted:
    """What was asked; what cannot be read is left out, with a sentence for its field."""
    errors: dict[str, str] = {}
    low, high, _words = AGES.get(args.get("leeftijd", ""), (None, None, ""))
    since = _read_day(args.get("van", ""), "van", errors)
    until = _read_day(args.get("tot", ""), "tot", errors)
    if since and until and until < since:
        errors["tot"] = (
            f"De einddatum valt voor de startdatum. Kies een datum vanaf {day_words(since)}."
        )
        until = None
    sort = args.get("sorteer", "")
    chosen = tuple(
        int(value)
        for value in args.getlist("soort")
        if value.isdecimal() and len(value) < 10 and int(value) in type_ids
    )
    filters = OfferFilters(
        text=text_argument("zoeken")[:LONGEST_TEXT],
        youngest=low,
        oldest=high,
        since=since,
        until=until,
        type_ids=chosen,
        with_places=bool(args.get("vrij")),
        sort=sort if sort in SORTS else SORTS[0],
    )
    return Wanted(filters, errors)


def _read_day(text: str, name: str, errors: dict[str, str]) -> date | None:
    if not text.strip():
        return None
    try:
        return read_day(text)
    except ValueError:
        errors[name] = "Vul een datum in, zoals 21/12/2026."
        return None


def filled_in(args: MultiDict[str, str]) -> dict[str, list[str]]:
    """What is filled in, so that an address has no empty parts."""
    filled = {key: [value for value in args.getlist(key) if value] for key in kept_names(args)}
    return {key: values for key, values in filled.items() if values}


def _without(name: str, value: str | None = None) -> str:
    """This address without one filter, or without one value of it, from the first page."""
    kept = filled_in(request.args)
    kept.pop("pagina", None)
    values = [item for item in kept.pop(name, []) if value is not None and item != value]
    if values:
        kept[name] = values
    return url_for("shop.offer", **kept)


def filter_chips(types: dict[int, str]) -> list[dict[str, str]]:
    """The active filters, each with the address that drops it."""
    args = request.args
    words: list[tuple[str, str | None, str]] = []
    if args.get("zoeken", "").strip():
        words.append(("zoeken", None, f"‘{args['zoeken'].strip()[:LONGEST_TEXT]}’"))
    if args.get("leeftijd") in AGES:
        words.append(("leeftijd", None, AGES[args["leeftijd"]][2].capitalize()))
    for name in ("van", "tot"):
        found = _read_day(args.get(name, ""), name, {})
        if found:
            words.append((name, None, f"{name.capitalize()} {day_words(found)}"))
    for value in dict.fromkeys(args.getlist("soort")):
        if value.isdecimal() and len(value) < 10 and int(value) in types:
            words.append(("soort", value, types[int(value)]))
    if args.get("vrij"):
        words.append(("vrij", None, "Met vrije plaatsen"))
    if args.get("uitpas") and get_modules().uitpas:
        words.append(("uitpas", None, "Met UiTPAS-kansentarief"))
    return [{"label": label, "url": _without(name, value)} for name, value, label in words]


def day_words(day: date | datetime) -> str:
    """'6 januari 2027', without the day of the week."""
    return long_day(day).split(" ", 1)[1]
