"""The tab UiTdatabank of a type and of an activity (D1, D2): reading, saving, copying."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, inspect, select
from sqlalchemy.orm import Session

from app.activities.models import Activity, ActivityType
from app.extensions import _t, db, write_transaction
from app.settings.audit import last_entry, record
from app.settings.uit import active_environment, get_uit_settings
from app.uitdatabank.event import clean_labels
from app.uitdatabank.facts import empty_profile
from app.uitdatabank.inheritance import (
    COPIED,
    FROM_SETTINGS,
    FROM_TYPE,
    followable,
    follows_after,
    values_of,
)
from app.uitdatabank.links import link_of
from app.uitdatabank.models import EventLink, UitImage, UitProfile
from app.uitdatabank.outcomes import ORGANIZER_FIXED
from app.uitdatabank.problems import Problem, ProfileChanged, ProfileRefused
from app.uitdatabank.profile_data import (
    POSTAL_CODE,
    ChosenLocation,
    ChosenOrganizer,
    ProfileData,
    chosen_location,
    chosen_organizer,
    data_of,
    profile_problems,
)
from app.uitdatabank.status import refresh_status

__all__ = [
    "POSTAL_CODE",
    "ChosenLocation",
    "ChosenOrganizer",
    "ProfileData",
    "basis_of",
    "choose_location",
    "chosen_location",
    "chosen_organizer",
    "copy_profile",
    "data_of",
    "fixed_organizer",
    "has_fixed_organizer",
    "last_saved",
    "profile_of",
    "profile_of_type",
    "profile_of_type_id",
    "profile_problems",
    "record_saved",
    "save_profile",
    "save_type_profile",
    "settings_profile",
]

SAVED = "UiTdatabank-gegevens aangepast"
PLAIN = (
    "postal_code",
    "event_type",
    "audience",
    "description",
    "registration_link",
    "link_email",
    "link_phone",
    "link_starts_at",
    "link_ends_at",
    "contact_email",
    "contact_phone",
    "contact_url",
    "image_id",
)
"""What is kept as it was filled in."""


def profile_of(activity: Activity) -> UitProfile:
    """The profile of an activity; where none is stored, one with the defaults of its type."""
    found = _find(activity_id=activity.id)
    return found or _copied(profile_of_type_id(activity.activity_type_id))


def profile_of_type(activity_type: ActivityType) -> UitProfile:
    """The profile of a type; where none is stored, one with the defaults of the settings."""
    return profile_of_type_id(activity_type.id)


def profile_of_type_id(activity_type_id: int) -> UitProfile:
    """The profile of the type with this id; see ``profile_of_type``."""
    found = _find(activity_type_id=activity_type_id)
    if found is not None:
        return found
    profile = settings_profile()
    profile.follows = list(FROM_SETTINGS)
    return profile


def settings_profile() -> UitProfile:
    """What a new type begins with, and what types follow; never stored itself."""
    settings, profile = get_uit_settings(), empty_profile()
    profile.postal_code = settings.default_postal_code
    profile.registration_link = settings.registration_link_default
    return profile


def basis_of(profile: UitProfile) -> UitProfile:
    """What a stored profile follows: that of its type, or that of the settings."""
    if profile.activity_type_id is not None:
        return settings_profile()
    activity = db.session.get_one(Activity, profile.activity_id)
    return profile_of_type_id(activity.activity_type_id)


def fixed_organizer(activity_id: int) -> EventLink | None:
    """The link whose organizer publiq lets nobody change any more; None while it may change."""
    link = link_of(activity_id)
    return link if link is not None and has_fixed_organizer(link) else None


def has_fixed_organizer(link: EventLink) -> bool:
    """Whether UiTPAS sales keep the organizer of the event what it is."""
    return link.organizer_fixed_at is not None and link.organizer_id != ""


def save_profile(activity_id: int, data: ProfileData, version: int | None = None) -> None:
    """Keep the tab of an activity and compute its status anew.

    ``version`` is that of the profile when the form was shown (0 where none was stored); None
    overwrites whatever stands there. Raises ProfileRefused, and ProfileChanged when a colleague
    saved something else in the meantime.
    """
    _refuse_problems(data)
    with write_transaction() as session:
        session.execute(select(Activity.id).where(Activity.id == activity_id).with_for_update())
        activity = session.get_one(Activity, activity_id)
        _refuse_other_organizer(activity_id, data)
        profile = _find(activity_id=activity_id)
        _refuse_overwriting(profile, data, version)
        if profile is None:
            profile = _copied(profile_of_type_id(activity.activity_type_id))
            profile.activity_id = activity_id
            session.add(profile)
        _save(session, profile, data)
        refresh_status(session, activity_id)
        record_saved("activiteit", activity_id, activity.title)


def save_type_profile(activity_type_id: int, data: ProfileData, version: int | None = None) -> None:
    """Keep the tab of a type; its activities keep theirs until the change is passed on.

    What activities fall back on reaches their status by the job refresh_statuses(). ``version``
    and what it raises: see ``save_profile``.
    """
    _refuse_problems(data)
    with write_transaction() as session:
        session.execute(
            select(ActivityType.id).where(ActivityType.id == activity_type_id).with_for_update()
        )
        activity_type = session.get_one(ActivityType, activity_type_id)
        profile = _find(activity_type_id=activity_type_id)
        _refuse_overwriting(profile, data, version)
        if profile is None:
            profile = profile_of_type_id(activity_type_id)
            profile.activity_type_id = activity_type_id
            session.add(profile)
        _save(session, profile, data)
        record_saved("activiteittype", activity_type_id, activity_type.name)


def choose_location(profile: UitProfile, location: ChosenLocation, postal_code: str) -> None:
    """Choose a location of the active environment in a profile; inside write_transaction() only.

    The rest of the profile stays; an organizer of another environment goes.
    """
    names = followable(profile)
    before = values_of(profile, names)
    environment = active_environment()
    if profile.environment is not environment:
        profile.organizer_id = profile.organizer_name = ""
        profile.organizer_is_uitpas = False
    profile.environment, profile.postal_code = environment, postal_code
    _apply_location(profile, location)
    profile.follows = follows_after(profile, basis_of(profile), before)
    profile.version += 1


def copy_profile(activity_type: ActivityType, activity: Activity) -> UitProfile:
    """Give a new activity the profile of its type (D2); inside write_transaction() only."""
    found = _find(activity_id=activity.id)
    if found is not None:
        return found
    profile = _copied(profile_of_type(activity_type))
    profile.activity_id = activity.id
    db.session.add(profile)
    return profile


def new_profile(activity_type: ActivityType) -> UitProfile:
    """What a new activity of this type takes over (D2); not stored."""
    return _copied(profile_of_type(activity_type))


def give_profiles(
    activity_type: ActivityType, activity_ids: Sequence[int], data: ProfileData | None
) -> None:
    """Give new activities the profile of their type with what was filled in over it (D7).

    Inside write_transaction() only. Raises ProfileRefused.
    """
    model, basis = new_profile(activity_type), profile_of_type(activity_type)
    if data is not None:
        _refuse_problems(data)
        before = values_of(model, FROM_TYPE)
        _apply(model, data)
        model.follows = follows_after(model, basis, before)
    own = {"id", "activity_id"}
    shared = {
        attribute.key: getattr(model, attribute.key)
        for attribute in inspect(UitProfile).column_attrs
        if attribute.key not in own
    }
    db.session.execute(insert(UitProfile), [{**shared, "activity_id": one} for one in activity_ids])


def last_saved(kind: str, subject_id: int) -> tuple[str, datetime] | None:
    """Who saved the tab of this 'activiteit' or 'activiteittype' last, and when."""
    entry = last_entry(kind, subject_id, (SAVED,))
    return None if entry is None else (entry.account_name, entry.at)


def _find(**owner: int) -> UitProfile | None:
    return db.session.scalar(select(UitProfile).filter_by(**owner))


def _copied(source: UitProfile) -> UitProfile:
    profile = empty_profile()
    for name in COPIED:
        setattr(profile, name, getattr(source, name))
    profile.labels = list(source.labels)
    profile.follows = list(FROM_TYPE)
    return profile


def _refuse_problems(data: ProfileData) -> None:
    problems = profile_problems(data)
    if data.image_id is not None and db.session.get(UitImage, data.image_id) is None:
        sentence = _t("Deze afbeelding bestaat niet meer. Kies ze opnieuw.")
        problems.append(Problem(sentence, "image"))
    if problems:
        raise ProfileRefused(problems)


def _refuse_other_organizer(activity_id: int, data: ProfileData) -> None:
    link = fixed_organizer(activity_id)
    if link is not None and data.organizer.id != link.organizer_id:
        raise ProfileRefused([Problem(str(ORGANIZER_FIXED), "organizer")])


def _refuse_overwriting(profile: UitProfile | None, data: ProfileData, version: int | None) -> None:
    if profile is None or version in (None, profile.version):
        return
    if data_of(profile, active_environment()) != _cleaned(data):
        raise ProfileChanged(profile.version)


def _cleaned(data: ProfileData) -> ProfileData:
    """As it would be read back after saving."""
    profile = empty_profile()
    _apply(profile, data)
    return data_of(profile, active_environment())


def _save(session: Session, profile: UitProfile, data: ProfileData) -> None:
    before = values_of(profile, followable(profile))
    is_new = profile.id is None
    _apply(profile, data)
    session.flush()
    profile.follows = follows_after(profile, basis_of(profile), before)
    if not is_new:
        profile.version += 1


def _apply(profile: UitProfile, data: ProfileData) -> None:
    _apply_places(profile, data)
    for name in PLAIN:
        setattr(profile, name, getattr(data, name))
    profile.theme = data.theme if data.event_type else ""
    profile.labels = clean_labels(data.labels)


def _apply_places(profile: UitProfile, data: ProfileData) -> None:
    """What was chosen in another environment stays until something is chosen in this one."""
    environment = active_environment()
    nothing_chosen = not data.location.id and not data.organizer.id
    if profile.environment not in (None, environment) and nothing_chosen:
        return
    profile.environment = environment
    _apply_location(profile, data.location)
    profile.organizer_id = data.organizer.id
    profile.organizer_name = data.organizer.name[:300]
    profile.organizer_is_uitpas = data.organizer.is_uitpas


def _apply_location(profile: UitProfile, location: ChosenLocation) -> None:
    profile.location_id = location.id
    profile.location_name = location.name[:300]
    profile.location_address = location.address[:300]


def record_saved(kind: str, subject_id: int, label: str) -> None:
    """Write down in the audit trail that the tab of this activity or type was changed."""
    record(SAVED, subject_kind=kind, subject_id=str(subject_id), subject_label=label)
