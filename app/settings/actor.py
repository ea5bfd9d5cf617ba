"""Who is at work: known to the log of calls and the audit trail without being passed around."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """An account by id and name; neither for what the application does by itself."""

    account_id: int | None = None
    name: str = ""


NOBODY = Actor()
_actor: ContextVar[Actor] = ContextVar("actor", default=NOBODY)


def set_actor(account_id: int | None, name: str) -> None:
    """From here on, in this thread, it is this account that does things."""
    _actor.set(Actor(account_id, name[:254]))


def clear_actor() -> None:
    """From here on it is the application itself."""
    _actor.set(NOBODY)


def current_actor() -> Actor:
    """Who is at work now; NOBODY in jobs and for strangers."""
    return _actor.get()
