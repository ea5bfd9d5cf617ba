"""The UiTPAS-grootboek as staff read it: filtered, paged, with the history of an entry."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from app.clock import now
from app.extensions import Pagination, db
from app.uitpas.ledger import ATTENTION_AFTER
from app.uitpas.models import EntryState, UitpasEntry

PAGE_SIZE = 50
UNDER_WAY = (EntryState.UNKNOWN, EntryState.REGISTERING, EntryState.CANCELLING)


@dataclass(frozen=True)
class LedgerFilter:
    """Filters of the ledger."""

    text: str = ""
    state: EntryState | None = None
    attention: bool = False


def ledger_entries(wanted: LedgerFilter, page: int = 1) -> Pagination:
    """The entries of one page, the newest first."""
    query = select(UitpasEntry)
    if wanted.text:
        digits = "".join(c for c in wanted.text if c.isdigit())
        conditions = [
            UitpasEntry.line_ref == wanted.text.lower(),
            UitpasEntry.external_id == wanted.text,
            UitpasEntry.event_id == wanted.text,
        ]
        if digits:
            conditions.append(UitpasEntry.uitpas_number == digits)
        query = query.where(or_(*conditions))
    if wanted.state is not None:
        query = query.where(UitpasEntry.state == wanted.state)
    if wanted.attention:
        query = query.where(*_attention())
    return db.paginate(
        query.order_by(UitpasEntry.id.desc()), page=page, per_page=PAGE_SIZE, error_out=False
    )


def ledger_entry(entry_id: int) -> UitpasEntry | None:
    """One entry with its history."""
    return db.session.scalar(
        select(UitpasEntry)
        .where(UitpasEntry.id == entry_id)
        .options(selectinload(UitpasEntry.history))
    )


def attention_count() -> int:
    """How many entries wait for UiTPAS longer than five minutes."""
    return db.session.scalar(select(func.count(UitpasEntry.id)).where(*_attention())) or 0


def _attention() -> tuple:
    since = func.coalesce(UitpasEntry.sent_at, UitpasEntry.created_at)
    return UitpasEntry.state.in_(UNDER_WAY), since < now() - ATTENTION_AFTER
