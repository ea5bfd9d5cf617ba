"""Afronden: the sale at UiTPAS, the order, and what happens when an answer is lost."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.activities.models import Activity, PlacePool
from app.extensions import db, end_read, write_transaction
from app.mail.models import MailMessage
from app.payments.models import PaymentMethod
from app.sales.basket import Choice, add_to_basket, hold_again, open_basket, remove_line
from app.sales.benefit_choice import choose_benefits, offers_for
from app.sales.cancelling import cancel_line
from app.sales.checkout import FinishOutcome, FinishResult, finish
from app.sales.ledger_export import export_ledger
from app.sales.models import Basket, BasketLine, LineState, Order, OrderState
from app.sales.problems import BasketRefused, BenefitRefused
from app.sales.reconciler import reconcile
from app.uitpas.ledger import claimed_by_others
from app.uitpas.models import EntryState, PassClaim, UitpasEntry
from tests.making import make_activity, make_person
from tests.sales.conftest import (
    EVENT,
    EXPIRED,
    ONCE_A_WEEK,
    Family,
    ProcessKilled,
    Publiq,
    publish_as,
)


def put(family: Family, activity: Activity, *persons, uitpas: bool = True) -> None:
    add_to_basket(family.id, [Choice(activity.id, p.id) for p in persons], uitpas)


def choose_all(family: Family) -> None:
    choose_benefits(family.id, {shown.line.id: shown.selected for shown in offers_for(family.id)})


def basket_of(family: Family) -> Basket:
    basket = open_basket(family.id)
    assert basket is not None
    return basket


def finish_now(family: Family, method: PaymentMethod = PaymentMethod.DESK) -> FinishResult:
    basket_id = basket_of(family).id
    end_read()
    return finish(basket_id, family.id, method, terms_accepted=True)


def order_of(result: FinishResult) -> Order:
    order = db.session.get(Order, result.order_id, populate_existing=True)
    assert order is not None
    return order


def taken(activity: Activity) -> int:
    return db.session.scalar(select(PlacePool.taken).where(PlacePool.activity_id == activity.id))


def entries() -> list[UitpasEntry]:
    return list(
        db.session.scalars(
            select(UitpasEntry).order_by(UitpasEntry.id).execution_options(populate_existing=True)
        )
    )


def test_the_social_tariff_is_preselected_and_its_sale_registered_at_finishing(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira, family.tuur)
    choose_all(family)
    assert publiq.live_sales() == []
    result = finish_now(family)
    assert result.outcome is FinishOutcome.CONFIRMED
    order = order_of(result)
    by_name = {line.participant_name.split()[0]: line for line in order.lines}
    (sale,) = publiq.live_sales()
    assert by_name["Mira"].price == Decimal(str(sale["tariff"]["price"])) < Decimal("60")
    assert by_name["Tuur"].price == Decimal("60.00")
    assert by_name["Mira"].line_ref in sale["regularPriceLabel"]
    assert [entry.state for entry in entries()] == [EntryState.REGISTERED]
    assert taken(camp) == 2
    assert db.session.scalar(select(PassClaim.id)) is None


def test_a_confirmed_order_claims_its_total_and_mails_a_calendar(
    family: Family, camp: Activity
) -> None:
    put(family, camp, family.tuur, uitpas=False)
    result = finish_now(family, PaymentMethod.TRANSFER)
    order = order_of(result)
    assert order.payment_request is not None
    assert order.payment_request.amount == Decimal("60.00")
    assert order.payment_request.due_at is not None
    mail = db.session.scalars(select(MailMessage)).one()
    assert order.number in mail.subject
    assert mail.attachments[0]["content"].startswith("BEGIN:VCALENDAR")


def test_pressing_finish_twice_makes_one_order(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose_all(family)
    basket_id = basket_of(family).id
    end_read()
    first = finish(basket_id, family.id, PaymentMethod.DESK, terms_accepted=True)
    second = finish(basket_id, family.id, PaymentMethod.DESK, terms_accepted=True)
    assert first.order_id == second.order_id
    assert second.outcome is FinishOutcome.CONFIRMED
    assert len(publiq.live_sales()) == 1


def test_a_lost_answer_ends_with_exactly_one_sale(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose_all(family)
    publiq.fault("POST /ticket-sales", "antwoord-kwijt")
    result = finish_now(family)
    assert result.outcome is FinishOutcome.CONFIRMED
    assert len(publiq.live_sales()) == 1
    assert entries()[0].external_id == publiq.live_sales()[0]["id"]


def test_a_lost_answer_that_cannot_be_looked_up_yet_waits_and_is_found_later(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose_all(family)
    publiq.fault("POST /ticket-sales", "antwoord-kwijt")
    publiq.fault("GET /ticket-sales", "fout-500", count=None)
    result = finish_now(family)
    assert result.outcome is FinishOutcome.PENDING
    assert export_ledger()[0]["status"] == "pending"
    publiq.heal()
    report = reconcile(min_age_seconds=0)
    assert report.confirmed == [result.order_id]
    assert order_of(result).state is OrderState.CONFIRMED
    assert len(publiq.live_sales()) == 1


def test_a_sale_that_never_arrived_returns_the_basket_with_its_places(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose_all(family)
    publiq.fault("POST /ticket-sales", "fout-500")
    result = finish_now(family)
    assert result.outcome is FinishOutcome.PENDING
    with write_transaction():
        entries()[0].sent_at = entries()[0].sent_at.replace(year=2020)
    assert reconcile(min_age_seconds=0).returned == [result.order_id]
    assert publiq.live_sales() == []
    basket = basket_of(family)
    assert [line.holding for line in basket.lines] == [True]
    assert taken(camp) == 1
    assert any("niet afgerond" in m.subject for m in db.session.scalars(select(MailMessage)))


def test_a_refusal_returns_the_basket_with_publiqs_words_at_the_line(
    family: Family, connected: None, publiq: Publiq
) -> None:
    activity = publish_as(make_activity("Circusinitiatie"), ONCE_A_WEEK)
    put(family, activity, family.mira)
    choose_all(family)
    publiq.fault("POST /ticket-sales", "geweigerd", problem="uitpas/maximum-reached")
    result = finish_now(family)
    assert result.outcome is FinishOutcome.RETURNED
    assert result.problems and result.problems[0].sentence
    assert publiq.live_sales() == []
    basket = basket_of(family)
    assert basket.held_until is not None and taken(activity) == 1
    assert entries()[0].state is EntryState.REFUSED
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED
    assert taken(activity) == 1


def test_a_benefit_that_is_gone_at_finishing_stops_before_anything_is_sold(
    family: Family, connected: None, publiq: Publiq
) -> None:
    activity = publish_as(make_activity("Circusinitiatie"), ONCE_A_WEEK)
    put(family, activity, family.mira)
    choose_all(family)
    # meanwhile the same pass buys elsewhere
    sibling = make_person(family.customer, "Mira twee", uitpas_number=family.mira.uitpas_number)
    line_ids = {line.id for line in basket_of(family).lines}
    assert line_ids
    _buy_directly(publiq, family.mira.uitpas_number or "", ONCE_A_WEEK)
    result = finish_now(family)
    assert result.outcome is FinishOutcome.RETURNED
    (problem,) = result.problems
    assert "60,00" in problem.sentence
    assert len(publiq.live_sales()) == 1
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED
    assert sibling


def _buy_directly(publiq: Publiq, number: str, event_id: str) -> None:
    from app.publiq.uitpas import SaleWish
    from app.settings.connections import publiq_client

    client = publiq_client()
    end_read()
    (tariff, *_rest) = client.uitpas.tariffs(event_id, number, Decimal("60.00")).available
    client.uitpas.register_ticket_sales(
        [SaleWish(event_id, number, Decimal("60.00"), tariff.id, "elders (x)")]
    )


def test_an_expired_pass_gives_no_benefit_and_says_why(family: Family, camp: Activity) -> None:
    child = make_person(family.customer, "Fien", uitpas_number=EXPIRED)
    put(family, camp, child)
    (shown,) = offers_for(family.id)
    assert shown.offers == []
    assert shown.message or shown.sentence
    assert shown.selected == ""


def test_an_offer_that_was_not_made_is_refused(family: Family, camp: Activity) -> None:
    put(family, camp, family.mira)
    (shown,) = offers_for(family.id)
    with pytest.raises(BenefitRefused):
        choose_benefits(family.id, {shown.line.id: "COUPON_77"})


def test_publiq_being_down_does_not_stop_somebody_without_a_benefit(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    publiq.fault("alles", "verbroken", count=None)
    put(family, camp, family.mira)
    (shown,) = offers_for(family.id)
    assert not shown.answered and shown.sentence
    choose_benefits(family.id, {shown.line.id: ""})
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED


def test_the_same_pass_and_event_cannot_be_finished_twice_at_once(
    family: Family, camp: Activity
) -> None:
    put(family, camp, family.mira)
    choose_all(family)
    line = basket_of(family).lines[0]
    key = (line.environment, line.uitpas_number, line.event_id)
    with write_transaction() as session:
        session.add(
            PassClaim(environment=key[0], uitpas_number=key[1], event_id=key[2], order_id=99)
        )
    result = finish_now(family)
    assert result.outcome is FinishOutcome.RETURNED
    assert "Er loopt al een bestelling" in result.problems[0].sentence
    assert claimed_by_others([key])


@pytest.mark.parametrize(
    "point",
    [
        "app.sales.checkout.register_sales",
        "app.uitpas.selling.publiq_client",
        "app.uitpas.selling.book",
        "app.sales.checkout.settle_order",
    ],
)
def test_a_process_killed_between_two_commits_leaves_nothing_undone(
    family: Family,
    camp: Activity,
    publiq: Publiq,
    killed,  # noqa: ANN001
    monkeypatch: pytest.MonkeyPatch,
    point: str,
) -> None:
    put(family, camp, family.mira)
    choose_all(family)
    with monkeypatch.context() as patch:
        patch.setattr(point, _die)
        with pytest.raises(ProcessKilled):
            finish_now(family)
    db.session.rollback()
    order = db.session.scalars(select(Order)).one()
    with write_transaction():
        for entry in entries():
            if entry.sent_at:
                entry.sent_at = entry.sent_at.replace(year=2020)
    reconcile(min_age_seconds=0)
    state = db.session.scalars(select(Order.state).where(Order.id == order.id)).one()
    live = publiq.live_sales()
    if state is OrderState.CONFIRMED:
        assert len(live) == 1
    else:
        assert state is OrderState.LAPSED
        assert live == []
        assert [line.holding for line in basket_of(family).lines] == [True]
    assert taken(camp) == 1
    assert db.session.scalar(select(PassClaim.id)) is None


def _die(*_args: object, **_kwargs: object) -> None:
    raise ProcessKilled


def test_cancelling_undoes_the_sale_and_returns_the_place(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose_all(family)
    order = order_of(finish_now(family))
    done = cancel_line(order.lines[0].line_ref, "", customer_id=family.id)
    assert done.undone is True
    assert publiq.live_sales() == []
    assert taken(camp) == 0
    order = db.session.get(Order, order.id, populate_existing=True)
    assert order.state is OrderState.CANCELLED
    assert order.lines[0].state is LineState.CANCELLED
    assert order.payment_request.amount == Decimal("0.00")
    assert entries()[0].state is EntryState.CANCELLED


def test_cancelling_while_uitpas_is_down_waits_in_the_ledger_and_is_undone_later(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose_all(family)
    order = order_of(finish_now(family))
    publiq.fault("uitpas", "plat", count=None)
    done = cancel_line(order.lines[0].line_ref, "", customer_id=family.id)
    assert done.undone is False
    assert taken(camp) == 0
    assert len(publiq.live_sales()) == 1
    publiq.heal()
    reconcile(min_age_seconds=0)
    assert publiq.live_sales() == []


def test_the_export_holds_every_wish_with_its_outcome(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose_all(family)
    order = order_of(finish_now(family))
    (row,) = export_ledger()
    assert row == {
        "line_ref": order.lines[0].line_ref,
        "status": "confirmed",
        "uitpas_number": family.mira.uitpas_number,
        "event_id": EVENT,
        "kind": "SOCIALTARIFF",
        "external_id": publiq.live_sales()[0]["id"],
        "price": float(order.lines[0].price),
        "kept": False,
    }


def test_a_full_activity_first_frees_what_lapsed_baskets_hold(
    family: Family, connected: None
) -> None:
    activity = make_activity("Klein atelier", capacity=1)
    put(family, activity, family.mira, uitpas=False)
    with write_transaction() as session:
        basket = session.get_one(Basket, basket_of(family).id)
        assert basket.held_until
        basket.held_until = basket.held_until.replace(year=2020)
    other = make_person(_stranger(), "Noor")
    add_to_basket(other.customer_id, [Choice(activity.id, other.id)], False)
    assert taken(activity) == 1
    problems = hold_again(family.id)
    assert [problem.kind for problem in problems] == ["full"]


def _stranger():  # noqa: ANN202
    from tests.making import make_customer

    return make_customer("An", "Claes", email="an@elders.example")


def test_two_children_for_one_place_are_refused_with_what_is_left(
    family: Family, connected: None
) -> None:
    activity = make_activity("Klein atelier", capacity=1)
    with pytest.raises(BasketRefused) as refused:
        put(family, activity, family.mira, family.tuur, uitpas=False)
    assert "er is nog 1 plaats vrij" in refused.value.problems[0].sentence
    assert taken(activity) == 0


def test_letting_a_line_go_gives_its_place_back(family: Family, connected: None) -> None:
    activity = make_activity()
    put(family, activity, family.mira, uitpas=False)
    line_id = db.session.scalars(select(BasketLine.id)).one()
    assert remove_line(family.id, line_id)
    assert not remove_line(family.id, line_id)
    assert taken(activity) == 0


def test_registering_the_same_child_twice_is_refused(family: Family, connected: None) -> None:
    activity = make_activity()
    put(family, activity, family.mira, uitpas=False)
    with pytest.raises(BasketRefused):
        put(family, activity, family.mira, uitpas=False)
    finish_now(family)
    with pytest.raises(BasketRefused) as refused:
        put(family, activity, family.mira, uitpas=False)
    assert refused.value.problems[0].kind == "double"
