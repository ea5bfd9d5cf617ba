"""What stands in the way of another state for an activity: shown before, and obeyed (C1)."""

from app.activities.models import Activity, ActivityState
from app.activities.problems import Problem
from app.extensions import _l, _t

WHY = {
    ActivityState.CANCELLED: _l("Schrijf waarom de activiteit niet doorgaat."),
    ActivityState.POSTPONED: _l("Schrijf waarom de activiteit wordt uitgesteld."),
}
"""The states that ask a reason for the public, and how it is asked."""


def state_problems(activity: Activity, wanted: ActivityState) -> list[Problem]:
    """Why an activity cannot be put in this state, whatever the reason.

    Only what the public sees can be postponed, so that going on means going back online.
    """
    may = (ActivityState.ONLINE, ActivityState.POSTPONED)
    if wanted is ActivityState.POSTPONED and activity.state not in may:
        sentence = _t("Enkel een activiteit die online staat, kan je uitstellen.")
        return [Problem("state", sentence)]
    return []


def reason_problems(wanted: ActivityState, reason: str, field: str = "reason") -> list[Problem]:
    """Whether a state that asks a reason for the public has one."""
    if wanted in WHY and not reason.strip():
        return [Problem("missing", str(WHY[wanted]), field)]
    return []
