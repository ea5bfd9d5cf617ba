"""What somebody types or scans to find a pass is planted everywhere, and stands nowhere after."""

# ruff: noqa: F811 - a parameter names its fixture

import io
import json
import traceback
from pathlib import Path

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from app.activities.models import Activity
from app.extensions import db, limiter
from app.people.models import Person
from app.people.numbers import read_identifier
from app.people.passes import find_pass
from app.publiq.errors import PubliqError
from app.sales.personal_data import personal_data
from app.settings.connections import publiq_client
from tests.dumping import dump
from tests.making import allow_insz
from tests.sales.conftest import (  # noqa: F401 - fixtures
    Family,
    Publiq,
    camp,
    connected,
    family,
    publiq,
)
from tests.signing_in import PASSWORD, make_account, post, sign_in
from tests.web.shop.steps import choose, finish, lines

KNOWN, UNKNOWN = "08091860684", "85073003328"
CHIPS = ("04ED6ACACF6180", "04AAAABBBB1234")
BARCODES = ("B2026080918606840001", "C3300850730033280009")
PLANTED = (
    KNOWN,
    "08.09.18-606.84",
    "080918 606 84",
    UNKNOWN,
    "85.07.30-033.28",
    *CHIPS,
    *(chip.lower() for chip in CHIPS),
    "04:ED:6A:CA:CF:61:80",
    *BARCODES,
)
GIVEN = (KNOWN, "08.09.18-606.84", UNKNOWN, *CHIPS, "04:ED:6A:CA:CF:61:80", *BARCODES)
FAULTS = (None, "plat", "verbroken", "fout-500", "te-vaak", "geweigerd")


@pytest.fixture(autouse=True)
def _register_numbers_may_be_used(app: Flask) -> None:
    limiter.reset()
    allow_insz()


def _staff(app: Flask) -> FlaskClient:
    make_account("beheer@test.example", ["admin"])
    browser = app.test_client()
    sign_in(browser, "beheer@test.example")
    return browser


def _walk(app: Flask, family: Family, camp: Activity, publiq: Publiq) -> list[str]:
    """Staff and a parent give everything everywhere, with publiq well and unwell.

    Returns the addresses they were sent to.
    """
    admin, parent = _staff(app), app.test_client()
    sign_in(parent, family.account.email)
    choose(parent, camp, family.tuur, uitpas="ja")
    line_id = lines()[0].id
    fields = {"first_name": "Jade", "last_name": "Peeters", "birth_date": "18/09/2008"}
    seen = []
    for kind in FAULTS:
        publiq.heal()
        if kind:
            problem = "auth/forbidden" if kind == "geweigerd" else ""
            publiq.fault("GET /passes", kind, count=None, problem=problem)
        for given in GIVEN:
            limiter.reset()
            typed = {**fields, "uitpas_number": given}
            answers = [
                post(admin, f"/beheer/gezinsleden/{family.tuur.id}", typed),
                post(admin, "/beheer/gezinsleden/uitpas-nummer", typed),
                post(admin, "/beheer/uitpas/waarom/nummer", {"number": given}),
                post(admin, "/beheer/uitpas/waarom", {"number": given}),
                post(parent, f"/mijn/gezin/{family.tuur.id}", typed),
                post(parent, "/mijn/uitpas-nummer", typed),
                post(parent, "/mijn/uitpas-nummer", {f"nummer-{line_id}": given}),
                post(parent, f"/mandje/voordelen/{line_id}/nummer", {f"nummer-{line_id}": given}),
                post(admin, "/beheer/gezinsleden/rijksregisternummer", {"insz": given}),
            ]
            assert all(answer.status_code < 500 for answer in answers)
            seen += [answer.location or "" for answer in answers]
    publiq.heal()
    for path in ("/beheer/gezinsleden", "/beheer/klanten", "/beheer/gezinsleden/export.csv"):
        for given in (KNOWN, "08.09.18-606.84"):
            seen.append(admin.get(path, query_string={"zoeken": given}).location or "")
    url = f"/beheer/gezinsleden/{family.tuur.id}"
    post(admin, url, {**fields, "insz": KNOWN})
    for path in ("uitpas-opzoeken", "uitpas-vernieuwen", "rijksregisternummer"):
        seen.append(post(admin, f"{url}/{path}", {"reason": f"over {KNOWN}"}).location or "")
    return seen


def test_nothing_that_finds_a_pass_stands_in_logs_database_addresses_or_files(
    app: Flask,
    family: Family,
    camp: Activity,
    publiq: Publiq,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    addresses = _walk(app, family, camp, publiq)
    tables = set()
    for where, value in dump():
        tables.add(where.split(".")[0])
        for word in PLANTED:
            assert word not in value, where
    assert {"publiq_call", "audit_entry", "person", "basket_line"} <= tables
    for word in PLANTED:
        assert word not in caplog.text
        assert not [address for address in addresses if word in address]
    for path in Path(app.instance_path).rglob("*"):
        if path.is_file():
            kept = path.read_bytes()
            assert not [word for word in PLANTED if word.encode() in kept], path.name
    journal = requests.get(f"{publiq.url}/sandbox/", timeout=10).text
    assert "identifier=" in journal
    assert not [word for word in PLANTED if word in journal]


def test_exports_hold_no_register_number_but_for_whom_it_belongs_to(
    app: Flask, family: Family, camp: Activity, publiq: Publiq
) -> None:
    admin, parent = _staff(app), app.test_client()
    sign_in(parent, family.account.email)
    url = f"/beheer/gezinsleden/{family.tuur.id}"
    fields = {"first_name": "Jade", "last_name": "Peeters", "birth_date": "18/09/2008"}
    post(admin, url, {**fields, "insz": KNOWN})
    choose(parent, camp, family.tuur)
    finish(parent)
    lists = (
        "/beheer/gezinsleden/export.csv",
        "/beheer/inschrijvingen/export.csv",
        f"/beheer/activiteiten/{camp.id}/aanwezigheid/export.csv",
        f"/beheer/activiteiten/{camp.id}/aanwezigheid",
    )
    taken = [
        *(admin.get(path).get_data(as_text=True) for path in lists),
        post(admin, f"{url}/persoonsgegevens", {"reason": "x"}).get_data(as_text=True),
        parent.get("/mijn/gegevens/inzage").get_data(as_text=True),
        json.dumps(personal_data(family.id)),
    ]
    book = load_workbook(io.BytesIO(admin.get("/beheer/gezinsleden/export.xlsx").get_data()))
    taken.append(str(list(book.active.iter_rows(values_only=True))))
    for text in taken:
        assert not [word for word in PLANTED if word in text]
    assert all("Jade" in text for text in taken[: len(lists)])
    own = post(parent, "/mijn/gegevens/inzage", {"password": PASSWORD})
    assert KNOWN in own.get_data(as_text=True)
    stored = db.session.scalar(select(Person.insz).where(Person.id == family.tuur.id))
    assert stored == KNOWN


@pytest.mark.parametrize("kind", ["plat", "verbroken", "fout-500", "te-vaak"])
def test_the_text_of_an_error_names_nothing_that_was_given(
    family: Family, publiq: Publiq, kind: str
) -> None:
    publiq.fault("GET /passes", kind, count=None)
    for given in GIVEN:
        identifier = read_identifier(given, insz=True, cards=True)
        shown = repr(identifier) + repr(find_pass(identifier, "Jade", for_public=False))
        with pytest.raises(PubliqError) as raised:
            publiq_client().uitpas.find_pass(identifier.value)
        shown += "".join(traceback.format_exception(raised.value)) + repr(raised.value)
        assert not [word for word in PLANTED if word in shown]
