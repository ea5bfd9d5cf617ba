"""Shop: everything that is kept of the customer who signed in, to read and to take along."""

from flask import abort
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import PasswordField

from app.people.passwords import password_fits
from app.sales.personal_data import personal_data, take_along
from app.web import throttling
from app.web.access import Access, allow
from app.web.customers import own_customer_id
from app.web.forms import Form, Required
from app.web.pages import page
from app.web.personal_data import as_file, readable
from app.web.shop import shop


class OwnDataForm(Form):
    """The password once more: the file holds register numbers."""

    password = PasswordField("Wachtwoord", [Required("Vul je wachtwoord in.")])


@shop.route("/mijn/gegevens/inzage", methods=["GET", "POST"])
@allow(Access.CUSTOMER)
def own_data() -> Response:
    """The page shows all but whole register numbers; the file holds them too."""
    form, account = OwnDataForm(), current_user.account
    status = None
    if form.validate_on_submit():
        if not throttling.may_try_to_sign_in(account.email):
            form.password.errors = ["Dit lukte te vaak niet. Probeer het over een kwartier."]
            status = 429
        elif not password_fits(account.password_hash, form.password.data or ""):
            throttling.sign_in_failed(account.email)
            form.password.errors = ["Dit wachtwoord klopt niet. Probeer het opnieuw."]
        else:
            throttling.sign_in_succeeded(account.email)
            return as_file(take_along(own_customer_id()) or abort(404))
    return page(
        "shop/own_data.html",
        forms=[form],
        status=status,
        form=form,
        data=readable(personal_data(own_customer_id())),
    )
