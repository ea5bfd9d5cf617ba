"""Activities: what is filled in on one, its rules, and saving it (C1).

Web pages call the wrappers in uitdatabank/editing.py, which keep the UiT profile and status in
the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

from app.activities.date_states import span_of
from app.activities.dates import DateData, date_problems
from app.activities.groups import group_with_period
from app.activities.locking import locked_activity
from app.activities.models import (
    Activity,
    ActivityDate,
    ActivityState,
    ActivityType,
    Module,
    PlacePool,
)
from app.activities.places import (
    capacity_of,
    capacity_problem,
    make_missing_pools,
    set_capacity,
    taken_of,
)
from app.activities.problems import ActivityRefused, Problem
from app.activities.schedule import WeeklySchedule, schedule_of, written_schedule
from app.activities.schedule_rules import schedule_problems, tidy
from app.activities.state_changes import reason_problems, state_problems
from app.activities.types import (
    PriceData,
    age_range_problems,
    apply_prices,
    capacity_problems,
    price_problems,
    prices_of,
)
from app.extensions import _t, db, write_transaction
from app.settings.audit import record


@dataclass(frozen=True)
class ActivityData:
    """What is filled in on an activity; ages in full years, moments aware.

    ``capacity`` is that of each date for Ticketing. ``version`` is the one the clerk saw; None
    does not check it. ``state`` None leaves the state as it is (a new one is a draft). A weekly
    ``schedule`` stands in place of dates; without both, an activity keeps the schedule it has.
    """

    title: str
    dates: Sequence[DateData]
    prices: Sequence[PriceData]
    capacity: int
    registration_opens_at: datetime | None = None
    registration_closes_at: datetime | None = None
    min_age: int | None = None
    max_age: int | None = None
    publish_in_uit: bool = True
    state: ActivityState | None = None
    version: int | None = field(default=None)
    schedule: WeeklySchedule | None = None


def data_from_type(source: ActivityType, title: str = "", **known: object) -> ActivityData:
    """What a new activity takes over from its type; ``known`` replaces parts of it."""
    values: dict[str, object] = {
        "title": title,
        "dates": (),
        "prices": prices_of(source, with_ids=False),
        "capacity": source.default_capacity,
        "min_age": source.min_age,
        "max_age": source.max_age,
        "publish_in_uit": source.publish_in_uit,
    }
    return ActivityData(**{**values, **known})  # type: ignore[arg-type]


def create_activity(type_id: int, data: ActivityData) -> int:
    """Make an activity of this type; returns its id.

    Raises ActivityRefused, and LookupError for an unknown type.
    """
    with write_transaction() as session:
        kind = session.get(ActivityType, type_id)
        if kind is None:
            raise LookupError(f"no activity type {type_id}")
        problems = new_activity_problems(data, kind.module)
        if problems:
            raise ActivityRefused(problems)
        activity = Activity(activity_type_id=type_id, version=1)
        activity.activity_type = kind
        activity.state = data.state or ActivityState.DRAFT
        _write_fields(activity, data)
        session.add(activity)
        _write_when(session, activity, data)
        make_missing_pools(session, activity, kind.module, data.capacity)
        _record("activiteit gemaakt", activity)
        return activity.id


def update_activity(activity_id: int, data: ActivityData) -> None:
    """Change an activity. Raises ActivityRefused, LookupError when there is no such activity.

    A version that is no longer the activity's gives the problem of kind 'version', alone.
    """
    with write_transaction() as session:
        activity = locked_activity(session, activity_id)
        if data.version is not None and data.version != activity.version:
            raise ActivityRefused([_version_problem()])
        data = _in_its_way(activity, _in_its_group(activity, data))
        problems = activity_data_problems(data) + _stored_problems(activity, data)
        if problems:
            raise ActivityRefused(problems)
        capacity_before = capacity_of(activity)
        if data.state is not None and data.state is not activity.state:
            _change_state(activity, data.state, "")
        _write_fields(activity, data)
        _write_when(session, activity, data)
        make_missing_pools(session, activity, activity.activity_type.module, data.capacity)
        if data.capacity != capacity_before:
            for pool in activity.pools:
                if pool.zone_id is None:
                    set_capacity(pool.id, data.capacity)
        activity.version += 1
        _record(CHANGED, activity)
        session.flush()


def set_state(activity_id: int, state: ActivityState, reason: str = "") -> None:
    """Put an activity online, back to draft, or cancel or postpone it, which asks a reason.

    Registrations and tickets stay as they are. Raises ActivityRefused, LookupError.
    """
    with write_transaction() as session:
        activity = locked_activity(session, activity_id)
        problems = state_problems(activity, state) or reason_problems(state, reason)
        if problems:
            raise ActivityRefused(problems)
        if state is not activity.state:
            _change_state(activity, state, reason.strip())
            activity.version += 1
        session.flush()


def activity_data_problems(data: ActivityData) -> list[Problem]:
    """What is wrong with what was filled in, by itself."""
    found = []
    if not data.title.strip():
        found.append(Problem("missing", _t("Geef de activiteit een titel."), "title"))
    elif len(data.title) > 200:
        found.append(Problem("too_long", _t("Kort de titel in tot 200 tekens."), "title"))
    found += when_problems(data)
    found += capacity_problems(data.capacity)
    opens, closes = data.registration_opens_at, data.registration_closes_at
    if opens is not None and closes is not None and closes <= opens:
        sentence = _t("De inschrijvingen sluiten voor ze starten. Kies een later moment.")
        found.append(Problem("order", sentence, "closes_on"))
    found += age_range_problems(data.min_age, data.max_age)
    return found + price_problems(data.prices)


def new_activity_problems(data: ActivityData, module: Module) -> list[Problem]:
    """What is wrong with what was filled in on an activity that is not there yet."""
    problems = activity_data_problems(data)
    if data.state in (ActivityState.CANCELLED, ActivityState.POSTPONED):
        problems.append(Problem("state", _t("Kies concept of online."), "state"))
    if data.schedule is not None and module is Module.TICKETING:
        problems.append(ticketing_schedule_problem())
    return problems


def ticketing_schedule_problem() -> Problem:
    """Why a weekly schedule cannot be sold by ticket."""
    sentence = _t(
        "Een weekschema kan niet bij Ticketing: een ticket geldt voor één datum, en een weekschema "
        "heeft geen aparte data. Kies een andere manier."
    )
    return Problem("module", sentence, "kind")


def when_problems(data: ActivityData) -> list[Problem]:
    """What is wrong with the dates, or with the weekly schedule in their place."""
    if data.schedule is not None and not data.dates:
        return schedule_problems(data.schedule)
    return date_problems(data.dates)


def get_activity(activity_id: int) -> Activity | None:
    """An activity with everything its page shows."""
    return db.session.scalar(
        select(Activity)
        .where(Activity.id == activity_id)
        .options(
            joinedload(Activity.activity_type),
            joinedload(Activity.series),
            selectinload(Activity.dates),
            selectinload(Activity.price_categories),
            selectinload(Activity.pools),
        )
    )


def _stored_problems(activity: Activity, data: ActivityData) -> list[Problem]:
    """What only the stored activity tells: places that are taken, tickets of a date."""
    found = []
    taken = taken_of(activity)
    if data.capacity < taken:
        found.append(capacity_problem(taken))
    if data.state is ActivityState.CANCELLED and activity.state is not ActivityState.CANCELLED:
        found.append(
            Problem("state", _t("Annuleer de activiteit met de knop ‘Annuleren’."), "state")
        )
    kept = {item.id for item in data.dates}
    for pool in activity.pools:
        if pool.date_id is not None and pool.date_id not in kept and pool.taken:
            found.append(_date_in_use())
            break
    return found


def _date_in_use() -> Problem:
    return Problem(
        "in_use",
        _t(
            "Je haalde een datum weg waarvoor tickets verkocht of vastgehouden zijn. Zet die datum "
            "terug en annuleer eerst de tickets."
        ),
        "dates",
    )


def _version_problem() -> Problem:
    return Problem(
        "version",
        _t(
            "Een collega bewaarde deze activiteit terwijl je bezig was. Wat je typte, staat hier "
            "nog. Kijk na wat je collega wijzigde en druk dan opnieuw op ‘Opslaan’."
        ),
    )


STATE_CHANGES = {
    ActivityState.DRAFT: "activiteit terug naar concept",
    ActivityState.ONLINE: "activiteit online gezet",
    ActivityState.POSTPONED: "activiteit uitgesteld",
    ActivityState.CANCELLED: "activiteit geannuleerd",
}
CHANGED = "activiteit gewijzigd"
CHANGED_IN_BULK = "activiteit in bulk aangepast"
ACTIVITY_CHANGES = (CHANGED, CHANGED_IN_BULK, *STATE_CHANGES.values())
"""What the audit trail calls each change of what stands on the tab Algemeen."""


def _change_state(activity: Activity, state: ActivityState, reason: str) -> None:
    activity.state = state
    activity.state_reason = reason
    _record(STATE_CHANGES[state], activity, reason)


def _record(action: str, activity: Activity, reason: str = "") -> None:
    record(
        action,
        subject_kind="activiteit",
        subject_id=activity.id,
        subject_label=activity.title,
        reason=reason,
    )


def fields_of(data: ActivityData) -> dict[str, Any]:
    """What was filled in but dates, places, prices and state, by the names of the columns."""
    return {
        "title": data.title.strip(),
        "registration_opens_at": data.registration_opens_at,
        "registration_closes_at": data.registration_closes_at,
        "min_age": data.min_age,
        "max_age": data.max_age,
        "publish_in_uit": data.publish_in_uit,
    }


def _write_fields(activity: Activity, data: ActivityData) -> None:
    for name, value in fields_of(data).items():
        setattr(activity, name, value)
    apply_prices(activity, data.prices)


def _in_its_way(activity: Activity, data: ActivityData) -> ActivityData:
    """What was filled in, for an activity that has dates or a schedule, and keeps having those."""
    if activity.schedule is None:
        return replace(data, schedule=None)
    return replace(data, dates=(), schedule=data.schedule or schedule_of(activity))


def _in_its_group(activity: Activity, data: ActivityData) -> ActivityData:
    """What was filled in, with the period of the group that sets it; the activity is locked."""
    group = group_with_period(activity.id)
    if group is None:
        return data
    return replace(
        data,
        registration_opens_at=group.registration_opens_at,
        registration_closes_at=group.registration_closes_at,
    )


def _write_when(session: Session, activity: Activity, data: ActivityData) -> None:
    if data.schedule is None:
        _write_dates(session, activity, data.dates)
        return
    values = schedule_values(data.schedule)
    activity.schedule = values["schedule"]
    activity.first_start, activity.last_end = values["first_start"], values["last_end"]
    session.flush()


def schedule_values(schedule: WeeklySchedule) -> dict[str, Any]:
    """What an activity keeps of its schedule, by column; its problems were looked at."""
    schedule = tidy(schedule)
    span = schedule.span()
    assert span is not None, "schedule_problems() refuses a schedule without open days"
    return {
        "schedule": written_schedule(schedule),
        "first_start": span[0],
        "last_end": span[1],
    }


def _write_dates(session: Session, activity: Activity, dates: Sequence[DateData]) -> None:
    """Make these the dates; a date with a known id keeps its row, and so its tickets."""
    known = {item.id: item for item in activity.dates if item.id}
    kept = []
    for item in sorted(dates, key=lambda one: one.starts_at):
        date = known.pop(item.id, None) if item.id else None
        date = date or ActivityDate()
        date.starts_at, date.ends_at = item.starts_at, item.ends_at
        kept.append(date)
    _remove_pools(session, activity, set(known))
    activity.dates = kept
    activity.first_start, activity.last_end = span_of(kept)
    session.flush()


def _remove_pools(session: Session, activity: Activity, date_ids: set[int]) -> None:
    """Remove the pools of dates that go; those that tickets still name stay, and refuse."""
    leaving: list[PlacePool] = [pool for pool in activity.pools if pool.date_id in date_ids]
    if not leaving:
        return
    try:
        with session.begin_nested():
            for pool in leaving:
                activity.pools.remove(pool)
            session.flush()  # before the dates, whose going would take the pools along
            for date_id in date_ids:
                date = session.get(ActivityDate, date_id)
                if date is not None:
                    activity.dates.remove(date)
            session.flush()
    except IntegrityError as error:
        raise ActivityRefused([_date_in_use()]) from error
