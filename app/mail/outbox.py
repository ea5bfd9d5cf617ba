"""Putting a mail in the outbox, and finding what is in it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Select, func, or_, select, update

from app.clock import now
from app.extensions import db, write_transaction
from app.mail.models import MailMessage

SECRET_KINDS = frozenset({"password_reset", "invitation"})
"""Kinds whose link lets whoever holds it into somebody's account."""


@dataclass(frozen=True)
class Attachment:
    """A text file that goes with a mail, as an .ics."""

    name: str
    media_type: str
    content: str


class MailState(Enum):
    """How a mail stands."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


def put_mail(
    kind: str, recipient: str, subject: str, text: str, attachments: Iterable[Attachment] = ()
) -> MailMessage | None:
    """Add a mail to the outbox, in the write transaction of what it tells about.

    Nothing happens without a recipient: not every customer has an address. Returns the mail, or
    None. Wake the job 'mails' after the commit.
    """
    if not recipient:
        return None
    message = MailMessage(
        kind=kind,
        recipient=recipient,
        subject=" ".join(subject.split())[:300],
        text=text,
        attachments=[
            {"name": a.name, "media_type": a.media_type, "content": a.content} for a in attachments
        ],
        next_try_at=now(),
    )
    db.session.add(message)
    return message


def state_of(message: MailMessage) -> MailState:
    """Sent, still to be sent, or given up."""
    if message.sent_at is not None:
        return MailState.SENT
    return MailState.FAILED if message.next_try_at is None else MailState.WAITING


def find_mails(
    text: str = "", state: MailState | None = None, kind: str = ""
) -> Select[tuple[MailMessage]]:
    """The mails that fit, newest first."""
    query = select(MailMessage).order_by(MailMessage.id.desc())
    for word in text.split():
        query = query.where(
            or_(
                MailMessage.recipient.icontains(word, autoescape=True),
                MailMessage.subject.icontains(word, autoescape=True),
            )
        )
    if state is MailState.SENT:
        query = query.where(MailMessage.sent_at.is_not(None))
    elif state is MailState.WAITING:
        query = query.where(MailMessage.sent_at.is_(None), MailMessage.next_try_at.is_not(None))
    elif state is MailState.FAILED:
        query = query.where(MailMessage.sent_at.is_(None), MailMessage.next_try_at.is_(None))
    return query.where(MailMessage.kind == kind) if kind else query


def get_mail(mail_id: int) -> MailMessage | None:
    """One mail."""
    return db.session.get(MailMessage, mail_id)


def count_failed_mails() -> int:
    """How many mails were given up."""
    return (
        db.session.scalar(
            select(func.count(MailMessage.id)).where(
                MailMessage.sent_at.is_(None), MailMessage.next_try_at.is_(None)
            )
        )
        or 0
    )


def send_again(mail_id: int) -> bool:
    """Make a mail due again, whether it was sent or given up; False when there is none."""
    with write_transaction() as session:
        changed = session.execute(
            update(MailMessage)
            .where(MailMessage.id == mail_id)
            .values(sent_at=None, next_try_at=now(), attempts=0, last_error="")
        )
        return changed.rowcount == 1
