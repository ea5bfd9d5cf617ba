"""Entry API: the sub-resources of an event, each changing one thing and answering 204."""

from app.sandbox import calendar_rules, calendars, entry_rules
from app.sandbox.context import json_body
from app.sandbox.entry import FROZEN, changes_event, entry, publication_moment, read_age
from app.sandbox.events import (
    canonical_place,
    is_reserved,
    known_term,
    named_prices,
    organizer_row,
    without_reserved,
)
from app.sandbox.problems import Problem, forbidden, invalid_data, not_found
from app.sandbox.taxonomy import short_term

EVENT = "/events/<event_id>"


def _checked(check):
    """The body, after `check(body, found)` found nothing wrong with it."""
    body = json_body()
    if not isinstance(body, dict | list):
        raise invalid_data(("/", "The data must match the type: object"))
    found = []
    check(body, found)
    if found:
        raise invalid_data(*found)
    return body


def _object_with(name):
    def check(body, found):
        if not isinstance(body, dict) or name not in body:
            found.append(("/", f"The required properties ({name}) are missing"))

    return check


@entry.put(EVENT + "/workflow-status")
@changes_event
def put_workflow_status(event):
    body = _checked(_object_with("workflowStatus"))
    wanted, current = body["workflowStatus"], event.document["workflowStatus"]
    if wanted not in entry_rules.WORKFLOW:
        raise invalid_data(("/workflowStatus", "The data should match one item from enum"))
    if wanted == "REJECTED" and not body.get("reason"):
        raise invalid_data(("/", "The required properties (reason) are missing"))
    if wanted == current:
        return
    if wanted in ("APPROVED", "REJECTED"):
        raise forbidden("Only moderators approve or reject an event.")
    final = current in ("DELETED", "REJECTED")
    if final or wanted == "DRAFT":
        detail = f'Cannot transition from workflowStatus "{current}" to "{wanted}".'
        raise Problem("uitdatabank/invalid-workflow-status-transition", detail=detail)
    event.document["workflowStatus"] = wanted
    if wanted == "READY_FOR_VALIDATION":
        event.document["availableFrom"] = publication_moment(body.get("availableFrom"))


@entry.put(EVENT + "/available-from")
@changes_event
def put_available_from(event):
    body = _checked(_object_with("availableFrom"))
    found = []
    calendar_rules.moment(body["availableFrom"], "/availableFrom", found)
    if found:
        raise invalid_data(*found)
    event.document["availableFrom"] = publication_moment(body["availableFrom"])


@entry.put(EVENT + "/audience")
@changes_event
def put_audience(event):
    body = _checked(entry_rules.audience)
    event.document["audience"] = {"audienceType": body["audienceType"]}


@entry.put(EVENT + "/status")
@changes_event
def put_status(event):
    body = _checked(lambda value, found: calendar_rules.status(value, "", found))
    calendars.set_status(event.document, body)


@entry.put(EVENT + "/booking-availability")
@changes_event
def put_booking_availability(event):
    kind = event.document["calendarType"]
    body = json_body()
    if kind in ("periodic", "permanent"):
        detail = f'The calendar type "{kind}" does not support bookingAvailability.'
        raise Problem("uitdatabank/calendar-type-not-supported", detail=detail)
    found = []
    calendar_rules.top_availability(body, kind, "", found)
    if found:
        raise invalid_data(*found)
    calendars.set_availability(event.document, body)


@entry.patch(EVENT + "/sub-events")
@entry.patch(EVENT + "/subEvents")
@changes_event
def patch_sub_events(event):
    dates = event.document.get("subEvent")
    if dates is None:
        raise Problem("uitdatabank/calendar-type-not-supported")
    body = json_body()
    if not isinstance(body, list) or not body:
        raise invalid_data(("/", "Array should have at least 1 items, 0 found"))
    found = []
    for index, change in enumerate(body):
        key = change.get("id") if isinstance(change, dict) else None
        if isinstance(key, bool) or not isinstance(key, int) or not 0 <= key < len(dates):
            found.append((f"/{index}/id", "The subEvent does not exist"))
            continue
        calendar_rules.span(dates[key] | change, f"/{index}", found)
        calendar_rules.sub_event_details(change, f"/{index}", found)
    if found:
        raise invalid_data(*found)
    for change in body:
        calendars.change_sub_event(dates[change["id"]], change)
    calendars.derive(event.document)


@entry.put(EVENT + "/calendar")
@changes_event
def put_calendar(event):
    calendars.write_calendar(event.document, _checked(calendar_rules.calendar))


@entry.put(EVENT + "/price-info")
@changes_event
def put_price_info(event):
    language = event.document["mainLanguage"]
    body = _checked(lambda value, found: entry_rules.prices(value, "", language, found))
    event.document["priceInfo"] = named_prices(body)


@entry.put(EVENT + "/booking-info")
@changes_event
def put_booking_info(event):
    language = event.document["mainLanguage"]
    body = _checked(lambda value, found: entry_rules.booking_info(value, "", language, found))
    event.document["bookingInfo"] = {name: value for name, value in body.items() if value} or None


@entry.put(EVENT + "/contact-point")
@changes_event
def put_contact_point(event):
    event.document["contactPoint"] = _checked(
        lambda value, found: entry_rules.contact_point(value, "", found, complete=True)
    )


@entry.put(EVENT + "/labels/<path:name>")
@changes_event
def put_label(event, name):
    if is_reserved(name):
        raise Problem("uitdatabank/label-not-allowed", 403, label=name)
    if not entry_rules.LABEL.match(name):
        raise not_found(f'"{name}" is not a label.')
    labels = event.document.setdefault("labels", [])
    if name not in labels:
        labels.append(name)


@entry.delete(EVENT + "/labels/<path:name>")
@changes_event
def delete_label(event, name):
    for kind in ("labels", "hiddenLabels"):
        kept = [label for label in event.document.get(kind, []) if label != name]
        event.document[kind] = kept


@entry.put(EVENT + "/labels")
@changes_event
def put_labels(event):
    body = _checked(_object_with("labels"))
    found = []
    entry_rules.labels(body["labels"], "/labels", found)
    if found:
        raise invalid_data(*found)
    imported = [one for one in event.document.get("labels", []) if one in event.imported_labels]
    added = [one for one in without_reserved(body["labels"]) if one not in imported]
    event.document["labels"] = imported + added


@entry.put(EVENT + "/organizer/<organizer_id>")
@changes_event
def put_organizer(event, organizer_id):
    row = organizer_row(organizer_id)
    if row is None:
        raise not_found(f'The organizer with id "{organizer_id}" was not found.')
    if event.has_sales and row["id"] != event.organizer_id:
        raise Problem("uitdatabank/event-has-uitpas-ticket-sales", detail=FROZEN)
    event.organizer_id = row["id"]


@entry.delete(EVENT + "/organizer/<organizer_id>")
@changes_event
def delete_organizer(event, organizer_id):
    if event.has_sales:
        raise Problem("uitdatabank/event-has-uitpas-ticket-sales", detail=FROZEN)
    if event.organizer_id == organizer_id.lower():
        event.organizer_id = None


@entry.put(EVENT + "/location/<place_id>")
@changes_event
def put_location(event, place_id):
    known = canonical_place(place_id)
    if known is None:
        raise not_found(f'The place with id "{place_id}" was not found.')
    event.place_id = known


@entry.put(EVENT + "/type/<term_id>")
@changes_event
def put_type(event, term_id):
    _replace_term(event, term_id, "eventtype")


@entry.put(EVENT + "/theme/<term_id>")
@changes_event
def put_theme(event, term_id):
    _replace_term(event, term_id, "theme")


@entry.delete(EVENT + "/theme")
@changes_event
def delete_theme(event):
    event.document["terms"] = [t for t in event.document["terms"] if t["domain"] != "theme"]


def _replace_term(event, term_id, domain):
    if not known_term(term_id, domain):
        raise not_found(f'The term "{term_id}" was not found.')
    others = [term for term in event.document["terms"] if term["domain"] != domain]
    terms = [*others, short_term(term_id)]
    event.document["terms"] = sorted(terms, key=lambda term: term["domain"])


@entry.put(EVENT + "/name/<language>")
@changes_event
def put_name(event, language):
    body = _checked(_object_with("name"))
    found = []
    entry_rules.text(body["name"], "/name", found, entry_rules.NAME_LENGTH)
    if found:
        raise invalid_data(*found)
    event.document["name"][_language(language)] = body["name"]


@entry.put(EVENT + "/description/<language>")
@changes_event
def put_description(event, language):
    body = _checked(_object_with("description"))
    if not isinstance(body["description"], str):
        raise invalid_data(("/description", "The data must match the type: string"))
    _set_description(event, _language(language), body["description"])


@entry.delete(EVENT + "/description/<language>")
@changes_event
def delete_description(event, language):
    _set_description(event, _language(language), "")


def _set_description(event, language, text):
    texts = {**(event.document.get("description") or {}), language: text}
    kept = {key: value for key, value in texts.items() if value}
    event.document["description"] = kept
    if not kept:
        del event.document["description"]


def _language(language):
    if language not in entry_rules.LANGUAGES:
        raise not_found(f'"{language}" is not a language.')
    return language


@entry.put(EVENT + "/typical-age-range")
@changes_event
def put_typical_age_range(event):
    body = _checked(_object_with("typicalAgeRange"))
    found = []
    entry_rules.age_range(body["typicalAgeRange"], "/typicalAgeRange", found)
    if found:
        raise invalid_data(*found)
    event.document.pop("birthdateRange", None)
    event.document["typicalAgeRange"] = read_age(body["typicalAgeRange"])


@entry.put(EVENT + "/birthdate-range")
@changes_event
def put_birthdate_range(event):
    body = _checked(lambda value, found: entry_rules.birthdate_range(value, "", found))
    event.document.pop("typicalAgeRange", None)
    event.document["birthdateRange"] = body


@entry.delete(EVENT + "/typical-age-range")
@entry.delete(EVENT + "/birthdate-range")
@changes_event
def delete_ages(event):
    event.document.pop("birthdateRange", None)
    event.document["typicalAgeRange"] = "-"


@entry.put(EVENT + "/children-only")
@changes_event
def put_children_only(event):
    body = _checked(_object_with("childrenOnly"))
    found = []
    entry_rules.boolean(body["childrenOnly"], "/childrenOnly", found)
    if found:
        raise invalid_data(*found)
    event.document["childrenOnly"] = body["childrenOnly"]


@entry.put(EVENT + "/faqs")
@changes_event
def put_faqs(event):
    event.document["faqs"] = _checked(lambda value, found: entry_rules.faqs(value, "", found))


@entry.put(EVENT + "/attendance-mode")
@changes_event
def put_attendance_mode(event):
    body = _checked(_object_with("attendanceMode"))
    found = []
    modes = ("offline", "online", "mixed")
    entry_rules.one_of(body["attendanceMode"], modes, "/attendanceMode", found)
    if found:
        raise invalid_data(*found)
    event.document["attendanceMode"] = body["attendanceMode"]
