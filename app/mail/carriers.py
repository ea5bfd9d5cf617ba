"""What carries a mail away: an SMTP server or a folder (LOKET_MAIL_URL)."""

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app

from app.extensions import _t

TIMEOUT_SECONDS = 15
"""For the connection and for each answer of the server."""
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class CarrierRefused(Exception):
    """The mail could not go out; the text says why, in Dutch."""


class Carrier(Protocol):
    """Takes mails away."""

    def send(self, letter: EmailMessage, name: str) -> None:
        """Hand over one mail; ``name`` is for the file name."""


@contextmanager
def open_carrier() -> Iterator[Carrier]:
    """The carrier of the configuration. Raises OSError or SMTPException when it is away."""
    url: str = current_app.config["LOKET"].mail_url
    if url.startswith("file:"):
        yield Folder(Path(unquote(urlsplit(url).path or url.removeprefix("file:"))))
        return
    with _connect(urlsplit(url)) as server:
        yield Server(server)


class Folder:
    """Keeps each mail as a file, to be opened with a mail program."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, letter: EmailMessage, name: str) -> None:
        """Write the file whole or not at all; a mail sent twice stands there once."""
        self._path.mkdir(parents=True, exist_ok=True)
        unfinished = self._path / f".{name}.part"
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(letter.as_bytes())
        os.replace(unfinished, self._path / f"{name}.eml")  # noqa: PTH105 - overwrites


class Server:
    """Hands mails to an SMTP server."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, letter: EmailMessage, name: str) -> None:  # noqa: ARG002 - for folders
        """Raises SMTPException."""
        self._server.send_message(letter)


@contextmanager
def _connect(url: SplitResult) -> Iterator[smtplib.SMTP]:
    host = url.hostname or "localhost"
    context = ssl.create_default_context()
    if url.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, url.port or 465, timeout=TIMEOUT_SECONDS, context=context
        )
    else:
        port = url.port or (587 if url.username else 25)
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    try:
        secured = url.scheme == "smtps"
        if not secured:
            server.ehlo_or_helo_if_needed()
            if server.has_extn("starttls"):
                server.starttls(context=context)
                secured = True
        if url.username:
            if not secured and host not in LOOPBACK:
                raise CarrierRefused(
                    _t(
                        "De mailserver biedt geen beveiligde verbinding aan, dus sturen we het "
                        "wachtwoord niet. Gebruik smtps:// of een server met STARTTLS."
                    )
                )
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server
    finally:
        with suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()
