"""The overview of 20,000 activities against that of 1,000."""

import re
import time
from pathlib import Path
from statistics import median

from flask import Flask
from flask.testing import FlaskClient

from app.extensions import db
from bench.activities import fill_overview
from bench.staging import EMAIL, PASSWORD, BenchFailed, make_application

FEW, MANY = 1_000, 20_000
TIMES, WARM_UP = 40, 5
ADDRESS = "/beheer/activiteiten"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def measure(folder: Path) -> float:
    """The median time of a page of 20,000 activities ÷ that of 1,000; requests in turn."""
    browsers = [_browser(folder / str(count), count) for count in (FEW, MANY)]
    times: list[list[float]] = [[], []]
    for turn in range(WARM_UP + TIMES):
        for place, browser in enumerate(browsers):
            started = time.perf_counter()
            answer = browser.get(ADDRESS)
            taken = time.perf_counter() - started
            if answer.status_code != 200:
                raise BenchFailed(f"the overview answers {answer.status_code}")
            if turn >= WARM_UP:
                times[place].append(taken)
    return median(times[1]) / median(times[0])


def _browser(folder: Path, count: int) -> FlaskClient:
    app = make_application(folder)
    with app.app_context():
        fill_overview(count)
        db.session.remove()
    return _signed_in(app)


def _signed_in(app: Flask) -> FlaskClient:
    browser = app.test_client()
    form = TOKEN.search(browser.get("/aanmelden").get_data(as_text=True))
    if form is None:
        raise BenchFailed("the form to sign in has no token")
    typed = {"email": EMAIL, "password": PASSWORD, "csrf_token": form.group(1)}
    if browser.post("/aanmelden", data=typed).status_code != 303:
        raise BenchFailed("signing in does not work")
    return browser
