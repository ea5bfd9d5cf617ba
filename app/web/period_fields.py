"""The registration period in a form: a day and an hour to open, and a day and an hour to close."""

from datetime import datetime, time
from typing import Any

from wtforms import Form

from app.activities.models import Activity, RegistrationGroup
from app.clock import from_local, local
from app.formats import moment
from app.web.moment_fields import DayField, HourField, clock_problem

Period = tuple[datetime | None, datetime | None]
DEFAULTS = {"opens": time(0), "closes": time(23, 59)}
"""The hour that counts where only the day was filled in."""
PERIOD_FIELDS = ("opens_on", "opens_at", "closes_on", "closes_at")


def show_period_problems(form: Form) -> bool:
    """Say at its field what no period can be; whether there was nothing to say."""
    fine = True
    for name, default in DEFAULTS.items():
        if f"{name}_on" not in form:
            continue
        day, at = form[f"{name}_on"], form[f"{name}_at"]
        if day.data is None and at.data is not None and not day.errors:
            day.errors = ["Kies ook de dag."]
            fine = False
        elif day.data is not None:
            sentence = clock_problem(day.data, at.data or default)
            if sentence:
                at.errors = [sentence]
                fine = False
    return fine


def read_period(form: Form, known: Activity | None = None) -> Period:
    """The moments that were filled in; without the fields, those of ``known``."""
    if "opens_on" not in form:
        return (
            (known.registration_opens_at, known.registration_closes_at) if known else (None, None)
        )
    opens, closes = (
        _moment(form[f"{name}_on"], form[f"{name}_at"], default)
        for name, default in DEFAULTS.items()
    )
    return opens, closes


def period_values(source: Activity | RegistrationGroup) -> dict[str, Any]:
    """The period of an activity or a group as its form shows it."""
    values: dict[str, Any] = {}
    for name, at in (
        ("opens", source.registration_opens_at),
        ("closes", source.registration_closes_at),
    ):
        shown = local(at) if at else None
        values[f"{name}_on"] = shown.date() if shown else None
        values[f"{name}_at"] = shown.time().replace(second=0, microsecond=0) if shown else None
    return values


def period_words(source: Activity | RegistrationGroup) -> str:
    """When one can register, as a sentence; empty where no period is set."""
    opens, closes = source.registration_opens_at, source.registration_closes_at
    if opens is not None and closes is not None:
        return f"Inschrijven kan van {moment(opens)} tot {moment(closes)}."
    if opens is not None:
        return f"Inschrijven kan vanaf {moment(opens)}."
    return f"Inschrijven kan tot {moment(closes)}." if closes is not None else ""


def _moment(day: DayField, at: HourField, default: time) -> datetime | None:
    if day.data is None or day.errors or at.errors:
        return None
    return from_local(day.data, at.data or default)
