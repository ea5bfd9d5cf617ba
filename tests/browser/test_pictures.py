"""The pictures of the guide show the product as it is; ``make pictures`` takes them anew."""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from app.clock import today
from app.demo import DOMAIN, fill_demo, registrations
from app.demo import PASSWORD as DEMO_PASSWORD
from app.demo.catalogue import CAMP as CAMPS
from app.demo.catalogue import PLAYGROUND_WORK
from app.extensions import db
from tests.browser.conftest import Site, serve_sandbox, serve_site
from tests.browser.picturing import (
    ALIKE,
    PHONE,
    PICTURES,
    WIDE,
    Photographer,
    difference,
    what_differs,
)

ADMIN, CASHIER, PARENT = (f"{who}@{DOMAIN}" for who in ("beheer", "kassa", "ouder"))
CAMP = "Taalkamp Frans"
CHILDREN = ("Noah", "Tuur")
"""The first has a kansentarief at UiTPAS, the pass of the second has expired."""
SUMMER = "Zomerse woensdagen"
HOMEWORK = "Huiswerkklas"
POSTPONED = "Kookworkshop: soep uit de tuin"
POSTPONED_BECAUSE = "De kok is ziek. We zoeken een nieuwe datum."


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The municipality of the demo at a live address, beside a sandbox of its own."""
    folder = tmp_path_factory.mktemp("pictures")
    with (
        serve_sandbox(folder, delay_seconds=0) as sandbox_url,
        serve_site(f"sqlite:///{folder / 'loket.sqlite'}", folder, sandbox_url) as site,
    ):
        loket, port = site.app.config["LOKET"], urlsplit(sandbox_url).port
        site.app.config["LOKET"] = replace(loket, sandbox_port=port)  # the one that comes along
        with site.open_database(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(registrations, "UITPAS_MOMENT", 0.01)
            fill_demo()
            db.session.remove()
        yield site


@pytest.mark.browser
def test_the_pictures_of_the_guide_show_the_pages_as_they_are(
    demo: Site, browser: Browser, tmp_path: Path
) -> None:
    anew = os.environ.get("LOKET_PICTURES") == "1"
    for walk in (a_parent_registers, a_clerk_works, a_parent_reads_what_changed, a_cashier_works):
        photographer = Photographer(browser, demo.address, tmp_path)
        try:
            walk(photographer)
        finally:
            photographer.leave()
        assert not photographer.complaints, "\n".join(photographer.complaints)
    if anew:
        for path in PICTURES.glob("*.png"):
            path.unlink()
        for path in tmp_path.glob("*.png"):
            (PICTURES / path.name).write_bytes(path.read_bytes())
    wrong = what_differs(tmp_path, PICTURES)
    assert not wrong, "Run `make pictures` and look at what it made.\n" + "\n".join(wrong)


def sign_in(photographer: Photographer, email: str) -> None:
    photographer.sign_in(email, DEMO_PASSWORD)


def a_parent_registers(photographer: Photographer) -> None:
    """From the offer to the confirmation."""
    page = photographer.page
    sign_in(photographer, PARENT)
    photographer.open("/aanbod?sorteer=naam")  # the same ones on top, whatever day it is
    photographer.arrives("Wat wil je doen")
    photographer.take("aanbod")
    photographer.open(f"/aanbod?zoeken={CAMP}")
    photographer.follow(re.compile(f"^{CAMP}"))
    photographer.arrives(CAMP)
    photographer.take("activiteit")
    photographer.follow("Schrijf je in")
    photographer.arrives("Inschrijven voor")
    for name in CHILDREN:
        photographer.choose(re.compile(f"^{name}"))
    photographer.choose("Ja, ik gebruik een UiTPAS")
    photographer.take("inschrijven-wie", at="h1")
    photographer.press("Volgende")
    photographer.arrives("Kies een voordeel")
    photographer.take("inschrijven-voordeel", WIDE, PHONE, at="fieldset")
    photographer.press("In mijn mandje")
    photographer.arrives("Je mandje")
    photographer.choose("Aan het loket")
    photographer.take("mandje", WIDE, PHONE)
    photographer.choose(re.compile("Ik ga akkoord"))
    photographer.press("Afronden")
    expect(page).to_have_url(re.compile("/bestelling"))
    photographer.arrives("Bestelling")
    photographer.take("bevestiging")


def a_clerk_works(photographer: Photographer) -> None:
    """The back office, in the order of the guide."""
    sign_in(photographer, ADMIN)
    photographer.open("/beheer/")
    photographer.arrives("Goede")
    photographer.take("dashboard", height=1000)
    settings(photographer)
    type_and_tab(photographer)
    formula(photographer)
    postpone(photographer)
    the_series(photographer)
    what_differs_at_uitdatabank(photographer)
    families_and_ledger(photographer)


def settings(photographer: Photographer) -> None:
    photographer.menu("UiT-instellingen")
    photographer.arrives("UiT-instellingen")
    photographer.take("uit-algemeen", height=1000)
    photographer.choose("Productie")
    photographer.press("Bewaar de instellingen")
    photographer.arrives("Werken in")
    photographer.take("omgeving-wisselen", height=1000)
    photographer.tab("Oefenomgeving")
    photographer.press("Test de verbinding")
    photographer.sees("Laatst getest")
    photographer.take("uit-instellingen", at="section[aria-labelledby=verbinding]")
    photographer.menu("Oproepenlog")
    photographer.arrives("Oproepenlog")
    photographer.page.get_by_label("Oproep", exact=True).select_option("event-post")
    photographer.press("Filteren")
    expect(photographer.page).to_have_url(re.compile("oproep=event-post"))
    photographer.page.locator("tbody th a").first.click()
    photographer.sees("Wat publiq antwoordde")
    photographer.take("oproep", height=1000)


def type_and_tab(photographer: Photographer) -> None:
    photographer.menu("Activiteiten")
    photographer.arrives("Activiteiten")
    photographer.open("/beheer/activiteiten?sorteer=titel")
    photographer.arrives("Activiteiten")
    photographer.take("activiteiten")
    photographer.open(f"/beheer/activiteiten?zoeken={CAMP}")
    photographer.follow(re.compile(f"^{CAMP}"))
    photographer.arrives(CAMP)
    photographer.tab("UiTdatabank")
    photographer.sees("Gegevens voor UiTdatabank")
    photographer.take("uitdatabank", height=1100)
    photographer.take("uitdatabank-voorbeeld", at="section[aria-labelledby=prijzen-kop]")
    kind = photographer.page.get_by_role("link", name="Activiteittypes")
    kind.first.click()
    photographer.arrives("Activiteittypes")
    photographer.follow(CAMPS)
    photographer.arrives(CAMPS)
    photographer.tab("UiTdatabank")
    photographer.sees("Nieuwe activiteiten van dit type nemen dit over")
    photographer.take("type-uitdatabank", height=1000)


def next_autumn() -> tuple[date, date]:
    """From the first to the last day of a term, always with the autumn holiday in it."""
    year = today().year + (today().month >= 9)
    return date(year, 9, 1), date(year, 12, 15)


def formula(photographer: Photographer) -> None:
    """One formula in two of its kinds: the dates one by one, and a weekly schedule that is kept."""
    photographer.menu("Activiteiten")
    photographer.arrives("Activiteiten")
    photographer.follow("Nieuwe activiteit")
    photographer.follow(PLAYGROUND_WORK)
    photographer.tab("Volgens formule")
    photographer.arrives("Nieuwe activiteiten volgens formule")
    first, last = next_autumn()
    photographer.type(
        {
            "Titel": HOMEWORK,
            "Van": "16:00",
            "Tot": "17:30",
            "Eerste dag": first.isoformat(),
            "Laatste dag": last.isoformat(),
            "Omschrijving": "Rustig je huiswerk maken, met iemand die helpt als je vastzit.",
        }
    )
    photographer.choose("Online")
    photographer.choose("woensdag")
    photographer.choose("Sla de schoolvakanties over")
    photographer.press("Toon de data")
    expect(photographer.page.locator("#voorbeeld")).to_contain_text("overgeslagen")
    photographer.take("formule", at="#formule", height=1500)
    photographer.choose(re.compile("^Weekschema"))
    photographer.press("Opslaan")
    photographer.arrives(HOMEWORK)
    photographer.sees("Gesloten dagen")
    photographer.take("weekschema", at="#schedule", height=1000)


def postpone(photographer: Photographer) -> None:
    photographer.open(f"/beheer/activiteiten?zoeken={POSTPONED}")
    photographer.follow(POSTPONED)
    photographer.arrives(POSTPONED)
    photographer.follow("Uitstellen")
    photographer.arrives(f"{POSTPONED} uitstellen")
    photographer.type({"Reden": POSTPONED_BECAUSE})
    photographer.take("uitstellen")
    photographer.press("Stel de activiteit uit")
    photographer.sees("De activiteit is uitgesteld.")


def the_series(photographer: Photographer) -> None:
    """Published in bulk, and a change of the price for all, seen before it is made."""
    photographer.menu("Publicaties")
    photographer.arrives("Publicaties")
    photographer.take("publicaties")
    photographer.open(f"/beheer/activiteiten?zoeken={SUMMER}")
    photographer.follow(re.compile(f"^{SUMMER}"))
    photographer.arrives(SUMMER)
    photographer.tab(re.compile("^Gerelateerd"))
    photographer.sees("Andere activiteiten van deze reeks")
    photographer.take("gerelateerd", height=1000)
    photographer.follow(re.compile("^Selecteer alle"))
    photographer.press("Instellingen aanpassen")
    photographer.arrives("activiteiten aanpassen")
    photographer.choose("Prijzen")
    photographer.field(re.compile("Basistarief")).first.fill("7")
    photographer.press("Toon het voorbeeld")
    photographer.arrives("Voorbeeld van de aanpassing")
    photographer.take("bulk-voorbeeld")


def what_differs_at_uitdatabank(photographer: Photographer) -> None:
    photographer.open("/beheer/uitdatabank/nakijken")
    photographer.arrives("Nakijken bij UiTdatabank")
    photographer.follow(re.compile(f"^Vergelijk.*{SUMMER}"))
    photographer.arrives("Vergelijk met UiTdatabank")
    photographer.sees("Daar gewijzigd")
    photographer.take("vergelijken")
    photographer.open("/beheer/uitdatabank/verdwenen")
    photographer.arrives("Verdwenen bij UiTdatabank")
    photographer.sees("Bestaat niet meer")
    photographer.take("verdwenen", height=500)


def families_and_ledger(photographer: Photographer) -> None:
    photographer.open("/beheer/gezinsleden?zoeken=Noah")
    photographer.follow(re.compile("Noah"))
    photographer.arrives("Noah")
    photographer.take("gezinslid")
    photographer.menu("UiTPAS-grootboek")
    photographer.arrives("UiTPAS-grootboek")
    photographer.take("grootboek")


def a_parent_reads_what_changed(photographer: Photographer) -> None:
    """What the clerk did, on a phone."""
    for title, name, part in (
        (HOMEWORK, "weekschema-ouder", "#data"),
        (POSTPONED, "uitgesteld-ouder", "h1"),
    ):
        photographer.open(f"/aanbod?zoeken={title}")
        photographer.follow(re.compile(f"^{title}"))
        photographer.arrives(title)
        photographer.take(name, PHONE, at=part)


def a_cashier_works(photographer: Photographer) -> None:
    sign_in(photographer, CASHIER)
    photographer.open("/kassa?zoeken=a")
    photographer.arrives("Kassa")
    photographer.take("kassa")


def kept(width: int) -> dict[str, Image.Image]:
    pictures = {path.name: Image.open(path) for path in PICTURES.glob(f"*-{width}.png")}
    assert len(pictures) >= 3
    return pictures


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_two_pages_are_told_apart(width: int) -> None:
    same = [
        (one, other)
        for (one, first), (other, second) in combinations(kept(width).items(), 2)
        if first.size == second.size and difference(first, second) <= ALIKE
    ]
    assert not same


def test_a_section_that_moved_is_noticed_and_other_words_are_not() -> None:
    page = kept(WIDE)["uitdatabank-1280.png"].convert("RGB")
    moved = page.copy()
    moved.paste(page.crop((0, 300, page.width, page.height)), (0, 420))
    assert difference(page, moved) > ALIKE
    reworded = page.copy()
    line = page.crop((300, 420, 620, 440))
    reworded.paste(line.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (300, 420))
    assert difference(page, reworded) < ALIKE


def test_what_is_missing_superfluous_or_of_another_size_is_named(tmp_path: Path) -> None:
    made, stored = tmp_path / "made", tmp_path / "kept"
    for folder, name, size in (
        (made, "a-1280.png", (1280, 800)),
        (stored, "b-1280.png", (1280, 800)),
        (made, "c-360.png", (360, 740)),
        (stored, "c-360.png", (350, 740)),
    ):
        folder.mkdir(exist_ok=True)
        Image.new("RGB", size, "white").save(folder / name)
    assert what_differs(made, stored) == [
        "a-1280.png is missing",
        "b-1280.png is no longer made",
        "c-360.png measures (350, 740), the page (360, 740)",
    ]
