"""New activities by formula: the form, the preview of all dates, and making them (D7)."""

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.activities.editing import data_from_type
from app.activities.formula import Formula
from app.activities.holidays import holidays_between
from app.activities.models import ActivityType, Module
from app.activities.problems import ActivityRefused, Problem
from app.activities.series import Made, SeriesKind, formula_kind_problems, series_problems
from app.activities.types import get_type
from app.settings.uit import active_environment, get_modules
from app.uitdatabank import editing
from app.uitdatabank.event import NAME_LENGTH, short_name
from app.uitdatabank.fallbacks import fallbacks
from app.uitdatabank.preview import LIST_LENGTH, is_cut
from app.uitdatabank.problems import ProfileRefused
from app.uitdatabank.profiles import new_profile, profile_of_type
from app.uitdatabank.searching import SearchAnswer
from app.web import form_problems
from app.web.access import Access, allow
from app.web.activity_forms import new_activity_values, show_problems
from app.web.arguments import number_argument, text_argument
from app.web.backoffice import backoffice
from app.web.backoffice.uit_new_places import NEW_PLACE, new_place_along, typed_place
from app.web.carried_form import CARRIED, packed, unpacked
from app.web.form_rows import pressed_row_button, renumbered, rows_changed
from app.web.forms import POSTAL_CODE
from app.web.formula_form import (
    KIND_NOTES,
    NO_SCHEDULE,
    TICKET_NOTES,
    FormulaForm,
    Preview,
    dates_words,
    preview_of,
)
from app.web.pages import PageError, is_fragment, page
from app.web.uit_profile_form import UUID, ActivityUitForm, form_values
from app.web.uit_tab import (
    activity_marks,
    from_settings,
    give_back,
    given_back_words,
    searched,
    standing_in,
    tab_context,
)

LOOK_FIRST = "Kijk de data na, en druk daarna opnieuw op ‘Opslaan’."
CHOOSE_DAY = "Kies de dag die je wil toevoegen."
RELATED = "backoffice.related_activities"
NOT_CARRIED = {"csrf_token", "doe", "image_id", "image_remove"}


@backoffice.get("/activiteiten/nieuw/formule")
@allow(Access.ADMIN)
def new_series() -> Response:
    """The form, filled from the type; the tab UiTdatabank is there before the first save."""
    kind = _found_type()
    values = new_activity_values(data_from_type(kind))
    form = FormulaForm(formdata=None, **{**values, "weekdays": []})
    return _page(kind, form, _uit_form(kind, fresh=True))


@backoffice.post("/activiteiten/nieuw/formule")
@allow(Access.ADMIN)
def create_series() -> Response:
    """One step of the form: other rows, a search, the preview, a day more, or saving it all."""
    kind = _found_type()
    if request.form.get(CARRIED):
        return _back_from_new_place(kind, unpacked(request.form[CARRIED]))
    uit = _uit_form(kind)
    pressed = pressed_row_button()
    if pressed is not None:
        form = FormulaForm(formdata=rows_changed(pressed))
        if is_fragment():
            return page("backoffice/_price_rows.html", form=form, pressed=pressed)
        return _again(kind, form, uit, pressed=pressed)
    form = FormulaForm(formdata=renumbered())
    answers = searched(uit) if uit is not None else None
    if answers is not None:
        return _again(kind, form, uit, answers=answers)
    name = give_back(uit, profile_of_type(kind)) if uit is not None else ""
    if name:
        return _again(kind, form, uit, said=given_back_words(uit, name, "het type"))
    if uit is not None and request.form.get("doe") == NEW_PLACE:
        return _to_new_place(kind, form, uit)
    if request.form.get("doe") == "opslaan":
        return _save(kind, form, uit)
    return _show_dates(kind, form, uit)


def _to_new_place(kind: ActivityType, form: FormulaForm, uit: ActivityUitForm) -> Response:
    """On to a new location. Nothing was saved, so all that was typed goes along in the page."""
    if uit.upload_problem:  # the file would be lost on the way
        return _again(kind, form, uit, checked=(uit,))
    typed = [pair for pair in request.form.items(multi=True) if pair[0] not in NOT_CARRIED]
    typed.append(("image_id", uit.image_id.data or ""))
    if uit.image_remove.data:
        typed.append(("image_remove", "y"))
    return new_place_along(
        typed_place(uit, new_profile(kind)),
        uit.postal_code.data or "",
        url_for(".new_series", type=kind.id),
        packed(typed),
    )


def _back_from_new_place(kind: ActivityType, typed: MultiDict[str, str]) -> Response:
    """The page as it was left, with the location that was made or chosen meanwhile, if any."""
    uit = _uit_form(kind, typed=typed)
    chosen = request.args.get("locatie", "")
    if uit is not None and UUID.match(chosen):
        uit.location.data, uit.location_id.data = text_argument("naam"), chosen
        postal_code = request.form.get("postal_code", "")
        if POSTAL_CODE.match(postal_code):
            uit.postal_code.data = postal_code
    return _again(kind, FormulaForm(formdata=renumbered(typed)), uit)


def _show_dates(kind: ActivityType, form: FormulaForm, uit: ActivityUitForm | None) -> Response:
    """The preview, with the day that was added; only the formula is looked at."""
    preview = None
    if form.formula_is_readable():
        if request.form.get("doe") == "dag" and form.extra_day.data is None:
            form.extra_day.errors = [CHOOSE_DAY]
        formula, problems = _formula(form)
        problems = problems or formula_kind_problems(form.chosen_kind(), formula, kind.module)
        others = show_problems(form, problems)
        preview = _preview(formula, problems)
    else:
        others = []
    return _page(kind, form, uit, preview=preview, errors=others, checked=(form,))


def _save(kind: ActivityType, form: FormulaForm, uit: ActivityUitForm | None) -> Response:
    valid, errors, preview, formula = form.validate(), [], None, None
    profile = uit.read(new_profile(kind), active_environment()) if uit is not None else None
    if form.formula_is_readable():
        formula, problems = _formula(form)
        problems = problems or series_problems(form.read_series(formula), kind.module)
        errors = show_problems(form, problems)
        preview = _preview(formula, problems)
        valid = valid and not problems
    if formula is not None and valid and (uit is None or profile is not None):
        if form.has_shown(formula):
            try:
                return _made(editing.create_series(kind.id, form.read_series(formula), profile))
            except ActivityRefused as refused:
                errors = show_problems(form, refused.problems)
            except ProfileRefused as refused:
                form_problems.show_problems(uit, refused.problems)
        else:
            errors = [("voorbeeld", LOOK_FIRST)]
    checked = (form,) if uit is None else (form, uit)
    return _page(kind, form, uit, preview=preview, errors=errors, checked=checked)


def _again(
    kind: ActivityType,
    form: FormulaForm,
    uit: ActivityUitForm | None,
    *,
    pressed: tuple[str, int] | None = None,
    answers: dict[str, SearchAnswer] | None = None,
    checked: tuple[Any, ...] = (),
    said: str = "",
) -> Response:
    """The page as it was typed, for a step that looks at nothing else."""
    preview = None
    if form.formula_is_readable():
        formula, problems = _formula(form)
        problems = problems or formula_kind_problems(form.chosen_kind(), formula, kind.module)
        preview = _preview(formula, problems)
    for name in form.FORMULA:
        form[name].errors = []
    return _page(
        kind,
        form,
        uit,
        preview=preview,
        pressed=pressed,
        answers=answers,
        checked=checked,
        said=said,
    )


def _formula(form: FormulaForm) -> tuple[Formula, list[Problem]]:
    """The formula as it was filled in, with the school holidays where they are left out."""
    since, until = form.since.data, form.until.data
    asked = form.skip_holidays.data and since <= until
    holidays = holidays_between(since, until) if asked else ()
    return form.add_extra_day(form.read_formula(holidays))


def _preview(formula: Formula, problems: list[Problem]) -> Preview | None:
    """The preview; none of a formula whose dates are not known. An hour may still be wrong."""
    hidden = {"weekdays", "until", "every", "ends"}
    if any(problem.field in hidden and problem.kind != "clock" for problem in problems):
        return None
    return preview_of(formula)


def _made(made: Made) -> Response:
    """To the first activity, and the others of its series."""
    first = made.activity_ids[0]
    if made.repeated:
        flash("Dit was al bewaard. We maakten niets dubbel.", "info")
    elif made.series_id is None:
        flash("De activiteit is bewaard.", "success")
    else:
        flash(f"{len(made.activity_ids)} activiteiten zijn bewaard.", "success")
    known = RELATED in current_app.view_functions
    endpoint = RELATED if made.series_id is not None and known else ".activity"
    return redirect(url_for(endpoint, activity_id=first), 303)


def _uit_form(
    kind: ActivityType, *, fresh: bool = False, typed: MultiDict[str, str] | None = None
) -> ActivityUitForm | None:
    """The tab UiTdatabank; None where activities of this type do not go there."""
    if not (get_modules().uitdatabank and kind.publish_in_uit):
        return None
    if typed is not None:
        return ActivityUitForm(formdata=typed)
    if not fresh:
        sent = ActivityUitForm()
        sent.keep_upload()
        return sent
    values = form_values(new_profile(kind), active_environment())
    return ActivityUitForm(formdata=None, **values)


def _page(
    kind: ActivityType,
    form: FormulaForm,
    uit: ActivityUitForm | None,
    *,
    preview: Preview | None = None,
    errors: list[PageError] | None = None,
    checked: tuple[Any, ...] = (),
    pressed: tuple[str, int] | None = None,
    answers: dict[str, SearchAnswer] | None = None,
    said: str = "",
) -> Response:
    form.offer_kinds(kind.module)
    if preview is not None:
        form.shown.data = preview.shown
    if uit is None and "publish_in_uit" in form:
        del form.publish_in_uit
    ticketing = kind.module is Module.TICKETING
    context: dict[str, Any] = {
        "form": form,
        "preview": preview,
        "dates_words": dates_words,
        "kind_notes": TICKET_NOTES if ticketing else KIND_NOTES,
        "no_schedule": NO_SCHEDULE if ticketing else "",
        "separate": SeriesKind.SEPARATE.value,
        "fragment": is_fragment(),
    }
    if is_fragment():
        return page("backoffice/_formula.html", forms=checked, errors=errors or (), **context)
    return page(
        "backoffice/activity_series.html",
        forms=checked,
        errors=errors or (),
        type=kind,
        ticketing=ticketing,
        pressed=pressed,
        uit_part=_uit_part(kind, uit, answers or {}, said),
        shown_title=_shown_title(form) if uit is not None else "",
        title_length=NAME_LENGTH,
        **context,
    )


def _shown_title(form: FormulaForm) -> str:
    """What UiTdatabank takes of a title that is too long for it; empty where it is not."""
    title = form.title.data or ""
    return short_name(title) if is_cut(title) else ""


def _uit_part(
    kind: ActivityType, uit: ActivityUitForm | None, answers: dict[str, SearchAnswer], said: str
) -> str:
    """The fields of the tab UiTdatabank, drawn with a context of their own; empty without them."""
    if uit is None:
        return ""
    uit.offer_terms()
    profile, of_type = new_profile(kind), profile_of_type(kind)
    stands_in = fallbacks(of_type, uit.link_email.data or "", uit.link_phone.data or "")
    drawn = render_template(
        "backoffice/_series_uit.html",
        ticketing=kind.module is Module.TICKETING,
        inherited=activity_marks(uit, profile, of_type),
        from_settings=from_settings(of_type),
        stands_in=standing_in(uit, stands_in),
        may_fall_back={name for name, item in stands_in.items() if item.value},
        list_length=LIST_LENGTH,
        said=said,
        **tab_context(uit, profile, answers),
    )
    return Markup(drawn)  # noqa: S704 - our own template, which escapes what was typed


def _found_type() -> ActivityType:
    found = get_type(number_argument("type") or 0)
    if found is None:
        abort(404)
    return found
