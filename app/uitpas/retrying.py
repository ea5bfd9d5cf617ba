"""Trying later: with growing pauses, and what was said written down once."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.clock import now
from app.publiq.errors import PubliqError
from app.settings.publiq_errors import explain
from app.uitpas.ledger import note
from app.uitpas.models import UitpasEntry

FIRST_PAUSE = timedelta(seconds=20)
LONGEST_PAUSE = timedelta(hours=1)
FIRST_LONG_PAUSE = timedelta(hours=1)
LONGEST_LONG_PAUSE = timedelta(days=1)
"""What was refused for good is tried again seldom: only a person can change the answer."""


def next_try(tries: int, error: Exception | None = None, *, for_good: bool = False) -> datetime:
    """When to try again after so many tries; publiq's own Retry-After is obeyed."""
    first, longest = FIRST_PAUSE, LONGEST_PAUSE
    if for_good:
        first, longest = FIRST_LONG_PAUSE, LONGEST_LONG_PAUSE
    pause = min(first * 2 ** min(max(tries - 1, 0), 12), longest)
    asked = getattr(error, "retry_after", None)
    return now() + max(pause, timedelta(seconds=asked or 0))


def try_later(
    session: Session, entry: UitpasEntry, error: Exception, *, for_good: bool = False
) -> None:
    """Put an entry off after a call that did not end well; the same words are noted once."""
    entry.next_try_at = next_try(entry.attempts, error, for_good=for_good)
    entry.lease_until = None
    entry.last_call_id = call_id_of(error) or entry.last_call_id
    words = said_to_staff(error)
    if entry.message != words:
        note(session, entry, words)
    entry.message = words


def said_to_staff(error: Exception) -> str:
    """What happened and what to do, for staff."""
    return explain(error) if isinstance(error, PubliqError) else str(error)


def call_id_of(error: Exception | None) -> int | None:
    """The row of the log of calls, where there is one."""
    call_id = getattr(error, "call_id", None)
    return call_id if isinstance(call_id, int) else None
