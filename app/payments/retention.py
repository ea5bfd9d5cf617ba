"""Erasing what somebody wrote at payments; amounts and moments stay."""

from collections.abc import Iterable

from sqlalchemy import update
from sqlalchemy.orm import Session

from app.payments.models import Payment, Refund


def forget_words(session: Session, request_ids: Iterable[int]) -> None:
    """Empty the notes and reasons at these claims; inside the caller's transaction."""
    ids = list(request_ids)
    for column in (Payment.note, Refund.reason):
        table = column.class_
        session.execute(
            update(table)
            .where(table.request_id.in_(ids))
            .values({column.key: ""})
            .execution_options(synchronize_session=False)
        )
