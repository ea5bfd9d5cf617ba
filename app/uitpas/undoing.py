"""Undoing ticket sales at UiTPAS (R7): waits in the ledger while UiTPAS is down or refuses."""

from datetime import datetime
from enum import Enum

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import _t, db, end_read, write_transaction
from app.publiq.errors import PubliqError, PubliqForbidden, PubliqRefused
from app.publiq.uitpas import TicketSale
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment
from app.uitdatabank.links import free_organizer
from app.uitpas.event_deletion import live_sales
from app.uitpas.ledger import LedgerEvent, lease, locked_entry, move
from app.uitpas.looking_up import SURELY_ARRIVED, sales_of_event
from app.uitpas.models import EntryState, FindingKind, LedgerFinding, UitpasEntry
from app.uitpas.retrying import try_later

UNDO_REFUSED = "undo-refused"
"""The problem of an entry that publiq will not undo until somebody changes something."""
UNDO_UNSURE = "undo-unsure"
"""That of one whose undo was refused, after an earlier one that may have been carried out."""


class Undoing(Enum):
    """What one try to undo a sale gave."""

    DONE = "done"
    LEFT = "left"
    """UiTPAS refused, or somebody else is at it."""
    SILENT = "silent"


class _Standing(Enum):
    """Whether a sale stands at UiTPAS, after publiq refused to undo it."""

    THERE = "there"
    GONE = "gone"
    UNTOLD = "untold"
    """publiq's list is not ours to read."""
    LATER = "later"
    """The list does not answer now, or an earlier undo may still be on its way."""


def undo_sale(entry_id: int) -> bool:
    """DELETE a ticket sale that is to be undone; a sale that is gone counts as undone.

    Returns whether it is undone now. Outside any transaction; the entry is leased, so that two
    processes do not both ask. A refusal is tried again seldom, and asks for a person. It proves
    that the sale stands, unless an earlier undo may have arrived: then publiq's list tells.
    """
    return _undo(entry_id) is Undoing.DONE


def _undo(entry_id: int) -> Undoing:
    with write_transaction() as session:
        if not lease(session, entry_id, EntryState.CANCELLING):
            return Undoing.LEFT
        entry = locked_entry(session, entry_id)
        entry.attempts += 1
        environment, external_id = entry.environment, entry.external_id
        event_id, earlier = entry.event_id, entry.undo_sent_at
        sent_at = entry.undo_sent_at = now()
        holder = entry.lease_holder
    try:
        client = publiq_client(environment, purpose="verkoop ongedaan maken")
        end_read()
        assert external_id is not None, "only a registered sale can be cancelling"
        client.uitpas.cancel_ticket_sale(external_id)
    except (PubliqError, NotConnected) as error:
        standing = None
        if isinstance(error, PubliqRefused):
            standing = _standing(environment, event_id, external_id or "", earlier)
        with write_transaction() as session:
            entry = locked_entry(session, entry_id)
            if entry.state is not EntryState.CANCELLING:  # somebody else undid it meanwhile
                return Undoing.DONE if entry.state is EntryState.CANCELLED else Undoing.LEFT
            if standing is _Standing.GONE:
                undone(session, entry, _t("staat niet meer in de lijst van UiTPAS"))
                return Undoing.DONE
            if entry.lease_holder != holder:  # our lease ran out: what the next one hears counts
                return Undoing.LEFT
            if getattr(error, "may_have_arrived", False):
                entry.undo_sent_at = sent_at  # also where a person spoke while it was on its way
            else:
                entry.undo_sent_at = None if standing is _Standing.THERE else earlier
            entry.problem = "" if standing is None else _PROBLEMS[standing]
            lasts = standing in (_Standing.THERE, _Standing.UNTOLD)
            try_later(session, entry, error, for_good=lasts)
        silent = isinstance(error, PubliqError) and (error.may_have_arrived or error.retry_safe)
        return Undoing.SILENT if silent else Undoing.LEFT
    with write_transaction() as session:
        entry = locked_entry(session, entry_id)
        if entry.state is EntryState.CANCELLING:
            undone(session, entry)
    return Undoing.DONE


_PROBLEMS = {
    _Standing.THERE: UNDO_REFUSED,
    _Standing.UNTOLD: UNDO_UNSURE,
    _Standing.LATER: UNDO_UNSURE,
}


def _standing(
    environment: Environment, event_id: str, external_id: str, earlier: datetime | None
) -> _Standing:
    """Where the sale stands after a refusal; ``earlier`` is when an undo was sent that was lost."""
    if earlier is None:
        return _Standing.THERE
    try:
        listed = sales_of_event(environment, event_id, "verkoop opzoeken")
    except PubliqForbidden:
        return _Standing.UNTOLD
    except (PubliqError, NotConnected):
        return _Standing.LATER
    if all(sale.id != external_id for sale in listed):
        return _Standing.GONE
    return _Standing.THERE if now() - earlier > SURELY_ARRIVED else _Standing.LATER


def undone(session: Session, entry: UitpasEntry, note: str = "", by: str = "") -> None:
    """The sale does not stand at UiTPAS any more, nor does the finding that it still did."""
    entry.problem = entry.message = ""
    entry.undo_sent_at = None
    move(session, entry, LedgerEvent.UNDONE, note, by)
    session.flush()
    if not live_sales(entry.environment, entry.event_id):
        free_organizer(session, entry.environment, entry.event_id)
    session.execute(
        update(LedgerFinding)
        .where(
            LedgerFinding.entry_id == entry.id,
            LedgerFinding.kind == FindingKind.STILL_THERE,
            LedgerFinding.resolved_at.is_(None),
        )
        .values(resolved_at=now())
        .execution_options(synchronize_session=False)
    )


def found_late(session: Session, entry: UitpasEntry, sale: TicketSale) -> None:
    """A sale of ours stands at UiTPAS that should not: it is to be undone."""
    entry.external_id = sale.id
    entry.price = sale.price
    entry.problem = entry.message = ""
    move(session, entry, LedgerEvent.FOUND_LATE, _t("staat toch bij UiTPAS"))


def undo_sales_of_order(order_id: int) -> bool:
    """Undo now whatever of this order is to be undone; returns whether nothing is left to do.

    Each is tried, whatever UiTPAS says of the others; but where it does not answer, nobody waits
    for it once more for each line: the reconciler does the rest.
    """
    ids = db.session.scalars(
        select(UitpasEntry.id).where(
            UitpasEntry.order_id == order_id, UitpasEntry.state == EntryState.CANCELLING
        )
    ).all()
    outcomes = []
    for entry_id in ids:
        outcomes.append(_undo(entry_id))
        if outcomes[-1] is Undoing.SILENT:
            break
    return all(outcome is Undoing.DONE for outcome in outcomes)
