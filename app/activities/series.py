"""Making activities by formula: one for each date, one with all dates, or a weekly schedule (D7).

Web pages call the wrapper in uitdatabank/editing.py, which gives each its UiT profile and status
in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.activities.dates import DateData
from app.activities.editing import (
    ActivityData,
    fields_of,
    new_activity_problems,
    schedule_values,
    ticketing_schedule_problem,
)
from app.activities.formula import Formula, dates_of, formula_problems, written_formula
from app.activities.models import (
    Activity,
    ActivityDate,
    ActivityState,
    ActivityType,
    Module,
    PlacePool,
    PriceCategory,
    Series,
)
from app.activities.problems import ActivityRefused, Problem
from app.activities.schedule_rules import formula_schedule_problems, schedule_of_formula
from app.activities.types import price_values
from app.clock import from_local, local, now
from app.extensions import _t, write_transaction
from app.formats import long_day
from app.settings.audit import record

SAME_PRESS = timedelta(seconds=60)
"""What was made so shortly before with the same formula was made by the same press of a button."""
LAST_MINUTE = time(23, 59)
LONGEST_DAYS_BEFORE = 365


class SeriesKind(Enum):
    """What a formula makes (D7)."""

    SEPARATE = "separate"
    TOGETHER = "together"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class SeriesData:
    """What is filled in to make activities by formula; ``activity`` has no dates of its own.

    ``closes_days_before``: registration closes so many days before each date, at ``closes_at`` or
    at the end of that day; only for separate activities. 0 days without an hour is until it begins.
    """

    kind: SeriesKind
    formula: Formula
    activity: ActivityData
    closes_days_before: int | None = None
    closes_at: time | None = None


@dataclass(frozen=True)
class Made:
    """What was made; ``repeated`` when the same press of a button had already made it."""

    activity_ids: Sequence[int]
    series_id: int | None = None
    repeated: bool = False


def series_problems(data: SeriesData, module: Module) -> list[Problem]:
    """Everything that is wrong with what was filled in, at its fields."""
    found = formula_kind_problems(data.kind, data.formula, module)
    if found:  # without good dates, at least the rest can be said
        rest = new_activity_problems(data.activity, module)
        return found + [problem for problem in rest if problem.field != "dates"]
    return new_activity_problems(_whole(data), module) + _closing_problems(data)


def formula_kind_problems(kind: SeriesKind, formula: Formula, module: Module) -> list[Problem]:
    """What is wrong with a formula for what it is to make."""
    if kind is not SeriesKind.WEEKLY:
        return formula_problems(formula)
    if module is Module.TICKETING:
        return [ticketing_schedule_problem()]
    return formula_schedule_problems(formula) or formula_problems(formula)


def create_series(type_id: int, data: SeriesData) -> Made:
    """Make all activities at once. Raises ActivityRefused, LookupError for an unknown type."""
    with write_transaction() as session:
        kind = session.scalar(
            select(ActivityType)
            .where(ActivityType.id == type_id)
            .with_for_update(key_share=True)  # a second press waits, and then finds the first
        )
        if kind is None:
            raise LookupError(f"no activity type {type_id}")
        problems = series_problems(data, kind.module)
        if problems:
            raise ActivityRefused(problems)
        if data.kind is SeriesKind.SEPARATE:
            return _made_before(session, data) or _make_separate(session, kind, data)
        whole = _whole(data)
        return _one_before(session, kind, whole) or _make_one(session, kind, whole)


def _make_separate(session: Session, kind: ActivityType, data: SeriesData) -> Made:
    title = data.activity.title.strip()
    series = Series(title=title, formula=_stored(data))
    session.add(series)
    session.flush()
    spans = dates_of(data.formula)
    session.execute(
        insert(Activity),
        [
            {
                **_new(kind, data.activity),
                "series_id": series.id,
                "registration_closes_at": _closing(data, starts_at),
                "first_start": starts_at,
                "last_end": ends_at,
            }
            for starts_at, ends_at in spans
        ],
    )
    ids = _ids_of(session, series.id)
    _add_dates(session, [(key, *span) for key, span in zip(ids, spans, strict=True)])
    _add_prices_and_places(session, kind, ids, data.activity)
    record(
        "reeks gemaakt",
        subject_kind="reeks",
        subject_id=series.id,
        subject_label=title,
        detail={"aantal": len(ids)},
    )
    return Made(ids, series.id)


def _make_one(session: Session, kind: ActivityType, data: ActivityData) -> Made:
    activity = Activity(**_new(kind, data))
    if data.schedule is not None:
        for name, value in schedule_values(data.schedule).items():
            setattr(activity, name, value)
    else:
        activity.first_start, activity.last_end = _span(data.dates)
    session.add(activity)
    session.flush()
    _add_dates(session, [(activity.id, item.starts_at, item.ends_at) for item in data.dates])
    _add_prices_and_places(session, kind, [activity.id], data)
    record(
        "activiteit gemaakt",
        subject_kind="activiteit",
        subject_id=activity.id,
        subject_label=activity.title,
    )
    return Made([activity.id])


def _new(kind: ActivityType, data: ActivityData) -> dict[str, Any]:
    return {
        **fields_of(data),
        "activity_type_id": kind.id,
        "state": data.state or ActivityState.DRAFT,
    }


def _add_dates(session: Session, dates: list[tuple[int, datetime, datetime]]) -> None:
    """Insert in one statement: (activity, start, end) each."""
    rows = [{"activity_id": key, "starts_at": start, "ends_at": end} for key, start, end in dates]
    if rows:
        session.execute(insert(ActivityDate), rows)


def _add_prices_and_places(
    session: Session, kind: ActivityType, activity_ids: list[int], data: ActivityData
) -> None:
    """A statement a table, however many activities there are."""
    prices = [price_values(position, item) for position, item in enumerate(data.prices)]
    session.execute(
        insert(PriceCategory),
        [{**price, "activity_id": key} for key in activity_ids for price in prices],
    )
    places: list[dict[str, Any]] = [{"activity_id": key} for key in activity_ids]
    if kind.module is Module.TICKETING:
        dates = session.execute(
            select(ActivityDate.activity_id, ActivityDate.id)
            .where(ActivityDate.activity_id.in_(activity_ids))
            .order_by(ActivityDate.starts_at)
        )
        places = [{"activity_id": row.activity_id, "date_id": row.id} for row in dates]
    session.execute(insert(PlacePool), [{**row, "capacity": data.capacity} for row in places])


def _whole(data: SeriesData) -> ActivityData:
    """The activity with its dates or its schedule; of separate ones all dates, to look at them."""
    if data.kind is SeriesKind.WEEKLY:
        return replace(data.activity, dates=(), schedule=schedule_of_formula(data.formula))
    return replace(data.activity, dates=tuple(DateData(*span) for span in dates_of(data.formula)))


def _closing_problems(data: SeriesData) -> list[Problem]:
    days, opens = data.closes_days_before, data.activity.registration_opens_at
    if days is None:
        return []
    if data.kind is not SeriesKind.SEPARATE:
        sentence = _t(
            "Dit kan enkel als elke datum apart in te schrijven is. Vul een vaste dag in bij "
            "‘Inschrijven tot’."
        )
        return [Problem("kind", sentence, "closes_days")]
    if data.activity.registration_closes_at is not None:
        sentence = _t("Kies één van beide: een vaste dag, of een aantal dagen voor elke datum.")
        return [Problem("double", sentence, "closes_days")]
    if days > LONGEST_DAYS_BEFORE:
        sentence = _t("Kies een aantal dagen van 0 tot %(most)s.", most=LONGEST_DAYS_BEFORE)
        return [Problem("range", sentence, "closes_days")]
    first = dates_of(data.formula)[0][0]
    closes = _closing(data, first)
    if opens is not None and closes is not None and closes <= opens:
        sentence = _t(
            "Voor %(day)s sluiten de inschrijvingen voor ze starten. Kies minder dagen, of laat de "
            "inschrijvingen vroeger starten.",
            day=long_day(first),
        )
        return [Problem("order", sentence, "closes_days")]
    return []


def _closing(data: SeriesData, starts_at: datetime) -> datetime | None:
    """When registration closes for the date that begins then."""
    if data.closes_days_before is None:
        return data.activity.registration_closes_at
    day = local(starts_at).date() - timedelta(days=data.closes_days_before)
    return min(from_local(day, data.closes_at or LAST_MINUTE), starts_at)


def _stored(data: SeriesData) -> dict[str, object]:
    return {"kind": data.kind.value, **written_formula(data.formula)}


def _made_before(session: Session, data: SeriesData) -> Made | None:
    """The series that the same press of the button made; None where there is none."""
    recent = session.scalars(
        select(Series)
        .where(Series.created_at > now() - SAME_PRESS, Series.title == data.activity.title.strip())
        .order_by(Series.id.desc())
    )
    for series in recent:
        if series.formula == _stored(data):
            return Made(_ids_of(session, series.id), series.id, repeated=True)
    return None


def _ids_of(session: Session, series_id: int) -> list[int]:
    """The activities of a series in the order of their dates."""
    return list(
        session.scalars(
            select(Activity.id)
            .where(Activity.series_id == series_id)
            .order_by(Activity.first_start, Activity.id)
        )
    )


def _one_before(session: Session, kind: ActivityType, data: ActivityData) -> Made | None:
    """The activity that the same press of the button made; None where there is none."""
    span = data.schedule.span() if data.schedule else _span(data.dates)
    assert span is not None, "series_problems() refuses what has no dates"
    found = session.scalar(
        select(Activity.id).where(
            Activity.activity_type_id == kind.id,
            Activity.title == data.title.strip(),
            Activity.created_at > now() - SAME_PRESS,
            Activity.series_id.is_(None),
            Activity.first_start == span[0],
            Activity.last_end == span[1],
        )
    )
    return None if found is None else Made([found], repeated=True)


def _span(dates: Sequence[DateData]) -> tuple[datetime, datetime]:
    return min(item.starts_at for item in dates), max(item.ends_at for item in dates)
