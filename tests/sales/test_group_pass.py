"""A group's pass on children: it buys tickets at the social tariff, one for each (P1)."""

from decimal import Decimal

from app.activities.models import Activity
from app.extensions import end_read, write_transaction
from app.payments.models import PaymentMethod
from app.people.models import Person
from app.people.passes import check_pass
from app.sales.basket import Choice, add_to_basket, open_basket
from app.sales.benefit_choice import choose_benefits, offers_for
from app.sales.checkout import FinishOutcome, finish
from tests.sales.conftest import Family, Publiq

GROUP = "0900000045410"


def test_a_group_pass_gives_its_tariff_to_everybody_who_has_it_and_counts_down(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    with write_transaction() as session:
        for person in (family.mira, family.tuur):
            session.get_one(Person, person.id).uitpas_number = GROUP
    add_to_basket(
        family.id, [Choice(camp.id, person.id) for person in (family.mira, family.tuur)], True
    )
    shown = offers_for(family.id)
    assert [item.offers[0].remaining for item in shown] == [20, 20]
    choose_benefits(family.id, {item.line.id: item.selected for item in shown})
    basket = open_basket(family.id)
    assert basket is not None
    assert [line.price for line in basket.lines] == [Decimal("12.00")] * 2
    basket_id = basket.id
    end_read()
    done = finish(basket_id, family.id, PaymentMethod.DESK, terms_accepted=True)
    assert done.outcome is FinishOutcome.CONFIRMED
    assert [sale["uitpasNumber"] for sale in publiq.live_sales()] == [GROUP, GROUP]
    left = check_pass(family.mira.id, by_staff=True)
    assert left.tickets == "Nog 18 van 20 tickets met kansentarief dit jaar."
