"""Error pages in Dutch that need neither session nor, when it is away, the database."""

import logging

from flask import Flask, current_app, request
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException

from app.extensions import db
from app.web.body_limits import LARGE_BODIES
from app.web.context import environment_banner

log = logging.getLogger(__name__)
KNOWN = (400, 403, 404, 413, 429, 500, 503)
Answer = tuple[str, int]


def setup_errors(app: Flask) -> None:
    """One page for each status; a page that is not ours to show becomes the nearest of these."""
    for status in KNOWN:
        app.register_error_handler(status, _http_error)
    app.register_error_handler(405, _http_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(RateLimitExceeded, _http_error)
    app.register_error_handler(OperationalError, _database_error)


def _http_error(error: HTTPException) -> Answer:
    db.session.rollback()
    is_picture = error.code == 413 and request.endpoint in LARGE_BODIES
    return _page(error.code or 500, reason="picture" if is_picture else "")


def _csrf_error(_error: CSRFError) -> Answer:
    return _page(400, reason="csrf")


def _database_error(error: OperationalError) -> Answer:
    """The database is away or too busy: that is nobody's fault who uses the site."""
    db.session.rollback()
    log.error("database: %s", type(error.orig).__name__)
    return _page(503)


def _page(status: int, reason: str = "") -> Answer:
    shown = status if status in KNOWN else 400
    # not render_template(): what it adds to every page asks the database
    template = current_app.jinja_env.get_template(f"errors/{shown}.html")
    banner = _banner() if shown < 500 else None
    return template.render(reason=reason, path=request.path, environment_banner=banner), status


def _banner() -> str | None:
    try:
        return environment_banner()
    except SQLAlchemyError:
        db.session.rollback()
        return None
