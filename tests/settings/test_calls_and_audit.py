"""The log of calls and the audit trail (S4, C11)."""

from datetime import date, timedelta

import pytest

from app.clock import from_local, now, today
from app.extensions import PendingChanges, db, end_read, write_transaction
from app.publiq.errors import (
    PubliqAnswerLost,
    PubliqAuthenticationFailed,
    PubliqBusy,
    PubliqForbidden,
    PubliqNotFound,
    PubliqRefused,
    PubliqUnreachable,
)
from app.settings.actor import clear_actor, set_actor
from app.settings.audit import find_entries, record, recorded_actions
from app.settings.calls import (
    CallFilter,
    clean_call_log,
    find_calls,
    logged_operations,
    tally_today,
)
from app.settings.models import CallOutcome, Environment, PubliqCall
from app.settings.publiq_errors import explain
from app.settings.uit import uit_settings_for_update


def _call(**values):
    defaults = {
        "environment": Environment.SANDBOX,
        "started_at": now(),
        "duration_ms": 120,
        "operation": "get-tariffs",
        "method": "GET",
        "url": "https://uitpas.example/tariffs",
        "outcome": CallOutcome.OK,
        "status": 200,
    }
    return PubliqCall(**(defaults | values))


def _put(*rows):
    with write_transaction() as session:
        session.add_all(rows)


def _found(**wanted):
    return [call.operation for call in db.session.scalars(find_calls(CallFilter(**wanted)))]


def test_calls_are_found_by_period_operation_outcome_and_text(app):
    from datetime import time

    early = from_local(date(2027, 3, 1), time(23, 59))
    late = from_local(date(2027, 3, 2), time(0, 0))
    _put(
        _call(started_at=early, operation="token"),
        _call(started_at=late, operation="event-put", outcome=CallOutcome.REFUSED, status=400),
        _call(started_at=late + timedelta(hours=1), purpose="Voordelen voor kleuterdans"),
    )
    assert _found() == ["get-tariffs", "event-put", "token"]
    assert _found(since=date(2027, 3, 2)) == ["get-tariffs", "event-put"]
    assert _found(until=date(2027, 3, 1)) == ["token"]
    assert _found(outcome=CallOutcome.REFUSED) == ["event-put"]
    assert _found(operation="token") == ["token"]
    assert _found(text="KLEUTERDANS voordelen") == ["get-tariffs"]
    assert _found(text="100%") == []
    assert logged_operations() == ["event-put", "get-tariffs", "token"]


def test_calls_are_kept_as_many_days_as_the_settings_say(app):
    with write_transaction():
        uit_settings_for_update().call_log_days = 7
    _put(
        _call(started_at=now() - timedelta(days=8), operation="token"),
        _call(started_at=now() - timedelta(days=6)),
    )
    assert clean_call_log() == 1
    assert _found() == ["get-tariffs"]
    assert clean_call_log() == 0


def test_the_tally_counts_today_only(app):
    _put(
        _call(),
        _call(outcome=CallOutcome.UNREACHABLE, status=None),
        _call(started_at=now() - timedelta(days=2), outcome=CallOutcome.REFUSED),
    )
    tally = tally_today()
    assert (tally.total, tally.failed) == (2, 1)
    assert tally.last.outcome is CallOutcome.UNREACHABLE


def test_the_audit_trail_names_who_did_what_to_whom(app):
    set_actor(None, "An Beheer")
    try:
        with write_transaction():
            record(
                "inschrijving geannuleerd",
                subject_kind="bestelling",
                subject_id=12,
                subject_label="27-AB12: Noor, Kleuterdans",
                reason="ziek",
                detail={"prijs": "€ 12,00"},
            )
    finally:
        clear_actor()
    with write_transaction():
        record("medewerker uitgenodigd", subject_label="Bo")
    assert [e.account_name for e in db.session.scalars(find_entries("kleuterdans ziek"))] == [
        "An Beheer"
    ]
    assert [e.action for e in db.session.scalars(find_entries(since=today()))] == [
        "medewerker uitgenodigd",
        "inschrijving geannuleerd",
    ]
    assert list(db.session.scalars(find_entries(until=today() - timedelta(days=1)))) == []
    assert recorded_actions() == ["inschrijving geannuleerd", "medewerker uitgenodigd"]


def test_an_entry_outside_a_write_transaction_is_noticed(app):
    record("iets")
    with pytest.raises(PendingChanges):
        end_read()
    db.session.rollback()


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (
            PubliqRefused("get-tariffs", end_user_message="Je hebt dit al gebruikt."),
            "Je hebt dit al gebruikt.",
        ),
        (
            PubliqUnreachable("get-places"),
            "UiTdatabank antwoordt nu niet. Probeer het straks opnieuw.",
        ),
        (
            PubliqUnreachable("get-tariffs"),
            "UiTPAS antwoordt nu niet. Probeer het straks opnieuw.",
        ),
        (
            PubliqBusy("get-tariffs"),
            "Er lopen nu te veel vragen bij UiTPAS. Probeer het over een minuut opnieuw.",
        ),
        (
            PubliqAnswerLost("event-post"),
            "UiTdatabank gaf geen antwoord, dus we weten niet of het gelukt is. Kijk het na voor "
            "je opnieuw probeert.",
        ),
        (
            PubliqNotFound("event-get", status=404),
            "UiTdatabank vindt dit niet meer terug. Kijk na of het daar nog bestaat.",
        ),
    ],
)
def test_an_error_is_explained_in_one_sentence(error, sentence):
    assert explain(error) == sentence


def test_what_is_forbidden_comes_with_its_remedy():
    assert "Verwijder de link" in explain(PubliqForbidden("event-put", status=403))
    assert "geen recht" in explain(PubliqForbidden("post-ticket-sales", status=403))
    assert "UiT-instellingen" in explain(PubliqAuthenticationFailed("token", status=401))
