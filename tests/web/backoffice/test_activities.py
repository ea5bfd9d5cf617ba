"""The pages of activities, through requests: overview, making, changing, cancelling (C1, D11)."""

import html
import re
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.activities.editing import get_activity
from app.activities.models import Activity, ActivityState
from app.clock import from_local
from app.extensions import db
from tests.making import make_activity, make_type
from tests.signing_in import make_account, post, sign_in
from tests.web.reading import error_at, text, value_of

GOOD = {
    "title": "Winterbos-kamp",
    "capacity": "12",
    "min_age": "6",
    "max_age": "10",
    "dates-0-known_id": "",
    "dates-0-day": "2027-03-03",
    "dates-0-starts": "09:00",
    "dates-0-ends": "16:00",
    "dates-0-ends_on": "",
    "prices-0-known_id": "",
    "prices-0-name": "Basis",
    "prices-0-price": "60",
    "prices-0-postal_codes": "",
    "opens_on": "",
    "opens_at": "",
    "closes_on": "",
    "closes_at": "",
    "publish_in_uit": "y",
    "state": "draft",
}


@pytest.fixture
def admin(app: Flask, client: FlaskClient) -> FlaskClient:
    make_account("beheer@gemeente.example", ["admin"])
    sign_in(client, "beheer@gemeente.example")
    return client


@pytest.fixture
def cashier(app: Flask, client: FlaskClient) -> FlaskClient:
    make_account("kassa@gemeente.example", ["cashier"])
    sign_in(client, "kassa@gemeente.example")
    return client


def post_new(client: FlaskClient, **changes: Any) -> TestResponse:
    kind = make_type()
    data = {**GOOD, **{name.replace("__", "-"): value for name, value in changes.items()}}
    return post(client, f"/beheer/activiteiten/nieuw?type={kind.id}", data)


def only_activity() -> Activity:
    return get_activity(db.session.scalars(select(Activity.id)).one())


class TestMaking:
    def test_the_first_step_is_the_type_and_the_form_is_filled_from_it(
        self, admin: FlaskClient
    ) -> None:
        kind = make_type(
            "Sportkamp",
            default_capacity=17,
            min_age=8,
            prices=[("Inwoners", "45.50", ["9000", "9030"])],
        )
        choice = admin.get("/beheer/activiteiten/nieuw")
        assert f"/beheer/activiteiten/nieuw?type={kind.id}" in text(choice)
        form = admin.get(f"/beheer/activiteiten/nieuw?type={kind.id}")
        assert value_of(form, "capacity") == "17"
        assert value_of(form, "min_age") == "8"
        assert value_of(form, "prices-0-price") == "45,50"
        assert value_of(form, "prices-0-postal_codes") == "9000, 9030"

    def test_what_was_filled_in_is_kept(self, admin: FlaskClient) -> None:
        answer = post_new(
            admin,
            opens_on="2027-01-04",
            opens_at="9:30",
            closes_on="2027-02-28",
            prices__0__price="12,5",
        )
        assert answer.status_code == 303
        made = only_activity()
        assert (made.title, made.min_age, made.max_age) == ("Winterbos-kamp", 6, 10)
        assert made.first_start == from_local(date(2027, 3, 3), time(9))
        assert made.registration_opens_at == from_local(date(2027, 1, 4), time(9, 30))
        assert made.registration_closes_at == from_local(date(2027, 2, 28), time(23, 59))
        assert made.price_categories[0].price == Decimal("12.50")
        assert made.pools[0].capacity == 12
        assert made.state is ActivityState.DRAFT

    def test_summer_and_winter_time_both_show_the_hour_that_was_typed(
        self, admin: FlaskClient
    ) -> None:
        post_new(
            admin,
            **{
                "dates-0-day": "2027-03-27",
                "dates-1-day": "28/03/2027",
                "dates-1-starts": "9u00",
                "dates-1-ends": "16.00",
            },
        )
        made = only_activity()
        assert [item.starts_at.hour for item in made.dates] == [8, 7]
        page = admin.get(f"/beheer/activiteiten/{made.id}")
        assert value_of(page, "dates-0-starts") == value_of(page, "dates-1-starts") == "09:00"

    def test_an_end_after_midnight_is_the_next_day(self, admin: FlaskClient) -> None:
        post_new(admin, dates__0__starts="20:00", dates__0__ends="01:30")
        assert only_activity().last_end == from_local(date(2027, 3, 4), time(1, 30))

    def test_an_hour_that_the_clock_skips_is_refused(self, admin: FlaskClient) -> None:
        answer = post_new(admin, dates__0__day="2027-03-28", dates__0__starts="02:30")
        assert "bestaat niet" in error_at(answer, "dates-0-starts")


MISTAKES = [
    ("title", " ", "title", "Geef de activiteit een titel."),
    ("dates-0-day", "31/02/2027", "dates-0-day", "31 februari 2027 bestaat niet."),
    ("dates-0-day", "2027-02-31", "dates-0-day", "31 februari 2027 bestaat niet."),
    ("dates-0-day", "morgen", "dates-0-day", "Typ een datum"),
    ("dates-0-ends_on", "2027-03-02", "dates-0-ends_on", "Kies een datum vanaf 3 maart 2027."),
    ("dates-0-ends", "08:00", "dates-0-ends", "Het einduur valt voor het beginuur."),
    ("dates-0-starts", "25:00", "dates-0-starts", "Typ een uur"),
    ("prices-0-price", "12,345", "prices-0-price", "hoogstens twee cijfers na de komma"),
    ("prices-0-price", "-1", "prices-0-price", "niet onder nul"),
    ("prices-0-price", "abc", "prices-0-price", "Typ een bedrag in euro"),
    ("prices-0-price", "1.250,00", "prices-0-price", "Typ een bedrag in euro"),
    ("prices-0-price", "", "prices-0-price", "0 voor gratis"),
    ("prices-0-postal_codes", "9000, 90001", "prices-0-postal_codes", "vier cijfers"),
    ("capacity", "0", "capacity", "van 1 tot 100.000"),
    ("capacity", "veel", "capacity", "Typ een geheel getal"),
    ("max_age", "5", "max_age", "De maximumleeftijd is lager dan de minimumleeftijd."),
    ("opens_at", "09:00", "opens_on", "Kies ook de dag."),
]


@pytest.mark.parametrize(("name", "typed", "field_id", "sentence"), MISTAKES)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(
    admin: FlaskClient, name: str, typed: str, field_id: str, sentence: str
) -> None:
    kind = make_type()
    url = f"/beheer/activiteiten/nieuw?type={kind.id}"
    answer = post(admin, url, {**GOOD, name: typed})
    assert answer.status_code == 422
    assert sentence in error_at(answer, field_id)
    assert value_of(answer, name) == typed.strip()
    for other in ("title", "capacity", "dates-0-day", "prices-0-name", "prices-0-price"):
        if other != name:
            assert value_of(answer, other) in {GOOD[other], "60,00"}
    assert f'href="#{field_id}"' in answer.get_data(as_text=True)
    assert db.session.scalars(select(Activity.id)).all() == []


def test_several_mistakes_are_said_at_once(admin: FlaskClient) -> None:
    answer = post_new(
        admin, title="", prices__0__price="abc", dates__0__ends_on="2027-03-01", max_age="3"
    )
    for field_id in ("title", "prices-0-price", "dates-0-ends_on", "max_age"):
        assert error_at(answer, field_id)


class TestRows:
    def test_a_date_is_added_without_javascript_and_what_was_typed_stays(
        self, admin: FlaskClient
    ) -> None:
        answer = post_new(admin, add_date="1", title="Halfweg", prices__0__price="abc")
        assert answer.status_code == 200
        assert value_of(answer, "title") == "Halfweg"
        assert value_of(answer, "prices-0-price") == "abc"
        assert value_of(answer, "dates-0-day") == "2027-03-03"
        assert value_of(answer, "dates-1-day") == ""
        assert value_of(answer, "dates-1-starts") == "09:00"

    def test_the_row_that_is_taken_away_is_the_one_pointed_at(self, admin: FlaskClient) -> None:
        second = {"dates-1-day": "2027-03-04", "dates-1-starts": "10:00", "dates-1-ends": "11:00"}
        answer = post_new(admin, remove_date="0", **second)
        assert value_of(answer, "dates-0-day") == "2027-03-04"
        assert "dates-1-day" not in text(answer)

    def test_htmx_gets_the_rows_alone(self, admin: FlaskClient) -> None:
        kind = make_type()
        answer = post(
            admin,
            f"/beheer/activiteiten/nieuw?type={kind.id}",
            {**GOOD, "add_price": "1"},
            headers={"HX-Request": "true"},
        )
        assert answer.get_data(as_text=True).lstrip().startswith("<section")
        assert value_of(answer, "prices-1-name") == ""

    def test_without_any_row_the_page_says_what_is_missing(self, admin: FlaskClient) -> None:
        kind = make_type()
        data = {name: value for name, value in GOOD.items() if "-0-" not in name}
        answer = post(admin, f"/beheer/activiteiten/nieuw?type={kind.id}", data)
        assert error_at(answer, "dates") == "Voeg minstens één datum toe."
        assert error_at(answer, "prices") == "Voeg minstens één prijscategorie toe."


def form_of(client: FlaskClient, activity: Activity) -> dict[str, str]:
    """What a browser would send back of the form as it stands."""
    page = client.get(f"/beheer/activiteiten/{activity.id}").get_data(as_text=True)
    main = page[page.index("<main") :]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", main):
        name = re.search(r'name="([^"]*)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="(\w+)"', tag)
        if not name or name.group(1) == "csrf_token":
            continue
        if kind and kind.group(1) in {"radio", "checkbox"} and " checked" not in tag:
            continue
        sent[name.group(1)] = html.unescape(value.group(1)) if value else ""
    return sent


class TestChanging:
    def test_saving_the_form_as_it_stands_changes_nothing(self, admin: FlaskClient) -> None:
        made = make_activity(
            registration_opens_at=from_local(date(2027, 1, 4), time(9, 30)),
            prices=[("Inwoners", "40.00", ["9000"]), ("Basis", "60.00", [])],
            min_age=6,
        )
        before = (made.first_start, made.last_end, [item.id for item in made.price_categories])
        answer = post(admin, f"/beheer/activiteiten/{made.id}", form_of(admin, made))
        assert answer.status_code == 303
        after = get_activity(made.id)
        assert (
            after.first_start,
            after.last_end,
            [item.id for item in after.price_categories],
        ) == before
        assert after.registration_opens_at == from_local(date(2027, 1, 4), time(9, 30))
        assert after.state is ActivityState.ONLINE
        assert after.version == 2

    def test_a_capacity_below_what_is_taken_says_how_many_are_needed(
        self, admin: FlaskClient
    ) -> None:
        made = make_activity(capacity=10, taken=7)
        data = {**form_of(admin, made), "capacity": "6", "title": "Nieuwe titel"}
        answer = post(admin, f"/beheer/activiteiten/{made.id}", data)
        assert answer.status_code == 422
        assert "Kies 7 of meer" in error_at(answer, "capacity")
        assert value_of(answer, "title") == "Nieuwe titel"

    def test_the_second_clerk_is_told_loses_nothing_and_may_save_again(
        self, admin: FlaskClient
    ) -> None:
        made = make_activity()
        first = {**form_of(admin, made), "title": "Van de eerste"}
        second = {**form_of(admin, made), "title": "Van de tweede"}
        url = f"/beheer/activiteiten/{made.id}"
        assert post(admin, url, first).status_code == 303
        answer = post(admin, url, second)
        assert answer.status_code == 422
        assert "Een collega bewaarde deze activiteit" in text(answer)
        assert value_of(answer, "title") == "Van de tweede"
        again = {**second, "version": value_of(answer, "version")}
        assert post(admin, url, again).status_code == 303
        assert get_activity(made.id).title == "Van de tweede"

    def test_putting_online_is_a_choice_of_the_form(self, admin: FlaskClient) -> None:
        made = make_activity(state=ActivityState.DRAFT)
        post(admin, f"/beheer/activiteiten/{made.id}", {**form_of(admin, made), "state": "online"})
        assert get_activity(made.id).state is ActivityState.ONLINE

    def test_an_unknown_activity_is_not_found(self, admin: FlaskClient) -> None:
        assert admin.get("/beheer/activiteiten/999").status_code == 404


class TestCancelling:
    def test_cancelling_explains_asks_a_reason_and_can_be_taken_back(
        self, admin: FlaskClient
    ) -> None:
        made = make_activity(taken=3)
        url = f"/beheer/activiteiten/{made.id}/annuleren"
        assert "Er zijn 3 plaatsen ingenomen of vastgehouden" in text(admin.get(url))
        refused = post(admin, url, {"reason": " "})
        assert error_at(refused, "reason") == "Schrijf waarom de activiteit niet doorgaat."
        assert post(admin, url, {"reason": "Te weinig begeleiders"}).status_code == 303
        page = admin.get(f"/beheer/activiteiten/{made.id}")
        assert "Reden: Te weinig begeleiders" in text(page)
        assert get_activity(made.id).pools[0].taken == 3
        post(admin, f"/beheer/activiteiten/{made.id}/hervatten")
        assert get_activity(made.id).state is ActivityState.DRAFT


class TestRoles:
    def test_a_cashier_sees_overview_and_page_and_changes_nothing(
        self, cashier: FlaskClient
    ) -> None:
        made = make_activity()
        overview = text(cashier.get("/beheer/activiteiten"))
        assert "Winterbos-kamp" in overview
        assert "Nieuwe activiteit" not in overview
        page = text(cashier.get(f"/beheer/activiteiten/{made.id}"))
        assert "Basistarief" in page
        assert 'name="title"' not in page
        url = f"/beheer/activiteiten/{made.id}"
        assert post(cashier, url, GOOD).status_code == 403
        assert post(cashier, f"{url}/annuleren", {"reason": "x"}).status_code == 403
        assert cashier.get("/beheer/activiteiten/nieuw").status_code == 403
        assert cashier.get("/beheer/activiteittypes").status_code == 403
