"""Back office: the basket that staff fill for a customer, and finishing it (R4, R5)."""

from collections.abc import Sequence

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app import jobs
from app.payments.models import PaymentMethod
from app.sales.basket import extend_hold, hold_again, open_basket, remove_line
from app.sales.benefit_choice import follow_events, unsettled
from app.sales.checkout import FinishOutcome, FinishResult
from app.sales.checkout import finish as finish_basket
from app.sales.problems import SaleProblem
from app.settings.uit import get_modules
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.backoffice.on_behalf import customer_or_404, flow_addresses, staff_id
from app.web.basket_page import basket_page
from app.web.pages import page

METHODS = {method.value: method for method in (PaymentMethod.DESK, PaymentMethod.TRANSFER)}
METHOD_WORDS = [
    (
        PaymentMethod.DESK.value,
        "Aan het loket",
        "Met cash of kaart. De betaling registreer je daarna.",
    ),
    (
        PaymentMethod.TRANSFER.value,
        "Met een overschrijving",
        "De klant krijgt het rekeningnummer en de mededeling.",
    ),
]


@backoffice.get("/klanten/<int:customer_id>/inschrijven/mandje")
@allow(Access.ADMIN, Access.CASHIER)
def staff_basket(customer_id: int) -> Response:
    """What this clerk put in for this customer."""
    customer_or_404(customer_id)
    if not get_modules().uitpas:
        follow_events(customer_id, made_by_id=staff_id())
    return _page(customer_id)


@backoffice.post("/klanten/<int:customer_id>/inschrijven/mandje/<int:line_id>/weghalen")
@allow(Access.ADMIN, Access.CASHIER)
def remove_from_staff_basket(customer_id: int, line_id: int) -> Response:
    """Let one line go; a second press finds it gone already."""
    customer_or_404(customer_id)
    if remove_line(customer_id, line_id, made_by_id=staff_id()):
        flash("De inschrijving is uit het mandje gehaald.", "toast")
    return _to_basket(customer_id)


@backoffice.post("/klanten/<int:customer_id>/inschrijven/mandje/langer")
@allow(Access.ADMIN, Access.CASHIER)
def extend_staff_basket(customer_id: int) -> Response:
    """Five minutes more, where there is less than one left."""
    customer_or_404(customer_id)
    if extend_hold(customer_id, made_by_id=staff_id()):
        flash("Je hebt 5 minuten extra.", "toast")
    else:
        flash("In de laatste minuut kan je 5 minuten extra vragen.", "info")
    return _to_basket(customer_id)


@backoffice.post("/klanten/<int:customer_id>/inschrijven/mandje/opnieuw")
@allow(Access.ADMIN, Access.CASHIER)
def hold_staff_basket_again(customer_id: int) -> Response:
    """After the time ran out: hold again what is still free, or what had a reason to go beyond."""
    customer_or_404(customer_id)
    if hold_again(customer_id, made_by_id=staff_id()):
        flash("Niet alles is nog vrij. Bij de lijnen hieronder staat wat er niet meer kan.", "warn")
    else:
        flash("De plaatsen liggen opnieuw vast.", "success")
    return _to_basket(customer_id)


@backoffice.post("/klanten/<int:customer_id>/inschrijven/afronden")
@allow(Access.ADMIN, Access.CASHIER)
def finish_for(customer_id: int) -> Response:
    """Afronden: the order is the customer's, and names who made it."""
    customer_or_404(customer_id)
    made_by_id, basket_id = staff_id(), _basket_id()
    if not get_modules().uitpas and follow_events(customer_id, made_by_id=made_by_id):
        flash("De prijs in het mandje is gewijzigd. Kijk ze na en rond dan af.", "warn")
        return _to_basket(customer_id)
    basket = open_basket(customer_id, made_by_id=made_by_id)
    if basket is not None and basket.id == basket_id and unsettled(basket):
        flash("Kies eerst nog een voordeel. Daarna kan je afronden.", "info")
        return redirect(flow_addresses(customer_id).benefits, code=303)
    method = request.form.get("betaalwijze", "")
    accepted = request.form.get("voorwaarden") == "ja"
    result = finish_basket(
        basket_id,
        customer_id,
        METHODS.get(method),
        terms_accepted=accepted,
        made_by_id=made_by_id,
    )
    if result.outcome is FinishOutcome.RETURNED:
        return _page(customer_id, result.problems, method=method, terms_accepted=accepted)
    _tell(customer_id, result)
    return redirect(url_for("backoffice.order", number=result.order_number), code=303)


def _tell(customer_id: int, result: FinishResult) -> None:
    if result.outcome is not FinishOutcome.CONFIRMED:
        jobs.wake("reconcile")
        flash("UiTPAS antwoordde nog niet. We zoeken het vanzelf op, dat staat hieronder.", "info")
        return
    jobs.wake("mails")
    jobs.wake("availability")
    if customer_or_404(customer_id).email:
        flash("Gelukt, de inschrijving is bevestigd. De klant krijgt ook een mail.", "success")
    else:
        flash(
            "Gelukt, de inschrijving is bevestigd. De klant heeft geen e-mailadres, "
            "dus er gaat geen mail.",
            "success",
        )


def _page(
    customer_id: int,
    problems: Sequence[SaleProblem] = (),
    *,
    method: str = "",
    terms_accepted: bool = False,
) -> Response:
    customer = customer_or_404(customer_id)
    at = flow_addresses(customer_id)
    found = open_basket(customer_id, made_by_id=staff_id())
    if found is None or not found.lines:
        return page(
            "backoffice/register_basket_empty.html",
            errors=[("", problem.sentence) for problem in problems],
            customer=customer,
            at=at,
        )
    return basket_page(
        found,
        at,
        template="backoffice/register_basket.html",
        problems=problems,
        method=method,
        methods=METHOD_WORDS,
        terms_accepted=terms_accepted,
        customer=customer,
    )


def _to_basket(customer_id: int) -> Response:
    return redirect(flow_addresses(customer_id).basket, code=303)


def _basket_id() -> int:
    text = request.form.get("mandje", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
