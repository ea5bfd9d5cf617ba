"""What publiq no longer has is replaced everywhere in one go (D13)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app.activities.models import Activity, UitStatus
from app.clock import now
from app.extensions import db, write_transaction
from app.settings.models import AuditEntry, Environment
from app.uitdatabank.models import (
    EventLink,
    ReferenceKind,
    ReferenceState,
    UitProfile,
    UitReference,
)
from app.uitdatabank.profiles import ChosenLocation, ChosenOrganizer
from app.uitdatabank.publishing import publish
from app.uitdatabank.references_in_use import (
    count_gone,
    gone_references,
    references_in_use,
    replace_reference,
)
from tests.making import make_type
from tests.queries import count_queries
from tests.uitdatabank.support import BOOMHUT, connect, organizer_id, place_id, ready_activity

LORK = ChosenLocation(place_id("Sporthal De Lork"), "Sporthal De Lork", "Sportstraat 21")
OTHER = ChosenOrganizer(organizer_id("Jeugddienst Zonnewende"), "Jeugddienst Zonnewende", True)
HERE = Environment.SANDBOX


@pytest.fixture(autouse=True)
def _connected(app):
    connect()


def is_gone(publiq_id, kind=ReferenceKind.PLACE, state=ReferenceState.GONE, successor=""):
    with write_transaction() as session:
        session.merge(
            UitReference(
                environment=HERE,
                kind=kind,
                publiq_id=publiq_id,
                state=state,
                successor_id=successor,
            )
        )


def type_profile(**fields):
    kind = make_type()
    with write_transaction() as session:
        session.add(UitProfile(activity_type_id=kind.id, environment=HERE, **fields))
    return kind


def profile(activity):
    return db.session.scalar(select(UitProfile).where(UitProfile.activity_id == activity.id))


def status(activity):
    return db.session.scalar(select(Activity.uit_status).where(Activity.id == activity.id))


def over(activity):
    with write_transaction() as session:
        session.execute(
            update(Activity)
            .where(Activity.id == activity.id)
            .values(last_end=now() - timedelta(days=1))
        )


def test_it_is_counted_where_it_is_used(app):
    type_profile(location_id=place_id(), location_name=BOOMHUT)
    first, _second, past = (ready_activity(name) for name in ("A", "B", "C"))
    publish(first.id)
    over(past)
    is_gone(place_id())
    (found,) = gone_references(HERE)
    assert (found.name, found.types, found.activities, found.published) == (BOOMHUT, 1, 2, 1)
    assert count_gone(HERE) == 1
    assert gone_references(Environment.TEST) == [] and count_gone(Environment.TEST) == 0


def test_what_nobody_uses_is_not_listed(app):
    is_gone("00000000-0000-0000-0000-000000000001")
    over(ready_activity())
    is_gone(place_id())
    assert gone_references(HERE) == [] and count_gone(HERE) == 0


def test_one_go_replaces_it_in_types_and_activities_with_statuses_and_one_entry(app):
    kind = type_profile(location_id=place_id(), location_name=BOOMHUT)
    published, other, past = (ready_activity(name) for name in ("A", "B", "C"))
    publish(published.id)
    over(past)
    is_gone(place_id(), state=ReferenceState.MERGED, successor=LORK.id)
    done = replace_reference(HERE, ReferenceKind.PLACE, place_id(), LORK)
    assert (done.types, sorted(done.activity_ids)) == (1, [published.id, other.id])
    assert done.published_ids == [published.id]
    assert profile(published).location_name == profile(other).location_name == LORK.name
    assert profile(published).version == 2, "a clerk who has the tab open is told"
    assert profile(past).location_id == place_id()
    of_type = db.session.scalar(select(UitProfile).where(UitProfile.activity_type_id == kind.id))
    assert of_type.location_id == LORK.id
    assert status(published) is UitStatus.CHANGED and status(other) is UitStatus.COMPLETE
    entries = select(AuditEntry).where(AuditEntry.action == "locatie overal vervangen")
    (entry,) = db.session.scalars(entries)
    assert entry.subject_label == BOOMHUT
    assert gone_references(HERE) == []


def test_activities_with_uitpas_sales_keep_their_organizer(app):
    sold, free = ready_activity("A"), ready_activity("B")
    publish(sold.id)
    with write_transaction() as session:
        session.execute(update(EventLink).values(organizer_fixed_at=now()))
    is_gone(organizer_id(), kind=ReferenceKind.ORGANIZER)
    done = replace_reference(HERE, ReferenceKind.ORGANIZER, organizer_id(), OTHER)
    assert (done.activity_ids, done.kept) == ([free.id], 1)
    assert profile(sold).organizer_id == organizer_id()
    assert profile(free).organizer_name == OTHER.name


def test_those_in_use_are_listed_once_in_every_environment(app):
    ready_activity("A")
    ready_activity("B", profile={"environment": Environment.TEST, "location_id": LORK.id})
    found = {(one.environment, one.kind, one.publiq_id) for one in references_in_use()}
    assert found == {
        (HERE, ReferenceKind.PLACE, place_id()),
        (HERE, ReferenceKind.ORGANIZER, organizer_id()),
        (Environment.TEST, ReferenceKind.PLACE, LORK.id),
        (Environment.TEST, ReferenceKind.ORGANIZER, organizer_id()),
    }


def test_the_list_takes_as_many_queries_however_many_there_are(app):
    ready_activity("A")
    is_gone(place_id())
    db.session.rollback()
    with count_queries() as few:
        gone_references(HERE)
    for number in range(5):
        other = f"00000000-0000-4000-8000-00000000000{number}"
        ready_activity(f"B{number}", profile={"location_id": other})
        is_gone(other)
    db.session.rollback()
    with count_queries() as many:
        assert len(gone_references(HERE)) == 6
    assert len(many) == len(few) <= 3
