"""Every page of the demo municipality that links lead to, once: axe, no sideways scrolling.

With LOKET_SCREENSHOTS=<folder> each page is also kept as a picture there.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.demo import DOMAIN, PASSWORD, fill_demo
from tests.browser.conftest import CLIENT_SECRET, Site, serve_sandbox, serve_site
from tests.browser.visiting import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("screens")]
PICTURES = os.environ.get("LOKET_SCREENSHOTS")
SCHEMES = {"wide": "light", "phone": "dark"}
"""Both are looked at; the story plays in the light on both screens."""
NO_PAGES = {"static", "shop.order_calendar", "shop.activity_picture"}
"""Endpoints that links lead to and that are no page to look at."""
OWN = {
    "stranger": "/",
    "ouder": "/mijn",
    "beheer": "/beheer",
    "kassa": ("/kassa", "/beheer/activiteiten"),
    "monitor": "/beheer",
}
"""Where each stays; the rest of the site is the stranger's to look at."""
SEEDS = {
    "stranger": ["/aanbod", "/mandje", "/dit-bestaat-niet"],
    f"ouder@{DOMAIN}": ["/mijn", "/mijn/gezin/nieuw", "/mijn/gegevens"],
    f"beheer@{DOMAIN}": ["/beheer/"],
    f"kassa@{DOMAIN}": ["/kassa", "/beheer/"],
    f"monitor@{DOMAIN}": ["/beheer/"],
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Zonnewende, filled as by `make demo`."""
    folder = tmp_path_factory.mktemp("demo")
    with (
        serve_sandbox(folder, 0) as sandbox_url,
        serve_site(f"sqlite:///{folder / 'loket.sqlite'}", folder, sandbox_url) as site,
    ):
        with site.open_database():
            fill_demo()
        yield site


@pytest.mark.parametrize("screen", ["wide", "phone"])
@pytest.mark.parametrize("who", list(SEEDS), ids=lambda who: who.split("@")[0])
def test_each_page_is_accessible_and_fits_the_screen(
    demo: Site, browser: Browser, who: str, screen: str
) -> None:
    visitor = Visitor(browser, demo.address, screen, color_scheme=SCHEMES[screen])
    visitor.secrets.append(CLIENT_SECRET)
    visitor.expected |= {404}
    if who != "stranger":
        visitor.sign_in(who, PASSWORD)
    seen: set[str] = set()
    waiting = list(SEEDS[who])
    while waiting:
        path = waiting.pop(0)
        name = endpoint_of(demo, path)
        if name in seen or name in NO_PAGES:
            continue
        seen.add(name)
        visitor.open(path)
        visitor.look()
        keep_picture(visitor, f"{screen}-{who.split('@')[0]}-{name}")
        waiting += [link for link in links_of(visitor) if link.startswith(OWN[who.split("@")[0]])]
    visitor.leave()
    assert len(seen) >= len(SEEDS[who])
    assert not visitor.complaints, "\n".join(visitor.complaints)


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_the_steps_of_registering_are_accessible_and_fit_the_screen(
    demo: Site, browser: Browser, screen: str
) -> None:
    visitor = Visitor(browser, demo.address, screen, color_scheme=SCHEMES[screen])
    visitor.sign_in(f"ouder@{DOMAIN}", PASSWORD)
    visitor.open("/aanbod?uitpas=1&vrij=1")
    paths = [path for path in links_of(visitor) if re.match(r"/aanbod/\d+", path)]
    for path in paths:
        visitor.open(f"{path}/inschrijven")
        boxes = visitor.page.locator("input[name=keuze]:not([disabled])")
        if boxes.count() and visitor.page.get_by_role("radio", name=re.compile("^Ja")).count():
            break
    else:
        pytest.fail("the demo offers the parent nothing with a benefit")
    visitor.page.locator("input[name=keuze]:not([disabled])").first.check()
    visitor.press("Volgende")
    visitor.sees_error("Kies of je een UiTPAS gebruikt.")
    visitor.look()
    keep_picture(visitor, f"{screen}-ouder-stap-1-fout")
    visitor.page.get_by_role("radio", name=re.compile("^Ja")).check()
    visitor.press("Volgende")
    visitor.see("Kies een voordeel")
    keep_picture(visitor, f"{screen}-ouder-stap-2")
    visitor.press("In mijn mandje")
    visitor.see("Je mandje")
    keep_picture(visitor, f"{screen}-ouder-mandje")
    visitor.press(re.compile("^Weghalen"))
    visitor.leave()
    assert not visitor.complaints, "\n".join(visitor.complaints)


def endpoint_of(site: Site, path: str) -> str:
    """Which kind of page this is; an unknown address is a kind of its own."""
    try:
        return site.app.url_map.bind("localhost").match(urlsplit(path).path)[0]
    except RequestRedirect as moved:
        return endpoint_of(site, moved.new_url)
    except HTTPException as error:
        return f"error-{error.code}"


def links_of(visitor: Visitor) -> list[str]:
    """Where one can go from here on our own site."""
    return visitor.page.locator("a[href^='/']").evaluate_all(
        "links => links.map((one) => one.getAttribute('href'))"
    )


def keep_picture(visitor: Visitor, name: str) -> None:
    """Save the whole page, where a folder was named."""
    if PICTURES:
        folder = Path(PICTURES)
        folder.mkdir(parents=True, exist_ok=True)
        visitor.page.screenshot(path=folder / f"{name}.png", full_page=True)
