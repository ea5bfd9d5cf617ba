"""Back office, Bestellingen: finding orders, registering a payment, cancelling a line."""

from flask import abort, flash, redirect, url_for
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from app import jobs
from app.extensions import write_transaction
from app.payments.requests import mark_refund_paid
from app.sales.cancelling import (
    cancel_line,
    cancel_order,
    cancellation_preview,
    find_line,
    order_preview,
)
from app.sales.changes import replaced_lines
from app.sales.models import Order, OrderState
from app.sales.notices import tell_confirmed
from app.sales.orders import OrderFilter, find_order, refunds_to_pay, search_orders
from app.sales.problems import CancelRefused
from app.sales.waiting import decisions_of_order
from app.settings.audit import record
from app.settings.uit import get_modules
from app.uitpas.ledger import entries_of_lines
from app.web import words
from app.web.access import Access, allow
from app.web.arguments import (
    choice_argument,
    date_argument,
    number_argument,
    page_argument,
    text_argument,
)
from app.web.backoffice import backoffice
from app.web.forms import Form, Required
from app.web.pages import page
from app.web.payment_form import PaymentForm, prefill, register_from


class CancelForm(Form):
    """Why a line is cancelled."""

    reason = TextAreaField(
        "Reden",
        [
            Required("Geef een reden op: ze staat in het logboek."),
            Length(max=500, message="Hou het onder 500 tekens."),
        ],
    )


@backoffice.get("/bestellingen")
@allow(Access.ADMIN, Access.CASHIER)
def orders() -> Response:
    """The overview (C12)."""
    wanted = OrderFilter(
        text=text_argument("zoeken"),
        state=choice_argument("status", OrderState),
        customer_id=number_argument("klant"),
        since=date_argument("van"),
        until=date_argument("tot"),
    )
    return page(
        "backoffice/orders.html",
        found=search_orders(wanted, page_argument()),
        wanted=wanted,
        words=words,
        state_options=_state_options(),
    )


def _state_options() -> list[tuple[str, str]]:
    """Waiting for UiTPAS is no state to look for while that module is off."""
    gone = () if get_modules().uitpas else (OrderState.OPEN,)
    return [(state.value, text) for state, text in words.ORDER_STATES.items() if state not in gone]


@backoffice.get("/bestellingen/<number>")
@allow(Access.ADMIN, Access.CASHIER)
def order(number: str) -> Response:
    """One order: its lines with benefit and UiTPAS-ticket-id, its payments."""
    return _order_page(_order_or_404(number), PaymentForm(formdata=None))


@backoffice.post("/bestellingen/<number>/betaling")
@allow(Access.ADMIN, Access.CASHIER)
def add_payment(number: str) -> Response:
    """Register money that arrived."""
    shown = _order_or_404(number)
    form = PaymentForm()
    if shown.payment_request_id is None:
        abort(404)
    if form.validate_on_submit() and register_from(form, shown.payment_request_id):
        flash("De betaling is geregistreerd.", "success")
        return redirect(url_for("backoffice.order", number=number), 303)
    return _order_page(_order_or_404(number), form)


@backoffice.post("/bestellingen/<number>/opnieuw-versturen")
@allow(Access.ADMIN, Access.CASHIER)
def resend_order(number: str) -> Response:
    """Send the confirmation once more."""
    shown = _order_or_404(number)
    if not shown.contact_email:
        flash("Deze bestelling heeft geen e-mailadres.", "warn")
    elif shown.state is not OrderState.CONFIRMED:
        flash("Alleen een bevestigde bestelling kan opnieuw verstuurd worden.", "warn")
    else:
        with write_transaction():
            tell_confirmed(_order_or_404(number))
            record("bevestiging opnieuw verstuurd", subject_kind="bestelling", subject_label=number)
        jobs.wake("mails")
        flash(f"De bevestiging gaat opnieuw naar {shown.contact_email}.", "success")
    return redirect(url_for("backoffice.order", number=number), 303)


@backoffice.route("/inschrijvingen/<line_ref>/annuleren", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def cancel_registration(line_ref: str) -> Response:
    """What cancelling does, and doing it with a reason (R7)."""
    line = find_line(line_ref)
    if line is None:
        abort(404)
    form = CancelForm()
    preview = cancellation_preview(line, by_staff=True)
    errors = []
    if form.validate_on_submit():
        try:
            done = cancel_line(
                line_ref, form.reason.data, account_id=current_user.account.id, by_staff=True
            )
        except CancelRefused as refused:
            errors = [(problem.field, problem.sentence) for problem in refused.problems]
        else:
            jobs.wake("mails")
            jobs.wake("availability")
            flash(_what_was_done(done.undone), "success")
            return redirect(url_for("backoffice.order", number=done.order_number), 303)
    return page(
        "backoffice/cancel_registration.html",
        forms=[form],
        errors=errors,
        form=form,
        line=line,
        preview=preview,
        words=words,
    )


@backoffice.route("/bestellingen/<number>/annuleren", methods=["GET", "POST"])
@allow(Access.ADMIN, Access.CASHIER)
def cancel_whole_order(number: str) -> Response:
    """What cancelling everything that stands does, and doing it with a reason (R7)."""
    shown = _order_or_404(number)
    form = CancelForm()
    errors = []
    if form.validate_on_submit():
        try:
            done = cancel_order(
                number, form.reason.data, account_id=current_user.account.id, by_staff=True
            )
        except CancelRefused as refused:
            errors = [(problem.field, problem.sentence) for problem in refused.problems]
            shown = _order_or_404(number)
        else:
            jobs.wake("mails")
            jobs.wake("availability")
            flash(_what_was_done(done.undone, several=True), "success")
            return redirect(url_for("backoffice.order", number=number), 303)
    return page(
        "backoffice/cancel_order.html",
        forms=[form],
        errors=errors,
        form=form,
        order=shown,
        preview=order_preview(shown, by_staff=True),
        words=words,
    )


@backoffice.get("/terugbetalingen")
@allow(Access.ADMIN)
def refunds() -> Response:
    """What is still to go back to people."""
    return page("backoffice/refunds.html", refunds=refunds_to_pay())


@backoffice.post("/terugbetalingen/<int:refund_id>/betaald")
@allow(Access.ADMIN)
def mark_refund(refund_id: int) -> Response:
    """A person paid this back."""
    mark_refund_paid(refund_id, current_user.account.id)
    flash("De terugbetaling is afgevinkt.", "success")
    return redirect(url_for("backoffice.refunds"), 303)


def _what_was_done(undone: bool | None, *, several: bool = False) -> str:
    what = "De inschrijvingen zijn geannuleerd" if several else "De inschrijving is geannuleerd"
    if undone is None:
        return f"{what}."
    if undone:
        sales = "de verkopen bij UiTPAS zijn" if several else "de verkoop bij UiTPAS is"
        return f"{what}, en {sales} ongedaan gemaakt."
    return (
        f"{what}. UiTPAS antwoordt nu niet: wat daar geregistreerd is, wordt vanzelf ongedaan "
        "gemaakt zodra dat kan."
    )


def _order_or_404(number: str) -> Order:
    found = find_order(number)
    if found is None:
        abort(404)
    return found


def _order_page(shown: Order, form: PaymentForm) -> Response:
    prefill(form, shown)
    return page(
        "backoffice/order.html",
        forms=[form],
        form=form,
        order=shown,
        entries=entries_of_lines([line.line_ref for line in shown.lines]),
        replaced=replaced_lines([shown.id]),
        waiting=decisions_of_order(shown),
        words=words,
    )
