"""How money, moments and numbers are written for people in Flanders."""

from datetime import date, datetime, time
from decimal import Decimal

from babel.dates import format_date, format_time
from babel.numbers import format_currency

from app.clock import local

LOCALE = "nl_BE"


def money(amount: Decimal | int | float | None) -> str:
    """'€ 12,00', with a hard space; an empty text for None. Amounts in euro."""
    return "" if amount is None else format_currency(amount, "EUR", locale=LOCALE)


def day(value: date | datetime | None) -> str:
    """'wo 6 jan 2027', as tables show it; a moment is shown as the day it is in Brussels."""
    if value is None:
        return ""
    return format_date(_date(value), "EEE d MMM y", locale=LOCALE).replace(".", "")


def long_day(value: date | datetime | None) -> str:
    """'woensdag 6 januari 2027', as sentences show it."""
    return "" if value is None else format_date(_date(value), "EEEE d MMMM y", locale=LOCALE)


def clock(value: datetime | None) -> str:
    """'9 uur' or '13.30 uur', in Brussels."""
    return "" if value is None else f"{hour(value)} uur"


def hour(value: datetime | time) -> str:
    """'9' or '13.30', in Brussels, for use before 'uur' or 'tot'."""
    at = local(value) if isinstance(value, datetime) else value
    return str(at.hour) if at.minute == 0 else f"{at.hour}.{at.minute:02d}"


def moment(value: datetime | None) -> str:
    """'wo 6 jan 2027 om 9.05 uur', in Brussels."""
    return "" if value is None else f"{day(value)} om {clock(value)}"


def precise(value: datetime | None) -> str:
    """'6/01/2027 9:05:07', in Brussels, for logs."""
    if value is None:
        return ""
    at = local(value)
    return f"{at.day}/{at.month:02d}/{at.year} {format_time(at, 'H:mm:ss', locale=LOCALE)}"


def period(starts_at: datetime, ends_at: datetime) -> str:
    """'ma 21 dec 2026, 9 tot 16 uur', or with both days where they differ."""
    if _date(starts_at) == _date(ends_at):
        return f"{day(starts_at)}, {hour(starts_at)} tot {hour(ends_at)} uur"
    return f"{moment(starts_at)} tot {moment(ends_at)}"


def day_span(first: date, last: date) -> str:
    """'op wo 10 feb 2027', or 'van ma 8 feb 2027 tot en met zo 14 feb 2027'."""
    return f"op {day(first)}" if first == last else f"van {day(first)} tot en met {day(last)}"


def ages(low: int | None, high: int | None) -> str:
    """'6 tot 10 jaar', 'vanaf 12 jaar', 'tot 6 jaar' or 'alle leeftijden'; ages in full years."""
    if low is None and high is None:
        return "alle leeftijden"
    if high is None:
        return f"vanaf {low} jaar"
    return f"tot {high} jaar" if low is None else f"{low} tot {high} jaar"


def pass_number(number: str | None) -> str:
    """A UiTPAS number as it stands on the card: 0900 010 959 113."""
    if not number or len(number) != 13 or not number.isdigit():
        return number or ""
    return f"{number[:4]} {number[4:7]} {number[7:10]} {number[10:]}"


def masked_pass_number(number: str | None) -> str:
    """A UiTPAS number of which only the ends are shown."""
    return "" if not number else f"{number[:4]} ••• ••• {number[-3:]}"


def masked_insz(insz: str | None) -> str:
    """A national register number of which only the last two digits are shown."""
    return "" if not insz else f"••.••.••-•••.{insz[-2:]}"


def communication(digits: str) -> str:
    """A structured communication as it is printed: +++010/8068/17183+++."""
    return f"+++{digits[:3]}/{digits[3:7]}/{digits[7:]}+++"


def _date(value: date | datetime) -> date:
    return local(value).date() if isinstance(value, datetime) else value
