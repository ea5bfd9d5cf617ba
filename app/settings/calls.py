"""The log of calls to publiq: finding, reading and cleaning it (S4)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time, timedelta

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.orm import Session, defer

from app.clock import from_local, now, today
from app.extensions import db, write_transaction
from app.settings.audit import ERASED
from app.settings.models import CallOutcome, Environment, PubliqCall
from app.settings.uit import get_uit_settings

BATCH = 2000
"""Rows deleted in one transaction, so that nobody waits long for the database."""


@dataclass(frozen=True)
class CallFilter:
    """What to look for; days are those of Brussels and count whole."""

    text: str = ""
    since: date | None = None
    until: date | None = None
    operation: str = ""
    outcome: CallOutcome | None = None
    activity_id: int | None = None
    activity_ids: Select[tuple[int]] | None = None
    """A query for the ids of several, as of all whose title has these words."""
    account_id: int | None = None
    by_itself: bool = False
    """Only what nobody asked for: jobs, and what strangers set going."""


@dataclass(frozen=True)
class CallTally:
    """How today's calls went."""

    total: int
    failed: int
    last: PubliqCall | None


def find_calls(wanted: CallFilter) -> Select[tuple[PubliqCall]]:
    """The calls that fit, newest first, without their bodies."""
    query = (
        select(PubliqCall)
        .options(defer(PubliqCall.request_body), defer(PubliqCall.response_body))
        .order_by(PubliqCall.started_at.desc(), PubliqCall.id.desc())
    )
    if wanted.since:
        query = query.where(PubliqCall.started_at >= from_local(wanted.since, time()))
    if wanted.until:
        after = from_local(wanted.until + timedelta(days=1), time())
        query = query.where(PubliqCall.started_at < after)
    if wanted.operation:
        query = query.where(PubliqCall.operation == wanted.operation)
    if wanted.outcome:
        query = query.where(PubliqCall.outcome == wanted.outcome)
    if wanted.activity_id:
        query = query.where(PubliqCall.activity_id == wanted.activity_id)
    if wanted.activity_ids is not None:
        query = query.where(PubliqCall.activity_id.in_(wanted.activity_ids))
    if wanted.by_itself:
        query = query.where(PubliqCall.account_id.is_(None), PubliqCall.account_name == "")
    elif wanted.account_id:
        query = query.where(PubliqCall.account_id == wanted.account_id)
    for word in wanted.text.split():
        query = query.where(_holds(word))
    return query


def get_call(call_id: int) -> PubliqCall | None:
    """One call with its bodies."""
    return db.session.get(PubliqCall, call_id)


def last_failures(
    environment: Environment, activity_ids: Collection[int], purpose: str
) -> dict[int, int]:
    """Of each activity the newest call for this purpose, where that one did not end well.

    The id of the call by that of the activity; one query.
    """
    if not activity_ids:
        return {}
    newest = (
        select(func.max(PubliqCall.id))
        .where(
            PubliqCall.environment == environment,
            PubliqCall.activity_id.in_(activity_ids),
            PubliqCall.purpose == purpose,
        )
        .group_by(PubliqCall.activity_id)
    )
    rows = db.session.execute(
        select(PubliqCall.activity_id, PubliqCall.id).where(
            PubliqCall.id.in_(newest), PubliqCall.outcome != CallOutcome.OK
        )
    )
    return {row[0]: row[1] for row in rows}


def logged_name(account_id: int) -> str | None:
    """How an account was called at its last call; None where it made none."""
    return db.session.scalar(
        select(PubliqCall.account_name)
        .where(PubliqCall.account_id == account_id)
        .order_by(PubliqCall.started_at.desc())
        .limit(1)
    )


def logged_operations() -> list[str]:
    """Every operation in the log, for the filter."""
    return list(
        db.session.scalars(select(PubliqCall.operation).distinct().order_by(PubliqCall.operation))
    )


def tally_today() -> CallTally:
    """Today's calls, those that failed, and the last one."""
    since = from_local(today(), time())
    counts = db.session.execute(
        select(
            func.count(PubliqCall.id),
            func.count(PubliqCall.id).filter(PubliqCall.outcome != CallOutcome.OK),
        ).where(PubliqCall.started_at >= since)
    ).one()
    last = db.session.scalar(find_calls(CallFilter()).limit(1))
    return CallTally(counts[0], counts[1], last)


def clean_call_log() -> int:
    """Forget calls older than the number of days in the settings; returns how many."""
    oldest = now() - timedelta(days=get_uit_settings().call_log_days)
    gone = 0
    while True:
        with write_transaction() as session:
            old = select(PubliqCall.id).where(PubliqCall.started_at < oldest).limit(BATCH)
            done = session.execute(delete(PubliqCall).where(PubliqCall.id.in_(old))).rowcount
        gone += done
        if done < BATCH:
            return gone


def forget_caller(session: Session, account_id: int) -> None:
    """Take the name of an account out of the calls it made; inside a write transaction."""
    session.execute(
        update(PubliqCall)
        .where(PubliqCall.account_id == account_id)
        .values(account_name=ERASED)
        .execution_options(synchronize_session=False)
    )


def calls_of(account_id: int) -> list[PubliqCall]:
    """The calls an account made, oldest first, without their bodies."""
    return list(
        db.session.scalars(
            select(PubliqCall)
            .options(defer(PubliqCall.request_body), defer(PubliqCall.response_body))
            .where(PubliqCall.account_id == account_id)
            .order_by(PubliqCall.started_at)
        )
    )


def _holds(word: str):  # noqa: ANN202 - an SQL condition
    columns = (
        PubliqCall.url,
        PubliqCall.purpose,
        PubliqCall.account_name,
        PubliqCall.problem_type,
        PubliqCall.problem_title,
        PubliqCall.request_body,
        PubliqCall.response_body,
    )
    return or_(*(column.icontains(word, autoescape=True) for column in columns))
