"""Sending what is due in the outbox: by SMTP, or into a folder of .eml files."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from sqlalchemy import select, update

from app.clock import now
from app.extensions import _t, db, end_read, in_transaction, write_transaction
from app.mail.carriers import CarrierRefused, open_carrier
from app.mail.composing import compose
from app.mail.models import MailMessage

log = logging.getLogger(__name__)
BATCH = 50
PAUSES = tuple(
    timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 4 * 60, 12 * 60, 24 * 60, 48 * 60)
)
"""After each attempt, until the next; after the last the mail is given up.

The first is also how long a mail stays claimed, so it is longer than a sending can take.
"""


def send_due_mails() -> int:
    """Send every mail that is due, each by one process; returns how many went out.

    A mail is claimed and committed, then sent outside any transaction, then its outcome is
    written. A process that dies in between leaves it to the next run.
    """
    sent = 0
    end_read()
    for mail_id, due_at in _due():
        attempt = _claim(mail_id, due_at)
        if attempt is None:
            continue
        error, final = _send(mail_id)
        _write_outcome(mail_id, attempt, error, final)
        sent += not error
    return sent


def _due() -> list[tuple[int, datetime]]:
    rows = db.session.execute(
        select(MailMessage.id, MailMessage.next_try_at)
        .where(MailMessage.sent_at.is_(None), MailMessage.next_try_at <= now())
        .order_by(MailMessage.next_try_at, MailMessage.id)
        .limit(BATCH)
    ).all()
    end_read()
    return [(row.id, row.next_try_at) for row in rows]


def _claim(mail_id: int, due_at: datetime) -> int | None:
    """The number of this attempt, from 1; None when another process has the mail."""
    with write_transaction() as session:
        claimed = session.execute(
            update(MailMessage)
            .where(
                MailMessage.id == mail_id,
                MailMessage.sent_at.is_(None),
                MailMessage.next_try_at == due_at,
            )
            .values(attempts=MailMessage.attempts + 1, next_try_at=now() + PAUSES[0])
        )
        if claimed.rowcount != 1:
            return None
        return session.scalar(select(MailMessage.attempts).where(MailMessage.id == mail_id))


def _send(mail_id: int) -> tuple[str, bool]:
    """What went wrong in Dutch ('' when nothing did), and whether trying again is of no use."""
    message = db.session.get(MailMessage, mail_id, populate_existing=True)
    if message is None:
        return "", True
    letter = compose(message)
    end_read()
    if in_transaction():
        raise RuntimeError("a mail inside a database transaction: end_read() comes first")
    try:
        with open_carrier() as carrier:
            carrier.send(letter, name=f"{mail_id:06d}-{message.kind}")
    except CarrierRefused as error:
        return str(error), False
    except SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        answer = _answer(code, said)
        return _t("De mailserver weigert dit adres (%(answer)s).", answer=answer), code >= 500
    except SMTPResponseException as error:
        answer = _answer(error.smtp_code, error.smtp_error)
        return _t("De mailserver weigert de mail (%(answer)s).", answer=answer), False
    except (SMTPException, OSError) as error:
        kind = type(error).__name__
        return _t("De mailserver antwoordt niet (%(kind)s).", kind=kind), False
    return "", False


def _write_outcome(mail_id: int, attempt: int, error: str, final: bool) -> None:
    values: dict[str, object] = {"last_error": error}
    if not error:
        values |= {"sent_at": now(), "next_try_at": None}
    elif final or attempt >= len(PAUSES):
        values |= {"next_try_at": None}
        log.warning("mail %s is given up after %s attempts", mail_id, attempt)
    else:
        values |= {"next_try_at": now() + PAUSES[attempt - 1]}
    with write_transaction() as session:
        session.execute(update(MailMessage).where(MailMessage.id == mail_id).values(**values))


def _answer(code: int, said: bytes | str | Iterable[bytes]) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return f"{code} {' '.join(text.split())[:200]}"
