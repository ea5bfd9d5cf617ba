"""Cancelling and postponing: the whole activity, or one date of several (D14)."""

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import TextAreaField
from wtforms.validators import Length

from app import jobs
from app.activities.date_states import DateState, date_problems, state_of_date
from app.activities.editing import get_activity
from app.activities.models import Activity, ActivityDate, ActivityState
from app.activities.places import date_pool
from app.activities.problems import ActivityRefused
from app.clock import now
from app.uitdatabank import editing
from app.web.access import Access, allow
from app.web.activity_forms import show_problems
from app.web.backoffice import backoffice
from app.web.forms import Form, Required
from app.web.pages import PageError, page

DATE_ACTIONS = {
    "annuleren": DateState.CANCELLED,
    "uitstellen": DateState.POSTPONED,
    "doorgaan": DateState.AS_PLANNED,
}
DONE = {
    DateState.CANCELLED: "De datum is geannuleerd. De inschrijvingen staan er nog.",
    DateState.POSTPONED: "De datum is uitgesteld. De inschrijvingen staan er nog.",
    DateState.AS_PLANNED: "De datum gaat weer door.",
}
STATE_TAGS = {
    DateState.AS_PLANNED: ("Gaat door", "ok"),
    DateState.POSTPONED: ("Uitgesteld", "warn"),
    DateState.CANCELLED: ("Geannuleerd", "bad"),
}


class PostponeForm(Form):
    """Why an activity or a date does not go on as planned."""

    reason = TextAreaField(
        "Reden",
        [
            Required("Schrijf waarom het niet doorgaat zoals gepland."),
            Length(max=500, message="Kort de reden in tot 500 tekens."),
        ],
    )


@backoffice.route("/activiteiten/<int:activity_id>/uitstellen", methods=["GET", "POST"])
@allow(Access.ADMIN)
def postpone_activity(activity_id: int) -> Response:
    """A page that explains what postponing the whole activity does, and asks the reason."""
    found = _found(activity_id)
    if found.state is not ActivityState.ONLINE:
        flash("Enkel een activiteit die online staat, kan je uitstellen.", "info")
        return _to_activity(activity_id)
    form = PostponeForm()
    if form.validate_on_submit():
        try:
            editing.change_state(activity_id, ActivityState.POSTPONED, form.reason.data)
        except ActivityRefused as refused:
            flash(refused.problems[0].sentence, "warn")
        else:
            jobs.wake("availability")
            flash("De activiteit is uitgesteld. De inschrijvingen staan er nog.", "warn")
        return _to_activity(activity_id)
    return page(
        "backoffice/activity_postpone.html",
        forms=[form] if request.method == "POST" else (),
        form=form,
        activity=found,
    )


@backoffice.post("/activiteiten/<int:activity_id>/doorgaan")
@allow(Access.ADMIN)
def unpostpone_activity(activity_id: int) -> Response:
    """A postponed activity goes on after all, as it was planned or on its new dates."""
    found = _found(activity_id)
    if found.state is ActivityState.POSTPONED:
        editing.change_state(activity_id, ActivityState.ONLINE)
        jobs.wake("availability")
        flash("De activiteit gaat weer door en staat online. Kijk de data na.", "success")
    return _to_activity(activity_id)


@backoffice.get("/activiteiten/<int:activity_id>/data")
@allow(Access.ADMIN)
def activity_dates(activity_id: int) -> Response:
    """The dates of an activity, with what can be done with each."""
    found = _found(activity_id)
    return page(
        "backoffice/activity_dates.html",
        activity=found,
        tags={date.id: STATE_TAGS[state_of_date(date)] for date in found.dates},
        actions={date.id: _actions(found, date) for date in found.dates},
        pools={date.id: date_pool(found, date.id) for date in found.dates},
        moment=now(),
    )


@backoffice.route(
    "/activiteiten/<int:activity_id>/data/<int:date_id>/<doing>", methods=["GET", "POST"]
)
@allow(Access.ADMIN)
def change_activity_date(activity_id: int, date_id: int, doing: str) -> Response:
    """A page that explains what happens to one date, and asks the reason where there is one."""
    found = _found(activity_id)
    date = next((one for one in found.dates if one.id == date_id), None) or abort(404)
    wanted = DATE_ACTIONS.get(doing) or abort(404)
    problems = date_problems(found, date, wanted)
    if problems:
        flash(problems[0].sentence, "info")
        return redirect(url_for(".activity_dates", activity_id=activity_id), 303)
    form = PostponeForm()
    if wanted is DateState.AS_PLANNED:
        del form.reason
    errors: list[PageError] = []
    if form.validate_on_submit():
        reason = form.reason.data if "reason" in form else ""
        try:
            editing.change_date(activity_id, date_id, wanted, reason)
        except ActivityRefused as refused:
            errors = show_problems(form, refused.problems)
        else:
            jobs.wake("availability")
            kind = "success" if wanted is DateState.AS_PLANNED else "warn"
            flash(DONE[wanted], kind)
            return redirect(url_for(".activity_dates", activity_id=activity_id), 303)
    return page(
        "backoffice/activity_date.html",
        forms=[form] if request.method == "POST" else (),
        errors=errors,
        form=form,
        activity=found,
        date=date,
        doing=doing,
        pool=date_pool(found, date_id),
    )


def _actions(activity: Activity, date: ActivityDate) -> list[str]:
    return [
        doing for doing, wanted in DATE_ACTIONS.items() if not date_problems(activity, date, wanted)
    ]


def _found(activity_id: int) -> Activity:
    return get_activity(activity_id) or abort(404)


def _to_activity(activity_id: int) -> Response:
    return redirect(url_for(".activity", activity_id=activity_id), 303)
