"""Postponing an activity, and cancelling or postponing one date, in the back office (D14)."""

import pytest

from app.activities.date_states import DateState, change_date, state_of_date
from app.activities.editing import get_activity
from app.activities.models import ActivityState, UitStatus
from app.extensions import db
from app.uitdatabank.availability import find_changes
from app.uitdatabank.publishing import publish
from tests.making import days_from_now, make_activity
from tests.uitdatabank.support import connect, ready_activity
from tests.web.backoffice.staff_client import post, signed_in
from tests.web.reading import error_at, text

SPANS = [(days_from_now(day, 9), days_from_now(day, 16)) for day in (20, 21)]


@pytest.fixture
def admin(app):
    connect()
    return signed_in(app, "admin")


def stored(activity):
    db.session.rollback()
    return get_activity(activity.id)


def address(activity, path=""):
    return f"/beheer/activiteiten/{activity.id}{path}"


def woken(app):
    return [task.name for task in app.extensions["queue"].pending()]


def test_postponing_explains_what_happens_and_asks_a_reason(admin, app):
    activity = ready_activity()
    publish(activity.id)
    shown = text(admin.get(address(activity, "/uitstellen")))
    assert "Niemand kan zich nog inschrijven" in shown
    assert "Binnen een minuut staat ze ook in UiTdatabank als uitgesteld" in shown
    empty = post(admin, address(activity, "/uitstellen"), {"reason": " "})
    assert empty.status_code == 422
    assert error_at(empty, "reason") == "Schrijf waarom het niet doorgaat zoals gepland."
    answer = post(
        admin, address(activity, "/uitstellen"), {"reason": "Storm"}, follow_redirects=True
    )
    assert "De activiteit is uitgesteld." in text(answer)
    assert "Deze activiteit is uitgesteld" in text(answer) and "Reden: Storm" in text(answer)
    assert stored(activity).state is ActivityState.POSTPONED
    assert stored(activity).uit_status is UitStatus.PUBLISHED, "no publication is asked"
    assert len(find_changes()) == 1 and "job-availability" in woken(app)


def test_a_postponed_activity_can_be_saved_and_goes_on_again(admin):
    from tests.web.reading import value_of

    activity = make_activity(state=ActivityState.POSTPONED, state_reason="Storm")
    page = admin.get(address(activity))
    assert 'name="state"' not in page.get_data(as_text=True)
    fields = {
        "title": "Andere titel",
        "capacity": "20",
        "version": value_of(page, "version"),
        "dates-0-known_id": str(activity.dates[0].id),
        "dates-0-day": "2031-03-04",
        "dates-0-starts": "9:00",
        "dates-0-ends": "16:00",
        "prices-0-known_id": str(activity.price_categories[0].id),
        "prices-0-name": "Basis",
        "prices-0-price": "60",
    }
    assert post(admin, address(activity), fields).status_code == 303
    assert stored(activity).state is ActivityState.POSTPONED
    answer = post(admin, address(activity, "/doorgaan"), follow_redirects=True)
    assert "De activiteit gaat weer door en staat online." in text(answer)
    assert stored(activity).state is ActivityState.ONLINE


def test_a_draft_is_not_postponed(admin):
    activity = make_activity(state=ActivityState.DRAFT)
    answer = admin.get(address(activity, "/uitstellen"), follow_redirects=True)
    assert "Enkel een activiteit die online staat, kan je uitstellen." in text(answer)
    assert "/uitstellen" not in admin.get(address(activity)).get_data(as_text=True)


def test_the_dates_are_listed_with_what_can_be_done(admin):
    past = (days_from_now(-2, 9), days_from_now(-2, 16))
    activity = make_activity(dates=[past, *SPANS])
    change_date(activity.id, activity.dates[1].id, DateState.CANCELLED, "Lesgever ziek")
    shown = admin.get(address(activity, "/data")).get_data(as_text=True)
    assert "Voorbij" in shown and "Geannuleerd" in shown and "Lesgever ziek" in shown
    assert f"/data/{activity.dates[0].id}/" not in shown
    assert f"/data/{activity.dates[1].id}/doorgaan" in shown
    assert f"/data/{activity.dates[1].id}/annuleren" not in shown
    assert f"/data/{activity.dates[2].id}/uitstellen" in shown
    assert "Eén datum annuleren of uitstellen" in text(admin.get(address(activity)))


@pytest.mark.parametrize(
    ("doing", "state", "said"),
    [
        ("annuleren", DateState.CANCELLED, "De datum is geannuleerd."),
        ("uitstellen", DateState.POSTPONED, "De datum is uitgesteld."),
    ],
)
def test_one_date_is_cancelled_or_postponed_by_a_page_that_explains(admin, app, doing, state, said):
    activity = make_activity(dates=SPANS)
    url = address(activity, f"/data/{activity.dates[0].id}/{doing}")
    assert "De inschrijvingen en tickets blijven staan" in text(admin.get(url))
    refused = post(admin, url, {"reason": "x" * 501})
    assert refused.status_code == 422 and "Kort de reden in" in text(refused)
    assert "x" * 501 in text(refused), "nothing typed is lost"
    assert error_at(post(admin, url, {"reason": ""}), "reason")
    answer = post(admin, url, {"reason": "Lesgever ziek"}, follow_redirects=True)
    assert said in text(answer)
    found = stored(activity)
    assert state_of_date(found.dates[0]) is state
    assert found.first_start == SPANS[1][0]
    assert "job-availability" in woken(app)


def test_a_date_goes_on_again(admin):
    activity = make_activity(dates=SPANS)
    date_id = activity.dates[0].id
    change_date(activity.id, date_id, DateState.CANCELLED, "Ziek")
    answer = post(admin, address(activity, f"/data/{date_id}/doorgaan"), follow_redirects=True)
    assert "De datum gaat weer door." in text(answer)
    assert state_of_date(stored(activity).dates[0]) is DateState.AS_PLANNED


def test_what_cannot_be_done_is_said_and_nothing_unknown_has_a_page(admin):
    activity, other = make_activity(dates=SPANS), make_activity(dates=SPANS)
    date_id = activity.dates[0].id
    answer = admin.get(address(activity, f"/data/{date_id}/doorgaan"), follow_redirects=True)
    assert "Deze datum gaat al gewoon door." in text(answer)
    assert admin.get(address(activity, f"/data/{date_id}/wissen")).status_code == 404
    wrong = address(activity, f"/data/{other.dates[0].id}/annuleren")
    assert admin.get(wrong).status_code == 404


def test_cancelling_says_that_uitdatabank_follows_by_itself(admin, app):
    activity = ready_activity()
    publish(activity.id)
    shown = text(admin.get(address(activity, "/annuleren")))
    assert "Binnen een minuut staat ze ook in UiTdatabank als geannuleerd" in shown
    post(admin, address(activity, "/annuleren"), {"reason": "Te weinig deelnemers"})
    assert len(find_changes()) == 1 and "job-availability" in woken(app)
