"""Back office, the tab 'gerelateerd': the other activities of a series (D8)."""

from flask import abort, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from app.activities.agenda_words import formula_words
from app.activities.formula import read_formula
from app.activities.models import Activity, Series
from app.extensions import db
from app.settings.uit import active_environment, get_modules
from app.uitdatabank.links import link_of
from app.uitdatabank.models import PublicationRun
from app.uitdatabank.run_views import RelatedRow, related_rows
from app.web.access import Access, allow
from app.web.activity_forms import STATE_WORDS
from app.web.arguments import flag_argument
from app.web.backoffice import backoffice
from app.web.backoffice.publications import changed, progress_context
from app.web.pages import is_fragment, page
from app.web.run_words import result_of


@backoffice.get("/activiteiten/<int:activity_id>/gerelateerd")
@allow(Access.ADMIN)
def related_activities(activity_id: int) -> Response:
    """The others of the series: select some, change them or publish them, and see what came of it.

    HTMX asks for the progress and the results alone.
    """
    found = db.session.scalar(
        select(Activity)
        .where(Activity.id == activity_id)
        .options(joinedload(Activity.activity_type), joinedload(Activity.series))
    )
    if found is None or found.series is None:
        abort(404)
    rows = related_rows(found, active_environment())
    run = _run_of(rows)
    url = url_for(".related_activities", activity_id=activity_id)
    context = {"activity": found, "rows": rows, "run": None, "result_of": result_of}
    if run is not None:
        context |= progress_context(run, url, series_page=activity_id)
    if is_fragment() and run is not None:
        items = [row.item for row in rows if row.item is not None]
        statuses = {row.activity.id: row.activity.uit_status for row in rows}
        return page(
            "backoffice/_run_progress.html", items=changed(items), statuses=statuses, **context
        )
    return page(
        "backoffice/activity_related.html",
        all_selected=flag_argument("alles"),
        newest_first=request.args.get("sorteer") == "-datum",
        link=link_of(activity_id),
        state_words=STATE_WORDS,
        made_by=_made_by(found.series),
        **context,
    )


def _made_by(series: Series) -> str:
    """The formula in words; the title of a series that was put together by hand."""
    return formula_words(read_formula(series.formula)) if series.formula else series.title


def _run_of(rows: list[RelatedRow]) -> PublicationRun | None:
    """The run whose progress is shown: the newest that holds one of these activities."""
    if not get_modules().uitdatabank:
        return None
    items = [row.item for row in rows if row.item is not None]
    return max((item.run for item in items), key=lambda run: run.id, default=None)
