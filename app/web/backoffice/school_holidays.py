"""Back office: the list of school holidays, which formulas can leave out (D7)."""

from itertools import groupby

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response
from wtforms import StringField

from app.activities.holidays import (
    HolidayData,
    add_school_year,
    all_holidays,
    fill_coming_school_years,
    get_holiday,
    holiday_problems,
    next_school_year,
    remove_holiday,
    save_holiday,
    school_year_of,
    year_words,
)
from app.activities.models import SchoolHoliday
from app.activities.problems import ActivityRefused
from app.web.access import Access, allow
from app.web.backoffice import backoffice
from app.web.form_problems import show_problems
from app.web.forms import Form, Required
from app.web.moment_fields import DayField
from app.web.pages import page


class HolidayForm(Form):
    """One holiday; the last day is empty for a single day."""

    name = StringField("Naam", [Required("Geef de vakantie een naam.")])
    first_day = DayField("Eerste dag", [Required("Kies de eerste dag.")])
    last_day = DayField("Laatste dag")

    def read(self) -> HolidayData:
        """What was filled in; all of it is readable."""
        first = self.first_day.data
        return HolidayData(self.name.data or "", first, self.last_day.data or first)


@backoffice.get("/instellingen/schoolvakanties")
@allow(Access.ADMIN)
def school_holidays() -> Response:
    """The list by school year; this year and the next are filled in by themselves."""
    fill_coming_school_years()
    return _list(HolidayForm(formdata=None))


@backoffice.post("/instellingen/schoolvakanties")
@allow(Access.ADMIN)
def add_school_holiday() -> Response:
    """Add a holiday, as a free day of the schools here."""
    form = HolidayForm()
    if not _saved(form, None):
        return _list(form, failed=True)
    flash(f"‘{form.name.data}’ staat in de lijst.", "success")
    return redirect(url_for(".school_holidays"), 303)


@backoffice.post("/instellingen/schoolvakanties/aanvullen")
@allow(Access.ADMIN)
def fill_in_school_year() -> Response:
    """Compute the holidays of the school year after the last one."""
    year = next_school_year()
    count = add_school_year(year)
    flash(f"Schooljaar {year_words(year)}: {count} vakanties en vrije dagen erbij.", "success")
    return redirect(url_for(".school_holidays"), 303)


@backoffice.get("/instellingen/schoolvakanties/<int:holiday_id>")
@allow(Access.ADMIN)
def school_holiday(holiday_id: int) -> Response:
    """One holiday, to change or to remove."""
    found = _found(holiday_id)
    return _one(found, HolidayForm(formdata=None, obj=found))


@backoffice.post("/instellingen/schoolvakanties/<int:holiday_id>")
@allow(Access.ADMIN)
def save_school_holiday(holiday_id: int) -> Response:
    """Change a holiday; activities that exist stay as they are."""
    found, form = _found(holiday_id), HolidayForm()
    if not _saved(form, holiday_id):
        return _one(found, form, failed=True)
    flash(f"‘{form.name.data}’ is bewaard.", "success")
    return redirect(url_for(".school_holidays"), 303)


@backoffice.post("/instellingen/schoolvakanties/<int:holiday_id>/verwijderen")
@allow(Access.ADMIN)
def remove_school_holiday(holiday_id: int) -> Response:
    """Take a holiday off the list."""
    name = _found(holiday_id).name
    remove_holiday(holiday_id)
    flash(f"‘{name}’ staat niet meer in de lijst.", "success")
    return redirect(url_for(".school_holidays"), 303)


def _saved(form: HolidayForm, holiday_id: int | None) -> bool:
    """Whether it was kept; else the form says why not."""
    if not form.validate():
        if form.first_day.data is not None and not form.last_day.errors:
            problems = [one for one in holiday_problems(form.read()) if not form[one.field].errors]
            show_problems(form, problems)
        return False
    try:
        save_holiday(holiday_id, form.read())
    except ActivityRefused as refused:
        show_problems(form, refused.problems)
        return False
    return True


def _list(form: HolidayForm, *, failed: bool = False) -> Response:
    by_year = groupby(all_holidays(), key=lambda item: school_year_of(item.first_day))
    return page(
        "backoffice/school_holidays.html",
        forms=[form] if failed else (),
        form=form,
        years=[(year_words(year), list(items)) for year, items in by_year],
        next_year=year_words(next_school_year()),
    )


def _one(found: SchoolHoliday, form: HolidayForm, *, failed: bool = False) -> Response:
    return page(
        "backoffice/school_holiday.html",
        forms=[form] if failed else (),
        form=form,
        holiday=found,
    )


def _found(holiday_id: int) -> SchoolHoliday:
    return get_holiday(holiday_id) or abort(404)
