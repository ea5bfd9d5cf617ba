"""Credentials of the sandbox, as an admin enters them."""

import pytest

from app.settings.environments import EnvironmentInput, save_environment
from app.settings.models import Environment


@pytest.fixture
def connected(app):
    """The sandbox's client id and secret stand in the settings."""
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "demo", ""))
    return app
