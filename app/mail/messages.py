"""What is said to whom: plain values in, subject and text out; plain Dutch, plain text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from app import formats
from app.extensions import _t
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
    sender: Sender = field(default_factory=lambda: Sender(_t("Je gemeente")))
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
        _greeting(told.name),
        _t("Je inschrijving is in orde. Tot binnenkort!")
        if len(told.lines) == 1
        else _t("Je inschrijvingen zijn in orde. Tot binnenkort!"),
        _t("Je bestelnummer is %(number)s.", number=told.number),
        *(_line(line) for line in told.lines),
        _t("Samen: %(total)s", total=formats.money(told.total)),
        _payment(told.payment),
        _cancel_until(told.lines),
        _t("Al je inschrijvingen zie je hier:\n%(url)s", url=told.mine_url),
        _signature(told.sender),
    ]
    names = {line.activity for line in told.lines}
    about = (
        next(iter(names))
        if len(names) == 1
        else _t("%(count)s inschrijvingen", count=len(told.lines))
    )
    subject = _t("Je bent ingeschreven: %(about)s (%(number)s)", about=about, number=told.number)
    return subject, _text(parts)


def cancellation(told: Cancellation) -> Message:
    """A line was cancelled: what, the money, and what happened at UiTPAS (R7)."""
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
        _greeting(told.name),
        opening,
        _t("Reden: %(reason)s", reason=told.reason) if told.reason else "",
        "\n".join(told.line.dates),
        _t("Het gaat om bestelling %(number)s.", number=told.number),
        _money_back(told),
        _uitpas_undone(told.uitpas),
        _t("Je andere inschrijvingen zie je hier:\n%(url)s", url=told.mine_url)
        if told.mine_url
        else "",
        _signature(told.sender),
    ]
    subject = _t("Geannuleerd: %(activity)s (%(number)s)", activity=activity, number=told.number)
    return subject, _text(parts)


def order_not_completed(told: NotCompleted) -> Message:
    """The order fell through after its owner had gone; nothing is registered or owed."""
    parts = [
        _greeting(told.name),
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
        _signature(told.sender),
    ]
    return _t("Je bestelling %(number)s is niet afgerond", number=told.number), _text(parts)


def password_reset(name: str, link: str, municipality: str) -> Message:
    """The way to a new password; the link works once."""
    parts = [
        _greeting(name),
        _t("Je vroeg om een nieuw wachtwoord te kiezen. Dat kan via deze link:\n%(url)s", url=link),
        _t(
            "De link werkt één keer en twee uur lang. Vroeg je dit niet? Dan hoef je niets te "
            "doen: je wachtwoord blijft wat het is."
        ),
        _t("Groeten\n%(municipality)s", municipality=municipality),
    ]
    return _t("Kies een nieuw wachtwoord"), _text(parts)


def reset_unknown_address(municipality: str) -> Message:
    """Somebody asked a password for an address that has no account."""
    parts = [
        _greeting(""),
        _t(
            "Iemand vroeg een nieuw wachtwoord voor dit e-mailadres, maar er hoort geen "
            "aanmelding bij."
        ),
        _t(
            "Was jij dat? Probeer dan een ander e-mailadres, of maak een aanmelding op onze site. "
            "Was jij het niet, dan hoef je niets te doen."
        ),
        _t("Groeten\n%(municipality)s", municipality=municipality),
    ]
    return _t("Geen aanmelding met dit e-mailadres"), _text(parts)


def invitation(name: str, link: str, municipality: str, invited_by: str = "") -> Message:
    """A colleague gets an account in the back office (C15)."""
    opening = (
        _t(
            "%(name)s nodigt je uit om mee te werken in Vrijloket van %(municipality)s.",
            name=invited_by,
            municipality=municipality,
        )
        if invited_by
        else _t(
            "Je bent uitgenodigd om mee te werken in Vrijloket van %(municipality)s.",
            municipality=municipality,
        )
    )
    parts = [
        _greeting(name),
        opening,
        _t("Kies eerst je wachtwoord:\n%(url)s", url=link),
        _t(
            "De link werkt één keer en een week lang. Is hij te oud? Vraag dan bij het aanmelden "
            "een nieuw wachtwoord met dit e-mailadres."
        ),
        _t("Tot straks\n%(municipality)s", municipality=municipality),
    ]
    subject = _t("Welkom bij Vrijloket van %(municipality)s", municipality=municipality)
    return subject, _text(parts)


def welcome(name: str, offer_url: str, municipality: str) -> Message:
    """A customer signed up."""
    parts = [
        _greeting(name),
        _t(
            "Fijn dat je er bent. Je kan nu je gezin toevoegen en inschrijven voor alles wat we "
            "organiseren:\n%(url)s",
            url=offer_url,
        ),
        _t(
            "Heb je een UiTPAS? Vul het nummer in bij je gezinsleden, dan kijken we bij elke "
            "inschrijving welk voordeel je krijgt."
        ),
        _t("Tot binnenkort\n%(municipality)s", municipality=municipality),
    ]
    return _t("Welkom bij %(municipality)s", municipality=municipality), _text(parts)


def _greeting(name: str) -> str:
    return _t("Dag %(name)s,", name=name) if name else _t("Dag,")


def _text(parts: Sequence[str]) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def _line(line: MailLine) -> str:
    rows = [f"{line.participant}: {line.activity}", *line.dates]
    if line.place:
        rows.append(line.place)
    price = formats.money(line.price)
    if line.benefit:
        benefit = _inside(line.benefit)
        if line.regular_price is not None and line.regular_price != line.price:
            price = _t(
                "%(price)s met %(benefit)s (in plaats van %(regular)s)",
                price=price,
                benefit=benefit,
                regular=formats.money(line.regular_price),
            )
        else:
            price = _t("%(price)s met %(benefit)s", price=price, benefit=benefit)
    return "\n  ".join([*rows, price])


def _inside(name: str) -> str:
    """A benefit's name inside a sentence: 'kansentarief', but 'UiTPAS …' as it is."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def _payment(due: PaymentWords | None) -> str:
    if due is None or due.amount <= 0:
        return _t("Je hoeft niets te betalen.")
    amount = formats.money(due.amount)
    if due.at_desk:
        return _t(
            "Je betaalt %(amount)s aan het loket. Hou je bestelnummer bij de hand.", amount=amount
        )
    rows = [_t("Schrijf %(amount)s over.", amount=amount)]
    if due.due_at is not None:
        day = formats.long_day(due.due_at)
        rows = [_t("Schrijf %(amount)s over, ten laatste op %(day)s.", amount=amount, day=day)]
    if due.iban:
        rows.append("  " + _t("Rekening: %(iban)s", iban=spaced_iban(due.iban)))
    if due.account_holder:
        rows.append("  " + _t("Op naam van: %(name)s", name=due.account_holder))
    words = formats.communication(due.communication)
    rows.append("  " + _t("Gestructureerde mededeling: %(communication)s", communication=words))
    return "\n".join(rows)


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
        rows.append(_t("Je krijgt %(amount)s terug.", amount=formats.money(told.refund)))
    return " ".join(rows) or _t("Er is geen bedrag dat verandert.")


def _uitpas_undone(state: str) -> str:
    known = {
        "": "",
        "undone": _t("Je voordeel bij UiTPAS is ongedaan gemaakt: je kan het opnieuw gebruiken."),
        "under way": _t("Je voordeel bij UiTPAS maken we zo snel mogelijk ongedaan."),
    }
    return known.get(state, state)


def _signature(sender: Sender) -> str:
    reach = [part for part in (sender.phone, sender.email) if part]
    if len(reach) == 2:
        reach = [_t("%(phone)s of %(email)s", phone=reach[0], email=reach[1])]
    rows = [
        _t("Vragen? %(reach)s", reach=reach[0]) if reach else "",
        _t("Groeten"),
        sender.department,
        sender.municipality,
    ]
    return "\n".join(row for row in rows if row)
