"""A location that UiTdatabank does not know yet: make it, and choose it where one came from."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import current_app, flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.validators import Length

from app.activities.models import Activity, ActivityType
from app.extensions import db
from app.publiq.errors import PubliqError
from app.settings.connections import NotConnected
from app.settings.municipality import get_municipality
from app.settings.publiq_errors import call_of, explain
from app.settings.uit import active_environment, get_uit_settings
from app.uitdatabank.choosing import choose_location_of_activity, choose_location_of_type
from app.uitdatabank.models import UitProfile
from app.uitdatabank.new_places import Making, PlaceAnswer, PlaceData, make_place
from app.uitdatabank.profile_data import POSTAL_CODE, ChosenLocation, chosen_location
from app.uitdatabank.searching import read_location
from app.uitdatabank.taxonomy import place_kinds
from app.web.access import Access, allow, needs
from app.web.arguments import text_argument
from app.web.backoffice import backoffice
from app.web.carried_form import CARRIED
from app.web.form_problems import show_problems
from app.web.forms import Form
from app.web.local_paths import local_path
from app.web.pages import page
from app.web.uit_profile_form import LOCATION_GONE, UUID, UitProfileForm

NEW_PLACE = "nieuwe-locatie"
LONG = Length(max=200, message="Kort dit in tot 200 tekens.")
KINDS = {Making.EXISTS: "info", Making.LOOKS_ALIKE: "info", Making.LOST: "warn"}
CHOOSE_ONE = "Kies een van de locaties."
MADE, EXISTED = "is gemaakt in UiTdatabank", "staat al in UiTdatabank"
CHOSEN = "‘{}’ {} en is gekozen als locatie."
FORMULA = "backoffice.new_series"
"""The page of activities by formula: there is nothing to save the choice in yet."""


class PlaceForm(Form):
    """A location as UiTdatabank asks it."""

    name = StringField("Naam", [LONG])
    street = StringField("Straat en nummer", [LONG])
    postal_code = StringField("Postcode", [LONG])
    locality = StringField("Gemeente", [LONG])
    kind = SelectField("Wat voor plaats is het?", validate_choice=False)

    def offer_kinds(self) -> None:
        """The kinds of places that publiq knows."""
        kinds = [(term.id, term.name) for term in place_kinds()]
        self.kind.choices = [("", "Kies wat voor plaats het is"), *kinds]

    def read(self) -> PlaceData:
        """What was filled in."""
        return PlaceData(
            *(" ".join((field.data or "").split()) for field in (self.name, self.street)),
            postal_code=self.postal_code.data or "",
            locality=" ".join((self.locality.data or "").split()),
            kind=self.kind.data or "",
        )


def new_place_words(form: UitProfileForm, profile: UitProfile) -> str:
    """When 'Maak ze aan' was pressed: what was typed as location, which is no choice yet.

    The form gets back what was chosen, so that all the rest can be saved first.
    """
    if request.form.get("doe") != NEW_PLACE:
        return ""
    words = typed_place(form, profile)
    stored = chosen_location(profile, active_environment())
    form.location.data, form.location_id.data = stored.name, stored.id
    return words


def typed_place(form: UitProfileForm, profile: UitProfile) -> str:
    """What was typed as location beside what is chosen already."""
    words = form.location.data or ""
    return "" if words == chosen_location(profile, active_environment()).name else words


def to_new_place(words: str, back: str) -> Response:
    """On to the page, after what was filled in was saved."""
    flash("We bewaarden eerst wat je invulde.", "success")
    return redirect(url_for(".new_uit_place", terug=back, naam=words or None), 303)


def new_place_along(words: str, postal_code: str, back: str, kept: str) -> Response:
    """The page for who has saved nothing yet: what was typed travels along, and comes back."""
    return _place_page(_fresh(words, postal_code), back=back, kept=kept)


@backoffice.get("/uitdatabank/locaties/nieuw")
@allow(Access.ADMIN)
@needs("uitdatabank")
def new_uit_place() -> Response:
    """The form for a new location."""
    owner = _owner()
    return _place_page(
        _fresh(text_argument("naam"), owner.postal_code if owner is not None else "")
    )


@backoffice.post("/uitdatabank/locaties/nieuw")
@allow(Access.ADMIN)
@needs("uitdatabank")
def make_uit_place() -> Response:
    """Make it, or choose one that exists already; then back to where one came from."""
    form = PlaceForm()
    if request.form.get("doe") == "kies":
        return _choose_existing(form)
    if not form.validate():
        return _place_page(form, failed=True)
    answer = make_place(form.read(), is_another=request.form.get("doe") == "toch")
    if answer.location is not None:
        return _chosen(answer.location, form.postal_code.data or "", made=True)
    show_problems(form, answer.problems)
    return _place_page(form, answer, failed=True)


def _fresh(words: str, postal_code: str) -> PlaceForm:
    municipality = get_municipality()
    form = PlaceForm(
        formdata=None,
        name=words,
        postal_code=postal_code or get_uit_settings().default_postal_code,
    )
    if form.postal_code.data == municipality.postal_code:
        form.locality.data = municipality.locality
    return form


def _choose_existing(form: PlaceForm) -> Response:
    chosen = request.form.get("location_id", "")
    if not UUID.match(chosen):
        form.form_errors.append(CHOOSE_ONE)
        return _place_page(form, failed=True)
    try:
        location = read_location(chosen)
    except NotConnected as error:
        return _unread(form, error.sentence)
    except PubliqError as error:
        return _unread(form, explain(error), call_of(error))
    if location is None:
        return _unread(form, LOCATION_GONE)
    return _chosen(location, form.postal_code.data or "", made=False)


def _unread(form: PlaceForm, sentence: str, call_id: int | None = None) -> Response:
    answer = PlaceAnswer(Making.FAILED, sentence, call_id=call_id)
    return _place_page(form, answer, failed=True)


def _chosen(location: ChosenLocation, postal_code: str, *, made: bool) -> Response:
    owner, back = _owner_key(), _back()
    if _endpoint()[0] == FORMULA and request.form.get(CARRIED):
        flash(CHOSEN.format(location.name, MADE if made else EXISTED), "success")
        chosen = {"locatie": location.id, "naam": location.name}
        # the same body goes on to the formula, which reads what travelled along from it
        path, _, query = back.partition("?")
        return redirect(f"{path}?{query}&{urlencode(chosen)}", 307)
    done = MADE if made else EXISTED
    if owner is None:
        flash(f"‘{location.name}’ {done}. Je kan ze nu kiezen als locatie.", "success")
        return redirect(url_for(".activity_types"), 303)
    kind, key = owner
    postal_code = postal_code if POSTAL_CODE.match(postal_code) else ""
    choose = choose_location_of_activity if kind is Activity else choose_location_of_type
    choose(key, location, postal_code)
    flash(CHOSEN.format(location.name, done), "success")
    return redirect(back, 303)


def _place_page(
    form: PlaceForm,
    answer: PlaceAnswer | None = None,
    *,
    failed: bool = False,
    back: str = "",
    kept: str = "",
) -> Response:
    form.offer_kinds()
    back = back or _back()
    if _endpoint(back)[0] == FORMULA:
        kept = kept or request.form.get(CARRIED, "")
    says = answer is not None and answer.sentence
    return page(
        "backoffice/uit_new_place.html",
        forms=[form] if failed else [],
        form=form,
        answer=answer,
        kind=KINDS.get(answer.outcome, "warn") if answer else "",
        errors=[("", answer.sentence)] if says and answer.outcome is Making.FAILED else (),
        back=back or url_for(".activity_types"),
        action=url_for(".make_uit_place", terug=back or None),
        carried=CARRIED,
        kept=kept,
        looks_alike=answer is not None and answer.outcome is Making.LOOKS_ALIKE,
        no_kinds=len(form.kind.choices or ()) < 2,
    )


def _back() -> str:
    return local_path(request.args.get("terug", ""))


def _endpoint(back: str | None = None) -> tuple[str, Mapping[str, Any]]:
    """The page that an address on this site leads to, with its arguments; '' for none."""
    path = (_back() if back is None else back).partition("?")[0]
    try:
        return current_app.url_map.bind("").match(path)
    except (HTTPException, RequestRedirect):
        return "", {}


def _owner_key() -> tuple[Any, int] | None:
    """The activity or type whose tab one came from, by its address; None for another page."""
    endpoint, values = _endpoint()
    if endpoint == "backoffice.activity_uit":
        kind, key = Activity, values["activity_id"]
    elif endpoint == "backoffice.activity_type_uit":
        kind, key = ActivityType, values["type_id"]
    else:
        return None
    return (kind, key) if db.session.get(kind, key) is not None else None


def _owner() -> UitProfile | None:
    """The stored profile of whom one came from."""
    found = _owner_key()
    if found is None:
        return None
    kind, key = found
    column = UitProfile.activity_id if kind is Activity else UitProfile.activity_type_id
    return db.session.scalar(select(UitProfile).where(column == key))
