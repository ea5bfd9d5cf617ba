"""Where to go next, when the address says so: only ever to a page of our own."""

from urllib.parse import urlsplit

NOT_BACK_TO = ("/aanmelden", "/afmelden", "/registreren", "/wachtwoord")


def local_path(target: str | None) -> str:
    """The path when it is one of this site, else an empty text.

    Browsers read '//host', '/\\host' and '/<tab>/host' as another site: all refused.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return ""
    if "\\" in target or any(ord(sign) <= 32 or ord(sign) == 127 for sign in target):
        return ""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or parts.path.startswith(NOT_BACK_TO):
        return ""
    return target
