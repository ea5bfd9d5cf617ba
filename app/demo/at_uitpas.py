"""What others did at UiTPAS: a limit that is reached, and a sale that somebody undid.

Only beside the bundled sandbox: on a server of somebody else nothing is sold or undone by hand.
"""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from app.clock import now
from app.demo import by_hand, camps
from app.demo.families import LIMIT_MOUSSA, customer_ids, person_ids
from app.demo.programme import activity_ids
from app.demo.registrations import EL_AMRANI
from app.extensions import db, end_read, write_transaction
from app.publiq.errors import PubliqError
from app.publiq.uitpas import SaleWish, Tariff
from app.sales.ledger_audit import AuditReport, audit_event
from app.sales.models import OrderLine
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment
from app.uitdatabank.links import link_of
from app.uitpas.models import EntryState, UitpasEntry

PURPOSE = "Wat de UiTPAS-balie in de demo doet"
REGULAR = Decimal("60.00")
A_WHILE = timedelta(hours=1)


def let_others_do_their_work() -> None:
    """Safe to run twice; what is not there is left out."""
    if not by_hand.is_possible():
        return
    try:
        _reach_the_limit(camps.FRENCH)
        _undo_a_sale("Bilal", camps.ROBOTS)
    except (NotConnected, PubliqError):
        end_read()  # the demo works without


def _reach_the_limit(title: str) -> None:
    """One discount a pass; Moussa got his at the counter of UiTPAS."""
    link = link_of(activity_ids()[title])
    event_id = link.event_id if link else None
    end_read()
    if not event_id:
        return
    by_hand.limit_tickets(event_id, 1)
    uitpas = publiq_client(Environment.SANDBOX, purpose=PURPOSE).uitpas
    end_read()
    offered: list[Tariff] = uitpas.tariffs(event_id, LIMIT_MOUSSA, REGULAR).available
    if offered:  # else an earlier run was here
        wish = SaleWish(event_id, LIMIT_MOUSSA, REGULAR, offered[0].id, "Aan de UiTPAS-balie")
        uitpas.register_ticket_sales([wish])


def _undo_a_sale(first_name: str, title: str) -> None:
    """Somebody undid our sale elsewhere, and the check of the night saw it."""
    customer_id = customer_ids()[EL_AMRANI]
    person_id = person_ids([customer_id])[customer_id, first_name]
    entry = db.session.scalar(
        select(UitpasEntry)
        .join(OrderLine, OrderLine.line_ref == UitpasEntry.line_ref)
        .where(
            OrderLine.activity_id == activity_ids()[title],
            OrderLine.person_id == person_id,
            UitpasEntry.state == EntryState.REGISTERED,
        )
    )
    if entry is None or entry.external_id is None:
        return
    entry_id, event_id, sale_id = entry.id, entry.event_id, entry.external_id
    with write_transaction() as session:  # the check leaves what is younger than minutes alone
        session.get_one(UitpasEntry, entry_id).changed_at = now() - A_WHILE
    client = publiq_client(Environment.SANDBOX, purpose=PURPOSE)
    end_read()
    client.uitpas.cancel_ticket_sale(sale_id)
    audit_event(Environment.SANDBOX, event_id, AuditReport())
