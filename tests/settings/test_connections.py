"""The client of publiq with the settings, the tokens and the log of calls (S1, S3, S4)."""

import logging

import pytest
import requests
from sqlalchemy import select

from app.extensions import db, end_read, in_transaction, write_transaction
from app.people.models import Account
from app.publiq.errors import PubliqAuthenticationFailed, PubliqUnreachable
from app.settings.actor import clear_actor, set_actor
from app.settings.connections import NotConnected, publiq_client
from app.settings.environments import EnvironmentInput, save_environment
from app.settings.models import AccessToken, CallOutcome, Environment, PubliqCall

SECRET = "een-zeer-geheim-woord-9731"


def _calls():
    rows = list(db.session.scalars(select(PubliqCall).order_by(PubliqCall.id)))
    end_read()
    return rows


def _fault(sandbox_url, operation, kind, **more):
    answer = requests.post(
        f"{sandbox_url}/sandbox/storingen",
        data={"operation": operation, "kind": kind, **more},
        timeout=10,
    )
    assert answer.status_code < 400


def test_without_credentials_it_says_what_a_clerk_can_do(app):
    with pytest.raises(NotConnected, match="Een beheerder vult client id en client secret in"):
        publiq_client()


def test_asking_for_a_client_leaves_the_session_as_it_was(connected):
    publiq_client(Environment.SANDBOX)
    assert not in_transaction()


def test_a_token_is_asked_once_and_serves_later_clients(connected):
    publiq_client(Environment.SANDBOX, purpose="rechten opvragen").uitpas.permissions()
    publiq_client(Environment.SANDBOX, purpose="rechten opvragen").uitpas.permissions()
    assert [call.operation for call in _calls()] == [
        "token",
        "get-permissions",
        "get-permissions",
    ]


def test_a_refused_token_is_renewed_once(connected, sandbox_url):
    publiq_client(Environment.SANDBOX).uitpas.permissions()
    _fault(sandbox_url, "uitpas", "verlopen-token", count=1)
    assert publiq_client(Environment.SANDBOX).uitpas.permissions()
    assert [(call.operation, call.status) for call in _calls()][2:] == [
        ("get-permissions", 401),
        ("token", 200),
        ("get-permissions", 200),
    ]


def test_a_token_that_is_refused_again_ends_the_call(connected, sandbox_url):
    _fault(sandbox_url, "uitpas", "verlopen-token", count=2)
    with pytest.raises(PubliqAuthenticationFailed):
        publiq_client(Environment.SANDBOX).uitpas.permissions()
    assert len([call for call in _calls() if call.operation == "get-permissions"]) == 2


def test_each_call_is_written_down_with_who_why_and_how_long(connected):
    with write_transaction() as session:
        account = Account(email="an@voorbeeld.be", name="An Beheer")
        session.add(account)
        session.flush()
        account_id = account.id
    set_actor(account_id, "An Beheer")
    try:
        publiq_client(
            Environment.SANDBOX, purpose="rechten opvragen", activity_id=12
        ).uitpas.permissions()
    finally:
        clear_actor()
    last = _calls()[-1]
    assert (last.account_id, last.account_name) == (account_id, "An Beheer")
    assert (last.purpose, last.activity_id) == ("rechten opvragen", 12)
    assert (last.outcome, last.status) == (CallOutcome.OK, 200)
    assert last.duration_ms >= 0
    assert last.environment is Environment.SANDBOX


def test_a_call_that_fails_is_written_down_and_named_by_its_error(connected, sandbox_url):
    _fault(sandbox_url, "uitpas", "plat")
    with pytest.raises(PubliqUnreachable) as caught:
        publiq_client(Environment.SANDBOX).uitpas.permissions()
    assert caught.value.call_id == _calls()[-1].id
    assert _calls()[-1].outcome is CallOutcome.UNREACHABLE


def test_a_call_is_refused_inside_a_read_transaction(connected):
    client = publiq_client(Environment.SANDBOX)
    db.session.scalar(select(PubliqCall.id))
    with pytest.raises(RuntimeError, match="end_read"):
        client.uitpas.permissions()
    end_read()
    assert _calls() == []


def test_a_call_is_refused_inside_a_write_transaction(connected):
    client = publiq_client(Environment.SANDBOX)
    with write_transaction(), pytest.raises(RuntimeError, match="end_read"):
        client.uitpas.permissions()


def test_what_the_caller_had_loaded_stays_loaded(connected):
    with write_transaction() as session:
        session.add(Account(email="an@voorbeeld.be", name="An"))
    account = db.session.scalar(select(Account))
    end_read()
    publiq_client(Environment.SANDBOX).uitpas.permissions()
    assert account.name == "An"
    assert not in_transaction()


def test_the_secret_and_the_token_stand_nowhere_readable(app, sandbox_url, caplog):
    caplog.set_level(logging.DEBUG)
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", SECRET, ""))
    with pytest.raises(PubliqAuthenticationFailed) as caught:
        publiq_client(Environment.SANDBOX).uitpas.permissions()
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "demo", ""))
    publiq_client(Environment.SANDBOX).uitpas.permissions()
    token = db.session.scalar(select(AccessToken)).token
    end_read()
    dump = _everything(app)
    for readable in (dump, caplog.text, str(caught.value), repr(caught.value)):
        assert SECRET not in readable
        assert token not in readable


def _everything(app) -> str:
    """All that the database holds, as it holds it."""
    url = db.engine.url
    if url.get_backend_name() == "sqlite":
        with db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        from pathlib import Path

        return "".join(
            path.read_bytes().decode("latin-1")
            for path in Path(url.database).parent.glob("loket.sqlite*")
        )
    with db.engine.connect() as connection:
        tables = connection.exec_driver_sql(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).scalars()
        return "".join(
            str(connection.exec_driver_sql(f'SELECT t::text FROM "{name}" t').all())
            for name in list(tables)
        )


def test_new_credentials_forget_the_tokens_of_the_old(connected):
    publiq_client(Environment.SANDBOX).uitpas.permissions()
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "anders", ""))
    assert db.session.scalar(select(AccessToken)) is None


def test_saving_the_same_without_secret_keeps_secret_and_token(connected):
    publiq_client(Environment.SANDBOX).uitpas.permissions()
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "", "https://vrij.be/"))
    assert publiq_client(Environment.SANDBOX).uitpas.permissions()
    assert [call.operation for call in _calls()].count("token") == 1
