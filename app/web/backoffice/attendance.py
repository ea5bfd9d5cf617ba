"""Back office, Aanwezigheid: who comes on a date, on paper or in a spreadsheet (R6).

Monitors see the lists of the activities that were given to them; no list shows a price or a
benefit.
"""

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.activities.editing import get_activity
from app.activities.models import Activity, ActivityState
from app.activities.monitors import (
    DAYS_AHEAD,
    all_monitors,
    assign_monitors,
    coming_activities,
    is_assigned,
    monitor_ids,
)
from app.extensions import write_transaction
from app.sales.attendance import (
    AttendanceDay,
    attendance_days,
    attendants,
    count_unconfirmed,
    day_to_show,
)
from app.settings.audit import record
from app.web.access import Access, allow
from app.web.activity_forms import STATE_WORDS
from app.web.arguments import text_argument
from app.web.backoffice import backoffice
from app.web.backoffice.activities import span_words
from app.web.exports import EXPORTS, Column, Kind
from app.web.pages import page
from app.web.selection import selected_ids

COLUMNS = (
    Column("Naam", width=32),
    Column("Leeftijd", Kind.NUMBER, 10),
    Column("Telefoon", width=18),
    Column("Aanwezig", width=12),
)


@backoffice.get("/aanwezigheid")
@allow(Access.ADMIN, Access.CASHIER, Access.MONITOR)
def attendance() -> Response:
    """The coming activities with a link to their lists; a monitor's own."""
    only_own = not _sees_all()
    found = coming_activities(current_user.account.id if only_own else None)
    return page(
        "backoffice/attendance.html",
        activities=found,
        only_own=only_own,
        days_ahead=DAYS_AHEAD,
        span=span_words,
        state_words=STATE_WORDS,
        online=ActivityState.ONLINE,
    )


@backoffice.get("/activiteiten/<int:activity_id>/aanwezigheid")
@allow(Access.ADMIN, Access.CASHIER, Access.MONITOR)
def attendance_list(activity_id: int) -> Response:
    """The list of one day, to print; for admins also who may see it."""
    activity = _found(activity_id)
    days = attendance_days(activity)
    day = day_to_show(days, text_argument("datum"))
    sees_all, is_admin = _sees_all(), current_user.is_admin
    return page(
        "backoffice/attendance_list.html",
        activity=activity,
        days=days,
        day=day,
        people=attendants(activity, day) if day else [],
        unconfirmed=count_unconfirmed(activity, day) if day and sees_all else 0,
        sees_all=sees_all,
        export_urls=_export_urls(activity, day) if is_admin and day else [],
        monitors=all_monitors() if is_admin else [],
        assigned=monitor_ids(activity_id) if is_admin else set(),
        state_words=STATE_WORDS,
        online=ActivityState.ONLINE,
    )


@backoffice.get("/activiteiten/<int:activity_id>/aanwezigheid/export.<kind>")
@allow(Access.ADMIN)
def export_attendance(activity_id: int, kind: str) -> Response:
    """The list of one day as a file with a column to tick; that it was taken is written down."""
    write = EXPORTS.get(kind) or abort(404)
    activity = _found(activity_id)
    day = day_to_show(attendance_days(activity), text_argument("datum")) or abort(404)
    with write_transaction():
        record(
            "aanwezigheidslijst geëxporteerd",
            subject_kind="activiteit",
            subject_id=activity_id,
            subject_label=activity.title,
            detail={"dag": day.day.isoformat(), "soort": kind},
        )
    rows = [(one.name, one.age, one.phone, "") for one in attendants(activity, day)]
    return write(f"aanwezigheid-{day.day.isoformat()}", COLUMNS, rows)


@backoffice.post("/activiteiten/<int:activity_id>/monitoren")
@allow(Access.ADMIN)
def save_monitors(activity_id: int) -> Response:
    """Say which monitors see the lists of an activity."""
    _found(activity_id)
    assign_monitors(activity_id, selected_ids())
    flash("De monitoren zijn bewaard.", "success")
    kept = {"datum": request.form["datum"]} if request.form.get("datum") else {}
    return redirect(url_for(".attendance_list", activity_id=activity_id, **kept), 303)


def _sees_all() -> bool:
    return current_user.is_admin or current_user.is_cashier


def _found(activity_id: int) -> Activity:
    """The activity; for a monitor to whom it was not given it does not exist."""
    if not _sees_all() and not is_assigned(current_user.account.id, activity_id):
        abort(404)
    return get_activity(activity_id) or abort(404)


def _export_urls(activity: Activity, day: AttendanceDay) -> list[tuple[str, str]]:
    return [
        (
            f".{kind}",
            url_for(".export_attendance", activity_id=activity.id, kind=kind, datum=day.key),
        )
        for kind in ("xlsx", "csv")
    ]
