"""Every page of the demo municipality that links lead to, once: axe, no sideways scrolling.

With LOKET_SCREENSHOTS=<folder> each page is also kept as a picture there.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.demo import DOMAIN, PASSWORD, fill_demo
from app.extensions import db
from app.sales.models import LineState, Order, OrderLine, OrderState
from tests.browser.conftest import CLIENT_SECRET, Site, serve_sandbox, serve_site
from tests.browser.visiting import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("screens")]
PICTURES = os.environ.get("LOKET_SCREENSHOTS")
SCHEMES = {"wide": "light", "phone": "dark"}
"""Both are looked at; the story plays in the light on both screens."""
NO_PAGES = {
    "static",
    "backoffice.export_ledger_sheet",
    "backoffice.export_persons",
    "shop.order_calendar",
    "shop.activity_picture",
    "backoffice.export_activities",
    "backoffice.export_attendance",
    "backoffice.export_registrations",
    "backoffice.uit_image",
}
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
        loket = site.app.config["LOKET"]
        port = urlsplit(sandbox_url).port
        site.app.config["LOKET"] = replace(loket, sandbox_port=port)  # as `make demo` starts it
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


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_the_steps_of_registering_on_behalf_are_accessible_and_fit_the_screen(
    demo: Site, browser: Browser, screen: str
) -> None:
    visitor = Visitor(browser, demo.address, screen, color_scheme=SCHEMES[screen])
    visitor.sign_in(f"kassa@{DOMAIN}", PASSWORD)
    visitor.open("/beheer/inschrijvingen/nieuw?zoeken=e")
    visitor.look()
    (customer, *_rest) = [path for path in links_of(visitor) if path.endswith("/inschrijven")]
    visitor.open(customer)
    visitor.look()
    steps = [path for path in links_of(visitor) if re.match(rf"{customer}/\d+$", path)]
    with_reason = first_with(visitor, steps, "input[name^=reden]")
    assert with_reason, "the demo has nothing where a rule is in the way"
    box = visitor.page.locator("input[name=keuze]:not([disabled])").first
    box.check()
    for no in visitor.page.get_by_role("radio", name=re.compile("^Nee")).all():
        no.check()
    visitor.press("Volgende")
    visitor.see("Inschrijven voor")
    visitor.look()
    keep_picture(visitor, f"{screen}-kassa-reden")
    with_uitpas = first_with(visitor, steps, "input[name=keuze]:not([disabled])", "#uitpas-ja")
    assert with_uitpas, "the demo has nothing with a benefit"
    visitor.page.locator("input[name=keuze]:not([disabled])").first.check()
    visitor.page.locator("#uitpas-ja").check()
    for reason in visitor.page.locator("input[name^=reden]:visible").all():
        reason.fill("afgesproken met de dienst")
    visitor.press("Volgende")
    visitor.see("Kies een voordeel")
    visitor.look()
    keep_picture(visitor, f"{screen}-kassa-voordeel")
    visitor.press("In het mandje")
    visitor.see("Mandje voor")
    visitor.look()
    keep_picture(visitor, f"{screen}-kassa-mandje")
    visitor.press(re.compile("^Weghalen"))
    visitor.see("Mandje voor")
    visitor.look()


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_the_pages_that_change_a_registration_are_accessible_and_fit_the_screen(
    demo: Site, browser: Browser, screen: str
) -> None:
    with demo.open_database():
        lines = db.session.scalars(
            select(OrderLine)
            .join(Order)
            .where(OrderLine.state == LineState.LIVE, Order.state == OrderState.CONFIRMED)
            .order_by(OrderLine.id)
        ).all()
        with_benefit = next(line.line_ref for line in lines if line.benefit_kind)
        without = next(line.line_ref for line in lines if not line.benefit_kind and line.price)
        several = next(line.order.number for line in lines if len(line.order.live_lines) > 1)
    visitor = Visitor(browser, demo.address, screen)
    visitor.sign_in(f"kassa@{DOMAIN}", PASSWORD)
    for path in (
        f"/beheer/inschrijvingen/{without}/voordeel",
        f"/beheer/bestellingen/{several}/annuleren",
        f"/beheer/inschrijvingen/{with_benefit}/verplaatsen",
    ):
        visitor.open(path)
        visitor.look()
        keep_picture(visitor, f"{screen}-kassa-{path.rsplit('/', 1)[-1]}")
    visitor.page.get_by_role("link", name=re.compile("^Kies")).first.click()
    visitor.sees("Wat er gebeurt")
    visitor.look()
    keep_picture(visitor, f"{screen}-kassa-verplaatsen-naar")
    visitor.press("Verplaats de inschrijving")
    visitor.sees_error("Geef een reden op: ze staat in het logboek.")
    visitor.look()
    visitor.page.get_by_label("Reden").fill("op vraag van het gezin")
    visitor.press("Verplaats de inschrijving")
    visitor.sees("Wijzigingen")
    visitor.look()
    keep_picture(visitor, f"{screen}-kassa-verplaatst")
    visitor.leave()
    assert not visitor.complaints, "\n".join(visitor.complaints)


def first_with(visitor: Visitor, paths: list[str], *selectors: str) -> str:
    """Open these pages until one has all of that; its path, or nothing."""
    for path in paths:
        visitor.open(path)
        if all(visitor.page.locator(one).count() for one in selectors):
            return path
    return ""


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
