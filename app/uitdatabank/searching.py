"""Live search of locations and organizers at publiq (D1), and reading back what was chosen."""

from dataclasses import dataclass, field

from sqlalchemy import select

from app.extensions import _l, _t, db, end_read
from app.publiq.errors import PubliqError, PubliqNotFound
from app.publiq.reading import text_of
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment, OrganizerPermission
from app.settings.publiq_errors import call_of, explain
from app.settings.uit import active_environment, get_modules
from app.uitdatabank.profile_data import POSTAL_CODE, ChosenLocation, ChosenOrganizer
from app.uitdatabank.references import address_line, has_uitpas_label, written_address

SHORTEST = 3
MOST = 10
NO_POSTAL_CODE = _l("Vul eerst een postcode van vier cijfers in, dan zoeken we daar een locatie.")
TOO_SHORT = _l("Typ minstens drie letters.")


@dataclass(frozen=True)
class Found:
    """One result to choose; ``data`` says what else the page may show of it."""

    id: str
    label: str
    detail: str = ""
    data: dict[str, str] = field(default_factory=dict)
    mark: str = ""
    """A word that sets it apart."""


@dataclass(frozen=True)
class SearchAnswer:
    """What a search gave. ``state``: found, none, too_short or no_answer."""

    state: str
    results: list[Found] = field(default_factory=list)
    sentence: str | None = None
    call_id: int | None = None
    """The row of the log of calls, where publiq gave no answer."""


def search_locations(text: str, postal_code: str) -> SearchAnswer:
    """Places in this postcode whose name has these words."""
    text = text.strip()
    if not POSTAL_CODE.match(postal_code):
        return SearchAnswer("too_short", sentence=str(NO_POSTAL_CODE))
    if len(text) < SHORTEST:
        return SearchAnswer("too_short", sentence=str(TOO_SHORT))
    try:
        client = publiq_client(purpose="Locatie zoeken")
        end_read()
        places = client.search.places(text, postal_code, limit=MOST)
    except NotConnected as error:
        return SearchAnswer("no_answer", sentence=error.sentence)
    except PubliqError as error:
        return SearchAnswer("no_answer", sentence=explain(error), call_id=call_of(error))
    results = [
        Found(
            place.id, place.name, written_address(place.street, place.postal_code, place.locality)
        )
        for place in places
    ]
    if not results:
        sentence = _t(
            "Geen locaties met “%(text)s” in %(postal_code)s. Typ minder letters, of kijk de "
            "postcode na.",
            text=text,
            postal_code=postal_code,
        )
        return SearchAnswer("none", sentence=sentence)
    return SearchAnswer("found", results)


def search_organizers(text: str) -> SearchAnswer:
    """Organizers whose name holds this fragment; partners of UiTPAS are marked (D12)."""
    text = text.strip()
    if len(text) < SHORTEST:
        return SearchAnswer("too_short", sentence=str(TOO_SHORT))
    environment = active_environment()
    partners = set(
        db.session.scalars(
            select(OrganizerPermission.organizer_id).where(
                OrganizerPermission.environment == environment
            )
        )
    )
    try:
        client = publiq_client(environment, purpose="Organisator zoeken")
        end_read()
        organizers = client.search.organizers(text, limit=MOST)
    except NotConnected as error:
        return SearchAnswer("no_answer", sentence=error.sentence)
    except PubliqError as error:
        return SearchAnswer("no_answer", sentence=explain(error), call_id=call_of(error))
    results = [
        _found_organizer(
            item.id,
            item.name,
            written_address(item.street, item.postal_code, item.locality),
            item.is_uitpas or item.id in partners,
        )
        for item in organizers
    ]
    return SearchAnswer("found" if results else "none", results)


def read_location(location_id: str) -> ChosenLocation | None:
    """The place with this id; None when it does not exist. Raises PubliqError, NotConnected."""
    client = publiq_client(purpose="Gekozen locatie lezen")
    end_read()
    try:
        place = client.entry.get_place(location_id)
    except PubliqNotFound:
        return None
    if place.get("workflowStatus") == "DELETED":
        return None
    name = text_of(place.get("name"), place.get("mainLanguage"))
    return ChosenLocation(location_id, name, address_line(place))


def read_organizer(organizer_id: str) -> ChosenOrganizer | None:
    """The organizer with this id; None when it does not exist. Raises PubliqError, NotConnected."""
    environment = active_environment()
    is_partner = is_uitpas_partner(organizer_id, environment)
    client = publiq_client(environment, purpose="Gekozen organisator lezen")
    end_read()
    try:
        organizer = client.entry.get_organizer(organizer_id)
    except PubliqNotFound:
        return None
    if organizer.get("workflowStatus") == "DELETED":
        return None
    labelled = has_uitpas_label(organizer)
    name = text_of(organizer.get("name"), organizer.get("mainLanguage"))
    return ChosenOrganizer(organizer_id, name, is_partner or labelled)


def is_uitpas_partner(organizer_id: str, environment: Environment) -> bool:
    """Whether our credentials have rights at UiTPAS for this organizer, as of the last test."""
    return db.session.get(OrganizerPermission, (environment, organizer_id)) is not None


def _found_organizer(organizer_id: str, name: str, address: str, is_partner: bool) -> Found:
    if not get_modules().uitpas:
        return Found(organizer_id, name, address, {}, "")
    data = {"uitpas": "ja" if is_partner else "nee"}
    return Found(organizer_id, name, address, data, _t("UiTPAS-partner") if is_partner else "")
