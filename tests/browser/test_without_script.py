"""The same without JavaScript: every page is a plain form, and live search has its button."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ADMIN, Sandbox, Site
from tests.browser.staging import PARENT, accept, choose_who, set_scene
from tests.browser.visiting import Visitor
from tests.making import make_type

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("connected"),
]


def test_a_child_is_registered_without_javascript(
    visit: Callable[..., Visitor], site: Site, sandbox: Sandbox
) -> None:
    scene = set_scene(site)
    parent = visit("phone", java_script_enabled=False)
    parent.open("/aanbod")
    parent.follow("Winterbos-kamp")
    parent.follow("Schrijf je in")
    parent.type({"E-mailadres": PARENT, "Wachtwoord": "tien letters of meer"})
    parent.press("Meld je aan")
    choose_who(parent, scene, "Mira", "Tuur")
    parent.press("Volgende")
    expect(parent.page.get_by_role("radio", name=re.compile("Kansentarief"))).to_be_checked()
    parent.sees("Tuur kan gewoon mee")
    parent.press("In mijn mandje")
    expect(parent.page.locator(".vl-sum__total")).to_contain_text("€ 72,00")
    parent.sees("nog tot")
    accept(parent)
    parent.press("Afronden")
    expect(parent.page.get_by_role("heading", level=1)).to_have_text(re.compile("^Bestelling "))
    assert len(sandbox.live_sales()) == 1


def test_a_location_is_found_with_the_button_when_there_is_no_javascript(
    visit: Callable[..., Visitor], site: Site, admin: str
) -> None:
    with site.open_database():
        type_id = make_type("Kampen").id
    clerk = visit("wide", java_script_enabled=False)
    clerk.sign_in(ADMIN)
    clerk.open(f"/beheer/activiteittypes/{type_id}/uitdatabank")
    clerk.type({"Postcode": "9995"})
    clerk.page.get_by_role("combobox", name="Locatie").fill("boom")
    clerk.press("Zoek locaties")
    found = clerk.page.get_by_role("group", name="Gevonden locaties")
    found.get_by_label(re.compile("Speelplein De Boomhut")).check()
    clerk.page.get_by_role("combobox", name="Organisator").fill("jeugd")
    clerk.press("Zoek organisatoren")
    found = clerk.page.get_by_role("group", name="Gevonden organisatoren")
    found.get_by_label(re.compile("Jeugddienst Zonnewende")).check()
    clerk.field("Thema").select_option(label="Kamp of vakantie")
    clerk.press("Toon de subthema’s")
    clerk.field("Subthema").select_option(label="Creativiteit")
    clerk.press("Opslaan")
    clerk.sees("De gegevens voor UiTdatabank zijn bewaard.")
    expect(clerk.page.get_by_role("combobox", name="Locatie")).to_have_value(
        re.compile("Speelplein De Boomhut")
    )
    expect(clerk.page.get_by_role("combobox", name="Organisator")).to_have_value(
        re.compile("Jeugddienst")
    )
    expect(clerk.field("Subthema").locator("option:checked")).to_have_text("Creativiteit")
