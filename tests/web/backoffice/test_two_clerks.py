"""Two clerks on one tab Algemeen: both versions per field, what was typed stays, save again."""

import re
from datetime import time, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.activities.editing import get_activity
from app.activities.models import Activity, ActivityState
from app.activities.schedule import Opening, WeeklySchedule, written_schedule
from app.activities.types import get_type
from app.clock import today
from app.extensions import write_transaction
from app.uitdatabank.editing import change_state
from tests.making import make_activity, make_type
from tests.signing_in import make_account, post, sign_in
from tests.web.reading import shown_form, text, value_of


def browser(app: Flask, email: str, first_name: str) -> FlaskClient:
    make_account(email, ["admin"], first_name=first_name, last_name="Janssens")
    client = app.test_client()
    sign_in(client, email)
    return client


@pytest.fixture
def an(app: Flask) -> FlaskClient:
    return browser(app, "an@gemeente.example", "An")


@pytest.fixture
def bob(app: Flask) -> FlaskClient:
    return browser(app, "bob@gemeente.example", "Bob")


def page_of(activity: Activity) -> str:
    return f"/beheer/activiteiten/{activity.id}"


def versions(answer: TestResponse) -> dict[str, tuple[str, str]]:
    """What the page sets beside each other: by field, the colleague's and one's own."""
    assert answer.status_code == 422
    table = answer.get_data(as_text=True).split('class="vl-table vl-versions"')[1]
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", table.split("</table>")[0], re.S)[1:]:
        name = re.search(r'href="#([\w-]+)"', row)
        cells = re.findall(r'<span class="vl-mailtext">(.*?)</span>', row, re.S)
        found[name[1]] = tuple(cell.replace("\xa0", " ") for cell in cells)
    return found


def test_the_second_clerk_sees_both_versions_of_each_field_and_may_save_again(
    an: FlaskClient, bob: FlaskClient
) -> None:
    made = make_activity("Boskamp", capacity=10, prices=[("Basistarief", "60.00", ())])
    url = page_of(made)
    first, second = shown_form(an.get(url)), shown_form(bob.get(url))
    first |= {"title": "Bos van An", "min_age": "6", "prices-0-price": "50", "capacity": "12"}
    del first["publish_in_uit"]
    second |= {"title": "Bos van Bob", "max_age": "9", "prices-0-price": "70", "state": "draft"}
    second |= {"dates-0-ends": "17:00", "opens_on": "2027-01-04", "opens_at": "09:30"}
    assert post(an, url, first).status_code == 303
    answer = post(bob, url, second)
    assert "An Janssens bewaarde dit tabblad intussen" in text(answer)
    assert "Een collega bewaarde deze activiteit terwijl je bezig was." in text(answer)
    both = versions(answer)
    assert both["title"] == ("Bos van An", "Bos van Bob")
    assert both["capacity"] == ("12", "10")
    assert both["min_age"] == ("6 jaar", "(leeg)")
    assert both["max_age"] == ("(leeg)", "9 jaar")
    assert both["publish_in_uit"] == ("uit", "aan")
    assert both["state"] == ("Online", "Concept")
    assert both["prices"] == ("Basistarief: € 50,00", "Basistarief: € 70,00")
    assert both["opens_on"] == ("(leeg)", "ma 4 jan 2027 om 9.30 uur")
    assert "9 tot 16 uur" in both["dates"][0] and "9 tot 17 uur" in both["dates"][1]
    assert set(both) == {
        *("title", "capacity", "min_age", "max_age", "publish_in_uit"),
        *("state", "prices", "opens_on", "dates"),
    }
    for name in both:
        assert f'id="{name}"' in answer.get_data(as_text=True), f"{name} leads nowhere"
    kept = get_activity(made.id)
    assert kept.title == "Bos van An" and kept.version == 2, "nothing of the second is saved yet"
    again = shown_form(answer)
    for name in set(second) - {"version", "prices-0-price"}:
        assert again[name] == second[name], f"what was typed in {name} stays"
    assert again["prices-0-price"] in ("70", "70,00")
    assert post(bob, url, again | {"capacity": "12"}).status_code == 303
    kept = get_activity(made.id)
    assert (kept.title, kept.max_age, kept.state) == ("Bos van Bob", 9, ActivityState.DRAFT)
    assert kept.pools[0].capacity == 12


def test_a_field_that_both_left_alone_is_not_shown_and_the_colleagues_version_is_a_link_away(
    an: FlaskClient, bob: FlaskClient
) -> None:
    made = make_activity("Boskamp")
    url = page_of(made)
    second = shown_form(bob.get(url)) | {"title": "Bos van Bob"}
    post(an, url, shown_form(an.get(url)) | {"title": "Bos van An"})
    answer = post(bob, url, second)
    assert set(versions(answer)) == {"title"}
    assert f'href="{url}">Neem de versie van je collega over</a>' in text(answer)
    assert value_of(bob.get(url), "title") == "Bos van An"


def test_who_typed_just_what_a_colleague_saved_reads_so(an: FlaskClient, bob: FlaskClient) -> None:
    made = make_activity("Boskamp")
    url = page_of(made)
    second = shown_form(bob.get(url)) | {"title": "Zelfde titel"}
    post(an, url, shown_form(an.get(url)) | {"title": "Zelfde titel"})
    answer = post(bob, url, second)
    assert "Wat jij invulde, is hetzelfde als wat er nu staat." in text(answer)
    assert post(bob, url, shown_form(answer)).status_code == 303


def test_what_a_colleague_cancelled_meanwhile_is_said(an: FlaskClient, bob: FlaskClient) -> None:
    made = make_activity("Boskamp")
    url = page_of(made)
    second = shown_form(bob.get(url)) | {"title": "Bos van Bob"}
    post(an, f"{url}/annuleren", {"reason": "Te weinig begeleiders"})
    answer = post(bob, url, second)
    assert "An Janssens bewaarde" in text(answer) and "Reden: Te weinig begeleiders" in text(answer)
    assert versions(answer) == {"title": ("Boskamp", "Bos van Bob")}


def test_of_a_weekly_schedule_both_versions_stand_there_too(
    an: FlaskClient, bob: FlaskClient
) -> None:
    week = WeeklySchedule(
        today(), today() + timedelta(days=60), (Opening((2,), time(14), time(16)),)
    )
    made = make_activity("Zwemmen", schedule=written_schedule(week))
    with write_transaction() as session:
        session.get_one(Activity, made.id).dates = []
    url = page_of(made)
    second = shown_form(bob.get(url)) | {"openings-0-closes": "17:30"}
    first = shown_form(an.get(url)) | {"openings-0-closes": "18:00"}
    assert post(an, url, first).status_code == 303
    answer = post(bob, url, second)
    both = versions(answer)
    assert set(both) == {"schedule"}
    assert "14 tot 18 uur" in both["schedule"][0] and "14 tot 17.30 uur" in both["schedule"][1]
    assert 'id="schedule"' in answer.get_data(as_text=True)
    assert post(bob, url, shown_form(answer)).status_code == 303


def test_a_change_of_state_beside_the_form_is_a_difference_too(bob: FlaskClient) -> None:
    made = make_activity("Boskamp", state=ActivityState.DRAFT)
    url = page_of(made)
    typed = shown_form(bob.get(url)) | {"title": "Bos van Bob"}
    change_state(made.id, ActivityState.ONLINE)
    both = versions(post(bob, url, typed))
    assert both["state"] == ("Online", "Concept") and both["title"] == ("Boskamp", "Bos van Bob")


def test_two_clerks_on_one_activity_type_see_both_versions(
    an: FlaskClient, bob: FlaskClient
) -> None:
    kind = make_type("Kampen")
    url = f"/beheer/activiteittypes/{kind.id}"
    first, second = shown_form(an.get(url)), shown_form(bob.get(url))
    first |= {"name": "Kampen van An", "prices-0-price": "50", "poster": "sport"}
    second |= {"name": "Kampen van Bob", "refund_after_percent": "25", "default_capacity": "30"}
    assert post(an, url, first).status_code == 303
    answer = post(bob, url, second)
    assert "An Janssens bewaarde dit tabblad intussen" in text(answer)
    assert "Een collega bewaarde dit activiteittype" in text(answer)
    both = versions(answer)
    assert both["name"] == ("Kampen van An", "Kampen van Bob")
    assert both["prices"] == ("Basistarief: € 50,00", "Basistarief: € 60,00")
    assert both["poster"] == ("Sport", "Spelen")
    assert both["refund_after_percent"] == ("0 %", "25 %")
    assert both["default_capacity"] == ("20", "30")
    assert len(both) == 5
    assert get_type(kind.id).name == "Kampen van An"
    again = shown_form(answer)
    assert again["name"] == "Kampen van Bob" and again["default_capacity"] == "30"
    assert post(bob, url, again).status_code == 303
    assert get_type(kind.id).name == "Kampen van Bob"


def test_saving_a_type_twice_by_oneself_is_no_conflict(an: FlaskClient) -> None:
    kind = make_type("Kampen")
    url = f"/beheer/activiteittypes/{kind.id}"
    for name in ("Eerst", "Daarna"):
        assert post(an, url, shown_form(an.get(url)) | {"name": name}).status_code == 303
    assert get_type(kind.id).name == "Daarna"
