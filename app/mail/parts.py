"""What mails are made of: the values they are told, and the sentences that several share."""

from collections.abc import Sequence
from dataclasses import dataclass
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


def greeting(name: str) -> str:
    return _t("Dag %(name)s,", name=name) if name else _t("Dag,")


def as_text(parts: Sequence[str]) -> str:
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def line_words(line: MailLine) -> str:
    rows = [f"{line.participant}: {line.activity}", *line.dates]
    if line.place:
        rows.append(line.place)
    price = formats.money(line.price)
    if line.benefit:
        benefit = inside_sentence(line.benefit)
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


def inside_sentence(name: str) -> str:
    """A benefit's name inside a sentence: 'kansentarief', but 'UiTPAS …' as it is."""
    return name[:1].lower() + name[1:] if name[1:2].islower() else name


def payment_words(due: PaymentWords | None) -> str:
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


def refund_words(amount: Decimal) -> str:
    """What comes back, in euro, and how: always by transfer, by hand."""
    return _t(
        "Je krijgt %(amount)s terug. We storten het op je rekening; kennen we je rekeningnummer "
        "niet, dan vragen we het je.",
        amount=formats.money(amount),
    )


def signature(sender: Sender) -> str:
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
