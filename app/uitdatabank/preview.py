"""What visitors of UiT in Vlaanderen will see of an activity, before it is published."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.activities.models import Activity, PriceCategory
from app.activities.schedule import schedule_of
from app.extensions import _t
from app.formats import ages, day, day_span, period
from app.uitdatabank.event import (
    NAME_LENGTH,
    EventPrice,
    age_range,
    price_info,
    short_name,
)
from app.uitdatabank.facts import base_first

LIST_LENGTH = 200
"""Signs of the description that stand in lists."""


@dataclass(frozen=True)
class Preview:
    """How an event is shown; ``is_cut`` tells that the title is longer than publiq takes."""

    title: str
    is_cut: bool
    when: str
    where: str
    in_list: str
    whole: str


@dataclass(frozen=True)
class ShownPrice:
    """One of our price categories, and what becomes of it at publiq."""

    name: str
    price: Decimal
    is_base: bool
    publiq_name: str
    postal_codes: tuple[str, ...]


def preview(activity: Activity, description: str, where: str) -> Preview:
    """The event of an activity with this description and place, as lists and its page show it."""
    title = short_name(activity.title)
    text = description.replace("\r\n", "\n").strip()
    return Preview(
        title=title,
        is_cut=is_cut(activity.title),
        when=_when(activity),
        where=where,
        in_list=shortened(text),
        whole=text,
    )


def is_cut(title: str) -> bool:
    """Whether publiq takes this title only in part."""
    return len(" ".join(title.split())) > NAME_LENGTH


def shortened(text: str) -> str:
    """The first 200 signs, on one line, as lists show them."""
    line = " ".join(text.split())
    return line if len(line) <= LIST_LENGTH else line[:LIST_LENGTH].rstrip() + "…"


def shown_ages(activity: Activity) -> tuple[str, str]:
    """The ages in words, and as publiq gets them: '6 tot 12 jaar' and '6-12'."""
    low, high = activity.min_age, activity.max_age
    return ages(low, high), age_range(low, high)


def shown_prices(categories: Iterable[PriceCategory]) -> list[ShownPrice]:
    """Which category is the base price and which are tariffs, in the order of publiq.

    Where none holds for everybody there is no base: then all are listed, and none goes out.
    """
    known = list(categories)
    ordered = base_first(known)
    if not ordered:
        return [
            ShownPrice(item.name, item.price, False, "", tuple(item.postal_codes)) for item in known
        ]
    sent = price_info(tuple(EventPrice(item.name, item.price) for item in ordered))
    return [
        ShownPrice(
            name=item.name,
            price=item.price,
            is_base=row["category"] == "base",
            publiq_name=row["name"]["nl"],
            postal_codes=tuple(item.postal_codes),
        )
        for item, row in zip(ordered, sent, strict=True)
    ]


def _when(activity: Activity) -> str:
    schedule = schedule_of(activity)
    if schedule is not None:
        return day_span(schedule.first_day, schedule.last_day).removeprefix("op ")
    dates = sorted(activity.dates, key=lambda date: date.starts_at)
    if not dates:
        return ""
    if len(dates) == 1:
        return period(dates[0].starts_at, dates[0].ends_at)
    return _t(
        "%(number)s data, van %(first)s tot en met %(last)s",
        number=len(dates),
        first=day(dates[0].starts_at),
        last=day(dates[-1].starts_at),
    )
