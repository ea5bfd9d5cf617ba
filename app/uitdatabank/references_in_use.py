"""Which locations and organizers are in use, which of those are gone, and replacing one (D13).

In use are those of types, and of activities that are not over. One that publiq deleted, or merged
into another, is replaced everywhere in one go.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.activities.models import Activity, UitStatus
from app.clock import now
from app.extensions import _t, db, write_transaction
from app.settings.audit import record
from app.settings.models import Environment
from app.uitdatabank.facts import load_subjects, read_surroundings
from app.uitdatabank.models import (
    EventLink,
    ReferenceKind,
    ReferenceState,
    UitProfile,
    UitReference,
)
from app.uitdatabank.profiles import ChosenLocation, ChosenOrganizer
from app.uitdatabank.status import compute_state

BATCH = 200


@dataclass(frozen=True)
class InUse:
    """A location or an organizer to which a profile refers."""

    environment: Environment
    kind: ReferenceKind
    publiq_id: str


@dataclass
class GoneReference:
    """One in use that publiq no longer has, with what uses it, and where that was searched."""

    reference: UitReference
    name: str
    postal_code: str = ""
    successor_name: str = ""
    types: int = 0
    activities: int = 0
    published: int = 0


@dataclass(frozen=True)
class Replaced:
    """What was changed. ``kept``: activities whose organizer publiq lets nobody change."""

    types: int = 0
    activity_ids: list[int] = field(default_factory=list)
    published_ids: list[int] = field(default_factory=list)
    kept: int = 0


def references_in_use() -> list[InUse]:
    """In every environment; two queries."""
    found = []
    for kind in ReferenceKind:
        rows = db.session.execute(
            _users(kind)
            .with_only_columns(UitProfile.environment, _column(kind))
            .where(UitProfile.environment.is_not(None), _column(kind) != "")
            .distinct()
        )
        found += [InUse(row[0], kind, row[1]) for row in rows]
    return found


def gone_references(environment: Environment) -> list[GoneReference]:
    """Those in use here that are gone or merged, the most used first; a fixed number of queries."""
    references = db.session.scalars(
        select(UitReference).where(
            UitReference.environment == environment, UitReference.state != ReferenceState.ALIVE
        )
    ).all()
    found = []
    for kind in ReferenceKind:
        mine = {one.publiq_id: one for one in references if one.kind is kind}
        if mine:
            found += _counted(environment, kind, mine)
    _name_successors(environment, found)
    return sorted(found, key=lambda one: (-one.activities, -one.types, one.name))


def count_gone(environment: Environment) -> int:
    """How many in use here are gone or merged; one query."""
    counts = [
        _users(kind)
        .with_only_columns(func.count(_column(kind).distinct()))
        .join(UitReference, UitReference.publiq_id == _column(kind))
        .where(
            UitProfile.environment == environment,
            UitReference.environment == environment,
            UitReference.kind == kind,
            UitReference.state != ReferenceState.ALIVE,
        )
        .scalar_subquery()
        for kind in ReferenceKind
    ]
    return sum(db.session.execute(select(*counts)).one())


def gone_reference(
    environment: Environment, kind: ReferenceKind, publiq_id: str
) -> GoneReference | None:
    """One of ``gone_references``."""
    return next(
        (
            one
            for one in gone_references(environment)
            if (one.reference.kind, one.reference.publiq_id) == (kind, publiq_id)
        ),
        None,
    )


def replace_reference(
    environment: Environment,
    kind: ReferenceKind,
    publiq_id: str,
    chosen: ChosenLocation | ChosenOrganizer,
) -> Replaced:
    """Put another one in its place, in all types and all activities that are not over, at once.

    Statuses follow in the same transaction. What is published stays as it is at UiTdatabank until
    it is published again.
    """
    with write_transaction() as session:
        profiles = session.scalars(
            _users(kind)
            .with_only_columns(UitProfile)
            .where(UitProfile.environment == environment, _column(kind) == publiq_id)
            .order_by(UitProfile.id)
            .with_for_update(of=UitProfile)
            .execution_options(populate_existing=True)
        ).all()
        fixed = _fixed(session, environment, kind)
        changed = [one for one in profiles if one.activity_id not in fixed]
        old_name = _name_in(changed, kind) or publiq_id
        for profile in changed:
            _put(profile, chosen)
        session.flush()
        activity_ids = [one.activity_id for one in changed if one.activity_id is not None]
        replaced = Replaced(
            types=len(changed) - len(activity_ids),
            activity_ids=activity_ids,
            published_ids=_refresh(session, activity_ids),
            kept=len(profiles) - len(changed),
        )
        _record(kind, publiq_id, old_name, chosen, replaced)
        return replaced


def _users(kind: ReferenceKind) -> Select[tuple[UitProfile]]:
    """Profiles of types, and of activities that are not over."""
    return (
        select(UitProfile)
        .outerjoin(Activity, Activity.id == UitProfile.activity_id)
        .where(_in_use(), _column(kind) != "")
    )


def _in_use() -> ColumnElement[bool]:
    return or_(
        UitProfile.activity_id.is_(None), Activity.last_end.is_(None), Activity.last_end > now()
    )


def _column(kind: ReferenceKind) -> InstrumentedAttribute[str]:
    return UitProfile.location_id if kind is ReferenceKind.PLACE else UitProfile.organizer_id


def _counted(
    environment: Environment, kind: ReferenceKind, references: dict[str, UitReference]
) -> list[GoneReference]:
    column = _column(kind)
    name = UitProfile.location_name if kind is ReferenceKind.PLACE else UitProfile.organizer_name
    rows = db.session.execute(
        _users(kind)
        .with_only_columns(
            column.label("publiq_id"),
            func.max(name).label("name"),
            func.max(UitProfile.postal_code).label("postal_code"),
            func.count(UitProfile.activity_type_id).label("types"),
            func.count(UitProfile.activity_id).label("activities"),
            func.count(EventLink.id).label("published"),
        )
        .outerjoin(
            EventLink,
            (EventLink.activity_id == UitProfile.activity_id)
            & (EventLink.environment == environment)
            & EventLink.event_id.is_not(None),
        )
        .where(UitProfile.environment == environment, column.in_(references))
        .group_by(column)
    )
    return [
        GoneReference(
            references[row.publiq_id],
            row.name or references[row.publiq_id].name or row.publiq_id,
            postal_code=row.postal_code,
            types=row.types,
            activities=row.activities,
            published=row.published,
        )
        for row in rows
    ]


def _name_successors(environment: Environment, found: Iterable[GoneReference]) -> None:
    wanted = {one.reference.successor_id for one in found} - {""}
    if not wanted:
        return
    names = dict(
        db.session.execute(
            select(UitReference.publiq_id, UitReference.name).where(
                UitReference.environment == environment, UitReference.publiq_id.in_(wanted)
            )
        ).all()
    )
    for one in found:
        one.successor_name = names.get(one.reference.successor_id, "")


def _fixed(session: Session, environment: Environment, kind: ReferenceKind) -> set[int]:
    """Activities with UiTPAS sales: their organizer stays, for publiq refuses another."""
    if kind is ReferenceKind.PLACE:
        return set()
    return set(
        session.scalars(
            select(EventLink.activity_id).where(
                EventLink.environment == environment, EventLink.organizer_fixed_at.is_not(None)
            )
        )
    )


def _put(profile: UitProfile, chosen: ChosenLocation | ChosenOrganizer) -> None:
    if isinstance(chosen, ChosenLocation):
        profile.location_id = chosen.id
        profile.location_name = chosen.name[:300]
        profile.location_address = chosen.address[:300]
    else:
        profile.organizer_id = chosen.id
        profile.organizer_name = chosen.name[:300]
        profile.organizer_is_uitpas = chosen.is_uitpas
    profile.version += 1


def _name_in(profiles: Sequence[UitProfile], kind: ReferenceKind) -> str:
    names = (
        one.location_name if kind is ReferenceKind.PLACE else one.organizer_name for one in profiles
    )
    return next(filter(None, names), "")


def _refresh(session: Session, activity_ids: Sequence[int]) -> list[int]:
    """Compute the statuses anew; returns the published ones that now differ."""
    surroundings = read_surroundings()
    differing: dict[bool, list[int]] = defaultdict(list)
    for first in range(0, len(activity_ids), BATCH):
        batch = activity_ids[first : first + BATCH]
        for subject in load_subjects(session, batch, surroundings.environment):
            state = compute_state(subject, surroundings)
            subject.activity.uit_status = state.status
            differing[state.status is UitStatus.CHANGED].append(subject.activity.id)
    return differing[True]


def _record(
    kind: ReferenceKind,
    publiq_id: str,
    old_name: str,
    chosen: ChosenLocation | ChosenOrganizer,
    replaced: Replaced,
) -> None:
    words = "locatie" if kind is ReferenceKind.PLACE else "organisator"
    record(
        f"{words} overal vervangen",
        subject_kind=words,
        subject_id=publiq_id,
        subject_label=old_name,
        detail={
            "door": chosen.name,
            "activiteittypes": replaced.types,
            "activiteiten": len(replaced.activity_ids),
            "niet gewijzigd": replaced.kept,
        },
    )


def words_of(kind: ReferenceKind) -> str:
    """'locatie' or 'organisator'."""
    return _t("locatie") if kind is ReferenceKind.PLACE else _t("organisator")
