"""Writing the order: one commit with its lines, its wishes at UiTPAS and the claims on passes."""

import secrets
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from app.activities.models import Activity
from app.activities.prices import allowed_categories
from app.activities.registering import registration_problems
from app.clock import now
from app.extensions import _l, _t, db, write_transaction
from app.payments.models import PaymentMethod
from app.people.models import Customer, Person
from app.sales.basket import lock_customer
from app.sales.choice_problems import is_registered_problem, registered
from app.sales.models import Basket, BasketLine, BasketState, Order, OrderLine
from app.sales.overriding import RESIDENCE
from app.sales.problems import SaleProblem
from app.sales.settling import confirm_order
from app.settings.audit import record
from app.uitdatabank.links import hold_events
from app.uitpas.ledger import Wish, claim_passes, claimed_by_others, plan

LABEL_LENGTH = 80
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and figures that nobody confuses."""
CLAIMED = _l(
    "Er loopt al een bestelling met deze UiTPAS voor dezelfde activiteit. "
    "Wacht tot die klaar is, of kies voor deze lijn geen voordeel."
)


CHANGED = _l("Je mandje is intussen gewijzigd. Kijk het na en rond dan opnieuw af.")
COUPLED_ANEW = _l("De koppeling met UiTPAS is gewijzigd. Kies je voordeel opnieuw.")
EXPIRED = _l("De tijd van je mandje is om. Leg je plaatsen opnieuw vast en rond dan af.")


METHOD_WORDS = {
    PaymentMethod.DESK: _l("aan het loket"),
    PaymentMethod.TRANSFER: _l("met een overschrijving"),
    PaymentMethod.ONLINE: _l("online"),
}


class NotWritten(Exception):
    """The order was not written; no problems means that somebody else was first."""

    def __init__(self, problems: Sequence[SaleProblem] = ()) -> None:
        super().__init__()
        self.problems = list(problems)


Shown = frozenset[tuple[object, ...]]


def as_shown(basket: Basket) -> Shown:
    """What somebody who finishes the basket has seen of it."""
    return frozenset(
        (line.id, line.price, line.uitpas_number, line.event_id, line.tariff_id, line.holding)
        for line in basket.lines
    )


def write_order(
    basket_id: int,
    customer_id: int,
    method: PaymentMethod | None,
    shown: Shown,
    *,
    made_by_id: int | None = None,
) -> int:
    """One commit: the order with its lines, wishes and claims; the holds become the order's.

    ``shown`` is the basket that was checked; another tab may have changed it since.
    """
    with write_transaction() as session:
        lock_customer(session, customer_id)  # two baskets of one customer end one by one
        basket = _claim_basket(session, basket_id, customer_id, made_by_id)
        if as_shown(basket) != shown:
            raise NotWritten([SaleProblem(str(CHANGED), kind="changed")])
        problems = _line_problems(basket) + _event_problems(session, basket)
        problems += _pass_problems(basket)
        if problems:
            raise NotWritten(problems)
        order = _new_order(session, basket, customer_id, method)
        wishes = []
        for line in basket.lines:
            order_line = _order_line(line)
            order.lines.append(order_line)
            if line.tariff_id:
                wishes.append(_wish(line, order_line.line_ref))
            line.holding = False  # counted by the order from now on
            line.message = ""
        basket.message = ""
        basket.order_id = order.id
        session.flush()
        if made_by_id is not None:
            _record_on_behalf(order)
        plan(session, order.id, wishes)
        claim_passes(
            session, order.id, [(w.environment, w.uitpas_number, w.event_id) for w in wishes]
        )
        if not wishes:
            confirm_order(session, order)
        return order.id


def _claim_basket(
    session: Session, basket_id: int, customer_id: int, made_by_id: int | None
) -> Basket:
    """The basket becomes this order's; of two presses only one gets it."""
    claimed = session.execute(
        update(Basket)
        .where(
            Basket.id == basket_id,
            Basket.customer_id == customer_id,
            Basket.made_by_id == made_by_id,
            Basket.state == BasketState.OPEN,
            Basket.held_until > now(),
        )
        .values(state=BasketState.ORDERED)
    )
    if claimed.rowcount != 1:
        raise NotWritten()
    basket = load_basket(basket_id, customer_id, made_by_id)
    assert basket is not None
    return basket


def _line_problems(basket: Basket) -> list[SaleProblem]:
    """Period, age and residence once more, and the price category's price as shown.

    What staff went beyond with a reason is not refused again. Somebody may have been registered
    meanwhile by another basket of the same customer.
    """
    problems = []
    for_staff = basket.made_by_id is not None
    taken = registered(
        {line.person_id for line in basket.lines}, {line.activity_id for line in basket.lines}
    )
    for line in basket.lines:
        if line.person is None or not line.holding:
            sentence = _t("Deze lijn kan niet meer. Haal ze weg.")
            problems.append(SaleProblem(sentence, line_id=line.id))
            continue
        if (line.activity_id, line.person.id) in taken:
            problems.append(is_registered_problem(line.activity_id, line.person, line.id))
        for problem in registration_problems(line.activity, line.person, for_staff=for_staff):
            if problem.kind not in line.overridden:
                problems.append(SaleProblem(problem.sentence, line_id=line.id, kind=problem.kind))
        if not _price_stands(line, line.person):
            sentence = _t(
                "Deze prijs geldt niet meer. Rond opnieuw af om te zien wat het nu kost, of haal "
                "deze lijn weg."
            )
            problems.append(SaleProblem(sentence, line_id=line.id, kind="price"))
    return problems


def _price_stands(line: BasketLine, person: Person) -> bool:
    category = line.price_category
    if category is None or category.price != line.regular_price:
        return False
    if RESIDENCE in line.overridden:  # staff chose it
        return True
    return category in allowed_categories(line.activity, person.postal_code)


def _event_problems(session: Session, basket: Basket) -> list[SaleProblem]:
    """Nobody deletes an event from under a wish at UiTPAS that is about to be written."""
    wishing = [line for line in basket.lines if line.tariff_id]
    if not wishing:
        return []
    events = hold_events(session, [line.activity_id for line in wishing])
    return [
        SaleProblem(str(COUPLED_ANEW), line_id=line.id, kind="changed")
        for line in wishing
        if events.get(line.activity_id) != line.event_id
    ]


def _pass_problems(basket: Basket) -> list[SaleProblem]:
    passes = {
        line.id: (line.environment, line.uitpas_number or "", line.event_id or "")
        for line in basket.lines
        if line.tariff_id and line.environment
    }
    if not passes:
        return []
    claimed = claimed_by_others(passes.values())
    return [
        SaleProblem(str(CLAIMED), line_id=line_id, kind="claimed")
        for line_id, key in passes.items()
        if key in claimed
    ]


def _new_order(
    session: Session, basket: Basket, customer_id: int, method: PaymentMethod | None
) -> Order:
    customer = session.get_one(Customer, customer_id)
    order = Order(
        number=_free_number(session),
        customer_id=customer_id,
        contact_name=customer.name,
        contact_email=customer.email,
        basket_id=basket.id,
        payment_method=method,
        created_by_id=basket.made_by_id,
    )
    session.add(order)
    session.flush()
    return order


def _record_on_behalf(order: Order) -> None:
    """That staff made this order, and that the customer agreed with the terms."""
    detail = {
        "inschrijvingen": len(order.lines),
        "voorwaarden": _t("de klant gaat akkoord"),
    }
    if order.payment_method is not None:
        detail["betaalwijze"] = str(METHOD_WORDS[order.payment_method])
    chosen = [
        f"{line.participant_name}: {line.category_name}"
        for line in order.lines
        if RESIDENCE in line.overridden
    ]
    if chosen:
        detail["prijs gekozen door de medewerker"] = ", ".join(chosen)
    record(
        "ingeschreven namens een klant",
        subject_kind="bestelling",
        subject_id=order.id,
        subject_label=f"{order.number}: {order.contact_name}",
        detail=detail,
    )


def _order_line(line: BasketLine) -> OrderLine:
    assert line.person is not None
    return OrderLine(
        kind=line.kind,
        line_ref=new_line_ref(),
        activity_id=line.activity_id,
        date_id=line.date_id,
        pool_id=line.pool_id,
        person_id=line.person_id,
        participant_name=line.person.name,
        price_category_id=line.price_category_id,
        category_name=line.category_name,
        regular_price=line.regular_price,
        price=line.price,
        benefit_kind=line.benefit_kind,
        benefit_name=line.benefit_name,
        overridden=list(line.overridden),
        override_reason=line.override_reason,
    )


def _wish(line: BasketLine, line_ref: str) -> Wish:
    assert line.benefit_kind and line.environment and line.event_id
    assert line.uitpas_number and line.tariff_id
    return Wish(
        line_ref=line_ref,
        kind=line.benefit_kind,
        environment=line.environment,
        event_id=line.event_id,
        uitpas_number=line.uitpas_number,
        tariff_id=line.tariff_id,
        tariff_name=line.benefit_name,
        regular_price=line.regular_price,
        regular_price_label=label_of(line.category_name, line_ref),
        wished_price=line.price,
    )


def new_line_ref() -> str:
    """A reference for a line and its wish, that no other has."""
    return _random(8)


def label_of(category_name: str, line_ref: str) -> str:
    """The regularPriceLabel of a wish, by which its sale is found back."""
    return f"{category_name[:LABEL_LENGTH]} ({line_ref})"


def load_basket(basket_id: int, customer_id: int, made_by_id: int | None = None) -> Basket | None:
    """A basket in whatever state; of the customer, or of the staff account that fills it."""
    return db.session.scalar(
        select(Basket)
        .where(
            Basket.id == basket_id,
            Basket.customer_id == customer_id,
            Basket.made_by_id == made_by_id,
        )
        .options(
            selectinload(Basket.lines).options(
                joinedload(BasketLine.person),
                joinedload(BasketLine.price_category),
                joinedload(BasketLine.activity).options(
                    selectinload(Activity.dates),
                    selectinload(Activity.price_categories),
                    joinedload(Activity.activity_type),
                ),
            )
        )
        .execution_options(populate_existing=True)
    )


def _free_number(session: Session) -> str:
    while True:
        number = f"{now().year}-{_random(6).upper()}"
        if session.scalar(select(Order.id).where(Order.number == number)) is None:
            return number


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
