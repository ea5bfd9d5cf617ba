"""What is kept of persons is forgotten after its term; the terms are settings."""

from datetime import timedelta

import pytest
import time_machine

from app.clock import months_ago, now
from app.extensions import db, write_transaction
from app.people import insz as insz_module
from app.people import retention
from app.people.insz import count_insz, erase_every_insz, find_by_insz, note_insz_use, reveal_insz
from app.people.models import PassCheckRun, Person, TariffStatus
from app.people.problems import PersonRefused
from app.people.retention import forget_old_runs, forget_old_tariffs, forget_unused_insz
from app.settings.models import AuditEntry
from tests.making import allow_insz, make_customer, make_person, utc

INSZ, OTHER, THIRD = "08091860684", "12100509509", "15021760024"
JADE = "0900010959113"


@pytest.fixture(autouse=True)
def _register_numbers_may_be_used(app):
    allow_insz()


def _left():
    db.session.expire_all()
    return {person.first_name: person.insz for person in db.session.query(Person)}


def test_a_register_number_is_forgotten_two_years_after_its_last_use(app):
    family = make_customer()
    with time_machine.travel(utc(2026, 1, 10)):
        make_person(family, "Vergeten", insz=INSZ, uitpas_number=JADE)
        used = make_person(family, "Gebruikt", insz=OTHER)
    with time_machine.travel(utc(2026, 3, 1)):
        note_insz_use(used.id)
    with time_machine.travel(utc(2028, 1, 9)):
        assert forget_unused_insz() == 0
    with time_machine.travel(utc(2028, 1, 11)):
        assert forget_unused_insz() == 1
        assert _left() == {"Vergeten": None, "Gebruikt": OTHER}
    forgotten = db.session.query(Person).filter_by(first_name="Vergeten").one()
    assert (forgotten.insz_fingerprint, forgotten.insz_used_at) == (None, None)
    assert forgotten.uitpas_number == JADE


def test_showing_a_register_number_is_a_use_too(app):
    with time_machine.travel(utc(2026, 1, 10)):
        person = make_person(make_customer(), insz=INSZ)
    with time_machine.travel(utc(2027, 1, 10)):
        assert reveal_insz(person.id, "navraag") == INSZ
    with time_machine.travel(utc(2028, 2, 1)):
        assert forget_unused_insz() == 0


def test_a_use_is_noted_once_a_day(app):
    with time_machine.travel(utc(2026, 1, 10), tick=False):
        person = make_person(make_customer(), insz=INSZ)
    with time_machine.travel(utc(2026, 1, 10, 5), tick=False):
        note_insz_use(person.id)
        db.session.expire_all()
        assert person.insz_used_at == utc(2026, 1, 10)
    with time_machine.travel(utc(2026, 1, 11, 5), tick=False):
        note_insz_use(person.id)
        db.session.expire_all()
        assert person.insz_used_at == utc(2026, 1, 11, 5)


def test_the_status_of_a_tariff_is_forgotten_after_three_months(app):
    family = make_customer()
    with time_machine.travel(utc(2026, 11, 30)):
        old = make_person(
            family,
            uitpas_number=JADE,
            is_group_pass=True,
            tariff_status=TariffStatus.ACTIVE,
            tariff_until=now(),
            tariff_checked_at=now(),
        )
    # three calendar months before 28 February is 28 November
    with time_machine.travel(utc(2027, 2, 28)):
        assert months_ago(3) == utc(2026, 11, 28)
        assert forget_old_tariffs() == 0
    with time_machine.travel(utc(2027, 3, 1)):
        assert forget_old_tariffs() == 1
    db.session.expire_all()
    assert (old.tariff_status, old.tariff_until, old.tariff_checked_at) == (
        TariffStatus.UNKNOWN,
        None,
        None,
    )
    assert (old.uitpas_number, old.is_group_pass) == (JADE, True)


def test_many_are_forgotten_in_batches(app, monkeypatch):
    monkeypatch.setattr(insz_module, "BATCH", 2)
    monkeypatch.setattr(retention, "BATCH", 2)
    with time_machine.travel(utc(2020, 1, 1)):
        for number in (INSZ, OTHER, THIRD, "91063061055", "83030201540"):
            make_person(make_customer(), insz=number, tariff_checked_at=now())
    assert (forget_unused_insz(), forget_old_tariffs()) == (5, 5)


def test_old_runs_are_forgotten(app):
    with write_transaction() as session:
        session.add(PassCheckRun(created_at=now() - timedelta(days=31)))
        session.add(PassCheckRun())
    assert forget_old_runs() == 1
    assert forget_old_runs() == 0


def test_all_register_numbers_can_be_erased_at_once(app):
    make_person(make_customer(), "A", insz=INSZ, uitpas_number=JADE)
    make_person(make_customer(), "B", insz=OTHER)
    assert count_insz() == 2
    assert erase_every_insz() == 2
    assert _left() == {"A": None, "B": None}
    [entry] = db.session.query(AuditEntry)
    assert (entry.action, entry.detail) == ("rijksregisternummers gewist", {"aantal": 2})
    assert erase_every_insz() == 0


def test_an_exact_search_finds_everybody_with_a_register_number_and_is_written_down(app):
    first = make_person(make_customer("An", "Een"), "Jade", insz=INSZ)
    second = make_person(make_customer("Bo", "Twee"), "Jade", insz=INSZ)
    assert {person.id for person in find_by_insz("08.09.18-606.84")} == {first.id, second.id}
    assert find_by_insz(OTHER) == []
    entries = db.session.query(AuditEntry).order_by(AuditEntry.id).all()
    assert [entry.subject_id for entry in entries] == [str(first.id), str(second.id), ""]
    assert INSZ not in "".join(f"{e.action}{e.subject_label}{e.detail}{e.reason}" for e in entries)
    for wrong, sentence in (("", "Vul het rijksregisternummer in"), ("0809186068", "telt 10")):
        with pytest.raises(PersonRefused) as refused:
            find_by_insz(wrong)
        assert sentence in refused.value.problems[0].sentence


def test_nothing_is_found_or_shown_while_register_numbers_are_switched_off(app):
    person = make_person(make_customer(), "Jade", insz=INSZ)
    allow_insz("")
    assert find_by_insz(INSZ) == []
    assert reveal_insz(person.id, "navraag") is None
    assert count_insz() == 1
