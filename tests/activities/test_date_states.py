"""Single dates that are cancelled or postponed, and what the whole then spans (C1)."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.activities.date_states import DateState, change_date, state_of_date
from app.activities.editing import (
    ActivityData,
    DateData,
    get_activity,
    set_state,
    update_activity,
)
from app.activities.models import ActivityState
from app.activities.problems import ActivityRefused
from app.activities.types import PriceData
from app.extensions import db
from app.settings.models import AuditEntry
from tests.making import days_from_now, make_activity

SPANS = [(days_from_now(day, 9), days_from_now(day, 16)) for day in (20, 21, 22)]


@pytest.fixture
def activity(app):
    return make_activity(dates=SPANS)


def stored(activity):
    db.session.rollback()
    return get_activity(activity.id)


def refusal(activity, date, wanted, reason="Ziek"):
    with pytest.raises(ActivityRefused) as refused:
        change_date(activity.id, date.id, wanted, reason)
    (problem,) = refused.value.problems
    return problem


def test_a_cancelled_date_keeps_its_reason_and_leaves_the_span(activity):
    version = activity.version
    change_date(activity.id, activity.dates[0].id, DateState.CANCELLED, " Lesgever ziek ")
    found = stored(activity)
    assert state_of_date(found.dates[0]) is DateState.CANCELLED
    assert found.dates[0].status_reason == "Lesgever ziek"
    assert (found.first_start, found.last_end) == (SPANS[1][0], SPANS[2][1])
    assert found.version == version + 1
    (entry,) = db.session.scalars(select(AuditEntry).where(AuditEntry.action.like("datum%")))
    assert (entry.action, entry.reason) == ("datum geannuleerd", "Lesgever ziek")


def test_a_postponed_date_begins_nothing_but_the_activity_is_not_over(activity):
    change_date(activity.id, activity.dates[0].id, DateState.POSTPONED, "Storm")
    change_date(activity.id, activity.dates[2].id, DateState.POSTPONED, "Storm")
    found = stored(activity)
    assert (found.first_start, found.last_end) == (SPANS[1][0], SPANS[2][1])


def test_a_restored_date_has_no_reason_any_more(activity):
    date_id = activity.dates[0].id
    change_date(activity.id, date_id, DateState.CANCELLED, "Ziek")
    change_date(activity.id, date_id, DateState.POSTPONED, "Toch later")
    change_date(activity.id, date_id, DateState.AS_PLANNED)
    found = stored(activity)
    assert state_of_date(found.dates[0]) is DateState.AS_PLANNED
    assert found.dates[0].status_reason == "" and found.first_start == SPANS[0][0]


def test_all_dates_cancelled_leaves_the_span_of_all(activity):
    for date in activity.dates:
        change_date(activity.id, date.id, DateState.CANCELLED, "Storm")
    found = stored(activity)
    assert (found.first_start, found.last_end) == (SPANS[0][0], SPANS[2][1])


def test_a_reason_is_asked_and_nothing_is_done_twice(activity):
    first = activity.dates[0]
    assert refusal(activity, first, DateState.CANCELLED, "  ").field == "reason"
    assert refusal(activity, first, DateState.AS_PLANNED).kind == "same"
    change_date(activity.id, first.id, DateState.CANCELLED, "Ziek")
    assert refusal(activity, first, DateState.CANCELLED).kind == "same"


def test_the_only_date_is_cancelled_with_its_activity(app):
    alone = make_activity()
    assert refusal(alone, alone.dates[0], DateState.CANCELLED).kind == "only"


def test_a_date_that_is_over_stays_as_it_was(app):
    past = (days_from_now(-2, 9), days_from_now(-2, 16))
    activity = make_activity(dates=[past, *SPANS])
    assert refusal(activity, activity.dates[0], DateState.CANCELLED).kind == "past"


def test_dates_of_a_cancelled_activity_follow_the_whole(activity):
    set_state(activity.id, ActivityState.CANCELLED, "Storm")
    assert refusal(activity, activity.dates[0], DateState.POSTPONED).kind == "whole"


def test_a_date_of_another_activity_is_unknown(activity):
    other = make_activity(dates=SPANS)
    with pytest.raises(LookupError):
        change_date(activity.id, other.dates[0].id, DateState.CANCELLED, "x")


def test_saving_the_activity_keeps_what_is_cancelled(activity):
    first = activity.dates[0]
    change_date(activity.id, first.id, DateState.CANCELLED, "Ziek")
    dates = [DateData(one.starts_at, one.ends_at, one.id) for one in stored(activity).dates]
    data = ActivityData(
        title="Nieuw", dates=dates, prices=(PriceData("Basis", Decimal(60), ()),), capacity=20
    )
    update_activity(activity.id, data)
    found = stored(activity)
    assert found.dates[0].id == first.id
    assert state_of_date(found.dates[0]) is DateState.CANCELLED
    assert found.dates[0].status_reason == "Ziek" and found.first_start == SPANS[1][0]


def test_postponing_the_whole_asks_a_reason_and_is_for_what_the_public_sees(activity):
    with pytest.raises(ActivityRefused) as refused:
        set_state(activity.id, ActivityState.POSTPONED, " ")
    assert refused.value.problems[0].field == "reason"
    set_state(activity.id, ActivityState.POSTPONED, "Storm")
    assert stored(activity).state_reason == "Storm"
    set_state(activity.id, ActivityState.ONLINE)
    assert stored(activity).state_reason == ""
    draft = make_activity(state=ActivityState.DRAFT)
    with pytest.raises(ActivityRefused):
        set_state(draft.id, ActivityState.POSTPONED, "Storm")
