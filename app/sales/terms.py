"""Until when a customer may cancel, and what goes back (DESIGN: Cancelling)."""

from datetime import date, timedelta

from app.activities.models import Activity
from app.clock import local, today


def last_day_to_cancel(activity: Activity) -> date | None:
    """The last day on which a customer may cancel, in Brussels; None without dates."""
    if activity.first_start is None:
        return None
    days = timedelta(days=activity.activity_type.cancel_until_days)
    return local(activity.first_start).date() - days


def refund_percent(activity: Activity) -> int:
    """Which part of what was paid goes back today, in per cent."""
    until = last_day_to_cancel(activity)
    kind = activity.activity_type
    in_time = until is None or today() <= until
    return kind.refund_before_percent if in_time else kind.refund_after_percent
