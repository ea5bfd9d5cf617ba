"""What stands in for a text of the tab that is left empty, and where it comes from (D2, D6)."""

from dataclasses import dataclass

from app.extensions import _l
from app.settings.municipality import get_municipality
from app.settings.uit import get_uit_settings
from app.uitdatabank.models import UitProfile

NAMES = ("link_email", "link_phone", "contact_email", "contact_phone", "contact_url")
TYPE, SETTINGS, LINK, MUNICIPALITY = "type", "settings", "link", "municipality"
SOURCES = {
    TYPE: _l("van het type"),
    SETTINGS: _l("van de instellingen"),
    LINK: _l("zoals bij de registratielink"),
    MUNICIPALITY: _l("van de gemeente"),
}


@dataclass(frozen=True)
class Fallback:
    """What is used when the field is empty; no ``value`` where there is nothing at all."""

    value: str = ""
    source: str = ""

    @property
    def words(self) -> str:
        """Where it comes from, as people say it."""
        return str(SOURCES[self.source]) if self.source else ""


def fallbacks(of_type: UitProfile | None, link_email: str, link_phone: str) -> dict[str, Fallback]:
    """For each name what stands in for it; the same order as the event's body is made with.

    ``of_type`` is None for the tab of a type itself. The e-mail and phone are those typed at the
    registration link, on which the contact falls back.
    """
    settings, municipality = get_uit_settings(), get_municipality()
    own = {"email": link_email.strip(), "phone": link_phone.strip()}
    general = {
        "email": settings.registration_link_email.strip(),
        "phone": settings.registration_link_phone.strip(),
    }
    town = {"email": municipality.email.strip(), "phone": municipality.phone.strip()}
    found = {"contact_url": _first((_of(of_type, "contact_url"), TYPE))}
    for kind in ("email", "phone"):
        of_link = (_of(of_type, f"link_{kind}"), TYPE)
        found[f"link_{kind}"] = _first(of_link, (general[kind], SETTINGS))
        found[f"contact_{kind}"] = _first(
            (_of(of_type, f"contact_{kind}"), TYPE),
            (own[kind], LINK),
            of_link,
            (general[kind], SETTINGS),
            (town[kind], MUNICIPALITY),
        )
    return found


def _of(profile: UitProfile | None, name: str) -> str:
    return getattr(profile, name).strip() if profile is not None else ""


def _first(*candidates: tuple[str, str]) -> Fallback:
    return next((Fallback(value, source) for value, source in candidates if value), Fallback())
