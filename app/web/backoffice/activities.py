"""Activities: the overview, a new one, and the page of one (C1, D11)."""

from datetime import timedelta
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.activities.editing import (
    activity_data_problems,
    data_from_type,
    get_activity,
)
from app.activities.models import Activity, ActivityState, ActivityType, Module, UitStatus
from app.activities.overview import (
    PUBLISHED,
    SORTS,
    ActivityFilters,
    count_by_status,
    find_activities,
)
from app.activities.problems import ActivityRefused
from app.activities.types import all_types, get_type, prices_of
from app.clock import today
from app.formats import day
from app.settings.uit import get_modules
from app.uitdatabank import editing
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
from app.web.form_rows import pressed_row_button, renumbered, rows_changed
from app.web.pages import PageError, is_fragment, page

STATUS_FILTERS: tuple[tuple[str, str, tuple[UitStatus, ...], str], ...] = (
    ("", "Alle", (), ""),
    ("onvolledig", "Onvolledige data", (UitStatus.INCOMPLETE,), "incomplete"),
    ("klaar", "Niet gepubliceerd", (UitStatus.COMPLETE,), "complete"),
    ("gepubliceerd", "Gepubliceerd", PUBLISHED, "published"),
    ("gewijzigd", "waarvan gewijzigd", (UitStatus.CHANGED,), "changed"),
    ("nvt", "Niet van toepassing", (UitStatus.NOT_APPLICABLE,), "not_applicable"),
)
"""Value in the address, words, the statuses it stands for, and which badge it wears."""

SMALL_HOURS = timedelta(hours=6)
"""What ends in the small hours belongs to the evening before."""


@backoffice.get("/activiteiten")
@allow(Access.ADMIN, Access.CASHIER)
def activities() -> Response:
    """The overview; from today on unless the address says otherwise."""
    filters = _read_filters()
    found = find_activities(filters, page_argument())
    fragment = is_fragment()
    return page(
        "backoffice/_activities_list.html" if fragment else "backoffice/activities.html",
        found=found,
        filters=filters,
        facets=_facets(filters) if get_modules().uitdatabank else [],
        types=[(item.id, item.name) for item in all_types()],
        module_options=[(module.value, words) for module, words in MODULE_WORDS.items()],
        state_options=[(state.value, words) for state, words in STATE_WORDS.items()],
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        span=span_words,
        fragment=fragment,
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
            state_words=STATE_WORDS,
            state_kinds=STATE_KINDS,
        )
    form = _form(None, found.activity_type, found, **activity_values(found, prices_of(found)))
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
    if not form.validate():
        errors = show_problems(form, activity_data_problems(form.read(found)))
    else:
        try:
            editing.save_activity(activity_id, form.read(found))
        except ActivityRefused as refused:
            errors = show_problems(form, refused.problems)
            if any(problem.kind == "version" for problem in refused.problems):
                found = _found(activity_id)
                form.version.data = str(found.version)
        else:
            flash("De activiteit is bewaard.", "success")
            return redirect(url_for(".activity", activity_id=activity_id), 303)
    return _form_page(form, found, kind, errors=errors, checked=True)


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
    editing.change_state(activity_id, ActivityState.DRAFT)
    flash("De activiteit is weer een concept. Zet ze online als alles klopt.", "success")
    return redirect(url_for(".activity", activity_id=activity_id), 303)


def span_words(found: Activity) -> str:
    """'wo 6 jan 2027', or first and last day, without a look at each date."""
    if found.first_start is None or found.last_end is None:
        return "nog geen data"
    first, last = (
        day(found.first_start),
        day(max(found.first_start, found.last_end - timedelta(hours=6))),
    )
    return first if first == last else f"{first} – {last}"


def _read_filters() -> ActivityFilters:
    sort = request.args.get("sorteer", "datum")
    if sort.removeprefix("-") not in SORTS:
        sort = "datum"
    wanted = {value: statuses for value, _, statuses, _ in STATUS_FILTERS}
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


def _facets(filters: ActivityFilters) -> list[dict[str, Any]]:
    counts = count_by_status(filters)
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
    form = ActivityForm(formdata=formdata, **values)
    if not (get_modules().uitdatabank and kind.publish_in_uit):
        del form.publish_in_uit
    if known is not None and known.state is ActivityState.CANCELLED:
        del form.state
    return form


def _form_page(
    form: ActivityForm,
    found: Activity | None,
    kind: ActivityType,
    *,
    pressed: tuple[str, int] | None = None,
    errors: list[PageError] | None = None,
    checked: bool = False,
) -> Response:
    context: dict[str, Any] = {"form": form, "pressed": pressed}
    if pressed is not None and is_fragment():
        rows = "_date_rows" if pressed[0].endswith("_date") else "_price_rows"
        return page(f"backoffice/{rows}.html", **context)
    return page(
        "backoffice/activity_form.html",
        forms=[form] if checked else (),
        errors=errors or (),
        activity=found,
        type=kind,
        ticketing=kind.module is Module.TICKETING,
        state_words=STATE_WORDS,
        state_kinds=STATE_KINDS,
        **context,
    )


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
