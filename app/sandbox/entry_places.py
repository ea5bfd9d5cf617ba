"""Entry API: new places, new organizers and pictures."""

import json
import uuid

from flask import g, jsonify, request

from app.sandbox import entry_rules, moments
from app.sandbox.auth import require_token
from app.sandbox.context import address, json_body, store
from app.sandbox.entry import entry, publication_moment, receipt
from app.sandbox.events import place_key
from app.sandbox.problems import Problem, invalid_data, not_found
from app.sandbox.taxonomy import TERMS, short_term

PICTURES = ("image/png", "image/jpeg", "image/gif")
LARGEST_PICTURE = 21_000_000
ADDRESS_PARTS = ("addressCountry", "addressLocality", "postalCode", "streetAddress")


@entry.post("/places")
def create_place():
    """A place with the same name and address as a known one is refused with 409."""
    require_token()
    body = json_body()
    found = _place_errors(body)
    if found:
        raise invalid_data(*found)
    now = moments.written(moments.now())
    language = body["mainLanguage"]
    document = {
        "mainLanguage": language,
        "name": body["name"],
        "terms": [short_term(term["id"]) for term in body["terms"]],
        "address": body["address"],
        "calendarType": body["calendarType"],
        "status": {"type": "Available"},
        "workflowStatus": body.get("workflowStatus") or "DRAFT",
        "languages": sorted(body["name"]),
        "completedLanguages": [language],
        "typicalAgeRange": "-",
        "created": now,
        "modified": now,
    }
    if document["workflowStatus"] == "READY_FOR_VALIDATION":  # else Search does not show it
        document["availableFrom"] = publication_moment(body.get("availableFrom"))
    with store().writing():
        for row in store().rows("SELECT id, document FROM place"):
            if place_key(json.loads(row["document"])) == place_key(document):
                return _duplicate(row["id"])
        place_id = str(uuid.uuid4())
        store().write(
            "INSERT INTO place VALUES (?, ?, NULL, ?)",
            *(place_id, json.dumps(document), g.client_id),
        )
    return jsonify(receipt("places", place_id, "placeId")), 201


def _place_errors(body):
    if not isinstance(body, dict):
        return [("/", "The data must match the type: object")]
    required = ("mainLanguage", "name", "terms", "address", "calendarType")
    missing = [name for name in required if not body.get(name)]
    if missing:
        return [("/", f"The required properties ({', '.join(missing)}) are missing")]
    found = []
    language = body["mainLanguage"]
    entry_rules.translated(body["name"], "/name", language, found, entry_rules.NAME_LENGTH)
    localized = body["address"].get(language) if isinstance(body["address"], dict) else None
    for part in ADDRESS_PARTS:
        if not isinstance(localized, dict) or not str(localized.get(part) or "").strip():
            found.append((f"/address/{language}", f"The required properties ({part}) are missing"))
    for index, term in enumerate(body["terms"]):
        known = TERMS.get(term.get("id")) if isinstance(term, dict) else None
        if known is None or "places" not in known["scope"]:
            found.append((f"/terms/{index}/id", "The term does not exist or is not allowed"))
    return found


def _duplicate(place_id):
    """Told as plain JSON, by exception, with the address of the place that is already there."""
    problem = Problem(
        "uitdatabank/duplicate-place",
        409,
        detail="A place with this address / name combination already exists.",
        duplicatePlaceUri=address(f"/io/places/{place_id}"),
    )
    return jsonify(problem.body()), 409


@entry.post("/organizers")
def create_organizer():
    require_token()
    body = json_body()
    missing = [name for name in ("mainLanguage", "name", "url") if not (body or {}).get(name)]
    if missing:
        raise invalid_data(("/", f"The required properties ({', '.join(missing)}) are missing"))
    found = []
    language = body["mainLanguage"]
    entry_rules.translated(body["name"], "/name", language, found, entry_rules.NAME_LENGTH)
    entry_rules.web_address(body["url"], "/url", found)
    if found:
        raise invalid_data(*found)
    now = moments.written(moments.now())
    document = {
        "mainLanguage": language,
        "name": body["name"],
        "url": body["url"],
        "workflowStatus": "ACTIVE",
        "languages": sorted(body["name"]),
        "completedLanguages": [language],
        "created": now,
        "modified": now,
    }
    if body.get("address"):
        document["address"] = body["address"]
    with store().writing():
        for row in store().rows("SELECT document FROM organizer"):
            if json.loads(row["document"])["url"].rstrip("/") == body["url"].rstrip("/"):
                raise Problem("uitdatabank/duplicate-url")
        organizer_id = str(uuid.uuid4())
        store().write(
            "INSERT INTO organizer VALUES (?, ?, '[]', 0, ?)",
            *(organizer_id, json.dumps(document), g.client_id),
        )
    answer = receipt("organizers", organizer_id, "organizerId")
    del answer["commandId"]
    return jsonify(answer), 201


@entry.post("/images")
def upload_image():
    """A picture as multipart, or the address of one as JSON. Only what describes it is kept."""
    require_token()
    image_id = str(uuid.uuid4())
    if request.mimetype == "application/json":
        sent, wanted = json_body(), ("contentUrl", "description", "copyrightHolder", "inLanguage")
        content = (sent or {}).get("contentUrl", "")
    else:
        sent, wanted = request.form, ("description", "copyrightHolder", "language")
        _check_picture(request.files.get("file"))
        content = address(f"/io/images/{image_id}/bestand")
    missing = [name for name in wanted if not (sent or {}).get(name)]
    if missing:
        raise invalid_data(("/", f"The required properties ({', '.join(missing)}) are missing"))
    document = {
        "contentUrl": content,
        "thumbnailUrl": content,
        "description": sent["description"],
        "copyrightHolder": sent["copyrightHolder"],
        "inLanguage": sent.get("inLanguage") or sent.get("language"),
    }
    store().write("INSERT INTO image VALUES (?, ?)", image_id, json.dumps(document))
    return jsonify({"@id": address(f"/io/images/{image_id}"), "imageId": image_id}), 201


def _check_picture(file):
    if file is None:
        raise Problem("body/file-missing", detail="The file property is required.")
    if file.mimetype not in PICTURES:
        raise Problem("body/file-invalid-type", detail="Use png, jpeg or gif.")
    if len(file.read()) > LARGEST_PICTURE:
        raise Problem("body/file-invalid-size", detail=f"At most {LARGEST_PICTURE} bytes.")


@entry.get("/images/<image_id>")
def get_image(image_id):
    document = store().document("image", image_id.lower())
    if document is None:
        raise not_found(f'The image with id "{image_id}" was not found.')
    return jsonify({"@id": address(f"/io/images/{image_id}"), "id": image_id, **document})
