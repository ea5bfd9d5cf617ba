"""Passing a change of a type on to the activities that follow it (D2).

What may be passed on is never stored: it is what follows the type and yet differs from it. So it
is still there when somebody comes back to it, and it goes by itself when the values are equal.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session, load_only

from app.activities.models import Activity, ActivityState, ActivityType
from app.clock import now
from app.extensions import db, write_transaction
from app.settings.audit import record
from app.settings.uit import active_environment
from app.uitdatabank.inheritance import COLUMNS, COPIED, FROM_TYPE, WORDS, outdated
from app.uitdatabank.models import EventLink, UitProfile
from app.uitdatabank.profiles import has_fixed_organizer, profile_of_type_id
from app.uitdatabank.status import refresh_status_of_many


@dataclass(frozen=True)
class Follower:
    """An activity that follows its type and still has older values for these names."""

    activity_id: int
    title: str
    first_start: datetime | None
    is_published: bool
    names: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The names, as people call them."""
        return [str(WORDS[name]) for name in self.names]


@dataclass(frozen=True)
class PendingChange:
    """What may be passed on of a type; empty when all its followers are up to date."""

    followers: tuple[Follower, ...] = ()
    version: int = 0
    """Of the type's profile: what was shown is what is passed on."""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that one of the followers has an older value for, in the tab's order."""
        found = {name for follower in self.followers for name in follower.names}
        return tuple(name for name in FROM_TYPE if name in found)

    @property
    def words(self) -> list[str]:
        """The names, as people call them."""
        return [str(WORDS[name]) for name in self.names]

    @property
    def published(self) -> int:
        """How many of them are published in the active environment."""
        return sum(follower.is_published for follower in self.followers)


class PassingOnRefused(Exception):  # noqa: N818 - states what happened
    """The type was changed again since the page was shown: look before you press."""


def pending_change(activity_type_id: int) -> PendingChange:
    """The activities, neither over nor cancelled, that follow the type and lag behind it.

    Four queries, however many activities there are.
    """
    basis = profile_of_type_id(activity_type_id)
    rows = _followers(db.session(), activity_type_id)
    found = []
    for activity, profile, link in rows:
        names = _passable(profile, basis, link)
        if names:
            is_published = link is not None and link.event_id is not None
            found.append(
                Follower(activity.id, activity.title, activity.first_start, is_published, names)
            )
    return PendingChange(tuple(found), basis.version if basis.id else 0)


def pass_on(activity_type_id: int, version: int) -> PendingChange:
    """Give every follower what the type says now; returns what was passed on.

    Statuses follow. Raises PassingOnRefused when the type is not that of ``version`` any more.
    """
    with write_transaction() as session:
        basis, rows = _locked(session, activity_type_id, version)
        pending = pending_change(activity_type_id)
        ids_by_name: dict[str, list[int]] = {}
        for _activity, profile, link in rows:
            for name in _passable(profile, basis, link):
                ids_by_name.setdefault(name, []).append(profile.id)
        _make_room(session, basis, ids_by_name)
        for name, ids in ids_by_name.items():
            values = {column: getattr(basis, column) for column in COLUMNS[name]}
            _update(session, ids, values)
        changed = sorted({key for ids in ids_by_name.values() for key in ids})
        _update(session, changed, {"version": UitProfile.version + 1})
        session.expire_all()
        refresh_status_of_many(session, [follower.activity_id for follower in pending.followers])
        _record(activity_type_id, "Wijziging van het type doorgegeven", pending)
    return pending


def leave(activity_type_id: int, version: int) -> PendingChange:
    """Let the followers keep what they have: they follow the type no more for these names.

    Returns what was left. Raises PassingOnRefused: see ``pass_on``.
    """
    with write_transaction() as session:
        basis, rows = _locked(session, activity_type_id, version)
        pending = pending_change(activity_type_id)
        changes = []
        for _activity, profile, link in rows:
            names = _passable(profile, basis, link)
            if names:
                follows = [name for name in profile.follows if name not in names]
                changes.append(
                    {"id": profile.id, "follows": follows, "version": profile.version + 1}
                )
        if changes:
            session.execute(update(UitProfile), changes)
            session.expire_all()
        _record(activity_type_id, "Wijziging van het type niet doorgegeven", pending)
    return pending


def _locked(
    session: Session, activity_type_id: int, version: int
) -> tuple[UitProfile, Sequence[Any]]:
    session.execute(
        select(ActivityType.id).where(ActivityType.id == activity_type_id).with_for_update()
    )
    basis = profile_of_type_id(activity_type_id)
    if version != (basis.version if basis.id else 0):
        raise PassingOnRefused()
    return basis, _followers(session, activity_type_id, lock=True)


def _followers(session: Session, activity_type_id: int, *, lock: bool = False) -> Sequence[Any]:
    """(activity, profile, link or None) of all that may still change, soonest first."""
    names = ("activity_id", "activity_type_id", "follows", "version", *COPIED)
    columns = [getattr(UitProfile, name) for name in names]
    query = (
        select(Activity, UitProfile, EventLink)
        .join(UitProfile, UitProfile.activity_id == Activity.id)
        .outerjoin(
            EventLink,
            and_(
                EventLink.activity_id == Activity.id,
                EventLink.environment == active_environment(),
            ),
        )
        .where(
            Activity.activity_type_id == activity_type_id,
            Activity.state != ActivityState.CANCELLED,
            or_(Activity.last_end.is_(None), Activity.last_end > now()),
        )
        .options(
            load_only(Activity.title, Activity.first_start),
            load_only(*columns),
            load_only(EventLink.event_id, EventLink.organizer_fixed_at, EventLink.organizer_id),
        )
        .order_by(Activity.first_start, Activity.id)
        .execution_options(populate_existing=lock)
    )
    if lock:
        query = query.with_for_update(of=UitProfile)
    return session.execute(query).all()


def _passable(profile: UitProfile, basis: UitProfile, link: EventLink | None) -> tuple[str, ...]:
    """What lags behind; an organizer that publiq has frozen stays what it is."""
    frozen = link is not None and has_fixed_organizer(link)
    return tuple(name for name in outdated(profile, basis) if not (frozen and name == "organizer"))


def _make_room(session: Session, basis: UitProfile, ids_by_name: dict[str, list[int]]) -> None:
    """Location and organizer are of one environment: what was chosen in another one goes."""
    ids = {key for name in ("location", "organizer") for key in ids_by_name.get(name, [])}
    if not ids or basis.environment is None:
        return
    session.execute(
        update(UitProfile)
        .where(
            UitProfile.id.in_(ids),
            UitProfile.environment.is_not(None),
            UitProfile.environment != basis.environment,
        )
        .values(
            location_id="",
            location_name="",
            location_address="",
            organizer_id="",
            organizer_name="",
            organizer_is_uitpas=False,
        )
        .execution_options(synchronize_session=False)
    )


def _update(session: Session, ids: Iterable[int], values: dict[str, Any]) -> None:
    session.execute(
        update(UitProfile)
        .where(UitProfile.id.in_(list(ids)))
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _record(activity_type_id: int, action: str, pending: PendingChange) -> None:
    activity_type = db.session.get_one(ActivityType, activity_type_id)
    record(
        action,
        subject_kind="activiteittype",
        subject_id=activity_type_id,
        subject_label=activity_type.name,
        detail={"velden": list(pending.words), "activiteiten": len(pending.followers)},
    )
