"""Staff register on behalf of a customer, in a basket of their own.

Nobody is registered twice for an activity, whoever holds a basket, and whatever fails in between.
"""

# ruff: noqa: F811 - a parameter names its fixture

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.activities.models import Activity
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.mail.models import MailMessage
from app.payments.models import PaymentMethod
from app.people.models import Account
from app.people.problems import PersonRefused
from app.sales import leaving, ordering
from app.sales.basket import add_to_basket, hold_again, open_basket
from app.sales.benefit_choice import choose_benefits, offers_for
from app.sales.checkout import FinishOutcome, finish
from app.sales.erasing import erase_customer
from app.sales.holds import release_lapsed_holds
from app.sales.leaving import leaving_problems, remove_person
from app.sales.models import Basket, Order, OrderLine
from app.sales.overriding import Choice
from app.sales.reconciler import reconcile
from app.settings.actor import clear_actor, set_actor
from app.settings.models import AuditEntry
from tests.making import make_activity, make_person
from tests.sales import meanwhile
from tests.sales.behalf import (  # noqa: F401 - fixtures
    WHY,
    basket_of,
    clerk,
    exceptions,
    finish_for,
    full,
    lapse_all,
    make_customer_elsewhere,
    pool,
    put,
    refused,
)
from tests.sales.checking import (
    check_after_healing,
    check_places,
    heal,
    killed_at_transaction,
    let_time_pass,
    start_anew,
)
from tests.sales.conftest import ONCE_A_WEEK, SOCIAL, Family, Publiq, publish_as
from tests.sales.meanwhile import before, finish_now, order_of
from tests.signing_in import make_account

# Whose basket it is


def test_a_basket_of_staff_stands_apart_from_the_customers_own(
    family: Family, clerk: Account, camp: Activity
) -> None:
    meanwhile.put(family, camp, family.mira, uitpas=False)
    put(clerk, camp, family.tuur)
    colleague = make_account("kassa2@gemeente.example", ["cashier"])
    put(colleague, make_activity("Klein atelier"), family.tuur)
    own = open_basket(family.id)
    assert own is not None and [line.person_id for line in own.lines] == [family.mira.id]
    assert [line.person_id for line in basket_of(clerk, family).lines] == [family.tuur.id]
    assert len({own.id, basket_of(clerk, family).id, basket_of(colleague, family).id}) == 3


def test_a_customer_cannot_finish_the_basket_of_staff_nor_staff_the_customers(
    family: Family, clerk: Account, camp: Activity
) -> None:
    meanwhile.put(family, camp, family.mira, uitpas=False)
    put(clerk, camp, family.tuur)
    own, theirs = open_basket(family.id).id, basket_of(clerk, family).id
    end_read()
    for basket_id, made_by_id in ((theirs, None), (own, clerk.id), (theirs, clerk.id + 1)):
        result = finish(
            basket_id, family.id, PaymentMethod.DESK, terms_accepted=True, made_by_id=made_by_id
        )
        assert result.outcome is FinishOutcome.RETURNED
    assert db.session.scalars(select(Order)).all() == []


def test_an_order_of_staff_is_the_customers_and_names_who_made_it(
    family: Family, clerk: Account, camp: Activity
) -> None:
    put(clerk, camp, family.tuur)
    result = finish_for(clerk, family)
    assert result.outcome is FinishOutcome.CONFIRMED
    order = order_of(result)
    assert (order.customer_id, order.created_by_id) == (family.id, clerk.id)
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "ingeschreven namens een klant")
    ).one()
    assert (entry.account_id, entry.subject_id) == (clerk.id, str(order.id))
    assert entry.detail["voorwaarden"] == "de klant gaat akkoord"
    mail = db.session.scalars(select(MailMessage)).one()
    assert mail.recipient == family.customer.email


def test_the_terms_are_the_customers_to_agree_with(
    family: Family, clerk: Account, camp: Activity
) -> None:
    put(clerk, camp, family.tuur)
    basket_id = basket_of(clerk, family).id
    end_read()
    result = finish(
        basket_id, family.id, PaymentMethod.DESK, terms_accepted=False, made_by_id=clerk.id
    )
    (problem,) = result.problems
    assert problem.sentence == "Vink aan dat de klant akkoord gaat met de voorwaarden."


def test_a_customer_without_an_address_gets_no_mail(
    family: Family, clerk: Account, camp: Activity
) -> None:
    with write_transaction() as session:
        session.merge(family.customer).email = ""
    put(clerk, camp, family.tuur)
    assert finish_for(clerk, family).outcome is FinishOutcome.CONFIRMED
    assert db.session.scalars(select(MailMessage)).all() == []


# Nobody twice


def test_a_child_held_in_the_customers_own_basket_is_not_held_again(
    family: Family, clerk: Account, camp: Activity
) -> None:
    meanwhile.put(family, camp, family.tuur, uitpas=False)
    (problem,) = refused(lambda: put(clerk, camp, family.tuur, reason=WHY))
    assert problem.kind == "in_other_basket"
    lapse_all()
    put(clerk, camp, family.tuur)
    assert pool(camp) == (2, 5, 0), "the lapsed hold is freed by who needs the place"
    release_lapsed_holds()
    assert pool(camp) == (1, 5, 0)
    (problem,) = refused(lambda: meanwhile.put(family, camp, family.tuur, uitpas=False))
    assert problem.kind == "in_basket", "it waits in the customer's own basket"


def test_who_finishes_first_has_the_registration_and_the_other_hears_it(
    family: Family, clerk: Account, camp: Activity
) -> None:
    meanwhile.put(family, camp, family.tuur, uitpas=False)
    lapse_all()
    put(clerk, camp, family.tuur)
    hold_again(family.id)
    assert finish_for(clerk, family).outcome is FinishOutcome.CONFIRMED
    result = finish_now(family)
    assert result.outcome is FinishOutcome.RETURNED
    (problem,) = result.problems
    assert (problem.kind, problem.sentence) == ("double", "Tuur is al ingeschreven.")
    check_places()


def test_parent_and_clerk_who_finish_at_once_make_one_registration(
    family: Family, clerk: Account, camp: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile.put(family, camp, family.tuur, uitpas=False)
    lapse_all()
    put(clerk, camp, family.tuur)
    hold_again(family.id)
    others = before(monkeypatch, ordering, "_new_order", lambda: finish_now(family))
    first = finish_for(clerk, family)
    second = others[0].end()
    assert first.outcome is FinishOutcome.CONFIRMED
    assert second.outcome is FinishOutcome.RETURNED
    assert len(db.session.scalars(select(OrderLine)).all()) == 1
    check_places()


# Refused at UiTPAS, and a process that dies


def sold_out_circus() -> Activity:
    """An activity with UiTPAS whose one place is taken."""
    activity = publish_as(make_activity("Circusinitiatie", capacity=1), ONCE_A_WEEK)
    noor = make_person(make_customer_elsewhere(), "Noor")
    add_to_basket(noor.customer_id, [Choice(activity.id, noor.id)], False)
    with write_transaction() as session:
        session.execute(update(Basket).values(held_until=now() + timedelta(days=1)))
    return activity


def choose_for(clerk: Account, family_id: int) -> None:
    items = offers_for(family_id, made_by_id=clerk.id)
    choose_benefits(family_id, {item.line.id: item.selected for item in items}, made_by_id=clerk.id)


def test_what_uitpas_refuses_returns_to_the_basket_of_staff_with_its_place(
    family: Family, clerk: Account, publiq: Publiq
) -> None:
    activity = sold_out_circus()
    put(clerk, activity, family.mira, reason=WHY, uitpas=True)
    choose_for(clerk, family.id)
    publiq.fault("POST /ticket-sales", "geweigerd", problem="uitpas/maximum-reached")
    result = finish_for(clerk, family)
    assert result.outcome is FinishOutcome.RETURNED and result.problems[0].sentence
    assert open_basket(family.id) is None
    (line,) = basket_of(clerk, family).lines
    assert line.holding and line.override_reason == WHY
    assert pool(activity) == (2, 2, 1)
    assert finish_for(clerk, family).outcome is FinishOutcome.CONFIRMED
    assert pool(activity) == (2, 2, 1)
    assert len(exceptions()) == 1
    check_after_healing(publiq)


def test_what_falls_through_later_is_told_to_who_made_it_and_names_no_child(
    family: Family, clerk: Account, publiq: Publiq
) -> None:
    activity = sold_out_circus()
    put(clerk, activity, family.mira, reason=WHY, uitpas=True)
    choose_for(clerk, family.id)
    publiq.fault("POST /ticket-sales", "fout-500")
    assert finish_for(clerk, family).outcome is FinishOutcome.PENDING
    let_time_pass()
    reconcile(min_age_seconds=0)
    mail = db.session.scalars(select(MailMessage)).one()
    assert mail.recipient == clerk.email
    assert f"/beheer/klanten/{family.id}/inschrijven/mandje" in mail.text
    assert "Mira" not in mail.text
    assert basket_of(clerk, family).lines[0].holding
    assert pool(activity) == (2, 2, 1)


def test_whenever_the_process_dies_no_place_and_no_sale_is_lost(
    connected: None, publiq: Publiq
) -> None:
    for number in range(1, 40):
        start_anew(publiq)
        account = make_account("kassa@gemeente.example", ["cashier"])
        set_actor(account.id, account.name)
        home = make_account("ouder@gezin.example", customer=True).customer
        mira = make_person(home, "Mira", uitpas_number=SOCIAL)
        family = Family(account, home, mira, mira)
        activity = sold_out_circus()
        clerk_id, home_id, activity_id = account.id, home.id, activity.id
        end_read()
        with killed_at_transaction(number) as died:
            put(account, activity, mira, reason=WHY, uitpas=True)
            choose_for(account, home_id)
            finish_for(account, family)
        heal(publiq)
        check_after_healing(publiq)
        taken, capacity, raised = pool(activity_id)
        assert taken == capacity == 1 + raised
        assert len(exceptions()) == raised
        order = db.session.scalars(select(Order)).first()
        assert order is None or order.created_by_id == clerk_id
        if not died:
            assert number > 5
            clear_actor()
            return
    pytest.fail("finishing never ends")


# Who leaves, and who is erased


def test_what_staff_left_in_a_basket_keeps_nobody_in_the_family(
    family: Family, clerk: Account, full: Activity
) -> None:
    put(clerk, full, family.tuur, reason=WHY)
    with pytest.raises(PersonRefused):
        remove_person(family.id, family.tuur.id)
    lapse_all()
    release_lapsed_holds()
    end_read()
    assert remove_person(family.id, family.tuur.id)
    assert basket_of(clerk, family).lines == []
    check_places()


def test_a_place_held_again_while_its_child_leaves_is_not_lost(
    family: Family, clerk: Account, camp: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(clerk, camp, family.tuur)
    lapse_all()
    release_lapsed_holds()
    end_read()
    others = before(
        monkeypatch,
        leaving,
        "leaving_problems",
        lambda: hold_again(family.id, made_by_id=clerk.id),
    )
    remove_person(family.id, family.tuur.id)
    others[0].end()
    check_places()


def test_erasing_a_customer_gives_back_what_staff_held_for_it(
    family: Family, clerk: Account, full: Activity, camp: Activity
) -> None:
    meanwhile.put(family, camp, family.mira, uitpas=False)
    put(clerk, full, family.tuur, reason=WHY)
    refuses = leaving_problems(family.tuur.id, "Tuur")
    assert "zit nog in een mandje" in refuses[0].sentence
    lapse_all()
    end_read()
    erase_customer(family.id, "op vraag")
    assert pool(full) == (2, 2, 0)
    assert pool(camp) == (0, 5, 0)


def test_the_basket_that_a_former_member_of_staff_left_gives_its_places_back(
    family: Family, connected: None, full: Activity
) -> None:
    former = make_account("ex@gemeente.example", customer=True, first_name="Ria")
    put(former, full, family.tuur, reason=WHY)
    assert pool(full) == (3, 3, 1)
    erase_customer(former.customer.id, "op vraag")
    assert pool(full) == (2, 2, 0)
    assert open_basket(family.id, made_by_id=former.id) is None
