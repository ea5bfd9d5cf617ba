"""May this person register for this activity: shown on the page, obeyed at the basket (C1, R1).

Places and double registration are the sales room's, which knows holds and orders.
"""

from datetime import date, datetime

from app.activities.models import Activity, ActivityState
from app.activities.prices import cheapest_category
from app.activities.problems import Problem
from app.clock import local, now
from app.extensions import _t
from app.formats import clock, long_day
from app.people.models import Person


def registration_problems(
    activity: Activity, person: Person, at: datetime | None = None, *, for_staff: bool = False
) -> list[Problem]:
    """Every reason why this person cannot register at that moment (now where none is given).

    Reasons of the activity hide those of the person: who cannot register at all need not hear
    of ages. Staff, who may go beyond some of them, see all. The person's customer must be
    loadable.
    """
    closed = activity_problems(activity, at)
    if closed and not for_staff:
        return closed
    return closed + age_problems(activity, person) + _residence_problems(activity, person)


def activity_problems(activity: Activity, at: datetime | None = None) -> list[Problem]:
    """Why nobody can register for this activity at that moment, whoever it is; at most one."""
    at = at or now()
    if activity.state is ActivityState.CANCELLED:
        return [_closed("cancelled", _t("Deze activiteit gaat niet door."))]
    if activity.state is ActivityState.POSTPONED:
        sentence = _t(
            "Deze activiteit is uitgesteld. Inschrijven kan weer zodra er een nieuwe datum is."
        )
        return [_closed("postponed", sentence)]
    if activity.state is not ActivityState.ONLINE:
        return [_closed("not_online", _t("Deze activiteit staat niet online. Kies een andere."))]
    if activity.last_end is None or activity.last_end <= at:
        return [_closed("past", _t("Deze activiteit is voorbij. Kies een andere."))]
    opens, closes = activity.registration_opens_at, activity.registration_closes_at
    if opens is not None and at < opens:
        return [
            _closed(
                "not_open_yet",
                _t(
                    "De inschrijvingen starten op %(day)s om %(clock)s.",
                    day=long_day(opens),
                    clock=clock(opens),
                ),
            )
        ]
    if closes is not None and at >= closes:
        return [
            _closed(
                "closed",
                _t(
                    "De inschrijvingen sloten op %(day)s om %(clock)s.",
                    day=long_day(closes),
                    clock=clock(closes),
                ),
            )
        ]
    return []


def age_problems(activity: Activity, person: Person) -> list[Problem]:
    """Whether the person has the right age on the first date; unknown counts as a problem."""
    low, high = activity.min_age, activity.max_age
    if low is None and high is None:
        return []
    if person.birth_date is None:
        return [
            Problem(
                "no_birth_date",
                _t(
                    "We kennen de geboortedatum van %(name)s niet. Vul die in: "
                    "deze activiteit is er voor bepaalde leeftijden.",
                    name=person.first_name,
                ),
                "birth_date",
            )
        ]
    if activity.first_start is None:
        return []
    age = age_on(person.birth_date, local(activity.first_start).date())
    if low is not None and age < low:
        sentence = _t(
            "%(name)s is nog te jong op de eerste dag: %(age)s, en de activiteit is %(ages)s.",
            name=person.first_name,
            age=_age(age),
            ages=_for(low, high),
        )
        return [Problem("too_young", sentence, "persons")]
    if high is not None and age > high:
        sentence = _t(
            "%(name)s is te oud op de eerste dag: %(age)s, en de activiteit is %(ages)s.",
            name=person.first_name,
            age=_age(age),
            ages=_for(low, high),
        )
        return [Problem("too_old", sentence, "persons")]
    return []


def age_on(born: date, day: date) -> int:
    """Age in full years on a day; who was born on 29 February has a birthday on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _residence_problems(activity: Activity, person: Person) -> list[Problem]:
    if cheapest_category(activity, person.postal_code) is not None:
        return []
    if not activity.price_categories:
        sentence = _t("Deze activiteit heeft nog geen prijs. Probeer het later opnieuw.")
        return [Problem("no_price", sentence)]
    if not person.postal_code:
        sentence = _t(
            "Vul de postcode van %(name)s in: deze activiteit is voor inwoners.",
            name=person.first_name,
        )
        return [Problem("residence", sentence, "postal_code")]
    codes = sorted({code for item in activity.price_categories for code in item.postal_codes})
    return [
        Problem(
            "residence",
            _t(
                "Deze activiteit is enkel voor inwoners van %(codes)s, en %(name)s "
                "woont in %(postal_code)s.",
                codes=_and(codes),
                name=person.first_name,
                postal_code=person.postal_code,
            ),
            "persons",
        )
    ]


def _closed(kind: str, sentence: str) -> Problem:
    return Problem(kind, sentence, "activity")


def _age(years: int) -> str:
    return _t("nog geen jaar") if years < 1 else _t("%(years)s jaar", years=years)


def _for(low: int | None, high: int | None) -> str:
    if high is None:
        return _t("vanaf %(low)s jaar", low=low)
    if low is None:
        return _t("tot en met %(high)s jaar", high=high)
    if low == high:
        return _t("voor %(low)s jaar", low=low)
    return _t("voor %(low)s tot en met %(high)s jaar", low=low, high=high)


def _and(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return _t("%(some)s en %(last)s", some=", ".join(words[:-1]), last=words[-1])
