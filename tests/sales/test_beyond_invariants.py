"""Parents and clerks at the same few places, while publiq misbehaves and processes die.

Whatever the order of steps: no pool above its capacity, a raise only while its pool is full and
each in the audit trail, nobody registered twice, and no place, sale or money lost.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext, suppress

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select, update

from app.activities.models import PlacePool
from app.activities.places import set_capacity
from app.activities.problems import ActivityRefused
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.payments.models import PaymentMethod
from app.sales.basket import add_to_basket, hold_again, open_basket, remove_line
from app.sales.benefit_choice import choose_benefits, offers_for
from app.sales.cancelling import cancel_line
from app.sales.checkout import finish
from app.sales.holds import release_lapsed_holds
from app.sales.models import Basket, LineState, Order, OrderLine, OrderState
from app.sales.overriding import OVERRIDE_ACTION, Choice
from app.sales.problems import BasketRefused, BenefitRefused, CancelRefused
from app.sales.reconciler import reconcile
from app.settings.actor import clear_actor, set_actor
from app.settings.models import AuditEntry
from tests.sales.checking import (
    check_after_healing,
    check_places,
    heal,
    killed_at_transaction,
    let_time_pass,
    start_anew,
)
from tests.sales.conftest import Publiq
from tests.sales.household import Household
from tests.sales.machines import run_machine
from tests.signing_in import make_account

FAULTS = ("antwoord-kwijt", "verbroken", "fout-500", "geweigerd")
SALE = "POST /ticket-sales"
WHO = st.integers(0, 2)
"""The parent itself, or one of two clerks."""


class Desk(RuleBasedStateMachine):
    """One family of four, three activities with six places in all, and two clerks."""

    publiq: Publiq

    def __init__(self) -> None:
        super().__init__()
        start_anew(self.publiq)
        clerks = [make_account(f"kassa{n}@gemeente.example", ["cashier"]) for n in (1, 2)]
        self.makers = [None, *(clerk.id for clerk in clerks)]
        set_actor(clerks[0].id, clerks[0].name)
        self.home = Household()
        end_read()

    @initialize(parent_done=st.booleans(), clerk_done=st.booleans())
    def begin(self, parent_done: bool, clerk_done: bool) -> None:
        """The parent has the last places, a clerk went beyond them."""
        parent, clerk = self.makers[0], self.makers[1]
        self._put(parent, 2, {0})
        self._put(parent, 0, {0, 1})
        if parent_done:
            self._attempt(lambda: self._finish(0))
        self._put(clerk, 2, {2}, "afgesproken")
        self._put(clerk, 0, {2, 3}, "afgesproken")
        if clerk_done:
            self._attempt(lambda: self._finish(1))

    def _put(
        self,
        made_by_id: int | None,
        activity: int,
        persons: set[int],
        reason: str = "",
        killed_at: int = 0,
    ) -> None:
        home = self.home
        choices = [
            Choice(home.activities[activity], home.persons[one], reason=reason)
            for one in sorted(persons)
        ]
        self._attempt(
            lambda: add_to_basket(home.id, choices, True, made_by_id=made_by_id), killed_at
        )

    def _attempt(self, work: Callable[[], object], killed_at: int = 0) -> None:
        dying = killed_at_transaction(killed_at) if killed_at else nullcontext()
        with dying, suppress(BasketRefused, BenefitRefused, CancelRefused, ActivityRefused):
            work()
        end_read()
        check_places()
        check_raises()
        check_nobody_twice()
        end_read()

    def _basket_id(self, who: int) -> int | None:
        basket = open_basket(self.home.id, made_by_id=self.makers[who])
        found = basket.id if basket is not None else None
        end_read()
        return found

    @rule(
        who=WHO,
        activity=st.integers(0, 2),
        persons=st.sets(st.integers(0, 3), min_size=1, max_size=2),
        reason=st.sampled_from((True, True, False)),
        killed_at=st.one_of(st.just(0), st.integers(1, 4)),
    )
    def put(self, who: int, activity: int, persons: set[int], reason: bool, killed_at: int) -> None:
        words = "afgesproken" if reason else ""
        self._put(self.makers[who], activity, persons, words, killed_at)

    @rule(who=WHO, first=st.booleans())
    def remove(self, who: int, first: bool) -> None:
        basket = open_basket(self.home.id, made_by_id=self.makers[who])
        if basket is not None and basket.lines:
            line_id = basket.lines[0 if first else -1].id
            self._attempt(lambda: remove_line(self.home.id, line_id, made_by_id=self.makers[who]))

    @rule(
        who=WHO,
        fault=st.sampled_from((None, None, None, *FAULTS)),
        killed_at=st.one_of(st.just(0), st.integers(1, 25)),
    )
    def choose_and_finish(self, who: int, fault: str | None, killed_at: int) -> None:
        if fault:
            problem = {"problem": "uitpas/maximum-reached"} if fault == "geweigerd" else {}
            self.publiq.fault(SALE, fault, **problem)
        self._attempt(lambda: self._finish(who), killed_at)

    def _finish(self, who: int) -> None:
        made_by_id, home_id = self.makers[who], self.home.id
        items = offers_for(home_id, made_by_id=made_by_id)
        chosen = {item.line.id: item.selected for item in items}
        choose_benefits(home_id, chosen, made_by_id=made_by_id)
        basket_id = self._basket_id(who)
        if basket_id is not None:
            finish(
                basket_id,
                home_id,
                PaymentMethod.DESK,
                terms_accepted=True,
                made_by_id=made_by_id,
            )

    @rule(which=st.integers(0, 7))
    def cancel(self, which: int) -> None:
        refs = self.home.live_refs()
        if refs:
            line_ref = refs[which % len(refs)]
            self._attempt(lambda: cancel_line(line_ref, "ziek", by_staff=True))

    @rule(swept=st.booleans(), again=st.one_of(st.none(), WHO))
    def time_is_over(self, swept: bool, again: int | None) -> None:
        with write_transaction() as session:
            session.execute(
                update(Basket)
                .where(Basket.held_until.is_not(None))
                .values(held_until=now().replace(year=2020))
            )
        if swept:
            self._attempt(release_lapsed_holds)
        if again is not None:
            self._attempt(lambda: hold_again(self.home.id, made_by_id=self.makers[again]))

    @rule(activity=st.integers(0, 2), capacity=st.integers(1, 5))
    def capacity_is_set(self, activity: int, capacity: int) -> None:
        pool_id = db.session.scalars(
            select(PlacePool.id).where(PlacePool.activity_id == self.home.activities[activity])
        ).one()
        end_read()
        self._attempt(lambda: set_capacity(pool_id, capacity))

    @rule(late=st.booleans())
    def reconciler_runs(self, late: bool) -> None:
        if late:
            let_time_pass()
        self._attempt(lambda: reconcile(min_age_seconds=0))

    def teardown(self) -> None:
        clear_actor()
        heal(self.publiq)
        check_after_healing(self.publiq)
        check_raises()
        check_nobody_twice()
        db.session.remove()


def check_raises() -> None:
    """A raise lives only while its pool is full, and somebody said why."""
    pools = db.session.execute(select(PlacePool.taken, PlacePool.capacity, PlacePool.raised)).all()
    for taken, capacity, raised in pools:
        assert taken <= capacity
        assert raised == 0 or taken == capacity
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == OVERRIDE_ACTION)
    ).all()
    said = [entry for entry in entries if "aantal plaatsen" in entry.detail]
    assert sum(raised for *_rest, raised in pools) <= len(said)
    assert all(entry.reason for entry in said)


def check_nobody_twice() -> None:
    """One registration that stands for each child and activity."""
    standing = Counter(
        db.session.execute(
            select(OrderLine.activity_id, OrderLine.person_id)
            .join(Order)
            .where(
                OrderLine.state == LineState.LIVE,
                Order.state.in_([OrderState.OPEN, OrderState.CONFIRMED]),
            )
        ).all()
    )
    assert not standing or max(standing.values()) == 1, standing


def test_no_order_of_steps_of_parents_and_clerks_breaks_an_invariant(
    app: Flask, publiq: Publiq
) -> None:
    examples = 20 if db.engine.dialect.name == "sqlite" else 6
    run_machine(Desk, publiq, examples=examples, steps=14)
