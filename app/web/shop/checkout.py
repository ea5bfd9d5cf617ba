"""Shop: finishing a basket; every second press, tab or 'back' lands on the same order (R5)."""

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app import jobs
from app.payments.models import PaymentMethod
from app.sales.basket import open_basket
from app.sales.benefit_choice import follow_events, unsettled
from app.sales.checkout import FinishOutcome
from app.sales.checkout import finish as finish_basket
from app.sales.orders import latest_order_number
from app.settings.uit import get_modules
from app.web.access import Access, allow
from app.web.customers import own_customer_id
from app.web.shop import shop
from app.web.shop.flow import shop_basket_page

METHODS = {method.value: method for method in (PaymentMethod.DESK, PaymentMethod.TRANSFER)}


@shop.get("/afrekenen")
@allow(Access.ANYONE)
def finishing() -> Response:
    """Nothing stands at this address itself: to the basket, or to the order that came of it."""
    if current_user.customer is None:
        return redirect(url_for("shop.basket"))
    basket = open_basket(own_customer_id())
    number = latest_order_number(own_customer_id())
    if (basket is None or not basket.lines) and number is not None:
        return redirect(url_for("shop.order", number=number))
    return redirect(url_for("shop.basket"))


@shop.post("/afrekenen")
@allow(Access.CUSTOMER)
def finish() -> Response:
    """Afronden: the order is written, UiTPAS is told, and only then one may pay."""
    customer_id = own_customer_id()
    basket_id = _basket_id()
    if not get_modules().uitpas and follow_events(customer_id):
        flash("De prijs in je mandje is gewijzigd. Kijk ze na en rond dan af.", "warn")
        return redirect(url_for("shop.basket"), code=303)
    basket = open_basket(customer_id)
    if basket is not None and basket.id == basket_id and unsettled(basket):
        flash("Kies eerst nog een voordeel. Daarna kan je afronden.", "info")
        return redirect(url_for("shop.benefits"), code=303)
    method = METHODS.get(request.form.get("betaalwijze", ""))
    accepted = request.form.get("voorwaarden") == "ja"
    result = finish_basket(basket_id, customer_id, method, terms_accepted=accepted)
    if result.outcome is FinishOutcome.RETURNED:
        return shop_basket_page(
            open_basket(customer_id),
            problems=result.problems,
            method=request.form.get("betaalwijze", ""),
            terms_accepted=accepted,
        )
    if result.outcome is FinishOutcome.CONFIRMED:
        jobs.wake("mails")
        jobs.wake("availability")
        flash("Gelukt, de inschrijving is bevestigd. Je krijgt ook een mail.", "success")
    else:
        jobs.wake("reconcile")
    return redirect(url_for("shop.order", number=result.order_number), code=303)


def _basket_id() -> int:
    text = request.form.get("mandje", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0
