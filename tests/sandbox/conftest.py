"""A sandbox of its own for each test, spoken to through Flask's test client."""

import pytest

from app.sandbox import create_sandbox
from tests.sandbox.calling import Caller


@pytest.fixture
def sandbox(tmp_path):
    app = create_sandbox(str(tmp_path / "sandbox.sqlite"), delay_seconds=0)
    yield app
    app.extensions["sandbox"].store.close()


@pytest.fixture
def call(sandbox):
    return Caller(sandbox)
