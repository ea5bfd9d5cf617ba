"""Deleting the event of an activity at UiTdatabank, for good (6.1.4, D14).

The intent is committed first and stands on the link until publiq answered; meanwhile nobody
publishes the activity or gets a benefit for it. DELETE says how the event should be and not what
happened, so asking it a second time does no harm: what was broken off or not answered is asked
again by a job until publiq says that it is deleted. uitpas/event_deletion.py guards the entrance.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.activities.models import Activity
from app.clock import now
from app.extensions import _l, _t, db, end_read, write_transaction
from app.publiq import Publiq
from app.publiq.errors import PubliqError, PubliqNotFound, PubliqRefused
from app.settings.audit import record
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment
from app.settings.publiq_errors import explain
from app.settings.uit import active_environment, get_modules
from app.uitdatabank.links import REMOTE_DELETING, LinkRefused, is_under_way, locked_link
from app.uitdatabank.models import EventLink
from app.uitdatabank.problems import Problem
from app.uitdatabank.status import refresh_status

log = logging.getLogger(__name__)

PURPOSE = "Event verwijderen"
LEASE = timedelta(minutes=2)
"""Longer than asking takes; who died meanwhile is followed by the job."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
DONE = _l("Het event is verwijderd bij UiTdatabank. Publiceer je opnieuw, dan maken we een nieuw.")
LOST = _l(
    "UiTdatabank gaf geen antwoord. We proberen het vanzelf opnieuw tot het event weg is; tot dan "
    "kan je deze activiteit niet publiceren."
)
NOTHING = _l("Deze activiteit heeft geen event in UiTdatabank.")
BUSY = _l("Deze activiteit wordt net gepubliceerd of verwijderd. Wacht even.")


class Deleted(Enum):
    """How deleting an event ended."""

    DONE = "done"
    WAITING = "waiting"
    REFUSED = "refused"


@dataclass(frozen=True)
class Deletion:
    """The right to delete one event now."""

    activity_id: int
    environment: Environment
    event_id: str
    leased_until: datetime
    repeated: bool = False
    """Whether it was asked before: then even a refusal does not say that the event still stands."""


@dataclass(frozen=True)
class Answer:
    """How it ended, in one Dutch sentence; ``call_id`` is the log's row."""

    outcome: Deleted
    sentence: str
    call_id: int | None = None


def lock_event(session: Session, activity_id: int) -> EventLink:
    """The link of an event that may be deleted, locked until the caller's transaction ends.

    Raises LinkRefused where there is no event, or a publication is under way.
    """
    link = locked_link(session, activity_id, active_environment())
    if link is None or link.event_id is None:
        raise LinkRefused(Problem(str(NOTHING)))
    if is_under_way(link):
        raise LinkRefused(Problem(str(BUSY)))
    return link


def begin_deletion(session: Session, link: EventLink) -> Deletion:
    """Write the intent on a link that ``lock_event`` gave, in the same transaction."""
    assert link.event_id is not None
    link.remote_status = REMOTE_DELETING
    link.availability_next_at = now() + LEASE
    link.availability_tries = 0
    record(
        "Event verwijderen bij UiTdatabank",
        subject_kind="activiteit",
        subject_id=str(link.activity_id),
        subject_label=session.get_one(Activity, link.activity_id).title,
        detail={"event": link.event_id, "omgeving": link.environment.value},
    )
    return Deletion(link.activity_id, link.environment, link.event_id, link.availability_next_at)


def carry_out(deletion: Deletion) -> Answer:
    """Ask publiq to delete the event, then forget it. Outside any transaction."""
    try:
        client = publiq_client(
            deletion.environment, purpose=PURPOSE, activity_id=deletion.activity_id
        )
    except NotConnected as error:
        return _give_up(deletion, error.sentence)
    end_read()
    try:
        client.entry.delete_event(deletion.event_id)
    except PubliqNotFound:
        return _forget(deletion)
    except PubliqError as error:
        if error.may_have_arrived or deletion.repeated:
            return _look(client, deletion, error)
        return _give_up(deletion, explain(error), error)
    return _forget(deletion)


def finish_deletions() -> int:
    """The job of each minute: what was asked and not answered. Returns how many events went."""
    if not get_modules().uitdatabank:
        return 0
    gone = 0
    for link_id in db.session.scalars(_due()).all():
        deletion = _take_over(link_id)
        if deletion is not None:
            gone += carry_out(deletion).outcome is Deleted.DONE
    return gone


def _due():  # noqa: ANN202 - an SQL statement
    next_at = EventLink.availability_next_at
    return select(EventLink.id).where(
        EventLink.remote_status == REMOTE_DELETING, or_(next_at.is_(None), next_at <= now())
    )


def _take_over(link_id: int) -> Deletion | None:
    """The right to ask again; None when somebody else just did."""
    with write_transaction() as session:
        link = session.get(EventLink, link_id, with_for_update=True, populate_existing=True)
        moment = now()
        if link is None or link.event_id is None or link.remote_status != REMOTE_DELETING:
            return None
        if (link.availability_next_at or moment) > moment:
            return None
        link.availability_next_at = moment + LEASE
        link.availability_tries += 1
        until = link.availability_next_at
        return Deletion(link.activity_id, link.environment, link.event_id, until, repeated=True)


def _look(client: Publiq, deletion: Deletion, error: PubliqError) -> Answer:
    """An answer was lost, now or before: is the event still there?"""
    try:
        theirs = client.entry.get_event(deletion.event_id)
    except PubliqNotFound:
        return _forget(deletion)
    except PubliqError:
        return _wait(deletion, error)
    if theirs.get("workflowStatus") == "DELETED":
        return _forget(deletion)
    if isinstance(error, PubliqRefused):
        return _give_up(deletion, explain(error), error)
    return _wait(deletion, error)


def _forget(deletion: Deletion) -> Answer:
    """The link goes, so that the next publication makes a new event."""
    with write_transaction() as session:
        link = locked_link(session, deletion.activity_id, deletion.environment)
        if link is not None and link.event_id == deletion.event_id:
            session.delete(link)
            session.flush()
            refresh_status(session, deletion.activity_id)
    return Answer(Deleted.DONE, str(DONE))


def _wait(deletion: Deletion, error: PubliqError) -> Answer:
    """Nobody knows whether it is deleted: the job asks again, after pauses that grow."""
    call_id = _call_id(error)
    with write_transaction() as session:
        link = _mine(session, deletion)
        if link is not None:
            pause = min(FIRST_PAUSE * 2 ** min(link.availability_tries, 10), LONGEST_PAUSE)
            link.availability_next_at = now() + max(
                pause, timedelta(seconds=error.retry_after or 0)
            )
            link.last_error, link.last_call_id = str(LOST), call_id
    return Answer(Deleted.WAITING, str(LOST), call_id)


def _give_up(deletion: Deletion, sentence: str, error: PubliqError | None = None) -> Answer:
    """publiq did nothing, for sure: the event stands, and a person may ask again."""
    call_id = _call_id(error)
    said = _t("Het event is niet verwijderd. %(why)s", why=sentence)
    with write_transaction() as session:
        link = _mine(session, deletion)
        if link is not None:
            link.remote_status, link.availability_next_at = "", None
            link.last_error, link.last_call_id = said, call_id
    return Answer(Deleted.REFUSED, said, call_id)


def _mine(session: Session, deletion: Deletion) -> EventLink | None:
    """The link, unless the job took over from who was too slow."""
    link = locked_link(session, deletion.activity_id, deletion.environment)
    if link is None or link.remote_status != REMOTE_DELETING:
        return None
    return link if link.availability_next_at == deletion.leased_until else None


def _call_id(error: PubliqError | None) -> int | None:
    call_id = getattr(error, "call_id", None)
    return call_id if isinstance(call_id, int) else None
