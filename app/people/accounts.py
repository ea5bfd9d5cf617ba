"""Signing in and out, signing up, and choosing a password (C2)."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError

from app.clock import now
from app.extensions import _l, db, end_read, write_transaction
from app.mail import account_messages
from app.mail.outbox import put_mail
from app.people.models import Account, AccountRole, AccountSession, Customer, Role
from app.people.passwords import (
    RESET,
    hash_password,
    make_token,
    needs_new_hash,
    password_fits,
    password_problem,
    read_token,
    token_still_fits,
)
from app.people.problems import AccountProblem
from app.people.sessions import (
    account_by_email,
    checked_email,
    end_sessions,
    new_session,
    password_link,
)
from app.people.staff import (
    ROLE_WORDS,
    block_account,
    invite_again,
    invite_staff,
    set_roles,
    sign_out_everywhere,
    staff_account,
    staff_accounts,
    unblock_account,
)
from app.settings.municipality import get_municipality
from app.settings.public_address import public_url

__all__ = [
    "AccountProblem",
    "ROLE_WORDS",
    "SignUp",
    "account_by_email",
    "block_account",
    "change_password",
    "checked_email",
    "demo_accounts_exist",
    "end_sessions",
    "invite_again",
    "invite_staff",
    "make_admin",
    "new_session",
    "reset_password",
    "set_roles",
    "sign_in",
    "sign_out",
    "sign_out_everywhere",
    "sign_up",
    "staff_account",
    "staff_accounts",
    "start_password_reset",
    "token_account",
    "unblock_account",
]

log = logging.getLogger(__name__)
SESSION_LIFETIME = timedelta(days=60)
DEMO_DOMAIN = "@zonnewende.example"
NO_MATCH = _l("Dit e-mailadres en wachtwoord passen niet bij elkaar.")
BLOCKED = _l("Deze aanmelding is geblokkeerd. Neem contact op met je gemeente.")
TAKEN = _l(
    "Er is al een aanmelding met dit e-mailadres. Meld je aan, of vraag een nieuw wachtwoord."
)
LINK_USED = _l("Deze link werkt niet meer. Vraag een nieuwe aan.")
WRONG_PASSWORD = _l("Dit is niet je huidige wachtwoord.")


@dataclass(frozen=True)
class SignUp:
    """What somebody fills in to get an account as a customer."""

    first_name: str
    last_name: str
    email: str
    password: str
    postal_code: str
    phone: str = ""
    street: str = ""
    locality: str = ""


def sign_in(email: str, password: str, address: str) -> AccountSession:
    """Start a session, with a new id. ``address`` is the visitor's, for the log only.

    Raises AccountProblem, with the same sentence and after the same time whether the address or
    the password is wrong; that an account is blocked is only said to who knows its password.
    """
    account = account_by_email(email)
    account_id = account.id if account else None
    password_hash = account.password_hash if account else ""
    blocked = account is not None and account.blocked_at is not None
    end_read()  # hashing is slow: no transaction waits for it
    if not password_fits(password_hash, password) or account_id is None:
        log.info("refused sign-in from %s", address)
        raise AccountProblem(NO_MATCH)
    if blocked:
        log.info("refused sign-in of blocked account %s from %s", account_id, address)
        raise AccountProblem(BLOCKED)
    renewed = hash_password(password) if needs_new_hash(password_hash) else None
    with write_transaction() as session:
        current = session.get(Account, account_id)
        if current is None or current.blocked_at or current.password_hash != password_hash:
            raise AccountProblem(NO_MATCH)
        if renewed:
            current.password_hash = renewed
        session.execute(
            delete(AccountSession).where(
                AccountSession.account_id == account_id,
                AccountSession.created_at < now() - SESSION_LIFETIME,
            )
        )
        return new_session(account_id)


def sign_out(session_id: str) -> None:
    """End one session, wherever its cookie is."""
    with write_transaction() as session:
        session.execute(delete(AccountSession).where(AccountSession.id == session_id))


def sign_up(data: SignUp) -> Account:
    """Make an account with its customer. Raises AccountProblem naming the field."""
    email = checked_email(data.email)
    _refuse_weak(data.password, email)
    password_hash = hash_password(data.password)
    try:
        with write_transaction() as session:
            if account_by_email(email):
                raise AccountProblem(TAKEN, "email")
            account = Account(
                email=email,
                name=f"{data.first_name} {data.last_name}",
                password_hash=password_hash,
            )
            account.customer = Customer(
                first_name=data.first_name,
                last_name=data.last_name,
                email=email,
                phone=data.phone,
                street=data.street,
                postal_code=data.postal_code,
                locality=data.locality,
            )
            session.add(account)
            session.flush()
            municipality = get_municipality().name
            welcome = account_messages.welcome(data.first_name, public_url("/aanbod"), municipality)
            put_mail("welcome", email, *welcome)
            return account
    except IntegrityError:
        raise AccountProblem(TAKEN, "email") from None


def change_password(account_id: int, current: str, new: str) -> AccountSession:
    """Choose another password; ends every session and starts one anew for who is here.

    Raises AccountProblem at the field ``current_password`` or ``password``.
    """
    account = db.session.get_one(Account, account_id)
    old_hash, email = account.password_hash, account.email
    end_read()
    if not password_fits(old_hash, current):
        raise AccountProblem(WRONG_PASSWORD, "current_password")
    _refuse_weak(new, email)
    new_hash = hash_password(new)
    with write_transaction() as session:
        _set_password(session.get_one(Account, account_id), new_hash)
        return new_session(account_id)


def start_password_reset(email: str) -> None:
    """Mail a link to choose a new password; an unknown address is told there is no account.

    Nothing that the visitor can see tells which of both happened.
    """
    try:
        email = checked_email(email)
    except AccountProblem:
        return
    municipality = get_municipality().name
    with write_transaction():
        account = account_by_email(email)
        if account is None or account.blocked_at is not None:
            kind, subject, text = (
                "reset_unknown_address",
                *account_messages.reset_unknown_address(municipality),
            )
        else:
            link = password_link(make_token(account, RESET))
            kind, subject, text = (
                "password_reset",
                *account_messages.password_reset(account.name, link, municipality),
            )
        put_mail(kind, email, subject, text)


def token_account(token: str) -> Account | None:
    """The account for which a token still works, or None."""
    read = read_token(token)
    account = db.session.get(Account, read[0]) if read else None
    if account is None or account.blocked_at is not None:
        return None
    return account if token_still_fits(account, read[1]) else None


def reset_password(token: str, password: str) -> Account:
    """Choose a password with a link from a mail; the link then no longer works.

    Ends every session. Raises AccountProblem: at field ``password``, or without field when the
    link is used, too old or not ours.
    """
    account = token_account(token)
    if account is None:
        raise AccountProblem(LINK_USED)
    email = account.email
    end_read()
    _refuse_weak(password, email)
    password_hash = hash_password(password)
    with write_transaction():
        account = token_account(token)
        if account is None:
            raise AccountProblem(LINK_USED)
        _set_password(account, password_hash)
        return account


def make_admin(email: str, name: str, password: str) -> Account:
    """Make a beheerder, or make one of an existing account, with this password.

    Raises AccountProblem.
    """
    email = checked_email(email)
    _refuse_weak(password, email)
    password_hash = hash_password(password)
    with write_transaction() as session:
        account = account_by_email(email)
        if account is None:
            account = Account(email=email, name=name or email.split("@")[0])
            session.add(account)
            session.flush()
        elif name:
            account.name = name
        if not account.has_role(Role.ADMIN):
            account.role_rows.append(AccountRole(role=Role.ADMIN))
        account.blocked_at = None
        _set_password(account, password_hash)
        return account


def demo_accounts_exist() -> bool:
    """Whether an account of the demo, with its known password, is in this database."""
    return bool(
        db.session.scalar(
            select(exists().where(Account.email.endswith(DEMO_DOMAIN, autoescape=True)))
        )
    )


def _refuse_weak(password: str, email: str) -> None:
    sentence = password_problem(password, email)
    if sentence:
        raise AccountProblem(sentence, "password")


def _set_password(account: Account, password_hash: str) -> None:
    account.password_hash = password_hash
    account.password_changed_at = now()
    db.session.flush()
    end_sessions(account.id)
