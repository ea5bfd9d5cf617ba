"""The commands of the one who hosts it."""

import json

from flask import Flask
from sqlalchemy import select

from app.extensions import db, write_transaction
from app.people.models import Account, AccountRole, Role
from tests.signing_in import PASSWORD, make_account, sign_in


def run(app: Flask, *arguments: str):  # noqa: ANN201
    return app.test_cli_runner().invoke(args=list(arguments))


def test_create_admin_makes_somebody_who_can_sign_in_to_the_back_office(app: Flask) -> None:
    done = run(app, "create-admin", "Beheer@Gemeente.example", "--password", PASSWORD)
    assert done.exit_code == 0, done.output
    account = db.session.scalars(select(Account)).one()
    assert account.is_admin
    browser = app.test_client()
    sign_in(browser, "beheer@gemeente.example")
    assert browser.get("/beheer/").status_code == 200


def test_create_admin_refuses_a_weak_password_with_a_sentence(app: Flask) -> None:
    done = run(app, "create-admin", "beheer@gemeente.example", "--password", "kort")
    assert done.exit_code == 1
    assert "10" in done.output
    assert db.session.scalar(select(Account.id)) is None


def test_create_admin_gives_the_role_to_an_account_that_exists(app: Flask) -> None:
    make_account("an@gemeente.example", customer=True)
    done = run(app, "create-admin", "an@gemeente.example", "--password", PASSWORD)
    assert done.exit_code == 0, done.output
    roles = db.session.scalars(select(AccountRole.role)).all()
    assert roles == [Role.ADMIN]


def test_ledger_export_prints_a_json_array_and_nothing_else(app: Flask) -> None:
    done = run(app, "ledger-export")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == []


def test_reconcile_says_what_it_did(app: Flask) -> None:
    done = run(app, "reconcile")
    assert done.exit_code == 0, done.output
    assert "Er was niets te doen." in done.output


def test_outside_the_demo_an_account_of_the_demo_stops_the_start(app: Flask) -> None:
    import pytest

    from app.config import ConfigurationError
    from app.demo import refuse_demo_accounts

    refuse_demo_accounts(app)
    with write_transaction() as session:
        session.add(Account(email="beheer@zonnewende.example"))
    with pytest.raises(ConfigurationError):
        refuse_demo_accounts(app)
