"""A second parent, beside the one of all tests of pages."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.signing_in import make_account, sign_in


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """A browser in which another customer is signed in."""
    browser = app.test_client()
    make_account("ander@gezin.example", customer=True, first_name="Ander", last_name="Gezin")
    sign_in(browser, "ander@gezin.example")
    return browser
