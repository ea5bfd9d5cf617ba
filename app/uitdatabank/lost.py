"""Finding back an event whose answer was lost, so that nothing is ever published twice.

publiq knows no key against doubles. A POST of which we do not know the outcome is looked for by who
made it, our hidden label, its name and its first start, after 10 seconds, 1 and 5 minutes.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, not_, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.publiq import Publiq
from app.publiq.errors import PubliqError
from app.publiq.reading import moment
from app.publiq.search import creator_of
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment
from app.uitdatabank.event import PRODUCT_LABEL
from app.uitdatabank.links import GIVEN_UP_AFTER, NOTHING_SENT, SEARCHES, locked_link
from app.uitdatabank.models import EventLink, LinkState
from app.uitdatabank.outcomes import BROKEN_OFF, BROKEN_OFF_UNSENT, LOST_CREATION, NOT_FOUND_BACK
from app.uitdatabank.readable import reference_id
from app.uitdatabank.status import refresh_status
from app.uitdatabank.telling import keep_told

log = logging.getLogger(__name__)

FIRST_LOOK = timedelta(seconds=10)
WAITS = (FIRST_LOOK, timedelta(minutes=1), timedelta(minutes=5))
"""After the request left: when it is looked for the first, second and third time."""
CLOCKS_DIFFER = timedelta(minutes=2)
PURPOSE = "Verloren publicatie opzoeken"


@dataclass(frozen=True)
class Sought:
    """What an event must have to be the lost one."""

    link_id: int
    activity_id: int
    environment: Environment
    body: dict[str, Any]
    sent_at: datetime
    searches: int = 0

    @property
    def name(self) -> str:
        """The name it was sent with."""
        return self.body["name"]["nl"]

    @property
    def location_id(self) -> str:
        """Where it was sent to take place."""
        return reference_id(self.body.get("location"))

    @property
    def first_start(self) -> datetime | None:
        """The start of its first date, or of its weekly schedule, in UTC."""
        dates = self.body.get("subEvent") or [self.body]
        return moment(dates[0]["startDate"])


def look_up_lost_publications() -> int:
    """The job of each minute, and of the moment at which the next look is due.

    Returns how many events were found back.
    """
    _notice_broken_off()
    found = 0
    for sought in _due(now()):
        if _claim(sought):
            found += _look_up(sought)
    return found


def next_look_up() -> datetime | None:
    """When the first of the lost publications is looked for next, in UTC; None when none is.

    One whose moment has passed could not be looked for: it waits for the minute.
    """
    rows = db.session.execute(select(EventLink.sent_at, EventLink.searches).where(_lost())).all()
    end_read()
    moments = (_look_at(row.sent_at, row.searches) for row in rows)
    return min((at for at in moments if at > now()), default=None)


def _lost() -> ColumnElement[bool]:
    return and_(
        EventLink.state == LinkState.UNKNOWN,
        EventLink.event_id.is_(None),
        EventLink.sent_at.is_not(None),
    )


def _look_at(sent_at: datetime, searches: int) -> datetime:
    return sent_at + WAITS[min(searches, SEARCHES - 1)]


def find_events(client: Publiq, sought: Sought) -> list[str]:
    """The ids of events that can be the lost one and belong to no other activity.

    Outside any transaction. Raises PubliqError.
    """
    end_read()
    events = client.search.events_by(
        creator=creator_of(client.transport.client_id),
        label=PRODUCT_LABEL,
        name=sought.name,
        purpose=PURPOSE,
    )
    earliest = sought.sent_at - CLOCKS_DIFFER
    ids = [
        event.id
        for event in events
        if event.name == sought.name
        and event.starts_at == sought.first_start
        and reference_id(event.body.get("location")) in ("", sought.location_id)
        and event.workflow_status != "DELETED"
        and (event.created_at is None or event.created_at >= earliest)
    ]
    taken = set(
        db.session.scalars(
            select(EventLink.event_id).where(
                EventLink.event_id.in_(ids), EventLink.environment == sought.environment
            )
        )
    )
    end_read()
    return [event_id for event_id in ids if event_id not in taken]


def adopt_lost_event(client: Publiq, sought: Sought) -> str | None:
    """Before a second POST: the id of the event of the first, which may have appeared meanwhile.

    It is written with the link at once, so that no other activity takes it too; that it still has
    to be brought up to date is said by the hash. None when there is none, or somebody else has it.
    Outside any transaction. Raises PubliqError.
    """
    ids = find_events(client, sought)
    if len(ids) != 1:
        return None
    try:
        with write_transaction() as session:
            link = locked_link(session, sought.activity_id, sought.environment)
            if link is None or link.state is not LinkState.SENDING or link.event_id is not None:
                return None
            link.event_id, link.content_hash = ids[0], ""
            link.published_at = link.first_published_at = now()
    except IntegrityError:
        return None
    return ids[0]


def _notice_broken_off() -> None:
    """Publications whose process died: a first one is looked for once it may have left.

    An update, and a first one of which nothing left, may simply be sent again.
    """
    old = and_(
        EventLink.state == LinkState.SENDING,
        or_(EventLink.sent_at.is_(None), EventLink.sent_at < now() - GIVEN_UP_AFTER),
    )
    if db.session.scalar(select(EventLink.id).where(old).limit(1)) is None:
        return
    first = EventLink.event_id.is_(None)
    unsent = EventLink.content_hash == NOTHING_SENT
    for which, values in (
        (and_(first, unsent), {"state": LinkState.FAILED, "last_error": str(BROKEN_OFF_UNSENT)}),
        (first, {"state": LinkState.UNKNOWN, "searches": 0, "last_error": str(LOST_CREATION)}),
        (not_(first), {"state": LinkState.FAILED, "last_error": str(BROKEN_OFF)}),
    ):
        with write_transaction() as session:
            session.execute(
                update(EventLink)
                .where(old, which)
                .values(**values)
                .execution_options(synchronize_session=False)
            )


def _due(moment_now: datetime) -> list[Sought]:
    links = db.session.scalars(
        select(EventLink).where(_lost(), EventLink.sent_at <= moment_now - WAITS[0])
    )
    return [
        Sought(
            link_id=link.id,
            activity_id=link.activity_id,
            environment=link.environment,
            body=link.sent_body,
            sent_at=link.sent_at,
            searches=link.searches,
        )
        for link in links
        if link.sent_at is not None
        and link.sent_body is not None
        and moment_now >= _look_at(link.sent_at, link.searches)
    ]


def _claim(sought: Sought) -> bool:
    """Count this search, unless another process just did."""
    with write_transaction() as session:
        counted = session.execute(
            update(EventLink)
            .where(
                EventLink.id == sought.link_id,
                EventLink.state == LinkState.UNKNOWN,
                EventLink.searches == sought.searches,
            )
            .values(searches=sought.searches + 1)
            .execution_options(synchronize_session=False)
        )
        return counted.rowcount == 1


def _look_up(sought: Sought) -> bool:
    try:
        client = publiq_client(sought.environment, purpose=PURPOSE, activity_id=sought.activity_id)
        ids = find_events(client, sought)
    except (NotConnected, PubliqError) as error:
        log.info("a lost publication was not looked for: %s", type(error).__name__)
        _settle(sought, searches=sought.searches)  # nobody looked: this one does not count
        return False
    if len(ids) == 1:
        _settle(sought, event_id=ids[0])
        return True
    if sought.searches + 1 >= SEARCHES:
        _settle(sought, state=LinkState.FAILED, last_error=str(NOT_FOUND_BACK))
    return False


def _settle(sought: Sought, **values: Any) -> None:
    """Write the result of a search, unless the link is no longer being looked for.

    Nor when another activity of the same name and start was given this event meanwhile.
    """
    with suppress(IntegrityError), write_transaction() as session:
        link = locked_link(session, sought.activity_id, sought.environment)
        if link is None or link.state is not LinkState.UNKNOWN or link.event_id is not None:
            return
        for name, value in values.items():
            setattr(link, name, value)
        if "event_id" in values:
            link.state = LinkState.PUBLISHED
            link.published_at = link.sent_at
            link.first_published_at = link.first_published_at or link.sent_at
            link.last_error, link.last_call_id, link.searches = "", None, 0
            keep_told(link, link.sent_body or {})
        refresh_status(session, sought.activity_id)
