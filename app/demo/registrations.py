"""Registrations, benefits, payments and a cancellation, made as a parent and a clerk make them."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.demo import by_hand, camps, classes, summer
from app.demo.families import PARENT, customer_ids, person_ids
from app.demo.programme import activity_ids
from app.extensions import db, end_read
from app.payments.models import PaymentMeans, PaymentMethod, PaymentRequest
from app.payments.requests import register_payment
from app.sales.basket import Choice, add_to_basket, open_basket, remove_line
from app.sales.benefit_choice import LineOffers, choose_benefits, offers_for
from app.sales.cancelling import cancel_line
from app.sales.checkout import FinishOutcome, finish
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.sales.problems import SaleRefused
from app.settings.uit import active_environment
from app.uitdatabank.publishing import benefits_possible
from app.uitpas.benefits import BenefitAsk, ask_benefits
from app.uitpas.models import BenefitKind

CASH, TERMINAL, TRANSFER = PaymentMeans.CASH, PaymentMeans.TERMINAL, PaymentMeans.TRANSFER
UITPAS_MOMENT = 1.0
"""Seconds after which we look whether a new event reached UiTPAS, each time."""
UITPAS_TIMES = 8
PROBE = "0900000095902"
"""Of publiq's public test set, without social tariff: only to hear whether an event is known."""


@dataclass(frozen=True)
class Wish:
    """One basket: first names with activities, whether a UiTPAS is used, and what was paid with."""

    customer: str
    lines: tuple[tuple[str, str], ...]
    uitpas: bool = False
    paid: PaymentMeans | None = None
    transfer: bool = False
    coupons: bool = False
    trouble: Callable[[], bool] | None = None
    """What goes wrong at UiTPAS when it is finished; not played where we cannot."""


@dataclass
class Registered:
    """What came of it."""

    lines: int = 0
    benefits: int = 0
    failures: list[str] = field(default_factory=list)


CLAES = "sofie.claes@post.example"
EL_AMRANI = "samira.elamrani@post.example"
PEETERS = "jan.peeters@post.example"
MAES = "els.maes@post.example"
KOVALENKO = "iryna.kovalenko@post.example"
WILLEMS = "jef.willems@post.example"
VERBEKE = "tom.verbeke@post.example"
JACOBS = "karen.jacobs@post.example"
HADDAD = "fatima.haddad@post.example"
VAN_DAMME = "bart.vandamme@post.example"
DUBOIS = "inge.dubois@post.example"
DIALLO = "mariama.diallo@post.example"
DE_SMET = "katrien.desmet@post.example"

WISHES = (
    Wish(PARENT, (("Fien", classes.SWIMMING),), paid=TRANSFER, transfer=True),
    Wish(PARENT, (("Lien", classes.FIRST_AID),)),
    Wish(PEETERS, (("Mila", camps.CIRCUS), ("Finn", camps.CIRCUS), ("Finn", camps.OMNISPORT_1)),
         paid=TRANSFER, transfer=True),
    Wish(PEETERS, (("Pia", classes.TODDLER_GYM_1), ("Pia", camps.ANIMALS)), paid=TERMINAL),
    Wish(PEETERS, (("Jan", classes.CERAMICS), ("Jan", classes.SOUP))),
    Wish(MAES, (("Lotte", camps.ROBOTS), ("Els", classes.CERAMICS)), paid=TERMINAL),
    Wish(KOVALENKO, (("Oksana", camps.WINTERBOS_1), ("Oksana", classes.SWIMMING)), paid=CASH),
    Wish(KOVALENKO, (("Iryna", classes.DIGIDOCTOR), ("Iryna", classes.PAPER_LIGHT)), paid=CASH),
    Wish(WILLEMS, (("Godelieve", classes.AQUAGYM), ("Jef", classes.AQUAGYM)), transfer=True),
    Wish(WILLEMS, (("Godelieve", classes.PAPER_LIGHT), ("Godelieve", classes.DIGIDOCTOR)),
         paid=CASH),
    Wish(JACOBS, (("Warre", camps.ROBOTS), ("Lars", camps.WINTERBOS_1),
                  ("Nona", camps.WINTERBOS_1)), transfer=True),
    Wish(JACOBS, (("Nona", classes.SWIMMING), ("Lars", classes.SWIMMING)), paid=TERMINAL),
    Wish(HADDAD, (("Lina", camps.CIRCUS), ("Amir", camps.ANIMALS)), paid=TRANSFER, transfer=True),
    Wish(HADDAD, (("Fatima", classes.PAPER_LIGHT), ("Fatima", classes.CERAMICS)), paid=TERMINAL),
    Wish(VAN_DAMME, (("Hanna", camps.CIRCUS), ("Wout", camps.CIRCUS), ("Ella", camps.ANIMALS),
                     ("Hanna", camps.CLIMBING)), transfer=True),
    Wish(VAN_DAMME, (("Bart", classes.PAPER_LIGHT), ("Bart", classes.CERAMICS))),
    Wish(DUBOIS, (("Gust", classes.SWIMMING), ("Gust", classes.MUSIC)), paid=TRANSFER,
         transfer=True),
    Wish(CLAES, (("Staf", camps.ANIMALS), ("Staf", classes.TODDLER_GYM_1)), paid=TERMINAL),
    # with a UiTPAS: the price is what UiTPAS answers
    Wish(CLAES, (("Emma", camps.WINTERBOS_1), ("Emma", camps.OMNISPORT_2)), uitpas=True,
         paid=CASH),
    Wish(CLAES, (("Sofie", classes.FIRST_AID),), uitpas=True),
    Wish(EL_AMRANI, (("Yasmina", camps.ROBOTS), ("Bilal", camps.ROBOTS)), uitpas=True,
         transfer=True),
    Wish(VERBEKE, (("Lore", camps.DANCE), ("Tom", classes.SOUP)), uitpas=True, paid=TERMINAL),
    Wish(MAES, (("Kobe", camps.WINTERBOS_2),), uitpas=True, coupons=True),
    Wish(EL_AMRANI, (("Samira", classes.SOUP),)),
    # together they fill one of the summer's Wednesdays
    Wish(JACOBS, (("Nona", summer.FULL), ("Lars", summer.FULL)), transfer=True),
    Wish(VAN_DAMME, (("Hanna", summer.FULL), ("Wout", summer.FULL)), transfer=True),
    Wish(PARENT, (("Fien", summer.FULL), ("Tuur", summer.FULL)), transfer=True),
    Wish(HADDAD, (("Lina", summer.FULL),), paid=TERMINAL),
    Wish(DUBOIS, (("Gust", summer.FULL),), transfer=True),
    # its answer never comes, and for this organizer we may not look it up: a person has to
    Wish(DIALLO, (("Awa", classes.MUSIC),), uitpas=True, trouble=by_hand.lose_next_sale),
    Wish(DE_SMET, (("Jule", camps.DANCE),), uitpas=True, trouble=by_hand.refuse_next_sale),
)  # fmt: skip

CANCELLED = (
    (PEETERS, "Finn", camps.OMNISPORT_1, "Kind is ziek, doktersbriefje ontvangen."),
    (VERBEKE, "Lore", camps.DANCE, "Het gezin verhuist."),
)
"""Registrations that staff cancel; of the second the sale at UiTPAS is undone."""


def register_all(account_id: int) -> Registered:
    """Make every registration that is not there yet, by the same steps as on the site."""
    customers, activities = customer_ids(), {**activity_ids(), summer.FULL: summer.full_id()}
    persons = person_ids(customers.values())
    done = Registered()
    waited = False
    for wish in WISHES:
        customer_id = customers[wish.customer]
        choices = [
            Choice(activities[title], persons[customer_id, name]) for name, title in wish.lines
        ]
        if _is_to_do(wish, choices[0]):
            if wish.uitpas and not waited:
                _wait_for_uitpas([choice.activity_id for choice in choices])
                waited = True
            done.failures += _register(customer_id, choices, wish)
        _pay(choices[0], wish, account_id)
    for customer, name, title, reason in CANCELLED:
        _cancel(Choice(activities[title], persons[customers[customer], name]), account_id, reason)
    _count(done, customers.values())
    return done


def _is_to_do(wish: Wish, choice: Choice) -> bool:
    """Whether this basket is still to be finished, and can go wrong where it is to."""
    if wish.trouble is None:
        return _order_of(choice) is None
    return by_hand.is_possible() and _order_of(choice, lapsed=True) is None


def _register(customer_id: int, choices: Sequence[Choice], wish: Wish) -> list[str]:
    """One basket from the first choice to 'afronden'; what stopped it as sentences."""
    _empty_basket(customer_id)
    try:
        result = add_to_basket(customer_id, choices, wish.uitpas)
        if result.needs_benefit:
            offers = offers_for(customer_id)
            chosen = {item.line.id: _choose(item, wish) for item in offers}
            choose_benefits(customer_id, chosen)
    except SaleRefused as refused:
        _empty_basket(customer_id)
        return [_said(wish, problem.sentence) for problem in refused.problems]
    basket = open_basket(customer_id)
    assert basket is not None
    basket_id = basket.id
    end_read()
    method = PaymentMethod.TRANSFER if wish.transfer else PaymentMethod.DESK
    if wish.trouble:
        wish.trouble()
    finished = finish(basket_id, customer_id, method, terms_accepted=True)
    if wish.trouble:
        by_hand.heal()
    if finished.outcome is not FinishOutcome.RETURNED:
        return []
    _empty_basket(customer_id)
    return [] if wish.trouble else [_said(wish, problem.sentence) for problem in finished.problems]


def _choose(offered: LineOffers, wish: Wish) -> str:
    """What a parent would press: the coupon where that is wished, else what is preselected."""
    coupons = [one.id for one in offered.offers if one.kind is BenefitKind.COUPON]
    return coupons[0] if wish.coupons and coupons else offered.selected


def _said(wish: Wish, sentence: str) -> str:
    names = " en ".join(dict.fromkeys(name for name, _title in wish.lines))
    return f"De inschrijving van {names} lukte niet: {sentence}"


def _empty_basket(customer_id: int) -> None:
    """A run that was interrupted, or a basket that came back, leaves nothing behind."""
    basket = open_basket(customer_id)
    line_ids = [line.id for line in basket.lines] if basket else []
    end_read()
    for line_id in line_ids:
        remove_line(customer_id, line_id)


def _wait_for_uitpas(wanted_ids: Sequence[int]) -> None:
    """Until UiTPAS knows the first of these activities' events, or patience is over."""
    events = benefits_possible(list(wanted_ids))
    environment = active_environment()
    end_read()
    if not events:
        return
    ask = BenefitAsk(0, environment, next(iter(events.values())), PROBE, Decimal("10.00"))
    for _ in range(UITPAS_TIMES):
        time.sleep(UITPAS_MOMENT)
        if ask_benefits([ask])[0].problem != "uitpas/event-not-found":
            return


def _order_of(choice: Choice, *, lapsed: bool = False) -> Order | None:
    """The order in which this person stands for this activity, cancelled ones too."""
    states = set(OrderState) - (set() if lapsed else {OrderState.LAPSED})
    found = db.session.scalar(
        select(Order)
        .join(OrderLine)
        .where(
            OrderLine.activity_id == choice.activity_id,
            OrderLine.person_id == choice.person_id,
            Order.state.in_(states),
        )
        .options(
            selectinload(Order.lines),
            joinedload(Order.payment_request).options(
                selectinload(PaymentRequest.payments), selectinload(PaymentRequest.refunds)
            ),
        )
    )
    end_read()
    return found


def _pay(choice: Choice, wish: Wish, account_id: int) -> None:
    """The clerk registers what was paid, once."""
    order = _order_of(choice)
    request = order.payment_request if order else None
    if wish.paid is None or request is None or request.payments or request.open_amount <= 0:
        return
    request_id, amount = request.id, request.open_amount
    end_read()
    register_payment(request_id, amount, wish.paid, account_id)


def _cancel(choice: Choice, account_id: int, reason: str) -> None:
    """Staff cancel one registration that was paid, so that money is to go back."""
    order = _order_of(choice)
    if order is None or order.state is not OrderState.CONFIRMED:
        return
    for line in order.lines:
        mine = (line.activity_id, line.person_id) == (choice.activity_id, choice.person_id)
        if mine and line.state is LineState.LIVE:
            cancel_line(line.line_ref, reason, account_id=account_id, by_staff=True)


def _count(done: Registered, customers: Iterable[int]) -> None:
    rows = db.session.execute(
        select(OrderLine.benefit_kind)
        .join(Order)
        .where(
            Order.customer_id.in_(customers),
            Order.state == OrderState.CONFIRMED,
            OrderLine.state == LineState.LIVE,
        )
    ).all()
    end_read()
    done.lines = len(rows)
    done.benefits = sum(row.benefit_kind is not None for row in rows)
