"""What baskets tell of who has a kansentarief is forgotten after its term."""

from datetime import timedelta

import time_machine
from sqlalchemy import func, select

from app.activities.models import Activity
from app.clock import now
from app.extensions import db, end_read
from app.sales.basket import Choice, add_to_basket, open_basket
from app.sales.benefit_choice import choose_benefits, offers_for
from app.sales.holds import release_lapsed_holds
from app.sales.models import Basket, OrderState
from app.sales.retention import forget_old_baskets, keep_terms
from tests.making import days_from_now, make_activity
from tests.sales.checking import check_places
from tests.sales.conftest import Family, Publiq
from tests.sales.meanwhile import choose, finish_now, order_of, put
from tests.sales.selling import lose


def _fill(family: Family, camp: Activity) -> None:
    add_to_basket(family.id, [Choice(camp.id, family.mira.id)], uses_uitpas=True)
    choose_benefits(family.id, {item.line.id: item.selected for item in offers_for(family.id)})
    end_read()


def _left() -> int:
    return db.session.scalar(select(func.count(Basket.id))) or 0


def test_a_basket_that_nobody_came_back_to_goes_with_the_status_of_the_tariff(
    family: Family, camp: Activity
) -> None:
    _fill(family, camp)
    with time_machine.travel(now() + timedelta(days=80)):
        release_lapsed_holds()
        assert forget_old_baskets() == 0
    with time_machine.travel(now() + timedelta(days=100)):
        assert keep_terms()["baskets"] == 1
        assert open_basket(family.id) is None
    check_places()


def test_what_a_basket_still_holds_or_filled_lately_stays(family: Family, camp: Activity) -> None:
    _fill(family, camp)
    later = make_activity("Later", dates=[(days_from_now(200, 9), days_from_now(200, 16))])
    with time_machine.travel(now() + timedelta(days=100)):
        assert forget_old_baskets() == 0  # its places are not yet given back
        release_lapsed_holds()
        put(family, later, family.tuur, uitpas=False)
        assert forget_old_baskets() == 0
    assert _left() == 1


def test_the_basket_of_an_order_goes_once_the_order_waits_no_more(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    done = order_of(finish_now(family))
    assert done.state is OrderState.CONFIRMED
    with time_machine.travel(now() + timedelta(days=100)):
        assert forget_old_baskets() == 1
    assert _left() == 0


def test_the_basket_of_an_order_that_waits_stays(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq)
    with time_machine.travel(now() + timedelta(days=100)):
        assert forget_old_baskets() == 0
    assert _left() == 1
