"""Inschrijvingsgroepen: named sets of activities, with one registration period where they have one.

Web pages call the wrappers in uitdatabank/editing.py, which keep the UiT status of the activities
in the same transaction. In a group with a period an activity has precisely that period: saving the
group writes it, and saving the activity leaves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from app.activities.models import Activity, RegistrationGroup, group_activity
from app.activities.overview import ActivityFilters, in_order
from app.activities.problems import ActivityRefused, Problem
from app.clock import today
from app.extensions import _t, db, write_transaction
from app.formats import long_day
from app.settings.audit import record

LONGEST_NAME = 200
MOST_ACTIVITIES = 500
MOST_FOUND = 50
_HAS_PERIOD = or_(
    RegistrationGroup.registration_opens_at.is_not(None),
    RegistrationGroup.registration_closes_at.is_not(None),
)


@dataclass(frozen=True)
class GroupData:
    """What is filled in on a group; moments aware, both empty where it sets no period."""

    name: str
    activity_ids: Sequence[int]
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def has_period(self) -> bool:
        """Whether the group says when its activities take registrations."""
        return self.opens_at is not None or self.closes_at is not None


@dataclass(frozen=True)
class GroupRow:
    """A group in the list, and how many activities it holds."""

    group: RegistrationGroup
    activities: int


@dataclass(frozen=True)
class SavedGroup:
    """What came of saving: the id, and the activities that got another period."""

    group_id: int
    changed_ids: Sequence[int]


def all_groups() -> list[GroupRow]:
    """Every group by name; one query."""
    rows = db.session.execute(
        select(RegistrationGroup, func.count(group_activity.c.activity_id))
        .outerjoin(group_activity, group_activity.c.group_id == RegistrationGroup.id)
        .group_by(RegistrationGroup.id)
        .order_by(func.lower(RegistrationGroup.name), RegistrationGroup.id)
    )
    return [GroupRow(group, count) for group, count in rows]


def get_group(group_id: int) -> RegistrationGroup | None:
    """One group; None where there is none."""
    return db.session.get(RegistrationGroup, group_id)


def activities_of_group(group_id: int) -> list[Activity]:
    """Its activities in the order of their dates, each with its type."""
    members = select(group_activity.c.activity_id).where(group_activity.c.group_id == group_id)
    return _activities(members)


def activities_by_id(activity_ids: Sequence[int]) -> list[Activity]:
    """These activities in the order of their dates; what does not exist is left out."""
    return _activities(activity_ids) if activity_ids else []


def search_activities(text: str, without: Sequence[int] = ()) -> list[Activity]:
    """What is not over, by words of title, type or series; at most MOST_FOUND and one more.

    That one more says that there are more than are shown.
    """
    query = in_order(select(Activity.id), ActivityFilters(text=text, since=today()))
    if without:
        query = query.where(Activity.id.not_in(without))
    return activities_by_id(db.session.scalars(query.limit(MOST_FOUND + 1)).all())


def group_with_period(activity_id: int) -> RegistrationGroup | None:
    """The group that says when this activity takes registrations; at most one."""
    return db.session.scalar(
        select(RegistrationGroup)
        .join(group_activity, group_activity.c.group_id == RegistrationGroup.id)
        .where(group_activity.c.activity_id == activity_id, _HAS_PERIOD)
    )


def group_problems(data: GroupData) -> list[Problem]:
    """What is wrong with what was filled in, by itself."""
    found = []
    if not data.name.strip():
        found.append(Problem("missing", _t("Geef de groep een naam."), "name"))
    elif len(data.name.strip()) > LONGEST_NAME:
        found.append(Problem("too_long", _t("Kort de naam in tot 200 tekens."), "name"))
    if data.opens_at is not None and data.closes_at is not None and data.closes_at <= data.opens_at:
        sentence = _t("De inschrijvingen sluiten voor ze starten. Kies een later moment.")
        found.append(Problem("order", sentence, "closes_on"))
    if not data.activity_ids:
        sentence = _t("Kies minstens één activiteit: zoek ze, en zet er een vinkje bij.")
        found.append(Problem("missing", sentence, "activities"))
    elif len(data.activity_ids) > MOST_ACTIVITIES:
        sentence = _t("Een groep heeft hoogstens %(most)s activiteiten.", most=MOST_ACTIVITIES)
        found.append(Problem("range", sentence, "activities"))
    return found


def save_group(group_id: int | None, data: GroupData) -> SavedGroup:
    """Keep a group, a new one where the id is None, and give its activities its period.

    An activity that leaves the group keeps the period it has. Raises ActivityRefused, LookupError.
    """
    problems = group_problems(data)
    if problems:
        raise ActivityRefused(problems)
    with write_transaction() as session:
        activities = _locked(session, data.activity_ids)
        data = replace(data, activity_ids=[activity.id for activity in activities])
        found = session.get(RegistrationGroup, group_id) if group_id else RegistrationGroup()
        if found is None:
            raise LookupError(f"no registration group {group_id}")
        problems = group_problems(data) + _stored_problems(session, group_id, data)
        if problems:
            raise ActivityRefused(problems)
        found.name = data.name.strip()
        found.registration_opens_at, found.registration_closes_at = data.opens_at, data.closes_at
        session.add(found)
        try:
            session.flush()
        except IntegrityError as error:  # a colleague made one of this name at this moment
            raise ActivityRefused([_double()]) from error
        _write_members(session, found.id, data.activity_ids)
        changed = _write_period(activities, data)
        _record("inschrijvingsgroep bewaard", found, len(activities))
        session.flush()
        return SavedGroup(found.id, changed)


def remove_group(group_id: int) -> None:
    """Remove a group; its activities stay, with the period they have. Raises LookupError."""
    with write_transaction() as session:
        found = session.get(RegistrationGroup, group_id)
        if found is None:
            raise LookupError(f"no registration group {group_id}")
        _record("inschrijvingsgroep verwijderd", found)
        session.delete(found)


def _activities(wanted: object) -> list[Activity]:
    return list(
        db.session.scalars(
            select(Activity)
            .where(Activity.id.in_(wanted))  # type: ignore[arg-type] - ids, or a query of them
            .options(joinedload(Activity.activity_type))
            .order_by(Activity.first_start, Activity.title, Activity.id)
        )
    )


def _locked(session: Session, activity_ids: Sequence[int]) -> list[Activity]:
    """The activities in the one order that everybody locks them, so that nobody waits in a ring."""
    return list(
        session.scalars(
            select(Activity)
            .where(Activity.id.in_(set(activity_ids)))
            .order_by(Activity.id)
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
    )


def _stored_problems(session: Session, group_id: int | None, data: GroupData) -> list[Problem]:
    """What only the other groups tell: the name, and activities that have a period already."""
    others = RegistrationGroup.id != (group_id or 0)
    with session.no_autoflush:
        twin = session.scalar(
            select(RegistrationGroup.id).where(RegistrationGroup.name == data.name.strip(), others)
        )
        taken = (
            session.execute(
                select(Activity.title, Activity.first_start, RegistrationGroup.name)
                .join(group_activity, group_activity.c.activity_id == Activity.id)
                .join(RegistrationGroup, RegistrationGroup.id == group_activity.c.group_id)
                .where(Activity.id.in_(data.activity_ids), others, _HAS_PERIOD)
                .order_by(Activity.first_start, Activity.id)
                .limit(1)
            ).first()
            if data.has_period
            else None
        )
    found = [_double()] if twin is not None else []
    if taken is not None:
        sentence = _t(
            "‘%(title)s’ (%(day)s) krijgt haar inschrijvingsperiode al van de groep ‘%(group)s’. "
            "Haal ze hier of daar weg, of laat hier de periode leeg.",
            title=taken.title,
            day=long_day(taken.first_start) or _t("nog zonder datum"),
            group=taken.name,
        )
        found.append(Problem("other_period", sentence, "activities"))
    return found


def _write_members(session: Session, group_id: int, activity_ids: Sequence[int]) -> None:
    """Two statements, however many there are."""
    session.execute(delete(group_activity).where(group_activity.c.group_id == group_id))
    rows = [{"group_id": group_id, "activity_id": key} for key in activity_ids]
    session.execute(insert(group_activity), rows)


def _write_period(activities: Sequence[Activity], data: GroupData) -> list[int]:
    """Give each the period of the group; returns the ids of those that had another."""
    if not data.has_period:
        return []
    period = (data.opens_at, data.closes_at)
    changed = [
        activity
        for activity in activities
        if (activity.registration_opens_at, activity.registration_closes_at) != period
    ]
    for activity in changed:
        activity.registration_opens_at, activity.registration_closes_at = period
        activity.version += 1  # whoever is editing it now is told
    return [activity.id for activity in changed]


def _double() -> Problem:
    return Problem("double", _t("Er is al een groep met deze naam. Kies een andere naam."), "name")


def _record(action: str, found: RegistrationGroup, count: int | None = None) -> None:
    record(
        action,
        subject_kind="inschrijvingsgroep",
        subject_id=found.id,
        subject_label=found.name,
        detail=None if count is None else {"activiteiten": count},
    )
