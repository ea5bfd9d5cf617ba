"""The UiTPAS-grootboek as staff read it: filtered, paged, and what is at risk in euro."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sqlalchemy import Select, func, or_, select, type_coerce

from app.activities.models import Activity
from app.clock import from_local
from app.columns import Money
from app.extensions import Pagination, db
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.settings.models import Environment
from app.uitpas.attention import Attention, attention_of, needs_attention
from app.uitpas.models import (
    BenefitKind,
    EntryState,
    EventAudit,
    FindingKind,
    LedgerFinding,
    UitpasEntry,
)
from app.uitpas.overview import findings_of

PAGE_SIZE = 50
PASS_DIGITS = 13
ZERO = Decimal("0.00")
BATCH = 500


@dataclass(frozen=True)
class LedgerFilter:
    """Filters of the ledger; days are those of Brussels and count whole."""

    text: str = ""
    """A whole pass number, ticket id, event id or reference."""
    activity: str = ""
    """Part of an activity's title."""
    activity_id: int | None = None
    state: EntryState | None = None
    environment: Environment | None = None
    kind: BenefitKind | None = None
    since: date | None = None
    until: date | None = None
    attention: bool = False


@dataclass(frozen=True)
class LedgerRow:
    """An entry with the line it belongs to and why it needs somebody."""

    entry: UitpasEntry
    activity: str
    order_number: str
    findings: list[LedgerFinding] = field(default_factory=list)

    @property
    def reasons(self) -> list[Attention]:
        """Why somebody should look; empty when nobody need."""
        return attention_of(self.entry, self.findings)


@dataclass(frozen=True)
class AtRisk:
    """What the municipality would not be repaid, in euro, and for how many lines."""

    amount: Decimal
    lines: int


@dataclass(frozen=True)
class AuditState:
    """How the comparison with publiq's list stands."""

    events: int
    checked: int
    last_at: datetime | None
    by_others: int


def ledger_page(wanted: LedgerFilter, page: int = 1) -> tuple[Pagination, list[LedgerRow]]:
    """The entries of one page, the newest first, in a fixed number of queries."""
    found = db.paginate(
        _filtered(wanted).order_by(UitpasEntry.id.desc()),
        page=page,
        per_page=PAGE_SIZE,
        error_out=False,
    )
    return found, _rows(found.items)


def every_row(wanted: LedgerFilter) -> Iterator[LedgerRow]:
    """All that fit, the newest first, for an export; read in batches."""
    last: int | None = None
    while True:
        query = _filtered(wanted).order_by(UitpasEntry.id.desc()).limit(BATCH)
        if last is not None:
            query = query.where(UitpasEntry.id < last)
        entries = db.session.scalars(query).all()
        yield from _rows(entries)
        if len(entries) < BATCH:
            return
        last = entries[-1].id


def state_counts() -> dict[EntryState, int]:
    """How many entries there are in each state."""
    rows = db.session.execute(
        select(UitpasEntry.state, func.count(UitpasEntry.id)).group_by(UitpasEntry.state)
    )
    return {row[0]: row[1] for row in rows}


def at_risk() -> AtRisk:
    """Regular price less paid price of confirmed lines of which UiTPAS has no sale.

    That is: the sale is not surely registered, the audit did not find it there, or a move lost it
    while nobody agreed to pay more. Where UiTPAS has another price, what it has more than we asked.
    """
    missing = select(LedgerFinding.entry_id).where(
        LedgerFinding.kind == FindingKind.MISSING_THERE, LedgerFinding.resolved_at.is_(None)
    )
    confirmed = (OrderLine.state == LineState.LIVE, Order.state == OrderState.CONFIRMED)
    given, lines = db.session.execute(
        select(_euro(OrderLine.regular_price - OrderLine.price), func.count(OrderLine.id))
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(UitpasEntry, UitpasEntry.line_ref == OrderLine.line_ref)
        .where(
            *confirmed,
            OrderLine.regular_price > OrderLine.price,
            or_(
                UitpasEntry.id.is_(None),
                UitpasEntry.state != EntryState.REGISTERED,
                UitpasEntry.id.in_(missing),
            ),
        )
    ).one()
    dearer, dearer_lines = db.session.execute(
        select(_euro(LedgerFinding.price_there - OrderLine.price), func.count(OrderLine.id))
        .join(UitpasEntry, UitpasEntry.id == LedgerFinding.entry_id)
        .join(OrderLine, OrderLine.line_ref == UitpasEntry.line_ref)
        .join(Order, Order.id == OrderLine.order_id)
        .where(
            *confirmed,
            OrderLine.benefit_kind.is_not(None),
            LedgerFinding.kind == FindingKind.PRICE_DIFFERS,
            LedgerFinding.resolved_at.is_(None),
            LedgerFinding.price_there > OrderLine.price,
        )
    ).one()
    return AtRisk((given or ZERO) + (dearer or ZERO), lines + dearer_lines)


def _euro(cents):  # noqa: ANN001, ANN202 - an SQL expression
    """The sum of a difference of amounts, which the database knows only as a number of cents."""
    return type_coerce(func.sum(cents), Money)


def audit_state() -> AuditState:
    """Counted over all events the ledger knows."""
    row = db.session.execute(
        select(
            func.count(),
            func.count(EventAudit.checked_at),
            func.max(EventAudit.checked_at),
            func.sum(EventAudit.by_others),
        ).select_from(EventAudit)
    ).one()
    return AuditState(row[0], row[1], row[2], row[3] or 0)


def order_numbers(order_ids: Iterable[int]) -> dict[int, str]:
    """The numbers that people know orders by."""
    rows = db.session.execute(select(Order.id, Order.number).where(Order.id.in_(list(order_ids))))
    return {row.id: row.number for row in rows}


def references(entry_ids: Iterable[int]) -> dict[int, str]:
    """The line_refs of entries."""
    rows = db.session.execute(
        select(UitpasEntry.id, UitpasEntry.line_ref).where(UitpasEntry.id.in_(list(entry_ids)))
    )
    return {row.id: row.line_ref for row in rows}


def _rows(entries: Iterable[UitpasEntry]) -> list[LedgerRow]:
    entries = list(entries)
    lines = {
        row.line_ref: row
        for row in db.session.execute(
            select(OrderLine.line_ref, Activity.title, Order.number)
            .join(Activity, Activity.id == OrderLine.activity_id)
            .join(Order, Order.id == OrderLine.order_id)
            .where(OrderLine.line_ref.in_([entry.line_ref for entry in entries]))
        )
    }
    findings = findings_of(entry.id for entry in entries)
    # a wish of a move, or a second benefit afterwards, that was refused never became a line
    lineless = {entry.order_id for entry in entries if entry.line_ref not in lines}
    numbers = order_numbers(lineless) if lineless else {}
    return [
        LedgerRow(
            entry,
            lines[entry.line_ref].title if entry.line_ref in lines else "",
            lines[entry.line_ref].number
            if entry.line_ref in lines
            else numbers.get(entry.order_id, ""),
            findings.get(entry.id, []),
        )
        for entry in entries
    ]


def row_of(entry: UitpasEntry) -> LedgerRow:
    """One entry with the line it belongs to."""
    return _rows([entry])[0]


def _filtered(wanted: LedgerFilter) -> Select[tuple[UitpasEntry]]:
    query = select(UitpasEntry)
    if wanted.text:
        query = query.where(_names(wanted.text))
    if wanted.activity or wanted.activity_id is not None:
        query = query.where(UitpasEntry.line_ref.in_(_lines_of(wanted)))
    for column, value in (
        (UitpasEntry.state, wanted.state),
        (UitpasEntry.environment, wanted.environment),
        (UitpasEntry.kind, wanted.kind),
    ):
        if value is not None:
            query = query.where(column == value)
    if wanted.since is not None:
        query = query.where(UitpasEntry.created_at >= from_local(wanted.since, time()))
    if wanted.until is not None:
        after = from_local(wanted.until + timedelta(days=1), time())
        query = query.where(UitpasEntry.created_at < after)
    return query.where(needs_attention()) if wanted.attention else query


def _names(text: str):  # noqa: ANN202 - an SQL condition
    """Whole numbers only: whoever knows half a pass number shall not find the rest here."""
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) == PASS_DIGITS and not any(c.isalpha() for c in text):
        return UitpasEntry.uitpas_number == digits
    return or_(
        UitpasEntry.line_ref == text.lower(),
        UitpasEntry.external_id == text,
        UitpasEntry.event_id == text,
    )


def _lines_of(wanted: LedgerFilter) -> Select[tuple[str]]:
    query = select(OrderLine.line_ref)
    if wanted.activity_id is not None:
        return query.where(OrderLine.activity_id == wanted.activity_id)
    titles = select(Activity.id)
    for word in wanted.activity.split():
        titles = titles.where(Activity.title.icontains(word, autoescape=True))
    return query.where(OrderLine.activity_id.in_(titles))
