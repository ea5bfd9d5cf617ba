"""From each error of publiq to its row in the log of calls: for admins, and for nobody else."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.people.models import Person
from app.settings.environments import EnvironmentInput, save_environment
from app.settings.models import Environment, PubliqCall
from tests.making import make_customer, make_person
from tests.sales.conftest import Family
from tests.signing_in import post
from tests.uitdatabank.support import connect, fault
from tests.web.backoffice.staff_client import signed_in
from tests.web.reading import text

CALL = re.compile(r"/beheer/oproepen/(\d+)")


def last_call() -> PubliqCall:
    found = db.session.scalar(select(PubliqCall).order_by(PubliqCall.id.desc()).limit(1))
    assert found is not None
    return found


def call_in(page: str) -> int:
    found = CALL.search(page)
    assert found, "no link to the log of calls"
    return int(found.group(1))


@pytest.fixture
def person(app: Flask) -> Person:
    connect()
    return make_person(make_customer(), uitpas_number="0900000067513")


def test_a_live_search_that_gets_no_answer(app: Flask, sandbox_url: str) -> None:
    connect()
    admin = signed_in(app, "admin")
    fault(sandbox_url, "search", "plat", count=4)
    for address in (
        "/beheer/uitdatabank/locaties?location=boomhut&postal_code=9995",
        "/beheer/uitdatabank/organisatoren?organizer=gemeente",
    ):
        answer = text(admin.get(address, headers={"HX-Request": "true"}))
        assert call_in(answer) == last_call().id
        assert "UiTdatabank antwoordt nu niet." in answer


def test_a_test_of_the_connection_that_fails(app: Flask) -> None:
    admin = signed_in(app, "admin")
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "fout", ""))
    answer = text(post(admin, "/beheer/instellingen/uit/oefenomgeving/test"))
    assert call_in(answer) == last_call().id
    assert text(admin.get(f"/beheer/oproepen/{call_in(answer)}"))


def test_a_pass_that_cannot_be_looked_up(app: Flask, person: Person, sandbox_url: str) -> None:
    admin = signed_in(app, "admin")
    fault(sandbox_url, "uitpas", "plat", count=2)
    answer = text(post(admin, f"/beheer/gezinsleden/{person.id}/uitpas-vernieuwen"))
    assert "UiTPAS antwoordt nu niet." in answer
    assert call_in(answer) == last_call().id


def test_a_cashier_reads_the_sentence_without_the_link(
    app: Flask, person: Person, sandbox_url: str
) -> None:
    cashier = signed_in(app, "cashier")
    fault(sandbox_url, "uitpas", "plat", count=2)
    answer = text(post(cashier, f"/beheer/gezinsleden/{person.id}/uitpas-vernieuwen"))
    assert "UiTPAS antwoordt nu niet." in answer
    assert not CALL.search(answer)


def test_a_citizen_never_gets_one(parent: FlaskClient, family: Family, sandbox_url: str) -> None:
    fault(sandbox_url, "uitpas", "plat", count=4)
    answer = post(
        parent,
        f"/mijn/gezin/{family.mira.id}",
        {"first_name": "Mira", "birth_date": "04/05/2018", "uitpas_number": "0900000095902"},
        follow_redirects=True,
    )
    assert "UiTPAS antwoordt nu niet." in text(answer)
    assert "oproepen" not in text(answer)


def test_the_log_is_filtered_on_who_did_it(app: Flask, person: Person) -> None:
    admin = signed_in(app, "admin", "een@gemeente.example")
    other = signed_in(app, "admin", "twee@gemeente.example")
    post(admin, "/beheer/instellingen/uit/oefenomgeving/test")
    post(other, f"/beheer/gezinsleden/{person.id}/uitpas-vernieuwen")
    ids = {call.operation: call.account_id for call in db.session.scalars(select(PubliqCall))}
    mine = text(admin.get(f"/beheer/oproepen?wie={ids['get-permissions']}"))
    assert "Rechten opvragen" in mine.split("<tbody>")[1]
    assert "UiTPAS opzoeken" not in mine.split("<tbody>")[1]
    theirs = text(admin.get(f"/beheer/oproepen?wie={ids['get-passes']}"))
    assert "UiTPAS opzoeken" in theirs.split("<tbody>")[1]
    assert "Rechten opvragen" not in theirs.split("<tbody>")[1]
    assert "Geen oproepen gevonden" in text(admin.get("/beheer/oproepen?wie=vanzelf"))
    for nonsense in ("x", "-1", "99999"):
        assert admin.get(f"/beheer/oproepen?wie={nonsense}").status_code == 200
