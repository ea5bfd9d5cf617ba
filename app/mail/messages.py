"""What is said to whom: plain values in, subject and text out; plain Dutch, plain text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from app import formats
from app.settings.contact import spaced_iban

Message = tuple[str, str]
"""Subject and text."""


@dataclass(frozen=True)
class Sender:
    """Who signs the mail, and how to reach them."""

    municipality: str
    department: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True)
class MailLine:
    """One registration or ticket, in the words of the order; prices in euro."""

    participant: str
    activity: str
    dates: Sequence[str]
    """Each as a person reads it: 'ma 21 dec 2026, 9 tot 16 uur'."""
    place: str
    price: Decimal
    regular_price: Decimal | None = None
    benefit: str = ""
    cancel_until: date | None = None


@dataclass(frozen=True)
class PaymentWords:
    """How the rest is paid: at the desk, by transfer, or not at all."""

    amount: Decimal
    at_desk: bool = False
    communication: str = ""
    """Twelve digits."""
    iban: str = ""
    account_holder: str = ""
    due_at: datetime | None = None


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
    sender: Sender = field(default_factory=lambda: Sender("Je gemeente"))
    by_staff: bool = False


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
        f"Dag {told.name}," if told.name else "Dag,",
        "Je inschrijving is in orde. Tot binnenkort!"
        if len(told.lines) == 1
        else "Je inschrijvingen zijn in orde. Tot binnenkort!",
        f"Je bestelnummer is {told.number}.",
        *(_line(line) for line in told.lines),
        f"Samen: {formats.money(told.total)}",
        _payment(told.payment),
        _cancel_until(told.lines),
        f"Al je inschrijvingen zie je hier:\n{told.mine_url}",
        _signature(told.sender),
    ]
    names = {line.activity for line in told.lines}
    about = next(iter(names)) if len(names) == 1 else f"{len(told.lines)} inschrijvingen"
    return f"Je bent ingeschreven: {about} ({told.number})", _text(parts)


def cancellation(told: Cancellation) -> Message:
    """A line was cancelled: what, the money, and what happened at UiTPAS (R7)."""
    opening = (
        f"We hebben de inschrijving van {told.line.participant} voor {told.line.activity} "
        "geannuleerd."
        if told.by_staff
        else f"De inschrijving van {told.line.participant} voor {told.line.activity} is "
        "geannuleerd, zoals je vroeg."
    )
    parts = [
        f"Dag {told.name}," if told.name else "Dag,",
        opening,
        f"Reden: {told.reason}" if told.reason else "",
        "\n".join(told.line.dates),
        f"Het gaat om bestelling {told.number}.",
        _money_back(told),
        _uitpas_undone(told.uitpas),
        f"Je andere inschrijvingen zie je hier:\n{told.mine_url}" if told.mine_url else "",
        _signature(told.sender),
    ]
    return f"Geannuleerd: {told.line.activity} ({told.number})", _text(parts)


def order_not_completed(told: NotCompleted) -> Message:
    """The order fell through after its owner had gone; nothing is registered or owed."""
    parts = [
        f"Dag {told.name}," if told.name else "Dag,",
        "Je bestelling kon niet afgerond worden. Er is niets ingeschreven, en je hoeft niets te "
        "betalen.",
        told.reason,
        "Het gaat om:\n"
        + "\n".join(f"- {line.participant}, {line.activity}" for line in told.lines),
        "Je keuzes staan nog in je mandje. Rond het opnieuw af, zolang er plaatsen zijn:\n"
        + told.basket_url,
        _signature(told.sender),
    ]
    return f"Je bestelling {told.number} is niet afgerond", _text(parts)


def password_reset(name: str, link: str, municipality: str) -> Message:
    """The way to a new password; the link works once."""
    parts = [
        f"Dag {name}," if name else "Dag,",
        "Je vroeg om een nieuw wachtwoord te kiezen. Dat kan via deze link:\n" + link,
        "De link werkt één keer en twee uur lang. Vroeg je dit niet? Dan hoef je niets te doen: "
        "je wachtwoord blijft wat het is.",
        f"Groeten\n{municipality}",
    ]
    return "Kies een nieuw wachtwoord", _text(parts)


def reset_unknown_address(municipality: str) -> Message:
    """Somebody asked a password for an address that has no account."""
    parts = [
        "Dag,",
        "Iemand vroeg een nieuw wachtwoord voor dit e-mailadres, maar er hoort geen aanmelding "
        "bij.",
        "Was jij dat? Probeer dan een ander e-mailadres, of maak een aanmelding op onze site. "
        "Was jij het niet, dan hoef je niets te doen.",
        f"Groeten\n{municipality}",
    ]
    return "Geen aanmelding met dit e-mailadres", _text(parts)


def invitation(name: str, link: str, municipality: str, invited_by: str = "") -> Message:
    """A colleague gets an account in the back office (C15)."""
    who = f"{invited_by} nodigt je uit" if invited_by else "Je bent uitgenodigd"
    parts = [
        f"Dag {name}," if name else "Dag,",
        f"{who} om mee te werken in Vrijloket van {municipality}.",
        "Kies eerst je wachtwoord:\n" + link,
        "De link werkt één keer en een week lang. Is hij te oud? Vraag dan bij het aanmelden een "
        "nieuw wachtwoord met dit e-mailadres.",
        f"Tot straks\n{municipality}",
    ]
    return f"Welkom bij Vrijloket van {municipality}", _text(parts)


def welcome(name: str, offer_url: str, municipality: str) -> Message:
    """A customer signed up."""
    parts = [
        f"Dag {name}," if name else "Dag,",
        "Fijn dat je er bent. Je kan nu je gezin toevoegen en inschrijven voor alles wat we "
        "organiseren:\n" + offer_url,
        "Heb je een UiTPAS? Vul het nummer in bij je gezinsleden, dan kijken we bij elke "
        "inschrijving welk voordeel je krijgt.",
        f"Tot binnenkort\n{municipality}",
    ]
    return f"Welkom bij {municipality}", _text(parts)


def _text(parts: Sequence[str]) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _line(line: MailLine) -> str:
    rows = [f"{line.participant}: {line.activity}", *line.dates]
    if line.place:
        rows.append(line.place)
    price = formats.money(line.price)
    if line.benefit:
        price += f" met {_inside(line.benefit)}"
        if line.regular_price is not None and line.regular_price != line.price:
            price += f" (in plaats van {formats.money(line.regular_price)})"
    return "\n  ".join([*rows, price])


def _inside(name: str) -> str:
    """A benefit's name inside a sentence: 'kansentarief', but 'UiTPAS …' as it is."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _payment(due: PaymentWords | None) -> str:
    if due is None or due.amount <= 0:
        return "Je hoeft niets te betalen."
    amount = formats.money(due.amount)
    if due.at_desk:
        return f"Je betaalt {amount} aan het loket. Hou je bestelnummer bij de hand."
    rows = [f"Schrijf {amount} over."]
    if due.due_at is not None:
        rows = [f"Schrijf {amount} over, ten laatste op {formats.long_day(due.due_at)}."]
    if due.iban:
        rows.append(f"  Rekening: {spaced_iban(due.iban)}")
    if due.account_holder:
        rows.append(f"  Op naam van: {due.account_holder}")
    rows.append(f"  Gestructureerde mededeling: {formats.communication(due.communication)}")
    return "\n".join(rows)


def _cancel_until(lines: Sequence[MailLine]) -> str:
    dated = [line for line in lines if line.cancel_until is not None]
    if not dated:
        return ""
    days = {line.cancel_until for line in dated}
    if len(days) == 1 and len(dated) == len(lines):
        last = formats.long_day(dated[0].cancel_until)
        return f"Kan je toch niet komen? Je kan zelf annuleren tot en met {last}."
    rows = [
        f"- {line.participant}, {line.activity}: tot en met {formats.long_day(line.cancel_until)}"
        for line in dated
    ]
    return "Kan je toch niet komen? Zo lang kan je zelf annuleren:\n" + "\n".join(rows)


def _money_back(told: Cancellation) -> str:
    rows = []
    if told.claim_falls > 0:
        rows.append(f"Je hoeft {formats.money(told.claim_falls)} niet meer te betalen.")
    if told.refund > 0:
        rows.append(f"Je krijgt {formats.money(told.refund)} terug.")
    return " ".join(rows) or "Er is geen bedrag dat verandert."


def _uitpas_undone(state: str) -> str:
    known = {
        "": "",
        "undone": "Je voordeel bij UiTPAS is ongedaan gemaakt: je kan het opnieuw gebruiken.",
        "under way": "Je voordeel bij UiTPAS maken we zo snel mogelijk ongedaan.",
    }
    return known.get(state, state)


def _signature(sender: Sender) -> str:
    reach = [part for part in (sender.phone, sender.email) if part]
    rows = [
        f"Vragen? {' of '.join(reach)}" if reach else "",
        "Groeten",
        sender.department,
        sender.municipality,
    ]
    return "\n".join(row for row in rows if row)
