"""Sales whose answer was lost: found back with and without label, or a person is asked."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from app.activities.models import Activity
from app.clock import now
from app.extensions import end_read, write_transaction
from app.publiq.uitpas import SaleWish
from app.sales import reconciler
from app.sales.cancelling import cancel_line
from app.sales.models import OrderState
from app.sales.reconciler import reconcile
from app.settings.connections import publiq_client
from app.settings.models import Environment
from app.uitpas.attention import Attention, attention_count, attention_of
from app.uitpas.models import BenefitKind, EntryState, UitpasEntry
from app.uitpas.runs import last_runs
from tests.sales.conftest import EVENT, SOCIAL, Family, Publiq
from tests.sales.selling import FIND, UNDO, entry, long_ago, lose, order, sell


def _sell_elsewhere(label: str = "") -> None:
    """Another desk sells with the same pass, at the same price."""
    client = publiq_client()
    end_read()
    tariffs = client.uitpas.tariffs(EVENT, SOCIAL, Decimal("60.00")).available
    wish = SaleWish(EVENT, SOCIAL, Decimal("60.00"), tariffs[0].id, label)
    client.uitpas.register_ticket_sales([wish])


def test_a_lost_sale_is_found_in_a_list_without_labels(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq)
    publiq.fault(FIND, "zonder-label")
    reconcile(min_age_seconds=0)
    assert order().state is OrderState.CONFIRMED
    assert entry().external_id == publiq.live_sales()[0]["id"]


def test_without_labels_a_sale_from_before_the_attempt_is_not_taken_for_ours(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    _sell_elsewhere()
    lose(family, camp, publiq, "fout-500")
    long_ago(sent_at=now() + timedelta(minutes=5))  # the other sale is older than the attempt
    publiq.fault(FIND, "zonder-label", count=None)
    reconcile(min_age_seconds=0)
    assert entry().state is EntryState.UNKNOWN
    assert entry().external_id is None


def test_without_labels_two_sales_that_fit_ask_a_person(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq)
    _sell_elsewhere()
    long_ago()
    publiq.fault(FIND, "zonder-label", count=None)
    reconcile(min_age_seconds=0)
    kept = entry()
    assert kept.state is EntryState.UNKNOWN
    assert attention_of(kept) == [Attention.AMBIGUOUS]
    assert all(sale["id"] in kept.message for sale in publiq.live_sales())
    assert order().state is OrderState.OPEN
    assert len(publiq.live_sales()) == 2


def test_without_the_permission_to_search_a_person_is_asked_and_nothing_is_sent_again(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq)
    publiq.fault(FIND, "geweigerd", problem="auth/forbidden", count=None)
    long_ago()
    reconcile(min_age_seconds=0)
    kept = entry()
    assert kept.state is EntryState.UNKNOWN
    assert attention_of(kept) == [Attention.MAY_NOT_LOOK]
    assert attention_count() == 1
    assert "mogen de lijst" in kept.message
    assert len(publiq.live_sales()) == 1
    publiq.heal()  # publiq gave the permission
    reconcile(min_age_seconds=0)
    assert order().state is OrderState.CONFIRMED
    assert entry().problem == entry().message == ""


def test_the_same_refusal_is_written_in_the_history_once(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq)
    publiq.fault(FIND, "geweigerd", problem="auth/forbidden", count=None)
    reconcile(min_age_seconds=0)
    length = len(entry().history)
    reconcile(min_age_seconds=0)
    assert len(entry().history) == length


def test_looking_up_is_tried_with_growing_pauses(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq)
    publiq.fault(FIND, "fout-500", count=None)
    pauses = []
    for _ in range(3):
        reconcile(min_age_seconds=0)
        pauses.append(entry().next_try_at - now())
    assert pauses == sorted(pauses)
    assert pauses[2] > pauses[0] * 2


def test_publiqs_retry_after_is_obeyed(family: Family, camp: Activity, publiq: Publiq) -> None:
    lose(family, camp, publiq)
    publiq.fault(FIND, "te-vaak", seconds=900)
    reconcile(min_age_seconds=0)
    assert entry().next_try_at > now() + timedelta(minutes=14)


def test_words_for_staff_never_reach_the_basket_of_a_sale_that_never_arrived(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq, "fout-500")
    publiq.fault(FIND, "geweigerd", problem="auth/forbidden")
    reconcile(min_age_seconds=0)
    long_ago()
    reconcile(min_age_seconds=0)
    gone = order()
    assert gone.state is OrderState.LAPSED
    assert "recht" not in gone.message
    assert entry().message == ""


@pytest.mark.parametrize("kind", ["auth/forbidden", "body/invalid-data"])
def test_an_undo_that_is_refused_for_good_asks_a_person_and_is_tried_seldom(
    family: Family, camp: Activity, publiq: Publiq, kind: str
) -> None:
    sell(family, camp)
    publiq.fault(UNDO, "geweigerd", problem=kind, count=None)
    cancel_line(order().lines[0].line_ref, "", customer_id=family.id)
    kept = entry()
    assert kept.state is EntryState.CANCELLING
    assert attention_of(kept) == [Attention.UNDO_REFUSED]
    assert kept.message
    first = kept.next_try_at - now()
    assert first > timedelta(minutes=55)
    reconcile(min_age_seconds=0)
    assert entry().next_try_at - now() > first * 1.5
    publiq.heal()
    reconcile(min_age_seconds=0)
    assert entry().state is EntryState.CANCELLED
    assert attention_count() == 0


def test_an_undo_that_just_began_needs_nobody_yet(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    publiq.fault(UNDO, "fout-500", count=None)
    cancel_line(order().lines[0].line_ref, "", customer_id=family.id)
    assert attention_count() == 0
    long_ago()
    assert attention_of(entry()) == [Attention.WAITS]


def test_late_look_ups_without_permission_come_ever_less_often(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq, "fout-500")
    long_ago()
    reconcile(min_age_seconds=0)
    assert entry().state is EntryState.REFUSED
    publiq.fault(FIND, "geweigerd", problem="auth/forbidden", count=None)
    pauses = []
    for _ in range(3):
        reconcile(min_age_seconds=0)
        pauses.append(entry().next_try_at - now())
    assert pauses[0] < pauses[1] < pauses[2]


def test_a_run_that_did_something_is_remembered_and_an_idle_one_is_not(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq)
    reconcile(min_age_seconds=0)
    reconcile(min_age_seconds=0)
    (run,) = last_runs()
    assert run.done["confirmed"] == [order().id]
    reconcile(by_hand=True)
    assert len(last_runs()) == 2


def test_whoever_asks_for_a_run_does_not_wait_for_the_pause(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    publiq.fault(UNDO, "fout-500", count=None)
    cancel_line(order().lines[0].line_ref, "", customer_id=family.id)
    publiq.heal()
    reconcile()
    assert entry().state is EntryState.CANCELLING
    assert reconcile(by_hand=True).undone == [entry().id]


def _to_be_undone(place: int) -> UitpasEntry:
    """A sale whose line is gone."""
    price = Decimal("60.00")
    return UitpasEntry(
        line_ref=f"weg{place}",
        order_id=place,
        environment=Environment.SANDBOX,
        kind=BenefitKind.SOCIAL_TARIFF,
        event_id=EVENT,
        uitpas_number=SOCIAL,
        tariff_id="SOCIALTARIFF",
        tariff_name="Kansentarief",
        regular_price=price,
        regular_price_label=f"Basistarief (weg{place})",
        wished_price=price,
        external_id=f"verkoop-{place}",
        state=EntryState.CANCELLING,
    )


def test_a_run_ends_in_time_when_publiq_is_slow_and_the_next_goes_on(
    family: Family, camp: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else one run would hold its thread of the queue, or a page, for hours."""
    with write_transaction() as session:
        session.add_all(_to_be_undone(place) for place in range(3))
    asked: list[int] = []
    with time_machine.travel(now(), tick=False) as clock:

        def slow(entry_id: int) -> bool:
            asked.append(entry_id)
            clock.shift(reconciler.BY_HAND * 0.6)
            return False

        monkeypatch.setattr(reconciler, "undo_sale", slow)
        by_hand = reconcile(by_hand=True)
        assert len(asked) == 2
        assert by_hand.lines()[-1] == "Het duurt lang. De rest gaat vanzelf verder."
        by_itself = reconcile()
    assert len(asked) == 5
    assert not by_itself.is_cut
