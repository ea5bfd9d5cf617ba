"""Back office: publishing many activities, how far it is, and what came of each (D8)."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.settings.environments import ENVIRONMENT_NAMES
from app.uitdatabank.left_standing import left_standing
from app.uitdatabank.models import PublicationRun
from app.uitdatabank.run_views import Progress, find_run, list_runs, progress_of, run_items
from app.uitdatabank.runs import MOST_ACTIVITIES, Asked, start_run, stop_run, try_again
from app.web.access import Access, allow, needs
from app.web.arguments import number_argument, page_argument
from app.web.backoffice import backoffice
from app.web.left_standing_notes import flash_left_standing
from app.web.pages import is_fragment, page
from app.web.run_words import detail_words, done_words, result_of, said_aloud
from app.web.selection import selected_ids

NOTHING_CHOSEN = "Duid eerst aan welke activiteiten je wil publiceren."


@backoffice.get("/publicaties")
@allow(Access.ADMIN)
@needs("uitdatabank")
def publications() -> Response:
    """Every time that many activities were published, newest first."""
    found = list_runs(page_argument())
    return page(
        "backoffice/publications.html",
        found=found,
        progress=progress_of(found.items),
        environment_names=ENVIRONMENT_NAMES,
        done_words=done_words,
        detail_words=detail_words,
    )


@backoffice.get("/publicaties/<int:run_id>")
@allow(Access.ADMIN)
@needs("uitdatabank")
def publication(run_id: int) -> Response:
    """One run with the result of each activity; HTMX looks again every two seconds."""
    run = _found(run_id)
    items = run_items(run_id)
    context = progress_context(run, url_for(".publication", run_id=run_id))
    if is_fragment():
        return page("backoffice/_run_progress.html", items=changed(items), **context)
    return page("backoffice/publication.html", items=items, **context)


@backoffice.post("/publicaties")
@allow(Access.ADMIN)
@needs("uitdatabank")
def publish_selection() -> Response:
    """Put the selected activities in the queue."""
    ids, activity_id = selected_ids(), _series_page()
    if not ids:
        flash(NOTHING_CHOSEN, "warn")
        return redirect(_back(activity_id, None), 303)
    if len(ids) > MOST_ACTIVITIES:
        flash(f"Kies hoogstens {MOST_ACTIVITIES} activiteiten tegelijk.", "warn")
        return redirect(_back(activity_id, None), 303)
    asked = start_run(ids, request.form.get("titel", "").strip()[:200])
    _tell(asked)
    flash_left_standing(left_standing(ids))
    run_id = asked.run_id or (asked.elsewhere[0].run_id if asked.elsewhere else None)
    return redirect(_back(activity_id, run_id), 303)


@backoffice.post("/publicaties/<int:run_id>/stoppen")
@allow(Access.ADMIN)
@needs("uitdatabank")
def stop_publication(run_id: int) -> Response:
    """What is being sent is finished; the rest is not begun."""
    _found(run_id)
    count = stop_run(run_id)
    flash("Alles was al verstuurd of bezig." if not count else "Het publiceren is gestopt.", "info")
    return redirect(_back(_series_page(), run_id), 303)


@backoffice.post("/publicaties/<int:run_id>/opnieuw")
@allow(Access.ADMIN)
@needs("uitdatabank")
def repeat_publication(run_id: int) -> Response:
    """Try again: one row, or all that failed or was stopped."""
    _found(run_id)
    row = request.form.get("rij", "")
    asked = try_again(run_id, [int(row)] if row.isascii() and row.isdigit() else None)
    _tell(asked)
    return redirect(_back(_series_page(), run_id), 303)


def progress_context(run: PublicationRun, url: str, **known: Any) -> dict[str, Any]:
    """What the panel with the progress of a run needs; ``url`` is that of the page it is on."""
    progress: Progress = progress_of([run])[run.id]
    seen = number_argument("klaar") or 0, number_argument("mislukt") or 0
    joint = "&" if "?" in url else "?"
    return {
        "run": run,
        "progress": progress,
        "done_words": done_words,
        "detail_words": detail_words,
        "result_of": result_of,
        "look_again": f"{url}{joint}klaar={progress.done}&mislukt={progress.failed}",
        "refresh_url": url,
        "said": said_aloud(progress, *seen) if is_fragment() else "",
        "series_page": None,
        **known,
    }


def changed(items: list[Any]) -> list[Any]:
    """The rows whose result may differ from what the page shows: all that began."""
    return [item for item in items if item.tries or item.ended_at]


def _tell(asked: Asked) -> None:
    from app import jobs

    if asked.count:
        jobs.wake("runs")
    for other in asked.elsewhere[:5]:
        flash(f"{other.title}: {other.sentence[0].lower()}{other.sentence[1:]}", "info")
    if len(asked.elsewhere) > 5:
        flash(f"Nog {len(asked.elsewhere) - 5} andere staan al in een wachtrij.", "info")


def _found(run_id: int) -> PublicationRun:
    return find_run(run_id) or abort(404)


def _series_page() -> int | None:
    """The activity on whose tab 'gerelateerd' the button was pressed."""
    value = request.form.get("activiteit", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def _back(activity_id: int | None, run_id: int | None) -> str:
    if activity_id is not None:
        return url_for(".related_activities", activity_id=activity_id)
    if run_id is not None:
        return url_for(".publication", run_id=run_id)
    return url_for(".activities")
