"""While production is not active, every page says so (DESIGN: Environment)."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.extensions import write_transaction
from app.settings.models import Environment
from app.settings.uit import uit_settings_for_update
from tests.web.reading import text
from tests.web.test_routes import address_of, people, rules  # noqa: F401

BANNER = 'aria-label="Actieve omgeving"'
EXISTING = {
    "/aanbod": "stranger",
    "/aanmelden": "stranger",
    "/mandje": "customer",
    "/mijn": "customer",
    "/kassa": "cashier",
    "/beheer/": "admin",
}
"""One page at least of each layout and of each kind of person."""


def activate(environment: Environment) -> None:
    with write_transaction():
        uit_settings_for_update().active_environment = environment


def pages(app: Flask, browser: FlaskClient) -> Iterator[tuple[str, str]]:
    """Each whole page that a GET shows this person, those that say why not included."""
    for rule in rules(app):
        if "GET" not in rule.methods or rule.endpoint == "auth.sign_out":
            continue
        address = address_of(rule)
        answer = browser.get(address, follow_redirects=True)
        if answer.mimetype == "text/html" and "<html" in text(answer):
            yield address, text(answer)


@pytest.mark.parametrize("environment", [Environment.TEST, Environment.SANDBOX])
def test_every_page_for_everybody_has_the_banner(
    app: Flask,
    people: dict[str, FlaskClient],  # noqa: F811
    environment: Environment,
) -> None:
    activate(environment)
    for who, browser in people.items():
        seen = list(pages(app, browser))
        without = [address for address, page in seen if BANNER not in page]
        assert len(seen) > 20 and without == [], who


def test_in_production_no_page_has_it(
    app: Flask,
    people: dict[str, FlaskClient],  # noqa: F811
) -> None:
    activate(Environment.PRODUCTION)
    for address, who in EXISTING.items():
        answer = people[who].get(address, follow_redirects=True)
        assert answer.status_code == 200 and BANNER not in text(answer), address
