"""The button Publiceren while things go wrong at publiq: said in place, and never two events."""

import json
import re
from datetime import date, datetime, time, timedelta

import pytest
import requests
import responses as responses_library
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.activities.models import Activity, UitStatus
from app.activities.schedule import Opening, WeeklySchedule, written_schedule
from app.clock import from_local, now, today
from app.extensions import db, write_transaction
from app.settings.models import CallOutcome, Environment, PubliqCall
from app.uitdatabank.lost import look_up_lost_publications
from app.uitdatabank.models import (
    LinkState,
    ReferenceKind,
    ReferenceState,
    UitProfile,
    UitReference,
)
from app.uitdatabank.publishing import link_of
from app.uitdatabank.sweeping import publish_due_items
from tests.making import make_activity
from tests.signing_in import post
from tests.uitdatabank.support import (
    connect,
    event_at_publiq,
    events_named,
    fault,
    later,
    make_profile,
    no_faults,
    organizer_id,
    ready_activity,
    token,
)
from tests.web.backoffice.staff_client import signed_in
from tests.web.backoffice.test_uit_profiles import filled, tab
from tests.web.reading import error_at, text

NAME = "Winterbos-kamp"
TO_THE_LOG = "Bekijk de oproep in het oproepenlog"
UNKNOWN_ORGANIZER = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    connect()
    return signed_in(app, "admin")


@pytest.fixture
def activity(admin: FlaskClient) -> Activity:
    return ready_activity(NAME)


def press(admin: FlaskClient, activity: Activity, **changes: str) -> TestResponse:
    """Fill in the tab and press Publiceren; follows to the page that says how it went."""
    typed = filled(doe="publiceren", **changes)
    return post(admin, tab(activity), typed, follow_redirects=True)


def calls(operation: str) -> list[PubliqCall]:
    query = select(PubliqCall).where(PubliqCall.operation == operation).order_by(PubliqCall.id)
    return list(db.session.scalars(query))


def link_to_call(answer: TestResponse) -> int:
    """The call that the page links to; fails where it links to none."""
    found = re.search(rf'href="/beheer/oproepen/(\d+)">{TO_THE_LOG}', text(answer))
    assert found, "no link to the log of calls"
    return int(found.group(1))


class TestRefused:
    def refuse(self, sandbox_url: str, **problem: object) -> responses_library.RequestsMock:
        """publiq refuses every new event with this problem; all else is the sandbox's."""
        mock = responses_library.RequestsMock(assert_all_requests_are_fired=False)
        mock.add(
            "POST",
            f"{sandbox_url}/io/events",
            json={"type": "https://api.publiq.be/probs/body/invalid-data", "status": 400} | problem,
            status=400,
        )
        mock.add_passthru(sandbox_url)
        return mock

    @pytest.mark.parametrize(
        ("pointer", "field", "words"),
        [
            ("/description/nl", "description", "de omschrijving"),
            ("/labels/0", "labels", "de labels"),
            ("/terms/0/id", "event_type", "het thema"),
            ("/bookingInfo/phone", "link_phone", "het telefoonnummer"),
            ("/bookingInfo/availabilityEnds", "link_ends_on", "het einde van de knop"),
        ],
    )
    def test_what_publiq_finds_wrong_stands_at_our_field_and_nothing_typed_is_lost(
        self,
        admin: FlaskClient,
        activity: Activity,
        sandbox_url: str,
        pointer: str,
        field: str,
        words: str,
    ) -> None:
        errors = [{"jsonPointer": pointer, "error": "The data must match the type: string"}]
        with self.refuse(sandbox_url, title="Invalid body data", schemaErrors=errors):
            answer = press(admin, activity, description="Neem laarzen mee.", labels="laarzen")
        assert answer.status_code == 422
        assert error_at(answer, field) == f"UiTdatabank aanvaardt {words} niet. Kijk dit na."
        assert "Neem laarzen mee." in text(answer)
        assert "must match the type" not in text(answer), "publiq's words for developers"
        call = db.session.get(PubliqCall, link_to_call(answer))
        assert call is not None and call.operation == "event-post" and call.status == 400
        assert link_of(activity.id).event_id is None
        assert press(admin, activity).status_code == 200
        assert len(events_named(sandbox_url, NAME)) == 1

    @pytest.mark.parametrize(
        ("pointer", "anchor", "words"),
        [
            ("/name/nl", "title", "de titel"),
            ("/priceInfo/1/price", "prices", "de prijzen"),
            ("/subEvent/0/startDate", "dates", "de data"),
            ("/endDate", "dates", "de data"),
            ("/typicalAgeRange", "min_age", "de leeftijd"),
            ("/bookingAvailability/type", "capacity", "de plaatsen"),
        ],
    )
    def test_what_stands_on_the_tab_algemeen_is_named_with_the_way_there(
        self,
        admin: FlaskClient,
        activity: Activity,
        sandbox_url: str,
        pointer: str,
        anchor: str,
        words: str,
    ) -> None:
        errors = [{"jsonPointer": pointer, "error": "The data must match the type: string"}]
        with self.refuse(sandbox_url, schemaErrors=errors):
            answer = press(admin, activity, description="Neem laarzen mee.")
        assert answer.status_code == 422
        said = f"UiTdatabank aanvaardt {words} niet. Kijk dit na op het tabblad Algemeen."
        field = f"/beheer/activiteiten/{activity.id}#{anchor}"
        assert f'<li><a href="{field}">{said}</a></li>' in text(answer)
        assert text(answer).count("data-vl-errors") == 1
        assert "Neem laarzen mee." in text(answer)
        assert f'id="{anchor}"' in admin.get(field).get_data(as_text=True)
        later = text(admin.get(tab(activity)))
        assert said in later and f'href="{field}">Naar {words} op het tabblad Algemeen' in later
        assert link_to_call(answer)

    def test_many_objections_are_each_said_at_their_own_place(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        pointers = ("/name/nl", "/labels/0", "/priceInfo/0/name", "/priceInfo/0/price")
        errors = [{"jsonPointer": pointer, "error": "Required"} for pointer in pointers]
        with self.refuse(sandbox_url, schemaErrors=errors):
            answer = press(admin, activity)
        shown = text(answer).split("data-vl-errors")[1].split("</ul>")[0]
        assert shown.count("<li>") == 3
        assert "#title" in shown and 'href="#labels"' in shown and "#prices" in shown

    def test_a_row_of_many_names_the_field_and_leads_to_it(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        errors = [
            {"jsonPointer": "/priceInfo/1/price", "error": "The number must be positive"},
            {"jsonPointer": "/labels/0", "error": "Too short"},
        ]
        post(admin, "/beheer/publicaties", {"id": [activity.id]})
        with self.refuse(sandbox_url, schemaErrors=errors):
            publish_due_items()
        row = text(admin.get("/beheer/publicaties/1")).split("<tbody>")[1].split("</table>")[0]
        assert "UiTdatabank aanvaardt de prijzen niet. Kijk dit na op het tabblad Algemeen." in row
        assert "UiTdatabank aanvaardt de labels niet. Kijk dit na." in row
        assert f'href="/beheer/activiteiten/{activity.id}#prices">Naar de prijzen' in row
        assert "deze gegevens niet" not in row

    def test_the_dates_of_a_weekly_schedule_stand_elsewhere_on_the_tab_algemeen(
        self, admin: FlaskClient, sandbox_url: str
    ) -> None:
        hours = Opening((2,), time(14), time(16))
        week = WeeklySchedule(today(), today() + timedelta(days=60), (hours,))
        swim = ready_activity("Zwemmen", schedule=written_schedule(week))
        errors = [{"jsonPointer": "/startDate", "error": "The data must match date-time"}]
        with self.refuse(sandbox_url, schemaErrors=errors):
            answer = press(admin, swim)
        assert f'href="/beheer/activiteiten/{swim.id}#schedule"' in text(answer)
        assert 'id="schedule"' in text(admin.get(f"/beheer/activiteiten/{swim.id}"))

    def test_what_concerns_no_field_of_ours_leads_to_the_call(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        errors = [{"jsonPointer": "/nieuw-bij-publiq", "error": "Required"}]
        with self.refuse(sandbox_url, schemaErrors=errors):
            answer = press(admin, activity)
        assert "UiTdatabank aanvaardt deze gegevens niet." in text(answer)
        shown = text(admin.get(f"/beheer/oproepen/{link_to_call(answer)}"))
        assert "/nieuw-bij-publiq" in shown and NAME in shown

    def test_another_who_made_the_event_is_said_with_the_remedy(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        press(admin, activity)
        fault(sandbox_url, "PUT /events/{id}", "geweigerd", problem="auth/forbidden")
        answer = press(admin, activity)
        assert "gemaakt met een andere client id" in text(answer)
        assert "verwijder de link" in text(answer)
        assert link_to_call(answer) == calls("event-put")[-1].id

    def test_an_event_that_is_gone_is_said_with_the_remedy(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        press(admin, activity)
        fault(sandbox_url, "GET /events/{id}", "geweigerd", problem="url/not-found")
        answer = press(admin, activity)
        assert "Dit event bestaat niet meer bij UiTdatabank." in text(answer)
        assert link_to_call(answer)
        assert len(calls("event-post")) == 1

    def test_a_location_that_went_between_search_and_publication_is_named_at_its_field(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        fault(sandbox_url, "GET /places/{id}", "geweigerd", problem="url/not-found", count=9)
        answer = press(admin, activity)
        assert answer.status_code == 422
        assert "bestaat niet meer bij UiTdatabank" in error_at(answer, "location")
        assert calls("event-post") == []
        no_faults(sandbox_url)
        assert press(admin, activity).status_code == 200

    def test_an_unknown_organizer_that_publiq_stores_all_the_same_makes_one_event(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        """publiq stores the event, then answers 400; it may have gone after we looked."""
        from app.uitdatabank.publishing import publish

        with write_transaction() as session:
            session.add(
                UitReference(
                    environment=Environment.SANDBOX,
                    kind=ReferenceKind.ORGANIZER,
                    publiq_id=UNKNOWN_ORGANIZER,
                    state=ReferenceState.ALIVE,
                    checked_at=now(),
                )
            )
        other = make_activity("Herfstkamp")
        make_profile(other, organizer_id=UNKNOWN_ORGANIZER)
        assert publish(other.id, trust_known=True).outcome.value == "unknown"
        later(11)
        assert look_up_lost_publications() == 1
        link = link_of(other.id)
        assert link.state is LinkState.PUBLISHED and link.event_id
        assert other.uit_status is UitStatus.CHANGED, "its organizer is not there yet"
        with write_transaction() as session:
            query = select(UitProfile).where(UitProfile.activity_id == other.id)
            session.scalars(query).one().organizer_id = organizer_id()
        assert "Het event in UiTdatabank is bijgewerkt." in text(press(admin, other))
        assert events_named(sandbox_url, "Herfstkamp")[0].endswith(link.event_id)
        assert len(events_named(sandbox_url, "Herfstkamp")) == 1


class TestSlowDownAndAway:
    def test_a_token_that_ended_is_renewed_once_and_nobody_notices(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        fault(sandbox_url, "POST /events", "verlopen-token")
        assert "De activiteit is gepubliceerd in UiTdatabank." in text(press(admin, activity))
        assert [call.status for call in calls("event-post")] == [401, 201]
        assert len(events_named(sandbox_url, NAME)) == 1

    def test_a_token_that_is_refused_twice_is_said(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        fault(sandbox_url, "POST /events", "verlopen-token", count=2)
        answer = press(admin, activity)
        assert "publiq aanvaardt de client id of het client secret niet." in text(answer)
        assert link_to_call(answer) == calls("event-post")[-1].id
        assert events_named(sandbox_url, NAME) == []
        assert press(admin, activity).status_code == 200

    @pytest.mark.parametrize("seconds", [0, 5])
    def test_too_many_calls_is_said_and_may_be_tried_again(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str, seconds: int
    ) -> None:
        fault(sandbox_url, "POST /events", "te-vaak", seconds=seconds)
        answer = press(admin, activity)
        assert "Er lopen nu te veel vragen bij UiTdatabank." in text(answer)
        assert calls("event-post")[-1].outcome is CallOutcome.BUSY
        assert link_to_call(answer) == calls("event-post")[-1].id
        assert events_named(sandbox_url, NAME) == []
        assert "De activiteit is gepubliceerd" in text(press(admin, activity))

    @pytest.mark.parametrize("kind", ["plat", "fout-500"])
    def test_a_question_that_meets_a_web_page_is_no_answer(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str, kind: str
    ) -> None:
        fault(sandbox_url, "GET /organizers/{id}", kind, count=4)
        answer = press(admin, activity)
        assert "UiTdatabank antwoordt nu niet. Probeer het straks opnieuw." in text(answer)
        assert link_to_call(answer) == calls("organizer-get")[-1].id
        assert calls("event-post") == []
        no_faults(sandbox_url)
        assert "De activiteit is gepubliceerd" in text(press(admin, activity))


class TestLost:
    """Never two events for one activity: unknown, looked for three times, only then again."""

    @pytest.mark.parametrize("kind", ["plat", "fout-500", "verbroken"])
    def test_what_never_arrived_may_be_published_again_after_three_searches(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str, kind: str
    ) -> None:
        fault(sandbox_url, "POST /events", kind)
        answer = press(admin, activity)
        assert "We zoeken nu of het event er toch staat." in text(answer)
        assert link_to_call(answer) == calls("event-post")[-1].id
        for seconds in (11, 60, 300):
            assert "We zoeken nu" in text(press(admin, activity)), "nobody publishes meanwhile"
            later(seconds)
            assert look_up_lost_publications() == 0
        page = text(admin.get(tab(activity)))
        assert "maakt opnieuw publiceren er een tweede van" in page, "the warning"
        assert len(calls("event-post")) == 1
        assert "De activiteit is gepubliceerd" in text(press(admin, activity))
        assert len(events_named(sandbox_url, NAME)) == 1

    @pytest.mark.parametrize(("kind", "seconds"), [("antwoord-kwijt", 0), ("antwoord-te-laat", 9)])
    def test_what_was_stored_is_found_and_not_made_again(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str, kind: str, seconds: int
    ) -> None:
        fault(sandbox_url, "POST /events", kind, seconds=seconds)
        assert "We zoeken nu of het event er toch staat." in text(press(admin, activity))
        (soon,) = [task for task in admin.application.extensions["queue"].pending() if task.eta]
        assert soon.name == "job-publications", "looked for before the next minute"
        later(11)
        assert look_up_lost_publications() == 1
        page = text(admin.get(tab(activity)))
        assert link_of(activity.id).event_id in page and "We zoeken nu" not in page
        assert "Het event in UiTdatabank is bijgewerkt." in text(press(admin, activity))
        assert len(events_named(sandbox_url, NAME)) == 1
        assert len(calls("event-post")) == 1

    @pytest.mark.parametrize("kind", ["antwoord-kwijt", "plat", "verbroken"])
    def test_an_update_whose_answer_is_lost_is_simply_sent_again(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str, kind: str
    ) -> None:
        press(admin, activity)
        fault(sandbox_url, "PUT /events/{id}", kind)
        answer = press(admin, activity, description="Breng laarzen mee.")
        assert "Publiceer straks opnieuw: dat werkt hetzelfde event bij." in text(answer)
        assert link_to_call(answer) == calls("event-put")[-1].id
        assert "Het event in UiTdatabank is bijgewerkt." in text(press(admin, activity))
        assert len(events_named(sandbox_url, NAME)) == 1


class TestTheWrongWayRound:
    """The advice of the manual (3.3, 3.4, 6.1), not followed."""

    def test_pressing_twice_makes_one_event(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        press(admin, activity)
        assert "Het event in UiTdatabank is bijgewerkt." in text(press(admin, activity))
        assert len(events_named(sandbox_url, NAME)) == 1

    def test_forgetting_a_link_whose_event_still_stands_is_warned_for(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        press(admin, activity)
        first = link_of(activity.id).event_id
        page = text(admin.get(f"{tab(activity)}/verwijder-link"))
        assert first in page and "nieuw event" in page
        assert link_of(activity.id).event_id == first, "looking changes nothing"
        post(admin, f"{tab(activity)}/verwijder-link")
        press(admin, activity)
        assert link_of(activity.id).event_id != first
        assert len(events_named(sandbox_url, NAME)) == 2, "as the page said"

    def test_what_was_changed_by_hand_at_uit_is_overwritten_where_it_is_ours(
        self, admin: FlaskClient, activity: Activity, sandbox_url: str
    ) -> None:
        press(admin, activity)
        event_id = link_of(activity.id).event_id
        requests.post(
            f"{sandbox_url}/sandbox/events/{event_id}",
            data={"action": "title", "title": "Door iemand veranderd"},
            timeout=10,
        )
        address = f"{sandbox_url}/io/events/{event_id}/labels/natuur"
        requests.put(address, headers=token(sandbox_url), timeout=10)
        press(admin, activity)
        event = event_at_publiq(sandbox_url, event_id)
        assert event["name"]["nl"] == NAME
        assert "natuur" in event["labels"], "what others added stays"

    def test_an_activity_that_is_over_says_why_it_cannot_go(
        self, admin: FlaskClient, sandbox_url: str
    ) -> None:
        start = now() - timedelta(days=20)
        over = ready_activity("Voorbij", dates=[(start, start + timedelta(hours=3))])
        assert "ze is voorbij, geannuleerd, of publiceren in UiT staat uit" in text(
            press(admin, over)
        )
        assert calls("event-post") == []

    def test_what_is_missing_is_said_at_its_field_and_nothing_is_sent(
        self, admin: FlaskClient, activity: Activity
    ) -> None:
        answer = press(admin, activity, description="", organizer_id="", organizer="")
        assert answer.status_code == 422
        assert "een omschrijving" in error_at(answer, "description")
        assert "een organisator" in error_at(answer, "organizer")
        assert calls("event-post") == []


class TestDates:
    @pytest.mark.parametrize(
        ("first", "begins", "last", "ends", "sent"),
        [
            pytest.param(
                date(2027, 3, 27), time(9), date(2027, 3, 28), time(16),
                ("2027-03-27T09:00:00+01:00", "2027-03-28T16:00:00+02:00"), id="into summer time",
            ),
            pytest.param(
                date(2027, 10, 30), time(20), date(2027, 10, 31), time(5),
                ("2027-10-30T20:00:00+02:00", "2027-10-31T05:00:00+01:00"), id="out of summer time",
            ),
            pytest.param(
                date(2027, 7, 3), time(21, 30), date(2027, 7, 4), time(1, 15),
                ("2027-07-03T21:30:00+02:00", "2027-07-04T01:15:00+02:00"), id="past midnight",
            ),
        ],
    )  # fmt: skip
    def test_a_date_reaches_publiq_as_the_clock_in_brussels_shows_it(
        self,
        admin: FlaskClient,
        sandbox_url: str,
        first: date,
        begins: time,
        last: date,
        ends: time,
        sent: tuple[str, str],
    ) -> None:
        span = (from_local(first, begins), from_local(last, ends))
        activity = ready_activity("Nachttocht", dates=[span])
        assert "De activiteit is gepubliceerd" in text(press(admin, activity))
        (asked,) = json.loads(calls("event-post")[0].request_body)["subEvent"]
        assert (asked["startDate"], asked["endDate"]) == sent
        event = event_at_publiq(sandbox_url, link_of(activity.id).event_id)
        (there,) = event["subEvent"]
        moments = (there["startDate"], there["endDate"])
        assert tuple(datetime.fromisoformat(value) for value in moments) == span
        assert "Het event in UiTdatabank is bijgewerkt." in text(press(admin, activity))

    def test_a_series_across_the_change_keeps_its_hours(self, admin: FlaskClient) -> None:
        days = [date(2027, 10, 27) + timedelta(days=7 * week) for week in range(2)]
        spans = [(from_local(day, time(14)), from_local(day, time(17))) for day in days]
        activity = ready_activity("Woensdagatelier", dates=spans)
        press(admin, activity)
        asked = json.loads(calls("event-post")[0].request_body)["subEvent"]
        assert [one["startDate"][11:] for one in asked] == [
            "14:00:00+02:00",
            "14:00:00+01:00",
        ]
