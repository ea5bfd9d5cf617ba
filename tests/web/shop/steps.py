"""The steps of a parent, for tests that begin further on."""

import re
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.activities.models import Activity
from app.activities.offer import public_path
from app.extensions import db
from app.people.models import Person
from app.sales.models import BasketLine, Order
from tests.signing_in import post


def text_of(answer: TestResponse) -> str:
    """The words of a page, without marks and with single white space."""
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", answer.get_data(as_text=True), flags=re.S)
    words = unescape(re.sub(r"<[^>]+>", " ", page)).replace("\xa0", " ")
    return re.sub(r" (?=[,.] )", "", re.sub(r"\s+", " ", words))


def choose(
    browser: FlaskClient, activity: Activity, *persons: Person, uitpas: str = "nee"
) -> TestResponse:
    """Step 1: tick these persons for an activity."""
    return post(
        browser,
        f"{public_path(activity)}/inschrijven",
        {"keuze": [f"{activity.id}-{person.id}" for person in persons], "uitpas": uitpas},
    )


def lines() -> list[BasketLine]:
    """Every line of a basket, in the order in which they were added."""
    return list(db.session.scalars(select(BasketLine).order_by(BasketLine.id)))


def take_benefit(browser: FlaskClient) -> TestResponse:
    """Step 2: look at the page and take what is preselected."""
    page = browser.get("/mandje/voordelen").get_data(as_text=True)
    chosen = dict(
        re.findall(r'type="radio"[^>]*name="(voordeel-\d+)" value="([^"]*)" checked', page)
    )
    chosen |= dict(re.findall(r'type="hidden" name="(voordeel-\d+)" value="([^"]*)"', page))
    return post(browser, "/mandje/voordelen", chosen)


def finish(browser: FlaskClient, **changes: str) -> TestResponse:
    """Afronden, to be paid at the desk, with the terms ticked."""
    found = lines()
    fields = {
        "mandje": str(found[-1].basket_id) if found else "0",
        "betaalwijze": "desk",
        "voorwaarden": "ja",
    }
    return post(browser, "/afrekenen", fields | changes)


def orders() -> list[Order]:
    """Every order, the oldest first."""
    return list(db.session.scalars(select(Order).order_by(Order.id)))
