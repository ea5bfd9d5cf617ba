"""Activities: the overview, a new one, and the page of one (C1, D11)."""

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app import jobs
from app.activities.editing import (
    activity_data_problems,
    data_from_type,
    get_activity,
)
from app.activities.groups import group_with_period
from app.activities.models import Activity, ActivityState, ActivityType, Module, UitStatus
from app.activities.overview import (
    PUBLISHED,
    SORTS,
    ActivityFilters,
    find_activities,
)
from app.activities.problems import ActivityRefused, Problem
from app.activities.types import all_types, get_type, prices_of
from app.clock import today
from app.formats import day
from app.settings.uit import get_modules
from app.uitdatabank import editing
from app.uitdatabank.event import short_name
from app.uitdatabank.preview import is_cut
from app.web.access import Access, allow
from app.web.activity_forms import (
    MODULE_WORDS,
    STATE_KINDS,
    STATE_WORDS,
    ActivityForm,
    CancelForm,
    activity_values,
    new_activity_values,
    show_problems,
)
from app.web.arguments import (
    choice_argument,
    date_argument,
    kept_names,
    number_argument,
    page_argument,
    text_argument,
)
from app.web.backoffice import backoffice
from app.web.conflicts import Conflict, activity_conflict
from app.web.dates import all_dates_in_words, changes_in_words, when_in_words
from app.web.form_rows import pressed_row_button, renumbered, rows_changed
from app.web.left_standing_notes import telling_left_standing
from app.web.pages import PageError, is_fragment, page
from app.web.period_fields import PERIOD_FIELDS, period_words
from app.web.schedule_form import ScheduledActivityForm, scheduled_values

STATUS_FILTERS: tuple[tuple[str, str, tuple[UitStatus, ...], str], ...] = (
    ("", "Alle", (), ""),
    ("onvolledig", "Onvolledige data", (UitStatus.INCOMPLETE,), "incomplete"),
    ("klaar", "Niet gepubliceerd", (UitStatus.COMPLETE,), "complete"),
    ("gepubliceerd", "Gepubliceerd", PUBLISHED, "published"),
    ("gewijzigd", "waarvan gewijzigd", (UitStatus.CHANGED,), "changed"),
    ("nvt", "Niet van toepassing", (UitStatus.NOT_APPLICABLE,), "not_applicable"),
)
"""Value in the address, words, the statuses it stands for, and which badge it wears."""

ROW_PARTS = {"date": "_date_rows", "price": "_price_rows"}
"""Which part of the page shows the rows of a button; the others are of the weekly schedule."""
SMALL_HOURS = timedelta(hours=6)
"""What ends in the small hours belongs to the evening before."""


@backoffice.get("/activiteiten")
@allow(Access.ADMIN, Access.CASHIER)
def activities() -> Response:
    """The overview; from today on unless the address says otherwise."""
    filters = read_filters()
    found = find_activities(filters, page_argument())
    fragment = is_fragment()
    return page(
        "backoffice/_activities_list.html" if fragment else "backoffice/activities.html",
        found=found,
        filters=filters,
        facets=_facets(found.counts) if get_modules().uitdatabank else [],
        types=[(item.id, item.name) for item in all_types()],
        module_options=[(module.value, words) for module, words in MODULE_WORDS.items()],
        state_options=[(state.value, words) for state, words in STATE_WORDS.items()],
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        span=span_words,
        fragment=fragment,
        export_urls=_export_urls() if current_user.is_admin else [],
    )


@backoffice.get("/activiteiten/nieuw")
@allow(Access.ADMIN)
def new_activity() -> Response:
    """First the type; then the form, filled from it."""
    if "type" not in request.args:
        return page("backoffice/activity_new.html", types=all_types(), module_words=MODULE_WORDS)
    kind = _found_type()
    values = new_activity_values(data_from_type(kind))
    return _form_page(_form(None, kind, **values), None, kind)


@backoffice.post("/activiteiten/nieuw")
@allow(Access.ADMIN)
def create_activity() -> Response:
    """Make an activity of the type in the address, or change the rows of the form."""
    kind = _found_type()
    pressed = pressed_row_button()
    if pressed is not None:
        return _form_page(_form(rows_changed(pressed), kind), None, kind, pressed=pressed)
    form = _form(renumbered(), kind)
    errors: list[PageError] = []
    if not form.validate():
        errors = show_problems(form, activity_data_problems(form.read()))
    else:
        try:
            made = editing.create_activity(kind.id, form.read())
        except ActivityRefused as refused:
            errors = show_problems(form, refused.problems)
        else:
            flash(f"Activiteit ‘{made.title}’ is bewaard.", "success")
            return redirect(url_for(".activity", activity_id=made.id), 303)
    return _form_page(form, None, kind, errors=errors, checked=True)


@backoffice.get("/activiteiten/<int:activity_id>")
@allow(Access.ADMIN, Access.CASHIER)
def activity(activity_id: int) -> Response:
    """The tab Algemeen: a form for admins, to read for cashiers."""
    found = _found(activity_id)
    if not current_user.is_admin:
        return page(
            "backoffice/activity.html",
            activity=found,
            changes=changes_in_words(found),
            dates=all_dates_in_words(found),
            when=when_in_words(found),
            state_words=STATE_WORDS,
            state_kinds=STATE_KINDS,
        )
    values = activity_values if found.schedule is None else scheduled_values
    form = _form(None, found.activity_type, found, **values(found, prices_of(found)))
    return _form_page(form, found, found.activity_type)


@backoffice.post("/activiteiten/<int:activity_id>")
@allow(Access.ADMIN)
def save_activity(activity_id: int) -> Response:
    """Save an activity, or change the rows of its form."""
    found = _found(activity_id)
    kind = found.activity_type
    pressed = pressed_row_button()
    if pressed is not None:
        return _form_page(_form(rows_changed(pressed), kind, found), found, kind, pressed=pressed)
    form = _form(renumbered(), kind, found)
    errors: list[PageError] = []
    conflict = None
    if not form.validate():
        errors = show_problems(form, _problems(form, found))
    else:
        try:
            with telling_left_standing(activity_id):
                editing.save_activity(activity_id, form.read(found))
                flash("De activiteit is bewaard.", "success")
        except ActivityRefused as refused:
            errors = show_problems(form, refused.problems)
            if any(problem.kind == "version" for problem in refused.problems):
                typed, found = form.read(found), _found(activity_id)
                form.version.data = str(found.version)
                conflict = activity_conflict(form, found, typed)
        else:
            jobs.wake("availability")
            return redirect(url_for(".activity", activity_id=activity_id), 303)
    return _form_page(form, found, kind, errors=errors, checked=True, conflict=conflict)


@backoffice.route("/activiteiten/<int:activity_id>/annuleren", methods=["GET", "POST"])
@allow(Access.ADMIN)
def cancel_activity(activity_id: int) -> Response:
    """A page that explains what cancelling does, and asks the reason."""
    found = _found(activity_id)
    if found.state is ActivityState.CANCELLED:
        flash("Deze activiteit is al geannuleerd.", "info")
        return redirect(url_for(".activity", activity_id=activity_id), 303)
    form = CancelForm()
    if form.validate_on_submit():
        editing.change_state(activity_id, ActivityState.CANCELLED, form.reason.data)
        jobs.wake("availability")
        flash("De activiteit is geannuleerd. De inschrijvingen staan er nog.", "warn")
        return redirect(url_for(".activity", activity_id=activity_id), 303)
    return page(
        "backoffice/activity_cancel.html",
        forms=[form] if request.method == "POST" else (),
        form=form,
        activity=found,
    )


@backoffice.post("/activiteiten/<int:activity_id>/hervatten")
@allow(Access.ADMIN)
def resume_activity(activity_id: int) -> Response:
    """Take back a cancellation: the activity becomes a draft."""
    _found(activity_id)
    with telling_left_standing(activity_id):
        editing.change_state(activity_id, ActivityState.DRAFT)
        flash("De activiteit is weer een concept. Zet ze online als alles klopt.", "success")
    jobs.wake("availability")
    return redirect(url_for(".activity", activity_id=activity_id), 303)


def span_words(found: Activity) -> str:
    """'wo 6 jan 2027', or first and last day, without a look at each date."""
    if found.first_start is None or found.last_end is None:
        return "nog geen data"
    first, last = (
        day(found.first_start),
        day(max(found.first_start, found.last_end - SMALL_HOURS)),
    )
    return first if first == last else f"{first} – {last}"


def read_filters() -> ActivityFilters:
    """What the address asks of the overview; from today on unless it says otherwise."""
    sort = request.args.get("sorteer", "datum")
    if sort.removeprefix("-") not in SORTS:
        sort = "datum"
    wanted = {value: statuses for value, _, statuses, _ in STATUS_FILTERS}
    if not get_modules().uitdatabank:
        wanted = {}
        sort = "datum" if sort.removeprefix("-") == "status" else sort
    return ActivityFilters(
        text=text_argument("zoeken"),
        type_id=number_argument("type"),
        since=date_argument("van") if "van" in request.args else today(),
        until=date_argument("tot"),
        module=choice_argument("module", Module),
        state=choice_argument("toestand", ActivityState),
        statuses=wanted.get(request.args.get("uit", ""), ()),
        sort=sort,
    )


def _export_urls() -> list[tuple[str, str]]:
    """(ending, address) of the whole list in each kind of file, as it is filtered now."""
    kept = {name: request.args[name] for name in kept_names(request.args) if name != "pagina"}
    kept.pop("kind", None)
    return [
        (f".{kind}", url_for(".export_activities", kind=kind, **kept)) for kind in ("xlsx", "csv")
    ]


def _facets(counts: dict[UitStatus, int]) -> list[dict[str, Any]]:
    present = request.args.get("uit", "")
    others = {
        name: request.args[name]
        for name in kept_names(request.args)
        if name not in {"uit", "pagina"}
    }
    return [
        {
            "label": words,
            "count": sum(counts[status] for status in statuses or UitStatus),
            "url": url_for(".activities", **others, **({"uit": value} if value else {})),
            "current": value == present,
            "status": badge,
        }
        for value, words, statuses, badge in STATUS_FILTERS
    ]


def _form(
    formdata: Any, kind: ActivityType, known: Activity | None = None, **values: Any
) -> ActivityForm:
    """The form with only the fields that this activity has."""
    scheduled = known is not None and known.schedule is not None
    form = (ScheduledActivityForm if scheduled else ActivityForm)(formdata=formdata, **values)
    if not (get_modules().uitdatabank and kind.publish_in_uit):
        del form.publish_in_uit
    if known is not None and known.state in (ActivityState.CANCELLED, ActivityState.POSTPONED):
        del form.state
    if known is not None and group_with_period(known.id) is not None:
        for name in PERIOD_FIELDS:
            del form[name]
    return form


def _problems(form: ActivityForm, found: Activity) -> list[Problem]:
    """Beside what cannot be read: what is wrong with the rest, so that all is said at once."""
    data = form.read(found)
    problems = activity_data_problems(data)
    if data.schedule is None and found.schedule is not None:  # its own fields say why
        return [problem for problem in problems if problem.field != "dates"]
    return problems


def _form_page(
    form: ActivityForm,
    found: Activity | None,
    kind: ActivityType,
    *,
    pressed: tuple[str, int] | None = None,
    errors: list[PageError] | None = None,
    checked: bool = False,
    conflict: Conflict | None = None,
) -> Response:
    context: dict[str, Any] = {"form": form, "pressed": pressed}
    if pressed is not None and is_fragment():
        rows = ROW_PARTS.get(pressed[0].partition("_")[2], "_schedule_rows")
        return page(f"backoffice/{rows}.html", **context)
    return page(
        "backoffice/activity_form.html",
        forms=[form] if checked else (),
        errors=errors or (),
        activity=found,
        conflict=conflict,
        type=kind,
        ticketing=kind.module is Module.TICKETING,
        cut_title=_cut_title(form.title.data or ""),
        period_group=group_with_period(found.id) if found else None,
        period_words=period_words,
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        **context,
    )


def _cut_title(title: str) -> str:
    """How publiq gets a title that is too long for it; empty where it fits."""
    return short_name(title) if get_modules().uitdatabank and is_cut(title) else ""


def _found(activity_id: int) -> Activity:
    found = get_activity(activity_id)
    if found is None:
        abort(404)
    return found


def _found_type() -> ActivityType:
    found = get_type(number_argument("type") or 0)
    if found is None:
        abort(404)
    return found
