"""Afronden: one order, whatever is pressed, and a clear sentence when it does not go through."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.activities.models import Activity
from app.extensions import db
from app.payments.models import PaymentMethod
from app.sales.models import Basket, BasketState, OrderState
from app.sales.reconciler import reconcile
from tests.making import make_activity
from tests.sales.conftest import Family, Publiq
from tests.signing_in import post
from tests.web.shop.steps import choose, finish, lines, orders, take_benefit, text_of
from tests.web.shop.test_baskets import hold_for


@pytest.fixture
def full_basket(parent: FlaskClient, family: Family, camp: Activity) -> FlaskClient:
    """A browser whose basket holds Mira, at the social tariff."""
    choose(parent, camp, family.mira, uitpas="ja")
    take_benefit(parent)
    return parent


def test_finishing_sells_at_uitpas_and_shows_how_to_pay(
    full_basket: FlaskClient, publiq: Publiq
) -> None:
    answer = finish(full_basket, betaalwijze="transfer")
    order = orders()[0]
    assert answer.status_code == 303
    assert answer.location == f"/mijn/bestellingen/{order.number}"
    assert order.state is OrderState.CONFIRMED
    assert order.payment_method is PaymentMethod.TRANSFER
    assert len(publiq.live_sales()) == 1
    page = text_of(full_basket.get(answer.location))
    assert "Gelukt, de inschrijving is bevestigd." in page
    assert "Te betalen € 12,00" in page
    assert "Mededeling +++" in page


def test_a_free_basket_asks_for_no_payment(
    parent: FlaskClient, family: Family, connected: None
) -> None:
    choose(parent, make_activity(prices=(("Gratis", "0.00", ()),)), family.mira)
    assert "Hoe betaal je?" not in text_of(parent.get("/mandje"))
    answer = finish(parent, betaalwijze="")
    assert answer.status_code == 303
    assert "Je hoeft niets te betalen." in text_of(parent.get(answer.location))


def test_what_is_missing_is_said_at_its_field_and_what_was_chosen_stays(
    full_basket: FlaskClient,
) -> None:
    answer = finish(full_basket, voorwaarden="")
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert '<a href="#voorwaarden">Vink aan dat je akkoord gaat met de voorwaarden.</a>' in html
    assert 'id="betaalwijze-desk" name="betaalwijze" value="desk" checked' in html
    answer = finish(full_basket, betaalwijze="goud")
    html = answer.get_data(as_text=True)
    assert '<a href="#betaalwijze-desk">Kies hoe je betaalt.</a>' in html
    assert 'name="voorwaarden" value="ja" checked' in html
    assert not orders()


def test_a_double_click_two_tabs_and_back_all_find_the_same_order(
    full_basket: FlaskClient, publiq: Publiq
) -> None:
    basket = str(lines()[-1].basket_id)
    first = finish(full_basket, mandje=basket)
    second = finish(full_basket, mandje=basket)
    assert first.location == second.location
    assert len(orders()) == 1
    assert len(publiq.live_sales()) == 1
    assert full_basket.get("/afrekenen").location == first.location
    assert "Je mandje is leeg" in text_of(full_basket.get("/mandje"))


def test_before_finishing_its_address_leads_to_the_basket(full_basket: FlaskClient) -> None:
    assert full_basket.get("/afrekenen").location == "/mandje"


def test_a_benefit_still_to_be_chosen_comes_first(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    answer = finish(parent)
    assert answer.location == "/mandje/voordelen"
    assert "Kies eerst nog een voordeel." in text_of(parent.get(answer.location))
    assert not orders()


def test_a_basket_whose_time_is_over_is_not_finished(full_basket: FlaskClient) -> None:
    hold_for(-1)
    answer = finish(full_basket)
    assert answer.status_code == 422
    assert "De tijd van je mandje is om." in text_of(answer)
    assert "Leg mijn plaatsen opnieuw vast" in text_of(answer)
    assert not orders()


def test_uitpas_being_down_before_the_sale_keeps_the_basket_and_says_so(
    full_basket: FlaskClient, publiq: Publiq
) -> None:
    publiq.fault("GET /tariffs", "plat", count=None)
    answer = finish(full_basket)
    assert answer.status_code == 422
    assert "UiTPAS antwoordt nu niet." in text_of(answer)
    assert not orders()
    publiq.heal()
    assert finish(full_basket).status_code == 303


def test_a_refusal_of_the_sale_brings_the_basket_back_with_its_message(
    full_basket: FlaskClient, publiq: Publiq
) -> None:
    publiq.fault("POST /ticket-sales", "geweigerd", problem="uitpas/passholder-blocked")
    answer = finish(full_basket)
    assert answer.status_code == 422
    assert "Mira Peeters" in text_of(answer)
    assert orders()[0].state is OrderState.LAPSED
    assert not publiq.live_sales()
    assert db.session.scalars(select(Basket.state)).all() == [BasketState.OPEN]
    assert finish(full_basket).status_code == 303


def test_an_order_that_waits_for_uitpas_says_so_and_looks_again_by_itself(
    full_basket: FlaskClient, publiq: Publiq
) -> None:
    publiq.fault("POST /ticket-sales", "antwoord-kwijt")
    publiq.fault("GET /ticket-sales", "plat", count=None)
    answer = finish(full_basket)
    assert answer.status_code == 303
    page = full_basket.get(answer.location)
    assert "We wachten op UiTPAS" in text_of(page)
    assert 'hx-trigger="every 3s"' in page.get_data(as_text=True)
    fragment = full_basket.get(answer.location, headers={"HX-Request": "true"})
    assert "<html" not in fragment.get_data(as_text=True)
    publiq.heal()
    reconcile(min_age_seconds=0)
    done = full_basket.get(answer.location, headers={"HX-Request": "true"})
    assert done.headers["HX-Redirect"] == answer.location
    assert orders()[0].state is OrderState.CONFIRMED
    assert len(publiq.live_sales()) == 1


def test_another_customer_cannot_finish_a_basket(
    stranger: FlaskClient, full_basket: FlaskClient
) -> None:
    answer = finish(stranger)
    assert "Peeters" not in text_of(answer)
    assert not orders()


def test_a_basket_number_that_is_none_is_refused_with_a_sentence(
    parent: FlaskClient, family: Family
) -> None:
    for number in ("", "abc", "9" * 30):
        answer = post(parent, "/afrekenen", {"mandje": number, "voorwaarden": "ja"})
        assert answer.status_code in {200, 422}
    assert not orders()
