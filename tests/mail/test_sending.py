"""The outbox: what is due goes out once, and again when it did not."""

import email
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email import policy
from pathlib import Path

import pytest
import time_machine
from aiosmtpd.controller import Controller
from sqlalchemy import select

from app.clock import now
from app.extensions import db, end_read, in_transaction, write_transaction
from app.mail import sending
from app.mail.models import MailMessage
from app.mail.outbox import (
    Attachment,
    MailState,
    count_failed_mails,
    find_mails,
    put_mail,
    send_again,
    state_of,
)
from app.mail.sending import PAUSES, send_due_mails


class Inbox:
    """A mail server's idea of what arrived; refuses as told."""

    def __init__(self):
        self.arrived = []
        self.refusals = []
        self.in_transaction = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.arrived.append(envelope)
        return "250 OK"


@contextmanager
def _server(handler):
    """A mail server on a free port of loopback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@pytest.fixture
def inbox(app):
    """A server, and the configuration that points at it."""
    handler = Inbox()
    with _server(handler) as port:
        _use(app, f"smtp://127.0.0.1:{port}")
        yield handler


def _use(app, url):
    app.config["LOKET"] = replace(app.config["LOKET"], mail_url=url)


def _put(subject="Dag", recipient="an@voorbeeld.be", **more):
    with write_transaction():
        put_mail("welcome", recipient, subject, "Fijn dat je er bent: één regel.\n", **more)


def _mail():
    return db.session.scalars(select(MailMessage).execution_options(populate_existing=True)).one()


def _read(content):
    return email.message_from_bytes(content, policy=policy.default)


def test_a_mail_goes_out_once(inbox):
    _put(attachments=[Attachment("kamp.ics", "text/calendar", "BEGIN:VCALENDAR")])
    assert send_due_mails() == 1
    assert send_due_mails() == 0
    (envelope,) = inbox.arrived
    assert envelope.rcpt_tos == ["an@voorbeeld.be"]
    letter = _read(envelope.content)
    assert letter["Subject"] == "Dag"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert "één regel" in letter.get_body().get_content()
    assert [part.get_filename() for part in letter.iter_attachments()] == ["kamp.ics"]
    assert state_of(_mail()) is MailState.SENT


def test_nothing_is_put_in_the_outbox_without_an_address(app):
    _put(recipient="")
    assert db.session.scalar(select(MailMessage)) is None


def test_a_subject_with_a_line_break_adds_no_header(inbox):
    _put(subject="Dag\r\nBcc: iemand@voorbeeld.be")
    send_due_mails()
    letter = _read(inbox.arrived[0].content)
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Dag Bcc: iemand@voorbeeld.be"


def test_a_server_that_is_away_is_tried_again_with_growing_pauses(app):
    _use(app, "smtp://127.0.0.1:9")
    _put()
    with time_machine.travel(now(), tick=False) as clock:
        for pause in PAUSES[:3]:
            assert send_due_mails() == 0
            assert _mail().last_error.startswith("De mailserver antwoordt niet")
            assert _mail().next_try_at - now() == pause
            end_read()
            assert send_due_mails() == 0
            clock.shift(pause)
    assert _mail().attempts == 3


def test_after_the_last_pause_a_mail_is_given_up(app):
    _use(app, "smtp://127.0.0.1:9")
    _put()
    with time_machine.travel(now(), tick=False) as clock:
        for pause in PAUSES:
            send_due_mails()
            clock.shift(pause + timedelta(seconds=1))
        assert send_due_mails() == 0
    assert state_of(_mail()) is MailState.FAILED
    assert count_failed_mails() == 1


def test_an_address_refused_for_good_is_not_tried_again(inbox):
    inbox.refusals = ["550 no such user"]
    _put()
    send_due_mails()
    assert state_of(_mail()) is MailState.FAILED
    assert _mail().last_error == "De mailserver weigert dit adres (550 no such user)."


def test_an_address_refused_for_now_is_tried_again(inbox):
    inbox.refusals = ["451 try later"]
    _put()
    send_due_mails()
    assert state_of(_mail()) is MailState.WAITING


def test_one_mail_that_fails_holds_up_no_other(inbox):
    inbox.refusals = ["550 no such user"]
    _put("Een")
    _put("Twee")
    assert send_due_mails() == 1
    assert _read(inbox.arrived[0].content)["Subject"] == "Twee"


def test_two_processes_send_a_mail_once(inbox, app):
    for number in range(6):
        _put(f"Mail {number}")
    ready = threading.Barrier(2)

    def run():
        with app.app_context():
            ready.wait()
            send_due_mails()
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    subjects = sorted(_read(envelope.content)["Subject"] for envelope in inbox.arrived)
    assert subjects == [f"Mail {number}" for number in range(6)]


def test_no_transaction_is_open_while_the_server_is_spoken_to(inbox, monkeypatch):
    seen = []
    real = sending.open_carrier

    def watched():
        seen.append(in_transaction())
        return real()

    monkeypatch.setattr(sending, "open_carrier", watched)
    _put()
    send_due_mails()
    assert seen == [False]


def test_a_folder_gets_one_file_for_each_mail(app, tmp_path):
    _use(app, f"file:{tmp_path / 'mail met spatie'}")
    _put()
    send_due_mails()
    (path,) = Path(tmp_path / "mail met spatie").iterdir()
    assert path.suffix == ".eml"
    assert _read(path.read_bytes())["To"] == "an@voorbeeld.be"


def test_a_password_does_not_go_over_an_open_line(app, monkeypatch):
    from app.mail import carriers

    _put()
    monkeypatch.setattr(carriers, "LOOPBACK", set())
    handler = Inbox()
    with _server(handler) as port:
        _use(app, f"smtp://an:geheim@127.0.0.1:{port}")
        send_due_mails()
    assert "geen beveiligde verbinding" in _mail().last_error
    assert "geheim" not in _mail().last_error
    assert handler.arrived == []


def test_a_mail_can_be_sent_again(inbox):
    _put()
    send_due_mails()
    assert send_again(_mail().id)
    assert send_due_mails() == 1
    assert len(inbox.arrived) == 2
    first, second = (_read(envelope.content)["Message-ID"] for envelope in inbox.arrived)
    assert first == second
    assert not send_again(999)


def test_mails_are_found_by_text_state_and_kind(inbox):
    _put("Welkom An")
    send_due_mails()
    _put("Welkom Bo", recipient="bo@voorbeeld.be")

    def found(*wanted):
        return [mail.subject for mail in db.session.scalars(find_mails(*wanted))]

    assert found() == ["Welkom Bo", "Welkom An"]
    assert found("bo@voorbeeld") == ["Welkom Bo"]
    assert found("", MailState.SENT) == ["Welkom An"]
    assert found("", MailState.WAITING) == ["Welkom Bo"]
    assert found("", MailState.FAILED) == []
    assert found("", None, "confirmation") == []
