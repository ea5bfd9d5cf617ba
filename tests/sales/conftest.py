"""A family with publiq's test passes, and an activity whose event UiTPAS knows."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
import requests
from flask import Flask

from app.activities.models import Activity
from app.clock import now
from app.extensions import write_transaction
from app.people.models import Account, Customer, Person
from app.settings.models import Environment, EnvironmentSettings
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.models import EventLink, LinkState
from tests.making import make_activity, make_person
from tests.signing_in import make_account

EVENT = "5a0967f9-cc06-4c3c-9206-30481a767434"
"""publiq's permanent test event: a hundred sales for each pass and week."""
ONCE_A_WEEK = "d83b5b8a-108a-45d6-9ac9-8bdc44a0a24a"
"""publiq's test event where each pass buys once a week."""
SOCIAL = "0900000067513"
SOCIAL_TOO = "0900011903417"
EXPIRED = "0900000031618"
BLOCKED = "0900000002312"
NO_TARIFF = "0900000095902"
WITH_COUPON = "0900010888817"
"""Has a social tariff and a coupon that is good for one ticket, wherever."""


@dataclass
class Family:
    """A customer who can sign in, and the children."""

    account: Account
    customer: Customer
    mira: Person
    tuur: Person

    @property
    def id(self) -> int:
        """Of the customer."""
        return self.customer.id


@pytest.fixture
def connected(app: Flask) -> None:
    """The sandbox is the active environment, and we have its credentials."""
    with write_transaction() as session:
        uit_settings_for_update().active_environment = Environment.SANDBOX
        session.add(
            EnvironmentSettings(
                environment=Environment.SANDBOX, client_id="demo", client_secret="demo"
            )
        )


@pytest.fixture
def family(connected: None) -> Family:
    """Mira has a social tariff, Tuur has no UiTPAS."""
    account = make_account("ouder@gezin.example", customer=True)
    customer = account.customer
    assert customer is not None
    return Family(
        account,
        customer,
        make_person(customer, "Mira", uitpas_number=SOCIAL),
        make_person(customer, "Tuur"),
    )


@pytest.fixture
def camp(connected: None) -> Activity:
    """An activity of sixty euro that UiTPAS knows."""
    return publish_as(make_activity("Winterbos-kamp", capacity=5))


def publish_as(activity: Activity, event_id: str = EVENT) -> Activity:
    """Couple an activity to an event of publiq's test data."""
    with write_transaction() as session:
        session.add(
            EventLink(
                activity_id=activity.id,
                environment=Environment.SANDBOX,
                event_id=event_id,
                state=LinkState.PUBLISHED,
                published_at=now(),
            )
        )
    return activity


@dataclass
class Publiq:
    """The sandbox seen from outside."""

    url: str

    def live_sales(self) -> list[dict]:
        """The ticket sales that stand at UiTPAS."""
        sales = requests.get(f"{self.url}/sandbox/ticket-sales.json", timeout=10).json()
        return [sale for sale in sales if not sale["cancelled"]]

    def fault(self, operation: str, kind: str, count: int | None = 1, **fields: object) -> None:
        """Switch a fault on, for the next so many calls."""
        body = {"operation": operation, "kind": kind, "count": count, **fields}
        answer = requests.post(f"{self.url}/sandbox/storingen", json=body, timeout=10)
        assert answer.ok, answer.text

    def struck(self) -> bool:
        """Whether every fault worked at least once: those for one call are gone by then."""
        url = f"{self.url}/sandbox/storingen?format=json"
        return all(fault["remaining"] != 1 for fault in requests.get(url, timeout=10).json())

    def replace_card(self, number: str) -> str:
        """The holder of this card gets another; returns its number."""
        answer = requests.post(f"{self.url}/sandbox/passen/{number}/vervangen", json={}, timeout=10)
        assert answer.ok, answer.text
        return answer.json()["number"]

    def heal(self) -> None:
        """Switch all faults off."""
        requests.post(f"{self.url}/sandbox/storingen/alles-uit", json={}, timeout=10)


@pytest.fixture
def publiq(sandbox_url: str) -> Publiq:
    """What publiq holds and how it misbehaves."""
    return Publiq(sandbox_url)


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Kill the process at a named function: it raises what nothing catches."""

    def kill_at(dotted: str) -> None:
        def die(*_args: object, **_kwargs: object) -> None:
            raise ProcessKilled

        monkeypatch.setattr(dotted, die)

    return kill_at


class ProcessKilled(BaseException):
    """As if the power went."""
