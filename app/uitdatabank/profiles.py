"""The tab UiTdatabank of a type and of an activity (D1, D2): reading, checking, saving, copying."""

import re
from dataclasses import dataclass
from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from app.activities.models import Activity, ActivityType
from app.extensions import _t, db, write_transaction
from app.settings.audit import record
from app.settings.models import Environment
from app.settings.uit import active_environment, get_uit_settings
from app.uitdatabank.event import clean_labels, is_label
from app.uitdatabank.facts import empty_profile
from app.uitdatabank.models import Audience, UitProfile
from app.uitdatabank.problems import Problem, ProfileRefused
from app.uitdatabank.status import refresh_status

EMAIL = re.compile(r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$")
"""publiq takes no other e-mail addresses."""
PHONE = re.compile(r"^\+?[\d\s./()-]{6,40}$")
POSTAL_CODE = re.compile(r"^[1-9]\d{3}$")
COPIED = (
    "environment",
    "postal_code",
    "location_id",
    "location_name",
    "location_address",
    "organizer_id",
    "organizer_name",
    "organizer_is_uitpas",
    "event_type",
    "theme",
    "labels",
    "audience",
    "registration_link",
)
"""What an activity takes over; e-mail and phone stay empty and fall back on the type."""


@dataclass(frozen=True)
class ChosenLocation:
    """A place of publiq in the active environment; empty for none."""

    id: str = ""
    name: str = ""
    address: str = ""


@dataclass(frozen=True)
class ChosenOrganizer:
    """An organizer of publiq in the active environment; empty for none."""

    id: str = ""
    name: str = ""
    is_uitpas: bool = False


@dataclass(frozen=True)
class ProfileData:
    """What a clerk fills in on the tab; moments are aware. A type has no moments of the button."""

    postal_code: str = ""
    location: ChosenLocation = ChosenLocation()
    organizer: ChosenOrganizer = ChosenOrganizer()
    event_type: str = ""
    theme: str = ""
    labels: tuple[str, ...] = ()
    audience: Audience = Audience.EVERYONE
    description: str = ""
    registration_link: bool = False
    link_email: str = ""
    link_phone: str = ""
    link_starts_at: datetime | None = None
    link_ends_at: datetime | None = None


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
    settings, profile = get_uit_settings(), empty_profile()
    profile.postal_code = settings.default_postal_code
    profile.registration_link = settings.registration_link_default
    return profile


def chosen_location(profile: UitProfile, environment: Environment) -> ChosenLocation:
    """The location, if it was chosen in this environment."""
    if profile.environment is not environment:
        return ChosenLocation()
    return ChosenLocation(profile.location_id, profile.location_name, profile.location_address)


def chosen_organizer(profile: UitProfile, environment: Environment) -> ChosenOrganizer:
    """The organizer, if it was chosen in this environment."""
    if profile.environment is not environment:
        return ChosenOrganizer()
    return ChosenOrganizer(
        profile.organizer_id, profile.organizer_name, profile.organizer_is_uitpas
    )


def profile_problems(data: ProfileData) -> list[Problem]:
    """What is wrong with what was typed; a field that is empty is not wrong, only missing."""
    found = []
    if data.postal_code and not POSTAL_CODE.match(data.postal_code):
        found.append(Problem(_t("Een postcode heeft vier cijfers, zoals 9000."), "postal_code"))
    for label in data.labels:
        if not is_label(" ".join(label.split())):
            found.append(
                Problem(
                    _t(
                        "Het label ‘%(label)s’ kan niet: een label telt 2 tot 255 tekens, zonder "
                        "puntkomma.",
                        label=label[:40],
                    ),
                    "labels",
                )
            )
    if data.link_email and not _is_email(data.link_email):
        found.append(Problem(_t("Typ een e-mailadres zoals vrijetijd@gemeente.be."), "link_email"))
    if data.link_phone and not PHONE.match(data.link_phone):
        found.append(Problem(_t("Typ een telefoonnummer, zoals 09 123 45 67."), "link_phone"))
    if data.link_starts_at and data.link_ends_at and data.link_ends_at < data.link_starts_at:
        found.append(
            Problem(
                _t("Het einde van de knop valt voor de start. Kies een latere dag."),
                "link_ends_on",
            )
        )
    return found


def save_profile(activity_id: int, data: ProfileData) -> None:
    """Keep the tab of an activity and compute its status anew. Raises ProfileRefused."""
    _refuse_problems(data)
    with write_transaction() as session:
        activity = session.get_one(Activity, activity_id)
        profile = _find(activity_id=activity_id)
        if profile is None:
            profile = _copied(profile_of_type_id(activity.activity_type_id))
            profile.activity_id = activity_id
            session.add(profile)
        _apply(profile, data)
        refresh_status(session, activity_id)
        _record("activiteit", activity_id, activity.title)


def save_type_profile(activity_type_id: int, data: ProfileData) -> None:
    """Keep the tab of a type; its activities keep theirs. Raises ProfileRefused.

    What activities fall back on reaches their status by the job refresh_statuses().
    """
    _refuse_problems(data)
    with write_transaction() as session:
        activity_type = session.get_one(ActivityType, activity_type_id)
        profile = _find(activity_type_id=activity_type_id)
        if profile is None:
            profile = profile_of_type_id(activity_type_id)
            profile.activity_type_id = activity_type_id
            session.add(profile)
        _apply(profile, data)
        _record("activiteittype", activity_type_id, activity_type.name)


def copy_profile(activity_type: ActivityType, activity: Activity) -> UitProfile:
    """Give a new activity the profile of its type (D2); inside write_transaction() only."""
    found = _find(activity_id=activity.id)
    if found is not None:
        return found
    profile = _copied(profile_of_type(activity_type))
    profile.activity_id = activity.id
    db.session.add(profile)
    return profile


def _find(**owner: int) -> UitProfile | None:
    return db.session.scalar(select(UitProfile).filter_by(**owner))


def _copied(source: UitProfile) -> UitProfile:
    profile = empty_profile()
    for name in COPIED:
        setattr(profile, name, getattr(source, name))
    profile.labels = list(source.labels)
    return profile


def _refuse_problems(data: ProfileData) -> None:
    problems = profile_problems(data)
    if problems:
        raise ProfileRefused(problems)


def _apply(profile: UitProfile, data: ProfileData) -> None:
    _apply_places(profile, data)
    profile.postal_code = data.postal_code
    profile.event_type = data.event_type
    profile.theme = data.theme if data.event_type else ""
    profile.labels = clean_labels(data.labels)
    profile.audience = data.audience
    profile.description = data.description
    profile.registration_link = data.registration_link
    profile.link_email = data.link_email
    profile.link_phone = data.link_phone
    profile.link_starts_at = data.link_starts_at
    profile.link_ends_at = data.link_ends_at


def _apply_places(profile: UitProfile, data: ProfileData) -> None:
    """What was chosen in another environment stays until something is chosen in this one."""
    environment = active_environment()
    nothing_chosen = not data.location.id and not data.organizer.id
    if profile.environment not in (None, environment) and nothing_chosen:
        return
    profile.environment = environment
    profile.location_id = data.location.id
    profile.location_name = data.location.name[:300]
    profile.location_address = data.location.address[:300]
    profile.organizer_id = data.organizer.id
    profile.organizer_name = data.organizer.name[:300]
    profile.organizer_is_uitpas = data.organizer.is_uitpas


def _is_email(text: str) -> bool:
    if not EMAIL.match(text):
        return False
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def _record(kind: str, subject_id: int, label: str) -> None:
    record(
        "UiTdatabank-gegevens aangepast",
        subject_kind=kind,
        subject_id=str(subject_id),
        subject_label=label,
    )
