"""Why somebody may not be put in a basket: shown on the page, obeyed by the basket (R1).

Adds what the sales room knows to the rules of the activity: places, and being registered already.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import and_, select, union_all
from sqlalchemy.orm import joinedload, selectinload

from app.activities.models import Activity, Module
from app.activities.places import registration_pool
from app.activities.registering import registration_problems
from app.clock import now
from app.extensions import _t, db
from app.people.models import Person
from app.sales.models import (
    Basket,
    BasketLine,
    BasketState,
    LineChange,
    LineState,
    Order,
    OrderLine,
    OrderState,
)
from app.sales.problems import SaleProblem

Taken = set[tuple[int, int, str]]
"""(activity, person, where): in an order, in this basket, or held in another of the customer."""


def registration_problems_for(
    customer_id: int,
    activity_ids: Iterable[int],
    person_ids: Iterable[int],
    *,
    made_by_id: int | None = None,
) -> dict[tuple[int, int], list[SaleProblem]]:
    """For each (activity, person): why not, places and double registration included.

    ``made_by_id`` is the account of staff who register on behalf: they see every reason.
    """
    activities = load_activities(activity_ids)
    persons = load_persons(customer_id, person_ids)
    taken = already_in(customer_id, persons, activities, made_by_id=made_by_id)
    return {
        (activity.id, person.id): problems_of(
            activity, person, taken, for_staff=made_by_id is not None
        )
        for activity in activities.values()
        for person in persons.values()
    }


def load_activities(activity_ids: Iterable[int]) -> dict[int, Activity]:
    """By id, with what the rules and the prices need."""
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


def load_persons(customer_id: int, person_ids: Iterable[int]) -> dict[int, Person]:
    """By id; only those of this customer."""
    query = (
        select(Person)
        .where(Person.id.in_(set(person_ids)), Person.customer_id == customer_id)
        .options(joinedload(Person.customer))
    )
    return {person.id: person for person in db.session.scalars(query)}


def already_in(
    customer_id: int,
    persons: Collection[int],
    activities: Collection[int],
    *,
    made_by_id: int | None = None,
) -> Taken:
    """What the basket of ``made_by_id`` need not hold again, of these persons and activities."""
    in_baskets = db.session.execute(
        select(
            BasketLine.activity_id,
            BasketLine.person_id,
            Basket.made_by_id,
            and_(BasketLine.holding, Basket.held_until > now()).label("held"),
        )
        .join(Basket)
        .where(Basket.customer_id == customer_id, Basket.state == BasketState.OPEN)
    )
    taken: Taken = {(*pair, "order") for pair in registered(persons, activities)}
    for row in in_baskets:
        if row.made_by_id == made_by_id:
            taken.add((row.activity_id, row.person_id, "basket"))
        elif row.held:
            taken.add((row.activity_id, row.person_id, "elsewhere"))
    return taken


def registered(persons: Collection[int], activities: Collection[int]) -> set[tuple[int, int]]:
    """(activity, person) of every registration that stands or is being made; one query.

    Who is being moved somewhere has a place there already, while UiTPAS is still asked.
    """
    of_persons = OrderLine.person_id.in_(list(persons))
    standing = (
        select(OrderLine.activity_id, OrderLine.person_id)
        .join(Order)
        .where(
            of_persons,
            OrderLine.activity_id.in_(list(activities)),
            OrderLine.state == LineState.LIVE,
            Order.state.in_([OrderState.OPEN, OrderState.CONFIRMED]),
        )
    )
    on_the_way = (
        select(LineChange.to_activity_id, OrderLine.person_id)
        .join(OrderLine, OrderLine.id == LineChange.line_id)
        .where(
            of_persons,
            LineChange.to_activity_id.in_(list(activities)),
            LineChange.held_pool_id.is_not(None),
            LineChange.ended_at.is_(None),
        )
    )
    rows = db.session.execute(union_all(standing, on_the_way))
    return {(row.activity_id, row.person_id) for row in rows}


def problems_of(
    activity: Activity,
    person: Person,
    taken: Taken,
    *,
    with_places: bool = True,
    for_staff: bool = False,
) -> list[SaleProblem]:
    """Every reason, for one person and one activity; ``taken`` is ``already_in()``."""
    ids = {"activity_id": activity.id, "person_id": person.id}
    found = [
        SaleProblem(problem.sentence, field=problem.field, kind=problem.kind, **ids)
        for problem in registration_problems(activity, person, for_staff=for_staff)
    ]
    if activity.activity_type.module is not Module.REGISTRATION:
        found.append(
            SaleProblem(_t("Voor deze activiteit koop je een ticket."), kind="module", **ids)
        )
    double = _double(activity, person, taken, for_staff)
    if double is not None:
        found.append(double)
    if with_places and (for_staff or not found) and _is_full(activity):
        found.append(SaleProblem(_t("Volzet"), field="persons", kind="full", **ids))
    return found


def _is_full(activity: Activity) -> bool:
    if activity.activity_type.module is not Module.REGISTRATION:
        return False
    return registration_pool(activity).left <= 0


def is_registered_problem(
    activity_id: int, person: Person, line_id: int | None = None
) -> SaleProblem:
    """Somebody who is registered for this activity already."""
    return SaleProblem(
        _t("%(name)s is al ingeschreven.", name=person.first_name),
        field="persons",
        kind="double",
        activity_id=activity_id,
        person_id=person.id,
        line_id=line_id,
    )


def _double(
    activity: Activity, person: Person, taken: Taken, for_staff: bool
) -> SaleProblem | None:
    if (activity.id, person.id, "order") in taken:
        return is_registered_problem(activity.id, person)
    if (activity.id, person.id, "basket") in taken:
        kind = "in_basket"
        sentence = _t("%(name)s zit al in je mandje voor deze activiteit.", name=person.first_name)
    elif (activity.id, person.id, "elsewhere") in taken:
        kind = "in_other_basket"
        sentence = _elsewhere(person.first_name, for_staff)
    else:
        return None
    ids = {"activity_id": activity.id, "person_id": person.id}
    return SaleProblem(sentence, field="persons", kind=kind, **ids)


def _elsewhere(name: str, for_staff: bool) -> str:
    if for_staff:
        return _t(
            "%(name)s zit hiervoor nu in het mandje van de klant zelf of van een collega. "
            "Rond daar af, of wacht tot de tijd van dat mandje om is.",
            name=name,
        )
    return _t("%(name)s wordt hiervoor nu aan het loket ingeschreven.", name=name)
