"""What must never break, whatever fails: any order of steps, any fault, killed at any moment."""

from collections.abc import Callable
from contextlib import nullcontext, suppress
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select, update

from app.activities.models import PriceCategory
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.payments.models import PaymentMeans, PaymentMethod
from app.payments.requests import PaymentRefused, register_payment
from app.people.models import Customer
from app.sales.basket import Choice, add_to_basket, hold_again, open_basket, remove_line
from app.sales.benefit_choice import choose_benefits, offers_for
from app.sales.cancelling import cancel_line
from app.sales.checkout import FinishOutcome, FinishResult, finish
from app.sales.holds import release_lapsed_holds
from app.sales.models import Basket, LineState, OrderLine
from app.sales.problems import BasketRefused, BenefitRefused, CancelRefused
from app.sales.reconciler import reconcile
from tests.making import make_activity, make_customer, make_person
from tests.sales.checking import (
    check_after_healing,
    check_places,
    heal,
    killed_at_transaction,
    let_time_pass,
    start_anew,
)
from tests.sales.conftest import EVENT, ONCE_A_WEEK, SOCIAL, SOCIAL_TOO, Publiq, publish_as

FAULTS = ("antwoord-kwijt", "fout-500", "plat", "verbroken", "te-vaak", "verlopen-token")
SALE, FIND, UNDO = "POST /ticket-sales", "GET /ticket-sales", "DELETE /ticket-sales/{id}"
TARIFFS = "GET /tariffs"
MOST_TRANSACTIONS = 80


class Household:
    """A customer with two passes and a child without, and three activities with few places."""

    def __init__(self) -> None:
        customer: Customer = make_customer()
        self.id = customer.id
        self.persons = [
            make_person(customer, "Mira", uitpas_number=SOCIAL).id,
            make_person(customer, "Lou", uitpas_number=SOCIAL_TOO).id,
            make_person(customer, "Tuur").id,
        ]
        self.activities = [
            publish_as(make_activity("Winterbos-kamp", capacity=2), EVENT).id,
            publish_as(make_activity("Circus", capacity=3), ONCE_A_WEEK).id,
            make_activity("Klein atelier", capacity=1).id,
        ]

    def put(self, activity: int, *persons: int) -> None:
        """Put persons in the basket, by their place in the lists."""
        chosen = [Choice(self.activities[activity], self.persons[person]) for person in persons]
        add_to_basket(self.id, chosen, uses_uitpas=True)

    def choose(self) -> None:
        """The benefit that is preselected, for each line."""
        choose_benefits(self.id, {item.line.id: item.selected for item in offers_for(self.id)})

    def finish(self) -> FinishResult | None:
        """Finish the open basket, if there is one."""
        basket = open_basket(self.id)
        end_read()
        if basket is None:
            return None
        return finish(basket.id, self.id, PaymentMethod.DESK, terms_accepted=True)

    def live_refs(self) -> list[str]:
        """The lines that stand."""
        found = db.session.scalars(
            select(OrderLine.line_ref)
            .where(OrderLine.state == LineState.LIVE)
            .order_by(OrderLine.id)
        ).all()
        end_read()
        return list(found)


def test_a_process_killed_between_any_two_commits_of_finishing_is_healed(
    app: Flask, publiq: Publiq
) -> None:
    _kill_everywhere(publiq, _full_basket, lambda home: home.finish())


def test_a_process_killed_anywhere_while_a_refused_sale_returns_is_healed(
    app: Flask, publiq: Publiq
) -> None:
    def refused(home: Household) -> None:
        publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
        result = home.finish()
        assert result is not None and result.outcome is FinishOutcome.RETURNED

    _kill_everywhere(publiq, _full_basket, refused)


def test_a_process_killed_anywhere_while_cancelling_is_healed(app: Flask, publiq: Publiq) -> None:
    def confirmed(home: Household) -> None:
        _full_basket(home)
        home.finish()

    def cancel(home: Household) -> None:
        for line_ref in home.live_refs():
            cancel_line(line_ref, "", customer_id=home.id)

    _kill_everywhere(publiq, confirmed, cancel)


def test_a_reconciler_killed_anywhere_is_healed_by_the_next(app: Flask, publiq: Publiq) -> None:
    def lost(home: Household) -> None:
        _full_basket(home)
        publiq.fault(SALE, "antwoord-kwijt")
        publiq.fault(FIND, "fout-500", count=None)
        home.finish()
        publiq.heal()

    _kill_everywhere(publiq, lost, lambda _home: reconcile(min_age_seconds=0))


def test_a_reconciler_killed_anywhere_while_giving_up_a_sale_is_healed(
    app: Flask, publiq: Publiq
) -> None:
    def never_arrived(home: Household) -> None:
        _full_basket(home)
        publiq.fault(SALE, "fout-500")
        home.finish()
        let_time_pass()

    _kill_everywhere(publiq, never_arrived, lambda _home: reconcile(min_age_seconds=0))


def _full_basket(home: Household) -> None:
    home.put(0, 0, 2)
    home.put(1, 1)
    home.choose()


def _kill_everywhere(
    publiq: Publiq, prepare: Callable[[Household], object], act: Callable[[Household], object]
) -> None:
    on_sqlite = db.engine.dialect.name == "sqlite"
    for number in range(1, MOST_TRANSACTIONS, 1 if on_sqlite else 3):
        start_anew(publiq)
        home = Household()
        prepare(home)
        db.session.remove()
        with killed_at_transaction(number) as died:
            act(home)
        heal(publiq)
        check_after_healing(publiq)
        if not died:
            assert number > 3, "nothing was killed"
            return
    pytest.fail("more transactions than a use case should need")


class Trouble(RuleBasedStateMachine):
    """A household does what it likes while publiq misbehaves and processes die."""

    publiq: Publiq

    def __init__(self) -> None:
        super().__init__()
        start_anew(self.publiq)
        self.home = Household()

    @initialize(finished=st.booleans())
    def begin(self, finished: bool) -> None:
        _full_basket(self.home)
        if finished:
            self.home.finish()
            self.home.put(1, 0)
            self.home.choose()

    def _attempt(self, work: Callable[[], object], killed_at: int) -> None:
        dying = killed_at_transaction(killed_at) if killed_at else nullcontext()
        with dying, suppress(BasketRefused, BenefitRefused, CancelRefused, PaymentRefused):
            work()
        end_read()
        check_places()
        end_read()

    @rule(activity=st.integers(0, 2), persons=st.sets(st.integers(0, 2), min_size=1, max_size=2))
    def add(self, activity: int, persons: set[int]) -> None:
        self._attempt(lambda: self.home.put(activity, *sorted(persons)), 0)

    @rule(fault=st.sampled_from((None, *FAULTS)))
    def choose(self, fault: str | None) -> None:
        if fault:
            self.publiq.fault(TARIFFS, fault)
        self._attempt(self.home.choose, 0)

    @rule(first=st.booleans())
    def remove(self, first: bool) -> None:
        basket = open_basket(self.home.id)
        if basket is not None and basket.lines:
            line_id = basket.lines[0 if first else -1].id
            self._attempt(lambda: remove_line(self.home.id, line_id), 0)

    @rule(
        fault=st.sampled_from((None, None, "geweigerd", *FAULTS)),
        hidden=st.booleans(),
        killed_at=st.one_of(st.just(0), st.integers(1, 30)),
    )
    def finish(self, fault: str | None, hidden: bool, killed_at: int) -> None:
        if fault:
            problem = {"problem": "uitpas/maximum-reached"} if fault == "geweigerd" else {}
            self.publiq.fault(SALE, fault, **problem)
        if hidden:
            self.publiq.fault(FIND, "fout-500")
        self._attempt(self.home.finish, killed_at)

    @rule(
        which=st.integers(0, 5),
        fault=st.sampled_from((None, *FAULTS)),
        killed_at=st.one_of(st.just(0), st.integers(1, 12)),
    )
    def cancel(self, which: int, fault: str | None, killed_at: int) -> None:
        refs = self.home.live_refs()
        if not refs:
            return
        if fault:
            self.publiq.fault(UNDO, fault)
        line_ref = refs[which % len(refs)]
        self._attempt(lambda: cancel_line(line_ref, "", customer_id=self.home.id), killed_at)

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
        fault=st.sampled_from((None, *FAULTS)),
        killed_at=st.one_of(st.just(0), st.integers(1, 40)),
        late=st.booleans(),
    )
    def reconciler_runs(self, fault: str | None, killed_at: int, late: bool) -> None:
        if late:
            let_time_pass()
        if fault:
            self.publiq.fault(FIND, fault)
            self.publiq.fault(UNDO, fault)
        self._attempt(lambda: reconcile(min_age_seconds=0), killed_at)

    @rule()
    def publiq_recovers(self) -> None:
        self.publiq.heal()

    def teardown(self) -> None:
        heal(self.publiq)
        check_after_healing(self.publiq)
        db.session.remove()


def test_no_order_of_steps_faults_and_deaths_breaks_an_invariant(
    app: Flask, publiq: Publiq
) -> None:
    machine = type("Machine", (Trouble,), {"publiq": publiq})
    on_sqlite = db.engine.dialect.name == "sqlite"
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15 if on_sqlite else 5,
            stateful_step_count=12,
            derandomize=True,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            database=None,
            print_blob=False,
        ),
    )
