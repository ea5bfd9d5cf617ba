"""Somebody with a browser, who finds things by what stands on the page, and looks at each page."""

import os
import re
from collections.abc import Iterable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Response, expect

from tests.signing_in import PASSWORD

SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
}
PATIENCE = int(os.environ.get("LOKET_PATIENCE", "60000"))
"""Milliseconds to wait for something; a loaded machine is slow, and who waits loses nothing."""
expect.set_options(timeout=PATIENCE)
REFUSED_FORM = 422
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE_OPTIONS = {
    "runOnly": {"type": "tag", "values": LEVELS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
WIDER_THAN_THE_SCREEN = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
    .map((one) => one.tagName.toLowerCase() + (one.id ? '#' + one.id : '.' + one.className))
    .slice(0, 8);
}"""


def check_axe(page: Page) -> None:
    """Fails, with what is wrong and where, when axe finds something on the page as it is now."""
    page.wait_for_load_state()
    found = Axe().run(page, options=AXE_OPTIONS).response["violations"]
    lines = [
        f"{one['id']} ({one['impact']}): {one['help']}\n"
        + "\n".join(f"    {node['html'][:300]}\n      {_why(node)}" for node in one["nodes"][:5])
        for one in found
    ]
    assert not lines, f"{page.url}\n" + "\n".join(lines)


def _why(node: dict[str, Any]) -> str:
    return " ".join(node.get("failureSummary", "").split())[:300]


def check_width(page: Page) -> None:
    """Fails when one has to scroll sideways, with what sticks out."""
    page.wait_for_load_state()
    wide = page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    assert not wide, f"{page.url} scrolls sideways: {page.evaluate(WIDER_THAN_THE_SCREEN)}"


class Visitor:
    """One person with one browser window; ``complaints`` is what the browser complained about."""

    def __init__(self, browser: Browser, address: str, screen: str, **settings: Any) -> None:
        self.address = address
        self.is_phone = screen == "phone"
        self.complaints: list[str] = []
        self.secrets: list[str] = []
        self.expected: set[int] = {REFUSED_FORM}
        self.context = browser.new_context(
            locale="nl-BE",
            timezone_id="Europe/Brussels",
            base_url=address,
            **{**SCREENS[screen], **settings},
        )
        self.context.set_default_timeout(PATIENCE)
        self.context.on("page", self._watch)
        self.page = self.context.new_page()

    def _watch(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._answered)

    def _heard(self, message: ConsoleMessage) -> None:
        # answers with an error are judged by their status, in _answered()
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"{response.status} {response.request.method} {response.url}")

    def leave(self) -> None:
        """Close the window; its cookies are gone."""
        self.context.close()

    # looking

    def see(self, heading: str | re.Pattern[str]) -> None:
        """The page with this main heading is there, and nothing is wrong with how it is made."""
        expect(self.page.get_by_role("heading", level=1, name=heading).first).to_be_visible()
        self.look()

    def look(self) -> None:
        """axe, sideways scrolling and secrets, on the page as it is now.

        What axe and the width say is kept with the complaints, so that one run tells all.
        """
        for check in (check_width, check_axe):
            try:
                check(self.page)
            except AssertionError as error:
                self.complaints.append(str(error))
        text = self.page.content()
        assert not [hidden for hidden in self.secrets if hidden in text], (
            f"{self.page.url} shows what must stay hidden"
        )

    def sees(self, words: str | re.Pattern[str]) -> None:
        """These words stand on the page."""
        expect(self.page.locator("main")).to_contain_text(words)

    def sees_not(self, words: str | re.Pattern[str]) -> None:
        """These words do not stand on the page."""
        expect(self.page.locator("main")).not_to_contain_text(words)

    def sees_error(self, sentence: str | re.Pattern[str]) -> None:
        """The summary of errors says so."""
        expect(self.page.locator("[data-vl-errors]")).to_contain_text(sentence)

    # doing

    def open(self, path: str) -> None:
        """Type an address."""
        self.page.goto(path)

    def field(self, label: str | re.Pattern[str], *, within: Locator | None = None) -> Locator:
        """The field with that label; the words that it may stay empty count no more."""
        if isinstance(label, str):
            label = re.compile(rf"^\s*{re.escape(label)}(\s*\(mag leeg blijven\))?\s*$")
        return (within or self.page).get_by_label(label)

    def type(self, fields: dict[str, str], *, within: Locator | None = None) -> None:
        """Fill in fields by their label."""
        for label, text in fields.items():
            self.field(label, within=within).fill(text)

    def press(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Press the button with this name."""
        exact = isinstance(name, str)
        (within or self.page).get_by_role("button", name=name, exact=exact).click()

    def follow(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """Follow the link with this name."""
        exact = isinstance(name, str)
        (within or self.page).get_by_role("link", name=name, exact=exact).first.click()

    def choose(self, name: str | re.Pattern[str]) -> None:
        """Tick a box or a radio by its label, as a finger would: on the label."""
        self.page.get_by_role("radio", name=name).or_(
            self.page.get_by_role("checkbox", name=name)
        ).first.check()

    def menu(self, name: str) -> None:
        """Go by the menu of the back office, which is folded on a phone."""
        side = self.page.get_by_role("navigation", name="Beheer")
        if not side.is_visible():
            self.page.locator("summary", has_text="Menu").click()
        side.get_by_role("link", name=re.compile(rf"^{re.escape(name)}(\s|$)")).click()

    def tab(self, name: str) -> None:
        """Go to another tab of the page."""
        self.follow(name, within=self.page.locator(".vl-tabs"))

    def sign_in(self, email: str, password: str = PASSWORD) -> None:
        """By the form."""
        self.open("/aanmelden")
        self.type({"E-mailadres": email, "Wachtwoord": password})
        self.press("Meld je aan")
        self.page.wait_for_url(lambda url: "/aanmelden" not in url)

    def search(self, label: str, words: str, wanted: str, *, steps: int = 12) -> None:
        """Live search by keyboard only: type, walk with the arrows, Enter."""
        box = self.page.get_by_role("combobox", name=label)
        box.focus()
        box.press("Control+a")
        box.press_sequentially(words, delay=15)
        option = self.page.get_by_role("option", name=re.compile(re.escape(wanted)))
        expect(option.first).to_be_visible()
        for _ in range(steps):
            box.press("ArrowDown")
            if option.first.get_attribute("aria-selected") == "true":
                break
        box.press("Enter")
        expect(box).to_have_value(re.compile(re.escape(wanted)))

    def hides(self, secrets: Iterable[str]) -> None:
        """From now on none of these may stand on a page that is looked at."""
        self.secrets.extend(secrets)
