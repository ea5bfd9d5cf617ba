"""What is sold is what was shown: prices and benefits once more, just before an order is written.

Whatever changed since a line was put in the basket - the price of its category, publiq's price of
the benefit, the event or the module - is put right at the line, with the old and the new price in
words, and nothing is sold: whoever finishes again agrees to what then stands there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.activities.models import PriceCategory
from app.activities.prices import allowed_categories, cheapest_category
from app.extensions import _t, write_transaction
from app.formats import money
from app.sales.basket import lock_basket
from app.sales.benefit_choice import ask_for_lines, leave_uitpas, settle
from app.sales.models import Basket, BasketLine
from app.sales.ordering import CHANGED, COUPLED_ANEW, Shown, as_shown
from app.sales.overriding import RESIDENCE
from app.sales.problems import SaleProblem
from app.settings.models import Environment
from app.settings.uit import active_environment
from app.uitdatabank.links import benefits_possible
from app.uitpas.benefits import BenefitAnswer, Offer
from app.uitpas.models import BenefitKind


@dataclass(frozen=True)
class PriceNow:
    """The price category that a line has now; ``price`` in euro."""

    category_id: int
    name: str
    price: Decimal


@dataclass(frozen=True)
class Checked:
    """What stops the finishing, and the basket as it may be sold where nothing does."""

    problems: list[SaleProblem]
    shown: Shown


def check_prices(basket: Basket) -> Checked:
    """Compare each line with what its activity and publiq ask now. Outside any transaction.

    ``basket`` comes from ``load_basket()``. Lines whose price or benefit changed are put right and
    say so; a line about which publiq is silent keeps all it had.
    """
    shown = as_shown(basket)
    prices = {line.id: price_now(line) for line in basket.lines}
    with_benefit = [line for line in basket.lines if line.tariff_id]
    if not with_benefit and not any(_differs(line, prices[line.id]) for line in basket.lines):
        return Checked([], shown)
    basket_id, customer_id, made_by_id = basket.id, basket.customer_id, basket.made_by_id
    answers = ask_for_lines(
        with_benefit, {key: now.price for key, now in prices.items() if now is not None}
    )
    with write_transaction() as session:
        fresh = lock_basket(session, customer_id, made_by_id=made_by_id)
        if fresh is None or fresh.id != basket_id:
            return Checked([], shown)  # another press was first: writing the order finds out which
        if as_shown(fresh) != shown:
            return Checked([SaleProblem(str(CHANGED), kind="changed")], shown)
        problems = _put_right(fresh, prices, answers)
        return Checked(problems, as_shown(fresh))


def price_now(line: BasketLine) -> PriceNow | None:
    """The line's own category while it may have it, else the cheapest; None where there is none.

    What staff chose against the rule of residence stays theirs to choose.
    """
    if line.person is None:
        return None
    allowed = allowed_categories(line.activity, line.person.postal_code)
    category: PriceCategory | None = line.price_category
    if category is None or (category not in allowed and RESIDENCE not in line.overridden):
        category = cheapest_category(line.activity, line.person.postal_code)
    return None if category is None else PriceNow(category.id, category.name, category.price)


def _differs(line: BasketLine, price: PriceNow | None) -> bool:
    """Whether the line's category or its price is another; who may have none is refused later."""
    return price is not None and (line.price_category_id, line.regular_price) != (
        price.category_id,
        price.price,
    )


def _put_right(
    basket: Basket,
    prices: Mapping[int, PriceNow | None],
    answers: Mapping[int, BenefitAnswer],
) -> list[SaleProblem]:
    environment = active_environment()
    events = benefits_possible(line.activity_id for line in basket.lines)
    problems = []
    for line in basket.lines:
        event_id, price = events.get(line.activity_id), prices.get(line.id)
        if line.tariff_id is None:
            found = _compare_regular(line, price)
        elif _is_coupled(line, event_id, environment):
            found = _compare_benefit(line, price, answers.get(line.id, BenefitAnswer()))
        else:
            found = _coupled_anew(line, price, event_id)
        if found is not None:
            problems.append(found)
    return problems


def _is_coupled(line: BasketLine, event_id: str | None, environment: Environment) -> bool:
    """Whether the event that was asked is still that of the activity, where we work now."""
    return line.environment is environment and event_id == line.event_id


def _compare_regular(line: BasketLine, price: PriceNow | None) -> SaleProblem | None:
    """Without a benefit the price is that of the category."""
    old = line.price
    if price is None or not _differs(line, price):
        return None
    _set_regular(line, price)
    line.price = line.regular_price
    if line.price == old:
        return None
    sentence = _t(
        "De prijs van deze activiteit is nu %(price)s in plaats van %(old_price)s. "
        "Rond opnieuw af als dat goed is, of haal deze lijn weg.",
        price=money(line.price),
        old_price=money(old),
    )
    return _say(line, sentence)


def _compare_benefit(
    line: BasketLine, price: PriceNow | None, answer: BenefitAnswer
) -> SaleProblem | None:
    """Old against new for a line with a benefit; the price of the benefit is publiq's."""
    if not answer.answered:
        words = answer.message or answer.sentence
        return SaleProblem(words, line_id=line.id, kind="silence")
    old_name, old_price = line.benefit_name, line.price
    offer = _still_offered(line, answer.offers)
    if price is not None and _differs(line, price):
        _set_regular(line, price)
    line.offers = [item.as_json() for item in answer.offers]
    said_before = line.message
    settle(line, offer)
    if offer is None:
        return _say(line, _gone(line, old_name, old_price, answer))
    if offer.price == old_price:
        line.message = said_before
        return None
    sentence = _t(
        "De prijs met %(benefit)s is nu %(price)s in plaats van %(old_price)s. "
        "Rond opnieuw af als dat goed is.",
        benefit=offer.name,
        price=money(offer.price),
        old_price=money(old_price),
    )
    return _say(line, sentence)


def _still_offered(line: BasketLine, offers: list[Offer]) -> Offer | None:
    """The same offer; a social tariff also under another id, for publiq gives at most one."""
    for offer in offers:
        if offer.id == line.tariff_id:
            return offer
    if line.benefit_kind is not BenefitKind.SOCIAL_TARIFF:
        return None
    return next((offer for offer in offers if offer.kind is BenefitKind.SOCIAL_TARIFF), None)


def _gone(line: BasketLine, old_name: str, old_price: Decimal, answer: BenefitAnswer) -> str:
    values = {
        "benefit": old_name,
        "price": money(line.price),
        "old_price": money(old_price),
    }
    if answer.offers:
        text = _t(
            "%(benefit)s kan niet meer: de prijs is nu %(price)s in plaats van %(old_price)s. "
            "Rond opnieuw af als dat goed is, kies een ander voordeel, of haal deze lijn weg.",
            **values,
        )
    else:
        text = _t(
            "%(benefit)s kan niet meer: de prijs is nu %(price)s in plaats van %(old_price)s. "
            "Rond opnieuw af als dat goed is, of haal deze lijn weg.",
            **values,
        )
    return f"{answer.message or answer.sentence} {text}".strip()


def _coupled_anew(line: BasketLine, price: PriceNow | None, event_id: str | None) -> SaleProblem:
    """The environment, the module or the event of the activity is no longer what was asked."""
    old_price = line.price
    if price is not None and _differs(line, price):
        _set_regular(line, price)
    if event_id is None:
        leave_uitpas(line, old_price)
        return SaleProblem(line.message, line_id=line.id, kind="changed")
    settle(line, None)
    line.benefit_settled = False
    line.offers = []
    sentence = _t(
        "%(anew)s De prijs was %(old_price)s.", anew=str(COUPLED_ANEW), old_price=money(old_price)
    )
    return _say(line, sentence)


def _set_regular(line: BasketLine, price: PriceNow) -> None:
    """Another category or price: what publiq offered was about the old one."""
    line.price_category_id, line.category_name = price.category_id, price.name
    line.regular_price = price.price
    line.offers = []


def _say(line: BasketLine, sentence: str) -> SaleProblem:
    line.message = sentence
    return SaleProblem(sentence, line_id=line.id, kind="changed")
