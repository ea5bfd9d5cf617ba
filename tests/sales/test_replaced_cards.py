"""A child whose card was replaced keeps the benefit: the new number is used, and that is said."""

from app.activities.models import Activity
from app.extensions import db
from app.people.models import Person
from app.sales.basket import Choice, add_to_basket, open_basket
from app.sales.benefit_choice import offers_for
from app.settings.models import PubliqCall
from tests.making import make_person
from tests.sales.conftest import BLOCKED, Family, Publiq

OLD_CARD, NEW_CARD = "0910000001602", "0910000001719"


def _asked() -> int:
    return db.session.query(PubliqCall).filter_by(operation="get-passes").count()


def test_the_number_of_the_new_card_is_used_for_the_benefits(
    family: Family, camp: Activity
) -> None:
    amina = make_person(family.customer, "Amina", uitpas_number=OLD_CARD)
    add_to_basket(family.id, [Choice(camp.id, amina.id)], uses_uitpas=True)
    [item] = offers_for(family.id)
    # publiq answers about the new card, not that it knows no such number
    assert item.message.startswith("Deze UiTPAS komt uit een andere regio")
    assert item.look_up is not None and item.look_up.replaced == OLD_CARD
    basket = open_basket(family.id)
    assert basket is not None and basket.lines[0].uitpas_number == NEW_CARD
    assert db.session.get_one(Person, amina.id, populate_existing=True).uitpas_number == NEW_CARD


def test_a_card_that_nothing_replaced_keeps_what_publiq_said_of_it(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    rami = make_person(family.customer, "Rami", uitpas_number=BLOCKED)
    choices = [Choice(camp.id, rami.id), Choice(camp.id, family.mira.id)]
    add_to_basket(family.id, choices, uses_uitpas=True)
    publiq.fault("GET /passes", "plat", count=None)
    items = {item.line.person_id: item for item in offers_for(family.id)}
    assert "geblokkeerd" in items[rami.id].message
    assert items[family.mira.id].offers


def test_nobody_is_asked_about_whose_card_works(family: Family, camp: Activity) -> None:
    add_to_basket(family.id, [Choice(camp.id, family.mira.id)], uses_uitpas=True)
    offers_for(family.id)
    assert _asked() == 0
