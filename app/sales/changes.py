"""What a change of a line (moving it, or a benefit afterwards) may become, and what it leaves.

A change is a row that is committed before each call to UiTPAS and after each outcome, so that
``change_steps`` goes on where a killed process stopped. A line whose sale does not come along is
replaced by a new one: every wish at UiTPAS has a reference of its own, which is its line's.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from app.activities.places import give_back
from app.clock import now
from app.extensions import _l, _t, db
from app.payments.models import Refund
from app.payments.requests import adjust_request
from app.sales.models import (
    ChangeKind,
    ChangeState,
    LineChange,
    LineState,
    Order,
    OrderLine,
    OrderState,
)
from app.sales.problems import SaleProblem
from app.sales.settling import new_claim, transfer_term
from app.sales.waiting import change_waits, waiting_problems
from app.settings.actor import current_actor
from app.uitpas.ledger import (
    LedgerEvent,
    claim_passes,
    entries_of_lines,
    locked_entry,
    move,
    release_claims,
)
from app.uitpas.models import EntryState, UitpasEntry

ZERO = Decimal("0.00")
NO_EXCEPTION: dict[str, Any] = {"overridden": [], "override_reason": ""}
"""Of a line that goes elsewhere: what staff went beyond was about the activity it leaves."""


class ChangeEvent(Enum):
    """What can happen to a change that is under way."""

    ASKED = "asked"
    """UiTPAS offers the benefit for the new event; the wish is written."""
    SOLD = "sold"
    REFUSED = "refused"
    GO_BACK = "go back"
    GO_PLAIN = "go plain"
    STAYS = "stays"
    """UiTPAS will not undo the old sale."""
    RESTORE = "restore"
    CALL_OFF = "call off"


STATES: dict[tuple[ChangeState, ChangeEvent], ChangeState] = {
    (ChangeState.UNDOING, ChangeEvent.ASKED): ChangeState.SELLING,
    (ChangeState.UNDOING, ChangeEvent.GO_BACK): ChangeState.CLEARING,
    (ChangeState.UNDOING, ChangeEvent.GO_PLAIN): ChangeState.PLAIN,
    (ChangeState.UNDOING, ChangeEvent.STAYS): ChangeState.RETURNED,
    (ChangeState.SELLING, ChangeEvent.SOLD): ChangeState.DONE,
    (ChangeState.SELLING, ChangeEvent.REFUSED): ChangeState.REFUSED,
    (ChangeState.SELLING, ChangeEvent.GO_BACK): ChangeState.CLEARING,
    (ChangeState.SELLING, ChangeEvent.GO_PLAIN): ChangeState.PLAIN,
    (ChangeState.CLEARING, ChangeEvent.RESTORE): ChangeState.RESTORING,
    (ChangeState.RESTORING, ChangeEvent.SOLD): ChangeState.RETURNED,
    (ChangeState.RESTORING, ChangeEvent.REFUSED): ChangeState.WITHOUT,
    **{
        (state, ChangeEvent.CALL_OFF): ChangeState.CALLED_OFF
        for state in (
            ChangeState.UNDOING,
            ChangeState.SELLING,
            ChangeState.CLEARING,
            ChangeState.RESTORING,
        )
    },
}
UNDER_WAY = frozenset(state for state, _event in STATES)

BUSY = _l(
    "Aan deze bestelling wordt net iets gewijzigd bij UiTPAS. Wacht tot dat klaar is, en probeer "
    "het dan opnieuw."
)
GONE = _l("Deze inschrijving is al geannuleerd of verplaatst. Kijk in de bestelling.")


class ImpossibleStep(RuntimeError):
    """A change was asked for a step that its table does not hold."""


@dataclass(frozen=True)
class MoneyFollows:
    """What another price of one line does, in euro."""

    extra: Decimal = ZERO
    """More to be paid."""
    claim_falls: Decimal = ZERO
    """What need not be paid any more."""
    refund: Decimal = ZERO
    """What goes back."""


def step(change: LineChange, event: ChangeEvent) -> None:
    """Take one step of the table. Raises ImpossibleStep when the table holds no such step."""
    target = STATES.get((change.state, event))
    if target is None:
        raise ImpossibleStep(f"{event.value} in state {change.state.value}")
    change.state = target
    change.attempts = 0
    change.next_try_at = change.touched_at = now()
    if target not in UNDER_WAY:
        change.ended_at = now()
        change.uitpas_number = None


def claim_passes_of(session: Session, change: LineChange, old: UitpasEntry) -> None:
    """Nobody else uses the pass of a move at either event, with its old number or its new one.

    Raises PassAlreadyClaimed when another order does at this moment.
    """
    assert change.environment is not None
    assert change.event_id is not None
    number = change.uitpas_number or old.uitpas_number
    release_claims(session, change.order_id)
    claim_passes(
        session,
        change.order_id,
        [
            (change.environment, number, change.event_id),
            (old.environment, number, old.event_id),
            (old.environment, old.uitpas_number, old.event_id),
        ],
    )


def open_change(session: Session, order: Order) -> LineChange | None:
    """The change of this order that is under way; the caller holds ``lock_order()``."""
    return session.scalar(
        select(LineChange)
        .where(LineChange.order_id == order.id, LineChange.ended_at.is_(None))
        .execution_options(populate_existing=True)
    )


def changes_of_line(line_id: int) -> Sequence[LineChange]:
    """Every change that a line went through or came from, the oldest first."""
    return db.session.scalars(
        select(LineChange)
        .where((LineChange.line_id == line_id) | (LineChange.new_line_id == line_id))
        .options(
            joinedload(LineChange.from_activity),
            joinedload(LineChange.to_activity),
            joinedload(LineChange.line),
            joinedload(LineChange.new_line),
        )
        .order_by(LineChange.id)
    ).all()


def change_problems(line: OrderLine) -> list[SaleProblem]:
    """Why nothing can be changed about a line now: shown on its page, and obeyed."""
    waits = waiting_problems(line.order)
    if waits:
        return waits
    if line.state is not LineState.LIVE or line.order.state is not OrderState.CONFIRMED:
        return [SaleProblem(str(GONE), kind="done")]
    busy = db.session.scalar(
        select(LineChange).where(
            LineChange.order_id == line.order_id, LineChange.ended_at.is_(None)
        )
    )
    if busy is None:
        return []
    return change_waits(busy) or [SaleProblem(str(BUSY), kind="busy")]


def new_change(line: OrderLine, kind: ChangeKind, state: ChangeState, **fields: Any) -> LineChange:
    """A change of this line by who is at work now; not yet in the session."""
    actor = current_actor()
    change = LineChange(
        order_id=line.order_id,
        line_id=line.id,
        kind=kind,
        state=state,
        from_activity_id=line.activity_id,
        old_price=line.price,
        account_id=actor.account_id,
        account_name=actor.name,
        **fields,
    )
    if state not in UNDER_WAY:
        change.ended_at = now()
    return change


def money_follows(order: Order, old_price: Decimal, new_price: Decimal) -> MoneyFollows:
    """What another price of one of its lines does to what the order owes, in euro."""
    if new_price >= old_price:
        return MoneyFollows(extra=new_price - old_price)
    request = order.payment_request
    unpaid = max(request.open_amount, ZERO) if request is not None else ZERO
    falls = min(unpaid, old_price - new_price)
    return MoneyFollows(claim_falls=falls, refund=old_price - new_price - falls)


def follow_price(
    session: Session, order: Order, old_price: Decimal, new_price: Decimal, reason: str
) -> Refund | None:
    """The claim follows the price of a line; the caller holds order and claim.

    Returns the refund that is now due, if any.
    """
    if new_price == old_price:
        return None
    request = order.payment_request
    if request is None:
        order.payment_request = new_claim(session, order, new_price - old_price)
        return None
    if new_price > old_price:
        request.due_at = transfer_term(request.method)
    return adjust_request(session, request, request.amount + new_price - old_price, reason)


def replace_line(
    session: Session, change: LineChange, line: OrderLine, line_ref: str, why: str, **fields: Any
) -> OrderLine:
    """A new line comes in the place of one that stands; what ``fields`` do not say stays."""
    kept = (
        "kind",
        "activity_id",
        "date_id",
        "pool_id",
        "person_id",
        "participant_name",
        "price_category_id",
        "category_name",
        "regular_price",
        "price",
        "benefit_kind",
        "benefit_name",
        "overridden",
        "override_reason",
    )
    new = OrderLine(
        line_ref=line_ref, **{name: fields.get(name, getattr(line, name)) for name in kept}
    )
    line.state = LineState.CANCELLED
    line.cancelled_at = now()
    line.cancel_reason = why
    line.cancelled_by_id = change.account_id
    line.order.lines.append(new)
    session.flush()
    change.new_line_id = new.id
    return new


def give_back_held(session: Session, change: LineChange) -> None:
    """Give back the place that a change held, if it did."""
    if change.held_pool_id is not None:
        give_back(session, change.held_pool_id)
        change.held_pool_id = None


def call_off(session: Session, order: Order, line: OrderLine) -> None:
    """The line is being cancelled: a change of it that is under way ends here.

    What UiTPAS may still answer belongs to no line any more, and is undone by the reconciler.
    """
    change = open_change(session, order)
    if change is None or change.line_id != line.id:
        return
    entry = entries_of_lines([change.wish_ref or ""]).get(change.wish_ref or "")
    if entry is not None:  # whoever sends it at this moment was first, or finds it dropped
        entry = locked_entry(session, entry.id)
    if entry is not None and entry.state is EntryState.PLANNED:
        move(session, entry, LedgerEvent.DROP, _t("de inschrijving is geannuleerd"))
    elif entry is not None and entry.state is EntryState.REGISTERED:
        move(session, entry, LedgerEvent.UNDO, _t("de inschrijving is geannuleerd"))
    give_back_held(session, change)
    step(change, ChangeEvent.CALL_OFF)
    release_claims(session, order.id)


def orders_being_changed(order_ids: Iterable[int]) -> set[int]:
    """Those of these orders of which a line is being changed."""
    return set(
        db.session.scalars(
            select(LineChange.order_id).where(
                LineChange.order_id.in_(list(order_ids)), LineChange.ended_at.is_(None)
            )
        )
    )


def forget_change_words(session: Session, lines: Iterable[OrderLine]) -> set[str]:
    """Take the free words out of the changes of these lines; inside a transaction.

    Returns the references of their wishes at UiTPAS, also of those that never became a line.
    """
    ids = [line.id for line in lines]
    references = set()
    for change in session.scalars(
        select(LineChange).where(
            LineChange.line_id.in_(ids) | LineChange.new_line_id.in_(ids),
        )
    ):
        change.reason = ""
        references |= {change.wish_ref, change.earlier_ref}
    return {reference for reference in references if reference}


def replaced_lines(order_ids: Iterable[int]) -> set[int]:
    """The lines of these orders in whose place another came; one query."""
    return set(
        db.session.scalars(
            select(LineChange.line_id).where(
                LineChange.order_id.in_(list(order_ids)), LineChange.new_line_id.is_not(None)
            )
        )
    )


def gone_sentence(line: OrderLine) -> str:
    """Why a line that does not stand cannot be cancelled: what took its place may still stand."""
    replaced = line.state is LineState.CANCELLED and line.order.state is OrderState.CONFIRMED
    if replaced and line.id in replaced_lines([line.order_id]):
        return _t(
            "Deze inschrijving is intussen verplaatst of gewijzigd. Kijk in de bestelling wat "
            "er nu staat."
        )
    return _t("Deze inschrijving is al geannuleerd.")
