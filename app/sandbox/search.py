"""Search API: places, organizers, events and offers with publiq's default filters."""

import time

from flask import Blueprint, jsonify, request

from app.sandbox import moments
from app.sandbox.auth import require_client
from app.sandbox.context import flag, listed, store, whole_number
from app.sandbox.events import Event, shown_organizer, shown_place
from app.sandbox.problems import not_found
from app.sandbox.search_query import QueryError, fragment_matches, matches, text_matches
from app.sandbox.seed_uitdatabank import ONLINE

search = Blueprint("search", __name__, url_prefix="/search")

MOST_START, MOST_LIMIT = 10_000, 2_000
OFFER_STATUS = "READY_FOR_VALIDATION,APPROVED"


@search.get("/places")
def find_places():
    require_client()
    return _answer(_places())


@search.get("/organizers")
def find_organizers():
    require_client()
    return _answer(_organizers())


@search.get("/events")
def find_events():
    require_client()
    return _answer(_events())


@search.get("/offers")
def find_offers():
    require_client()
    return _answer(_events() + _places())


def _filter(name, default):
    """The value of a default filter, or None when it is switched off."""
    value = request.args.get(name)
    if value is None:
        return None if flag("disableDefaultFilters") else default
    return None if value == "*" else value


def _places():
    found = []
    for row in store().rows("SELECT id, duplicate_of FROM place ORDER BY rowid"):
        place = shown_place(row["id"])
        duplicate = request.args.get("isDuplicate", "*")
        if duplicate != "*" and (duplicate == "true") != bool(row["duplicate_of"]):
            continue
        if row["id"] != ONLINE and _visible(place) and _matches_offer(place, place):
            found.append((place, "Place"))
    return found


def _organizers():
    status = _filter("workflowStatus", "ACTIVE")
    found = []
    for row in store().rows("SELECT id FROM organizer ORDER BY rowid"):
        organizer = shown_organizer(row["id"])
        name = request.args.get("name")
        website = request.args.get("website")
        country = request.args.get("addressCountry", "*")
        if (
            (status is None or organizer["workflowStatus"] in status.split(","))
            and (name is None or fragment_matches(organizer["name"], name))
            and (website is None or _same_site(organizer["url"], website))
            and (country == "*" or _address(organizer).get("addressCountry") == country)
            and _matches_common(organizer, organizer)
        ):
            found.append((organizer, "Organizer"))
    return found


def _same_site(one, other):
    return one.split("//")[-1].strip("/").lower() == other.split("//")[-1].strip("/").lower()


def _events():
    audience = _filter("audienceType", "everyone")
    organizer_id, location_id = request.args.get("organizerId"), request.args.get("locationId")
    uitpas = request.args.get("uitpas")
    found = []
    rows = store().rows(
        "SELECT id FROM event WHERE searchable_at <= ? ORDER BY rowid DESC", time.time()
    )
    for row in rows:
        event = Event.load(row["id"])
        shown = event.shown(uitpas_prices=flag("embedUitpasPrices"))
        if (
            (audience is None or shown["audience"]["audienceType"] == audience)
            and organizer_id in (None, event.organizer_id)
            and location_id in (None, event.place_id)
            and uitpas in (None, "*", "true" if event.in_uitpas else "false")
            and _in_dates(shown)
            and _visible(shown)
            and _matches_offer(shown, shown.get("location", {}))
        ):
            found.append((shown, "Event"))
    return found


def _in_dates(shown):
    start, end = request.args.get("dateFrom", "*"), request.args.get("dateTo", "*")
    if shown["calendarType"] == "permanent":
        return True
    return (start == "*" or _moment(start) <= moments.read(shown["endDate"])) and (
        end == "*" or moments.read(shown["startDate"]) <= _moment(end)
    )


def _moment(text):
    try:
        # An unescaped plus arrives as a space.
        return moments.read(text.replace(" ", "+"))
    except ValueError:
        raise not_found(f'"{text}" is not a date and time.') from None


def _visible(shown):
    """The default filters on status and publication."""
    status = _filter("workflowStatus", OFFER_STATUS)
    if status is not None and shown["workflowStatus"] not in status.split(","):
        return False
    now = moments.written(moments.now())
    until, since = _filter("availableFrom", now), _filter("availableTo", now)
    begin, end = shown.get("availableFrom"), shown.get("availableTo")
    if until is not None and (begin is None or moments.read(begin) > _moment(until)):
        return False
    return since is None or end is None or moments.read(end) >= _moment(since)


def _matches_offer(shown, place):
    text = request.args.get("text")
    country = _filter("addressCountry", "BE")
    if country is not None and place and _address(place).get("addressCountry") != country:
        return False
    terms = {term["id"] for term in shown["terms"]}
    if set(listed("termIds")) - terms:
        return False
    return (text is None or text_matches(shown, text)) and _matches_common(shown, place)


def _matches_common(shown, place):
    args = request.args
    labels = {label.lower() for kind in ("labels", "hiddenLabels") for label in shown.get(kind, [])}
    creator = shown["creator"]
    return (
        args.get("postalCode") in (None, "*", _address(place).get("postalCode"))
        and args.get("id") in (None, shown["@id"].rsplit("/", 1)[-1])
        and args.get("creator") in (None, "*", creator, creator.removesuffix("@clients"))
        and {label.lower() for label in listed("labels")} <= labels
        and _matches_query(shown)
    )


def _matches_query(shown):
    query = request.args.get("q")
    if query is None:
        return True
    document = shown | {
        "id": shown["@id"].rsplit("/", 1)[-1],
        "labels": shown.get("labels", []) + shown.get("hiddenLabels", []),
    }
    for name in ("location", "organizer"):
        if name in shown:
            document[name] = shown[name] | {"id": shown[name]["@id"].rsplit("/", 1)[-1]}
    try:
        return matches(document, query)
    except QueryError as error:
        raise not_found(f"q: {error}") from None


def _address(document):
    addresses = document.get("address") or {}
    return addresses.get(document.get("mainLanguage")) or next(iter(addresses.values()), {})


def _answer(found):
    outside = not_found("start goes from 0 to 10000, limit from 0 to 2000.")
    start = whole_number("start", 0, MOST_START, outside)
    limit = whole_number("limit", 30, MOST_LIMIT, outside)
    for name in ("created", "modified"):
        order = request.args.get(f"sort[{name}]")
        if order:
            found.sort(key=lambda item, name=name: item[0][name], reverse=order == "desc")
    members = [
        {"@id": shown["@id"], "@type": kind, **(shown if flag("embed") else {})}
        for shown, kind in found[start : start + limit]
    ]
    answer = {"itemsPerPage": limit, "totalItems": len(found), "member": members}
    return jsonify(answer)
