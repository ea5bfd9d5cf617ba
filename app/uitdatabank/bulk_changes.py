"""Applying a change to many activities (D9), each in a transaction of its own.

What is applied is what was previewed: each preview has a digest of what it would change, and an
activity of which that is another by now is left as it is, which is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.activities.editing import CHANGED_IN_BULK
from app.activities.models import Activity
from app.activities.places import set_capacity
from app.activities.problems import ActivityRefused
from app.extensions import _l, end_read, write_transaction
from app.settings.audit import record
from app.settings.uit import active_environment
from app.uitdatabank.bulk_change import BulkChange
from app.uitdatabank.bulk_places import changing_pools
from app.uitdatabank.bulk_preview import new_labels, new_price, preview_of
from app.uitdatabank.bulk_states import changes_state
from app.uitdatabank.editing import change_state
from app.uitdatabank.models import UitProfile
from app.uitdatabank.profiles import ChosenLocation, copy_profile, profile_of
from app.uitdatabank.status import refresh_status

CHANGED_MEANWHILE = _l(
    "Intussen veranderde er iets aan deze activiteit. Ze is niet aangepast: kijk ze na en probeer "
    "opnieuw."
)


@dataclass(frozen=True)
class Applied:
    """What came of one activity: changed, left as it was, or why not."""

    activity_id: int
    title: str
    first_start: datetime | None
    changed: bool
    problems: tuple[str, ...] = ()


def apply_change(digests: Mapping[int, str], change: BulkChange) -> list[Applied]:
    """Change the previewed activities (id → digest), each in a transaction of its own.

    What is wrong with one leaves the others alone.
    """
    applied = []
    for activity_id, digest in digests.items():
        with write_transaction() as session:
            done = _apply(session, activity_id, digest, change)
        if done is not None:
            applied.append(done)
    end_read()
    return sorted(applied, key=lambda one: (one.first_start is None, one.first_start or 0))


def _apply(session: Session, activity_id: int, digest: str, change: BulkChange) -> Applied | None:
    activity = session.get(
        Activity, activity_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if activity is None:
        return None
    profile = session.scalar(
        select(UitProfile)
        .where(UitProfile.activity_id == activity_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    now_so = preview_of(activity, profile or profile_of(activity), change, active_environment())

    def ended(*problems: str, changed: bool = False) -> Applied:
        return Applied(activity_id, activity.title, activity.first_start, changed, problems)

    if now_so.digest != digest:
        return ended(str(CHANGED_MEANWHILE))
    if not now_so.changes:
        return ended(*now_so.problems)
    try:
        with session.begin_nested():
            _write(session, activity, change)
    except ActivityRefused as refused:  # somebody took a place since
        session.expire_all()
        return ended(*(problem.sentence for problem in refused.problems))
    record(
        CHANGED_IN_BULK,
        subject_kind="activiteit",
        subject_id=activity_id,
        subject_label=activity.title,
        detail={line.what: f"{line.old} → {line.new}" for line in now_so.lines},
    )
    return ended(changed=True)


def _write(session: Session, activity: Activity, change: BulkChange) -> None:
    for category in activity.price_categories:
        category.price = new_price(category, change)
    if change.capacity is not None:
        for pool in changing_pools(activity):
            set_capacity(pool.id, change.capacity)
    if change.touches_profile:
        profile = copy_profile(activity.activity_type, activity)
        session.flush()
        _write_profile(profile, change)
    activity.version += 1
    session.flush()
    if change.state is not None and changes_state(activity, change):
        change_state(activity.id, change.state, change.state_reason)
    else:
        refresh_status(session, activity.id)


def _write_profile(profile: UitProfile, change: BulkChange) -> None:
    own = set()
    if change.description is not None:
        profile.description = change.description
        own.add("description")
    if change.audience is not None:
        profile.audience = change.audience
        own.add("audience")
    if change.label_mode is not None:
        profile.labels = new_labels(profile, change)
        own.add("labels")
    if change.location is not None:
        _write_location(profile, change.location)
        own |= {"location", "location_id", "location_name", "location_address"}
    if change.link_starts is not None:
        profile.link_starts_at = change.link_starts.at
        own.add("link_starts_at")
    if change.link_ends is not None:
        profile.link_ends_at = change.link_ends.at
        own.add("link_ends_at")
    profile.follows = [name for name in profile.follows if name not in own]
    profile.version += 1


def _write_location(profile: UitProfile, location: ChosenLocation) -> None:
    environment = active_environment()
    if profile.environment not in (None, environment):  # the organizer was chosen elsewhere too
        profile.organizer_id, profile.organizer_name = "", ""
        profile.organizer_is_uitpas = False
    profile.environment = environment
    profile.location_id, profile.location_name = location.id, location.name[:300]
    profile.location_address = location.address[:300]
