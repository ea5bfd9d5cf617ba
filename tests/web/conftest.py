"""The family, the camp and publiq of the sales tests, and the browser of a parent."""

import pytest
from flask.testing import FlaskClient

from tests.sales.conftest import Family, camp, connected, family, publiq  # noqa: F401 - fixtures
from tests.signing_in import sign_in


@pytest.fixture
def parent(client: FlaskClient, family: Family) -> FlaskClient:  # noqa: F811 - the fixture
    """A browser in which the parent of the family is signed in."""
    sign_in(client, family.account.email)
    return client
