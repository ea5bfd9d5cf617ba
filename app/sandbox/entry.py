"""Entry API: create, read, update and delete events; read places and organizers."""

import re
import uuid
from functools import wraps

from flask import Blueprint, g, jsonify

from app.sandbox import calendars, moments
from app.sandbox.auth import require_token
from app.sandbox.context import address, flag, json_body, store
from app.sandbox.entry_rules import event_errors, referred_id
from app.sandbox.events import (
    Event,
    canonical_place,
    named_prices,
    organizer_row,
    shown_organizer,
    shown_place,
    stored_terms,
    successor_of,
    without_reserved,
)
from app.sandbox.problems import Problem, forbidden, invalid_data, not_found

entry = Blueprint("entry", __name__, url_prefix="/io")

NIL = "00000000-0000-0000-0000-000000000000"
# Left out of a PUT, these disappear; description, priceInfo and theme stay (CONTRACT 5.2).
REMOVED_WHEN_ABSENT = ("onlineUrl", "bookingInfo", "videos", "faqs", "departurePlaces")
FROZEN = "The organizer cannot change: UiTPAS tickets were sold for this event."


@entry.post("/events")
def create_event():
    require_token()
    body = _event_body()
    with store().writing():
        event = Event.new(str(uuid.uuid4()), g.client_id)
        now = moments.written(moments.now())
        event.document = {"created": now}
        event.place_id = _place_of(body)
        _apply(event, body, is_new=True)
        event.save()
    _check_organizer(body)
    return jsonify(receipt("events", event.id, "eventId")), 201


@entry.get("/events/<event_id>")
def get_event(event_id):
    event = Event.load(event_id)
    if event is None:
        raise not_found(f'The event with id "{event_id}" was not found.')
    return jsonify(event.shown(uitpas_prices=flag("embedUitpasPrices")))


@entry.put("/events/<event_id>")
def update_event(event_id):
    require_token()
    body = _event_body()
    with store().writing():
        event = own_event(event_id)
        place_id = _place_of(body)
        organizer_id = _organizer_of(body)
        if organizer_id != event.organizer_id and event.has_sales:
            raise Problem("uitdatabank/event-has-uitpas-ticket-sales", detail=FROZEN)
        event.place_id = place_id
        _apply(event, body, is_new=False)
        event.save()
    _check_organizer(body)
    return jsonify(receipt("events", event.id, "eventId"))


@entry.delete("/events/<event_id>")
def delete_event(event_id):
    """Soft: the event stays readable as DELETED and never comes back."""
    require_token()
    with store().writing():
        event = own_event(event_id)
        event.document["workflowStatus"] = "DELETED"
        event.save()
    return "", 204


@entry.get("/places/<place_id>")
def get_place(place_id):
    shown = shown_place(place_id)
    if shown is None:
        raise not_found(f'The place with id "{place_id}" was not found.')
    successor = successor_of(place_id)
    return jsonify(shown | ({"duplicateOf": successor} if successor else {}))


@entry.get("/organizers/<organizer_id>")
def get_organizer(organizer_id):
    shown = shown_organizer(organizer_id)
    if shown is None:
        raise not_found(f'The organizer with id "{organizer_id}" was not found.')
    return jsonify(shown)


def own_event(event_id):
    """The event, if this client made it: unknown is 404, someone else's is 403."""
    event = Event.load(event_id)
    if event is None:
        raise not_found(f'The event with id "{event_id}" was not found.')
    if event.owner != g.client_id:
        raise forbidden(f'The client "{g.client_id}" may not edit the event "{event_id}".')
    return event


def changes_event(view):
    """For sub-resources: sign in, load the own event, let the view change it, store, answer 204."""

    @wraps(view)
    def changed(event_id, **values):
        require_token()
        with store().writing():
            event = own_event(event_id)
            view(event, **values)
            event.save()
        return "", 204

    return changed


def _event_body():
    body = json_body()
    errors = event_errors(body)
    if errors:
        raise invalid_data(*errors)
    if body.get("typicalAgeRange") and body.get("birthdateRange"):
        raise Problem("uitdatabank/cannot-combine-typical-age-and-birthdate-range")
    return body


def _place_of(body):
    """The canonical place of the body; that of an online event is the place without an address."""
    if "location" not in body:
        return NIL
    place_id = referred_id(body["location"], "location")
    known = canonical_place(place_id)
    if known is None:
        raise invalid_data(("/location", f'The location with id "{place_id}" was not found.'))
    return known


def _organizer_of(body):
    return referred_id(body["organizer"], "organizer") if body.get("organizer") else None


def _check_organizer(body):
    """publiq stores the event first and only then notices that the organizer does not exist."""
    organizer_id = _organizer_of(body)
    if organizer_id and organizer_row(organizer_id) is None:
        raise invalid_data(("/organizer", f'The organizer with id "{organizer_id}" was not found.'))


def _apply(event, body, is_new):
    """Write the body over the event the way publiq does: not everything left out disappears."""
    document = event.document
    organizer_id = _organizer_of(body)
    event.organizer_id = organizer_id if organizer_row(organizer_id) else None
    document["mainLanguage"] = body["mainLanguage"]
    document["name"] = {**document.get("name", {}), **body["name"]}
    themes = [term for term in document.get("terms", []) if term["domain"] == "theme"]
    document["terms"] = stored_terms(body["terms"])
    if not any(term["domain"] == "theme" for term in document["terms"]):
        document["terms"] += themes
    calendars.write_calendar(document, body)
    document["attendanceMode"] = body.get("attendanceMode") or "offline"
    for name in REMOVED_WHEN_ABSENT:
        document.pop(name, None)
        if body.get(name):
            document[name] = body[name]
    _apply_who(document, body)
    if body.get("description"):
        document["description"] = {**document.get("description", {}), **body["description"]}
    if body.get("priceInfo"):
        document["priceInfo"] = named_prices(body["priceInfo"])
    contact = body.get("contactPoint") or {}
    document["contactPoint"] = {name: contact.get(name) or [] for name in ("phone", "email", "url")}
    document["mediaObject"] = [linked_image(item) for item in body.get("mediaObject") or []]
    _apply_labels(event, body)
    _apply_workflow(document, body, is_new)


def _apply_who(document, body):
    document["audience"] = body.get("audience") or {"audienceType": "everyone"}
    document["childrenOnly"] = bool(body.get("childrenOnly"))
    for name in ("birthdateRange", "typicalAgeRange"):
        document.pop(name, None)
    if body.get("birthdateRange"):
        document["birthdateRange"] = body["birthdateRange"]
    else:
        document["typicalAgeRange"] = read_age(body.get("typicalAgeRange"))


def read_age(age_range):
    """How publiq reads an age range back: everyone is a lone dash."""
    return "-" if age_range in (None, "0-") else age_range


def _apply_labels(event, body):
    """Labels of an earlier PUT go, labels added one by one stay."""
    document = event.document
    sent = {name: without_reserved(body.get(name) or []) for name in ("labels", "hiddenLabels")}
    for name, labels in sent.items():
        kept = [label for label in document.get(name, []) if label not in event.imported_labels]
        document[name] = kept + [label for label in labels if label not in kept]
    event.imported_labels = sent["labels"] + sent["hiddenLabels"]


def _apply_workflow(document, body, is_new):
    """A draft can be published or deleted; every other change of status is ignored in silence."""
    wanted = body.get("workflowStatus") or "DRAFT"
    current = "DRAFT" if is_new else document["workflowStatus"]
    if wanted in ("APPROVED", "REJECTED"):
        wanted = "DRAFT"
    document.setdefault("workflowStatus", "DRAFT")
    if current == "DRAFT" and wanted == "READY_FOR_VALIDATION":
        document["workflowStatus"] = wanted
        document["availableFrom"] = publication_moment(body.get("availableFrom"))
    elif wanted == "DELETED" and current != "REJECTED":
        document["workflowStatus"] = wanted


def publication_moment(text):
    """The moment of publication; one that is past becomes now."""
    now = moments.now()
    return moments.written(max(moments.read(text), now) if text else now)


IMAGE_WORDS = ("description", "copyrightHolder", "inLanguage")


def linked_image(item):
    """The stored image that an event refers to, with the event's own words where it has any.

    400 when it was never uploaded.
    """
    image_id = re.sub(r"/$", "", item["@id"]).rsplit("/", 1)[-1].lower()
    image = store().document("image", image_id)
    if image is None:
        raise invalid_data(("/mediaObject", f'The image with id "{image_id}" was not found.'))
    own = {name: item[name] for name in IMAGE_WORDS if item.get(name)}
    return {"@id": address(f"/io/images/{image_id}"), "id": image_id, **image, **own}


def receipt(kind, key, old_name):
    return {"id": key, old_name: key, "url": address(f"/io/{kind}/{key}"), "commandId": NIL}
