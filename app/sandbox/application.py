"""Puts the sandbox together: one Flask app over one SQLite file."""

from flask import Flask, jsonify, request
from werkzeug.exceptions import HTTPException

from app.sandbox import (
    entry_parts,
    entry_places,
    journal,
    place_pages,
    rewards,
    rewards_redeeming,
    rights,
    seed,
    uitpas_catalog,
    uitpas_sales,
    uitpas_tariffs,
)
from app.sandbox.auth import account
from app.sandbox.context import Sandbox
from app.sandbox.entry import entry
from app.sandbox.faults import Dropping, is_api_call, spoil, strike
from app.sandbox.pages import pages
from app.sandbox.problems import Problem, not_found
from app.sandbox.search import search
from app.sandbox.store import Store
from app.sandbox.taxonomy import taxonomy
from app.sandbox.uitpas_passes import uitpas

# These modules add their calls to a blueprint of another one when they are imported.
PARTS = (
    entry_parts,
    entry_places,
    place_pages,
    rights,
    rewards,
    rewards_redeeming,
    uitpas_catalog,
    uitpas_sales,
    uitpas_tariffs,
)
LARGEST_BODY = 25_000_000
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


def create_sandbox(
    database_path: str,
    *,
    delay_seconds: float = 1.5,
    public_url: str | None = None,
    client_id: str = "demo",
    client_secret: str = "demo",  # noqa: S107 - the published secret of the demo
    token_seconds: int = 86400,
) -> Flask:
    """A sandbox over the SQLite file at `database_path`, filled when that file is new.

    `delay_seconds` is how long a new event takes to reach Search and UiTPAS, `public_url` the
    base of the ids it hands out (else that of the request), `token_seconds` how long a token lives.
    """
    app = Flask(__name__)
    app.json.ensure_ascii = False
    app.json.sort_keys = False
    app.url_map.strict_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    store = Store(database_path, delay_seconds)
    if store.is_new:
        seed.fill(store)
    app.extensions["sandbox"] = Sandbox(store, client_id, client_secret, public_url, token_seconds)
    for blueprint in (account, entry, search, taxonomy, uitpas, pages):
        app.register_blueprint(blueprint)
    app.before_request(strike)
    app.after_request(journal.record)
    app.after_request(spoil)  # runs before the one above: last in, first out
    app.after_request(_page_headers)
    app.register_error_handler(Problem, lambda problem: problem.response())
    app.register_error_handler(HTTPException, _http_problem)
    app.wsgi_app = Dropping(app.wsgi_app)
    return app


def _page_headers(response):
    if response.mimetype == "text/html" and not is_api_call():
        response.headers.update(PAGE_HEADERS)
    return response


def _http_problem(error):
    """An address or method that does not exist, told as publiq does below the APIs."""
    if not is_api_call():
        return error
    if request.path.startswith("/account/"):
        return jsonify(error="not_found"), error.code
    if error.code == 405:
        return Problem("method/not-allowed", 405).response()
    if error.code == 404:
        return not_found(f'"{request.path}" does not exist.').response()
    return Problem("body/invalid-syntax", error.code or 500, detail=error.description).response()
