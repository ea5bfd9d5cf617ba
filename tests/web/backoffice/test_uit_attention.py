"""The list of what needs a look at UiTdatabank, and the dashboard that leads to it (D12, D14)."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.activities.models import ActivityState
from app.extensions import write_transaction
from app.settings.models import Environment
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.attention import PAGE_SIZE, Matter
from app.uitdatabank.models import EventLink, LinkState, ReferenceKind, UitReference
from app.uitdatabank.publishing import publish
from tests.making import days_from_now, make_activity, make_type
from tests.queries import count_queries
from tests.uitdatabank.support import CLUB, connect, fault, organizer_id, ready_activity
from tests.web.backoffice.staff_client import post, signed_in
from tests.web.reading import text

LIST = "/beheer/uitdatabank/nakijken"
NO_PARTNER = "gepubliceerde activiteiten zonder UiTPAS-partner"


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    connect()
    return signed_in(app, "admin")


def linked(title: str, activity: dict[str, object] | None = None, **link: object) -> int:
    """An activity with a published event of an organizer that is no partner, unless said."""
    made = make_activity(title, **(activity or {}))
    values = {
        "environment": Environment.SANDBOX,
        "state": LinkState.PUBLISHED,
        "event_id": f"event-{made.id}",
        "organizer_id": organizer_id(CLUB),
        "organizer_is_uitpas": False,
        **link,
    }
    with write_transaction() as session:
        session.add(EventLink(activity_id=made.id, **values))
    return made.id


def titles(page: TestResponse) -> list[str]:
    """The activities of the list, in its order."""
    return re.findall(r'<th scope="row"><a href="[^"]+/uitdatabank">([^<]+)<', page.text)


def test_the_list_of_who_is_no_partner_has_exactly_those_that_the_dashboard_counts(admin):
    kind = make_type()
    for number in range(7):
        linked(f"Zonder {number}", {"activity_type": kind})
    linked("Partner bij het publiceren", organizer_is_uitpas=True)
    linked("Organisator onbekend", organizer_id="")
    linked("Geannuleerd", {"state": ActivityState.CANCELLED})
    linked("Bestaat niet meer", remote_status="GONE")
    linked("Elders", environment=Environment.TEST)
    past = (days_from_now(-2, 9), days_from_now(-2, 16))
    linked("Voorbij", {"dates": [past]})
    badge = linked("Met embleem", organizer_id="embleem")
    with write_transaction() as session:
        session.add(
            UitReference(
                environment=Environment.SANDBOX,
                kind=ReferenceKind.ORGANIZER,
                publiq_id="embleem",
                is_uitpas=True,
            )
        )
    home = admin.get("/beheer/")
    assert f"7 {NO_PARTNER}" in text(home) and "Toon alle 7" in text(home)
    address = re.search(rf'href="({LIST}\?wat=geen-partner)"', home.text)
    assert address
    listed = admin.get(address[1])
    assert titles(listed) == [f"Zonder {number}" for number in range(7)]
    assert "geen UiTPAS-partner, dus is er geen kansentarief" in text(listed)
    assert badge


def test_the_list_of_failed_publications_says_why_and_counts_as_the_dashboard(admin, sandbox_url):
    for number in range(6):
        linked(f"Mislukt {number}", state=LinkState.FAILED, event_id=None, last_error="Te druk.")
    lost = ready_activity("Onzeker")
    fault(sandbox_url, "POST /events", "antwoord-kwijt")
    publish(lost.id)
    home = admin.get("/beheer/")
    assert "7 publicaties zijn niet gelukt" in text(home)
    assert f'href="{LIST}?wat=niet-gelukt"' in home.text
    listed = admin.get(f"{LIST}?wat=niet-gelukt")
    assert sorted(titles(listed)) == [*(f"Mislukt {number}" for number in range(6)), "Onzeker"]
    assert text(listed).count("Te druk.") == 6
    assert text(listed).count("Publicatie niet gelukt") >= 7


def test_everything_together_stands_in_the_list_without_filter(admin):
    linked("Zonder partner")
    linked("Mislukt", state=LinkState.FAILED, event_id=None)
    linked("Afgekeurd", remote_status="REJECTED", organizer_is_uitpas=True)
    linked("Goed", organizer_is_uitpas=True)
    assert sorted(titles(admin.get(LIST))) == ["Afgekeurd", "Mislukt", "Zonder partner"]


def test_permissions_that_a_test_of_the_connection_finds_are_seen_at_once(admin):
    linked("Kamp", organizer_id=organizer_id())
    assert titles(admin.get(f"{LIST}?wat=geen-partner")) == ["Kamp"]
    assert "zonder UiTPAS-partner" in text(admin.get("/beheer/"))
    post(admin, "/beheer/instellingen/uit/oefenomgeving/test")
    assert titles(admin.get(f"{LIST}?wat=geen-partner")) == []
    assert "zonder UiTPAS-partner" not in text(admin.get("/beheer/"))


def test_without_the_module_uitpas_nobody_asks_for_partners(admin):
    linked("Kamp")
    with write_transaction():
        settings = uit_settings_for_update()
        settings.uitpas_on = settings.coupons_on = settings.rewards_on = False
    page = admin.get(f"{LIST}?wat=geen-partner")
    assert titles(page) == [] and "UiTPAS-partner" not in text(page)
    assert titles(admin.get(LIST)) == []


def test_a_long_list_has_pages_that_keep_the_filter(admin):
    kind = make_type()
    for number in range(PAGE_SIZE + 1):
        linked(f"Kamp {number:02}", {"activity_type": kind})
    first = admin.get(f"{LIST}?wat=geen-partner")
    assert len(titles(first)) == PAGE_SIZE and "wat=geen-partner" in first.text
    second = admin.get(f"{LIST}?wat=geen-partner&pagina=2")
    assert titles(second) == [f"Kamp {PAGE_SIZE}"]


def test_list_and_dashboard_take_as_many_queries_however_many_there_are(admin):
    kind = make_type()

    def one_of_each(number: int) -> None:
        common = {"activity": {"activity_type": kind}}
        linked(f"Zonder {number}", **common)
        linked(f"Mislukt {number}", state=LinkState.FAILED, event_id=None, **common)
        linked(f"Afgekeurd {number}", remote_status="REJECTED", **common)

    def cost(url: str) -> int:
        with count_queries() as sent:
            assert admin.get(url).status_code == 200
        return len(sent)

    one_of_each(0)
    urls = ["/beheer/", LIST, *(f"{LIST}?wat={matter.value}" for matter in Matter)]
    few = [cost(url) for url in urls]
    for number in range(1, 12):
        one_of_each(number)
    many = [cost(url) for url in urls]
    assert many == few
