"""What a person sets right in the ledger: with a reason, recorded, and the flow goes on."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.activities.models import Activity
from app.extensions import db, write_transaction
from app.mail.models import MailMessage
from app.publiq.redaction import INSZ_MARK
from app.sales.cancelling import cancel_line
from app.sales.ledger_actions import (
    ActionRefused,
    LedgerAction,
    SaleSeen,
    accept_finding,
    actions_for,
    mark_undone,
    sale_is_not_there,
    sale_is_there,
    try_again,
)
from app.sales.ledger_audit import audit_ledger, audit_now
from app.sales.models import OrderState
from app.settings.models import AuditEntry
from app.uitpas.attention import attention_count
from app.uitpas.models import EntryState, LedgerFinding, UitpasEntry
from tests.sales.conftest import Family, Publiq
from tests.sales.meanwhile import open_basket
from tests.sales.selling import UNDO, entry, long_ago, lose, order, sell, undo_elsewhere

REASON = "nagekeken in de UiTPAS-balie"


@pytest.fixture
def lost(family: Family, camp: Activity, publiq: Publiq) -> UitpasEntry:
    """A sale whose answer is lost and that nobody can look up."""
    lose(family, camp, publiq)
    return entry()


def seen(publiq: Publiq) -> SaleSeen:
    (sale,) = publiq.live_sales()
    return SaleSeen(sale["id"], Decimal(str(sale["tariff"]["price"])))


def recorded() -> list[tuple[str, str]]:
    rows = db.session.scalars(select(AuditEntry).where(AuditEntry.subject_kind == "grootboek"))
    return [(row.action, row.reason) for row in rows]


def test_a_sale_that_somebody_saw_is_booked_and_its_order_confirmed(
    lost: UitpasEntry, publiq: Publiq
) -> None:
    said = sale_is_there(lost.id, seen(publiq), REASON)
    assert "bevestigd" in said
    booked = entry()
    assert booked.state is EntryState.REGISTERED
    assert booked.external_id == publiq.live_sales()[0]["id"]
    assert REASON in booked.history[-1].note
    assert recorded() == [("grootboek: de verkoop staat er", REASON)]
    assert order().state is OrderState.CONFIRMED
    assert order().lines[0].price == booked.price
    assert len(db.session.scalars(select(MailMessage)).all()) == 1


def test_a_sale_that_is_not_there_returns_the_order_and_is_not_sent_again(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq, "fout-500")
    sale_is_not_there(entry().id, REASON)
    assert entry().state is EntryState.REFUSED
    assert order().state is OrderState.LAPSED
    assert publiq.live_sales() == []
    basket = open_basket(family.id)
    assert basket is not None and [line.holding for line in basket.lines] == [True]
    assert recorded() == [("grootboek: de verkoop staat er niet", REASON)]


@pytest.mark.parametrize(
    ("typed", "price", "field", "words"),
    [
        ("", "12.00", "ticket_id", "Vul het ticket-id in"),
        ("een id met spaties", "12.00", "ticket_id", "zonder spaties"),
        ("abc-123", None, "price", "zoals 12,50"),
        ("abc-123", "61.00", "price", "De gewone prijs is"),
    ],
)
def test_what_was_seen_is_checked_for_form(
    lost: UitpasEntry, typed: str, price: str | None, field: str, words: str
) -> None:
    with pytest.raises(ActionRefused) as refused:
        sale_is_there(lost.id, SaleSeen(typed, Decimal(price) if price else None), REASON)
    (problem,) = refused.value.problems
    assert problem.field == field
    assert words in problem.sentence
    assert entry().state is EntryState.UNKNOWN


def test_a_ticket_id_of_another_sale_is_refused(
    lost: UitpasEntry, family: Family, camp: Activity, publiq: Publiq
) -> None:
    sale = seen(publiq)
    sale_is_there(lost.id, sale, REASON)
    fields = {
        column.name: getattr(lost, column.name)
        for column in UitpasEntry.__table__.columns
        if column.name not in {"id", "external_id"}
    }
    with write_transaction() as session:
        session.add(UitpasEntry(**{**fields, "line_ref": "ander", "state": EntryState.UNKNOWN}))
    other = db.session.scalar(select(UitpasEntry.id).where(UitpasEntry.line_ref == "ander"))
    with pytest.raises(ActionRefused) as refused:
        sale_is_there(other, sale, REASON)
    assert refused.value.problems[0].field == "ticket_id"


def test_every_action_asks_a_reason(lost: UitpasEntry, publiq: Publiq) -> None:
    for attempt in (
        lambda: try_again(lost.id, " "),
        lambda: sale_is_there(lost.id, seen(publiq), ""),
        lambda: sale_is_not_there(lost.id, ""),
    ):
        with pytest.raises(ActionRefused) as refused:
            attempt()
        assert refused.value.problems[0].field == "reason"
    assert recorded() == []


def test_trying_again_looks_it_up_now(lost: UitpasEntry, publiq: Publiq) -> None:
    assert "bevestigd" in try_again(lost.id, REASON)
    assert order().state is OrderState.CONFIRMED
    assert len(publiq.live_sales()) == 1


def test_an_undo_that_somebody_did_by_hand_is_marked(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    publiq.fault(UNDO, "geweigerd", problem="auth/forbidden", count=None)
    cancel_line(order().lines[0].line_ref, "", customer_id=family.id)
    publiq.heal()
    undo_elsewhere(entry().external_id or "")
    mark_undone(entry().id, REASON)
    assert entry().state is EntryState.CANCELLED
    assert attention_count() == 0
    assert recorded() == [("grootboek: de verkoop is ongedaan gemaakt", REASON)]


def test_an_action_that_came_too_late_is_refused(lost: UitpasEntry, publiq: Publiq) -> None:
    try_again(lost.id, REASON)
    with pytest.raises(ActionRefused):
        sale_is_not_there(lost.id, REASON)
    assert entry().state is EntryState.REGISTERED
    assert actions_for(entry()) == ()


def test_a_finding_can_be_left_as_it_is_with_a_reason(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    undo_elsewhere(entry().external_id or "")
    audit_now()
    audit_ledger()
    finding_id = db.session.scalars(select(LedgerFinding.id)).one()
    with pytest.raises(ActionRefused):
        accept_finding(finding_id, "")
    kept = accept_finding(finding_id, f"{REASON} 93.05.18-223.61").reason
    assert kept == f"{REASON} {INSZ_MARK}"
    assert attention_count() == 0
    assert REASON in entry().history[-1].note
    audit_now()
    audit_ledger()
    assert attention_count() == 0
    assert db.session.scalars(select(LedgerFinding.id)).all() == [finding_id]
    with pytest.raises(ActionRefused):
        accept_finding(finding_id, REASON)


def test_a_sale_that_was_registered_anew_in_the_desk_is_taken_over(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    old = entry()
    undo_elsewhere(old.external_id or "")
    audit_now()
    audit_ledger()
    found = db.session.scalars(select(LedgerFinding)).all()
    assert LedgerAction.IS_THERE in actions_for(old, found)
    sale_is_there(old.id, SaleSeen("nieuw-id", old.price), REASON)
    assert entry().external_id == "nieuw-id"
    assert entry().state is EntryState.REGISTERED
    assert attention_count() == 0
