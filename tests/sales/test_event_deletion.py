"""Deleting an event at UiTdatabank: never from under a sale at UiTPAS, and for good (6.1.4)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.activities.models import Activity, UitStatus
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.payments.models import PaymentMethod
from app.publiq.entry import EntryApi
from app.sales import checkout
from app.sales.basket import open_basket
from app.sales.cancelling import cancel_line
from app.sales.checkout import FinishOutcome, finish
from app.sales.models import Order
from app.sales.reconciler import reconcile
from app.settings.models import Environment, OrganizerPermission, PubliqCall
from app.uitdatabank import deleting
from app.uitdatabank.deleting import Deleted, finish_deletions
from app.uitdatabank.links import LinkRefused, benefits_possible
from app.uitdatabank.models import EventLink
from app.uitdatabank.outcomes import Outcome
from app.uitdatabank.publishing import link_of, publish
from app.uitpas.event_deletion import delete_event, deletion_problems
from app.uitpas.models import EntryState, UitpasEntry
from tests.sales.conftest import Family, ProcessKilled, Publiq
from tests.sales.meanwhile import before, choose, die, finish_now, put
from tests.uitdatabank.support import (
    connect,
    event_at_publiq,
    events_named,
    organizer_id,
    ready_activity,
)


@pytest.fixture
def camp(family: Family) -> Activity:
    """An activity with an event of our own, which UiTPAS knows."""
    connect()
    with write_transaction() as session:
        session.add(
            OrganizerPermission(
                environment=Environment.SANDBOX,
                organizer_id=organizer_id(),
                name="Vrije tijd",
                permissions=[],
            )
        )
    activity = ready_activity(capacity=5)
    assert publish(activity.id).ok
    return activity


def link(activity: Activity) -> EventLink | None:
    db.session.rollback()
    return link_of(activity.id)


def workflow(publiq: Publiq, event_id: str) -> str:
    return event_at_publiq(publiq.url, event_id)["workflowStatus"]


def status(activity: Activity) -> UitStatus | None:
    return db.session.scalar(select(Activity.uit_status).where(Activity.id == activity.id))


def later() -> None:
    """As if the last request left two hours ago."""
    with write_transaction() as session:
        session.execute(
            update(EventLink)
            .where(EventLink.availability_next_at.is_not(None))
            .values(availability_next_at=now() - timedelta(seconds=1))
        )


def deletes() -> int:
    calls = select(PubliqCall.id).where(PubliqCall.operation == "event-delete")
    return len(db.session.scalars(calls).all())


def test_a_deleted_event_is_forgotten_and_the_next_publication_makes_another(
    camp: Activity, publiq: Publiq
) -> None:
    event_id = link(camp).event_id
    assert deletion_problems(camp.id) == []
    answer = delete_event(camp.id)
    assert answer.outcome is Deleted.DONE
    assert workflow(publiq, event_id) == "DELETED"
    assert link(camp) is None and benefits_possible([camp.id]) == {}
    assert status(camp) is UitStatus.COMPLETE
    again = publish(camp.id)
    assert again.outcome is Outcome.PUBLISHED and again.event_id != event_id


def test_it_is_refused_with_the_reason_while_a_sale_with_uitpas_stands(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    event_id = link(camp).event_id
    put(family, camp, family.mira)
    choose(family)
    result = finish_now(family)
    assert result.outcome is FinishOutcome.CONFIRMED and len(publiq.live_sales()) == 1
    (problem,) = deletion_problems(camp.id)
    assert "Er staat nog 1 verkoop met UiTPAS op dit event." in problem.sentence
    with pytest.raises(LinkRefused) as refused:
        delete_event(camp.id)
    assert refused.value.problem == problem
    assert deletes() == 0 and workflow(publiq, event_id) != "DELETED"
    order = db.session.get(Order, result.order_id, populate_existing=True)
    cancel_line(order.lines[0].line_ref, "", customer_id=family.id)
    assert delete_event(camp.id).outcome is Deleted.DONE


@pytest.mark.parametrize("state", list(EntryState))
def test_every_state_in_which_a_sale_may_stand_refuses(
    family: Family, camp: Activity, state: EntryState
) -> None:
    put(family, camp, family.mira)
    choose(family)
    finish_now(family)
    with write_transaction() as session:
        session.execute(update(UitpasEntry).values(state=state))
    ended = {EntryState.CANCELLED, EntryState.REFUSED, EntryState.DROPPED, EntryState.KEPT}
    assert (deletion_problems(camp.id) == []) is (state in ended)


def test_the_organizer_is_fixed_by_the_first_sale_and_free_after_the_last_is_undone(
    family: Family, camp: Activity
) -> None:
    assert link(camp).organizer_fixed_at is None
    put(family, camp, family.mira)
    choose(family)
    result = finish_now(family)
    assert link(camp).organizer_fixed_at is not None
    order = db.session.get(Order, result.order_id, populate_existing=True)
    cancel_line(order.lines[0].line_ref, "", customer_id=family.id)
    assert link(camp).organizer_fixed_at is None


def test_publiqs_own_answer_fixes_the_organizer_too(camp: Activity, publiq: Publiq) -> None:
    publiq.fault(
        "PUT /events/{id}", "geweigerd", problem="uitdatabank/event-has-uitpas-ticket-sales"
    )
    assert publish(camp.id).outcome is Outcome.REFUSED
    assert link(camp).organizer_fixed_at is not None


def test_an_order_finished_just_before_is_seen_and_stops_the_deletion(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its wishes are committed and the sale is on its way: the event must stay."""
    event_id = link(camp).event_id
    put(family, camp, family.mira)
    choose(family)
    others = before(monkeypatch, checkout, "register_sales", lambda: delete_event(camp.id))
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED
    with pytest.raises(LinkRefused):
        others[0].end()
    assert workflow(publiq, event_id) != "DELETED" and len(publiq.live_sales()) == 1


def test_an_order_finished_just_after_gets_no_benefit_and_sells_nothing(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The benefit was checked a moment before the event went."""
    put(family, camp, family.mira)
    choose(family)
    others = before(monkeypatch, checkout, "write_order", lambda: delete_event(camp.id))
    result = finish_now(family)
    assert others[0].end().outcome is Deleted.DONE
    assert result.outcome is FinishOutcome.RETURNED
    assert "koppeling met UiTPAS" in result.problems[0].sentence
    assert publiq.live_sales() == [] and db.session.scalars(select(UitpasEntry)).all() == []
    basket_id = open_basket(family.id).id
    end_read()
    again = finish(basket_id, family.id, PaymentMethod.DESK, terms_accepted=True)
    assert again.outcome is FinishOutcome.RETURNED, "the parent chooses anew"
    assert publiq.live_sales() == []


def test_no_benefit_and_no_publication_while_it_is_being_deleted(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    publiq.fault("DELETE /events/{id}", "fout-500")
    publiq.fault("GET /events/{id}", "fout-500")
    assert delete_event(camp.id).outcome is Deleted.WAITING
    assert benefits_possible([camp.id]) == {}
    busy = publish(camp.id)
    assert busy.outcome is Outcome.BUSY and "wordt net verwijderd" in busy.sentence
    with pytest.raises(LinkRefused):
        delete_event(camp.id)
    publiq.heal()
    later()
    assert finish_deletions() == 1
    assert link(camp) is None


@pytest.mark.parametrize("kind", ["antwoord-kwijt", "fout-500"])
def test_a_lost_answer_is_looked_at_and_asked_again_until_it_is_deleted(
    camp: Activity, publiq: Publiq, kind: str
) -> None:
    event_id = link(camp).event_id
    publiq.fault("DELETE /events/{id}", kind)
    answer = delete_event(camp.id)
    if kind == "antwoord-kwijt":
        assert answer.outcome is Deleted.DONE, "the look tells that it is gone"
    else:
        assert answer.outcome is Deleted.WAITING
        assert finish_deletions() == 0, "not before the pause"
        later()
        assert finish_deletions() == 1
    assert workflow(publiq, event_id) == "DELETED" and link(camp) is None


@pytest.mark.parametrize(
    ("kind", "fields"), [("verbroken", {}), ("te-vaak", {"seconds": 30}), ("geweigerd", {})]
)
def test_what_publiq_surely_did_not_do_leaves_everything_as_it_was(
    camp: Activity, publiq: Publiq, kind: str, fields: dict
) -> None:
    event_id = link(camp).event_id
    publiq.fault("DELETE /events/{id}", kind, **fields)
    answer = delete_event(camp.id)
    if kind == "verbroken":  # a broken connection may have carried it all the same
        assert answer.outcome is Deleted.WAITING
        later()
        assert finish_deletions() == 1
        return
    assert answer.outcome is Deleted.REFUSED and answer.sentence.startswith("Het event is niet")
    assert workflow(publiq, event_id) != "DELETED"
    assert benefits_possible([camp.id]) == {camp.id: event_id}
    assert publish(camp.id).ok


def test_an_event_that_publiq_no_longer_knows_is_deleted_already(camp: Activity) -> None:
    with write_transaction() as session:
        session.execute(update(EventLink).values(event_id="11111111-2222-4333-8444-555555555555"))
    assert delete_event(camp.id).outcome is Deleted.DONE
    assert link(camp) is None


@pytest.mark.parametrize("point", ["carry_out", "publiq_client", "after sending", "_forget"])
def test_a_process_killed_anywhere_ends_with_the_event_deleted(
    camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    event_id = link(camp).event_id
    with monkeypatch.context() as patch:
        if point == "after sending":
            really = EntryApi.delete_event
            patch.setattr(EntryApi, "delete_event", lambda *a, **k: (really(*a, **k), die()))
        elif point == "carry_out":
            patch.setattr("app.uitpas.event_deletion.carry_out", die)
        else:
            patch.setattr(deleting, point, die)
        with pytest.raises(ProcessKilled):
            delete_event(camp.id)
    db.session.rollback()
    assert link(camp).remote_status == "DELETING" and benefits_possible([camp.id]) == {}
    later()
    assert finish_deletions() == 1
    assert workflow(publiq, event_id) == "DELETED" and link(camp) is None
    assert publish(camp.id).outcome is Outcome.PUBLISHED
    assert len(events_named(publiq.url, "Winterbos-kamp")) == 2


def test_a_process_killed_before_its_intent_was_written_leaves_everything(
    camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("app.uitpas.event_deletion.begin_deletion", die)
        with pytest.raises(ProcessKilled):
            delete_event(camp.id)
    db.session.rollback()
    assert finish_deletions() == 0 and deletes() == 0
    assert benefits_possible([camp.id])


def test_two_clerks_at_once_delete_it_once(camp: Activity, publiq: Publiq) -> None:
    publiq.fault("DELETE /events/{id}", "fout-500")
    publiq.fault("GET /events/{id}", "fout-500")
    delete_event(camp.id)
    with pytest.raises(LinkRefused):
        delete_event(camp.id)
    assert deletes() == 1


def test_an_activity_without_an_event_has_nothing_to_delete(family: Family) -> None:
    connect()
    activity = ready_activity()
    with pytest.raises(LinkRefused) as refused:
        delete_event(activity.id)
    assert "geen event" in refused.value.problem.sentence


def test_a_refused_sale_that_surfaces_late_is_still_undone_after_the_deletion(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    finish_now(family)
    with write_transaction() as session:
        session.execute(update(UitpasEntry).values(state=EntryState.CANCELLED))
    assert delete_event(camp.id).outcome is Deleted.DONE
    with write_transaction() as session:
        session.execute(update(UitpasEntry).values(state=EntryState.CANCELLING))
    reconcile(min_age_seconds=0)
    assert publiq.live_sales() == []
