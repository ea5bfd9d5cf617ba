"""Choosing a benefit for each line of the basket: the offers and prices are publiq's (R2, R3)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.extensions import end_read, write_transaction
from app.people.passes import PassLookup, find_missing_numbers
from app.sales.basket import lock_basket, open_basket
from app.sales.models import Basket, BasketLine
from app.sales.problems import BenefitRefused, SaleProblem
from app.uitpas.benefits import BenefitAnswer, BenefitAsk, Offer, ask_benefits
from app.uitpas.models import BenefitKind

NO_BENEFIT = ""


@dataclass(frozen=True)
class LineOffers:
    """What one line may use, for the page where a parent chooses."""

    line: BasketLine
    offers: list[Offer]
    message: str
    """publiq's own words to the end user."""
    sentence: str
    """Our own sentence, where publiq gave no usable answer."""
    answered: bool
    look_up: PassLookup | None
    """What became of the look-up by INSZ, where the number was missing."""
    selected: str
    """Id of the offer that is chosen or preselected; '' for none."""


def offers_for(customer_id: int) -> list[LineOffers]:
    """Ask publiq for every line that uses a UiTPAS, and keep what it offered with the line.

    A missing number is first looked up by INSZ (R2). Outside any transaction; one line's failure
    does not block the others.
    """
    basket = open_basket(customer_id)
    lines = [line for line in basket.lines if line.uses_uitpas] if basket else []
    if not lines:
        return []
    look_ups = _find_numbers(customer_id, lines)
    answers = _ask(open_lines_of(customer_id))
    _keep(customer_id, answers)
    basket = open_basket(customer_id)
    assert basket is not None
    shown = [_line_offers(line, answers, look_ups) for line in basket.lines if line.uses_uitpas]
    end_read()
    return shown


def open_lines_of(customer_id: int) -> list[BasketLine]:
    """The lines of the open basket that use a UiTPAS whose number is known."""
    basket = open_basket(customer_id)
    lines = basket.lines if basket else []
    return [line for line in lines if line.uses_uitpas and line.uitpas_number]


def use_number(customer_id: int, line_id: int, number: str) -> bool:
    """Use a checked number for one line and keep it with its person; False for another's line."""
    with write_transaction() as session:
        basket = lock_basket(session, customer_id)
        line = next((item for item in basket.lines if item.id == line_id), None) if basket else None
        if line is None or line.person is None:
            return False
        line.person.uitpas_number = number
        line.uitpas_number = number
        _clear(line)
        line.benefit_settled = False
        return True


def choose_benefits(customer_id: int, choices: Mapping[int, str]) -> None:
    """Settle the benefit of each line: the id of an offer, or '' for none; never two.

    Lines that are not named keep what they have. Raises BenefitRefused when an offer was not
    made for that line, or is chosen more often than remains.
    """
    with write_transaction() as session:
        basket = lock_basket(session, customer_id)
        lines = {line.id: line for line in basket.lines if line.uses_uitpas} if basket else {}
        problems = []
        for line_id, offer_id in choices.items():
            line = lines.get(line_id)
            if line is None:
                continue
            offer = _offer(line, offer_id)
            if offer_id != NO_BENEFIT and offer is None:
                problems.append(
                    SaleProblem(
                        "Dit voordeel is er niet meer. Kies opnieuw.",
                        field=f"benefit-{line_id}",
                        line_id=line_id,
                    )
                )
                continue
            settle(line, offer)
        problems += _chosen_too_often(list(lines.values()))
        if problems:
            raise BenefitRefused(problems)


def settle(line: BasketLine, offer: Offer | None) -> None:
    """Give a line this offer, or no benefit."""
    _clear(line)
    line.benefit_settled = True
    if offer is not None:
        line.benefit_kind = offer.kind
        line.tariff_id = offer.id
        line.benefit_name = offer.name
        line.price = offer.price


def price_of(line: BasketLine) -> Decimal:
    """What the line costs as chosen, in euro."""
    return line.price


def _clear(line: BasketLine) -> None:
    line.benefit_kind = None
    line.tariff_id = None
    line.benefit_name = ""
    line.price = line.regular_price
    line.message = ""


def _offer(line: BasketLine, offer_id: str) -> Offer | None:
    offers = [Offer.from_json(stored) for stored in line.offers]
    return next((offer for offer in offers if offer.id == offer_id), None)


def _chosen_too_often(lines: list[BasketLine]) -> list[SaleProblem]:
    """The same offer of the same pass for the same event, more often than publiq says remains."""
    chosen = Counter(
        (line.uitpas_number, line.event_id, line.tariff_id) for line in lines if line.tariff_id
    )
    problems = []
    for line in lines:
        key = (line.uitpas_number, line.event_id, line.tariff_id)
        offer = _offer(line, line.tariff_id or NO_BENEFIT)
        if offer is not None and chosen[key] > offer.remaining:
            problems.append(
                SaleProblem(
                    f"Dit voordeel kan nog {offer.remaining} keer met deze UiTPAS. "
                    "Kies het minder vaak.",
                    field=f"benefit-{line.id}",
                    line_id=line.id,
                )
            )
    return problems


def _find_numbers(customer_id: int, lines: list[BasketLine]) -> dict[int, PassLookup]:
    """Look up the numbers that are missing, and keep what was found with person and line."""
    missing = {
        line.person_id for line in lines if line.person_id is not None and not line.uitpas_number
    }
    if not missing:
        return {}
    end_read()
    look_ups = find_missing_numbers(sorted(missing))
    with write_transaction() as session:
        basket = lock_basket(session, customer_id)
        for line in basket.lines if basket else []:
            look_up = look_ups.get(line.person_id or 0)
            if look_up is not None and look_up.number and not line.uitpas_number:
                line.uitpas_number = look_up.number
    return look_ups


def ask_for_lines(lines: list[BasketLine]) -> dict[int, BenefitAnswer]:
    """Ask publiq again for these lines, by line id; outside any transaction."""
    return _ask(lines)


def _ask(lines: list[BasketLine]) -> dict[int, BenefitAnswer]:
    asks = [
        BenefitAsk(
            key=line.id,
            environment=line.environment,
            event_id=line.event_id,
            uitpas_number=line.uitpas_number,
            regular_price=line.regular_price,
            activity_id=line.activity_id,
        )
        for line in lines
        if line.environment and line.event_id and line.uitpas_number
    ]
    return ask_benefits(asks)


def _keep(customer_id: int, answers: Mapping[int, BenefitAnswer]) -> None:
    with write_transaction() as session:
        basket = lock_basket(session, customer_id)
        for line in basket.lines if basket else []:
            answer = answers.get(line.id)
            if answer is None:
                continue
            line.offers = [offer.as_json() for offer in answer.offers]
            line.offers_message = answer.message
            _drop_vanished(line)


def _drop_vanished(line: BasketLine) -> None:
    """What was chosen before and is not offered now is to be chosen again."""
    if line.tariff_id is not None:
        offer = _offer(line, line.tariff_id)
        if offer is None:
            _clear(line)
            line.benefit_settled = False
        else:
            line.price = offer.price


def _line_offers(
    line: BasketLine, answers: Mapping[int, BenefitAnswer], look_ups: Mapping[int, PassLookup]
) -> LineOffers:
    answer = answers.get(line.id, BenefitAnswer())
    return LineOffers(
        line=line,
        offers=answer.offers,
        message=answer.message,
        sentence=answer.sentence,
        answered=answer.answered,
        look_up=look_ups.get(line.person_id or 0),
        selected=_selected(line, answer.offers),
    )


def _selected(line: BasketLine, offers: list[Offer]) -> str:
    """What was chosen before, else the social tariff where there is one."""
    if line.benefit_settled:
        return line.tariff_id or NO_BENEFIT
    social = [offer for offer in offers if offer.kind is BenefitKind.SOCIAL_TARIFF]
    return social[0].id if social else NO_BENEFIT


def unsettled(basket: Basket) -> list[BasketLine]:
    """Lines for which a benefit is still to be chosen."""
    return [line for line in basket.lines if line.uses_uitpas and not line.benefit_settled]
