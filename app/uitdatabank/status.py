"""How an activity stands at UiTdatabank (D10): computed here only, stored in Activity.uit_status.

Every use case that changes an activity, its profile or its event calls refresh_status() in its own
transaction. What changes for many at once (settings, a type, time that passes) is found by the job
refresh_statuses(), which compares what the statuses were computed from with what stands there now.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from app.activities.models import Activity, ActivityState, ActivityType, UitStatus
from app.clock import now
from app.extensions import db, write_transaction
from app.uitdatabank.event import changed_parts, content_hash, event_body
from app.uitdatabank.facts import (
    Subject,
    Surroundings,
    event_facts,
    load_subjects,
    read_surroundings,
)
from app.uitdatabank.missing import is_past, missing_for_publication
from app.uitdatabank.models import EventLink, StatusBasis, UitProfile
from app.uitdatabank.problems import Problem

BATCH = 200
NOT_PUBLISHED = (UitStatus.INCOMPLETE, UitStatus.COMPLETE)
ANYWHERE = "https://publiq.invalid"
"""Stands for the address of publiq's service, which says nothing about the content."""


@dataclass(frozen=True)
class UitState:
    """The status of an activity, what it misses, and what changed since it was published."""

    status: UitStatus
    missing: list[Problem]
    changed: list[str] = field(default_factory=list)


def compute_state(subject: Subject, surroundings: Surroundings) -> UitState:
    """The one place where a status is decided (DESIGN: UiT status)."""
    if not _applies(subject, surroundings):
        return UitState(UitStatus.NOT_APPLICABLE, [])
    missing = missing_for_publication(subject, surroundings)
    link = subject.link
    if link is None or link.event_id is None:
        return UitState(UitStatus.INCOMPLETE if missing else UitStatus.COMPLETE, missing)
    if missing:
        return UitState(UitStatus.CHANGED, missing)
    body = event_body(event_facts(subject, surroundings, ANYWHERE))
    if content_hash(body) == link.content_hash:
        return UitState(UitStatus.PUBLISHED, [])
    changed = changed_parts(link.sent_body, body) if link.sent_body else []
    return UitState(UitStatus.CHANGED, [], changed)


def refresh_status(session: Session, activity_id: int) -> UitState:
    """Compute and store the status of one activity, in the caller's write transaction."""
    surroundings = read_surroundings()
    (subject,) = load_subjects(session, [activity_id], surroundings.environment)
    state = compute_state(subject, surroundings)
    subject.activity.uit_status = state.status
    return state


def refresh_status_of_many(session: Session, activity_ids: Sequence[int]) -> None:
    """Compute and store the status of many, in the caller's write transaction.

    The number of queries does not grow with the number of activities, but with that of batches.
    """
    surroundings = read_surroundings()
    for place in range(0, len(activity_ids), BATCH):
        ids = activity_ids[place : place + BATCH]
        for subject in load_subjects(session, ids, surroundings.environment):
            subject.activity.uit_status = compute_state(subject, surroundings).status
    session.flush()


def refresh_statuses() -> int:
    """The job of each minute: activities that are over, and changes of settings and types.

    Returns of how many types the activities were computed anew. Costs a few queries when
    nothing changed.
    """
    _let_past_ones_go()
    stale = _changed_types()
    for type_id, fingerprint in stale.items():
        _refresh_type(type_id, fingerprint)
    return len(stale)


def refresh_all_statuses() -> None:
    """Compute every status anew, in batches, whatever changed."""
    for type_id, fingerprint in _fingerprints().items():
        _refresh_type(type_id, fingerprint)


def state_of(activity_id: int) -> UitState:
    """The status and what is missing as they are now, for a page; not stored."""
    surroundings = read_surroundings()
    (subject,) = load_subjects(db.session(), [activity_id], surroundings.environment)
    return compute_state(subject, surroundings)


def _applies(subject: Subject, surroundings: Surroundings) -> bool:
    activity = subject.activity
    if not surroundings.uitdatabank_on:
        return False
    if not (activity.publish_in_uit and activity.activity_type.publish_in_uit):
        return False
    published = subject.link is not None and subject.link.event_id is not None
    over = activity.state == ActivityState.CANCELLED or is_past(activity.last_end, surroundings.now)
    return published or not over


def _let_past_ones_go() -> None:
    """What was never published does not apply any more once it is over: one UPDATE."""
    over = (Activity.last_end <= now(), Activity.uit_status.in_(NOT_PUBLISHED))
    if not db.session.scalar(select(exists().where(*over))):
        return
    with write_transaction() as session:
        session.execute(
            update(Activity)
            .where(*over)
            .values(uit_status=UitStatus.NOT_APPLICABLE)
            .execution_options(synchronize_session=False)
        )


def _changed_types() -> dict[int, str]:
    """The types whose activities were computed from something else than what stands there now."""
    known = {
        row.activity_type_id: row.fingerprint for row in db.session.scalars(select(StatusBasis))
    }
    return {
        type_id: fingerprint
        for type_id, fingerprint in _fingerprints().items()
        if known.get(type_id) != fingerprint
    }


def _fingerprints() -> dict[int, str]:
    """Of each type: a hash of all that its activities fall back on; three queries."""
    surroundings = asdict(read_surroundings())
    del surroundings["now"]
    rows = db.session.execute(
        select(
            ActivityType.id,
            ActivityType.publish_in_uit,
            ActivityType.module,
            UitProfile.link_email,
            UitProfile.link_phone,
            UitProfile.contact_email,
            UitProfile.contact_phone,
            UitProfile.contact_url,
        ).outerjoin(UitProfile, UitProfile.activity_type_id == ActivityType.id)
    )
    return {
        row.id: hashlib.sha256(
            json.dumps([surroundings, list(row)], sort_keys=True, default=str).encode()
        ).hexdigest()
        for row in rows
    }


def _refresh_type(type_id: int, fingerprint: str) -> None:
    """All activities of a type, a batch to a transaction; the basis last."""
    last_id = 0
    while True:
        with write_transaction() as session:
            ids = session.scalars(
                select(Activity.id)
                .where(Activity.activity_type_id == type_id, Activity.id > last_id)
                .where(_may_still_change())
                .order_by(Activity.id)
                .limit(BATCH)
            ).all()
            if not ids:
                session.merge(StatusBasis(activity_type_id=type_id, fingerprint=fingerprint))
                return
            last_id = ids[-1]
            refresh_status_of_many(session, ids)


def _may_still_change():  # noqa: ANN202 - an SQL expression
    """Not the many that are over, never published, and said to be so."""
    return (
        (Activity.last_end.is_(None))
        | (Activity.last_end > now())
        | (Activity.uit_status != UitStatus.NOT_APPLICABLE)
        | exists().where(EventLink.activity_id == Activity.id, EventLink.event_id.is_not(None))
    )
