"""The tab UiTdatabank of a type and of an activity: filling in and publishing (D1 to D6)."""

from typing import Any

from flask import abort, flash, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from app.activities.models import Activity, ActivityType
from app.extensions import db
from app.settings.environments import ENVIRONMENT_NAMES, addresses_of
from app.settings.models import Environment
from app.settings.uit import active_environment, get_modules, get_uit_settings
from app.uitdatabank.links import LinkRefused, delete_link, is_under_way, link_of
from app.uitdatabank.models import EventLink, UitProfile
from app.uitdatabank.outcomes import NO_PARTNER, PARTNER, Outcome, Publication
from app.uitdatabank.problems import Problem, ProfileRefused
from app.uitdatabank.profiles import (
    profile_of,
    profile_of_type,
    save_profile,
    save_type_profile,
)
from app.uitdatabank.publishing import publish
from app.uitdatabank.searching import SearchAnswer, search_locations, search_organizers
from app.uitdatabank.status import state_of
from app.web.access import Access, allow
from app.web.arguments import text_argument
from app.web.backoffice import backoffice
from app.web.form_problems import show_problems
from app.web.pages import page
from app.web.uit_profile_form import (
    AUDIENCE_NOTES,
    ActivityUitForm,
    UitProfileForm,
    form_values,
)

SAVED = "De gegevens voor UiTdatabank zijn bewaard."
NOT_IN_UIT = "UiTdatabank staat uit bij de UiT-instellingen."


@backoffice.get("/activiteittypes/<int:type_id>/uitdatabank")
@allow(Access.ADMIN)
def activity_type_uit(type_id: int) -> Response:
    """What activities of this type take over."""
    found = _found(ActivityType, type_id)
    values = form_values(profile_of_type(found), active_environment())
    return _type_page(found, UitProfileForm(formdata=None, **values))


@backoffice.post("/activiteittypes/<int:type_id>/uitdatabank")
@allow(Access.ADMIN)
def save_activity_type_uit(type_id: int) -> Response:
    """Keep it, or search without script."""
    from app import jobs

    found = _found(ActivityType, type_id)
    profile = profile_of_type(found)
    form = UitProfileForm()
    answers = _searched(form)
    if answers is not None:
        return _type_page(found, form, answers)
    data = form.read(profile, active_environment())
    if data is not None:
        try:
            save_type_profile(type_id, data)
        except ProfileRefused as refused:
            show_problems(form, refused.problems)
        else:
            jobs.wake("statuses")
            flash(SAVED, "success")
            return redirect(url_for(".activity_type_uit", type_id=type_id), 303)
    return _type_page(found, form, failed=True)


@backoffice.get("/activiteiten/<int:activity_id>/uitdatabank")
@allow(Access.ADMIN)
def activity_uit(activity_id: int) -> Response:
    """What the event says, how it stands, and the button to publish."""
    found = _found(Activity, activity_id)
    values = form_values(profile_of(found), active_environment())
    return _activity_page(found, ActivityUitForm(formdata=None, **values))


@backoffice.post("/activiteiten/<int:activity_id>/uitdatabank")
@allow(Access.ADMIN)
def save_activity_uit(activity_id: int) -> Response:
    """Keep it, publish it when that button was pressed, or search without script."""
    found = _found(Activity, activity_id)
    profile = profile_of(found)
    form = ActivityUitForm()
    answers = _searched(form)
    if answers is not None:
        return _activity_page(found, form, answers)
    data = form.read(profile, active_environment())
    if data is None:
        return _activity_page(found, form, failed=True)
    try:
        save_profile(activity_id, data)
    except ProfileRefused as refused:
        show_problems(form, refused.problems)
        return _activity_page(found, form, failed=True)
    if request.form.get("doe") != "publiceren":
        flash(SAVED, "success")
        return _back_to(activity_id)
    return _answer_publication(found, form, publish(activity_id))


@backoffice.get("/activiteiten/<int:activity_id>/uitdatabank/verwijder-link")
@allow(Access.ADMIN)
def confirm_delete_link(activity_id: int) -> Response:
    """What forgetting the event means, before it is done (6.1.1)."""
    found = _found(Activity, activity_id)
    link = link_of(activity_id)
    if link is None or link.event_id is None:
        return _back_to(activity_id)
    return page(
        "backoffice/activity_uit_delete_link.html",
        activity=found,
        link=link,
        event_url=_event_url(link),
    )


@backoffice.post("/activiteiten/<int:activity_id>/uitdatabank/verwijder-link")
@allow(Access.ADMIN)
def forget_link(activity_id: int) -> Response:
    """Forget the event; the next publication makes a new one (D4)."""
    _found(Activity, activity_id)
    try:
        delete_link(activity_id)
    except LinkRefused as refused:
        flash(refused.problem.sentence, "warn")
    else:
        flash("De link is verwijderd. De volgende publicatie maakt een nieuw event.", "success")
    return _back_to(activity_id)


@backoffice.get("/uitdatabank/locaties")
@allow(Access.ADMIN)
def search_uit_locations() -> Response:
    """Live search: the places of a postcode."""
    words = text_argument("location")
    answer = search_locations(words, text_argument("postal_code"))
    return _results(answer, words, "locaties")


@backoffice.get("/uitdatabank/organisatoren")
@allow(Access.ADMIN)
def search_uit_organizers() -> Response:
    """Live search: organizers."""
    words = text_argument("organizer")
    return _results(search_organizers(words), words, "organisatoren")


@backoffice.get("/uitdatabank/subthemas")
@allow(Access.ADMIN)
def uit_themes() -> Response:
    """The field Subthema for the thema that was just chosen."""
    form = UitProfileForm(formdata=None, event_type=text_argument("event_type"), theme="")
    form.offer_terms()
    return page("backoffice/activity_uit_theme.html", form=form)


def _found(kind: Any, key: int) -> Any:
    """The activity or the type. 404 when there is none, or when UiTdatabank is off."""
    if not get_modules().uitdatabank:
        abort(404, NOT_IN_UIT)
    query = select(kind).where(kind.id == key)
    if kind is Activity:
        query = query.options(joinedload(Activity.activity_type))
    return db.session.scalar(query) or abort(404)


def _back_to(activity_id: int) -> Response:
    return redirect(url_for(".activity_uit", activity_id=activity_id), 303)


def _searched(form: UitProfileForm) -> dict[str, SearchAnswer] | None:
    """What a 'Zoek' button found, for browsers without script; None when none was pressed."""
    pressed = request.form.get("zoek")
    if pressed == "location":
        words, postal_code = form.location.data or "", form.postal_code.data or ""
        return {"location": search_locations(words, postal_code)}
    if pressed == "organizer":
        return {"organizer": search_organizers(form.organizer.data or "")}
    return {} if pressed else None


def _results(answer: SearchAnswer, words: str, noun: str) -> Response:
    return page("backoffice/uit_search_results.html", answer=answer, words=words, noun=noun)


def _answer_publication(
    activity: Activity, form: ActivityUitForm, publication: Publication
) -> Response:
    if publication.problems:
        show_problems(form, [_at_its_field(publication, one) for one in publication.problems])
        return _activity_page(activity, form, failed=True)
    kinds = {Outcome.UNKNOWN: "warn", Outcome.BUSY: "warn"}
    if publication.ok:
        flash(publication.sentence, "success")
    else:
        flash(publication.sentence, kinds.get(publication.outcome, "bad"))
    for warning in publication.warnings:
        if get_modules().uitpas or warning != NO_PARTNER:
            flash(warning, "warn")
    return _back_to(activity.id)


def _at_its_field(publication: Publication, problem: Problem) -> Problem:
    if publication.outcome is not Outcome.INCOMPLETE:
        return problem
    return Problem(f"Voor je publiceert, ontbreekt nog {problem.sentence}.", problem.field)


def _type_page(
    found: ActivityType,
    form: UitProfileForm,
    answers: dict[str, SearchAnswer] | None = None,
    *,
    failed: bool = False,
) -> Response:
    form.offer_terms()
    settings = get_uit_settings()
    return page(
        "backoffice/activity_type_uit.html",
        forms=[form] if failed else [],
        type=found,
        fallback_email=settings.registration_link_email,
        fallback_phone=settings.registration_link_phone,
        **_form_context(form, profile_of_type(found), answers or {}),
    )


def _activity_page(
    found: Activity,
    form: ActivityUitForm,
    answers: dict[str, SearchAnswer] | None = None,
    *,
    failed: bool = False,
) -> Response:
    form.offer_terms()
    settings, of_type = get_uit_settings(), profile_of_type(found.activity_type)
    state, link = state_of(found.id), link_of(found.id)
    return page(
        "backoffice/activity_uit.html",
        forms=[form] if failed else [],
        activity=found,
        state=state,
        missing=[_shown(problem, found.id) for problem in state.missing],
        link=link,
        under_way=link is not None and is_under_way(link),
        event_url=_event_url(link),
        fallback_email=of_type.link_email or settings.registration_link_email,
        fallback_phone=of_type.link_phone or settings.registration_link_phone,
        **_form_context(form, profile_of(found), answers or {}),
    )


def _form_context(
    form: UitProfileForm, profile: UitProfile, answers: dict[str, SearchAnswer]
) -> dict[str, Any]:
    environment = active_environment()
    elsewhere = (
        profile.environment not in (None, environment)
        and (profile.location_name or profile.organizer_name)
        and profile.environment
    )
    return {
        "form": form,
        "answers": answers,
        "audience_notes": AUDIENCE_NOTES if get_modules().uitpas else {},
        "organizer_note": _organizer_note(form, profile, environment),
        "organizer_is_partner": profile.organizer_is_uitpas,
        "location_address": profile.location_address
        if profile.environment is environment and form.location_id.data == profile.location_id
        else "",
        "elsewhere": ENVIRONMENT_NAMES[elsewhere] if elsewhere else "",
        "stored": profile,
    }


def _organizer_note(form: UitProfileForm, profile: UitProfile, environment: Environment) -> str:
    """Of the organizer that is stored: what publishing with it means for the social tariff."""
    chosen = profile.environment is environment and profile.organizer_id
    if not chosen or form.organizer_id.data != profile.organizer_id or not get_modules().uitpas:
        return ""
    return PARTNER if profile.organizer_is_uitpas else NO_PARTNER


def _event_url(link: EventLink | None) -> str:
    if link is None or link.event_id is None:
        return ""
    return addresses_of(link.environment).event_page_of(link.event_id)


def _shown(problem: Problem, activity_id: int) -> dict[str, str]:
    """What is missing, with a link to where it is filled in."""
    url = f"#{problem.field}" if problem.field else url_for(".activity", activity_id=activity_id)
    return {"sentence": problem.sentence, "url": url}
