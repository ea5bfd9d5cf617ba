"""Back office, Inschrijvingen: who is registered for what, and with which benefit (R6)."""

from flask import abort, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.activities.models import Activity, ActivityType, RegistrationGroup
from app.extensions import db
from app.sales.cancelling import find_line
from app.sales.orders import RegistrationFilter, registrations_overview
from app.uitpas.ledger import entries_of_lines
from app.uitpas.overview import ledger_entry
from app.web import words
from app.web.access import Access, allow
from app.web.arguments import flag_argument, number_argument, page_argument, text_argument
from app.web.backoffice import backoffice
from app.web.pages import page

BENEFIT_CHOICES = {"met": True, "zonder": False}


@backoffice.get("/inschrijvingen")
@allow(Access.ADMIN, Access.CASHIER)
def registrations() -> Response:
    """The overview, also per activity and per inschrijvingsgroep."""
    wanted = RegistrationFilter(
        text=text_argument("zoeken"),
        activity_id=number_argument("activiteit"),
        activity_type_id=number_argument("type"),
        group_id=number_argument("groep"),
        with_benefit=BENEFIT_CHOICES.get(request.args.get("voordeel", "")),
        with_cancelled=flag_argument("geannuleerd"),
    )
    found = registrations_overview(wanted, page_argument())
    activity = db.session.get(Activity, wanted.activity_id) if wanted.activity_id else None
    return page(
        "backoffice/registrations.html",
        found=found,
        wanted=wanted,
        activity=activity,
        type_options=_options(ActivityType),
        group_options=_options(RegistrationGroup),
        words=words,
    )


@backoffice.get("/inschrijvingen/<line_ref>")
@allow(Access.ADMIN, Access.CASHIER)
def registration(line_ref: str) -> Response:
    """One registration with its benefit, prices, UiTPAS-ticket-id and history."""
    line = find_line(line_ref)
    if line is None:
        abort(404)
    entry = entries_of_lines([line_ref]).get(line_ref)
    return page(
        "backoffice/registration.html",
        line=line,
        entry=ledger_entry(entry.id) if entry else None,
        words=words,
    )


def _options(kind: type[ActivityType] | type[RegistrationGroup]) -> list[tuple[str, str]]:
    rows = db.session.execute(select(kind.id, kind.name).order_by(kind.name))
    return [(str(row.id), row.name) for row in rows]
