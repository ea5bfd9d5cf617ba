"""The audit trail: who did what to whom, and why (C11)."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from app.clock import from_local
from app.extensions import db
from app.publiq.redaction import redact_text
from app.settings.actor import current_actor
from app.settings.models import AuditEntry

ERASED = "(gewist)"
"""In the place of a name."""


def record(
    action: str,
    *,
    subject_kind: str = "",
    subject_id: str | int = "",
    subject_label: str = "",
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write down what is being done, in the write transaction in which it is done.

    ``action`` is what happened in Dutch ('inschrijving geannuleerd'); no secret, register number
    or whole UiTPAS number may stand in any of it. What somebody typed as the reason is redacted.
    """
    actor = current_actor()
    entry = AuditEntry(
        account_id=actor.account_id,
        account_name=actor.name,
        action=action[:100],
        subject_kind=subject_kind[:50],
        subject_id=str(subject_id)[:50],
        subject_label=subject_label[:300],
        reason=redact_text(reason),
        detail=detail,
    )
    db.session.add(entry)
    return entry


def find_entries(
    text: str = "", since: date | None = None, until: date | None = None, action: str = ""
) -> Select[tuple[AuditEntry]]:
    """The entries that fit, newest first; days are those of Brussels and count whole."""
    query = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    for word in text.split():
        query = query.where(
            or_(
                AuditEntry.account_name.icontains(word, autoescape=True),
                AuditEntry.action.icontains(word, autoescape=True),
                AuditEntry.subject_label.icontains(word, autoescape=True),
                AuditEntry.reason.icontains(word, autoescape=True),
            )
        )
    if since:
        query = query.where(AuditEntry.at >= from_local(since, time()))
    if until:
        query = query.where(AuditEntry.at < from_local(until + timedelta(days=1), time()))
    if action:
        query = query.where(AuditEntry.action == action)
    return query


def recorded_actions() -> list[str]:
    """Every kind of action that was ever written down, for the filter."""
    return list(
        db.session.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action))
    )


def last_entry(kind: str, subject_id: int, actions: Iterable[str]) -> AuditEntry | None:
    """What was last done of these actions to one thing; None where nothing was."""
    return db.session.scalar(
        select(AuditEntry)
        .where(
            AuditEntry.subject_kind == kind,
            AuditEntry.subject_id == str(subject_id),
            AuditEntry.action.in_(list(actions)),
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(1)
    )


def forget_subjects(session: Session, kind: str, ids: Iterable[int]) -> None:
    """Take the names and free words out of what was written about these; inside a transaction.

    That something was done, when and by whom stays.
    """
    session.execute(
        update(AuditEntry)
        .where(
            AuditEntry.subject_kind == kind, AuditEntry.subject_id.in_([str(one) for one in ids])
        )
        .values(subject_label=ERASED, reason="", detail=None)
        .execution_options(synchronize_session=False)
    )


def forget_actor(session: Session, account_id: int) -> None:
    """Take the name of an account out of what it did itself; inside a transaction."""
    session.execute(
        update(AuditEntry)
        .where(AuditEntry.account_id == account_id)
        .values(account_name=ERASED)
        .execution_options(synchronize_session=False)
    )


def entries_about(kind: str, ids: Iterable[int]) -> list[AuditEntry]:
    """What was done to these, oldest first."""
    wanted = [str(one) for one in ids]
    return list(
        db.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.subject_kind == kind, AuditEntry.subject_id.in_(wanted))
            .order_by(AuditEntry.id)
        )
    )
