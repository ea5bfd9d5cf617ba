"""The basket: who goes to what, and the places it holds meanwhile (C3, R1)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.activities.models import Activity
from app.activities.places import lock_pools, registration_pool, take_beyond
from app.clock import now
from app.extensions import _t, db, write_transaction
from app.people.models import Customer, Person
from app.sales.choice_problems import already_in, load_activities, load_persons, problems_of
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
)
from app.sales.overriding import (
    FULL,
    Choice,
    category_for,
    no_place_problem,
    note_overrides,
    record_override,
    unsettled_problems,
)
from app.sales.problems import BasketRefused, SaleProblem
from app.settings.uit import active_environment
from app.uitdatabank.links import benefits_possible

MOST_LINES = 30


@dataclass
class AddResult:
    """What was put in the basket."""

    line_ids: list[int] = field(default_factory=list)
    needs_benefit: bool = False
    """Whether a benefit is to be chosen next."""


def open_basket(customer_id: int, *, made_by_id: int | None = None) -> Basket | None:
    """The open basket with all that its page shows, or None.

    Of the customer itself; or the one that a member of staff fills for this customer, whose
    account ``made_by_id`` then names. So everywhere below.
    """
    return db.session.scalar(
        select(Basket)
        .where(*_is_open(customer_id, made_by_id))
        .options(
            selectinload(Basket.lines).options(
                joinedload(BasketLine.person),
                joinedload(BasketLine.activity).options(
                    selectinload(Activity.dates), joinedload(Activity.activity_type)
                ),
            )
        )
    )


def open_baskets(customer_id: int) -> Sequence[Basket]:
    """Every open basket of this customer, also those that staff fill, with persons and titles."""
    return db.session.scalars(
        select(Basket)
        .where(Basket.customer_id == customer_id, Basket.state == BasketState.OPEN)
        .options(
            selectinload(Basket.lines).options(
                joinedload(BasketLine.person), joinedload(BasketLine.activity)
            )
        )
        .order_by(Basket.id)
    ).all()


def count_lines(customer_id: int, *, made_by_id: int | None = None) -> int:
    """How many lines the open basket has."""
    return (
        db.session.scalar(
            select(func.count(BasketLine.id)).join(Basket).where(*_is_open(customer_id, made_by_id))
        )
        or 0
    )


def add_to_basket(
    customer_id: int,
    choices: Sequence[Choice],
    uses_uitpas: bool,
    *,
    made_by_id: int | None = None,
) -> AddResult:
    """Put each choice in the basket and hold its place, all or nothing.

    Staff may go beyond some rules with a reason, and beyond a full pool by raising it, in this
    transaction. Raises BasketRefused: the problems name their activity and person.
    """
    if made_by_id is None:
        choices = [choice.without_exceptions() for choice in choices]
    with write_transaction() as session:
        activities = load_activities(choice.activity_id for choice in choices)
        persons = load_persons(customer_id, (choice.person_id for choice in choices))
        basket = _basket_for_update(session, customer_id, made_by_id)
        overridden = _refuse_where_needed(basket, choices, activities, persons)
        waiting = [line.pool_id for line in basket.lines if not line.holding]
        if waiting:  # places are taken in two rounds
            chosen = [registration_pool(activities[item.activity_id]).id for item in choices]
            lock_pools(session, [*waiting, *chosen])
        raised = _hold_all(session, choices, activities, persons, made_by_id is not None)
        events = benefits_possible(list(activities)) if uses_uitpas else {}
        result = AddResult()
        for choice in choices:
            line = _new_line(choice, activities[choice.activity_id], persons[choice.person_id])
            if made_by_id is not None:
                note_overrides(line, choice, overridden[choice], raised.get(choice))
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


def remove_line(customer_id: int, line_id: int, *, made_by_id: int | None = None) -> bool:
    """Let one line go and give its place back; False when it is not in the basket."""
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, made_by_id=made_by_id)
        line = next((item for item in basket.lines if item.id == line_id), None) if basket else None
        if basket is None or line is None:
            return False
        give_back_lines(session, [line])
        basket.lines.remove(line)
        if not any(item.holding for item in basket.lines):
            basket.held_until = basket.hold_started_at = None
        return True


def extend_hold(customer_id: int, *, made_by_id: int | None = None) -> bool:
    """Five minutes more, in the last minute, ten times at most (WCAG 2.2.1)."""
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, made_by_id=made_by_id)
        if basket is None or basket.held_until is None or not is_held(basket):
            return False
        if basket.held_until - now() > EXTENDABLE_IN or basket.extensions >= MOST_EXTENSIONS:
            return False
        basket.held_until += EXTENSION
        basket.extensions += 1
        return True


def hold_again(customer_id: int, *, made_by_id: int | None = None) -> list[SaleProblem]:
    """After the time ran out: hold again what is still free, and say which lines are not."""
    problems = []
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, made_by_id=made_by_id)
        if basket is None:
            return []
        basket.message = ""
        if not is_held(basket):
            basket.hold_started_at = basket.held_until = None
        for line in sorted(basket.lines, key=lambda item: item.pool_id):
            if line.holding:
                continue
            if take_or_free(session, line.pool_id) or _take_beyond_again(session, line):
                line.holding = True
                line.message = ""
            else:
                line.message = _place_is_gone(by_staff=made_by_id is not None)
                problems.append(SaleProblem(line.message, kind="full", line_id=line.id))
        if any(line.holding for line in basket.lines):
            start_or_renew_clock(basket)
    return problems


def _take_beyond_again(session: Session, line: BasketLine) -> bool:
    """For whom staff went beyond the places before, they do so again, with the same reason."""
    if FULL not in line.overridden:
        return False
    capacity = take_beyond(session, line.pool_id)
    if capacity is not None:
        record_override(line, [FULL], line.override_reason, capacity)
    return True


def _place_is_gone(*, by_staff: bool) -> str:
    if by_staff:
        return _t(
            "Deze plaats is intussen ingenomen. Haal deze lijn weg en kies opnieuw: met een reden "
            "kan je boven het aantal plaatsen gaan."
        )
    return _t("Deze plaats is intussen ingenomen. Haal deze lijn weg.")


def lock_basket(
    session: Session, customer_id: int, *, made_by_id: int | None = None
) -> Basket | None:
    """The open basket, locked for this transaction: whoever changes a basket does this first."""
    return session.scalar(
        select(Basket)
        .where(*_is_open(customer_id, made_by_id))
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


def lock_all_baskets(session: Session, customer_id: int) -> list[Basket]:
    """Every open basket of this customer, also those that staff fill, locked."""
    return list(
        session.scalars(
            select(Basket)
            .where(Basket.customer_id == customer_id, Basket.state == BasketState.OPEN)
            .options(selectinload(Basket.lines))
            .order_by(Basket.id)
            .with_for_update(of=Basket)
            .execution_options(populate_existing=True)
        )
    )


def _is_open(customer_id: int, made_by_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """Which basket is meant: at most one, as two indexes say."""
    return (
        Basket.customer_id == customer_id,
        Basket.made_by_id == made_by_id,
        Basket.state == BasketState.OPEN,
    )


def _basket_for_update(session: Session, customer_id: int, made_by_id: int | None) -> Basket:
    lock_customer(session, customer_id)
    basket = lock_basket(session, customer_id, made_by_id=made_by_id)
    if basket is None:
        basket = Basket(customer_id=customer_id, made_by_id=made_by_id)
        session.add(basket)
        session.flush()
    return basket


def _refuse_where_needed(
    basket: Basket,
    choices: Sequence[Choice],
    activities: dict[int, Activity],
    persons: dict[int, Person],
) -> dict[Choice, list[SaleProblem]]:
    """Raises BasketRefused; returns what the reasons of staff settled, by choice."""
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
    by_staff = basket.made_by_id is not None
    taken = already_in(basket.customer_id, persons, activities, made_by_id=basket.made_by_id)
    problems: list[SaleProblem] = []
    settled = {}
    for choice in choices:
        activity = activities.get(choice.activity_id)
        person = persons.get(choice.person_id)
        if activity is None or person is None:
            problems.append(SaleProblem(_t("Deze keuze bestaat niet meer. Kies opnieuw.")))
            continue
        found = problems_of(activity, person, taken, with_places=False, for_staff=by_staff)
        settled[choice] = found
        problems += unsettled_problems(found, choice, activity, person) if by_staff else found
    if problems:
        raise BasketRefused(problems)
    return settled


def _hold_all(
    session: Session,
    choices: Sequence[Choice],
    activities: dict[int, Activity],
    persons: dict[int, Person],
    by_staff: bool,
) -> dict[Choice, int]:
    """Take the places in the order of the pools, so that two baskets never wait for each other.

    Returns what a pool was raised to, for each choice for which staff went beyond it; what is
    left goes first to who has no reason to go beyond.
    """
    in_order = sorted(
        choices,
        key=lambda one: (registration_pool(activities[one.activity_id]).id, bool(one.reason)),
    )
    raised, missing = {}, []
    for choice in in_order:
        pool = registration_pool(activities[choice.activity_id])
        if take_or_free(session, pool.id):
            continue
        capacity = take_beyond(session, pool.id) if choice.reason else None
        if capacity is not None:
            raised[choice] = capacity
        elif not choice.reason:
            missing.append(choice)
    if missing and by_staff:
        raise BasketRefused(
            [no_place_problem(activities[c.activity_id], persons[c.person_id]) for c in missing]
        )
    if missing:
        raise BasketRefused(_places_short(choices, missing, activities))
    return raised


def _places_short(
    choices: Sequence[Choice], missing: Sequence[Choice], activities: dict[int, Activity]
) -> list[SaleProblem]:
    wanted = Counter(choice.activity_id for choice in choices)
    short = Counter(choice.activity_id for choice in missing)
    return [
        SaleProblem(
            _too_few(activities[key].title, wanted[key], wanted[key] - short[key]),
            field="persons",
            kind="full",
            activity_id=key,
        )
        for key in short
    ]


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


def _new_line(choice: Choice, activity: Activity, person: Person) -> BasketLine:
    category = category_for(choice, activity, person)
    assert category is not None, "registration_problems() refuses a person without a price"
    return BasketLine(
        activity=activity,
        person=person,
        pool_id=registration_pool(activity).id,
        holding=True,
        price_category=category,
        category_name=category.name,
        regular_price=category.price,
        price=category.price,
    )
