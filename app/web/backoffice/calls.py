"""Back office: the log of calls to publiq (S4)."""

import json

from flask import abort, request
from sqlalchemy import Select, select
from werkzeug.wrappers import Response

from app.activities.models import Activity
from app.extensions import Pagination, db
from app.people.staff import staff_accounts
from app.settings.calls import (
    CallFilter,
    find_calls,
    get_call,
    logged_name,
    logged_operations,
)
from app.settings.environments import ENVIRONMENT_NAMES
from app.settings.models import CallOutcome, PubliqCall
from app.web.access import Access, allow, needs
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
SHOWN = 10
"""So many activities with the words that were typed are named."""
BY_ITSELF = "vanzelf"
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
    "event-status-put": "Doorgaan, uitgesteld of geannuleerd melden",
    "event-bookingAvailability-put": "Volzet of plaatsen vrij melden",
    "event-subEvent-patch": "Data bijwerken",
    "event-audience-put": "Doelpubliek aanpassen",
    "event-availableFrom-put": "Publicatiedatum aanpassen",
    "event-workflow-status-put": "Publicatiestatus aanpassen",
    "event-contactPoint-put": "Contactgegevens aanpassen",
    "event-terms-theme-delete": "Subthema weghalen",
    "event-description-delete": "Omschrijving weghalen",
    "place-get": "Locatie lezen",
    "place-post": "Locatie maken",
    "organizer-get": "Organisator lezen",
    "organizer-post": "Organisator maken",
    "image-post": "Afbeelding versturen",
    "get-places": "Locaties zoeken",
    "get-organizers": "Organisatoren zoeken",
    "get-events": "Activiteiten zoeken",
    "get-terms": "Thema's ophalen",
    "get-permissions": "Rechten opvragen",
    "get-passes": "UiTPAS opzoeken",
    "get-grouppasses": "Groepspas opzoeken",
    "get-tariffs": "Voordelen opvragen",
    "get-tariffs-static": "Kansentarief opvragen",
    "post-ticket-sales": "Verkoop registreren",
    "get-ticket-sales": "Verkopen opzoeken",
    "delete-ticket-sales": "Verkoop ongedaan maken",
    "get-events-card-systems": "Kaartsystemen opvragen",
    "get-rewards": "Omruilvoordelen zoeken",
    "get-rewards-id": "Omruilvoordeel lezen",
    "post-rewards": "Omruilvoordeel maken",
    "put-rewards-id": "Omruilvoordeel aanpassen",
    "get-rewards-id-redeem-status": "Nakijken of omruilen kan",
    "post-rewards-redeemed": "Omruilvoordeel inwisselen",
    "get-rewards-redeemed": "Ingewisselde voordelen opzoeken",
    "delete-rewards-redeemed-redeemedRewardId": "Inwisselen ongedaan maken",
    "get-checkin-status": "Nakijken of een punt sparen kan",
    "post-checkins": "Punt sparen",
    "delete-checkins-checkinId": "Gespaard punt terugnemen",
}
"""publiq's operations in words; one that is missing is shown by publiq's own name."""


@backoffice.get("/oproepen")
@allow(Access.ADMIN)
@needs("uitdatabank")
def calls() -> Response:
    """The calls that fit the filters, newest first."""
    typed = text_argument("activiteit")
    by_number = number_argument("activiteit")
    by_title = _titled(typed) if typed and by_number is None else None
    wanted = CallFilter(
        text=text_argument("zoeken"),
        since=date_argument("van"),
        until=date_argument("tot"),
        operation=text_argument("oproep"),
        outcome=choice_argument("afloop", CallOutcome),
        activity_id=by_number,
        activity_ids=by_title.with_only_columns(Activity.id) if by_title is not None else None,
        account_id=number_argument("wie"),
        by_itself=request.args.get("wie") == BY_ITSELF,
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
        shown=SHOWN,
        who_options=_who_options(wanted),
        activity_typed=typed,
        activity_title=_title(wanted.activity_id),
        activities=_first_of(by_title) if by_title is not None else [],
    )


@backoffice.get("/oproepen/<int:call_id>")
@allow(Access.ADMIN)
@needs("uitdatabank")
def call(call_id: int) -> Response:
    """One call, with what was asked and answered, as far as the log may hold it."""
    row: PubliqCall = get_call(call_id) or abort(404)
    return page(
        "backoffice/calls_one.html",
        call=row,
        outcome=OUTCOMES[row.outcome],
        operation=OPERATIONS.get(row.operation, row.operation),
        environment=ENVIRONMENT_NAMES[row.environment],
        activity_title=_title(row.activity_id),
        asked=_indented(row.request_body),
        answered=_indented(row.response_body),
    )


def _who_options(wanted: CallFilter) -> list[tuple[str, str]]:
    """Staff by name; a customer only when the address names one."""
    options = [(str(account.id), account.name or account.email) for account in staff_accounts()]
    chosen = str(wanted.account_id or "")
    if chosen and chosen not in dict(options):
        options.append((chosen, logged_name(wanted.account_id or 0) or "Iemand zonder oproepen"))
    return [("", "Iedereen"), (BY_ITSELF, "Vanzelf"), *options]


def _titled(words: str) -> Select[tuple[Activity]]:
    """The activities whose title has all of these words."""
    query = select(Activity)
    for word in words.split():
        query = query.where(Activity.title.icontains(word, autoescape=True))
    return query


def _first_of(query: Select[tuple[Activity]]) -> list[Activity]:
    """A few to choose one from, the latest first; one more than are shown says that there are."""
    return list(
        db.session.scalars(
            query.order_by(Activity.first_start.desc(), Activity.id.desc()).limit(SHOWN + 1)
        )
    )


def _title(activity_id: int | None) -> str:
    """What an activity is called; empty where it is gone."""
    if activity_id is None:
        return ""
    return db.session.scalar(select(Activity.title).where(Activity.id == activity_id)) or ""


def _indented(body: str | None) -> str:
    """JSON as people read it; a body that was cut stays as it is."""
    if not body:
        return ""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body
