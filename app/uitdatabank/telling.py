"""What a publication leaves on the link about availability; pushes go on from there."""

from collections.abc import Mapping
from typing import Any

from app.uitdatabank import told
from app.uitdatabank.models import EventLink


def doubt_availability(link: EventLink) -> bool:
    """A publication begins: of no date we know for sure what publiq will hold after it.

    Returns whether there was doubt already: then a push may be under way, and which of the two
    reaches publiq last nobody knows.
    """
    if not link.availability_sent:
        return False
    known = told.read(link.availability_sent)
    link.availability_sent = told.stored(told.doubtful(known))
    return told.is_doubtful(known)


def keep_told(link: EventLink, body: Mapping[str, Any], *, in_doubt: bool = False) -> None:
    """The event stands at publiq as this body says; with ``in_doubt`` a push looks once more."""
    known = told.told_by(body)
    link.availability_sent = told.stored(told.doubtful(known) if in_doubt else known)
    link.availability_tries, link.availability_error = 0, ""
    link.availability_next_at = None
