"""Privacy in the back office: the switch, searching by register number, exports and erasing."""

import csv
import io
import json

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from app.extensions import db, write_transaction
from app.formats import pass_number
from app.people.models import Customer, Person, TariffStatus
from app.settings.models import AuditEntry
from app.settings.privacy import insz_allowed
from tests.making import GROUND, allow_insz, make_customer, make_person
from tests.web.backoffice.staff_client import post, signed_in, words
from tests.web.reading import error_at, value_of

INSZ, DOTS = "08091860684", "08.09.18-606.84"
JADE = "0900010959113"
TERMS = {"insz_months": "24", "tariff_months": "3", "guest_pass_months": "13"}
SETTINGS = "/beheer/instellingen/privacy"


@pytest.fixture
def admin(app):
    return signed_in(app, "admin")


@pytest.fixture
def cashier(app):
    return signed_in(app, "cashier")


def _actions():
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_register_numbers_are_off_until_an_admin_enters_the_ground(admin):
    asked = words(admin.get(SETTINGS))
    assert "Wet van 8 augustus 1983" in asked and "30 dagen" in asked
    refused = post(admin, SETTINGS, {**TERMS, "insz_on": "y", "insz_ground": " "})
    assert refused.status_code == 422 and not insz_allowed()
    assert "Vul de wettelijke grond in." in error_at(refused, "insz_ground")
    kept = post(admin, SETTINGS, {**TERMS, "insz_on": "y", "insz_ground": GROUND})
    assert kept.location == SETTINGS and insz_allowed()
    assert _actions() == ["privacy aangepast"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Vul in hoeveel maanden we dit bewaren."),
        ("veel", "Typ een geheel aantal maanden, zoals 24."),
        ("0", "Kies een aantal maanden van 1 tot 120."),
        ("999", "Kies een aantal maanden van 1 tot 120."),
    ],
)
def test_a_term_that_is_none_is_said_at_its_field_and_given_back(admin, typed, sentence):
    answer = post(admin, SETTINGS, {**TERMS, "insz_ground": GROUND, "insz_months": typed})
    assert error_at(answer, "insz_months") == sentence
    assert value_of(answer, "insz_months") == typed
    assert GROUND in words(answer)


def test_switched_off_the_field_the_circle_and_the_pages_vanish_and_the_number_stays(admin):
    allow_insz()
    person = make_person(make_customer(), "Jade", insz=INSZ)
    url = f"/beheer/gezinsleden/{person.id}"
    shown = words(admin.get(url))
    assert 'name="insz"' in shown and "vl-circle" in shown and GROUND in shown
    allow_insz("")
    hidden = words(admin.get(url)) + words(admin.get("/beheer/gezinsleden"))
    for word in ('name="insz"', "vl-circle", ".84", "ijksregisternummer", GROUND):
        assert word not in hidden, word
    assert post(admin, f"{url}/uitpas-opzoeken").status_code == 404
    assert post(admin, f"{url}/rijksregisternummer", {"reason": "x"}).status_code == 404
    assert post(admin, "/beheer/gezinsleden/rijksregisternummer", {"insz": INSZ}).status_code == 404
    data = {"first_name": "Jade", "last_name": "Peeters", "birth_date": "18/09/2008"}
    for sent in ({"insz": "12100509509"}, {"change_insz": "y", "insz": ""}):
        assert post(admin, url, {**data, **sent}).status_code == 303
        assert person.insz == INSZ
    refused = post(admin, url, {**data, "uitpas_number": INSZ})
    assert "Dit nummer telt 11 cijfers." in error_at(refused, "uitpas_number")


def test_the_settings_say_how_many_numbers_are_left_and_erase_them(admin):
    make_person(make_customer(), "Jade", insz=INSZ)
    make_person(make_customer(), "Bilal", insz="12100509509")
    assert "staan nog 2 rijksregisternummers" in words(admin.get(SETTINGS))
    explained = words(admin.get(f"{SETTINGS}/rijksregisternummers-wissen"))
    assert "Wis de 2 nummers" in explained and "niet ongedaan" in explained
    assert db.session.scalar(select(func.count(Person.insz))) == 2
    done = post(admin, f"{SETTINGS}/rijksregisternummers-wissen", follow_redirects=True)
    assert "2 rijksregisternummers zijn gewist." in words(done)
    assert db.session.scalar(select(func.count(Person.insz))) == 0


def test_a_person_is_found_by_register_number_without_an_address_that_holds_it(admin):
    allow_insz()
    person = make_person(make_customer("Sofie", "Claes"), "Jade", insz=INSZ)
    url = "/beheer/gezinsleden/rijksregisternummer"
    found = post(admin, url, {"insz": DOTS})
    assert f'href="/beheer/gezinsleden/{person.id}"' in words(found)
    assert "Sofie Claes" in words(found) and found.request.query_string == b""
    assert DOTS not in words(found) and INSZ not in words(found)
    assert "Niemand gevonden" in words(post(admin, url, {"insz": "12100509509"}))
    wrong = post(admin, url, {"insz": "0809186068"})
    assert "Dit nummer telt 10 cijfers." in error_at(wrong, "insz")
    assert _actions() == ["gezocht op rijksregisternummer"] * 2


SEARCHED = (
    "gezinsleden",
    "klanten",
    "bestellingen",
    "inschrijvingen",
    "activiteiten",
)


@pytest.mark.parametrize("path", ["/kassa/", *(f"/beheer/{name}" for name in SEARCHED)])
def test_a_register_number_in_an_ordinary_search_leaves_the_address_at_once(admin, cashier, path):
    allow_insz()
    answer = admin.get(path, query_string={"zoeken": DOTS})
    assert answer.location == "/beheer/gezinsleden/rijksregisternummer"
    other = cashier.get(path, query_string={"zoeken": INSZ})
    assert other.location == path
    assert "Zoek niet op een rijksregisternummer." in words(cashier.get(path))
    htmx = admin.get(path, query_string={"zoeken": DOTS}, headers={"HX-Request": "true"})
    assert htmx.headers["HX-Redirect"] == "/beheer/gezinsleden/rijksregisternummer"


@pytest.mark.parametrize(
    "typed", [f"Jade {INSZ}", f"{INSZ} Peeters", f"B20260{INSZ}0001", f"Jade {DOTS} Peeters"]
)
def test_a_register_number_beside_a_name_or_in_a_barcode_leaves_the_address_too(admin, typed):
    allow_insz()
    for name in SEARCHED:
        answer = admin.get(f"/beheer/{name}", query_string={"zoeken": typed})
        assert answer.location == "/beheer/gezinsleden/rijksregisternummer"


@pytest.mark.parametrize("typed", ["0900 000 067 513", "0470 00 00 02", "+++629/2495/07423+++"])
def test_a_pass_a_telephone_or_a_communication_is_sought_as_before(admin, typed):
    assert admin.get("/beheer/gezinsleden", query_string={"zoeken": typed}).status_code == 200


@pytest.mark.parametrize("path", ["/beheer/grootboek", "/beheer/oproepen", "/beheer/mails"])
def test_so_it_does_in_what_is_for_admins(admin, path):
    answer = admin.get(path, query_string={"zoeken": INSZ})
    assert answer.location == path  # register numbers may not be used, so there is no such search


def test_so_it_does_in_the_shop(app):
    answer = app.test_client().get("/aanbod", query_string={"zoeken": INSZ})
    assert answer.location == "/aanbod"


def test_the_overview_is_exported_as_filtered_without_register_numbers(admin):
    allow_insz()
    family = make_customer("=cmd|' /C calc'!A0", "Claes")
    make_person(
        family,
        "Jade",
        "=1+1",
        insz=INSZ,
        uitpas_number=JADE,
        tariff_status=TariffStatus.ACTIVE,
    )
    make_person(family, "Zonder")
    query = {"uitpas": "nummer"}
    answer = admin.get("/beheer/gezinsleden/export.csv", query_string=query)
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";"))
    [row] = rows
    assert (row["Voornaam"], row["UiTPAS-nummer"], row["Kansentarief"]) == (
        "Jade",
        "0900 010 959 113",  # a spreadsheet would make a number of it, without its first zero
        "Kansentarief actief",
    )
    assert row["Naam"] == "'=1+1" and row["Klant"].startswith("'=")
    sheet = admin.get("/beheer/gezinsleden/export.xlsx", query_string=query)
    book = load_workbook(io.BytesIO(sheet.get_data()))
    cells = list(book.active.iter_rows(values_only=True))
    assert cells[1][:2] == ("=1+1", "Jade")
    assert all(cell.data_type != "f" for line in book.active.iter_rows() for cell in line)
    for text in (answer.get_data(as_text=True), str(cells)):
        assert INSZ not in text and "ijksregister" not in text
    assert _actions() == ["gezinsleden geëxporteerd"] * 2
    assert admin.get("/beheer/gezinsleden/export.pdf").status_code == 404


def test_an_export_is_for_admins_only(cashier):
    make_person(make_customer(), "Jade", uitpas_number=JADE)
    assert cashier.get("/beheer/gezinsleden/export.csv").status_code == 403
    assert "Exporteer" not in words(cashier.get("/beheer/gezinsleden"))


def test_what_is_kept_of_a_customer_is_shown_and_handed_over_with_a_reason(admin):
    allow_insz()
    customer = make_customer()
    person = make_person(customer, "Jade", insz=INSZ, uitpas_number=JADE)
    for url in (
        f"/beheer/klanten/{customer.id}/persoonsgegevens",
        f"/beheer/gezinsleden/{person.id}/persoonsgegevens",
    ):
        shown = words(admin.get(url))
        assert pass_number(JADE) in shown and INSZ not in shown and "••.••.••-•••.84" in shown
        refused = post(admin, url, {"reason": ""})
        assert "Vul in waarom je deze gegevens meegeeft." in error_at(refused, "reason")
        masked = json.loads(post(admin, url, {"reason": "op vraag"}).get_data(as_text=True))
        assert masked["gezinsleden"][0]["rijksregisternummer"] == "••.••.••-•••.84"
        whole = post(admin, url, {"reason": "op vraag", "with_insz": "y"})
        assert json.loads(whole.get_data())["gezinsleden"][0]["rijksregisternummer"] == INSZ
        assert whole.headers["Cache-Control"] == "no-store"
        assert "attachment" in whole.headers["Content-Disposition"]
    handed, shown = "persoonsgegevens meegegeven", "rijksregisternummer getoond"
    assert sorted(_actions()) == [handed] * 4 + [shown] * 2


def test_erasing_explains_asks_a_reason_and_then_forgets(admin):
    customer = make_customer()
    person = make_person(customer, "Jade")
    make_person(customer, "Lou")
    url = f"/beheer/gezinsleden/{person.id}/wissen"
    explained = words(admin.get(url))
    assert "Alle gegevens van Jade Peeters wissen?" in explained
    assert "Je kan dit niet ongedaan maken." in explained
    refused = post(admin, url, {"reason": " "})
    assert "Vul in waarom je deze gegevens wist." in error_at(refused, "reason")
    done = post(admin, url, {"reason": "op vraag"})
    assert done.location == f"/beheer/klanten/{customer.id}"
    url = f"/beheer/klanten/{customer.id}/wissen"
    assert "De gezinsleden, met hun nummers: Lou Peeters." in words(admin.get(url))
    assert post(admin, url, {"reason": "op vraag"}).location == "/beheer/klanten"
    assert db.session.scalar(select(func.count(Customer.id))) == 0
    assert admin.get(url).status_code == 404
    assert _actions() == ["gezinslid gewist", "klant gewist"]


def test_a_cashier_neither_hands_over_nor_erases_nor_searches_by_register_number(cashier):
    allow_insz()
    customer = make_customer()
    person = make_person(customer, insz=INSZ)
    for path in (
        SETTINGS,
        f"{SETTINGS}/rijksregisternummers-wissen",
        "/beheer/gezinsleden/rijksregisternummer",
        f"/beheer/klanten/{customer.id}/persoonsgegevens",
        f"/beheer/klanten/{customer.id}/wissen",
        f"/beheer/gezinsleden/{person.id}/persoonsgegevens",
        f"/beheer/gezinsleden/{person.id}/wissen",
    ):
        assert cashier.get(path).status_code == 403, path
        assert post(cashier, path, {"reason": "x", "insz": INSZ}).status_code == 403, path
    with write_transaction() as session:
        assert session.get_one(Person, person.id).insz == INSZ
