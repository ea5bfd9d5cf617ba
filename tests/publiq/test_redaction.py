"""Register numbers, tokens and secrets are never written down; of UiTPAS answers only ids (S4)."""

import json
import logging
import traceback
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.publiq import Publiq
from app.publiq.addresses import TEST, sandbox_addresses
from app.publiq.errors import PubliqError
from app.publiq.redaction import (
    INSZ_MARK,
    LONGEST_BODY,
    SECRET_MARK,
    body_text,
    mask_uitpas_number,
    redact_body,
    redact_text,
    redact_url,
    uitpas_answer,
)
from app.publiq.tokens import MemoryTokenStore, Token
from tests.publiq.support import (
    CLIENT_ID,
    CLIENT_SECRET,
    EVENT,
    INSZ,
    PASS_NUMBER,
    answer_token,
    http_answer,
    make_transport,
    silence,
)

WRITINGS = [
    "83030201540",
    "83.03.02-015.40",
    "83 03 02 015 40",
    "830302-015-40",
    "830302 01540",
    "83/03/02-015/40",
    "83.03.02 – 015.40",
    "83%2E03%2E02%2D015%2E40",
    "83%20030201540",
]


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize(
    "sentence",
    ["{}", "nummer {}.", "INSZ{}x", '"{}"', "({})", "insz={}&x=1", "/insz-numbers/{}", "é{}é"],
)
def test_a_register_number_goes_however_it_is_written(writing, sentence):
    redacted = redact_text(sentence.format(writing))

    assert INSZ_MARK in redacted
    assert "015" not in redacted


@given(
    st.from_regex(r"\A[0-9]{11}\Z"),
    st.text(st.characters(exclude_categories=["Nd", "No", "Cs"]), max_size=5),
    st.text(st.characters(exclude_categories=["Nd", "No", "Cs"]), max_size=5),
)
def test_no_eleven_digits_in_a_row_survive(number, before, after):
    if before.endswith("+") and number.startswith("324"):
        before += "."
    assert number not in redact_text(before + number + after)


@pytest.mark.parametrize(
    "text",
    [
        EVENT,
        f"https://io-test.uitdatabank.be/events/{EVENT}",
        "12345678-1234-1234-1234-830302015401",
        "7a1083030201540ffffffffffffffff0",
        "2027-06-18T19:30:00+02:00",
        "2027-06-18 19:30:00",
        "BE68 5390 0754 7034",
        "+++010/8068/17183+++",
        "+32 9 123 45 67",
        "+32470123456",
        "€ 12,50 en € 1.250,00",
        "Zomerkamp 2027, 6-12 jaar, 9000 Gent",
    ],
)
def test_other_numbers_stay_as_they_are(text):
    assert redact_text(text) == text


def test_a_register_number_after_an_encoded_space_is_no_phone_number():
    born_in_1932 = "32470112345"
    valid = born_in_1932[:9] + f"{97 - int(born_in_1932[:9]) % 97:02}"

    assert redact_text("identifier=+" + valid) == "identifier=+" + INSZ_MARK


def test_a_pass_number_is_masked():
    assert mask_uitpas_number(PASS_NUMBER) == "0900…113"
    assert redact_text(f"pas {PASS_NUMBER}!") == "pas 0900…113!"
    assert redact_text("0900 010 959 113") == "0900…113"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (INSZ, INSZ_MARK),
        ("83.03.02-015.40", INSZ_MARK),
        (PASS_NUMBER, "0900…113"),
        ("04784CDAEE3880", "[kenmerk]"),
        ("8303020154", "[kenmerk]"),
        ("", "[kenmerk]"),
    ],
)
def test_what_identifies_a_pass_is_not_in_the_address(value, shown):
    assert redact_url(f"{TEST.uitpas}/passes?identifier={value}") == (
        f"{TEST.uitpas}/passes?identifier={shown}"
    )


def test_an_address_keeps_what_may_be_read():
    url = f"{TEST.search}/places?q=name.%5C%2A%3A%28de+AND+zaa%2A%29&postalCode=9000&labels%5B%5D=a"

    assert redact_url(url) == (
        f"{TEST.search}/places?q=name.\\*:(de AND zaa*)&postalCode=9000&labels[]=a"
    )


def test_credentials_in_an_address_are_not_shown():
    assert redact_url("https://wie:wat@host.example/a?access_token=abcdef12345") == (
        f"https://host.example/a?access_token={SECRET_MARK}"
    )


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer abc.def-123456",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "grant_type=client_credentials&client_secret=c2lnbmF0dXJl",
    ],
)
def test_tokens_and_secrets_in_text_go(text):
    redacted = redact_text(text)

    assert SECRET_MARK in redacted
    assert "c2lnbmF0dXJl" not in redacted
    assert "abc.def-123456" not in redacted


def test_a_body_is_kept_without_what_is_nobodys_business():
    body = {
        "name": {"nl": "Kamp"},
        "contact": f"bel {INSZ}",
        "nested": [{"inszNumber": "whatever", "n": 83030201540, "p": Decimal("12.50")}],
        "uitpasNumber": PASS_NUMBER,
        "client_secret": "woord",
        "short": 1030201527,
        "pass": 1000000520006,
        "yes": True,
        f"key {INSZ}": 1,
    }

    text = json.dumps(redact_body(body), default=str)

    assert INSZ not in text
    assert PASS_NUMBER not in text
    assert "whatever" not in text
    assert "woord" not in text
    assert "1000000520006" not in text
    assert "Kamp" in text
    assert "12.50" in text


def test_of_uitpas_answers_only_ids_are_kept():
    answer = {
        "passholderId": "b34c19fc-bcf9-4d10-aeb2-6bc9efd38b68",
        "uitpasNumber": PASS_NUMBER,
        "firstName": "Jan",
        "points": 12,
        "postalCode": "9000",
        "socialTariff": {"status": "ACTIVE", "endDate": "2027-12-31T22:59:59"},
        "messages": [{"level": "WARN", "text": "Je tarief is verlopen."}],
        "cardSystem": {"id": 1, "name": "UiTPAS Gent"},
        "passholder": {"id": "p-1", "inszNumber": INSZ, "name": "Peeters"},
    }

    assert uitpas_answer(answer) == {
        "passholderId": "b34c19fc-bcf9-4d10-aeb2-6bc9efd38b68",
        "cardSystem": {"id": 1},
        "passholder": {"id": "p-1"},
    }


def test_of_a_refusal_by_uitpas_the_problem_is_kept():
    problem = {
        "type": "https://api.publiq.be/probs/uitpas/invalid-card-status",
        "title": f"Card of {INSZ} is blocked",
        "status": 400,
        "endUserMessage": {"nl": "Deze pas is geblokkeerd."},
        "firstName": "Jan",
    }

    kept = uitpas_answer(problem)

    assert kept["type"] == problem["type"]
    assert kept["title"] == f"Card of {INSZ_MARK} is blocked"
    assert kept["endUserMessage"] == {"nl": "Deze pas is geblokkeerd."}
    assert "firstName" not in kept


def test_a_very_long_body_is_cut():
    assert len(body_text({"text": "a" * 50_000})) == LONGEST_BODY + 1
    assert body_text(None) is None


# Through the transport


def planted(recorder, error=None):
    """Everything that leaves the client towards logs and people, as one text."""
    shown = [repr(record) for record in recorder.records]
    if error is not None:
        shown += [str(error), repr(error), "".join(traceback.format_exception(error))]
    return "\n".join(shown)


def assert_clean(text, *secrets):
    for secret in (INSZ, "83.03.02-015.40", CLIENT_SECRET, "token-een", PASS_NUMBER, *secrets):
        assert secret not in text, secret


def test_a_refused_look_up_leaves_no_trace_of_the_number(signed_in, publiq, recorder):
    signed_in.get(
        TEST.uitpas + "/passes",
        status=404,
        json={
            "type": "https://api.publiq.be/probs/uitpas/pass-not-found",
            "title": f"No pass for {INSZ}",
            "status": 404,
            "detail": f"Looked for 83.03.02-015.40 with Bearer token-een and {CLIENT_SECRET}",
        },
    )

    with pytest.raises(PubliqError) as caught:
        publiq.uitpas.find_pass(INSZ, purpose=f"opzoeken {INSZ}")

    assert_clean(planted(recorder, caught.value))
    assert str(caught.value) == "get-passes: uitpas/pass-not-found (404)"
    assert INSZ not in caught.value.title
    assert recorder.last.purpose == f"opzoeken {INSZ_MARK}"
    assert recorder.last.url.endswith(f"/passes?identifier={INSZ_MARK}")


def test_a_look_up_that_fails_on_the_way_leaves_no_trace(misbehaving, recorder):
    tokens = MemoryTokenStore()
    tokens.put(CLIENT_ID, Token("token-een", datetime.now(UTC) + timedelta(hours=1)))
    server = misbehaving(silence)
    for base in (server.base, "http://127.0.0.1:9", "https://bestaat-niet.invalid"):
        transport = make_transport(recorder, addresses=sandbox_addresses(base), tokens=tokens)

        with pytest.raises(PubliqError) as caught:
            Publiq(transport).uitpas.find_pass(INSZ)

        assert_clean(planted(recorder, caught.value))
        assert caught.value.__context__ is None


def test_at_debug_no_library_writes_secret_token_or_number(misbehaving, recorder, caplog):
    caplog.set_level(logging.DEBUG)
    token = b'{"access_token": "token-een", "expires_in": 60, "token_type": "Bearer"}'
    server = misbehaving(http_answer(token), http_answer(b'{"status": 404}', "404 Not Found"))
    transport = make_transport(recorder, addresses=sandbox_addresses(server.base))

    with pytest.raises(PubliqError):
        Publiq(transport).uitpas.find_pass(INSZ)

    assert f"identifier={INSZ}".encode() in server.requests[1]
    assert_clean(caplog.text)


def test_the_record_of_a_token_holds_neither_token_nor_secret(signed_in, transport, recorder):
    transport.fetch_token()

    record = recorder.last
    assert (record.operation, record.outcome, record.status) == ("token", "ok", 200)
    assert record.request_body is None
    assert record.response_body is None
    assert_clean(planted(recorder))


def test_a_token_never_shows_itself():
    assert "token-een" not in repr(Token("token-een", datetime.now(UTC)))


def test_a_secret_that_publiq_echoes_is_not_written_down(http, transport, recorder):
    answer_token(http)
    http.post(
        TEST.io + "/events",
        status=400,
        json={"type": f"about:{CLIENT_SECRET}", "title": f"{CLIENT_SECRET} token-een"},
    )

    with pytest.raises(PubliqError):
        transport.call("event-post", "POST", "io", "/events", json={"echo": CLIENT_SECRET})

    assert_clean(planted(recorder))


def test_a_sale_is_recorded_with_ids_and_a_masked_number(signed_in, transport, recorder):
    signed_in.post(
        TEST.uitpas + "/ticket-sales",
        json=[{"id": "21345", "uitpasNumber": PASS_NUMBER, "passholder": {"inszNumber": INSZ}}],
    )

    transport.call(
        "post-ticket-sales",
        "POST",
        "uitpas",
        "/ticket-sales",
        json=[{"eventId": EVENT, "uitpasNumber": PASS_NUMBER, "regularPrice": Decimal("12.50")}],
        purpose="bestelling 12",
    )

    record = recorder.last
    assert json.loads(record.response_body) == [{"id": "21345"}]
    assert json.loads(record.request_body) == [
        {"eventId": EVENT, "uitpasNumber": "0900…113", "regularPrice": 12.5}
    ]
    assert record.started_at.tzinfo is UTC
    assert record.duration_ms >= 0
    assert record.purpose == "bestelling 12"
