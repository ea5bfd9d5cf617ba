"""May this person register for this activity: shown on the page, obeyed at the basket (C1, R1).

Places and double registration are the sales room's, which knows holds and orders.
"""

from datetime import date, datetime

from app.activities.models import Activity, ActivityState
from app.activities.prices import cheapest_category
from app.activities.problems import Problem
from app.clock import local, now
from app.formats import clock, long_day
from app.people.models import Person


def registration_problems(
    activity: Activity, person: Person, at: datetime | None = None
) -> list[Problem]:
    """Every reason why this person cannot register at that moment (now where none is given).

    Reasons of the activity hide those of the person: who cannot register at all need not hear
    of ages. The person's customer must be loadable.
    """
    closed = activity_problems(activity, at)
    return closed or age_problems(activity, person) + _residence_problems(activity, person)


def activity_problems(activity: Activity, at: datetime | None = None) -> list[Problem]:
    """Why nobody can register for this activity at that moment, whoever it is; at most one."""
    at = at or now()
    if activity.state is ActivityState.CANCELLED:
        return [_closed("cancelled", "Deze activiteit gaat niet door.")]
    if activity.state is not ActivityState.ONLINE:
        return [_closed("not_online", "Deze activiteit staat niet online. Kies een andere.")]
    if activity.last_end is None or activity.last_end <= at:
        return [_closed("past", "Deze activiteit is voorbij. Kies een andere.")]
    opens, closes = activity.registration_opens_at, activity.registration_closes_at
    if opens is not None and at < opens:
        return [
            _closed(
                "not_open_yet",
                f"De inschrijvingen starten op {long_day(opens)} om {clock(opens)}.",
            )
        ]
    if closes is not None and at >= closes:
        return [
            _closed("closed", f"De inschrijvingen sloten op {long_day(closes)} om {clock(closes)}.")
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
                f"We kennen de geboortedatum van {person.first_name} niet. Vul die in: "
                "deze activiteit is er voor bepaalde leeftijden.",
                "birth_date",
            )
        ]
    if activity.first_start is None:
        return []
    age = age_on(person.birth_date, local(activity.first_start).date())
    if low is not None and age < low:
        sentence = f"{person.first_name} is nog te jong op de eerste dag: {_age(age)}"
        return [
            Problem("too_young", f"{sentence}, en de activiteit is {_for(low, high)}.", "persons")
        ]
    if high is not None and age > high:
        sentence = f"{person.first_name} is te oud op de eerste dag: {_age(age)}"
        return [
            Problem("too_old", f"{sentence}, en de activiteit is {_for(low, high)}.", "persons")
        ]
    return []


def age_on(born: date, day: date) -> int:
    """Age in full years on a day; who was born on 29 February has a birthday on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _residence_problems(activity: Activity, person: Person) -> list[Problem]:
    if cheapest_category(activity, person.postal_code) is not None:
        return []
    if not activity.price_categories:
        sentence = "Deze activiteit heeft nog geen prijs. Probeer het later opnieuw."
        return [Problem("no_price", sentence)]
    if not person.postal_code:
        sentence = f"Vul de postcode van {person.first_name} in: deze activiteit is voor inwoners."
        return [Problem("residence", sentence, "postal_code")]
    codes = sorted({code for item in activity.price_categories for code in item.postal_codes})
    return [
        Problem(
            "residence",
            f"Deze activiteit is enkel voor inwoners van {_and(codes)}, en {person.first_name} "
            f"woont in {person.postal_code}.",
            "persons",
        )
    ]


def _closed(kind: str, sentence: str) -> Problem:
    return Problem(kind, sentence, "activity")


def _wrong_age(kind: str, words: str, age: int, low: int | None, high: int | None) -> Problem:
    sentence = f"{words} op de eerste dag: {_age(age)}, en de activiteit is {_for(low, high)}."
    return Problem(kind, sentence, "persons")


def _age(years: int) -> str:
    return "nog geen jaar" if years < 1 else f"{years} jaar"


def _for(low: int | None, high: int | None) -> str:
    if high is None:
        return f"vanaf {low} jaar"
    if low is None:
        return f"tot en met {high} jaar"
    return f"voor {low} tot en met {high} jaar" if low != high else f"voor {low} jaar"


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} en {words[-1]}"
