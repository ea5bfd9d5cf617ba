"""Taking a change of a line from step to step at UiTPAS, each intent and outcome committed.

Moving with a benefit: old sale undone → new benefit asked → new sale registered → line replaced.
Refused on the way: the old sale is registered again, or the regular price where that was agreed.
A step may be repeated by whoever comes by, the reconciler included.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import _l, _t, db, end_read, write_transaction
from app.sales.change_outcomes import (
    go_back_home,
    locked_change,
    refused,
    restored,
    sold,
    without_benefit,
)
from app.sales.changes import ChangeEvent, claim_passes_of, step
from app.sales.models import ChangeKind, ChangeState, LineChange
from app.sales.ordering import label_of, new_line_ref
from app.sales.replaced_cards import CardUntold, NewCard, ask_following, card_since
from app.settings.models import Environment
from app.settings.uit import active_environment
from app.uitdatabank.links import hold_events
from app.uitpas.benefits import BenefitAnswer, BenefitAsk, Offer
from app.uitpas.ledger import (
    LedgerEvent,
    PassAlreadyClaimed,
    Wish,
    entries_of_lines,
    locked_entry,
    move,
    plan,
)
from app.uitpas.looking_up import NOT_ARRIVED, look_up_sales
from app.uitpas.models import BenefitKind, EntryState, UitpasEntry
from app.uitpas.retrying import next_try
from app.uitpas.selling import NOT_CONNECTED, SaleOutcome, register_sales
from app.uitpas.undoing import UNDO_REFUSED, undo_sale

ZERO = Decimal("0.00")
MOST_STEPS = 12
"""More than the longest way through the table."""
MOST_QUESTIONS = 6
"""So often UiTPAS is asked for the new benefit; then the old sale is registered again."""
DEARER = _l("UiTPAS vroeg bij het registreren een hogere prijs dan je zag.")
NOT_OFFERED = _l("UiTPAS geeft dit voordeel voor de nieuwe activiteit niet.")
NOT_SOLD = _l("UiTPAS registreerde het voordeel niet.")
WHY_NOT_SOLD = {
    NOT_ARRIVED: _l("De vraag kwam niet aan bij UiTPAS, dus het voordeel is niet geregistreerd."),
    NOT_CONNECTED: _l(
        "De verbinding met UiTPAS is niet ingesteld, dus het voordeel is niet geregistreerd."
    ),
}
"""By the problem of a wish about which UiTPAS itself said nothing; families read this too."""
SILENT = _l("UiTPAS gaf te lang geen antwoord over de nieuwe activiteit.")
UNCOUPLED = _l("De koppeling van de activiteit met UiTPAS is intussen gewijzigd.")


@dataclass(frozen=True)
class Changed:
    """What came of a change of a line."""

    state: ChangeState
    line_ref: str
    """Of the line that stands now."""
    order_id: int
    order_number: str
    message: str = ""
    """Why it was refused, in publiq's own words where it gave any."""
    old_price: Decimal = Decimal("0.00")
    new_price: Decimal | None = None
    new_card: str | None = field(default=None, repr=False)
    """The number of the card with which the sale was made anew, where the old one was replaced."""


def resume_change(change_id: int, *, forced: bool = True) -> ChangeState:
    """Take every step that can be taken now; returns where the change stands.

    Outside any transaction. Harmless when repeated. ``forced`` also takes what would wait.
    """
    for _ in range(MOST_STEPS):
        change = _seen(change_id)
        if change.ended_at is not None or not _STEPS[change.state](change, forced):
            break
    return _seen(change_id).state


def resume_change_of(order_id: int) -> None:
    """Take the steps of the change of an order that is under way, if there is one."""
    change_id = db.session.scalar(
        select(LineChange.id).where(LineChange.order_id == order_id, LineChange.ended_at.is_(None))
    )
    end_read()
    if change_id is not None:
        resume_change(change_id)


def outcome(change_id: int) -> Changed:
    """Where a change stands now, for the one who asked for it."""
    change = db.session.get(LineChange, change_id, populate_existing=True)
    assert change is not None
    line = change.new_line or change.line
    found = Changed(
        state=change.state,
        line_ref=line.line_ref,
        order_id=line.order_id,
        order_number=line.order.number,
        message=change.message,
        old_price=change.old_price,
        new_price=change.new_price,
        new_card=_new_card(change),
    )
    end_read()
    return found


def _new_card(change: LineChange) -> str | None:
    entries = entries_of_lines([change.line.line_ref, change.wish_ref or ""])
    old, new = entries.get(change.line.line_ref), entries.get(change.wish_ref or "")
    if change.kind is not ChangeKind.MOVE or old is None or new is None:
        return None
    if new.state is not EntryState.REGISTERED:
        return None
    return new.uitpas_number if new.uitpas_number != old.uitpas_number else None


def _seen(change_id: int) -> LineChange:
    change = db.session.get(LineChange, change_id, populate_existing=True)
    assert change is not None
    assert change.line is not None
    end_read()
    return change


def _entry(reference: str | None) -> UitpasEntry | None:
    found = entries_of_lines([reference or ""]).get(reference or "")
    end_read()
    return found


def _undo_old(change: LineChange, forced: bool) -> bool:
    """The old sale goes first, for limits and coupons must be free; then the new is asked."""
    change_id, entry = change.id, _entry(change.line.line_ref)
    assert entry is not None, "only a line with a sale is moved step by step"
    if entry.state is EntryState.CANCELLED:
        return _ask(change, entry, forced)
    if not _undo(entry, forced):
        refused = _entry(entry.line_ref)
        if refused is None or refused.problem != UNDO_REFUSED:
            return False
        return _old_sale_stays(change_id, refused.id)
    return True


def _undo(entry: UitpasEntry, forced: bool) -> bool:
    """Whether a sale that is to be undone is undone now."""
    if not forced and entry.next_try_at > now():
        return False
    return undo_sale(entry.id)


def _old_sale_stays(change_id: int, entry_id: int) -> bool:
    """UiTPAS refused to undo the sale, so that it stands: so does the line, where it was."""
    with write_transaction() as session:
        found = locked_change(session, change_id, ChangeState.UNDOING)
        if found is None:
            return False
        order, change, line = found
        entry = locked_entry(session, entry_id)
        at_work = entry.lease_until is not None and entry.lease_until > now()
        if entry.state is not EntryState.CANCELLING or entry.problem != UNDO_REFUSED or at_work:
            return False
        change.message = entry.message
        entry.problem = ""
        move(session, entry, LedgerEvent.STAYS, _t("blijft staan: de verplaatsing ging niet door"))
        go_back_home(session, order, change, line, ChangeEvent.STAYS)
    return True


def _ask(change: LineChange, old: UitpasEntry, forced: bool) -> bool:
    """What UiTPAS offers for the new event, now that the old sale is gone; then the wish."""
    if not forced and change.next_try_at > now():
        return False
    assert change.environment is not None
    assert change.event_id is not None
    ask = BenefitAsk(
        key=change.id,
        environment=change.environment,
        event_id=change.event_id,
        uitpas_number=change.uitpas_number or old.uitpas_number,
        regular_price=change.regular_price,
        activity_id=change.to_activity_id,
    )
    change_id, old_id = change.id, old.id
    answer, card = ask_following(ask, change.line.person_id)
    if card is not None and not _go_on_with(change_id, ChangeState.UNDOING, card):
        return False
    with write_transaction() as session:
        found = locked_change(session, change_id, ChangeState.UNDOING)
        if found is None:
            return True
        order, change, line = found
        if not answer.answered and change.attempts + 1 < MOST_QUESTIONS:
            change.attempts += 1
            change.next_try_at = next_try(change.attempts)
            return False
        old = session.get_one(UitpasEntry, old_id)
        offer = same_benefit(answer.offers, old.kind, old.tariff_id)
        refusal = _refusal(session, change, answer, offer)
        if refusal or offer is None:
            refused(session, order, change, line, refusal)
        else:
            _plan(session, change, _wish_for(change, old, offer))
            step(change, ChangeEvent.ASKED)
    return True


def _go_on_with(change_id: int, state: ChangeState, card: NewCard) -> bool:
    """The card was replaced: everything from here on goes with the new one."""
    try:
        with write_transaction() as session:
            found = locked_change(session, change_id, state)
            if found is None:
                return False
            _order, change, line = found
            change.uitpas_number = card.number
            claim_passes_of(session, change, entries_of_lines([line.line_ref])[line.line_ref])
    except PassAlreadyClaimed:  # another order is being finished with it; that lasts a moment
        with write_transaction() as session:
            change = session.get_one(LineChange, change_id)
            change.next_try_at = next_try(1)
        return False
    return True


def same_benefit(offers: list[Offer], kind: BenefitKind, tariff_id: str) -> Offer | None:
    """The benefit of a sale among the offers for another event: that coupon, or that tariff."""
    alike = [offer for offer in offers if offer.kind is kind]
    by_id = next((offer for offer in alike if offer.id == tariff_id), None)
    if by_id is not None or kind is not BenefitKind.SOCIAL_TARIFF:
        return by_id
    return min(alike, key=lambda offer: offer.price, default=None)


def _refusal(
    session: Session, change: LineChange, answer: BenefitAnswer, offer: Offer | None
) -> str:
    if not answer.answered:
        return str(SILENT)
    if offer is None:
        return answer.message or answer.sentence or str(NOT_OFFERED)
    if offer.price > change.agreed_price:
        return str(DEARER)
    events = hold_events(session, [change.to_activity_id])
    same = events.get(change.to_activity_id) == change.event_id
    return "" if same and change.environment is active_environment() else str(UNCOUPLED)


def _wish_for(change: LineChange, old: UitpasEntry, offer: Offer) -> Wish:
    assert change.environment is not None
    assert change.event_id is not None
    reference = new_line_ref()
    return Wish(
        line_ref=reference,
        kind=offer.kind,
        environment=change.environment,
        event_id=change.event_id,
        uitpas_number=change.uitpas_number or old.uitpas_number,
        tariff_id=offer.id,
        tariff_name=offer.name,
        regular_price=change.regular_price,
        regular_price_label=label_of(change.category_name, reference),
        wished_price=offer.price,
    )


def _plan(session: Session, change: LineChange, wish: Wish) -> None:
    plan(session, change.order_id, [wish])
    change.earlier_ref, change.wish_ref = change.wish_ref, wish.line_ref


def _sell(change: LineChange, _forced: bool) -> bool:
    """Register the wish once; then its outcome becomes the change's."""
    entry = _entry(change.wish_ref)
    assert entry is not None, "a change that sells has written its wish"
    if entry.state is EntryState.PLANNED:
        if register_sales(change.order_id).outcome is SaleOutcome.UNKNOWN:
            look_up_sales(change.order_id)  # a lost answer is often there at once
        return True
    if entry.state in (EntryState.REGISTERING, EntryState.UNKNOWN):
        return False
    return _settle(change.id, change.state, entry.id)


def _settle(change_id: int, state: ChangeState, entry_id: int) -> bool:
    """The sale stands or was refused: the line, its place and its money follow."""
    with write_transaction() as session:
        found = locked_change(session, change_id, state)
        if found is None:
            return True
        order, change, line = found
        entry = locked_entry(session, entry_id)
        if entry.state is EntryState.REGISTERED and entry.price is not None:
            if entry.price > change.agreed_price:
                move(session, entry, LedgerEvent.UNDO, _t("duurder dan afgesproken"))
                refused(session, order, change, line, str(DEARER))
            elif state is ChangeState.RESTORING:
                restored(session, order, change, line, entry)
            else:
                sold(session, order, change, line, entry)
        else:
            words = entry.message or str(WHY_NOT_SOLD.get(entry.problem, NOT_SOLD))
            refused(session, order, change, line, words)
    return True


def _clear(change: LineChange, forced: bool) -> bool:
    """What was sold too dear is undone first; then the old sale is wished again."""
    wrong = _entry(change.wish_ref)
    if wrong is not None and wrong.state is EntryState.CANCELLING:
        return _undo(wrong, forced)
    change_id = change.id
    if not forced and change.next_try_at > now():
        return False
    number = change.uitpas_number
    try:
        card = card_since(number, change.line.person_id) if number else None
    except CardUntold:
        if _ask_later(change_id, ChangeState.CLEARING):
            return False
        card = None
    if card is not None and not _go_on_with(change_id, ChangeState.CLEARING, card):
        return False
    with write_transaction() as session:
        found = locked_change(session, change_id, ChangeState.CLEARING)
        if found is None:
            return True
        order, change, line = found
        old = entries_of_lines([line.line_ref])[line.line_ref]
        if _is_uncoupled(session, old, line.activity_id):
            step(change, ChangeEvent.RESTORE)
            without_benefit(session, order, change, line)
            return True
        reference = new_line_ref()
        assert old.price is not None
        wish = Wish(
            line_ref=reference,
            kind=old.kind,
            environment=old.environment,
            event_id=old.event_id,
            uitpas_number=change.uitpas_number or old.uitpas_number,
            tariff_id=old.tariff_id,
            tariff_name=old.tariff_name,
            regular_price=old.regular_price,
            regular_price_label=label_of(line.category_name, reference),
            wished_price=old.price,
        )
        change.agreed_price = line.price
        _plan(session, change, wish)
        step(change, ChangeEvent.RESTORE)
    return True


def _ask_later(change_id: int, state: ChangeState) -> bool:
    """Put a question off; False when it was put often enough."""
    with write_transaction() as session:
        found = locked_change(session, change_id, state)
        if found is None:
            return True
        change = found[1]
        if change.attempts + 1 >= MOST_QUESTIONS:
            return False
        change.attempts += 1
        change.next_try_at = next_try(change.attempts)
    return True


def _is_uncoupled(session: Session, old: UitpasEntry, activity_id: int) -> bool:
    """Whether the event of the old sale was deleted meanwhile; nobody deletes it from here on."""
    events = hold_events(session, [activity_id])
    elsewhere: Environment = old.environment
    return elsewhere is active_environment() and events.get(activity_id) != old.event_id


_STEPS: dict[ChangeState, Callable[[LineChange, bool], bool]] = {
    ChangeState.UNDOING: _undo_old,
    ChangeState.SELLING: _sell,
    ChangeState.CLEARING: _clear,
    ChangeState.RESTORING: _sell,
}
