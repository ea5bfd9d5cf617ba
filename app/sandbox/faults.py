"""Faults on purpose: slow, down, a lost answer, an expired token, a refusal, too many calls.

A fault fits an operation: `alles`, an API (`token`, `io`, `search`, `taxonomy`, `uitpas`) or one
call such as `POST /ticket-sales` or `GET /events/{id}/card-systems`. It works for the next so
many calls, or until it is switched off.
"""

import json
import re
import socket
import time
from contextlib import suppress

from flask import Response, g, request

from app.sandbox.auth import revoke_tokens
from app.sandbox.context import store
from app.sandbox.problems import Problem

APIS = {
    "token": "/account",
    "io": "/io",
    "search": "/search",
    "taxonomy": "/taxonomy",
    "uitpas": "/uitpas",
}
KINDS = {
    "traag": "Traag: wacht zoveel seconden en antwoord dan gewoon",
    "plat": "Plat: antwoord 503 met een webpagina",
    "verbroken": "Plat: de verbinding valt weg, er gebeurt niets",
    "antwoord-kwijt": "Antwoord kwijt: de oproep wordt uitgevoerd, dan valt de verbinding weg",
    "antwoord-te-laat": "Antwoord te laat: uitgevoerd, maar zoveel seconden geen antwoord",
    "verlopen-token": "Verlopen token: 401, en alle tokens werken niet meer",
    "geweigerd": "Geweigerd: 400 of 403 met het gekozen probleem",
    "te-vaak": "Te vaak: 429, met Retry-After als je seconden invult",
    "fout-500": "Fout 500 met een webpagina",
    "webpagina": "Webpagina: 200 met HTML in plaats van JSON, er gebeurt niets",
    "webpagina-na": "Webpagina na: de oproep wordt uitgevoerd, het antwoord is 200 met HTML",
    "zonder-label": "Zonder referentie: verkopen in het antwoord missen hun regularPriceLabel",
}
FORBIDDEN_TYPES = ("auth/forbidden", "uitdatabank/label-not-allowed")
HTML = "<!doctype html><html lang=en><title>{0}</title><h1>{0}</h1></html>"
DOWN = HTML.format("503 Service Temporarily Unavailable")
PORTAL = HTML.format("200 Please sign in to this network")
CRASHED = HTML.format("500 Internal Server Error")


def add_fault(operation, kind, seconds=0.0, problem="", count=None):
    """Switch a fault on. `count` None works until it is switched off. Raises ValueError."""
    if kind not in KINDS:
        raise ValueError(f"Kies een soort uit: {', '.join(KINDS)}.")
    if count is not None and count < 1:
        raise ValueError("Vul een aantal in vanaf 1, of laat het leeg.")
    if seconds < 0:
        raise ValueError("Vul een aantal seconden in vanaf 0.")
    store().write(
        "INSERT INTO fault (operation, kind, seconds, problem, remaining) VALUES (?, ?, ?, ?, ?)",
        *(operation.strip() or "alles", kind, seconds, problem.strip(), count),
    )


def faults():
    return store().rows("SELECT * FROM fault ORDER BY id")


def clear_faults(fault_id=None):
    """Switch one fault off, or all of them."""
    if fault_id is None:
        store().write("DELETE FROM fault")
    else:
        store().write("DELETE FROM fault WHERE id = ?", fault_id)


def is_api_call():
    return request.path.startswith(tuple(prefix + "/" for prefix in APIS.values()))


def strike():
    """Before a call: what a fault answers instead, or None to carry on."""
    if not is_api_call():
        return None
    fault = _claim()
    if fault is None:
        return None
    kind, seconds = fault["kind"], fault["seconds"]
    if kind == "traag":
        time.sleep(seconds)
    elif kind == "plat":
        return Response(DOWN, 503, content_type="text/html")
    elif kind == "fout-500":
        return Response(CRASHED, 500, content_type="text/html")
    elif kind == "webpagina":
        return Response(PORTAL, 200, content_type="text/html")
    elif kind in ("webpagina-na", "zonder-label"):
        g.spoil = kind  # the answer is spoilt afterwards, by spoil() below
    elif kind == "verbroken":
        request.environ["sandbox.drop"] = 0.0
        return Response("", 503)
    elif kind in ("antwoord-kwijt", "antwoord-te-laat"):
        # The answer is only taken away afterwards, by Dropping below.
        request.environ["sandbox.drop"] = seconds if kind == "antwoord-te-laat" else 0.0
    elif kind == "verlopen-token":
        revoke_tokens(store())
        return Problem("auth/unauthorized", 401, detail="The access token has expired.").response()
    elif kind == "te-vaak":
        answer = Problem("uitpas/rate-limited", 429).response()
        if seconds:
            answer.headers["Retry-After"] = str(round(seconds))
        return answer
    elif kind == "geweigerd":
        return _refusal(fault["problem"] or "auth/forbidden")
    return None


def spoil(response):
    """After a call: the answer as the fault of this call would have it."""
    kind = g.pop("spoil", None)
    if kind == "webpagina-na" and response.status_code < 400:
        return Response(PORTAL, 200, content_type="text/html")
    if kind == "zonder-label" and response.is_json:
        answer = response.get_json()
        sales = answer.get("member", []) if isinstance(answer, dict) else answer
        for sale in sales:
            sale.pop("regularPriceLabel", None)
        response.set_data(json.dumps(answer))
    return response


def _refusal(kind):
    kind = kind.removeprefix("https://api.publiq.be/probs/")
    status = 403 if kind in FORBIDDEN_TYPES else 404 if kind.endswith("not-found") else 400
    if kind in ("uitpas/event-not-found", "uitpas/passholder-not-found"):
        status = 400
    message = "De oefenomgeving weigert deze oproep op verzoek."
    return Problem(kind, status, message=message).response()


def _claim():
    """The first fault that fits this call, counted down."""
    with store().writing():
        for fault in faults():
            if not fits(fault["operation"], request.method, request.path):
                continue
            if fault["remaining"] == 1:
                clear_faults(fault["id"])
            elif fault["remaining"] is not None:
                store().write(
                    "UPDATE fault SET remaining = remaining - 1 WHERE id = ?", fault["id"]
                )
            g.fault = fault["kind"]
            return fault
    return None


def fits(operation, method, path):
    """Whether a call is meant by the operation of a fault."""
    if operation in ("alles", "all"):
        return True
    if operation in APIS:
        return path.startswith(APIS[operation] + "/")
    wanted, _, pattern = operation.partition(" ")
    if not pattern:
        wanted, pattern = method, operation
    parts = re.split(r"(\{[^/]*\}|\*)", pattern.strip())
    expression = "".join("[^/]+" if re.match(r"\{|\*", p) else re.escape(p) for p in parts)
    own = "/" + path.split("/", 2)[-1]
    return wanted.upper() == method and any(re.fullmatch(expression, p) for p in (own, path))


class Dropping:
    """WSGI middleware that closes the connection without an answer where a fault says so."""

    def __init__(self, wsgi_app):
        self.wsgi_app = wsgi_app

    def __call__(self, environ, start_response):
        started = []

        def hold(*values):
            started[:] = values

        body = self.wsgi_app(environ, hold)
        if "sandbox.drop" not in environ:
            start_response(*started)
            return body
        with suppress(AttributeError):
            body.close()
        time.sleep(environ["sandbox.drop"])
        connection = environ.get("werkzeug.socket")
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        # The server takes this for a client that hung up, and says no more.
        raise ConnectionResetError("dropped by a fault")
