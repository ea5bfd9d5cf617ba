"""From each error of publiq to its row in the log of calls: for admins, and for nobody else."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.activities.models import Activity
from app.extensions import db, write_transaction
from app.people.models import Person
from app.sales.models import BasketLine
from app.settings.environments import EnvironmentInput, save_environment
from app.settings.models import CallOutcome, Environment, PubliqCall
from app.uitdatabank.availability import push_availability
from app.uitdatabank.models import EventLink
from app.uitdatabank.publishing import publish
from tests.making import make_customer, make_person
from tests.sales.changing import register
from tests.sales.conftest import SOCIAL, Family
from tests.signing_in import post
from tests.uitdatabank.support import connect, fault, no_faults, place_id, ready_activity
from tests.web.backoffice.staff_client import signed_in
from tests.web.backoffice.test_uit_gone import lose, one
from tests.web.reading import error_at, text

CALL = re.compile(r"/beheer/oproepen/(\d+)")


def last_call(operation: str = "") -> PubliqCall:
    query = select(PubliqCall).order_by(PubliqCall.id.desc()).limit(1)
    if operation:
        query = query.where(PubliqCall.operation == operation)
    found = db.session.scalar(query)
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


def test_a_gone_location_that_cannot_be_replaced_now(app: Flask, sandbox_url: str) -> None:
    connect()
    admin = signed_in(app, "admin")
    ready_activity()
    lose(sandbox_url, action="delete")
    fault(sandbox_url, "io", "plat", count=4)
    answer = post(admin, one(), {"location_id": place_id("Sporthal De Lork")})
    assert answer.status_code == 422
    assert "UiTdatabank antwoordt nu niet." in error_at(answer, "location")
    assert call_in(error_at(answer, "location")) == last_call().id
    assert text(answer).count(f"/oproepen/{last_call().id}") == 1, "no link within a link"
    no_faults(sandbox_url)
    fault(sandbox_url, "search", "plat", count=4)
    typed = {"zoek": "location", "location": "lork", "postal_code": "9995"}
    assert call_in(text(post(admin, one(), typed))) == last_call().id


def test_an_existing_place_that_cannot_be_read(app: Flask, sandbox_url: str) -> None:
    connect()
    admin = signed_in(app, "admin")
    fault(sandbox_url, "io", "plat", count=4)
    typed = {"doe": "kies", "location_id": place_id(), "name": "Boomhut"}
    answer = post(admin, "/beheer/uitdatabank/locaties/nieuw", typed)
    assert answer.status_code == 422 and "UiTdatabank antwoordt nu niet." in text(answer)
    assert call_in(text(answer)) == last_call("place-get").id
    assert text(answer).count("UiTdatabank antwoordt nu niet.") == 1


def test_places_that_could_not_be_told_to_uitdatabank(app: Flask, sandbox_url: str) -> None:
    connect()
    admin = signed_in(app, "admin")
    activity = ready_activity()
    assert publish(activity.id).ok
    tab = f"/beheer/activiteiten/{activity.id}/uitdatabank"
    fault(sandbox_url, "io", "plat", count=None)
    with write_transaction() as session:
        pool = session.get_one(Activity, activity.id).pools[0]
        pool.taken = pool.capacity
    push_availability()
    page = text(admin.get(tab))
    notice = page.split("Plaatsen of status nog niet doorgegeven")[1].split("</div>")[0]
    assert call_in(notice) == last_call("event-get").id
    with write_transaction() as session:
        link = session.scalars(select(EventLink)).one()
        link.availability_tries = 5
    listed = text(admin.get("/beheer/uitdatabank/nakijken?wat=niet-doorgegeven"))
    assert call_in(listed.split("<tbody>")[1]) == last_call("event-get").id


def test_a_question_why_there_is_no_tariff_that_gets_no_answer(
    app: Flask, camp: Activity, sandbox_url: str
) -> None:
    admin, cashier = signed_in(app, "admin"), signed_in(app, "cashier")
    typed = {"activity": camp.title, "activity_id": camp.id, "number": SOCIAL}
    fault(sandbox_url, "uitpas", "plat", count=None)
    page = text(post(admin, "/beheer/uitpas/waarom", typed))
    assert "UiTPAS antwoordt nu niet op al onze vragen." in page
    shown = db.session.get(PubliqCall, call_in(page))
    assert shown.status == 503 and shown.activity_id == camp.id
    assert not CALL.search(text(post(cashier, "/beheer/uitpas/waarom", typed)))


def test_a_pass_that_uitpas_refuses_when_asked_why(app: Flask, camp: Activity) -> None:
    admin = signed_in(app, "admin")
    typed = {"activity": camp.title, "activity_id": camp.id, "number": "0900000000000"}
    page = text(post(admin, "/beheer/uitpas/waarom", typed))
    shown = db.session.get(PubliqCall, call_in(page))
    assert shown.operation == "get-passes" and shown.outcome is not CallOutcome.OK


def test_a_benefit_that_could_not_be_asked_on_behalf(
    app: Flask, family: Family, camp: Activity, parent: FlaskClient, sandbox_url: str
) -> None:
    admin = signed_in(app, "admin")
    start = f"/beheer/klanten/{family.id}/inschrijven"
    ticked = {"keuze": [f"{camp.id}-{family.mira.id}"], "uitpas": "ja"}
    assert post(admin, f"{start}/{camp.id}", ticked).status_code == 303
    assert not CALL.search(text(admin.get(f"{start}/voordelen")))
    fault(sandbox_url, "uitpas", "plat", count=None)
    page = text(admin.get(f"{start}/voordelen"))
    shown = db.session.get(PubliqCall, call_in(page))
    assert shown.operation == "get-tariffs" and shown.status == 503
    no_faults(sandbox_url)
    line_id = db.session.scalars(select(BasketLine.id)).one()
    typed = {f"nummer-{line_id}": "0900000000000"}
    answer = post(admin, f"{start}/voordelen/{line_id}/nummer", typed)
    assert answer.status_code == 422 and error_at(answer, f"nummer-{line_id}")
    field = text(answer).split(f'id="nummer-{line_id}-fout"')[1].split('class="vl-pass"')[0]
    shown = db.session.get(PubliqCall, call_in(field))
    assert shown.operation == "get-passes" and shown.outcome is CallOutcome.REFUSED


def test_a_benefit_afterwards_that_could_not_be_asked(
    app: Flask, camp: Activity, family: Family, sandbox_url: str
) -> None:
    reference = register(family, camp, family.tuur, uitpas=False)
    admin, address = signed_in(app, "admin"), f"/beheer/inschrijvingen/{reference}/voordeel"
    unknown = post(admin, address, {"doe": "nakijken", "number": "9999999999994"})
    assert "We vinden geen UiTPAS" in str(error_at(unknown, "number"))
    assert call_in(text(unknown)) == last_call().id
    fault(sandbox_url, "GET /tariffs", "plat", count=4)
    silent = post(admin, address, {"doe": "nakijken", "number": SOCIAL})
    assert call_in(text(silent)) == last_call().id
    no_faults(sandbox_url)


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
