"""The school holidays of Flanders as the government published them, and the list of them."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.activities.holidays import (
    HolidayData,
    add_school_year,
    all_holidays,
    computed_holidays,
    fill_school_years,
    holiday_problems,
    holidays_between,
    next_school_year,
    remove_holiday,
    save_holiday,
    school_year_of,
)
from app.activities.models import SchoolHoliday
from app.activities.problems import ActivityRefused
from app.extensions import db
from app.settings.models import AuditEntry
from tests.queries import count_queries

PUBLISHED = {
    2025: {
        "Herfstvakantie": (date(2025, 10, 27), date(2025, 11, 2)),
        "Wapenstilstand": (date(2025, 11, 11), date(2025, 11, 11)),
        "Kerstvakantie": (date(2025, 12, 22), date(2026, 1, 4)),
        "Krokusvakantie": (date(2026, 2, 16), date(2026, 2, 22)),
        "Paasvakantie": (date(2026, 4, 6), date(2026, 4, 19)),
        "Dag van de Arbeid": (date(2026, 5, 1), date(2026, 5, 1)),
        "Hemelvaart": (date(2026, 5, 14), date(2026, 5, 15)),
        "Pinkstermaandag": (date(2026, 5, 25), date(2026, 5, 25)),
        "Zomervakantie": (date(2026, 7, 1), date(2026, 8, 31)),
    },
    2026: {
        "Herfstvakantie": (date(2026, 11, 2), date(2026, 11, 8)),
        "Wapenstilstand": (date(2026, 11, 11), date(2026, 11, 11)),
        "Kerstvakantie": (date(2026, 12, 21), date(2027, 1, 3)),
        "Krokusvakantie": (date(2027, 2, 8), date(2027, 2, 14)),
        "Paasvakantie": (date(2027, 3, 29), date(2027, 4, 11)),
        "Dag van de Arbeid": (date(2027, 5, 1), date(2027, 5, 1)),
        "Hemelvaart": (date(2027, 5, 6), date(2027, 5, 7)),
        "Pinkstermaandag": (date(2027, 5, 17), date(2027, 5, 17)),
        "Zomervakantie": (date(2027, 7, 1), date(2027, 8, 31)),
    },
    2027: {
        "Herfstvakantie": (date(2027, 11, 1), date(2027, 11, 7)),
        "Wapenstilstand": (date(2027, 11, 11), date(2027, 11, 11)),
        "Kerstvakantie": (date(2027, 12, 27), date(2028, 1, 9)),
        "Krokusvakantie": (date(2028, 2, 28), date(2028, 3, 5)),
        "Paasvakantie": (date(2028, 4, 3), date(2028, 4, 17)),
        "Dag van de Arbeid": (date(2028, 5, 1), date(2028, 5, 1)),
        "Hemelvaart": (date(2028, 5, 25), date(2028, 5, 26)),
        "Pinkstermaandag": (date(2028, 6, 5), date(2028, 6, 5)),
        "Zomervakantie": (date(2028, 7, 1), date(2028, 8, 31)),
    },
}


@pytest.mark.parametrize("year", list(PUBLISHED))
def test_the_rules_give_the_holidays_that_were_published(year: int) -> None:
    computed = {item.name: (item.first_day, item.last_day) for item in computed_holidays(year)}
    assert computed == PUBLISHED[year]


@pytest.mark.parametrize("year", range(2020, 2060))
def test_holidays_follow_one_another_within_their_school_year(year: int) -> None:
    found = computed_holidays(year)
    assert all(item.first_day <= item.last_day for item in found)
    for one, following in zip(found, found[1:], strict=False):
        assert one.last_day < following.first_day
    assert {school_year_of(item.first_day) for item in found} == {year}
    easter_monday = [item for item in found if item.name == "Paasvakantie"]
    assert easter_monday[0].first_day.weekday() == 0


class TestTheList:
    def test_school_years_that_are_asked_for_are_filled_in_once(self, app: Flask) -> None:
        found = holidays_between(date(2027, 1, 6), date(2027, 3, 24))
        assert [item.name for item in found] == ["Krokusvakantie"]
        before = db.session.scalar(select(func.count()).select_from(SchoolHoliday))
        holidays_between(date(2027, 1, 6), date(2027, 3, 24))
        assert db.session.scalar(select(func.count()).select_from(SchoolHoliday)) == before

    def test_a_list_that_is_complete_costs_two_queries(self, app: Flask) -> None:
        holidays_between(date(2027, 1, 6), date(2028, 3, 24))
        with count_queries() as sent:
            holidays_between(date(2027, 1, 6), date(2028, 3, 24))
        assert len(sent) == 2

    def test_a_period_over_the_summer_reaches_into_both_school_years(self, app: Flask) -> None:
        names = [item.name for item in holidays_between(date(2027, 6, 1), date(2027, 11, 3))]
        assert names == ["Zomervakantie", "Herfstvakantie"]

    def test_what_was_changed_by_hand_is_not_computed_again(self, app: Flask) -> None:
        fill_school_years((2026,))
        (carnival,) = [item for item in all_holidays() if item.name == "Krokusvakantie"]
        save_holiday(
            carnival.id, HolidayData("Krokusvakantie", date(2027, 2, 8), date(2027, 2, 12))
        )
        assert fill_school_years((2026,)) == []
        (found,) = holidays_between(date(2027, 2, 1), date(2027, 2, 28))
        assert found.last_day == date(2027, 2, 12)

    def test_the_next_school_year_follows_the_last_one_of_the_list(self, app: Flask) -> None:
        fill_school_years((2026, 2027))
        assert next_school_year() == 2028
        assert add_school_year(2028) == len(computed_holidays(2028))
        assert add_school_year(2028) == 0
        assert next_school_year() == 2029

    def test_adding_and_removing_stand_in_the_audit_trail(self, app: Flask) -> None:
        added = save_holiday(None, HolidayData("Kermis", date(2027, 9, 13), date(2027, 9, 13)))
        remove_holiday(added)
        assert all_holidays() == []
        actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert actions == ["schoolvakantie bewaard", "schoolvakantie verwijderd"]

    def test_the_same_holiday_cannot_stand_there_twice(self, app: Flask) -> None:
        data = HolidayData("Kermis", date(2027, 9, 13), date(2027, 9, 13))
        save_holiday(None, data)
        with pytest.raises(ActivityRefused) as refused:
            save_holiday(None, data)
        assert [problem.field for problem in refused.value.problems] == ["name"]


@pytest.mark.parametrize(
    ("data", "field", "sentence"),
    [
        (HolidayData(" ", date(2027, 9, 13), date(2027, 9, 13)), "name", "een naam"),
        (HolidayData("x" * 101, date(2027, 9, 13), date(2027, 9, 13)), "name", "100 tekens"),
        (HolidayData("Kermis", date(2027, 9, 13), date(2027, 9, 12)), "last_day", "vanaf maandag"),
        (HolidayData("Kermis", date(2027, 9, 13), date(2028, 9, 12)), "last_day", "100 dagen"),
    ],
)
def test_each_mistake_is_said_at_its_field(
    app: Flask, data: HolidayData, field: str, sentence: str
) -> None:
    (problem,) = holiday_problems(data)
    assert problem.field == field
    assert sentence in problem.sentence
