"""Makes the pictures of the guide anew, in Chromium, from a running demo.

    make demo                                               # in one window
    .venv/bin/python docs/beelden/maken.py http://127.0.0.1:5000   # in another

Needs the development extras (requirements-dev.txt) and Chromium on the path. It starts nothing
itself, and cancels the registrations that it makes for the pictures.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent
PASSWORD = "zonnewende"  # noqa: S105 - what the demo prints
PARENT = "ouder@zonnewende.example"
ADMIN = "beheer@zonnewende.example"
CASHIER = "kassa@zonnewende.example"
CAMP = "Taalkamp Frans"
CHILDREN = ("Noah", "Tuur")
"""The first has a kansentarief at UiTPAS, the pass of the second has expired."""
SCREENS = {1280: 800, 360: 740}
"""Width of the picture, and its height, in pixels."""


class Photographer:
    """Somebody who is signed in, walks through the pages and takes pictures of one width."""

    def __init__(self, page: Page, width: int) -> None:
        self.page = page
        self.width = width

    def take(self, name: str, *, at: str = "") -> None:
        """A picture of the screen; ``at`` is the part that stands on top, else the page's top."""
        self.page.wait_for_load_state("networkidle")
        if at:
            self.page.locator(at).first.evaluate("one => one.scrollIntoView({block: 'start'})")
        else:
            self.page.evaluate("window.scrollTo(0, 0)")
        self.page.screenshot(path=FOLDER / f"{name}-{self.width}.png")

    def press(self, words: str) -> None:
        """Press the visible button or link with these words."""
        for role in ("button", "link"):
            for found in self.page.get_by_role(role, name=re.compile(words)).all():
                if found.is_visible():
                    found.click()
                    self.page.wait_for_load_state("networkidle")
                    return
        raise SystemExit(f"{self.page.url}: nothing here says '{words}'. Is this the demo?")

    def sign_in(self, email: str) -> None:
        """Sign in by the form."""
        self.page.goto("/aanmelden")
        self.page.get_by_label("E-mailadres").fill(email)
        self.page.get_by_label("Wachtwoord").fill(PASSWORD)
        self.press("Meld je aan")


def shop(photographer: Photographer) -> None:
    """What a parent sees, from the offer to the confirmation; then all is cancelled again."""
    page = photographer.page
    photographer.sign_in(PARENT)
    page.goto("/aanbod")
    photographer.take("aanbod")
    page.goto(f"/aanbod?zoeken={CAMP}")
    photographer.press(f"^{CAMP}")
    photographer.take("activiteit")
    photographer.press("Schrijf je in")
    for name in CHILDREN:
        page.get_by_label(re.compile(f"^{name}")).check()
    page.get_by_label("Ja, ik gebruik een UiTPAS").check()
    photographer.take("inschrijven-wie", at="h1" if photographer.width > 1000 else "")
    photographer.press("Volgende")
    photographer.take("inschrijven-voordeel", at="h1" if photographer.width > 1000 else "fieldset")
    photographer.press("In mijn mandje")
    page.get_by_label("Aan het loket").check()
    photographer.take("mandje")
    page.get_by_label(re.compile("Ik ga akkoord")).check()
    photographer.press("Afronden")
    photographer.take("bevestiging")
    cancel_all(photographer)


def cancel_all(photographer: Photographer) -> None:
    """Cancel every line of the order on the page."""
    order = photographer.page.url
    for _name in CHILDREN:
        photographer.page.goto(order)
        photographer.press("^Annuleren")
        photographer.press("Annuleer de inschrijving")


def back_office(photographer: Photographer) -> None:
    """What an admin sees."""
    page = photographer.page
    photographer.sign_in(ADMIN)
    page.goto("/beheer")
    photographer.take("dashboard")
    page.goto("/beheer/activiteiten")
    photographer.take("activiteiten")
    page.goto(f"/beheer/activiteiten?zoeken={CAMP}")
    photographer.press(f"^{CAMP}")
    page.get_by_label("Activiteit", exact=True).get_by_role("link", name="UiTdatabank").click()
    photographer.take("uitdatabank")
    page.goto("/beheer/instellingen/uit/oefenomgeving")
    photographer.press("Test de verbinding")
    photographer.take("uit-instellingen", at="section[aria-labelledby=verbinding]")
    page.goto("/beheer/gezinsleden?zoeken=Noah")
    photographer.press("Noah")
    photographer.take("gezinslid")
    page.goto("/beheer/grootboek")
    photographer.take("grootboek")


def desk(photographer: Photographer) -> None:
    """What a cashier sees."""
    photographer.sign_in(CASHIER)
    photographer.page.goto("/kassa?zoeken=a")
    photographer.take("kassa")


@contextmanager
def visitor(browser: Browser, address: str, width: int) -> Iterator[Photographer]:
    """A window of its own, light, with the clock of Brussels."""
    context = browser.new_context(
        base_url=address,
        locale="nl-BE",
        timezone_id="Europe/Brussels",
        viewport={"width": width, "height": SCREENS[width]},
        device_scale_factor=1,
        color_scheme="light",
        reduced_motion="reduce",
    )
    try:
        yield Photographer(context.new_page(), width)
    finally:
        context.close()


def main() -> None:
    """Every picture of the guide."""
    if len(sys.argv) != 2:
        raise SystemExit("Give the address of a running demo, such as http://127.0.0.1:5000.")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise SystemExit("Chromium is not on the path.")
    address = sys.argv[1].rstrip("/")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--lang=nl-BE"], env={**os.environ, "LANGUAGE": "nl_BE"}
        )
        for width in SCREENS:
            with visitor(browser, address, width) as photographer:
                shop(photographer)
        for walk in (back_office, desk):
            with visitor(browser, address, 1280) as photographer:
                walk(photographer)
        browser.close()


if __name__ == "__main__":
    main()
