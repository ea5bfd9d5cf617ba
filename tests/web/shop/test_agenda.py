"""What the public sees of a weekly schedule, and of what is postponed or does not go on."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar

from app.activities.editing import ActivityData
from app.activities.formula import Formula, Holiday
from app.activities.models import Activity, ActivityState, Module
from app.activities.offer import public_path
from app.activities.registering import activity_problems
from app.activities.schedule import (
    AdjustedDays,
    ClosedDays,
    Opening,
    WeeklySchedule,
    schedule_of,
    written_schedule,
)
from app.activities.series import SeriesData, SeriesKind, create_series
from app.activities.types import PriceData
from app.clock import now, today
from app.extensions import db, write_transaction
from app.formats import day, long_day
from app.mail.models import MailMessage
from tests.making import days_from_now, make_activity, make_type
from tests.sales.conftest import Family
from tests.web.shop.steps import choose, finish, lines, orders, text_of
from tests.web.shop.test_offer import make_series, titles

MONDAY = today() + timedelta(days=28 - today().weekday())
"""Four weeks ahead."""
TWO_WEEKS = MONDAY + timedelta(days=13)


def make_weekly(schedule: WeeklySchedule | None = None) -> Activity:
    """Three afternoons a week for two weeks; closed on the second Wednesday."""
    formula = Formula(
        (0, 2, 4),
        time(13, 30),
        time(17),
        MONDAY,
        TWO_WEEKS,
        holidays=(Holiday("Verlof", MONDAY + timedelta(days=9), MONDAY + timedelta(days=9)),),
    )
    data = ActivityData(
        title="Speelplein",
        dates=(),
        prices=(PriceData("Basis", Decimal("20.00")),),
        capacity=30,
        state=ActivityState.ONLINE,
    )
    made = create_series(make_type().id, SeriesData(SeriesKind.WEEKLY, formula, data))
    with write_transaction() as session:
        activity = session.get_one(Activity, made.activity_ids[0])
        if schedule is not None:
            activity.schedule = written_schedule(schedule)
            activity.first_start, activity.last_end = schedule.span()
    return activity


def put(activity: Activity, state: ActivityState, reason: str = "") -> None:
    with write_transaction() as session:
        found = session.get_one(Activity, activity.id)
        found.state, found.state_reason = state, reason


class TestWeeklySchedule:
    def test_the_card_and_the_page_say_the_weekdays_and_the_hours(
        self, app: Flask, client: FlaskClient
    ) -> None:
        activity = make_weekly()
        assert titles(client) == ["Speelplein"]
        card = text_of(client.get("/aanbod"))
        assert "elke maandag, woensdag en vrijdag van" in card
        assert "13.30 tot 17 uur" in card
        page = text_of(client.get(public_path(activity)))
        assert "elke maandag, woensdag en vrijdag van" in page
        assert "5 dagen, 13.30 tot 17 uur" in page
        assert f"Gesloten op {day(MONDAY + timedelta(days=9))} (Verlof)." in page
        assert "nog geen data" not in page

    def test_hours_that_differ_are_said_of_each_day(self, app: Flask, client: FlaskClient) -> None:
        schedule = WeeklySchedule(
            MONDAY,
            TWO_WEEKS,
            (Opening((0, 1), time(9), time(12)), Opening((2,), time(13), time(16))),
        )
        page = text_of(client.get(public_path(make_weekly(schedule))))
        assert "uren verschillen per dag" in page
        assert "Maandag: 9 tot 12 uur" in page
        assert "Woensdag: 13 tot 16 uur" in page

    def test_a_parent_registers_and_reads_it_in_the_basket_the_order_and_the_mail(
        self, parent: FlaskClient, family: Family
    ) -> None:
        activity = make_weekly()
        step = text_of(parent.get(f"{public_path(activity)}/inschrijven"))
        assert "elke maandag, woensdag en vrijdag van" in step
        assert choose(parent, activity, family.tuur).status_code == 303
        assert "elke maandag, woensdag en vrijdag van" in text_of(parent.get("/mandje"))
        finish(parent)
        (order,) = orders()
        page = text_of(parent.get(f"/mijn/bestellingen/{order.number}"))
        assert "elke maandag, woensdag en vrijdag van" in page
        mail = db.session.query(MailMessage).filter_by(kind="confirmation").one()
        assert "elke maandag, woensdag en vrijdag van" in mail.text
        assert "Gesloten op" in mail.text

    def test_the_calendar_returns_each_week_on_exactly_the_open_days(
        self, parent: FlaskClient, family: Family
    ) -> None:
        schedule = WeeklySchedule(
            MONDAY,
            MONDAY + timedelta(days=120),  # across a change of the clock, wherever today is
            (Opening((0, 2), time(9), time(12)), Opening((2,), time(13), time(16))),
            closed=(ClosedDays(MONDAY + timedelta(days=7), MONDAY + timedelta(days=13)),),
            adjusted=(
                AdjustedDays(
                    MONDAY + timedelta(days=14),
                    MONDAY + timedelta(days=20),
                    (Opening((0, 5), time(10), time(11)),),
                ),
            ),
        )
        choose(parent, make_weekly(schedule), family.tuur)
        finish(parent)
        (order,) = orders()
        answer = parent.get(f"/mijn/bestellingen/{order.number}/agenda.ics")
        events = Calendar.from_ical(answer.data).walk("VEVENT")
        assert len(events) == 4
        assert occurrences(events) == {
            (on, opening.opens, opening.closes)
            for on in schedule.open_days()
            for opening in schedule.hours_on(on)
        }


def occurrences(events: list) -> set[tuple[date, time, time]]:
    """Every time that a calendar program would show, as its clock says."""
    from dateutil.rrule import rrulestr

    found = set()
    for event in events:
        start, end = event["dtstart"].dt, event["dtend"].dt
        assert start.tzinfo.key == "Europe/Brussels"
        days = [start]
        if "rrule" in event:
            rule = event["rrule"].to_ical().decode()
            days = list(rrulestr(rule, dtstart=start))
        left_out = event.get("exdate")
        gone = {item.dt for item in left_out.dts} if left_out else set()
        found |= {(one.date(), one.time(), end.time()) for one in days if one not in gone}
    return found


class TestPostponed:
    def test_it_stays_in_the_offer_and_says_that_it_is_postponed(
        self, app: Flask, client: FlaskClient
    ) -> None:
        activity = make_activity("Vuurwerk")
        put(activity, ActivityState.POSTPONED, "Er staat te veel wind.")
        assert titles(client) == ["Vuurwerk"]
        assert "Uitgesteld" in text_of(client.get("/aanbod"))
        assert titles(client, "?vrij=1") == []
        page = text_of(client.get(public_path(activity)))
        assert "Uitgesteld" in page
        assert "Er staat te veel wind." in page
        assert "Schrijf je in" not in page

    def test_registering_is_refused_with_a_sentence_of_its_own(
        self, parent: FlaskClient, family: Family
    ) -> None:
        activity = make_activity("Vuurwerk")
        put(activity, ActivityState.POSTPONED)
        (problem,) = activity_problems(db.session.get(Activity, activity.id))
        assert problem.kind == "postponed"
        step = parent.get(f"{public_path(activity)}/inschrijven")
        assert "Deze activiteit is uitgesteld." in text_of(step)
        answer = choose(parent, activity, family.tuur)
        assert answer.status_code == 422
        assert "Deze activiteit is uitgesteld." in text_of(answer)
        assert lines() == []

    def test_a_place_that_was_held_before_is_not_ordered_any_more(
        self, parent: FlaskClient, family: Family
    ) -> None:
        activity = make_activity("Vuurwerk")
        choose(parent, activity, family.tuur)
        put(activity, ActivityState.POSTPONED)
        answer = finish(parent)
        assert answer.status_code == 422
        assert "Deze activiteit is uitgesteld." in text_of(answer)
        assert orders() == []

    @pytest.mark.parametrize("state", [ActivityState.POSTPONED, ActivityState.CANCELLED])
    def test_who_registered_reads_the_reason_and_finds_no_date_in_the_calendar(
        self, parent: FlaskClient, family: Family, state: ActivityState
    ) -> None:
        activity = make_activity("Vuurwerk")
        choose(parent, activity, family.tuur)
        finish(parent)
        put(activity, state, "Er staat te veel wind.")
        words = "Uitgesteld" if state is ActivityState.POSTPONED else "Gaat niet door"
        assert f"{words}: Er staat te veel wind." in text_of(parent.get("/mijn"))
        (order,) = orders()
        answer = parent.get(f"/mijn/bestellingen/{order.number}/agenda.ics")
        assert b"VEVENT" not in answer.data


class TestDates:
    def two_days(self, **fields: object) -> Activity:
        return make_activity(
            "Vuurwerk",
            dates=[(days_from_now(n, 9), days_from_now(n, 16)) for n in (30, 37, 44)],
            **fields,
        )

    def off(self, activity: Activity) -> None:
        """The first date does not go on, the second is postponed."""
        with write_transaction() as session:
            first, second, _third = session.get_one(Activity, activity.id).dates
            first.cancelled_at, first.status_reason = now(), "De zaal is niet vrij."
            second.postponed_at = now()

    def test_the_page_says_which_does_not_go_on_and_which_is_postponed(
        self, app: Flask, client: FlaskClient
    ) -> None:
        activity = self.two_days()
        self.off(activity)
        page = text_of(client.get(public_path(activity)))
        assert f"{day(today() + timedelta(days=30))}: gaat niet door: De zaal is niet vrij." in page
        assert f"{day(today() + timedelta(days=37))}: uitgesteld" in page
        standing = today() + timedelta(days=44)
        assert long_day(standing).rsplit(" ", 1)[0] in page
        assert "1 dag, 9 tot 16 uur" in page
        assert "Schrijf je in" in page

    def test_of_tickets_only_the_dates_that_go_on_are_listed(
        self, app: Flask, client: FlaskClient
    ) -> None:
        activity = self.two_days(activity_type=make_type(module=Module.TICKETING))
        self.off(activity)
        page = client.get(public_path(activity)).get_data(as_text=True)
        listed = page[page.index("vl-soon") :]
        assert day(today() + timedelta(days=30)) not in listed
        assert day(today() + timedelta(days=44)) in listed

    def test_the_calendar_and_the_mail_leave_out_what_does_not_go_on(
        self, parent: FlaskClient, family: Family
    ) -> None:
        activity = self.two_days()
        self.off(activity)
        choose(parent, activity, family.tuur)
        finish(parent)
        (order,) = orders()
        answer = parent.get(f"/mijn/bestellingen/{order.number}/agenda.ics")
        assert len(Calendar.from_ical(answer.data).walk("VEVENT")) == 1
        mail = db.session.query(MailMessage).filter_by(kind="confirmation").one()
        assert day(today() + timedelta(days=30)) not in mail.text
        assert f"{day(today() + timedelta(days=37))}, 9 tot 16 uur (uitgesteld)" in mail.text

    def test_one_of_a_series_that_is_postponed_stands_beside_the_others(
        self, app: Flask, client: FlaskClient
    ) -> None:
        first, _second = make_series("Zwemmen", 20, 27)
        put(first, ActivityState.POSTPONED, "Het bad is leeg.")
        page = text_of(client.get(public_path(first)))
        assert "Uitgesteld: Het bad is leeg." in page
        assert "Inschrijven voor" in page
        assert schedule_of(first) is None
