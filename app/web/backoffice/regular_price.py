"""Back office, Gewone prijs: for a registration that lost its benefit at UiTPAS (R7)."""

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from app import jobs
from app.sales.cancelling import find_line
from app.sales.problems import ChangeRefused
from app.sales.regular_price import (
    charge_regular_price,
    lost_its_benefit,
    regular_price_preview,
    regular_price_problems,
)
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.forms import Form, Required
from app.web.money_words import follows_in_words
from app.web.pages import page


class AgreedForm(Form):
    """Who agreed to pay the regular price."""

    reason = TextAreaField(
        "Wie ging akkoord, en wanneer?",
        [
            Required("Schrijf op wie akkoord ging, en wanneer: dat staat in het logboek."),
            Length(max=500, message="Hou het onder 500 tekens."),
        ],
    )


@backoffice.route("/inschrijvingen/<line_ref>/gewone-prijs", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def regular_price(line_ref: str) -> Response:
    """What charging it does, and doing it once the family agreed."""
    line = find_line(line_ref)
    if line is None:
        abort(404)
    form = AgreedForm()
    errors = []
    if form.validate_on_submit():
        try:
            done = charge_regular_price(line_ref, form.reason.data)
        except ChangeRefused as refused:
            errors = [(problem.field, problem.sentence) for problem in refused.problems]
            line = find_line(line_ref) or line
        else:
            jobs.wake("mails")
            flash("De gewone prijs is aangerekend.", "success")
            return redirect(url_for("backoffice.registration", line_ref=done.line_ref), 303)
    return page(
        "backoffice/regular_price.html",
        forms=[form],
        errors=errors,
        form=form,
        line=line,
        problems=regular_price_problems(line),
        is_needed=lost_its_benefit(line),
        money_follows=follows_in_words(regular_price_preview(line)),
    )
