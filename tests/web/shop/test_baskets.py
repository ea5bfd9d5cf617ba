"""The basket: what is in it, how long its places are held, and letting a line go."""

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from app.activities.models import Activity, PlacePool
from app.clock import now
from app.extensions import db, write_transaction
from app.sales.models import Basket
from tests.making import make_activity
from tests.queries import count_queries
from tests.sales.conftest import Family
from tests.signing_in import post
from tests.web.shop.steps import choose, lines, take_benefit, text_of


def hold_for(seconds: int) -> None:
    """Let the basket's places be held for so many seconds more; below nought they lapsed."""
    with write_transaction() as session:
        session.scalars(select(Basket)).one().held_until = now() + timedelta(seconds=seconds)


def held_until() -> object:
    return db.session.scalars(select(Basket.held_until)).one()


def test_an_empty_basket_says_what_will_stand_there(parent: FlaskClient) -> None:
    page = text_of(parent.get("/mandje"))
    assert "Je mandje is leeg" in page
    assert "Toon het aanbod" in page


def test_a_strangers_basket_is_empty_and_offers_to_sign_in(client: FlaskClient) -> None:
    page = client.get("/mandje")
    assert page.status_code == 200
    assert "Meld je aan, dan zie je je mandje." in text_of(page)


def test_the_basket_shows_lines_total_and_the_time_left(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira, family.tuur)
    page = parent.get("/mandje")
    words = text_of(page)
    assert "Mira Peeters" in words
    assert "Tuur Peeters" in words
    assert "We houden je 2 plaatsen" in words
    assert "2 plaatsen € 120,00 Te betalen € 120,00" in words
    assert 'role="timer"' in page.get_data(as_text=True)


def test_the_benefit_stands_behind_the_price(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    take_benefit(parent)
    page = parent.get("/mandje")
    words = text_of(page)
    assert "€ 12,00 in plaats van € 60,00" in words
    assert "Kansentarief voor Mira Peeters Gewone prijs € 60,00 Kansentarief − € 48,00" in words
    assert "Voordelen UiTPAS − € 48,00" in words
    assert '<details class="vl-info">' in page.get_data(as_text=True)


def test_a_line_without_a_choice_leads_to_step_two_before_finishing(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    page = parent.get("/mandje").get_data(as_text=True)
    assert 'href="/mandje/voordelen"' in page
    assert 'action="/afrekenen"' not in page


def test_one_line_can_go_and_its_place_returns(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira, family.tuur)
    first, second = (line.id for line in lines())
    answer = post(parent, f"/mandje/{first}/weghalen")
    assert answer.location == "/mandje"
    assert [line.id for line in lines()] == [second]
    assert db.session.scalars(select(PlacePool.taken)).all() == [1]
    assert post(parent, f"/mandje/{first}/weghalen").status_code == 303
    assert db.session.scalars(select(PlacePool.taken)).all() == [1]


def test_another_customer_cannot_take_a_line_away(
    stranger: FlaskClient, parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira)
    line_id = lines()[0].id
    post(stranger, f"/mandje/{line_id}/weghalen")
    assert [line.id for line in lines()] == [line_id]


def test_five_minutes_more_are_given_in_the_last_minute_only(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira)
    before = held_until()
    answer = post(parent, "/mandje/langer", follow_redirects=True)
    assert "In de laatste minuut kan je 5 minuten extra vragen." in text_of(answer)
    assert held_until() == before
    hold_for(50)
    before = held_until()
    assert "Je hebt 5 minuten extra." in text_of(
        post(parent, "/mandje/langer", follow_redirects=True)
    )
    assert held_until() - before == timedelta(minutes=5)


def test_a_basket_that_lapsed_is_kept_and_its_places_can_be_held_again(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira)
    hold_for(-1)
    page = parent.get("/mandje")
    assert "Je plaatsen liggen niet meer vast" in text_of(page)
    assert "Leg mijn plaatsen opnieuw vast" in text_of(page)
    assert 'action="/afrekenen"' not in page.get_data(as_text=True)
    again = post(parent, "/mandje/opnieuw", follow_redirects=True)
    assert "Je plaatsen liggen opnieuw vast." in text_of(again)
    assert 'action="/afrekenen"' in again.get_data(as_text=True)


def test_a_place_that_somebody_else_took_meanwhile_is_said_at_its_line(
    parent: FlaskClient, family: Family
) -> None:
    last = make_activity("Laatste plaats", capacity=1)
    choose(parent, last, family.mira)
    hold_for(-1)
    line = lines()[0]
    with write_transaction() as session:
        session.get_one(type(line), line.id).holding = False  # the minute's job freed it,
        session.get_one(PlacePool, line.pool_id).taken = 1  # and somebody else took it
    answer = post(parent, "/mandje/opnieuw", follow_redirects=True)
    assert "Deze plaats is intussen ingenomen. Haal deze lijn weg." in text_of(answer)
    assert len(lines()) == 1


def test_the_number_of_queries_of_the_basket_does_not_grow_with_its_lines(
    parent: FlaskClient, family: Family
) -> None:
    counted = []
    for _ in range(2):
        for _more in range(3):
            choose(parent, make_activity(), family.mira, family.tuur)
        with count_queries() as sent:
            parent.get("/mandje")
        counted.append(len(sent))
    assert counted[0] == counted[1]
