import time

import pytest

from app.sandbox.faults import fits
from tests.sandbox.calling import CREDENTIALS, TOKEN_PATH, event_body, sale

EMMA = "0910000000117"
FAULTS = "/sandbox/storingen"


def switch_on(call, operation, kind, **fields):
    answer = call("POST", FAULTS, {"operation": operation, "kind": kind, **fields})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("operation", "method", "path", "expected"),
    [
        ("alles", "GET", "/io/events/x", True),
        ("token", "POST", TOKEN_PATH, True),
        ("uitpas", "GET", "/uitpas/passes", True),
        ("uitpas", "GET", "/io/events/x", False),
        ("POST /ticket-sales", "POST", "/uitpas/ticket-sales", True),
        ("POST /ticket-sales", "GET", "/uitpas/ticket-sales", False),
        ("post /uitpas/ticket-sales", "POST", "/uitpas/ticket-sales", True),
        ("GET /events/{id}", "GET", "/io/events/abc", True),
        ("GET /events/{id}", "GET", "/io/events/abc/x", False),
        ("/passes", "GET", "/uitpas/passes", True),
    ],
)
def test_a_fault_fits_what_it_names(operation, method, path, expected):
    assert fits(operation, method, path) is expected


def test_down_answers_a_web_page_as_often_as_asked(call):
    switch_on(call, "uitpas", "plat", count=2)
    for _ in range(2):
        answer = call("GET", "/uitpas/permissions")
        assert (answer.status_code, answer.mimetype) == (503, "text/html")
    assert call("GET", "/uitpas/permissions").status_code == 200


def test_a_fault_without_a_count_lasts_until_it_is_switched_off(call):
    switch_on(call, "alles", "fout-500")
    for _ in range(3):
        assert call("GET", "/search/places").status_code == 500
    assert call("POST", FAULTS + "/alles-uit", {}).status_code == 200
    assert call("GET", "/search/places").status_code == 200


def test_a_lost_answer_is_a_sale_that_was_registered_all_the_same(call):
    event_id = call.event()
    switch_on(call, "POST /ticket-sales", "antwoord-kwijt", count=1)
    with pytest.raises(ConnectionResetError):
        call.sell(sale(event_id, EMMA))
    assert call("GET", f"/uitpas/ticket-sales?eventId={event_id}").json["totalItems"] == 1


def test_an_answer_too_late_was_carried_out_too(call):
    switch_on(call, "POST /events", "antwoord-te-laat", seconds=0.2, count=1)
    start = time.monotonic()
    body = event_body(call)
    with pytest.raises(ConnectionResetError):
        call("POST", "/io/events", body)
    assert time.monotonic() - start >= 0.2
    assert call("GET", "/search/events?creator=demo").json["totalItems"] == 1


def test_a_dropped_connection_did_nothing(call):
    switch_on(call, "POST /events", "verbroken", count=1)
    body = event_body(call)
    with pytest.raises(ConnectionResetError):
        call("POST", "/io/events", body)
    assert call("GET", "/search/events?creator=demo").json["totalItems"] == 0


def test_slow_is_slow_and_then_answers(call):
    switch_on(call, "search", "traag", seconds=0.2, count=1)
    start = time.monotonic()
    assert call("GET", "/search/places").status_code == 200
    assert time.monotonic() - start >= 0.2


def test_an_expired_token_needs_a_new_one(call):
    switch_on(call, "uitpas", "verlopen-token", count=1)
    assert call("GET", "/uitpas/permissions").status_code == 401
    assert call("GET", "/uitpas/permissions").status_code == 401
    call.sign_in()
    assert call("GET", "/uitpas/permissions").status_code == 200


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        ("uitpas/social-tariff-expired", 400),
        ("https://api.publiq.be/probs/auth/forbidden", 403),
        ("uitpas/ticket-sale-not-found", 404),
        ("", 403),
    ],
)
def test_refused_is_refused_with_the_chosen_problem(call, problem, status):
    switch_on(call, "uitpas", "geweigerd", problem=problem, count=1)
    answer = call("GET", "/uitpas/permissions")
    assert answer.status_code == status
    assert answer.json["type"].startswith("https://api.publiq.be/probs/")
    assert answer.json["endUserMessage"]["nl"]


def test_too_many_calls_may_say_when_to_come_back(call):
    switch_on(call, "token", "te-vaak", seconds=7, count=1)
    answer = call.http.post(TOKEN_PATH, data=CREDENTIALS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    switch_on(call, "token", "te-vaak", count=1)
    assert "Retry-After" not in call.http.post(TOKEN_PATH, data=CREDENTIALS).headers


@pytest.mark.parametrize(
    "fields", [{"kind": "?"}, {"kind": "traag", "seconds": "x"}, {"kind": "plat", "count": "0"}]
)
def test_a_fault_that_makes_no_sense_is_refused_on_its_page(call, fields):
    answer = call.http.post(FAULTS, data={"operation": "io", **fields})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert call.http.get(FAULTS + "?format=json").json == []


def test_faults_never_touch_the_pages(call):
    switch_on(call, "alles", "plat")
    assert call.http.get("/sandbox/").status_code == 200
