"""Choosing a benefit for each line of the basket: the offers and prices are publiq's (R2, R3)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from app.extensions import _l, _t, end_read, write_transaction
from app.formats import money
from app.people.passes import PassLookup
from app.sales.basket import lock_basket, open_basket
from app.sales.benefit_limits import chosen_too_often, offer_of, use_of
from app.sales.look_ups import find_numbers, forget_look_up
from app.sales.models import Basket, BasketLine
from app.sales.problems import BenefitRefused, SaleProblem
from app.sales.replaced_cards import follow_replaced
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
NO_BENEFITS_NOW = _l("Deze activiteit geeft nu geen voordelen: je betaalt de gewone prijs.")
"""Names no module, for that one may be off."""


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
    call_id: int | None = None
    """The row of the log of calls, where publiq refused or gave no answer; for staff."""


def offers_for(
    customer_id: int,
    may_look_up: Callable[[], bool] | None = lambda: True,
    *,
    may_repeat: Callable[[], bool] = lambda: True,
    made_by_id: int | None = None,
) -> list[LineOffers]:
    """Ask publiq for every line that uses a UiTPAS, and keep what it offered with the line.

    A missing number is first looked up by INSZ (R2), once, and as often as ``may_look_up`` allows;
    without it nothing new is looked up, and what was said before is said again. What publiq said
    of it is asked again, as often as ``may_repeat`` allows. Outside any transaction; one line's
    failure does not block the others.
    """
    follow_events(customer_id, made_by_id=made_by_id)
    basket = open_basket(customer_id, made_by_id=made_by_id)
    lines = [line for line in basket.lines if line.uses_uitpas] if basket else []
    if not lines:
        return []
    whose = {"made_by_id": made_by_id}
    look_ups = find_numbers(customer_id, made_by_id, lines, may_look_up, may_repeat)
    answers = ask_benefits(_asks(open_lines_of(customer_id, **whose)))
    newer = follow_replaced(customer_id, answers, **whose)
    if newer:
        of_newer = [line for line in open_lines_of(customer_id, **whose) if line.person_id in newer]
        answers, look_ups = answers | ask_benefits(_asks(of_newer)), look_ups | newer
    _keep(customer_id, made_by_id, answers)
    basket = open_basket(customer_id, **whose)  # none where another tab finished it meanwhile
    lines = [line for line in basket.lines if line.uses_uitpas] if basket else []
    shown = [_line_offers(line, answers, look_ups) for line in lines]
    end_read()
    return _preselect_what_remains(shown)


def follow_events(customer_id: int, *, made_by_id: int | None = None) -> bool:
    """Another environment, event or module since the line was put in the basket: choose anew.

    With UiTPAS off every line loses its benefit and says so, and nothing is left to choose.
    Returns whether a line changed, so that nobody pays a price that was not shown.
    """
    basket = open_basket(customer_id, made_by_id=made_by_id)
    lines = [line for line in basket.lines if line.uses_uitpas] if basket else []
    environment = active_environment()
    if all(
        (line.event_id, line.environment) == (event_id, environment)
        for line, event_id in _events_now(lines)
    ):
        return False
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, made_by_id=made_by_id)
        environment = active_environment()
        lines = [line for line in basket.lines if line.uses_uitpas] if basket else []
        for line, event_id in _events_now(lines):
            if line.event_id == event_id and line.environment is environment:
                continue
            if event_id is None:
                leave_uitpas(line, line.price)
                continue
            _clear(line)
            line.offers, line.offers_message = [], ""
            line.event_id, line.environment = event_id, environment
            line.benefit_settled = False
    return True


def leave_uitpas(line: BasketLine, old_price: Decimal) -> None:
    """The activity gives no benefits any more: the regular price, and why, beside the old one."""
    _clear(line)
    line.offers, line.offers_message = [], ""
    line.event_id = line.environment = None
    line.uses_uitpas, line.benefit_settled = False, True
    line.message = str(NO_BENEFITS_NOW)
    if line.price != old_price:
        line.message = _t(
            "Deze activiteit geeft nu geen voordelen: de prijs is nu %(price)s in plaats van "
            "%(old_price)s. Rond af als dat goed is, of haal deze lijn weg.",
            price=money(line.price),
            old_price=money(old_price),
        )


def _events_now(lines: list[BasketLine]) -> list[tuple[BasketLine, str | None]]:
    events = benefits_possible(line.activity_id for line in lines)
    return [(line, events.get(line.activity_id)) for line in lines]


def open_lines_of(customer_id: int, *, made_by_id: int | None = None) -> list[BasketLine]:
    """The lines of the open basket that use a UiTPAS whose number is known."""
    basket = open_basket(customer_id, made_by_id=made_by_id)
    lines = basket.lines if basket else []
    return [line for line in lines if line.uses_uitpas and line.uitpas_number]


def use_number(
    customer_id: int, line_id: int, number: str, *, made_by_id: int | None = None
) -> frozenset[int]:
    """Ask publiq about a number of the right form, then keep it with the person and its lines.

    Returns the ids of those lines, whose benefit is to be chosen anew; none for another's line.
    Raises BenefitRefused, with publiq's own words, when publiq does not know the number or gives
    no answer: then person and lines keep what they had. Outside any transaction.
    """
    line = _line_with_pass(open_basket(customer_id, made_by_id=made_by_id), line_id)
    if line is None:
        return frozenset()
    answer = ask_benefits([_ask_about(line, number)])[line_id]
    if not answer.answered or answer.problem in NOT_A_PASS:
        words = answer.message or answer.sentence
        said = SaleProblem(
            words, field=f"number-{line_id}", line_id=line_id, call_id=answer.call_id
        )
        raise BenefitRefused([said])
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, made_by_id=made_by_id)
        line = _line_with_pass(basket, line_id)
        if basket is None or line is None or line.person is None:
            return frozenset()
        line.person.uitpas_number = number
        changed = [
            item for item in basket.lines if item.uses_uitpas and item.person_id == line.person_id
        ]
        for item in changed:
            item.uitpas_number = number
            forget_look_up(item)
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


def choose_benefits(
    customer_id: int, choices: Mapping[int, str], *, made_by_id: int | None = None
) -> None:
    """Settle the benefit of each line: the id of an offer, or '' for none; never two.

    Lines that are not named keep what they have. Raises BenefitRefused when an offer was not
    made for that line, or is chosen more often than remains; all other lines are settled then.
    """
    problems = []
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, made_by_id=made_by_id)
        lines = {line.id: line for line in basket.lines if line.uses_uitpas} if basket else {}
        wanted: dict[int, Offer | None] = {}
        for line_id, offer_id in choices.items():
            line = lines.get(line_id)
            if line is None:
                continue
            offer = offer_of(line, offer_id)
            if offer_id == NO_BENEFIT or offer is not None:
                wanted[line_id] = offer
                continue
            sentence = _t("Dit voordeel is er niet meer. Kies opnieuw.")
            problems.append(SaleProblem(sentence, field=f"benefit-{line_id}", line_id=line_id))
        problems += chosen_too_often(lines, wanted)
        refused = {problem.line_id for problem in problems}
        for line_id, offer in wanted.items():
            if line_id not in refused:
                settle(lines[line_id], offer)
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


def _clear(line: BasketLine) -> None:
    line.benefit_kind = None
    line.tariff_id = None
    line.benefit_name = ""
    line.price = line.regular_price
    line.message = ""


def ask_for_lines(
    lines: Sequence[BasketLine], regular_prices: Mapping[int, Decimal]
) -> dict[int, BenefitAnswer]:
    """Ask publiq again for these lines, by line id; outside any transaction.

    ``regular_prices`` holds, in euro by line id, what the activity costs now.
    """
    return ask_benefits(
        [
            replace(ask, regular_price=regular_prices.get(ask.key, ask.regular_price))
            for ask in _asks(lines)
        ]
    )


def _asks(lines: Sequence[BasketLine]) -> list[BenefitAsk]:
    return [
        _ask_about(line, line.uitpas_number)
        for line in lines
        if line.environment and line.event_id and line.uitpas_number
    ]


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


def _keep(customer_id: int, made_by_id: int | None, answers: Mapping[int, BenefitAnswer]) -> None:
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, made_by_id=made_by_id)
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
        offer = offer_of(line, line.tariff_id)
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
        call_id=answer.call_id,
    )


def _selected(line: BasketLine, offers: list[Offer]) -> str:
    """What was chosen before, else the social tariff where there is one."""
    if line.benefit_settled:
        return line.tariff_id or NO_BENEFIT
    social = [offer for offer in offers if offer.kind is BenefitKind.SOCIAL_TARIFF]
    return social[0].id if social else NO_BENEFIT


def _preselect_what_remains(shown: Sequence[LineOffers]) -> list[LineOffers]:
    """Nothing is preselected more often than it can be used, as where two children share a pass."""
    used = Counter(
        use_of(item.line, offer)
        for item in shown
        if item.line.benefit_settled and (offer := offer_of(item.line, item.selected)) is not None
    )
    result = []
    for item in shown:
        offer = offer_of(item.line, item.selected)
        if offer is not None and not item.line.benefit_settled:
            used[use_of(item.line, offer)] += 1
            if used[use_of(item.line, offer)] > offer.remaining:
                item = replace(item, selected=NO_BENEFIT)
        result.append(item)
    return result


def unsettled(basket: Basket) -> list[BasketLine]:
    """Lines for which a benefit is still to be chosen."""
    return [line for line in basket.lines if line.uses_uitpas and not line.benefit_settled]
