"""The demo: a fictional municipality, Zonnewende, and what starts it with one command."""

from flask import Flask
from sqlalchemy import inspect

from app.config import ConfigurationError
from app.extensions import db

DOMAIN = "zonnewende.example"
PASSWORD = "zonnewende"  # noqa: S105 - printed by `make demo`, and refused outside it
SIGN_INS = (
    (f"beheer@{DOMAIN}", "beheerder: alles"),
    (f"kassa@{DOMAIN}", "kassier"),
    (f"monitor@{DOMAIN}", "monitor"),
    (f"ouder@{DOMAIN}", "ouder met vier kinderen"),
)


def refuse_demo_accounts(app: Flask) -> None:
    """Outside the demo nobody may sign in with a password that stands in the README.

    Raises ConfigurationError while an account of the demo exists.
    """
    from app.people.accounts import demo_accounts_exist

    if app.config["LOKET"].demo:
        return
    with app.app_context():
        if inspect(db.engine).has_table("account") and demo_accounts_exist():
            raise ConfigurationError(
                "this database holds accounts of the demo, whose password is public: use an "
                "empty database, or start the demo with `make demo`."
            )


def fill_demo() -> list[str]:
    """Fill an empty database; returns sentences on what was done. Safe to run twice."""
    from app.demo.fill import fill

    return fill()
