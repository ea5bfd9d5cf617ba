"""Somebody else who does something meanwhile, in a thread of their own."""

import threading
from collections.abc import Callable

import pytest
from flask import current_app

from app.activities.models import Activity
from app.extensions import db, end_read
from app.payments.models import PaymentMethod
from app.people.models import Person
from app.sales.basket import Choice, add_to_basket, open_basket
from app.sales.benefit_choice import choose_benefits, offers_for
from app.sales.checkout import FinishResult, finish
from app.sales.models import Order
from tests.sales.conftest import (
    Family,
    ProcessKilled,
)

A_MOMENT = 1.5
"""Seconds that somebody else gets; who waits for our lock then still waits."""


class Other:
    """Somebody else, in a thread and a session of their own."""

    def __init__(self, work: Callable[[], object]) -> None:
        self.result: object = None
        self.error: BaseException | None = None
        application = current_app._get_current_object()

        def run() -> None:
            with application.app_context():
                try:
                    self.result = work()
                except BaseException as error:  # noqa: BLE001 - looked at by the test
                    self.error = error
                finally:
                    db.session.remove()

        self._thread = threading.Thread(target=run)
        self._thread.start()
        self._thread.join(A_MOMENT)

    def end(self) -> object:
        """What came of it; raises what went wrong."""
        self._thread.join(60)
        db.session.rollback()  # what was read before is old now
        if self.error is not None:
            raise self.error
        return self.result


def before(monkeypatch: pytest.MonkeyPatch, where: object, name: str, work: Callable) -> list:
    """Let somebody else do ``work`` just before the first call of this function."""
    original = getattr(where, name)
    others: list[Other] = []

    def wrapper(*args: object, **kwargs: object) -> object:
        if not others:
            others.append(None)  # type: ignore[arg-type]
            others[0] = Other(work)
        return original(*args, **kwargs)

    monkeypatch.setattr(where, name, wrapper)
    return others


def put(family: Family, activity: Activity, *persons: Person, uitpas: bool = True) -> None:
    add_to_basket(family.id, [Choice(activity.id, person.id) for person in persons], uitpas)


def choose(family: Family) -> None:
    choose_benefits(family.id, {item.line.id: item.selected for item in offers_for(family.id)})


def finish_now(family: Family) -> FinishResult:
    basket = open_basket(family.id)
    assert basket is not None
    basket_id = basket.id
    end_read()
    return finish(basket_id, family.id, PaymentMethod.DESK, terms_accepted=True)


def order_of(result: FinishResult) -> Order:
    order = db.session.get(Order, result.order_id, populate_existing=True)
    assert order is not None
    return order


def die(*_args: object, **_kwargs: object) -> None:
    """Instead of a function: the process dies there."""
    raise ProcessKilled
