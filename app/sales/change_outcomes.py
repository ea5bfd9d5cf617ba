"""What a step of a change leaves: the line, its place, its money, and what is told of it.

All inside the transaction of whoever took the step.
"""

from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.activities.places import give_back
from app.extensions import _t
from app.payments.requests import lock_request
from app.sales.change_notices import tell_changed
from app.sales.changes import (
    NO_EXCEPTION,
    ChangeEvent,
    follow_price,
    give_back_held,
    replace_line,
    step,
)
from app.sales.models import ChangeKind, ChangeState, LineChange, LineState, Order, OrderLine
from app.sales.ordering import new_line_ref
from app.sales.settling import lock_order
from app.settings.audit import record
from app.uitpas.ledger import release_claims
from app.uitpas.models import UitpasEntry

ZERO = Decimal("0.00")


def locked_change(
    session: Session, change_id: int, state: ChangeState
) -> tuple[Order, LineChange, OrderLine] | None:
    """Order, change and line, locked; None when somebody else took the step meanwhile."""
    order_id = session.get_one(LineChange, change_id).order_id
    order = lock_order(session, order_id)
    if order.payment_request_id is not None:
        lock_request(session, order.payment_request_id)
    change = session.get_one(LineChange, change_id, populate_existing=True)
    if change.state is not state:
        return None
    line = next(item for item in order.lines if item.id == change.line_id)
    assert line.state is LineState.LIVE, "cancelling a line calls its change off"
    return order, change, line


def sold(
    session: Session, order: Order, change: LineChange, line: OrderLine, entry: UitpasEntry
) -> None:
    """The new sale stands: the line gets its benefit, or moves with it."""
    assert entry.price is not None
    benefit = {
        "price": entry.price,
        "benefit_kind": entry.kind,
        "benefit_name": entry.tariff_name,
    }
    if change.kind is ChangeKind.MOVE:
        new = _moved(session, change, line, entry.line_ref, **benefit)
    elif change.wish_ref == line.line_ref:
        line.price, line.benefit_kind, line.benefit_name = (
            entry.price,
            entry.kind,
            entry.tariff_name,
        )
        new = line
    else:
        why = _t("Vervangen: voordeel achteraf")
        new = replace_line(session, change, line, entry.line_ref, why, **benefit)
    _finish(session, order, change, new, ChangeEvent.SOLD)


def refused(
    session: Session, order: Order, change: LineChange, line: OrderLine, words: str
) -> None:
    """No benefit: the regular price where that was agreed, else back to where the line was."""
    change.message = words
    if change.state is ChangeState.RESTORING:
        without_benefit(session, order, change, line)
    elif change.kind is ChangeKind.BENEFIT:
        step(change, ChangeEvent.REFUSED)
        release_claims(session, order.id)
    elif change.plain_agreed:
        new = _moved(
            session,
            change,
            line,
            new_line_ref(),
            price=change.regular_price,
            benefit_kind=None,
            benefit_name="",
        )
        _finish(session, order, change, new, ChangeEvent.GO_PLAIN)
    else:
        step(change, ChangeEvent.GO_BACK)


def restored(
    session: Session, order: Order, change: LineChange, line: OrderLine, entry: UitpasEntry
) -> None:
    """The old sale stands again under a new reference; the line is where it was."""
    assert entry.price is not None
    new = replace_line(
        session,
        change,
        line,
        entry.line_ref,
        _t("Vervangen: het voordeel is opnieuw geregistreerd"),
        price=entry.price,
        benefit_kind=entry.kind,
        benefit_name=entry.tariff_name,
    )
    go_back_home(session, order, change, new, ChangeEvent.SOLD)


def without_benefit(session: Session, order: Order, change: LineChange, line: OrderLine) -> None:
    """UiTPAS takes the old sale back no more. Nobody agreed to pay more, so the price stays."""
    new = replace_line(
        session,
        change,
        line,
        new_line_ref(),
        _t("Vervangen: UiTPAS registreerde het voordeel niet opnieuw"),
        benefit_kind=None,
        benefit_name="",
    )
    go_back_home(session, order, change, new, ChangeEvent.REFUSED)


def go_back_home(
    session: Session, order: Order, change: LineChange, line: OrderLine, event: ChangeEvent
) -> None:
    """The line stays where it was; the new place is free again."""
    give_back_held(session, change)
    _finish(session, order, change, line, event)


def finish_change(session: Session, order: Order, change: LineChange, line: OrderLine) -> None:
    """The change has ended and ``line`` stands: the claim, the mail and the audit trail follow."""
    release_claims(session, order.id)
    session.flush()
    what = f"{order.number}, {order.contact_name}: {line.participant_name}"
    refund = follow_price(session, order, change.old_price, line.price, what)
    session.refresh(line, ["activity"])
    tell_changed(order, change, line, refund.amount if refund else ZERO)
    actions = _OTHER_CATEGORY if change.is_other_category else _ACTIONS
    record(
        actions[change.state, change.kind],
        subject_kind="bestelling",
        subject_id=str(order.id),
        subject_label=f"{order.number}: {line.participant_name}, {line.activity.title}",
        reason=change.reason,
        detail={
            "door": change.account_name,
            "van": change.from_activity.title,
            "naar": change.to_activity.title,
            "prijscategorie": line.category_name,
            "prijs": f"{change.old_price} → {line.price}",
        },
    )


def _moved(
    session: Session, change: LineChange, line: OrderLine, reference: str, **benefit: object
) -> OrderLine:
    """The line at its new activity takes over the place that was held; the old place is free.

    Who stays at the activity keeps the place, and what staff went beyond for it.
    """
    elsewhere: dict[str, Any] = {}
    if not change.is_other_category:
        assert change.held_pool_id is not None
        elsewhere = {"pool_id": change.held_pool_id, **NO_EXCEPTION}
    new = replace_line(
        session,
        change,
        line,
        reference,
        why_moved(change, change.to_activity.title),
        activity_id=change.to_activity_id,
        price_category_id=change.price_category_id,
        category_name=change.category_name,
        regular_price=change.regular_price,
        **elsewhere,
        **benefit,
    )
    if elsewhere:
        change.held_pool_id = None
        give_back(session, line.pool_id)
    return new


def why_moved(change: LineChange, title: str) -> str:
    """What a line that another one replaced says of it; ``title`` is of where that one is."""
    if change.is_other_category:
        return _t("Vervangen: prijscategorie %(name)s", name=change.category_name)
    return _t("Verplaatst naar %(title)s", title=title)


def _finish(
    session: Session, order: Order, change: LineChange, line: OrderLine, event: ChangeEvent
) -> None:
    """The last step, and what follows from it."""
    change.new_price = line.price
    step(change, event)
    finish_change(session, order, change, line)


_ACTIONS = {
    (ChangeState.DONE, ChangeKind.REGULAR_PRICE): "gewone prijs aangerekend",
    (ChangeState.DONE, ChangeKind.BENEFIT): "voordeel achteraf toegevoegd",
    (ChangeState.DONE, ChangeKind.MOVE): "inschrijving verplaatst",
    (ChangeState.PLAIN, ChangeKind.MOVE): "inschrijving verplaatst aan de gewone prijs",
    (ChangeState.RETURNED, ChangeKind.MOVE): "verplaatsen ging niet door",
    (ChangeState.WITHOUT, ChangeKind.MOVE): "verplaatsen ging niet door, voordeel kwijt",
}
_OTHER_CATEGORY = {
    (ChangeState.DONE, ChangeKind.MOVE): "prijscategorie gewijzigd",
    (ChangeState.PLAIN, ChangeKind.MOVE): "prijscategorie gewijzigd, aan de gewone prijs",
    (ChangeState.RETURNED, ChangeKind.MOVE): "prijscategorie wijzigen ging niet door",
    (ChangeState.WITHOUT, ChangeKind.MOVE): (
        "prijscategorie wijzigen ging niet door, voordeel kwijt"
    ),
}
"""Of a move that stays at its activity."""
