"""Back office, UiTPAS-grootboek: what we did at UiTPAS, and what is still under way."""

from flask import abort, flash, redirect, url_for
from werkzeug.wrappers import Response

from app.extensions import write_transaction
from app.sales.reconciler import reconcile
from app.settings.audit import record
from app.uitpas.models import EntryState
from app.uitpas.overview import LedgerFilter, attention_count, ledger_entries, ledger_entry
from app.web import words
from app.web.access import Access, allow
from app.web.arguments import choice_argument, flag_argument, page_argument, text_argument
from app.web.backoffice import backoffice
from app.web.pages import page


@backoffice.get("/grootboek")
@allow(Access.ADMIN)
def ledger() -> Response:
    """The overview."""
    wanted = LedgerFilter(
        text=text_argument("zoeken"),
        state=choice_argument("status", EntryState),
        attention=flag_argument("aandacht"),
    )
    return page(
        "backoffice/ledger.html",
        found=ledger_entries(wanted, page_argument()),
        wanted=wanted,
        attention=attention_count(),
        state_options=[(state.value, text) for state, text in words.ENTRY_STATES.items()],
        words=words,
    )


@backoffice.get("/grootboek/<int:entry_id>")
@allow(Access.ADMIN)
def entry(entry_id: int) -> Response:
    """One entry with its history."""
    shown = ledger_entry(entry_id)
    if shown is None:
        abort(404)
    return page("backoffice/ledger_entry.html", entry=shown, words=words)


@backoffice.post("/grootboek/bijwerken")
@allow(Access.ADMIN)
def run_reconciler() -> Response:
    """Finish or undo now what a failure left behind."""
    report = reconcile()
    with write_transaction():
        record("grootboek bijgewerkt", detail={"uitslag": report.lines()})
    flash(" ".join(report.lines()), "success")
    return redirect(url_for("backoffice.ledger"), 303)
