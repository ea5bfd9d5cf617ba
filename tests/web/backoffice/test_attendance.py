"""Attendance lists: who sees which, and that none shows a price or a benefit (R6)."""

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.activities.models import Activity, Module
from app.activities.monitors import assign_monitors
from app.activities.registering import age_on
from app.activities.schedule import Opening, WeeklySchedule, written_schedule
from app.clock import local, now, today
from app.extensions import db, end_read, write_transaction
from app.people.models import Account
from app.sales.models import LineKind, LineState, Order, OrderLine, OrderState
from app.settings.models import AuditEntry
from tests.making import days_from_now, make_activity, make_customer, make_person, make_type
from tests.queries import count_queries
from tests.sales.conftest import SOCIAL, Family
from tests.spreadsheets import lines_of, sheet_of, texts_of
from tests.web.backoffice.staff_client import post, signed_in
from tests.web.shop.steps import choose, finish, orders, take_benefit, text_of

PHONE = "0470 11 22 33"
TELLS_OF_MONEY = ("€", "uitpas", "kansentarief", "coupon", "voordeel", "prijs", "tarief", "betaal")


def list_of(activity: Activity, ending: str = "") -> str:
    return f"/beheer/activiteiten/{activity.id}/aanwezigheid{ending}"


def account_id(email: str) -> int:
    found = db.session.scalars(select(Account.id).where(Account.email == email)).one()
    end_read()
    return found


def register(activity: Activity, name: str, **fields: object) -> OrderLine:
    """A line of a confirmed order of a family with a telephone; for many at once."""
    with write_transaction() as session:
        customer = make_customer(phone=PHONE)
        person = make_person(customer, name)
        order = Order(
            number=f"2026-{person.id}",
            customer_id=customer.id,
            contact_name="Sofie Peeters",
            state=fields.pop("order_state", OrderState.CONFIRMED),
            confirmed_at=now(),
        )
        line = OrderLine(
            line_ref=f"ref{person.id}",
            activity_id=activity.id,
            pool_id=activity.pools[0].id,
            person_id=person.id,
            participant_name=person.name,
            category_name="Basistarief",
            regular_price=Decimal("60.00"),
            price=Decimal("12.00"),
            **fields,
        )
        order.lines = [line]
        session.add(order)
        session.flush()
        return line


@pytest.fixture
def with_benefit(parent: FlaskClient, camp: Activity, family: Family) -> Activity:
    """Mira with a social tariff and Tuur without, in one camp."""
    with write_transaction():
        family.customer.phone = PHONE
    choose(parent, camp, family.mira, family.tuur, uitpas="ja")
    take_benefit(parent)
    finish(parent)
    assert {line.benefit_kind is not None for line in orders()[-1].lines} == {True, False}
    return camp


class TestTheList:
    @pytest.mark.parametrize("role", ["admin", "cashier", "monitor"])
    def test_it_shows_name_age_and_telephone_and_nothing_of_money_or_a_benefit(
        self, app: Flask, with_benefit: Activity, family: Family, role: str
    ) -> None:
        browser = signed_in(app, role)
        assign_monitors(with_benefit.id, [account_id(f"{role}@voorbeeld.be")])
        shown = text_of(browser.get(list_of(with_benefit)))
        listed = shown[shown.index("2 deelnemers") : shown.index("Afdrukken")]
        born = family.mira.birth_date
        age = age_on(born, local(with_benefit.first_start).date())
        assert f"Mira Peeters {age} {PHONE}" in listed
        assert f"Tuur Peeters {age} {PHONE}" in listed
        for word in TELLS_OF_MONEY:
            assert word not in listed.lower(), word
        assert SOCIAL not in shown.replace(" ", "")

    def test_children_with_and_without_a_benefit_look_alike_in_page_and_files(
        self, app: Flask, with_benefit: Activity
    ) -> None:
        admin = signed_in(app, "admin")
        page = admin.get(list_of(with_benefit)).get_data(as_text=True)
        body = page[page.index("<tbody>") : page.index("</tbody>")]
        mira, tuur = (part.split("</tr>")[0] for part in body.split("<tr>")[1:])
        assert mira.replace("Mira", "X") == tuur.replace("Tuur", "X")
        lines = lines_of(admin.get(list_of(with_benefit, "/export.csv")))
        assert lines[0] == ["Naam", "Leeftijd", "Telefoon", "Aanwezig"]
        assert [row[1:] for row in lines[1:]] == [lines[1][1:]] * 2
        assert texts_of(admin.get(list_of(with_benefit, "/export.xlsx")))[1][0] == "Mira Peeters"
        kinds = [
            entry.detail["soort"]
            for entry in db.session.scalars(
                select(AuditEntry).where(AuditEntry.action == "aanwezigheidslijst geëxporteerd")
            )
        ]
        assert kinds == ["csv", "xlsx"], "who took a list is written down"

    def test_who_cancelled_or_waits_is_not_on_it(self, app: Flask) -> None:
        camp = make_activity("Kamp")
        register(camp, "Lou")
        register(camp, "Weg", state=LineState.CANCELLED)
        register(camp, "Wacht", order_state=OrderState.OPEN)
        register(camp, "Nooit", order_state=OrderState.LAPSED)
        shown = text_of(signed_in(app, "cashier").get(list_of(camp)))
        assert "1 deelnemer" in shown and "Lou Peeters" in shown
        assert not any(name in shown for name in ("Weg Peeters", "Wacht Peeters", "Nooit"))
        assert "1 inschrijving is nog niet bevestigd" in shown
        monitor = signed_in(app, "monitor")
        assign_monitors(camp.id, [account_id("monitor@voorbeeld.be")])
        assert "nog niet bevestigd" not in text_of(monitor.get(list_of(camp)))

    def test_the_day_can_be_chosen_and_the_age_is_that_of_the_day(self, app: Flask) -> None:
        birthday = today() + timedelta(days=20)
        camp = make_activity(
            "Kamp",
            dates=[(days_from_now(n), days_from_now(n, 16)) for n in (-5, 10, 30)],
        )
        line = register(camp, "Lou")
        with write_transaction():
            line.person.birth_date = date(birthday.year - 8, birthday.month, min(birthday.day, 28))
        cashier = signed_in(app, "cashier")
        past, first, second = camp.dates
        assert f'value="{first.id}" selected' in cashier.get(list_of(camp)).get_data(as_text=True)
        later = cashier.get(list_of(camp), query_string={"datum": second.id})
        assert f"Lou Peeters 8 {PHONE}" in text_of(later)
        earlier = cashier.get(list_of(camp), query_string={"datum": past.id})
        assert f"Lou Peeters 7 {PHONE}" in text_of(earlier)
        assert cashier.get(list_of(camp), query_string={"datum": "onzin"}).status_code == 200

    def test_a_date_that_does_not_go_on_says_so_and_is_not_shown_first(self, app: Flask) -> None:
        camp = make_activity(
            "Kamp", dates=[(days_from_now(n), days_from_now(n, 16)) for n in (3, 10)]
        )
        with write_transaction():
            camp.dates[0].cancelled_at = now()
        cashier = signed_in(app, "cashier")
        page = cashier.get(list_of(camp)).get_data(as_text=True)
        assert f'value="{camp.dates[1].id}" selected' in page and "(gaat niet door)" in page
        cancelled = cashier.get(list_of(camp), query_string={"datum": camp.dates[0].id})
        assert "Deze datum gaat niet door zoals gepland." in text_of(cancelled)

    def test_each_open_day_of_a_weekly_schedule_has_a_list(self, app: Flask) -> None:
        camp = make_activity("Speelplein")
        register(camp, "Lou")
        schedule = WeeklySchedule(
            today(),
            today() + timedelta(days=9),
            (Opening((0, 1, 2, 3, 4, 5, 6), time(9), time(16)),),
        )
        with write_transaction():
            camp.schedule, camp.dates = written_schedule(schedule), []
        day = (today() + timedelta(days=4)).isoformat()
        answer = signed_in(app, "cashier").get(list_of(camp), query_string={"datum": day})
        assert f'value="{day}" selected' in answer.get_data(as_text=True)
        assert "Lou Peeters" in text_of(answer) and "9 tot 16 uur" in text_of(answer)

    def test_a_ticket_is_for_one_date(self, app: Flask) -> None:
        show = make_activity(
            "Film",
            activity_type=make_type(module=Module.TICKETING),
            dates=[(days_from_now(n), days_from_now(n, 16)) for n in (3, 10)],
        )
        register(show, "Lou", kind=LineKind.TICKET, date_id=show.dates[0].id)
        register(show, "Bo", kind=LineKind.TICKET, date_id=show.dates[1].id)
        shown = text_of(signed_in(app, "cashier").get(list_of(show)))
        assert "Lou Peeters" in shown and "Bo Peeters" not in shown

    def test_nobody_yet_and_no_date_yet_are_no_trouble(self, app: Flask) -> None:
        camp = make_activity("Kamp")
        admin = signed_in(app, "admin")
        assert "Nog niemand" in text_of(admin.get(list_of(camp)))
        with write_transaction():
            camp.dates, camp.first_start, camp.last_end = [], None, None
        assert "nog zonder datum" in text_of(admin.get(list_of(camp)))
        assert admin.get(list_of(camp, "/export.csv")).status_code == 404

    def test_a_guest_and_a_removed_child_stand_on_it_by_name(self, app: Flask) -> None:
        camp = make_activity("Kamp")
        line = register(camp, "Lou")
        with write_transaction():
            line.person_id, line.order.customer_id = None, None
        assert "Lou Peeters – –" in text_of(signed_in(app, "cashier").get(list_of(camp)))

    def test_a_name_that_looks_like_a_formula_is_none(self, app: Flask) -> None:
        camp = make_activity("Kamp")
        register(camp, "=HYPERLINK(1)")
        admin = signed_in(app, "admin")
        assert lines_of(admin.get(list_of(camp, "/export.csv")))[1][0].startswith("'=")
        cells = sheet_of(admin.get(list_of(camp, "/export.xlsx")))[1]
        assert cells[0] == ("s", "=HYPERLINK(1) Peeters")
        assert admin.get(list_of(camp, "/export.pdf")).status_code == 404

    def test_more_people_cost_no_more_queries(self, app: Flask) -> None:
        camp = make_activity("Kamp")
        register(camp, "Lou")
        admin = signed_in(app, "admin")

        def queries(address: str) -> int:
            with count_queries() as sent:
                assert admin.get(address).status_code == 200
            return len(sent)

        pages = [list_of(camp), list_of(camp, "/export.csv")]
        few = [queries(address) for address in pages]
        for number in range(12):
            register(camp, f"Kind {number}")
        end_read()
        assert [queries(address) for address in pages] == few


class TestMonitors:
    def test_a_monitor_sees_the_lists_of_given_activities_and_no_other(self, app: Flask) -> None:
        mine, other = make_activity("Zwemkamp"), make_activity("Kookkamp")
        register(mine, "Lou")
        register(other, "Bo")
        monitor = signed_in(app, "monitor")
        assert monitor.get(list_of(mine)).status_code == 404
        assert "Nog geen activiteiten voor jou" in text_of(monitor.get("/beheer/aanwezigheid"))
        admin = signed_in(app, "admin")
        key = account_id("monitor@voorbeeld.be")
        assert "Hanne Lindewater" in text_of(admin.get(list_of(mine)))
        post(admin, f"/beheer/activiteiten/{mine.id}/monitoren", {"id": [str(key)]})
        overview = text_of(monitor.get("/beheer/aanwezigheid"))
        assert "Zwemkamp" in overview and "Kookkamp" not in overview
        assert "Lou Peeters" in text_of(monitor.get(list_of(mine)))
        assert monitor.get(list_of(other)).status_code == 404
        entry = db.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "monitoren toegewezen")
        ).one()
        assert entry.subject_label == "Zwemkamp"
        post(admin, f"/beheer/activiteiten/{mine.id}/monitoren", {})
        assert monitor.get(list_of(mine)).status_code == 404

    def test_only_monitors_are_given_activities(self, app: Flask) -> None:
        camp = make_activity("Zwemkamp")
        signed_in(app, "cashier")
        admin = signed_in(app, "admin")
        key = account_id("cashier@voorbeeld.be")
        post(admin, f"/beheer/activiteiten/{camp.id}/monitoren", {"id": [str(key), "x", "999"]})
        assert not db.session.scalar(
            select(AuditEntry.id).where(AuditEntry.action == "monitoren toegewezen")
        )
        assert post(admin, "/beheer/activiteiten/999/monitoren", {}).status_code == 404

    @pytest.mark.parametrize("role", ["cashier", "monitor"])
    def test_only_admins_export_and_give_activities(self, app: Flask, role: str) -> None:
        camp = make_activity("Zwemkamp")
        register(camp, "Lou")
        browser = signed_in(app, role)
        assign_monitors(camp.id, [account_id(f"{role}@voorbeeld.be")])
        assert browser.get(list_of(camp, "/export.csv")).status_code == 403
        assert post(browser, f"/beheer/activiteiten/{camp.id}/monitoren").status_code == 403
        shown = text_of(browser.get(list_of(camp)))
        assert "exporteer" not in shown and "Wie ziet deze lijst" not in shown

    def test_cashiers_and_admins_see_what_comes_within_two_weeks(self, app: Flask) -> None:
        for title, days in (("Straks", 5), ("Later", 20), ("Voorbij", -3)):
            make_activity(title, dates=[(days_from_now(days), days_from_now(days, 16))])
        shown = text_of(signed_in(app, "cashier").get("/beheer/aanwezigheid"))
        assert "Straks" in shown and "Later" not in shown and "Voorbij" not in shown
