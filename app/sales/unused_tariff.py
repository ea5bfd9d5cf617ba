"""A benefit that is somebody's is never missed: told once where a basket was filled without UiTPAS.

Whoever said 'nee' while the kept status of a child's social tariff is active hears of it once in
the basket, and may use it after all. The kept status only tells; what counts is what publiq then
offers (P3).
"""

from collections.abc import Iterable

from sqlalchemy import select

from app.clock import now
from app.extensions import db, write_transaction
from app.people.models import Person
from app.people.tariffs import TariffView, tariff_view
from app.sales.basket import lock_basket, open_basket
from app.sales.models import Basket, BasketLine
from app.settings.uit import active_environment
from app.uitdatabank.links import benefits_possible

COUNTS = (TariffView.ACTIVE, TariffView.GRACE)


def tell_unused_tariffs(customer_id: int, *, made_by_id: int | None = None) -> list[str]:
    """The first names of who could still use a social tariff; each basket is told once."""
    basket = open_basket(customer_id, made_by_id=made_by_id)
    if basket is None or basket.tariff_told_at is not None or not _unused(basket):
        return []
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, made_by_id=made_by_id)
        if basket is None or basket.tariff_told_at is not None:
            return []
        found = _unused(basket)
        if found:
            basket.tariff_told_at = now()
        return list(dict.fromkeys(person.first_name for _line, person in found))


def use_uitpas_after_all(customer_id: int, *, made_by_id: int | None = None) -> bool:
    """Let the lines of who could use a social tariff use a UiTPAS; their benefit is to be chosen.

    Returns whether there was any; a second press finds none and changes nothing.
    """
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, made_by_id=made_by_id)
        found = _unused(basket) if basket is not None else []
        events = benefits_possible(line.activity_id for line, _person in found)
        for line, person in found:
            line.uses_uitpas, line.benefit_settled = True, False
            line.uitpas_number = person.uitpas_number
            line.event_id = events[line.activity_id]
            line.environment = active_environment()
            line.message = ""
        return bool(found)


def _unused(basket: Basket) -> list[tuple[BasketLine, Person]]:
    """Lines without UiTPAS of who has a pass with an active tariff, where it gives something."""
    without = [line for line in basket.lines if not line.uses_uitpas]
    persons = _holders(line.person_id for line in without if line.person_id is not None)
    lines = [line for line in without if line.person_id in persons]
    events = benefits_possible(line.activity_id for line in lines)
    return [(line, persons[line.person_id or 0]) for line in lines if line.activity_id in events]


def _holders(person_ids: Iterable[int]) -> dict[int, Person]:
    """Who of these has a pass of their own with a tariff that counts, by id."""
    ids = set(person_ids)
    if not ids:
        return {}
    found = db.session.scalars(
        select(Person).where(
            Person.id.in_(ids), Person.uitpas_number.is_not(None), ~Person.is_group_pass
        )
    )
    return {person.id: person for person in found if tariff_view(person) in COUNTS}
