"""The form of the tab UiTdatabank, of a type and of an activity (D1, D2, D5, D6)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length

from app.clock import from_local, local
from app.publiq.errors import PubliqError
from app.settings.connections import NotConnected
from app.settings.models import Environment
from app.uitdatabank.fallbacks import NAMES as FALLING_BACK
from app.uitdatabank.images import find_image
from app.uitdatabank.models import Audience, EventLink, ReferenceKind, UitProfile
from app.uitdatabank.profile_data import (
    LONGEST_URL,
    ChosenLocation,
    ChosenOrganizer,
    ProfileData,
    chosen_location,
    chosen_organizer,
    profile_problems,
)
from app.uitdatabank.references import known_reference
from app.uitdatabank.searching import is_uitpas_partner, read_location, read_organizer
from app.uitdatabank.taxonomy import (
    TermChoice,
    all_themes,
    event_types,
    stored_event_types,
    term_name,
    themes_for,
)
from app.web.form_problems import show_problems
from app.web.form_rows import number
from app.web.forms import PostalCode
from app.web.moment_fields import DayField
from app.web.uit_image_fields import ImageFields, image_values

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
OTHER_THEME = "Kies een subthema uit de lijst."
FIXED_ORGANIZER_NAME = "De organisator van de publicatie"


class UitProfileForm(ImageFields):
    """What type and activity share."""

    version = HiddenField()
    all_themes = HiddenField()
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
    contact_email = StringField(
        "E-mail voor vragen", [Length(max=254, message="Kort dit e-mailadres in.")]
    )
    contact_phone = StringField(
        "Telefoon voor vragen", [Length(max=40, message="Kort dit nummer in.")]
    )
    contact_url = StringField(
        "Meer informatie op", [Length(max=LONGEST_URL, message="Kort dit webadres in.")]
    )

    def offer_terms(self) -> None:
        """The thema's, and the subthema's of the chosen one; what is stored is never lost."""
        self.event_type.choices = _options(
            "Kies een thema", event_types(), self.event_type.data or ""
        )
        advised = themes_for(self.event_type.data or "")
        if not self.all_themes.data:
            self.theme.choices = _options("Geen subthema", advised, self.theme.data or "")
            return
        ids = {term.id for term in advised}
        others = [term for term in all_themes() if term.id not in ids]
        groups = {
            "Geen": [("", "Geen subthema")],
            "Horen bij dit thema": [(term.id, term.name) for term in advised],
            "Andere": [(term.id, term.name) for term in others],
        }
        self.theme.choices = {label: terms for label, terms in groups.items() if terms}

    def check_terms(self) -> bool:
        """Whether thema and subthema are terms of publiq; says so where not.

        publiq advises subthema's with a thema, and takes any other one as well.
        """
        known = {term.id for term in stored_event_types()}
        if known and self.event_type.data and self.event_type.data not in known:
            self.event_type.errors = ["Kies een thema uit de lijst."]
            return False
        if known and self.theme.data and self.theme.data not in {one.id for one in all_themes()}:
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
        pictured = self.check_image(profile)
        if not valid and "audience" in self.errors:
            return None
        data = self.collect(location or ChosenLocation(), organizer or ChosenOrganizer())
        data = self._as_stored_where_not_asked(data, profile)
        problems = [one for one in profile_problems(data) if not self[one.field].errors]
        show_problems(self, problems)
        if problems or location is None or organizer is None or not (valid and known and pictured):
            return None
        return replace(data, image_id=self.kept_image_id(profile))

    def shown_version(self) -> int | None:
        """Which version of the profile stood on the page; None where the page did not tell."""
        return number(self.version.data)

    def show_saved(self, profile: UitProfile) -> None:
        """After saving, for a page that is shown again with what publiq said of it."""
        self.version.data = str(profile.version)
        self.image_id.data = str(profile.image_id or "")

    def _as_stored_where_not_asked(self, data: ProfileData, profile: UitProfile) -> ProfileData:
        """A page that does not ask for these fields keeps what there is."""
        missing = [name for name in FALLING_BACK if not self[name].raw_data]
        return replace(data, **{name: getattr(profile, name) for name in missing})

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
            **{name: self[name].data or "" for name in FALLING_BACK},
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
        return read_chosen_location(self.location, chosen)

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


def read_chosen_location(field: Field, location_id: str) -> ChosenLocation | None:
    """The location that was chosen, as publiq has it now; as typed where publiq does not answer.

    None where it is gone, which is then said at the field.
    """
    try:
        found = read_location(location_id)
    except (PubliqError, NotConnected):
        return ChosenLocation(location_id, field.data or "")
    if found is None:
        field.errors = [LOCATION_GONE]
    return found


def form_values(
    profile: UitProfile, environment: Environment, fixed: EventLink | None = None
) -> dict[str, Any]:
    """What the form shows of a profile; of another environment neither place nor organizer.

    ``fixed`` is the link whose organizer cannot be changed any more: that one is shown.
    """
    location = chosen_location(profile, environment)
    organizer = chosen_organizer(profile, environment)
    if fixed is not None:
        organizer = fixed_organizer_of(fixed, profile)
    return {
        "version": str(profile.version if profile.id else 0),
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
        **{name: getattr(profile, name) for name in FALLING_BACK},
        "link_starts_on": _day(profile.link_starts_at),
        "link_ends_on": _day(profile.link_ends_at),
        **image_values(find_image(profile.image_id) if profile.image_id else None),
    }


def fixed_organizer_of(link: EventLink, profile: UitProfile) -> ChosenOrganizer:
    """The organizer that publiq has frozen, whatever the profile says."""
    organizer = chosen_organizer(profile, link.environment)
    if organizer.id == link.organizer_id:
        return organizer
    known = known_reference(link.environment, ReferenceKind.ORGANIZER, link.organizer_id)
    name = known.name if known and known.name else FIXED_ORGANIZER_NAME
    return ChosenOrganizer(link.organizer_id, name, link.organizer_is_uitpas)


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
