"""Back office, Inschrijvingen: who is registered for what, and with which benefit (R6)."""

from flask import abort, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.activities.models import Activity, ActivityType, RegistrationGroup
from app.extensions import db
from app.people.searching import looks_like_insz
from app.sales.cancelling import find_line
from app.sales.changes import changes_of_line
from app.sales.group_overview import group_overview
from app.sales.order_history import history_of_line
from app.sales.orders import RegistrationFilter, registrations_overview
from app.sales.overriding import override_words
from app.sales.regular_price import lost_its_benefit
from app.sales.waiting import change_waits
from app.settings.uit import get_modules
from app.uitpas.attention import attention_to
from app.uitpas.ledger import entries_of_lines
from app.uitpas.overview import ledger_entry
from app.web import words
from app.web.access import Access, allow
from app.web.arguments import (
    flag_argument,
    kept_names,
    number_argument,
    page_argument,
    text_argument,
)
from app.web.backoffice import backoffice
from app.web.insz_addresses import insz_not_here
from app.web.pages import page
from app.web.period_fields import period_words

BENEFIT_CHOICES = {"met": True, "zonder": False}


@backoffice.get("/inschrijvingen")
@allow(Access.ADMIN, Access.CASHIER)
def registrations() -> Response:
    """The overview, also per activity and per inschrijvingsgroep."""
    wanted = read_filters()
    if looks_like_insz(wanted.text):
        return insz_not_here("backoffice.registrations")
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
        export_urls=_export_urls() if current_user.is_admin else [],
        **_group(wanted.group_id),
    )


def read_filters() -> RegistrationFilter:
    """What the address asks of the overview."""
    return RegistrationFilter(
        text=text_argument("zoeken"),
        activity_id=number_argument("activiteit"),
        activity_type_id=number_argument("type"),
        group_id=number_argument("groep"),
        with_benefit=_benefit_wanted(),
        with_cancelled=flag_argument("geannuleerd"),
    )


@backoffice.get("/inschrijvingen/<line_ref>")
@allow(Access.ADMIN, Access.CASHIER)
def registration(line_ref: str) -> Response:
    """One registration with its benefit, prices, UiTPAS-ticket-id and history."""
    line = find_line(line_ref)
    if line is None:
        abort(404)
    entry = entries_of_lines([line_ref]).get(line_ref)
    changes = changes_of_line(line.id)
    under_way = [change for change in changes if change.ended_at is None]
    return page(
        "backoffice/registration.html",
        order_history=history_of_line(line),
        line=line,
        entry=ledger_entry(entry.id) if entry else None,
        needs_attention=entry is not None and attention_to([line_ref]),
        changes=changes,
        waiting=[problem for change in under_way for problem in change_waits(change)],
        lost_its_benefit=lost_its_benefit(line),
        words=words,
        exceptions=override_words(line.overridden),
    )


def _group(group_id: int | None) -> dict[str, object]:
    """The group whose overview this is, with what stands in it."""
    group = db.session.get(RegistrationGroup, group_id) if group_id else None
    if group is None:
        return {"group": None, "overview": None, "period": ""}
    return {
        "group": group,
        "overview": group_overview(group.id),
        "period": period_words(group),
    }


def _export_urls() -> list[tuple[str, str]]:
    """(ending, address) of the whole list in each kind of file, as it is filtered now."""
    kept = {name: request.args[name] for name in kept_names(request.args) if name != "pagina"}
    kept.pop("kind", None)
    return [
        (f".{kind}", url_for(".export_registrations", kind=kind, **kept))
        for kind in ("xlsx", "csv")
    ]


def _benefit_wanted() -> bool | None:
    """With or without a benefit, while UiTPAS is on."""
    return BENEFIT_CHOICES.get(request.args.get("voordeel", "")) if get_modules().uitpas else None


def _options(kind: type[ActivityType] | type[RegistrationGroup]) -> list[tuple[str, str]]:
    rows = db.session.execute(select(kind.id, kind.name).order_by(kind.name))
    return [(str(row.id), row.name) for row in rows]
