"""Keeping register numbers out of our own addresses: a search by one is never a GET."""

from flask import Flask, flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from app.people.searching import looks_like_insz
from app.settings.privacy import insz_allowed
from app.web.arguments import text_argument
from app.web.pages import is_fragment


def setup_insz_addresses(app: Flask) -> None:
    """Every list that is searched by its address: a register number typed there leaves at once.

    After the check of access. A file that is exported is left to its own view.
    """

    @app.before_request
    def _leave() -> Response | None:
        if request.method != "GET" or request.endpoint is None or request.view_args:
            return None
        if not looks_like_insz(text_argument("zoeken")):
            return None
        answer = insz_not_here(request.endpoint)
        if is_fragment():
            return Response(status=204, headers={"HX-Redirect": answer.headers["Location"]})
        return answer


def insz_not_here(endpoint: str) -> Response:
    """Somebody typed a register number in an ordinary search: away from that address at once."""
    is_staff = current_user.is_authenticated and current_user.is_staff
    if is_staff and current_user.is_admin and insz_allowed():
        flash("Zoek een rijksregisternummer hier: zo blijft het uit het adres.", "info")
        return redirect(url_for("backoffice.find_insz"), 303)
    instead = "Zoek op naam of op UiTPAS-nummer." if is_staff else "Zoek met gewone woorden."
    flash(f"Zoek niet op een rijksregisternummer. {instead}", "warn")
    return redirect(url_for(endpoint), 303)
