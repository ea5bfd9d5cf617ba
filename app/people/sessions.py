"""What signing in, signing up and staff share: addresses, sessions, and links in mails."""

import secrets
from datetime import timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, select

from app.clock import now
from app.extensions import _l, db, write_transaction
from app.people.models import Account, AccountSession
from app.people.problems import AccountProblem
from app.settings.public_address import public_url

LASTS = timedelta(days=30)
"""How long a sign-in holds."""


def checked_email(email: str) -> str:
    """The address in small letters. Raises AccountProblem when it cannot be one."""
    try:
        return validate_email(email, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise AccountProblem(
            _l("Kijk dit e-mailadres na: het ziet eruit als naam@voorbeeld.be."), "email"
        ) from None


def account_by_email(email: str) -> Account | None:
    """The account with this address, however it is written."""
    return db.session.scalar(select(Account).where(Account.email == email.strip().lower()))


def new_session(account_id: int) -> AccountSession:
    """A session with a random id; inside write_transaction() only."""
    started = AccountSession(id=secrets.token_urlsafe(32), account_id=account_id)
    db.session.add(started)
    db.session.flush()
    return started


def end_sessions(account_id: int) -> None:
    """End every session of an account; inside write_transaction() only."""
    db.session.execute(delete(AccountSession).where(AccountSession.account_id == account_id))


def is_over(session: AccountSession) -> bool:
    """Whether a session is too old to count; nobody stays signed in for ever."""
    return session.created_at < now() - LASTS


def end_old_sessions() -> int:
    """Each night: forget the sessions that are over; returns how many."""
    with write_transaction() as session:
        ended = session.execute(
            delete(AccountSession).where(AccountSession.created_at < now() - LASTS)
        )
        return ended.rowcount


def password_link(token: str) -> str:
    """The address, as it stands in a mail, at which a password is chosen."""
    return public_url(f"/wachtwoord/{token}")
