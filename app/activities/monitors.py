"""Which monitors see the attendance list of an activity (DESIGN: Accounts)."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from sqlalchemy import delete, exists, insert, or_, select
from sqlalchemy.orm import joinedload

from app.activities.models import Activity, ActivityState, activity_monitor
from app.clock import from_local, today
from app.extensions import db, write_transaction
from app.people.models import Account, AccountRole, Role
from app.settings.audit import record

DAYS_AHEAD = 14
"""So far ahead the list of activities looks."""
MOST_COMING = 200


def all_monitors() -> list[Account]:
    """Everybody who can be given an activity: monitors who can sign in, by name."""
    return list(
        db.session.scalars(
            select(Account)
            .where(
                Account.role_rows.any(AccountRole.role == Role.MONITOR),
                Account.blocked_at.is_(None),
            )
            .order_by(Account.name, Account.email)
        )
    )


def monitor_ids(activity_id: int) -> set[int]:
    """The accounts to which an activity was given."""
    return set(
        db.session.scalars(
            select(activity_monitor.c.account_id).where(
                activity_monitor.c.activity_id == activity_id
            )
        )
    )


def is_assigned(account_id: int, activity_id: int) -> bool:
    """Whether this monitor was given this activity."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    activity_monitor.c.activity_id == activity_id,
                    activity_monitor.c.account_id == account_id,
                )
            )
        )
    )


def assign_monitors(activity_id: int, account_ids: Iterable[int]) -> None:
    """Give an activity to these monitors and to nobody else; written down.

    Who is no monitor is left out. Raises LookupError for an unknown activity.
    """
    with write_transaction() as session:
        activity = session.get(Activity, activity_id, with_for_update={"key_share": True})
        if activity is None:
            raise LookupError(f"no activity {activity_id}")
        wanted = set(account_ids)
        chosen = [account for account in all_monitors() if account.id in wanted]
        if {account.id for account in chosen} == monitor_ids(activity_id):
            return
        session.execute(
            delete(activity_monitor).where(activity_monitor.c.activity_id == activity_id)
        )
        if chosen:
            rows = [{"activity_id": activity_id, "account_id": one.id} for one in chosen]
            session.execute(insert(activity_monitor), rows)
        record(
            "monitoren toegewezen",
            subject_kind="activiteit",
            subject_id=activity_id,
            subject_label=activity.title,
            detail={"monitoren": ", ".join(one.name or one.email for one in chosen)},
        )


def coming_activities(account_id: int | None = None) -> list[Activity]:
    """What takes place in the coming days and is not a draft, the first first, with its type.

    Only those given to ``account_id`` where one is named: then whatever is not over, however far
    away. At most MOST_COMING.
    """
    query = select(Activity).where(
        Activity.last_end >= _start_of_today(),
        Activity.state.not_in([ActivityState.DRAFT]),
    )
    if account_id is None:
        query = query.where(
            or_(
                Activity.first_start.is_(None),
                Activity.first_start < _start_of_today() + timedelta(days=DAYS_AHEAD),
            )
        )
    else:
        mine = select(activity_monitor.c.activity_id).where(
            activity_monitor.c.account_id == account_id
        )
        query = query.where(Activity.id.in_(mine))
    return list(
        db.session.scalars(
            query.options(joinedload(Activity.activity_type))
            .order_by(Activity.first_start, Activity.title, Activity.id)
            .limit(MOST_COMING)
        )
    )


def _start_of_today() -> datetime:
    return from_local(today(), time.min)
