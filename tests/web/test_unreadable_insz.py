"""A register number that no key reads any more: every page stands, and says what can be done."""

# ruff: noqa: F811 - a parameter names its fixture

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.activities.models import Activity
from app.encryption import keyring
from app.extensions import db, limiter
from app.people.models import Person
from app.settings.models import AuditEntry
from tests.conftest import KEY
from tests.making import allow_insz, make_person
from tests.sales.conftest import Family, camp, connected, family, publiq  # noqa: F401 - fixtures
from tests.signing_in import PASSWORD, make_account, post, sign_in
from tests.web.shop.steps import choose, finish, lines, text_of

EARLIER = "the-key-of-last-year-0123456789abcdef"
INSZ, OTHER = "08091860684", "15021760024"
SAID = "Rijksregisternummer: niet leesbaar"


@pytest.fixture(autouse=True)
def _keys(app: Flask) -> Iterator[None]:
    limiter.reset()
    allow_insz()
    yield
    keyring.load(KEY)


@pytest.fixture
def jade(family: Family) -> Person:
    """Kept with the key of last year, which nobody put in LOKET_OLD_KEYS."""
    keyring.load(EARLIER)
    person = make_person(family.customer, "Jade", insz=INSZ)
    keyring.load(KEY)
    db.session.expire_all()
    return person


def staff(app: Flask, role: str) -> FlaskClient:
    browser = app.test_client()
    make_account(f"{role}@gemeente.example", [role])
    sign_in(browser, f"{role}@gemeente.example")
    return browser


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return staff(app, "admin")


def cipher(person_id: int) -> str | None:
    return db.session.scalar(text("SELECT insz FROM person WHERE id = :id"), {"id": person_id})


def fields(**changes: str) -> dict[str, str]:
    return {
        "first_name": "Jade",
        "last_name": "Peeters",
        "birth_date": "18/09/2018",
        "uitpas_number": "",
        **changes,
    }


def test_an_admin_reads_what_it_can_do_and_a_cashier_nothing_of_it(
    app: Flask, admin: FlaskClient, jade: Person
) -> None:
    shown = text_of(admin.get(f"/beheer/gezinsleden/{jade.id}"))
    assert SAID in shown and "LOKET_OLD_KEYS" in shown and "Toon het nummer" not in shown
    desk = staff(app, "cashier").get(f"/beheer/gezinsleden/{jade.id}")
    assert desk.status_code == 200 and "ijksregisternummer: niet" not in text_of(desk)


def test_it_is_readable_again_with_the_earlier_key(admin: FlaskClient, jade: Person) -> None:
    keyring.load(KEY, (EARLIER,))
    shown = text_of(admin.get(f"/beheer/gezinsleden/{jade.id}"))
    assert SAID not in shown and "••.••.••-•••.84" in shown


@pytest.mark.parametrize(
    "path",
    [
        "gezinsleden",
        "gezinsleden/export.csv",
        "gezinsleden/export.xlsx",
        "klanten",
        "klanten/{customer}",
        "klanten/{customer}/persoonsgegevens",
        "klanten/{customer}/wissen",
        "klanten/{customer}/inschrijven",
        "klanten/{customer}/inschrijven/{activity}",
        "gezinsleden/{person}/persoonsgegevens",
        "gezinsleden/{person}/wissen",
        "gezinsleden/{person}/verwijderen",
        "inschrijvingen",
        "inschrijvingen/export.csv",
        "inschrijvingen/export.xlsx",
        "uitpas/waarom?gezinslid={person}",
    ],
)
def test_no_page_or_export_of_staff_fails(
    app: Flask, admin: FlaskClient, jade: Person, family: Family, camp: Activity, path: str
) -> None:
    parent = app.test_client()
    sign_in(parent, family.account.email)
    choose(parent, camp, jade)
    assert finish(parent).status_code == 303
    address = path.format(customer=family.id, person=jade.id, activity=camp.id)
    assert admin.get(f"/beheer/{address}").status_code == 200


def test_changing_the_rest_leaves_it_for_the_day_the_key_is_back(
    app: Flask, admin: FlaskClient, jade: Person, family: Family
) -> None:
    before, person_id = cipher(jade.id), jade.id
    url = f"/beheer/gezinsleden/{person_id}"
    assert post(admin, url, fields(first_name="Jaad")).status_code == 303
    parent = app.test_client()
    sign_in(parent, family.account.email)
    shown = text_of(parent.get(f"/mijn/gezin/{person_id}"))
    assert SAID in shown and "LOKET_OLD_KEYS" not in shown
    assert post(parent, f"/mijn/gezin/{person_id}", fields()).status_code == 303
    assert cipher(person_id) == before
    keyring.load(KEY, (EARLIER,))
    db.session.expire_all()
    assert db.session.get_one(Person, person_id).insz == INSZ


@pytest.mark.parametrize("typed", [OTHER, ""])
def test_it_can_be_filled_in_again_or_wiped(admin: FlaskClient, jade: Person, typed: str) -> None:
    url = f"/beheer/gezinsleden/{jade.id}"
    assert post(admin, url, fields(change_insz="y", insz=typed)).status_code == 303
    person = db.session.get_one(Person, jade.id)
    assert person.insz == (typed or None)
    assert (person.insz_fingerprint is None) == (not typed)
    assert SAID not in text_of(admin.get(url))


def test_it_is_neither_shown_nor_looked_up_nor_written_down(
    admin: FlaskClient, jade: Person, family: Family
) -> None:
    url = f"/beheer/gezinsleden/{jade.id}"
    assert admin.get(f"{url}/rijksregisternummer").status_code == 404
    assert post(admin, f"{url}/rijksregisternummer", {"reason": "navraag"}).status_code == 404
    answer = post(admin, f"{url}/uitpas-opzoeken", headers={"HX-Request": "true"})
    assert "Het rijksregisternummer is niet leesbaar" in text_of(answer)
    given = post(
        admin,
        f"/beheer/klanten/{family.id}/persoonsgegevens",
        {"reason": "op vraag", "with_insz": "y"},
    )
    data = json.loads(given.get_data())["gezinsleden"]
    numbers = {one["voornaam"]: one["rijksregisternummer"] for one in data}
    assert numbers["Jade"] == "niet leesbaar"
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert "rijksregisternummer getoond" not in actions


def test_a_parent_takes_the_rest_along_and_registers_the_child(
    app: Flask, jade: Person, family: Family, camp: Activity
) -> None:
    parent = app.test_client()
    sign_in(parent, family.account.email)
    url = "/mijn/gegevens/inzage"
    assert "niet leesbaar" in text_of(parent.get(url))
    taken = json.loads(post(parent, url, {"password": PASSWORD}).get_data())
    assert "niet leesbaar" in str(taken["gezinsleden"])
    choose(parent, camp, jade, uitpas="ja")
    page = text_of(parent.get("/mandje/voordelen"))
    assert "Kies een voordeel" in page and "Jade kan gewoon mee" in page
    line_id = lines()[0].id
    assert post(parent, "/mandje/voordelen", {f"voordeel-{line_id}": ""}).status_code == 303
