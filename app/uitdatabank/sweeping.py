"""Working off the rows of runs (D8): several at once, each once, whatever dies in the middle.

A thread takes a row by a conditional UPDATE with a lease, publishes, and writes how it ended only
while the lease is still its own. Who is killed leaves a lease that lapses, and publish() knows
itself what may have reached publiq. Several processes may do this at the same time.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import _l, db, end_read, write_transaction
from app.parallel import alone, in_crew
from app.settings.actor import clear_actor, set_actor
from app.settings.connections import publish_at_once
from app.settings.models import Environment
from app.settings.uit import get_modules
from app.uitdatabank.models import (
    EventLink,
    ItemState,
    LinkState,
    PublicationItem,
    PublicationRun,
)
from app.uitdatabank.outcomes import NO_PARTNER, Outcome, Publication
from app.uitdatabank.pace import Pace
from app.uitdatabank.publishing import publish
from app.uitdatabank.runs import STOPPED, UNSURE, finish_if_done, finish_runs, locked_run

LEASE = timedelta(seconds=45)
HEARTBEAT = 10.0
"""Seconds between two extensions of the leases."""
A_MOMENT = 0.25
"""Seconds between two looks of a thread that has nothing to do."""
LEAVING = 2.0
"""Seconds that the last look for something due and leaving take together, at most."""
PATIENCE = timedelta(seconds=60)
"""What is due within this time is waited for; the clock finds the rest."""
A_COLLEAGUE_IS_AT_IT = timedelta(seconds=15)
MOST_TRIES = 4
"""For a publication of which nothing was carried out."""
MOST_TAKEN_UP = 6
"""For a row whose process died each time: it may be the row that kills it."""
FOUND_BACK = _l(
    "Gepubliceerd. Het antwoord van UiTdatabank kwam niet aan, maar we vonden het event terug."
)
KEEPS_BREAKING = _l(
    "Publiceren brak hier telkens af. Publiceer deze activiteit apart, dan zie je wat er mis is."
)


@dataclass(frozen=True)
class Taken:
    """A row that is ours for now, and in whose name it is published."""

    id: int
    run_id: int
    activity_id: int
    environment: Environment
    account_id: int | None
    account_name: str
    tries: int


@dataclass
class Sweep:
    """One process at work: its name in the leases, its pace, and which threads are busy."""

    holder: str
    pace: Pace
    busy: set[int] = field(default_factory=set)
    """The places of the threads that publish something now."""


def publish_due_items() -> int:
    """The job 'runs': publish all that waits, until nothing does. Returns how many went well.

    Does nothing while the module is off, or while another thread of this process does it.
    """
    if not get_modules().uitdatabank:
        return 0
    end_read()
    with alone("publish_due_items", patience=LEAVING) as mine:
        if not mine:
            return 0
        settle_unsure()
        if not _is_due(now() + PATIENCE):
            finish_runs()
            return 0
        sweep = Sweep(uuid4().hex, Pace(publish_at_once()))
        in_crew(
            sweep.pace.at_once,
            lambda place: _work(sweep, place),
            lambda: _extend(sweep.holder),
            every=HEARTBEAT,
        )
        finish_runs()
        return sweep.pace.published


def settle_unsure() -> None:
    """End the rows whose lost answer was looked for meanwhile, as the look-up decided."""
    rows = db.session.execute(
        select(PublicationItem.id, PublicationItem.run_id)
        .join(
            EventLink,
            and_(
                EventLink.activity_id == PublicationItem.activity_id,
                EventLink.environment == PublicationItem.environment,
            ),
            isouter=True,
        )
        .where(
            PublicationItem.state == ItemState.WAITING,
            PublicationItem.outcome == UNSURE,
            or_(EventLink.id.is_(None), EventLink.state != LinkState.UNKNOWN),
        )
    ).all()
    end_read()
    for item_id, run_id in rows:
        with write_transaction() as session:
            run = locked_run(session, run_id)
            _settle(session, item_id)
            finish_if_done(session, run)


def _settle(session: Session, item_id: int) -> None:
    item = session.get(PublicationItem, item_id, populate_existing=True)
    if item is None or item.state is not ItemState.WAITING or item.outcome != UNSURE:
        return
    link = session.scalar(
        select(EventLink).where(
            EventLink.activity_id == item.activity_id, EventLink.environment == item.environment
        )
    )
    if link is not None and link.state is LinkState.UNKNOWN:
        return
    if link is not None and link.state is LinkState.PUBLISHED and link.content_hash:
        item.state, item.outcome = ItemState.DONE, Outcome.PUBLISHED.value
        item.sentence, item.ended_at = str(FOUND_BACK), now()
    elif link is not None and link.state is LinkState.FAILED:
        item.state, item.outcome = ItemState.FAILED, Outcome.FAILED.value
        item.sentence, item.call_id, item.ended_at = link.last_error, link.last_call_id, now()
    else:  # publiq stored it only in part, or somebody forgot the event: it goes once more
        item.outcome, item.sentence, item.next_try_at = "", "", now()


def _work(sweep: Sweep, place: int) -> None:
    """One thread: take a row, publish it, write how it ended; until there is nothing left."""
    while True:
        taken = _take(sweep.holder) if sweep.pace.may_work(place) else None
        if taken is None:
            if not _wait(sweep):
                return
            continue
        sweep.busy.add(place)
        try:
            _publish(sweep, taken)
        finally:
            sweep.busy.discard(place)


def _wait(sweep: Sweep) -> bool:
    """Wait until there may be something to take; False when that takes too long."""
    finish_runs()
    while True:
        time.sleep(A_MOMENT)
        moment = now()
        if _is_due(moment):
            return True
        if not sweep.busy and not _is_due(moment + PATIENCE):
            return False


def _publish(sweep: Sweep, taken: Taken) -> None:
    began, wait = time.monotonic(), 0.0
    publication = _publication(taken)
    if publication.slow_down or publication.may_repeat or publication.outcome is Outcome.UNKNOWN:
        wait = sweep.pace.trouble(began, publication.retry_after)
    elif publication.ok:
        sweep.pace.went_well()
    _write(sweep.holder, taken, publication, timedelta(seconds=wait))
    if publication.may_repeat and not publication.slow_down and sweep.pace.troubles >= MOST_TRIES:
        _give_up(taken.environment, publication)


def _publication(taken: Taken) -> Publication:
    """Publish as the person who asked for it."""
    if taken.tries > MOST_TAKEN_UP:
        return Publication(Outcome.FAILED, str(KEEPS_BREAKING))
    set_actor(taken.account_id, taken.account_name)
    try:
        return publish(taken.activity_id, environment=taken.environment, trust_known=True)
    finally:
        clear_actor()


def _due(moment: datetime) -> ColumnElement[bool]:
    """Rows whose turn it is, and rows of a process that died."""
    return or_(
        and_(
            PublicationItem.state == ItemState.WAITING,
            PublicationItem.outcome != UNSURE,
            PublicationItem.next_try_at <= moment,
        ),
        and_(PublicationItem.state == ItemState.SENDING, PublicationItem.lease_until < moment),
    )


def _is_due(moment: datetime) -> bool:
    found = db.session.scalar(select(PublicationItem.id).where(_due(moment)).limit(1))
    end_read()
    return found is not None


def _take(holder: str) -> Taken | None:
    """Take the next row; None when there is none now."""
    moment = now()
    with write_transaction() as session:
        row = session.execute(
            select(PublicationItem, PublicationRun)
            .join(PublicationRun, PublicationRun.id == PublicationItem.run_id)
            .where(_due(moment))
            .order_by(PublicationItem.next_try_at, PublicationItem.run_id, PublicationItem.position)
            .limit(1)
            .with_for_update(of=PublicationItem, skip_locked=True)
            .execution_options(populate_existing=True)
        ).one_or_none()
        if row is None:
            return None
        item, run = row
        item.tries += 1
        item.state, item.lease_holder, item.lease_until = ItemState.SENDING, holder, moment + LEASE
        return Taken(
            item.id,
            item.run_id,
            item.activity_id,
            item.environment,
            run.account_id,
            run.account_name,
            item.tries,
        )


def _extend(holder: str) -> None:
    """Keep what this process is still at work on."""
    with write_transaction() as session:
        session.execute(
            update(PublicationItem)
            .where(
                PublicationItem.lease_holder == holder,
                PublicationItem.state == ItemState.SENDING,
            )
            .values(lease_until=now() + LEASE)
            .execution_options(synchronize_session=False)
        )


def _write(holder: str, taken: Taken, publication: Publication, wait: timedelta) -> None:
    """Keep how it ended, unless the lease lapsed and somebody else took the row."""
    values = _ending(taken, publication, wait)
    with write_transaction() as session:
        if values["state"] is ItemState.WAITING and values["outcome"] != UNSURE:
            run = locked_run(session, taken.run_id)
            if run.stopped_at is not None:
                values |= {"state": ItemState.STOPPED, "outcome": STOPPED, "ended_at": now()}
        session.execute(
            update(PublicationItem)
            .where(
                PublicationItem.id == taken.id,
                PublicationItem.state == ItemState.SENDING,
                PublicationItem.lease_holder == holder,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )
        if wait:
            _pause(session, taken.environment, now() + wait)


def _ending(taken: Taken, publication: Publication, wait: timedelta) -> dict[str, Any]:
    """What the row says from now on."""
    values: dict[str, Any] = {
        "lease_until": None,
        "lease_holder": "",
        "sentence": publication.sentence,
        "call_id": publication.call_id,
        "outcome": publication.outcome.value,
        "warning": _warning(publication),
        "next_try_at": now() + wait,
    }
    if publication.outcome is Outcome.BUSY:
        again = {"next_try_at": now() + A_COLLEAGUE_IS_AT_IT, "tries": taken.tries - 1}
    elif publication.slow_down:  # waiting as long as publiq asks is no attempt
        again = {"outcome": Outcome.BUSY.value, "tries": taken.tries - 1}
    elif publication.outcome is Outcome.UNKNOWN or (
        publication.may_repeat and taken.tries < MOST_TRIES
    ):
        again = {}
    else:
        state = ItemState.DONE if publication.ok else ItemState.FAILED
        return values | {"state": state, "ended_at": now()}
    return values | {"state": ItemState.WAITING} | again


def _pause(session: Session, environment: Environment, until: datetime) -> None:
    """Nothing of this environment begins before then, whichever process would do it."""
    session.execute(
        update(PublicationItem)
        .where(
            PublicationItem.environment == environment,
            PublicationItem.state == ItemState.WAITING,
            PublicationItem.outcome != UNSURE,
            PublicationItem.next_try_at < until,
        )
        .values(next_try_at=until)
        .execution_options(synchronize_session=False)
    )


def _give_up(environment: Environment, publication: Publication) -> None:
    """publiq did not answer anybody, time after time: the rest fails for the same reason."""
    waiting = and_(
        PublicationItem.environment == environment,
        PublicationItem.state == ItemState.WAITING,
        PublicationItem.outcome != UNSURE,
    )
    run_ids = db.session.scalars(select(PublicationItem.run_id).where(waiting).distinct()).all()
    for run_id in sorted(run_ids):
        with write_transaction() as session:
            run = locked_run(session, run_id)
            session.execute(
                update(PublicationItem)
                .where(waiting, PublicationItem.run_id == run_id)
                .values(
                    state=ItemState.FAILED,
                    outcome=publication.outcome.value,
                    sentence=publication.sentence,
                    call_id=publication.call_id,
                    ended_at=now(),
                )
                .execution_options(synchronize_session=False)
            )
            finish_if_done(session, run)


def _warning(publication: Publication) -> str:
    """What to know besides; of partners of UiTPAS only while that module is on."""
    unsaid = set()
    if NO_PARTNER in publication.warnings and not get_modules().uitpas:
        unsaid.add(str(NO_PARTNER))
    return " ".join(text for text in publication.warnings if text not in unsaid)
