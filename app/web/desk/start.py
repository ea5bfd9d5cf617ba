"""Desk: find an order by name, number or communication, and take the money for it."""

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from app.sales.models import Order, OrderState
from app.sales.orders import OrderFilter, find_order, search_orders
from app.web import words
from app.web.access import Access, allow
from app.web.arguments import page_argument, text_argument
from app.web.desk import desk
from app.web.pages import page
from app.web.payment_form import PaymentForm, prefill, register_from


@desk.get("/")
@allow(Access.ADMIN, Access.CASHIER)
def start() -> Response:
    """Who stands before the desk: their confirmed orders, and what is open."""
    text = text_argument("zoeken")
    found = (
        search_orders(OrderFilter(text=text, state=OrderState.CONFIRMED), page_argument())
        if text
        else None
    )
    return page("desk/start.html", text=text, found=found, words=words)


@desk.route("/bestellingen/<number>", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def order(number: str) -> Response:
    """One order, and the payment of what is open."""
    shown = _order_or_404(number)
    form = PaymentForm()
    request_id = shown.payment_request_id
    if request_id is not None and form.validate_on_submit() and register_from(form, request_id):
        flash(f"Betaald: bestelling {number} van {shown.contact_name}.", "success")
        return redirect(url_for("desk.order", number=number), 303)
    shown = _order_or_404(number)
    prefill(form, shown)
    return page("desk/order.html", forms=[form], form=form, order=shown, words=words)


def _order_or_404(number: str) -> Order:
    found = find_order(number)
    if found is None:
        abort(404)
    return found
