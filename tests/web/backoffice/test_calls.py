"""The screen Oproepenlog (S4)."""

from datetime import timedelta

import pytest

from app.clock import now, today
from app.extensions import write_transaction
from app.settings.environments import EnvironmentInput, save_environment
from app.settings.models import CallOutcome, Environment, PubliqCall
from tests.making import make_activity
from tests.queries import count_queries
from tests.uitdatabank.support import connect, ready_activity
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


def _rows(answer):
    page = words(answer)
    return page.split("<tbody>")[1].split("</tbody>")[0] if "<tbody>" in page else ""


def test_the_tab_uitdatabank_leads_to_the_calls_of_its_activity(admin):
    from app.uitdatabank.publishing import publish

    connect()
    mine, other = ready_activity("Winterbos-kamp"), ready_activity("Circuskamp")
    assert publish(mine.id).ok and publish(other.id).ok
    tab = words(admin.get(f"/beheer/activiteiten/{mine.id}/uitdatabank"))
    assert f'href="/beheer/oproepen?activiteit={mine.id}">Oproepen van deze activiteit</a>' in tab
    page = admin.get(f"/beheer/oproepen?activiteit={mine.id}")
    assert "Alleen oproepen voor" in words(page) and "Winterbos-kamp" in words(page)
    assert f'name="activiteit" value="{mine.id}"' in words(page), "it stays in the form"
    assert _rows(page).count("Activiteit publiceren") >= 2


def test_the_form_finds_calls_by_the_title_or_the_number_of_an_activity(admin):
    camp, other, both = (make_activity(title) for title in ("Boskamp 7", "Zeekamp", "Boskamp 8"))
    _put(activity_id=camp.id, purpose="eerste")
    _put(activity_id=other.id, purpose="tweede")
    _put(activity_id=both.id, purpose="derde")
    _put(purpose="zonder activiteit")
    page = admin.get("/beheer/oproepen", query_string={"activiteit": "BOSKAMP"})
    assert "eerste" in _rows(page) and "derde" in _rows(page)
    assert "tweede" not in _rows(page) and "zonder activiteit" not in _rows(page)
    assert 'value="BOSKAMP"' in words(page)
    assert f'href="/beheer/oproepen?activiteit={camp.id}">Boskamp 7</a>' in words(page)
    page = admin.get("/beheer/oproepen", query_string={"activiteit": other.id})
    assert "tweede" in _rows(page) and "eerste" not in _rows(page)
    page = admin.get("/beheer/oproepen", query_string={"activiteit": "50%"})
    assert "Geen enkele activiteit heeft ‘50%’ in de titel." in words(page)
    assert _rows(page) == ""


def test_the_activity_combines_with_every_other_filter(admin):
    from tests.signing_in import make_account

    camp, an = make_activity("Boskamp"), make_account("an@voorbeeld.be", ["admin"])
    fits = {
        "activity_id": camp.id,
        "operation": "event-put",
        "outcome": CallOutcome.REFUSED,
        "account_id": an.id,
        "account_name": "An",
    }
    _put(purpose="dit is ze", **fits)
    for name, value in (
        ("activity_id", make_activity("Zeekamp").id),
        ("operation", "event-get"),
        ("outcome", CallOutcome.OK),
        ("account_id", None),
        ("started_at", now() - timedelta(days=3)),
    ):
        _put(purpose=f"niet: {name}", **(fits | {name: value}))
    day = today().isoformat()
    asked = {"van": day, "tot": day, "oproep": "event-put", "afloop": "refused", "wie": an.id}
    for activity in ("boskamp", str(camp.id)):
        page = admin.get("/beheer/oproepen", query_string=asked | {"activiteit": activity})
        assert "dit is ze" in _rows(page) and "niet:" not in _rows(page)
        shown = words(page)
        assert f'value="{activity}"' in shown and shown.count(f'value="{day}"') == 2
        for chosen in ("event-put", "refused", str(an.id)):
            assert f'<option value="{chosen}" selected>' in shown


def test_the_pages_of_a_filtered_log_keep_the_activity(admin):
    camp = make_activity("Boskamp")
    _put(60, activity_id=camp.id)
    page = words(admin.get("/beheer/oproepen?activiteit=boskamp&afloop=ok"))
    assert "activiteit=boskamp" in page.split("</table>")[1]
    assert "51 tot 60 van 60" in words(admin.get("/beheer/oproepen?activiteit=boskamp&pagina=2"))


def test_a_title_that_fits_many_activities_costs_no_more_queries(admin):
    counts = []
    for number in range(12):
        _put(activity_id=make_activity(f"Boskamp {number}").id)
        with count_queries() as sent:
            page = words(admin.get("/beheer/oproepen?activiteit=boskamp"))
        counts.append(len(sent))
    assert counts[1] == counts[-1] and "en nog andere: typ meer van de titel" in page


@pytest.mark.parametrize("role", ["cashier", "monitor"])
def test_only_admins_see_the_log(app, role):
    client = signed_in(app, role)
    assert client.get("/beheer/oproepen").status_code == 403
    assert client.get("/beheer/oproepen/1").status_code == 403
