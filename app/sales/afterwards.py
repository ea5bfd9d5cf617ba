"""Voordeel achteraf: staff add a benefit to a confirmed line that has none (C8).

What publiq offers is asked again at confirming: another price than was shown stops before
anything is sold. Then the wish is committed, sold once, and the order's balance follows.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from app.extensions import _l, _t, end_read, write_transaction
from app.formats import money
from app.payments.requests import lock_request
from app.sales.cancelling import find_line
from app.sales.change_steps import Changed, outcome, resume_change
from app.sales.changes import change_problems, new_change
from app.sales.models import ChangeKind, ChangeState, OrderLine
from app.sales.ordering import label_of, new_line_ref
from app.sales.problems import ChangeRefused, SaleProblem
from app.sales.settling import lock_order
from app.settings.models import Environment
from app.settings.uit import active_environment
from app.uitdatabank.links import benefits_possible, hold_events
from app.uitpas.benefits import BenefitAnswer, BenefitAsk, Offer, ask_benefits
from app.uitpas.ledger import PassAlreadyClaimed, Wish, claim_passes, entries_of_lines, plan

CLAIMED = _l(
    "Er loopt net een bestelling met deze UiTPAS voor dezelfde activiteit. Wacht tot die klaar is."
)
NO_BENEFITS = _l(
    "Deze activiteit geeft geen UiTPAS-voordelen: ze is niet gepubliceerd met UiTPAS. Publiceer ze "
    "eerst, of kijk bij ‘Waarom geen kansentarief?’."
)
HAS_ONE = _l("Deze inschrijving heeft al een voordeel. Meer dan één kan niet.")
COUPLED_ANEW = _l("De koppeling met UiTPAS is gewijzigd. Kies het voordeel opnieuw.")


@dataclass
class BenefitRefusal(Exception):  # noqa: N818 - states what happened
    """The benefit cannot be added as it was chosen; ``answer`` is what publiq offers now."""

    problems: list[SaleProblem]
    answer: BenefitAnswer = field(default_factory=BenefitAnswer)


def benefit_problems(line: OrderLine) -> list[SaleProblem]:
    """Why this line can have no benefit afterwards: shown on its page, and obeyed."""
    problems = change_problems(line)
    if problems:
        return problems
    if line.benefit_kind is not None:
        return [SaleProblem(str(HAS_ONE), kind="double")]
    if line.regular_price == 0:
        return [SaleProblem(_t("Deze inschrijving is gratis. Een voordeel is niet nodig."))]
    if line.activity_id not in benefits_possible([line.activity_id]):
        return [SaleProblem(str(NO_BENEFITS), kind="unpublished")]
    return []


def offers_afterwards(line: OrderLine, number: str) -> BenefitAnswer:
    """What publiq offers for this pass at the regular price of the line. Outside any transaction.

    Only for a line without ``benefit_problems()``.
    """
    event_id = benefits_possible([line.activity_id])[line.activity_id]
    ask = BenefitAsk(
        key=line.id,
        environment=active_environment(),
        event_id=event_id,
        uitpas_number=number,
        regular_price=line.regular_price,
        activity_id=line.activity_id,
    )
    end_read()
    return ask_benefits([ask])[ask.key]


def add_benefit(line_ref: str, number: str, tariff_id: str, shown_price: Decimal) -> Changed:
    """Register the benefit now, at the price that was shown in euro; the balance follows.

    Raises ChangeRefused where the line cannot have one, BenefitRefusal where the benefit is gone
    or has another price: then nothing was done. A lost answer leaves it waiting.
    """
    line = find_line(line_ref)
    if line is None:
        raise ChangeRefused([SaleProblem(_t("Deze inschrijving bestaat niet."))])
    problems = benefit_problems(line)
    if problems:
        raise ChangeRefused(problems)
    asked_for = benefits_possible([line.activity_id])[line.activity_id]
    environment = active_environment()
    answer = offers_afterwards(line, number)
    offer = next((item for item in answer.offers if item.id == tariff_id), None)
    problem = _offer_problem(answer, offer, shown_price)
    if problem or offer is None:
        raise BenefitRefusal([SaleProblem(problem, field="benefit", kind="changed")], answer)
    try:
        change_id = _write(line_ref, number, offer, (environment, asked_for))
    except PassAlreadyClaimed:
        raise ChangeRefused([SaleProblem(str(CLAIMED), kind="claimed")]) from None
    resume_change(change_id)
    return outcome(change_id)


def _offer_problem(answer: BenefitAnswer, offer: Offer | None, shown: Decimal) -> str:
    """What is not as it was shown, if anything."""
    if not answer.answered:
        return answer.message or answer.sentence
    if offer is None:
        said = answer.message or answer.sentence
        gone = _t("Dit voordeel kan niet meer. Kies opnieuw uit wat UiTPAS nu geeft.")
        return f"{said} {gone}".strip()
    if offer.price == shown:
        return ""
    return _t(
        "De prijs met %(benefit)s is nu %(price)s in plaats van %(shown)s. Bevestig opnieuw als "
        "dat goed is.",
        benefit=offer.name,
        price=money(offer.price),
        shown=money(shown),
    )


def _write(line_ref: str, number: str, offer: Offer, event: tuple[Environment, str]) -> int:
    """One commit: the wish, the claim on the pass, and the change that waits for both."""
    environment, event_id = event
    with write_transaction() as session:
        line = find_line(line_ref)
        assert line is not None, "lines are never deleted"
        order = lock_order(session, line.order_id)
        if order.payment_request_id is not None:
            lock_request(session, order.payment_request_id)
        line = next(item for item in order.lines if item.line_ref == line_ref)
        problems = benefit_problems(line)
        if problems:
            raise ChangeRefused(problems)
        events = hold_events(session, [line.activity_id])
        if events.get(line.activity_id) != event_id or active_environment() is not environment:
            raise ChangeRefused([SaleProblem(str(COUPLED_ANEW), kind="changed")])
        # an earlier wish of this line keeps its reference; a second one needs its own
        reference = new_line_ref() if entries_of_lines([line_ref]) else line_ref
        wish = Wish(
            line_ref=reference,
            kind=offer.kind,
            environment=environment,
            event_id=event_id,
            uitpas_number=number,
            tariff_id=offer.id,
            tariff_name=offer.name,
            regular_price=line.regular_price,
            regular_price_label=label_of(line.category_name, reference),
            wished_price=offer.price,
        )
        plan(session, order.id, [wish])
        claim_passes(session, order.id, [(environment, number, event_id)])
        change = new_change(
            line,
            ChangeKind.BENEFIT,
            ChangeState.SELLING,
            to_activity_id=line.activity_id,
            price_category_id=line.price_category_id,
            category_name=line.category_name,
            regular_price=line.regular_price,
            environment=environment,
            event_id=event_id,
            agreed_price=offer.price,
            wish_ref=reference,
        )
        session.add(change)
        session.flush()
        return change.id
