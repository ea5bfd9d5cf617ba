"""An event stays at UiTdatabank while the activity goes: said at the moment, and findable after."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.activities.models import Activity, ActivityState
from app.extensions import write_transaction
from app.uitdatabank.publishing import link_of, publish
from app.uitdatabank.sweeping import publish_due_items
from tests.making import make_type
from tests.queries import count_queries
from tests.uitdatabank.support import connect, ready_activity
from tests.web.backoffice.staff_client import post, signed_in
from tests.web.backoffice.test_bulk_changes import apply, preview
from tests.web.reading import shown_form, text

HIDDEN = "hier is ze een concept: bezoekers vinden haar niet op je site"
SWITCHED_OFF = "‘Publiceren in UiT’ staat uit: we houden het event daar niet meer bij"
TYPE_OFF = "‘Publiceren in UiT’ staat uit bij haar activiteittype"
LIST = "/beheer/uitdatabank/nakijken?wat=staat-er-nog"


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    connect()
    return signed_in(app, "admin")


def published(title: str = "Winterbos-kamp", **fields: object) -> Activity:
    made = ready_activity(title, **fields)
    assert publish(made.id).ok
    return made


def change(activity: Activity, **fields: object) -> None:
    with write_transaction():
        for name, value in fields.items():
            setattr(activity, name, value)


def save(admin: FlaskClient, url: str, leave_out: tuple[str, ...] = (), **typed: str) -> str:
    fields = {**shown_form(admin.get(url)), **typed}
    for name in leave_out:
        del fields[name]
    answer = post(admin, url, fields, follow_redirects=True)
    assert answer.status_code == 200, answer.status
    return text(answer)


def general(activity: Activity) -> str:
    return f"/beheer/activiteiten/{activity.id}"


def test_who_saves_a_published_activity_as_concept_reads_what_stays_and_the_ways_out(
    admin: FlaskClient, sandbox_url: str
) -> None:
    activity = published()
    assert HIDDEN not in save(admin, general(activity))
    page = save(admin, general(activity), state="draft")
    assert f"‘Winterbos-kamp’: Ze staat in UiTdatabank, maar {HIDDEN}" in page
    event_id = link_of(activity.id).event_id
    assert f'href="{sandbox_url}/event/{event_id}/preview"' in page
    assert f'href="{general(activity)}/uitdatabank/event-verwijderen"' in page
    assert f'href="{general(activity)}/uitdatabank/verwijder-link"' in page
    assert "De activiteit is bewaard." in page
    assert HIDDEN not in save(admin, general(activity)), "said at the moment, not at each save"


def test_who_switches_publishing_off_reads_that_the_event_stays(admin: FlaskClient) -> None:
    activity = published()
    page = save(admin, general(activity), leave_out=("publish_in_uit",))
    assert SWITCHED_OFF in page and "event-verwijderen" in page and HIDDEN not in page


def test_nothing_is_said_of_an_activity_that_never_was_at_uitdatabank(admin: FlaskClient) -> None:
    activity = ready_activity()
    assert HIDDEN not in save(admin, general(activity), state="draft")
    other = published("Al weg")
    change(link_of(other.id), remote_status="DELETED")
    assert HIDDEN not in save(admin, general(other), state="draft")


def test_taking_back_a_cancellation_makes_a_concept_and_says_what_stays(admin: FlaskClient) -> None:
    activity = published()
    post(admin, f"{general(activity)}/annuleren", {"reason": "Te weinig kinderen."})
    page = text(post(admin, f"{general(activity)}/hervatten", follow_redirects=True))
    assert "De activiteit is weer een concept." in page and HIDDEN in page


def test_switching_a_type_off_names_the_events_that_stay(admin: FlaskClient) -> None:
    kind = make_type("Kampen")
    url = f"/beheer/activiteittypes/{kind.id}"
    for number in range(1, 6):
        published(f"Kamp {number}", activity_type=kind)
    assert "UiTdatabank staan" not in save(admin, url)
    page = save(admin, url, leave_out=("publish_in_uit",))
    assert "5 activiteiten blijven in UiTdatabank staan: ‘Kamp 1’" in page and "en nog 2" in page
    assert f'href="{LIST}"' in page
    listed = text(admin.get(LIST))
    assert listed.count(TYPE_OFF) == 5


def test_publishing_one_that_is_switched_off_names_the_event_that_stands(
    admin: FlaskClient,
) -> None:
    activity = published()
    change(activity, publish_in_uit=False)
    url = f"{general(activity)}/uitdatabank"
    page = save(admin, url, doe="publiceren")
    assert "Er is niets verstuurd. Ze staat in UiTdatabank, maar " + SWITCHED_OFF in page
    never = ready_activity("Nooit gepubliceerd", publish_in_uit=False)
    page = save(admin, f"{general(never)}/uitdatabank", doe="publiceren")
    assert "Deze activiteit kan niet naar UiTdatabank" in page and SWITCHED_OFF not in page


def test_publishing_a_concept_updates_its_event_and_says_that_nobody_finds_it_here(
    admin: FlaskClient,
) -> None:
    activity = published()
    change(activity, state=ActivityState.DRAFT)
    page = save(admin, f"{general(activity)}/uitdatabank", doe="publiceren")
    assert "Het event in UiTdatabank is bijgewerkt." in page
    assert page.count(HIDDEN) == 2, "as a message of this publication, and as a notice of the tab"


def test_publishing_many_says_which_events_stay_at_asking_and_in_their_rows(
    admin: FlaskClient,
) -> None:
    drafted, off = published("Concept-kamp"), published("Uit-kamp")
    change(drafted, state=ActivityState.DRAFT)
    change(off, publish_in_uit=False)
    fine = published("Gewoon kamp")
    ids = [drafted.id, off.id, fine.id]
    asked = text(post(admin, "/beheer/publicaties", {"id": ids}, follow_redirects=True))
    assert "2 activiteiten blijven in UiTdatabank staan: ‘Concept-kamp’, ‘Uit-kamp’." in asked
    assert f'href="{LIST}"' in asked
    publish_due_items()
    rows = text(admin.get("/beheer/publicaties/1"))
    assert rows.count(HIDDEN) == 1 and rows.count(SWITCHED_OFF) == 1


def test_the_preview_of_many_says_which_published_ones_stay_when_they_become_concepts(
    admin: FlaskClient,
) -> None:
    first, second = published("Kamp 1"), published("Kamp 2")
    third = ready_activity("Kamp 3")
    ids = [first.id, second.id, third.id]
    shown = preview(admin, ids, change_state="y", state="draft")
    page = text(shown)
    assert "2 activiteiten blijven in UiTdatabank staan" in page
    assert page.count(HIDDEN) == 2
    row = page.split("Kamp 3")[1]
    assert "concept" in row and HIDDEN not in row
    assert "UiTdatabank staan" not in text(preview(admin, ids, change_state="y", state="online"))
    applied = text(apply(admin, shown))
    assert "2 activiteiten blijven in UiTdatabank staan: ‘Kamp 1’, ‘Kamp 2’." in applied


def test_the_preview_asks_what_stands_once_for_all(admin: FlaskClient) -> None:
    ids = [published(f"Kamp {number}").id for number in range(1, 7)]
    counts = []
    for some in (ids[:2], ids):
        with count_queries() as sent:
            preview(admin, some, change_state="y", state="draft")
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_the_dashboard_counts_them_and_leads_to_a_list_of_exactly_these(
    admin: FlaskClient,
) -> None:
    published("Gewoon kamp")
    drafted = published("Concept-kamp")
    change(drafted, state=ActivityState.DRAFT)
    page = text(admin.get("/beheer"))
    assert "1 event staat nog in UiTdatabank" in page and f'href="{LIST}"' in page
    off = published("Uit-kamp")
    change(off, publish_in_uit=False)
    page = text(admin.get("/beheer"))
    assert "2 events staan nog in UiTdatabank" in page and "Concept-kamp, Uit-kamp." in page
    listed = text(admin.get(LIST)).split("<tbody>")[1]
    assert "Concept-kamp" in listed and "Uit-kamp" in listed and "Gewoon kamp" not in listed
    assert listed.count(HIDDEN) == 1 and listed.count(SWITCHED_OFF) == 1
    assert f'href="{general(off)}/uitdatabank/event-verwijderen"' in listed
    change(drafted, state=ActivityState.ONLINE)
    change(off, publish_in_uit=True)
    assert "nog in UiTdatabank" not in text(admin.get("/beheer"))
    assert "Niets om na te kijken" in text(admin.get(LIST))


def test_the_list_takes_as_many_queries_however_many_there_are(admin: FlaskClient) -> None:
    counts = []
    for number in range(1, 6):
        change(published(f"Kamp {number}"), state=ActivityState.DRAFT)
        with count_queries() as sent:
            assert f"Kamp {number}" in text(admin.get(LIST))
        counts.append(len(sent))
    assert counts[1] == counts[4]


def test_with_the_module_off_nobody_speaks_of_uitdatabank(admin: FlaskClient) -> None:
    from app.settings.uit import uit_settings_for_update

    activity = published()
    with write_transaction():
        uit_settings_for_update().uitdatabank_on = False
    assert "UiTdatabank" not in save(admin, general(activity), state="draft")
