"""Ten look-ups an hour for an account and an address: a stranger learns nothing (invariant 7)."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.activities.models import Activity
from app.clock import now
from app.extensions import limiter
from app.people.models import Account
from tests.making import make_person
from tests.sales.conftest import Family
from tests.signing_in import make_account, post, sign_in
from tests.web.reading import error_at
from tests.web.shop.own_family import calls
from tests.web.shop.steps import choose, lines

REFUSED = "Je liet al veel nummers nakijken."
HOME, LIBRARY = "198.51.100.7", "203.0.113.9"
NUMBERS = [f"09000109591{digits:02d}" for digits in range(30)]


@pytest.fixture(autouse=True)
def _nobody_asked_before(app: Flask) -> None:
    limiter.reset()


def parent_at(app: Flask, account: Account, address: str) -> FlaskClient:
    """A browser at an address, in which that parent is signed in."""
    browser = app.test_client()
    browser.environ_base["REMOTE_ADDR"] = address
    sign_in(browser, account.email)
    return browser


@pytest.fixture
def other(app: Flask) -> Account:
    """Somebody else, with a child too."""
    account = make_account("ander@gezin.example", customer=True)
    make_person(account.customer, "Wout")
    return account


def keep_number(browser: FlaskClient, account: Account, number: str) -> bool:
    """Type a number on the form of the first child; whether it was looked up."""
    person = account.customer.persons[0]
    typed = {"first_name": person.first_name, "birth_date": "04/05/2018", "uitpas_number": number}
    answer = post(browser, f"/mijn/gezin/{person.id}", typed)
    if answer.status_code == 303:
        return True
    assert REFUSED in error_at(answer, "uitpas_number")
    return False


def test_two_accounts_at_one_address_share_its_ten_look_ups(
    app: Flask, family: Family, other: Account
) -> None:
    first, second = (parent_at(app, one, HOME) for one in (family.account, other))
    assert all(keep_number(first, family.account, number) for number in NUMBERS[:6])
    assert all(keep_number(second, other, number) for number in NUMBERS[6:10])
    assert not keep_number(second, other, NUMBERS[10])
    assert not keep_number(first, family.account, NUMBERS[11])
    assert calls() == 10


def test_one_account_has_ten_look_ups_wherever_it_is(app: Flask, family: Family) -> None:
    home, library = (parent_at(app, family.account, address) for address in (HOME, LIBRARY))
    assert all(keep_number(home, family.account, number) for number in NUMBERS[:6])
    assert all(keep_number(library, family.account, number) for number in NUMBERS[6:10])
    assert not keep_number(library, family.account, NUMBERS[10])
    assert calls() == 10


def test_who_is_elsewhere_with_another_account_is_not_held_back(
    app: Flask, family: Family, other: Account
) -> None:
    home, library = parent_at(app, family.account, HOME), parent_at(app, other, LIBRARY)
    assert all(keep_number(home, family.account, number) for number in NUMBERS[:10])
    assert not keep_number(home, family.account, NUMBERS[10])
    assert keep_number(library, other, NUMBERS[11])


def test_numbers_typed_while_choosing_count_for_the_address_as_well(
    app: Flask, family: Family, other: Account, camp: Activity
) -> None:
    first, second = (parent_at(app, one, HOME) for one in (family.account, other))
    assert all(keep_number(first, family.account, number) for number in NUMBERS[:10])
    choose(second, camp, other.customer.persons[0], uitpas="ja")
    line_id = lines()[-1].id
    name = f"nummer-{line_id}"
    answer = post(second, f"/mandje/voordelen/{line_id}/nummer", {name: NUMBERS[11]})
    assert answer.status_code == 422 and REFUSED in error_at(answer, name)
    assert calls() == 10


def test_an_hour_later_numbers_are_looked_up_again(app: Flask, family: Family) -> None:
    home = parent_at(app, family.account, HOME)
    assert all(keep_number(home, family.account, number) for number in NUMBERS[:10])
    assert not keep_number(home, family.account, NUMBERS[10])
    with time_machine.travel(now() + timedelta(minutes=121)):
        assert keep_number(home, family.account, NUMBERS[11])
