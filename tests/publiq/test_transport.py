"""How a call to publiq is sent, renewed, repeated, limited and written down (S3, S4)."""

import json
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from responses import matchers

from app.publiq.addresses import PRODUCTION, TEST, sandbox_addresses
from app.publiq.errors import (
    PubliqAnswerLost,
    PubliqAuthenticationFailed,
    PubliqBusy,
    PubliqForbidden,
    PubliqNotFound,
    PubliqRefused,
    PubliqUnreachable,
)
from app.publiq.exchange import Timeouts
from app.publiq.tokens import MemoryTokenStore, Token
from app.publiq.transport import Slots
from app.publiq.wire import encode, segment
from tests.publiq.support import (
    CLIENT_ID,
    CLIENT_SECRET,
    TOKEN_URL,
    answer_token,
    hang_up,
    http_answer,
    make_transport,
    silence,
    token_answer,
)

PERMISSIONS = TEST.uitpas + "/permissions"
SALES = TEST.uitpas + "/ticket-sales"


def bearer(token):
    return matchers.header_matcher({"Authorization": f"Bearer {token}"})


def ask(transport):
    return transport.call("get-permissions", "GET", "uitpas", "/permissions")


def sell(transport, **others):
    return transport.call("post-ticket-sales", "POST", "uitpas", "/ticket-sales", json=[], **others)


# Tokens


def test_the_token_is_asked_with_id_and_secret_in_the_form(http, transport):
    http.post(
        TOKEN_URL,
        json={"access_token": "token-een", "expires_in": 86400, "token_type": "Bearer"},
        match=[
            matchers.urlencoded_params_matcher(
                {
                    "grant_type": "client_credentials",
                    "client_id": CLIENT_ID,
                    "client_secret": CLIENT_SECRET,
                }
            )
        ],
    )

    token = transport.fetch_token()

    assert token.access_token == "token-een"
    assert token.expires_at > datetime.now(UTC) + timedelta(hours=23)
    assert "Authorization" not in http.calls[0].request.headers


def test_one_token_serves_many_calls(signed_in, transport):
    signed_in.get(PERMISSIONS, json=[], match=[bearer("token-een")])

    ask(transport)
    ask(transport)

    assert [call.request.url for call in signed_in.calls].count(TOKEN_URL) == 1


def test_a_token_is_renewed_five_minutes_before_its_end(http, transport, tokens):
    tokens.put(CLIENT_ID, Token("token-oud", datetime.now(UTC) + timedelta(minutes=4)))
    answer_token(http, "token-nieuw")
    http.get(PERMISSIONS, json=[], match=[bearer("token-nieuw")])

    ask(transport)

    assert tokens.get(CLIENT_ID).access_token == "token-nieuw"


def test_a_token_in_its_last_minutes_still_serves_when_no_new_one_can_be_had(
    http, transport, tokens
):
    tokens.put(CLIENT_ID, Token("token-oud", datetime.now(UTC) + timedelta(minutes=4)))
    http.post(TOKEN_URL, status=503)
    http.get(PERMISSIONS, json=[], match=[bearer("token-oud")])

    assert ask(transport) == []


def test_threads_that_need_a_token_at_once_fetch_it_once(misbehaving, recorder):
    def slow_token(server, connection):
        threading.Event().wait(0.2)
        connection.sendall(token_answer())

    server = misbehaving(slow_token, *[http_answer(b"[]")] * 8)
    tokens = MemoryTokenStore()
    answers = []

    def work():
        # A transport of its own, as every request of the application makes one.
        transport = make_transport(
            recorder, addresses=sandbox_addresses(server.base), tokens=tokens
        )
        answers.append(ask(transport))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)

    assert answers == [[]] * 8
    assert recorder.operations().count("token") == 1


def test_a_refused_token_is_replaced_once_and_the_write_repeated(http, transport, tokens):
    tokens.put(CLIENT_ID, Token("token-oud", datetime.now(UTC) + timedelta(hours=1)))
    http.post(SALES, status=401, json={"type": "x", "status": 401}, match=[bearer("token-oud")])
    answer_token(http, "token-nieuw")
    http.post(SALES, json=[], match=[bearer("token-nieuw")])

    assert sell(transport) == []
    assert len(http.calls) == 3


def test_a_token_refused_twice_fails_without_a_third_try(http, transport, recorder):
    answer_token(http, "token-een")
    http.get(PERMISSIONS, status=401, json={"title": "Unauthorized", "status": 401})
    answer_token(http, "token-twee")
    http.get(PERMISSIONS, status=401, json={"title": "Unauthorized", "status": 401})

    with pytest.raises(PubliqAuthenticationFailed) as caught:
        ask(transport)

    assert len(http.calls) == 4
    assert not caught.value.may_have_arrived
    assert recorder.last.outcome == "authentication"


def test_a_token_that_another_thread_renewed_is_used_after_a_401(http, recorder, tokens):
    tokens.put(CLIENT_ID, Token("token-oud", datetime.now(UTC) + timedelta(hours=1)))
    transport = make_transport(recorder, tokens=tokens)
    newer = Token("token-nieuw", datetime.now(UTC) + timedelta(hours=1))

    def refuse_and_renew(_):
        tokens.put(CLIENT_ID, newer)
        return 401, {}, "{}"

    http.add_callback("GET", PERMISSIONS, callback=refuse_and_renew)
    http.get(PERMISSIONS, json=[], match=[bearer("token-nieuw")])

    assert ask(transport) == []
    assert tokens.get(CLIENT_ID) == newer


@pytest.mark.parametrize("status", [400, 401])
def test_a_wrong_secret_is_said_to_be_one(http, transport, recorder, status):
    http.post(
        TOKEN_URL,
        status=status,
        json={"error": "unauthorized_client", "error_description": "Invalid client"},
    )

    with pytest.raises(PubliqAuthenticationFailed) as caught:
        ask(transport)

    assert caught.value.operation == "token"
    assert caught.value.title == "unauthorized_client"
    assert caught.value.call_id == 1
    assert recorder.last.outcome == "authentication"


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 502, "body": "<html>Bad gateway</html>", "content_type": "text/html"},
        {"status": 200, "body": "<html>Onderhoud</html>", "content_type": "text/html"},
        {"status": 200, "body": '{"token_type": "Bearer"}'},
        {"status": 200, "body": '{"access_token": "", "expires_in": 10, "token_type": "Bearer"}'},
        {"status": 302, "headers": {"Location": "https://elders.example/"}},
        {"status": 404, "body": "{}"},
    ],
)
def test_without_a_token_a_sale_never_left(http, transport, answer):
    http.post(TOKEN_URL, **answer)

    with pytest.raises(PubliqUnreachable) as caught:
        sell(transport)

    assert not caught.value.may_have_arrived
    assert caught.value.retry_safe


def test_a_sale_that_waited_too_long_for_its_token_is_not_sent(misbehaving, recorder):
    def slow_token(server, connection):
        threading.Event().wait(0.4)
        connection.sendall(token_answer())

    server = misbehaving(slow_token, http_answer(b"[]"))
    transport = make_transport(recorder, addresses=sandbox_addresses(server.base))

    with pytest.raises(PubliqBusy) as caught:
        sell(transport, timeout=Timeouts(connect=1, read=1, total=0.2))

    assert not caught.value.may_have_arrived
    assert recorder.operations() == ["token"]


def test_a_busy_token_server_is_busy(http, transport):
    http.post(TOKEN_URL, status=429, headers={"Retry-After": "7"})

    with pytest.raises(PubliqBusy) as caught:
        ask(transport)

    assert caught.value.retry_after == 7


def test_a_tested_connection_always_asks_a_new_token(http, transport, tokens):
    tokens.put(CLIENT_ID, Token("token-oud", datetime.now(UTC) + timedelta(hours=9)))
    answer_token(http, "token-nieuw")

    assert transport.fetch_token().access_token == "token-nieuw"
    assert tokens.get(CLIENT_ID).access_token == "token-nieuw"


def test_a_netrc_file_cannot_replace_the_token(signed_in, transport, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("default login vreemde password woord\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    signed_in.get(PERMISSIONS, json=[], match=[bearer("token-een")])

    assert ask(transport) == []


# What an answer means


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, PubliqRefused), (403, PubliqForbidden), (404, PubliqNotFound), (409, PubliqRefused)],
)
def test_a_problem_keeps_everything_publiq_said(signed_in, transport, recorder, status, kind):
    signed_in.post(
        SALES,
        status=status,
        content_type="application/problem+json",
        json={
            "type": "https://api.publiq.be/probs/uitpas/invalid-card-status",
            "title": "Invalid card status",
            "status": str(status),
            "detail": "The card is not active",
            "endUserMessage": {"fr": "Bloquée", "nl": "Deze UiTPAS is geblokkeerd."},
            "schemaErrors": [{"jsonPointer": "/0/tariff", "error": "wrong"}],
            "jsonPointer": "/0",
            "cardStatus": "BLOCKED",
        },
    )

    with pytest.raises(kind) as caught:
        sell(transport)

    error = caught.value
    assert error.problem == "uitpas/invalid-card-status"
    assert error.type == "https://api.publiq.be/probs/uitpas/invalid-card-status"
    assert error.status == status
    assert error.end_user_message == "Deze UiTPAS is geblokkeerd."
    assert error.schema_errors[0].json_pointer == "/0/tariff"
    assert error.json_pointer == "/0"
    assert error.extras == {"cardStatus": "BLOCKED"}
    assert not error.may_have_arrived
    assert not error.retry_safe
    assert error.call_id == len(recorder.records)
    assert recorder.last.outcome == "refused"
    assert recorder.last.problem_title == "Invalid card status"


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "json": {"title": "oops"}},
        {"status": 503, "body": "busy"},
        {"status": 408},
        {"status": 302, "headers": {"Location": "https://elders.example/"}},
        {"status": 404, "body": "<html>", "content_type": "text/html"},
        {"status": 200, "body": "<html>", "content_type": "text/html"},
        {"status": 200, "body": "[NaN]"},
        {"status": 200, "body": "[" * 100_000},
    ],
)
def test_an_answer_that_tells_nothing_leaves_a_write_unknown_and_unrepeated(
    signed_in, transport, recorder, answer
):
    signed_in.post(SALES, **answer)

    with pytest.raises(PubliqAnswerLost) as caught:
        sell(transport)

    assert caught.value.may_have_arrived
    assert not caught.value.retry_safe
    assert len(signed_in.calls) == 2
    assert recorder.last.outcome == "answer lost"


def test_a_write_whose_answer_misses_what_it_must_hold_is_unknown(signed_in, transport, recorder):
    signed_in.post(SALES, json={"unexpected": True})

    with pytest.raises(PubliqAnswerLost) as caught:
        sell(transport, parse=lambda answer: answer["id"])

    assert caught.value.call_id == 2
    assert recorder.last.outcome == "answer lost"


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_read_is_tried_once_more_when_a_gateway_fails(signed_in, transport, recorder, status):
    signed_in.get(PERMISSIONS, status=status)
    signed_in.get(PERMISSIONS, json=["goed"])

    assert ask(transport) == ["goed"]
    assert recorder.operations() == ["token", "get-permissions", "get-permissions"]


def test_a_read_fails_after_its_second_try(signed_in, transport):
    signed_in.get(PERMISSIONS, status=503)

    with pytest.raises(PubliqUnreachable) as caught:
        ask(transport)

    assert len(signed_in.calls) == 3
    assert caught.value.retry_safe
    assert not caught.value.may_have_arrived


def test_a_read_is_not_repeated_after_an_error_of_publiq_itself(signed_in, transport):
    signed_in.get(PERMISSIONS, status=500)

    with pytest.raises(PubliqUnreachable):
        ask(transport)

    assert len(signed_in.calls) == 2


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("12", 12), ("0.5", 0.5), ("-3", 0), ("999999", 3600), ("morgen", None), ("nan", None)],
)
def test_busy_says_how_long_to_wait(signed_in, transport, header, seconds):
    signed_in.post(SALES, status=429, headers={"Retry-After": header})

    with pytest.raises(PubliqBusy) as caught:
        sell(transport)

    assert caught.value.retry_after == seconds
    assert caught.value.retry_safe


def test_busy_until_a_date_is_understood(signed_in, transport):
    signed_in.post(SALES, status=429, headers={"Retry-After": "Wed, 21 Oct 2099 07:28:00 GMT"})

    with pytest.raises(PubliqBusy) as caught:
        sell(transport)

    assert caught.value.retry_after == 3600


def test_amounts_come_in_as_decimals_and_go_out_as_numbers(signed_in, transport):
    signed_in.post(
        SALES,
        body='{"price": 1.10}',
        match=[matchers.json_params_matcher({"regularPrice": 12.5, "free": 0})],
    )

    body = {"regularPrice": Decimal("12.50"), "free": Decimal("0.00")}
    answer = transport.call("x", "POST", "uitpas", "/ticket-sales", json=body)

    assert answer == {"price": Decimal("1.10")}
    assert signed_in.calls[-1].request.body == b'{"regularPrice": 12.5, "free": 0}'


# The network


def test_nobody_listening_means_nothing_was_sold(recorder):
    addresses = sandbox_addresses("http://127.0.0.1:9")
    tokens = MemoryTokenStore()
    tokens.put(CLIENT_ID, Token("token-een", datetime.now(UTC) + timedelta(hours=1)))
    transport = make_transport(recorder, addresses=addresses, tokens=tokens)

    with pytest.raises(PubliqUnreachable) as caught:
        sell(transport)

    assert not caught.value.may_have_arrived
    assert recorder.operations() == ["post-ticket-sales"]
    assert recorder.last.outcome == "unreachable"
    assert recorder.last.status is None


def test_a_host_that_does_not_exist_means_nothing_was_sold(recorder, tokens):
    addresses = sandbox_addresses("https://bestaat-niet.invalid")
    tokens.put(CLIENT_ID, Token("token-een", datetime.now(UTC) + timedelta(hours=1)))

    with pytest.raises(PubliqUnreachable):
        sell(make_transport(recorder, addresses=addresses, tokens=tokens))


def drip(server, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not server.released.wait(0.2):
        try:
            connection.sendall(b" ")
        except OSError:
            return


def half(server, connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[")


@pytest.mark.parametrize("behaviour", [hang_up, silence, drip, half])
def test_a_sale_whose_answer_is_lost_on_the_way_is_unknown_and_sent_once(
    misbehaving, recorder, behaviour
):
    server = misbehaving(token_answer(), behaviour, http_answer(b"[]"))
    transport = make_transport(
        recorder,
        addresses=sandbox_addresses(server.base),
        timeouts=Timeouts(connect=0.5, read=0.5, total=0.5),
    )

    with pytest.raises(PubliqAnswerLost) as caught:
        sell(transport)

    assert caught.value.may_have_arrived
    assert not caught.value.retry_safe
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert len(server.requests) == 2
    assert recorder.last.outcome == "answer lost"
    assert recorder.last.duration_ms < 3000


def test_a_read_is_repeated_when_the_connection_broke(misbehaving, recorder):
    server = misbehaving(token_answer(), hang_up, http_answer(b"[]"))

    assert ask(make_transport(recorder, addresses=sandbox_addresses(server.base))) == []


def test_a_read_is_not_repeated_when_it_took_too_long(misbehaving, recorder):
    server = misbehaving(token_answer(), silence, http_answer(b"[]"))
    transport = make_transport(recorder, addresses=sandbox_addresses(server.base))

    with pytest.raises(PubliqAnswerLost) as caught:
        transport.call("get-permissions", "GET", "uitpas", "/permissions", timeout=0.3)

    assert caught.value.retry_safe
    assert len(server.requests) == 2


def test_an_endless_answer_is_given_up(misbehaving, recorder, monkeypatch):
    monkeypatch.setattr("app.publiq.exchange.LARGEST_ANSWER", 1000)
    server = misbehaving(token_answer(), http_answer(b" " * 5000))
    transport = make_transport(recorder, addresses=sandbox_addresses(server.base))

    with pytest.raises(PubliqAnswerLost):
        sell(transport)


def test_a_compressed_answer_is_read(misbehaving, recorder):
    import gzip

    body = gzip.compress(json.dumps(["goed"] * 5000).encode())
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    server = misbehaving(token_answer(), head.encode() + body)

    answer = ask(make_transport(recorder, addresses=sandbox_addresses(server.base)))

    assert answer == ["goed"] * 5000


def test_redirects_are_not_followed(signed_in, transport):
    signed_in.get(PERMISSIONS, status=302, headers={"Location": "https://elders.example/"})

    with pytest.raises(PubliqUnreachable):
        ask(transport)


# Around a call


def test_a_forbidden_moment_stops_a_call_before_anything_is_sent(http, recorder):
    def refuse():
        raise RuntimeError("in a transaction")

    transport = make_transport(recorder, before_call=refuse)

    with pytest.raises(RuntimeError):
        ask(transport)
    with pytest.raises(RuntimeError):
        transport.fetch_token()

    assert recorder.records == []


def test_with_all_slots_taken_a_call_fails_at_once_and_they_are_given_back(
    misbehaving, recorder, tokens
):
    def wait(server, connection):
        server.released.wait(5)
        connection.sendall(http_answer(b"[]"))

    server = misbehaving(wait, http_answer(b"[]"))
    tokens.put(CLIENT_ID, Token("token-een", datetime.now(UTC) + timedelta(hours=1)))
    transport = make_transport(
        recorder,
        addresses=sandbox_addresses(server.base),
        tokens=tokens,
        slots=Slots(1),
        timeouts=Timeouts(1, 10, 10),
    )
    first = threading.Thread(target=ask, args=(transport,))
    first.start()
    while not server.requests:
        threading.Event().wait(0.01)

    with pytest.raises(PubliqBusy) as caught:
        ask(transport)
    server.released.set()
    first.join(timeout=5)

    assert not caught.value.may_have_arrived
    assert ask(transport) == []


def test_a_slot_is_given_back_after_a_failure(signed_in, recorder, tokens):
    transport = make_transport(recorder, tokens=tokens, slots=Slots(1))
    signed_in.post(SALES, status=500)
    signed_in.get(PERMISSIONS, json=[])

    with pytest.raises(PubliqAnswerLost):
        sell(transport)

    assert ask(transport) == []


@pytest.mark.parametrize("base", ["http://sandbox.example:5001", "ftp://127.0.0.1", "sandbox"])
def test_secrets_never_travel_in_the_clear(recorder, base):
    with pytest.raises(ValueError, match="https"):
        make_transport(recorder, addresses=sandbox_addresses(base))


@pytest.mark.parametrize(
    "base", ["http://127.0.0.1:5001", "http://localhost:5001/", "http://[::1]"]
)
def test_a_sandbox_on_this_machine_needs_no_https(recorder, base):
    make_transport(recorder, addresses=sandbox_addresses(base))


def test_the_sandbox_keeps_every_service_below_its_base():
    addresses = sandbox_addresses("http://127.0.0.1:5001/")

    assert addresses.uitpas == "http://127.0.0.1:5001/uitpas"
    assert addresses.event_page_of("abc") == "http://127.0.0.1:5001/event/abc/preview"
    assert PRODUCTION.taxonomy == TEST.taxonomy


def test_cookies_are_not_kept(signed_in, transport):
    signed_in.get(PERMISSIONS, json=[], headers={"Set-Cookie": "spoor=1; Path=/"})

    ask(transport)
    ask(transport)

    assert "Cookie" not in signed_in.calls[-1].request.headers


@pytest.mark.parametrize("value", ["", " ", ".", ".."])
def test_an_id_that_would_change_the_address_is_refused(value):
    with pytest.raises(ValueError, match="id"):
        segment(value)


def test_an_id_cannot_leave_its_place_in_the_address():
    assert segment("a/../b?c#d") == "a%2F..%2Fb%3Fc%23d"


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), float("nan")])
def test_a_number_that_json_does_not_know_is_refused(value):
    with pytest.raises(ValueError):
        encode({"price": value})
