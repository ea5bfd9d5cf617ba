"""Somebody else does something just while a line is moved or gets a benefit."""

from decimal import Decimal

import pytest

from app.activities.models import Activity
from app.extensions import db, write_transaction
from app.payments.models import PaymentMeans
from app.payments.requests import PaymentRefused, register_payment
from app.sales import change_outcomes, change_steps, changes, moving
from app.sales.cancelling import cancel_line
from app.sales.change_steps import Changed
from app.sales.models import ChangeState
from app.sales.move_preview import BenefitCase, load_target, preview_move
from app.sales.moving import MoveWish, move_registration
from app.sales.problems import CancelRefused, ChangeRefused
from app.sales.reconciler import reconcile
from app.uitpas.selling import register_sales
from tests.making import make_activity, price_categories
from tests.sales.changing import add, change, line_of, live_line, register, taken
from tests.sales.checking import check_after_healing, check_audit, heal
from tests.sales.conftest import ONCE_A_WEEK, SOCIAL, Family, ProcessKilled, Publiq, publish_as
from tests.sales.meanwhile import before, die


@pytest.fixture
def circus(connected: None) -> Activity:
    """Where people move to."""
    return publish_as(make_activity("Circus", capacity=3), ONCE_A_WEEK)


@pytest.fixture
def reference(family: Family, camp: Activity) -> str:
    """Mira is registered with her social tariff."""
    return register(family, camp, family.mira, uitpas=True)


def go(reference: str, target: Activity) -> Changed:
    line, there = line_of(reference), load_target(target.id)
    assert there is not None
    shown = preview_move(line, there, None)
    assert shown.category is not None
    return move_registration(
        MoveWish(
            line_ref=reference,
            activity_id=target.id,
            category_id=shown.category.id,
            regular_price=shown.category.price,
            benefit_case=shown.benefit.case,
            with_benefit=shown.benefit.case is BenefitCase.GOES_ALONG,
            agreed_price=shown.benefit.most,
            plain_agreed=False,
            reason="op vraag",
        )
    )


@pytest.mark.parametrize("step", ["undo_sale", "ask_following", "register_sales", "_settle"])
def test_a_line_that_is_cancelled_while_it_moves_leaves_nothing(
    reference: str,
    camp: Activity,
    circus: Activity,
    publiq: Publiq,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    others = before(
        monkeypatch, change_steps, step, lambda: cancel_line(reference, "ziek", by_staff=True)
    )
    assert go(reference, circus).state is ChangeState.CALLED_OFF
    others[0].end()
    assert (taken(camp), taken(circus)) == (0, 0)
    heal(publiq)
    assert publiq.live_sales() == []
    check_after_healing(publiq)
    check_audit()


@pytest.mark.parametrize("step", ["undo_sale", "ask_following", "register_sales", "_settle"])
def test_a_reconciler_that_runs_while_a_line_moves_sells_it_once(
    reference: str,
    camp: Activity,
    circus: Activity,
    publiq: Publiq,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    others = before(monkeypatch, change_steps, step, lambda: reconcile(min_age_seconds=0))
    go(reference, circus)
    others[0].end()
    heal(publiq)
    assert change().state is ChangeState.DONE
    assert live_line().activity_id == circus.id
    assert len(publiq.live_sales()) == 1
    assert (taken(camp), taken(circus)) == (0, 1)
    check_after_healing(publiq)
    check_audit()


def test_a_payment_that_arrives_while_the_price_falls_is_refused_or_given_back(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = register(family, camp, family.mira, uitpas=False)
    request_id = line_of(reference).order.payment_request_id
    assert request_id is not None
    others = before(
        monkeypatch,
        change_outcomes,
        "follow_price",
        lambda: register_payment(request_id, Decimal("60.00"), PaymentMeans.CASH, None),
    )
    assert add(reference, SOCIAL).state is ChangeState.DONE
    with pytest.raises(PaymentRefused):
        others[0].end()
    check_after_healing(publiq)


def test_two_registrations_that_swap_at_once_both_get_there(
    family: Family, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes a place where the other gives one back: neither waits for the other for ever."""
    one, two = make_activity("Een", capacity=2), make_activity("Twee", capacity=2)
    first = register(family, one, family.mira, uitpas=False)
    second = register(family, two, family.tuur, uitpas=False)
    others = before(monkeypatch, moving, "give_back", lambda: go(second, one))
    go(first, two)
    others[0].end()
    assert line_of(first).activity_id == two.id
    assert line_of(second).activity_id == one.id
    assert (taken(one), taken(two)) == (1, 1)
    check_after_healing(publiq)


def test_a_price_category_that_goes_while_somebody_confirms_is_said(
    family: Family, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = make_activity("Oud"), make_activity("Nieuw")
    reference = register(family, old, family.tuur, uitpas=False)

    def drop() -> None:
        with write_transaction() as session:
            session.get_one(Activity, new.id).price_categories = []

    before(monkeypatch, moving, "_write", drop)
    with pytest.raises(ChangeRefused) as refused:
        go(reference, new)
    assert "nog geen prijs" in refused.value.problems[0].sentence
    assert line_of(reference).activity_id == old.id
    check_after_healing(publiq)


def test_another_category_in_the_place_of_the_chosen_one_is_not_taken(
    family: Family, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = make_activity("Oud"), make_activity("Nieuw")
    reference = register(family, old, family.tuur, uitpas=False)

    def replace() -> None:
        with write_transaction() as session:
            fresh = session.get_one(Activity, new.id)
            fresh.price_categories = price_categories([("Basistarief", "60.00", ())])

    before(monkeypatch, moving, "_write", replace)
    with pytest.raises(ChangeRefused) as refused:
        go(reference, new)
    assert [problem.field for problem in refused.value.problems] == ["category"]
    assert line_of(reference).activity_id == old.id
    check_after_healing(publiq)


def test_a_price_that_rises_while_somebody_confirms_is_not_charged(
    family: Family, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = make_activity("Nieuw")
    reference = register(family, make_activity("Oud"), family.tuur, uitpas=False)

    def raise_price() -> None:
        with write_transaction() as session:
            session.get_one(Activity, new.id).price_categories[0].price = Decimal("90.00")

    before(monkeypatch, moving, "_write", raise_price)
    with pytest.raises(ChangeRefused) as refused:
        go(reference, new)
    assert "is nu €\xa090" in refused.value.problems[0].sentence
    assert line_of(reference).price == Decimal("60.00")
    check_after_healing(publiq)


def test_a_benefit_that_a_colleague_adds_while_a_line_moves_is_not_lost(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = register(family, camp, family.mira, uitpas=False)
    others = before(monkeypatch, moving, "_write", lambda: add(reference, SOCIAL))
    with pytest.raises(ChangeRefused):
        go(reference, make_activity("Atelier"))
    assert others[0].end().state is ChangeState.DONE
    assert line_of(reference).activity_id == camp.id
    assert len(publiq.live_sales()) == 1
    check_after_healing(publiq)


def test_a_wish_that_is_sent_just_while_its_line_is_cancelled_leaves_no_sale(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = register(family, camp, family.mira, uitpas=False)
    order_id = line_of(reference).order_id
    with monkeypatch.context() as patched, pytest.raises(ProcessKilled):
        patched.setattr(change_steps, "register_sales", die)
        add(reference, SOCIAL)
    db.session.remove()
    others = before(monkeypatch, changes, "move", lambda: register_sales(order_id))
    cancel_line(reference, "ziek", by_staff=True)
    others[0].end()
    heal(publiq)
    assert publiq.live_sales() == []
    check_after_healing(publiq)
    check_audit()


def test_who_cancels_what_was_just_moved_is_not_told_that_it_was_cancelled(
    reference: str, circus: Activity, family: Family, publiq: Publiq
) -> None:
    assert go(reference, circus).state is ChangeState.DONE
    with pytest.raises(CancelRefused) as refused:
        cancel_line(reference, "ziek", customer_id=family.id)
    sentence = refused.value.problems[0].sentence
    assert "al geannuleerd" not in sentence
    assert "intussen verplaatst of gewijzigd" in sentence
    assert taken(circus) == 1
    cancel_line(live_line().line_ref, "ziek", customer_id=family.id)
    with pytest.raises(CancelRefused) as refused:
        cancel_line(reference, "ziek", customer_id=family.id)
    assert "al geannuleerd" in refused.value.problems[0].sentence
