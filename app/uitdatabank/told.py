"""What publiq was told of the dates of an event, and what is true of them now: pure values.

Kept on the link as JSON, one entry to a date, and compared with what is true now: so a place that
is sold, freed or cancelled can never be forgotten, whoever changed it and however.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

from app.publiq.reading import moment, text_of

Body = Mapping[str, Any]
Key = tuple[str, int]

WHOLE = ""
"""In place of a start: a weekly schedule, of which publiq takes no places."""
UNSURE = ""
"""In place of a status: a request is under way, or its answer was lost."""
AS_PLANNED, POSTPONED, CANCELLED = "Available", "TemporarilyUnavailable", "Unavailable"


class Standing(Protocol):
    """Whether an activity as a whole goes on; ``state_reason`` is for the public."""

    @property
    def cancelled(self) -> bool:
        """It does not take place."""

    @property
    def postponed(self) -> bool:
        """It takes place later, at a moment not known yet."""

    @property
    def state_reason(self) -> str:
        """Why, for the public."""


@dataclass(frozen=True)
class Told:
    """One date: its start in UTC, publiq's status with our reason, and whether it is sold out."""

    start: str
    status: str
    reason: str = ""
    full: bool = False

    def as_json(self) -> dict[str, Any]:
        """As the link keeps it."""
        return asdict(self)


def told_by(document: Body) -> list[Told]:
    """What a body of ours says of its dates, or an event of publiq's: in the order of the dates."""
    dates = document.get("subEvent")
    if not dates:
        return [_told(WHOLE, document)]
    return [_told(_start(item), item) for item in in_order(dates)]


def in_order(dates: Iterable[Body]) -> list[Body]:
    """Dates by start and then by end; publiq promises the order of the starts only."""
    return sorted(dates, key=lambda item: (_start(item), _written(item.get("endDate"))))


def stored(told: Iterable[Told]) -> list[dict[str, Any]]:
    """As the link keeps them."""
    return [item.as_json() for item in told]


def read(kept: Sequence[Mapping[str, Any]]) -> list[Told]:
    """What ``stored`` wrote."""
    return [Told(**item) for item in kept]


def keyed(told: Iterable[Told]) -> dict[Key, Told]:
    """By start; the second date with the same start is number 1."""
    seen: Counter[str] = Counter()
    found = {}
    for item in told:
        found[item.start, seen[item.start]] = item
        seen[item.start] += 1
    return found


def doubtful(told: Sequence[Told], but: Sequence[Told] | None = None) -> list[Told]:
    """The same dates, of which we are no longer sure what publiq holds.

    With ``but``, only those that differ from it: they are about to be sent.
    """
    others = but if but is not None else [replace(item, status=UNSURE) for item in told]
    return [
        item if item == other else replace(item, status=UNSURE, reason="", full=False)
        for item, other in zip(told, others, strict=True)
    ]


def is_doubtful(told: Iterable[Told]) -> bool:
    """Whether something was sent of which the outcome is not known."""
    return any(item.status == UNSURE for item in told)


def wanted(told: Sequence[Told], present: Sequence[Told], whole: Standing) -> list[Told]:
    """What publiq should hold of the dates that it knows.

    A date that we moved or took away since stands there until the next publication; only what
    holds for the whole activity is true of it too.
    """
    here = keyed(present)
    return [here.get(key) or _elsewhere(item, whole) for key, item in keyed(told).items()]


def _elsewhere(item: Told, whole: Standing) -> Told:
    full = item.start != WHOLE
    if whole.cancelled:
        return Told(item.start, CANCELLED, whole.state_reason.strip(), full)
    if whole.postponed:
        return Told(item.start, POSTPONED, whole.state_reason.strip(), full)
    return Told(item.start, AS_PLANNED) if item.start == WHOLE else item


def _told(start: str, item: Body) -> Told:
    status = item.get("status") or {}
    kind = status.get("type", AS_PLANNED)
    reason = "" if kind == AS_PLANNED else text_of(status.get("reason"), "nl")
    places = item.get("bookingAvailability") or {}
    full = start != WHOLE and places.get("type") == "Unavailable"
    return Told(start, kind, reason, full)


def _start(item: Body) -> str:
    return _written(item.get("startDate"))


def _written(text: Any) -> str:
    read_moment = moment(text)
    return read_moment.isoformat(timespec="seconds") if read_moment else ""
