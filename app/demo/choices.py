"""Organizers, locations and thema's as publiq's service gives them (D1).

Any server may play publiq, so what it answers is what is chosen from. Only where it gives nothing,
publiq's public test organizer and test place are taken.
"""

from dataclasses import dataclass, field

from app.demo.catalogue import POSTAL_CODE
from app.extensions import end_read
from app.publiq.errors import PubliqError
from app.settings.connections import NotConnected, publiq_client
from app.settings.environments import organizer_permissions
from app.settings.models import Environment
from app.uitdatabank.profiles import ChosenLocation, ChosenOrganizer
from app.uitdatabank.searching import read_location, read_organizer
from app.uitdatabank.taxonomy import TermChoice, event_types, themes_for

TEST_ORGANIZER = "0ce87cbc-9299-4528-8d35-92225dc9489f"
TEST_PLACE = "787d7420-c06f-4935-b3c5-5cd5a1276796"
NEEDED = {"TARIFFS_READ", "TICKETSALES_REGISTER"}
MOST_PLACES = 30


@dataclass
class Choices:
    """What may be chosen at publiq's service now."""

    organizers: list[ChosenOrganizer]
    locations: list[ChosenLocation]
    event_types: list[TermChoice]
    themes: dict[str, list[TermChoice]] = field(default_factory=dict)

    def organizer(self, words: str) -> ChosenOrganizer:
        """The organizer whose name has these words, else the first."""
        return next((one for one in self.organizers if words in one.name), self.organizers[0])

    def location(self, name: str) -> ChosenLocation:
        """The place of this name; where there is none, always the same other one."""
        if not name:
            return ChosenLocation()
        found = next((one for one in self.locations if one.name == name), None)
        return found or self.locations[sum(map(ord, name)) % len(self.locations)]

    def event_type(self, name: str) -> str:
        """The id of a thema; empty where publiq does not know it."""
        return _id_of(self.event_types, name)

    def theme(self, event_type_id: str, *names: str) -> str:
        """The id of the first of these subthema's that publiq advises with the thema, or ''."""
        advised = self.themes.setdefault(event_type_id, themes_for(event_type_id))
        return next((found for name in names if (found := _id_of(advised, name))), "")


def read_choices() -> Choices:
    """Ask publiq what there is; outside any transaction."""
    found = Choices(_organizers(), _locations(), event_types())
    end_read()
    return found


def _id_of(terms: list[TermChoice], name: str) -> str:
    return next((term.id for term in terms if term.name == name), "")


def _organizers() -> list[ChosenOrganizer]:
    """Where we may sell at UiTPAS: the municipality's first, then publiq's test organizer."""
    rows = [
        row for row in organizer_permissions(Environment.SANDBOX) if set(row.permissions) >= NEEDED
    ]
    rows.sort(
        key=lambda row: ("Zonnewende" not in row.name, row.organizer_id != TEST_ORGANIZER, row.name)
    )
    if rows:
        return [ChosenOrganizer(row.organizer_id, row.name, True) for row in rows]
    try:
        found = read_organizer(TEST_ORGANIZER)
    except (NotConnected, PubliqError):
        found = None
    return [found or ChosenOrganizer(TEST_ORGANIZER, "[TEST] UiTPAS Organisatie", True)]


def _locations() -> list[ChosenLocation]:
    """The places in Zonnewende, or publiq's test place."""
    try:
        client = publiq_client(purpose="Locatie zoeken")
        end_read()
        places = client.search.places("", POSTAL_CODE, limit=MOST_PLACES)
    except (NotConnected, PubliqError):
        places = []
    if places:
        return [
            ChosenLocation(
                place.id,
                place.name,
                ", ".join(
                    filter(None, (place.street, f"{place.postal_code} {place.locality}".strip()))
                ),
            )
            for place in sorted(places, key=lambda one: (one.name, one.id))
        ]
    try:
        found = read_location(TEST_PLACE)
    except (NotConnected, PubliqError):
        found = None
    return [found or ChosenLocation(TEST_PLACE, "Ancienne Belgique", "")]
