"""The demo municipality: what stands in the database after filling it, once or more often."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from flask import Flask
from sqlalchemy import func, select

from app.activities.models import (
    Activity,
    ActivityState,
    ActivityType,
    Module,
    PlacePool,
    Series,
    UitStatus,
)
from app.demo import PASSWORD, SIGN_INS, families, fill_demo, programme, registrations
from app.demo.choices import TEST_ORGANIZER, TEST_PLACE
from app.demo.families import PARENT
from app.demo.fill import ALREADY, NOT_EMPTY
from app.extensions import Base, db, end_read
from app.people.accounts import sign_in
from app.people.models import Customer, Person, Role, TariffStatus
from app.people.passes import PassOutcome, look_up_pass_by_insz
from app.sales.models import Basket, BasketState, LineState, Order, OrderLine, OrderState
from app.settings.models import OrganizerPermission
from app.uitdatabank.models import EventLink, LinkState, UitProfile
from app.uitpas.models import EntryState, UitpasEntry
from tests.conftest import make_application
from tests.making import make_customer


@pytest.fixture(autouse=True)
def _uitpas_is_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registrations, "UITPAS_MOMENT", 0.01)


@pytest.fixture(scope="module")
def filled_application(
    _sandbox_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An application whose database was filled once, for tests that mostly read."""
    folder = tmp_path_factory.mktemp("demo")
    requests.post(f"{_sandbox_server}/sandbox/opnieuw", timeout=10)
    application = make_application(f"sqlite:///{folder / 'loket.sqlite'}", folder, _sandbox_server)
    with application.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(registrations, "UITPAS_MOMENT", 0.01)
        fill_demo()
        db.session.remove()
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def filled(filled_application: Flask) -> Iterator[Flask]:
    with filled_application.app_context():
        yield filled_application
        db.session.remove()


def rows_per_table() -> dict[str, int]:
    counts = {
        table.name: db.session.scalar(select(func.count()).select_from(table))
        for table in Base.metadata.sorted_tables
    }
    end_read()
    return counts


def statuses() -> Counter[UitStatus]:
    return Counter(db.session.scalars(select(Activity.uit_status)))


def places_add_up() -> bool:
    rows = db.session.execute(
        select(OrderLine.pool_id, func.count())
        .join(Order)
        .where(OrderLine.state == LineState.LIVE, Order.state == OrderState.CONFIRMED)
        .group_by(OrderLine.pool_id)
    )
    live = dict(rows.all())
    pools = db.session.execute(select(PlacePool.id, PlacePool.taken)).all()
    return all(taken == live.get(pool_id, 0) for pool_id, taken in pools)


def test_the_demo_fills_an_empty_database_and_a_second_run_changes_nothing(app: Flask) -> None:
    said = fill_demo()
    assert not [sentence for sentence in said if "niet" in sentence], said
    assert db.session.scalar(select(func.count(ActivityType.id))) == 6
    assert db.session.scalar(select(func.count(Activity.id))) == 40
    assert db.session.scalar(select(func.count(Customer.id))) == 12
    assert db.session.scalar(select(func.count(Series.id))) == 2
    assert statuses() == {
        UitStatus.PUBLISHED: 18,
        UitStatus.CHANGED: 3,
        UitStatus.COMPLETE: 10,
        UitStatus.INCOMPLETE: 5,
        UitStatus.NOT_APPLICABLE: 4,
    }
    states = Counter(db.session.scalars(select(Activity.state)))
    assert states[ActivityState.CANCELLED] == 1
    assert states[ActivityState.DRAFT] >= 3
    modules = set(db.session.scalars(select(ActivityType.module)))
    assert modules == {Module.REGISTRATION, Module.TICKETING}

    lines = db.session.scalars(select(OrderLine)).all()
    assert len(lines) >= 40
    assert sum(line.benefit_kind is not None for line in lines) >= 6
    assert [line.state for line in lines].count(LineState.CANCELLED) == 1
    assert set(db.session.scalars(select(Order.state))) == {OrderState.CONFIRMED}
    assert set(db.session.scalars(select(UitpasEntry.state))) == {EntryState.REGISTERED}
    assert places_add_up()
    left = [pool.left for pool in db.session.scalars(select(PlacePool)) if pool.taken]
    assert left.count(0) == 1
    assert left.count(1) >= 3

    before = rows_per_table()
    assert fill_demo() == [ALREADY]
    assert rows_per_table() == before


def test_the_parent_of_the_demo_can_show_each_case_of_a_uitpas(filled: Flask) -> None:
    parent = db.session.scalars(select(Customer).where(Customer.email == PARENT)).one()
    children = {person.first_name: person for person in parent.persons}
    assert children["Noah"].insz
    assert children["Noah"].uitpas_number is None
    assert children["Fien"].insz is None
    assert children["Fien"].uitpas_number is None
    assert children["Tuur"].tariff_status is TariffStatus.EXPIRED
    assert children["Mira"].tariff_status is TariffStatus.ACTIVE
    noah_id = children["Noah"].id
    end_read()
    assert look_up_pass_by_insz(noah_id).outcome is PassOutcome.FOUND
    assert db.session.get_one(Person, noah_id).tariff_status is TariffStatus.ACTIVE


def test_everybody_of_the_demo_can_sign_in(filled: Flask) -> None:
    roles = {}
    for email, _what in SIGN_INS:
        account = sign_in(email, PASSWORD, "127.0.0.1").account
        roles[email.split("@")[0]] = account.roles
    assert roles == {
        "beheer": {Role.ADMIN},
        "kassa": {Role.CASHIER},
        "monitor": {Role.MONITOR},
        "ouder": frozenset(),
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_run_that_was_interrupted_is_completed_by_the_next(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, step in (
        (programme, "create_activity"),
        (programme, "publish"),
        (families, "add_person"),
        (families, "check_pass"),
        (registrations, "add_to_basket"),
        (registrations, "finish"),
        (registrations, "register_payment"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, step, _stops_the_fifth_time(getattr(module, step)))
            with pytest.raises(KeyboardInterrupt):
                fill_demo()
        db.session.remove()
    fill_demo()
    assert db.session.scalar(select(func.count(Activity.id))) == 40
    assert db.session.scalar(select(func.count(Customer.id))) == 12
    assert statuses()[UitStatus.PUBLISHED] == 18
    persons_and_activities = db.session.execute(
        select(OrderLine.person_id, OrderLine.activity_id)
    ).all()
    wished = [line for wish in registrations.WISHES for line in wish.lines]
    assert len(set(persons_and_activities)) == len(persons_and_activities) == len(wished)
    open_baskets = select(Basket).where(Basket.state == BasketState.OPEN)
    assert not any(basket.lines for basket in db.session.scalars(open_baskets))
    assert places_add_up()


def _stops_the_fifth_time(real: Callable[..., object]) -> Callable[..., object]:
    calls = []

    def step(*args: object, **kwargs: object) -> object:
        calls.append(args)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    return step


def test_a_database_of_somebody_else_is_left_alone(app: Flask) -> None:
    make_customer()
    before = rows_per_table()
    assert fill_demo() == [NOT_EMPTY]
    assert rows_per_table() == before


def test_organizers_and_places_are_those_that_publiq_names(filled: Flask) -> None:
    allowed = set(db.session.scalars(select(OrganizerPermission.organizer_id)))
    links = db.session.scalars(select(EventLink)).all()
    assert {link.state for link in links} == {LinkState.PUBLISHED}
    assert {link.organizer_id for link in links} <= allowed
    assert all(link.organizer_is_uitpas for link in links)


def test_without_publiq_the_demo_is_filled_all_the_same(tmp_path: Path) -> None:
    application = make_application(
        f"sqlite:///{tmp_path / 'loket.sqlite'}", tmp_path, "http://127.0.0.1:9"
    )
    with application.app_context():
        said = fill_demo()
        assert any("verbinding met de oefenomgeving lukte niet" in sentence for sentence in said)
        assert db.session.scalar(select(func.count(Activity.id))) == 40
        assert db.session.scalar(select(func.count(OrderLine.id))) >= 40
        assert statuses()[UitStatus.PUBLISHED] == 0
        of_activities = select(UitProfile).where(UitProfile.activity_id.is_not(None))
        profiles = db.session.scalars(of_activities).all()
        assert {profile.organizer_id for profile in profiles} == {TEST_ORGANIZER, ""}
        assert {profile.location_id for profile in profiles} == {TEST_PLACE, ""}
        db.session.remove()
        db.engine.dispose()
