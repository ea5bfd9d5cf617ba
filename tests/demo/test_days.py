"""The demo's calendar follows the Flemish school year, whatever the day on which it begins."""

from datetime import date, timedelta

import pytest

from app.activities.editing import activity_data_problems
from app.clock import local
from app.demo.catalogue import KINDS
from app.demo.days import Camp, bank_holidays, easter_sunday, holiday_weeks
from app.demo.programme import ITEMS, _data


@pytest.mark.parametrize(
    ("year", "easter"),
    [(2024, (3, 31)), (2025, (4, 20)), (2026, (4, 5)), (2027, (3, 28)), (2038, (4, 25))],
)
def test_easter_falls_where_the_church_says(year: int, easter: tuple[int, int]) -> None:
    assert easter_sunday(year) == date(year, *easter)


def test_the_school_holidays_of_2026_and_2027_are_those_of_the_flemish_government() -> None:
    weeks = holiday_weeks(date(2026, 11, 3))
    assert weeks[:5] == [
        date(2026, 12, 21),
        date(2026, 12, 28),
        date(2027, 2, 8),
        date(2027, 3, 29),
        date(2027, 4, 5),
    ]


def test_a_camp_takes_no_bank_holidays() -> None:
    for number in range(0, 400, 7):
        begin = date(2026, 1, 1) + timedelta(days=number)
        for week in range(3):
            days = [local(starts_at).date() for starts_at, _ends_at in Camp(week).spans(begin)]
            assert 3 <= len(days) <= 4
            assert not any(day in bank_holidays(day.year) for day in days)


def test_every_activity_can_be_made_on_any_day_of_the_year() -> None:
    kinds = {kind.data.name: kind for kind in KINDS}
    for number in range(0, 370, 5):
        begin = date(2026, 1, 1) + timedelta(days=number)
        for item in ITEMS:
            data = _data(item, kinds[item.kind], begin)
            assert activity_data_problems(data) == [], (begin, item.title)
            closes = data.registration_closes_at
            assert closes is not None
            if "balkon" not in item.title:
                assert local(closes).date() > begin, (begin, item.title)
