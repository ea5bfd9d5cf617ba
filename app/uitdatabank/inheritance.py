"""What an activity takes from its type, and a type from the settings (D2).

A profile keeps the names of what it follows: what came from its basis and was not changed since.
What follows and yet differs was changed in the basis afterwards: it may be passed on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.extensions import _l
from app.uitdatabank.models import UitProfile

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "location": (
        "environment",
        "postal_code",
        "location_id",
        "location_name",
        "location_address",
    ),
    "organizer": ("environment", "organizer_id", "organizer_name", "organizer_is_uitpas"),
    "event_type": ("event_type",),
    "theme": ("theme",),
    "labels": ("labels",),
    "audience": ("audience",),
    "registration_link": ("registration_link",),
    "image": ("image_id",),
}
"""What an activity follows, with the columns of UitProfile that hold it."""
FROM_TYPE = tuple(COLUMNS)
FROM_SETTINGS = ("postal_code", "registration_link")
"""What a type follows of the settings."""
COPIED = tuple(dict.fromkeys(column for columns in COLUMNS.values() for column in columns))
"""What an activity takes over; e-mail, phone and web address stay empty and fall back."""
WORDS = {
    "location": _l("locatie"),
    "organizer": _l("organisator"),
    "event_type": _l("thema"),
    "theme": _l("subthema"),
    "labels": _l("labels"),
    "audience": _l("doelpubliek"),
    "registration_link": _l("registratielink"),
    "image": _l("afbeelding"),
    "postal_code": _l("postcode"),
}

Values = dict[str, Any]


class Bond(Enum):
    """How a value stands towards that of its basis."""

    FOLLOWS = "follows"
    OUTDATED = "outdated"
    """It follows, but the basis was changed since."""
    OWN = "own"


@dataclass(frozen=True)
class Inherited:
    """One value of a profile; ``empty`` and ``basis_empty`` tell whether there is nothing."""

    name: str
    bond: Bond
    empty: bool
    basis_empty: bool


def followable(profile: UitProfile) -> tuple[str, ...]:
    """The names that this profile can follow: an activity's of its type, a type's of the settings.

    What is not stored yet counts as of an activity, unless it belongs to a type.
    """
    return FROM_SETTINGS if profile.activity_type_id is not None else FROM_TYPE


def values_of(profile: UitProfile, names: Iterable[str]) -> Values:
    """What is compared with the basis; a name or address that publiq changed does not count."""
    return {name: _value(profile, name) for name in names}


def follows_after(profile: UitProfile, basis: UitProfile, before: Values) -> list[str]:
    """What a profile follows after a change; ``before`` are its values of ``values_of`` then.

    What equals the basis follows it. What followed, and was left alone, goes on following.
    """
    names = followable(profile)
    now, theirs = values_of(profile, names), values_of(basis, names)
    return [
        name
        for name in names
        if now[name] == theirs[name] or (name in profile.follows and now[name] == before[name])
    ]


def outdated(profile: UitProfile, basis: UitProfile) -> list[str]:
    """What follows the basis and yet has an older value."""
    names = [name for name in followable(profile) if name in profile.follows]
    now, theirs = values_of(profile, names), values_of(basis, names)
    return [name for name in names if now[name] != theirs[name]]


def inherited(
    profile: UitProfile, basis: UitProfile, shown: Values | None = None
) -> dict[str, Inherited]:
    """How each value stands towards the basis; ``shown`` are values typed but not saved yet."""
    names = followable(profile)
    stored, theirs = values_of(profile, names), values_of(basis, names)
    found = {}
    for name in names:
        value = stored[name] if shown is None else shown[name]
        bond = Bond.OWN
        if value == theirs[name]:
            bond = Bond.FOLLOWS
        elif name in profile.follows and value == stored[name]:
            bond = Bond.OUTDATED
        found[name] = Inherited(name, bond, _is_empty(value), _is_empty(theirs[name]))
    return found


def _value(profile: UitProfile, name: str) -> Any:
    if name == "location":
        environment = profile.environment if profile.location_id else None
        return environment, profile.postal_code, profile.location_id
    if name == "organizer":
        return profile.environment if profile.organizer_id else None, profile.organizer_id
    if name == "labels":
        return sorted(label.casefold() for label in profile.labels)
    return profile.image_id if name == "image" else getattr(profile, name)


def _is_empty(value: Any) -> bool:
    if isinstance(value, tuple):  # a location or an organizer: the id is what counts
        return not value[-1]
    return value is None or value in ("", [])
