"""UiTPAS API: rewards, what they ask, and making and changing them."""

import json
import time
import uuid

from flask import jsonify, request

from app.sandbox import moments
from app.sandbox.auth import require_client, require_token
from app.sandbox.cardsystems import CARD_SYSTEMS
from app.sandbox.context import json_body, listed, store
from app.sandbox.events import organizer_row
from app.sandbox.problems import Problem, forbidden, invalid_data, not_found
from app.sandbox.uitpas_passes import results_page, uitpas

TYPES = ("POINTS", "WELCOME")
CATEGORIES = ("Eten en drinken", "Doen", "Gadget of item", "Goede doel")
SUBSETS = ("ENDUSERS", "ALL", "REDEEMABLE", "REDEEMABLE-FUTURE", "ENDUSER-FUTURE")
FLAGS = ("sport", "forKids", "featured", "online")
WRITABLE = (
    "title", "type", "promotionalDescription", "publicationPeriod", "points", "categories",
    "moreInfoURL", "grantingPeriod", "allCardSystems", "maxAvailableUnits", "practicalInfo",
    "pictures", "redeemPeriod", "forKids", "sport", "featured", "online", "redeemConstraint",
)  # fmt: skip
SORTS = {
    "name": lambda item: item[1]["title"].lower(),
    "creationdate": lambda item: item[2],
    "redeemCount": lambda item: item[1]["unitsTaken"],
    "featured": lambda item: item[1]["featured"],
    "points": lambda item: item[1].get("points", 0),
}


def load_reward(reward_id):
    document = store().document("reward", reward_id)
    if document is None:
        raise Problem("uitpas/reward-not-found", 404)
    return document


def save_reward(reward_id, document):
    store().write("UPDATE reward SET document = ? WHERE id = ?", json.dumps(document), reward_id)


def shown_reward(reward_id, document):
    """The reward as publiq shows it: whole organizers and card systems, nothing of our own."""
    hidden = ("returns", "redeemInfo")
    shown = {"id": reward_id, **{k: v for k, v in document.items() if k not in hidden}}
    owning = document["owningCardSystem"]
    shown["owningCardSystem"] = CARD_SYSTEMS[owning]
    shown["applicableCardSystems"] = [CARD_SYSTEMS[k] for k in document["applicableCardSystems"]]
    shown["organizers"] = [_shown_organizer(key) for key in document["organizers"]]
    left = document.get("maxAvailableUnits", 10) - document["unitsTaken"]
    shown["lastChance"] = left <= 1
    return shown


def _shown_organizer(organizer_id):
    row = organizer_row(organizer_id)
    if row is None:
        return {"id": organizer_id}
    document = json.loads(row["document"])
    return {"id": organizer_id, "name": document["name"][document["mainLanguage"]]}


def in_period(period, now=None):
    """Whether a period with an optional end holds this moment."""
    if not period:
        return True
    now = now or moments.now()
    end = period.get("end")
    return moments.read(period["begin"]) <= now and (not end or now <= moments.read(end))


@uitpas.get("/rewards")
def find_rewards():
    require_client()
    subset = request.args.get("subset", "ENDUSERS")
    kind = request.args.get("type", "POINTS")
    if subset not in SUBSETS or kind not in (*TYPES, "ANY"):
        raise not_found("type or subset has a value that does not exist.")
    rows = store().rows("SELECT * FROM reward ORDER BY created_at")
    found = [(row["id"], json.loads(row["document"]), row["created_at"]) for row in rows]
    found = [
        item
        for item in found
        if kind in ("ANY", item[1]["type"]) and _in_subset(item[1], subset) and _fits(item[1])
    ]
    for key in reversed([part for part in request.args.get("sort", "").split(",") if part]):
        order = SORTS.get(key.lstrip("-"))
        if order is None:
            raise not_found(f"sort cannot be {key}.")
        found.sort(key=order, reverse=key.startswith("-"))
    return jsonify(results_page([shown_reward(key, document) for key, document, _ in found]))


def _in_subset(document, subset):
    status = request.args.get("status")
    if subset == "ALL":
        return status in (None, document["status"])
    if document["status"] != "ACTIVE":
        return False
    published = in_period(document["publicationPeriod"])
    redeemable = in_period(document.get("redeemPeriod") or document.get("grantingPeriod"))
    if subset == "REDEEMABLE":
        return redeemable
    return published or subset.endswith("FUTURE")


def _fits(document):
    args = request.args
    organizers = listed("organizerId")
    codes = listed("organizerPostalCode")
    owning, applicable = listed("owningCardSystemId"), listed("applicableCardSystemId")
    categories = listed("categories")
    names = [_shown_organizer(key).get("name", "") for key in document["organizers"]]
    text = " ".join([document["title"], *names]).lower()
    points = document.get("points", 0)
    systems = [str(key) for key in document["applicableCardSystems"]]
    return (
        (not organizers or set(organizers) & set(document["organizers"]))
        and (not codes or any(_postal_code(key) in codes for key in document["organizers"]))
        and (not owning or str(document["owningCardSystem"]) in owning)
        and (not applicable or document["allCardSystems"] or set(applicable) & set(systems))
        and (not categories or set(categories) & set(document.get("categories", [])))
        and all(word in text for word in args.get("text", "").lower().split())
        and points >= int(args.get("pointsFrom") or 0)
        and points <= int(args.get("pointsTo") or 10**9)
        and all(
            name not in args or (args[name] == "true") == bool(document.get(name)) for name in FLAGS
        )
    )


def _postal_code(organizer_id):
    row = organizer_row(organizer_id)
    address = json.loads(row["document"]).get("address", {}) if row else {}
    return address.get("nl", {}).get("postalCode")


@uitpas.get("/rewards/<reward_id>")
def get_reward(reward_id):
    require_token()
    return jsonify(shown_reward(reward_id, load_reward(reward_id)))


@uitpas.post("/rewards")
def create_reward():
    require_token()
    body = _reward_body()
    with store().writing():
        document = {name: body[name] for name in WRITABLE if name in body}
        document |= _who_and_where(body) | {"status": "ACTIVE", "unitsTaken": 0, "returns": True}
        for name in FLAGS:
            document.setdefault(name, False)
        reward_id = str(uuid.uuid4())
        values = (reward_id, json.dumps(document), time.time())
        store().write("INSERT INTO reward VALUES (?, ?, ?)", *values)
    return jsonify(shown_reward(reward_id, document))


@uitpas.put("/rewards/<reward_id>")
def update_reward(reward_id):
    """A whole replacement; once redeemed, price and start are frozen."""
    require_token()
    body = _reward_body()
    with store().writing():
        known = load_reward(reward_id)
        if not any(_may_write(key) for key in known["organizers"]):
            raise forbidden("No REWARDS_WRITE permission for this reward.")
        if known["unitsTaken"] and _frozen(known) != _frozen(body):
            raise Problem("uitpas/reward-not-editable")
        document = {name: body[name] for name in WRITABLE if name in body}
        kept = ("status", "unitsTaken", "returns", "redeemInfo")
        document |= _who_and_where(body, known) | {k: known[k] for k in kept if k in known}
        for name in FLAGS:
            document.setdefault(name, False)
        save_reward(reward_id, document)
    return jsonify(shown_reward(reward_id, document))


def _frozen(document):
    starts = [
        moments.read(document[name]["begin"]) if document.get(name) else None
        for name in ("redeemPeriod", "grantingPeriod")
    ]
    return [document.get("points"), *starts]


def _reward_body():
    body = json_body()
    required = ["title", "type", "promotionalDescription", "publicationPeriod"]
    if isinstance(body, dict) and body.get("type") == "POINTS":
        required += ["points", "categories", "moreInfoURL"]
    missing = [n for n in required if not isinstance(body, dict) or body.get(n) in (None, "")]
    if missing:
        raise invalid_data(("/", f"The required properties ({', '.join(missing)}) are missing"))
    found = []
    if body["type"] not in TYPES:
        found.append(("/type", "The data should match one item from enum"))
    points = body.get("points", 0)
    if isinstance(points, bool) or not isinstance(points, int | float) or points < 0:
        found.append(("/points", "The data must match the type: number"))
    for index, category in enumerate(body.get("categories") or []):
        if category not in CATEGORIES:
            found.append((f"/categories/{index}", "The data should match one item from enum"))
    for name in ("publicationPeriod", "redeemPeriod", "grantingPeriod"):
        if body.get(name) is not None:
            _check_period(body[name], f"/{name}", found)
    if found:
        raise invalid_data(*found)
    return body


def _check_period(period, pointer, found):
    try:
        begin = moments.read(period["begin"])
        end = moments.read(period["end"]) if period.get("end") else None
    except (KeyError, TypeError, ValueError):
        found.append((pointer + "/begin", "The data must match the 'date-time' format"))
        return
    if end and end < begin:
        found.append((pointer + "/end", "end should not be before begin"))


def _may_write(organizer_id):
    row = organizer_row(organizer_id)
    return row is not None and bool(row["permitted"])


def _who_and_where(body, known=None):
    """Organizers (without any: the first we may create for) and card systems of a reward."""
    organizers = [item["id"] for item in body.get("organizers") or []]
    if not organizers:
        row = store().row("SELECT id FROM organizer WHERE permitted = 1 ORDER BY rowid LIMIT 1")
        organizers = known["organizers"] if known else [row["id"]]
    if not all(_may_write(key) for key in organizers):
        raise forbidden("No REWARDS_WRITE permission for this organizer.")
    theirs = json.loads(organizer_row(organizers[0])["card_systems"])
    applicable = [item["id"] for item in body.get("applicableCardSystems") or []] or theirs
    owning = (body.get("owningCardSystem") or {}).get("id", theirs[0])
    if owning not in CARD_SYSTEMS or any(key not in CARD_SYSTEMS for key in applicable):
        raise Problem("uitpas/invalid-card-system")
    return {
        "organizers": organizers,
        "owningCardSystem": owning,
        "applicableCardSystems": applicable,
        "allCardSystems": body.get("allCardSystems", not body.get("applicableCardSystems")),
    }
