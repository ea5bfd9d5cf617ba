"""Looking up several passes at once, and never inside a transaction (R2)."""

import pytest
import requests
from sqlalchemy import select

from app.extensions import db, in_transaction, write_transaction
from app.people.models import Person, TariffStatus
from app.people.passes import PassOutcome, check_pass, find_missing_numbers, look_up_pass_by_insz
from app.settings.models import Environment, EnvironmentSettings, PubliqCall
from app.settings.uit import uit_settings_for_update
from tests.making import allow_insz, make_customer, make_person

JADE, JADE_INSZ = "0900010959113", "08091860684"


@pytest.fixture(autouse=True)
def _register_numbers_may_be_used(app):
    allow_insz()


@pytest.fixture
def connected(app):
    """The sandbox is publiq."""
    with write_transaction() as session:
        uit_settings_for_update().active_environment = Environment.SANDBOX
        session.add(
            EnvironmentSettings(
                environment=Environment.SANDBOX, client_id="demo", client_secret="demo"
            )
        )


def test_missing_numbers_are_found_together_and_each_gets_its_own_answer(connected):
    family = make_customer()
    jade = make_person(family, "Jade", insz=JADE_INSZ)
    tom = make_person(family, "Tom", insz="91063061055")
    blocked = make_person(family, "Mohamed", insz="71030360442")
    other = make_person(family, "Wout", insz="15021760024")
    without = make_person(family, "Lou")
    has_one = make_person(family, "Mia", uitpas_number="0900000095902")
    ids = {p.first_name: p.id for p in (jade, tom, blocked, other, without, has_one)}
    found = find_missing_numbers(ids.values())
    assert {name: found[key].outcome for name, key in ids.items()} == {
        "Jade": PassOutcome.FOUND,
        "Tom": PassOutcome.FOUND,
        "Mohamed": PassOutcome.BLOCKED,
        "Wout": PassOutcome.NAME_DIFFERS,
        "Lou": PassOutcome.NO_INSZ,
        "Mia": PassOutcome.FOUND,
    }
    assert (found[ids["Jade"]].number, found[ids["Mia"]].number) == (JADE, "0900000095902")
    db.session.expire_all()
    assert (jade.uitpas_number, tom.uitpas_number) == (JADE, "0900011902815")
    assert other.uitpas_number is None and blocked.uitpas_number is None


def test_nobody_is_asked_twice_who_has_a_number(connected):
    person = make_person(make_customer(), "Jade", uitpas_number=JADE, insz=JADE_INSZ)
    find_missing_numbers([person.id])
    assert db.session.scalars(select(PubliqCall)).all() == []


def test_one_failure_does_not_hinder_the_others(connected, sandbox_url):
    fault = {"operation": "GET /passes", "kind": "plat", "count": 1}
    requests.post(f"{sandbox_url}/sandbox/storingen", json=fault, timeout=5)
    family = make_customer()
    ids = [
        make_person(family, "Jade", insz=JADE_INSZ).id,
        make_person(family, "Tom", insz="91063061055").id,
    ]
    outcomes = [answer.outcome for answer in find_missing_numbers(ids).values()]
    assert sorted(outcomes) in (["found", "unreachable"], ["found", "found"])


def test_a_client_without_the_right_is_told_apart_from_silence(connected, sandbox_url):
    fault = {"operation": "GET /passes", "kind": "geweigerd", "problem": "auth/forbidden"}
    requests.post(f"{sandbox_url}/sandbox/storingen", json=fault, timeout=5)
    person = make_person(make_customer(), "Jade", insz=JADE_INSZ)
    answer = look_up_pass_by_insz(person.id)
    assert answer.outcome == "forbidden"
    assert answer.sentence.startswith("We kunnen bij UiTPAS nu geen nummers opzoeken.")


def test_checking_keeps_the_status_and_leaves_no_transaction_open(connected):
    person = make_person(make_customer(), "Jade", uitpas_number=JADE)
    assert check_pass(person.id).number == JADE
    assert not in_transaction()
    db.session.expire_all()
    assert person.tariff_status is TariffStatus.ACTIVE


def test_a_person_who_is_gone_has_no_pass(connected):
    assert look_up_pass_by_insz(999).outcome is PassOutcome.NO_INSZ
    assert check_pass(999).outcome is PassOutcome.NOT_FOUND
    assert find_missing_numbers([999]) == {}


def test_numbers_do_not_stand_in_what_might_be_logged(connected):
    person = make_person(make_customer(), "Jade", insz=JADE_INSZ)
    answer = look_up_pass_by_insz(person.id)
    assert answer.number == JADE and JADE not in repr(answer)
    assert db.session.get(Person, person.id) is not None
