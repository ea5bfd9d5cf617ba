"""The form for changing many activities at once: choose what changes, and type it once (D9)."""

from datetime import time
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    StringField,
    TextAreaField,
)
from wtforms.validators import Length

from app.activities.date_states import LONGEST_REASON
from app.activities.models import ActivityState
from app.clock import from_local
from app.uitdatabank.bulk_change import BulkChange, LabelMode, Moment, bulk_problems
from app.uitdatabank.models import Audience
from app.uitdatabank.profiles import ChosenLocation
from app.web.activity_forms import STATE_WORDS, Row
from app.web.form_problems import show_problems
from app.web.forms import Form, MoneyField, PostalCode
from app.web.moment_fields import CountField, DayField
from app.web.uit_profile_form import (
    AUDIENCES,
    CHOOSE_LOCATION,
    LAST_SECOND,
    LONGEST_DESCRIPTION,
    UUID,
    plain,
    read_chosen_location,
    split_labels,
)

OF_UIT = ("description", "audience", "labels", "location", "starts", "ends")
"""Parts that only exist while the module UiTdatabank is on."""


class PriceChange(Row):
    """The new price of one category; empty leaves it as it is."""

    name = HiddenField()
    price = MoneyField("Nieuwe prijs")


class BulkForm(Form):
    """What to change in all selected activities."""

    change_prices = BooleanField("Prijzen")
    prices = FieldList(FormField(PriceChange))
    change_capacity = BooleanField("Aantal plaatsen")
    capacity = CountField("Nieuw aantal plaatsen")
    change_state = BooleanField("Toestand")
    state = RadioField(
        "Nieuwe toestand",
        choices=[(state.value, STATE_WORDS[state]) for state in ActivityState],
        default=ActivityState.ONLINE.value,
        validate_choice=False,
    )
    state_reason = TextAreaField(
        "Reden",
        [Length(max=LONGEST_REASON, message=f"Kort de reden in tot {LONGEST_REASON} tekens.")],
    )
    change_description = BooleanField("Omschrijving")
    description = TextAreaField(
        "Nieuwe omschrijving",
        [
            Length(
                max=LONGEST_DESCRIPTION,
                message=f"Kort de omschrijving in tot {LONGEST_DESCRIPTION} tekens.",
            )
        ],
    )
    change_audience = BooleanField("Doelpubliek")
    audience = RadioField(
        "Nieuw doelpubliek",
        choices=[(audience.value, words) for audience, words in AUDIENCES.items()],
        default=Audience.EVERYONE.value,
        validate_choice=False,
    )
    change_labels = BooleanField("Labels")
    label_mode = RadioField(
        "Wat gebeurt er met de labels die er staan?",
        choices=[
            (LabelMode.ADD.value, "Deze labels toevoegen"),
            (LabelMode.REMOVE.value, "Deze labels weghalen"),
            (LabelMode.REPLACE.value, "Alle labels vervangen door deze"),
        ],
        default=LabelMode.ADD.value,
        validate_choice=False,
    )
    labels = TextAreaField("Labels", [Length(max=2000, message="Kort de labels in.")])
    change_location = BooleanField("Locatie")
    postal_code = StringField("Postcode", [PostalCode()])
    location = StringField("Nieuwe locatie")
    location_id = StringField("Gekozen locatie")
    change_starts = BooleanField("Start van de knop")
    link_starts_on = DayField("Knop zichtbaar vanaf")
    change_ends = BooleanField("Einde van de knop")
    link_ends_on = DayField("Knop zichtbaar tot en met")

    def without_uitdatabank(self) -> None:
        """Leave out what only exists while that module is on."""
        for part in OF_UIT:
            del self[f"change_{part}"]

    def wants(self, part: str) -> bool:
        """Whether this part is to be changed."""
        name = f"change_{part}"
        return name in self and bool(self[name].data)

    def read(self) -> BulkChange | None:
        """What was filled in; None when something has to be corrected, which is then said.

        Asks publiq about the location that was chosen, outside any transaction.
        """
        if not any(self.wants(name.removeprefix("change_")) for name in self._fields):
            self.form_errors.append("Duid aan wat je wil aanpassen.")
            return None
        self.validate()
        self._forget_what_is_not_asked()
        change = self._collect()
        show_problems(self, [one for one in bulk_problems(change) if not self._said(one.field)])
        return None if self.errors else change

    def _collect(self) -> BulkChange:
        return BulkChange(
            prices=self._prices(),
            capacity=self._needed("capacity", "capacity", "Vul het aantal plaatsen in."),
            state=self._member("state", ActivityState, "Kies een toestand."),
            state_reason=(self.state_reason.data or "") if self.wants("state") else "",
            description=self._description(),
            audience=self._member("audience", Audience, "Kies een doelpubliek."),
            labels=tuple(split_labels(self.labels.data or "")) if self.wants("labels") else (),
            label_mode=self._member("label_mode", LabelMode, "Kies wat er gebeurt.", "labels"),
            location=self._location() if self.wants("location") else None,
            link_starts=self._moment("starts", "link_starts_on", time()),
            link_ends=self._moment("ends", "link_ends_on", LAST_SECOND),
        )

    def _prices(self) -> dict[str, Any]:
        if not self.wants("prices"):
            return {}
        rows = [entry.form for entry in self.prices]
        typed = {row.name.data: row.price.data for row in rows if row.price.data is not None}
        if not typed and not any(row.errors for row in rows):
            self.change_prices.errors = ["Vul minstens één nieuwe prijs in."]
        return typed

    def _description(self) -> str | None:
        if not self.wants("description"):
            return None
        text = plain(self.description.data or "")
        if not text:
            self.description.errors = ["Schrijf de nieuwe omschrijving."]
        return text

    def _needed(self, part: str, name: str, sentence: str) -> Any:
        if not self.wants(part):
            return None
        if self[name].data is None and not self[name].errors:
            self[name].errors = [sentence]
        return self[name].data

    def _member(self, name: str, kind: Any, sentence: str, part: str = "") -> Any:
        if not self.wants(part or name):
            return None
        if self[name].data in dict(self[name].choices):
            return kind(self[name].data)
        self[name].errors = [sentence]
        return None

    def _moment(self, part: str, name: str, at: time) -> Moment | None:
        if not self.wants(part) or self[name].errors:
            return None
        return Moment(None if self[name].data is None else from_local(self[name].data, at))

    def _location(self) -> ChosenLocation | None:
        words, chosen = self.location.data or "", self.location_id.data or ""
        if not words or not UUID.match(chosen):
            self.location.errors = [CHOOSE_LOCATION]
            return None
        return read_chosen_location(self.location, chosen)

    def _forget_what_is_not_asked(self) -> None:
        """What stands in a part that is not to be changed cannot be wrong."""
        for part, names in _FIELDS.items():
            if not self.wants(part):
                for name in names:
                    self[name].errors = []

    def _said(self, name: str) -> bool:
        return name in self and bool(self[name].errors)


_FIELDS = {
    "prices": ("prices",),
    "capacity": ("capacity",),
    "state": ("state", "state_reason"),
    "description": ("description",),
    "audience": ("audience",),
    "labels": ("label_mode", "labels"),
    "location": ("postal_code", "location"),
    "starts": ("link_starts_on",),
    "ends": ("link_ends_on",),
}
