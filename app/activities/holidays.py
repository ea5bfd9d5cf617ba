"""The school holidays of Flanders: computed by the rules of the decree, kept as a list (D7).

The list is the municipality's: it is filled by computation and can be changed by hand.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dateutil.easter import easter
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.activities.formula import Holiday
from app.activities.models import SchoolHoliday
from app.activities.problems import ActivityRefused, Problem
from app.clock import today
from app.extensions import _t, db, write_transaction
from app.formats import long_day
from app.settings.audit import record

WEEK = timedelta(days=6)
TWO_WEEKS = timedelta(days=13)
ONE_DAY = timedelta(days=1)
LONGEST = timedelta(days=100)
"""A holiday that lasts longer is a slip of the keyboard; summer has 62 days."""
MOST_SCHOOL_YEARS = 12
"""So many school years ahead are filled in by themselves."""
FIRST_MONTH = 9


@dataclass(frozen=True)
class HolidayData:
    """One holiday as filled in; both days count."""

    name: str
    first_day: date
    last_day: date


def school_year_of(day: date) -> int:
    """The year in which the school year of a day began, on 1 September."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def school_year_days(year: int) -> tuple[date, date]:
    """The first and the last day of the school year that begins in that year."""
    return date(year, FIRST_MONTH, 1), date(year + 1, FIRST_MONTH, 1) - ONE_DAY


def computed_holidays(year: int) -> list[Holiday]:
    """The holidays of the school year that begins in that year, by the rules of the decree.

    Single free days that fall in a longer holiday are not named apart.
    """
    spring, day_of_easter = year + 1, easter(year + 1)
    holidays = [
        _weeks("Herfstvakantie", _monday_of(date(year, 11, 1), late=(6,)), WEEK),
        _weeks("Kerstvakantie", _monday_of(date(year, 12, 25), late=(5, 6)), TWO_WEEKS),
        _weeks("Krokusvakantie", day_of_easter - timedelta(days=48), WEEK),
        _easter_holiday(day_of_easter),
        Holiday("Zomervakantie", date(spring, 7, 1), date(spring, 8, 31)),
    ]
    ascension = day_of_easter + timedelta(days=39)
    for single in (
        Holiday("Wapenstilstand", date(year, 11, 11), date(year, 11, 11)),
        Holiday("Hemelvaart", ascension, ascension + ONE_DAY),
        _one_day("Pinkstermaandag", day_of_easter + timedelta(days=50)),
        _one_day("Dag van de Arbeid", date(spring, 5, 1)),
    ):
        if not any(item.first_day <= single.first_day <= item.last_day for item in holidays):
            holidays.append(single)
    return sorted(holidays, key=lambda item: item.first_day)


def holidays_between(first: date, last: date) -> tuple[Holiday, ...]:
    """The holidays of the list that touch these days, in order.

    School years that the list does not know yet are filled in first. Not inside a transaction.
    """
    years = range(school_year_of(first), school_year_of(last) + 1)[:MOST_SCHOOL_YEARS]
    fill_school_years(years)
    found = db.session.scalars(
        select(SchoolHoliday)
        .where(SchoolHoliday.last_day >= first, SchoolHoliday.first_day <= last)
        .order_by(SchoolHoliday.first_day)
    )
    return tuple(Holiday(item.name, item.first_day, item.last_day) for item in found)


def fill_school_years(years: Sequence[int]) -> list[int]:
    """Compute the holidays of those school years of which none is known; returns which.

    One query when there is nothing to do. May be called as often as one likes.
    """
    if not _missing(db.session(), years):
        return []
    try:
        with write_transaction() as session:
            missing = _missing(session, years)
            for year in missing:
                session.add_all(_row(item) for item in computed_holidays(year))
            session.flush()
    except IntegrityError:  # a colleague's page did the same at this moment
        return []
    return missing


def fill_coming_school_years() -> list[int]:
    """This school year and the next one; returns which were missing."""
    year = school_year_of(today())
    return fill_school_years((year, year + 1))


def next_school_year() -> int:
    """The first school year after the last one of the list."""
    last = db.session.scalar(
        select(SchoolHoliday.first_day).order_by(SchoolHoliday.first_day.desc()).limit(1)
    )
    return school_year_of(last or today()) + (1 if last else 0)


def add_school_year(year: int) -> int:
    """Fill in a school year; returns how many holidays were added (none where some are known)."""
    with write_transaction() as session:
        if not _missing(session, (year,)):
            return 0
        rows = [_row(item) for item in computed_holidays(year)]
        session.add_all(rows)
        record(
            "schoolvakanties aangevuld", subject_kind="schooljaar", subject_label=year_words(year)
        )
        return len(rows)


def all_holidays() -> list[SchoolHoliday]:
    """The whole list, in the order of the calendar."""
    return list(
        db.session.scalars(
            select(SchoolHoliday).order_by(SchoolHoliday.first_day, SchoolHoliday.name)
        )
    )


def get_holiday(holiday_id: int) -> SchoolHoliday | None:
    """One holiday of the list."""
    return db.session.get(SchoolHoliday, holiday_id)


def save_holiday(holiday_id: int | None, data: HolidayData) -> int:
    """Change a holiday, or add one where the id is None; returns its id.

    Raises ActivityRefused, LookupError.
    """
    problems = holiday_problems(data)
    if problems:
        raise ActivityRefused(problems)
    with write_transaction() as session:
        found = session.get(SchoolHoliday, holiday_id) if holiday_id else SchoolHoliday()
        if found is None:
            raise LookupError(f"no school holiday {holiday_id}")
        with session.no_autoflush:
            twin = session.scalar(
                select(SchoolHoliday.id).where(
                    SchoolHoliday.name == data.name.strip(),
                    SchoolHoliday.first_day == data.first_day,
                    SchoolHoliday.id != (holiday_id or 0),
                )
            )
        if twin is not None:
            raise ActivityRefused([_double()])
        found.name, found.first_day, found.last_day = (
            data.name.strip(),
            data.first_day,
            data.last_day,
        )
        session.add(found)
        try:
            session.flush()
        except IntegrityError as error:  # a colleague added the same at this moment
            raise ActivityRefused([_double()]) from error
        _record("schoolvakantie bewaard", found)
        return found.id


def remove_holiday(holiday_id: int) -> None:
    """Take a holiday off the list; activities stay as they are. Raises LookupError."""
    with write_transaction() as session:
        found = session.get(SchoolHoliday, holiday_id)
        if found is None:
            raise LookupError(f"no school holiday {holiday_id}")
        _record("schoolvakantie verwijderd", found)
        session.delete(found)


def holiday_problems(data: HolidayData) -> list[Problem]:
    """What is wrong with what was filled in."""
    found = []
    if not data.name.strip():
        found.append(Problem("missing", _t("Geef de vakantie een naam."), "name"))
    elif len(data.name) > 100:
        found.append(Problem("too_long", _t("Kort de naam in tot 100 tekens."), "name"))
    if data.last_day < data.first_day:
        sentence = _t(
            "De laatste dag valt voor de eerste. Kies een dag vanaf %(day)s.",
            day=long_day(data.first_day),
        )
        found.append(Problem("order", sentence, "last_day"))
    elif data.last_day - data.first_day > LONGEST:
        sentence = _t("Een vakantie duurt hoogstens 100 dagen. Kies een vroegere laatste dag.")
        found.append(Problem("range", sentence, "last_day"))
    return found


def year_words(year: int) -> str:
    """'2026-2027'."""
    return f"{year}-{year + 1}"


def _monday_of(day: date, late: tuple[int, ...]) -> date:
    """The Monday of the week of a day; on one of the weekdays ``late``, the Monday after."""
    monday = day - ONE_DAY * day.weekday()
    return monday + ONE_DAY * 7 if day.weekday() in late else monday


def _easter_holiday(day_of_easter: date) -> Holiday:
    """Two weeks from the first Monday of April, moved where Easter is in March or late in April.

    Easter Monday belongs to it where it follows at once.
    """
    if day_of_easter.month == 3:
        first = day_of_easter + ONE_DAY
    elif day_of_easter.day > 15:
        first = day_of_easter - ONE_DAY * 13
    else:
        april = date(day_of_easter.year, 4, 1)
        first = april + ONE_DAY * (-april.weekday() % 7)
    last = max(first + TWO_WEEKS, day_of_easter + ONE_DAY)
    return Holiday("Paasvakantie", first, last)


def _weeks(name: str, first: date, length: timedelta) -> Holiday:
    return Holiday(name, first, first + length)


def _one_day(name: str, day: date) -> Holiday:
    return Holiday(name, day, day)


def _missing(session: Session, years: Sequence[int]) -> list[int]:
    """Those of the school years of which the list knows no holiday; one query."""
    if not years:
        return []
    first, last = school_year_days(min(years))[0], school_year_days(max(years))[1]
    known = session.scalars(
        select(SchoolHoliday.first_day).where(SchoolHoliday.first_day.between(first, last))
    )
    present = {school_year_of(day) for day in known}
    return [year for year in years if year not in present]


def _row(item: Holiday) -> SchoolHoliday:
    return SchoolHoliday(name=item.name, first_day=item.first_day, last_day=item.last_day)


def _double() -> Problem:
    sentence = _t("Deze vakantie staat al in de lijst. Kies een andere naam of een andere dag.")
    return Problem("double", sentence, "name")


def _record(action: str, found: SchoolHoliday) -> None:
    record(
        action,
        subject_kind="schoolvakantie",
        subject_id=found.id,
        subject_label=f"{found.name}, {long_day(found.first_day)}",
    )
