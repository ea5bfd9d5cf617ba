"""Persons in the back office: what staff see and change, and what UiTPAS answers (P1 to P4)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.clock import now
from app.extensions import db, write_transaction
from app.people.models import Person, TariffStatus
from app.settings.models import AuditEntry, Environment, EnvironmentSettings
from app.settings.uit import uit_settings_for_update
from tests.making import make_customer, make_person
from tests.queries import count_queries
from tests.signing_in import make_account, post, sign_in

INSZ = "08091860684"
JADE = "0900010959113"
DATA = {"first_name": "Jade", "last_name": "Peeters", "birth_date": "18/09/2008"}


@pytest.fixture
def connected(app):
    """The sandbox is publiq."""
    with write_transaction() as session:
        uit_settings_for_update().active_environment = Environment.SANDBOX
        session.add(
            EnvironmentSettings(
                environment=Environment.SANDBOX, client_id="demo", client_secret="demo"
            )
        )


@pytest.fixture
def admin(client):
    """An admin who signed in on ``client``."""
    account = make_account("beheer@gemeente.example", ["admin"])
    sign_in(client, "beheer@gemeente.example")
    return account


@pytest.fixture
def cashier(client):
    """A cashier who signed in on ``client``."""
    account = make_account("kassa@gemeente.example", ["cashier"])
    sign_in(client, "kassa@gemeente.example")
    return account


def _text(answer):
    return answer.get_data(as_text=True)


def _entries():
    return list(db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def test_an_admin_adds_a_person_with_register_number_and_finds_the_pass(client, admin, connected):
    customer = make_customer()
    url = f"/beheer/klanten/{customer.id}/gezinsleden/nieuw"
    answer = post(client, url, {**DATA, "insz": "08.09.18-606.84"})
    person = db.session.scalars(select(Person)).one()
    assert answer.location == f"/beheer/gezinsleden/{person.id}"
    found = post(client, f"{answer.location}/uitpas-opzoeken", headers={"HX-Request": "true"})
    assert "0900 010 959 113" in _text(found)
    assert (person.uitpas_number, person.tariff_status) == (JADE, TariffStatus.ACTIVE)
    assert [entry.action for entry in _entries()] == ["gezinslid toegevoegd"]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("birth_date", "", "Vul een geboortedatum in"),
        ("insz", "08091860685", "Dit rijksregisternummer klopt niet."),
        ("uitpas_number", "090001095911", "Dit nummer telt 12 cijfers."),
        ("own_postal_code", "12", "Een postcode heeft vier cijfers"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, admin, field, typed, sentence):
    url = f"/beheer/klanten/{make_customer().id}/gezinsleden/nieuw"
    answer = post(client, url, {**DATA, field: typed})
    assert answer.status_code == 422
    assert sentence in _text(answer) and f'href="#{field}"' in _text(answer)


def test_a_cashier_neither_sees_nor_changes_a_register_number(client, cashier):
    person = make_person(make_customer(), "Jade", insz=INSZ)
    url = f"/beheer/gezinsleden/{person.id}"
    page = _text(client.get(url))
    assert "ijksregisternummer" not in page and ".84" not in page and 'name="insz"' not in page
    post(client, url, {**DATA, "insz": "12100509509", "change_insz": "y"})
    assert person.insz == INSZ
    assert client.get(f"{url}/rijksregisternummer").status_code == 403


def test_a_cashier_still_finds_the_pass_by_it(client, cashier, connected):
    person = make_person(make_customer(), "Jade", insz=INSZ)
    post(client, f"/beheer/gezinsleden/{person.id}/uitpas-opzoeken")
    assert person.uitpas_number == JADE


def test_an_admin_sees_a_register_number_masked_and_reveals_it_with_a_reason(client, admin):
    person = make_person(make_customer(), "Jade", insz=INSZ)
    url = f"/beheer/gezinsleden/{person.id}"
    page = _text(client.get(url))
    assert "••.••.••-•••.84" in page and INSZ not in page
    asked = post(client, f"{url}/rijksregisternummer", {"reason": " "})
    assert asked.status_code == 422 and "08.09.18" not in _text(asked)
    assert _entries() == []
    shown = post(client, f"{url}/rijksregisternummer", {"reason": "Navraag bij UiTPAS"})
    assert "08.09.18-606.84" in _text(shown)
    assert shown.headers["Cache-Control"] == "no-store"
    [entry] = _entries()
    assert (entry.action, entry.reason) == ("rijksregisternummer getoond", "Navraag bij UiTPAS")
    assert INSZ not in f"{entry.detail}{entry.subject_label}"


def test_a_change_is_written_down_by_field_and_never_by_value(client, admin):
    person = make_person(make_customer(), "Jada", birth_date=None)
    url = f"/beheer/gezinsleden/{person.id}"
    data = {**DATA, "insz": INSZ, "uitpas_number": JADE}
    assert post(client, url, data).status_code == 303
    [entry] = _entries()
    assert entry.detail == {
        "velden": ["UiTPAS-nummer", "geboortedatum", "rijksregisternummer", "voornaam"]
    }


def test_points_are_shown_only_after_refreshing(client, cashier, connected):
    person = make_person(make_customer(), "Jade", uitpas_number=JADE)
    url = f"/beheer/gezinsleden/{person.id}"
    assert "10 punten" not in _text(client.get(url))
    answer = _text(post(client, f"{url}/uitpas-vernieuwen"))
    assert "10 punten" in answer and "Kansentarief actief" in answer
    assert person.tariff_status is TariffStatus.ACTIVE
    assert "10 punten" not in _text(client.get(url))


def test_an_expired_social_tariff_is_kept_as_such(client, cashier, connected):
    person = make_person(make_customer(), "Rita", uitpas_number="0900000031618")
    answer = _text(post(client, f"/beheer/gezinsleden/{person.id}/uitpas-vernieuwen"))
    assert person.tariff_status is TariffStatus.EXPIRED
    assert "Kansentarief vervallen" in answer


def test_a_blocked_pass_is_told_in_publiqs_words(client, cashier, connected):
    person = make_person(
        make_customer(),
        "Mohamed",
        uitpas_number="0900000002312",
        tariff_status=TariffStatus.ACTIVE,
        tariff_checked_at=now() - timedelta(days=9),
    )
    answer = _text(post(client, f"/beheer/gezinsleden/{person.id}/uitpas-vernieuwen"))
    assert "Deze UiTPAS is geblokkeerd. Neem contact op met je UiTPAS-balie." in answer
    assert person.tariff_status is TariffStatus.UNKNOWN
    assert now() - person.tariff_checked_at < timedelta(minutes=1)


def test_without_answer_of_uitpas_what_was_known_stays(client, cashier):
    checked = now() - timedelta(days=9)
    person = make_person(
        make_customer(),
        "Jade",
        uitpas_number=JADE,
        tariff_status=TariffStatus.ACTIVE,
        tariff_checked_at=checked,
    )
    answer = post(client, f"/beheer/gezinsleden/{person.id}/uitpas-vernieuwen")
    assert answer.status_code == 200
    assert (person.tariff_status, person.tariff_checked_at) == (TariffStatus.ACTIVE, checked)


def test_the_overview_is_filtered_on_uitpas(client, cashier):
    customer = make_customer()
    make_person(customer, "Actief", uitpas_number=JADE, tariff_status=TariffStatus.ACTIVE)
    make_person(customer, "Vervallen", uitpas_number=JADE, tariff_status=TariffStatus.EXPIRED)
    make_person(customer, "Zonder", uitpas_number=JADE, tariff_status=TariffStatus.NONE)
    make_person(customer, "Ongekend")
    expected = {
        "": {"Actief", "Vervallen", "Zonder", "Ongekend"},
        "nummer": {"Actief", "Vervallen", "Zonder"},
        "actief": {"Actief"},
        "vervallen": {"Vervallen"},
        "geen": {"Zonder", "Ongekend"},
        "onzin": {"Actief", "Vervallen", "Zonder", "Ongekend"},
    }
    for chosen, names in expected.items():
        page = _text(client.get("/beheer/gezinsleden", query_string={"uitpas": chosen}))
        shown = {name for name in expected[""] if f"Peeters {name}</a>" in page}
        assert shown == names, chosen


def test_the_overview_masks_numbers_and_finds_them(client, cashier):
    customer = make_customer("Omer", "Wils")
    make_person(customer, "Lou", "Wils", uitpas_number=JADE)
    make_person(customer, "Mia", "Wils")
    page = _text(client.get("/beheer/gezinsleden?zoeken=0900+010+959"))
    assert "Wils Lou" in page and "Wils Mia" not in page
    assert "0900 ••• ••• 113" in page
    assert "010 959" not in page.split("<table")[1]
    assert "Wils Mia" in _text(client.get("/beheer/gezinsleden?zoeken=omer+mia"))


def test_the_overview_asks_no_more_for_more_persons(client, cashier):
    make_person(make_customer("A", "A"), "Een")
    client.get("/beheer/gezinsleden")
    with count_queries() as few:
        client.get("/beheer/gezinsleden")
    for number in range(55):
        make_person(make_customer("B", f"B{number}"), "Kind")
    with count_queries() as many:
        page = _text(client.get("/beheer/gezinsleden"))
    assert len(many) <= len(few)
    assert page.count('<th scope="row">') == 50 and "1 tot 50 van 56 gezinsleden" in page


def test_staff_take_a_person_out_and_that_is_written_down(client, cashier):
    customer = make_customer()
    person = make_person(customer, "Lou")
    url = f"/beheer/gezinsleden/{person.id}/verwijderen"
    assert "Lou Peeters verwijderen?" in _text(client.get(url))
    assert post(client, url).location == f"/beheer/klanten/{customer.id}"
    assert db.session.scalar(select(func.count(Person.id))) == 0
    assert [entry.action for entry in _entries()] == ["gezinslid verwijderd"]
    assert client.get(url).status_code == 404
