"""Dates by formula: weekdays, intervals, exceptions, summer time, midnight, and how many fit."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.activities.agenda_words import formula_words, schedule_words
from app.activities.dates import MOST_DATES
from app.activities.formula import (
    DayKind,
    Formula,
    Holiday,
    dates_of,
    days_of,
    formula_problems,
    read_formula,
    with_day,
    written_formula,
)
from app.activities.schedule import read_schedule, written_schedule
from app.activities.schedule_rules import (
    formula_schedule_problems,
    schedule_of_formula,
    schedule_problems,
    tidy,
)
from app.clock import from_local, local

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
CARNIVAL = Holiday("Krokusvakantie", date(2027, 2, 8), date(2027, 2, 14))
WEDNESDAYS = Formula((WED,), time(13, 30), time(16), date(2027, 1, 6), date(2027, 3, 24))


def standing(formula: Formula) -> list[date]:
    return [item.day for item in days_of(formula) if item.takes_place]


def problems(formula: Formula) -> dict[str, str]:
    return {problem.field: problem.sentence for problem in formula_problems(formula)}


def test_every_wednesday_is_there_with_the_first_and_the_last() -> None:
    days = standing(WEDNESDAYS)
    assert (len(days), days[0], days[-1]) == (12, date(2027, 1, 6), date(2027, 3, 24))
    assert {day.weekday() for day in days} == {WED}
    assert dates_of(WEDNESDAYS)[0] == (
        from_local(date(2027, 1, 6), time(13, 30)),
        from_local(date(2027, 1, 6), time(16)),
    )


def test_several_weekdays_come_in_the_order_of_the_calendar() -> None:
    formula = replace(WEDNESDAYS, weekdays=(FRI, MON), until=date(2027, 1, 15))
    assert standing(formula) == [date(2027, 1, day) for day in (8, 11, 15)]


def test_every_two_weeks_is_counted_from_the_first_day_that_fits() -> None:
    formula = replace(WEDNESDAYS, since=date(2027, 1, 7), every=2, until=date(2027, 2, 28))
    assert standing(formula) == [date(2027, 1, 13), date(2027, 1, 27), date(2027, 2, 10),
                                 date(2027, 2, 24)]  # fmt: skip


def test_a_holiday_is_left_out_with_its_name_and_one_of_its_days_can_come_back() -> None:
    formula = replace(WEDNESDAYS, holidays=(CARNIVAL,))
    (skipped,) = [item for item in days_of(formula) if not item.takes_place]
    assert (skipped.day, skipped.kind, skipped.reason) == (
        date(2027, 2, 10),
        DayKind.HOLIDAY,
        "Krokusvakantie",
    )
    assert with_day(formula, date(2027, 2, 10)).added == (date(2027, 2, 10),)
    assert standing(with_day(formula, date(2027, 2, 10))) == standing(WEDNESDAYS)


def test_a_single_day_is_left_out_and_another_one_added() -> None:
    formula = replace(
        WEDNESDAYS, left_out=(date(2027, 1, 13),), added=(date(2027, 1, 16), date(2027, 4, 3))
    )
    days = standing(formula)
    assert date(2027, 1, 13) not in days
    assert {date(2027, 1, 16), date(2027, 4, 3)} <= set(days)
    assert days == sorted(days)


def test_a_day_left_out_by_hand_comes_back_as_it_was() -> None:
    formula = replace(WEDNESDAYS, left_out=(date(2027, 1, 13),))
    assert with_day(formula, date(2027, 1, 13)) == WEDNESDAYS


def test_a_day_that_is_there_cannot_be_added() -> None:
    with pytest.raises(ValueError, match="already"):
        with_day(WEDNESDAYS, date(2027, 1, 6))


def test_nine_oclock_stays_nine_oclock_across_the_change_to_summer_time() -> None:
    formula = replace(WEDNESDAYS, starts=time(9), until=date(2027, 4, 7))
    hours = {local(starts_at).time() for starts_at, _ in dates_of(formula)}
    assert hours == {time(9)}
    assert {starts_at.hour for starts_at, _ in dates_of(formula)} == {7, 8}


def test_an_end_after_midnight_is_on_the_next_day_also_across_summer_time() -> None:
    formula = replace(
        WEDNESDAYS,
        weekdays=(SAT,),
        starts=time(20),
        ends=time(1, 30),
        since=date(2027, 3, 20),
        until=date(2027, 4, 3),
    )
    assert formula_problems(formula) == []
    for starts_at, ends_at in dates_of(formula):
        assert ends_at - starts_at == timedelta(hours=5, minutes=30)
        assert local(ends_at).date() == local(starts_at).date() + timedelta(days=1)


def test_the_leap_day_is_a_day_like_any_other() -> None:
    formula = replace(WEDNESDAYS, weekdays=(TUE,), since=date(2028, 2, 22), until=date(2028, 3, 7))
    assert standing(formula) == [date(2028, 2, 22), date(2028, 2, 29), date(2028, 3, 7)]


def test_four_hundred_dates_fit_and_more_than_most_are_too_many(app: Flask) -> None:
    daily = replace(WEDNESDAYS, weekdays=tuple(range(7)))
    until = daily.since + timedelta(days=399)
    assert len(dates_of(replace(daily, until=until))) == 400
    assert formula_problems(replace(daily, until=until)) == []
    most = daily.since + timedelta(days=MOST_DATES - 1)
    assert formula_problems(replace(daily, until=most)) == []
    assert "meer dan 500 data" in problems(replace(daily, until=most + timedelta(days=1)))["until"]
    assert "meer dan 500 data" in problems(replace(daily, until=date(2200, 12, 31)))["until"]


MISTAKES = [
    ({"weekdays": ()}, "weekdays", "Duid minstens één dag van de week aan."),
    ({"until": date(2027, 1, 5)}, "until", "Kies een dag vanaf 6 januari 2027."),
    ({"every": 0}, "every", "van 1 tot 52"),
    ({"every": 53}, "every", "van 1 tot 52"),
    ({"ends": time(13, 30)}, "ends", "Kies een ander einduur."),
    ({"until": date(2027, 1, 8), "weekdays": (MON,)}, "until", "geen enkele van de dagen"),
    (
        {"since": date(2027, 2, 8), "until": date(2027, 2, 14), "holidays": (CARNIVAL,)},
        "skip_holidays",
        "in een schoolvakantie",
    ),
    ({"until": date(2027, 1, 6), "left_out": (date(2027, 1, 6),)}, "day", "minstens één datum"),
    (
        {"weekdays": (SUN,), "starts": time(2, 30), "until": date(2027, 3, 28)},
        "starts",
        "Op zondag 28 maart 2027 bestaat 2.30 uur niet",
    ),
    (
        {"weekdays": (SUN,), "ends": time(2, 15), "starts": time(1), "until": date(2027, 3, 28)},
        "ends",
        "bestaat 2.15 uur niet",
    ),
    (
        {
            "weekdays": (SAT,),
            "starts": time(21),
            "ends": time(2, 30),
            "since": date(2027, 10, 23),
            "until": date(2027, 10, 30),
        },
        "ends",
        "Op zondag 31 oktober 2027 komt 2.30 uur twee keer voor",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "field", "sentence"), MISTAKES)
def test_each_mistake_is_said_at_its_field(
    app: Flask, changes: dict, field: str, sentence: str
) -> None:
    assert sentence in problems(replace(WEDNESDAYS, **changes))[field]


def test_an_hour_that_is_skipped_on_a_day_that_is_left_out_does_no_harm(app: Flask) -> None:
    formula = replace(
        WEDNESDAYS,
        weekdays=(SUN,),
        starts=time(2, 30),
        until=date(2027, 3, 28),
        left_out=(date(2027, 3, 28),),
    )
    assert formula_problems(formula) == []


WORDS = [
    ({}, "Elke woensdag van 6 januari tot 24 maart 2027, 13.30 tot 16 uur"),
    (
        {"left_out": (date(2027, 2, 10),)},
        "Elke woensdag van 6 januari tot 24 maart 2027, 13.30 tot 16 uur, behalve 10 februari",
    ),
    (
        {"holidays": (CARNIVAL,), "left_out": (date(2027, 1, 13), date(2027, 1, 20))},
        "Elke woensdag van 6 januari tot 24 maart 2027, 13.30 tot 16 uur, behalve in de "
        "schoolvakanties en op 13 januari en 20 januari",
    ),
    (
        {"weekdays": (MON, WED, FRI), "every": 2, "added": (date(2027, 4, 3),)},
        "Om de twee weken op maandag, woensdag en vrijdag van 6 januari tot 24 maart 2027, "
        "13.30 tot 16 uur, en ook op 3 april",
    ),
    (
        {"weekdays": (0, 1, 2, 3, 4), "since": date(2026, 9, 1), "until": date(2027, 6, 30)},
        "Elke weekdag van 1 september 2026 tot 30 juni 2027, 13.30 tot 16 uur",
    ),
    (
        {"left_out": tuple(standing(WEDNESDAYS)[:6])},
        "Elke woensdag van 6 januari tot 24 maart 2027, 13.30 tot 16 uur, behalve 6 januari, "
        "13 januari, 20 januari en nog 3 dagen",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "words"), WORDS)
def test_a_formula_is_said_in_dutch(app: Flask, changes: dict, words: str) -> None:
    assert formula_words(replace(WEDNESDAYS, **changes)) == words


days = st.dates(date(2026, 9, 1), date(2027, 9, 1))
hours = st.times(time(6), time(20)).map(lambda at: at.replace(second=0, microsecond=0))


@st.composite
def formulas(draw: st.DrawFn, every: int | None = None) -> Formula:
    since = draw(days)
    opens = draw(hours)
    return Formula(
        weekdays=tuple(draw(st.sets(st.integers(0, 6), min_size=1))),
        starts=opens,
        ends=time(opens.hour + 3, opens.minute),
        since=since,
        until=since + timedelta(days=draw(st.integers(0, 120))),
        every=every or draw(st.integers(1, 5)),
        holidays=draw(st.sampled_from([(), (CARNIVAL,)])),
        left_out=tuple(draw(st.lists(days, max_size=5))),
        added=tuple(draw(st.sets(days, max_size=3))),
    )


@settings(deadline=None)
@given(formulas())
def test_a_formula_that_was_kept_is_read_back_with_the_same_dates(formula: Formula) -> None:
    assert dates_of(read_formula(written_formula(formula))) == dates_of(formula)


@settings(deadline=None)
@given(formulas())
def test_no_date_comes_twice_and_each_is_one_that_the_formula_names(formula: Formula) -> None:
    found = [local(start).date() for start, _ in dates_of(formula)]
    assert len(found) == len(set(found))
    for day in set(found) - set(formula.added):
        assert day.weekday() in formula.weekdays
        assert formula.since <= day <= formula.until
        assert day not in formula.left_out
        assert not any(item.first_day <= day <= item.last_day for item in formula.holidays)


@settings(deadline=None)
@given(formulas(every=1))
def test_the_weekly_schedule_of_a_formula_is_open_on_exactly_its_dates(formula: Formula) -> None:
    schedule = schedule_of_formula(formula)
    assert schedule.open_days() == standing(formula)
    for day in schedule.open_days():
        (opening,) = schedule.hours_on(day)
        assert (opening.opens, opening.closes) == (formula.starts, formula.ends)
    assert read_schedule(written_schedule(tidy(schedule))).open_days() == standing(formula)


@settings(deadline=None)
@given(formulas(every=1).filter(standing))
def test_the_weekly_schedule_of_a_good_formula_has_no_problems(formula: Formula) -> None:
    assert schedule_problems(schedule_of_formula(formula)) == []


def test_a_schedule_from_a_formula_names_what_is_closed_and_what_is_added(app: Flask) -> None:
    formula = replace(WEDNESDAYS, holidays=(CARNIVAL,), added=(date(2027, 1, 16),))
    assert schedule_words(schedule_of_formula(formula)) == [
        "elke woensdag van 6 januari tot 24 maart 2027, 13.30 tot 16 uur",
        "Andere uren op za 16 jan 2027: 13.30 tot 16 uur.",
        "Gesloten van ma 8 feb 2027 tot en met zo 14 feb 2027 (Krokusvakantie).",
    ]


def test_a_schedule_is_weekly_and_ends_before_midnight(app: Flask) -> None:
    formula = replace(WEDNESDAYS, every=2, starts=time(20), ends=time(1))
    found = {problem.field: problem.sentence for problem in formula_schedule_problems(formula)}
    assert "Een weekschema loopt elke week." in found["every"]
    assert "na 20 uur" in found["ends"]


def test_a_moment_is_aware_and_in_utc() -> None:
    starts_at = dates_of(WEDNESDAYS)[0][0]
    assert starts_at == datetime.fromisoformat("2027-01-06T12:30:00+00:00")
