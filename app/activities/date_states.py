"""Single dates that are cancelled or postponed, and what the whole then spans (C1, D14)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum

from app.activities.locking import locked_activity
from app.activities.models import Activity, ActivityDate, ActivityState
from app.activities.problems import ActivityRefused, Problem
from app.clock import now
from app.extensions import _l, _t, write_transaction
from app.formats import period
from app.settings.audit import record

LONGEST_REASON = 500


class DateState(Enum):
    """How one date of an activity stands."""

    AS_PLANNED = "as planned"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


AUDIT = {
    DateState.AS_PLANNED: "datum gaat weer door",
    DateState.POSTPONED: "datum uitgesteld",
    DateState.CANCELLED: "datum geannuleerd",
}
ALREADY = {
    DateState.AS_PLANNED: _l("Deze datum gaat al gewoon door."),
    DateState.POSTPONED: _l("Deze datum is al uitgesteld."),
    DateState.CANCELLED: _l("Deze datum is al geannuleerd."),
}
WHY = {
    DateState.POSTPONED: _l("Schrijf waarom deze datum niet doorgaat zoals gepland."),
    DateState.CANCELLED: _l("Schrijf waarom deze datum niet doorgaat."),
}


def state_of_date(date: ActivityDate) -> DateState:
    """Cancelled wins over postponed."""
    if date.cancelled_at is not None:
        return DateState.CANCELLED
    return DateState.AS_PLANNED if date.postponed_at is None else DateState.POSTPONED


def date_problems(activity: Activity, date: ActivityDate, wanted: DateState) -> list[Problem]:
    """Why a date cannot be put in this state: shown on its page, and obeyed."""
    if activity.state in (ActivityState.CANCELLED, ActivityState.POSTPONED):
        sentence = _t(
            "De hele activiteit gaat niet door zoals gepland. Laat ze eerst weer doorgaan, dan kan "
            "je de data één voor één aanpassen."
        )
        return [Problem("whole", sentence)]
    if date.ends_at <= now():
        return [Problem("past", _t("Deze datum is voorbij. Je kan ze niet meer aanpassen."))]
    if len(activity.dates) == 1 and wanted is not DateState.AS_PLANNED:
        sentence = _t(
            "Dit is de enige datum. Annuleer de activiteit, of stel de hele activiteit uit."
        )
        return [Problem("only", sentence)]
    if state_of_date(date) is wanted:
        return [Problem("same", str(ALREADY[wanted]))]
    return []


def change_date(activity_id: int, date_id: int, wanted: DateState, reason: str = "") -> None:
    """Cancel or postpone one date, which asks a reason for the public, or let it go on.

    Registrations and tickets stay as they are. Raises ActivityRefused, LookupError.
    """
    reason = reason.strip()
    with write_transaction() as session:
        activity = locked_activity(session, activity_id)
        date = next((item for item in activity.dates if item.id == date_id), None)
        if date is None:
            raise LookupError(f"activity {activity_id} has no date {date_id}")
        problems = date_problems(activity, date, wanted)
        if not problems and wanted in WHY and not reason:
            problems = [Problem("missing", str(WHY[wanted]), "reason")]
        if problems:
            raise ActivityRefused(problems)
        date.cancelled_at = now() if wanted is DateState.CANCELLED else None
        date.postponed_at = now() if wanted is DateState.POSTPONED else None
        date.status_reason = "" if wanted is DateState.AS_PLANNED else reason[:LONGEST_REASON]
        activity.first_start, activity.last_end = span_of(activity.dates)
        activity.version += 1
        record(
            AUDIT[wanted],
            subject_kind="activiteit",
            subject_id=activity.id,
            subject_label=activity.title,
            reason=reason,
            detail={"datum": period(date.starts_at, date.ends_at)},
        )
        session.flush()


def span_of(dates: Sequence[ActivityDate]) -> tuple[datetime, datetime]:
    """First start and last end of the dates that go on.

    A postponed date does not begin anything, but the activity is not over while it lies ahead.
    Where nothing goes on, all dates count.
    """
    starting = _first_that_fit(dates, (_as_planned, _not_cancelled))
    ending = _first_that_fit(dates, (_not_cancelled,))
    return min(item.starts_at for item in starting), max(item.ends_at for item in ending)


def _first_that_fit(
    dates: Sequence[ActivityDate], rules: Sequence[Callable[[ActivityDate], bool]]
) -> Sequence[ActivityDate]:
    for rule in rules:
        found = [date for date in dates if rule(date)]
        if found:
            return found
    return dates


def _as_planned(date: ActivityDate) -> bool:
    return state_of_date(date) is DateState.AS_PLANNED


def _not_cancelled(date: ActivityDate) -> bool:
    return date.cancelled_at is None
