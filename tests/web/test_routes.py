"""Every route, as each kind of person: who may come in, and who may not."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import IntegerConverter, Rule

from app.people.models import Role
from app.web.access import Access, access_of
from tests.signing_in import make_account, post, sign_in

PEOPLE = {
    "stranger": frozenset(),
    "customer": frozenset({Access.CUSTOMER, Access.SIGNED_IN}),
    "other customer": frozenset({Access.CUSTOMER, Access.SIGNED_IN}),
    "monitor": frozenset({Access.MONITOR, Access.SIGNED_IN}),
    "cashier": frozenset({Access.CASHIER, Access.SIGNED_IN}),
    "admin": frozenset({Access.ADMIN, Access.SIGNED_IN}),
}
ROLES = {"monitor": Role.MONITOR, "cashier": Role.CASHIER, "admin": Role.ADMIN}


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if not rule.endpoint.endswith("static")]


def address_of(rule: Rule) -> str:
    """The rule's address with something in each gap that fits its converter but exists nowhere."""
    _domain, path = rule.build({name: _filler(rule, name) for name in rule.arguments}) or ("", "")
    return path


def _filler(rule: Rule, name: str) -> object:
    converter = rule._converters[name]
    return 987654 if isinstance(converter, IntegerConverter) else "bestaat-niet"


@pytest.fixture
def people(app: Flask) -> dict[str, FlaskClient]:
    """A browser for each kind of person."""
    browsers = {}
    for who in PEOPLE:
        browser = app.test_client()
        if who != "stranger":
            email = f"{who.replace(' ', '-')}@test.example"
            make_account(email, [ROLES[who]] if who in ROLES else [], customer="customer" in who)
            sign_in(browser, email)
        browsers[who] = browser
    return browsers


def test_every_route_declares_for_whom_it_is(app: Flask) -> None:
    for rule in rules(app):
        assert access_of(app, rule.endpoint), rule.endpoint


def test_each_person_gets_only_the_routes_declared_for_them(
    app: Flask, people: dict[str, FlaskClient]
) -> None:
    for rule in rules(app):
        if rule.endpoint == "auth.sign_out":
            continue  # would end the walk
        for method in sorted({"GET", "POST"} & rule.methods):
            for who, browser in people.items():
                _visit(app, rule, method, who, browser)


def _visit(app: Flask, rule: Rule, method: str, who: str, browser: FlaskClient) -> None:
    address = address_of(rule)
    kinds = access_of(app, rule.endpoint)
    allowed = Access.ANYONE in kinds or bool(kinds & PEOPLE[who])
    answer = browser.get(address) if method == "GET" else post(browser, address)
    seen = f"{method} {address} as {who}: {answer.status_code}"
    if allowed:
        assert answer.status_code not in {401, 403, 405} and answer.status_code < 500, seen
    elif who == "stranger":
        assert answer.status_code == 302, seen
        assert answer.location.startswith("/aanmelden"), seen
    else:
        assert answer.status_code == 403, seen


def test_a_lapsed_sign_in_answers_htmx_with_a_redirect_of_the_whole_page(
    app: Flask, client: FlaskClient
) -> None:
    for rule in rules(app):
        if "GET" not in rule.methods or Access.ANYONE in access_of(app, rule.endpoint):
            continue
        answer = client.get(address_of(rule), headers={"HX-Request": "true"})
        assert answer.status_code == 401, rule.endpoint
        assert answer.headers["HX-Redirect"].startswith("/aanmelden"), rule.endpoint
