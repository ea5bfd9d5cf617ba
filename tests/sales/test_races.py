"""Two tabs, two clerks, two processes at the same moment: what one does, the other knows."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.activities.models import Activity
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.mail.models import MailMessage
from app.payments.models import PaymentMeans, PaymentRequest
from app.payments.requests import PaymentRefused, register_payment
from app.sales import cancelling, checkout, ordering, price_check, reconciler, settling
from app.sales.basket import open_basket
from app.sales.cancelling import cancel_line
from app.sales.checkout import FinishOutcome, FinishResult
from app.sales.models import Basket, BasketState, Order, OrderState
from app.sales.reconciler import reconcile
from app.uitpas.looking_up import look_up_sales
from app.uitpas.models import UitpasEntry
from app.uitpas.selling import register_sales
from app.uitpas.undoing import undo_sale
from tests.making import make_activity, make_person
from tests.sales.checking import (
    check_after_healing,
    check_places,
    heal,
    killed_at_transaction,
    let_time_pass,
)
from tests.sales.conftest import ONCE_A_WEEK, SOCIAL_TOO, Family, Publiq, publish_as
from tests.sales.meanwhile import Other, before, choose, die, finish_now, order_of, put


def test_a_payment_that_arrives_while_cancelling_is_given_back(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(family, camp, family.tuur, uitpas=False)
    order = order_of(finish_now(family))
    request_id = order.payment_request_id
    others = before(
        monkeypatch,
        cancelling,
        "give_back",
        lambda: register_payment(request_id, Decimal("60.00"), PaymentMeans.CASH, None),
    )
    cancel_line(order.lines[0].line_ref, "", customer_id=family.id)
    with pytest.raises(PaymentRefused):
        others[0].end()
    check_after_healing(publiq)


def test_two_lines_cancelled_at_once_lower_the_claim_twice(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(family, camp, family.mira, family.tuur, uitpas=False)
    order = order_of(finish_now(family))
    first, second = (line.line_ref for line in order.lines)
    others = before(
        monkeypatch,
        cancelling,
        "give_back",
        lambda: cancel_line(second, "", customer_id=family.id),
    )
    cancel_line(first, "", customer_id=family.id)
    others[0].end()
    request = db.session.get(PaymentRequest, order.payment_request_id, populate_existing=True)
    assert request is not None and request.amount == Decimal("0.00")
    check_after_healing(publiq)


def test_adding_in_one_tab_while_finishing_in_another_ends_well_for_both(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_activity("Klein atelier")
    put(family, camp, family.mira)
    choose(family)
    others = before(
        monkeypatch,
        ordering,
        "_new_order",
        lambda: put(family, other, family.tuur, uitpas=False),
    )
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED
    others[0].end()
    basket = open_basket(family.id)
    assert basket is not None and [line.activity_id for line in basket.lines] == [other.id]
    check_after_healing(publiq)


def test_a_clerk_who_saves_capacity_and_a_parent_who_registers_never_block_each_other(
    family: Family, camp: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.activities import editing
    from app.activities.editing import ActivityData, DateData, update_activity
    from app.activities.types import prices_of

    activity = editing.get_activity(camp.id)
    assert activity is not None
    data = ActivityData(
        title=activity.title,
        dates=[DateData(item.starts_at, item.ends_at, item.id) for item in activity.dates],
        prices=prices_of(activity),
        capacity=9,
    )
    end_read()
    others = before(
        monkeypatch,
        editing,
        "set_capacity",
        lambda: put(family, camp, family.tuur, uitpas=False),
    )
    update_activity(camp.id, data)
    others[0].end()
    check_places()


def test_the_second_of_two_presses_finds_the_order_also_while_the_first_sells(
    family: Family, connected: None, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    activity = publish_as(make_activity("Circusinitiatie"), ONCE_A_WEEK)
    put(family, activity, family.mira)
    choose(family)
    others = before(monkeypatch, price_check, "ask_for_lines", lambda: finish_now(family))
    second = finish_now(family)
    first = others[0].end()
    assert isinstance(first, FinishResult)
    assert first.outcome is second.outcome is FinishOutcome.CONFIRMED
    assert first.order_id == second.order_id
    check_after_healing(publiq)


def test_a_line_added_in_another_tab_while_finishing_is_first_shown(
    family: Family, camp: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(family, camp, family.tuur, uitpas=False)
    before(monkeypatch, checkout, "write_order", lambda: put(family, camp, family.mira))
    result = finish_now(family)
    assert result.outcome is FinishOutcome.RETURNED
    assert result.problems and db.session.scalar(select(func.count(Order.id))) == 0


def test_a_line_that_goes_in_another_tab_while_its_benefit_is_asked_stops_finishing(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.sales.basket import remove_line

    put(family, camp, family.mira)
    choose(family)
    basket = open_basket(family.id)
    assert basket is not None
    line_id = basket.lines[0].id
    publiq.fault("GET /tariffs", "geweigerd", problem="uitpas/social-tariff-expired")
    original = price_check.settle

    def settle(*args: object) -> None:
        others.append(Other(lambda: remove_line(family.id, line_id)))
        original(*args)

    others: list[Other] = []
    monkeypatch.setattr(price_check, "settle", settle)
    assert finish_now(family).outcome is FinishOutcome.RETURNED
    assert others[0].end() is True
    check_after_healing(publiq)


def test_a_sale_sent_while_the_order_is_given_up_is_still_undone(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(family, camp, family.mira)
    choose(family)
    with monkeypatch.context() as patch:
        patch.setattr(checkout, "_register", die)
        with killed_at_transaction(0):
            finish_now(family)
    order_id = db.session.scalars(select(Order.id)).one()
    publiq.fault("POST /ticket-sales", "antwoord-kwijt")
    # a web process that was asleep sends while the reconciler drops what was never sent
    before(monkeypatch, reconciler, "return_to_basket", lambda: register_sales(order_id))
    reconcile(min_age_seconds=0)
    assert len(publiq.live_sales()) == 1
    heal(publiq)
    check_after_healing(publiq)


def test_two_reconcilers_at_once_tell_once(family: Family, camp: Activity, publiq: Publiq) -> None:
    put(family, camp, family.mira)
    choose(family)
    publiq.fault("POST /ticket-sales", "fout-500")
    finish_now(family)
    let_time_pass()
    others = [Other(lambda: reconcile(min_age_seconds=0)) for _ in range(3)]
    for other in others:
        other.end()
    told = select(func.count(MailMessage.id)).where(MailMessage.kind == "order_not_completed")
    assert db.session.scalar(told) == 1
    check_after_healing(publiq)


def test_the_reconciler_tells_nothing_of_an_order_that_returned_before_its_owners_eyes(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(family, camp, family.mira)
    choose(family)
    publiq.fault("POST /ticket-sales", "antwoord-kwijt")
    publiq.fault("GET /ticket-sales", "fout-500", count=None)
    order_id = finish_now(family).order_id
    assert order_id is not None
    publiq.heal()
    look_up_sales(order_id)

    def return_it() -> None:
        with write_transaction() as session:
            session.execute(update(UitpasEntry).values(wished_price=Decimal("0.00")))
        settling.settle_order(order_id)

    before(monkeypatch, reconciler, "settle_order", return_it)
    reconcile(min_age_seconds=0)
    assert order_of(FinishResult(FinishOutcome.PENDING, order_id)).state is OrderState.LAPSED
    assert db.session.scalar(select(func.count(MailMessage.id))) == 0


def test_an_undo_that_another_process_just_finished_is_fine(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.uitpas import selling

    put(family, camp, family.mira)
    choose(family)
    order = order_of(finish_now(family))
    publiq.fault("DELETE /ticket-sales/{id}", "plat")
    cancel_line(order.lines[0].line_ref, "", customer_id=family.id)
    entry_id = db.session.scalars(select(UitpasEntry.id)).one()
    end_read()

    def slower_one_ends_first() -> None:
        let_time_pass()
        assert undo_sale(entry_id)

    before(monkeypatch, selling, "publiq_client", slower_one_ends_first)
    assert undo_sale(entry_id)
    check_after_healing(publiq)


def test_waiting_orders_do_not_keep_others_from_their_turn(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(family, camp, family.mira)
    choose(family)
    publiq.fault("POST /ticket-sales", "fout-500")
    waiting = finish_now(family)
    assert waiting.outcome is FinishOutcome.PENDING
    with write_transaction() as session:
        later = now() + timedelta(hours=1)
        session.execute(update(UitpasEntry).values(next_try_at=later))
        session.execute(update(Order).values(created_at=now() - timedelta(hours=1)))
    lou = make_person(family.customer, "Lou", uitpas_number=SOCIAL_TOO)
    put(family, camp, lou)
    choose(family)
    publiq.fault("POST /ticket-sales", "antwoord-kwijt")
    publiq.fault("GET /ticket-sales", "fout-500", count=None)
    second = finish_now(family)
    publiq.heal()
    with write_transaction() as session:
        hour_ago = now() - timedelta(hours=1)
        session.execute(
            update(Order).where(Order.id == second.order_id).values(created_at=hour_ago)
        )
        session.execute(
            update(UitpasEntry)
            .where(UitpasEntry.order_id == second.order_id)
            .values(next_try_at=hour_ago)
        )
    monkeypatch.setattr(reconciler, "AT_ONCE", 1)
    reconcile()
    assert order_of(second).state is OrderState.CONFIRMED


def test_a_payment_pressed_twice_is_registered_once(family: Family, camp: Activity) -> None:
    put(family, camp, family.tuur, uitpas=False)
    request_id = order_of(finish_now(family)).payment_request_id
    assert request_id is not None
    register_payment(request_id, Decimal("20.00"), PaymentMeans.CASH, None)
    with pytest.raises(PaymentRefused):
        register_payment(request_id, Decimal("20.00"), PaymentMeans.CASH, None)
    register_payment(request_id, Decimal("40.00"), PaymentMeans.TERMINAL, None)


def test_a_basket_is_never_open_twice(family: Family, camp: Activity, app: Flask) -> None:
    others = [
        Other(lambda person=person: put(family, camp, person, uitpas=False))
        for person in (family.mira, family.tuur)
    ]
    for other in others:
        other.end()
    open_ones = select(func.count(Basket.id)).where(Basket.state == BasketState.OPEN)
    assert db.session.scalar(open_ones) == 1
    check_places()
