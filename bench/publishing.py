"""First publication of many: eight at once against one after the other."""

import time
from collections.abc import Sequence

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.settings.models import PubliqCall
from app.uitdatabank.runs import start_run
from app.uitdatabank.sweeping import publish_due_items
from bench.activities import make_publishable
from bench.staging import BenchFailed, Sandbox

COUNT = 200
LATENCY = 0.5
"""Seconds that the sandbox takes to make an event."""


def measure(app: Flask, sandbox: Sandbox) -> float:
    """The time of a run of 200 first publications ÷ 200 × the latency of the sandbox.

    Organizer and location are known, so that each costs one POST; as many at once as the product
    does by itself.
    """
    with app.app_context():
        first, single, *many = make_publishable(COUNT + 2, "Kamp")
        db.session.remove()
        publish_all([first])  # organizer and location are known from here on
        sandbox.fault("POST /events", "traag", LATENCY)
        try:
            publish_all([single])
            latency = _last_call()
            started = time.perf_counter()
            publish_all(many)
            total = time.perf_counter() - started
        finally:
            sandbox.heal()
            db.session.remove()
    made = sandbox.calls("/events")
    if made != COUNT + 2:
        raise BenchFailed(f"{made} events were asked for {COUNT + 2} activities")
    return total / (COUNT * latency)


def publish_all(activity_ids: Sequence[int]) -> None:
    """Ask for a run of these and work it off. Raises BenchFailed when one fails."""
    start_run(activity_ids)
    published = publish_due_items()
    if published != len(activity_ids):
        raise BenchFailed(f"{published} of {len(activity_ids)} published")


def _last_call() -> float:
    """Seconds that the last POST of an event took."""
    call = select(PubliqCall.duration_ms).where(PubliqCall.operation == "event-post")
    return db.session.scalars(call.order_by(PubliqCall.id.desc()).limit(1)).one() / 1000
