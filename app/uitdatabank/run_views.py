"""Looking at runs (D8): how far one is, its rows, and what last came of each activity."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from app.activities.models import Activity, PlacePool, UitStatus
from app.clock import now
from app.extensions import Pagination, db
from app.settings.models import Environment
from app.uitdatabank.models import ItemState, PublicationItem, PublicationRun
from app.uitdatabank.runs import DUE, ELSEWHERE, UNSURE

LOOKED_BACK = timedelta(days=7)
"""How long a run that failed in part stays worth a notice."""
HARDLY = timedelta(seconds=3)


@dataclass(frozen=True)
class Progress:
    """How far a run is; ``seconds_left`` is a guess, None where there is nothing to guess by."""

    run: PublicationRun
    published: int = 0
    failed: int = 0
    stopped: int = 0
    unsure: int = 0
    waiting: int = 0
    elsewhere: int = 0
    """Activities that another run already had: not counted in the total."""
    paused_until: datetime | None = None
    seconds_left: int | None = None

    @property
    def total(self) -> int:
        """The activities of this run."""
        return self.done + self.waiting + self.unsure

    @property
    def done(self) -> int:
        """Those that ended, in whatever way."""
        return self.published + self.failed + self.stopped

    @property
    def running(self) -> bool:
        """Whether something still waits or is being sent."""
        return self.run.finished_at is None


@dataclass(frozen=True)
class RelatedRow:
    """One activity with its places over all pools, and what last came of publishing it."""

    activity: Activity
    taken: int
    capacity: int
    item: PublicationItem | None


def find_run(run_id: int) -> PublicationRun | None:
    """The run with this id."""
    return db.session.get(PublicationRun, run_id)


def list_runs(page: int, per_page: int = 25) -> Pagination:
    """The runs, newest first."""
    query = select(PublicationRun).order_by(
        PublicationRun.created_at.desc(), PublicationRun.id.desc()
    )
    return db.paginate(query, page=page, per_page=per_page, error_out=False)


def run_items(run_id: int) -> list[PublicationItem]:
    """The rows of a run with their activities, in their order; one query."""
    return list(
        db.session.scalars(
            select(PublicationItem)
            .where(PublicationItem.run_id == run_id)
            .options(joinedload(PublicationItem.activity), joinedload(PublicationItem.run))
            .order_by(PublicationItem.position, PublicationItem.id)
        )
    )


def progress_of(runs: Iterable[PublicationRun]) -> dict[int, Progress]:
    """How far each run is; one query for all."""
    known = {run.id: run for run in runs}
    rows = db.session.execute(
        select(
            PublicationItem.run_id,
            PublicationItem.state,
            PublicationItem.outcome,
            func.count().label("count"),
            func.min(PublicationItem.next_try_at).label("next"),
            func.max(PublicationItem.ended_at).label("last"),
        )
        .where(PublicationItem.run_id.in_(known))
        .group_by(PublicationItem.run_id, PublicationItem.state, PublicationItem.outcome)
    ).all()
    return {
        run_id: _progress(run, [row for row in rows if row.run_id == run_id])
        for run_id, run in known.items()
    }


def related_rows(activity: Activity, environment: Environment) -> list[RelatedRow]:
    """The other activities of its series, the soonest first; two queries, however many."""
    if activity.series_id is None:
        return []
    places = (
        select(
            PlacePool.activity_id,
            func.sum(PlacePool.taken).label("taken"),
            func.sum(PlacePool.capacity).label("capacity"),
        )
        .join(Activity, Activity.id == PlacePool.activity_id)
        .where(Activity.series_id == activity.series_id)
        .group_by(PlacePool.activity_id)
        .subquery()
    )
    rows = db.session.execute(
        select(Activity, places.c.taken, places.c.capacity)
        .outerjoin(places, places.c.activity_id == Activity.id)
        .where(Activity.series_id == activity.series_id, Activity.id != activity.id)
        .order_by(Activity.first_start, Activity.id)
    ).all()
    latest = latest_items([row.Activity.id for row in rows], environment)
    return [
        RelatedRow(row.Activity, row.taken or 0, row.capacity or 0, latest.get(row.Activity.id))
        for row in rows
    ]


def related_count(activity: Activity) -> int:
    """How many others its series has."""
    if activity.series_id is None:
        return 0
    query = select(func.count(Activity.id)).where(
        Activity.series_id == activity.series_id, Activity.id != activity.id
    )
    return db.session.scalar(query) or 0


def latest_items(
    activity_ids: Iterable[int], environment: Environment
) -> dict[int, PublicationItem]:
    """What last came of each activity in a run, with that run; one query."""
    newest = (
        select(func.max(PublicationItem.id))
        .where(
            PublicationItem.activity_id.in_(list(activity_ids)),
            PublicationItem.environment == environment,
            PublicationItem.outcome != ELSEWHERE,
        )
        .group_by(PublicationItem.activity_id)
    )
    found = db.session.scalars(
        select(PublicationItem)
        .join(PublicationItem.run)
        .options(contains_eager(PublicationItem.run))
        .where(PublicationItem.id.in_(newest))
    )
    return {item.activity_id: item for item in found}


def runs_worth_a_notice(environment: Environment) -> list[Progress]:
    """Runs that are under way, and those that ended not long ago with failures; newest first."""
    failed = (
        select(PublicationItem.run_id)
        .join(Activity, Activity.id == PublicationItem.activity_id)
        .where(
            PublicationItem.state == ItemState.FAILED,
            PublicationItem.environment == environment,
            Activity.uit_status != UitStatus.PUBLISHED,
            PublicationItem.ended_at > now() - LOOKED_BACK,
        )
        .distinct()
    )
    due = (
        select(PublicationItem.run_id)
        .where(PublicationItem.state.in_(DUE), PublicationItem.environment == environment)
        .distinct()
    )
    runs = db.session.scalars(
        select(PublicationRun)
        .where(PublicationRun.id.in_(failed.union(due)))
        .order_by(PublicationRun.id.desc())
        .limit(5)
    ).all()
    progress = progress_of(runs)
    return [progress[run.id] for run in runs]


def _progress(run: PublicationRun, rows: list) -> Progress:  # type: ignore[type-arg]
    counts = dict.fromkeys(("published", "failed", "stopped", "unsure", "waiting", "elsewhere"), 0)
    for row in rows:
        counts[_kind(row.state, row.outcome)] += row.count
    waiting = [row.next for row in rows if _kind(row.state, row.outcome) == "waiting"]
    sending = any(row.state is ItemState.SENDING for row in rows)
    paused = min(waiting) if waiting and not sending else None
    if paused is not None and paused <= now() + HARDLY:
        paused = None
    return Progress(
        run,
        paused_until=paused,
        seconds_left=None if paused else _seconds_left(run, counts, rows),
        **counts,
    )


def _kind(state: ItemState, outcome: str) -> str:
    if outcome == ELSEWHERE:
        return "elsewhere"
    if state is ItemState.WAITING and outcome == UNSURE:
        return "unsure"
    return {
        ItemState.DONE: "published",
        ItemState.FAILED: "failed",
        ItemState.STOPPED: "stopped",
    }.get(state, "waiting")


def _seconds_left(run: PublicationRun, counts: dict[str, int], rows: list) -> int | None:  # type: ignore[type-arg]
    """As long as what is left takes at the pace so far, rounded up to five seconds."""
    ended = [row.last for row in rows if row.last and row.state is not ItemState.STOPPED]
    done = counts["published"] + counts["failed"]
    if not ended or not done or not counts["waiting"]:
        return None
    each = (max(ended) - run.created_at).total_seconds() / done
    return math.ceil(each * counts["waiting"] / 5) * 5
