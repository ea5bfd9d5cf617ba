"""Nine o'clock on registration day: many parents at once, each signed in, few places."""

import re
import threading
from collections import Counter

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.activities.models import Activity, PlacePool
from app.extensions import db
from app.sales.models import BasketLine, Order, OrderState
from tests.making import make_activity, make_person
from tests.signing_in import csrf_token, make_account, sign_in

BASKET = re.compile(r'name="mandje" value="(\d+)"')
PARENTS = 32
PLACES = 10


def test_thirty_two_parents_for_ten_places_sell_ten(app: Flask) -> None:
    activity = make_activity("Winterbos-kamp", capacity=PLACES)
    address = f"/aanbod/{activity.id}-winterbos-kamp/inschrijven"
    parents = [_parent(app, number, activity, address) for number in range(PARENTS)]
    db.session.rollback()
    answers = _all_at_once([lambda p=parent: _register_and_finish(*p) for parent in parents])
    assert Counter(answers) == {"confirmed": PLACES, "full": PARENTS - PLACES}
    pool = db.session.execute(select(PlacePool).where(PlacePool.activity_id == activity.id))
    assert pool.scalar_one().taken == PLACES
    confirmed = select(func.count(Order.id)).where(Order.state == OrderState.CONFIRMED)
    assert db.session.scalar(confirmed) == PLACES
    assert db.session.scalar(select(func.count(BasketLine.id)).where(BasketLine.holding)) == 0


def _parent(
    app: Flask, number: int, activity: Activity, address: str
) -> tuple[FlaskClient, str, dict[str, str]]:
    email = f"ouder{number}@gezin.example"
    account = make_account(email, customer=True)
    assert account.customer is not None
    child = make_person(account.customer, f"Kind {number}")
    browser = app.test_client()
    sign_in(browser, email)
    assert browser.get(address).status_code == 200
    token = csrf_token(browser)
    return browser, address, {"keuze": f"{activity.id}-{child.id}", "csrf_token": token}


def _register_and_finish(browser: FlaskClient, address: str, fields: dict[str, str]) -> str:
    answer = browser.post(address, data=fields)
    if answer.status_code == 422:
        return "full" if "olzet" in answer.get_data(as_text=True) else "refused"
    assert answer.status_code == 303, answer.status_code
    basket = BASKET.search(browser.get("/mandje").get_data(as_text=True))
    assert basket, "no basket to finish"
    done = browser.post(
        "/afrekenen",
        data={
            "csrf_token": fields["csrf_token"],
            "mandje": basket.group(1),
            "betaalwijze": "desk",
            "voorwaarden": "ja",
        },
    )
    return "confirmed" if "/mijn/bestellingen/" in (done.location or "") else str(done.status)


def _all_at_once(work: list) -> list[str]:
    barrier = threading.Barrier(len(work))
    results: list[str] = []

    def run(piece) -> None:  # noqa: ANN001
        barrier.wait()
        try:
            results.append(piece())
        except Exception as error:  # noqa: BLE001 - every failure is an outcome to count
            results.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=run, args=(piece,)) for piece in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results
