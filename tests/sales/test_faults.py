"""A fault at every call to publiq, of every kind: after reconciling all is as it should be."""

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from app.extensions import db, end_read, write_transaction
from app.publiq.exchange import Timeouts
from app.sales.basket import Choice, add_to_basket
from app.sales.cancelling import cancel_line
from app.sales.problems import BasketRefused, BenefitRefused, ChangeRefused
from app.sales.reconciler import reconcile
from app.settings.models import AccessToken
from tests.sales.checking import (
    check_after_healing,
    check_audit,
    heal,
    let_time_pass,
    start_anew,
)
from tests.sales.conftest import Publiq
from tests.sales.household import Household, full_basket
from tests.sales.machines import ARRIVES, PATIENCE, SLOW, TOO_LONG

FAULTS: dict[str, dict[str, Any]] = {
    "before it arrived": {"kind": "verbroken"},
    "after it arrived": {"kind": "antwoord-kwijt"},
    "401 once": {"kind": "verlopen-token"},
    "401 always": {"kind": "verlopen-token", "count": 9},
    "429": {"kind": "te-vaak", "seconds": 30},
    "500": {"kind": "fout-500"},
    "503 in HTML": {"kind": "plat"},
    "HTML for an answer, nothing done": {"kind": "webpagina"},
    "HTML for an answer, done": {"kind": "webpagina-na"},
    "refused": {"kind": "geweigerd", "problem": "uitpas/invalid-card"},
    "forbidden": {"kind": "geweigerd", "problem": "auth/forbidden"},
    "time-out, done later": {"kind": "traag", "seconds": TOO_LONG},
    "time-out, done at once": {"kind": "antwoord-te-laat", "seconds": TOO_LONG},
}
REFUSED = (BasketRefused, BenefitRefused, ChangeRefused)


def _finish(home: Household) -> None:
    home.finish()


def _finish_with_lost_answer(home: Household) -> None:
    home.finish()
    let_time_pass()
    reconcile(min_age_seconds=0)


def _cancel_all(home: Household) -> None:
    for line_ref in home.live_refs():
        cancel_line(line_ref, "", customer_id=home.id)


def _finish_two(home: Household) -> None:
    """A second order: Sara at the regular price, though she has a pass."""
    home.finish()
    add_to_basket(home.id, [Choice(home.activities[1], home.persons[3])], uses_uitpas=False)
    home.finish()


def _move(home: Household) -> None:
    home.move(home.live_refs()[0], 1)


def _add_benefit(home: Household) -> None:
    home.add_benefit(home.live_refs()[-1])


def _nothing(_home: Household) -> None:
    """The step before needs none."""


def _forget_the_token(_home: Household) -> None:
    with write_transaction() as session:
        session.execute(delete(AccessToken))


CALLS: dict[str, tuple[str, str, Callable[[Household], None], Callable[[Household], None]]] = {
    "a token": (
        "POST /realms/uitid/protocol/openid-connect/token",
        "",
        _forget_the_token,
        _finish,
    ),
    "the tariffs": ("GET /tariffs", "", _nothing, _finish),
    "the sale": ("POST /ticket-sales", "", _nothing, _finish),
    "the list of sales": (
        "GET /ticket-sales",
        "POST /ticket-sales",
        _nothing,
        _finish_with_lost_answer,
    ),
    "the undo": ("DELETE /ticket-sales/{id}", "", _finish, _cancel_all),
    "the undo before a move": ("DELETE /ticket-sales/{id}", "", _finish, _move),
    "the sale of a move": ("POST /ticket-sales", "", _finish, _move),
    "the sale of a benefit afterwards": ("POST /ticket-sales", "", _finish_two, _add_benefit),
}
"""Call: (the operation that fails, one whose answer is lost too, what comes first, what is done)"""


@pytest.mark.parametrize("call", CALLS)
def test_every_fault_at_this_call_leaves_the_invariants_whole(
    app: Flask, publiq: Publiq, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    operation, lost, before, act = CALLS[call]
    for name, fault in FAULTS.items():
        start_anew(publiq)
        home = Household()
        full_basket(home)
        before(home)
        end_read()
        if lost:
            publiq.fault(lost, "antwoord-kwijt")
        publiq.fault(operation, **fault)
        slow = fault["kind"] in SLOW
        with monkeypatch.context() as patch, suppress(*REFUSED):
            if slow:
                patch.setattr(Timeouts.__init__, "__defaults__", (PATIENCE, PATIENCE, PATIENCE * 2))
            act(home)
        db.session.remove()
        assert publiq.struck(), f"{name}: nothing went wrong"
        heal(publiq)
        if slow:  # what was sent may arrive when we had already given it up
            time.sleep(ARRIVES)
            heal(publiq)
        try:
            check_after_healing(publiq)
            check_audit()
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error
