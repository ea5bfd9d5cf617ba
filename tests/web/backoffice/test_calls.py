"""The screen Oproepenlog (S4)."""

from datetime import timedelta

import pytest

from app.clock import now, today
from app.extensions import write_transaction
from app.settings.environments import EnvironmentInput, save_environment
from app.settings.models import CallOutcome, Environment, PubliqCall
from tests.queries import count_queries
from tests.web.backoffice.staff_client import post, signed_in, words


@pytest.fixture
def admin(app):
    return signed_in(app, "admin")


def _put(count=1, **values):
    defaults = {
        "environment": Environment.SANDBOX,
        "duration_ms": 120,
        "operation": "get-tariffs",
        "method": "GET",
        "url": "https://uitpas.example/tariffs",
        "outcome": CallOutcome.OK,
        "status": 200,
    }
    with write_transaction() as session:
        rows = [
            PubliqCall(**({"started_at": now() - timedelta(seconds=n)} | defaults | values))
            for n in range(count)
        ]
        session.add_all(rows)
        session.flush()
        return rows[0].id


def test_the_log_says_what_will_stand_there(admin):
    assert "Geen oproepen gevonden" in words(admin.get("/beheer/oproepen"))


def test_filters_stay_in_the_address_and_in_the_form(admin):
    _put(operation="event-put", outcome=CallOutcome.REFUSED, purpose="Circuskamp publiceren")
    _put()
    answer = words(
        admin.get(f"/beheer/oproepen?zoeken=circuskamp&afloop=refused&van={today().isoformat()}")
    )
    assert "Circuskamp publiceren" in answer
    assert "1 tot 1 van 1 oproepen" in answer
    assert 'value="circuskamp"' in answer
    assert '<option value="refused" selected>' in answer


def test_nonsense_in_a_filter_is_no_error(admin):
    answer = admin.get("/beheer/oproepen?van=gisteren&afloop=raar&pagina=x&oproep=%00")
    assert answer.status_code == 200


def test_the_log_is_paged_without_a_query_for_each_row(admin):
    _put(3)
    with count_queries() as few:
        admin.get("/beheer/oproepen")
    _put(57)
    with count_queries() as many:
        answer = admin.get("/beheer/oproepen")
    assert len(many) == len(few)
    assert "1 tot 50 van 60 oproepen" in words(answer)
    assert "51 tot 60 van 60" in words(admin.get("/beheer/oproepen?pagina=2"))


def test_one_call_shows_publiqs_own_words_and_the_bodies(admin):
    call_id = _put(
        outcome=CallOutcome.REFUSED,
        status=400,
        problem_title="Invalid <data>",
        problem_type="https://api.publiq.be/probs/body/invalid-data",
        request_body='{"naam": "Circuskamp"}',
        response_body="geen JSON…",
        duration_ms=345,
        activity_id=12,
    )
    answer = words(admin.get(f"/beheer/oproepen/{call_id}"))
    for part in ("Invalid &lt;data&gt;", "probs/body/invalid-data", "345 ms", "geen JSON…"):
        assert part in answer
    assert "&#34;naam&#34;: &#34;Circuskamp&#34;" in answer
    assert "activiteit=12" in answer
    assert admin.get("/beheer/oproepen/999").status_code == 404


def test_after_a_real_call_no_secret_stands_in_the_log(admin):
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "een-geheim-9731", ""))
    post(admin, "/beheer/instellingen/uit/oefenomgeving/test")
    assert "Aanmelden lukt niet" in words(admin.get("/beheer/oproepen"))
    for url in ("/beheer/oproepen", "/beheer/oproepen/1"):
        assert "een-geheim-9731" not in words(admin.get(url))


@pytest.mark.parametrize("role", ["cashier", "monitor"])
def test_only_admins_see_the_log(app, role):
    client = signed_in(app, role)
    assert client.get("/beheer/oproepen").status_code == 403
    assert client.get("/beheer/oproepen/1").status_code == 403
