"""The one Chromium of a test process: Playwright refuses to be started twice in a process."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
USUAL = Path("/usr/bin/chromium")


def chromium_path() -> str | None:
    """Where Chromium is installed, or None."""
    if USUAL.exists():
        return str(USUAL)
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once; hand out contexts or pages of it and close those."""
    path = chromium_path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing; .ci/run installs it")
        pytest.skip("install Chromium (on Debian and Ubuntu: apt-get install chromium)")
    with sync_playwright() as playwright:
        as_root = os.geteuid() == 0
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox"] if as_root else []
        )
        yield chromium
        chromium.close()
