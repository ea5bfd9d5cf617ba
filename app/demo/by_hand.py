"""What somebody at UiTdatabank does by hand, on the pages of the bundled sandbox.

Those pages belong to that sandbox alone: where another server plays publiq, nobody is sent there.
"""

import requests
from flask import current_app

from app.extensions import end_read

SALE = {"operation": "POST /ticket-sales", "count": "1"}
PATIENCE = 10
"""Seconds in which a page must answer."""


def is_possible() -> bool:
    """Whether publiq is played by the sandbox that comes along."""
    loket = current_app.config["LOKET"]
    return loket.sandbox_url == loket.bundled_sandbox_url


def retitle_event(event_id: str, title: str) -> bool:
    """Give an event another title; returns whether the page took it."""
    return _press(f"/sandbox/events/{event_id}", {"action": "title", "text": title})


def delete_place(place_id: str) -> bool:
    """Delete a location, as somebody does who finds it superfluous; returns whether it went."""
    return _press(f"/sandbox/locaties/{place_id}", {"action": "delete"})


def limit_tickets(event_id: str, number: int) -> bool:
    """Say how often each pass buys at this event, as its organizer does; whether it was taken."""
    return _press(f"/sandbox/events/{event_id}", {"action": "limit", "text": str(number)})


def sell_without_looking(name: str) -> bool:
    """The organizer with these words in its name lets us sell, and not look up what was sold."""
    end_read()
    address = current_app.config["LOKET"].bundled_sandbox_url + "/sandbox/rechten?format=json"
    try:
        found = requests.get(address, timeout=PATIENCE).json()
    except (requests.RequestException, ValueError):
        return False
    key = next((one["id"] for one in found if name in one["name"]), "")
    return bool(key) and _press(f"/sandbox/rechten/{key}", {"rights": "zonder-opzoeken"})


def lose_next_sale() -> bool:
    """The next sale is registered, and its answer never comes."""
    return _press("/sandbox/storingen", {**SALE, "kind": "antwoord-kwijt"})


def refuse_next_sale() -> bool:
    """The next sale is refused, as when a limit was reached at that very moment."""
    fields = {**SALE, "kind": "geweigerd", "problem": "uitpas/maximum-reached"}
    return _press("/sandbox/storingen", fields)


def heal() -> bool:
    """Nothing goes wrong on purpose any more."""
    return _press("/sandbox/storingen/alles-uit", {})


def _press(path: str, fields: dict[str, str]) -> bool:
    end_read()
    address = current_app.config["LOKET"].bundled_sandbox_url + path
    try:
        return requests.post(address, data=fields, timeout=PATIENCE).ok
    except requests.RequestException:
        return False
