"""The demo municipality: what stands in the database after filling it, once or more often."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
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
from app.demo import (
    PASSWORD,
    SIGN_INS,
    at_uitpas,
    by_hand,
    families,
    fill_demo,
    groups,
    programme,
    registrations,
    summer,
)
from app.demo.choices import TEST_ORGANIZER, TEST_PLACE
from app.demo.families import PARENT
from app.demo.fill import ALREADY, NOT_EMPTY
from app.extensions import Base, db, end_read
from app.people.accounts import sign_in
from app.people.models import Customer, Person, Role, TariffStatus
from app.people.passes import PassOutcome, look_up_pass_by_insz
from app.sales.models import Basket, BasketState, LineState, Order, OrderLine, OrderState
from app.settings.models import OrganizerPermission
from app.uitdatabank.models import (
    EventLink,
    LinkState,
    PublicationItem,
    PublicationRun,
    UitProfile,
)
from app.uitpas.models import EntryState, UitpasEntry
from tests.conftest import make_application
from tests.making import make_customer


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
        .where(
            OrderLine.state == LineState.LIVE,
            Order.state.in_([OrderState.OPEN, OrderState.CONFIRMED]),
        )
        .group_by(OrderLine.pool_id)
    )
    live = dict(rows.all())
    pools = db.session.execute(select(PlacePool.id, PlacePool.taken)).all()
    return all(taken == live.get(pool_id, 0) for pool_id, taken in pools)


def activity_id_of(title: str) -> int:
    """The id of the demo's activity of this title."""
    return programme.activity_ids()[title]


def test_the_demo_fills_an_empty_database_and_a_second_run_changes_nothing(bundled: Flask) -> None:
    said = fill_demo()
    assert not [sentence for sentence in said if "niet" in sentence], said
    assert db.session.scalar(select(func.count(ActivityType.id))) == 7
    assert db.session.scalar(select(func.count(Activity.id))) == 49
    assert db.session.scalar(select(func.count(Customer.id))) == 17
    assert db.session.scalar(select(func.count(Series.id))) == 3
    assert statuses() == {
        UitStatus.PUBLISHED: 28,
        UitStatus.CHANGED: 3,
        UitStatus.COMPLETE: 9,
        UitStatus.INCOMPLETE: 5,
        UitStatus.NOT_APPLICABLE: 4,
    }
    states = Counter(db.session.scalars(select(Activity.state)))
    assert states[ActivityState.CANCELLED] == 2
    assert states[ActivityState.POSTPONED] == 1
    assert states[ActivityState.DRAFT] >= 3
    modules = set(db.session.scalars(select(ActivityType.module)))
    assert modules == {Module.REGISTRATION, Module.TICKETING}

    lines = db.session.scalars(select(OrderLine)).all()
    assert len(lines) >= 40
    assert sum(line.benefit_kind is not None for line in lines) >= 6
    assert [line.state for line in lines].count(LineState.CANCELLED) == 3
    orders = Counter(db.session.scalars(select(Order.state)))
    assert (orders[OrderState.OPEN], orders[OrderState.LAPSED]) == (1, 1)
    entries = Counter(db.session.scalars(select(UitpasEntry.state)))
    assert entries[EntryState.REGISTERED] >= 6
    assert [
        entries[state] for state in (EntryState.UNKNOWN, EntryState.REFUSED, EntryState.CANCELLED)
    ] == [1, 1, 1]
    assert places_add_up()
    left = [pool.left for pool in db.session.scalars(select(PlacePool)) if pool.taken]
    assert left.count(0) == 2
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
    bundled: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, step, time in (
        (programme, "create_activity", 5),
        (summer, "create_series", 1),
        (summer, "apply_change", 1),
        (programme, "publish", 5),
        (summer, "start_run", 1),
        (summer, "publish_due_items", 2),
        (families, "add_person", 5),
        (families, "check_pass", 5),
        (registrations, "add_to_basket", 5),
        (registrations, "finish", 5),
        (registrations, "register_payment", 5),
        (by_hand, "heal", 1),
        (at_uitpas, "audit_event", 1),
        (groups, "save_group", 2),
        (summer, "push_availability", 1),
        (by_hand, "delete_place", 1),
        (summer, "check_with_publiq", 1),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, step, _stops(getattr(module, step), time))
            with pytest.raises(KeyboardInterrupt):
                fill_demo()
        db.session.remove()
    fill_demo()
    assert db.session.scalar(select(func.count(Activity.id))) == 49
    assert db.session.scalar(select(func.count(Customer.id))) == 17
    assert statuses()[UitStatus.PUBLISHED] == 28
    assert db.session.scalar(select(func.count(PublicationRun.id))) == 2
    assert db.session.scalar(select(func.count(PublicationItem.id))) == 8 + 5
    persons_and_activities = db.session.execute(
        select(OrderLine.person_id, OrderLine.activity_id)
    ).all()
    wished = [line for wish in registrations.WISHES for line in wish.lines]
    assert len(set(persons_and_activities)) == len(persons_and_activities) == len(wished)
    open_baskets = select(Basket).where(Basket.state == BasketState.OPEN)
    assert not any(basket.lines for basket in db.session.scalars(open_baskets))
    assert places_add_up()


def _stops(real: Callable[..., object], time: int) -> Callable[..., object]:
    calls = []

    def step(*args: object, **kwargs: object) -> object:
        calls.append(args)
        if len(calls) == time:
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
        assert db.session.scalar(select(func.count(Activity.id))) == 49
        assert db.session.scalar(select(func.count(OrderLine.id))) >= 40
        assert statuses()[UitStatus.PUBLISHED] == 0
        of_activities = select(UitProfile).where(UitProfile.activity_id.is_not(None))
        profiles = db.session.scalars(of_activities).all()
        assert {profile.organizer_id for profile in profiles} == {TEST_ORGANIZER, ""}
        assert {profile.location_id for profile in profiles} == {TEST_PLACE, ""}
        db.session.remove()
        db.engine.dispose()
