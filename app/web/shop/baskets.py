"""Shop: the basket, its lines, and the time that its places are held (C3, R4)."""

from flask import abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.sales.basket import extend_hold, hold_again, open_basket, remove_line
from app.sales.benefit_choice import follow_events
from app.sales.unused_tariff import tell_unused_tariffs, use_uitpas_after_all
from app.settings.uit import get_modules
from app.web.access import Access, allow, needs
from app.web.customers import own_customer_id
from app.web.shop import shop
from app.web.shop.flow import shop_basket_page


@shop.get("/mandje")
@allow(Access.ANYONE)
def basket() -> Response:
    """What is in the basket; a stranger's is empty."""
    if current_user.customer is None:
        return shop_basket_page(None)
    if not get_modules().uitpas:
        follow_events(own_customer_id())
    could_use = tell_unused_tariffs(own_customer_id())
    return shop_basket_page(open_basket(own_customer_id()), could_use=could_use)


@shop.post("/mandje/toch-uitpas")
@allow(Access.CUSTOMER)
@needs("uitpas")
def use_uitpas() -> Response:
    """Who said 'nee' uses the UiTPAS after all, and chooses; what is in the basket stays."""
    use_uitpas_after_all(own_customer_id())
    return redirect(url_for("shop.benefits"), code=303)


@shop.post("/mandje/<int:line_id>/weghalen")
@allow(Access.CUSTOMER)
def remove_from_basket(line_id: int) -> Response:
    """Let one line go; a second press finds it gone already."""
    if remove_line(own_customer_id(), line_id):
        flash("De inschrijving is uit je mandje gehaald.", "toast")
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
