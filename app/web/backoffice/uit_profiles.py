"""The tab UiTdatabank of a type and of an activity: filling in and publishing (D1 to D6)."""

from collections.abc import Sequence
from dataclasses import replace

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app import jobs
from app.activities.models import Activity
from app.settings.environments import addresses_of
from app.settings.uit import active_environment, get_modules
from app.uitdatabank.fallbacks import fallbacks
from app.uitdatabank.links import LinkRefused, delete_link, is_under_way, link_of
from app.uitdatabank.lost import FIRST_LOOK
from app.uitdatabank.models import EventLink
from app.uitdatabank.outcomes import NO_PARTNER, Outcome, Publication
from app.uitdatabank.preview import LIST_LENGTH, preview, shown_ages, shown_prices
from app.uitdatabank.problems import Problem, ProfileChanged, ProfileRefused
from app.uitdatabank.profiles import (
    fixed_organizer,
    has_fixed_organizer,
    profile_of,
    profile_of_type,
    save_profile,
)
from app.uitdatabank.publishing import publish
from app.uitdatabank.status import state_of
from app.web.access import Access, allow, needs
from app.web.backoffice import backoffice
from app.web.backoffice.uit_new_places import NEW_PLACE, new_place_words, to_new_place
from app.web.call_links import flash_about_call
from app.web.form_problems import show_problems
from app.web.pages import PageError, page
from app.web.uit_profile_form import (
    ActivityUitForm,
    fixed_organizer_of,
    form_values,
    plain,
)
from app.web.uit_publication import general_url, publication_context
from app.web.uit_tab import (
    CONFLICT,
    SAVED,
    Answers,
    Conflict,
    activity_marks,
    conflict_of,
    found_or_404,
    from_settings,
    give_back,
    given_back_words,
    searched,
    standing_in,
    tab_context,
)


@backoffice.get("/activiteiten/<int:activity_id>/uitdatabank")
@allow(Access.ADMIN)
@needs("uitdatabank")
def activity_uit(activity_id: int) -> Response:
    """What the event says, how it stands, and the button to publish."""
    found = found_or_404(Activity, activity_id)
    return _activity_page(found, _stored_form(found))


@backoffice.post("/activiteiten/<int:activity_id>/uitdatabank")
@allow(Access.ADMIN)
@needs("uitdatabank")
def save_activity_uit(activity_id: int) -> Response:
    """Keep it, publish it when that button was pressed, or answer a button that saves nothing."""
    found = found_or_404(Activity, activity_id)
    profile = profile_of(found)
    form = ActivityUitForm()
    form.keep_upload()
    name = give_back(form, profile_of_type(found.activity_type))
    if name:
        return _activity_page(found, form, said=given_back_words(form, name, "het type"))
    answers = searched(form)
    if answers is not None:
        return _activity_page(found, form, answers)
    words = new_place_words(form, profile)
    data = form.read(profile, active_environment())
    if data is None:
        return _activity_page(found, form, failed=True)
    try:
        save_profile(activity_id, data, form.shown_version())
    except ProfileRefused as refused:
        show_problems(form, refused.problems)
        return _activity_page(found, form, failed=True)
    except ProfileChanged:
        conflict = conflict_of(form, profile_of(found), data, "activiteit", activity_id)
        return _activity_page(found, form, conflict=conflict)
    pressed = request.form.get("doe")
    if pressed == NEW_PLACE:
        return to_new_place(words, url_for(".activity_uit", activity_id=activity_id))
    if pressed != "publiceren":
        flash(SAVED, "success")
        return _back_to(activity_id)
    publication = publish(activity_id)
    form.show_saved(profile_of(found))
    return _answer_publication(found, form, publication)


@backoffice.get("/activiteiten/<int:activity_id>/uitdatabank/verwijder-link")
@allow(Access.ADMIN)
@needs("uitdatabank")
def confirm_delete_link(activity_id: int) -> Response:
    """What forgetting the event means, before it is done (6.1.1)."""
    found = found_or_404(Activity, activity_id)
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
@needs("uitdatabank")
def forget_link(activity_id: int) -> Response:
    """Forget the event; the next publication makes a new one (D4)."""
    found_or_404(Activity, activity_id)
    try:
        delete_link(activity_id)
    except LinkRefused as refused:
        flash(refused.problem.sentence, "warn")
    else:
        flash("De link is verwijderd. De volgende publicatie maakt een nieuw event.", "success")
    return _back_to(activity_id)


def _stored_form(found: Activity) -> ActivityUitForm:
    fixed = fixed_organizer(found.id)
    values = form_values(profile_of(found), active_environment(), fixed)
    return ActivityUitForm(formdata=None, **values)


def _back_to(activity_id: int) -> Response:
    return redirect(url_for(".activity_uit", activity_id=activity_id), 303)


def _answer_publication(
    activity: Activity, form: ActivityUitForm, publication: Publication
) -> Response:
    if publication.problems:
        said = [_at_its_field(publication, one) for one in publication.problems]
        show_problems(form, [one for one in said if not one.general])
        elsewhere = [
            (general_url(activity, one.general), one.sentence) for one in said if one.general
        ]
        return _activity_page(activity, form, failed=True, errors=elsewhere)
    kinds = {Outcome.UNKNOWN: "warn", Outcome.BUSY: "warn"}
    if publication.outcome is Outcome.UNKNOWN:
        jobs.wake("publications", after=FIRST_LOOK)
    if publication.ok:
        flash(publication.sentence, "success")
    else:
        kind = kinds.get(publication.outcome, "bad")
        flash_about_call(publication.sentence, kind, publication.call_id)
    for warning in publication.warnings:
        if get_modules().uitpas or warning != NO_PARTNER:
            flash(warning, "warn")
    return _back_to(activity.id)


def _at_its_field(publication: Publication, problem: Problem) -> Problem:
    if publication.outcome is not Outcome.INCOMPLETE:
        return problem
    sentence = f"Voor je publiceert, ontbreekt nog {problem.sentence}."
    return replace(problem, sentence=sentence)


def _activity_page(
    found: Activity,
    form: ActivityUitForm,
    answers: Answers | None = None,
    *,
    failed: bool = False,
    errors: Sequence[PageError] = (),
    conflict: Conflict | None = None,
    said: str = "",
) -> Response:
    form.offer_terms()
    profile, of_type = profile_of(found), profile_of_type(found.activity_type)
    state, link = state_of(found.id), link_of(found.id)
    fixed = link if link is not None and has_fixed_organizer(link) else None
    stands_in = fallbacks(of_type, form.link_email.data or "", form.link_phone.data or "")
    context = tab_context(form, profile, answers or {})
    where = ", ".join(filter(None, (form.location.data, context["location_address"])))
    return page(
        "backoffice/activity_uit.html",
        forms=[form] if failed else [],
        errors=[("", CONFLICT)] if conflict else errors,
        activity=found,
        state=state,
        missing=[_shown(problem, found) for problem in state.missing],
        link=link,
        under_way=link is not None and is_under_way(link),
        event_url=_event_url(link),
        **publication_context(found, profile, link, state),
        inherited=activity_marks(form, profile, of_type),
        from_settings=from_settings(of_type),
        stands_in=standing_in(form, stands_in),
        may_fall_back={name for name, item in stands_in.items() if item.value},
        fixed=fixed,
        fixed_name=fixed_organizer_of(fixed, profile).name if fixed else "",
        conflict=conflict,
        said=said,
        preview=preview(found, plain(form.description.data or ""), where),
        prices=shown_prices(found.price_categories),
        shown_ages=shown_ages(found),
        list_length=LIST_LENGTH,
        **context,
    )


def _event_url(link: EventLink | None) -> str:
    if link is None or link.event_id is None:
        return ""
    return addresses_of(link.environment).event_page_of(link.event_id)


def _shown(problem: Problem, activity: Activity) -> dict[str, str]:
    """What is missing, with a link to where it is filled in."""
    url = f"#{problem.field}" if problem.field else general_url(activity, problem.general)
    return {"sentence": problem.sentence, "url": url}
