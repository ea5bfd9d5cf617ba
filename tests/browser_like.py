"""A test client that, like a browser, shares nothing with the server but its requests."""

from contextvars import Context
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import db


class BrowserLike(FlaskClient):
    """Each request runs in a context of its own, as in a server.

    Tests stand in an application context; Flask would lend it to every request, and with it
    ``g`` (who is signed in, the CSRF token) and the database session. After the request the
    test's own session forgets what it read, so that it sees what the request wrote.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; redirects that are followed each get their own context too."""
        answer = Context().run(super().open, *args, **kwargs)
        if has_app_context():
            db.session.rollback()
            db.session.expire_all()
        return answer
