"""One night: every term of the settings is kept at once, and what is younger stays (Privacy)."""

# ruff: noqa: F811 - a parameter names its fixture

from datetime import datetime, timedelta

import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.activities.models import Activity
from app.clock import months_ago, now
from app.extensions import db, write_transaction
from app.jobs import ALWAYS, run_job
from app.people.models import PassCheckRun, Person, TariffStatus
from app.sales.models import Basket, Order
from app.sales.retention import keep_terms
from app.settings.models import CallOutcome, Environment, PubliqCall
from app.settings.uit import uit_settings_for_update
from app.uitpas.models import UitpasEntry
from app.uitpas.retention import FORGOTTEN
from tests.making import allow_insz, make_customer, make_person
from tests.sales.conftest import (  # noqa: F401 - fixtures
    SOCIAL,
    Family,
    Publiq,
    camp,
    connected,
    family,
    publiq,
)
from tests.sales.selling import sell

INSZ, OTHER = "08091860684", "15021760024"
A_DAY = timedelta(days=1)
NOTHING = {"insz": 0, "look-ups": 0, "tariffs": 0, "runs": 0, "guest passes": 0, "baskets": 0}


def person(name: str, insz: str, used_at: datetime, checked_at: datetime) -> Person:
    """Somebody whose register number was last used then, and whose pass was asked about then."""
    made = make_person(
        make_customer(name, "Jansen"),
        name,
        insz=insz,
        uitpas_number=SOCIAL,
        tariff_status=TariffStatus.ACTIVE,
        tariff_until=now(),
    )
    with write_transaction() as session:
        session.execute(
            update(Person)
            .where(Person.id == made.id)
            .values(insz_used_at=used_at, tariff_checked_at=checked_at)
        )
    return made


def kept(one: Person) -> tuple[bool, bool, str | None]:
    """Whether its register number and its status are still there, and its pass number."""
    db.session.refresh(one)
    return (
        one.insz is not None and one.insz_fingerprint is not None,
        one.tariff_status is TariffStatus.ACTIVE and one.tariff_checked_at is not None,
        one.uitpas_number,
    )


def call(started_at: datetime) -> PubliqCall:
    return PubliqCall(
        started_at=started_at,
        environment=Environment.SANDBOX,
        duration_ms=1,
        operation="get-passes",
        method="GET",
        url="https://api.uitpas.example/passes",
        outcome=CallOutcome.OK,
    )


def test_one_night_keeps_every_term_and_a_second_night_finds_nothing(
    app: Flask, family: Family, camp: Activity
) -> None:
    allow_insz()
    sell(family, camp)  # of a guest, long ago
    with write_transaction() as session:
        session.execute(update(Order).values(customer_id=None, created_at=months_ago(13) - A_DAY))
        session.execute(update(Basket).values(created_at=months_ago(3) - A_DAY))
        session.add(PassCheckRun(created_at=now() - timedelta(days=31)))
        session.add(PassCheckRun(created_at=now() - timedelta(days=29)))
    old = person("Oud", INSZ, months_ago(24) - A_DAY, months_ago(3) - A_DAY)
    young = person("Jong", OTHER, months_ago(24) + A_DAY, months_ago(3) + A_DAY)
    assert run_job("privacy")
    assert kept(old) == (False, False, SOCIAL)
    assert kept(young) == (True, True, SOCIAL)
    assert db.session.scalars(select(UitpasEntry.uitpas_number)).all() == [FORGOTTEN]
    assert db.session.scalars(select(Basket)).all() == []
    assert len(db.session.scalars(select(PassCheckRun)).all()) == 1
    db.session.rollback()
    assert keep_terms() == NOTHING
    with time_machine.travel(now() + timedelta(days=2)):
        assert run_job("privacy")
        assert kept(young) == (False, False, SOCIAL)


def test_a_guest_of_last_year_keeps_the_number_until_the_term(
    app: Flask, family: Family, camp: Activity
) -> None:
    sell(family, camp)
    with write_transaction() as session:
        session.execute(update(Order).values(customer_id=None, created_at=months_ago(13) + A_DAY))
    assert run_job("privacy")
    assert db.session.scalars(select(UitpasEntry.uitpas_number)).all() == [SOCIAL]


def test_the_log_of_calls_is_kept_for_the_thirty_days_of_the_settings(app: Flask) -> None:
    with write_transaction() as session:
        session.add_all([call(now() - timedelta(days=31)), call(now() - timedelta(days=29))])
    assert run_job("call-log")
    assert len(db.session.scalars(select(PubliqCall)).all()) == 1
    with write_transaction():
        uit_settings_for_update().call_log_days = 7
    assert run_job("call-log")
    assert db.session.scalars(select(PubliqCall)).all() == []


def test_terms_are_kept_whatever_module_is_off(app: Flask) -> None:
    allow_insz()
    old = person("Oud", INSZ, months_ago(24) - A_DAY, months_ago(3) - A_DAY)
    with write_transaction():
        settings = uit_settings_for_update()
        settings.uitpas_on = settings.uitdatabank_on = False
    assert {"privacy", "call-log"} <= ALWAYS
    assert run_job("privacy")
    assert kept(old) == (False, False, SOCIAL)
