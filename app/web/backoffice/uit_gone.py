"""Locations and organizers that publiq no longer has, and replacing one everywhere (D13)."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from app import jobs
from app.extensions import end_read
from app.publiq.errors import PubliqError
from app.settings.connections import NotConnected
from app.settings.publiq_errors import call_of, explain
from app.settings.uit import active_environment, get_uit_settings
from app.uitdatabank.models import ReferenceKind
from app.uitdatabank.profiles import ChosenLocation, ChosenOrganizer
from app.uitdatabank.references_in_use import (
    GoneReference,
    Replaced,
    gone_reference,
    gone_references,
    replace_reference,
)
from app.uitdatabank.searching import (
    SearchAnswer,
    read_location,
    read_organizer,
    search_locations,
    search_organizers,
)
from app.web.access import Access, allow, needs
from app.web.backoffice import backoffice
from app.web.call_links import with_call_link
from app.web.forms import Form
from app.web.pages import PageError, page
from app.web.uit_publication import KIND_SLUGS
from app.web.uit_tab import linked

NOUNS = {ReferenceKind.PLACE: "locatie", ReferenceKind.ORGANIZER: "organisator"}
ID_FIELDS = {ReferenceKind.PLACE: "location_id", ReferenceKind.ORGANIZER: "organizer_id"}
WORD_FIELDS = {ReferenceKind.PLACE: "location", ReferenceKind.ORGANIZER: "organizer"}


class ReplaceForm(Form):
    """By which other one; what was typed is searched without script."""

    postal_code = StringField("Postcode")
    location = StringField("Locatie")
    location_id = HiddenField()
    organizer = StringField("Organisator")
    organizer_id = HiddenField()


@backoffice.get("/uitdatabank/verdwenen")
@allow(Access.ADMIN)
@needs("uitdatabank")
def uit_gone() -> Response:
    """Every location and organizer in use that is gone or was merged into another."""
    return page(
        "backoffice/uit_gone.html",
        gone=gone_references(active_environment()),
        slugs=KIND_SLUGS,
        nouns=NOUNS,
    )


@backoffice.get("/uitdatabank/verdwenen/<slug>/<publiq_id>")
@allow(Access.ADMIN)
@needs("uitdatabank")
def uit_gone_one(slug: str, publiq_id: str) -> Response:
    """What uses it, and by what to replace it."""
    found = _found(slug, publiq_id)
    nearby = found.postal_code or get_uit_settings().default_postal_code
    form = ReplaceForm(formdata=None, postal_code=nearby)
    return _page(found, form)


@backoffice.post("/uitdatabank/verdwenen/<slug>/<publiq_id>")
@allow(Access.ADMIN)
@needs("uitdatabank")
def replace_gone(slug: str, publiq_id: str) -> Response:
    """Replace it everywhere by the one it was merged into, or by another that was chosen."""
    found = _found(slug, publiq_id)
    kind, form = found.reference.kind, ReplaceForm()
    if request.form.get("zoek"):
        return _page(found, form, answer=linked(_search(kind, form)))
    if request.form.get("doe") == "opvolger":
        wanted = found.reference.successor_id
    else:
        wanted = (form[ID_FIELDS[kind]].data or "").strip()
    chosen, sentence, call_id = _read(kind, wanted, found.reference.publiq_id)
    if chosen is None:
        errors = [(WORD_FIELDS[kind], sentence)]
        return _page(found, form, errors=errors, error=with_call_link(sentence, call_id))
    replaced = replace_reference(active_environment(), kind, found.reference.publiq_id, chosen)
    jobs.wake("statuses")
    _tell(found.name, chosen.name, replaced)
    if replaced.published_ids:
        return page("backoffice/uit_gone_replaced.html", published=replaced.published_ids)
    return redirect(url_for(".uit_gone"), 303)


def _found(slug: str, publiq_id: str) -> GoneReference:
    kind = next((kind for kind, name in KIND_SLUGS.items() if name == slug), None)
    if kind is None:
        abort(404)
    return gone_reference(active_environment(), kind, publiq_id) or abort(404)


def _search(kind: ReferenceKind, form: ReplaceForm) -> SearchAnswer:
    if kind is ReferenceKind.ORGANIZER:
        return search_organizers(form.organizer.data or "")
    return search_locations(form.location.data or "", form.postal_code.data or "")


def _read(
    kind: ReferenceKind, wanted: str, gone_id: str
) -> tuple[ChosenLocation | ChosenOrganizer | None, str, int | None]:
    """The chosen one as publiq has it now; else the sentence that says why not, and its call."""
    noun = NOUNS[kind]
    if not wanted:
        return None, f"Kies een {noun} uit de lijst.", None
    if wanted == gone_id:
        return None, f"Dit is de {noun} die verdween. Kies een andere.", None
    end_read()
    try:
        chosen: Any = (read_location if kind is ReferenceKind.PLACE else read_organizer)(wanted)
    except NotConnected as error:
        return None, error.sentence, None
    except PubliqError as error:
        return None, explain(error), call_of(error)
    return chosen, f"Deze {noun} bestaat niet meer bij UiTdatabank. Kies een andere.", None


def _tell(old: str, new: str, replaced: Replaced) -> None:
    types, activities = replaced.types, len(replaced.activity_ids)
    where = " en ".join(
        words
        for words, count in (
            (f"{types} {'activiteittype' if types == 1 else 'activiteittypes'}", types),
            (f"{activities} {'activiteit' if activities == 1 else 'activiteiten'}", activities),
        )
        if count
    )
    flash(f"‘{old}’ is vervangen door ‘{new}’ in {where or 'geen enkele activiteit'}.", "success")
    waiting = len(replaced.published_ids)
    if waiting:
        what = "1 activiteit is" if waiting == 1 else f"{waiting} activiteiten zijn"
        flash(
            f"{what} al gepubliceerd. Publiceer opnieuw, dan staat het ook in UiTdatabank.", "warn"
        )
    if replaced.kept:
        what = (
            "1 activiteit houdt" if replaced.kept == 1 else f"{replaced.kept} activiteiten houden"
        )
        flash(f"{what} de organisator: er zijn kaarten met UiTPAS verkocht.", "warn")


def _page(
    found: GoneReference,
    form: ReplaceForm,
    *,
    answer: SearchAnswer | None = None,
    errors: list[PageError] | None = None,
    error: str = "",
) -> Response:
    kind = found.reference.kind
    return page(
        "backoffice/uit_gone_one.html",
        errors=errors or (),
        found=found,
        form=form,
        is_place=kind is ReferenceKind.PLACE,
        noun=NOUNS[kind],
        answer=answer,
        error=error or None,
    )
