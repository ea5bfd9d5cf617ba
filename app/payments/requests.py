"""Claims and the money that answers them; rows are added, never changed (C4)."""

import secrets
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.be import ogm_vcs

from app.clock import now
from app.extensions import _t, write_transaction
from app.payments.models import Payment, PaymentMeans, PaymentMethod, PaymentRequest, Refund
from app.settings.audit import record

ZERO = Decimal("0.00")
SAME_PRESS = timedelta(seconds=10)
"""The same amount by the same hand within this time is a second press, not a second payment."""


class PaymentRefused(Exception):
    """This payment cannot be registered; the text is the Dutch sentence for staff."""


def new_request(
    session: Session, amount: Decimal, method: PaymentMethod, due_at: datetime | None
) -> PaymentRequest:
    """A claim of ``amount`` euro with a structured communication of its own."""
    request = PaymentRequest(
        communication=_free_communication(session),
        amount=amount,
        method=method,
        due_at=due_at,
    )
    session.add(request)
    session.flush()
    return request


def lock_request(session: Session, request_id: int) -> PaymentRequest:
    """A claim read anew and locked, so that no payment arrives while its amount is decided on.

    Payments and refunds are read anew too when they are next looked at.
    """
    return session.scalars(
        select(PaymentRequest)
        .where(PaymentRequest.id == request_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def adjust_request(
    session: Session, request: PaymentRequest, amount: Decimal, reason: str
) -> Refund | None:
    """Bring a claim to ``amount`` euro; what was paid above it is to go back.

    The caller holds it by ``lock_request()``. Returns the refund that is now due, or None where
    nothing was paid too much.
    """
    request.amount = amount
    too_much = request.paid - amount
    if too_much <= ZERO:
        return None
    refund = Refund(request_id=request.id, amount=too_much, reason=reason)
    session.add(refund)
    session.flush()
    session.refresh(request, ["refunds"])
    return refund


def register_payment(
    request_id: int, amount: Decimal, means: PaymentMeans, account_id: int | None, note: str = ""
) -> Payment:
    """Money that arrived, in euro; not more than is open, so that a double press is refused.

    Raises PaymentRefused with the sentence for the field 'amount'.
    """
    with write_transaction() as session:
        request = lock_request(session, request_id)
        if amount <= ZERO:
            raise PaymentRefused(_t("Vul het bedrag in dat je ontving, groter dan nul."))
        if amount > request.open_amount:
            raise PaymentRefused(
                _t(
                    "Er staat minder open dan dit bedrag. "
                    "Kijk na of de betaling al geregistreerd is."
                )
            )
        if any(_is_same_press(known, amount, means, account_id) for known in request.payments):
            raise PaymentRefused(
                _t(
                    "Deze betaling is net geregistreerd. Wacht even als er echt nog eens hetzelfde "
                    "bedrag bij komt."
                )
            )
        payment = Payment(
            request_id=request.id, amount=amount, means=means, account_id=account_id, note=note
        )
        session.add(payment)
        record(
            "betaling geregistreerd",
            subject_kind="betaalverzoek",
            subject_id=str(request.id),
            subject_label=request.communication,
            detail={"bedrag": str(amount), "middel": means.value},
        )
    return payment


def mark_refund_paid(refund_id: int, account_id: int | None) -> None:
    """A person paid this back; a second press changes nothing."""
    with write_transaction() as session:
        refund = session.execute(
            select(Refund)
            .where(Refund.id == refund_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).scalar_one_or_none()
        if refund is None or refund.paid_at is not None:
            return
        refund.paid_at = now()
        refund.paid_by_id = account_id
        record(
            "terugbetaling uitgevoerd",
            subject_kind="terugbetaling",
            subject_id=str(refund.id),
            detail={"bedrag": str(refund.amount)},
        )


def _is_same_press(
    known: Payment, amount: Decimal, means: PaymentMeans, account_id: int | None
) -> bool:
    same = (known.amount, known.means, known.account_id) == (amount, means, account_id)
    return same and now() - known.at < SAME_PRESS


def _free_communication(session: Session) -> str:
    while True:
        base = f"{secrets.randbelow(10**10):010d}"
        digits = base + ogm_vcs.calc_check_digits(base)
        taken = select(PaymentRequest.id).where(PaymentRequest.communication == digits)
        if session.scalar(taken) is None:
            return digits
