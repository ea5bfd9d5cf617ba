import pytest

from tests.sandbox.calling import event_body

UNKNOWN = "11111111-2222-4333-8444-555555555555"
FESTIVITY = "5a0967f9-cc06-4c3c-9206-30481a767434"


def errors(response):
    assert response.status_code == 400, response.json
    assert response.json["type"] == "https://api.publiq.be/probs/body/invalid-data"
    return [item["jsonPointer"] for item in response.json["schemaErrors"]]


def read(call, event_id):
    return call("GET", f"/io/events/{event_id}").json


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"name": {"nl": "x" * 91}}, "/name/nl"),
        ({"name": {"nl": "  "}}, "/name/nl"),
        ({"name": {"fr": "Gym"}}, "/name"),
        ({"mainLanguage": "vl"}, "/mainLanguage"),
        ({"terms": []}, "/terms"),
        ({"terms": [{"id": "1.51.12.0.0"}]}, "/terms"),
        ({"terms": [{"id": "0.59.0.0.0"}, {"id": "0.50.4.0.0"}]}, "/terms"),
        ({"terms": [{"id": "9.9.9.9.9"}]}, "/terms/0/id"),
        ({"terms": [{"id": "8.70.0.0.0"}]}, "/terms/0/id"),
        ({"location": {"@id": "https://x.example/places/5"}}, "/location/@id"),
        ({"location": {"@id": f"http://localhost/io/places/{UNKNOWN}"}}, "/location"),
        ({"organizer": {"id": "x"}}, "/organizer"),
        ({"calendarType": "soms"}, "/calendarType"),
        ({"subEvent": []}, "/subEvent"),
        ({"subEvent": [{"startDate": "2099-01-01T10:00:00+01:00"}]}, "/subEvent/0"),
        (
            {
                "subEvent": [
                    {
                        "startDate": "2099-01-01T10:00:00+01:00",
                        "endDate": "2099-01-01T09:00:00+01:00",
                    }
                ]
            },
            "/subEvent/0/endDate",
        ),
        ({"priceInfo": []}, "/priceInfo"),
        ({"priceInfo": [{"category": "base", "price": "12.5"}]}, "/priceInfo/0/price"),
        ({"priceInfo": [{"category": "base", "price": -1}]}, "/priceInfo/0/price"),
        ({"priceInfo": [{"category": "base", "price": 1}] * 2}, "/priceInfo"),
        ({"priceInfo": [{"category": "tariff", "price": 1, "name": {"nl": "a"}}]}, "/priceInfo"),
        ({"bookingInfo": {"url": "https://x.example"}}, "/bookingInfo"),
        ({"bookingInfo": {"url": "x", "urlLabel": {"nl": "y"}}}, "/bookingInfo/url"),
        ({"audience": {"audienceType": "iedereen"}}, "/audience/audienceType"),
        ({"labels": ["a"]}, "/labels/0"),
        ({"labels": ["goed", "niet;goed"]}, "/labels/1"),
        ({"typicalAgeRange": "12-6"}, "/typicalAgeRange"),
        ({"typicalAgeRange": "zes"}, "/typicalAgeRange"),
        ({"availableFrom": "morgen"}, "/availableFrom"),
        ({"bookingAvailability": {"type": "Available", "remainingCapacity": 1}},
         "/bookingAvailability/remainingCapacity"),
        ({"contactPoint": {"email": ["geen adres"]}}, "/contactPoint/email/0"),
        ({"mediaObject": [{"@id": f"http://localhost/io/images/{UNKNOWN}"}]}, "/mediaObject"),
    ],
)  # fmt: skip
def test_a_mistake_in_an_event_is_pointed_at(call, changes, pointer):
    assert pointer in errors(call("POST", "/io/events", event_body(call, **changes)))


def test_a_required_field_left_out_is_named(call):
    answer = call("POST", "/io/events", event_body(call, name=None))
    assert errors(answer) == ["/"]
    assert "name" in answer.json["schemaErrors"][0]["error"]


def test_broken_json_and_no_body_have_types_of_their_own(call):
    kind = {"content_type": "application/json"}
    broken = call("POST", "/io/events", data="{", **kind).json["type"]
    assert broken.endswith("body/invalid-syntax")
    assert call("POST", "/io/events", data="", **kind).json["type"].endswith("body/missing")


def test_availability_of_a_date_follows_what_remains(call):
    dates = event_body(call)["subEvent"]
    dates[0]["bookingAvailability"] = {"type": "Available", "capacity": 5, "remainingCapacity": 0}
    shown = read(call, call.event(subEvent=dates))
    assert shown["subEvent"][0]["bookingAvailability"]["type"] == "Unavailable"
    assert shown["bookingAvailability"] == {"type": "Unavailable"}
    dates[0]["bookingAvailability"] = {"capacity": 5, "remainingCapacity": 6}
    answer = call("POST", "/io/events", event_body(call, subEvent=dates))
    assert errors(answer) == ["/subEvent/0/bookingAvailability"]


def test_dates_are_sorted_and_one_date_is_single_whatever_was_sent(call):
    dates = [
        {"startDate": f"2099-09-{day}T09:00:00+02:00", "endDate": f"2099-09-{day}T10:00:00+02:00"}
        for day in (20, 12)
    ]
    several = read(call, call.event(calendarType="single", subEvent=dates))
    assert several["calendarType"] == "multiple"
    assert [date["startDate"] for date in several["subEvent"]] == [
        "2099-09-12T07:00:00+00:00",
        "2099-09-20T07:00:00+00:00",
    ]
    one = read(call, call.event(calendarType="multiple", subEvent=dates[:1]))
    assert one["calendarType"] == "single"


def test_an_unknown_organizer_is_refused_after_the_event_was_stored(call):
    organizer = {"@id": f"http://localhost/io/organizers/{UNKNOWN}"}
    answer = call("POST", "/io/events", event_body(call, organizer=organizer))
    assert errors(answer) == ["/organizer"]
    stored = call("GET", "/search/events?creator=demo&embed=true").json["member"]
    assert [event["name"]["nl"] for event in stored] == ["Kleuterturnen in de herfst"]


def test_a_duplicate_place_is_replaced_by_the_real_one(call):
    places = call("GET", "/search/places?postalCode=9995&embed=true&isDuplicate=true").json
    location = {"@id": places["member"][0]["@id"]}
    shown = read(call, call.event(location=location))
    assert shown["location"]["name"]["nl"] == "Sporthal De Lork"


def test_a_label_of_a_card_system_is_dropped_in_silence(call):
    shown = read(call, call.event(labels=["herfst", "UiTPAS Gent"]))
    assert shown["labels"] == ["herfst"]


def test_a_put_resets_what_it_leaves_out_except_a_few_fields(call):
    event_id = call.event(
        audience={"audienceType": "members"},
        typicalAgeRange="6-12",
        bookingInfo={"phone": "09 123 45 67"},
        name={"nl": "Kleuterturnen", "fr": "Gymnastique"},
    )
    call("PUT", f"/io/events/{event_id}/status", {"type": "Unavailable"})
    call("PUT", f"/io/events/{event_id}/labels/met%20de%20hand")
    plain = event_body(
        call, description=None, priceInfo=None, organizer=None, audience=None, labels=["winter"],
        terms=[{"id": "0.59.0.0.0"}],
    )  # fmt: skip
    assert call("PUT", f"/io/events/{event_id}", plain).status_code == 200
    shown = read(call, event_id)
    assert shown["audience"] == {"audienceType": "everyone"}
    assert shown["typicalAgeRange"] == "-"
    assert shown["status"] == {"type": "Available"}
    assert "bookingInfo" not in shown
    assert "organizer" not in shown
    assert shown["description"] == {"nl": "Samen bewegen."}
    assert shown["priceInfo"][0]["price"] == 12.5
    assert shown["name"]["fr"] == "Gymnastique"
    assert [term["domain"] for term in shown["terms"]] == ["eventtype", "theme"]
    assert sorted(shown["labels"]) == ["met de hand", "winter"]


def test_a_put_cannot_turn_back_a_published_or_deleted_event(call):
    event_id = call.event()
    call("PUT", f"/io/events/{event_id}", event_body(call, workflowStatus="DRAFT"))
    assert read(call, event_id)["workflowStatus"] == "READY_FOR_VALIDATION"
    call("DELETE", f"/io/events/{event_id}")
    answer = call("PUT", f"/io/events/{event_id}", event_body(call))
    assert answer.status_code == 200
    assert read(call, event_id)["workflowStatus"] == "DELETED"


def test_an_event_can_start_as_a_draft_and_be_published_by_its_status(call):
    event_id = call.event(workflowStatus=None)
    assert read(call, event_id)["workflowStatus"] == "DRAFT"
    path = f"/io/events/{event_id}/workflow-status"
    assert call("PUT", path, {"workflowStatus": "READY_FOR_VALIDATION"}).status_code == 204
    assert read(call, event_id)["availableFrom"]
    refused = call("PUT", path, {"workflowStatus": "REJECTED"})
    assert errors(refused) == ["/"]
    assert call("PUT", path, {"workflowStatus": "APPROVED"}).status_code == 403
    call("DELETE", f"/io/events/{event_id}")
    back = call("PUT", path, {"workflowStatus": "DRAFT"})
    assert back.json["type"].endswith("uitdatabank/invalid-workflow-status-transition")


def test_an_unknown_event_is_404_and_someone_elses_is_403(call):
    assert call("PUT", f"/io/events/{UNKNOWN}", event_body(call)).status_code == 404
    assert call("DELETE", f"/io/events/{UNKNOWN}").status_code == 404
    assert call("PUT", f"/io/events/{FESTIVITY}", event_body(call)).status_code == 403
    assert call("DELETE", f"/io/events/{FESTIVITY}").status_code == 403


def test_availability_of_a_weekly_event_is_not_supported(call):
    event_id = call.event(
        calendarType="periodic",
        subEvent=None,
        startDate="2099-01-01T00:00:00+01:00",
        endDate="2099-12-31T00:00:00+01:00",
    )
    answer = call("PUT", f"/io/events/{event_id}/booking-availability", {"type": "Unavailable"})
    assert answer.json["type"].endswith("uitdatabank/calendar-type-not-supported")


def test_one_date_is_cancelled_and_the_whole_follows_only_when_all_are(call):
    dates = [
        {"startDate": f"2099-09-{day}T09:00:00+02:00", "endDate": f"2099-09-{day}T10:00:00+02:00"}
        for day in (12, 19)
    ]
    event_id = call.event(subEvent=dates)
    path = f"/io/events/{event_id}/sub-events"
    off = {"type": "Unavailable", "reason": {"nl": "Lesgever ziek"}}
    assert call("PATCH", path, [{"id": 1, "status": off}]).status_code == 204
    assert read(call, event_id)["status"]["type"] == "Available"
    call("PATCH", path, [{"id": 0, "status": off}])
    assert read(call, event_id)["status"] == off
    assert errors(call("PATCH", path, [{"id": 7}])) == ["/0/id"]


def test_age_and_birth_date_exclude_each_other(call):
    both = event_body(
        call, typicalAgeRange="6-12", birthdateRange={"from": "2090-01-01", "to": "2091-01-01"}
    )
    answer = call("POST", "/io/events", both)
    kind = "uitdatabank/cannot-combine-typical-age-and-birthdate-range"
    assert answer.json["type"].endswith(kind)


def test_a_place_that_is_already_there_is_a_conflict_that_names_it(call):
    known = call("GET", "/search/places?postalCode=9995&embed=true&q=boomhut").json["member"][0]
    place = {key: known[key] for key in ("mainLanguage", "name", "address", "calendarType")}
    answer = call("POST", "/io/places", place | {"terms": [{"id": "8.51.0.0.0"}]})
    assert answer.status_code == 409
    assert answer.json["duplicatePlaceUri"] == known["@id"]


def test_a_lessons_series_is_available_until_its_start(call):
    shown = read(call, call.event(terms=[{"id": "0.3.1.0.0"}]))
    assert shown["availableTo"] == shown["startDate"]


def test_an_event_that_is_only_online_has_no_place_to_go_to(call):
    shown = read(call, call.event(location=None, attendanceMode="online"))
    assert shown["location"]["@id"].endswith("/00000000-0000-0000-0000-000000000000")
    found = call("GET", "/search/places?disableDefaultFilters=true&embed=true&limit=100").json
    assert "Online" not in [place["name"]["nl"] for place in found["member"]]
