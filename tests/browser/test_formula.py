"""A clerk makes eight weekly activities by formula, on a wide screen and on a phone."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from app.activities.models import Activity, Series
from app.extensions import db
from tests.browser.conftest import Site
from tests.browser.visiting import Visitor
from tests.making import make_type

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("formula")]
PICTURES = os.environ.get("LOKET_SCREENSHOTS")


def keep(visitor: Visitor, name: str) -> None:
    """Save the whole page, where a folder was named."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        target = Path(PICTURES) / f"{name}.png"
        visitor.page.screenshot(path=target, full_page=True, caret="initial")  # adds no style


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_a_summer_of_eight_weekly_activities_in_a_few_steps(
    site: Site,
    admin: str,
    connected: None,
    visit: Callable[..., Visitor],
    screen: str,
) -> None:
    with site.open_database():
        make_type("Speelplein")
    clerk = visit(screen)
    clerk.sign_in(admin)
    clerk.menu("Activiteiten")
    clerk.follow("Nieuwe activiteit")
    clerk.follow("Speelplein")
    clerk.tab("Volgens formule")
    clerk.see("Nieuwe activiteiten volgens formule")
    clerk.type({"Titel": "Speelplein op woensdag"})
    clerk.choose("woensdag")
    clerk.type(
        {"Eerste dag": "2027-07-07", "Laatste dag": "2027-08-25", "Van": "09:00", "Tot": "16:00"}
    )
    clerk.press("Toon de data")
    preview = clerk.page.locator("#voorbeeld")
    expect(preview).to_contain_text("Elke woensdag van 7 juli tot 25 augustus 2027, 9 tot 16 uur.")
    clerk.look()
    expect(clerk.page.locator("#vl-status")).to_have_text("8 data")  # and no words of waiting
    keep(clerk, f"{screen}-formule-voorbeeld")
    clerk.page.get_by_role("checkbox", name="woensdag 21 juli").uncheck()
    clerk.type({"Nog een dag": "2027-07-22"})
    clerk.press("Dag toevoegen")
    expect(preview).to_contain_text("behalve 21 juli, en ook op 22 juli")
    clerk.type({"Omschrijving": "Een dag buiten spelen, met ravotten en knutselen."})
    clerk.press("Opslaan")
    clerk.see("Speelplein op woensdag")
    clerk.sees("8 activiteiten zijn bewaard.")
    with site.open_database():
        assert db.session.scalar(select(func.count()).select_from(Activity)) == 8
        assert db.session.scalars(select(Series.title)).all() == ["Speelplein op woensdag"]


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_a_mistake_is_pointed_at_and_four_hundred_dates_fit_the_screen(
    site: Site, admin: str, connected: None, visit: Callable[..., Visitor], screen: str
) -> None:
    with site.open_database():
        kind = make_type("Speelplein")
        address = f"/beheer/activiteiten/nieuw/formule?type={kind.id}"
    clerk = visit(screen)
    clerk.sign_in(admin)
    clerk.open(address)
    clerk.press("Opslaan")
    summary = clerk.page.locator("[data-vl-errors]")
    expect(summary).to_contain_text("titel")
    clerk.press("Toon de data")
    clerk.sees_error("Duid minstens één dag van de week aan.")
    expect(summary).to_have_count(1)  # what saving said stands no more beside it
    expect(summary).to_be_focused()
    clerk.look()
    keep(clerk, f"{screen}-formule-fout")
    for name in ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"):
        clerk.choose(name)
    clerk.type(
        {"Eerste dag": "2027-07-07", "Laatste dag": "2028-08-09", "Van": "09:00", "Tot": "16:00"}
    )
    clerk.choose("Weekschema")
    clerk.press("Toon de data")
    expect(clerk.page.locator("#voorbeeld")).to_contain_text("400 data")
    clerk.look()
    keep(clerk, f"{screen}-formule-400")
    clerk.type({"Titel": "Speelplein"})
    clerk.press("Opslaan")
    clerk.see("Speelplein")
    keep(clerk, f"{screen}-weekschema")
    clerk.press("Gesloten dagen toevoegen")
    expect(clerk.page.get_by_role("group", name="Gesloten 1")).to_be_visible()
    clerk.press("Aangepaste dagen toevoegen")
    expect(clerk.page.get_by_role("group", name="Aangepast 1")).to_be_visible()
    clerk.look()
    keep(clerk, f"{screen}-weekschema-rijen")
    clerk.menu("Schoolvakanties")
    clerk.see("Schoolvakanties")
    keep(clerk, f"{screen}-schoolvakanties")
    clerk.follow("Zomervakantie")
    clerk.see("Zomervakantie")


def test_a_new_location_is_made_before_the_first_save_and_all_that_was_typed_is_there_again(
    site: Site, admin: str, connected: None, visit: Callable[..., Visitor]
) -> None:
    with site.open_database():
        kind = make_type("Speelplein")
        address = f"/beheer/activiteiten/nieuw/formule?type={kind.id}"
    clerk = visit("phone")
    clerk.sign_in(admin)
    clerk.open(address)
    clerk.type({"Titel": "Speelplein " * 9})
    clerk.choose("woensdag")
    clerk.type(
        {"Eerste dag": "2027-07-07", "Laatste dag": "2027-08-25", "Van": "09:00", "Tot": "16:00"}
    )
    clerk.press("Toon de data")
    clerk.page.get_by_role("checkbox", name="woensdag 21 juli").uncheck()
    clerk.type({"Omschrijving": "Een dag buiten spelen."})
    clerk.sees("UiT in Vlaanderen toont hoogstens 90 tekens: 8 te veel.")
    clerk.sees("22 van de eerste 200 tekens gebruikt.")
    clerk.press("Locatie niet gevonden? Maak ze aan")
    clerk.see("Nieuwe locatie in UiTdatabank")
    clerk.look()
    clerk.type(
        {
            "Naam": "Schuur van Mia",
            "Straat en nummer": "Akkerweg 12",
            "Postcode": "9995",
            "Gemeente": "Zonnewende",
        }
    )
    clerk.field("Wat voor plaats is het?").select_option(label="Zaal of expohal")
    clerk.page.get_by_role("button", name="Maak de locatie", exact=True).last.click()
    clerk.see("Nieuwe activiteiten volgens formule")
    clerk.sees("‘Schuur van Mia’ is gemaakt in UiTdatabank en is gekozen als locatie.")
    clerk.look()
    expect(clerk.page.get_by_role("combobox", name="Locatie")).to_have_value("Schuur van Mia")
    expect(clerk.field("Omschrijving")).to_have_value("Een dag buiten spelen.")
    expect(clerk.page.get_by_role("checkbox", name="woensdag 21 juli")).not_to_be_checked()
    clerk.type({"Titel": "Speelplein op woensdag"})
    clerk.press("Opslaan")
    clerk.sees("7 activiteiten zijn bewaard.")
