"""The ledger and 'Waarom geen kansentarief?' in a browser, on a phone and on a wide screen."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from app.sales.reconciler import reconcile
from tests.browser.conftest import Sandbox, Site
from tests.browser.staging import PARENT, accept, fill_basket, set_scene
from tests.browser.visiting import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
PICTURES = os.environ.get("LOKET_SCREENSHOTS")
FORBIDDEN = "geweigerd"


def picture(visitor: Visitor, name: str) -> None:
    """Keep the page as a picture, where a folder was named."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        visitor.page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


@pytest.fixture
def lost_sale(site: Site, connected: None, sandbox: Sandbox, visit: Callable[..., Visitor]) -> None:
    """Mira's sale is registered, its answer is lost, and we may not look it up."""
    scene = set_scene(site)
    parent = visit("wide")
    parent.sign_in(PARENT)
    fill_basket(parent, scene)
    parent.open("/afrekenen")
    accept(parent)
    sandbox.fault("POST /ticket-sales", "antwoord-kwijt")
    sandbox.fault("GET /ticket-sales", FORBIDDEN, None, problem="auth/forbidden")
    parent.press(re.compile("^Afronden|^Bevestig|^Rond af"))
    parent.page.wait_for_load_state()
    with site.open_database():
        reconcile(min_age_seconds=0)


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_an_admin_settles_a_lost_sale_by_what_the_desk_shows(
    site: Site,
    admin: str,
    lost_sale: None,
    sandbox: Sandbox,
    visit: Callable[..., Visitor],
    screen: str,
) -> None:
    visitor = visit(screen)
    visitor.sign_in(admin)
    visitor.open("/beheer")
    visitor.sees("1 UiTPAS-verkoop vraagt aandacht")
    visitor.menu("UiTPAS-grootboek")
    visitor.see("UiTPAS-grootboek")
    visitor.follow(re.compile("^Vraagt aandacht"))
    visitor.sees("We mogen de verkopen bij UiTPAS niet opzoeken")
    visitor.look()
    picture(visitor, f"{screen}-grootboek")
    visitor.page.locator("tbody th a").first.click()
    visitor.see(re.compile("^Grootboek: "))
    picture(visitor, f"{screen}-grootboek-regel")
    visitor.follow("De verkoop staat er")
    visitor.see("De verkoop staat er")
    visitor.press("De verkoop staat er")
    visitor.sees_error("Geef een reden op")
    visitor.look()
    picture(visitor, f"{screen}-grootboek-fout")
    (sale,) = sandbox.live_sales()
    visitor.type(
        {
            "UiTPAS-ticket-id": sale["id"],
            "Prijs volgens UiTPAS": f"{sale['tariff']['price']:.2f}".replace(".", ","),
            "Reden": "nagekeken in de UiTPAS-balie",
        }
    )
    visitor.press("De verkoop staat er")
    visitor.see(re.compile("^Grootboek: "))
    visitor.sees("Geregistreerd")
    visitor.sees("nagekeken in de UiTPAS-balie")
    picture(visitor, f"{screen}-grootboek-geregeld")
    sandbox.heal()
    visitor.open("/beheer/grootboek")
    visitor.press("Nu bijwerken")
    visitor.see("UiTPAS-grootboek")
    visitor.sees("Wat we vanzelf deden")
    visitor.sees("door Hilde De Wolf")
    picture(visitor, f"{screen}-grootboek-vanzelf")


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_staff_ask_why_there_is_no_social_tariff(
    site: Site, admin: str, connected: None, visit: Callable[..., Visitor], screen: str
) -> None:
    set_scene(site)
    visitor = visit(screen)
    visitor.sign_in(admin)
    visitor.open("/beheer")
    visitor.menu("Waarom geen kansentarief?")
    visitor.see("Waarom geen kansentarief?")
    visitor.press("Kijk het na")
    visitor.sees_error("Vul een UiTPAS-nummer in")
    visitor.sees_error("Zoek een activiteit")
    visitor.look()
    visitor.type({"UiTPAS-nummer": "0900 000 093 204"})
    visitor.search("Activiteit", "winterbos", "Winterbos-kamp")
    visitor.press("Kijk het na")
    visitor.sees("Daarom geen kansentarief: Winterbos-kamp")
    visitor.sees("Deze UiTPAS komt uit een andere regio")
    visitor.sees("Wie kan dit oplossen?")
    visitor.look()
    picture(visitor, f"{screen}-waarom")
    visitor.type({"UiTPAS-nummer": ""})
    visitor.search("Of zoek een gezinslid", "mira", "Mira")
    visitor.press("Kijk het na")
    visitor.sees("Er is wel kansentarief: Winterbos-kamp")
    visitor.look()
    picture(visitor, f"{screen}-waarom-wel")
