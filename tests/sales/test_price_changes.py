"""What is sold is what was shown: whatever changes between choosing and finishing stops it first.

The invariant: no order, no wish and no sale at UiTPAS at a price, or with a benefit, that did not
stand in the basket when somebody pressed. The line then says the old and the new price, and the
next press sells exactly that.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
import responses
from sqlalchemy import delete, func, select, update

from app.activities.models import Activity, PriceCategory
from app.extensions import db, end_read, write_transaction
from app.payments.models import PaymentMethod
from app.people.models import Person
from app.sales.basket import Choice, add_to_basket, open_basket
from app.sales.benefit_choice import choose_benefits, offers_for
from app.sales.checkout import FinishOutcome, FinishResult, finish
from app.sales.models import BasketLine, Order
from app.settings.models import Environment
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.links import delete_link
from app.uitpas.models import BenefitKind, UitpasEntry
from tests.making import make_activity, make_person, price_categories
from tests.sales.checking import check_after_healing
from tests.sales.conftest import ONCE_A_WEEK, WITH_COUPON, Family, Publiq, publish_as
from tests.sales.meanwhile import choose, finish_now, order_of, put
from tests.signing_in import make_account

SAID = "Zo staat het bij UiTPAS, woord voor woord."


@pytest.fixture
def mocked(sandbox_url: str) -> Iterator[responses.RequestsMock]:
    """publiq's stand-in as it is, but for the calls that a test answers itself."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_passthru(sandbox_url)
        yield mock


def line() -> BasketLine:
    """The only line, as it stands now."""
    found = db.session.scalars(select(BasketLine).execution_options(populate_existing=True)).one()
    end_read()
    return found


def nothing_was_sold(publiq: Publiq) -> None:
    for model in (Order, UitpasEntry):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0, model.__name__
    end_read()
    assert publiq.live_sales() == []


def stopped(family: Family, publiq: Publiq) -> str:
    """Press once: nothing is sold, and the line says why; returns what it says."""
    result = finish_now(family)
    assert result.outcome is FinishOutcome.RETURNED
    (problem,) = result.problems
    assert problem.line_id == line().id
    nothing_was_sold(publiq)
    return problem.sentence


def sold_as_shown(family: Family, publiq: Publiq) -> Order:
    """Press again: it is sold at exactly the price that the line shows."""
    shown = line().price
    result = finish_now(family)
    assert result.outcome is FinishOutcome.CONFIRMED, result.problems
    order = order_of(result)
    assert order.total == shown
    check_after_healing(publiq)
    return order


def offer(**changes: object) -> dict[str, object]:
    return {
        "id": line().tariff_id,
        "name": "Kansentarief",
        "price": 12,
        "type": "SOCIALTARIFF",
        "remaining": 1,
    } | changes


def answer(mocked: responses.RequestsMock, publiq: Publiq, *offers: object, **more: object) -> None:
    mocked.get(f"{publiq.url}/uitpas/tariffs", json={"available": offers, **more})


@pytest.mark.parametrize("price", [15, 9], ids=["dearer", "cheaper"])
def test_another_price_of_the_benefit_is_shown_beside_the_old_one(
    family: Family,
    camp: Activity,
    publiq: Publiq,
    mocked: responses.RequestsMock,
    price: int,
) -> None:
    put(family, camp, family.mira)
    choose(family)
    answer(mocked, publiq, offer(price=price))
    said = stopped(family, publiq)
    assert "€\xa012,00" in said and f"€\xa0{price},00" in said
    assert (line().price, line().message) == (price, said)
    again = finish_now(family)  # the sandbox still sells at 12: cheaper is fine, dearer is not
    assert (again.outcome is FinishOutcome.CONFIRMED) == (price > 12)
    assert db.session.scalar(select(func.count(Order.id))) == 1


def test_a_benefit_that_is_gone_gives_the_regular_price_and_publiqs_words(
    family: Family, camp: Activity, publiq: Publiq, mocked: responses.RequestsMock
) -> None:
    put(family, camp, family.mira)
    choose(family)
    answer(mocked, publiq, endUserMessage={"nl": SAID})
    said = stopped(family, publiq)
    assert said.startswith(SAID)
    assert "€\xa012,00" in said and "€\xa060,00" in said
    assert line().tariff_id is None
    order = sold_as_shown(family, publiq)
    assert order.total == Decimal("60.00")


def test_where_another_benefit_is_left_it_is_said_that_one_can_choose_it(
    family: Family, camp: Activity, publiq: Publiq, mocked: responses.RequestsMock
) -> None:
    put(family, camp, family.mira)
    choose(family)
    coupon = offer(id="COUPON_1", name="Welkom", price=30, type="COUPON")
    answer(mocked, publiq, coupon)
    said = stopped(family, publiq)
    assert "kies een ander voordeel" in said
    assert [stored["name"] for stored in line().offers] == ["Welkom"]


def test_the_same_benefit_under_another_id_is_not_lost(
    family: Family, camp: Activity, publiq: Publiq, mocked: responses.RequestsMock
) -> None:
    put(family, camp, family.mira)
    choose(family)
    true_id = line().tariff_id
    with write_transaction() as session:  # as publiq named it at the moment of choosing
        session.execute(update(BasketLine).values(tariff_id="SOCIALTARIFF-OLD"))
    assert line().tariff_id != true_id
    order = sold_as_shown(family, publiq)
    assert order.lines[0].benefit_kind is BenefitKind.SOCIAL_TARIFF
    assert order.total == Decimal("12.00")


def test_an_expired_tariff_stops_with_publiqs_words(
    family: Family, camp: Activity, publiq: Publiq, mocked: responses.RequestsMock
) -> None:
    put(family, camp, family.mira)
    choose(family)
    problem = {
        "type": "https://api.publiq.be/probs/uitpas/social-tariff-expired",
        "status": 400,
        "endUserMessage": {"nl": SAID},
    }
    mocked.get(f"{publiq.url}/uitpas/tariffs", json=problem, status=400)
    assert stopped(family, publiq).startswith(SAID)
    assert sold_as_shown(family, publiq).total == Decimal("60.00")


@pytest.mark.parametrize("kind", ["plat", "verbroken", "fout-500", "webpagina", "te-vaak"])
def test_while_publiq_is_silent_nothing_changes_and_nothing_is_sold(
    family: Family, camp: Activity, publiq: Publiq, kind: str
) -> None:
    put(family, camp, family.mira)
    choose(family)
    publiq.fault("GET /tariffs", kind, count=None)
    said = stopped(family, publiq)
    assert "zonder voordeel" in said
    assert (line().price, line().benefit_settled) == (12, True)
    publiq.heal()
    assert sold_as_shown(family, publiq).total == Decimal("12.00")


def test_without_a_benefit_a_silent_publiq_stops_nobody(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose_benefits(family.id, {item.line.id: "" for item in offers_for(family.id)})
    publiq.fault("uitpas", "plat", count=None)
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED


# The regular price


def _price(euro: str) -> None:
    with write_transaction() as session:
        session.execute(update(PriceCategory).values(price=Decimal(euro)))


@pytest.mark.parametrize(("euro", "paid"), [("75.00", "15,00"), ("50.00", "10,00")])
def test_another_regular_price_is_asked_anew_at_publiq(
    family: Family, camp: Activity, publiq: Publiq, euro: str, paid: str
) -> None:
    put(family, camp, family.mira)
    choose(family)
    _price(euro)
    said = stopped(family, publiq)
    assert "€\xa012,00" in said and f"€\xa0{paid}" in said
    order = sold_as_shown(family, publiq)
    assert order.lines[0].regular_price == Decimal(euro)
    assert publiq.live_sales()[0]["regularPrice"] == float(euro)


@pytest.mark.parametrize("euro", ["75.00", "50.00", "0.00"])
def test_another_regular_price_without_a_benefit_is_shown_beside_the_old_one(
    family: Family, camp: Activity, publiq: Publiq, euro: str
) -> None:
    put(family, camp, family.tuur, uitpas=False)
    _price(euro)
    said = stopped(family, publiq)
    assert "€\xa060,00" in said and f"€\xa0{euro.replace('.', ',')}" in said
    assert line().message == said
    assert sold_as_shown(family, publiq).total == Decimal(euro)


def test_another_regular_price_while_publiq_is_silent_keeps_the_line_and_says_so(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    _price("75.00")
    publiq.fault("GET /tariffs", "plat", count=None)
    assert "zonder voordeel" in stopped(family, publiq)
    publiq.heal()
    said = stopped(family, publiq)  # 12 euro stood there; 15 is shown first
    assert "€\xa015,00" in said
    assert sold_as_shown(family, publiq).total == Decimal("15.00")


def test_a_price_category_that_is_gone_is_replaced_by_the_cheapest_that_is_allowed(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.tuur, uitpas=False)
    with write_transaction() as session:
        activity = session.get_one(Activity, camp.id)
        activity.price_categories = price_categories((("Nieuw", "48.00", ()),))
    said = stopped(family, publiq)
    assert "€\xa060,00" in said and "€\xa048,00" in said
    assert line().category_name == "Nieuw"
    assert sold_as_shown(family, publiq).total == Decimal("48.00")


def test_who_moved_away_meanwhile_sees_the_price_for_others(family: Family, publiq: Publiq) -> None:
    prices = (("Basistarief", "60.00", ()), ("Inwoners", "40.00", ("9000",)))
    activity = make_activity("Bosklassen", prices=prices)
    put(family, activity, family.tuur, uitpas=False)
    with write_transaction() as session:
        session.execute(
            update(PriceCategory)
            .where(PriceCategory.name == "Inwoners")
            .values(postal_codes=["9820"])
        )
    said = stopped(family, publiq)
    assert "€\xa040,00" in said and "€\xa060,00" in said
    assert sold_as_shown(family, publiq).total == Decimal("60.00")


def test_who_may_have_no_price_any_more_is_told_to_take_the_line_away(
    family: Family, publiq: Publiq
) -> None:
    activity = make_activity("Bosklassen", prices=(("Inwoners", "40.00", ("9000",)),))
    put(family, activity, family.tuur, uitpas=False)
    with write_transaction() as session:
        session.execute(update(PriceCategory).values(postal_codes=["9820"]))
    result = finish_now(family)
    assert result.outcome is FinishOutcome.RETURNED
    assert all(problem.line_id == line().id for problem in result.problems)
    nothing_was_sold(publiq)


def test_one_line_that_changed_leaves_the_others_as_they_were(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    other = make_activity("Klein atelier", prices=(("Basistarief", "20.00", ()),))
    put(family, camp, family.mira)
    put(family, other, family.tuur, uitpas=False)
    choose(family)
    with write_transaction() as session:
        session.execute(
            update(PriceCategory)
            .where(PriceCategory.activity_id == other.id)
            .values(price=Decimal("22.00"))
        )
    (problem,) = finish_now(family).problems
    assert "€\xa022,00" in problem.sentence
    nothing_was_sold(publiq)
    basket = open_basket(family.id)
    assert basket is not None
    assert [one.price for one in basket.lines] == [Decimal("12.00"), Decimal("22.00")]
    assert [bool(one.message) for one in basket.lines] == [False, True]
    end_read()
    assert order_of(finish_now(family)).total == Decimal("34.00")


def test_what_was_agreed_to_leaves_no_old_message_behind(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    _price("75.00")
    stopped(family, publiq)
    publiq.fault("POST /ticket-sales", "geweigerd", problem="uitpas/maximum-reached")
    result = finish_now(family)
    assert result.outcome is FinishOutcome.RETURNED
    assert "€" not in line().message


# The event, the environment and the modules


def _unpublish(camp: Activity) -> None:
    delete_link(camp.id)


def _to_test(_camp: Activity) -> None:
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.TEST


def _uitpas_off(_camp: Activity) -> None:
    with write_transaction():
        uit_settings_for_update().uitpas_on = False


@pytest.mark.parametrize(
    "change", [_unpublish, _to_test, _uitpas_off], ids=["unpublished", "environment", "module"]
)
def test_an_activity_that_gives_no_benefits_any_more_says_both_prices(
    family: Family, camp: Activity, publiq: Publiq, change: Callable[[Activity], None]
) -> None:
    put(family, camp, family.mira)
    choose(family)
    change(camp)
    said = stopped(family, publiq)
    assert "€\xa012,00" in said and "€\xa060,00" in said
    assert (line().uses_uitpas, line().tariff_id, line().price) == (False, None, 60)
    result = finish_now(family)
    assert result.outcome is FinishOutcome.CONFIRMED
    assert order_of(result).total == Decimal("60.00")


def test_benefits_asked_for_an_activity_that_was_unpublished_meanwhile(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    delete_link(camp.id)
    assert offers_for(family.id) == []
    assert "€\xa012,00" in line().message and "€\xa060,00" in line().message
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED
    assert publiq.live_sales() == []


def test_another_event_is_asked_anew_before_anything_is_sold(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    delete_link(camp.id)
    publish_as(camp, ONCE_A_WEEK)
    said = stopped(family, publiq)
    assert "Kies je voordeel opnieuw." in said and "€\xa012,00" in said
    choose(family)
    order = sold_as_shown(family, publiq)
    assert order.total == Decimal("12.00")
    assert [sale["eventId"] for sale in publiq.live_sales()] == [ONCE_A_WEEK]


def test_a_coupon_whose_module_went_off_says_both_prices(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sara = make_person(family.customer, "Sara", uitpas_number=WITH_COUPON)
    put(family, camp, sara)
    (shown,) = offers_for(family.id)
    coupon = next(one for one in shown.offers if one.kind is BenefitKind.COUPON)
    choose_benefits(family.id, {shown.line.id: coupon.id})
    with write_transaction():
        uit_settings_for_update().coupons_on = False
    said = stopped(family, publiq)
    assert f"€\xa0{coupon.price:.2f}".replace(".", ",") in said and "€\xa060,00" in said
    assert sold_as_shown(family, publiq).lines[0].benefit_kind is None


def test_a_person_who_left_meanwhile_leaves_a_line_that_cannot_be_sold(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    with write_transaction() as session:
        session.execute(delete(Person).where(Person.id == family.mira.id))
    assert open_basket(family.id) is None or not open_basket(family.id).lines
    end_read()
    nothing_was_sold(publiq)


def test_the_price_that_staff_chose_stays_theirs_when_it_changes(
    family: Family, publiq: Publiq
) -> None:
    clerk = make_account("loket@gemeente.example", ["cashier"]).id
    prices = (("Basistarief", "60.00", ()), ("Inwoners", "40.00", ("9820",)))
    activity = make_activity("Bosklassen", prices=prices)
    residents = next(one.id for one in activity.price_categories if one.name == "Inwoners")
    choice = Choice(activity.id, family.tuur.id, category_id=residents)
    add_to_basket(family.id, [choice], uses_uitpas=False, made_by_id=clerk)
    with write_transaction() as session:
        session.get_one(PriceCategory, residents).price = Decimal("45.00")

    def finish_for() -> FinishResult:
        end_read()
        return finish(
            line().basket_id, family.id, PaymentMethod.DESK, terms_accepted=True, made_by_id=clerk
        )

    (problem,) = finish_for().problems
    assert "€\xa040,00" in problem.sentence and "€\xa045,00" in problem.sentence
    assert line().category_name == "Inwoners"
    result = finish_for()
    assert result.outcome is FinishOutcome.CONFIRMED
    assert order_of(result).total == Decimal("45.00")
