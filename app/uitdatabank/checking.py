"""Looking each night whether UiTdatabank still says what we sent (D13, D14).

Every published event of an activity that is not over is read, in its own environment; so are the
locations and organizers in use. What was looked at since midnight is left alone, so a run that was
broken off, or that publiq asked to slow down, goes on where it stopped.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import or_, select

from app.activities.models import Activity
from app.clock import from_local, now, today
from app.extensions import db, end_read, write_transaction
from app.parallel import in_parallel
from app.publiq.errors import PubliqBusy, PubliqError, PubliqNotFound
from app.publiq.reading import moment
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment
from app.settings.uit import get_modules
from app.uitdatabank import told as told_dates
from app.uitdatabank.availability import still_to_come
from app.uitdatabank.comparing import Difference, compare, overwritten
from app.uitdatabank.event import Body
from app.uitdatabank.links import REMOTE_DELETED, REMOTE_DELETING, REMOTE_GONE
from app.uitdatabank.models import EventLink, LinkState, ReferenceKind, ReferenceState, UitReference
from app.uitdatabank.names import names_for
from app.uitdatabank.readable import reference_id
from app.uitdatabank.references import keep_seen_in, look_at_reference
from app.uitdatabank.references_in_use import InUse, references_in_use

log = logging.getLogger(__name__)

PURPOSE = "Nachtelijke controle"
SOON = timedelta(seconds=30)
"""publiq finishes what a publication asked within this time."""
AT_ONCE = 3
BATCH = 120


class Seen(Enum):
    """How looking at one thing ended."""

    LOOKED = "looked"
    FAILED = "failed"
    SLOW_DOWN = "slow down"


@dataclass(frozen=True)
class Subject:
    """One published event to look at."""

    activity_id: int
    environment: Environment
    event_id: str


@dataclass(frozen=True)
class Comparison:
    """The event as it stands at publiq, and what was changed there since we sent ours.

    ``theirs`` is None when it is gone. ``sent`` is empty for one that was published long ago.
    """

    theirs: Body | None
    sent: Body
    remote_status: str
    differences: list[Difference]


def check_with_publiq() -> int:
    """The job of each night. Returns how many events and references were looked at."""
    if not get_modules().uitdatabank:
        return 0
    since = from_local(today(), time())
    return _check_references(since) + _check_events(since)


def look_at_event(activity_id: int, environment: Environment) -> Comparison | None:
    """Read one event, compare it with what we sent, and keep what was found on the link.

    None where the activity has no event there. Outside any transaction. Raises PubliqError, and
    NotConnected.
    """
    event_id = db.session.scalar(
        select(EventLink.event_id).where(
            EventLink.activity_id == activity_id, EventLink.environment == environment
        )
    )
    if event_id is None:
        return None
    client = publiq_client(environment, purpose=PURPOSE, activity_id=activity_id)
    end_read()
    try:
        theirs: Body | None = client.entry.get_event(event_id)
    except PubliqNotFound:
        theirs = None
    return _keep(Subject(activity_id, environment, event_id), theirs)


def _keep(subject: Subject, theirs: Body | None) -> Comparison | None:
    """Nothing is kept of an event that is being published or deleted at this moment."""
    with write_transaction() as session:
        link = session.scalar(
            select(EventLink)
            .where(
                EventLink.activity_id == subject.activity_id,
                EventLink.environment == subject.environment,
                EventLink.event_id == subject.event_id,
            )
            .with_for_update(of=EventLink)
            .execution_options(populate_existing=True)
        )
        if link is None:
            return None
        sent = link.sent_body or {}
        _notice_merged(link, sent, theirs)
        found = Comparison(theirs, sent, _status(theirs), [])
        if theirs is not None and sent and found.remote_status != REMOTE_DELETED:
            found.differences.extend(
                compare(
                    sent,
                    theirs,
                    told=told_dates.read(link.availability_sent or []) or None,
                    successors=successors(subject.environment),
                    names=names_for([sent], subject.environment),
                )
            )
        if link.state is not LinkState.SENDING and link.remote_status != REMOTE_DELETING:
            link.checked_at = now()
            link.remote_status = found.remote_status
            link.differences = [one.as_json() for one in overwritten(found.differences)]
        return found


def _notice_merged(link: EventLink, sent: Body, theirs: Body | None) -> None:
    """An event that lies elsewhere than we sent, and not because somebody moved it.

    So does publiq with a duplicate of another location, and its documents promise no word of that
    on the location itself. Two things tell: the location is gone, or nobody touched the event
    since we published it.
    """
    mine, there = (reference_id((body or {}).get("location")) for body in (sent, theirs))
    if not mine or not there or mine == there:
        return
    known = db.session.get(UitReference, (link.environment, ReferenceKind.PLACE, mine))
    if known is None or known.successor_id:
        return
    touched = moment((theirs or {}).get("modified"))
    untouched = (
        touched is not None
        and link.published_at is not None
        and touched <= link.published_at + SOON
    )
    if untouched or known.state is not ReferenceState.ALIVE:
        known.state, known.successor_id = ReferenceState.MERGED, there
        keep_seen_in(link.environment, (theirs or {})["location"])
        db.session.flush()


def _status(theirs: Body | None) -> str:
    if theirs is None:
        return REMOTE_GONE
    return str(theirs.get("workflowStatus") or "")[:30]


def successors(environment: Environment) -> Mapping[str, str]:
    """Into which others locations and organizers were merged, as far as we saw."""
    rows = db.session.execute(
        select(UitReference.publiq_id, UitReference.successor_id).where(
            UitReference.environment == environment,
            UitReference.state == ReferenceState.MERGED,
        )
    )
    return {row.publiq_id: row.successor_id for row in rows if row.successor_id}


def _check_events(since: datetime) -> int:
    """In batches, by id, so that no two are read twice and none is forgotten."""
    looked, last_id = 0, 0
    busy: set[Environment] = set()
    while True:
        rows = db.session.execute(
            select(EventLink.id, EventLink.activity_id, EventLink.environment, EventLink.event_id)
            .join(Activity, Activity.id == EventLink.activity_id)
            .where(
                EventLink.id > last_id,
                EventLink.event_id.is_not(None),
                EventLink.remote_status != REMOTE_DELETING,
                EventLink.state != LinkState.SENDING,
                or_(EventLink.checked_at.is_(None), EventLink.checked_at < since),
                still_to_come(),
            )
            .order_by(EventLink.id)
            .limit(BATCH)
        ).all()
        if not rows:
            return looked
        last_id = rows[-1].id
        work: dict[Environment, list[Callable[[], None]]] = defaultdict(list)
        for row in rows:
            subject = (row.activity_id, row.environment)
            work[row.environment].append(lambda one=subject: look_at_event(*one))
        looked += _in_turns(work, busy)


def _check_references(since: datetime) -> int:
    """The locations and organizers of types, and of activities that are not over."""
    known = {
        (row.environment, row.kind, row.publiq_id)
        for row in db.session.execute(
            select(UitReference.environment, UitReference.kind, UitReference.publiq_id).where(
                UitReference.checked_at >= since
            )
        )
    }
    work: dict[Environment, list[Callable[[], None]]] = defaultdict(list)
    for item in references_in_use():
        if (item.environment, item.kind, item.publiq_id) not in known:
            work[item.environment].append(lambda one=item: _look_at(one))
    return _in_turns(work, set())


def _look_at(item: InUse) -> None:
    client = publiq_client(item.environment, purpose=PURPOSE)
    end_read()
    seen = look_at_reference(client, item.environment, item.kind, item.publiq_id)
    successor_id = seen.successor_id
    end_read()
    if successor_id:  # so that its name can be offered in the place of the other
        look_at_reference(client, item.environment, item.kind, successor_id)


def _in_turns(
    work: Mapping[Environment, Sequence[Callable[[], Any]]], busy: set[Environment]
) -> int:
    """A few at once; an environment that asks to slow down, or is away, waits for the next run."""
    looked = 0
    for environment, pieces in work.items():
        for first in range(0, len(pieces), AT_ONCE):
            if environment in busy:
                break
            end_read()
            batch = pieces[first : first + AT_ONCE]
            results = in_parallel({number: _guarded(one) for number, one in enumerate(batch)})
            looked += sum(result is Seen.LOOKED for result in results.values())
            if Seen.SLOW_DOWN in results.values() or set(results.values()) == {Seen.FAILED}:
                log.info("the nightly check of %s goes on later", environment.value)
                busy.add(environment)
    return looked


def _guarded(piece: Callable[[], Any]) -> Callable[[], Seen]:
    """One piece of work, of which the failure stops no other."""

    def run() -> Seen:
        try:
            piece()
        except PubliqBusy:
            return Seen.SLOW_DOWN
        except (PubliqError, NotConnected) as error:
            log.info("the nightly check could not look: %s", type(error).__name__)
            return Seen.FAILED
        return Seen.LOOKED

    return run
