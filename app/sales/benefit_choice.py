"""Choosing a benefit for each line of the basket: the offers and prices are publiq's (R2, R3)."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from app.extensions import _l, _t, end_read, write_transaction
from app.people.passes import PassLookup, find_missing_numbers
from app.sales.basket import lock_basket, open_basket
from app.sales.models import Basket, BasketLine
from app.sales.problems import BenefitRefused, SaleProblem
from app.settings.uit import active_environment
from app.uitdatabank.links import benefits_possible
from app.uitpas.benefits import BenefitAnswer, BenefitAsk, Offer, ask_benefits
from app.uitpas.models import BenefitKind

NO_BENEFIT = ""
NOT_A_PASS = frozenset(
    {
        "uitpas/invalid-uitpas-number",
        "uitpas/passholder-not-found",
        "uitpas/pass-not-found",
        "uitpas/event-not-found",
    }
)
"""publiq's answers after which nothing is known of a number, least of all that it is a pass's."""
NO_BENEFITS_NOW = _l("Deze activiteit geeft nu geen UiTPAS-voordelen: je betaalt de gewone prijs.")


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


def offers_for(
    customer_id: int, may_look_up: Callable[[], bool] = lambda: True
) -> list[LineOffers]:
    """Ask publiq for every line that uses a UiTPAS, and keep what it offered with the line.

    A missing number is first looked up by INSZ (R2), as often as ``may_look_up`` allows. Outside
    any transaction; one line's failure does not block the others.
    """
    _follow_events(customer_id)
    basket = open_basket(customer_id)
    lines = [line for line in basket.lines if line.uses_uitpas] if basket else []
    if not lines:
        return []
    look_ups = _find_numbers(customer_id, lines, may_look_up)
    answers = _ask(open_lines_of(customer_id))
    _keep(customer_id, answers)
    basket = open_basket(customer_id)  # none where another tab finished it meanwhile
    lines = [line for line in basket.lines if line.uses_uitpas] if basket else []
    shown = [_line_offers(line, answers, look_ups) for line in lines]
    end_read()
    return shown


def _follow_events(customer_id: int) -> None:
    """Another environment, event or module since the line was put in the basket: choose anew."""
    basket = open_basket(customer_id)
    lines = [line for line in basket.lines if line.uses_uitpas] if basket else []
    environment = active_environment()
    if all(
        (line.event_id, line.environment) == (event_id, environment)
        for line, event_id in _events_now(lines)
    ):
        return
    with write_transaction() as session:
        basket = lock_basket(session, customer_id)
        environment = active_environment()
        lines = [line for line in basket.lines if line.uses_uitpas] if basket else []
        for line, event_id in _events_now(lines):
            if line.event_id == event_id and line.environment is environment:
                continue
            _clear(line)
            line.offers, line.offers_message = [], ""
            line.event_id = event_id
            line.environment = environment if event_id else None
            line.uses_uitpas = event_id is not None
            line.benefit_settled = event_id is None
            if event_id is None:
                line.message = str(NO_BENEFITS_NOW)


def _events_now(lines: list[BasketLine]) -> list[tuple[BasketLine, str | None]]:
    events = benefits_possible(line.activity_id for line in lines)
    return [(line, events.get(line.activity_id)) for line in lines]


def open_lines_of(customer_id: int) -> list[BasketLine]:
    """The lines of the open basket that use a UiTPAS whose number is known."""
    basket = open_basket(customer_id)
    lines = basket.lines if basket else []
    return [line for line in lines if line.uses_uitpas and line.uitpas_number]


def use_number(customer_id: int, line_id: int, number: str) -> frozenset[int]:
    """Ask publiq about a number of the right form, then keep it with the person and its lines.

    Returns the ids of those lines, whose benefit is to be chosen anew; none for another's line.
    Raises BenefitRefused, with publiq's own words, when publiq does not know the number or gives
    no answer: then person and lines keep what they had. Outside any transaction.
    """
    line = _line_with_pass(open_basket(customer_id), line_id)
    if line is None:
        return frozenset()
    answer = ask_benefits([_ask_about(line, number)])[line_id]
    if not answer.answered or answer.problem in NOT_A_PASS:
        words = answer.message or answer.sentence
        raise BenefitRefused([SaleProblem(words, field=f"number-{line_id}", line_id=line_id)])
    with write_transaction() as session:
        basket = lock_basket(session, customer_id)
        line = _line_with_pass(basket, line_id)
        if basket is None or line is None or line.person is None:
            return frozenset()
        line.person.uitpas_number = number
        changed = [
            item for item in basket.lines if item.uses_uitpas and item.person_id == line.person_id
        ]
        for item in changed:
            item.uitpas_number = number
            item.offers, item.offers_message = [], ""
            _clear(item)
            item.benefit_settled = False
        return frozenset(item.id for item in changed)


def _line_with_pass(basket: Basket | None, line_id: int) -> BasketLine | None:
    """The line of this basket, if it is somebody's at an event where a pass can be used."""
    for line in basket.lines if basket else []:
        if line.id == line_id and line.uses_uitpas and line.person_id:
            return line if line.environment and line.event_id else None
    return None


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
                        _t("Dit voordeel is er niet meer. Kies opnieuw."),
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
                    _t(
                        "Dit voordeel kan nog %(number)s keer met deze UiTPAS. "
                        "Kies het minder vaak.",
                        number=offer.remaining,
                    ),
                    field=f"benefit-{line.id}",
                    line_id=line.id,
                )
            )
    return problems


def _find_numbers(
    customer_id: int, lines: list[BasketLine], may_look_up: Callable[[], bool]
) -> dict[int, PassLookup]:
    """Look up the numbers that are missing, and keep what was found with person and line."""
    missing = {
        line.person_id for line in lines if line.person_id is not None and not line.uitpas_number
    }
    if not missing:
        return {}
    end_read()
    look_ups = find_missing_numbers(sorted(missing), may_look_up)
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
        _ask_about(line, line.uitpas_number)
        for line in lines
        if line.environment and line.event_id and line.uitpas_number
    ]
    return ask_benefits(asks)


def _ask_about(line: BasketLine, number: str) -> BenefitAsk:
    assert line.environment and line.event_id, "only a published activity has benefits"
    return BenefitAsk(
        key=line.id,
        environment=line.environment,
        event_id=line.event_id,
        uitpas_number=number,
        regular_price=line.regular_price,
        activity_id=line.activity_id,
    )


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
