"""'Test de verbinding' (S1)."""

import requests
import responses
from sqlalchemy import delete, select

from app.extensions import db, write_transaction
from app.jobs import run_job
from app.publiq.addresses import TEST
from app.publiq.tokens import TOKEN_PATH
from app.settings.environments import (
    EnvironmentInput,
    environment_view,
    organizer_permissions,
    save_environment,
)
from app.settings.models import Environment, OrganizerPermission
from app.settings.testing import last_report, test_connection


def test_it_lists_the_organizers_and_what_we_may_do_there(connected):
    report = test_connection(Environment.SANDBOX)
    assert report.ok
    assert report.token
    assert report.missing == []
    assert report.organizers
    assert "voordelen opvragen" in report.organizers[0].words
    kept = organizer_permissions(Environment.SANDBOX)
    assert {row.organizer_id for row in kept} == {item.id for item in report.organizers}
    assert environment_view(Environment.SANDBOX).tested_at is not None


def test_the_last_report_can_be_shown_again_without_asking(connected):
    report = test_connection(Environment.SANDBOX)
    assert last_report(Environment.SANDBOX) == report


def test_without_credentials_it_says_so(app):
    report = test_connection(Environment.TEST)
    assert not report.ok
    assert report.problem_field == "client_id"
    assert "nog niet ingesteld voor test" in report.problem
    assert last_report(Environment.TEST) is None


def test_a_wrong_secret_is_said_at_the_secret(app):
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "fout", ""))
    report = test_connection(Environment.SANDBOX)
    assert (report.ok, report.token) == (False, False)
    assert report.problem_field == "client_secret"
    assert report.problem.startswith("publiq aanvaardt dit geheim niet")


def test_when_publiq_is_down_it_says_to_try_later(connected, sandbox_url):
    requests.post(
        f"{sandbox_url}/sandbox/storingen",
        data={"operation": "token", "kind": "plat"},
        timeout=10,
    )
    report = test_connection(Environment.SANDBOX)
    assert report.problem == "publiq antwoordt nu niet. Probeer het straks opnieuw."
    assert report.problem_field == ""


def test_each_night_our_permissions_are_asked_anew(connected):
    test_connection(Environment.SANDBOX)
    with write_transaction() as session:
        session.execute(delete(OrganizerPermission))
    assert run_job("permissions")
    assert organizer_permissions(Environment.SANDBOX)


def test_a_connection_that_was_never_tested_is_not_asked_by_itself(connected):
    assert run_job("permissions")
    assert organizer_permissions(Environment.SANDBOX) == []


def test_a_night_in_which_publiq_does_not_answer_leaves_what_we_knew(connected, sandbox_url):
    known = test_connection(Environment.SANDBOX).organizers
    requests.post(
        f"{sandbox_url}/sandbox/storingen",
        data={"operation": "GET /permissions", "kind": "plat", "count": "5"},
        timeout=10,
    )
    assert run_job("permissions")
    assert len(organizer_permissions(Environment.SANDBOX)) == len(known) > 0


@responses.activate
def test_missing_permissions_are_said_so_that_they_can_be_forwarded(app):
    save_environment(Environment.TEST, EnvironmentInput("gemeente", "geheim", ""))
    responses.post(TEST.account + TOKEN_PATH, json={"access_token": "t", "expires_in": 600})
    responses.get(
        TEST.uitpas + "/permissions",
        json=[
            {
                "organizer": {"id": "o1", "name": "Cultuurdienst"},
                "permissionDetails": [{"id": "TARIFFS_READ"}, {"id": "PASSES_READ"}],
            }
        ],
    )
    report = test_connection(Environment.TEST)
    assert report.token
    assert not report.ok
    (sentence,) = report.missing
    assert sentence == (
        "Voor Cultuurdienst mogen we bij UiTPAS nog niet: verkopen registreren en ongedaan maken "
        "en verkopen opzoeken. Wil je onze client id gemeente (test) deze rechten geven: "
        "TICKETSALES_REGISTER, TICKETSALES_SEARCH?"
    )


@responses.activate
def test_no_organizers_at_all_is_missing_too(app):
    save_environment(Environment.TEST, EnvironmentInput("gemeente", "geheim", ""))
    responses.post(TEST.account + TOKEN_PATH, json={"access_token": "t", "expires_in": 600})
    responses.get(TEST.uitpas + "/permissions", json=[])
    report = test_connection(Environment.TEST)
    assert "voor geen enkele organisator rechten" in report.missing[0]
    assert db.session.scalar(select(OrganizerPermission)) is None
