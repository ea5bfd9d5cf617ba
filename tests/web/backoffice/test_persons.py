"""Persons in the back office: what staff see and change, and what UiTPAS answers (P1 to P4)."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from app.clock import now
from app.extensions import db, write_transaction
from app.people.models import Person, TariffStatus
from app.settings.models import AuditEntry, Environment, EnvironmentSettings, PubliqCall
from app.settings.uit import uit_settings_for_update
from tests.making import allow_insz, make_customer, make_person
from tests.queries import count_queries
from tests.signing_in import make_account, post, sign_in
from tests.web.reading import error_at, value_of

INSZ = "08091860684"
JADE = "0900010959113"
GROUP = "0900000045410"
DATA = {"first_name": "Jade", "last_name": "Peeters", "birth_date": "18/09/2008"}


@pytest.fixture(autouse=True)
def _register_numbers_may_be_used(app):
    allow_insz()


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
    assert "Toon het nummer" not in page and ".84" not in page and 'name="insz"' not in page
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
    make_person(
        customer,
        "Bijna",
        uitpas_number=JADE,
        tariff_status=TariffStatus.ACTIVE,
        tariff_until=now() + timedelta(days=29),
    )
    make_person(
        customer,
        "Groep",
        uitpas_number=GROUP,
        is_group_pass=True,
        tariff_status=TariffStatus.ACTIVE,
        tariff_until=now() + timedelta(days=31),
    )
    for name, checked in (("Gedaan", 30), ("Genade", 5)):
        make_person(
            customer,
            name,
            uitpas_number=JADE,
            tariff_status=TariffStatus.ACTIVE,
            tariff_until=now() - timedelta(days=10),
            tariff_checked_at=now() - timedelta(days=checked),
        )
    ended = {"Gedaan", "Genade"}
    everybody = {"Actief", "Vervallen", "Zonder", "Ongekend", "Bijna", "Groep", *ended}
    expected = [
        ({}, everybody),
        ({"uitpas": "onzin", "kansentarief": "onzin"}, everybody),
        ({"uitpas": "nummer"}, everybody - {"Ongekend"}),
        ({"uitpas": "zonder"}, {"Ongekend"}),
        ({"uitpas": "groepspas"}, {"Groep"}),
        ({"kansentarief": "actief"}, {"Actief", "Bijna", "Groep", "Genade"}),
        ({"kansentarief": "verloopt"}, {"Bijna", *ended}),
        ({"kansentarief": "vervallen"}, {"Vervallen"}),
        ({"kansentarief": "geen"}, {"Zonder"}),
        ({"kansentarief": "onbekend"}, {"Ongekend"}),
        ({"uitpas": "nummer", "kansentarief": "actief", "zoeken": "groe"}, {"Groep"}),
    ]
    for chosen, names in expected:
        page = _text(client.get("/beheer/gezinsleden", query_string=chosen))
        shown = {name for name in everybody if f"Peeters {name}</a>" in page}
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


# What staff give in the field of the number (P1)


@pytest.mark.parametrize(
    "typed",
    [
        "0900.010.959.113",
        "08.09.18-606.84",
        "04:ED:6A:CA:CF:61:80",
        "04ed6acacf6180",
        "B2026080918606840001",
    ],
    ids=["number", "register number", "chip", "chip in small letters", "barcode"],
)
def test_staff_give_what_they_have_and_only_the_number_is_kept(client, cashier, connected, typed):
    url = f"/beheer/klanten/{make_customer().id}/gezinsleden/nieuw"
    answer = post(client, url, {**DATA, "uitpas_number": typed})
    assert answer.status_code == 303
    person = db.session.scalars(select(Person)).one()
    assert (person.uitpas_number, person.insz) == (JADE, None)
    assert person.tariff_status is TariffStatus.ACTIVE
    for call in db.session.scalars(select(PubliqCall)):
        assert INSZ not in call.url and "CACF6180" not in call.url.upper()


@pytest.mark.parametrize(
    ("typed", "first_name", "sentence"),
    [
        ("0000000ABCDEF0", "Jade", "We vinden geen UiTPAS met dit nummer."),
        (INSZ, "Wout", "Kijk de voornaam en het rijksregisternummer na."),
        ("B2026080918606840001", "Wout", "Kijk de voornaam en het rijksregisternummer na."),
        ("044AC54A8E6180", "Jade", "Deze UiTPAS is nog niet geregistreerd."),
        ("090001095911", "Jade", "Dit nummer telt 12 cijfers."),
        ("09000109591130", "Jade", "kijk na of er te veel staan"),
        ("abc", "Jade", "Een UiTPAS-nummer bestaat uit cijfers"),
    ],
)
def test_what_gives_no_number_is_said_at_the_field_and_nothing_is_saved(
    client, cashier, connected, typed, first_name, sentence
):
    url = f"/beheer/klanten/{make_customer().id}/gezinsleden/nieuw"
    answer = post(client, url, {**DATA, "first_name": first_name, "uitpas_number": typed})
    assert sentence in error_at(answer, "uitpas_number")
    assert value_of(answer, "uitpas_number") == typed
    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_the_chip_needs_no_name_that_fits_for_the_card_is_there(client, cashier, connected):
    person = make_person(make_customer(), "Wout")
    data = {**DATA, "first_name": "Wout", "uitpas_number": "04ED6ACACF6180"}
    assert post(client, f"/beheer/gezinsleden/{person.id}", data).status_code == 303
    assert person.uitpas_number == JADE


def test_while_register_numbers_are_off_a_chip_is_taken_and_a_barcode_is_not(
    client, cashier, connected
):
    allow_insz("")
    url = f"/beheer/klanten/{make_customer().id}/gezinsleden/nieuw"
    refused = post(client, url, {**DATA, "uitpas_number": "B2026080918606840001"})
    assert "Een UiTPAS-nummer bestaat uit cijfers" in error_at(refused, "uitpas_number")
    assert post(client, url, {**DATA, "uitpas_number": "04ED6ACACF6180"}).status_code == 303


def test_a_group_pass_shows_what_remains_after_refreshing_and_no_points(client, cashier, connected):
    person = make_person(make_customer(), "Groep", uitpas_number=GROUP)
    url = f"/beheer/gezinsleden/{person.id}"
    answer = _text(post(client, f"{url}/uitpas-vernieuwen"))
    assert "Nog 20 van 20 tickets met kansentarief dit jaar." in answer
    assert "punten</span>" not in answer and "groepspas" in answer
    assert "tickets met kansentarief" not in _text(client.get(url))


def test_a_replaced_card_is_said_after_refreshing(client, cashier, connected):
    person = make_person(make_customer(), "Amina", uitpas_number="0910000001602")
    answer = _text(post(client, f"/beheer/gezinsleden/{person.id}/uitpas-vernieuwen"))
    assert "Deze kaart is vervangen." in answer and "0910 ••• ••• 719" in answer
    assert 'value="0910 000 001 719"' in answer


def test_a_tariff_in_its_period_of_grace_is_told_as_going_on(client, cashier, connected):
    person = make_person(make_customer(), "Ferre", uitpas_number="0910000001818")
    answer = _text(post(client, f"/beheer/gezinsleden/{person.id}/uitpas-vernieuwen"))
    assert "Kansentarief loopt nog door" in answer and "UiTPAS geeft uitstel" in answer
    assert "Foutmelding van UiTPAS" in answer
    assert "Kansentarief loopt nog door" in _text(client.get("/beheer/gezinsleden"))


def test_a_number_is_looked_at_while_it_is_typed(client, cashier, connected):
    url = "/beheer/gezinsleden/uitpas-nummer"
    assert "Kijk het UiTPAS-nummer na" in _text(
        post(client, url, {"uitpas_number": "0900010959114"})
    )
    assert _text(post(client, url, {"uitpas_number": "04ED6ACACF6180"})).strip() == ""
    assert db.session.scalars(select(PubliqCall)).all() == []


def test_who_changes_a_person_while_the_module_is_off_keeps_the_number(client, admin, connected):
    person = make_person(
        make_customer(), "Jade", uitpas_number=JADE, tariff_status=TariffStatus.ACTIVE
    )
    with write_transaction():
        uit_settings_for_update().uitpas_on = False
    assert "uitpas_number" not in _text(client.get(f"/beheer/gezinsleden/{person.id}"))
    assert post(client, f"/beheer/gezinsleden/{person.id}", DATA).status_code == 303
    assert (person.uitpas_number, person.tariff_status) == (JADE, TariffStatus.ACTIVE)


def test_lists_of_persons_decipher_no_register_number(client, admin, connected):
    """One that was kept with a key that is gone makes no page fail."""
    person_id = make_person(make_customer(), "Jade", uitpas_number=JADE, insz=INSZ).id
    with write_transaction() as session:
        session.execute(text("UPDATE person SET insz = 'x'"))
    db.session.remove()
    for path in ("gezinsleden", "klanten", "gezinsleden/export.csv"):
        assert client.get(f"/beheer/{path}").status_code == 200
    run = post(client, "/beheer/gezinsleden/nakijken", {"id": str(person_id)}).location
    assert client.get(run).status_code == 200


def test_the_circle_stands_beside_every_number_and_says_that_there_is_no_register_number(
    app, client, admin, connected
):
    person = make_person(make_customer(), "Jade")
    url = f"/beheer/gezinsleden/{person.id}"
    assert "vl-circle" in _text(client.get(url))
    htmx = {"HX-Request": "true"}
    answer = _text(post(client, f"{url}/uitpas-opzoeken", headers=htmx))
    assert "Vul eerst het rijksregisternummer in en bewaar het." in answer
    desk = app.test_client()
    make_account("kassa@gemeente.example", ["cashier"])
    sign_in(desk, "kassa@gemeente.example")
    answer = _text(post(desk, f"{url}/uitpas-opzoeken", headers=htmx))
    assert "Bij deze persoon staat geen rijksregisternummer." in answer
    assert "Vul eerst" not in answer


def test_a_number_that_could_not_be_asked_about_is_kept_and_that_is_said(client, admin):
    person = make_person(make_customer(), "Jade")
    url = f"/beheer/gezinsleden/{person.id}"
    post(client, url, {**DATA, "uitpas_number": JADE})
    assert person.uitpas_number == JADE
    page = _text(client.get(url))
    assert "Het nummer is bewaard, maar we konden het niet nakijken bij UiTPAS." in page
    refreshed = _text(post(client, f"{url}/uitpas-vernieuwen"))
    assert "We kunnen bij UiTPAS nu geen nummers nakijken." in refreshed
    assert "Vul het nummer van de kaart in" not in refreshed


def test_taking_somebody_out_names_no_register_number_while_none_may_be_used(client, admin):
    url = f"/beheer/gezinsleden/{make_person(make_customer()).id}/verwijderen"
    assert "het rijksregisternummer en het UiTPAS-nummer zijn gewist" in _text(client.get(url))
    allow_insz("")
    page = _text(client.get(url))
    assert "het UiTPAS-nummer is gewist" in page and "ijksregister" not in page
