"""An undo whose answer was lost, and then a refusal: which of the two is true, publiq's list tells.

Invariant: an entry is never 'registered' while publiq has no such sale any more, nor 'cancelled'
while it has; where nobody tells, it waits under attention until a person says.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.activities.models import Activity
from app.clock import now
from app.extensions import write_transaction
from app.sales.cancelling import cancel_line
from app.sales.change_steps import resume_change
from app.sales.ledger_actions import (
    LedgerAction,
    actions_for,
    mark_still_standing,
    mark_undone,
)
from app.sales.models import ChangeState
from app.sales.moving import move_registration
from app.sales.reconciler import reconcile
from app.uitpas import undoing
from app.uitpas.attention import Attention, attention_count, attention_of
from app.uitpas.models import EntryState, UitpasEntry
from app.uitpas.undoing import undo_sale
from tests.making import make_activity
from tests.sales.changing import FIND, UNDO, change, live_line, register, states, taken
from tests.sales.checking import check_after_healing, check_audit, heal, let_time_pass
from tests.sales.conftest import ONCE_A_WEEK, Family, ProcessKilled, Publiq, publish_as
from tests.sales.meanwhile import Other
from tests.sales.selling import entry
from tests.sales.test_moving import wish_for
from tests.web.backoffice.staff_client import post, signed_in, words

R, C, G = EntryState.REGISTERED, EntryState.CANCELLED, EntryState.CANCELLING
FORBIDDEN = {"kind": "geweigerd", "problem": "auth/forbidden", "count": None}
REFUSALS = ["auth/forbidden", "url/not-found", "uitpas/event-not-found"]


@pytest.fixture
def circus(connected: None) -> Activity:
    return publish_as(make_activity("Circus", capacity=3), ONCE_A_WEEK)


@pytest.fixture
def reference(family: Family, camp: Activity) -> str:
    """Mira is registered with her social tariff."""
    return register(family, camp, family.mira, uitpas=True)


@pytest.fixture
def moving(reference: str, circus: Activity, publiq: Publiq) -> Callable[[str], None]:
    """Begin to move her while the undo of the old sale fails in this way."""

    def begin(kind: str) -> None:
        wish = wish_for(reference, circus)
        publiq.fault(UNDO, kind)
        assert move_registration(wish).state is ChangeState.UNDOING

    return begin


def go_on(*, at_once: bool = False) -> None:
    if not at_once:
        let_time_pass()
    reconcile(min_age_seconds=0)


def whole(publiq: Publiq) -> None:
    publiq.heal()
    check_after_healing(publiq)
    check_audit()


@pytest.mark.parametrize("problem", REFUSALS)
def test_a_move_goes_on_when_the_list_shows_that_the_lost_undo_arrived(
    moving: Callable[[str], None], circus: Activity, publiq: Publiq, problem: str
) -> None:
    moving("antwoord-kwijt")
    publiq.fault(UNDO, "geweigerd", problem=problem, count=None)
    go_on()
    assert change().state is ChangeState.DONE
    assert states() == [C, R]
    assert live_line().activity_id == circus.id
    whole(publiq)


@pytest.mark.parametrize("problem", REFUSALS)
def test_a_move_leads_back_when_the_list_shows_that_the_lost_undo_never_arrived(
    moving: Callable[[str], None], camp: Activity, publiq: Publiq, problem: str
) -> None:
    moving("fout-500")
    publiq.fault(UNDO, "geweigerd", problem=problem, count=None)
    go_on()
    assert change().state is ChangeState.RETURNED
    assert states() == [R]
    assert len(publiq.live_sales()) == 1
    assert live_line().activity_id == camp.id
    whole(publiq)


def test_what_may_still_arrive_is_not_taken_for_lost(
    moving: Callable[[str], None], publiq: Publiq
) -> None:
    moving("fout-500")
    publiq.fault(UNDO, **FORBIDDEN)
    go_on(at_once=True)
    assert change().state is ChangeState.UNDOING
    assert attention_of(entry()) == [Attention.UNDO_UNSURE]
    go_on()
    assert change().state is ChangeState.RETURNED
    whole(publiq)


@pytest.mark.parametrize("kind", ["antwoord-kwijt", "fout-500"])
def test_a_move_of_which_nobody_tells_waits_under_attention(
    moving: Callable[[str], None], circus: Activity, publiq: Publiq, kind: str
) -> None:
    moving(kind)
    publiq.fault(UNDO, **FORBIDDEN)
    publiq.fault(FIND, **FORBIDDEN)
    for _ in range(3):
        go_on()
    assert change().state is ChangeState.UNDOING
    doubtful = entry()
    assert doubtful.state is G
    assert attention_of(doubtful) == [Attention.UNDO_UNSURE]
    assert attention_count() == 1
    assert taken(circus) == 1, "the place is held"
    assert set(actions_for(doubtful)) == {
        LedgerAction.TRY_AGAIN,
        LedgerAction.UNDONE,
        LedgerAction.STILL_STANDS,
    }
    publiq.heal()
    go_on()
    assert change().state is ChangeState.DONE
    whole(publiq)


def test_a_person_who_saw_that_it_is_undone_lets_the_move_go_on(
    moving: Callable[[str], None], publiq: Publiq
) -> None:
    moving("antwoord-kwijt")
    publiq.fault(UNDO, **FORBIDDEN)
    publiq.fault(FIND, **FORBIDDEN)
    go_on()
    mark_undone(entry().id, "nagekeken in de balie")
    assert change().state is ChangeState.DONE
    assert states() == [C, R]
    whole(publiq)


def test_a_person_who_saw_that_it_still_stands_leads_the_move_back(
    moving: Callable[[str], None], camp: Activity, publiq: Publiq
) -> None:
    moving("fout-500")
    publiq.fault(UNDO, **FORBIDDEN)
    publiq.fault(FIND, **FORBIDDEN)
    go_on()
    mark_still_standing(entry().id, "nagekeken in de balie")
    assert change().state is ChangeState.RETURNED
    assert states() == [R]
    assert live_line().activity_id == camp.id
    whole(publiq)


def test_a_process_that_died_while_undoing_may_have_undone_it(
    reference: str,
    circus: Activity,
    publiq: Publiq,
    killed: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wish = wish_for(reference, circus)
    with monkeypatch.context():
        killed("app.uitpas.undoing.undone")
        with pytest.raises(ProcessKilled):
            move_registration(wish)
    monkeypatch.undo()
    assert publiq.live_sales() == []
    publiq.fault(UNDO, **FORBIDDEN)
    go_on()
    assert change().state is ChangeState.DONE
    assert states() == [C, R]
    whole(publiq)


def test_a_cancelled_line_whose_lost_undo_arrived_is_not_refused_for_ever(
    reference: str, family: Family, publiq: Publiq
) -> None:
    publiq.fault(UNDO, "antwoord-kwijt")
    cancel_line(reference, "", customer_id=family.id)
    publiq.fault(UNDO, **FORBIDDEN)
    go_on()
    assert states() == [C]
    assert attention_count() == 0
    whole(publiq)


def test_a_cancelled_line_of_which_nobody_tells_waits_under_attention(
    reference: str, family: Family, publiq: Publiq
) -> None:
    publiq.fault(UNDO, "antwoord-kwijt")
    cancel_line(reference, "", customer_id=family.id)
    publiq.fault(UNDO, **FORBIDDEN)
    publiq.fault(FIND, **FORBIDDEN)
    go_on()
    assert states() == [G]
    assert attention_of(entry()) == [Attention.UNDO_UNSURE]
    publiq.heal()
    publiq.fault(UNDO, **FORBIDDEN)  # the right to look came, that to undo did not
    go_on()
    assert states() == [C]
    whole(publiq)


def test_a_cancelled_line_whose_undo_never_arrived_and_is_refused_asks_a_person(
    reference: str, family: Family, publiq: Publiq
) -> None:
    publiq.fault(UNDO, "fout-500")
    cancel_line(reference, "", customer_id=family.id)
    publiq.fault(UNDO, **FORBIDDEN)
    go_on()
    assert states() == [G]
    assert attention_of(entry()) == [Attention.UNDO_REFUSED]
    publiq.heal()
    go_on()
    assert states() == [C]
    whole(publiq)


def test_a_first_refusal_is_proof_enough_and_asks_no_list(
    reference: str, family: Family, publiq: Publiq
) -> None:
    publiq.fault(FIND, "fout-500", count=None)
    publiq.fault(UNDO, **FORBIDDEN)
    cancel_line(reference, "", customer_id=family.id)
    assert attention_of(entry()) == [Attention.UNDO_REFUSED]


def test_the_page_of_the_ledger_takes_what_was_seen(
    app,
    moving: Callable[[str], None],
    reference: str,
    publiq: Publiq,  # noqa: ANN001
) -> None:
    moving("fout-500")
    publiq.fault(UNDO, **FORBIDDEN)
    publiq.fault(FIND, **FORBIDDEN)
    go_on()
    doubtful: UitpasEntry = entry()
    admin = signed_in(app, "admin")
    shown = words(admin.get(f"/beheer/inschrijvingen/{reference}"))
    assert "We weten niet of de verkoop voor Mira Peeters nog bij UiTPAS staat" in shown
    assert f"/beheer/grootboek/{doubtful.id}" in shown
    page = words(admin.get(f"/beheer/grootboek/{doubtful.id}"))
    assert "We weten niet of de verkoop nog bij UiTPAS staat" in page
    address = f"/beheer/grootboek/{doubtful.id}/staat-er-nog"
    assert address in page
    assert "blijft waar ze was" in words(admin.get(address))
    assert post(admin, address, {"reason": " "}).status_code == 422
    assert post(admin, address, {"reason": "gezien"}).status_code == 303
    assert change().state is ChangeState.RETURNED
    whole(publiq)


def test_a_person_who_speaks_while_an_undo_is_on_its_way_does_not_make_us_forget_it(
    reference: str, circus: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = wish_for(reference, circus)
    publiq.fault(UNDO, "fout-500")
    move_registration(wish)
    for question in (UNDO, FIND):
        publiq.fault(question, "geweigerd", problem="auth/forbidden", count=None)
    let_time_pass()
    reconcile(min_age_seconds=0)
    entry_id = entry().id
    publiq.heal()
    publiq.fault(UNDO, "antwoord-kwijt")
    original = undoing.publiq_client
    others: list[Other] = []

    def somebody_speaks_first(*args: Any, **kwargs: Any) -> Publiq:
        if not others:
            others.append(Other(lambda: mark_still_standing(entry_id, "gezien in de balie")))
            others[0].end()
        return original(*args, **kwargs)

    monkeypatch.setattr(undoing, "publiq_client", somebody_speaks_first)
    let_time_pass()
    undo_sale(entry_id)
    assert publiq.live_sales() == []
    publiq.fault(UNDO, "geweigerd", problem="auth/forbidden", count=None)
    let_time_pass()
    reconcile(min_age_seconds=0)
    assert states()[0] is not EntryState.REGISTERED
    publiq.heal()
    heal(publiq)
    check_after_healing(publiq)


def test_who_looked_so_long_that_another_took_over_writes_nothing(
    reference: str, circus: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The list of the first is slow, and meanwhile the DELETE of the second is on its way."""
    wish = wish_for(reference, circus)
    publiq.fault(UNDO, "fout-500")
    move_registration(wish)
    let_time_pass()
    entry_id = entry().id
    publiq.fault(UNDO, "geweigerd", problem="auth/forbidden", count=1)
    original = undoing.sales_of_event
    first_has_written = threading.Event()
    others: list[Other] = []

    def slow(*args: Any) -> Any:
        listed = original(*args)
        if not others:
            with write_transaction() as session:  # a minute went by
                passed = now() - timedelta(seconds=1)
                session.execute(update(UitpasEntry).values(lease_until=passed))
            monkeypatch.setattr(undoing, "publiq_client", waiting_client(first_has_written))
            others.append(Other(lambda: undo_sale(entry_id)))
        return listed

    monkeypatch.setattr(undoing, "sales_of_event", slow)
    resume_change(change().id)
    first_has_written.set()
    others[0].end()
    assert states() != [EntryState.REGISTERED] or publiq.live_sales()
    heal(publiq)
    check_after_healing(publiq)


def waiting_client(until: threading.Event) -> Callable[..., Any]:
    """A client of which the DELETE leaves only then."""
    original = undoing.publiq_client

    def make(*args: Any, **kwargs: Any) -> Any:
        client = original(*args, **kwargs)
        cancel = client.uitpas.cancel_ticket_sale

        def later(sale_id: str) -> Any:
            until.wait(20)
            return cancel(sale_id)

        client.uitpas.cancel_ticket_sale = later
        return client

    return make
