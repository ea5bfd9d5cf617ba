"""Making a location at UiTdatabank that cannot be found there (D1).

publiq wants existing places used again: before each POST the postcode is searched for the same
name, and a place that publiq calls a duplicate is offered. So a POST is never repeated blindly,
and a second one for the same place is refused by publiq itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from app.extensions import _l, _t, end_read, write_transaction
from app.publiq import Publiq
from app.publiq.entry import duplicate_place
from app.publiq.errors import PubliqError, PubliqNotFound, PubliqUnreachable
from app.publiq.reading import id_of, text_of
from app.settings.audit import record
from app.settings.connections import NotConnected, publiq_client
from app.settings.publiq_errors import explain
from app.settings.uit import active_environment
from app.uitdatabank.event import NAME_LENGTH
from app.uitdatabank.problems import Problem
from app.uitdatabank.profile_data import POSTAL_CODE, ChosenLocation
from app.uitdatabank.references import address_line, written_address
from app.uitdatabank.taxonomy import place_kinds

PURPOSE = "Locatie maken"
DUPLICATE = "uitdatabank/duplicate-place"
MOST = 10
LONGEST_PART = 200
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-?[0-9a-f]{12}", re.I)
EXISTS = _l("Deze locatie staat al in UiTdatabank. Kies ze hier, dan blijft er één van.")
LOOKS_ALIKE = _l(
    "In deze postcode staat al een locatie met deze naam. Is het dezelfde, kies ze dan. Is het een "
    "andere, maak ze dan toch aan."
)
FOUND_BACK = _l(
    "UiTdatabank gaf geen antwoord, maar we vonden deze locatie er terug. Kies ze hier."
)
LOST = _l(
    "UiTdatabank gaf geen antwoord. Misschien is de locatie gemaakt, maar we vinden ze nog niet "
    "terug. Wacht een minuut en probeer dan opnieuw: bestaat ze al, dan stellen we ze voor."
)
_FIELDS = (
    ("/name", "name", _l("UiTdatabank aanvaardt deze naam niet. Kijk hem na.")),
    ("/address/nl/streetAddress", "street", _l("UiTdatabank aanvaardt deze straat niet.")),
    ("/address/nl/postalCode", "postal_code", _l("UiTdatabank aanvaardt deze postcode niet.")),
    ("/address/nl/addressLocality", "locality", _l("UiTdatabank aanvaardt deze gemeente niet.")),
    ("/address", "street", _l("UiTdatabank aanvaardt dit adres niet. Kijk het na.")),
    ("/terms", "kind", _l("UiTdatabank aanvaardt deze soort niet. Kies een andere.")),
)


@dataclass(frozen=True)
class PlaceData:
    """What a clerk fills in of a new location; ``kind`` is a term of publiq."""

    name: str
    street: str
    postal_code: str
    locality: str
    kind: str


class Making(Enum):
    """How the making of a location ended."""

    MADE = "made"
    EXISTS = "exists"
    LOOKS_ALIKE = "looks alike"
    REFUSED = "refused"
    FAILED = "failed"
    LOST = "lost"


@dataclass(frozen=True)
class PlaceAnswer:
    """What came of it: ``location`` when it was made, ``existing`` ones to choose instead."""

    outcome: Making
    sentence: str = ""
    location: ChosenLocation | None = None
    existing: list[ChosenLocation] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    call_id: int | None = None


def place_problems(data: PlaceData) -> list[Problem]:
    """What is wrong with what was typed of a new location."""
    found = []
    if not data.name:
        found.append(Problem(_t("Geef de locatie een naam."), "name"))
    elif len(data.name) > NAME_LENGTH:
        found.append(Problem(_t("Kort de naam in tot 90 tekens."), "name"))
    if not data.street or len(data.street) > LONGEST_PART:
        found.append(Problem(_t("Vul straat en nummer in, zoals Kerkplein 1."), "street"))
    if not POSTAL_CODE.match(data.postal_code):
        found.append(Problem(_t("Een postcode heeft vier cijfers, zoals 9000."), "postal_code"))
    if not data.locality or len(data.locality) > LONGEST_PART:
        found.append(Problem(_t("Vul de gemeente in die bij de postcode hoort."), "locality"))
    if data.kind not in {term.id for term in place_kinds()}:
        found.append(Problem(_t("Kies wat voor plaats het is."), "kind"))
    return found


def make_place(data: PlaceData, *, is_another: bool = False) -> PlaceAnswer:
    """Make a location in the active environment; outside any transaction.

    ``is_another``: somebody saw the ones with the same name and says that it is none of these.
    publiq being away or refusing is an outcome, no error.
    """
    problems = place_problems(data)
    if problems:
        return PlaceAnswer(Making.REFUSED, problems=problems)
    try:
        client = publiq_client(purpose=PURPOSE)
        end_read()
        alike = [] if is_another else _alike(client, data)
        if alike:
            return PlaceAnswer(Making.LOOKS_ALIKE, str(LOOKS_ALIKE), existing=alike)
        return _create(client, data)
    except NotConnected as error:
        return PlaceAnswer(Making.FAILED, error.sentence)
    except PubliqError as error:
        return _failed(error)


def place_body(data: PlaceData) -> dict[str, Any]:
    """The body of POST /places: a place that is there for good, and that all may find.

    Without a workflowStatus it would be a draft, which no search shows.
    """
    return {
        "mainLanguage": "nl",
        "name": {"nl": data.name},
        "terms": [{"id": data.kind, "domain": "eventtype"}],
        "address": {
            "nl": {
                "addressCountry": "BE",
                "addressLocality": data.locality,
                "postalCode": data.postal_code,
                "streetAddress": data.street,
            }
        },
        "calendarType": "permanent",
        "workflowStatus": "READY_FOR_VALIDATION",
    }


def _create(client: Publiq, data: PlaceData) -> PlaceAnswer:
    try:
        place_id = client.entry.create_place(place_body(data))
    except PubliqError as error:
        if error.problem == DUPLICATE:
            existing = _duplicates(client, error.extras, data)
            return PlaceAnswer(Making.EXISTS, str(EXISTS), existing=existing)
        if error.may_have_arrived:
            return _look_up(client, data, error)
        raise
    with write_transaction():
        record(
            "Locatie gemaakt in UiTdatabank",
            subject_kind="locatie",
            subject_id=place_id,
            subject_label=data.name,
            detail={"omgeving": active_environment().value},
        )
    address = written_address(data.street, data.postal_code, data.locality)
    return PlaceAnswer(Making.MADE, location=ChosenLocation(place_id, data.name, address))


def _look_up(client: Publiq, data: PlaceData, error: PubliqError) -> PlaceAnswer:
    """The answer was lost: is the place there? The index lags, so not found means nothing."""
    call_id = error.call_id if isinstance(error.call_id, int) else None
    try:
        found = _alike(client, data)
    except PubliqError:
        found = []
    if found:
        return PlaceAnswer(Making.EXISTS, str(FOUND_BACK), existing=found, call_id=call_id)
    return PlaceAnswer(Making.LOST, str(LOST), call_id=call_id)


def _alike(client: Publiq, data: PlaceData) -> list[ChosenLocation]:
    """The places of this postcode with exactly this name, whatever its capitals."""
    places = client.search.places(data.name, data.postal_code, limit=MOST)
    wanted = _plain(data.name)
    return [
        ChosenLocation(
            place.id, place.name, written_address(place.street, place.postal_code, place.locality)
        )
        for place in places
        if _plain(place.name) == wanted
    ]


def _duplicates(client: Publiq, extras: Mapping[str, Any], data: PlaceData) -> list[ChosenLocation]:
    """The places that publiq means: one address, or a query in which it may name several."""
    ids = []
    single = duplicate_place(extras)
    if single is not None:
        try:
            ids = [id_of(single)]
        except ValueError:
            ids = []
    elif isinstance(extras.get("query"), str):
        ids = UUID.findall(extras["query"])
    found = [place for key in dict.fromkeys(ids[:MOST]) if (place := _read(client, key))]
    return found or _alike(client, data)


def _read(client: Publiq, place_id: str) -> ChosenLocation | None:
    try:
        place = client.entry.get_place(place_id)
    except (PubliqNotFound, PubliqUnreachable):
        return None
    name = text_of(place.get("name"), place.get("mainLanguage"))
    return ChosenLocation(place_id, name, address_line(place))


def _failed(error: PubliqError) -> PlaceAnswer:
    call_id = error.call_id if isinstance(error.call_id, int) else None
    problems: dict[str, Problem] = {}
    pointers = [item.json_pointer for item in error.schema_errors]
    for pointer in [*pointers, error.json_pointer or ""]:
        match = next((row for row in _FIELDS if pointer.startswith(row[0])), None)
        if match is not None:
            problems.setdefault(match[1], Problem(str(match[2]), match[1]))
    if problems:
        return PlaceAnswer(Making.REFUSED, problems=list(problems.values()), call_id=call_id)
    return PlaceAnswer(Making.FAILED, explain(error), call_id=call_id)


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
