"""Mails of somebody whose data are shown or erased."""

import re
from collections.abc import Iterable

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.extensions import db
from app.mail.models import MailMessage


def mails_to(recipients: Iterable[str]) -> list[MailMessage]:
    """Every mail to one of these addresses, oldest first."""
    return list(
        db.session.scalars(select(MailMessage).where(_is_to(recipients)).order_by(MailMessage.id))
    )


def forget_mails(session: Session, recipients: Iterable[str], naming: str = "") -> int:
    """Delete the mails to these addresses, or only those that name somebody; returns how many.

    A name counts as a whole word: 'An' is not in 'annuleren'. Inside the caller's transaction.
    """
    query = delete(MailMessage).where(_is_to(recipients))
    if naming:
        word = re.compile(rf"(?<!\w){re.escape(naming)}(?!\w)", re.IGNORECASE)
        query = delete(MailMessage).where(
            MailMessage.id.in_([m.id for m in mails_to(recipients) if word.search(_words(m))])
        )
    return session.execute(query.execution_options(synchronize_session=False)).rowcount


def _words(mail: MailMessage) -> str:
    attached = [str(one.get("content", "")) for one in mail.attachments]
    return "\n".join([mail.subject, mail.text, *attached])


def _is_to(recipients: Iterable[str]):  # noqa: ANN202 - an SQL condition
    return func.lower(MailMessage.recipient).in_(
        sorted({recipient.lower() for recipient in recipients if recipient})
    )
