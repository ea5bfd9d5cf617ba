"""For tests of runs: many activities at once, and what came of them."""

from collections import Counter
from datetime import timedelta

import requests
from sqlalchemy import select, update

from app.clock import now
from app.extensions import db, write_transaction
from app.settings.models import JobLease, PubliqCall
from app.uitdatabank.models import EventLink, ItemState, PublicationItem
from app.uitdatabank.runs import start_run
from tests.making import make_type
from tests.uitdatabank.support import ready_activity


def ready_series(count: int, title: str = "Kamp", **fields: object) -> list[int]:
    """So many activities that miss nothing, each with a name of its own."""
    kind = make_type()
    return [
        ready_activity(f"{title} {number}", activity_type=kind, **fields).id
        for number in range(1, count + 1)
    ]


def ask(activity_ids: list[int], title: str = "Reeks") -> int:
    """A run of these activities."""
    asked = start_run(activity_ids, title)
    assert asked.run_id is not None, asked
    db.session.remove()
    return asked.run_id


def states(run_id: int) -> Counter[ItemState]:
    """How many rows of a run stand how."""
    found = db.session.scalars(
        select(PublicationItem.state).where(PublicationItem.run_id == run_id)
    ).all()
    db.session.rollback()
    return Counter(found)


def items(run_id: int) -> list[PublicationItem]:
    """The rows of a run, in their order."""
    return list(
        db.session.scalars(
            select(PublicationItem)
            .where(PublicationItem.run_id == run_id)
            .order_by(PublicationItem.position)
            .execution_options(populate_existing=True)
        )
    )


def calls(operation: str) -> int:
    """How many calls of this kind stand in the log."""
    found = db.session.scalars(select(PubliqCall.id).where(PubliqCall.operation == operation)).all()
    db.session.rollback()
    return len(found)


def let_time_pass(seconds: float = 3600) -> None:
    """As if all that was sent left so long ago; leases lapse and pauses are over.

    A transaction for each table: a worker that goes on meanwhile locks them in another order.
    """
    before = now() - timedelta(seconds=seconds)
    leased = PublicationItem.lease_until.is_not(None)
    for change in (
        update(EventLink).where(EventLink.sent_at.is_not(None)).values(sent_at=before),
        update(PublicationItem).values(next_try_at=before),
        update(PublicationItem).where(leased).values(lease_until=before),
        update(JobLease).values(until=before),
    ):
        with write_transaction() as session:
            session.execute(change)


def events_at_publiq(sandbox_url: str) -> Counter[str]:
    """How many events of each name stand at publiq."""
    found: list[dict] = []
    while True:
        answer = requests.get(
            f"{sandbox_url}/search/events",
            params={
                "disableDefaultFilters": "true",
                "embed": "true",
                "limit": 200,
                "start": len(found),
            },
            headers={"x-client-id": "demo"},
            timeout=10,
        )
        assert answer.status_code == 200, answer.text
        page = answer.json()["member"]
        found += page
        if not page or len(found) >= answer.json()["totalItems"]:
            return Counter(item["name"].get("nl") for item in found)
