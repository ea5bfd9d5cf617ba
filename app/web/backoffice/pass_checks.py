"""Back office: asking UiTPAS about a selection of persons, with its progress (P3)."""

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app import jobs
from app.people.models import PassCheckState
from app.people.pass_checks import get_run, items_of, start_run, tally_of, try_failed_again
from app.people.problems import PersonRefused
from app.web.access import Access, allow, needs
from app.web.backoffice import backoffice
from app.web.backoffice.persons import overview_address
from app.web.pages import is_fragment, page
from app.web.person_forms import tariff_line

ITEM_WORDS = {
    PassCheckState.WAITING: ("Wacht", None, "clock"),
    PassCheckState.ASKING: ("Bezig", "info", "busy"),
    PassCheckState.DONE: ("Nagekeken", "ok", "check"),
    PassCheckState.FAILED: ("Niet gelukt", "bad", "alert"),
}
"""The words of the state, the kind of tag that shows it, and its icon."""


@backoffice.post("/gezinsleden/nakijken")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def check_persons() -> Response:
    """Put the persons that were ticked on the queue."""
    ids = [int(one) for one in request.form.getlist("id") if one.isdecimal() and len(one) < 10]
    try:
        run_id = start_run(ids)
    except PersonRefused as refused:
        flash(refused.problems[0].sentence, "warn")
        return redirect(overview_address(), 303)
    jobs.wake("pass-checks")
    return redirect(url_for("backoffice.pass_check_run", run_id=run_id), 303)


@backoffice.get("/gezinsleden/nakijken/<int:run_id>")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def pass_check_run(run_id: int) -> Response | str:
    """How far a run is, each result as it comes."""
    run = get_run(run_id)
    if run is None:
        abort(404)
    shown = {
        "run": run,
        "items": items_of(run_id),
        "tally": tally_of(run_id),
        "item_words": ITEM_WORDS,
        "tariff_line": tariff_line,
    }
    if is_fragment():
        return render_template("backoffice/_pass_check_progress.html", fragment=True, **shown)
    return page("backoffice/pass_check_run.html", fragment=False, **shown)


@backoffice.post("/gezinsleden/nakijken/<int:run_id>/opnieuw")
@allow(Access.ADMIN, Access.CASHIER)
@needs("uitpas")
def try_pass_checks_again(run_id: int) -> Response:
    """Ask again about whoever failed."""
    if get_run(run_id) is None:
        abort(404)
    try_failed_again(run_id)
    jobs.wake("pass-checks")
    return redirect(url_for("backoffice.pass_check_run", run_id=run_id), 303)
