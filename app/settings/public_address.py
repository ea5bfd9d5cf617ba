"""The address under which the shop is reached from outside, for mails and links."""

from urllib.parse import urlsplit

from flask import current_app


def public_url(path: str) -> str:
    """The full address of a path of ours, which begins with '/'."""
    return f"{current_app.config['LOKET'].public_url}{path}"


def public_host() -> str:
    """The host of the shop."""
    return urlsplit(current_app.config["LOKET"].public_url).hostname or "localhost"
