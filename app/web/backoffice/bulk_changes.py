"""Back office: changing the selected activities, first as a preview, then for real (D9)."""

from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app import jobs
from app.activities.models import Activity, ActivityState
from app.formats import money
from app.settings.uit import get_modules
from app.uitdatabank.bulk_changes import apply_change
from app.uitdatabank.bulk_preview import preview_change, price_names, selected_activities
from app.uitdatabank.left_standing import Why, left_standing, sentence_of
from app.uitdatabank.runs import MOST_ACTIVITIES
from app.uitdatabank.searching import SearchAnswer, search_locations
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.bulk_form import BulkForm
from app.web.left_standing_notes import flash_left_standing
from app.web.pages import page
from app.web.selection import selected_ids

NOT_CARRIED = {"csrf_token", "doe", "zoek", "digest"}


@backoffice.get("/activiteiten/aanpassen")
@allow(Access.ADMIN)
def choose_selection() -> Response:
    """Who comes here by an address has selected nothing yet."""
    flash("Duid eerst aan welke activiteiten je wil aanpassen.", "info")
    return redirect(url_for(".activities"), 303)


@backoffice.post("/activiteiten/aanpassen")
@allow(Access.ADMIN)
def change_selection() -> Response:
    """Fill in, preview, apply: each step carries the selection and what was typed along."""
    ids = selected_ids()[:MOST_ACTIVITIES]
    found = selected_activities(ids)
    if not found:
        return choose_selection()
    step = request.form.get("doe", "")
    if "zoek" in request.form:
        return _form_page(found, _form(found, typed=True), answers=_searched())
    if step not in {"voorbeeld", "toepassen"}:
        return _form_page(found, _form(found, typed=step == "terug"))
    form = _form(found, typed=True)
    change = form.read()
    if change is None:
        return _form_page(found, form, failed=True)
    if step == "voorbeeld":
        return page(
            "backoffice/bulk_preview.html",
            previews=preview_change(ids, change),
            carried=_carried(),
            left_standing_words=sentence_of(Why.DRAFT),
            **_context(found),
        )
    applied = apply_change(_digests(set(ids)), change)
    jobs.wake("availability")
    if change.state is ActivityState.DRAFT:
        flash_left_standing(left_standing(one.activity_id for one in applied if one.changed))
    return page("backoffice/bulk_applied.html", applied=applied, change=change, **_context(found))


def _form(found: list[Activity], *, typed: bool) -> BulkForm:
    """The form with a row for each price that the activities have."""
    names = price_names(found)
    if typed:
        form = BulkForm()
    else:
        form = BulkForm(formdata=None, prices=[{"name": name} for name in names])
    for entry in form.prices:
        known = names.get(entry.form.name.data or "", [])
        entry.form.price.label.text = f"Nieuwe prijs voor ‘{entry.form.name.data}’"
        entry.form.price.description = "Nu " + " tot ".join(money(price) for price in known)
    if not get_modules().uitdatabank:
        form.without_uitdatabank()
    return form


def _form_page(
    found: list[Activity],
    form: BulkForm,
    *,
    answers: dict[str, SearchAnswer] | None = None,
    failed: bool = False,
) -> Response:
    return page(
        "backoffice/bulk_form.html",
        forms=[form] if failed else (),
        form=form,
        answer=(answers or {}).get("location"),
        **_context(found),
    )


def _context(found: list[Activity]) -> dict[str, Any]:
    series = request.form.get("activiteit", "")
    is_number = series.isascii() and series.isdigit() and len(series) < 10
    back = url_for(".activities")
    if is_number:
        back = url_for(".related_activities", activity_id=int(series))
    return {
        "found": found,
        "series_page": int(series) if is_number else None,
        "title_of_run": request.form.get("titel", ""),
        "back": back,
    }


def _searched() -> dict[str, SearchAnswer]:
    words, postal_code = request.form.get("location", ""), request.form.get("postal_code", "")
    return {"location": search_locations(words.strip(), postal_code.strip())}


def _carried() -> list[tuple[str, str]]:
    """What was chosen and typed, to be sent along with the next step."""
    return [pair for pair in request.form.items(multi=True) if pair[0] not in NOT_CARRIED]


def _digests(ids: set[int]) -> dict[int, str]:
    """What the preview promised for each activity: 'id:digest'."""
    digests = {}
    for text in request.form.getlist("digest"):
        number, _, digest = text.partition(":")
        if number.isascii() and number.isdigit() and int(number) in ids:
            digests[int(number)] = digest
    return digests
