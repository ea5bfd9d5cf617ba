"""The tab UiTdatabank of a type, and passing its changes on to its activities (D1, D2)."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from app.activities.models import ActivityType
from app.settings.uit import active_environment
from app.uitdatabank.fallbacks import fallbacks
from app.uitdatabank.inheritance import FROM_SETTINGS, inherited
from app.uitdatabank.passing_on import PassingOnRefused, leave, pass_on, pending_change
from app.uitdatabank.problems import ProfileChanged, ProfileRefused
from app.uitdatabank.profiles import profile_of_type, save_type_profile, settings_profile
from app.web.access import Access, allow, needs
from app.web.backoffice import backoffice
from app.web.backoffice.uit_new_places import NEW_PLACE, new_place_words, to_new_place
from app.web.form_problems import show_problems
from app.web.form_rows import number
from app.web.pages import page
from app.web.uit_profile_form import UitProfileForm, form_values
from app.web.uit_tab import (
    CONFLICT,
    SAVED,
    Answers,
    Conflict,
    conflict_of,
    found_or_404,
    give_back,
    given_back_words,
    searched,
    standing_in,
    tab_context,
    typed_values,
)

CHANGED_AGAIN = (
    "Het type is intussen opnieuw gewijzigd. Kijk de lijst na, en kies dan wat je wil doen."
)


@backoffice.get("/activiteittypes/<int:type_id>/uitdatabank")
@allow(Access.ADMIN)
@needs("uitdatabank")
def activity_type_uit(type_id: int) -> Response:
    """What activities of this type take over."""
    found = found_or_404(ActivityType, type_id)
    values = form_values(profile_of_type(found), active_environment())
    return _type_page(found, UitProfileForm(formdata=None, **values))


@backoffice.post("/activiteittypes/<int:type_id>/uitdatabank")
@allow(Access.ADMIN)
@needs("uitdatabank")
def save_activity_type_uit(type_id: int) -> Response:
    """Keep it, or answer a button that saves nothing."""
    from app import jobs

    found = found_or_404(ActivityType, type_id)
    profile = profile_of_type(found)
    form = UitProfileForm()
    form.keep_upload()
    name = give_back(form, settings_profile())
    if name:
        return _type_page(found, form, said=given_back_words(form, name, "de instellingen"))
    answers = searched(form)
    if answers is not None:
        return _type_page(found, form, answers)
    words = new_place_words(form, profile)
    data = form.read(profile, active_environment())
    if data is None:
        return _type_page(found, form, failed=True)
    try:
        save_type_profile(type_id, data, form.shown_version())
    except ProfileRefused as refused:
        show_problems(form, refused.problems)
        return _type_page(found, form, failed=True)
    except ProfileChanged:
        conflict = conflict_of(form, profile_of_type(found), data, "activiteittype", type_id)
        return _type_page(found, form, conflict=conflict)
    jobs.wake("statuses")
    if request.form.get("doe") == NEW_PLACE:
        return to_new_place(words, url_for(".activity_type_uit", type_id=type_id))
    flash(SAVED, "success")
    return redirect(url_for(".activity_type_uit", type_id=type_id), 303)


@backoffice.get("/activiteittypes/<int:type_id>/uitdatabank/doorgeven")
@allow(Access.ADMIN)
@needs("uitdatabank")
def confirm_passing_on(type_id: int) -> Response:
    """Which activities have older values, before anything is changed."""
    return _passing_on_page(found_or_404(ActivityType, type_id))


@backoffice.post("/activiteittypes/<int:type_id>/uitdatabank/doorgeven")
@allow(Access.ADMIN)
@needs("uitdatabank")
def pass_type_on(type_id: int) -> Response:
    """Give the activities the new values, or let them keep theirs."""
    found_or_404(ActivityType, type_id)
    keep = request.form.get("doe") == "laat"
    version = number(request.form.get("version"))
    try:
        done = (leave if keep else pass_on)(type_id, -1 if version is None else version)
    except PassingOnRefused:
        flash(CHANGED_AGAIN, "warn")
        return redirect(url_for(".confirm_passing_on", type_id=type_id), 303)
    flash(_said(len(done.followers), done.published, keep=keep), "success")
    return redirect(url_for(".activity_type_uit", type_id=type_id), 303)


def _said(total: int, published: int, *, keep: bool) -> str:
    if total == 0:
        return "Er was niets door te geven: alle activiteiten zijn mee."
    many = "1 activiteit" if total == 1 else f"{total} activiteiten"
    if keep:
        return f"{many} {'houdt' if total == 1 else 'houden'} de eigen waarde."
    sentence = f"De wijziging is doorgegeven aan {many}."
    if published == 0:
        return sentence
    if published == 1:
        return f"{sentence} 1 daarvan is gepubliceerd: publiceer ze opnieuw."
    return f"{sentence} {published} daarvan zijn gepubliceerd: publiceer ze opnieuw."


def _passing_on_page(found: ActivityType) -> Response:
    return page(
        "backoffice/activity_type_uit_pass_on.html",
        type=found,
        pending=pending_change(found.id),
    )


def _type_page(
    found: ActivityType,
    form: UitProfileForm,
    answers: Answers | None = None,
    *,
    failed: bool = False,
    conflict: Conflict | None = None,
    said: str = "",
) -> Response:
    form.offer_terms()
    profile, basis = profile_of_type(found), settings_profile()
    shown = typed_values(form, profile, FROM_SETTINGS)
    stands_in = fallbacks(None, form.link_email.data or "", form.link_phone.data or "")
    if profile.activity_type_id is None:  # not stored yet: it is asked as one of a type
        profile.activity_type_id = found.id
    return page(
        "backoffice/activity_type_uit.html",
        forms=[form] if failed else [],
        errors=[("", CONFLICT)] if conflict else (),
        type=found,
        inherited=inherited(profile, basis, shown),
        stands_in=standing_in(form, stands_in),
        may_fall_back={name for name, item in stands_in.items() if item.value},
        pending=pending_change(found.id),
        conflict=conflict,
        said=said,
        **tab_context(form, profile, answers or {}),
    )
