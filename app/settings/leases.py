"""Leases: one process at a time does a job, and another takes over when it dies."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError

from app.clock import now
from app.extensions import db, write_transaction
from app.settings.models import JobLease


@contextmanager
def take_lease(name: str, holder: str, lasts: timedelta, *, keep: bool = False) -> Iterator[bool]:
    """Whether ``holder`` has the lease now; given back at the end, unless it is kept.

    Every job may run twice harmlessly: the lease only spares the work.
    """
    mine = _claim(name, holder, lasts)
    try:
        yield mine
    finally:
        if mine and not keep:
            _give_back(name, holder)


def last_run() -> datetime | None:
    """When any job last ended, in UTC."""
    return db.session.scalar(select(func.max(JobLease.last_run_at)))


def _claim(name: str, holder: str, lasts: timedelta) -> bool:
    if db.session.get(JobLease, name) is None:
        try:
            with write_transaction() as session:
                session.add(JobLease(name=name, until=now() - timedelta(seconds=1)))
        except IntegrityError:
            db.session.rollback()  # another process was first
    with write_transaction() as session:
        claimed = session.execute(
            update(JobLease)
            .where(
                JobLease.name == name,
                or_(JobLease.until < now(), JobLease.holder == holder),
            )
            .values(holder=holder, until=now() + lasts)
        )
        return claimed.rowcount == 1


def _give_back(name: str, holder: str) -> None:
    with write_transaction() as session:
        session.execute(
            update(JobLease)
            .where(JobLease.name == name, JobLease.holder == holder)
            .values(until=now(), last_run_at=now())
        )
