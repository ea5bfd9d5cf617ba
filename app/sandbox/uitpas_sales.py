"""UiTPAS API: ticket sales. A request registers all its sales or none."""

import json
import time
import uuid
from collections import Counter

from flask import jsonify, request

from app.sandbox import moments
from app.sandbox.auth import require_token
from app.sandbox.context import json_body, listed, store
from app.sandbox.events import Event, organizer_row
from app.sandbox.problems import Problem, forbidden, invalid_data
from app.sandbox.rights import WITHOUT_SEARCH
from app.sandbox.uitpas_passes import active_pass, results_page, uitpas
from app.sandbox.uitpas_tariffs import (
    GROUP_LIMIT,
    LIMIT_REACHED,
    available_tariffs,
    check_social,
    permitted_event,
)

COUPON_USED = "Deze bon is al gebruikt of is niet geldig voor deze activiteit."
ONE_PER_PERSON = "Met een persoonlijke UiTPAS koop je één ticket tegelijk met korting."


@uitpas.post("/ticket-sales")
def register_sales():
    """Answers in an order of its own: the last item first."""
    require_token()
    items = json_body()
    errors = _shape_errors(items)
    if errors:
        raise invalid_data(*errors)
    sales = []
    with store().writing():
        claims = {}
        for index, item in enumerate(items):
            try:
                sales.append(_sell(item, claims))
            except Problem as problem:
                problem.extras["jsonPointer"] = f"/{index}"
                if problem.errors:
                    problem.errors = [(f"/{index}{place}", why) for place, why in problem.errors]
                raise
        _check_numbers(items)
        for sale in sales:
            _store_sale(sale)
    return jsonify(list(reversed(sales)))


def _shape_errors(items):
    if not isinstance(items, list) or not items:
        return [("/", "Array should have at least 1 items")]
    errors = []
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            errors.append((f"/{index}", "The data must match the type: object"))
            continue
        for name in ("eventId", "uitpasNumber"):
            if not isinstance(item.get(name), str) or not item[name]:
                errors.append((f"/{index}/{name}", "The data must match the type: string"))
        price = item.get("regularPrice")
        if isinstance(price, bool) or not isinstance(price, int | float) or price < 0:
            errors.append((f"/{index}/regularPrice", "The data must match the type: number"))
        if not isinstance(_tariff_id(item), str):
            errors.append((f"/{index}/tariff", "The required properties (id) are missing"))
        if not isinstance(item.get("regularPriceLabel", ""), str):
            errors.append((f"/{index}/regularPriceLabel", "The data must match the type: string"))
    return errors


def _tariff_id(item):
    tariff = item.get("tariff")
    return tariff.get("id") if isinstance(tariff, dict) else item.get("tariffId")


def _sell(item, claims):
    """One sale, ready to be stored. Raises the problem that makes the whole request fail."""
    event = permitted_event(item["eventId"])
    document = active_pass(item["uitpasNumber"])
    check_social(document, event)
    claimed = claims.setdefault(document["uitpasNumber"], [])
    tariffs, message = available_tariffs(document, event, item["regularPrice"], tuple(claimed))
    wanted = _tariff_id(item)
    chosen = next((tariff for tariff in tariffs if tariff.id == wanted), None)
    if chosen is None:
        raise _refusal(wanted, document, message)
    claimed.append((event.id, wanted))
    sale = {
        "id": str(uuid.uuid4()),
        "creationDate": moments.written(moments.now()),
        "tariff": chosen.shown(with_remaining=False),
        "eventId": event.id,
        "eventTitle": event.title,
        "uitpasNumber": document["uitpasNumber"],
        "regularPrice": item["regularPrice"],
    }
    if "regularPriceLabel" in item:
        sale["regularPriceLabel"] = item["regularPriceLabel"]
    return sale


def _refusal(wanted, document, message):
    if message in (LIMIT_REACHED, GROUP_LIMIT):
        return Problem("uitpas/maximum-reached", message=message)
    if wanted.startswith("COUPON"):
        return Problem("uitpas/invalid-coupon", message=message or COUPON_USED)
    if message:
        return Problem("uitpas/invalid-card", message=message)
    return Problem(
        "body/invalid-data",
        detail="The tariff is not available for this pass, event and price.",
        errors=[("/tariff/id", f'"{wanted}" is not an available tariff.')],
    )


def _check_numbers(items):
    """One person takes one ticket at a time; only a group pass takes more in one request."""
    keys = [(item["uitpasNumber"], item["eventId"], _tariff_id(item)) for item in items]
    for key, count in Counter(keys).items():
        if count > 1 and active_pass(key[0])["passType"] != "GROUP":
            pointer = f"/{len(keys) - 1 - keys[::-1].index(key)}"
            raise Problem(
                "uitpas/invalid-number-of-tickets", message=ONE_PER_PERSON, jsonPointer=pointer
            )


def _store_sale(sale):
    store().write(
        "INSERT INTO ticket_sale (id, event_id, number, tariff_id, sold_at, document) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        sale["id"],
        sale["eventId"],
        sale["uitpasNumber"],
        sale["tariff"]["id"],
        time.time(),
        json.dumps(sale),
    )


@uitpas.get("/ticket-sales")
def find_sales():
    """Live sales of an event, or of a passholder at given organizers; newest first."""
    require_token()
    event_id = request.args.get("eventId")
    passholder_id = request.args.get("passholderId")
    organizers = listed("organizerId")
    if not event_id and not (passholder_id and organizers):
        raise Problem(
            "url/not-found", 404, detail="Give eventId, or passholderId with organizerId."
        )
    _refuse_without_search(event_id, organizers)
    title = request.args.get("eventTitle", "").lower()
    rows = store().rows(
        "SELECT ticket_sale.document AS document, event.organizer_id AS organizer_id, "
        "ticket_sale.event_id AS event_id, pass.document AS pass "
        "FROM ticket_sale JOIN event ON event.id = ticket_sale.event_id "
        "JOIN pass ON pass.number = ticket_sale.number "
        "WHERE cancelled_at IS NULL ORDER BY sold_at DESC, ticket_sale.rowid DESC"
    )
    found = []
    for row in rows:
        sale = json.loads(row["document"])
        fits = (
            (not event_id or row["event_id"] == event_id.lower())
            and (not organizers or row["organizer_id"] in organizers)
            and (not passholder_id or json.loads(row["pass"])["passholderId"] == passholder_id)
            and title in sale["eventTitle"].lower()
        )
        if fits:
            found.append(sale)
    return jsonify(results_page(found))


def _refuse_without_search(event_id, organizers):
    """403 where the organizer lets us sell and not look; TICKETSALES_SEARCH is a right apart."""
    event = Event.load(event_id) if event_id else None
    asked = {*organizers, *([event.organizer_id] if event else [])}
    rows = [organizer_row(key) for key in asked if key]
    if any(row is not None and row["permitted"] == WITHOUT_SEARCH for row in rows):
        raise forbidden("TICKETSALES_SEARCH is missing for this organizer.")


@uitpas.delete("/ticket-sales/<sale_id>")
def cancel_sale(sale_id):
    """Frees the coupon and the place within the limit; a second time it is not found."""
    require_token()
    with store().writing():
        row = store().row(
            "SELECT event_id FROM ticket_sale WHERE id = ? AND cancelled_at IS NULL", sale_id
        )
        if row is None:
            raise Problem("uitpas/ticket-sale-not-found", 404)
        event = Event.load(row["event_id"])
        organizer = organizer_row(event.organizer_id)
        if organizer is None or not organizer["permitted"]:
            raise forbidden(f"No permission for organizer {event.organizer_id}.")
        store().write("UPDATE ticket_sale SET cancelled_at = ? WHERE id = ?", time.time(), sale_id)
    return "", 204
