"""The list of school holidays: filled in by itself, changed by hand."""

from flask import Flask
from sqlalchemy import select

from app.activities.holidays import computed_holidays, school_year_of, year_words
from app.activities.models import SchoolHoliday
from app.clock import today
from app.extensions import db
from tests.web.backoffice.staff_client import post, signed_in
from tests.web.reading import error_at, text, value_of

URL = "/beheer/instellingen/schoolvakanties"


def rows() -> list[SchoolHoliday]:
    return list(db.session.scalars(select(SchoolHoliday).order_by(SchoolHoliday.first_day)))


def test_this_school_year_and_the_next_one_stand_there(app: Flask) -> None:
    admin = signed_in(app, "admin")
    page = text(admin.get(URL))
    year = school_year_of(today())
    assert f"Schooljaar {year_words(year)}" in page
    assert f"Schooljaar {year_words(year + 1)}" in page
    assert len(rows()) == len(computed_holidays(year)) + len(computed_holidays(year + 1))
    admin.get(URL)
    assert len(rows()) == len(computed_holidays(year)) + len(computed_holidays(year + 1))


def test_one_more_school_year_is_filled_in_at_a_press(app: Flask) -> None:
    admin = signed_in(app, "admin")
    admin.get(URL)
    year = school_year_of(today()) + 2
    assert f"Vul schooljaar {year_words(year)} aan" in text(admin.get(URL))
    assert post(admin, f"{URL}/aanvullen").status_code == 303
    assert school_year_of(rows()[-1].first_day) == year


def test_a_free_day_is_added_changed_and_removed(app: Flask) -> None:
    admin = signed_in(app, "admin")
    added = post(admin, URL, {"name": "Kermis", "first_day": "2027-09-13", "last_day": ""})
    assert added.status_code == 303
    (found,) = rows()
    one = f"{URL}/{found.id}"
    assert found.first_day == found.last_day
    page = admin.get(one)
    assert value_of(page, "first_day") == "2027-09-13"
    changed = {"name": "Kermis", "first_day": "2027-09-13", "last_day": "2027-09-14"}
    assert post(admin, one, changed).status_code == 303
    assert rows()[0].last_day.isoformat() == "2027-09-14"
    assert post(admin, f"{one}/verwijderen").status_code == 303
    assert rows() == []
    assert admin.get(one).status_code == 404


def test_each_mistake_is_said_at_its_field_and_what_was_typed_stays(app: Flask) -> None:
    admin = signed_in(app, "admin")
    early = {"name": "", "first_day": "2027-09-13", "last_day": "2027-09-12"}
    answer = post(admin, URL, early)
    assert answer.status_code == 422
    assert error_at(answer, "name") == "Geef de vakantie een naam."
    assert "vanaf maandag 13 september 2027" in error_at(answer, "last_day")
    assert value_of(answer, "last_day") == "2027-09-12"
    assert "Kies de eerste dag." in error_at(post(admin, URL, {"name": "x"}), "first_day")


def test_it_stands_in_the_menu_for_admins_alone(app: Flask) -> None:
    assert URL in text(signed_in(app, "admin").get("/beheer/"))
    cashier = signed_in(app, "cashier")
    assert URL not in text(cashier.get("/beheer/"))
    assert cashier.get(URL).status_code == 403
