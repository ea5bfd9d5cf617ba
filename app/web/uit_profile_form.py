"""The form of the tab UiTdatabank, of a type and of an activity (D1, D2, D5, D6)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from app.clock import from_local, local
from app.publiq.errors import PubliqError
from app.settings.connections import NotConnected
from app.settings.models import Environment
from app.uitdatabank.models import Audience, UitProfile
from app.uitdatabank.profiles import (
    ChosenLocation,
    ChosenOrganizer,
    ProfileData,
    chosen_location,
    chosen_organizer,
    profile_problems,
)
from app.uitdatabank.searching import is_uitpas_partner, read_location, read_organizer
from app.uitdatabank.taxonomy import (
    TermChoice,
    event_types,
    stored_event_types,
    term_name,
    themes_for,
)
from app.web.form_problems import show_problems
from app.web.forms import Form, PostalCode
from app.web.moment_fields import DayField

AUDIENCES = {
    Audience.EVERYONE: "Iedereen",
    Audience.MEMBERS: "Enkel leden",
    Audience.EDUCATION: "Scholen",
}
AUDIENCE_NOTES = {
    "members": "Het kansentarief geldt ook dan, maar de activiteit is niet zichtbaar op UiT in "
    "Vlaanderen."
}
LONGEST_DESCRIPTION = 10_000
LAST_SECOND = time(23, 59, 59)
UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-?[0-9a-f]{12}$", re.I)
CHOOSE_LOCATION = "Kies een locatie uit de lijst."
CHOOSE_ORGANIZER = "Kies een organisator uit de lijst."
LOCATION_GONE = "Deze locatie bestaat niet meer bij UiTdatabank. Kies een andere locatie."
ORGANIZER_GONE = "Deze organisator bestaat niet meer bij UiTdatabank. Kies een andere organisator."
OTHER_THEME = "Kies een subthema dat bij dit thema hoort."


class UitProfileForm(Form):
    """What type and activity share."""

    postal_code = StringField("Postcode", [PostalCode()])
    location = StringField("Locatie")
    location_id = StringField("Gekozen locatie")
    organizer = StringField("Organisator")
    organizer_id = StringField("Gekozen organisator")
    event_type = SelectField(
        "Thema", [Length(max=40, message="Kies een thema uit de lijst.")], validate_choice=False
    )
    theme = SelectField("Subthema", [Length(max=40, message=OTHER_THEME)], validate_choice=False)
    labels = TextAreaField("Labels", [Length(max=2000, message="Kort de labels in.")])
    audience = RadioField(
        "Doelpubliek",
        choices=[(audience.value, words) for audience, words in AUDIENCES.items()],
    )
    registration_link = BooleanField("Registratielink")
    link_email = StringField("E-mail", [Length(max=254, message="Kort dit e-mailadres in.")])
    link_phone = StringField("Telefoon", [Length(max=40, message="Kort dit nummer in.")])

    def offer_terms(self) -> None:
        """The thema's, and the subthema's of the chosen one; what is stored is never lost."""
        self.event_type.choices = _options(
            "Kies een thema", event_types(), self.event_type.data or ""
        )
        themes = themes_for(self.event_type.data or "")
        unknown = len(self.event_type.choices) <= 2 and not themes  # publiq never answered
        self.theme.choices = _options(
            "Geen subthema", themes, (self.theme.data or "") if unknown else ""
        )

    def check_terms(self) -> bool:
        """Whether thema and subthema are terms that belong together; says so where not."""
        known = {term.id for term in stored_event_types()}
        if known and self.event_type.data and self.event_type.data not in known:
            self.event_type.errors = ["Kies een thema uit de lijst."]
            return False
        themes = {term.id for term in themes_for(self.event_type.data or "")}
        if self.theme.data and known and self.theme.data not in themes:
            self.theme.errors = [OTHER_THEME]
            return False
        return True

    def read(self, profile: UitProfile, environment: Environment) -> ProfileData | None:
        """What was filled in; None when something has to be corrected, which is then said.

        Asks publiq about a location or an organizer that was chosen just now, outside any
        transaction. When publiq is away the words that were typed are kept.
        """
        valid = self.validate()
        location = self._location(chosen_location(profile, environment))
        organizer = self._organizer(chosen_organizer(profile, environment), environment)
        known = self.check_terms()
        if not valid and "audience" in self.errors:
            return None
        data = self.collect(location or ChosenLocation(), organizer or ChosenOrganizer())
        problems = [one for one in profile_problems(data) if not self[one.field].errors]
        show_problems(self, problems)
        refused = problems or location is None or organizer is None
        return data if valid and known and not refused else None

    def collect(self, location: ChosenLocation, organizer: ChosenOrganizer) -> ProfileData:
        """What was filled in, as data."""
        return ProfileData(
            postal_code=self.postal_code.data or "",
            location=location,
            organizer=organizer,
            event_type=self.event_type.data or "",
            theme=self.theme.data or "",
            labels=tuple(split_labels(self.labels.data or "")),
            audience=Audience(self.audience.data),
            registration_link=bool(self.registration_link.data),
            link_email=self.link_email.data or "",
            link_phone=self.link_phone.data or "",
        )

    def _location(self, stored: ChosenLocation) -> ChosenLocation | None:
        words, chosen = self.location.data or "", self.location_id.data or ""
        if not words:
            return ChosenLocation()
        if chosen == stored.id and _fits(words, stored.name):
            return stored
        if not UUID.match(chosen) or chosen == stored.id:
            self.location.errors = [CHOOSE_LOCATION]
            return None
        try:
            found = read_location(chosen)
        except (PubliqError, NotConnected):
            return ChosenLocation(chosen, words)
        if found is None:
            self.location.errors = [LOCATION_GONE]
        return found

    def _organizer(
        self, stored: ChosenOrganizer, environment: Environment
    ) -> ChosenOrganizer | None:
        words, chosen = self.organizer.data or "", self.organizer_id.data or ""
        if not words:
            return ChosenOrganizer()
        if chosen == stored.id and _fits(words, stored.name):
            return stored
        if not UUID.match(chosen) or chosen == stored.id:
            self.organizer.errors = [CHOOSE_ORGANIZER]
            return None
        try:
            found = read_organizer(chosen)
        except (PubliqError, NotConnected):
            return ChosenOrganizer(chosen, words, is_uitpas_partner(chosen, environment))
        if found is None:
            self.organizer.errors = [ORGANIZER_GONE]
        return found


class ActivityUitForm(UitProfileForm):
    """What an activity has besides: its description and the days of the button."""

    description = TextAreaField(
        "Omschrijving",
        [
            Length(
                max=LONGEST_DESCRIPTION,
                message=f"Kort de omschrijving in tot {LONGEST_DESCRIPTION} tekens.",
            )
        ],
    )
    link_starts_on = DayField("Knop zichtbaar vanaf")
    link_ends_on = DayField("Knop zichtbaar tot en met")

    def collect(self, location: ChosenLocation, organizer: ChosenOrganizer) -> ProfileData:
        """The button shows from the start of a day to the end of one."""
        starts, ends = self.link_starts_on.data, self.link_ends_on.data
        return replace(
            super().collect(location, organizer),
            description=plain(self.description.data or ""),
            link_starts_at=from_local(starts, time()) if starts else None,
            link_ends_at=from_local(ends, LAST_SECOND) if ends else None,
        )


def form_values(profile: UitProfile, environment: Environment) -> dict[str, Any]:
    """What the form shows of a profile; of another environment neither place nor organizer."""
    location = chosen_location(profile, environment)
    organizer = chosen_organizer(profile, environment)
    return {
        "postal_code": profile.postal_code,
        "location": location.name,
        "location_id": location.id,
        "organizer": organizer.name,
        "organizer_id": organizer.id,
        "event_type": profile.event_type,
        "theme": profile.theme,
        "labels": ", ".join(profile.labels),
        "audience": profile.audience.value,
        "description": profile.description,
        "registration_link": profile.registration_link,
        "link_email": profile.link_email,
        "link_phone": profile.link_phone,
        "link_starts_on": _day(profile.link_starts_at),
        "link_ends_on": _day(profile.link_ends_at),
    }


def split_labels(text: str) -> list[str]:
    """Labels that were typed with commas between them, or each on a line of its own."""
    return [label for part in re.split(r"[,\r\n]", text) if (label := " ".join(part.split()))]


def plain(text: str) -> str:
    """Text without the invisible characters that a paste may bring along."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\n\t" or c.isprintable() or c.isspace()).strip()


def _options(none: str, terms: Sequence[TermChoice], current: str) -> list[tuple[str, str]]:
    options = [("", none), *((term.id, term.name) for term in terms)]
    if current and current not in dict(options):
        options.append((current, term_name(current)))
    return options


def _fits(words: str, name: str) -> bool:
    """Whether these words are of this name: without script a search leaves only a part of it."""
    return bool(name) and all(word in name.casefold() for word in words.casefold().split())


def _day(moment: datetime | None) -> Any:
    return None if moment is None else local(moment).date()
