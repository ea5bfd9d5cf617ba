"""Which requests tell publiq how the dates of an event stand: a pure function, and its sending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from app.publiq.entry import EntryApi, StatusType
from app.uitdatabank.told import AS_PLANNED, UNSURE, WHOLE, Told, in_order, keyed, told_by

Body = dict[str, Any]


@dataclass(frozen=True)
class Requests:
    """What is sent, in this order; nothing where publiq knows it all.

    ``status`` is (type, reason) for all dates at once, ``available`` likewise. ``dates`` is the
    body of PATCH /sub-events.
    """

    status: tuple[str, str] | None = None
    available: bool | None = None
    dates: list[Body] = field(default_factory=list)


def requests_for(
    theirs: Mapping[str, Any], wanted: Sequence[Told], known: Sequence[Told]
) -> Requests:
    """From how the event stands at publiq to how it should stand.

    Only what we have something new to say about is sent: what somebody changed there by hand on
    another date stays until we publish again. Dates are found by their start, since publiq numbers
    them anew when one is moved.
    """
    dates = theirs.get("subEvent") or []
    weekly = any(item.start == WHOLE for item in wanted)
    if not dates or weekly:
        return _for_all(theirs, wanted)
    differing = _differing(dates, wanted, known)
    alike = {(item.status, item.reason, item.full) for _, item, _ in differing}
    if len(differing) == len(dates) and len(alike) == 1:
        return _all_alike(differing)
    return Requests(dates=[_patch(index, item, there) for index, item, there in differing])


def send(entry: EntryApi, event_id: str, requests: Requests) -> None:
    """Raises PubliqError. Harmless when repeated: each request says how things are."""
    if requests.status is not None:
        kind, reason = requests.status
        entry.set_status(event_id, cast(StatusType, kind), {"nl": reason} if reason else None)
    if requests.available is not None:
        entry.set_booking_availability(event_id, requests.available)
    if requests.dates:
        entry.patch_sub_events(event_id, requests.dates)


def _for_all(theirs: Mapping[str, Any], wanted: Sequence[Told]) -> Requests:
    """A weekly schedule, here or at publiq: only whether the whole goes on; no places."""
    alike = {(item.status, item.reason) for item in wanted if item.status != UNSURE}
    if len(alike) != 1:
        return Requests()
    (status,) = alike
    stands = {(item.status, item.reason) for item in told_by(theirs)}
    return Requests() if stands == {status} else Requests(status=status)


def _differing(
    dates: Sequence[Mapping[str, Any]], wanted: Sequence[Told], known: Sequence[Told]
) -> list[tuple[int, Told, Told]]:
    """(index at publiq, as it should be, as it is there) of each date to be told."""
    ordered = in_order(dates)
    there = keyed(told_by({"subEvent": ordered}))
    numbers = [_number(item, dates) for item in ordered]
    should, before = keyed(wanted), keyed(known)
    news = {key for key, item in should.items() if before.get(key) != item}
    return [
        (number, should[key], stands)
        for number, (key, stands) in zip(numbers, there.items(), strict=True)
        if key in news and should[key].status != UNSURE and should[key] != stands
    ]


def _number(item: Mapping[str, Any], dates: Sequence[Mapping[str, Any]]) -> int:
    """By which number publiq knows a date: its place in the list."""
    number = item.get("id")
    return number if isinstance(number, int) else list(dates).index(item)


def _all_alike(differing: Sequence[tuple[int, Told, Told]]) -> Requests:
    item = differing[0][1]
    status = any((one.status, one.reason) != (item.status, item.reason) for _, _, one in differing)
    places = any(one.full != item.full for _, _, one in differing)
    return Requests(
        status=(item.status, item.reason) if status else None,
        available=not item.full if places else None,
    )


def _patch(index: int, item: Told, there: Told) -> Body:
    change: Body = {"id": index}
    if (item.status, item.reason) != (there.status, there.reason):
        change["status"] = {"type": item.status}
        if item.reason and item.status != AS_PLANNED:
            change["status"]["reason"] = {"nl": item.reason}
    if item.full != there.full:
        change["bookingAvailability"] = {"type": "Unavailable" if item.full else "Available"}
    return change
