"""What a clerk fills in on the tab UiTdatabank, apart from where it is kept (D1, D2)."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from app.extensions import _l, _t
from app.settings.models import Environment
from app.uitdatabank.event import is_label
from app.uitdatabank.models import Audience, UitProfile
from app.uitdatabank.problems import Problem

EMAIL = re.compile(r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$")
"""publiq takes no other e-mail addresses."""
PHONE = re.compile(r"^\+?[\d\s./()-]{6,40}$")
POSTAL_CODE = re.compile(r"^[1-9]\d{3}$")
HOST = re.compile(r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.[a-z]{2,}$", re.I)
LONGEST_URL = 500


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
    """What a clerk fills in on the tab; moments are aware.

    A type has neither description nor moments of the button.
    """

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
    contact_email: str = ""
    contact_phone: str = ""
    contact_url: str = ""
    image_id: int | None = None


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


def data_of(profile: UitProfile, environment: Environment) -> ProfileData:
    """A stored profile as a clerk would have filled it in, in this environment."""
    return ProfileData(
        postal_code=profile.postal_code,
        location=chosen_location(profile, environment),
        organizer=chosen_organizer(profile, environment),
        event_type=profile.event_type,
        theme=profile.theme,
        labels=tuple(profile.labels),
        audience=profile.audience,
        description=profile.description,
        registration_link=profile.registration_link,
        link_email=profile.link_email,
        link_phone=profile.link_phone,
        link_starts_at=profile.link_starts_at,
        link_ends_at=profile.link_ends_at,
        contact_email=profile.contact_email,
        contact_phone=profile.contact_phone,
        contact_url=profile.contact_url,
        image_id=profile.image_id,
    )


def profile_problems(data: ProfileData) -> list[Problem]:
    """What is wrong with what was typed; a field that is empty is not wrong, only missing."""
    found = []
    if data.postal_code and not POSTAL_CODE.match(data.postal_code):
        found.append(Problem(_t("Een postcode heeft vier cijfers, zoals 9000."), "postal_code"))
    found += _label_problems(data.labels)
    for name, what in (("link", _l("de registratielink")), ("contact", _l("vragen"))):
        email, phone = getattr(data, f"{name}_email"), getattr(data, f"{name}_phone")
        if email and not is_email(email):
            said = _t("Typ voor %(what)s een e-mailadres zoals vrijetijd@gemeente.be.", what=what)
            found.append(Problem(said, f"{name}_email"))
        if phone and not PHONE.match(phone):
            said = _t("Typ voor %(what)s een telefoonnummer, zoals 09 123 45 67.", what=what)
            found.append(Problem(said, f"{name}_phone"))
    if data.contact_url and not is_web_address(data.contact_url):
        sentence = _t("Typ een webadres dat met https:// begint, zoals https://www.gemeente.be.")
        found.append(Problem(sentence, "contact_url"))
    if data.link_starts_at and data.link_ends_at and data.link_ends_at < data.link_starts_at:
        found.append(
            Problem(
                _t("Het einde van de knop valt voor de start. Kies een latere dag."),
                "link_ends_on",
            )
        )
    return found


def _label_problems(labels: tuple[str, ...]) -> list[Problem]:
    return [
        Problem(
            _t(
                "Het label ‘%(label)s’ kan niet: een label telt 2 tot 255 tekens, zonder "
                "puntkomma.",
                label=label[:40],
            ),
            "labels",
        )
        for label in labels
        if not is_label(" ".join(label.split()))
    ]


def is_web_address(text: str) -> bool:
    """Whether publiq takes this as the address of a page."""
    if len(text) > LONGEST_URL or any(sign.isspace() for sign in text):
        return False
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(HOST.match(host)) and not parts.username


def is_email(text: str) -> bool:
    """Whether publiq takes this as an e-mail address."""
    if not EMAIL.match(text):
        return False
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True
