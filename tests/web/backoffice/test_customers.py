"""Customers in the back office, through requests as staff send them."""

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.people.models import Account, Customer
from app.settings.models import AuditEntry
from tests.making import make_customer, make_person
from tests.queries import count_queries
from tests.signing_in import make_account, post, sign_in


@pytest.fixture
def admin(client):
    """An admin who signed in on ``client``."""
    account = make_account("beheer@gemeente.example", ["admin"], first_name="Bea")
    sign_in(client, "beheer@gemeente.example")
    return account


@pytest.fixture
def cashier(client):
    """A cashier who signed in on ``client``."""
    account = make_account("kassa@gemeente.example", ["cashier"], first_name="Kas")
    sign_in(client, "kassa@gemeente.example")
    return account


def _text(answer):
    return answer.get_data(as_text=True)


def _actions():
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_cashier_makes_a_customer_with_only_a_name(client, cashier):
    data = {"first_name": "Omer", "last_name": "Wils"}
    answer = post(client, "/beheer/klanten/nieuw", data)
    customer = db.session.scalars(select(Customer)).one()
    assert answer.location == f"/beheer/klanten/{customer.id}"
    assert (customer.name, customer.email, customer.account) == ("Omer Wils", "", None)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_label) == ("klant gemaakt", "Omer Wils")
    assert entry.account_name == cashier.name


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("first_name", "", "Vul een voornaam in."),
        ("last_name", " ", "Vul een naam in."),
        ("email", "omer.wils", "Kijk dit e-mailadres na"),
        ("postal_code", "99950", "Een postcode heeft vier cijfers, zoals 9000."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(client, cashier, field, typed, sentence):
    data = {"first_name": "Omer", "last_name": "Wils", field: typed}
    answer = post(client, "/beheer/klanten/nieuw", data)
    assert answer.status_code == 422
    assert sentence in _text(answer) and f'href="#{field}"' in _text(answer)
    assert db.session.scalar(select(func.count(Customer.id))) == 0


def test_customers_are_found_on_parts_of_name_and_e_mail(client, cashier):
    make_customer("Omer", "Wils", email="omer@mail.example")
    make_customer("Ann", "Bal_100%", email="ann@mail.example")
    for typed, found, missing in (
        ("wil om", "Wils Omer", "Ann"),
        ("ANN@MAIL", "Bal_100% Ann", "Omer"),
        ("_100%", "Bal_100% Ann", "Omer"),
    ):
        answer = _text(client.get("/beheer/klanten", query_string={"zoeken": typed}))
        assert found in answer and missing not in answer.split("<table")[1]
    assert "Geen klanten gevonden" in _text(client.get("/beheer/klanten?zoeken=niemand"))


def test_the_list_is_paged_and_asks_no_more_for_more_customers(client, cashier):
    for number in range(3):
        make_person(make_customer("Klant", f"A{number}"), "Kind")
    client.get("/beheer/klanten")
    with count_queries() as few:
        client.get("/beheer/klanten")
    for number in range(57):
        make_person(make_customer("Klant", f"B{number:02d}"), "Kind")
    with count_queries() as many:
        first = _text(client.get("/beheer/klanten"))
    assert len(many) <= len(few)
    assert first.count('<th scope="row">') == 50 and "1 tot 50 van 60 klanten" in first
    second = _text(client.get("/beheer/klanten?pagina=2"))
    assert second.count('<th scope="row">') == 10
    assert client.get("/beheer/klanten?pagina=onzin").status_code == 200


def test_the_page_of_a_customer_shows_persons_and_the_way_to_the_orders(client, cashier):
    customer = make_customer("Omer", "Wils")
    make_person(customer, "Lou", "Wils", uitpas_number="0900010959113")
    page = _text(client.get(f"/beheer/klanten/{customer.id}"))
    assert f'href="/beheer/bestellingen?klant={customer.id}"' in page
    assert "Lou Wils" in page and "0900 010 959 113" in page and "Niet gekend" in page


def test_an_unknown_customer_is_not_found(client, cashier):
    for path in ("999", "999/bewerken", "999/gezinsleden/nieuw"):
        assert client.get(f"/beheer/klanten/{path}").status_code == 404


def test_details_are_changed_and_the_audit_trail_names_the_fields(client, cashier):
    customer = make_customer("Omer", "Wils", email="omer@mail.example")
    url = f"/beheer/klanten/{customer.id}/bewerken"
    assert 'value="omer@mail.example"' in _text(client.get(url))
    data = {"first_name": "Omer", "last_name": "Wils", "email": "o@mail.example", "phone": "1"}
    assert post(client, url, data).status_code == 303
    assert customer.email == "o@mail.example"
    entry = db.session.scalars(select(AuditEntry)).one()
    assert entry.action == "klant gewijzigd"
    assert entry.detail == {"velden": ["e-mailadres", "postcode", "telefoon"]}


def test_an_admin_changes_the_address_a_customer_signs_in_with(client, admin):
    account = make_account("oud@gezin.example", customer=True)
    url = f"/beheer/klanten/{account.customer.id}/bewerken"
    data = {"first_name": "Sofie", "last_name": "Peeters", "email": "Nieuw@gezin.example"}
    assert post(client, url, data).status_code == 303
    assert (account.email, account.customer.email) == ("nieuw@gezin.example",) * 2


def test_a_cashier_cannot_take_over_an_account_by_its_address(client, cashier):
    account = make_account("oud@gezin.example", customer=True)
    url = f"/beheer/klanten/{account.customer.id}/bewerken"
    assert 'name="email"' not in _text(client.get(url))
    data = {"first_name": "Sofie", "last_name": "Peeters", "email": "kassa2@gemeente.example"}
    assert post(client, url, data).status_code == 303
    assert (account.email, account.customer.email) == ("oud@gezin.example",) * 2


def test_two_accounts_never_get_one_address(client, admin):
    account = make_account("oud@gezin.example", customer=True)
    make_account("bezet@gezin.example", customer=True)
    url = f"/beheer/klanten/{account.customer.id}/bewerken"
    data = {"first_name": "Sofie", "last_name": "Peeters"}
    answer = post(client, url, {**data, "email": "bezet@gezin.example"})
    assert answer.status_code == 422
    assert "Met dit e-mailadres meldt iemand anders zich al aan." in _text(answer)
    assert post(client, url, {**data, "email": ""}).status_code == 422
    emails = set(db.session.scalars(select(Account.email)))
    assert {"oud@gezin.example", "bezet@gezin.example"} < emails
    assert _actions() == []


@pytest.mark.parametrize("role", ["monitor", ""])
def test_others_do_not_see_customers(client, role):
    make_account("ander@gemeente.example", [role] if role else [], customer=True)
    sign_in(client, "ander@gemeente.example")
    for path in ("/beheer/klanten", "/beheer/klanten/nieuw", "/beheer/gezinsleden"):
        assert client.get(path).status_code == 403
