"""Afronden: from basket to order, with the sale at UiTPAS before any payment (R5).

The order, its lines, its wishes at UiTPAS and the claims on the passes are one commit. Only then
UiTPAS is called, outside any transaction; what it answers is committed before anything else.
Whatever happens between two commits is finished or undone by ``reconciler``.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from app.extensions import _t, db, write_transaction
from app.formats import money
from app.payments.models import PaymentMethod
from app.sales.basket import lock_basket
from app.sales.benefit_choice import ask_for_lines, settle, unsettled
from app.sales.holds import is_held
from app.sales.models import Basket, BasketLine, BasketState, Order, OrderState
from app.sales.ordering import (
    CHANGED,
    CLAIMED,
    EXPIRED,
    NotWritten,
    as_shown,
    load_basket,
    write_order,
)
from app.sales.problems import SaleProblem
from app.sales.settling import return_to_basket, settle_order
from app.settings.uit import active_environment
from app.uitdatabank.links import benefits_possible
from app.uitpas.benefits import BenefitAnswer, Offer
from app.uitpas.ledger import PassAlreadyClaimed
from app.uitpas.selling import (
    SaleOutcome,
    look_up_sales,
    register_sales,
    undo_sales_of_order,
)

ZERO = Decimal("0.00")


class FinishOutcome(Enum):
    """Where finishing ended."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    RETURNED = "returned"


@dataclass
class FinishResult:
    """The outcome, the order where there is one, and what stopped it."""

    outcome: FinishOutcome
    order_id: int | None = None
    order_number: str = ""
    problems: list[SaleProblem] = field(default_factory=list)


def finish(
    basket_id: int,
    customer_id: int,
    method: PaymentMethod | None,
    *,
    terms_accepted: bool,
) -> FinishResult:
    """Finish a basket. A second press, tab or 'back' finds the order of the first.

    The problems of a basket that cannot be finished stand at their line where they have one.
    """
    basket = load_basket(basket_id, customer_id)
    if basket is None:
        return _returned([SaleProblem(_t("Dit mandje bestaat niet meer. Begin opnieuw."))])
    if basket.state is BasketState.ORDERED:
        return _result_of(basket.order_id)
    problems = finish_problems(basket, method, terms_accepted=terms_accepted)
    if problems:
        return _returned(problems)
    shown = as_shown(basket)
    problems = _check_benefits(basket)
    if problems:
        return _returned(problems)
    try:
        order_id = write_order(basket_id, customer_id, method, shown)
    except PassAlreadyClaimed:
        return _returned([SaleProblem(str(CLAIMED), kind="claimed")])
    except NotWritten as stopped:
        return _returned(stopped.problems) if stopped.problems else _again(basket_id, customer_id)
    return _register(order_id)


def finish_problems(
    basket: Basket, method: PaymentMethod | None, *, terms_accepted: bool
) -> list[SaleProblem]:
    """Why a basket cannot be finished as it stands: shown on its page, and obeyed."""
    problems = []
    if not basket.lines:
        return [SaleProblem(_t("Je mandje is leeg. Kies eerst een activiteit."), kind="empty")]
    if not is_held(basket) or any(not line.holding for line in basket.lines):
        problems.append(
            SaleProblem(
                str(EXPIRED),
                kind="expired",
            )
        )
    for line in unsettled(basket):
        name = line.person.first_name if line.person else _t("deze lijn")
        problems.append(
            SaleProblem(
                _t("Kies nog een voordeel voor %(name)s.", name=name),
                kind="benefit",
                line_id=line.id,
            )
        )
    if total_of(basket) > ZERO and method not in {PaymentMethod.DESK, PaymentMethod.TRANSFER}:
        problems.append(SaleProblem(_t("Kies hoe je betaalt."), field="method"))
    if not terms_accepted:
        problems.append(
            SaleProblem(_t("Vink aan dat je akkoord gaat met de voorwaarden."), field="terms")
        )
    return problems


def total_of(basket: Basket) -> Decimal:
    """What the basket costs with the benefits chosen, in euro."""
    return sum((line.price for line in basket.lines), ZERO)


def _check_benefits(basket: Basket) -> list[SaleProblem]:
    """Ask publiq once more: a changed price or a benefit that is gone stops before the sale."""
    lines = [line for line in basket.lines if line.tariff_id]
    if not lines:
        return []
    basket_id, customer_id, shown = basket.id, basket.customer_id, as_shown(basket)
    answers = ask_for_lines(lines)
    with write_transaction() as session:
        fresh = lock_basket(session, customer_id)
        if fresh is None or fresh.id != basket_id:
            return []  # another press was first: writing the order finds out which
        if as_shown(fresh) != shown:
            return [SaleProblem(str(CHANGED), kind="changed")]
        environment = active_environment()
        events = benefits_possible(line.activity_id for line in fresh.lines)
        problems = []
        for line in fresh.lines:
            if line.id not in answers:
                continue
            if line.environment is not environment or events.get(line.activity_id) != line.event_id:
                problems.append(_coupled_anew(line))
            else:
                problems += _compare(line, answers[line.id])
    return problems


def _coupled_anew(line: BasketLine) -> SaleProblem:
    """The environment, or the event of the activity, is no longer the one that was asked."""
    settle(line, None)
    line.message = _t("De koppeling met UiTPAS is gewijzigd. Kies je voordeel opnieuw.")
    line.benefit_settled = False
    return SaleProblem(line.message, line_id=line.id)


def _compare(line: BasketLine, answer: BenefitAnswer) -> list[SaleProblem]:
    """Old against new for one line; the parent decides by finishing again."""
    if not answer.answered:
        return [SaleProblem(answer.message or answer.sentence, line_id=line.id, kind="silence")]
    offer = next((offer for offer in answer.offers if offer.id == line.tariff_id), None)
    if offer is not None and offer.price == line.price:
        return []
    old_name, old_price = line.benefit_name, line.price
    line.offers = [item.as_json() for item in answer.offers]
    settle(line, offer)
    line.message = _what_changed(old_name, old_price, offer, line.price, answer)
    return [SaleProblem(line.message, line_id=line.id, kind="changed")]


def _what_changed(
    old_name: str, old_price: Decimal, offer: Offer | None, price: Decimal, answer: BenefitAnswer
) -> str:
    said = answer.message or answer.sentence
    if offer is None:
        text = _t(
            "%(benefit)s kan niet meer: de prijs is nu %(price)s in plaats van %(old_price)s. "
            "Rond opnieuw af als dat goed is, of haal deze lijn weg.",
            benefit=old_name,
            price=money(price),
            old_price=money(old_price),
        )
        return f"{said} {text}".strip()
    return _t(
        "De prijs met %(benefit)s is nu %(price)s in plaats van %(old_price)s. "
        "Rond opnieuw af als dat goed is.",
        benefit=old_name,
        price=money(price),
        old_price=money(old_price),
    )


def _register(order_id: int) -> FinishResult:
    """Sell at UiTPAS what the order wishes, then confirm it, return it, or leave it waiting."""
    sale = register_sales(order_id)
    if sale.outcome is SaleOutcome.UNKNOWN:
        sale = look_up_sales(order_id)  # a lost answer is often there at once
    if sale.outcome is SaleOutcome.REFUSED:
        problems = return_to_basket(order_id, sale.refusals)
        if problems:
            return FinishResult(FinishOutcome.RETURNED, order_id, problems=problems)
    if settle_order(order_id) is OrderState.LAPSED:
        undo_sales_of_order(order_id)
    return _result_of(order_id)


def _again(basket_id: int, customer_id: int) -> FinishResult:
    """Somebody else was first: show what became of it, or say that the time is over."""
    basket = load_basket(basket_id, customer_id)
    if basket is not None and basket.state is BasketState.ORDERED:
        return _result_of(basket.order_id)
    return _returned(
        [
            SaleProblem(
                str(EXPIRED),
                kind="expired",
            )
        ]
    )


def _result_of(order_id: int | None) -> FinishResult:
    order = db.session.get(Order, order_id, populate_existing=True) if order_id else None
    if order is None:
        return _returned([SaleProblem(_t("Dit mandje bestaat niet meer. Begin opnieuw."))])
    outcome = {
        OrderState.OPEN: FinishOutcome.PENDING,
        OrderState.LAPSED: FinishOutcome.RETURNED,
    }.get(order.state, FinishOutcome.CONFIRMED)
    return FinishResult(outcome, order.id, order.number)


def _returned(problems: list[SaleProblem]) -> FinishResult:
    return FinishResult(FinishOutcome.RETURNED, problems=problems)
