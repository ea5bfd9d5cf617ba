"""Back office: the outbox; in the demo this is where mails are read."""

import re

from flask import abort, current_app, flash, redirect, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from app import jobs
from app.extensions import Pagination, db
from app.mail.outbox import SECRET_KINDS, MailState, find_mails, get_mail, send_again, state_of
from app.web.access import Access, allow
from app.web.arguments import choice_argument, page_argument, text_argument
from app.web.backoffice import backoffice
from app.web.pages import page

PER_PAGE = 50
STATES = {
    MailState.WAITING: ("Wacht", "warn", "clock"),
    MailState.SENT: ("Verstuurd", "ok", "check"),
    MailState.FAILED: ("Mislukt", "bad", "alert"),
}
KINDS = {
    "confirmation": "Bevestiging",
    "cancellation": "Annulering",
    "line_changed": "Wijziging",
    "order_not_completed": "Bestelling niet afgerond",
    "password_reset": "Nieuw wachtwoord",
    "reset_unknown_address": "Nieuw wachtwoord, onbekend adres",
    "invitation": "Uitnodiging",
    "welcome": "Welkom",
}
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)]")
HIDDEN_LINK = "[link die alleen de ontvanger ziet]"


@backoffice.get("/mails")
@allow(Access.ADMIN)
def mails() -> Response:
    """What was mailed and what still waits, newest first."""
    text, state = text_argument("zoeken"), choice_argument("stand", MailState)
    kind = text_argument("soort")
    found: Pagination = db.paginate(
        find_mails(text, state, kind), page=page_argument(), per_page=PER_PAGE, error_out=False
    )
    return page(
        "backoffice/mails.html",
        found=found,
        text=text,
        state=state,
        kind=kind,
        kinds=KINDS,
        states=STATES,
        state_of=state_of,
        state_options=[(member.value, words) for member, (words, _, _) in STATES.items()],
    )


@backoffice.get("/mails/<int:mail_id>")
@allow(Access.ADMIN)
def mail_message(mail_id: int) -> Response:
    """One mail as its reader gets it."""
    message = get_mail(mail_id) or abort(404)
    secret = message.kind in SECRET_KINDS and not current_app.config["LOKET"].demo
    return page(
        "backoffice/mails_message.html",
        mail=message,
        kind=KINDS.get(message.kind, message.kind),
        state=STATES[state_of(message)],
        text=with_links(message.text, hidden=secret),
        secret=secret,
    )


@backoffice.post("/mails/<int:mail_id>/opnieuw")
@allow(Access.ADMIN)
def send_mail_again(mail_id: int) -> Response:
    """Send it once more, whether it was sent or not."""
    if not send_again(mail_id):
        abort(404)
    jobs.wake("mails")
    flash("De mail gaat opnieuw de deur uit.", "success")
    return redirect(url_for("backoffice.mail_message", mail_id=mail_id), 303)


def with_links(text: str, *, hidden: bool = False) -> Markup:
    """The text with its addresses as links; hidden where a link opens somebody's account."""
    parts: list[Markup] = []
    end = 0
    for match in _LINK.finditer(text):
        parts.append(escape(text[end : match.start()]))
        link = Markup('<a href="{0}">{0}</a>').format(match.group())
        parts.append(escape(HIDDEN_LINK) if hidden else link)
        end = match.end()
    parts.append(escape(text[end:]))
    return Markup("").join(parts)
