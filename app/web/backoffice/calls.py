"""Back office: the log of calls to publiq (S4)."""

import json

from flask import abort
from flask_sqlalchemy.pagination import Pagination
from werkzeug.wrappers import Response

from app.extensions import db
from app.settings.calls import CallFilter, find_calls, get_call, logged_operations
from app.settings.environments import ENVIRONMENT_NAMES
from app.settings.models import CallOutcome, PubliqCall
from app.web.access import Access, allow
from app.web.arguments import (
    choice_argument,
    date_argument,
    number_argument,
    page_argument,
    text_argument,
)
from app.web.backoffice import backoffice
from app.web.pages import page

PER_PAGE = 50
OUTCOMES = {
    CallOutcome.OK: ("Gelukt", "ok", "check"),
    CallOutcome.REFUSED: ("Geweigerd", "bad", "alert"),
    CallOutcome.UNREACHABLE: ("Onbereikbaar", "bad", "alert"),
    CallOutcome.ANSWER_LOST: ("Antwoord kwijt", "warn", "alert"),
    CallOutcome.BUSY: ("Te druk", "warn", "clock"),
    CallOutcome.AUTHENTICATION: ("Aanmelden lukt niet", "bad", "lock"),
}
"""Words, kind and icon of each outcome."""
OPERATIONS = {
    "token": "Token vragen",
    "event-post": "Activiteit publiceren",
    "event-put": "Activiteit opnieuw publiceren",
    "event-get": "Activiteit lezen",
    "event-delete": "Activiteit verwijderen",
    "place-get": "Locatie lezen",
    "organizer-get": "Organisator lezen",
    "get-places": "Locaties zoeken",
    "get-organizers": "Organisatoren zoeken",
    "get-events": "Activiteiten zoeken",
    "get-terms": "Thema's ophalen",
    "get-permissions": "Rechten opvragen",
    "get-passes": "UiTPAS opzoeken",
    "get-tariffs": "Voordelen opvragen",
    "get-tariffs-static": "Kansentarief opvragen",
    "post-ticket-sales": "Verkoop registreren",
    "get-ticket-sales": "Verkopen opzoeken",
    "delete-ticket-sales": "Verkoop ongedaan maken",
    "get-events-card-systems": "Kaartsystemen opvragen",
}
"""publiq's operations in words; one that is missing is shown by publiq's own name."""


@backoffice.get("/oproepen")
@allow(Access.ADMIN)
def calls() -> Response:
    """The calls that fit the filters, newest first."""
    wanted = CallFilter(
        text=text_argument("zoeken"),
        since=date_argument("van"),
        until=date_argument("tot"),
        operation=text_argument("oproep"),
        outcome=choice_argument("afloop", CallOutcome),
        activity_id=number_argument("activiteit"),
    )
    found: Pagination = db.paginate(
        find_calls(wanted), page=page_argument(), per_page=PER_PAGE, error_out=False
    )
    operations = [(name, OPERATIONS.get(name, name)) for name in logged_operations()]
    return page(
        "backoffice/calls.html",
        wanted=wanted,
        found=found,
        outcomes=OUTCOMES,
        outcome_options=[(outcome.value, said[0]) for outcome, said in OUTCOMES.items()],
        operation_words=OPERATIONS,
        operations=sorted(operations, key=lambda pair: pair[1].casefold()),
        environment_names=ENVIRONMENT_NAMES,
    )


@backoffice.get("/oproepen/<int:call_id>")
@allow(Access.ADMIN)
def call(call_id: int) -> Response:
    """One call, with what was asked and answered, as far as the log may hold it."""
    row: PubliqCall = get_call(call_id) or abort(404)
    return page(
        "backoffice/calls_one.html",
        call=row,
        outcome=OUTCOMES[row.outcome],
        operation=OPERATIONS.get(row.operation, row.operation),
        environment=ENVIRONMENT_NAMES[row.environment],
        asked=_indented(row.request_body),
        answered=_indented(row.response_body),
    )


def _indented(body: str | None) -> str:
    """JSON as people read it; a body that was cut stays as it is."""
    if not body:
        return ""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body
