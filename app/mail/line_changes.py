"""What is said when a registration was moved, got its benefit afterwards, or another price."""

from dataclasses import dataclass
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
    inside_sentence,
    line_words,
    payment_words,
    refund_words,
    signature,
)


@dataclass(frozen=True)
class LineChanged:
    """A registration that changed; amounts in euro."""

    number: str
    name: str
    line: MailLine
    """As it is now."""
    moved_from: str
    """The activity it was for; empty when it was not moved."""
    new_category: str
    """The price category it has since; empty when that is not what changed."""
    old_price: Decimal
    refund: Decimal
    """What goes back."""
    payment: PaymentWords | None
    """What is to be paid yet, if anything."""
    uitpas_said: str
    """Why there is no benefit any more, in publiq's own words where it gave any."""
    mine_url: str
    sender: Sender


def line_changed(told: LineChanged) -> Message:
    """What is different since, in order: what and when, the price, the money."""
    participant, activity = told.line.participant, told.line.activity
    if told.moved_from:
        subject = _t(
            "Verplaatst naar %(activity)s (%(number)s)", activity=activity, number=told.number
        )
        opening = _t(
            "We hebben de inschrijving van %(participant)s verplaatst van %(old)s naar %(new)s.",
            participant=participant,
            old=told.moved_from,
            new=activity,
        )
    elif told.new_category:
        subject = _t(
            "Andere prijscategorie: %(activity)s (%(number)s)",
            activity=activity,
            number=told.number,
        )
        opening = _t(
            "Voor de inschrijving van %(participant)s voor %(activity)s geldt nu de "
            "prijscategorie ‘%(category)s’.",
            participant=participant,
            activity=activity,
            category=told.new_category,
        )
    elif not told.line.benefit:
        subject = _t(
            "Nieuwe prijs: %(activity)s (%(number)s)", activity=activity, number=told.number
        )
        opening = _t(
            "Voor de inschrijving van %(participant)s voor %(activity)s geldt nu de gewone prijs, "
            "zoals we met je afspraken.",
            participant=participant,
            activity=activity,
        )
    else:
        subject = _t(
            "Voordeel toegevoegd: %(activity)s (%(number)s)", activity=activity, number=told.number
        )
        opening = _t(
            "De inschrijving van %(participant)s voor %(activity)s heeft nu een UiTPAS-voordeel: "
            "%(benefit)s.",
            participant=participant,
            activity=activity,
            benefit=inside_sentence(told.line.benefit),
        )
    parts = [
        greeting(told.name),
        opening,
        told.uitpas_said,
        line_words(told.line),
        _t("Het gaat om bestelling %(number)s.", number=told.number),
        _money(told),
        _t("Al je inschrijvingen zie je hier:\n%(url)s", url=told.mine_url),
        signature(told.sender),
    ]
    return subject, as_text(parts)


def _money(told: LineChanged) -> str:
    rows = []
    if told.line.price != told.old_price:
        rows.append(
            _t(
                "De prijs is nu %(price)s in plaats van %(old)s.",
                price=formats.money(told.line.price),
                old=formats.money(told.old_price),
            )
        )
    if told.refund > 0:
        rows.append(refund_words(told.refund))
    if told.payment is not None and told.payment.amount > 0:
        rows.append(payment_words(told.payment))
    elif told.payment is not None and told.line.price < told.old_price and told.refund <= 0:
        rows.append(_t("Je hoeft niets meer te betalen."))
    return "\n".join(rows)
