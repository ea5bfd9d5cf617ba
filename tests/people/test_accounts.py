"""Accounts of staff, the first admin, and the guard against the demo's sign-ins."""

import re

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.mail.models import MailMessage
from app.people import accounts
from app.people.accounts import AccountProblem
from app.people.models import Account, AccountSession, Role
from app.settings.models import AuditEntry
from tests.signing_in import PASSWORD, make_account, post, sign_in


def _actions():
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def _link():
    text = db.session.scalar(select(MailMessage.text).order_by(MailMessage.id.desc()))
    return re.search(r"/wachtwoord/[^\s]+", text).group(0)


def test_the_first_admin_is_made_and_signs_in(client):
    account = accounts.make_admin("Beheer@Gemeente.BE", "Bea", PASSWORD)
    assert (account.email, account.is_admin) == ("beheer@gemeente.be", True)
    assert sign_in(client, "beheer@gemeente.be").location == "/beheer"


def test_an_existing_account_becomes_admin_with_the_new_password(client):
    account = make_account("ouder@gezin.example", ["cashier"], customer=True)
    sign_in(client, "ouder@gezin.example")
    accounts.make_admin("ouder@gezin.example", "", "een ander wachtwoord")
    assert account.roles == {Role.ADMIN, Role.CASHIER} and account.customer is not None
    assert account.name == "Sofie Peeters"
    assert client.get("/mijn/gezin").status_code == 302
    sign_in(client, "ouder@gezin.example", "een ander wachtwoord")


@pytest.mark.parametrize(
    ("email", "password", "field"),
    [
        ("geen-adres", PASSWORD, "email"),
        ("bea@gemeente.be", "kort", "password"),
        ("bea@gemeente.be", "bea@gemeente.be", "password"),
        ("bea@gemeente.be", "x" * 201, "password"),
    ],
)
def test_an_admin_cannot_be_made_with_this(app, email, password, field):
    with pytest.raises(AccountProblem) as problem:
        accounts.make_admin(email, "Bea", password)
    assert problem.value.field == field and str(problem.value).endswith(".")
    assert db.session.scalar(select(func.count(Account.id))) == 0


def test_an_invited_colleague_chooses_a_password_and_signs_in(client):
    accounts.invite_staff("kas@gemeente.be", "Kas", [Role.CASHIER])
    link = _link()
    assert post(client, link, {"password": "een lang wachtwoord"}).location == "/aanmelden"
    assert sign_in(client, "kas@gemeente.be", "een lang wachtwoord").location == "/beheer"
    assert client.get(link).status_code == 410
    assert _actions() == ["medewerker uitgenodigd"]


def test_who_was_invited_cannot_sign_in_before_choosing_a_password(client):
    accounts.invite_staff("kas@gemeente.be", "Kas", [Role.CASHIER])
    for typed in ("x", " "):
        with pytest.raises(AccountProblem):
            accounts.sign_in("kas@gemeente.be", typed, "127.0.0.1")


def test_a_customer_who_becomes_staff_chooses_a_password_by_mail(app):
    """Signing up never asked to show that the address is theirs."""
    account = make_account("ouder@gezin.example", customer=True)
    accounts.invite_staff("ouder@gezin.example", "Sofie", [Role.MONITOR])
    assert account.is_monitor and account.customer is not None
    assert account.password_hash == ""
    assert db.session.scalars(select(MailMessage.recipient)).all() == ["ouder@gezin.example"]


def test_an_invitation_without_role_or_to_who_has_one_is_refused(app):
    make_account("kas@gemeente.be", ["cashier"])
    for email, roles, field in (
        ("nieuw@gemeente.be", [], "roles"),
        ("kas@gemeente.be", [Role.ADMIN], "email"),
        ("kas", [Role.ADMIN], "email"),
    ):
        with pytest.raises(AccountProblem) as problem:
            accounts.invite_staff(email, "Kas", roles)
        assert problem.value.field == field


def test_an_invitation_is_sent_again_until_there_is_a_password(app):
    account = accounts.invite_staff("kas@gemeente.be", "Kas", [Role.CASHIER])
    assert accounts.invite_again(account.id)
    accounts.reset_password(_link().rsplit("/", 1)[1], PASSWORD)
    assert not accounts.invite_again(account.id)
    assert db.session.scalar(select(func.count(MailMessage.id))) == 2


def test_roles_are_replaced_and_written_down(app):
    account = make_account("kas@gemeente.be", ["cashier"])
    accounts.set_roles(account.id, [Role.MONITOR, Role.CASHIER])
    assert account.roles == {Role.MONITOR, Role.CASHIER}
    accounts.set_roles(account.id, [])
    assert not account.is_staff
    accounts.set_roles(account.id, [])
    details = list(db.session.scalars(select(AuditEntry.detail).order_by(AuditEntry.id)))
    assert details == [
        {"van": ["kassier"], "naar": ["kassier", "monitor"]},
        {"van": ["kassier", "monitor"], "naar": []},
    ]


def test_the_last_admin_stays_admin_and_unblocked(app):
    bea = make_account("bea@gemeente.be", ["admin"])
    blocked = make_account("weg@gemeente.be", ["admin"])
    accounts.block_account(blocked.id)
    for act in (lambda: accounts.set_roles(bea.id, []), lambda: accounts.block_account(bea.id)):
        with pytest.raises(AccountProblem) as problem:
            act()
        assert "enige beheerder" in problem.value.sentence
    accounts.unblock_account(blocked.id)
    accounts.set_roles(bea.id, [Role.CASHIER])
    assert bea.roles == {Role.CASHIER}


def test_blocking_ends_every_session_at_once_and_keeps_out(app):
    kas = make_account("kas@gemeente.be", ["cashier"])
    browsers = [app.test_client(), app.test_client()]
    for browser in browsers:
        sign_in(browser, "kas@gemeente.be")
        assert browser.get("/beheer/klanten").status_code == 200
    accounts.block_account(kas.id, "uit dienst")
    assert [browser.get("/beheer/klanten").status_code for browser in browsers] == [302, 302]
    with pytest.raises(AccountProblem) as problem:
        accounts.sign_in("kas@gemeente.be", PASSWORD, "127.0.0.1")
    assert "geblokkeerd" in problem.value.sentence
    with pytest.raises(AccountProblem) as problem:
        accounts.sign_in("kas@gemeente.be", "mis", "127.0.0.1")
    assert "geblokkeerd" not in problem.value.sentence
    accounts.unblock_account(kas.id)
    assert accounts.sign_in("kas@gemeente.be", PASSWORD, "127.0.0.1").id


def test_signing_out_everywhere_ends_every_session(app):
    kas = make_account("kas@gemeente.be", ["cashier"])
    browser = app.test_client()
    sign_in(browser, "kas@gemeente.be")
    accounts.sign_out_everywhere(kas.id)
    assert browser.get("/beheer/klanten").status_code == 302
    assert db.session.scalar(select(func.count(AccountSession.id))) == 0


def test_only_staff_are_listed_as_staff(app):
    make_account("ouder@gezin.example", customer=True)
    make_account("kas@gemeente.be", ["cashier"], first_name="Kas")
    make_account("bea@gemeente.be", ["admin"], first_name="Bea", customer=True)
    names = [account.name for account in accounts.staff_accounts()]
    assert names == ["Bea Peeters", "Kas Peeters"]


def test_the_accounts_of_the_demo_are_recognised(app):
    make_account("beheer@zonnewende.example.be", ["admin"])
    assert not accounts.demo_accounts_exist()
    make_account("beheer@zonnewende.example", ["admin"])
    assert accounts.demo_accounts_exist()


def test_a_password_is_never_kept_or_logged_in_plain(app, caplog):
    caplog.set_level("DEBUG")
    account = make_account("bea@gemeente.be", ["admin"])
    with pytest.raises(AccountProblem):
        accounts.sign_in("bea@gemeente.be", "geheim dat niet past", "192.0.2.1")
    assert PASSWORD not in account.password_hash
    assert "geheim dat niet past" not in caplog.text and "bea@gemeente.be" not in caplog.text
