"""Tells the rooms below who is at work, for the log of calls and the audit trail."""

from flask import Flask, request
from flask_login import current_user

from app.settings.actor import clear_actor, set_actor


def setup_actor(app: Flask) -> None:
    """At each request the one who signed in; nobody once it has been answered."""

    @app.before_request
    def _name_actor() -> None:
        clear_actor()  # a thread serves one person after another
        if request.endpoint is None or request.endpoint.endswith("static"):
            return
        if current_user.is_authenticated:
            account = current_user.account
            set_actor(account.id, account.name or account.email)

    @app.teardown_request
    def _forget_actor(_error: BaseException | None) -> None:
        clear_actor()
