"""Verplaatsen: a registration goes to another activity, by staff, in one action (R7).

Without a sale, or within the same event where the sale stays, it is one commit. To another event,
or to another regular price, it goes step by step (``change_steps``): the new place is held, the
old sale undone, the new one registered. A reward is never moved.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.activities.models import Activity, PriceCategory
from app.activities.places import give_back, lock_pools, registration_pool
from app.extensions import _l, _t, write_transaction
from app.formats import money
from app.payments.requests import lock_request
from app.publiq.redaction import redact_text
from app.sales.basket import lock_customer
from app.sales.cancelling import find_line
from app.sales.change_outcomes import finish_change, why_moved
from app.sales.change_steps import Changed, outcome, resume_change
from app.sales.changes import NO_EXCEPTION, claim_passes_of, new_change, replace_line
from app.sales.holds import take_or_free
from app.sales.models import ChangeKind, ChangeState, LineChange, Order, OrderLine
from app.sales.move_preview import (
    SAME_CATEGORY,
    BenefitCase,
    Destination,
    MovePreview,
    benefit_case,
    event_of,
    load_target,
    move_problems,
    preview_move,
    sale_of,
)
from app.sales.ordering import new_line_ref
from app.sales.problems import ChangeRefused, SaleProblem
from app.sales.settling import lock_order
from app.settings.uit import active_environment
from app.uitdatabank.links import hold_events
from app.uitpas.ledger import LedgerEvent, PassAlreadyClaimed, move
from app.uitpas.models import UitpasEntry
from app.uitpas.undoing import undo_sales_of_order

CLAIMED = _l(
    "Er loopt net een bestelling met deze UiTPAS voor een van beide activiteiten. Wacht tot die "
    "klaar is."
)
FULL = _l("%(title)s is volzet. Kies een andere activiteit, of verhoog daar eerst het aantal.")
COUPLED_ANEW = _l("De koppeling met UiTPAS is gewijzigd. Kijk alles opnieuw na.")
OTHER_CASE = _l("Wat er met het voordeel gebeurt, is intussen gewijzigd. Kijk alles opnieuw na.")
LONGEST_REASON = 500


@dataclass(frozen=True)
class MoveWish:
    """What a member of staff confirmed; prices in euro, as they were shown."""

    line_ref: str
    activity_id: int
    category_id: int
    regular_price: Decimal
    benefit_case: BenefitCase | None
    """What was shown to become of the benefit."""
    with_benefit: bool
    """Whether the benefit goes along, where it does not stay by itself."""
    agreed_price: Decimal | None
    """The most to be paid with the benefit."""
    plain_agreed: bool
    """Whether a refusal leads to the regular price instead of back."""
    reason: str


def move_registration(wish: MoveWish) -> Changed:
    """Move it now; where UiTPAS does not answer on the way, it goes on by itself later.

    Raises ChangeRefused: then nothing was done.
    """
    line, target = find_line(wish.line_ref), load_target(wish.activity_id)
    if line is None or target is None:
        raise ChangeRefused([SaleProblem(_t("Deze inschrijving of activiteit bestaat niet."))])
    preview = preview_move(line, target, wish.category_id, ask=wish.with_benefit)
    problems = _wish_problems(wish, preview)
    if problems:
        raise ChangeRefused(problems)
    try:
        change_id = _write(wish, preview)
    except PassAlreadyClaimed:
        raise ChangeRefused([SaleProblem(str(CLAIMED), kind="claimed")]) from None
    resume_change(change_id)
    done = outcome(change_id)
    if done.state is ChangeState.DONE:
        undo_sales_of_order(done.order_id)
    return done


def _wish_problems(wish: MoveWish, preview: MovePreview) -> list[SaleProblem]:
    """What is not as it was shown, or not filled in."""
    problems = list(preview.problems)
    if not wish.reason.strip():
        problems.append(
            SaleProblem(_t("Geef een reden op: ze staat in het logboek."), field="reason")
        )
    elif len(wish.reason.strip()) > LONGEST_REASON:
        problems.append(SaleProblem(_t("Hou de reden onder 500 tekens."), field="reason"))
    problems += _price_problems(wish, preview.line, preview.category)
    if problems:
        return problems
    if preview.benefit.case is not wish.benefit_case:
        return [SaleProblem(str(OTHER_CASE), kind="changed")]
    return _benefit_problems(wish, preview) if wish.with_benefit else []


def _price_problems(
    wish: MoveWish, line: OrderLine, category: PriceCategory | None
) -> list[SaleProblem]:
    """Whether the category that was chosen is still there, at the price that was shown."""
    if category is None or category.id != wish.category_id:
        return [SaleProblem(_t("Kies een prijscategorie."), field="category")]
    if wish.activity_id == line.activity_id and category.id == line.price_category_id:
        return [SaleProblem(str(SAME_CATEGORY), field="category")]
    if category.price == wish.regular_price:
        return []
    said = _t(
        "De prijs is nu %(price)s in plaats van %(shown)s. Bevestig opnieuw als dat goed is.",
        price=money(category.price),
        shown=money(wish.regular_price),
    )
    return [SaleProblem(said, field="category", kind="changed")]


def _benefit_problems(wish: MoveWish, preview: MovePreview) -> list[SaleProblem]:
    benefit = preview.benefit
    if not benefit.answered:
        return [SaleProblem(benefit.message or benefit.sentence, field="benefit", kind="silence")]
    if wish.agreed_price is None or benefit.most > wish.agreed_price:
        said = _t(
            "De prijs met het voordeel is nu %(price)s. Bevestig opnieuw als dat goed is.",
            price=money(benefit.most),
        )
        return [SaleProblem(said, field="benefit", kind="changed")]
    return []


def _write(wish: MoveWish, preview: MovePreview) -> int:
    """One commit: the place, and the whole move or its first step; returns the change."""
    with write_transaction() as session:
        line = find_line(wish.line_ref)
        assert line is not None, "lines are never deleted"
        order = lock_order(session, line.order_id)
        if order.customer_id is not None:
            lock_customer(session, order.customer_id)
        if order.payment_request_id is not None:
            lock_request(session, order.payment_request_id)
        line = next(item for item in order.lines if item.line_ref == wish.line_ref)
        target = load_target(wish.activity_id)
        assert target is not None
        problems = move_problems(line, target)
        if problems:
            raise ChangeRefused(problems)
        there = _as_shown(line, target, wish)
        _take_place(session, line, there)
        entry = sale_of(line)
        if entry is not None and wish.with_benefit:
            return _first_step(session, line, entry, there, wish, preview)
        return _at_once(session, order, line, there, wish)


def _as_shown(line: OrderLine, target: Activity, wish: MoveWish) -> Destination:
    """Where it goes, in the category and with the fate of the benefit that were confirmed.

    Looked at again in the transaction: a colleague may have changed either since they were shown.
    """
    category = next((c for c in target.price_categories if c.id == wish.category_id), None)
    problems = _price_problems(wish, line, category)
    if problems or category is None:
        raise ChangeRefused(problems)
    there = Destination(target, category)
    if benefit_case(line, there, event_of(target)) is not wish.benefit_case:
        raise ChangeRefused([SaleProblem(str(OTHER_CASE), kind="changed")])
    return there


def _take_place(session: Session, line: OrderLine, there: Destination) -> None:
    """Take the new place; who stays at the activity keeps the place that is taken."""
    if there.is_home_of(line):
        return
    pool = registration_pool(there.activity)
    lock_pools(session, [line.pool_id, pool.id])
    if not take_or_free(session, pool.id):
        raise ChangeRefused(
            [SaleProblem(str(FULL) % {"title": there.activity.title}, field="activity")]
        )


def _at_once(
    session: Session,
    order: Order,
    line: OrderLine,
    there: Destination,
    wish: MoveWish,
) -> int:
    """No sale, or one that stays: the line is elsewhere. A sale that does not come is undone."""
    entry = sale_of(line)
    change = _change(line, there, wish, ChangeState.DONE)
    old_pool = None if there.is_home_of(line) else line.pool_id
    fields = {**there.fields, **_kept_at_home(line, there)}
    stays = wish.benefit_case is BenefitCase.STAYS
    new = line
    if entry is not None and not stays:
        move(session, entry, LedgerEvent.UNDO, _t("verplaatst zonder voordeel"))
        why = why_moved(change, there.activity.title)
        new = replace_line(
            session,
            change,
            line,
            new_line_ref(),
            why,
            benefit_kind=None,
            benefit_name="",
            **fields,
        )
    for name, value in fields.items():
        if name != "price" or not stays:
            setattr(new, name, value)
    if old_pool is not None:
        give_back(session, old_pool)
    change.new_price = new.price
    session.add(change)
    session.flush()
    finish_change(session, order, change, new)
    return change.id


def _kept_at_home(line: OrderLine, there: Destination) -> dict[str, Any]:
    """What staff went beyond to let somebody in stays true of who stays at the activity."""
    if not there.is_home_of(line):
        return {}
    return {name: getattr(line, name) for name in ("pool_id", *NO_EXCEPTION)}


def _first_step(
    session: Session,
    line: OrderLine,
    entry: UitpasEntry,
    there: Destination,
    wish: MoveWish,
    preview: MovePreview,
) -> int:
    """The place is held and the old sale is to be undone; nobody uses the pass meanwhile."""
    event, card = preview.event, preview.benefit.card
    events = hold_events(session, [line.activity_id, there.activity.id])
    now_there = (active_environment(), events.get(there.activity.id))
    if event is None or wish.agreed_price is None or now_there != event:
        raise ChangeRefused([SaleProblem(str(COUPLED_ANEW), kind="changed")])
    move(session, entry, LedgerEvent.UNDO, _t("wordt verplaatst"))
    change = _change(line, there, wish, ChangeState.UNDOING)
    change.environment, change.event_id = event
    change.uitpas_number = card.number if card is not None else entry.uitpas_number
    claim_passes_of(session, change, entry)
    if not there.is_home_of(line):
        change.held_pool_id = there.fields["pool_id"]
    change.agreed_price = wish.agreed_price
    change.plain_agreed = wish.plain_agreed
    session.add(change)
    session.flush()
    return change.id


def _change(line: OrderLine, there: Destination, wish: MoveWish, state: ChangeState) -> LineChange:
    return new_change(
        line,
        ChangeKind.MOVE,
        state,
        to_activity_id=there.activity.id,
        price_category_id=there.category.id,
        category_name=there.category.name,
        regular_price=there.category.price,
        agreed_price=there.category.price,
        reason=redact_text(wish.reason.strip()),
    )
