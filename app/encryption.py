"""Encryption at rest and keyed fingerprints; the keys come from LOKET_SECRET_KEY and its elders."""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Undecipherable(Exception):
    """What was stored cannot be read with any known key: LOKET_SECRET_KEY changed."""


class Keyring:
    """One key for each purpose, derived from the application's key; old keys still decrypt."""

    def __init__(self) -> None:
        self._fernet: MultiFernet | None = None
        self._fingerprint_key = b""
        self._signing_keys: list[str] = []

    def load(self, secret_key: str, old_keys: tuple[str, ...] = ()) -> None:
        """Derive the keys; called once by create_app()."""
        keys = (secret_key, *old_keys)
        self._fernet = MultiFernet(
            [Fernet(base64.urlsafe_b64encode(_derive(k, b"encryption"))) for k in keys]
        )
        self._fingerprint_key = _derive(keys[-1], b"fingerprint")
        self._signing_keys = [_derive(key, b"signing").hex() for key in reversed(keys)]

    def encrypt(self, text: str) -> str:
        """The text as it may stand in the database."""
        assert self._fernet is not None, "the keyring is loaded by create_app()"
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def decrypt(self, token: str) -> str:
        """The text again. Raises Undecipherable when no key fits."""
        assert self._fernet is not None, "the keyring is loaded by create_app()"
        try:
            return self._fernet.decrypt(token.encode("ascii")).decode()
        except InvalidToken:
            raise Undecipherable(
                "A stored secret cannot be read: add the earlier key to LOKET_OLD_KEYS."
            ) from None

    @property
    def signing_keys(self) -> list[str]:
        """For itsdangerous, which signs with the last key and accepts them all."""
        return list(self._signing_keys)

    def fingerprint(self, text: str) -> str:
        """A keyed hash by which an encrypted value can be found again by exact match.

        Derived from the oldest key, so that rotation does not make stored values unfindable.
        """
        return hmac.new(self._fingerprint_key, text.encode(), hashlib.sha256).hexdigest()


def _derive(secret_key: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=b"vrijloket", info=purpose).derive(secret_key.encode())


keyring = Keyring()
