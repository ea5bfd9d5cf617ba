"""What the log of calls gets to know of a request to publiq (feature S4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.publiq.errors import (
    PubliqAnswerLost,
    PubliqAuthenticationFailed,
    PubliqBusy,
    PubliqError,
    PubliqRefused,
    PubliqUnreachable,
)

_OUTCOMES = (
    (PubliqUnreachable, "unreachable"),
    (PubliqAnswerLost, "answer lost"),
    (PubliqBusy, "busy"),
    (PubliqAuthenticationFailed, "authentication"),
    (PubliqRefused, "refused"),
)


@dataclass(frozen=True)
class CallRecord:
    """One HTTP request as the log of calls may keep it: nothing in it needs redaction.

    `started_at` is aware UTC. `outcome` is 'ok', 'refused', 'unreachable', 'answer lost',
    'busy' or 'authentication'. The bodies are JSON text, cut when very long.
    """

    operation: str
    method: str
    url: str
    started_at: datetime
    duration_ms: int
    status: int | None
    outcome: str
    problem_type: str | None = None
    problem_title: str | None = None
    request_body: str | None = None
    response_body: str | None = None
    purpose: str | None = None


def outcome_name(error: PubliqError | None) -> str:
    if error is None:
        return "ok"
    return next(name for kind, name in _OUTCOMES if isinstance(error, kind))
