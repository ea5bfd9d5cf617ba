"""Publishing many activities (D8): asking for it, stopping it, trying again.

A run holds a row for each activity; the row is the truth, and sweeping.py works the rows off. An
activity waits or is sent in one run at a time: a unique index says so even when code forgets.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.activities.models import Activity
from app.clock import now
from app.extensions import _l, _t, db, end_read, write_transaction
from app.formats import clock
from app.settings.actor import current_actor
from app.settings.audit import record
from app.settings.models import Environment
from app.settings.uit import active_environment
from app.uitdatabank.models import ItemState, PublicationItem, PublicationRun
from app.uitdatabank.outcomes import Outcome

Result = TypeVar("Result")
MOST_ACTIVITIES = 1000
"""In one run; a longer list comes from no page of ours."""
DUE = (ItemState.WAITING, ItemState.SENDING)
ELSEWHERE = "elsewhere"
"""Outcome of a row that only says that the activity stands in another run."""
STOPPED = "stopped"
"""Outcome of a row that somebody stopped before its turn."""
UNSURE = Outcome.UNKNOWN.value
"""Outcome of a row that waits until a lost answer was looked for; see lost.py."""
AGAIN = (ItemState.FAILED, ItemState.STOPPED)
_STOPPED = _l("Gestopt voor deze activiteit aan de beurt was.")
_COLLISIONS = 3


@dataclass(frozen=True)
class Elsewhere:
    """An activity that another run already has, said in a Dutch sentence."""

    activity_id: int
    title: str
    run_id: int
    sentence: str


@dataclass(frozen=True)
class Asked:
    """What came of asking: how many activities wait now, and which stand in another run.

    ``run_id`` is None when there was nothing to publish.
    """

    run_id: int | None
    count: int
    elsewhere: list[Elsewhere] = field(default_factory=list)


def start_run(activity_ids: Iterable[int], title: str = "") -> Asked:
    """Ask that these activities are published in the active environment, the soonest first.

    Unknown ids are left out. The job 'runs' does the work; wake it after this. Raises ValueError
    above MOST_ACTIVITIES.
    """
    ids = set(activity_ids)
    if len(ids) > MOST_ACTIVITIES:
        raise ValueError(f"more than {MOST_ACTIVITIES} activities in one run")
    return _unless_taken_meanwhile(lambda: _start(ids, title))


def stop_run(run_id: int) -> int:
    """What is being sent is finished, the rest is not begun; returns how many were stopped.

    Raises LookupError when there is no such run.
    """
    with write_transaction() as session:
        run = locked_run(session, run_id)
        run.stopped_at = run.stopped_at or now()
        stopped = session.execute(
            update(PublicationItem)
            .where(
                PublicationItem.run_id == run_id,
                PublicationItem.state == ItemState.WAITING,
                PublicationItem.outcome != UNSURE,
            )
            .values(
                state=ItemState.STOPPED, outcome=STOPPED, sentence=str(_STOPPED), ended_at=now()
            )
            .execution_options(synchronize_session=False)
        ).rowcount
        finish_if_done(session, run)
        _record("Publiceren in bulk gestopt", run, stopped)
        return stopped


def try_again(run_id: int, item_ids: Iterable[int] | None = None) -> Asked:
    """Put what failed or was stopped back in the queue: these rows, or all of the run.

    Raises LookupError when there is no such run.
    """
    wanted = None if item_ids is None else set(item_ids)
    return _unless_taken_meanwhile(lambda: _again(run_id, wanted))


def locked_run(session: Session, run_id: int) -> PublicationRun:
    """The run, read anew; whoever changes it or ends one of its rows comes after the other."""
    run = session.get(PublicationRun, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise LookupError(f"no run {run_id}")
    return run


def finish_if_done(session: Session, run: PublicationRun) -> None:
    """Say that a run is over when none of its rows waits or is being sent any more."""
    session.flush()
    query = select(PublicationItem.id).where(
        PublicationItem.run_id == run.id, PublicationItem.state.in_(DUE)
    )
    if run.finished_at is None and session.scalar(query.limit(1)) is None:
        run.finished_at = now()


def finish_runs() -> None:
    """Say of every run that has nothing left to do that it is over."""
    busy = select(PublicationItem.id).where(
        PublicationItem.run_id == PublicationRun.id, PublicationItem.state.in_(DUE)
    )
    over = db.session.scalars(
        select(PublicationRun.id).where(PublicationRun.finished_at.is_(None), ~busy.exists())
    ).all()
    end_read()
    for run_id in over:
        with write_transaction() as session:
            finish_if_done(session, locked_run(session, run_id))


def _start(ids: set[int], title: str) -> Asked:
    environment, actor = active_environment(), current_actor()
    with write_transaction() as session:
        activities = session.execute(
            select(Activity.id, Activity.title)
            .where(Activity.id.in_(ids))
            .order_by(Activity.first_start, Activity.id)
        ).all()
        elsewhere = _elsewhere(session, environment, ids)
        count = sum(row.id not in elsewhere for row in activities)
        if count == 0:
            return Asked(None, 0, list(elsewhere.values()))
        run = PublicationRun(
            environment=environment,
            account_id=actor.account_id,
            account_name=actor.name,
            title=title[:200],
        )
        session.add(run)
        session.flush()
        items = [
            _item(run, row.id, place, elsewhere.get(row.id))
            for place, row in enumerate(activities, start=1)
        ]
        # one order for everybody, so that two who ask at once do not wait for each other
        session.add_all(sorted(items, key=lambda item: item.activity_id))
        session.flush()
        _record("Publiceren in bulk gevraagd", run, count)
        return Asked(run.id, count, list(elsewhere.values()))


def _item(
    run: PublicationRun, activity_id: int, place: int, other: Elsewhere | None
) -> PublicationItem:
    item = PublicationItem(
        run_id=run.id,
        environment=run.environment,
        activity_id=activity_id,
        position=place,
        state=ItemState.WAITING,
        next_try_at=run.created_at,
    )
    if other is not None:
        item.state, item.outcome, item.sentence = ItemState.STOPPED, ELSEWHERE, other.sentence
        item.ended_at = now()
    return item


def _elsewhere(session: Session, environment: Environment, ids: set[int]) -> dict[int, Elsewhere]:
    """Of these activities, those that wait or are sent in a run of this environment."""
    rows = session.execute(
        select(PublicationItem, PublicationRun, Activity.title)
        .join(PublicationRun, PublicationRun.id == PublicationItem.run_id)
        .join(Activity, Activity.id == PublicationItem.activity_id)
        .where(
            PublicationItem.activity_id.in_(ids),
            PublicationItem.environment == environment,
            PublicationItem.state.in_(DUE),
        )
        .order_by(Activity.first_start)
    )
    return {
        item.activity_id: Elsewhere(item.activity_id, title, run.id, _stands_in(run))
        for item, run, title in rows
    }


def _stands_in(run: PublicationRun) -> str:
    at = clock(run.created_at)
    if not run.account_name:
        return _t("Staat al in de wachtrij van %(at)s.", at=at)
    return _t("Staat al in de wachtrij van %(name)s om %(at)s.", name=run.account_name, at=at)


def _again(run_id: int, wanted: set[int] | None) -> Asked:
    with write_transaction() as session:
        run = locked_run(session, run_id)
        query = select(PublicationItem).where(
            PublicationItem.run_id == run_id, PublicationItem.state.in_(AGAIN)
        )
        if wanted is not None:
            query = query.where(PublicationItem.id.in_(wanted))
        items = session.scalars(query.order_by(PublicationItem.activity_id)).all()
        others = _elsewhere(session, run.environment, {item.activity_id for item in items})
        fresh = [item for item in items if item.activity_id not in others]
        for item in fresh:
            item.state, item.outcome, item.sentence, item.warning = ItemState.WAITING, "", "", ""
            item.call_id, item.ended_at, item.tries, item.next_try_at = None, None, 0, now()
        if fresh:
            run.finished_at = run.stopped_at = None
            _record("Publiceren in bulk opnieuw gevraagd", run, len(fresh))
        session.flush()
        return Asked(run_id, len(fresh), list(others.values()))


def _unless_taken_meanwhile(ask: Callable[[], Result]) -> Result:
    """Do it; again when a colleague asked for one of the same activities at that very moment."""
    for _ in range(_COLLISIONS):
        try:
            return ask()
        except IntegrityError:
            db.session.rollback()
    return ask()


def _record(action: str, run: PublicationRun, count: int) -> None:
    record(
        action,
        subject_kind="publicatie",
        subject_id=run.id,
        subject_label=run.title,
        detail={"activiteiten": count, "omgeving": run.environment.value},
    )
