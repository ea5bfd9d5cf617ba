"""The weekly schedule on the page of an activity: rows without JavaScript, problems at fields."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.activities.editing import ActivityData, DateData, get_activity, update_activity
from app.activities.formula import Formula, Holiday
from app.activities.models import Activity
from app.activities.schedule import AdjustedDays, ClosedDays, Opening, schedule_of
from app.activities.series import SeriesData, SeriesKind
from app.activities.types import PriceData, prices_of
from app.clock import from_local
from app.uitdatabank.editing import create_series
from tests.making import make_type
from tests.signing_in import make_account, post, sign_in
from tests.web.reading import error_at, text, value_of

CARNIVAL = Holiday("Krokusvakantie", date(2027, 2, 8), date(2027, 2, 14))
FORMULA = Formula(
    (2,), time(13, 30), time(16), date(2027, 1, 6), date(2027, 3, 24), holidays=(CARNIVAL,)
)
DATA = ActivityData("Speelplein", (), (PriceData("Basis", Decimal("6.00")),), 30)


@pytest.fixture
def admin(app: Flask, client: FlaskClient) -> FlaskClient:
    make_account("beheer@gemeente.example", ["admin"])
    sign_in(client, "beheer@gemeente.example")
    return client


@pytest.fixture
def weekly(app: Flask) -> Activity:
    made = create_series(make_type().id, SeriesData(SeriesKind.WEEKLY, FORMULA, DATA))
    return get_activity(made.activity_ids[0])


SENT: dict[str, Any] = {
    "title": "Speelplein",
    "capacity": "30",
    "state": "draft",
    "publish_in_uit": "y",
    "first_day": "2027-01-06",
    "last_day": "2027-03-24",
    "openings-0-weekdays": ["2"],
    "openings-0-opens": "13:30",
    "openings-0-closes": "16:00",
    "closings-0-first_day": "2027-02-08",
    "closings-0-last_day": "2027-02-14",
    "closings-0-reason": "Krokusvakantie",
    "prices-0-name": "Basis",
    "prices-0-price": "6",
    "prices-0-postal_codes": "",
}
EXCEPTION = {
    "exceptions-0-first_day": "2027-03-03",
    "exceptions-0-last_day": "",
    "exceptions-0-opens": "10:00",
    "exceptions-0-closes": "12:00",
    "exceptions-0-reason": "Sportdag",
}


def send(client: FlaskClient, activity: Activity, **changes: Any) -> Any:
    data = {**SENT, **{name.replace("__", "-"): value for name, value in changes.items()}}
    return post(client, f"/beheer/activiteiten/{activity.id}", data)


def test_the_form_shows_the_schedule_in_place_of_dates(
    admin: FlaskClient, weekly: Activity
) -> None:
    page = admin.get(f"/beheer/activiteiten/{weekly.id}")
    assert value_of(page, "first_day") == "2027-01-06"
    assert value_of(page, "openings-0-opens") == "13:30"
    assert value_of(page, "closings-0-last_day") == "2027-02-14"
    assert "Krokusvakantie</textarea>" in text(page)
    assert "Datum toevoegen" not in text(page)


def test_saving_it_as_it_stands_changes_nothing(admin: FlaskClient, weekly: Activity) -> None:
    before = schedule_of(weekly)
    assert send(admin, weekly).status_code == 303
    assert schedule_of(get_activity(weekly.id)) == before


def test_hours_closed_days_and_adjusted_days_are_kept(admin: FlaskClient, weekly: Activity) -> None:
    answer = send(
        admin,
        weekly,
        **EXCEPTION,
        **{
            "last_day": "2027-04-02",
            "openings-1-weekdays": ["4"],
            "openings-1-opens": "9u",
            "openings-1-closes": "12:00",
            "closings-1-first_day": "2027-03-12",
            "exceptions-1-first_day": "2027-03-03",
            "exceptions-1-opens": "13:00",
            "exceptions-1-closes": "14:00",
        },
    )
    assert answer.status_code == 303
    found = get_activity(weekly.id)
    schedule = schedule_of(found)
    assert schedule.openings[1] == Opening((4,), time(9), time(12))
    assert schedule.closed[1] == ClosedDays(date(2027, 3, 12), date(2027, 3, 12))
    (adjusted,) = schedule.adjusted
    assert adjusted == AdjustedDays(
        date(2027, 3, 3),
        date(2027, 3, 3),
        (Opening((2,), time(10), time(12)), Opening((2,), time(13), time(14))),
        "Sportdag",
    )
    assert found.last_end == from_local(date(2027, 4, 2), time(12))
    page = admin.get(f"/beheer/activiteiten/{weekly.id}")
    assert value_of(page, "exceptions-1-opens") == "13:00"


MISTAKES = [
    ({"first_day": ""}, "first_day", "Kies de eerste dag."),
    ({"last_day": "2027-01-05"}, "last_day", "Kies een dag vanaf 6 januari 2027."),
    ({"last_day": "2033-01-05"}, "last_day", "hoogstens 5 jaar"),
    ({"openings-0-weekdays": []}, "openings-0-weekdays", "Duid minstens één dag"),
    ({"openings-0-opens": ""}, "openings-0-opens", "Vul het beginuur in."),
    ({"openings-0-closes": "13:30"}, "openings-0-closes", "Kies een uur na 13.30 uur."),
    ({"closings-0-first_day": ""}, "closings-0-first_day", "Kies een dag."),
    ({"closings-0-last_day": "2027-02-01"}, "closings-0-last_day", "vanaf 8 februari 2027"),
    ({"closings-0-first_day": "2027-01-05"}, "closings-0-first_day", "buiten de periode"),
    ({"closings-0-last_day": "2027-03-25"}, "closings-0-last_day", "buiten de periode"),
    ({"closings-0-reason": "x" * 1001}, "closings-0-reason", "1000 tekens"),
    (
        {"closings-0-first_day": "2027-01-06", "closings-0-last_day": "2027-03-24"},
        "last_day",
        "geen enkele dag met uren",
    ),
    (
        {
            "openings-1-weekdays": ["2", "3"],
            "openings-1-opens": "15:00",
            "openings-1-closes": "17:00",
        },
        "openings-1-opens",
        "overlappen op dezelfde dag met 13.30 tot 16 uur",
    ),
    ({**EXCEPTION, "exceptions-0-closes": "09:00"}, "exceptions-0-closes", "na 10 uur"),
    ({**EXCEPTION, "exceptions-0-weekdays": ["0"]}, "exceptions-0-weekdays", "niet in deze"),
    (
        {**EXCEPTION, "exceptions-0-first_day": "2027-04-01"},
        "exceptions-0-first_day",
        "van 6 januari 2027 tot 24 maart 2027",
    ),
    (
        {
            **EXCEPTION,
            "exceptions-1-first_day": "2027-03-01",
            "exceptions-1-last_day": "2027-03-05",
            "exceptions-1-opens": "10:00",
            "exceptions-1-closes": "12:00",
        },
        "exceptions-1-first_day",
        "overlappen met andere aangepaste dagen, vanaf woensdag 3 maart 2027",
    ),
    ({"title": ""}, "title", "Geef de activiteit een titel."),
]


@pytest.mark.parametrize(("changes", "field_id", "sentence"), MISTAKES)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(
    admin: FlaskClient, weekly: Activity, changes: dict, field_id: str, sentence: str
) -> None:
    before = schedule_of(weekly)
    answer = send(admin, weekly, **changes)
    assert answer.status_code == 422
    assert sentence in error_at(answer, field_id)
    for name, value in {**SENT, **changes}.items():
        if isinstance(value, str) and not name.endswith("reason") and name.startswith("openings"):
            assert value_of(answer, name) == value
    assert schedule_of(get_activity(weekly.id)) == before


def test_without_any_hours_the_page_says_what_is_missing(
    admin: FlaskClient, weekly: Activity
) -> None:
    data = {name: value for name, value in SENT.items() if not name.startswith("openings")}
    answer = post(admin, f"/beheer/activiteiten/{weekly.id}", data)
    assert error_at(answer, "openings") == "Voeg minstens één regel met uren toe."


class TestRows:
    def test_hours_are_added_with_those_before_and_the_boxes_stay(
        self, admin: FlaskClient, weekly: Activity
    ) -> None:
        answer = send(admin, weekly, add_opening="1", **{"openings-0-weekdays": ["1", "3"]})
        assert answer.status_code == 200
        assert value_of(answer, "openings-1-opens") == "13:30"
        page = answer.get_data(as_text=True)
        ticked = [tag for tag in page.split("<input")[1:] if "checked" in tag.split(">")[0]]
        names = [tag for tag in ticked if 'name="openings-0-weekdays"' in tag]
        assert len(names) == 2

    def test_closed_days_are_taken_away(self, admin: FlaskClient, weekly: Activity) -> None:
        answer = send(admin, weekly, remove_closing="0")
        assert "Er zijn geen gesloten dagen." in text(answer)

    def test_htmx_gets_the_schedule_alone(self, admin: FlaskClient, weekly: Activity) -> None:
        answer = post(
            admin,
            f"/beheer/activiteiten/{weekly.id}",
            {**SENT, "add_exception": "1"},
            headers={"HX-Request": "true"},
        )
        assert answer.get_data(as_text=True).lstrip().startswith("<section")
        assert value_of(answer, "exceptions-0-first_day") == ""


def test_a_cashier_reads_the_schedule(app: Flask, client: FlaskClient, weekly: Activity) -> None:
    make_account("kassa@gemeente.example", ["cashier"])
    sign_in(client, "kassa@gemeente.example")
    page = text(client.get(f"/beheer/activiteiten/{weekly.id}"))
    assert "elke woensdag van 6 januari tot 24 maart" in page
    assert "Gesloten van ma 8 feb 2027 tot en met zo 14 feb 2027 (Krokusvakantie)." in page


def test_an_activity_keeps_its_schedule_where_nothing_was_said_of_it(weekly: Activity) -> None:
    before = schedule_of(weekly)
    update_activity(weekly.id, replace(DATA, title="Anders", prices=prices_of(weekly)))
    after = get_activity(weekly.id)
    assert (after.title, schedule_of(after), after.dates) == ("Anders", before, [])
    dates = (
        DateData(from_local(date(2027, 3, 3), time(9)), from_local(date(2027, 3, 3), time(16))),
    )
    update_activity(weekly.id, replace(DATA, dates=dates, prices=prices_of(after)))
    assert get_activity(weekly.id).dates == []
