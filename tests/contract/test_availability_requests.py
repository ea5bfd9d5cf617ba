"""What tells publiq of places and status is as its documents describe, whatever changed (D14)."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
import responses as responses_library
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.publiq import Publiq
from app.publiq.addresses import TEST
from app.publiq.tokens import MemoryTokenStore, Token
from app.publiq.transport import Transport
from app.uitdatabank.availability_requests import requests_for, send
from app.uitdatabank.told import Told
from tests.contract import openapi

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(not openapi.available, reason=openapi.reason_unavailable),
]
ANYWHERE = re.compile("https://.*")
EVENT = "5a0967f9-cc06-4c3c-9206-30481a767434"
START = datetime(2030, 1, 7, 8, tzinfo=UTC)
STATES = st.tuples(
    st.sampled_from(["Available", "TemporarilyUnavailable", "Unavailable"]),
    st.sampled_from(["", "Lesgever ziek"]),
    st.booleans(),
)


@pytest.fixture
def publiq():
    tokens = MemoryTokenStore()
    tokens.put("client", Token("token", datetime(2100, 1, 1, tzinfo=UTC)))
    return Publiq(
        Transport(
            addresses=TEST,
            client_id="client",
            client_secret="secret",
            tokens=tokens,
            record=lambda record: None,
            before_call=lambda: None,
            slots=None,
        )
    )


def event_of(states):
    """An event at publiq whose dates stand so."""
    dates = []
    for index, (kind, reason, full) in enumerate(states):
        start = START + timedelta(days=index)
        status = {"type": kind}
        if reason and kind != "Available":
            status["reason"] = {"nl": reason}
        dates.append(
            {
                "id": index,
                "startDate": start.isoformat(),
                "endDate": (start + timedelta(hours=2)).isoformat(),
                "status": status,
                "bookingAvailability": {"type": "Unavailable" if full else "Available"},
            }
        )
    return {"subEvent": dates}


def told(states):
    return [
        Told(
            (START + timedelta(days=index)).isoformat(timespec="seconds"),
            kind,
            "" if kind == "Available" else reason,
            full,
        )
        for index, (kind, reason, full) in enumerate(states)
    ]


def checked(request):
    """Check one request against publiq's documents."""
    path = "/" + request.url.removeprefix("https://").partition("/")[2]
    body = json.loads(request.body) if request.body else None
    openapi.validate_request("entry", request.method, path, headers=request.headers, json=body)
    return 204, {}, ""


@settings(max_examples=80, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.lists(st.tuples(STATES, STATES), min_size=1, max_size=6))
def test_every_request_is_as_publiq_describes_it_and_there_are_two_at_most(publiq, states):
    before, after = [one for one, _ in states], [other for _, other in states]
    theirs = event_of(before)
    with responses_library.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in ("PUT", "PATCH"):
            mock.add_callback(method, ANYWHERE, callback=checked)
        send(publiq.entry, EVENT, requests_for(theirs, told(after), told(before)))
        assert len(mock.calls) <= 2
        if told(after) != told(before):
            assert mock.calls


@pytest.mark.parametrize("status", ["Unavailable", "TemporarilyUnavailable", "Available"])
def test_a_weekly_schedule_is_told_its_status_only(publiq, status):
    theirs = {"calendarType": "periodic", "status": {"type": "Available"}}
    known = [Told("", "Unavailable" if status == "Available" else "Available")]
    if status == "Available":
        theirs["status"] = {"type": "Unavailable"}
    with responses_library.RequestsMock() as mock:
        mock.add_callback("PUT", f"{TEST.io}/events/{EVENT}/status", callback=checked)
        send(publiq.entry, EVENT, requests_for(theirs, [Told("", status)], known))
        assert [call.request.method for call in mock.calls] == ["PUT"]


def test_deleting_an_event_is_as_publiq_describes_it(publiq):
    with responses_library.RequestsMock() as mock:
        mock.add_callback("DELETE", f"{TEST.io}/events/{EVENT}", callback=checked)
        publiq.entry.delete_event(EVENT)
