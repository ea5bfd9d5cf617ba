"""What a running sandbox is made of, and how a request reaches it."""

from dataclasses import dataclass

from flask import current_app, request

from app.sandbox.problems import Problem
from app.sandbox.store import Store


@dataclass
class Sandbox:
    """One sandbox: its memory, the one client it knows and how long tokens live (seconds)."""

    store: Store
    client_id: str
    client_secret: str
    public_url: str | None
    token_seconds: int


def sandbox() -> Sandbox:
    return current_app.extensions["sandbox"]


def store() -> Store:
    return sandbox().store


def address(path):
    """A full address of the sandbox itself, such as `http://127.0.0.1:5001/io/places/<id>`."""
    base = sandbox().public_url or request.host_url
    return base.rstrip("/") + path


def json_body():
    """The JSON that was sent, whatever its shape. Raises Problem as publiq does."""
    if not request.data:
        raise Problem("body/missing")
    if request.mimetype not in ("application/json", "application/ld+json"):
        raise Problem("header/unsupported-media-type", 415, detail="Use application/json.")
    body = request.get_json(silent=True, force=True)
    if body is None and request.data.strip() != b"null":
        raise Problem("body/invalid-syntax", detail="The given request body could not be parsed.")
    return body


def flag(name, default=False):
    """A boolean of the query string."""
    value = request.args.get(name)
    return default if value is None else value.lower() in ("true", "1")


def listed(name):
    """All values of a repeated parameter, with or without the brackets that some clients add."""
    return request.args.getlist(name) + request.args.getlist(name + "[]")


def whole_number(name, default, most, too_many):
    """`start` or `limit`; `too_many` is the Problem to raise above `most`."""
    text = request.args.get(name, str(default))
    if not text.isdigit():
        raise Problem("url/not-found", 404, detail=f"{name} must be a whole number, 0 or more.")
    if int(text) > most:
        raise too_many
    return int(text)
