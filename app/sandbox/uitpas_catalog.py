"""UiTPAS API: permissions, organizers, card systems and settings of events, check-ins."""

import fnmatch
import json
import time
import uuid

from flask import jsonify, request

from app.sandbox import moments
from app.sandbox.auth import require_token
from app.sandbox.cardsystems import CARD_SYSTEMS
from app.sandbox.context import json_body, listed, store
from app.sandbox.events import Event
from app.sandbox.problems import Problem, invalid_data, not_found
from app.sandbox.rights import WITHOUT_SEARCH
from app.sandbox.uitpas_passes import active_pass, results_page, save_pass, uitpas
from app.sandbox.uitpas_tariffs import permitted_event

PERMISSIONS = {
    "TARIFFS_READ": "Tarieven opvragen",
    "TICKETSALES_REGISTER": "Tickets verkopen",
    "TICKETSALES_SEARCH": "Ticketverkopen opzoeken",
    "PASSES_READ": "UiTPAS opvragen",
    "REWARDS_READ": "Voordelen opvragen",
    "REWARDS_WRITE": "Voordelen beheren",
    "REWARDS_REDEEM": "Voordelen omruilen",
    "REWARDS_PASSHOLDERS_READ": "Voordelen van een pashouder opvragen",
    "CHECKINS_READ": "Check-ins opvragen",
    "CHECKINS_WRITE": "Punten laten sparen",
    "EVENTS_READ": "Activiteiten opvragen",
    "EVENTS_UPDATE": "Activiteiten aanpassen",
    "EVENT_SETTINGS_READ": "Instellingen van activiteiten opvragen",
    "EVENT_SETTINGS_UPDATE": "Instellingen van activiteiten aanpassen",
    "ORGANIZERS_SEARCH": "Organisatoren opzoeken",
    "GROUPPASSES_SEARCH": "Groepspassen opzoeken",
}
TOO_EARLY = "Punten sparen kan alleen op de dag van de activiteit."
CHECKIN_LIMIT = "Je spaarde voor deze activiteit al zo vaak punten als dat kan."
PERIODS = ("ABSOLUTE", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR")


@uitpas.get("/permissions")
def get_permissions():
    """The organizers that gave this client rights, with those rights."""
    require_token()
    answer = []
    for row in store().rows("SELECT * FROM organizer WHERE permitted > 0 ORDER BY rowid"):
        systems = json.loads(row["card_systems"])
        given = {key: label for key, label in PERMISSIONS.items() if _is_given(row, key)}
        details = [
            {"id": key, "label": {"nl": label}, "cardSystemIds": systems}
            for key, label in given.items()
        ]
        answer.append(
            {
                "organizer": _shown_organizer(row),
                "permissions": list(given),
                "permissionDetails": details,
            }
        )
    return jsonify(answer)


def _is_given(organizer, permission):
    return permission != "TICKETSALES_SEARCH" or organizer["permitted"] != WITHOUT_SEARCH


def _shown_organizer(row):
    document = json.loads(row["document"])
    place = document.get("address", {}).get("nl", {})
    return {
        "id": row["id"],
        "name": document["name"][document["mainLanguage"]],
        "cardSystems": [CARD_SYSTEMS[key] for key in json.loads(row["card_systems"])],
        "address": {
            "street": place.get("streetAddress", ""),
            "postalCode": place.get("postalCode", ""),
            "city": place.get("addressLocality", ""),
        },
    }


@uitpas.get("/organizers")
def find_organizers():
    require_token()
    pattern = request.args.get("name", "*").lower()
    system = request.args.get("cardSystemId")
    if system and (not system.isdigit() or int(system) not in CARD_SYSTEMS):
        raise Problem("uitpas/cardsystem-not-found")
    found = []
    for row in store().rows("SELECT * FROM organizer WHERE card_systems != '[]' ORDER BY rowid"):
        shown = _shown_organizer(row)
        ids = [item["id"] for item in shown["cardSystems"]]
        if fnmatch.fnmatchcase(shown["name"].lower(), pattern.replace("[", "[[]")) and (
            not system or int(system) in ids
        ):
            found.append(shown)
    if request.args.get("sort[name]"):
        descending = request.args["sort[name]"] == "desc"
        found.sort(key=lambda item: item["name"].lower(), reverse=descending)
    return jsonify(results_page(found))


@uitpas.get("/organizers/<organizer_id>")
def get_organizer(organizer_id):
    require_token()
    row = store().row(
        "SELECT * FROM organizer WHERE id = ? AND card_systems != '[]'", organizer_id.lower()
    )
    if row is None:
        raise Problem("uitpas/organizer-not-found", 404)
    return jsonify(_shown_organizer(row))


@uitpas.get("/card-systems")
def get_card_systems():
    require_token()
    return jsonify(results_page(list(CARD_SYSTEMS.values())))


def _known_event(event_id):
    event = Event.load(event_id)
    if event is None or not event.in_uitpas:
        raise Problem("uitpas/event-not-found", 404)
    return event


@uitpas.get("/events/<event_id>/card-systems")
def get_event_card_systems(event_id):
    """404 until UiTPAS knows the event, some time after it was published."""
    require_token()
    event = _known_event(event_id)
    enabled = event.enabled_systems
    return jsonify(
        [
            {"id": key, "name": CARD_SYSTEMS[key]["name"], "enabled": key in enabled}
            for key in event.card_systems
        ]
    )


@uitpas.put("/events/<event_id>/card-systems")
def put_event_card_systems(event_id):
    """Systems left out count as switched off; also taken before UiTPAS knows the event."""
    require_token()
    body = json_body()
    if not isinstance(body, list) or not all(
        isinstance(item, dict) and {"id", "enabled"} <= set(item) for item in body
    ):
        raise invalid_data(("/", "The required properties (id, enabled) are missing"))
    with store().writing():
        event = Event.load(event_id)
        if event is None:
            raise Problem("uitpas/event-not-found", 404)
        if event.has_sales:
            raise Problem("uitpas/event-already-has-ticketsales")
        if any(item["id"] not in CARD_SYSTEMS for item in body):
            raise Problem("uitpas/cardsystem-not-found")
        enabled = [item["id"] for item in body if item["enabled"]]
        event.disabled_systems = [key for key in event.card_systems if key not in enabled]
        event.save()
    return "", 204


@uitpas.get("/events/<event_id>/settings")
def get_event_settings(event_id):
    require_token()
    event = _known_event(event_id)
    return jsonify({"id": event.id, **(event.settings or {"checkinPoints": 1})})


@uitpas.put("/events/<event_id>/settings")
def put_event_settings(event_id):
    require_token()
    body = json_body()
    found = []
    if not isinstance(body, dict) or not isinstance(body.get("checkinPoints"), int):
        raise invalid_data(("/checkinPoints", "The data must match the type: integer"))
    for name in ("checkinLimit", "passholderTicketLimit"):
        limit = body.get(name)
        if limit is not None and (
            not isinstance(limit, dict)
            or not isinstance(limit.get("volume"), int)
            or limit.get("periodType") not in PERIODS
        ):
            found.append((f"/{name}", "The required properties (volume, periodType) are missing"))
    if found:
        raise invalid_data(*found)
    with store().writing():
        event = _known_event(event_id)
        names = ("checkinPoints", "checkinLimit", "passholderTicketLimit")
        event.settings = {name: body[name] for name in names if body.get(name) is not None}
        event.save()
    return "", 204


@uitpas.get("/checkin-status")
def get_checkin_status():
    require_token()
    for name in ("eventId", "uitpasNumber"):
        if not request.args.get(name):
            raise not_found(f"The query parameter {name} is missing.")
    event = _known_event(request.args["eventId"])
    message = _checkin_obstacle(event, active_pass(request.args["uitpasNumber"]))
    if message:
        return jsonify(allowed=False, endUserMessage={"nl": message})
    return jsonify(allowed=True)


def _checkin_obstacle(event, document):
    if document["passType"] == "GROUP" or not event.open_now():
        return TOO_EARLY
    limit = (event.settings or {}).get("checkinLimit") or {"volume": 1, "periodType": "DAY"}
    start = moments.period_start(limit["periodType"])
    row = store().row(
        "SELECT count(*) AS done FROM checkin WHERE number = ? AND event_id = ? "
        "AND checked_at >= ?",
        *(document["uitpasNumber"], event.id, start.timestamp() if start else 0.0),
    )
    return CHECKIN_LIMIT if row["done"] >= limit["volume"] else None


@uitpas.post("/checkins")
def post_checkin():
    require_token()
    body = json_body()
    if not isinstance(body, dict) or not body.get("eventId") or not body.get("uitpasNumber"):
        raise invalid_data(("/", "The required properties (eventId, uitpasNumber) are missing"))
    with store().writing():
        event = permitted_event(body["eventId"])
        document = active_pass(body["uitpasNumber"])
        message = _checkin_obstacle(event, document)
        if message:
            raise Problem("uitpas/checkin-not-allowed", message=message)
        points = (event.settings or {}).get("checkinPoints", 1)
        checkin = {
            "id": str(uuid.uuid4()),
            "creationDate": moments.written(moments.now()),
            "eventId": event.id,
            "eventTitle": event.title,
            "uitpasNumber": document["uitpasNumber"],
            "points": points,
        }
        document["points"] += points
        save_pass(document)
        values = (checkin["id"], event.id, document["uitpasNumber"], points, time.time())
        store().write("INSERT INTO checkin VALUES (?, ?, ?, ?, ?, ?)", *values, json.dumps(checkin))
    return jsonify(checkin), 201


@uitpas.get("/checkins")
def find_checkins():
    require_token()
    passholder_id, organizers = request.args.get("passholderId"), listed("organizerId")
    if not passholder_id or not organizers:
        raise not_found("The query parameters passholderId and organizerId are required.")
    found = []
    for row in store().rows("SELECT document FROM checkin ORDER BY checked_at DESC"):
        checkin = json.loads(row["document"])
        holder = store().document("pass", checkin["uitpasNumber"])
        event = Event.load(checkin["eventId"])
        if holder["passholderId"] == passholder_id and event.organizer_id in organizers:
            found.append(checkin)
    return jsonify(results_page(found))


@uitpas.delete("/checkins/<checkin_id>")
def delete_checkin(checkin_id):
    require_token()
    with store().writing():
        row = store().row("SELECT number, points FROM checkin WHERE id = ?", checkin_id)
        if row is None:
            raise not_found(f"The checkin {checkin_id} was not found.")
        document = store().document("pass", row["number"])
        document["points"] = max(0, document["points"] - row["points"])
        save_pass(document)
        store().write("DELETE FROM checkin WHERE id = ?", checkin_id)
    return "", 204
