"""Shop: 'mijn inschrijvingen', an order with what is to be paid, and cancelling a line (C3, R7)."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app import jobs
from app.clock import now, today
from app.formats import money
from app.payments.models import PaymentMethod
from app.sales.cancelling import (
    Cancelled,
    OrderPreview,
    Preview,
    cancel_line,
    cancel_order,
    cancellation_preview,
    find_line,
    order_preview,
)
from app.sales.changes import gone_sentence, replaced_lines
from app.sales.ics import calendar_of
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.sales.orders import order_for_customer, orders_of_customer
from app.sales.problems import CancelRefused
from app.sales.terms import last_day_to_cancel
from app.settings.contact import spaced_iban
from app.settings.municipality import get_municipality
from app.web.access import Access, allow
from app.web.customers import customer_details_first, own_customer_id
from app.web.dates import changes_in_words, when_in_words
from app.web.forms import strip
from app.web.pages import PageError, is_fragment, page
from app.web.places import place_names
from app.web.shop import shop
from app.web.words import BENEFIT_KINDS, LINE_STATES

ZERO = Decimal("0.00")
LONGEST_REASON = 500


@shop.get("/mijn")
@allow(Access.SIGNED_IN)
def mine() -> Response:
    """What the family is registered for: first what is to come, then what was."""
    if current_user.customer is None:
        return customer_details_first()
    orders = orders_of_customer(own_customer_id())
    replaced = replaced_lines(order.id for order in orders)
    lines = [line for order in orders for line in order.lines if line.id not in replaced]
    coming = sorted((line for line in lines if _is_coming(line)), key=_begins)
    past = sorted((line for line in lines if not _is_coming(line)), key=_begins, reverse=True)
    return page(
        "shop/mine.html",
        coming=coming,
        past=past,
        to_pay=[order for order in orders if _open_amount(order) > ZERO],
        open_amount=_open_amount,
        **_line_words(lines),
    )


@shop.get("/mijn/bestellingen/<number>")
@allow(Access.CUSTOMER)
def order(number: str) -> Response:
    """One order: its lines, what is to be paid and how, or that it still waits for UiTPAS."""
    found = _own_order(number)
    if is_fragment():
        return _waiting_part(found)
    replaced = replaced_lines([found.id])
    lines = [line for line in found.lines if line.id not in replaced]
    return page(
        "shop/order.html",
        order=found,
        waiting=found.state is OrderState.OPEN,
        lapsed=found.state is OrderState.LAPSED,
        lines=lines,
        payment=_payment(found),
        cancel_all=_may_cancel_all(found),
        cancel_until={line.id: _cancel_until(line) for line in lines},
        **_line_words(lines),
    )


@shop.get("/mijn/bestellingen/<number>/agenda.ics")
@allow(Access.CUSTOMER)
def order_calendar(number: str) -> Response:
    """The dates of an order, for somebody's own calendar."""
    found = _own_order(number)
    host = urlsplit(current_app.config["LOKET"].public_url).hostname or "vrijloket"
    places = place_names(line.activity_id for line in found.lines)
    response = current_app.response_class(
        calendar_of(found, host, places), mimetype="text/calendar"
    )
    response.headers["Content-Disposition"] = f'attachment; filename="{found.number}.ics"'
    response.headers["Cache-Control"] = "no-store"
    return response


@shop.get("/mijn/inschrijvingen/<line_ref>/annuleren")
@allow(Access.CUSTOMER)
def cancel_registration(line_ref: str) -> Response:
    """What cancelling does, before anybody confirms it."""
    return _cancel_page(_own_line(line_ref))


@shop.post("/mijn/inschrijvingen/<line_ref>/annuleren")
@allow(Access.CUSTOMER)
def cancel_registration_now(line_ref: str) -> Response:
    """Cancel a line; a second press finds it cancelled already."""
    line = _own_line(line_ref)
    number = line.order.number
    reason, too_long = _reason()
    if too_long:
        return _cancel_page(line, reason=reason, errors=too_long)
    if line.state is LineState.CANCELLED:
        flash(gone_sentence(line), "info")
        return redirect(url_for("shop.order", number=number), code=303)
    try:
        done = cancel_line(line_ref, reason, customer_id=own_customer_id())
    except CancelRefused as refused:
        errors = [("", problem.sentence) for problem in refused.problems]
        return _cancel_page(_own_line(line_ref), reason=reason, errors=errors)
    jobs.wake("mails")
    jobs.wake("availability")
    flash(_done_words(done), "success")
    return redirect(url_for("shop.order", number=number), code=303)


@shop.get("/mijn/bestellingen/<number>/annuleren")
@allow(Access.CUSTOMER)
def cancel_whole_order(number: str) -> Response:
    """What cancelling all of an order does, before anybody confirms it."""
    return _cancel_order_page(_own_order(number))


@shop.post("/mijn/bestellingen/<number>/annuleren")
@allow(Access.CUSTOMER)
def cancel_whole_order_now(number: str) -> Response:
    """Cancel all of an order; a second press finds it cancelled already."""
    found = _own_order(number)
    reason, too_long = _reason()
    if too_long:
        return _cancel_order_page(found, reason=reason, errors=too_long)
    if found.state is OrderState.CANCELLED:
        flash("Deze bestelling was al geannuleerd.", "info")
        return redirect(url_for("shop.order", number=number), code=303)
    try:
        done = cancel_order(number, reason, customer_id=own_customer_id())
    except CancelRefused as refused:
        errors = [("", problem.sentence) for problem in refused.problems]
        return _cancel_order_page(_own_order(number), reason=reason, errors=errors)
    jobs.wake("mails")
    jobs.wake("availability")
    flash(_done_words(done, several=True), "success")
    return redirect(url_for("shop.order", number=number), code=303)


def _reason() -> tuple[str, list[PageError]]:
    """Why it is cancelled, and what is wrong with it."""
    reason = strip(request.form.get("reden", ""))
    if len(reason) <= LONGEST_REASON:
        return reason, []
    sentence = f"Houd het bij {LONGEST_REASON} tekens: dit zijn er {len(reason)}."
    return reason, [("reden", sentence)]


def _own_order(number: str) -> Order:
    found = order_for_customer(own_customer_id(), number)
    if found is None:
        abort(404)
    return found


def _own_line(line_ref: str) -> OrderLine:
    found = find_line(line_ref, own_customer_id())
    if found is None:
        abort(404)
    return found


def _waiting_part(found: Order) -> Response:
    """What the page that waits asks every few seconds; once there is news, the whole page."""
    if found.state is OrderState.OPEN:
        return page("shop/_order_waiting.html", order=found)
    response = current_app.response_class("")
    response.headers["HX-Redirect"] = url_for("shop.order", number=found.number)
    return response


def _cancel_page(
    line: OrderLine, *, reason: str = "", errors: Iterable[tuple[str, str]] = ()
) -> Response:
    preview = cancellation_preview(line, by_staff=False)
    return page(
        "shop/cancel.html",
        errors=list(errors),
        line=line,
        preview=preview,
        consequences=_consequences(preview),
        reason=reason,
        when=when_in_words,
    )


def _cancel_order_page(
    found: Order, *, reason: str = "", errors: Iterable[tuple[str, str]] = ()
) -> Response:
    preview = order_preview(found, by_staff=False)
    return page(
        "shop/cancel_order.html",
        errors=list(errors),
        order=found,
        preview=preview,
        consequences=_consequences(preview),
        reason=reason,
        when=when_in_words,
    )


def _consequences(preview: Preview | OrderPreview) -> list[tuple[str, str]]:
    """Money, UiTPAS and place, each as (icon, sentence)."""
    found = []
    if preview.claim_falls > ZERO:
        found.append(("cash", f"Je hoeft {money(preview.claim_falls)} niet meer te betalen."))
    if preview.refund > ZERO:
        found.append(("cash", f"Je krijgt {money(preview.refund)} terug op je rekening."))
    if preview.kept > ZERO:
        found.append(("cash", f"{money(preview.kept)} krijg je niet terug."))
    if not found:
        found.append(("cash", "Er is niets betaald, dus er komt ook niets terug."))
    if preview.undoes_sale:
        found.append(("pass", "Je voordeel draaien we ook bij UiTPAS terug."))
    if isinstance(preview, OrderPreview) and len(preview.lines) > 1:
        found.append(("people", f"{len(preview.lines)} plaatsen komen vrij voor anderen."))
    else:
        found.append(("people", "De plaats komt vrij voor iemand anders."))
    return found


def _done_words(done: Cancelled, *, several: bool = False) -> str:
    words = [
        "De inschrijvingen zijn geannuleerd." if several else "De inschrijving is geannuleerd."
    ]
    if done.refund > ZERO:
        words.append(f"Je krijgt {money(done.refund)} terug.")
    if done.undone is True:
        words.append(f"Ook bij UiTPAS {'zijn' if several else 'is'} ze ongedaan gemaakt.")
    elif done.undone is False:
        words.append("UiTPAS antwoordt nu niet: we maken je voordeel daar straks ongedaan.")
    return " ".join(words)


def _payment(found: Order) -> dict[str, Any] | None:
    """What is to be paid and how; None where there is nothing to pay or to get back."""
    claim = found.payment_request
    if claim is None:
        return None
    municipality = get_municipality()
    return {
        "amount": claim.amount,
        "paid": claim.paid,
        "open": claim.open_amount,
        "by_transfer": claim.method is PaymentMethod.TRANSFER,
        "due_at": claim.due_at,
        "communication": claim.communication,
        "iban": spaced_iban(municipality.iban),
        "holder": municipality.account_holder or municipality.name,
        "refunds": [refund for refund in claim.refunds if refund.paid_at is None],
    }


def _open_amount(found: Order) -> Decimal:
    if found.state is not OrderState.CONFIRMED or found.payment_request is None:
        return ZERO
    return max(found.payment_request.open_amount, ZERO)


def _line_words(lines: Iterable[OrderLine]) -> dict[str, Any]:
    shown = list(lines)
    return {
        "when": when_in_words,
        "changes": changes_in_words,
        "places": place_names({line.activity_id for line in shown}),
        "states": LINE_STATES,
        "kinds": BENEFIT_KINDS,
        "is_live": _is_live,
    }


def _is_live(line: OrderLine) -> bool:
    return line.state is LineState.LIVE and line.order.state is OrderState.CONFIRMED


def _is_coming(line: OrderLine) -> bool:
    ends = line.activity.last_end
    return line.state is LineState.LIVE and (ends is None or ends > now())


def _begins(line: OrderLine) -> tuple[Any, int]:
    return (line.activity.first_start or now(), line.id)


def _may_cancel_all(found: Order) -> bool:
    """Whether there is more than one line, and each can still be cancelled."""
    return len(found.live_lines) > 1 and all(_cancel_until(line) for line in found.live_lines)


def _cancel_until(line: OrderLine) -> date | None:
    """The last day to cancel, or None where the customer no longer can."""
    until = last_day_to_cancel(line.activity)
    return until if _is_live(line) and until is not None and until >= today() else None
