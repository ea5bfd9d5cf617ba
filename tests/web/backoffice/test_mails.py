"""The screen Mails."""

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app.clock import now
from app.extensions import db, write_transaction
from app.mail.models import MailMessage
from app.mail.outbox import put_mail
from app.web.backoffice.mails import with_links
from tests.web.backoffice.staff_client import post, signed_in, words

LINK = "https://vrij.voorbeeld.be/wachtwoord/abc.def"


@pytest.fixture
def admin(app):
    return signed_in(app, "admin")


def _put(kind="welcome", text=f"Kijk hier: {LINK}."):
    with write_transaction() as session:
        mail = put_mail(kind, "an@voorbeeld.be", "Welkom <An>", text)
        session.flush()
        return mail.id


def test_mails_are_listed_with_their_state(admin):
    assert "Geen mails gevonden" in words(admin.get("/beheer/mails"))
    _put()
    answer = words(admin.get("/beheer/mails?stand=waiting&soort=welcome"))
    assert "Welkom &lt;An&gt;" in answer
    assert "Wacht" in answer
    assert "Geen mails gevonden" in words(admin.get("/beheer/mails?stand=sent"))


def test_a_mail_is_read_with_links_that_can_be_followed(admin):
    answer = words(admin.get(f"/beheer/mails/{_put()}"))
    assert f'<a href="{LINK}">{LINK}</a>.' in answer
    assert admin.get("/beheer/mails/999").status_code == 404


def test_a_link_into_somebodys_account_is_shown_in_the_demo_only(app, admin):
    mail_id = _put("password_reset")
    assert LINK not in words(admin.get(f"/beheer/mails/{mail_id}"))
    app.config["LOKET"] = replace(app.config["LOKET"], demo=True)
    assert f'href="{LINK}"' in words(admin.get(f"/beheer/mails/{mail_id}"))


def test_what_stands_in_a_mail_cannot_become_markup():
    assert with_links('<script>"x"</script> https://a.be/?a=1&b=2') == (
        "&lt;script&gt;&#34;x&#34;&lt;/script&gt; "
        '<a href="https://a.be/?a=1&amp;b=2">https://a.be/?a=1&amp;b=2</a>'
    )


def test_a_mail_that_failed_can_be_sent_again(admin):
    mail_id = _put()
    with write_transaction() as session:
        session.execute(update(MailMessage).values(next_try_at=None, attempts=8, last_error="Weg"))
    assert "De laatste poging lukte niet" in words(admin.get(f"/beheer/mails/{mail_id}"))
    answer = post(admin, f"/beheer/mails/{mail_id}/opnieuw", follow_redirects=True)
    assert "De mail gaat opnieuw de deur uit." in words(answer)
    mail = db.session.scalar(select(MailMessage))
    assert mail.next_try_at <= now()
    assert mail.attempts == 0


@pytest.mark.parametrize("role", ["cashier", "monitor"])
def test_only_admins_see_them(app, role):
    client = signed_in(app, role)
    assert client.get("/beheer/mails").status_code == 403
    assert client.get(f"/beheer/mails/{_put()}").status_code == 403
