"""Asking UiTPAS about a selection of persons: nothing is lost, nothing is asked too fast."""

from datetime import timedelta

import pytest
import requests
import time_machine
from sqlalchemy import func, select, text

from app import jobs
from app.clock import now
from app.extensions import db, write_transaction
from app.people import pass_checks
from app.people.models import PassCheckItem, PassCheckState, Person, TariffStatus
from app.people.pass_checks import (
    items_of,
    start_run,
    sweep_pass_checks,
    tally_of,
    try_failed_again,
)
from app.people.problems import PersonRefused
from app.settings.actor import clear_actor, set_actor
from app.settings.models import Environment, EnvironmentSettings, PubliqCall
from app.settings.uit import uit_settings_for_update
from tests.making import allow_insz, make_customer, make_person
from tests.queries import count_queries
from tests.signing_in import make_account

JADE, GEORGES, BLOCKED = "0900010959113", "0900000067513", "0900000002312"
OLD_CARD, WITH_MESSAGE = "0910000001602", "0910000000711"


@pytest.fixture(autouse=True)
def _connected(app):
    with write_transaction() as session:
        uit_settings_for_update().active_environment = Environment.SANDBOX
        session.add(
            EnvironmentSettings(
                environment=Environment.SANDBOX, client_id="demo", client_secret="demo"
            )
        )


def _persons(*numbers):
    family = make_customer()
    return [
        make_person(family, f"Kind {place}", uitpas_number=number).id
        for place, number in enumerate(numbers)
    ]


def _fault(sandbox_url, kind, count=1, **fields):
    fault = {"operation": "GET /passes", "kind": kind, "count": count, **fields}
    requests.post(f"{sandbox_url}/sandbox/storingen", json=fault, timeout=5).raise_for_status()


def _asked():
    return db.session.scalar(
        select(func.count(PubliqCall.id)).where(PubliqCall.operation == "get-passes")
    )


def _states(run_id):
    db.session.expire_all()
    return [item.state.value for item in items_of(run_id)]


def test_each_person_gets_an_outcome_of_their_own(app):
    run_id = start_run(_persons(JADE, BLOCKED, OLD_CARD, WITH_MESSAGE))
    assert tally_of(run_id).ended == 0
    assert sweep_pass_checks() == 4
    items = items_of(run_id)
    assert [item.state.value for item in items] == ["done", "failed", "done", "done"]
    assert items[0].person.tariff_status is TariffStatus.ACTIVE
    assert items[1].messages == [
        ["", "Deze UiTPAS is geblokkeerd. Neem contact op met je UiTPAS-balie."]
    ]
    assert items[2].sentence == "UiTPAS gaf een nieuw nummer: 0910 ••• ••• 719."
    assert items[3].messages[0][0] == "WARN"
    tally = tally_of(run_id)
    assert (tally.total, tally.done, tally.failed, tally.is_over) == (4, 3, 1, True)


def test_only_who_has_a_number_is_asked_and_each_once(app):
    with_number = _persons(JADE)
    without = make_person(make_customer("A", "B"), "Zonder").id
    run_id = start_run([*with_number, without, *with_number, 999])
    assert [item.person_id for item in items_of(run_id)] == with_number


def test_a_run_of_nobody_or_of_too_many_is_refused(app, monkeypatch):
    with pytest.raises(PersonRefused) as refused:
        start_run([make_person(make_customer(), "Zonder").id])
    assert "minstens één persoon" in refused.value.problems[0].sentence
    monkeypatch.setattr(pass_checks, "MOST_PERSONS", 1)
    with pytest.raises(PersonRefused) as refused:
        start_run(_persons(JADE, GEORGES))
    assert "hoogstens 1 personen" in refused.value.problems[0].sentence
    without = [make_person(make_customer(), "Zonder").id for _ in range(2)]
    assert len(items_of(start_run([*without, *_persons(JADE)]))) == 1


def test_without_answer_a_person_is_asked_again_later_and_then_given_up(app, sandbox_url):
    _fault(sandbox_url, "plat", count=None)
    run_id = start_run(_persons(JADE))
    moments = []
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(pass_checks.MOST_TRIES):
            assert tally_of(run_id).ended == 0
            sweep_pass_checks()
            [item] = items_of(run_id)
            moments.append((item.next_try_at - now()).total_seconds())
            clock.shift(timedelta(minutes=10))
            db.session.expire_all()
    assert moments[:4] == [30, 60, 120, 240]
    assert _states(run_id) == ["failed"]
    assert "UiTPAS antwoordt nu niet." in items_of(run_id)[0].sentence
    requests.post(f"{sandbox_url}/sandbox/storingen/alles-uit", json={}, timeout=5)
    assert try_failed_again(run_id) == 1
    sweep_pass_checks()
    assert _states(run_id) == ["done"]


def test_when_uitpas_is_too_busy_everybody_waits(app, sandbox_url):
    _fault(sandbox_url, "te-vaak", count=None)
    run_id = start_run(_persons(*[JADE] * 9))
    sweep_pass_checks()
    asked = _asked()
    assert asked <= pass_checks.AT_ONCE * 3  # the client itself repeats a question that is harmless
    assert _states(run_id) == ["waiting"] * 9
    sweep_pass_checks()
    assert _asked() == asked
    requests.post(f"{sandbox_url}/sandbox/storingen/alles-uit", json={}, timeout=5)
    with time_machine.travel(now() + timedelta(minutes=20)):
        sweep_pass_checks()
    assert _states(run_id) == ["done"] * 9


def test_a_worker_that_is_killed_loses_nobody(app, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_args):
        raise Killed

    run_id = start_run(_persons(JADE, GEORGES))
    with monkeypatch.context() as patch:
        patch.setattr(pass_checks, "_write", die)
        with pytest.raises(Killed):
            sweep_pass_checks()
    assert _states(run_id) == ["asking", "asking"]
    assert sweep_pass_checks() == 0  # another worker keeps off while the lease lasts
    with time_machine.travel(now() + pass_checks.LEASE + timedelta(seconds=1)):
        assert sweep_pass_checks() == 2
    assert _states(run_id) == ["done", "done"]


def test_a_person_on_whom_every_worker_breaks_is_given_up_and_keeps_nobody_else(app, monkeypatch):
    ids = _persons(JADE, GEORGES, WITH_MESSAGE)
    run_id = start_run(ids)
    really = pass_checks.check_pass

    def break_off(person_id, **options):
        if person_id == ids[0]:
            raise RuntimeError("a fault of ours")
        return really(person_id, **options)

    monkeypatch.setattr(pass_checks, "check_pass", break_off)
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(pass_checks.MOST_TRIES):
            with pytest.raises(RuntimeError):
                sweep_pass_checks()
            assert _states(run_id)[1:] == ["done", "done"]
            clock.shift(pass_checks.LEASE + timedelta(seconds=1))
        assert sweep_pass_checks() == 0
    assert _states(run_id) == ["failed", "done", "done"]
    assert items_of(run_id)[0].sentence.startswith("Dit lukte niet door een fout bij ons.")


def test_a_person_who_left_meanwhile_is_no_longer_in_the_run(app):
    ids = _persons(JADE, GEORGES)
    run_id = start_run(ids)
    with write_transaction() as session:
        session.delete(session.get_one(PassCheckItem, items_of(run_id)[0].id).person)
    assert sweep_pass_checks() == 1
    assert [item.person_id for item in items_of(run_id)] == ids[1:]


def test_nothing_is_asked_while_the_module_is_off(app):
    run_id = start_run(_persons(JADE))
    with write_transaction():
        uit_settings_for_update().uitpas_on = False
    assert sweep_pass_checks() == 0
    assert _states(run_id) == ["waiting"]


def test_the_calls_are_in_the_name_of_who_started_the_run(app):
    account = make_account("hanne@gemeente.example", ["cashier"])
    set_actor(account.id, "Hanne")
    run_id = start_run(_persons(JADE, GEORGES))
    clear_actor()
    assert jobs.run_job("pass-checks")
    calls = db.session.scalars(select(PubliqCall).where(PubliqCall.operation == "get-passes"))
    assert {call.account_name for call in calls} == {"Hanne"}
    assert _states(run_id) == ["done", "done"]
    assert PassCheckState.DONE is items_of(run_id)[0].state


def test_looking_at_a_run_asks_no_more_for_more_persons(app):
    few, many = start_run(_persons(JADE)), start_run(_persons(*[JADE] * 30))
    with count_queries() as for_one:
        assert [item.person.customer.name for item in items_of(few)] == ["Sofie Peeters"]
    db.session.expire_all()
    with count_queries() as for_thirty:
        assert len({item.person.customer.name for item in items_of(many)}) == 1
    assert len(for_thirty) <= len(for_one)


def test_a_register_number_that_no_key_reads_keeps_nobody_from_an_answer(app):
    allow_insz()
    ids = _persons(JADE, GEORGES, WITH_MESSAGE)
    with write_transaction() as session:
        session.execute(text("UPDATE person SET insz = 'x' WHERE id = :id"), {"id": ids[1]})
    run_id = start_run(ids)
    sweep_pass_checks()
    assert _states(run_id) == ["done", "done", "done"]


def test_who_lost_the_number_meanwhile_is_told_so(app):
    ids = _persons(JADE)
    run_id = start_run(ids)
    with write_transaction() as session:
        session.get_one(Person, ids[0]).uitpas_number = None
    sweep_pass_checks()
    assert items_of(run_id)[0].sentence == "Er staat geen UiTPAS-nummer meer bij deze persoon."
