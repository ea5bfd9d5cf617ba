"""Forgetting pass numbers in the ledger; what was sold, at what price, stays."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.extensions import db
from app.uitpas.models import EntryState, LedgerFinding, UitpasEntry, UitpasEntryEvent

FORGOTTEN = ""
"""In the place of a number."""
UNDER_WAY = frozenset(
    {
        EntryState.PLANNED,
        EntryState.REGISTERING,
        EntryState.UNKNOWN,
        EntryState.CANCELLING,
    }
)
"""States in which something is still to be done at UiTPAS."""


def entries_under_way(condition: Any) -> int:
    """How many entries that fit are not at rest; the condition is on UitpasEntry."""
    return len(
        db.session.scalars(
            select(UitpasEntry.id).where(condition, UitpasEntry.state.in_(UNDER_WAY))
        ).all()
    )


def forget_numbers(session: Session, line_refs: Iterable[str]) -> int:
    """Take the pass numbers out of the entries of these lines that are at rest; returns how many.

    Inside the caller's transaction. The UiTPAS-ticket-id stays: by it a sale is found at publiq.
    """
    return session.execute(
        update(UitpasEntry)
        .where(
            UitpasEntry.line_ref.in_(list(line_refs)),
            UitpasEntry.state.not_in(UNDER_WAY),
            UitpasEntry.uitpas_number != FORGOTTEN,
        )
        .values(uitpas_number=FORGOTTEN)
        .execution_options(synchronize_session=False)
    ).rowcount


def forget_words(session: Session, entry_ids: Iterable[int]) -> None:
    """Empty what staff wrote in the history of these entries and at differences with UiTPAS.

    Inside the caller's transaction. What went by itself names nobody, and stays.
    """
    ids = list(entry_ids)
    for statement in (
        update(UitpasEntryEvent)
        .where(UitpasEntryEvent.entry_id.in_(ids), UitpasEntryEvent.account_name != "")
        .values(note=""),
        update(LedgerFinding).where(LedgerFinding.entry_id.in_(ids)).values(reason=""),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
