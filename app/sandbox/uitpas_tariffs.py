"""UiTPAS API: which tariffs a pass gets for an event, and why not."""

from dataclasses import dataclass

from flask import jsonify, request

from app.sandbox import moments
from app.sandbox.auth import require_token
from app.sandbox.cardsystems import coupon_price, social_price
from app.sandbox.context import store
from app.sandbox.events import Event, organizer_row
from app.sandbox.problems import Problem, forbidden, not_found
from app.sandbox.uitpas_passes import active_pass, group_tickets, uitpas

OTHER_REGION = "Deze UiTPAS komt uit een andere regio en geeft geen korting op deze activiteit."
LIMIT_REACHED = "Je gebruikte je UiTPAS-voordeel voor deze activiteit al zo vaak als dat kan."
GROUP_LIMIT = "De tickets van deze groepspas zijn op."
EXPIRED = (
    "Je recht op kansentarief is vervallen. Ga langs bij je UiTPAS-balie om het te vernieuwen."
)
SUSPENDED = "Je kansentarief is tijdelijk geschorst. Neem contact op met je UiTPAS-balie."


@dataclass(frozen=True)
class Tariff:
    """One tariff now available. `price` in euro; `remaining` tickets at this tariff."""

    id: str
    name: str
    price: float
    type: str
    remaining: int

    def shown(self, with_remaining=True):
        shown = {"id": self.id, "name": self.name, "price": self.price, "type": self.type}
        return shown | {"remaining": self.remaining} if with_remaining else shown


@uitpas.get("/tariffs")
def get_tariffs():
    require_token()
    regular_price = _price_parameter()
    event = permitted_event(_parameter("eventId"))
    document = active_pass(_parameter("uitpasNumber"))
    wanted = request.args.get("type", "ANY")
    if wanted not in ("ANY", "SOCIALTARIFF", "COUPON"):
        raise not_found("type must be ANY, SOCIALTARIFF or COUPON.")
    if wanted != "COUPON":
        check_social(document, event)
    tariffs, message = available_tariffs(document, event, regular_price)
    answer = {"available": [t.shown() for t in tariffs if wanted in ("ANY", t.type)]}
    if message:
        answer["endUserMessage"] = {"nl": message}
    return jsonify(answer)


@uitpas.get("/tariffs/static")
def get_static_tariffs():
    """The tariff of a holder from the organizer's own region, before any pass is known."""
    require_token()
    regular_price = _price_parameter()
    event = permitted_event(_parameter("eventId"))
    if not event.enabled_systems:
        raise Problem("uitpas/social-tariff-not-available")
    tariff = social_tariff(event.enabled_systems[0], regular_price, 1)
    return jsonify(available=[tariff.shown()])


def _parameter(name):
    value = request.args.get(name)
    if not value:
        raise not_found(f"The query parameter {name} is missing.")
    return value


def _price_parameter():
    try:
        price = float(_parameter("regularPrice"))
    except ValueError:
        raise not_found("regularPrice must be a number.") from None
    if not 0 <= price < float("inf"):
        raise not_found("regularPrice must be a number, 0 or more.")
    return price


def permitted_event(event_id, detail="The event is not known in UiTPAS."):
    """A UiTPAS event whose organizer gave us rights: 400 event-not-found, 403 without rights."""
    event = Event.load(event_id)
    if event is None or not event.in_uitpas:
        raise Problem("uitpas/event-not-found", detail=detail)
    if not organizer_row(event.organizer_id)["permitted"]:
        raise forbidden(f"No permission for organizer {event.organizer_id}.")
    return event


def check_social(document, event):
    """An expired or suspended kansentarief is an error, and hides every other tariff."""
    if document["cardSystem"] not in event.enabled_systems:
        return
    if document["social"] == "EXPIRED":
        raise Problem("uitpas/social-tariff-expired", message=EXPIRED)
    if document["social"] == "SUSPENDED":
        raise Problem("uitpas/social-tariff-suspended", message=SUSPENDED)


def social_tariff(card_system, regular_price, remaining):
    price = social_price(card_system, regular_price)
    return Tariff(f"SOCIALTARIFF-{card_system}", "Kansentarief", price, "SOCIALTARIFF", remaining)


def available_tariffs(document, event, regular_price, claimed=()):
    """Tariffs for this pass now, and the message to show when something stands in the way.

    `claimed` are (event id, tariff id) that earlier items of the same request already take: the
    limit of tickets is per event, a coupon is used up wherever it is used.
    """
    if document["cardSystem"] not in event.enabled_systems:
        return [], OTHER_REGION
    here = sum(event_id == event.id for event_id, _tariff in claimed)
    left, message = _tickets_left(document, event, here, len(claimed))
    if left < 1:
        return [], message
    is_group = document["passType"] == "GROUP"
    tariffs = []
    if document["social"] == "ACTIVE" and regular_price > 0:
        remaining = left if is_group else 1
        tariffs.append(social_tariff(document["cardSystem"], regular_price, remaining))
    for coupon in document["coupons"]:
        used = _coupon_uses(document, coupon) + sum(
            tariff == coupon["id"] for _event, tariff in claimed
        )
        remaining = min(left, coupon["volume"] - used)
        if remaining > 0 and regular_price > 0:
            price = coupon_price(coupon, regular_price)
            count = remaining if is_group else 1
            tariffs.append(Tariff(coupon["id"], coupon["name"], price, "COUPON", count))
    return tariffs, None


def _tickets_left(document, event, here, anywhere):
    """How many more tickets this pass may take for this event, and why none if none.

    `here` and `anywhere` are what the same request takes for this event and for any.
    """
    left, message = 1_000_000, None
    limit = (event.settings or {}).get("passholderTicketLimit")
    if limit:
        used = _sold(document, event, _since(limit["periodType"]))
        left, message = limit["volume"] - used - here, LIMIT_REACHED
    if document["groupLimit"]:
        volume, period = document["groupLimit"]
        group_left = volume - group_tickets(document, _since(period)) - anywhere
        if group_left < left:
            left, message = group_left, GROUP_LIMIT
    return left, message


def _since(period_type):
    start = moments.period_start(period_type)
    return start.timestamp() if start else 0.0


def _sold(document, event, since):
    row = store().row(
        "SELECT count(*) AS sold FROM ticket_sale "
        "WHERE number = ? AND event_id = ? AND cancelled_at IS NULL AND sold_at >= ?",
        *(document["uitpasNumber"], event.id, since),
    )
    return row["sold"]


def _coupon_uses(document, coupon):
    row = store().row(
        "SELECT count(*) AS used FROM ticket_sale "
        "WHERE number = ? AND tariff_id = ? AND cancelled_at IS NULL AND sold_at >= ?",
        *(document["uitpasNumber"], coupon["id"], _since(coupon["period"])),
    )
    return row["used"]
