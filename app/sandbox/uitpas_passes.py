"""UiTPAS API: passes and group passes, and the checks every call on a pass begins with."""

import json
import re
from datetime import timedelta

from flask import Blueprint, jsonify, request

from app.sandbox import moments
from app.sandbox.auth import require_client, require_token
from app.sandbox.cardsystems import CARD_SYSTEMS
from app.sandbox.context import store, whole_number
from app.sandbox.problems import Problem, not_found

uitpas = Blueprint("uitpas", __name__, url_prefix="/uitpas")

LATER = "2099-12-31T22:59:59+00:00"
EARLIER = "2023-12-31T22:59:59+00:00"
SOON = timedelta(days=20)
INSZ_LENGTH, CHIP_LENGTH = 11, 14
MOST_RESULTS = 500
BLOCKED = "Deze UiTPAS is geblokkeerd. Neem contact op met je UiTPAS-balie."
UNREGISTERED = "Deze UiTPAS is nog niet geregistreerd. Neem contact op met je UiTPAS-balie."
UNKNOWN = "We vinden geen UiTPAS met dit nummer. Kijk het nummer na en probeer opnieuw."
NO_MEMBERSHIP = "Deze UiTPAS is niet meer actief in een UiTPAS-regio."


def find_pass(identifier):
    """The stored pass behind a UiTPAS number, INSZ (also as barcode) or chip number, or None.

    The number of a card that was replaced finds the pass of now.
    """
    wanted = re.sub(r"[\s.\-:]", "", identifier).upper()
    if not wanted:
        return None
    row = store().row(
        "SELECT document FROM pass WHERE number = ? OR ' ' || chip || ' ' LIKE '% ' || ? || ' %'",
        *(wanted, wanted),
    )
    for insz in [wanted] if len(wanted) == INSZ_LENGTH else _in_barcode(wanted):
        row = row or store().row(
            "SELECT document FROM pass WHERE ' ' || insz || ' ' LIKE '% ' || ? || ' %'", insz
        )
    return json.loads(row["document"]) if row else None


def _in_barcode(wanted):
    """The register numbers that may stand in what a scanner reads from an identity card.

    publiq's documents name such a barcode and not its form; here it is any that holds the number.
    """
    if len(wanted) <= CHIP_LENGTH:
        return []
    return re.findall(r"(?=(\d{11}))", wanted)


def save_pass(document):
    number = document["uitpasNumber"]
    store().write("UPDATE pass SET document = ? WHERE number = ?", json.dumps(document), number)


def passes_luhn(number):
    """Whether the last digit of a UiTPAS number is the check digit of the others."""
    total = 0
    for place, digit in enumerate(int(char) for char in reversed(number)):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def card_problem(document):
    """What is wrong with the card itself, with the extras publiq sends; None when it is active."""
    if document["card"] == "ACTIVE":
        return None
    registered = document["card"] != "LOCAL_STOCK"
    extras = {"cardStatus": document["card"]}
    if registered:
        extras["passholderId"] = document["passholderId"]
    message = BLOCKED if registered else UNREGISTERED
    return Problem("uitpas/invalid-card-status", message=message, **extras)


def active_pass(number, invalid="uitpas/invalid-uitpasnumber"):
    """The pass for a sale, a tariff, a check-in or a reward. Raises what publiq answers if not.

    `invalid` is the type for a number that cannot be right: publiq spells it in two ways.
    """
    if not re.fullmatch(r"\d{13}", number) or not passes_luhn(number):
        raise Problem(invalid, message=UNKNOWN)
    row = store().row("SELECT document FROM pass WHERE number = ?", number)
    if row is None:
        raise Problem("uitpas/passholder-not-found", message=UNKNOWN)
    document = json.loads(row["document"])
    problem = card_problem(document)
    if problem:
        raise problem
    if not document["member"]:
        raise Problem("uitpas/passholder-no-active-cardsystems", message=NO_MEMBERSHIP)
    return document


def results_page(items):
    """`start` and `limit` of a UiTPAS list, with their limits."""
    start = whole_number("start", 0, 10_000_000, not_found("start is too large"))
    limit = whole_number("limit", 20, MOST_RESULTS, Problem("url/query-limit-exceeded"))
    return {"totalItems": len(items), "member": items[start : start + limit]}


@uitpas.get("/passes")
def get_pass():
    require_token()
    identifier = request.args.get("identifier")
    if not identifier:
        raise not_found("The query parameter identifier is missing.")
    document = find_pass(identifier)
    if document is None:
        raise Problem("uitpas/pass-not-found", 404, message=UNKNOWN)
    problem = card_problem(document)
    if problem:
        raise problem
    return jsonify(_shown_pass(document))


def _shown_pass(document):
    # A suspension is not visible here, and an end date never decides anything.
    status = {"SUSPENDED": "ACTIVE"}.get(document["social"], document["social"])
    social = {"status": status}
    if status != "NONE":
        social["endDate"] = _end(document)
    shown = {
        "passholderId": document["passholderId"],
        "passType": document["passType"],
        "uitpasNumber": document["uitpasNumber"],
        "firstName": document["firstName"],
        "points": document["points"],
        "postalCode": document["postalCode"],
        "cardSystem": CARD_SYSTEMS[document["cardSystem"]],
        "socialTariff": social,
    }
    if document["messages"]:
        shown["messages"] = document["messages"]
    return shown


def _end(document):
    ends = document.get("ends", "later")
    if document["social"] == "EXPIRED" or ends == "past":
        return EARLIER
    return LATER if ends == "later" else moments.written(moments.now() + SOON)


@uitpas.get("/grouppasses")
def get_group_passes():
    require_client()
    identifier = request.args.get("uitpasNumber") or request.args.get("chipNumber")
    if not identifier:
        raise not_found("The query parameter uitpasNumber or chipNumber is missing.")
    document = find_pass(identifier)
    found = [document] if document and document["passType"] == "GROUP" else []
    return jsonify(results_page([_shown_group(item) for item in found]))


def _shown_group(document):
    shown = {
        "id": document["passholderId"],
        "uitpasNumber": document["uitpasNumber"],
        "name": document["firstName"],
        "cardStatus": document["card"],
        "cardSystem": CARD_SYSTEMS[document["cardSystem"]],
    }
    if document["social"] in ("ACTIVE", "EXPIRED"):
        volume = document["groupLimit"][0]
        shown["socialTariff"] = {
            "status": document["social"],
            "endDate": LATER if document["social"] == "ACTIVE" else EARLIER,
            "totalTicketsPerYear": volume,
            "availableTickets": max(0, volume - group_tickets(document)),
        }
    return shown


def group_tickets(document, since=0.0):
    """How many live tickets this pass has, from a moment on (seconds since the epoch)."""
    row = store().row(
        "SELECT count(*) AS sold FROM ticket_sale "
        "WHERE number = ? AND cancelled_at IS NULL AND sold_at >= ?",
        *(document["uitpasNumber"], since),
    )
    return row["sold"]
