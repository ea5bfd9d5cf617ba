"""From publiq's answer to a value, or to an error that says what the caller may conclude."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn

from app.publiq.errors import (
    PubliqAnswerLost,
    PubliqAuthenticationFailed,
    PubliqBusy,
    PubliqError,
    PubliqForbidden,
    PubliqNotFound,
    PubliqRefused,
    PubliqUnreachable,
    SchemaError,
)
from app.publiq.exchange import Answer, Failure
from app.publiq.redaction import redact_text

READS = frozenset({"GET", "HEAD"})

# Of a gateway's answers these pass by themselves; reads are tried once more.
_PASSING = frozenset({502, 503, 504})

# What reading an answer raises when it is not shaped as publiq documents.
MISSHAPEN = (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError)

_STANDARD = {
    "type",
    "title",
    "status",
    "detail",
    "endUserMessage",
    "schemaErrors",
    "jsonPointer",
}

# Longer than any back-off that makes sense; also guards against nonsense in the header.
_LONGEST_RETRY_AFTER = 3600.0


@dataclass(frozen=True)
class Verdict:
    """What a request came to: a value, or an error. `body` is the parsed answer, if any."""

    value: Any = None
    error: PubliqError | None = None
    body: Any = None
    may_pass: bool = False


def judge(
    operation: str, method: str, answer: Answer, parse: Callable[[Any], Any] | None
) -> Verdict:
    """The verdict on one answer; `parse` reads the JSON and may raise any of MISSHAPEN."""
    reads = method in READS
    if answer.failure is not None:
        return _judge_failure(operation, answer.failure, reads)
    body, readable = parse_json(answer.content)
    status = answer.status or 0
    facts = problem_facts(body) | {"status": status}
    if 200 <= status < 300:
        return _judge_success(operation, answer, body, readable, parse, reads)
    if status == 401:
        return Verdict(error=PubliqAuthenticationFailed(operation, **facts), body=body)
    if status == 429:
        wait = retry_after(answer.headers.get("Retry-After"))
        return Verdict(error=PubliqBusy(operation, retry_after=wait, **facts), body=body)
    if 400 <= status < 500 and status != 408 and (readable or not answer.content):
        kind = {403: PubliqForbidden, 404: PubliqNotFound}.get(status, PubliqRefused)
        return Verdict(error=kind(operation, **facts), body=body)
    wait = retry_after(answer.headers.get("Retry-After"))
    error = unclear(operation, reads, retry_after=wait, **facts)
    return Verdict(error=error, body=body, may_pass=status in _PASSING)


def unclear(operation: str, reads: bool, **facts: Any) -> PubliqError:
    """An answer that tells nothing: to a question harmless, to a write a lost answer."""
    if reads:
        return PubliqUnreachable(operation, **facts)
    return PubliqAnswerLost(operation, **facts)


def _judge_failure(operation: str, failure: Failure, reads: bool) -> Verdict:
    passing = failure in (Failure.NOT_SENT, Failure.BROKEN)
    if failure.never_arrived:
        return Verdict(error=PubliqUnreachable(operation), may_pass=passing)
    return Verdict(error=PubliqAnswerLost(operation, retry_safe=reads), may_pass=passing)


def _judge_success(
    operation: str,
    answer: Answer,
    body: Any,
    readable: bool,
    parse: Callable[[Any], Any] | None,
    reads: bool,
) -> Verdict:
    # An answer without a body is right where nobody reads it (204).
    if readable or not answer.content:
        if parse is None:
            return Verdict(value=body, body=body)
        try:
            return Verdict(value=parse(body), body=body)
        except MISSHAPEN:
            pass
    return Verdict(error=unclear(operation, reads, status=answer.status), body=body)


def parse_json(content: bytes) -> tuple[Any, bool]:
    """The parsed content, numbers with a fraction as Decimal; and whether it was JSON at all."""
    if not content.strip():
        return None, False
    try:
        return json.loads(content, parse_float=Decimal, parse_constant=_refuse_constant), True
    except (ValueError, RecursionError):
        return None, False


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def problem_facts(body: Any) -> dict[str, Any]:
    """What a problem document (RFC 7807) says, as arguments of PubliqError; read leniently."""
    if not isinstance(body, Mapping):
        return {}
    extras = {key: value for key, value in body.items() if key not in _STANDARD}
    return {
        "type": _string(body.get("type")),
        "title": _redacted(body.get("title")),
        "detail": _redacted(body.get("detail")),
        "end_user_message": dutch(body.get("endUserMessage")),
        "schema_errors": _schema_errors(body.get("schemaErrors")),
        "json_pointer": _string(body.get("jsonPointer")),
        "extras": extras,
    }


def dutch(message: Any) -> str | None:
    """publiq's sentence for the person, word for word: the Dutch one, else the first."""
    if isinstance(message, str):
        return message or None
    if not isinstance(message, Mapping):
        return None
    sentences = [message.get("nl"), *message.values()]
    return next((item for item in sentences if isinstance(item, str) and item), None)


def retry_after(header: str | None) -> float | None:
    """Seconds to wait, from a number or a date (RFC 9110); None when absent or unreadable."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - datetime.now(UTC)).total_seconds()
    if seconds != seconds:  # not a number
        return None
    return min(max(seconds, 0.0), _LONGEST_RETRY_AFTER)


def _schema_errors(items: Any) -> tuple[SchemaError, ...]:
    if not isinstance(items, list):
        return ()
    return tuple(
        SchemaError(_string(item.get("jsonPointer")) or "", _redacted(item.get("error")) or "")
        for item in items
        if isinstance(item, Mapping)
    )


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _redacted(value: Any) -> str | None:
    return redact_text(value) if isinstance(value, str) else None
