"""Taking a person out of a family: not while a basket or a registration counts on it."""

from sqlalchemy import exists, or_, select

from app.activities.models import Activity
from app.clock import now
from app.extensions import _t, db, write_transaction
from app.people import persons
from app.people.problems import PersonProblem, PersonRefused
from app.sales.basket import lock_all_baskets, lock_customer
from app.sales.models import (
    Basket,
    BasketLine,
    BasketState,
    LineState,
    Order,
    OrderLine,
    OrderState,
)


def leaving_problems(person_id: int, first_name: str) -> list[PersonProblem]:
    """Why a person cannot leave the family now.

    What waits in a basket that staff left, and holds no place any more, is in nobody's way: the
    customer could not take it out, and it goes with the person.
    """
    problems = []
    in_basket = (
        exists()
        .where(BasketLine.person_id == person_id, BasketLine.basket_id == Basket.id)
        .where(Basket.state == BasketState.OPEN)
        .where(or_(Basket.made_by_id.is_(None), BasketLine.holding))
    )
    if db.session.scalar(select(in_basket)):
        problems.append(
            PersonProblem(
                _t("%(name)s zit nog in een mandje. Haal die lijn eerst weg.", name=first_name)
            )
        )
    registered = (
        exists()
        .where(OrderLine.person_id == person_id, OrderLine.state == LineState.LIVE)
        .where(OrderLine.order_id == Order.id, OrderLine.activity_id == Activity.id)
        .where(Order.state.in_([OrderState.OPEN, OrderState.CONFIRMED]))
        .where(or_(Activity.last_end.is_(None), Activity.last_end > now()))
    )
    if db.session.scalar(select(registered)):
        problems.append(
            PersonProblem(
                _t(
                    "%(name)s is nog ingeschreven. Annuleer die inschrijving eerst.",
                    name=first_name,
                )
            )
        )
    return problems


def remove_person(customer_id: int, person_id: int, *, by_staff: bool = False) -> bool:
    """Take a person out of the family; False when it is not of this customer.

    What was registered before keeps the name. Raises PersonRefused.
    """
    with write_transaction() as session:
        # whoever puts something in this customer's basket locks the same row first
        lock_customer(session, customer_id)
        lock_all_baskets(session, customer_id)  # against who holds a lapsed place again
        person = persons.find_person(customer_id, person_id)
        if person is None:
            return False
        problems = leaving_problems(person_id, person.first_name)
        if problems:
            raise PersonRefused(problems)
        return persons.remove_person(customer_id, person_id, by_staff=by_staff)
