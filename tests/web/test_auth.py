"""Signing in and out, signing up, and choosing a password, through requests."""

import re
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from app.clock import now
from app.extensions import db, limiter
from app.mail.models import MailMessage
from app.people.models import Account, AccountSession
from tests.signing_in import PASSWORD, csrf_token, make_account, post, sign_in

NO_MATCH = "Dit e-mailadres en wachtwoord passen niet bij elkaar."
NEW = {
    "first_name": "An",
    "last_name": "De Smet",
    "email": "an@voorbeeld.be",
    "postal_code": "9000",
    "password": "een lang wachtwoord",
}


@pytest.fixture(autouse=True)
def _fresh_limits(app):
    limiter.reset()


def _try(client, email, password, **kwargs):
    return post(client, "/aanmelden", {"email": email, "password": password}, **kwargs)


def _text(answer):
    return answer.get_data(as_text=True)


def _sessions():
    return db.session.scalar(select(func.count(AccountSession.id)))


def _link_in_last_mail():
    text = db.session.scalar(select(MailMessage.text).order_by(MailMessage.id.desc()))
    found = re.search(r"/wachtwoord/[^\s]+", text)
    return found.group(0) if found else None


def test_a_customer_signs_in_and_goes_to_the_offer(client):
    make_account("ouder@voorbeeld.be", customer=True)
    assert sign_in(client, "ouder@voorbeeld.be").location == "/aanbod"


def test_the_address_may_be_typed_in_capitals_and_with_spaces(client):
    make_account("ouder@voorbeeld.be", customer=True)
    assert sign_in(client, "  Ouder@Voorbeeld.BE ").location == "/aanbod"


@pytest.mark.parametrize("role", ["admin", "cashier", "monitor"])
def test_staff_go_to_the_back_office(client, role):
    make_account("personeel@voorbeeld.be", [role])
    assert sign_in(client, "personeel@voorbeeld.be").location == "/beheer"


def test_one_goes_on_to_where_one_was_going(client):
    make_account("ouder@voorbeeld.be", customer=True)
    answer = sign_in(client, "ouder@voorbeeld.be", onward="/mijn/gezin?x=1")
    assert answer.location == "/mijn/gezin?x=1"


def test_a_customer_is_not_sent_to_the_back_office(client):
    make_account("ouder@voorbeeld.be", customer=True)
    assert sign_in(client, "ouder@voorbeeld.be", onward="/beheer").location == "/aanbod"


@pytest.mark.parametrize(
    "target",
    [
        "https://elders.example/",
        "//elders.example/",
        "/\\elders.example",
        "\\\\elders.example",
        "/\t/elders.example",
        "javascript:alert(1)",
        "elders.example",
        "/afmelden",
    ],
)
def test_a_way_onward_to_another_site_is_ignored(client, target):
    make_account("ouder@voorbeeld.be", customer=True)
    assert sign_in(client, "ouder@voorbeeld.be", onward=target).location == "/aanbod"


@pytest.mark.parametrize("email", ["ouder@voorbeeld.be", "niemand@voorbeeld.be"])
def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client, email):
    make_account("ouder@voorbeeld.be", customer=True)
    answer = _try(client, email, "iets helemaal anders")
    assert answer.status_code == 422
    assert NO_MATCH in _text(answer)
    assert f'value="{email}"' in _text(answer)
    assert "iets helemaal anders" not in _text(answer)
    assert _sessions() == 0


def test_empty_fields_are_named(client):
    text = _text(_try(client, "", ""))
    assert "Vul je e-mailadres in." in text and "Vul je wachtwoord in." in text


def test_a_form_without_csrf_token_is_refused(client):
    make_account("ouder@voorbeeld.be", customer=True)
    data = {"email": "ouder@voorbeeld.be", "password": PASSWORD}
    assert client.post("/aanmelden", data=data).status_code == 400
    assert _sessions() == 0


def test_after_ten_failed_tries_even_the_right_password_waits(client):
    make_account("ouder@voorbeeld.be", customer=True)
    for _ in range(10):
        assert _try(client, "ouder@voorbeeld.be", "mis").status_code == 422
    answer = _try(client, "ouder@voorbeeld.be", PASSWORD)
    assert answer.status_code == 429
    assert "Wacht een kwartier" in _text(answer)
    assert 'value="ouder@voorbeeld.be"' in _text(answer)


def test_another_account_may_still_sign_in_from_that_address(client):
    make_account("ouder@voorbeeld.be", customer=True)
    make_account("ander@voorbeeld.be", customer=True)
    for _ in range(11):
        _try(client, "ouder@voorbeeld.be", "mis")
    assert sign_in(client, "ander@voorbeeld.be").location == "/aanbod"


def test_the_account_may_still_sign_in_from_another_address(client):
    make_account("ouder@voorbeeld.be", customer=True)
    for _ in range(11):
        _try(client, "ouder@voorbeeld.be", "mis")
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    answer = _try(client, "ouder@voorbeeld.be", PASSWORD, environ_overrides=elsewhere)
    assert answer.status_code == 303


def test_one_address_cannot_try_many_accounts(client):
    for number in range(60):
        _try(client, f"nummer{number}@voorbeeld.be", "mis")
    assert _try(client, "nog.een@voorbeeld.be", "mis").status_code == 429


def test_a_success_forgets_the_failed_tries(client):
    make_account("ouder@voorbeeld.be", customer=True)
    for _ in range(9):
        _try(client, "ouder@voorbeeld.be", "mis")
    sign_in(client, "ouder@voorbeeld.be")
    assert _try(client, "ouder@voorbeeld.be", "mis").status_code == 422


def test_a_quarter_of_an_hour_later_one_may_try_again(client):
    make_account("ouder@voorbeeld.be", customer=True)
    for _ in range(11):
        _try(client, "ouder@voorbeeld.be", "mis")
    with time_machine.travel(now() + timedelta(minutes=31), tick=True):
        assert sign_in(client, "ouder@voorbeeld.be").location == "/aanbod"


def test_the_session_is_another_one_after_signing_in(client):
    make_account("ouder@voorbeeld.be", customer=True)
    token = csrf_token(client, "/aanmelden")
    before = client.get_cookie("vrijloket").value
    sign_in(client, "ouder@voorbeeld.be")
    after = client.get_cookie("vrijloket").value
    assert before != after
    old = {"email": "ouder@voorbeeld.be", "password": PASSWORD, "csrf_token": token}
    assert client.post("/aanmelden", data=old).status_code == 400


def test_each_sign_in_is_a_session_of_its_own(app):
    make_account("ouder@voorbeeld.be", customer=True)
    for _ in range(2):
        sign_in(app.test_client(), "ouder@voorbeeld.be")
    assert _sessions() == 2


def test_signing_out_ends_the_session_on_the_server_too(client):
    make_account("ouder@voorbeeld.be", customer=True)
    sign_in(client, "ouder@voorbeeld.be")
    stolen = client.get_cookie("vrijloket").value
    assert post(client, "/afmelden").status_code == 303
    assert _sessions() == 0
    client.set_cookie("vrijloket", stolen)
    assert client.get("/mijn/gezin").status_code == 302


def test_signing_out_twice_does_no_harm(client):
    assert post(client, "/afmelden").status_code == 303


def test_who_is_signed_in_does_not_see_the_form_again(client):
    make_account("ouder@voorbeeld.be", customer=True)
    sign_in(client, "ouder@voorbeeld.be")
    assert client.get("/aanmelden?verder=/mijn/gezin").location == "/mijn/gezin"


def test_a_page_for_who_is_signed_in_asks_to_sign_in_and_comes_back(client):
    answer = client.get("/mijn/gezin?a=b")
    assert answer.status_code == 302
    assert answer.location == "/aanmelden?verder=/mijn/gezin?a%3Db"


def test_htmx_is_told_to_move_the_whole_page_when_the_sign_in_lapsed(client):
    here = {"HX-Request": "true", "HX-Current-URL": "http://localhost/mijn/gezin"}
    answer = client.get("/mijn/gezin", headers=here)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/aanmelden?verder=/mijn/gezin"


def test_a_new_customer_signs_up_and_goes_to_the_family(client):
    answer = post(client, "/registreren", NEW)
    assert answer.location == "/mijn/gezin"
    account = db.session.scalar(select(Account))
    assert account.email == "an@voorbeeld.be" and not account.is_staff
    assert account.customer.name == "An De Smet" and account.customer.postal_code == "9000"
    assert account.password_hash.startswith("$argon2id$")
    assert client.get("/mijn/gezin").status_code == 200


def test_a_new_customer_goes_on_to_where_was_asked(client):
    answer = post(client, "/registreren?verder=/aanbod/3-zwemmen", NEW)
    assert answer.location == "/aanbod/3-zwemmen"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("first_name", " ", "Vul je voornaam in."),
        ("last_name", "", "Vul je naam in."),
        ("email", "", "Vul je e-mailadres in, dan kunnen we je bevestiging sturen."),
        ("email", "an.voorbeeld.be", "Kijk dit e-mailadres na"),
        ("email", "an@voorbeeld", "Kijk dit e-mailadres na"),
        ("postal_code", "", "Vul je postcode in"),
        ("postal_code", "90000", "Een postcode heeft vier cijfers, zoals 9000."),
        ("postal_code", "0900", "Een postcode heeft vier cijfers, zoals 9000."),
        ("password", "", "Kies een wachtwoord."),
        ("password", "te kort", "Kies een wachtwoord van minstens 10 tekens."),
        ("password", "An@voorbeeld.be", "Kies een wachtwoord dat niet je e-mailadres is."),
    ],
)
def test_what_is_wrong_at_signing_up_is_said_at_its_field(client, field, value, sentence):
    answer = post(client, "/registreren", {**NEW, field: value})
    text = _text(answer)
    assert answer.status_code == 422
    assert sentence in text
    assert f'id="{field}-fout"' in text and f'href="#{field}"' in text
    if field != "last_name":
        assert 'value="De Smet"' in text
    assert db.session.scalar(select(func.count(Account.id))) == 0


def test_an_address_that_has_an_account_is_said_so(client):
    make_account("an@voorbeeld.be", customer=True)
    answer = post(client, "/registreren", {**NEW, "email": "AN@voorbeeld.be"})
    assert "Er is al een aanmelding met dit e-mailadres." in _text(answer)


def test_a_forgotten_password_gets_the_same_answer_for_every_address(client):
    make_account("ouder@voorbeeld.be", customer=True)
    known = _text(post(client, "/wachtwoord-vergeten", {"email": "ouder@voorbeeld.be"}))
    unknown = _text(post(client, "/wachtwoord-vergeten", {"email": "niemand@voorbeeld.be"}))
    csrf = re.compile(r'"(X-CSRFToken": "|csrf_token" value=")[^"]+')
    known = csrf.sub("", known.replace("ouder@", "niemand@"))
    assert "Kijk in je mailbox" in known
    assert known == csrf.sub("", unknown)


def test_a_reset_link_works_once(client):
    make_account("ouder@voorbeeld.be", customer=True)
    sign_in(client, "ouder@voorbeeld.be")
    post(client, "/wachtwoord-vergeten", {"email": "ouder@voorbeeld.be"})
    link = _link_in_last_mail()
    assert "ouder@voorbeeld.be" in _text(client.get(link))
    answer = post(client, link, {"password": "een nieuw wachtwoord"})
    assert answer.location == "/aanmelden"
    assert _sessions() == 0
    assert client.get(link).status_code == 410
    assert post(client, link, {"password": "nog een ander woord"}).status_code == 410
    assert _try(client, "ouder@voorbeeld.be", PASSWORD).status_code == 422
    assert sign_in(client, "ouder@voorbeeld.be", "een nieuw wachtwoord").location == "/aanbod"


def test_a_reset_link_works_two_hours(client):
    make_account("ouder@voorbeeld.be", customer=True)
    post(client, "/wachtwoord-vergeten", {"email": "ouder@voorbeeld.be"})
    link = _link_in_last_mail()
    with time_machine.travel(now() + timedelta(minutes=119), tick=True):
        assert client.get(link).status_code == 200
    with time_machine.travel(now() + timedelta(minutes=121), tick=True):
        answer = client.get(link)
    assert answer.status_code == 410
    assert "Deze link werkt niet meer" in _text(answer)


def test_a_link_somebody_made_up_does_not_work(client):
    assert client.get("/wachtwoord/WzEsImEiXQ.abc.def").status_code == 410


def test_a_weak_new_password_is_refused_and_the_link_still_works(client):
    make_account("ouder@voorbeeld.be", customer=True)
    post(client, "/wachtwoord-vergeten", {"email": "ouder@voorbeeld.be"})
    link = _link_in_last_mail()
    answer = post(client, link, {"password": "kort"})
    assert answer.status_code == 422 and "minstens 10 tekens" in _text(answer)
    assert client.get(link).status_code == 200


def test_an_unknown_address_gets_a_mail_without_a_link(client):
    post(client, "/wachtwoord-vergeten", {"email": "niemand@voorbeeld.be"})
    assert db.session.scalar(select(MailMessage.recipient)) == "niemand@voorbeeld.be"
    assert _link_in_last_mail() is None


def test_a_forgotten_password_sends_no_flood_of_mails(client):
    make_account("ouder@voorbeeld.be", customer=True)
    for _ in range(12):
        answer = post(client, "/wachtwoord-vergeten", {"email": "ouder@voorbeeld.be"})
        assert answer.status_code == 200
    assert db.session.scalar(select(func.count(MailMessage.id))) == 8
