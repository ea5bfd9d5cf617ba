"""'Mijn inschrijvingen': what a family has, how to pay it, and cancelling it."""

from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select

from app.activities.models import Activity, PlacePool
from app.extensions import db, write_transaction
from app.mail.models import MailMessage
from app.payments.models import PaymentMeans
from app.payments.requests import register_payment
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.settings.models import Municipality
from tests.making import days_from_now, make_activity
from tests.sales.conftest import Family, Publiq, publish_as
from tests.signing_in import make_account, post, sign_in
from tests.web.shop.steps import choose, finish, orders, take_benefit, text_of


@pytest.fixture
def ordered(parent: FlaskClient, family: Family, camp: Activity) -> Order:
    """Mira at the social tariff and Tuur without, to be paid by transfer."""
    with write_transaction() as session:
        session.add(Municipality(name="Zonnewende", iban="BE68539007547034"))
    choose(parent, camp, family.mira, uitpas="ja")
    take_benefit(parent)
    choose(parent, camp, family.tuur, uitpas="nee")
    finish(parent, betaalwijze="transfer")
    return orders()[0]


def line_of(order: Order, name: str) -> str:
    """The reference of somebody's line."""
    return next(line.line_ref for line in order.lines if line.participant_name.startswith(name))


def test_without_anything_it_says_what_will_stand_there(parent: FlaskClient) -> None:
    assert "Hier komen je inschrijvingen" in text_of(parent.get("/mijn"))


def test_a_stranger_signs_in_first_and_staff_gives_its_details(client: FlaskClient) -> None:
    assert client.get("/mijn").location.startswith("/aanmelden")
    make_account("kassa@stad.example", ["cashier"])
    sign_in(client, "kassa@stad.example")
    assert client.get("/mijn").location.startswith("/mijn/gegevens")


def test_registrations_stand_with_participant_dates_price_and_benefit(
    parent: FlaskClient, ordered: Order
) -> None:
    page = text_of(parent.get("/mijn"))
    assert "Wat komt er aan?" in page
    assert "Mira Peeters" in page
    assert "9 tot 16 uur" in page
    assert "€ 12,00 in plaats van € 60,00" in page
    assert "Kansentarief voor Mira Peeters" in page
    assert "Nog € 72,00 te betalen" in page


def test_what_comes_first_stands_first(
    parent: FlaskClient, family: Family, connected: None
) -> None:
    for title, day in (("Later", 40), ("Eerder", 20)):
        dates = [(days_from_now(day), days_from_now(day, 16))]
        choose(parent, make_activity(title, dates=dates), family.mira)
    finish(parent)
    page = text_of(parent.get("/mijn"))
    assert page.index("Eerder") < page.index("Later")


def test_an_order_to_be_transferred_gives_account_communication_and_date(
    parent: FlaskClient, ordered: Order
) -> None:
    page = text_of(parent.get(f"/mijn/bestellingen/{ordered.number}"))
    digits = ordered.payment_request.communication
    assert "BE68 5390 0754 7034" in page
    assert f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++" in page
    assert "ten laatste op" in page
    assert "€ 72,00" in page


def test_what_was_paid_is_said(parent: FlaskClient, ordered: Order) -> None:
    register_payment(
        ordered.payment_request_id, Decimal("72.00"), PaymentMeans.TRANSFER, account_id=None
    )
    page = text_of(parent.get(f"/mijn/bestellingen/{ordered.number}"))
    assert "Alles is betaald." in page


def test_the_calendar_holds_each_date_of_each_line(parent: FlaskClient, ordered: Order) -> None:
    answer = parent.get(f"/mijn/bestellingen/{ordered.number}/agenda.ics")
    assert answer.mimetype == "text/calendar"
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    assert sorted(str(event["summary"]) for event in events) == [
        "Winterbos-kamp (Mira Peeters)",
        "Winterbos-kamp (Tuur Peeters)",
    ]


def test_before_cancelling_it_says_what_happens(parent: FlaskClient, ordered: Order) -> None:
    page = text_of(parent.get(f"/mijn/inschrijvingen/{line_of(ordered, 'Mira')}/annuleren"))
    assert "Je hoeft € 12,00 niet meer te betalen." in page
    assert "Je voordeel draaien we ook bij UiTPAS terug." in page
    assert "De plaats komt vrij voor iemand anders." in page


def test_cancelling_undoes_the_sale_frees_the_place_and_lowers_what_is_to_be_paid(
    parent: FlaskClient, ordered: Order, publiq: Publiq
) -> None:
    address = f"/mijn/inschrijvingen/{line_of(ordered, 'Mira')}/annuleren"
    answer = post(parent, address, {"reden": "ziek"}, follow_redirects=True)
    words = text_of(answer)
    assert "De inschrijving is geannuleerd. Ook bij UiTPAS is ze ongedaan gemaakt." in words
    assert "Te betalen € 60,00" in words
    assert not publiq.live_sales()
    line = next(item for item in orders()[0].lines if item.participant_name.startswith("Mira"))
    assert (line.state, line.cancel_reason) == (LineState.CANCELLED, "ziek")
    assert db.session.get_one(PlacePool, line.pool_id).taken == 1
    again = post(parent, address, follow_redirects=True)
    assert "Deze inschrijving is al geannuleerd." in text_of(again)
    assert db.session.get_one(PlacePool, line.pool_id).taken == 1


def test_uitpas_being_away_does_not_stop_a_cancellation(
    parent: FlaskClient, ordered: Order, publiq: Publiq
) -> None:
    publiq.fault("uitpas", "plat", count=None)
    address = f"/mijn/inschrijvingen/{line_of(ordered, 'Mira')}/annuleren"
    words = text_of(post(parent, address, follow_redirects=True))
    assert "De inschrijving is geannuleerd." in words
    assert "we maken je voordeel daar straks ongedaan" in words


def test_after_the_last_day_one_is_told_whom_to_ask(
    parent: FlaskClient, family: Family, connected: None
) -> None:
    dates = [(days_from_now(3), days_from_now(3, 16))]
    choose(parent, publish_as(make_activity("Bijna", dates=dates)), family.tuur)
    finish(parent)
    order = orders()[0]
    address = f"/mijn/inschrijvingen/{line_of(order, 'Tuur')}/annuleren"
    assert f"{address}" not in parent.get(f"/mijn/bestellingen/{order.number}").get_data(
        as_text=True
    )
    assert "zelf annuleren. Bel of mail ons" in text_of(parent.get(address))
    refused = post(parent, address, {"reden": "ziek"})
    assert refused.status_code == 422
    assert orders()[0].state is OrderState.CONFIRMED


def test_a_reason_that_is_too_long_is_said_at_its_field_and_kept(
    parent: FlaskClient, ordered: Order
) -> None:
    address = f"/mijn/inschrijvingen/{line_of(ordered, 'Mira')}/annuleren"
    answer = post(parent, address, {"reden": "x" * 501})
    assert answer.status_code == 422
    assert "Houd het bij 500 tekens: dit zijn er 501." in text_of(answer)
    assert "x" * 501 in answer.get_data(as_text=True)


def test_a_stranger_finds_nothing(stranger: FlaskClient, ordered: Order) -> None:
    ref = line_of(ordered, "Mira")
    for address in (
        f"/mijn/bestellingen/{ordered.number}",
        f"/mijn/bestellingen/{ordered.number}/agenda.ics",
        f"/mijn/inschrijvingen/{ref}/annuleren",
    ):
        assert stranger.get(address).status_code == 404
    assert post(stranger, f"/mijn/inschrijvingen/{ref}/annuleren").status_code == 404
    assert "Peeters" not in text_of(stranger.get("/mijn"))
    assert all(line.state is LineState.LIVE for line in orders()[0].lines)


def test_all_of_an_order_is_cancelled_at_once_with_what_happens_said_before(
    parent: FlaskClient, ordered: Order, publiq: Publiq
) -> None:
    number = ordered.number
    assert "Alles annuleren" in text_of(parent.get(f"/mijn/bestellingen/{number}"))
    address = f"/mijn/bestellingen/{number}/annuleren"
    page = text_of(parent.get(address))
    assert "Je hoeft € 72,00 niet meer te betalen." in page
    assert "Je voordeel draaien we ook bij UiTPAS terug." in page
    assert "2 plaatsen komen vrij voor anderen." in page
    words = text_of(post(parent, address, {"reden": "verhuisd"}, follow_redirects=True))
    assert "De inschrijvingen zijn geannuleerd. Ook bij UiTPAS zijn ze ongedaan gemaakt." in words
    order = orders()[0]
    assert order.state is OrderState.CANCELLED
    assert [line.cancel_reason for line in order.lines] == ["verhuisd", "verhuisd"]
    assert db.session.get_one(PlacePool, order.lines[0].pool_id).taken == 0
    assert not publiq.live_sales()
    mail = db.session.scalars(select(MailMessage).order_by(MailMessage.id.desc())).first()
    assert mail is not None
    assert "Geannuleerd: 2 inschrijvingen" in mail.subject
    assert "- Tuur Peeters, Winterbos-kamp" in mail.text
    again = post(parent, address, follow_redirects=True)
    assert "Deze bestelling was al geannuleerd." in text_of(again)


def test_all_that_was_paid_goes_back_in_one_go(parent: FlaskClient, ordered: Order) -> None:
    register_payment(
        ordered.payment_request_id, Decimal("30.00"), PaymentMeans.TRANSFER, account_id=None
    )
    address = f"/mijn/bestellingen/{ordered.number}/annuleren"
    page = text_of(parent.get(address))
    assert "Je hoeft € 42,00 niet meer te betalen." in page
    assert "Je krijgt € 30,00 terug" in page
    post(parent, address)
    request = orders()[0].payment_request
    assert request.amount == 0
    assert sum(refund.amount for refund in request.refunds) == Decimal("30.00")


def test_all_is_cancelled_also_while_uitpas_is_away(
    parent: FlaskClient, ordered: Order, publiq: Publiq
) -> None:
    publiq.fault("uitpas", "plat", count=None)
    address = f"/mijn/bestellingen/{ordered.number}/annuleren"
    words = text_of(post(parent, address, follow_redirects=True))
    assert "we maken je voordeel daar straks ongedaan" in words
    assert orders()[0].state is OrderState.CANCELLED


def test_one_line_that_is_too_late_keeps_all_from_being_cancelled_and_is_named(
    parent: FlaskClient, family: Family, ordered: Order
) -> None:
    with write_transaction() as session:
        late = make_activity("Morgen", dates=[(days_from_now(1), days_from_now(1, 16))])
        line = session.get_one(OrderLine, ordered.lines[1].id)
        line.activity_id = late.id
    number = ordered.number
    assert "Alles annuleren" not in text_of(parent.get(f"/mijn/bestellingen/{number}"))
    address = f"/mijn/bestellingen/{number}/annuleren"
    page = text_of(parent.get(address))
    assert "Morgen: Je kon tot" in page
    assert "Winterbos-kamp: Je kon" not in page
    assert post(parent, address).status_code == 422
    assert orders()[0].state is OrderState.CONFIRMED


def test_an_order_of_somebody_else_cannot_be_cancelled(app: Flask, ordered: Order) -> None:
    client = app.test_client()
    make_account("vreemd@gezin.example", customer=True)
    sign_in(client, "vreemd@gezin.example")
    address = f"/mijn/bestellingen/{ordered.number}/annuleren"
    assert client.get(address).status_code == 404
    assert post(client, address).status_code == 404
