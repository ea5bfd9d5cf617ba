"""May this person register: each reason with its sentence."""

from datetime import date, timedelta

import pytest
import time_machine

from app.activities.models import Activity, ActivityState
from app.activities.registering import age_on, registration_problems
from app.clock import from_local, now
from app.people.models import Customer, Person
from tests.making import price_categories, utc

START = utc(2027, 3, 3, 8)
BASE = [("Basis", "60.00", [])]


def activity(prices=BASE, **fields) -> Activity:
    values = {
        "title": "Kamp",
        "state": ActivityState.ONLINE,
        "first_start": START,
        "last_end": START + timedelta(hours=7),
        "price_categories": price_categories(prices),
    }
    return Activity(**{**values, **fields})


def person(birth_date: date | None = date(2018, 3, 3), postal_code: str = "9000") -> Person:
    return Person(
        first_name="Lou",
        last_name="Peeters",
        birth_date=birth_date,
        own_postal_code="",
        customer=Customer(first_name="Sofie", last_name="Peeters", postal_code=postal_code),
    )


def kinds(found: Activity, who: Person | None = None) -> list[str]:
    return [problem.kind for problem in registration_problems(found, who or person())]


def sentence(found: Activity, who: Person | None = None) -> str:
    (problem,) = registration_problems(found, who or person())
    return problem.sentence


@pytest.fixture(autouse=True)
def in_january():
    with time_machine.travel(utc(2027, 1, 15, 12), tick=False):
        yield


def test_an_online_activity_with_a_price_takes_anybody() -> None:
    assert kinds(activity()) == []


def test_a_draft_takes_nobody() -> None:
    assert kinds(activity(state=ActivityState.DRAFT)) == ["not_online"]


def test_a_cancelled_activity_says_that_it_does_not_take_place() -> None:
    assert sentence(activity(state=ActivityState.CANCELLED)) == "Deze activiteit gaat niet door."


def test_what_is_over_takes_nobody() -> None:
    assert kinds(activity(last_end=now() - timedelta(minutes=1))) == ["past"]


def test_before_the_opening_the_moment_is_said_in_brussels_time() -> None:
    opens = utc(2027, 2, 1, 8, 30)
    assert sentence(activity(registration_opens_at=opens)) == (
        "De inschrijvingen starten op maandag 1 februari 2027 om 9.30 uur."
    )


def test_registration_opens_at_the_very_moment() -> None:
    assert kinds(activity(registration_opens_at=now())) == []


def test_after_closing_the_moment_is_said() -> None:
    assert sentence(activity(registration_closes_at=utc(2027, 1, 10, 11))) == (
        "De inschrijvingen sloten op zondag 10 januari 2027 om 12 uur."
    )


def test_the_age_is_that_on_the_first_date() -> None:
    wanted = activity(min_age=9, max_age=12)
    assert kinds(wanted, person(date(2018, 3, 3))) == []
    assert kinds(wanted, person(date(2018, 3, 4))) == ["too_young"]
    assert kinds(wanted, person(date(2014, 3, 4))) == []
    assert kinds(wanted, person(date(2014, 3, 3))) == ["too_old"]


def test_the_first_date_is_the_day_in_brussels() -> None:
    just_after_midnight = from_local(date(2027, 3, 3), utc(2027, 1, 1, 0, 10).time())
    assert just_after_midnight.date() == date(2027, 3, 2)
    wanted = activity(min_age=9, first_start=just_after_midnight)
    assert kinds(wanted, person(date(2018, 3, 3))) == []


def test_too_young_says_the_age_and_the_ages_wanted() -> None:
    assert sentence(activity(min_age=10, max_age=12)) == (
        "Lou is nog te jong op de eerste dag: 9 jaar, en de activiteit is voor 10 tot en met "
        "12 jaar."
    )


def test_a_missing_birth_date_is_asked_only_where_ages_count() -> None:
    (problem,) = registration_problems(activity(min_age=6), person(None))
    assert (problem.kind, problem.field) == ("no_birth_date", "birth_date")
    assert kinds(activity(), person(None)) == []


def test_an_activity_for_residents_refuses_others_and_names_the_postcodes() -> None:
    only = activity([("Inwoners", "40.00", ["9000", "9030"])])
    assert kinds(only) == []
    assert sentence(only, person(postal_code="8000")) == (
        "Deze activiteit is enkel voor inwoners van 9000 en 9030, en Lou woont in 8000."
    )


def test_without_a_postcode_an_activity_for_residents_asks_it() -> None:
    only = activity([("Inwoners", "40.00", ["9000"])])
    (problem,) = registration_problems(only, person(postal_code=""))
    assert problem.field == "postal_code"


def test_an_activity_without_prices_takes_nobody() -> None:
    assert kinds(activity([])) == ["no_price"]


def test_age_and_residence_are_said_together() -> None:
    only = activity([("Inwoners", "40.00", ["9000"])], min_age=12)
    assert kinds(only, person(postal_code="8000")) == ["too_young", "residence"]


def test_who_was_born_on_29_february_has_a_birthday_on_1_march() -> None:
    assert age_on(date(2016, 2, 29), date(2027, 2, 28)) == 10
    assert age_on(date(2016, 2, 29), date(2027, 3, 1)) == 11
