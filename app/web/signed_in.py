"""Who sits behind a request, as Flask-Login wants to know it."""

from flask import Flask, flash, redirect, request, url_for
from flask_login import AnonymousUserMixin
from werkzeug.wrappers import Response

from app.extensions import db, login
from app.people.models import Account, AccountSession, Customer
from app.people.sessions import is_over


class SignedIn:
    """An account and the session by which it is signed in."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, session: AccountSession) -> None:
        self.session_id = session.id
        self.account: Account = session.account

    def get_id(self) -> str:
        """What the cookie holds: the random id of the session, never the account's."""
        return self.session_id

    def __getattr__(self, name: str):  # noqa: ANN204 - whatever the account holds
        return getattr(self.account, name)


class Stranger(AnonymousUserMixin):
    """Nobody has signed in."""

    account: Account | None = None
    customer: Customer | None = None
    name = ""
    is_admin = is_cashier = is_monitor = is_staff = False

    def has_role(self, *_roles: object) -> bool:
        """A stranger holds no role."""
        return False


def setup_login(app: Flask) -> None:
    """Wire Flask-Login: sessions that can be revoked, and an answer HTMX understands."""
    login.init_app(app)
    login.anonymous_user = Stranger
    login.session_protection = None

    @login.user_loader
    def _load(session_id: str) -> SignedIn | None:
        session = db.session.get(AccountSession, session_id)
        if session is None or is_over(session) or session.account.blocked_at is not None:
            return None
        return SignedIn(session)

    @login.unauthorized_handler
    def _ask_to_sign_in() -> Response | tuple[str, int, dict[str, str]]:
        target = url_for("auth.sign_in", verder=_way_back())
        if request.headers.get("HX-Request"):
            return "", 401, {"HX-Redirect": target}
        flash("Meld je eerst aan.", "info")
        return redirect(target)


def _way_back() -> str:
    if request.headers.get("HX-Request"):
        current = request.headers.get("HX-Current-URL", "")
        return current.removeprefix(request.host_url.rstrip("/")) or "/"
    return request.full_path.rstrip("?") if request.method == "GET" else "/"
