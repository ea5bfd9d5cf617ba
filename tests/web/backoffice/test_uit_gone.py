"""Locations and organizers that publiq no longer has, replaced from one page (D13)."""

import re

import pytest
import requests
from sqlalchemy import update

from app.clock import now
from app.extensions import write_transaction
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.checking import check_with_publiq
from app.uitdatabank.links import link_of
from app.uitdatabank.models import ReferenceKind, ReferenceState, UitProfile, UitReference
from app.uitdatabank.publishing import publish
from app.uitdatabank.sweeping import publish_due_items
from tests.uitdatabank.support import (
    BOOMHUT,
    connect,
    event_at_publiq,
    fault,
    organizer_id,
    place_id,
    ready_activity,
)
from tests.web.backoffice.staff_client import post, signed_in
from tests.web.backoffice.test_uit_profiles import profile
from tests.web.reading import text, value_of

LIST = "/beheer/uitdatabank/verdwenen"
LORK = "Sporthal De Lork"


@pytest.fixture
def admin(app):
    connect()
    return signed_in(app, "admin")


def lose(sandbox_url, **fields):
    """Somebody at UiTdatabank does this to the location, and the night passes."""
    address = f"{sandbox_url}/sandbox/locaties/{place_id()}"
    assert requests.post(address, json=fields, timeout=10).status_code == 200
    with write_transaction() as session:
        session.execute(update(UitReference).values(checked_at=now().replace(year=2020)))
    check_with_publiq()


def one(kind="locatie", publiq_id=None):
    return f"{LIST}/{kind}/{publiq_id or place_id()}"


def test_with_nothing_gone_it_says_so(admin):
    ready_activity()
    check_with_publiq()
    assert "Niets verdwenen" in text(admin.get(LIST))
    assert admin.get(one()).status_code == 404


def test_the_dashboard_names_what_is_gone(admin, sandbox_url):
    ready_activity()
    assert "verdwenen" not in text(admin.get("/beheer/"))
    lose(sandbox_url, action="delete")
    shown = text(admin.get("/beheer/"))
    assert "1 locatie is verdwenen bij UiTdatabank" in shown
    assert f"{BOOMHUT}. Vervang ze in één keer overal, dan kan je weer publiceren." in shown


def test_a_merged_location_is_replaced_by_its_successor_in_one_press(admin, sandbox_url):
    published, other = ready_activity("Kamp A"), ready_activity("Kamp B")
    publish(published.id)
    lose(sandbox_url, action="merge", into=place_id(LORK))
    shown = text(admin.get(LIST))
    assert f"Samengevoegd met {LORK}" in shown and "2 activiteiten, waarvan 1 gepubliceerd" in shown
    assert f"Vervang overal door {LORK}" in shown
    answer = post(admin, one(), {"doe": "opvolger"}, follow_redirects=True)
    assert f"‘{BOOMHUT}’ is vervangen door ‘{LORK}’ in 2 activiteiten." in text(answer)
    assert "1 activiteit is al gepubliceerd." in text(answer)
    assert "Publiceer deze activiteit" in text(answer)
    assert profile(published).location_name == profile(other).location_name == LORK
    assert "Niets verdwenen" in text(admin.get(LIST))


def test_what_was_published_is_published_again_in_one_press(admin, sandbox_url):
    published, other = ready_activity("Kamp A"), ready_activity("Kamp B")
    ready_activity("Kamp C")
    publish(published.id)
    publish(other.id)
    lose(sandbox_url, action="merge", into=place_id(LORK))
    answer = post(admin, one(), {"doe": "opvolger"})
    assert "Publiceer deze 2 activiteiten" in text(answer)
    ids = re.findall(r'name="id" value="(\d+)"', text(answer))
    assert ids == [str(published.id), str(other.id)]
    assert post(admin, "/beheer/publicaties", {"id": ids}).status_code == 303
    publish_due_items()
    for activity in (published, other):
        event = event_at_publiq(sandbox_url, link_of(activity.id).event_id)
        assert event["location"]["@id"].endswith(place_id(LORK))


def test_another_location_is_searched_where_the_one_that_is_gone_was(admin, sandbox_url):
    ready_activity()
    with write_transaction() as session:
        uit_settings_for_update().default_postal_code = "9000"
        session.execute(update(UitProfile).values(postal_code="9995"))
    lose(sandbox_url, action="delete")
    assert value_of(admin.get(one()), "postal_code") == "9995"


def test_a_deleted_location_is_replaced_by_another_that_is_searched(admin, sandbox_url):
    activity = ready_activity()
    lose(sandbox_url, action="delete")
    assert "bestaat niet meer" in text(admin.get(f"/beheer/activiteiten/{activity.id}/uitdatabank"))
    page = text(admin.get(one()))
    assert "1 activiteit" in page and 'value="9995"' in page
    found = post(admin, one(), {"zoek": "location", "location": "lork", "postal_code": "9995"})
    assert f'name="location_id" value="{place_id(LORK)}"' in found.get_data(as_text=True)
    answer = post(admin, one(), {"location_id": place_id(LORK)}, follow_redirects=True)
    assert f"is vervangen door ‘{LORK}’ in 1 activiteit." in text(answer)
    assert profile(activity).location_address == "Sportstraat 21, 9995 Zonnewende"


def test_a_gone_organizer_is_replaced_too(admin):
    activity = ready_activity()
    check_with_publiq()
    with write_transaction() as session:
        session.execute(
            update(UitReference)
            .where(UitReference.kind == ReferenceKind.ORGANIZER)
            .values(state=ReferenceState.GONE)
        )
    other = organizer_id("Jeugddienst Zonnewende")
    url = one("organisator", organizer_id())
    assert "Kies een andere organisator" in text(admin.get(url))
    searched = post(admin, url, {"zoek": "organizer", "organizer": "jeugd"})
    assert other in searched.get_data(as_text=True)
    assert post(admin, url, {"organizer_id": other}).status_code == 303
    assert profile(activity).organizer_id == other and profile(activity).organizer_is_uitpas


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ("", "Kies een locatie uit de lijst."),
        ("11111111-2222-4333-8444-555555555555", "Deze locatie bestaat niet meer"),
        ("self", "Dit is de locatie die verdween."),
    ],
)
def test_a_choice_that_cannot_be_is_said_at_its_field(admin, sandbox_url, chosen, sentence):
    activity = ready_activity()
    lose(sandbox_url, action="delete")
    chosen = place_id() if chosen == "self" else chosen
    answer = post(admin, one(), {"location_id": chosen, "location": "Zaal", "postal_code": "9995"})
    assert answer.status_code == 422 and sentence in text(answer)
    assert 'value="Zaal"' in text(answer), "nothing typed is lost"
    assert profile(activity).location_id == place_id()


def test_publiq_being_away_is_said_and_changes_nothing(admin, sandbox_url):
    activity = ready_activity()
    lose(sandbox_url, action="delete")
    fault(sandbox_url, "io", "plat", count=None)
    answer = post(admin, one(), {"location_id": place_id(LORK)})
    assert "UiTdatabank antwoordt nu niet." in text(answer)
    assert profile(activity).location_id == place_id()


def test_an_address_that_means_nothing_is_not_found(admin, sandbox_url):
    ready_activity()
    lose(sandbox_url, action="delete")
    assert admin.get(one("persoon")).status_code == 404
    assert admin.get(one("organisator")).status_code == 404
