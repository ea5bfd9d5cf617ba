"""A location that was not found is made, chosen, and nothing typed is lost (D1)."""

from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from app.extensions import db, write_transaction
from app.settings.models import PubliqCall
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.profiles import profile_of, profile_of_type
from tests.making import make_activity, make_type
from tests.signing_in import make_account, post, sign_in
from tests.uitdatabank.support import BOOMHUT, connect, fault, no_faults, place_id
from tests.web.backoffice.test_uit_profiles import filled, tab
from tests.web.reading import error_at, text, value_of

URL = "/beheer/uitdatabank/locaties/nieuw"
NEW = {
    "name": "Schuur van Mia",
    "street": "Akkerweg 12",
    "postal_code": "9995",
    "locality": "Zonnewende",
    "kind": "OyaPaf64AEmEAYXHeLMAtA",
}


@pytest.fixture
def admin(client):
    connect()
    make_account("beheer@loket.be", ["admin"])
    sign_in(client, "beheer@loket.be")
    return client


def at(activity):
    return f"{URL}?terug={tab(activity)}"


def made_posts():
    return db.session.scalar(
        select(func.count()).select_from(PubliqCall).where(PubliqCall.operation == "place-post")
    )


def test_the_button_saves_first_and_the_made_place_is_chosen(admin):
    activity = make_activity()
    typed = filled(location="Schuur van Mia", location_id="", doe="nieuwe-locatie")
    answer = post(admin, tab(activity), typed)
    assert answer.status_code == 303
    assert profile_of(activity).description == "Een week buiten.", "saved before going"
    target = urlsplit(answer.location)
    assert target.path == URL and parse_qs(target.query)["naam"] == ["Schuur van Mia"]
    page = admin.get(answer.location)
    assert "We bewaarden eerst wat je invulde." in text(page)
    assert value_of(page, "name") == "Schuur van Mia" and value_of(page, "postal_code") == "9995"
    done = post(admin, answer.location, NEW)
    assert done.status_code == 303 and done.location == tab(activity)
    kept = profile_of(activity)
    assert kept.location_name == "Schuur van Mia"
    assert kept.location_address == "Akkerweg 12, 9995 Zonnewende"
    assert kept.description == "Een week buiten." and kept.organizer_id
    assert "is gemaakt in UiTdatabank en is gekozen als locatie." in text(admin.get(tab(activity)))


def test_what_cannot_be_saved_is_said_before_going(admin):
    activity = make_activity()
    typed = filled(location="Schuur", location_id="", link_email="x", doe="nieuwe-locatie")
    answer = post(admin, tab(activity), typed)
    assert answer.status_code == 422 and error_at(answer, "link_email")


def test_the_place_is_chosen_for_a_type_too(admin):
    kind = make_type()
    back = f"/beheer/activiteittypes/{kind.id}/uitdatabank"
    done = post(admin, f"{URL}?terug={back}", NEW)
    assert done.location == back
    assert profile_of_type(kind).location_name == "Schuur van Mia"


@pytest.mark.parametrize("back", ["", "https://elders.example", "//elders.example", "/beheer/x"])
def test_without_a_tab_to_go_back_to_the_place_is_made_all_the_same(admin, back):
    done = post(admin, f"{URL}?terug={back}", NEW)
    assert done.status_code == 303 and done.location == "/beheer/activiteittypes"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 91}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"street": ""}, "street"),
        ({"street": "x" * 201}, "street"),
        ({"postal_code": "Gent"}, "postal_code"),
        ({"locality": ""}, "locality"),
        ({"kind": "iets"}, "kind"),
    ],
)
def test_bad_input_is_said_at_its_field_and_nothing_is_sent(admin, changes, field):
    answer = post(admin, at(make_activity()), {**NEW, **changes})
    assert answer.status_code == 422 and error_at(answer, field)
    if field != "street":
        assert value_of(answer, "street") == "Akkerweg 12"
    assert made_posts() == 0


def test_an_existing_one_is_offered_and_can_be_chosen(admin):
    activity = make_activity()
    answer = post(admin, at(activity), {**NEW, "name": BOOMHUT, "street": "Kastanjelaan 8"})
    assert "In deze postcode staat al een locatie met deze naam." in text(answer)
    assert f'name="location_id" value="{place_id()}"' in text(answer) and made_posts() == 0
    another = post(
        admin, at(activity), {**NEW, "name": BOOMHUT, "street": "Kastanjelaan 8", "doe": "toch"}
    )
    assert "Deze locatie staat al in UiTdatabank." in text(another), "publiq says so itself"
    chosen = {**NEW, "doe": "kies", "location_id": place_id()}
    assert post(admin, at(activity), chosen).location == tab(activity)
    assert profile_of(activity).location_name == BOOMHUT


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ("", "Kies een van de locaties."),
        ("onzin", "Kies een van de locaties."),
        ("11111111-2222-4333-8444-555555555555", "Deze locatie bestaat niet meer"),
    ],
)
def test_a_choice_that_is_none_is_refused(admin, chosen, sentence):
    activity = make_activity()
    answer = post(admin, at(activity), {**NEW, "doe": "kies", "location_id": chosen})
    assert answer.status_code == 422 and sentence in text(answer)
    assert profile_of(activity).location_id == ""


def test_a_choice_while_publiq_is_away_is_kept_for_later(admin, sandbox_url):
    fault(sandbox_url, "io", "plat", count=9)
    answer = post(admin, at(make_activity()), {**NEW, "doe": "kies", "location_id": place_id()})
    assert answer.status_code == 422 and "UiTdatabank antwoordt nu niet." in text(answer)
    assert value_of(answer, "name") == "Schuur van Mia"


def test_a_lost_answer_is_told_and_the_next_press_finds_the_place(admin, sandbox_url):
    activity = make_activity()
    fault(sandbox_url, "POST /places", "antwoord-kwijt")
    fault(sandbox_url, "GET /places", "plat", count=99)
    answer = post(admin, at(activity), {**NEW, "doe": "toch"})
    assert "Wacht een minuut en probeer dan opnieuw" in text(answer)
    assert "/beheer/oproepen/" in text(answer) and value_of(answer, "name") == NEW["name"]
    no_faults(sandbox_url)
    again = post(admin, at(activity), NEW)
    assert "In deze postcode staat al een locatie met deze naam." in text(again)
    assert made_posts() == 1


def test_publiq_being_away_keeps_what_was_typed(admin, sandbox_url):
    admin.get(at(make_activity()))
    fault(sandbox_url, "alles", "plat", count=99)
    answer = post(admin, at(make_activity()), NEW)
    assert answer.status_code == 422
    assert "UiTdatabank antwoordt nu niet." in text(answer)
    assert value_of(answer, "locality") == "Zonnewende"


def test_the_page_is_for_admins_and_goes_with_the_module(admin, app):
    desk = app.test_client()
    make_account("kassa@loket.be", ["cashier"])
    sign_in(desk, "kassa@loket.be")
    assert desk.get(URL).status_code == 403
    with write_transaction():
        uit_settings_for_update().uitdatabank_on = False
    assert admin.get(URL).status_code == 404
    assert post(admin, URL, NEW).status_code == 404
