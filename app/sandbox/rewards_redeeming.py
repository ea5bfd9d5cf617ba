"""UiTPAS API: redeeming rewards, undoing it, and what stands in the way."""

import json
import time
import uuid

from flask import jsonify, request

from app.sandbox import moments
from app.sandbox.auth import require_token
from app.sandbox.context import json_body, listed, store
from app.sandbox.events import organizer_row
from app.sandbox.problems import Problem, forbidden, invalid_data, not_found
from app.sandbox.rewards import in_period, load_reward, save_reward, shown_reward
from app.sandbox.uitpas_passes import active_pass, results_page, save_pass, uitpas

INVALID_NUMBER = "uitpas/invalid-uitpas-number"
# Reason of redeem-status: (type of the problem when redeeming all the same, what the person reads)
OBSTACLES = {
    "INVALID_CARD": ("uitpas/invalid-card", "Met deze UiTPAS kun je geen voordelen omruilen."),
    "REWARD_PERIOD": (
        "uitpas/reward-period-constraint",
        "Dit voordeel kan nu niet omgeruild worden.",
    ),
    "REWARD_VOLUME": ("uitpas/reward-volume-constraint", "Dit voordeel is op."),
    "PASSHOLDER_APPLICABLE_CARDSYSTEMS": (
        "uitpas/reward-passholder-no-applicable-cardsystems",
        "Dit voordeel geldt niet voor UiTPASsen uit jouw regio.",
    ),
    "PASSHOLDER_VOLUME": (
        "uitpas/reward-passholder-volume-constraint",
        "Je ruilde dit voordeel al zo vaak om als dat kan.",
    ),
    "PASSHOLDER_POINTS": (
        "uitpas/reward-passholder-points-constraint",
        "Je hebt niet genoeg punten voor dit voordeel.",
    ),
}


def _obstacle(reward_id, reward, document):
    """The reason why this pass cannot redeem this reward now, or None."""
    if document["passType"] == "GROUP":
        return "INVALID_CARD"
    if reward["status"] != "ACTIVE" or not in_period(
        reward.get("redeemPeriod") or reward.get("grantingPeriod")
    ):
        return "REWARD_PERIOD"
    if reward["unitsTaken"] >= reward.get("maxAvailableUnits", 10**9):
        return "REWARD_VOLUME"
    applicable = (
        reward["allCardSystems"] or document["cardSystem"] in reward["applicableCardSystems"]
    )
    if not applicable:
        return "PASSHOLDER_APPLICABLE_CARDSYSTEMS"
    constraint = reward.get("redeemConstraint")
    if reward["type"] == "WELCOME":
        constraint = {"volume": 1, "period": "ABSOLUTE"}
    if constraint and _times_redeemed(reward_id, document, constraint) >= constraint["volume"]:
        return "PASSHOLDER_VOLUME"
    return "PASSHOLDER_POINTS" if document["points"] < reward.get("points", 0) else None


def _times_redeemed(reward_id, document, constraint):
    start = moments.period_start(constraint["period"])
    row = store().row(
        "SELECT count(*) AS done FROM redeemed WHERE reward_id = ? AND number = ? "
        "AND cancelled_at IS NULL AND redeemed_at >= ?",
        *(reward_id, document["uitpasNumber"], start.timestamp() if start else 0.0),
    )
    return row["done"]


def _check_rights(reward):
    rows = [organizer_row(key) for key in reward["organizers"]]
    if not any(row is not None and row["permitted"] for row in rows):
        raise forbidden("No REWARDS_REDEEM permission for the organizers of this reward.")


@uitpas.get("/rewards/<reward_id>/redeem-status")
def get_redeem_status(reward_id):
    require_token()
    reward = load_reward(reward_id)
    _check_rights(reward)
    number = request.args.get("uitpasNumber")
    if not number:
        raise not_found("The query parameter uitpasNumber is missing.")
    try:
        reason = _obstacle(reward_id, reward, active_pass(number, INVALID_NUMBER))
    except Problem as problem:
        if problem.kind == "uitpas/invalid-card-status":
            reason = "INVALID_CARD"
        elif problem.kind == "uitpas/passholder-no-active-cardsystems":
            reason = "PASSHOLDER_APPLICABLE_CARDSYSTEMS"
        else:
            raise
    if reason is None:
        return jsonify(redeemable=True)
    return jsonify(redeemable=False, reason=reason, message=OBSTACLES[reason][1])


@uitpas.post("/rewards/redeemed")
def redeem_reward():
    """Takes the points at once."""
    require_token()
    body = json_body()
    if not isinstance(body, dict) or not body.get("rewardId") or not body.get("uitpasNumber"):
        raise invalid_data(("/", "The required properties (rewardId, uitpasNumber) are missing"))
    with store().writing():
        reward_id = body["rewardId"]
        reward = load_reward(reward_id)
        _check_rights(reward)
        document = _card_for_redeeming(body["uitpasNumber"])
        reason = _obstacle(reward_id, reward, document)
        if reason:
            kind, message = OBSTACLES[reason]
            raise Problem(kind, message=message)
        points = reward.get("points", 0)
        document["points"] -= points
        save_pass(document)
        reward["unitsTaken"] += 1
        save_reward(reward_id, reward)
        redeemed = _redeemed(reward_id, reward)
        values = (redeemed["id"], reward_id, document["uitpasNumber"], points, time.time())
        store().write(
            "INSERT INTO redeemed (id, reward_id, number, points, redeemed_at, document) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            *values,
            json.dumps(redeemed),
        )
    return jsonify(redeemed), 201


def _card_for_redeeming(number):
    try:
        return active_pass(number, INVALID_NUMBER)
    except Problem as problem:
        if problem.kind == "uitpas/invalid-card-status":
            raise Problem("uitpas/invalid-card", message=problem.message) from None
        raise


def _redeemed(reward_id, reward):
    redeemed = {
        "id": str(uuid.uuid4()),
        "reward": shown_reward(reward_id, reward),
        "redeemDate": moments.written(moments.now()),
    }
    if reward.get("redeemInfo"):
        redeemed["redeemInfo"] = reward["redeemInfo"]
        redeemed["redeemCode"] = uuid.uuid4().hex[:8].upper()
    return redeemed


@uitpas.get("/rewards/redeemed")
def find_redeemed():
    """Live redemptions of one passholder, newest first."""
    require_token()
    number, passholder_id = request.args.get("uitpasNumber"), request.args.get("passholderId")
    organizers = listed("organizerId")
    if bool(number) == bool(passholder_id) or (passholder_id and not organizers):
        raise Problem(
            "url/not-found", 404, detail="Give uitpasNumber, or passholderId with organizerId."
        )
    if number and not (number.isdigit() and len(number) == 13):
        raise Problem(INVALID_NUMBER)
    kind, title = request.args.get("rewardType"), request.args.get("rewardTitle", "").lower()
    rows = store().rows(
        "SELECT redeemed.document AS document, pass.document AS pass FROM redeemed "
        "JOIN pass ON pass.number = redeemed.number "
        "WHERE cancelled_at IS NULL ORDER BY redeemed_at DESC, redeemed.rowid DESC"
    )
    found = []
    for row in rows:
        redeemed, holder = json.loads(row["document"]), json.loads(row["pass"])
        reward = redeemed["reward"]
        if (
            number in (None, holder["uitpasNumber"])
            and passholder_id in (None, holder["passholderId"])
            and kind in (None, reward["type"])
            and title in reward["title"].lower()
            and (not organizers or set(organizers) & {o["id"] for o in reward["organizers"]})
        ):
            found.append(redeemed)
    return jsonify(results_page(found))


@uitpas.delete("/rewards/redeemed/<redeemed_id>")
def undo_redeeming(redeemed_id):
    """Points come back for most rewards; for some they do not, and publiq does not promise it."""
    require_token()
    with store().writing():
        row = store().row(
            "SELECT * FROM redeemed WHERE id = ? AND cancelled_at IS NULL", redeemed_id
        )
        if row is None:
            raise not_found(f"The redeemed reward {redeemed_id} was not found.")
        reward = load_reward(row["reward_id"])
        _check_rights(reward)
        if reward["returns"]:
            document = store().document("pass", row["number"])
            document["points"] += row["points"]
            save_pass(document)
        reward["unitsTaken"] = max(0, reward["unitsTaken"] - 1)
        save_reward(row["reward_id"], reward)
        store().write("UPDATE redeemed SET cancelled_at = ? WHERE id = ?", time.time(), redeemed_id)
    return "", 204
