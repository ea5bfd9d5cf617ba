"""A clerk who registers on behalf of the family, for the tests of the selling room."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.activities.models import Activity, PlacePool
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.payments.models import PaymentMethod
from app.people.models import Account, Person
from app.sales.basket import add_to_basket, open_basket
from app.sales.checkout import FinishResult, finish
from app.sales.models import Basket
from app.sales.overriding import OVERRIDE_ACTION, Choice
from app.sales.problems import BasketRefused, SaleProblem
from app.settings.actor import clear_actor, set_actor
from app.settings.models import AuditEntry
from tests.making import make_activity, make_customer, make_person
from tests.sales.conftest import Family
from tests.signing_in import make_account

WHY = "Broer van een deelnemer, afgesproken met de monitor"


@pytest.fixture
def clerk(connected: None) -> Iterator[Account]:
    """A cashier who is at work."""
    account = make_account("kassa@gemeente.example", ["cashier"], first_name="Karin")
    set_actor(account.id, account.name)
    yield account
    clear_actor()


def put(
    clerk: Account,
    activity: Activity,
    *persons: Person,
    reason: str = "",
    category_id: int | None = None,
    uitpas: bool = False,
) -> None:
    """A clerk puts persons of one family in the basket of that family."""
    add_to_basket(
        persons[0].customer_id,
        [Choice(activity.id, person.id, category_id, reason) for person in persons],
        uitpas,
        made_by_id=clerk.id,
    )


def basket_of(clerk: Account, family: Family) -> Basket:
    found = open_basket(family.id, made_by_id=clerk.id)
    assert found is not None
    return found


def finish_for(clerk: Account, family: Family) -> FinishResult:
    basket_id = basket_of(clerk, family).id
    end_read()
    return finish(
        basket_id, family.id, PaymentMethod.DESK, terms_accepted=True, made_by_id=clerk.id
    )


def refused(work: Callable[[], object]) -> list[SaleProblem]:
    """The problems with which adding was refused."""
    with pytest.raises(BasketRefused) as caught:
        work()
    return caught.value.problems


def pool(activity: Activity | int) -> tuple[int, int, int]:
    """(taken, capacity, raised) as the database has them."""
    activity_id = activity if isinstance(activity, int) else activity.id
    db.session.rollback()
    row = db.session.execute(
        select(PlacePool.taken, PlacePool.capacity, PlacePool.raised).where(
            PlacePool.activity_id == activity_id
        )
    ).one()
    end_read()
    return tuple(row)


def exceptions() -> list[AuditEntry]:
    """What the audit trail says of going beyond, oldest first."""
    found = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == OVERRIDE_ACTION).order_by(AuditEntry.id)
    ).all()
    return list(found)


def lapse_all() -> None:
    """The time of every basket is over."""
    with write_transaction() as session:
        session.execute(update(Basket).values(held_until=now() - timedelta(minutes=1)))


@pytest.fixture
def full(connected: None) -> Activity:
    """An activity whose two places are taken by others."""
    activity = make_activity("Klein atelier", capacity=2)
    stranger = make_person(make_customer_elsewhere(), "Noor")
    other = make_person(stranger.customer_id, "Sam")
    for person in (stranger, other):
        add_to_basket(person.customer_id, [Choice(activity.id, person.id)], False)
    with write_transaction() as session:
        session.execute(update(Basket).values(held_until=now() + timedelta(days=1)))
    return activity


def make_customer_elsewhere() -> int:
    """Another family."""
    return make_customer("An", "Claes", email="an@elders.example").id
