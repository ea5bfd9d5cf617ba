"""Moving and adding a benefit, with the process killed between any two commits."""

from flask import Flask

from app.sales.models import ChangeState
from app.sales.reconciler import reconcile
from tests.sales.changing import FIND, SALE
from tests.sales.checking import kill_everywhere
from tests.sales.conftest import Publiq
from tests.sales.household import Household, one_line


def test_a_benefit_afterwards_that_is_killed_anywhere_is_healed(app: Flask, publiq: Publiq) -> None:
    def add(home: Household) -> None:
        done = home.add_benefit(home.live_refs()[0])
        assert done is not None and done.state is ChangeState.DONE

    kill_everywhere(publiq, lambda home: one_line(home, uitpas=False), add)


def test_a_move_that_is_killed_anywhere_is_healed(app: Flask, publiq: Publiq) -> None:
    def go(home: Household) -> None:
        done = home.move(home.live_refs()[0], 1)
        assert done is not None and done.state is ChangeState.DONE

    kill_everywhere(publiq, lambda home: one_line(home, uitpas=True), go)


def test_a_refused_move_that_is_killed_anywhere_is_healed(app: Flask, publiq: Publiq) -> None:
    def refused(home: Household) -> None:
        publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
        done = home.move(home.live_refs()[0], 1)
        assert done is not None and done.state is ChangeState.RETURNED

    kill_everywhere(publiq, lambda home: one_line(home, uitpas=True), refused)


def test_a_reconciler_killed_anywhere_while_it_resumes_a_move_is_healed(
    app: Flask, publiq: Publiq
) -> None:
    def lost(home: Household) -> None:
        one_line(home, uitpas=True)
        publiq.fault(SALE, "antwoord-kwijt")
        publiq.fault(FIND, "fout-500", count=None)
        home.move(home.live_refs()[0], 1)
        publiq.heal()

    kill_everywhere(publiq, lost, lambda _home: reconcile(min_age_seconds=0))
