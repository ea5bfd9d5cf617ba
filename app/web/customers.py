"""The customer behind the request; shared by the pages of the shop."""

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response


def own_customer_id() -> int:
    """The id of the signed-in customer, for a route that is for customers only."""
    return int(current_user.customer.id)


def customer_details_first() -> Response:
    """An account that is no customer yet first says where it lives, and then comes back."""
    flash("Vul eerst je gegevens aan, dan kan je inschrijven.", "info")
    onward = request.full_path.rstrip("?") if request.method == "GET" else "/mijn"
    return redirect(url_for("shop.my_details", verder=onward))
