"""What of a call to publiq may be written down (feature S4).

National register numbers, tokens and secrets never; UiTPAS numbers masked; of UiTPAS answers
only ids and the problem, since the rest says who has a social tariff and how many points.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from app.publiq.errors import PROBLEM_PREFIX

INSZ_MARK = "[rijksregisternummer]"
IDENTIFIER_MARK = "[kenmerk]"
SECRET_MARK = "[geheim]"  # noqa: S105 - a mark, no secret
PARTS_MARK = "…"

# A longer body is cut: the log shows what went wrong, it is no archive.
LONGEST_BODY = 20_000

# Between the groups of a number people write points, dashes, slashes or spaces, and an address
# may hold them percent-encoded.
_GAP = r"(?:[\s.,:/_+\-\u2010-\u2015\u2212]|%(?:20|2[CDEFcdef]|3[Aa])){0,3}"
_NUMBERS = re.compile(
    r"(?P<uuid>[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})"
    r"|(?P<hex>(?<![0-9a-zA-Z])(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{32}(?![0-9a-zA-Z]))"
    rf"|(?P<uitpas>(?<!\d)\d{{4}}{_GAP}\d{{3}}{_GAP}\d{{3}}{_GAP}\d{{3}}(?!\d))"
    rf"|(?P<insz>(?<!\d)\d{{2}}{_GAP}\d{{2}}{_GAP}\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{2}}(?!\d))"
)
_TOKENS = re.compile(
    r"(?i:\bbearer)\s+[\w.~+/=-]{6,}"
    r"|\beyJ[\w-]{6,}(?:\.[\w-]*){0,4}"
    r"|(?i:(?<=client_secret=)|(?<=access_token=))[^&\s\"']+"
)
_SECRET_KEYS = {
    "access_token",
    "authorization",
    "client_secret",
    "id_token",
    "password",
    "refresh_token",
}
_INSZ_KEYS = {"insz", "insznumber", "inszbarcode", "nationalregisternumber"}
_IDENTIFIER_KEYS = {"identifier", "identification", "chipnumber"}
_PROBLEM_KEYS = (
    "type",
    "title",
    "status",
    "detail",
    "endUserMessage",
    "schemaErrors",
    "jsonPointer",
    "error",
    "error_description",
)


def quiet_oauth_logs() -> None:
    """Keeps libraries that write secrets, tokens or addresses at DEBUG from doing so."""
    for name in ("oauthlib", "requests_oauthlib", "urllib3"):
        logger = logging.getLogger(name)
        if logger.level < logging.INFO:
            logger.setLevel(logging.INFO)


def mask_uitpas_number(number: str) -> str:
    """The UiTPAS number as logs may show it: `0900…113`."""
    digits = re.sub(r"\D", "", number)
    return f"{digits[:4]}{PARTS_MARK}{digits[-3:]}"


def redact_text(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without register numbers, tokens and the given secrets, pass numbers masked."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, SECRET_MARK)
    return _NUMBERS.sub(_mark, _TOKENS.sub(SECRET_MARK, text))


def _mark(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "insz":
        return match.group() if _is_phone_number(match) else INSZ_MARK
    if kind == "uitpas":
        return mask_uitpas_number(unquote(match.group()))
    return match.group()


def _is_phone_number(match: re.Match[str]) -> bool:
    """Whether this is a Belgian mobile number as +32470123456, which has 11 digits too."""
    digits = match.group()
    before = match.string[: match.start()]
    # An encoded space in an address is a plus as well, so the number must also fail the check.
    return before.endswith("+") and digits.startswith("324") and not _passes_check(digits)


def _passes_check(digits: str) -> bool:
    if not digits.isdigit() or len(digits) != 11:
        return True
    first, check = int(digits[:9]), int(digits[9:])
    return check in (97 - first % 97, 97 - (2_000_000_000 + first) % 97)


def redact_url(url: str, secrets: Iterable[str] = ()) -> str:
    """The address as a person may read it in the log of calls."""
    parts = urlsplit(url)
    secrets = tuple(secrets)
    path = redact_text(unquote(parts.path), secrets)
    pairs = [
        f"{redact_text(name, secrets)}={_redact_member(name, value, secrets)}"
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
    ]
    query = "?" + "&".join(pairs) if pairs else ""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{path}{query}"


def redact_body(body: Any, secrets: Iterable[str] = ()) -> Any:
    """A parsed body that may be kept whole but for numbers of people and secrets."""
    return _redact(body, tuple(secrets))


def uitpas_answer(body: Any, secrets: Iterable[str] = ()) -> Any:
    """What may be kept of an answer of UiTPAS: the problem, or the ids in it."""
    secrets = tuple(secrets)
    if isinstance(body, Mapping) and _is_problem(body):
        kept = {key: body[key] for key in _PROBLEM_KEYS if key in body}
        return _redact(kept, secrets)
    return _only_ids(body, secrets)


def body_text(body: Any) -> str | None:
    """A redacted body as JSON text for the log, cut when very long; None for no body."""
    if body is None:
        return None
    text = json.dumps(body, ensure_ascii=False, default=_plain)
    return text if len(text) <= LONGEST_BODY else text[:LONGEST_BODY] + PARTS_MARK


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else str(value)


def _is_problem(body: Mapping[str, Any]) -> bool:
    kind = body.get("type")
    if isinstance(kind, str) and (kind.startswith(PROBLEM_PREFIX) or kind == "about:blank"):
        return True
    return "title" in body and isinstance(body.get("status"), (int, str)) and "id" not in body


def _only_ids(body: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(body, Mapping):
        kept: dict[str, Any] = {}
        for key, value in body.items():
            if isinstance(value, (Mapping, list)):
                inner = _only_ids(value, secrets)
                if inner:
                    kept[key] = inner
            elif (key == "id" or key.endswith("Id")) and value is not None:
                kept[key] = _redact_member(key, value, secrets)
        return kept
    if isinstance(body, list):
        return [inner for inner in (_only_ids(item, secrets) for item in body) if inner]
    return None


def _redact(value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, Mapping):
        return {
            redact_text(str(key), secrets): _redact_member(str(key), item, secrets)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_redact(item, secrets) for item in value]
    if isinstance(value, str):
        return redact_text(value, secrets)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return _redact_number(value)
    return value


def _redact_number(value: int | Decimal) -> Any:
    """A JSON number that is a register or pass number, leading zeros possibly lost, as text."""
    text = str(value)
    if not text.isdigit():
        return value
    if len(text) == 11 or (len(text) in (9, 10) and _passes_check(text.zfill(11))):
        return INSZ_MARK
    return mask_uitpas_number(text) if len(text) == 13 else value


def _redact_member(key: str, value: Any, secrets: tuple[str, ...]) -> Any:
    name = key.lower().replace("-", "_")
    if name in _SECRET_KEYS:
        return SECRET_MARK
    if name in _INSZ_KEYS:
        return INSZ_MARK
    if name in _IDENTIFIER_KEYS and isinstance(value, (str, int)):
        return _redact_identifier(str(value))
    if name == "uitpasnumber" and isinstance(value, (str, int)):
        return _redact_identifier(str(value))
    return _redact(value, secrets)


def _redact_identifier(value: str) -> str:
    """Of what identifies a pass: a masked pass number, or only what kind of number it was."""
    digits = re.sub(r"\D", "", value)
    if re.search(r"[a-zA-Z]", value):
        return IDENTIFIER_MARK
    if len(digits) == 13:
        return mask_uitpas_number(digits)
    return INSZ_MARK if len(digits) == 11 else IDENTIFIER_MARK
