"""`flask ledger-export`: every status and kind of DESIGN, as an outside auditor reads them."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.activities.models import Activity
from app.extensions import db, end_read, write_transaction
from app.sales.benefit_choice import choose_benefits, offers_for
from app.sales.cancelling import cancel_line
from app.sales.checkout import FinishOutcome
from app.sales.models import OrderLine
from app.sales.reconciler import reconcile
from app.uitpas.models import BenefitKind, EntryState, UitpasEntry
from tests.sales.conftest import (
    EVENT,
    SOCIAL,
    WITH_COUPON,
    Family,
    ProcessKilled,
    Publiq,
)
from tests.sales.meanwhile import choose, finish_now, put
from tests.sales.selling import lose, sell

FIELDS = {
    "line_ref": str,
    "status": str,
    "uitpas_number": str,
    "event_id": str,
    "kind": str,
    "external_id": (str, type(None)),
    "price": (int, float, type(None)),
    "kept": bool,
}


def exported(app: Flask) -> list[dict[str, Any]]:
    """What the command prints, each line with precisely the fields and kinds of DESIGN."""
    end_read()
    done = app.test_cli_runner().invoke(args=["ledger-export"])
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    for row in rows:
        assert set(row) == set(FIELDS)
        for name, kind in FIELDS.items():
            assert isinstance(row[name], kind), (name, row[name])
        assert row["status"] in {"confirmed", "cancelled", "pending"}
        assert row["kind"] in {"SOCIALTARIFF", "COUPON", "REWARD", "none"}
    return rows


def the_only(app: Flask) -> dict[str, Any]:
    (row,) = exported(app)
    return row


def set_entry(**values: object) -> None:
    with write_transaction() as session:
        session.execute(update(UitpasEntry).values(**values))


def test_a_confirmed_social_tariff_carries_the_sale_and_the_price_of_publiq(
    app: Flask, family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    (sale,) = publiq.live_sales()
    row = the_only(app)
    assert row == {
        "line_ref": db.session.scalars(select(OrderLine.line_ref)).one(),
        "status": "confirmed",
        "uitpas_number": SOCIAL,
        "event_id": EVENT,
        "kind": "SOCIALTARIFF",
        "external_id": sale["id"],
        "price": sale["tariff"]["price"],
        "kept": False,
    }


def test_a_coupon_is_called_one(app: Flask, family: Family, camp: Activity, publiq: Publiq) -> None:
    with write_transaction():
        family.mira.uitpas_number = WITH_COUPON
    put(family, camp, family.mira)
    (item,) = offers_for(family.id)
    coupon = next(one for one in item.offers if one.kind is BenefitKind.COUPON)
    choose_benefits(family.id, {item.line.id: coupon.id})
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED
    row = the_only(app)
    assert (row["kind"], row["status"]) == ("COUPON", "confirmed")
    assert row["price"] == publiq.live_sales()[0]["tariff"]["price"]


def test_lines_that_never_wished_a_benefit_are_not_in_it(
    app: Flask, family: Family, camp: Activity
) -> None:
    put(family, camp, family.mira, family.tuur)
    choose(family)
    finish_now(family)
    assert [row["uitpas_number"] for row in exported(app)] == [SOCIAL]


def test_while_the_answer_of_uitpas_is_unknown_a_line_is_pending_without_a_sale(
    app: Flask, family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq)
    row = the_only(app)
    assert (row["status"], row["external_id"], row["kept"]) == ("pending", None, False)
    reconcile(min_age_seconds=0)
    row = the_only(app)
    assert (row["status"], row["external_id"]) == ("confirmed", publiq.live_sales()[0]["id"])


def test_an_order_that_was_written_and_never_sent_is_pending_and_then_cancelled(
    app: Flask, family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.sales.checkout.register_sales", _die)
        with pytest.raises(ProcessKilled):
            finish_now(family)
    db.session.rollback()
    assert the_only(app)["status"] == "pending"
    reconcile(min_age_seconds=0)
    row = the_only(app)
    assert (row["status"], row["external_id"]) == ("cancelled", None)
    assert publiq.live_sales() == []


def test_a_refused_order_is_cancelled_without_a_sale(
    app: Flask, family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    publiq.fault(
        "POST /ticket-sales", "geweigerd", problem="https://api.publiq.be/probs/uitpas/too-late"
    )
    assert finish_now(family).outcome is FinishOutcome.RETURNED
    row = the_only(app)
    assert (row["status"], row["external_id"], row["kind"]) == ("cancelled", None, "SOCIALTARIFF")


def test_after_a_refusal_and_a_second_try_both_wishes_are_told_apart(
    app: Flask, family: Family, camp: Activity, publiq: Publiq
) -> None:
    put(family, camp, family.mira)
    choose(family)
    publiq.fault("POST /ticket-sales", "geweigerd", problem="uitpas/forbidden")
    finish_now(family)
    choose(family)
    assert finish_now(family).outcome is FinishOutcome.CONFIRMED
    rows = exported(app)
    assert [row["status"] for row in rows] == ["cancelled", "confirmed"]
    assert rows[0]["line_ref"] != rows[1]["line_ref"]


def test_a_cancelled_line_names_the_sale_that_was_undone_also_while_uitpas_is_away(
    app: Flask, family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    (sale,) = publiq.live_sales()
    publiq.fault("DELETE /ticket-sales/{id}", "plat")
    line_ref = db.session.scalars(select(OrderLine.line_ref)).one()
    end_read()
    cancel_line(line_ref, "ziek", by_staff=True)
    assert db.session.scalars(select(UitpasEntry.state)).one() is EntryState.CANCELLING
    assert (the_only(app)["status"], the_only(app)["external_id"]) == ("cancelled", sale["id"])
    publiq.heal()
    reconcile(min_age_seconds=0)
    row = the_only(app)
    assert (row["status"], row["external_id"], row["kept"]) == ("cancelled", sale["id"], False)
    assert publiq.live_sales() == []


def test_points_that_stay_away_are_kept_and_a_reward_is_called_one(
    app: Flask, family: Family, camp: Activity
) -> None:
    """Redeeming comes with a later issue; its rows have this shape (DESIGN: Ledger)."""
    sell(family, camp)
    with write_transaction() as session:
        session.execute(update(OrderLine).values(benefit_kind=BenefitKind.REWARD))
    set_entry(kind=BenefitKind.REWARD, state=EntryState.KEPT, external_id="reward-7")
    row = the_only(app)
    assert (row["kind"], row["kept"], row["external_id"]) == ("REWARD", True, "reward-7")


@pytest.mark.parametrize("state", list(EntryState))
def test_every_state_of_an_entry_can_be_exported(
    app: Flask, family: Family, camp: Activity, state: EntryState
) -> None:
    sell(family, camp)
    set_entry(state=state)
    row = the_only(app)
    assert row["kept"] is (state is EntryState.KEPT)
    assert row["status"] == "confirmed", "the status is the line's, whatever the ledger says"


def _die(*_args: object, **_kwargs: object) -> None:
    raise ProcessKilled
