"""Sold out, places free again, cancelled and postponed reach the event by themselves (D14).

Nobody has to say that something changed: a job compares what publiq was last told with what is
true now, and sends what differs. Sending it twice does no harm, since a request says how things
are and not what happened; so a lost answer is simply sent again.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, null, or_, select
from sqlalchemy.orm import Session

from app.activities.models import Activity, ActivityDate, ActivityState, PlacePool
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.parallel import in_parallel
from app.publiq.errors import PubliqBusy, PubliqError, PubliqNotFound
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment
from app.settings.publiq_errors import explain
from app.settings.uit import get_modules
from app.uitdatabank import told as told_dates
from app.uitdatabank.availability_requests import requests_for, send
from app.uitdatabank.event import EventDate, sub_event
from app.uitdatabank.facts import sold_out
from app.uitdatabank.links import REMOTE_DELETED, REMOTE_GONE, at_publiq
from app.uitdatabank.models import EventLink, LinkState
from app.uitdatabank.telling import keep_told
from app.uitdatabank.told import Told

log = logging.getLogger(__name__)

PURPOSE = "Plaatsen en status doorgeven"
QUIET = timedelta(seconds=30)
"""After a push: what changes meanwhile waits so long, so that a rush is one request."""
LEASE = timedelta(minutes=2)
"""Longer than a push lasts; who died in one is followed by another."""
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
OLD_ONES = 500
AT_ONCE = 3
"""Of the few that may wait for publiq at the same time, some are for people."""
UNDER_WAY = (LinkState.SENDING, LinkState.UNKNOWN)


class Result(Enum):
    """How one push ended."""

    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    SLOW_DOWN = "slow down"


@dataclass(frozen=True)
class Whole:
    """Whether the activity as a whole goes on."""

    cancelled: bool
    postponed: bool
    state_reason: str


@dataclass(frozen=True)
class Change:
    """What publiq should be told of one event. ``known`` is what it was told, as it is stored."""

    link_id: int
    activity_id: int
    environment: Environment
    event_id: str
    known: list[dict[str, Any]]
    wanted: list[Told]
    due_at: datetime | None
    under_way: bool

    @property
    def intent(self) -> list[dict[str, Any]]:
        """What is stored before anything is sent: of these dates we know nothing for sure."""
        return told_dates.stored(told_dates.doubtful(told_dates.read(self.known), self.wanted))


def push_availability() -> datetime | None:
    """The job of each minute, woken after a sale or a cancellation.

    Returns when the first change that has to wait may go; None when none waits.
    """
    if not get_modules().uitdatabank:
        return None
    _read_what_was_sent()
    changes = find_changes()
    moment = now()
    due = [one for one in changes if not one.under_way and (one.due_at or moment) <= moment]
    for environment, mine in _by_environment(due).items():
        _push_all(environment, mine)
    waiting = [one.due_at for one in changes if one.due_at and one.due_at > moment]
    if due:
        waiting.append(now() + QUIET)
    return min(waiting, default=None)


def find_changes() -> list[Change]:
    """Every published event of which publiq was told something else than what is true now.

    In the environment of each event, the active one or not. Four queries at most, however many
    events there are.
    """
    links = [row for row in db.session.execute(_links()) if row.availability_sent]
    if not links:
        return []
    dates, pools = _dates(), _pools()
    found = []
    for row in links:
        known = told_dates.read(row.availability_sent)
        whole = Whole(
            row.state is ActivityState.CANCELLED,
            row.state is ActivityState.POSTPONED,
            row.state_reason,
        )
        present = _present(dates[row.activity_id], pools[row.activity_id], whole)
        wanted = told_dates.wanted(known, present, whole)
        if wanted != known:
            found.append(_change(row, wanted))
    return found


def _read_what_was_sent() -> None:
    """Events that were published before this was kept: their body says what publiq was told."""
    unknown = (
        at_publiq(),
        EventLink.availability_sent.is_(null()),
        EventLink.sent_body.is_not(null()),
    )
    if not db.session.scalar(select(exists().where(*unknown))):
        return
    with write_transaction() as session:
        for link in session.scalars(select(EventLink).where(*unknown).limit(OLD_ONES)):
            keep_told(link, link.sent_body or {})


def still_to_come() -> ColumnElement[bool]:
    """Activities with something ahead, a cancelled date included: publiq must hear of that too."""
    moment = now()
    return or_(
        Activity.last_end.is_(None),
        Activity.last_end > moment,
        exists().where(ActivityDate.activity_id == Activity.id, ActivityDate.ends_at > moment),
    )


def _links() -> Select[Any]:
    return (
        select(
            EventLink.id,
            EventLink.activity_id,
            EventLink.environment,
            EventLink.event_id,
            EventLink.state.label("link_state"),
            EventLink.availability_sent,
            EventLink.availability_next_at,
            Activity.state,
            Activity.state_reason,
        )
        .join(Activity, Activity.id == EventLink.activity_id)
        .where(at_publiq(), still_to_come())
    )


def _published() -> Select[Any]:
    return (
        select(EventLink.activity_id)
        .join(Activity, Activity.id == EventLink.activity_id)
        .where(at_publiq(), still_to_come())
    )


def _dates() -> dict[int, list[Row[Any]]]:
    """The dates of all published activities, as plain rows: there are many."""
    rows = db.session.execute(
        select(
            ActivityDate.activity_id,
            ActivityDate.id,
            ActivityDate.starts_at,
            ActivityDate.ends_at,
            ActivityDate.cancelled_at,
            ActivityDate.postponed_at,
            ActivityDate.status_reason,
        )
        .where(ActivityDate.activity_id.in_(_published()))
        .order_by(ActivityDate.starts_at, ActivityDate.ends_at)
    )
    return _by_activity(rows)


def _pools() -> dict[int, list[Row[Any]]]:
    rows = db.session.execute(
        select(
            PlacePool.activity_id,
            PlacePool.date_id,
            (PlacePool.capacity - PlacePool.taken).label("left"),
        ).where(PlacePool.activity_id.in_(_published()))
    )
    return _by_activity(rows)


def _by_activity(rows: Iterable[Row[Any]]) -> dict[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.activity_id].append(row)
    return found


def _present(dates: Sequence[Row[Any]], pools: Sequence[Any], whole: Whole) -> list[Told]:
    """The dates as the event would say them now."""
    if not dates:
        return []
    bodies = [
        sub_event(
            EventDate(
                row.starts_at,
                row.ends_at,
                cancelled=row.cancelled_at is not None,
                sold_out=sold_out(pools, row.id),
                postponed=row.postponed_at is not None,
                reason=row.status_reason,
            ),
            whole,
        )
        for row in dates
    ]
    return told_dates.told_by({"subEvent": bodies})


def _change(row: Row[Any], wanted: list[Told]) -> Change:
    return Change(
        link_id=row.id,
        activity_id=row.activity_id,
        environment=row.environment,
        event_id=row.event_id,
        known=row.availability_sent,
        wanted=wanted,
        due_at=row.availability_next_at,
        under_way=row.link_state in UNDER_WAY,
    )


def _by_environment(changes: Iterable[Change]) -> dict[Environment, list[Change]]:
    found: dict[Environment, list[Change]] = defaultdict(list)
    for change in changes:
        found[change.environment].append(change)
    return found


def _push_all(environment: Environment, changes: Sequence[Change]) -> None:
    """A few at once; when publiq asks to slow down, the rest waits for the next round."""
    for first in range(0, len(changes), AT_ONCE):
        batch = changes[first : first + AT_ONCE]
        end_read()
        results = in_parallel({one.link_id: lambda one=one: _push(one) for one in batch})
        if Result.SLOW_DOWN in results.values():
            log.info("publiq (%s) is busy: pushes go on later", environment.value)
            return


def _push(change: Change) -> Result:
    """Tell publiq of one event; never while its publication is under way."""
    if not _claim(change):
        return Result.SKIPPED
    try:
        client = publiq_client(change.environment, purpose=PURPOSE, activity_id=change.activity_id)
        end_read()
        theirs = client.entry.get_event(change.event_id)
        if theirs.get("workflowStatus") == "DELETED":
            return _is_gone(change, REMOTE_DELETED)
        known = told_dates.read(change.known)
        send(client.entry, change.event_id, requests_for(theirs, change.wanted, known))
    except PubliqNotFound:
        return _is_gone(change, REMOTE_GONE)
    except NotConnected as error:
        return _failed(change, error.sentence)
    except PubliqError as error:
        return _failed(change, explain(error), error)
    _settle(
        change,
        availability_sent=told_dates.stored(change.wanted),
        availability_next_at=now() + QUIET,
        availability_tries=0,
        availability_error="",
    )
    return Result.SENT


def _claim(change: Change) -> bool:
    """Write the intent: of what is about to be sent we are no longer sure.

    Without it a place that is freed again before the answer came would look as if nothing had
    ever been sent. Refused when somebody else is at it, or knows better by now.
    """
    with write_transaction() as session:
        link = _locked(session, change.link_id)
        moment = now()
        if (
            link is None
            or link.event_id != change.event_id
            or link.state in UNDER_WAY
            or link.availability_sent != change.known
            or (link.availability_next_at or moment) > moment
        ):
            return False
        link.availability_sent = change.intent
        link.availability_next_at = moment + LEASE
        return True


def _settle(change: Change, **values: Any) -> None:
    """Keep how it ended, unless a publication or another push began meanwhile."""
    with write_transaction() as session:
        link = _locked(session, change.link_id)
        if link is None or link.event_id != change.event_id:
            return
        if link.availability_sent != change.intent:
            return
        for name, value in values.items():
            setattr(link, name, value)


def _is_gone(change: Change, remote_status: str) -> Result:
    """Nobody can tell it anything any more: said on the tab, and not tried again."""
    _settle(change, remote_status=remote_status, checked_at=now(), availability_error="")
    return Result.FAILED


def _failed(change: Change, sentence: str, error: PubliqError | None = None) -> Result:
    """To be sent again after a pause that grows, or as long as publiq asks."""
    with write_transaction() as session:
        link = _locked(session, change.link_id)
        if link is not None and link.availability_sent == change.intent:
            link.availability_tries += 1
            pause = min(FIRST_PAUSE * 2 ** min(link.availability_tries - 1, 12), LONGEST_PAUSE)
            asked = timedelta(seconds=(error.retry_after or 0) if error else 0)
            link.availability_next_at = now() + max(pause, asked)
            link.availability_error = sentence
    return Result.SLOW_DOWN if isinstance(error, PubliqBusy) else Result.FAILED


def _locked(session: Session, link_id: int) -> EventLink | None:
    return session.get(EventLink, link_id, with_for_update=True, populate_existing=True)
