"""The UiT-koppeling of an activity: which event it has, where, and how its publication stands."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, not_, or_, select, update
from sqlalchemy.orm import Session

from app.activities.models import Activity
from app.clock import now
from app.extensions import _t, db, write_transaction
from app.publiq.exchange import Timeouts
from app.settings.audit import record
from app.settings.models import Environment, OrganizerPermission
from app.settings.uit import active_environment, get_modules
from app.uitdatabank.models import EventLink, LinkState, ReferenceKind, UitReference
from app.uitdatabank.problems import Problem
from app.uitdatabank.status import refresh_status

GIVEN_UP_AFTER = timedelta(seconds=2 * Timeouts().longest_call)
"""A publication that takes longer than this was broken off."""
SEARCHES = 3
NOTHING_SENT = ""
"""The content hash of a first publication that has begun and of which nothing has left yet."""
REMOTE_GONE, REMOTE_DELETED, REMOTE_REJECTED = "GONE", "DELETED", "REJECTED"
"""What ``remote_status`` says of an event that publiq does not know, deleted or turned down."""
REMOTE_DELETING = "DELETING"
"""Stands in ``remote_status`` from when a person asked to delete the event until publiq did so."""
NOT_THERE = (REMOTE_GONE, REMOTE_DELETED, REMOTE_DELETING)


class LinkRefused(Exception):
    """The link cannot be forgotten now; ``problem`` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.problem = problem


def link_of(activity_id: int, environment: Environment | None = None) -> EventLink | None:
    """The link of an activity in an environment, the active one by default."""
    return db.session.scalar(
        select(EventLink).where(
            EventLink.activity_id == activity_id,
            EventLink.environment == (environment or active_environment()),
        )
    )


def at_publiq() -> ColumnElement[bool]:
    """Links of events that stand at UiTdatabank, as far as we know."""
    return and_(EventLink.event_id.is_not(None), EventLink.remote_status.not_in(NOT_THERE))


def gives_benefits() -> ColumnElement[bool]:
    """Links of events at which UiTPAS may give something: at publiq, of no known non-partner.

    Whether an organizer is a partner is known once our permissions were asked; until then a
    benefit that is somebody's is not missed.
    """
    permission = select(OrganizerPermission.organizer_id).where(
        OrganizerPermission.environment == EventLink.environment
    )
    return and_(
        at_publiq(),
        or_(
            EventLink.organizer_id == "",
            ~exists(permission.correlate(EventLink)),
            _of_partner(),
        ),
    )


def without_partner() -> ColumnElement[bool]:
    """Links of events at publiq whose organizer nobody told us to be a UiTPAS partner (D12).

    By what ``gives_benefits`` looks at, so that a fresh look at our permissions counts at once.
    """
    return and_(at_publiq(), EventLink.organizer_id != "", not_(_of_partner()))


def _of_partner() -> ColumnElement[bool]:
    """A partner that was told by any of three sources counts: publication, permission, badge."""
    permission = select(OrganizerPermission.organizer_id).where(
        OrganizerPermission.environment == EventLink.environment,
        OrganizerPermission.organizer_id == EventLink.organizer_id,
    )
    badge = select(UitReference.publiq_id).where(
        UitReference.environment == EventLink.environment,
        UitReference.kind == ReferenceKind.ORGANIZER,
        UitReference.publiq_id == EventLink.organizer_id,
        UitReference.is_uitpas,
    )
    return or_(
        EventLink.organizer_is_uitpas,
        exists(permission.correlate(EventLink)),
        exists(badge.correlate(EventLink)),
    )


def published_event(activity: Activity) -> tuple[str, Environment] | None:
    """The event of an activity in the active environment; None when it was never published."""
    link = link_of(activity.id)
    return None if link is None or link.event_id is None else (link.event_id, link.environment)


def benefits_possible(activity_ids: Iterable[int]) -> dict[int, str]:
    """The event id of each activity that can give UiTPAS benefits (R8).

    That is: published in the active environment, by an organizer of whom we do not know that it is
    no partner, and the module UiTPAS is on. One query beside the settings.
    """
    ids = list(activity_ids)
    if not ids or not get_modules().uitpas:
        return {}
    rows = db.session.execute(
        select(EventLink.activity_id, EventLink.event_id).where(
            EventLink.activity_id.in_(ids),
            EventLink.environment == active_environment(),
            gives_benefits(),
        )
    )
    return {row.activity_id: row.event_id for row in rows}


def hold_events(session: Session, activity_ids: Iterable[int]) -> dict[int, str]:
    """As ``benefits_possible``, and nobody deletes these events before the caller's commit.

    For who is about to write a wish at UiTPAS: deleting the event looks for such wishes under the
    same lock.
    """
    ids = sorted(set(activity_ids))
    if ids:
        session.execute(
            select(EventLink.id)
            .where(EventLink.activity_id.in_(ids))
            .order_by(EventLink.id)
            .with_for_update(read=True)
        )
    return benefits_possible(ids)


def delete_link(activity_id: int) -> None:
    """Forget the event in the active environment, so that publishing makes a new one (D4).

    The event itself stays at UiTdatabank. Raises LinkRefused while a publication is under way.
    """
    environment = active_environment()
    with write_transaction() as session:
        link = locked_link(session, activity_id, environment)
        if link is None:
            return
        if is_under_way(link):
            raise LinkRefused(Problem(_t("Deze activiteit wordt net gepubliceerd. Wacht even.")))
        forgotten = link.event_id or ""
        session.delete(link)
        session.flush()
        refresh_status(session, activity_id)
        record(
            "UiT-link verwijderd",
            subject_kind="activiteit",
            subject_id=str(activity_id),
            subject_label=session.get_one(Activity, activity_id).title,
            detail={"event": forgotten, "omgeving": environment.value},
        )


def is_under_way(link: EventLink) -> bool:
    """Whether a publication or a deletion is being sent, or a lost one is still looked for."""
    if link.state is LinkState.UNKNOWN or link.remote_status == REMOTE_DELETING:
        return True
    return link.state is LinkState.SENDING and not is_broken_off(link, now())


def is_broken_off(link: EventLink, moment: datetime) -> bool:
    """Whether a publication began so long ago that its process must have died."""
    return link.state is LinkState.SENDING and (
        link.sent_at is None or moment - link.sent_at > GIVEN_UP_AFTER
    )


def fix_organizer(session: Session, environment: Environment, event_ids: Iterable[str]) -> None:
    """Tickets were sold with UiTPAS: publiq lets nobody change the organizer of these events."""
    session.execute(
        update(EventLink)
        .where(
            EventLink.environment == environment,
            EventLink.event_id.in_(set(event_ids)),
            EventLink.organizer_fixed_at.is_(None),
        )
        .values(organizer_fixed_at=now())
        .execution_options(synchronize_session=False)
    )


def free_organizer(session: Session, environment: Environment, event_id: str) -> None:
    """The last of those tickets was undone: the organizer may change again, as far as we know."""
    session.execute(
        update(EventLink)
        .where(EventLink.environment == environment, EventLink.event_id == event_id)
        .values(organizer_fixed_at=None)
        .execution_options(synchronize_session=False)
    )


def locked_link(session: Session, activity_id: int, environment: Environment) -> EventLink | None:
    """The link, read anew and locked until the end of the caller's write transaction."""
    return session.scalar(
        select(EventLink)
        .where(EventLink.activity_id == activity_id, EventLink.environment == environment)
        .with_for_update(of=EventLink)
        .execution_options(populate_existing=True)
    )
