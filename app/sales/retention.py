"""Each night: what was kept long enough is forgotten, room by room (Privacy)."""

from sqlalchemy import and_, delete, exists, func, or_, select

from app.clock import months_ago
from app.extensions import write_transaction
from app.people.retention import forget_old_runs, forget_old_tariffs, forget_unused_insz
from app.sales.look_ups import forget_look_ups
from app.sales.models import Basket, BasketLine, BasketState, Order, OrderState
from app.settings.privacy import get_privacy
from app.uitpas.models import UitpasEntry
from app.uitpas.retention import FORGOTTEN, UNDER_WAY, forget_numbers

BATCH = 500


def keep_terms() -> dict[str, int]:
    """Keep every term of the settings; returns how much of each was forgotten."""
    return {
        "insz": forget_unused_insz(),
        "look-ups": forget_look_ups(),
        "tariffs": forget_old_tariffs(),
        "runs": forget_old_runs(),
        "guest passes": forget_guest_passes(),
        "baskets": forget_old_baskets(),
    }


def forget_guest_passes() -> int:
    """Pass numbers in the ledger of orders without customer, so many months old.

    An entry that is still under way at UiTPAS keeps its number until it is at rest.
    """
    oldest = months_ago(get_privacy().guest_pass_months)
    gone = 0
    while True:
        with write_transaction() as session:
            line_refs = session.scalars(
                select(UitpasEntry.line_ref)
                .join(Order, Order.id == UitpasEntry.order_id)
                .where(
                    Order.customer_id.is_(None),
                    Order.created_at < oldest,
                    UitpasEntry.uitpas_number != FORGOTTEN,
                    UitpasEntry.state.not_in(UNDER_WAY),
                )
                .limit(BATCH)
            ).all()
            done = forget_numbers(session, line_refs) if line_refs else 0
        gone += done
        if done < BATCH:
            return gone


def forget_old_baskets() -> int:
    """Baskets that tell as long ago as a status may be kept who has which benefit; how many.

    One that nobody came back to, and one whose order waits for nothing any more. What holds a
    place stays until that is given back.
    """
    oldest = months_ago(get_privacy().tariff_months)
    left_alone = and_(
        Basket.state == BasketState.OPEN,
        func.coalesce(Basket.held_until, Basket.created_at) < oldest,
        ~exists().where(BasketLine.basket_id == Basket.id, BasketLine.holding),
    )
    ended = and_(
        Basket.state == BasketState.ORDERED,
        Basket.created_at < oldest,
        ~exists().where(Order.basket_id == Basket.id, Order.state == OrderState.OPEN),
    )
    gone = 0
    while True:
        with write_transaction() as session:
            old = session.scalars(
                select(Basket.id)
                .where(or_(left_alone, ended))
                .order_by(Basket.id)
                .limit(BATCH)
                .with_for_update(of=Basket, skip_locked=True)
            ).all()
            session.execute(
                delete(Basket)
                .where(Basket.id.in_(old))
                .execution_options(synchronize_session=False)
            )
        gone += len(old)
        if len(old) < BATCH:
            return gone
