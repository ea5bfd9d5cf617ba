"""The tab UiTdatabank as a clerk uses it: picture, preview, following, subthema's, a new place."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.extensions import write_transaction
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.editing import create_activity
from app.uitdatabank.profiles import ProfileData, profile_of_type, save_type_profile
from tests.browser.conftest import ADMIN, POSTAL_CODE, Site
from tests.browser.visiting import Visitor
from tests.making import days_from_now, make_type
from tests.uitdatabank.pictures_of_all_kinds import picture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("connected"),
]


@pytest.fixture
def path(site: Site, admin: str) -> str:
    """The tab of an activity whose type has a label."""
    from app.activities.editing import DateData, data_from_type
    from app.uitdatabank.taxonomy import event_types

    with site.open_database():
        with write_transaction():
            uit_settings_for_update().default_postal_code = POSTAL_CODE
        event_types()
        kind = make_type("Kampen")
        data = ProfileData(postal_code=POSTAL_CODE, event_type="0.57.0.0.0", labels=("bos",))
        save_type_profile(kind.id, data)
        assert profile_of_type(kind).labels == ["bos"]
        dates = (DateData(days_from_now(9, 9), days_from_now(9, 16)),)
        activity = create_activity(kind.id, data_from_type(kind, "Boskamp", dates=dates))
        return f"/beheer/activiteiten/{activity.id}/uitdatabank"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture of a camera."""
    file = tmp_path / "bos.jpg"
    file.write_bytes(picture("JPEG", (2400, 1200)))
    return file


def saved(clerk: Visitor) -> None:
    clerk.page.locator("form#uit").get_by_role("button", name="Opslaan", exact=True).last.click()
    clerk.sees("De gegevens voor UiTdatabank zijn bewaard.")
    clerk.look()


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_a_clerk_fills_in_the_tab(
    visit: Callable[..., Visitor], path: str, photo: Path, screen: str
) -> None:
    clerk = visit(screen)
    clerk.sign_in(ADMIN)
    clerk.open(path)
    clerk.look()
    page = clerk.page

    # the preview and the count go along while one types; the count is spoken afterwards
    clerk.field("Omschrijving").fill("Elke dag naar het bos. " * 10)
    counter = page.locator("[data-vl-counter='description']")
    expect(counter).to_contain_text("de andere 29 enkel op de pagina zelf")
    expect(page.locator("#vl-status")).to_contain_text("de andere 29 enkel")
    expect(page.locator("[data-vl-preview-list]")).to_have_text(re.compile("…$"))
    clerk.field("Omschrijving").fill("Elke dag naar het bos.")
    expect(page.locator("[data-vl-preview-whole]")).to_have_text("Elke dag naar het bos.")

    # all subthema's, without a new page
    page.get_by_role("button", name="Toon alle subthema’s").click()
    clerk.field("Subthema").select_option(label="Pop en rock")
    expect(page.get_by_role("button", name="Toon enkel wat bij dit thema hoort")).to_be_visible()

    # a picture, and words for it
    page.locator("#image").set_input_files(photo)
    clerk.type({"Wat staat erop": "Kinderen in het bos", "Wie heeft de rechten": "Zonnewende"})
    clerk.field("Labels").fill("zee")
    saved(clerk)
    expect(page.get_by_role("img", name="Kinderen in het bos")).to_be_visible()
    expect(clerk.field("Subthema").locator("option:checked")).to_have_text("Pop en rock")

    # an own value is given back, and what else was typed stays
    expect(page.locator("#herkomst-labels")).to_contain_text("Eigen waarde")
    clerk.field("Omschrijving").fill("Elke dag naar zee.")
    page.get_by_role("button", name="Volg het type voor de labels").click()
    clerk.sees("Labels volgt weer het type.")
    expect(clerk.field("Labels")).to_have_value("bos")
    expect(clerk.field("Omschrijving")).to_have_value("Elke dag naar zee.")
    expect(page.locator("#herkomst-labels")).to_have_text("Van het type")
    saved(clerk)


def test_a_file_that_is_too_large_is_told_before_anything_typed_is_lost(
    visit: Callable[..., Visitor], path: str, tmp_path: Path
) -> None:
    clerk = visit("wide")
    clerk.sign_in(ADMIN)
    clerk.open(path)
    large = tmp_path / "groot.jpg"
    large.write_bytes(b"x" * (10 * 1024 * 1024 + 1))
    field = clerk.page.locator("#image")
    field.set_input_files(large)
    said = clerk.page.locator("#image-gezegd")
    expect(said).to_have_text("Dit bestand is te groot. Kies er een van hoogstens 10 MB.")
    expect(field).to_have_value("")


def test_enter_in_a_field_saves_and_presses_no_other_button(
    visit: Callable[..., Visitor], path: str
) -> None:
    clerk = visit("wide")
    clerk.sign_in(ADMIN)
    clerk.open(path)
    clerk.field("Meer informatie op").fill("https://www.gemeente.be")
    clerk.field("Meer informatie op").press("Enter")
    clerk.sees("De gegevens voor UiTdatabank zijn bewaard.")


@pytest.mark.parametrize("script", [True, False])
def test_a_location_that_is_not_found_is_made_and_chosen(
    visit: Callable[..., Visitor], path: str, script: bool
) -> None:
    clerk = visit("phone", java_script_enabled=script)
    clerk.sign_in(ADMIN)
    clerk.open(path)
    clerk.field("Omschrijving").fill("Elke dag naar het bos.")
    clerk.press("Locatie niet gevonden? Maak ze aan")
    if script:
        clerk.see("Nieuwe locatie in UiTdatabank")
    expect(clerk.field("Postcode")).to_have_value(POSTAL_CODE)
    clerk.type(
        {"Naam": "Schuur van Mia", "Straat en nummer": "Akkerweg 12", "Gemeente": "Zonnewende"}
    )
    clerk.field("Wat voor plaats is het?").select_option(label="Zaal of expohal")
    clerk.page.get_by_role("button", name="Maak de locatie", exact=True).last.click()
    clerk.sees("‘Schuur van Mia’ is gemaakt in UiTdatabank en is gekozen als locatie.")
    expect(clerk.page.get_by_role("combobox", name="Locatie")).to_have_value("Schuur van Mia")
    expect(clerk.field("Omschrijving")).to_have_value("Elke dag naar het bos.")


def test_the_tab_works_without_javascript(
    visit: Callable[..., Visitor], path: str, photo: Path
) -> None:
    clerk = visit("wide", java_script_enabled=False)
    clerk.sign_in(ADMIN)
    clerk.open(path)
    page = clerk.page
    clerk.field("Omschrijving").fill("Elke dag naar het bos.")
    page.locator("#image").set_input_files(photo)
    page.get_by_role("button", name="Vernieuw het voorbeeld").click()
    expect(page.locator("[data-vl-preview-whole]")).to_have_text("Elke dag naar het bos.")
    clerk.type({"Wat staat erop": "Kinderen in het bos", "Wie heeft de rechten": "Zonnewende"})
    page.get_by_role("button", name="Toon alle subthema’s").click()
    clerk.field("Subthema").select_option(label="Pop en rock")
    clerk.field("Labels").fill("zee")
    page.locator("form#uit").get_by_role("button", name="Opslaan", exact=True).last.click()
    expect(page.get_by_role("img", name="Kinderen in het bos")).to_be_visible()
    page.get_by_role("button", name="Volg het type voor de labels").click()
    expect(clerk.field("Labels")).to_have_value("bos")
    expect(clerk.field("Subthema").locator("option:checked")).to_have_text("Pop en rock")
