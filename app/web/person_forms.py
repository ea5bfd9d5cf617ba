"""Forms about customers and persons, shared by the shop and the back office."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from wtforms import BooleanField, Field, StringField
from wtforms.validators import Length
from wtforms.widgets import TextInput

from app.formats import day
from app.people.models import Customer, Person
from app.people.persons import PersonData
from app.people.problems import PersonProblem
from app.people.tariffs import TariffView, tariff_view
from app.web.forms import FIRST_NAME, LAST_NAME, Form, PostalCode, Required

_DAY = re.compile(r"^(\d{1,2})[\s./-]+(\d{1,2})[\s./-]+(\d{4})$")
_ISO_DAY = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
TARIFF_WORDS = {
    TariffView.ACTIVE: ("Kansentarief actief", "ok", "check"),
    TariffView.GRACE: ("Kansentarief loopt nog door", "ok", "clock"),
    TariffView.ENDED: ("Kansentarief afgelopen", "warn", "clock"),
    TariffView.EXPIRED: ("Kansentarief vervallen", "warn", "alert"),
    TariffView.NONE: ("Geen kansentarief", None, "minus"),
    TariffView.UNKNOWN: ("Niet gekend", None, "info"),
}
"""The words of the status, the kind of tag that shows it, and its icon."""


@dataclass(frozen=True)
class TariffLine:
    """The status of a social tariff as a page shows it."""

    words: str
    kind: str | None
    icon: str
    note: str


def tariff_line(person: Person) -> TariffLine:
    """What is known of a person's social tariff now, in words."""
    view, until = tariff_view(person), day(person.tariff_until)
    notes = {
        TariffView.ACTIVE: f"tot {until}" if until else "",
        TariffView.GRACE: f"liep af op {until}, UiTPAS geeft uitstel",
        TariffView.ENDED: f"liep tot {until}: vernieuw",
        TariffView.EXPIRED: f"sinds {until}" if until else "",
    }
    return TariffLine(*TARIFF_WORDS[view], notes.get(view, ""))


class DayField(Field):
    """A day somebody knows by heart, typed as 21/03/2018; what was typed is given back."""

    widget = TextInput()

    def __init__(self, label: str = "", validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators, **kwargs)
        self.raw_text: str | None = None

    def _value(self) -> str:
        if self.raw_text is not None:
            return self.raw_text
        return "" if self.data is None else f"{self.data:%d/%m/%Y}"

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return
        self.raw_text = valuelist[0].strip()
        self.data = None
        if not self.raw_text:
            return
        found = _DAY.match(self.raw_text)
        parts = found.groups()[::-1] if found else ()
        if not parts:
            found = _ISO_DAY.match(self.raw_text)
            parts = found.groups() if found else ()
        try:
            self.data = date(*(int(part) for part in parts))
        except (ValueError, TypeError):
            raise ValueError("Vul een bestaande dag in, zoals 21/03/2018.") from None


class PersonForm(Form):
    """A member of the family or a contact."""

    first_name = StringField(
        "Voornaam",
        [Required("Vul een voornaam in."), FIRST_NAME],
    )
    last_name = StringField("Naam", [LAST_NAME])
    birth_date = DayField(
        "Geboortedatum", [Required("Vul een geboortedatum in, zoals 21/03/2018.")]
    )
    change_insz = BooleanField("Wijzig het rijksregisternummer")
    insz = StringField("Rijksregisternummer")
    uitpas_number = StringField("UiTPAS-nummer")
    own_postal_code = StringField("Andere postcode", [PostalCode()])

    def fill_from(self, person: Person) -> None:
        """Show what is known, except the register number, which is only ever typed."""
        for name in ("first_name", "last_name", "birth_date", "own_postal_code"):
            self[name].data = getattr(person, name)
        self.uitpas_number.data = person.uitpas_number

    def person_data(self, *, with_insz: bool = True) -> PersonData:
        """What was typed; a register number that was not touched is kept."""
        typed = (self.insz.data or "").strip()
        touched = with_insz and (self.change_insz.data or typed)
        return PersonData(
            first_name=self.first_name.data or "",
            last_name=self.last_name.data or "",
            birth_date=self.birth_date.data,
            insz=typed if touched else None,
            uitpas_number=self.uitpas_number.data or "",
            own_postal_code=self.own_postal_code.data or "",
        )


class CustomerForm(Form):
    """A customer, as staff know one: only the name is needed."""

    first_name = StringField("Voornaam", [Required("Vul een voornaam in."), FIRST_NAME])
    last_name = StringField("Naam", [Required("Vul een naam in."), LAST_NAME])
    email = StringField("E-mailadres", [Length(max=254)])
    phone = StringField("Telefoon", [Length(max=40)])
    street = StringField("Straat en nummer", [Length(max=200)])
    postal_code = StringField("Postcode", [PostalCode()])
    locality = StringField("Gemeente", [Length(max=100)])

    def fill_from(self, customer: Customer) -> None:
        """Show what is known."""
        for field in self:
            if field.name != "csrf_token":
                field.data = getattr(customer, field.name)


def show_problems(form: Form, problems: Sequence[PersonProblem]) -> list[tuple[str, str]]:
    """Hang each problem on its field, which the summary lists; the rest is for the top."""
    rest = []
    for problem in problems:
        if problem.field in form:
            form[problem.field].errors = [*form[problem.field].errors, problem.sentence]
        else:
            rest.append(("", problem.sentence))
    return rest
