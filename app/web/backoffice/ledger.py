"""Back office, UiTPAS-grootboek: what we did at UiTPAS, what is under way, and what asks for us."""

from flask import abort, flash, redirect, request, url_for
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from app import jobs
from app.activities.models import Activity
from app.extensions import db, write_transaction
from app.sales import ledger_actions as actions
from app.sales.ledger_actions import ActionRefused, LedgerAction, SaleSeen, actions_for
from app.sales.ledger_audit import audit_now, audit_trouble
from app.sales.ledger_overview import (
    LedgerFilter,
    at_risk,
    audit_state,
    every_row,
    ledger_page,
    row_of,
    state_counts,
)
from app.sales.reconciler import reconcile
from app.settings.audit import record
from app.settings.environments import ENVIRONMENT_NAMES
from app.settings.models import Environment
from app.settings.uit import get_modules
from app.uitpas import attention
from app.uitpas.models import BenefitKind, EntryState, LedgerFinding
from app.uitpas.overview import findings_without_entry, ledger_entry
from app.uitpas.runs import last_runs
from app.web import words
from app.web.access import Access, allow, needs
from app.web.arguments import (
    choice_argument,
    date_argument,
    flag_argument,
    number_argument,
    page_argument,
    text_argument,
)
from app.web.backoffice import backoffice
from app.web.exports import EXPORTS
from app.web.forms import Form, MoneyField
from app.web.ledger_words import COLUMNS, cells, run_views
from app.web.pages import page

SLUGS = {
    "opnieuw": LedgerAction.TRY_AGAIN,
    "staat-er": LedgerAction.IS_THERE,
    "staat-er-niet": LedgerAction.IS_NOT_THERE,
    "ongedaan": LedgerAction.UNDONE,
    "staat-er-nog": LedgerAction.STILL_STANDS,
}
FILTERS = (
    "zoeken",
    "titel",
    "activiteit",
    "status",
    "omgeving",
    "voordeel",
    "van",
    "tot",
    "aandacht",
)
"""The arguments of the overview that its sheet takes too."""
SLUG_OF = {action: slug for slug, action in SLUGS.items()}


class ReasonForm(Form):
    """Why somebody sets something right."""

    reason = TextAreaField("Reden")


class SeenForm(ReasonForm):
    """What somebody read in the UiTPAS-balie."""

    ticket_id = StringField("UiTPAS-ticket-id")
    price = MoneyField("Prijs volgens UiTPAS")


@backoffice.get("/grootboek")
@allow(Access.ADMIN)
@needs("uitpas")
def ledger() -> Response:
    """The overview: what needs attention first, what is at risk, what went by itself."""
    wanted = _wanted()
    found, rows = ledger_page(wanted, page_argument())
    activity = db.session.get(Activity, wanted.activity_id) if wanted.activity_id else None
    return page(
        "backoffice/ledger.html",
        found=found,
        rows=rows,
        wanted=wanted,
        activity=activity,
        risk=at_risk(),
        facet_items=_facets(wanted, attention.attention_count()),
        others=findings_without_entry(),
        runs=run_views(last_runs()),
        audit=audit_state(),
        trouble=audit_trouble(),
        environment_options=[(e.value, str(name)) for e, name in ENVIRONMENT_NAMES.items()],
        export_arguments={name: request.args[name] for name in FILTERS if name in request.args},
        kind_options=_kind_options(),
        **_shown_words(),
    )


@backoffice.get("/grootboek/export.<kind>")
@allow(Access.ADMIN)
@needs("uitpas")
def export_ledger_sheet(kind: str) -> Response:
    """What the filters show, all pages in one file."""
    write = EXPORTS.get(kind) or abort(404)
    wanted = _wanted()
    with write_transaction():
        record("grootboek geëxporteerd", subject_kind="grootboek", detail={"soort": kind})
    return write("uitpas-grootboek", COLUMNS, (cells(row) for row in every_row(wanted)))


@backoffice.get("/grootboek/<int:entry_id>")
@allow(Access.ADMIN)
@needs("uitpas")
def entry(entry_id: int) -> Response:
    """One entry with its history, why it needs somebody, and what can be done."""
    shown = ledger_entry(entry_id)
    if shown is None:
        abort(404)
    row = row_of(shown)
    return page(
        "backoffice/ledger_entry.html",
        entry=shown,
        row=row,
        actions=[
            (actions.ACTION_WORDS[action], SLUG_OF[action])
            for action in actions_for(shown, row.findings)
        ],
        environment=ENVIRONMENT_NAMES[shown.environment],
        **_shown_words(),
    )


@backoffice.route("/grootboek/<int:entry_id>/<slug>", methods=["GET", "POST"])
@allow(Access.ADMIN)
@needs("uitpas")
def act_on_entry(entry_id: int, slug: str) -> Response:
    """One thing a person sets right, with a reason; the page explains it first."""
    shown, action = ledger_entry(entry_id), SLUGS.get(slug)
    if shown is None or action is None:
        abort(404)
    form = SeenForm() if action is LedgerAction.IS_THERE else ReasonForm()
    errors: list[tuple[str, str]] = []
    if form.validate_on_submit():
        try:
            said = _act(entry_id, action, form)
        except ActionRefused as refused:
            errors = _at_fields(form, refused)
            shown = ledger_entry(entry_id)
        else:
            jobs.wake("mails")
            flash(said, "success")
            return redirect(url_for("backoffice.entry", entry_id=entry_id), 303)
    assert shown is not None
    row = row_of(shown)
    return page(
        "backoffice/ledger_action.html",
        forms=[form],
        errors=errors,
        form=form,
        entry=shown,
        row=row,
        action=action,
        slug=slug,
        label=actions.ACTION_WORDS[action],
        possible=action in actions_for(shown, row.findings),
        **_shown_words(),
    )


@backoffice.route("/grootboek/verschillen/<int:finding_id>", methods=["GET", "POST"])
@allow(Access.ADMIN)
@needs("uitpas")
def accept_ledger_finding(finding_id: int) -> Response:
    """Leave a difference with UiTPAS as it is, with a reason."""
    finding = db.session.get(
        LedgerFinding, finding_id, options=[joinedload(LedgerFinding.entry)]
    ) or abort(404)
    form = ReasonForm()
    errors: list[tuple[str, str]] = []
    if form.validate_on_submit():
        try:
            done = actions.accept_finding(finding_id, form.reason.data or "")
        except ActionRefused as refused:
            errors = _at_fields(form, refused)
        else:
            flash("Het verschil is met je reden aanvaard.", "success")
            back = url_for("backoffice.ledger")
            if done.entry_id is not None:
                back = url_for("backoffice.entry", entry_id=done.entry_id)
            return redirect(back, 303)
    return page(
        "backoffice/ledger_finding.html",
        forms=[form],
        errors=errors,
        form=form,
        finding=finding,
        **_shown_words(),
    )


@backoffice.post("/grootboek/bijwerken")
@allow(Access.ADMIN)
@needs("uitpas")
def run_reconciler() -> Response:
    """Finish or undo now what a failure left behind."""
    report = reconcile(by_hand=True)
    with write_transaction():
        record("grootboek bijgewerkt", detail={"uitslag": report.lines()})
    flash(" ".join(report.lines()), "success")
    return redirect(url_for("backoffice.ledger"), 303)


@backoffice.post("/grootboek/vergelijken")
@allow(Access.ADMIN)
@needs("uitpas")
def run_ledger_audit() -> Response:
    """Compare with UiTPAS now instead of tonight; the queue does the work."""
    events = audit_now()
    with write_transaction():
        record("grootboek laten vergelijken met UiTPAS", detail={"activiteiten": events})
    jobs.wake("ledger-audit")
    if events:
        flash(
            "We vergelijken nu met UiTPAS. Vernieuw deze pagina over een minuut voor de uitslag.",
            "info",
        )
    else:
        flash("Er is nog niets om met UiTPAS te vergelijken.", "info")
    return redirect(url_for("backoffice.ledger"), 303)


def _act(entry_id: int, action: LedgerAction, form: ReasonForm) -> str:
    reason = form.reason.data or ""
    if action is LedgerAction.TRY_AGAIN:
        return actions.try_again(entry_id, reason)
    if action is LedgerAction.IS_NOT_THERE:
        return actions.sale_is_not_there(entry_id, reason)
    if action is LedgerAction.UNDONE:
        return actions.mark_undone(entry_id, reason)
    if action is LedgerAction.STILL_STANDS:
        return actions.mark_still_standing(entry_id, reason)
    assert isinstance(form, SeenForm)
    return actions.sale_is_there(
        entry_id, SaleSeen(form.ticket_id.data or "", form.price.data), reason
    )


def _at_fields(form: ReasonForm, refused: ActionRefused) -> list[tuple[str, str]]:
    """Each problem at its field; those without one stand above the form."""
    rest = []
    for problem in refused.problems:
        if problem.field in form:
            form[problem.field].errors = [*form[problem.field].errors, problem.sentence]
        else:
            rest.append(("", problem.sentence))
    return rest


def _kind_options() -> list[tuple[str, str]]:
    """The benefits that can be filtered on; of a module that is off nothing is named."""
    modules = get_modules()
    off = {BenefitKind.COUPON: not modules.coupons, BenefitKind.REWARD: not modules.rewards}
    return [(kind.value, said) for kind, said in words.BENEFIT_KINDS.items() if not off.get(kind)]


def _wanted() -> LedgerFilter:
    return LedgerFilter(
        text=text_argument("zoeken"),
        activity=text_argument("titel"),
        activity_id=number_argument("activiteit"),
        state=choice_argument("status", EntryState),
        environment=choice_argument("omgeving", Environment),
        kind=choice_argument("voordeel", BenefitKind),
        since=date_argument("van"),
        until=date_argument("tot"),
        attention=flag_argument("aandacht"),
    )


def _facets(wanted: LedgerFilter, needs_somebody: int) -> list[dict[str, object]]:
    """'Vraagt aandacht' first, then all, then each state that occurs."""
    counts = state_counts()
    items: list[dict[str, object]] = [
        {
            "label": "Vraagt aandacht",
            "count": needs_somebody,
            "url": url_for("backoffice.ledger", aandacht="1"),
            "current": wanted.attention,
        },
        {
            "label": "Alles",
            "count": sum(counts.values()),
            "url": url_for("backoffice.ledger"),
            "current": not wanted.attention and wanted.state is None,
        },
    ]
    return items + [
        {
            "label": text,
            "count": counts[state],
            "url": url_for("backoffice.ledger", status=state.value),
            "current": wanted.state is state,
        }
        for state, text in words.ENTRY_STATES.items()
        if counts.get(state)
    ]


def _shown_words() -> dict[str, object]:
    return {"words": words, "attention": attention, "environment_names": ENVIRONMENT_NAMES}
