"""Shop: the basket, its lines, and the time that its places are held (C3, R4)."""

from flask import abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.sales.basket import extend_hold, hold_again, open_basket, remove_line
from app.web.access import Access, allow
from app.web.basket_page import basket_page
from app.web.customers import own_customer_id
from app.web.shop import shop


@shop.get("/mandje")
@allow(Access.ANYONE)
def basket() -> Response:
    """What is in the basket; a stranger's is empty."""
    found = open_basket(own_customer_id()) if current_user.customer is not None else None
    return basket_page(found)


@shop.post("/mandje/<int:line_id>/weghalen")
@allow(Access.CUSTOMER)
def remove_from_basket(line_id: int) -> Response:
    """Let one line go; a second press finds it gone already."""
    if remove_line(own_customer_id(), line_id):
        flash("De lijn is uit je mandje gehaald.", "toast")
    return redirect(url_for("shop.basket"), code=303)


@shop.post("/mandje/langer")
@allow(Access.CUSTOMER)
def extend_basket() -> Response:
    """Five minutes more, where there is less than one left."""
    if extend_hold(own_customer_id()):
        flash("Je hebt 5 minuten extra.", "toast")
    else:
        flash("In de laatste minuut kan je 5 minuten extra vragen.", "info")
    return redirect(url_for("shop.basket"), code=303)


@shop.post("/mandje/opnieuw")
@allow(Access.CUSTOMER)
def hold_basket_again() -> Response:
    """After the time ran out: hold again what is still free."""
    if open_basket(own_customer_id()) is None:
        abort(404)
    if hold_again(own_customer_id()):
        flash("Niet alles is nog vrij. Bij de lijnen hieronder staat wat er niet meer kan.", "warn")
    else:
        flash("Je plaatsen liggen opnieuw vast.", "success")
    return redirect(url_for("shop.basket"), code=303)
