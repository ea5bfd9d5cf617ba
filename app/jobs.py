"""The queue and the periodic jobs: each job calls one use case.

What is due stands in our own tables, written with the change that made it due; the queue only
wakes the job that sweeps such rows, and the clock does the same each minute. A lost or doubled
job therefore costs a minute at most, and never a mail or a sale.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
from flask import Flask, current_app
from huey import MemoryHuey, PostgresHuey, RedisHuey, SqliteHuey, crontab
from huey.api import Huey
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.clock import now
from app.extensions import db, end_read
from app.mail.sending import send_due_mails
from app.people.pass_checks import sweep_pass_checks
from app.people.sessions import end_old_sessions
from app.sales.holds import release_lapsed_holds
from app.sales.ledger_audit import audit_ledger
from app.sales.reconciler import reconcile
from app.sales.retention import keep_terms
from app.settings.calls import clean_call_log
from app.settings.leases import last_run, take_lease
from app.settings.rate_windows import clean_rate_windows
from app.settings.testing import refresh_permissions
from app.settings.uit import get_modules
from app.uitdatabank.availability import push_availability
from app.uitdatabank.checking import check_with_publiq
from app.uitdatabank.deleting import finish_deletions
from app.uitdatabank.lost import look_up_lost_publications, next_look_up
from app.uitdatabank.status import refresh_statuses
from app.uitdatabank.sweeping import publish_due_items
from app.uitdatabank.taxonomy import refresh_taxonomy
from app.uitpas.indicative import refresh_indicative_tariffs
from app.uitpas.runs import clean_runs

log = logging.getLogger(__name__)

EVERY_MINUTE = crontab(minute="*")
EACH_NIGHT = crontab(hour="3", minute="17")
ALL_NIGHT = crontab(hour="1-5", minute="*/10")
"""For long work that goes on where it stopped; nothing is left to do once it is done."""


def _push_availability() -> None:
    """Push, and come back when what must wait for half a minute may go."""
    _come_back("availability", push_availability())


def _look_up_lost_publications() -> None:
    """Look, come back when the next look is due, and let runs go on with what was found."""
    if look_up_lost_publications():
        wake("runs")
    _come_back("publications", next_look_up())


def _publish_due_items() -> None:
    """Publish, and come back when what was lost on the way is looked for."""
    publish_due_items()
    _come_back("publications", next_look_up())


def _come_back(name: str, at: datetime | None) -> None:
    """Wake a job at a moment that comes before the next minute finds what is due."""
    if at is not None and at - now() < ONE_MINUTE:
        wake(name, after=max(at - now(), timedelta(seconds=1)))


ONE_MINUTE = timedelta(minutes=1)
JOBS: dict[str, tuple[Callable[[], Any], Any, timedelta | None]] = {
    "mails": (send_due_mails, EVERY_MINUTE, timedelta(seconds=50)),
    "holds": (release_lapsed_holds, EVERY_MINUTE, timedelta(seconds=50)),
    "reconcile": (reconcile, EVERY_MINUTE, timedelta(minutes=5)),
    "ledger-audit": (audit_ledger, EVERY_MINUTE, timedelta(minutes=15)),
    "ledger-runs": (clean_runs, EACH_NIGHT, timedelta(minutes=5)),
    "publications": (_look_up_lost_publications, EVERY_MINUTE, timedelta(minutes=5)),
    "runs": (_publish_due_items, EVERY_MINUTE, None),
    "availability": (_push_availability, EVERY_MINUTE, timedelta(minutes=5)),
    "deletions": (finish_deletions, EVERY_MINUTE, timedelta(minutes=5)),
    "check": (check_with_publiq, ALL_NIGHT, timedelta(minutes=30)),
    "statuses": (refresh_statuses, EVERY_MINUTE, timedelta(minutes=5)),
    "pass-checks": (sweep_pass_checks, EVERY_MINUTE, timedelta(minutes=5)),
    "indicative": (refresh_indicative_tariffs, EVERY_MINUTE, timedelta(minutes=5)),
    "permissions": (refresh_permissions, crontab(hour="4", minute="35"), timedelta(minutes=5)),
    "taxonomy": (refresh_taxonomy, crontab(hour="4", minute="5"), timedelta(minutes=5)),
    "call-log": (clean_call_log, EACH_NIGHT, timedelta(minutes=5)),
    "rate-windows": (clean_rate_windows, EACH_NIGHT, timedelta(minutes=5)),
    "privacy": (keep_terms, EACH_NIGHT, timedelta(minutes=15)),
    "sessions": (end_old_sessions, EACH_NIGHT, timedelta(minutes=5)),
}
"""Name: (use case, when it runs by itself, how long its lease lasts).

None: no lease, for several processes may share this work; each row then has a lease of its own.
"""
ASKING_PUBLIQ = frozenset(
    {
        "reconcile",
        "ledger-audit",
        "publications",
        "runs",
        "availability",
        "deletions",
        "check",
        "pass-checks",
        "indicative",
        "permissions",
        "taxonomy",
    }
)
"""Jobs that last long when publiq answers slowly."""
WORKERS = len(ASKING_PUBLIQ) + 2
"""Threads that work the queue: mails and places never wait for publiq (invariant 9)."""

OF_MODULE = {
    **dict.fromkeys(
        ("publications", "runs", "availability", "deletions", "check", "taxonomy"), "uitdatabank"
    ),
    **dict.fromkeys(("pass-checks", "indicative", "permissions"), "uitpas"),
}
"""Jobs that rest while a module is off: what is due stays due until it is on again."""
ALWAYS = frozenset(
    {
        "mails",
        "holds",
        "reconcile",
        "ledger-audit",
        "ledger-runs",
        "statuses",
        "call-log",
        "rate-windows",
        "privacy",
        "sessions",
    }
)
"""Jobs that go on whatever is off. ``reconcile`` finishes or undoes what stands at UiTPAS already
(invariant 3) and sells nothing new, and ``ledger-audit`` only looks; ``statuses`` is what makes
activities 'niet van toepassing'."""

CONSUMER_LEASE = timedelta(seconds=60)
QUEUE_AWAY = (OSError, sqlite3.Error, psycopg.Error, RedisError)
"""What each kind of queue raises when it cannot be reached or is locked."""
ME = uuid4().hex
"""Names this process in leases."""


def setup_queue(app: Flask) -> None:
    """Make the queue of the configuration and hang every job on it."""
    huey = _make_queue(app)
    tasks = {}
    for name, (_use_case, when, _lease) in JOBS.items():
        tasks[name] = _make_task(app, huey, name)
        huey.periodic_task(when, name=f"periodic-{name}")(_runner(app, name))
    app.extensions["queue"] = huey
    app.extensions["queue_tasks"] = tasks


def wake(name: str, after: timedelta | None = None) -> None:
    """Ask the queue to run a job soon, or ``after`` a while; when it is away the clock will.

    Only after the commit of what the job is to find.
    """
    task = current_app.extensions["queue_tasks"][name]
    try:
        if after is None:
            task()
        else:
            task.schedule(delay=after.total_seconds())
    except QUEUE_AWAY as error:
        kind = type(error).__name__
        log.warning("the queue is away (%s); the minute will find what is due", kind)


def run_job(name: str) -> bool:
    """Run one job now, unless its module is off or another process is at it.

    Returns whether it ran.
    """
    if not _is_switched_on(name):
        return False
    use_case, _when, lease = JOBS[name]
    if lease is None:
        use_case()
        return True
    # a holder for each run: the threads of one process share the work as processes do
    with take_lease(f"job-{name}", uuid4().hex, lease) as mine:
        if mine:
            use_case()
        return mine


def _is_switched_on(name: str) -> bool:
    try:
        return name not in OF_MODULE or getattr(get_modules(), OF_MODULE[name])
    finally:
        end_read()


def queue_state() -> dict[str, Any]:
    """How the queue is doing, for /gezond: what waits, and when the last job ran."""
    ran_at = last_run()
    state = "ok"
    if ran_at is None or now() - ran_at > timedelta(minutes=5):
        state = "waiting"
    return {
        "kind": current_app.config["LOKET"].queue.split(":", 1)[0],
        "state": state,
        "waiting": current_app.extensions["queue"].pending_count(),
        "last_run": ran_at.isoformat() if ran_at else None,
    }


def run_worker(app: Flask) -> None:
    """Consume the queue in this process until it is told to stop (``flask worker``)."""
    app.extensions["queue"].create_consumer(workers=WORKERS, periodic=True).run()


def start_embedded_consumer(app: Flask) -> threading.Thread | None:
    """In the web process: consume the queue in a thread, as long as this process has the lease.

    Returns None when the queue is not the embedded one.
    """
    if app.config["LOKET"].queue != "embedded":
        return None
    thread = threading.Thread(target=_consume_while_leader, args=(app,), daemon=True, name="queue")
    thread.start()
    return thread


def _consume_while_leader(app: Flask) -> None:
    consumer = None
    pause = threading.Event()
    while True:
        leader = _is_leader(app, consumer is not None)
        if leader and consumer is None:
            consumer = app.extensions["queue"].create_consumer(workers=WORKERS, periodic=True)
            consumer._set_signal_handlers = lambda: None  # a thread may not set them
            consumer.start()
        elif not leader and consumer is not None:
            consumer.stop(graceful=True)
            consumer = None
        pause.wait(CONSUMER_LEASE.total_seconds() / 3)


def _is_leader(app: Flask, until_now: bool) -> bool:
    """Whether this process has the consumer's lease; as it was while the database is away.

    Two consumers for a moment do no harm, and no consumer at all would leave orders waiting.
    """
    try:
        with app.app_context(), take_lease("consumer", ME, CONSUMER_LEASE, keep=True) as leader:
            return leader
    except SQLAlchemyError as error:
        log.warning("the lease of the queue was not renewed: %s", type(error).__name__)
        return until_now


def _make_queue(app: Flask) -> Huey:
    configuration = app.config["LOKET"]
    if app.config["TESTING"]:
        return MemoryHuey("vrijloket", immediate=False)
    if configuration.queue == "embedded":
        return SqliteHuey("vrijloket", filename=str(configuration.instance_path / "queue.sqlite"))
    if configuration.queue.startswith("redis"):
        return RedisHuey("vrijloket", url=configuration.queue)
    return PostgresHuey("vrijloket", dsn=configuration.queue)


def _make_task(app: Flask, huey: Huey, name: str) -> Callable[[], Any]:
    return huey.task(name=f"job-{name}")(_runner(app, name))


def _runner(app: Flask, name: str) -> Callable[[], None]:
    def run() -> None:
        with app.app_context():
            try:
                run_job(name)
            finally:
                db.session.remove()

    run.__name__ = f"run_{name.replace('-', '_')}"
    return run
