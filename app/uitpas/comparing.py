"""Our ledger against publiq's list of live sales of one event: a pure comparison.

The list holds the sales of every desk, and does not say which client made them. Ours are those
whose id the ledger knows, and those whose regularPriceLabel ends in a reference as we write them;
of the others only the number is told.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from app.publiq.uitpas import TicketSale
from app.uitpas.looking_up import NOT_ARRIVED
from app.uitpas.matching import CLOCKS_DIFFER, fits
from app.uitpas.models import EntryState, FindingKind, UitpasEntry

REFERENCE = re.compile(r"\(([2-9a-hjkmnp-z]{8})\)$")
"""How a label of ours ends: the line_ref, whose letters and digits cannot be misread."""
GONE = (EntryState.CANCELLED, EntryState.REFUSED, EntryState.DROPPED)
JUST_NOW = timedelta(minutes=2)
"""What changed so shortly before the list was asked may stand in it as it was."""
LATE_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same here and there; ``price_there`` in euro."""

    kind: FindingKind
    reference: str
    """The line_ref of the entry; publiq's sale id where there is none, or it is one too many."""
    entry_id: int | None = None
    external_id: str = ""
    price_there: Decimal | None = None

    @property
    def key(self) -> tuple[FindingKind, str]:
        """What makes it the same difference as last night's."""
        return self.kind, self.reference


@dataclass
class Comparison:
    """All differences of one event, and whose sales they are."""

    differences: list[Difference] = field(default_factory=list)
    ours: int = 0
    by_others: int = 0
    undecided: set[int] = field(default_factory=set)
    """Entries that should stand and changed just now: whether they differ is not known yet."""


def reference_in(label: str) -> str:
    """The line_ref at the end of a regularPriceLabel of ours; empty for another's."""
    found = REFERENCE.search(label)
    return found.group(1) if found else ""


def compare(
    entries: Sequence[UitpasEntry],
    sales: Iterable[TicketSale],
    standing: Collection[str],
    asked_at: datetime,
) -> Comparison:
    """``entries`` are all of this event, ``standing`` the line_refs whose line is live.

    An entry that changed since the list was asked, or just before, is left for the next time.
    """
    listed = {sale.id: sale for sale in sales}
    by_id = {entry.external_id: entry for entry in entries if entry.external_id}
    by_reference = {entry.line_ref: entry for entry in entries}
    found = Comparison()
    fresh = {entry.id for entry in entries if entry.changed_at > asked_at - JUST_NOW}
    found.undecided = {
        entry.id for entry in entries if entry.id in fresh and entry.state is EntryState.REGISTERED
    }
    replaced: dict[int, TicketSale] = {}
    for sale in listed.values():
        reference = reference_in(sale.regular_price_label)
        entry = by_id.get(sale.id) or by_reference.get(reference)
        if entry is None:
            _unknown_sale(found, sale, reference, entries)
            continue
        found.ours += 1
        if entry.id in fresh:
            continue
        if entry.state is EntryState.REGISTERED and entry.external_id not in listed:
            replaced[entry.id] = sale
        else:
            found.differences += _of_entry(entry, sale)
    for entry in entries:
        gone = entry.state is EntryState.REGISTERED and entry.external_id not in listed
        if gone and entry.line_ref in standing and entry.id not in fresh:
            other = replaced.get(entry.id)
            found.differences.append(
                Difference(
                    FindingKind.MISSING_THERE,
                    entry.line_ref,
                    entry.id,
                    other.id if other else "",
                    other.price if other else None,
                )
            )
    return found


def _of_entry(entry: UitpasEntry, sale: TicketSale) -> list[Difference]:
    def differs(kind: FindingKind, reference: str) -> list[Difference]:
        return [Difference(kind, reference, entry.id, sale.id, sale.price)]

    if entry.state in GONE:
        return differs(FindingKind.STILL_THERE, entry.line_ref)
    if entry.state is not EntryState.REGISTERED:
        return []  # under way: its own look-up or undo ends it
    if entry.external_id != sale.id:
        return differs(FindingKind.DOUBLE, sale.id)
    if entry.price != sale.price:
        return differs(FindingKind.PRICE_DIFFERS, entry.line_ref)
    return []


def _unknown_sale(
    found: Comparison, sale: TicketSale, reference: str, entries: Sequence[UitpasEntry]
) -> None:
    if reference:
        found.ours += 1
        found.differences.append(
            Difference(FindingKind.UNKNOWN_HERE, sale.id, None, sale.id, sale.price)
        )
        return
    found.by_others += 1
    if sale.regular_price_label:
        return
    given_up = next((entry for entry in entries if _may_be_late(entry, sale)), None)
    if given_up is not None:
        found.differences.append(
            Difference(FindingKind.MAYBE_OURS, sale.id, given_up.id, sale.id, sale.price)
        )


def _may_be_late(entry: UitpasEntry, sale: TicketSale) -> bool:
    """Whether a sale without label may be the one of this entry that seemed never to arrive."""
    if entry.state is not EntryState.REFUSED or entry.problem != NOT_ARRIVED:
        return False
    if entry.sent_at is None or not fits(entry, sale):
        return False
    if sale.creation_date is None:
        return True
    return entry.sent_at - CLOCKS_DIFFER <= sale.creation_date <= entry.sent_at + LATE_FOR
