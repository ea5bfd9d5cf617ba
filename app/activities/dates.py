"""The dates that are filled in on an activity, and their rules (C1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.activities.problems import Problem
from app.clock import local
from app.extensions import _t
from app.formats import hour, long_day

MOST_DATES = 500
"""More dates than one activity, or one series, can have."""
LONGEST_DATE = timedelta(days=31)


@dataclass(frozen=True)
class DateData:
    """One date as filled in, in aware moments; ``id`` is that of the date it changes, if any."""

    starts_at: datetime
    ends_at: datetime
    id: int | None = None


def date_problems(dates: Sequence[DateData]) -> list[Problem]:
    """What is wrong with these dates, each at its row."""
    if not dates:
        return [Problem("missing", _t("Voeg minstens één datum toe."), "dates")]
    if len(dates) > MOST_DATES:
        return [
            Problem(
                "range",
                _t("Een activiteit heeft hoogstens %(most)s data.", most=MOST_DATES),
                "dates",
            )
        ]
    found = []
    seen: set[tuple[datetime, datetime]] = set()
    for index, item in enumerate(dates):
        found += _order_problems(item, index)
        if (item.starts_at, item.ends_at) in seen:
            sentence = _t("Deze datum staat er al. Haal ze weg of kies een andere.")
            found.append(Problem("double", sentence, f"dates-{index}-day"))
        seen.add((item.starts_at, item.ends_at))
    return found


def _order_problems(item: DateData, index: int) -> list[Problem]:
    start, end = local(item.starts_at), local(item.ends_at)
    if end.date() < start.date():
        sentence = _t(
            "De einddatum valt voor de startdatum. Kies een datum vanaf %(day)s.",
            day=_day(item.starts_at),
        )
        return [Problem("order", sentence, f"dates-{index}-ends_on")]
    if item.ends_at < item.starts_at:
        sentence = _t(
            "Het einduur valt voor het beginuur. Kies een uur na %(hour)s uur, "
            "of vul een latere einddatum in.",
            hour=hour(item.starts_at),
        )
        return [Problem("order", sentence, f"dates-{index}-ends")]
    if item.ends_at - item.starts_at > LONGEST_DATE:
        sentence = _t("Eén datum duurt hoogstens 31 dagen. Voeg voor elke dag een datum toe.")
        return [Problem("range", sentence, f"dates-{index}-ends_on")]
    return []


def _day(moment: datetime) -> str:
    """'3 maart 2027', without the weekday."""
    return long_day(moment).split(" ", 1)[1]
