"""The basket: who goes to what, and the places it holds meanwhile (C3, R1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.activities.models import Activity, Module
from app.activities.places import lock_pools, registration_pool
from app.activities.prices import cheapest_category
from app.activities.registering import registration_problems
from app.clock import now
from app.extensions import _t, db, write_transaction
from app.people.models import Customer, Person
from app.sales.holds import (
    EXTENDABLE_IN,
    EXTENSION,
    MOST_EXTENSIONS,
    give_back_lines,
    is_held,
    start_or_renew_clock,
    take_or_free,
)
from app.sales.models import (
    Basket,
    BasketLine,
    BasketState,
    LineState,
    Order,
    OrderLine,
    OrderState,
)
from app.sales.problems import BasketRefused, SaleProblem
from app.settings.uit import active_environment
from app.uitdatabank.links import benefits_possible

MOST_LINES = 30


@dataclass(frozen=True)
class Choice:
    """One person for one activity."""

    activity_id: int
    person_id: int


@dataclass
class AddResult:
    """What was put in the basket."""

    line_ids: list[int] = field(default_factory=list)
    needs_benefit: bool = False
    """Whether a benefit is to be chosen next."""


def open_basket(customer_id: int) -> Basket | None:
    """The customer's open basket with all that its page shows, or None."""
    return db.session.scalar(
        select(Basket)
        .where(Basket.customer_id == customer_id, Basket.state == BasketState.OPEN)
        .options(
            selectinload(Basket.lines).options(
                joinedload(BasketLine.person),
                joinedload(BasketLine.activity).options(
                    selectinload(Activity.dates), joinedload(Activity.activity_type)
                ),
            )
        )
    )


def count_lines(customer_id: int) -> int:
    """How many lines the open basket has."""
    return (
        db.session.scalar(
            select(func.count(BasketLine.id))
            .join(Basket)
            .where(Basket.customer_id == customer_id, Basket.state == BasketState.OPEN)
        )
        or 0
    )


def registration_problems_for(
    customer_id: int, activity_ids: Iterable[int], person_ids: Iterable[int]
) -> dict[tuple[int, int], list[SaleProblem]]:
    """For each (activity, person): why not, places and double registration included."""
    activities = _load_activities(activity_ids)
    persons = _load_persons(customer_id, person_ids)
    taken = _already_in(customer_id, persons, activities)
    return {
        (activity.id, person.id): _problems(activity, person, taken)
        for activity in activities.values()
        for person in persons.values()
    }


def add_to_basket(customer_id: int, choices: Sequence[Choice], uses_uitpas: bool) -> AddResult:
    """Put each choice in the basket and hold its place, all or nothing.

    Raises BasketRefused: the problems name their activity and person.
    """
    with write_transaction() as session:
        activities = _load_activities(choice.activity_id for choice in choices)
        persons = _load_persons(customer_id, (choice.person_id for choice in choices))
        basket = _basket_for_update(session, customer_id)
        _refuse_where_needed(customer_id, choices, activities, persons, basket)
        waiting = [line.pool_id for line in basket.lines if not line.holding]
        if waiting:  # places are taken in two rounds
            chosen = [registration_pool(activities[item.activity_id]).id for item in choices]
            lock_pools(session, [*waiting, *chosen])
        _hold_all(session, choices, activities)
        events = benefits_possible(list(activities)) if uses_uitpas else {}
        result = AddResult()
        for choice in choices:
            line = _new_line(activities[choice.activity_id], persons[choice.person_id])
            event_id = events.get(choice.activity_id)
            if event_id:
                line.uses_uitpas = True
                line.benefit_settled = False
                line.uitpas_number = persons[choice.person_id].uitpas_number
                line.event_id = event_id
                line.environment = active_environment()
                result.needs_benefit = True
            basket.lines.append(line)
        _hold_others_again(session, basket)
        start_or_renew_clock(basket)
        session.flush()
        result.line_ids = [line.id for line in basket.lines[-len(choices) :]]
    return result


def remove_line(customer_id: int, line_id: int) -> bool:
    """Let one line go and give its place back; False when it is not in the basket."""
    with write_transaction() as session:
        basket = lock_basket(session, customer_id)
        line = next((item for item in basket.lines if item.id == line_id), None) if basket else None
        if basket is None or line is None:
            return False
        give_back_lines(session, [line])
        basket.lines.remove(line)
        if not any(item.holding for item in basket.lines):
            basket.held_until = basket.hold_started_at = None
        return True


def extend_hold(customer_id: int) -> bool:
    """Five minutes more, in the last minute, ten times at most (WCAG 2.2.1)."""
    with write_transaction() as session:
        basket = lock_basket(session, customer_id)
        if basket is None or basket.held_until is None or not is_held(basket):
            return False
        if basket.held_until - now() > EXTENDABLE_IN or basket.extensions >= MOST_EXTENSIONS:
            return False
        basket.held_until += EXTENSION
        basket.extensions += 1
        return True


def hold_again(customer_id: int) -> list[SaleProblem]:
    """After the time ran out: hold again what is still free, and say which lines are not."""
    problems = []
    with write_transaction() as session:
        basket = lock_basket(session, customer_id)
        if basket is None:
            return []
        basket.message = ""
        if not is_held(basket):
            basket.hold_started_at = basket.held_until = None
        for line in sorted(basket.lines, key=lambda item: item.pool_id):
            if line.holding:
                continue
            if take_or_free(session, line.pool_id):
                line.holding = True
                line.message = ""
            else:
                line.message = _t("Deze plaats is intussen ingenomen. Haal deze lijn weg.")
                problems.append(SaleProblem(line.message, kind="full", line_id=line.id))
        if any(line.holding for line in basket.lines):
            start_or_renew_clock(basket)
    return problems


def lock_basket(session: Session, customer_id: int) -> Basket | None:
    """The open basket, locked for this transaction: whoever changes a basket does this first."""
    return session.scalar(
        select(Basket)
        .where(Basket.customer_id == customer_id, Basket.state == BasketState.OPEN)
        .options(selectinload(Basket.lines).joinedload(BasketLine.activity))
        .with_for_update(of=Basket)
        .execution_options(populate_existing=True)
    )


def lock_customer(session: Session, customer_id: int) -> None:
    """What two tabs share before there is a basket: whoever opens a basket does this first.

    Not against who writes a row that names the customer, as an order does while it holds a basket.
    """
    session.execute(
        select(Customer.id).where(Customer.id == customer_id).with_for_update(key_share=True)
    )


def _basket_for_update(session: Session, customer_id: int) -> Basket:
    lock_customer(session, customer_id)
    basket = lock_basket(session, customer_id)
    if basket is None:
        basket = Basket(customer_id=customer_id)
        session.add(basket)
        session.flush()
    return basket


def _refuse_where_needed(
    customer_id: int,
    choices: Sequence[Choice],
    activities: dict[int, Activity],
    persons: dict[int, Person],
    basket: Basket,
) -> None:
    if not choices:
        raise BasketRefused([SaleProblem(_t("Kies minstens één persoon."), field="persons")])
    if len(basket.lines) + len(choices) > MOST_LINES:
        raise BasketRefused(
            [
                SaleProblem(
                    _t("In een mandje passen %(most)s lijnen. Rond eerst deze af.", most=MOST_LINES)
                )
            ]
        )
    taken = _already_in(customer_id, persons, activities)
    problems: list[SaleProblem] = []
    for choice in choices:
        activity = activities.get(choice.activity_id)
        person = persons.get(choice.person_id)
        if activity is None or person is None:
            problems.append(SaleProblem(_t("Deze keuze bestaat niet meer. Kies opnieuw.")))
        else:
            problems += _problems(activity, person, taken, with_places=False)
    if problems:
        raise BasketRefused(problems)


def _hold_all(session: Session, choices: Sequence[Choice], activities: dict[int, Activity]) -> None:
    """Take the places in the order of the pools, so that two baskets never wait for each other."""
    by_pool = sorted(
        choices, key=lambda choice: registration_pool(activities[choice.activity_id]).id
    )
    wanted: dict[int, int] = {}
    got: dict[int, int] = {}
    for choice in by_pool:
        wanted[choice.activity_id] = wanted.get(choice.activity_id, 0) + 1
        if take_or_free(session, registration_pool(activities[choice.activity_id]).id):
            got[choice.activity_id] = got.get(choice.activity_id, 0) + 1
    short = {key: got.get(key, 0) for key, number in wanted.items() if got.get(key, 0) < number}
    if short:
        raise BasketRefused(
            [
                SaleProblem(
                    _too_few(activities[key].title, wanted[key], left),
                    field="persons",
                    kind="full",
                    activity_id=key,
                )
                for key, left in short.items()
            ]
        )


def _too_few(title: str, wanted: int, left: int) -> str:
    if left == 0:
        return _t("%(title)s is volzet.", title=title)
    if left == 1:
        return _t(
            "Je koos %(wanted)s personen voor %(title)s, en er is nog 1 plaats vrij. "
            "Kies 1 persoon.",
            wanted=wanted,
            title=title,
        )
    return _t(
        "Je koos %(wanted)s personen voor %(title)s, en er zijn nog %(left)s plaatsen vrij. "
        "Kies %(left)s personen.",
        wanted=wanted,
        title=title,
        left=left,
    )


def _hold_others_again(session: Session, basket: Basket) -> None:
    """Lines that waited in a lapsed basket get a place again where there is one."""
    for line in sorted(basket.lines, key=lambda item: item.pool_id or 0):
        if line.id is not None and not line.holding and take_or_free(session, line.pool_id):
            line.holding = True
            line.message = ""


def _new_line(activity: Activity, person: Person) -> BasketLine:
    category = cheapest_category(activity, person.postal_code)
    assert category is not None, "registration_problems() refuses a person without a price"
    return BasketLine(
        activity_id=activity.id,
        person_id=person.id,
        pool_id=registration_pool(activity).id,
        holding=True,
        price_category_id=category.id,
        category_name=category.name,
        regular_price=category.price,
        price=category.price,
    )


def _load_activities(activity_ids: Iterable[int]) -> dict[int, Activity]:
    query = (
        select(Activity)
        .where(Activity.id.in_(set(activity_ids)))
        .options(
            joinedload(Activity.activity_type),
            selectinload(Activity.dates),
            selectinload(Activity.price_categories),
            selectinload(Activity.pools),
        )
    )
    return {activity.id: activity for activity in db.session.scalars(query)}


def _load_persons(customer_id: int, person_ids: Iterable[int]) -> dict[int, Person]:
    query = (
        select(Person)
        .where(Person.id.in_(set(person_ids)), Person.customer_id == customer_id)
        .options(joinedload(Person.customer))
    )
    return {person.id: person for person in db.session.scalars(query)}


def _already_in(
    customer_id: int, persons: dict[int, Person], activities: dict[int, Activity]
) -> set[tuple[int, int, str]]:
    """(activity, person, where) that are in the basket or in an order that stands."""
    in_basket = db.session.execute(
        select(BasketLine.activity_id, BasketLine.person_id)
        .join(Basket)
        .where(Basket.customer_id == customer_id, Basket.state == BasketState.OPEN)
    )
    in_orders = db.session.execute(
        select(OrderLine.activity_id, OrderLine.person_id)
        .join(Order)
        .where(
            OrderLine.person_id.in_(list(persons)),
            OrderLine.activity_id.in_(list(activities)),
            OrderLine.state == LineState.LIVE,
            Order.state.in_([OrderState.OPEN, OrderState.CONFIRMED]),
        )
    )
    return {(*row, "basket") for row in in_basket} | {(*row, "order") for row in in_orders}


def _problems(
    activity: Activity,
    person: Person,
    taken: set[tuple[int, int, str]],
    *,
    with_places: bool = True,
) -> list[SaleProblem]:
    ids = {"activity_id": activity.id, "person_id": person.id}
    found = [
        SaleProblem(problem.sentence, field=problem.field, kind=problem.kind, **ids)
        for problem in registration_problems(activity, person)
    ]
    if activity.activity_type.module is not Module.REGISTRATION:
        found.append(
            SaleProblem(_t("Voor deze activiteit koop je een ticket."), kind="module", **ids)
        )
    if (activity.id, person.id, "order") in taken:
        sentence = _t("%(name)s is al ingeschreven.", name=person.first_name)
        found.append(SaleProblem(sentence, field="persons", kind="double", **ids))
    elif (activity.id, person.id, "basket") in taken:
        sentence = _t("%(name)s zit al in je mandje voor deze activiteit.", name=person.first_name)
        found.append(SaleProblem(sentence, field="persons", kind="in_basket", **ids))
    if with_places and not found and registration_pool(activity).left <= 0:
        found.append(SaleProblem(_t("Volzet"), field="persons", kind="full", **ids))
    return found
