"""Staff cancel one registration or all of an order, after seeing what that does."""

# ruff: noqa: F811 - a parameter names its fixture

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.activities.models import Activity
from app.clock import now
from app.extensions import db
from app.sales.models import Order, OrderState
from app.sales.reconciler import reconcile
from app.settings.models import AuditEntry, PubliqCall
from tests.making import make_person
from tests.queries import count_queries
from tests.sales.changing import line_of, pay, taken
from tests.sales.conftest import (  # noqa: F401 - fixtures
    SOCIAL_TOO,
    Family,
    Publiq,
    camp,
    connected,
    family,
    publiq,
)
from tests.sales.meanwhile import choose, finish_now, put
from tests.sales.selling import order
from tests.web.backoffice.staff_client import post, signed_in, words
from tests.web.reading import error_at


@pytest.fixture(params=["admin", "cashier"])
def staff(app: Flask, request: pytest.FixtureRequest) -> FlaskClient:
    return signed_in(app, request.param)


@pytest.fixture
def ordered(family: Family, camp: Activity) -> Order:
    """Mira with her social tariff and Tuur without."""
    put(family, camp, family.mira, family.tuur)
    choose(family)
    finish_now(family)
    return order()


def test_all_of_an_order_is_cancelled_with_a_reason(
    staff: FlaskClient, ordered: Order, camp: Activity, publiq: Publiq
) -> None:
    pay(ordered, "72")
    address = f"/beheer/bestellingen/{ordered.number}/annuleren"
    assert "Alles annuleren" in words(staff.get(f"/beheer/bestellingen/{ordered.number}"))
    page = words(staff.get(address))
    for said in ("2 komen weer vrij", "Wordt ongedaan gemaakt", "€ 72,00", "Mira", "Tuur"):
        assert said in page
    answer = post(staff, address, {"reason": " "})
    assert answer.status_code == 422
    assert "Geef een reden op" in error_at(answer, "reason")
    answer = post(staff, address, {"reason": "gezin verhuist"}, follow_redirects=True)
    assert "en de verkopen bij UiTPAS zijn ongedaan gemaakt" in words(answer)
    found = order()
    assert found.state is OrderState.CANCELLED
    assert taken(camp) == 0
    assert publiq.live_sales() == []
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert actions.count("inschrijving geannuleerd") == 2
    answer = post(staff, address, {"reason": "nog eens"})
    assert "Alles is hier al geannuleerd" in words(answer)


def test_uitpas_being_away_does_not_stop_it(
    staff: FlaskClient, ordered: Order, publiq: Publiq
) -> None:
    publiq.fault("uitpas", "plat", count=None)
    address = f"/beheer/bestellingen/{ordered.number}/annuleren"
    answer = post(staff, address, {"reason": "ziek"}, follow_redirects=True)
    assert "wordt vanzelf ongedaan gemaakt" in words(answer)


def test_of_an_order_with_several_sales_uitpas_is_waited_for_once(
    app: Flask, family: Family, camp: Activity, publiq: Publiq
) -> None:
    lore = make_person(family.customer, "Lore", uitpas_number=SOCIAL_TOO)
    put(family, camp, family.mira, lore)
    choose(family)
    finish_now(family)
    assert len(publiq.live_sales()) == 2
    publiq.fault("uitpas", "plat", count=None)
    address = f"/beheer/bestellingen/{order().number}/annuleren"
    assert post(signed_in(app, "admin"), address, {"reason": "ziek"}).status_code == 303
    undone = PubliqCall.operation == "delete-ticket-sales"
    tries = db.session.scalars(select(PubliqCall.id).where(undone)).all()
    assert len(tries) == 1
    publiq.heal()
    with time_machine.travel(now() + timedelta(minutes=5)):
        reconcile()
    assert publiq.live_sales() == []


def test_one_line_shows_money_uitpas_and_place(staff: FlaskClient, ordered: Order) -> None:
    reference = ordered.lines[0].line_ref
    page = words(staff.get(f"/beheer/inschrijvingen/{reference}/annuleren"))
    for said in ("Komt weer vrij", "De verkoop wordt bij UiTPAS ongedaan gemaakt", "€ 12,00"):
        assert said in page
    assert line_of(reference).order.state is OrderState.CONFIRMED


def test_the_preview_takes_no_query_for_each_line(
    app: Flask, family: Family, camp: Activity
) -> None:
    admin = signed_in(app, "admin")

    def look(*persons) -> int:  # noqa: ANN002
        put(family, camp, *persons, uitpas=False)
        number = db.session.get_one(Order, finish_now(family).order_id).number
        db.session.rollback()
        with count_queries() as sent:
            assert admin.get(f"/beheer/bestellingen/{number}/annuleren").status_code == 200
        return len(sent)

    many = [make_person(family.customer, f"Kind {number}") for number in range(3)]
    few = look(family.mira)
    assert look(*many) == few
