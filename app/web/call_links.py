"""From an error of publiq to its row in the log of calls: for admins, never for citizens."""

from flask import current_app, flash, url_for
from flask_login import current_user
from markupsafe import Markup

from app.web.access import is_switched_on

CALL = "backoffice.call"
WORDS = "Bekijk de oproep in het oproepenlog"
LINK = Markup('<a href="{url}">{words}</a>')


def call_url(call_id: int | None) -> str:
    """The address of a logged call; empty where there is none or who looks may not see it."""
    if call_id is None or not current_user.is_authenticated or not current_user.is_admin:
        return ""
    return url_for(CALL, call_id=call_id) if is_switched_on(current_app, CALL) else ""


def call_link(call_id: int | None, words: str = WORDS) -> Markup:
    """The link itself, for a template; empty where there is none."""
    url = call_url(call_id)
    return LINK.format(url=url, words=words) if url else Markup("")


def with_call_link(sentence: str, call_id: int | None) -> str:
    """A sentence for a page, followed by the link to its call where the reader may follow it."""
    link = call_link(call_id)
    return Markup("{} {}").format(sentence, link) if link else sentence


def flash_about_call(sentence: str, kind: str, call_id: int | None) -> None:
    """Say it on the next page, with the link to its call."""
    flash(with_call_link(sentence, call_id), kind)
