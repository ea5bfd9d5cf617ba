"""Short ways to an order whose sale stands, is lost, or is to be undone."""

from datetime import timedelta

from sqlalchemy import select, update

from app.activities.models import Activity
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.sales.checkout import FinishResult
from app.sales.models import Order
from app.settings.connections import publiq_client
from app.uitpas.models import UitpasEntry
from tests.sales.conftest import Family, Publiq
from tests.sales.meanwhile import choose, finish_now, put

LOST, FIND, UNDO = "antwoord-kwijt", "GET /ticket-sales", "DELETE /ticket-sales/{id}"
SALE = "POST /ticket-sales"


def sell(family: Family, activity: Activity) -> FinishResult:
    """Mira with her social tariff, up to the end of finishing."""
    put(family, activity, family.mira)
    choose(family)
    return finish_now(family)


def lose(family: Family, activity: Activity, publiq: Publiq, kind: str = LOST) -> FinishResult:
    """The answer to the sale is lost and cannot be looked up yet; publiq is well again after it."""
    publiq.fault(SALE, kind)
    publiq.fault(FIND, "fout-500")
    publiq.fault(FIND, "fout-500")
    result = sell(family, activity)
    publiq.heal()
    return result


def entry() -> UitpasEntry:
    """The only entry, read anew; the session is outside any transaction after it."""
    found = db.session.scalars(select(UitpasEntry).execution_options(populate_existing=True)).one()
    assert found.history is not None
    end_read()
    return found


def order() -> Order:
    """The only order, read anew."""
    found = db.session.scalars(select(Order).execution_options(populate_existing=True)).one()
    assert found.lines is not None
    end_read()
    return found


def long_ago(**values: object) -> None:
    """Everything in the ledger happened an hour ago, and may be tried again."""
    hour_ago = now() - timedelta(hours=1)
    moments = {"sent_at": hour_ago, "changed_at": hour_ago, "next_try_at": hour_ago}
    with write_transaction() as session:
        session.execute(
            update(UitpasEntry)
            .where(UitpasEntry.sent_at.is_not(None))
            .values(**{**moments, **values})
        )


def undo_elsewhere(sale_id: str) -> None:
    """Somebody undoes a sale in the UiTPAS-balie."""
    client = publiq_client()
    end_read()
    client.uitpas.cancel_ticket_sale(sale_id)
