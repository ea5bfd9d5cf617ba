"""What the contact is told when a registration was moved or got its benefit afterwards."""

from decimal import Decimal

from app.mail.line_changes import LineChanged, line_changed
from app.mail.outbox import put_mail
from app.sales.models import ChangeKind, ChangeState, LineChange, Order, OrderLine
from app.sales.notices import mail_line, payment_words, places_of, sender
from app.settings.public_address import public_url

ZERO = Decimal("0.00")


def tell_changed(order: Order, change: LineChange, line: OrderLine, refund: Decimal) -> None:
    """A mail about what ended otherwise for the contact; ``refund`` in euro.

    A move that ended where it began is not told: nothing is different.
    """
    if change.state not in (ChangeState.DONE, ChangeState.PLAIN):
        return
    told = LineChanged(
        number=order.number,
        name=order.contact_name,
        line=mail_line(line, places_of([line.activity_id])),
        moved_from=_left(change),
        new_category=line.category_name if change.is_other_category else "",
        old_price=change.old_price,
        refund=refund,
        payment=payment_words(order),
        uitpas_said=change.message if change.state is ChangeState.PLAIN else "",
        mine_url=public_url(f"/mijn/bestellingen/{order.number}"),
        sender=sender(),
    )
    put_mail("line_changed", order.contact_email, *line_changed(told))


def _left(change: LineChange) -> str:
    """The activity that was left; empty when the registration stays where it was."""
    is_elsewhere = change.kind is ChangeKind.MOVE and not change.is_other_category
    return change.from_activity.title if is_elsewhere else ""
