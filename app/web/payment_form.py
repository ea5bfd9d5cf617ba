"""The form with which staff register money that arrived, for back office and desk."""

from flask_login import current_user
from wtforms import SelectField, StringField
from wtforms.validators import Length

from app.payments.models import PaymentMeans
from app.payments.requests import ZERO, PaymentRefused, register_payment
from app.sales.models import Order
from app.web import words
from app.web.forms import Form, MoneyField, Required

MEANS = (PaymentMeans.CASH, PaymentMeans.TERMINAL, PaymentMeans.TRANSFER)


class PaymentForm(Form):
    """Money that arrived, in euro."""

    amount = MoneyField("Bedrag", [Required("Vul het bedrag in dat je ontving.")])
    means = SelectField("Hoe betaald", choices=[(m.value, words.PAYMENT_MEANS[m]) for m in MEANS])
    note = StringField("Opmerking", [Length(max=200, message="Hou het onder 200 tekens.")])


def prefill(form: PaymentForm, order: Order) -> None:
    """Propose what is open, where nothing was typed yet."""
    untouched = form.amount.data is None and form.amount.raw_text is None
    if untouched and order.payment_request is not None:
        form.amount.data = max(order.payment_request.open_amount, ZERO)


def register_from(form: PaymentForm, payment_request_id: int) -> bool:
    """Register what the form says; when refused, the sentence stands at the amount."""
    try:
        register_payment(
            payment_request_id,
            form.amount.data,
            PaymentMeans(form.means.data),
            current_user.account.id,
            form.note.data or "",
        )
    except PaymentRefused as refused:
        form.amount.errors = [*form.amount.errors, str(refused)]
        return False
    return True
