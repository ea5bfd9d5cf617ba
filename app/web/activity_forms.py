"""The forms of activity types and activities: rows for dates and prices, read into plain data."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, time
from enum import Enum
from typing import Any, TypeVar

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms import Form as PlainForm
from wtforms.validators import Length

from app.activities.editing import ActivityData, DateData
from app.activities.models import Activity, ActivityState, ActivityType, Module
from app.activities.places import capacity_of
from app.activities.problems import Problem
from app.activities.types import POSTERS, PriceData, TypeData, type_version
from app.clock import from_local, local
from app.web.form_rows import number
from app.web.forms import POSTAL_CODE, Form, MoneyField, Required, text_filter
from app.web.moment_fields import CountField, DayField, HourField, clock_problem, next_day
from app.web.pages import PageError
from app.web.period_fields import period_values, read_period, show_period_problems

Member = TypeVar("Member", bound=Enum)
LATEST_AFTER_MIDNIGHT = time(6)
"""An end before the start counts as the next morning up to this hour."""
POSTER_WORDS = {
    "nature": "Natuur",
    "sport": "Sport",
    "water": "Water",
    "make": "Maken en atelier",
    "stage": "Podium",
    "play": "Spelen",
    "read": "Lezen",
}
MODULE_WORDS = {Module.REGISTRATION: "Inschrijvingen", Module.TICKETING: "Ticketing"}
STATE_WORDS = {
    ActivityState.DRAFT: "Concept",
    ActivityState.ONLINE: "Online",
    ActivityState.POSTPONED: "Uitgesteld",
    ActivityState.CANCELLED: "Geannuleerd",
}
STATE_KINDS = {
    ActivityState.DRAFT: "warn",
    ActivityState.ONLINE: "ok",
    ActivityState.POSTPONED: "warn",
    ActivityState.CANCELLED: "bad",
}


class Row(PlainForm):
    """Fields that come back several times; the CSRF token is the whole form's."""

    class Meta:
        locales = ["nl"]

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            filters = list(unbound_field.kwargs.get("filters", []))
            own = text_filter(unbound_field.field_class)
            if own is not None:
                filters.insert(0, own)
            return unbound_field.bind(form=form, filters=filters, **options)

        def render_field(self, field: Any, render_kw: dict[str, Any]) -> Any:
            render_kw.setdefault("required", False)
            return super().render_field(field, render_kw)  # type: ignore[misc]


class PostalCodesField(StringField):
    """Postcodes with commas or spaces between them; ``data`` is the text as typed."""

    def codes(self) -> tuple[str, ...]:
        """The postcodes, each once, in the order typed."""
        return tuple(dict.fromkeys(filter(None, re.split(r"[\s,;]+", self.data or ""))))

    def pre_validate(self, form: Any) -> None:
        if any(not POSTAL_CODE.match(code) for code in self.codes()):
            raise ValidationError("Een postcode heeft vier cijfers, zoals 9000.")


class PriceRow(Row):
    """One price category."""

    known_id = HiddenField()
    name = StringField("Naam", [Required("Geef deze prijs een naam.")])
    price = MoneyField("Prijs", [Required("Typ een bedrag in euro, of 0 voor gratis.")])
    postal_codes = PostalCodesField("Enkel inwoners van postcode")


class DateRow(Row):
    """One date with its hours; the end date is empty on the day itself."""

    known_id = HiddenField()
    day = DayField("Datum", [Required("Kies een datum.")])
    starts = HourField("Van", [Required("Vul het beginuur in.")])
    ends_on = DayField("Einddatum")
    ends = HourField("Tot", [Required("Vul het einduur in.")])

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        return valid and not self._wrong_hours()

    def _wrong_hours(self) -> bool:
        for day, at in ((self.day.data, self.starts), (self.last_day(), self.ends)):
            sentence = clock_problem(day, at.data)
            if sentence:
                at.errors = [*at.errors, sentence]
                return True
        return False

    def last_day(self) -> date:
        """The end date; left empty, the same day, or the next for an end in the small hours."""
        if self.ends_on.data is not None:
            return self.ends_on.data
        after_midnight = self.ends.data < self.starts.data
        if after_midnight and self.ends.data <= LATEST_AFTER_MIDNIGHT:
            return next_day(self.day.data)
        return self.day.data

    def read(self) -> DateData:
        """The row as moments."""
        return DateData(
            from_local(self.day.data, self.starts.data),
            from_local(self.last_day(), self.ends.data),
            number(self.known_id.data),
        )


class TypeForm(Form):
    """An activity type, tab Algemeen."""

    name = StringField("Naam", [Required("Geef het activiteittype een naam.")])
    module = RadioField(
        "Module",
        choices=[(module.value, words) for module, words in MODULE_WORDS.items()],
        default=Module.REGISTRATION.value,
    )
    poster = SelectField(
        "Tekening", choices=[(name, POSTER_WORDS[name]) for name in POSTERS], default="play"
    )
    default_capacity = CountField(
        "Standaardcapaciteit", [Required("Vul het aantal plaatsen in.")], default=20
    )
    min_age = CountField("Minimumleeftijd")
    max_age = CountField("Maximumleeftijd")
    publish_in_uit = BooleanField("Publiceren in UiT", default=True)
    cancel_until_days = CountField(
        "Annuleren tot", [Required("Vul het aantal dagen in; 0 is tot de dag zelf.")], default=7
    )
    refund_before_percent = CountField(
        "Terugbetaling tot dan", [Required("Vul een percentage in.")], default=100
    )
    refund_after_percent = CountField(
        "Terugbetaling daarna", [Required("Vul een percentage in.")], default=0
    )
    prices = FieldList(FormField(PriceRow), label="Prijscategorieën")
    version = HiddenField()

    def read(self) -> TypeData:
        """What was filled in; what could not be read counts as something harmless."""
        return TypeData(
            name=self.name.data or "",
            module=_member(Module, self.module.data) or Module.REGISTRATION,
            poster=self.poster.data or "",
            default_capacity=_or(self.default_capacity, 1),
            min_age=self.min_age.data,
            max_age=self.max_age.data,
            publish_in_uit=self.publish_in_uit.data,
            cancel_until_days=_or(self.cancel_until_days, 0),
            refund_before_percent=_or(self.refund_before_percent, 0),
            refund_after_percent=_or(self.refund_after_percent, 0),
            prices=read_prices(self.prices),
            version=self.version.data or "",
        )


class ActivityForm(Form):
    """An activity, tab Algemeen."""

    title = StringField("Titel", [Required("Geef de activiteit een titel.")])
    dates = FieldList(FormField(DateRow), label="Data")
    capacity = CountField("Aantal plaatsen", [Required("Vul het aantal plaatsen in.")])
    opens_on = DayField("Inschrijven vanaf")
    opens_at = HourField("Uur")
    closes_on = DayField("Inschrijven tot")
    closes_at = HourField("Uur")
    min_age = CountField("Minimumleeftijd")
    max_age = CountField("Maximumleeftijd")
    publish_in_uit = BooleanField("Publiceren in UiT", default=True)
    prices = FieldList(FormField(PriceRow), label="Prijscategorieën")
    state = RadioField(
        "Status",
        choices=[
            (state.value, STATE_WORDS[state])
            for state in (ActivityState.DRAFT, ActivityState.ONLINE)
        ],
        default=ActivityState.DRAFT.value,
    )
    version = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        valid = super().validate(extra_validators)
        return show_period_problems(self) and valid

    def read(self, known: Activity | None = None) -> ActivityData:
        """What was filled in; what could not be read counts as something harmless.

        Fields that are not on the page keep what ``known`` has.
        """
        publish = self.publish_in_uit.data if "publish_in_uit" in self else None
        if publish is None:
            publish = known.publish_in_uit if known else True
        chosen = self.state.data if "state" in self else None
        opens_at, closes_at = read_period(self, known)
        return ActivityData(
            title=self.title.data or "",
            dates=self.read_dates(),
            prices=read_prices(self.prices),
            capacity=_or(self.capacity, 1),
            registration_opens_at=opens_at,
            registration_closes_at=closes_at,
            min_age=self.min_age.data,
            max_age=self.max_age.data,
            publish_in_uit=publish,
            state=_member(ActivityState, chosen),
            version=number(self.version.data) if "version" in self else None,
        )

    def read_dates(self) -> tuple[DateData, ...]:
        """The date rows as data; none where one of them cannot be read, or where there are none."""
        rows = [entry.form for entry in self.dates] if "dates" in self else []
        return () if any(row.errors for row in rows) else tuple(row.read() for row in rows)


class CancelForm(Form):
    """Why an activity does not take place."""

    reason = TextAreaField(
        "Reden",
        [
            Required("Schrijf waarom de activiteit niet doorgaat."),
            Length(max=500, message="Kort de reden in tot 500 tekens."),
        ],
    )


def read_prices(rows: FieldList) -> tuple[PriceData, ...]:
    """The price rows as data; none where one of them cannot be read."""
    if any(entry.form.errors for entry in rows):
        return ()
    return tuple(
        PriceData(
            row.name.data,
            row.price.data,
            row.postal_codes.codes(),
            number(row.known_id.data),
        )
        for row in (entry.form for entry in rows)
    )


def price_rows(prices: Iterable[PriceData]) -> list[dict[str, Any]]:
    """Prices as the rows of a form show them."""
    return [
        {
            "known_id": str(item.id or ""),
            "name": item.name,
            "price": item.price,
            "postal_codes": ", ".join(item.postal_codes),
        }
        for item in prices
    ]


def date_data(activity: Activity) -> tuple[DateData, ...]:
    """The dates of an activity as they would be filled in."""
    return tuple(DateData(item.starts_at, item.ends_at, item.id) for item in activity.dates)


def date_rows(activity: Activity) -> list[dict[str, Any]]:
    """The dates of an activity as the rows of a form show them."""
    rows = []
    for item in activity.dates:
        start, end = local(item.starts_at), local(item.ends_at)
        rows.append(
            {
                "known_id": str(item.id),
                "day": start.date(),
                "starts": start.time(),
                "ends_on": None if end.date() == start.date() else end.date(),
                "ends": end.time(),
            }
        )
    return rows


def type_values(found: ActivityType, prices: Iterable[PriceData]) -> dict[str, Any]:
    """A stored type as its form shows it."""
    names = (
        "name poster default_capacity min_age max_age publish_in_uit cancel_until_days "
        "refund_before_percent refund_after_percent"
    )
    values = {name: getattr(found, name) for name in names.split()}
    return {
        **values,
        "module": found.module.value,
        "prices": price_rows(prices),
        "version": type_version(found),
    }


def new_activity_values(data: ActivityData) -> dict[str, Any]:
    """What a new activity takes over from its type, as the form shows it."""
    return {
        "title": data.title,
        "capacity": data.capacity,
        "min_age": data.min_age,
        "max_age": data.max_age,
        "publish_in_uit": data.publish_in_uit,
        "prices": price_rows(data.prices),
        "dates": [{}],
    }


def activity_values(activity: Activity, prices: Sequence[PriceData]) -> dict[str, Any]:
    """A stored activity as its form shows it."""
    values: dict[str, Any] = {
        "title": activity.title,
        "dates": date_rows(activity),
        "capacity": capacity_of(activity),
        "min_age": activity.min_age,
        "max_age": activity.max_age,
        "publish_in_uit": activity.publish_in_uit,
        "prices": price_rows(prices),
        "state": activity.state.value,
        "version": str(activity.version),
    }
    return {**values, **period_values(activity)}


def show_problems(form: Form, problems: Iterable[Problem]) -> list[PageError]:
    """Put each problem at its field, unless that already says something; returns the others."""
    others: list[PageError] = []
    for problem in problems:
        field = _field(form, problem.field)
        if field is None:
            others.append(("", problem.sentence))
        elif not field.errors:
            field.errors = [problem.sentence]
    return others


def _field(form: Form, name: str) -> Any:
    """The field with this name, also one of a row; None where there is none on the page."""
    match = re.fullmatch(r"(\w+)-(\d+)-(\w+)", name)
    if match is None:
        return form._fields.get(name)
    if match[1] not in form:
        return None
    rows = form[match[1]].entries
    return rows[int(match[2])].form[match[3]] if int(match[2]) < len(rows) else None


def _member(kind: type[Member], value: str | None) -> Member | None:
    """The member with this value; None for what was never a choice of the page."""
    return next((member for member in kind if member.value == value), None)


def _or(field: CountField, harmless: int) -> int:
    return harmless if field.data is None else field.data
