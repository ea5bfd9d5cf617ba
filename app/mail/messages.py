"""What is said about orders: plain values in, subject and text out; plain Dutch, plain text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from app import formats
from app.extensions import _t
from app.mail.parts import (
    MailLine,
    Message,
    PaymentWords,
    Sender,
    as_text,
    greeting,
    line_words,
    payment_words,
    refund_words,
    signature,
)


@dataclass(frozen=True)
class Confirmation:
    """An order that stands."""

    number: str
    name: str
    lines: Sequence[MailLine]
    total: Decimal
    payment: PaymentWords | None
    mine_url: str
    sender: Sender


@dataclass(frozen=True)
class Cancellation:
    """A line of an order that no longer stands; amounts in euro."""

    number: str
    name: str
    line: MailLine
    reason: str
    claim_falls: Decimal = Decimal("0.00")
    """What need not be paid any more."""
    refund: Decimal = Decimal("0.00")
    """What goes back."""
    uitpas: str = ""
    """'' when no UiTPAS was used, 'undone', 'under way', or a sentence about what stays."""
    mine_url: str = ""
    sender: Sender = field(default_factory=lambda: Sender(_t("Je gemeente")))
    by_staff: bool = False
    others: Sequence[MailLine] = ()
    """Lines that were cancelled together with it."""


@dataclass(frozen=True)
class NotCompleted:
    """An order that fell through: nothing is registered and nothing is owed."""

    number: str
    name: str
    lines: Sequence[MailLine]
    reason: str
    """publiq's own words, or ours; may be empty."""
    basket_url: str
    sender: Sender


def confirmation(told: Confirmation) -> Message:
    """The order stands: what, when, where, what it costs, and how it is paid (C3)."""
    parts = [
        greeting(told.name),
        _t("Je inschrijving is in orde. Tot binnenkort!")
        if len(told.lines) == 1
        else _t("Je inschrijvingen zijn in orde. Tot binnenkort!"),
        _t("Je bestelnummer is %(number)s.", number=told.number),
        *(line_words(line) for line in told.lines),
        _t("Samen: %(total)s", total=formats.money(told.total)),
        payment_words(told.payment),
        _cancel_until(told.lines),
        _t("Al je inschrijvingen zie je hier:\n%(url)s", url=told.mine_url),
        signature(told.sender),
    ]
    names = {line.activity for line in told.lines}
    about = (
        next(iter(names))
        if len(names) == 1
        else _t("%(count)s inschrijvingen", count=len(told.lines))
    )
    subject = _t("Je bent ingeschreven: %(about)s (%(number)s)", about=about, number=told.number)
    return subject, as_text(parts)


def cancellation(told: Cancellation) -> Message:
    """What was cancelled, the money, and what happened at UiTPAS (R7)."""
    if told.others:
        return _several_cancelled(told)
    participant, activity = told.line.participant, told.line.activity
    opening = (
        _t(
            "We hebben de inschrijving van %(participant)s voor %(activity)s geannuleerd.",
            participant=participant,
            activity=activity,
        )
        if told.by_staff
        else _t(
            "De inschrijving van %(participant)s voor %(activity)s is geannuleerd, zoals je vroeg.",
            participant=participant,
            activity=activity,
        )
    )
    parts = [
        greeting(told.name),
        opening,
        _t("Reden: %(reason)s", reason=told.reason) if told.reason else "",
        "\n".join(told.line.dates),
        _t("Het gaat om bestelling %(number)s.", number=told.number),
        _money_back(told),
        _uitpas_undone(told.uitpas),
        _t("Je andere inschrijvingen zie je hier:\n%(url)s", url=told.mine_url)
        if told.mine_url
        else "",
        signature(told.sender),
    ]
    subject = _t("Geannuleerd: %(activity)s (%(number)s)", activity=activity, number=told.number)
    return subject, as_text(parts)


def _several_cancelled(told: Cancellation) -> Message:
    lines = [told.line, *told.others]
    opening = (
        _t("We hebben deze inschrijvingen geannuleerd:")
        if told.by_staff
        else _t("Deze inschrijvingen zijn geannuleerd, zoals je vroeg:")
    )
    listed = "\n".join(f"- {line.participant}, {line.activity}" for line in lines)
    parts = [
        greeting(told.name),
        f"{opening}\n{listed}",
        _t("Reden: %(reason)s", reason=told.reason) if told.reason else "",
        _t("Het gaat om bestelling %(number)s.", number=told.number),
        _money_back(told),
        _uitpas_undone(told.uitpas),
        _t("Je andere inschrijvingen zie je hier:\n%(url)s", url=told.mine_url)
        if told.mine_url
        else "",
        signature(told.sender),
    ]
    subject = _t(
        "Geannuleerd: %(count)s inschrijvingen (%(number)s)", count=len(lines), number=told.number
    )
    return subject, as_text(parts)


def order_not_completed(told: NotCompleted) -> Message:
    """The order fell through after its owner had gone; nothing is registered or owed."""
    parts = [
        greeting(told.name),
        _t(
            "Je bestelling kon niet afgerond worden. Er is niets ingeschreven, en je hoeft niets "
            "te betalen."
        ),
        told.reason,
        _t(
            "Het gaat om:\n%(lines)s",
            lines="\n".join(f"- {line.participant}, {line.activity}" for line in told.lines),
        ),
        _t(
            "Je keuzes staan nog in je mandje. Rond het opnieuw af, zolang er plaatsen zijn:\n"
            "%(url)s",
            url=told.basket_url,
        ),
        signature(told.sender),
    ]
    return _t("Je bestelling %(number)s is niet afgerond", number=told.number), as_text(parts)


def order_on_behalf_not_completed(
    number: str, name: str, reason: str, basket_url: str, sender: Sender
) -> Message:
    """To the member of staff who made it: an order on behalf of a customer fell through.

    Names nobody else: this mail is not the customer's.
    """
    parts = [
        greeting(name),
        _t(
            "De bestelling %(number)s, die je voor een klant maakte, kon niet afgerond worden. "
            "Er is niets ingeschreven, en de klant hoeft niets te betalen.",
            number=number,
        ),
        reason,
        _t(
            "Alles staat nog in het mandje. Rond het opnieuw af, zolang er plaatsen zijn:\n%(url)s",
            url=basket_url,
        ),
        signature(sender),
    ]
    return _t("Bestelling %(number)s is niet afgerond", number=number), as_text(parts)


def _cancel_until(lines: Sequence[MailLine]) -> str:
    dated = [line for line in lines if line.cancel_until is not None]
    if not dated:
        return ""
    days = {line.cancel_until for line in dated}
    if len(days) == 1 and len(dated) == len(lines):
        last = formats.long_day(dated[0].cancel_until)
        return _t("Kan je toch niet komen? Je kan zelf annuleren tot en met %(day)s.", day=last)
    rows = [
        _t(
            "- %(participant)s, %(activity)s: tot en met %(day)s",
            participant=line.participant,
            activity=line.activity,
            day=formats.long_day(line.cancel_until),
        )
        for line in dated
    ]
    return _t(
        "Kan je toch niet komen? Zo lang kan je zelf annuleren:\n%(lines)s", lines="\n".join(rows)
    )


def _money_back(told: Cancellation) -> str:
    rows = []
    if told.claim_falls > 0:
        amount = formats.money(told.claim_falls)
        rows.append(_t("Je hoeft %(amount)s niet meer te betalen.", amount=amount))
    if told.refund > 0:
        rows.append(refund_words(told.refund))
    return " ".join(rows) or _t("Er is geen bedrag dat verandert.")


def _uitpas_undone(state: str) -> str:
    known = {
        "": "",
        "undone": _t("Je voordeel bij UiTPAS is ongedaan gemaakt: je kan het opnieuw gebruiken."),
        "under way": _t("Je voordeel bij UiTPAS maken we zo snel mogelijk ongedaan."),
    }
    return known.get(state, state)
