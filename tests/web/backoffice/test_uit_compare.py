"""Comparing with UiTdatabank, deleting the event, and what the tab tells (D14)."""

import pytest
import requests

from app.extensions import write_transaction
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.checking import check_with_publiq
from app.uitdatabank.publishing import link_of, publish
from tests.queries import count_queries
from tests.uitdatabank.support import connect, event_at_publiq, fault, ready_activity
from tests.web.backoffice.staff_client import post, signed_in
from tests.web.backoffice.test_uit_profiles import profile
from tests.web.reading import text


@pytest.fixture
def admin(app):
    connect()
    return signed_in(app, "admin")


@pytest.fixture
def activity(admin):
    made = ready_activity()
    assert publish(made.id).ok
    return made


def tab(activity, path=""):
    return f"/beheer/activiteiten/{activity.id}/uitdatabank{path}"


def by_hand(sandbox_url, activity, action, words=""):
    answer = requests.post(
        f"{sandbox_url}/sandbox/events/{link_of(activity.id).event_id}",
        json={"action": action, "text": words},
        timeout=10,
    )
    assert answer.status_code == 200, answer.text


def change(activity, **fields):
    with write_transaction():
        for name, value in fields.items():
            setattr(profile(activity), name, value)


def test_the_tab_lists_what_changed_since_with_old_and_new_value(admin, activity):
    from app.uitdatabank.editing import refresh_activity

    change(activity, description="Helemaal anders.")
    refresh_activity(activity.id)
    shown = text(admin.get(tab(activity)))
    assert "omschrijving: Een week buiten spelen in het bos. → Helemaal anders." in shown


def test_the_page_says_what_somebody_changed_there_and_what_stays(admin, activity, sandbox_url):
    by_hand(sandbox_url, activity, "title", "Ander kamp")
    by_hand(sandbox_url, activity, "label", "natuur")
    by_hand(sandbox_url, activity, "translation", "Stage d'hiver")
    by_hand(sandbox_url, activity, "picture", "In het bos")
    change(activity, description="Helemaal anders.")
    shown = text(admin.get(tab(activity, "/vergelijken")))
    assert "Ander kamp" in shown and "Publiceren overschrijft wat daar staat." in shown
    assert "Publiceren laat dit staan: natuur." in shown
    assert "Publiceren laat dit staan: In het bos." in shown
    assert "Publiceren laat dit staan: Frans." in shown
    assert "Helemaal anders." in shown and "Publiceren stuurt de nieuwe waarde." in shown
    assert [one["part"] for one in link_of(activity.id).differences] == ["titel"]


def test_publishing_from_the_page_overwrites_ours_and_keeps_theirs(admin, activity, sandbox_url):
    by_hand(sandbox_url, activity, "title", "Ander kamp")
    by_hand(sandbox_url, activity, "label", "natuur")
    answer = post(admin, tab(activity, "/vergelijken"), follow_redirects=True)
    assert "Het event in UiTdatabank is bijgewerkt." in text(answer)
    event = event_at_publiq(sandbox_url, link_of(activity.id).event_id)
    assert event["name"]["nl"] == "Winterbos-kamp" and "natuur" in event["labels"]
    assert "Alles is gelijk" not in text(admin.get(tab(activity, "/vergelijken"))), "their label"


def test_an_event_as_we_sent_it_is_all_alike(admin, activity):
    shown = text(admin.get(tab(activity, "/vergelijken")))
    assert "Alles is gelijk" in shown and "titel, omschrijving, data" in shown


def test_publiq_being_away_is_said_and_one_can_still_go_back(admin, activity, sandbox_url):
    fault(sandbox_url, "io", "plat", count=None)
    answer = admin.get(tab(activity, "/vergelijken"))
    assert answer.status_code == 200
    assert "We konden het event nu niet ophalen" in text(answer)
    assert "UiTdatabank antwoordt nu niet." in text(answer)


def test_an_event_that_is_gone_says_what_to_do(admin, activity, sandbox_url):
    by_hand(sandbox_url, activity, "delete")
    shown = text(admin.get(tab(activity, "/vergelijken")))
    assert (
        "Dit event bestaat niet meer bij UiTdatabank" in shown and "Verwijder dan de link" in shown
    )
    assert "Dit event bestaat niet meer bij UiTdatabank" in text(admin.get(tab(activity)))


def test_what_the_nightly_check_found_stands_on_the_tab_and_in_the_list(
    admin, activity, sandbox_url
):
    by_hand(sandbox_url, activity, "audience", "members")
    by_hand(sandbox_url, activity, "reject")
    check_with_publiq()
    shown = text(admin.get(tab(activity)))
    assert "doelpubliek: iedereen → enkel leden" in shown
    assert "UiTdatabank keurde dit event af" in shown and "Nagekeken" in shown
    listed = text(admin.get("/beheer/uitdatabank/nakijken"))
    assert "Winterbos-kamp" in listed and "Gewijzigd bij UiTdatabank" in listed
    assert "Winterbos-kamp" in text(admin.get("/beheer/uitdatabank/nakijken?wat=afgekeurd"))
    none = text(admin.get("/beheer/uitdatabank/nakijken?wat=verwijderd"))
    assert "Niets om na te kijken" in none


def test_the_list_takes_as_many_queries_however_many_there_are(admin, activity, sandbox_url):
    url = "/beheer/uitdatabank/nakijken"
    by_hand(sandbox_url, activity, "reject")
    check_with_publiq()
    with count_queries() as few:
        admin.get(url)
    for number in range(5):
        other = ready_activity(f"Kamp {number}")
        publish(other.id)
        by_hand(sandbox_url, other, "title", "Anders")
    check_with_publiq()
    with count_queries() as many:
        assert "Kamp 4" in text(admin.get(url))
    assert len(many) == len(few)


def test_deleting_explains_its_consequences_and_does_it(admin, activity, sandbox_url):
    event_id = link_of(activity.id).event_id
    url = tab(activity, "/event-verwijderen")
    shown = text(admin.get(url))
    for words in (
        "Dit kan je niet ongedaan maken",
        "verdwijnt uit UiT in Vlaanderen",
        "geen kansentarief meer",
        "Annuleer ze dan",
    ):
        assert words in shown, words
    answer = post(admin, url, follow_redirects=True)
    assert "Het event is verwijderd bij UiTdatabank." in text(answer)
    assert event_at_publiq(sandbox_url, event_id)["workflowStatus"] == "DELETED"
    assert link_of(activity.id) is None
    assert admin.get(url).status_code == 303, "there is nothing to delete any more"


def test_publiq_refusing_to_delete_is_said_and_the_event_stays(admin, activity, sandbox_url):
    fault(sandbox_url, "DELETE /events/{id}", "geweigerd", problem="auth/forbidden")
    answer = post(admin, tab(activity, "/event-verwijderen"), follow_redirects=True)
    assert "Het event is niet verwijderd." in text(answer)
    assert link_of(activity.id).remote_status == ""


def test_an_answer_that_was_lost_is_said_with_what_happens_next(admin, activity, sandbox_url, app):
    fault(sandbox_url, "DELETE /events/{id}", "fout-500")
    answer = post(admin, tab(activity, "/event-verwijderen"), follow_redirects=True)
    assert "We proberen het vanzelf opnieuw tot het event weg is" in text(answer)
    assert "Dit event wordt verwijderd" in text(answer)
    assert "job-deletions" in [task.name for task in app.extensions["queue"].pending()]


def test_with_a_sale_the_page_says_why_it_cannot_be(admin, activity):
    from decimal import Decimal

    from app.uitpas.models import BenefitKind, EntryState, UitpasEntry

    link = link_of(activity.id)
    with write_transaction() as session:
        session.add(
            UitpasEntry(
                line_ref="abc",
                order_id=1,
                environment=link.environment,
                kind=BenefitKind.SOCIAL_TARIFF,
                event_id=link.event_id,
                uitpas_number="0900010959113",
                tariff_id="SOCIALTARIFF",
                tariff_name="Kansentarief",
                regular_price=Decimal("60.00"),
                regular_price_label="Basis (abc)",
                wished_price=Decimal("12.00"),
                state=EntryState.REGISTERED,
            )
        )
    url = tab(activity, "/event-verwijderen")
    page = admin.get(url)
    assert "Er staat nog 1 verkoop met UiTPAS op dit event." in text(page)
    assert "Verwijder het event voorgoed" not in text(page)
    answer = post(admin, url, follow_redirects=True)
    assert "Er staat nog 1 verkoop met UiTPAS op dit event." in text(answer)
    assert link_of(activity.id) is not None


def test_the_pages_vanish_with_the_module(admin, activity):
    with write_transaction():
        uit_settings_for_update().uitdatabank_on = False
    for path in (
        tab(activity, "/vergelijken"),
        tab(activity, "/event-verwijderen"),
        "/beheer/uitdatabank/nakijken",
        "/beheer/uitdatabank/verdwenen",
    ):
        assert admin.get(path).status_code == 404, path


def test_publiq_refusing_closed_days_says_which_setting_helps():
    from app.publiq.errors import PubliqRefused, SchemaError
    from app.uitdatabank.outcomes import failure

    for pointer in ("/openingHoursClosedDays/0", "/openingHoursAdjustedDays/1/startDate"):
        error = PubliqRefused("event-post", schema_errors=(SchemaError(pointer, "no"),))
        (problem,) = failure(error).problems
        assert "‘Uitzonderingen in de agenda onder de omschrijving zetten’" in problem.sentence
