"""Staff: inviting, roles, blocking, and signing out everywhere (C15)."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import _l, db, write_transaction
from app.mail import account_messages
from app.mail.outbox import put_mail
from app.people.models import Account, AccountRole, Role
from app.people.passwords import INVITATION, make_token
from app.people.problems import AccountProblem
from app.people.sessions import account_by_email, checked_email, end_sessions, password_link
from app.settings.actor import current_actor
from app.settings.audit import record
from app.settings.municipality import get_municipality

ROLE_WORDS = {Role.ADMIN: "beheerder", Role.CASHIER: "kassier", Role.MONITOR: "monitor"}
LAST_ADMIN = _l("Dit is de enige beheerder die zich kan aanmelden. Maak eerst iemand anders dat.")
HAS_ROLE = _l("Dit e-mailadres heeft al een rol. Pas die aan in de lijst.")
NO_ROLE = _l("Kies minstens één rol.")


def staff_accounts() -> list[Account]:
    """Everybody with a role, by name; one query for the accounts and one for their roles."""
    query = select(Account).where(Account.role_rows.any()).order_by(Account.name, Account.email)
    return list(db.session.scalars(query))


def staff_account(account_id: int) -> Account | None:
    """One member of staff; None for a customer's account."""
    account = db.session.get(Account, account_id)
    return account if account is not None and account.is_staff else None


def invite_staff(email: str, name: str, roles: Iterable[Role]) -> Account:
    """Give somebody these roles, and mail a link to choose a password (7 days).

    A customer's account loses its password and its sessions: only who reads the mail gets in.
    Raises AccountProblem at field ``email``, ``name`` or ``roles``.
    """
    email = checked_email(email)
    wanted = frozenset(roles)
    if not wanted:
        raise AccountProblem(NO_ROLE, "roles")
    with write_transaction() as session:
        account = account_by_email(email)
        if account is not None and account.is_staff and account.password_hash:
            raise AccountProblem(HAS_ROLE, "email")
        if account is None:
            account = Account(email=email, name=name)
            session.add(account)
            session.flush()
        if account.password_hash:
            # whoever signed up with this address never had to show that it is theirs
            account.password_hash = ""
            account.password_changed_at = now()
            end_sessions(account.id)
        _replace_roles(account, wanted)
        record(
            "medewerker uitgenodigd", **_subject(account), detail={"rollen": _role_words(wanted)}
        )
        _mail_invitation(account)
        return account


def invite_again(account_id: int) -> bool:
    """Send the invitation once more; False when the account already has a password."""
    with write_transaction() as session:
        account = session.get_one(Account, account_id)
        if account.password_hash:
            return False
        _mail_invitation(account)
        record("uitnodiging opnieuw gestuurd", **_subject(account))
        return True


def set_roles(account_id: int, roles: Iterable[Role]) -> None:
    """Replace the roles; none makes it a customer's account. Raises AccountProblem."""
    wanted = frozenset(roles)
    with write_transaction() as session:
        account = session.get_one(Account, account_id)
        before = account.roles
        if before == wanted:
            return
        if Role.ADMIN in before and Role.ADMIN not in wanted:
            _keep_an_admin(session, account_id)
        _replace_roles(account, wanted)
        detail = {"van": _role_words(before), "naar": _role_words(wanted)}
        record("rollen gewijzigd", **_subject(account), detail=detail)


def block_account(account_id: int, reason: str = "") -> None:
    """Nobody signs in with it any more, and who is signed in no longer is.

    Raises AccountProblem when it is the last admin.
    """
    with write_transaction() as session:
        account = session.get_one(Account, account_id)
        if account.blocked_at is not None:
            return
        if account.is_admin:
            _keep_an_admin(session, account_id)
        account.blocked_at = now()
        end_sessions(account_id)
        record("aanmelding geblokkeerd", **_subject(account), reason=reason)


def unblock_account(account_id: int) -> None:
    """Let somebody sign in again."""
    with write_transaction() as session:
        account = session.get_one(Account, account_id)
        if account.blocked_at is None:
            return
        account.blocked_at = None
        record("blokkering opgeheven", **_subject(account))


def sign_out_everywhere(account_id: int) -> None:
    """End every session of the account, on every device."""
    with write_transaction() as session:
        account = session.get_one(Account, account_id)
        end_sessions(account_id)
        record("overal afgemeld", **_subject(account))


def _keep_an_admin(session: Session, account_id: int) -> None:
    """Refuse when no other admin could sign in; the rows are locked against a second such act."""
    others = session.scalars(
        select(AccountRole)
        .join(Account, Account.id == AccountRole.account_id)
        .where(
            AccountRole.role == Role.ADMIN,
            Account.blocked_at.is_(None),
            Account.password_hash != "",
        )
        .order_by(AccountRole.account_id)
        .with_for_update()
    )
    if not any(row.account_id != account_id for row in others):
        raise AccountProblem(LAST_ADMIN, "roles")


def _replace_roles(account: Account, wanted: frozenset[Role]) -> None:
    kept = [row for row in account.role_rows if row.role in wanted]
    held = {row.role for row in kept}
    fresh = [AccountRole(role=role) for role in Role if role in wanted - held]
    account.role_rows = [*kept, *fresh]


def _mail_invitation(account: Account) -> None:
    link = password_link(make_token(account, INVITATION))
    subject, text = account_messages.invitation(
        account.name, link, get_municipality().name, current_actor().name
    )
    put_mail("invitation", account.email, subject, text)


def _role_words(roles: Iterable[Role]) -> list[str]:
    return sorted(ROLE_WORDS[role] for role in roles)


def _subject(account: Account) -> dict[str, str]:
    return {
        "subject_kind": "account",
        "subject_id": str(account.id),
        "subject_label": account.name or account.email,
    }
