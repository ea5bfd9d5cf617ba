"""Back office: the audit trail (C11)."""

from typing import Any

from werkzeug.wrappers import Response

from app.extensions import Pagination, db
from app.settings.audit import find_entries, recorded_actions
from app.web.access import Access, allow
from app.web.arguments import date_argument, page_argument, text_argument
from app.web.backoffice import backoffice
from app.web.pages import page

PER_PAGE = 50


@backoffice.get("/logboek")
@allow(Access.ADMIN)
def audit() -> Response:
    """Who did what to whom, newest first."""
    text, action = text_argument("zoeken"), text_argument("wat")
    since, until = date_argument("van"), date_argument("tot")
    found: Pagination = db.paginate(
        find_entries(text, since, until, action),
        page=page_argument(),
        per_page=PER_PAGE,
        error_out=False,
    )
    return page(
        "backoffice/audit.html",
        found=found,
        text=text,
        action=action,
        since=since,
        until=until,
        actions=[(name, name[:1].upper() + name[1:]) for name in recorded_actions()],
        detail_words=_detail_words,
    )


def _detail_words(detail: dict[str, Any] | None) -> str:
    """'prijs: € 12,00; reden: ziek' for what was kept with an entry."""
    return "; ".join(f"{name}: {_words(value)}" for name, value in (detail or {}).items())


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nee"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value)
    return "–" if value is None or value == "" else str(value)
