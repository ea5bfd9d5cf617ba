"""Passwords: what is asked of them, how they are kept, and the links by which they are chosen."""

from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadData, URLSafeTimedSerializer

from app.encryption import keyring
from app.extensions import _l
from app.people.models import Account

SHORTEST = 10
LONGEST = 200
RESET = "password-reset"
INVITATION = "invitation"
LIFETIMES = {RESET: timedelta(hours=2), INVITATION: timedelta(days=7)}

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""OWASP's smallest setting of argon2id: sixteen at once take 300 MB and not a gigabyte."""
_NOBODY = _hasher.hash("somebody who is not there")


def password_problem(password: str, email: str) -> str | None:
    """What is wrong with a new password, in one sentence, or None."""
    if len(password.strip()) < SHORTEST:
        return str(_l("Kies een wachtwoord van minstens 10 tekens."))
    if len(password) > LONGEST:
        return str(_l("Kies een wachtwoord van hoogstens 200 tekens."))
    if password.strip().lower() in {email.lower(), email.lower().split("@")[0]}:
        return str(_l("Kies een wachtwoord dat niet je e-mailadres is."))
    return None


def hash_password(password: str) -> str:
    """The password as it is kept (argon2id); spaces around it, often copied along, do not count."""
    return _hasher.hash(password.strip())


def password_fits(password_hash: str, password: str) -> bool:
    """Whether the password is the one that was hashed.

    Takes as long for an empty hash, so that the time does not tell whether an address is known.
    """
    try:
        return _hasher.verify(password_hash or _NOBODY, password.strip()) and bool(password_hash)
    except (VerificationError, InvalidHashError):
        return False


def needs_new_hash(password_hash: str) -> bool:
    """Whether it was hashed with other settings than today's."""
    return _hasher.check_needs_rehash(password_hash)


def make_token(account: Account, purpose: str) -> str:
    """A signed token to choose a password with: once, for it names the present one."""
    return _serializer(purpose).dumps([account.id, _fingerprint(account)])


def read_token(token: str) -> tuple[int, str] | None:
    """Account id and fingerprint of a token that is ours and not too old; else None."""
    for purpose, lifetime in LIFETIMES.items():
        try:
            account_id, fingerprint = _serializer(purpose).loads(
                token, max_age=int(lifetime.total_seconds())
            )
        except (BadData, ValueError, TypeError):
            continue
        return int(account_id), str(fingerprint)
    return None


def token_still_fits(account: Account, fingerprint: str) -> bool:
    """Whether the password has not been changed since the token was made."""
    return _fingerprint(account) == fingerprint


def _fingerprint(account: Account) -> str:
    changed_at = account.password_changed_at.timestamp()
    return keyring.fingerprint(f"{account.id}:{changed_at}:{account.password_hash}")[:24]


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keyring.signing_keys, salt=purpose)
