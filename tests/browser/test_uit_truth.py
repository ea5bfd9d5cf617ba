"""What a clerk does when UiTdatabank says otherwise: compare, postpone, replace, delete."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import requests
from playwright.sync_api import expect
from sqlalchemy import update

from app.clock import now
from app.extensions import write_transaction
from app.uitdatabank.models import EventLink, UitReference
from app.uitdatabank.publishing import link_of, publish
from tests.browser.conftest import ADMIN, Sandbox, Site
from tests.browser.visiting import Visitor
from tests.making import days_from_now
from tests.uitdatabank.support import BOOMHUT, place_id, ready_activity

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("connected"),
]
SCREENS = pytest.mark.parametrize("screen", ["wide", "phone"])
LORK = "Sporthal De Lork"


@dataclass(frozen=True)
class Camp:
    """A published activity of two dates."""

    id: int
    event_id: str

    @property
    def tab(self) -> str:
        """Its tab UiTdatabank."""
        return f"/beheer/activiteiten/{self.id}/uitdatabank"


@pytest.fixture
def camp(site: Site, admin: str, connected: None) -> Camp:
    with site.open_database():
        spans = [(days_from_now(day, 9), days_from_now(day, 16)) for day in (20, 21)]
        activity = ready_activity(dates=spans)
        assert publish(activity.id).ok
        return Camp(activity.id, link_of(activity.id).event_id)


def by_hand(sandbox: Sandbox, path: str, **fields: str) -> None:
    answer = requests.post(f"{sandbox.url}/sandbox/{path}", json=fields, timeout=10)
    assert answer.status_code == 200, answer.text


def the_night_passes(site: Site) -> None:
    with site.open_database(), write_transaction() as session:
        session.execute(update(EventLink).values(checked_at=None))
        session.execute(update(UitReference).values(checked_at=now().replace(year=2020)))
    site.run_job("check")


def come(visit: Callable[..., Visitor], screen: str) -> Visitor:
    clerk = visit(screen)
    clerk.sign_in(ADMIN)
    return clerk


@SCREENS
def test_what_was_changed_there_is_seen_before_publishing_overwrites_it(
    visit: Callable[..., Visitor], site: Site, sandbox: Sandbox, camp: Camp, screen: str
) -> None:
    by_hand(sandbox, f"events/{camp.event_id}", action="title", text="Ander kamp")
    by_hand(sandbox, f"events/{camp.event_id}", action="picture", text="In het bos")
    the_night_passes(site)
    clerk = come(visit, screen)
    clerk.sees("1 event is gewijzigd bij UiTdatabank")
    clerk.look()
    clerk.open("/beheer/uitdatabank/nakijken")
    clerk.see("Nakijken bij UiTdatabank")
    clerk.follow("Winterbos-kamp")
    clerk.sees("titel: Winterbos-kamp → Ander kamp")
    clerk.look()
    clerk.follow("Vergelijk met UiTdatabank")
    clerk.see("Vergelijk met UiTdatabank")
    clerk.sees("Publiceren overschrijft wat daar staat.")
    clerk.sees("Publiceren laat dit staan: In het bos.")
    clerk.press("Publiceren")
    clerk.sees("Het event in UiTdatabank is bijgewerkt.")
    clerk.sees_not("Gewijzigd bij UiTdatabank")


@SCREENS
def test_a_date_is_cancelled_and_the_activity_postponed_and_publiq_hears_it(
    visit: Callable[..., Visitor], site: Site, sandbox: Sandbox, camp: Camp, screen: str
) -> None:
    clerk = come(visit, screen)
    clerk.open(f"/beheer/activiteiten/{camp.id}")
    clerk.follow("Eén datum annuleren of uitstellen")
    clerk.see("Winterbos-kamp")
    clerk.follow(re.compile("^Annuleren"), within=clerk.page.locator("table"))
    clerk.see("Datum annuleren")
    clerk.press("Annuleer deze datum")
    clerk.sees_error("Schrijf waarom het niet doorgaat zoals gepland.")
    clerk.look()
    clerk.type({"Reden": "Lesgever ziek"})
    clerk.press("Annuleer deze datum")
    clerk.sees("De datum is geannuleerd.")
    clerk.look()
    site.run_job("availability")
    statuses = [date["status"]["type"] for date in event(sandbox, camp)["subEvent"]]
    assert statuses == ["Unavailable", "Available"]
    clerk.open(f"/beheer/activiteiten/{camp.id}/uitstellen")
    clerk.see("Winterbos-kamp uitstellen")
    clerk.type({"Reden": "Storm"})
    clerk.press("Stel de activiteit uit")
    clerk.sees("Deze activiteit is uitgesteld")
    clerk.look()
    clerk.press("Weer laten doorgaan")
    clerk.sees("De activiteit gaat weer door en staat online.")


def event(sandbox: Sandbox, camp: Camp) -> dict:
    return requests.get(f"{sandbox.url}/io/events/{camp.event_id}", timeout=10).json()


@SCREENS
def test_a_location_that_went_is_replaced_everywhere(
    visit: Callable[..., Visitor], site: Site, sandbox: Sandbox, camp: Camp, screen: str
) -> None:
    by_hand(sandbox, f"locaties/{place_id()}", action="delete")
    the_night_passes(site)
    clerk = come(visit, screen)
    clerk.sees("1 locatie is verdwenen bij UiTdatabank")
    clerk.follow(re.compile("^Vervangen"))
    clerk.see("Verdwenen bij UiTdatabank")
    clerk.follow(BOOMHUT)
    clerk.see(f"{BOOMHUT} vervangen")
    clerk.search("Locatie", "lork", LORK)
    clerk.press("Vervang overal")
    clerk.sees(f"‘{BOOMHUT}’ is vervangen door ‘{LORK}’ in 1 activiteit.")
    clerk.open("/beheer/uitdatabank/verdwenen")
    clerk.sees("Niets verdwenen")
    clerk.look()


@SCREENS
def test_a_merged_location_is_replaced_by_one_press(
    visit: Callable[..., Visitor], site: Site, sandbox: Sandbox, camp: Camp, screen: str
) -> None:
    by_hand(sandbox, f"locaties/{place_id()}", action="merge", into=place_id(LORK))
    the_night_passes(site)
    clerk = come(visit, screen)
    clerk.open("/beheer/uitdatabank/verdwenen")
    clerk.see("Verdwenen bij UiTdatabank")
    clerk.press(re.compile(f"^Vervang overal door {LORK}"))
    clerk.sees(f"‘{BOOMHUT}’ is vervangen door ‘{LORK}’ in 1 activiteit.")


@SCREENS
def test_the_event_is_deleted_after_a_page_that_explains(
    visit: Callable[..., Visitor], sandbox: Sandbox, camp: Camp, screen: str
) -> None:
    clerk = come(visit, screen)
    clerk.open(camp.tab)
    clerk.follow("Verwijder bij UiTdatabank")
    clerk.see("Verwijder het event bij UiTdatabank")
    clerk.press("Verwijder het event voorgoed")
    clerk.sees("Het event is verwijderd bij UiTdatabank.")
    assert event(sandbox, camp)["workflowStatus"] == "DELETED"
    expect(clerk.page.get_by_text("Niet gepubliceerd").first).to_be_visible()


@SCREENS
def test_the_pages_of_the_sandbox_fit_the_screen(
    visit: Callable[..., Visitor], sandbox: Sandbox, camp: Camp, screen: str
) -> None:
    somebody = visit(screen)
    for path in (f"event/{camp.event_id}/preview", "sandbox/locaties"):
        somebody.open(f"{sandbox.url}/{path}")
        expect(somebody.page.get_by_role("heading", level=1)).to_be_visible()
