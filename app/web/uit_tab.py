"""What the tab UiTdatabank shows beside its form: where values come from, and what differs."""

from dataclasses import replace
from typing import Any

from flask import abort, request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.activities.models import Activity
from app.extensions import db
from app.formats import day
from app.settings.environments import ENVIRONMENT_NAMES
from app.settings.models import Environment
from app.settings.uit import active_environment, get_modules
from app.uitdatabank.fallbacks import NAMES as FALLING_BACK
from app.uitdatabank.fallbacks import Fallback
from app.uitdatabank.images import find_image
from app.uitdatabank.inheritance import (
    FROM_SETTINGS,
    FROM_TYPE,
    WORDS,
    Bond,
    Inherited,
    Values,
    inherited,
    values_of,
)
from app.uitdatabank.models import ReferenceKind, UitProfile
from app.uitdatabank.outcomes import NO_PARTNER, PARTNER
from app.uitdatabank.profile_data import ProfileData, data_of
from app.uitdatabank.profiles import last_saved, settings_profile
from app.uitdatabank.references import known_reference
from app.uitdatabank.searching import (
    SearchAnswer,
    is_uitpas_partner,
    search_locations,
    search_organizers,
)
from app.uitdatabank.taxonomy import taxonomy_age, term_name, themes_for
from app.web.call_links import with_call_link
from app.web.conflicts import Conflict, differing
from app.web.form_rows import number
from app.web.uit_image_fields import image_values
from app.web.uit_profile_form import (
    AUDIENCE_NOTES,
    AUDIENCES,
    UitProfileForm,
    form_values,
    split_labels,
)

FIELDS_OF = {
    "location": ("postal_code", "location", "location_id"),
    "organizer": ("organizer", "organizer_id"),
    "image": ("image_id", "image_description", "image_copyright"),
}
"""The fields of the form that belong to one name; others have one field of the same name."""
CHANGED_IMAGE = -1
"""Stands for a picture whose words were changed, so that it is nobody else's."""
SAVED = "De gegevens voor UiTdatabank zijn bewaard."
CONFLICT = (
    "Een collega bewaarde dit tabblad terwijl jij bezig was. Vergelijk hieronder, en druk nog eens "
    "op de knop als jouw versie de goede is."
)

Answers = dict[str, SearchAnswer]


def typed_values(form: UitProfileForm, profile: UitProfile, names: tuple[str, ...]) -> Values:
    """What stands in the form, as it is compared with the basis."""
    environment = active_environment()
    labels = split_labels(form.labels.data or "")
    location_id, organizer_id = form.location_id.data or "", form.organizer_id.data or ""
    typed: Values = {
        "location": (environment if location_id else None, form.postal_code.data, location_id),
        "organizer": (environment if organizer_id else None, organizer_id),
        "event_type": form.event_type.data,
        "theme": form.theme.data,
        "labels": sorted(label.casefold() for label in labels),
        "audience": next((one for one in AUDIENCES if one.value == form.audience.data), None),
        "registration_link": bool(form.registration_link.data),
        "image": _typed_image(form),
        "postal_code": form.postal_code.data,
    }
    elsewhere = profile.environment not in (None, environment)
    if elsewhere and not location_id and not organizer_id:
        # what was chosen in another environment stays, so that is what counts
        typed |= values_of(profile, ("location", "organizer"))
    return {name: typed[name] for name in names}


def activity_marks(
    form: UitProfileForm, profile: UitProfile, of_type: UitProfile
) -> dict[str, Inherited]:
    """How what stands in the form of an activity stands towards its type."""
    marks = inherited(profile, of_type, typed_values(form, profile, FROM_TYPE))
    typed, theirs = form.postal_code.data or "", of_type.postal_code
    bond = Bond.FOLLOWS if typed == theirs else Bond.OWN
    return {**marks, "postal_code": Inherited("postal_code", bond, not typed, not theirs)}


def from_settings(of_type: UitProfile) -> set[str]:
    """What a type itself has from the settings."""
    basis = settings_profile()
    return {
        name
        for name in FROM_SETTINGS
        if name in of_type.follows and getattr(of_type, name) == getattr(basis, name)
    }


def _typed_image(form: UitProfileForm) -> int | None:
    key = number(form.image_id.data)
    image = find_image(key) if key is not None and not form.image_remove.data else None
    if image is None:
        return None
    words = image_values(image)
    typed = (form.image_description.data or "", form.image_copyright.data or "")
    return image.id if typed == tuple(words.values())[1:] else CHANGED_IMAGE


def give_back(form: UitProfileForm, basis: UitProfile) -> str:
    """When 'Volg het type' was pressed: put the value of the basis in the form.

    Nothing is saved. Returns the name, empty when another button was pressed.
    """
    name = request.form.get("volg", "")
    if name in FALLING_BACK:
        form[name].data = ""
        return name
    if name not in FROM_TYPE and name not in FROM_SETTINGS:
        return ""
    values = form_values(basis, active_environment())
    for field in FIELDS_OF.get(name, (name,)):
        form[field].data = values[field]
    if name == "image":
        form.image_remove.data = False
    return name


def searched(form: UitProfileForm) -> Answers | None:
    """The answer to a button for who has no script; None when another one was pressed."""
    wanted = request.form.get("zoek", "")
    if wanted == "location":
        words, postal_code = form.location.data or "", form.postal_code.data or ""
        return {"location": linked(search_locations(words, postal_code))}
    if wanted == "organizer":
        return {"organizer": linked(search_organizers(form.organizer.data or ""))}
    if wanted in ("alle-subthemas", "deze-subthemas"):
        form.all_themes.data = "1" if wanted == "alle-subthemas" else ""
        return {}
    return {} if wanted else None


def linked(answer: SearchAnswer) -> SearchAnswer:
    """With the way to the log of calls, where publiq gave no answer."""
    if answer.sentence is None:
        return answer
    return replace(answer, sentence=with_call_link(answer.sentence, answer.call_id))


def tab_context(form: UitProfileForm, profile: UitProfile, answers: Answers) -> dict[str, Any]:
    """What type and activity share: notes at the fields, and the age of the list of thema's."""
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
        "organizer_is_partner": _is_partner(profile, environment),
        "location_address": profile.location_address
        if profile.environment is environment and form.location_id.data == profile.location_id
        else "",
        "elsewhere": ENVIRONMENT_NAMES[elsewhere] if elsewhere else "",
        "stored": profile,
        "image": form.shown_image(),
        "taxonomy_words": _taxonomy_words(),
        "has_more_themes": bool(themes_for(form.event_type.data or "")),
    }


def _organizer_note(form: UitProfileForm, profile: UitProfile, environment: Environment) -> str:
    """Of the organizer that is stored: what publishing with it means for the social tariff."""
    chosen = profile.environment is environment and profile.organizer_id
    if not chosen or form.organizer_id.data != profile.organizer_id or not get_modules().uitpas:
        return ""
    return str(PARTNER if _is_partner(profile, environment) else NO_PARTNER)


def _is_partner(profile: UitProfile, environment: Environment) -> bool:
    """As it was when it was chosen, or as our permissions or its badge say since (D12)."""
    if profile.organizer_is_uitpas or profile.environment is not environment:
        return profile.organizer_is_uitpas
    organizer_id = profile.organizer_id
    known = known_reference(environment, ReferenceKind.ORGANIZER, organizer_id)
    badge = known is not None and known.is_uitpas
    return badge or is_uitpas_partner(organizer_id, environment)


def _taxonomy_words() -> str:
    """Said when the list is old; a job is asked to fetch it, so that no page waits for publiq."""
    from app import jobs

    age = taxonomy_age()
    if age.is_stale:
        jobs.wake("taxonomy")
    if not (age.is_stale and age.unanswered):
        return ""
    days = "1 dag" if age.days == 1 else f"{age.days} dagen"
    return (
        f"De lijst met thema’s is van {days} geleden: UiTdatabank antwoordde sindsdien niet. "
        "Je kan er gewoon uit kiezen."
    )


def conflict_of(
    form: UitProfileForm, stored: UitProfile, typed: ProfileData, kind: str, subject_id: int
) -> Conflict:
    """Both versions side by side; pressing again keeps what was typed.

    ``kind`` and ``subject_id`` are those of the audit trail.
    """
    name, at = last_saved(kind, subject_id) or ("", None)
    form.version.data = str(stored.version)
    theirs = data_of(stored, active_environment())
    rows = differing(form, _written(theirs), _written(typed))
    return Conflict(name or "Een collega", at, rows)


def found_or_404(kind: Any, key: int) -> Any:
    """The activity or the type. 404 when there is none."""
    query = select(kind).where(kind.id == key)
    if kind is Activity:
        query = query.options(joinedload(Activity.activity_type))
    return db.session.scalar(query) or abort(404)


def _written(data: ProfileData) -> dict[str, str]:
    """The value of each field in words."""
    image = find_image(data.image_id) if data.image_id else None
    found = {
        "description": data.description,
        "postal_code": data.postal_code,
        "location": data.location.name,
        "organizer": data.organizer.name,
        "event_type": term_name(data.event_type),
        "theme": term_name(data.theme),
        "labels": ", ".join(data.labels),
        "audience": AUDIENCES[data.audience],
        "image": f"{image.description} (nummer {image.id})" if image else "",
        "registration_link": "aan" if data.registration_link else "uit",
        "link_starts_on": day(data.link_starts_at),
        "link_ends_on": day(data.link_ends_at),
    }
    return {**found, **{name: getattr(data, name) for name in FALLING_BACK}}


def given_back_words(form: UitProfileForm, name: str, owner: str) -> str:
    """What is said after 'Volg het type' was pressed."""
    label = form[name].label.text if name in form else str(WORDS[name])
    return f"{label} volgt weer {owner}. Sla op om dit te bewaren."


def standing_in(form: UitProfileForm, found: dict[str, Fallback]) -> dict[str, Fallback]:
    """What is used for the fields that stand empty in the form."""
    return {name: item for name, item in found.items() if not form[name].data and item.value}
