"""The nightly audit: our ledger against publiq's sales, in both directions."""

from datetime import timedelta
from decimal import Decimal

from flask import Flask
from sqlalchemy import select, update

from app.activities.models import Activity
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.publiq.uitpas import SaleWish
from app.sales.cancelling import cancel_line
from app.sales.ledger_actions import SaleSeen, accept_finding, sale_is_not_there, sale_is_there
from app.sales.ledger_audit import audit_ledger, audit_now, audit_trouble
from app.sales.ledger_overview import at_risk, audit_state
from app.sales.models import ChangeState, LineState, OrderState
from app.sales.reconciler import reconcile
from app.settings.connections import publiq_client
from app.settings.models import Environment
from app.settings.uit import uit_settings_for_update
from app.uitpas.attention import Attention, attention_count, attention_of
from app.uitpas.models import (
    EntryState,
    EventAudit,
    FindingKind,
    LedgerFinding,
    UitpasEntry,
)
from tests.making import make_activity
from tests.sales.changing import add, change, register
from tests.sales.checking import check_after_healing
from tests.sales.conftest import EVENT, ONCE_A_WEEK, SOCIAL, SOCIAL_TOO, Family, Publiq, publish_as
from tests.sales.meanwhile import choose, finish_now, put
from tests.sales.selling import (
    FIND,
    SALE,
    entry,
    long_ago,
    lose,
    order,
    sell,
    undo_elsewhere,
)


def findings(open_only: bool = True) -> list[LedgerFinding]:
    query = select(LedgerFinding).order_by(LedgerFinding.id)
    if open_only:
        query = query.where(LedgerFinding.resolved_at.is_(None))
    found = list(db.session.scalars(query.execution_options(populate_existing=True)))
    end_read()
    return found


def kinds() -> list[FindingKind]:
    return [finding.kind for finding in findings()]


def audit():  # noqa: ANN201
    """As the night would, on a ledger that came to rest long ago."""
    audit_now()
    return audit_ledger()


def register_directly(label: str, number: str = SOCIAL_TOO, event_id: str = EVENT) -> str:
    """A sale that our ledger knows nothing of; returns its id."""
    client = publiq_client()
    end_read()
    tariffs = client.uitpas.tariffs(event_id, number, Decimal("60.00")).available
    wish = SaleWish(event_id, number, Decimal("60.00"), tariffs[0].id, label)
    (sale,) = client.uitpas.register_ticket_sales([wish])
    return sale.id


def test_a_ledger_that_fits_gives_no_findings(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    report = audit()
    assert (report.events, report.found) == (1, 0)
    assert kinds() == []
    state = audit_state()
    assert (state.events, state.checked, state.by_others) == (1, 1, 0)
    assert at_risk().amount == Decimal("0.00")


def test_a_sale_that_somebody_undid_elsewhere_asks_a_person_and_is_not_sold_again(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    undo_elsewhere(entry().external_id or "")
    audit()
    assert kinds() == [FindingKind.MISSING_THERE]
    assert attention_of(entry(), findings()) == [Attention.FINDING]
    assert attention_count() == 1
    line = order().lines[0]
    assert at_risk().amount == line.regular_price - line.price
    reconcile(min_age_seconds=0)
    audit()
    assert publiq.live_sales() == []
    assert entry().state is EntryState.REGISTERED
    assert len(findings(open_only=False)) == 1


def test_a_finding_is_resolved_by_itself_when_it_is_gone(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    price = entry().price
    with write_transaction() as session:
        session.execute(update(UitpasEntry).values(price=Decimal("5.00")))
    audit()
    assert kinds() == [FindingKind.PRICE_DIFFERS]
    assert findings()[0].price_there == price
    with write_transaction() as session:
        session.execute(update(UitpasEntry).values(price=price))
    report = audit()
    assert report.gone == 1
    assert kinds() == []


def test_a_sale_that_is_cancelled_here_but_lives_there_is_undone_by_the_reconciler(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    line = order().lines[0]
    with write_transaction() as session:  # as if an old copy of the database were put back
        session.execute(update(UitpasEntry).values(state=EntryState.CANCELLED))
        session.merge(line).state = LineState.CANCELLED
    long_ago()
    report = audit()
    assert report.to_undo == 1
    assert entry().state is EntryState.CANCELLING
    reconcile(min_age_seconds=0)
    assert publiq.live_sales() == []
    assert entry().state is EntryState.CANCELLED
    assert kinds() == []


def test_a_sale_that_arrived_after_it_was_given_up_and_its_day_is_found_at_night(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq, "fout-500")
    label = entry().regular_price_label
    long_ago()
    reconcile(min_age_seconds=0)
    assert entry().state is EntryState.REFUSED
    register_directly(label, number=family.mira.uitpas_number or "")
    long_ago(sent_at=now() - timedelta(days=3))
    audit()
    reconcile(min_age_seconds=0)
    assert publiq.live_sales() == []


def test_sales_of_other_desks_are_counted_and_left_alone(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    register_directly("Kind (0 tot 12)")
    long_ago()
    audit()
    assert kinds() == []
    assert audit_state().by_others == 1
    reconcile(min_age_seconds=0)
    assert len(publiq.live_sales()) == 2


def test_a_sale_with_a_reference_like_ours_that_we_do_not_know_is_told(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    sale_id = register_directly("Basistarief (ab3defgh)")
    long_ago()
    audit()
    (found,) = findings()
    assert (found.kind, found.external_id) == (FindingKind.UNKNOWN_HERE, sale_id)
    assert attention_count() == 1
    assert len(publiq.live_sales()) == 2


def test_a_second_sale_with_our_label_is_told_as_double(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    sale_id = register_directly(entry().regular_price_label)
    long_ago()
    audit()
    assert [(found.kind, found.external_id) for found in findings()] == [
        (FindingKind.DOUBLE, sale_id)
    ]


def test_what_changed_just_now_is_left_for_the_next_night(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    undo_elsewhere(entry().external_id or "")
    audit()
    assert kinds() == []


def test_a_missing_permission_is_said_once_for_all_events(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    other = publish_as(make_activity("Circus"), ONCE_A_WEEK)
    sell(family, other)
    publiq.fault(FIND, "geweigerd", problem="auth/forbidden", count=None)
    report = audit()
    assert report.unreadable == 2
    ((problem, _sentence, count),) = audit_trouble()
    assert (problem, count) == ("search-forbidden", 2)
    publiq.heal()
    audit()
    assert audit_trouble() == []


def test_publiq_asking_to_slow_down_ends_the_run_and_it_goes_on_later(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    sell(family, publish_as(make_activity("Circus"), ONCE_A_WEEK))
    publiq.fault(FIND, "te-vaak", seconds=600)
    report = audit()
    assert (report.events, report.unreadable) == (0, 1)
    waits = db.session.scalars(select(EventAudit.next_at)).all()
    assert min(waits) > now() + timedelta(minutes=9)
    assert audit_ledger().events == 0
    with write_transaction() as session:
        session.execute(update(EventAudit).values(next_at=now()))
    assert audit_ledger().events == 2


def test_an_audit_that_is_broken_off_goes_on_with_the_events_that_remain(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    sell(family, publish_as(make_activity("Circus"), ONCE_A_WEEK))
    publiq.fault(FIND, "fout-500", count=1)
    audit()
    publiq.heal()
    audit_now()
    with write_transaction() as session:  # the first was done before the process died
        session.execute(
            update(EventAudit)
            .where(EventAudit.event_id == EVENT)
            .values(next_at=now() + timedelta(days=1), checked_at=now())
        )
    assert audit_ledger().events == 1
    assert audit_state().checked == 2


def test_events_of_an_environment_that_is_not_active_are_audited_too(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    undo_elsewhere(entry().external_id or "")
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.TEST
    audit()
    assert kinds() == [FindingKind.MISSING_THERE]


def test_the_audit_waits_for_the_night_by_itself(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    assert audit_ledger().events == 0
    assert db.session.scalars(select(EventAudit.next_at)).one() > now()


def test_a_late_sale_without_label_is_told_and_never_undone_by_itself(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq, "fout-500")
    long_ago()
    reconcile(min_age_seconds=0)
    sale_id = register_directly("", number=family.mira.uitpas_number or "")
    audit()
    assert [(one.kind, one.external_id) for one in findings()] == [
        (FindingKind.MAYBE_OURS, sale_id)
    ]
    reconcile(min_age_seconds=0)
    assert len(publiq.live_sales()) == 1


def test_an_audit_without_credentials_says_so_and_does_not_hammer(
    app: Flask, family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    with write_transaction() as session:
        session.execute(update(UitpasEntry).values(environment=Environment.TEST))
    assert audit().unreadable == 1
    assert "nog niet ingesteld" in audit_trouble()[0][1]
    assert audit_ledger().unreadable == 0


def test_a_price_that_is_higher_there_is_at_risk(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    line = order().lines[0]
    with write_transaction() as session:
        session.execute(update(UitpasEntry).values(price=line.price - 2))
        session.merge(line).price = line.price - 2
    audit()
    assert at_risk().amount == Decimal("2.00")


def test_cancelling_a_line_whose_sale_went_missing_ends_the_finding(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    undo_elsewhere(entry().external_id or "")
    audit()
    cancel_line(order().lines[0].line_ref, "", customer_id=family.id)
    assert order().state is OrderState.CANCELLED
    assert entry().state is EntryState.CANCELLED
    audit()
    assert kinds() == []


def test_a_group_of_lines_is_compared_without_mixing_them_up(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira, family.tuur)
    choose(family)
    finish_now(family)
    long_ago()
    assert audit().found == 0
    assert len(publiq.live_sales()) == 1


def test_an_event_that_uitpas_knows_no_more_is_no_trouble_once_nothing_of_ours_stands(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    """A deleted event, for instance: there is nothing to compare, and nothing for anybody to do."""
    sell(family, camp)
    cancel_line(order().lines[0].line_ref, "", customer_id=family.id)
    long_ago()
    assert entry().state is EntryState.CANCELLED
    publiq.fault(FIND, "geweigerd", problem="uitpas/event-not-found", count=None)
    assert audit().unreadable == 0
    assert audit_trouble() == []


def test_an_event_that_uitpas_knows_no_more_while_a_sale_of_ours_stands_is_told(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    publiq.fault(FIND, "geweigerd", problem="uitpas/event-not-found", count=None)
    assert audit().unreadable == 1
    assert len(audit_trouble()) == 1


def test_a_difference_about_what_changed_just_now_is_not_taken_for_gone(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    """Else a difference that somebody left as it is would ask for attention anew each time."""
    sell(family, camp)
    long_ago()
    undo_elsewhere(publiq.live_sales()[0]["id"])
    audit()
    (finding,) = findings()
    accept_finding(finding.id, "het gezin betaalt het verschil")
    with write_transaction() as session:
        session.execute(update(UitpasEntry).values(changed_at=now()))
    assert audit().gone == 0
    assert [one.id for one in findings()] == [finding.id]


def test_a_benefit_afterwards_that_was_given_up_and_stands_there_is_undone(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    """Its line has the same reference, at the regular price: that is no reason to keep the sale."""
    reference = register(family, camp, family.mira, uitpas=False)
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault(FIND, "geweigerd", count=None, problem="auth/forbidden")
    add(reference, SOCIAL)
    sale_is_not_there(entry().id, "niet gevonden")
    assert change().state is ChangeState.REFUSED
    publiq.heal()
    long_ago(sent_at=now() - timedelta(days=3))
    assert audit().to_undo == 1
    reconcile(min_age_seconds=0)
    assert publiq.live_sales() == []
    assert kinds() == []
    check_after_healing(publiq)


def test_a_sale_registered_anew_at_another_price_than_was_paid_is_told(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    """What the line costs does not change by what somebody typed, so that the two differ."""
    sell(family, camp)
    paid = order().lines[0].price
    undo_elsewhere(entry().external_id or "")
    long_ago()
    audit()
    client = publiq_client()
    end_read()
    (tariff,) = client.uitpas.tariffs(EVENT, SOCIAL, Decimal("30.00")).available
    (anew,) = client.uitpas.register_ticket_sales(
        [SaleWish(EVENT, SOCIAL, Decimal("30.00"), tariff.id, "Kind")]
    )
    assert anew.price != paid
    sale_is_there(entry().id, SaleSeen(anew.id, anew.price), "opnieuw geregistreerd")
    long_ago()
    audit()
    (found,) = findings()
    assert (found.kind, found.price_there) == (FindingKind.PRICE_DIFFERS, anew.price)
    assert order().lines[0].price == paid == entry().price
