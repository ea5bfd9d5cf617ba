"""Afronden: from basket to order, with the sale at UiTPAS before any payment (R5).

The order, its lines, its wishes at UiTPAS and the claims on the passes are one commit. Only then
UiTPAS is called, outside any transaction; what it answers is committed before anything else.
Whatever happens between two commits is finished or undone by ``reconciler``.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from app.extensions import _t, db
from app.payments.models import PaymentMethod
from app.sales.benefit_choice import unsettled
from app.sales.holds import is_held
from app.sales.models import Basket, BasketState, Order, OrderState
from app.sales.ordering import CLAIMED, EXPIRED, NotWritten, load_basket, write_order
from app.sales.price_check import check_prices
from app.sales.problems import SaleProblem
from app.sales.settling import return_to_basket, settle_order
from app.uitpas.ledger import PassAlreadyClaimed
from app.uitpas.looking_up import look_up_sales
from app.uitpas.selling import SaleOutcome, register_sales
from app.uitpas.undoing import undo_sales_of_order

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
    made_by_id: int | None = None,
) -> FinishResult:
    """Finish a basket. A second press, tab or 'back' finds the order of the first.

    Of a basket that staff made, ``made_by_id`` is the account; nobody else can finish it.

    The problems of a basket that cannot be finished stand at their line where they have one.
    """
    basket = load_basket(basket_id, customer_id, made_by_id)
    if basket is None:
        return _returned([SaleProblem(_t("Dit mandje bestaat niet meer. Begin opnieuw."))])
    if basket.state is BasketState.ORDERED:
        return _result_of(basket.order_id)
    problems = finish_problems(basket, method, terms_accepted=terms_accepted)
    if problems:
        return _returned(problems)
    checked = check_prices(basket)
    if checked.problems:
        return _returned(checked.problems)
    try:
        order_id = write_order(basket_id, customer_id, method, checked.shown, made_by_id=made_by_id)
    except PassAlreadyClaimed:
        return _returned([SaleProblem(str(CLAIMED), kind="claimed")])
    except NotWritten as stopped:
        if stopped.problems:
            return _returned(stopped.problems)
        return _again(basket_id, customer_id, made_by_id)
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
    by_staff = basket.made_by_id is not None
    if total_of(basket) > ZERO and method not in {PaymentMethod.DESK, PaymentMethod.TRANSFER}:
        asks = _t("Kies hoe de klant betaalt.") if by_staff else _t("Kies hoe je betaalt.")
        problems.append(SaleProblem(asks, field="method"))
    if not terms_accepted:
        problems.append(SaleProblem(_terms_words(by_staff=by_staff), field="terms"))
    return problems


def _terms_words(*, by_staff: bool) -> str:
    if by_staff:
        return _t("Vink aan dat de klant akkoord gaat met de voorwaarden.")
    return _t("Vink aan dat je akkoord gaat met de voorwaarden.")


def total_of(basket: Basket) -> Decimal:
    """What the basket costs with the benefits chosen, in euro."""
    return sum((line.price for line in basket.lines), ZERO)


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


def _again(basket_id: int, customer_id: int, made_by_id: int | None) -> FinishResult:
    """Somebody else was first: show what became of it, or say that the time is over."""
    basket = load_basket(basket_id, customer_id, made_by_id)
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
