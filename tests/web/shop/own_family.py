"""A parent at work on the pages of the family: who signs in, what is sent, what was asked."""

import pytest
import requests
from sqlalchemy import func, select

from app.extensions import db, write_transaction
from app.people.models import Person
from app.settings.models import Environment, EnvironmentSettings, PubliqCall
from app.settings.uit import uit_settings_for_update
from tests.signing_in import make_account, post, sign_in

PARENT = "ouder@gezin.example"
CHILD = {"first_name": "Jade", "last_name": "Peeters", "birth_date": "18/09/2008"}


@pytest.fixture
def parent(client):
    """A customer who signed in on ``client``."""
    account = make_account(PARENT, customer=True)
    sign_in(client, PARENT)
    return account.customer


@pytest.fixture
def connected(app):
    """The sandbox is publiq."""
    with write_transaction() as session:
        uit_settings_for_update().active_environment = Environment.SANDBOX
        session.add(
            EnvironmentSettings(
                environment=Environment.SANDBOX, client_id="demo", client_secret="demo"
            )
        )


def text_of(answer):
    return answer.get_data(as_text=True)


def only_person():
    return db.session.scalars(select(Person)).one()


def add_child(client, **changes):
    """Add the child of these tests to the family, with these fields otherwise."""
    return post(client, "/mijn/gezin/nieuw", {**CHILD, **changes})


def fault_on_passes(sandbox_url, kind, problem=""):
    """Something that goes wrong at publiq when a pass is asked about."""
    fault = {"operation": "GET /passes", "kind": kind, "problem": problem}
    requests.post(f"{sandbox_url}/sandbox/storingen", json=fault, timeout=5).raise_for_status()


def calls(operation="get-passes"):
    """How often publiq was asked so."""
    return db.session.scalar(
        select(func.count(PubliqCall.id)).where(PubliqCall.operation == operation)
    )
