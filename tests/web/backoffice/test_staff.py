"""The screen Medewerkers (C15)."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.mail.models import MailMessage
from app.people.models import Account, Role
from tests.signing_in import make_account, sign_in
from tests.web.backoffice.staff_client import post, signed_in, words

URL = "/beheer/instellingen/medewerkers"


@pytest.fixture
def admin(app):
    return signed_in(app, "admin")


def _account(email):
    return db.session.scalar(select(Account).where(Account.email == email))


def test_an_invitation_is_mailed_and_stands_in_the_list(admin):
    answer = post(
        admin,
        URL,
        {"name": "Bo Maes", "email": "Bo@voorbeeld.be", "roles": ["cashier", "monitor"]},
        follow_redirects=True,
    )
    assert "De uitnodiging voor bo@voorbeeld.be gaat de deur uit." in words(answer)
    assert "Kassier, Monitor" in words(answer)
    assert "Uitgenodigd" in words(answer)
    mail = db.session.scalar(select(MailMessage))
    assert (mail.kind, mail.recipient) == ("invitation", "bo@voorbeeld.be")
    assert "Hanne Lindewater nodigt je uit" in mail.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "bo@voorbeeld.be", "roles": ["cashier"]}, "Vul de naam van je collega in."),
        ({"name": "Bo", "roles": ["cashier"]}, "Vul het e-mailadres in"),
        ({"name": "Bo", "email": "bo@", "roles": ["cashier"]}, "Kijk dit e-mailadres na"),
        ({"name": "Bo", "email": "bo@voorbeeld.be"}, "Kies minstens één rol."),
        (
            {"name": "Hanne", "email": "admin@voorbeeld.be", "roles": ["cashier"]},
            "Dit e-mailadres heeft al een rol.",
        ),
    ],
)
def test_a_bad_invitation_gets_a_sentence(admin, typed, sentence):
    answer = post(admin, URL, typed)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert db.session.scalar(select(MailMessage)) is None


def test_roles_can_be_changed(admin):
    other = make_account("bo@voorbeeld.be", ["cashier"]).id
    post(admin, f"{URL}/{other}", {"roles": ["monitor"]})
    assert _account("bo@voorbeeld.be").roles == {Role.MONITOR}


def test_the_last_admin_keeps_the_role(admin):
    me = _account("admin@voorbeeld.be").id
    answer = post(admin, f"{URL}/{me}", {"roles": ["cashier"]})
    assert answer.status_code == 422
    assert "Dit is de enige beheerder" in words(answer)
    assert _account("admin@voorbeeld.be").is_admin


def test_nobody_blocks_themselves(admin):
    me = _account("admin@voorbeeld.be").id
    answer = post(admin, f"{URL}/{me}/blokkeren", follow_redirects=True)
    assert "Je kan jezelf niet blokkeren." in words(answer)


def test_who_is_blocked_is_out_at_once_and_can_be_let_in_again(app, admin):
    other = make_account("bo@voorbeeld.be", ["cashier"]).id
    client = app.test_client()
    sign_in(client, "bo@voorbeeld.be")
    assert client.get("/beheer/").status_code == 200
    answer = post(admin, f"{URL}/{other}/blokkeren", follow_redirects=True)
    assert "kan zich niet meer aanmelden" in words(answer)
    assert client.get("/beheer/").status_code == 302
    post(admin, f"{URL}/{other}/deblokkeren")
    sign_in(client, "bo@voorbeeld.be")
    assert client.get("/beheer/").status_code == 200


def test_signing_out_everywhere_ends_every_session(app, admin):
    other = make_account("bo@voorbeeld.be", ["cashier"]).id
    client = app.test_client()
    sign_in(client, "bo@voorbeeld.be")
    post(admin, f"{URL}/{other}/afmelden")
    assert client.get("/beheer/").status_code == 302


def test_a_customer_is_no_colleague(admin):
    customer = make_account("ouder@voorbeeld.be", customer=True).id
    assert admin.get(f"{URL}/{customer}").status_code == 404
    assert post(admin, f"{URL}/{customer}/blokkeren").status_code == 404


@pytest.mark.parametrize("role", ["cashier", "monitor"])
def test_only_admins_see_it(app, role):
    assert signed_in(app, role).get(URL).status_code == 403
