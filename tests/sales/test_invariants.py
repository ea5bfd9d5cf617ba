"""What must never break, whatever fails: any order of steps, any fault, killed at any moment."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from decimal import Decimal

from flask import Flask
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select, update

from app.activities.models import PriceCategory
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.payments.models import PaymentMeans
from app.payments.requests import PaymentRefused, register_payment
from app.sales.afterwards import BenefitRefusal
from app.sales.basket import hold_again, open_basket, remove_line
from app.sales.cancelling import cancel_line, cancel_order
from app.sales.checkout import FinishOutcome
from app.sales.holds import release_lapsed_holds
from app.sales.ledger_actions import ActionRefused
from app.sales.ledger_audit import audit_ledger, audit_now
from app.sales.models import Basket, LineState, Order, OrderLine
from app.sales.problems import BasketRefused, BenefitRefused, CancelRefused, ChangeRefused
from app.sales.reconciler import reconcile
from tests.sales.checking import (
    check_after_healing,
    check_audit,
    check_places,
    heal,
    kill_everywhere,
    killed_at_transaction,
    let_time_pass,
    start_anew,
)
from tests.sales.conftest import Publiq
from tests.sales.household import Household, full_basket, one_line
from tests.sales.machines import SLOW, SlowSandbox, run_machine

FAULTS = (
    "antwoord-kwijt",
    "fout-500",
    "plat",
    "verbroken",
    "te-vaak",
    "verlopen-token",
    "webpagina",
    "webpagina-na",
    *SLOW,
)
IN_LISTS = (*FAULTS, "zonder-label", "geweigerd")
SALE, FIND, UNDO = "POST /ticket-sales", "GET /ticket-sales", "DELETE /ticket-sales/{id}"
TARIFFS = "GET /tariffs"
AT_CHANGES = st.dictionaries(
    st.sampled_from((UNDO, SALE, FIND, TARIFFS)),
    st.sampled_from(("geweigerd", *FAULTS)),
    max_size=2,
)
"""What goes wrong while a line is moved or gets a benefit: fault by operation."""
REFUSED = (
    BasketRefused,
    BenefitRefused,
    BenefitRefusal,
    CancelRefused,
    ChangeRefused,
    PaymentRefused,
    ActionRefused,
)


def test_a_process_killed_between_any_two_commits_of_finishing_is_healed(
    app: Flask, publiq: Publiq
) -> None:
    kill_everywhere(publiq, full_basket, lambda home: home.finish())


def test_a_process_killed_anywhere_while_a_refused_sale_returns_is_healed(
    app: Flask, publiq: Publiq
) -> None:
    def refused(home: Household) -> None:
        publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
        result = home.finish()
        assert result is not None and result.outcome is FinishOutcome.RETURNED

    kill_everywhere(publiq, full_basket, refused)


def test_a_process_killed_anywhere_while_cancelling_is_healed(app: Flask, publiq: Publiq) -> None:
    def confirmed(home: Household) -> None:
        full_basket(home)
        home.finish()

    def cancel(home: Household) -> None:
        for line_ref in home.live_refs():
            cancel_line(line_ref, "", customer_id=home.id)

    kill_everywhere(publiq, confirmed, cancel)


def test_a_reconciler_killed_anywhere_is_healed_by_the_next(app: Flask, publiq: Publiq) -> None:
    def lost(home: Household) -> None:
        full_basket(home)
        publiq.fault(SALE, "antwoord-kwijt")
        publiq.fault(FIND, "fout-500", count=None)
        home.finish()
        publiq.heal()

    kill_everywhere(publiq, lost, lambda _home: reconcile(min_age_seconds=0))


def test_a_reconciler_killed_anywhere_while_giving_up_a_sale_is_healed(
    app: Flask, publiq: Publiq
) -> None:
    def never_arrived(home: Household) -> None:
        full_basket(home)
        publiq.fault(SALE, "fout-500")
        home.finish()
        let_time_pass()

    kill_everywhere(publiq, never_arrived, lambda _home: reconcile(min_age_seconds=0))


class Trouble(RuleBasedStateMachine):
    """A household does what it likes while publiq misbehaves and processes die."""

    publiq: Publiq

    def __init__(self) -> None:
        super().__init__()
        start_anew(self.publiq)
        self.slow = SlowSandbox(self.publiq)
        self.home = Household()

    @initialize(
        finished=st.booleans(),
        changed=st.sampled_from((None, "move", "benefit")),
        faults=AT_CHANGES,
        killed_at=st.one_of(st.just(0), st.integers(1, 40)),
    )
    def begin(
        self, finished: bool, changed: str | None, faults: dict[str, str], killed_at: int
    ) -> None:
        if changed == "benefit":
            self._add_benefit(one_line(self.home, uitpas=False), False, faults, killed_at)
            return
        full_basket(self.home)
        if finished or changed:
            self.home.finish()
        if changed:
            line_ref = self.home.live_refs()[0]
            self._fault(faults)
            self._attempt(lambda: self.home.move(line_ref, 1, plain_agreed=finished), killed_at)
        elif finished:
            self.home.put(1, 0)
            self.home.choose()

    def _attempt(self, work: Callable[[], object], killed_at: int) -> None:
        dying = killed_at_transaction(killed_at) if killed_at else nullcontext()
        with self.slow.impatient(), dying, suppress(*REFUSED):
            work()
        end_read()
        check_places()
        end_read()

    def _fault(self, faults: dict[str, str]) -> None:
        for operation, fault in faults.items():
            self.slow.fault(operation, fault)

    def _add_benefit(
        self, line_ref: str, coupons: bool, faults: dict[str, str], killed_at: int
    ) -> None:
        self._fault(faults)
        self._attempt(lambda: self.home.add_benefit(line_ref, coupons), killed_at)

    @rule(activity=st.integers(0, 2), persons=st.sets(st.integers(0, 3), min_size=1, max_size=2))
    def add(self, activity: int, persons: set[int]) -> None:
        self._attempt(lambda: self.home.put(activity, *sorted(persons)), 0)

    @rule(fault=st.sampled_from((None, None, *FAULTS)), coupons=st.booleans())
    def choose(self, fault: str | None, coupons: bool) -> None:
        if fault:
            self.slow.fault(TARIFFS, fault)
        self._attempt(lambda: self.home.choose(coupons), 0)

    @rule(first=st.booleans())
    def remove(self, first: bool) -> None:
        basket = open_basket(self.home.id)
        if basket is not None and basket.lines:
            line_id = basket.lines[0 if first else -1].id
            self._attempt(lambda: remove_line(self.home.id, line_id), 0)

    @rule(
        fault=st.sampled_from((None, None, "geweigerd", *FAULTS)),
        hidden=st.sampled_from((None, None, *IN_LISTS)),
        first=st.sampled_from((None, None, *FAULTS)),
        killed_at=st.one_of(st.just(0), st.integers(1, 30)),
    )
    def finish(
        self, fault: str | None, hidden: str | None, first: str | None, killed_at: int
    ) -> None:
        if fault:
            problem = {"problem": "uitpas/maximum-reached"} if fault == "geweigerd" else {}
            self.slow.fault(SALE, fault, **problem)
        if hidden:
            self.slow.fault(FIND, hidden)
        if first:
            self.slow.fault(TARIFFS, first)
        self._attempt(self.home.finish, killed_at)

    @rule(
        which=st.integers(0, 5),
        fault=st.sampled_from((None, "geweigerd", *FAULTS)),
        killed_at=st.one_of(st.just(0), st.integers(1, 12)),
    )
    def cancel(self, which: int, fault: str | None, killed_at: int) -> None:
        refs = self.home.live_refs()
        if not refs:
            return
        if fault:
            self.slow.fault(UNDO, fault)
        line_ref = refs[which % len(refs)]
        self._attempt(lambda: cancel_line(line_ref, "", customer_id=self.home.id), killed_at)

    @rule(
        which=st.integers(0, 5),
        fault=st.sampled_from((None, "geweigerd", *FAULTS)),
        killed_at=st.one_of(st.just(0), st.integers(1, 12)),
    )
    def cancel_all(self, which: int, fault: str | None, killed_at: int) -> None:
        numbers = db.session.scalars(select(Order.number).order_by(Order.id)).all()
        end_read()
        if not numbers:
            return
        if fault:
            self.slow.fault(UNDO, fault)
        number = numbers[which % len(numbers)]
        self._attempt(lambda: cancel_order(number, "", customer_id=self.home.id), killed_at)

    @rule(
        which=st.integers(0, 5),
        activity=st.integers(0, 2),
        benefit=st.booleans(),
        plain_agreed=st.booleans(),
        faults=AT_CHANGES,
        killed_at=st.one_of(st.just(0), st.integers(1, 40)),
    )
    def move(
        self,
        which: int,
        activity: int,
        benefit: bool,
        plain_agreed: bool,
        faults: dict[str, str],
        killed_at: int,
    ) -> None:
        refs = self.home.live_refs()
        if not refs:
            return
        self._fault(faults)
        line_ref = refs[which % len(refs)]
        self._attempt(
            lambda: self.home.move(line_ref, activity, benefit=benefit, plain_agreed=plain_agreed),
            killed_at,
        )

    @rule(
        which=st.integers(0, 5),
        coupons=st.booleans(),
        faults=AT_CHANGES,
        killed_at=st.one_of(st.just(0), st.integers(1, 25)),
    )
    def add_benefit(
        self, which: int, coupons: bool, faults: dict[str, str], killed_at: int
    ) -> None:
        refs = self.home.live_refs()
        if refs:
            self._add_benefit(refs[which % len(refs)], coupons, faults, killed_at)

    @rule(which=st.integers(0, 5), euro=st.integers(1, 60))
    def pay(self, which: int, euro: int) -> None:
        ids = db.session.scalars(
            select(OrderLine).where(OrderLine.state == LineState.LIVE).order_by(OrderLine.id)
        ).all()
        requests = [line.order.payment_request_id for line in ids if line.order.payment_request_id]
        end_read()
        if requests:
            request_id = requests[which % len(requests)]
            self._attempt(
                lambda: register_payment(request_id, Decimal(euro), PaymentMeans.CASH, None), 0
            )

    @rule(swept=st.booleans(), again=st.booleans())
    def basket_lapses(self, swept: bool, again: bool) -> None:
        with write_transaction() as session:
            session.execute(
                update(Basket)
                .where(Basket.held_until.is_not(None))
                .values(held_until=now().replace(year=2020))
            )
        if swept:
            self._attempt(release_lapsed_holds, 0)
        if again:
            self._attempt(lambda: hold_again(self.home.id), 0)

    @rule(activity=st.integers(0, 2), euro=st.integers(20, 70))
    def price_changes(self, activity: int, euro: int) -> None:
        with write_transaction() as session:
            category = session.scalars(
                select(PriceCategory).where(
                    PriceCategory.activity_id == self.home.activities[activity]
                )
            ).one()
            category.price = Decimal(euro)

    @rule(
        in_list=st.sampled_from((None, *IN_LISTS)),
        at_undo=st.sampled_from((None, "geweigerd", *FAULTS)),
        killed_at=st.one_of(st.just(0), st.integers(1, 40)),
        late=st.booleans(),
    )
    def reconciler_runs(
        self, in_list: str | None, at_undo: str | None, killed_at: int, late: bool
    ) -> None:
        if late:
            self.slow.let_arrive()
            let_time_pass()
        if in_list:
            self.slow.fault(FIND, in_list)
        if at_undo:
            self.slow.fault(UNDO, at_undo)
        self._attempt(lambda: reconcile(min_age_seconds=0), killed_at)

    @rule(fault=st.sampled_from((None, *IN_LISTS)), killed_at=st.integers(0, 12))
    def night_falls(self, fault: str | None, killed_at: int) -> None:
        if fault:
            self.slow.fault(FIND, fault)
        self._attempt(lambda: (audit_now(), audit_ledger()), killed_at)

    @rule(killed_at=st.integers(0, 8))
    def somebody_looks_in_the_desk(self, killed_at: int) -> None:
        self.slow.let_arrive()
        self._attempt(lambda: self.home.look_in_the_desk(self.publiq), killed_at)

    @rule(which=st.sampled_from((0, 1, 3)))
    def card_is_replaced(self, which: int) -> None:
        self.home.replace_card(which, self.publiq)

    @rule()
    def publiq_recovers(self) -> None:
        self.publiq.heal()

    def teardown(self) -> None:
        self.slow.let_arrive()
        heal(self.publiq)
        check_after_healing(self.publiq)
        check_audit()
        db.session.remove()


def test_no_order_of_steps_faults_and_deaths_breaks_an_invariant(
    app: Flask, publiq: Publiq
) -> None:
    examples = 15 if db.engine.dialect.name == "sqlite" else 5
    run_machine(Trouble, publiq, examples=examples, steps=12)
