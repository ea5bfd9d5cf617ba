"""The UiT-koppeling of an activity: which event it has, where, and how its publication stands."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.activities.models import Activity
from app.clock import now
from app.extensions import _t, db, write_transaction
from app.publiq.exchange import Timeouts
from app.settings.audit import record
from app.settings.models import Environment
from app.settings.uit import active_environment, get_modules
from app.uitdatabank.models import EventLink, LinkState
from app.uitdatabank.problems import Problem
from app.uitdatabank.status import refresh_status

GIVEN_UP_AFTER = timedelta(seconds=2 * Timeouts().longest_call)
"""A publication that takes longer than this was broken off."""
SEARCHES = 3


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


def published_event(activity: Activity) -> tuple[str, Environment] | None:
    """The event of an activity in the active environment; None when it was never published."""
    link = link_of(activity.id)
    return None if link is None or link.event_id is None else (link.event_id, link.environment)


def benefits_possible(activity_ids: Iterable[int]) -> dict[int, str]:
    """The event id of each activity that can give UiTPAS benefits (R8).

    That is: published in the active environment, and the module UiTPAS is on. One query beside
    the settings.
    """
    ids = list(activity_ids)
    if not ids or not get_modules().uitpas:
        return {}
    rows = db.session.execute(
        select(EventLink.activity_id, EventLink.event_id).where(
            EventLink.activity_id.in_(ids),
            EventLink.environment == active_environment(),
            EventLink.event_id.is_not(None),
        )
    )
    return {row.activity_id: row.event_id for row in rows}


def published_without_partner(limit: int = 50) -> list[Activity]:
    """Published activities to come whose organizer is no UiTPAS partner, soonest first (D12)."""
    return list(
        db.session.scalars(
            select(Activity)
            .join(EventLink, EventLink.activity_id == Activity.id)
            .where(
                EventLink.environment == active_environment(),
                EventLink.event_id.is_not(None),
                EventLink.organizer_is_uitpas.is_(False),
                Activity.last_end > now(),
            )
            .order_by(Activity.first_start)
            .limit(limit)
        )
    )


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
    """Whether a publication is being sent, or a lost one is still looked for."""
    if link.state is LinkState.UNKNOWN:
        return True
    return link.state is LinkState.SENDING and not is_broken_off(link, now())


def is_broken_off(link: EventLink, moment: datetime) -> bool:
    """Whether a publication began so long ago that its process must have died."""
    return link.state is LinkState.SENDING and (
        link.sent_at is None or moment - link.sent_at > GIVEN_UP_AFTER
    )


def ensure_link(activity_id: int, environment: Environment) -> None:
    """Make the link where there is none; two at once end with one."""
    if link_of(activity_id, environment) is not None:
        return
    try:
        with write_transaction() as session:
            session.add(EventLink(activity_id=activity_id, environment=environment))
    except IntegrityError:
        db.session.rollback()  # a colleague was first


def locked_link(session: Session, activity_id: int, environment: Environment) -> EventLink | None:
    """The link, read anew and locked until the end of the caller's write transaction."""
    return session.scalar(
        select(EventLink)
        .where(EventLink.activity_id == activity_id, EventLink.environment == environment)
        .with_for_update(of=EventLink)
        .execution_options(populate_existing=True)
    )
