"""What changes between choosing and the end: activity, person, environment, an answer."""

from decimal import Decimal

import pytest
from sqlalchemy import delete, select, update

from app.activities.models import Activity, PriceCategory
from app.extensions import db, write_transaction
from app.people.models import Person
from app.publiq.uitpas import TicketSale
from app.sales import checkout, settling
from app.sales.basket import open_basket
from app.sales.benefit_choice import choose_benefits, offers_for, use_number
from app.sales.checkout import FinishOutcome
from app.sales.models import Order, OrderState
from app.sales.reconciler import reconcile
from app.settings.models import Environment
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.links import delete_link
from app.uitpas.models import EntryState, UitpasEntry
from app.uitpas.selling import book
from tests.making import make_activity
from tests.sales.checking import (
    check_after_healing,
    heal,
    killed_at_transaction,
)
from tests.sales.conftest import EVENT, ONCE_A_WEEK, SOCIAL_TOO, Family, Publiq, publish_as
from tests.sales.meanwhile import before, choose, die, finish_now, order_of, put


def test_an_unknown_sale_of_an_order_that_fell_through_is_looked_up_and_undone(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    publiq.fault("POST /ticket-sales", "antwoord-kwijt")
    publiq.fault("GET /ticket-sales", "fout-500", count=None)
    result = finish_now(family)
    with write_transaction() as session:  # as an earlier release could leave it
        session.execute(
            update(Order).where(Order.id == result.order_id).values(state=OrderState.LAPSED)
        )
        settling._reopen_basket(session, order_of(result))
    heal(publiq)
    assert publiq.live_sales() == []
    entry = db.session.scalars(select(UitpasEntry)).one()
    assert entry.state is EntryState.CANCELLED


def test_a_refusal_that_arrives_after_the_answer_was_given_up_still_counts(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(family, camp, family.mira)
    choose(family)
    publiq.fault("POST /ticket-sales", "geweigerd", problem="uitpas/maximum-reached")
    from app.uitpas import selling

    before(monkeypatch, selling, "_refuse", lambda: reconcile(min_age_seconds=0))
    assert finish_now(family).outcome is FinishOutcome.RETURNED
    check_after_healing(publiq)


def test_a_refused_sale_joins_the_basket_that_was_begun_meanwhile(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = make_activity("Klein atelier")
    put(family, camp, family.mira)
    choose(family)
    publiq.fault("POST /ticket-sales", "geweigerd", problem="uitpas/maximum-reached")
    before(
        monkeypatch,
        checkout,
        "register_sales",
        lambda: put(family, other, family.tuur, uitpas=False),
    )
    assert finish_now(family).outcome is FinishOutcome.RETURNED
    basket = open_basket(family.id)
    assert basket is not None and len(basket.lines) == 2
    check_after_healing(publiq)
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED
    check_after_healing(publiq)


def test_the_place_of_a_person_who_left_meanwhile_is_given_back(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(family, camp, family.mira, family.tuur)
    choose(family)
    with monkeypatch.context() as patch:
        patch.setattr(checkout, "_register", die)
        with killed_at_transaction(0):
            finish_now(family)
    with write_transaction() as session:
        session.execute(delete(Person).where(Person.id == family.tuur.id))
    heal(publiq)
    check_after_healing(publiq)


def test_benefits_asked_while_another_tab_finishes_find_an_empty_basket(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.sales import benefit_choice

    put(family, camp, family.mira)
    choose(family)
    others = before(monkeypatch, benefit_choice, "ask_benefits", lambda: finish_now(family))
    assert offers_for(family.id) == []
    others[0].end()
    check_after_healing(publiq)


def test_after_a_switch_of_environment_a_basket_can_still_be_finished(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.TEST
    result = finish_now(family)
    assert result.outcome is FinishOutcome.RETURNED and result.problems
    assert offers_for(family.id) == []
    result = finish_now(family)
    assert result.outcome is FinishOutcome.CONFIRMED
    assert order_of(result).total == Decimal("60.00")
    check_after_healing(publiq)


def test_an_event_that_was_coupled_anew_is_used_for_the_benefits(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    delete_link(camp.id)
    publish_as(camp, ONCE_A_WEEK)
    choose(family)
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED
    assert [sale["eventId"] for sale in publiq.live_sales()] == [ONCE_A_WEEK] != [EVENT]
    check_after_healing(publiq)


def test_offers_of_another_pass_cannot_be_chosen_for_a_new_number(
    family: Family, camp: Activity
) -> None:
    from app.sales.problems import BenefitRefused

    put(family, camp, family.mira)
    (shown,) = offers_for(family.id)
    use_number(family.id, shown.line.id, SOCIAL_TOO)
    with pytest.raises(BenefitRefused):
        choose_benefits(family.id, {shown.line.id: shown.selected})


def test_a_residents_price_is_gone_for_who_moved_meanwhile(family: Family, connected: None) -> None:
    prices = (("Basistarief", "60.00", ()), ("Inwoners", "40.00", ("9000",)))
    activity = make_activity("Bosklassen", prices=prices)
    put(family, activity, family.tuur, uitpas=False)
    with write_transaction() as session:
        category = session.scalars(
            select(PriceCategory).where(
                PriceCategory.activity_id == activity.id, PriceCategory.name == "Inwoners"
            )
        ).one()
        category.postal_codes = ["9820"]
    result = finish_now(family)
    assert result.outcome is FinishOutcome.RETURNED
    assert [problem.kind for problem in result.problems] == ["changed"]


def test_sales_answered_without_their_label_are_matched_by_pass_tariff_and_event(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.uitpas import selling

    put(family, camp, family.mira)
    choose(family)

    def without_labels(order_id: int, sales: list[TicketSale], **kwargs: object) -> object:
        from dataclasses import replace

        bare = [replace(sale, regular_price_label="") for sale in sales]
        return book(order_id, bare, **kwargs)

    monkeypatch.setattr(selling, "book", without_labels)
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED
    check_after_healing(publiq)
