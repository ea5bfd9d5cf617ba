"""Two clerks on one tab: who saved meanwhile, and both versions of each field that differs.

What the second one typed stays in the fields; pressing the button again keeps it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from wtforms import Form

from app.activities.agenda_words import schedule_words
from app.activities.editing import ACTIVITY_CHANGES, ActivityData
from app.activities.models import Activity, ActivityType
from app.activities.places import capacity_of
from app.activities.schedule import schedule_of
from app.activities.schedule_rules import tidy
from app.activities.types import TYPE_CHANGES, PriceData, TypeData, prices_of, type_data
from app.formats import moment, money, period
from app.settings.audit import last_entry
from app.web.activity_forms import (
    MODULE_WORDS,
    POSTER_WORDS,
    STATE_WORDS,
    ActivityForm,
    TypeForm,
    date_data,
)

Row = tuple[str, str, str, str]


@dataclass(frozen=True)
class Conflict:
    """What a colleague saved in the meantime: who, when, and each field that differs.

    ``rows``: the id of a field, its label, what was saved and what was typed, in words.
    """

    name: str
    at: datetime | None
    rows: list[Row]


def differing(form: Form, theirs: Mapping[str, str], mine: Mapping[str, str]) -> list[Row]:
    """Per field of the form that differs: its id, its label, what was saved, what was typed."""
    return [
        (name, form[name].label.text, theirs[name], value)
        for name, value in mine.items()
        if name in form and theirs[name] != value
    ]


def activity_conflict(form: ActivityForm, stored: Activity, typed: ActivityData) -> Conflict:
    """Of the tab Algemeen of an activity, which is shown as it stands now."""
    theirs = ActivityData(
        title=stored.title,
        dates=date_data(stored),
        prices=prices_of(stored),
        capacity=capacity_of(stored),
        registration_opens_at=stored.registration_opens_at,
        registration_closes_at=stored.registration_closes_at,
        min_age=stored.min_age,
        max_age=stored.max_age,
        publish_in_uit=stored.publish_in_uit,
        state=stored.state,
        schedule=schedule_of(stored),
    )
    rows = differing(form, _activity_words(theirs), _activity_words(typed))
    left, right = _schedule(theirs), _schedule(typed)
    if stored.schedule is not None and left != right:
        rows.append(("schedule", "Weekschema", left, right))
    return _conflict("activiteit", stored.id, ACTIVITY_CHANGES, rows)


def type_conflict(form: TypeForm, stored: ActivityType, typed: TypeData) -> Conflict:
    """Of the tab Algemeen of an activity type, which is shown as it stands now."""
    rows = differing(form, _type_words(type_data(stored)), _type_words(typed))
    return _conflict("activiteittype", stored.id, TYPE_CHANGES, rows)


def _conflict(kind: str, subject_id: int, actions: tuple[str, ...], rows: list[Row]) -> Conflict:
    entry = last_entry(kind, subject_id, actions)
    name, at = (entry.account_name, entry.at) if entry is not None else ("", None)
    return Conflict(name or "Een collega", at, rows)


def _activity_words(data: ActivityData) -> dict[str, str]:
    """The value of each field in words; a field that is not on the page is left out later."""
    return {
        "title": data.title.strip(),
        "capacity": str(data.capacity),
        "state": STATE_WORDS[data.state] if data.state is not None else "",
        **_ages(data),
        "publish_in_uit": _on(data.publish_in_uit),
        "dates": "\n".join(
            period(item.starts_at, item.ends_at)
            for item in sorted(data.dates, key=lambda one: (one.starts_at, one.ends_at))
        ),
        "opens_on": moment(data.registration_opens_at),
        "closes_on": moment(data.registration_closes_at),
        "prices": _prices(data.prices),
    }


def _type_words(data: TypeData) -> dict[str, str]:
    return {
        "name": data.name.strip(),
        "poster": POSTER_WORDS.get(data.poster, data.poster),
        "module": MODULE_WORDS[data.module],
        "default_capacity": str(data.default_capacity),
        "publish_in_uit": _on(data.publish_in_uit),
        **_ages(data),
        "prices": _prices(data.prices),
        "cancel_until_days": str(data.cancel_until_days),
        "refund_before_percent": f"{data.refund_before_percent} %",
        "refund_after_percent": f"{data.refund_after_percent} %",
    }


def _ages(data: ActivityData | TypeData) -> dict[str, str]:
    ages = {"min_age": data.min_age, "max_age": data.max_age}
    return {name: "" if age is None else f"{age} jaar" for name, age in ages.items()}


def _on(value: bool) -> str:
    return "aan" if value else "uit"


def _prices(prices: tuple[PriceData, ...]) -> str:
    return "\n".join(
        f"{item.name.strip()}: {money(item.price)}"
        + (f" (enkel {', '.join(item.postal_codes)})" if item.postal_codes else "")
        for item in prices
    )


def _schedule(data: ActivityData) -> str:
    return "" if data.schedule is None else "\n".join(schedule_words(tidy(data.schedule)))
