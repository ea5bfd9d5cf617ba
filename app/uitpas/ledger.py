"""The ledger's rules: which state follows which, and one history for every entry."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from uuid import uuid4

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import db
from app.publiq.redaction import redact_text
from app.settings.models import Environment
from app.uitpas.models import BenefitKind, EntryState, PassClaim, UitpasEntry, UitpasEntryEvent


class LedgerEvent(Enum):
    """What can happen to an entry."""

    SEND = "send"
    BOOK = "book"
    REFUSE = "refuse"
    LOSE = "lose"
    DROP = "drop"
    UNDO = "undo"
    UNDONE = "undone"
    FOUND_LATE = "found late"
    STAYS = "stays"
    """publiq refused to undo it, and its line keeps it."""


STATES: dict[tuple[EntryState, LedgerEvent], EntryState] = {
    (EntryState.PLANNED, LedgerEvent.SEND): EntryState.REGISTERING,
    (EntryState.PLANNED, LedgerEvent.DROP): EntryState.DROPPED,
    (EntryState.REGISTERING, LedgerEvent.BOOK): EntryState.REGISTERED,
    (EntryState.REGISTERING, LedgerEvent.REFUSE): EntryState.REFUSED,
    (EntryState.REGISTERING, LedgerEvent.LOSE): EntryState.UNKNOWN,
    (EntryState.UNKNOWN, LedgerEvent.BOOK): EntryState.REGISTERED,
    (EntryState.UNKNOWN, LedgerEvent.REFUSE): EntryState.REFUSED,
    (EntryState.REGISTERED, LedgerEvent.UNDO): EntryState.CANCELLING,
    (EntryState.REFUSED, LedgerEvent.FOUND_LATE): EntryState.CANCELLING,
    (EntryState.DROPPED, LedgerEvent.FOUND_LATE): EntryState.CANCELLING,
    (EntryState.CANCELLED, LedgerEvent.FOUND_LATE): EntryState.CANCELLING,
    (EntryState.CANCELLING, LedgerEvent.UNDONE): EntryState.CANCELLED,
    (EntryState.CANCELLING, LedgerEvent.STAYS): EntryState.REGISTERED,
}

LEASE = timedelta(seconds=60)


class ImpossibleStep(RuntimeError):
    """The ledger was asked for a step that its table does not hold."""


class PassAlreadyClaimed(Exception):
    """Another order is being finished with the same pass for the same event."""


@dataclass(frozen=True)
class Wish:
    """A benefit that a line wishes at UiTPAS; prices in euro."""

    line_ref: str
    kind: BenefitKind
    environment: Environment
    event_id: str
    uitpas_number: str
    tariff_id: str
    tariff_name: str
    regular_price: Decimal
    regular_price_label: str
    wished_price: Decimal


def plan(session: Session, order_id: int, wishes: Iterable[Wish]) -> None:
    """Write what an order wishes, before anything is asked; in the order's own transaction."""
    for wish in wishes:
        entry = UitpasEntry(order_id=order_id, **vars(wish))
        entry.history.append(UitpasEntryEvent(state=EntryState.PLANNED))
        session.add(entry)


def move(
    session: Session, entry: UitpasEntry, event: LedgerEvent, note: str = "", by: str = ""
) -> None:
    """Take one step of the table, and remember it; ``by`` names the member of staff who did it.

    Raises ImpossibleStep when the table holds no such step.
    """
    target = STATES.get((entry.state, event))
    if target is None:
        raise ImpossibleStep(f"{event.value} in state {entry.state.value}")
    entry.state = target
    entry.lease_until = None
    entry.attempts = 0
    entry.next_try_at = entry.changed_at = now()
    _remember(session, entry, note, by)


def note(session: Session, entry: UitpasEntry, text: str, by: str = "") -> None:
    """Remember something about an entry whose state stays."""
    _remember(session, entry, text, by)


def _remember(session: Session, entry: UitpasEntry, text: str, by: str) -> None:
    session.add(
        UitpasEntryEvent(
            entry_id=entry.id, state=entry.state, note=redact_text(text), account_name=by
        )
    )


def entries_of_order(order_id: int, *, lock: bool = False) -> Sequence[UitpasEntry]:
    """The entries of an order, oldest first; locked for a writer where the database can."""
    query = select(UitpasEntry).where(UitpasEntry.order_id == order_id).order_by(UitpasEntry.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return db.session.scalars(query).all()


def locked_entry(session: Session, entry_id: int) -> UitpasEntry:
    """One entry, read anew and locked until the end of the caller's transaction."""
    return session.get_one(UitpasEntry, entry_id, with_for_update=True, populate_existing=True)


def entries_of_lines(line_refs: Iterable[str]) -> dict[str, UitpasEntry]:
    """The entries by line_ref, in one query."""
    found = db.session.scalars(select(UitpasEntry).where(UitpasEntry.line_ref.in_(list(line_refs))))
    return {entry.line_ref: entry for entry in found}


def lease(session: Session, entry_id: int, state: EntryState) -> bool:
    """Claim an entry for a call, unless its state changed or somebody else is at it."""
    moment = now()
    claimed = session.execute(
        update(UitpasEntry)
        .where(
            UitpasEntry.id == entry_id,
            UitpasEntry.state == state,
            or_(UitpasEntry.lease_until.is_(None), UitpasEntry.lease_until < moment),
        )
        .values(lease_until=moment + LEASE, lease_holder=uuid4().hex)
        .execution_options(synchronize_session=False)
    )
    return claimed.rowcount == 1


def claim_passes(
    session: Session, order_id: int, passes: Iterable[tuple[Environment, str, str]]
) -> None:
    """Keep a second order off the same pass and event (environment, number, event id).

    Raises PassAlreadyClaimed when another order got it between a look and this moment.
    """
    # in one order for everybody, so that two orders never wait for each other's pass
    for environment, number, event_id in sorted(set(passes), key=lambda key: key[1:]):
        session.add(
            PassClaim(
                environment=environment,
                uitpas_number=number,
                event_id=event_id,
                order_id=order_id,
            )
        )
    try:
        session.flush()
    except IntegrityError:
        raise PassAlreadyClaimed from None


def claimed_by_others(
    passes: Iterable[tuple[Environment, str, str]],
) -> set[tuple[Environment, str, str]]:
    """Which of these passes another order is using right now."""
    wanted = set(passes)
    numbers = {number for _environment, number, _event in wanted}
    rows = db.session.execute(
        select(PassClaim.environment, PassClaim.uitpas_number, PassClaim.event_id).where(
            PassClaim.uitpas_number.in_(numbers)
        )
    )
    return wanted & {tuple(row) for row in rows}


def release_claims(session: Session, order_id: int) -> None:
    """The order has ended or is confirmed: its passes are free again."""
    session.execute(delete(PassClaim).where(PassClaim.order_id == order_id))
