"""One entry of the UiTPAS-grootboek as staff read it."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from app.extensions import db
from app.settings.models import Environment
from app.uitpas.attention import open_finding
from app.uitpas.models import EntryState, LedgerFinding, UitpasEntry

UNDER_WAY = (EntryState.UNKNOWN, EntryState.REGISTERING, EntryState.CANCELLING)


def ledger_entry(entry_id: int) -> UitpasEntry | None:
    """One entry with its history."""
    return db.session.scalar(
        select(UitpasEntry)
        .where(UitpasEntry.id == entry_id)
        .options(selectinload(UitpasEntry.history))
    )


def findings_of(entry_ids: Iterable[int]) -> dict[int, list[LedgerFinding]]:
    """What the audit found about these entries and is not gone yet, by entry id."""
    found: dict[int, list[LedgerFinding]] = {}
    for finding in db.session.scalars(
        select(LedgerFinding)
        .where(LedgerFinding.entry_id.in_(list(entry_ids)), LedgerFinding.resolved_at.is_(None))
        .order_by(LedgerFinding.found_at, LedgerFinding.id)
    ):
        found.setdefault(finding.entry_id or 0, []).append(finding)
    return found


def findings_without_entry(limit: int = 20) -> Sequence[LedgerFinding]:
    """Sales at UiTPAS with a reference like ours that no entry has, the oldest finding first."""
    return db.session.scalars(
        select(LedgerFinding)
        .where(LedgerFinding.entry_id.is_(None), open_finding())
        .order_by(LedgerFinding.found_at)
        .limit(limit)
    ).all()


def live_sales_by_environment() -> dict[Environment, int]:
    """How many sales stand at UiTPAS, or may stand there, in each environment; one query."""
    rows = db.session.execute(
        select(UitpasEntry.environment, func.count())
        .where(UitpasEntry.state.in_((EntryState.REGISTERED, *UNDER_WAY)))
        .group_by(UitpasEntry.environment)
    )
    return dict.fromkeys(Environment, 0) | dict(rows.tuples().all())
