"""Updating keeps what colleagues added at UiTdatabank (D3): a pure function."""

from datetime import UTC, datetime
from decimal import Decimal

from app.uitdatabank.event import EventDate, EventFacts, EventPrice, event_body
from app.uitdatabank.merging import merge, theme_to_delete

IO = "https://io-test.uitdatabank.be"
PLACE = "787d7420-c06f-4935-b3c5-5cd5a1276796"
ORGANIZER = "0ce87cbc-9299-4528-8d35-92225dc9489f"


def ours(**changes):
    values = {
        "io_base": IO,
        "title": "Winterbos-kamp",
        "description": "Buiten spelen.",
        "event_type": "0.57.0.0.0",
        "theme": "",
        "location_id": PLACE,
        "organizer_id": ORGANIZER,
        "dates": (
            EventDate(datetime(2027, 1, 4, 8, tzinfo=UTC), datetime(2027, 1, 4, 15, tzinfo=UTC)),
        ),
        "prices": (EventPrice("Standaard", Decimal("60.00")), EventPrice("Inwoner", Decimal(40))),
        "labels": ("winter",),
    }
    return event_body(EventFacts(**{**values, **changes}))


def test_pictures_films_and_questions_stay():
    theirs = {
        "mediaObject": [
            {
                "@id": f"{IO}/images/1",
                "@type": "schema:ImageObject",
                "contentUrl": "https://images.example/1.jpeg",
                "copyrightHolder": "Fotograaf",
                "inLanguage": "nl",
            }
        ],
        "videos": [{"id": "x", "url": "https://youtu.be/abc", "language": "nl", "embedUrl": "y"}],
        "faqs": [{"nl": {"question": "Wat breng je mee?", "answer": "Laarzen."}}],
        "childrenOnly": True,
    }
    body = merge(theirs, ours())
    assert body["mediaObject"] == [
        {"@id": f"{IO}/images/1", "copyrightHolder": "Fotograaf", "inLanguage": "nl"}
    ]
    assert body["videos"] == [{"url": "https://youtu.be/abc", "language": "nl"}]
    assert body["faqs"] == theirs["faqs"] and body["childrenOnly"] is True


def test_translations_stay_and_our_dutch_wins():
    theirs = {
        "name": {"nl": "Oud", "fr": "Stage"},
        "description": {"nl": "Oud", "en": "Old"},
        "priceInfo": [
            {"category": "tariff", "name": {"nl": "Inwoner", "fr": "Habitant"}, "price": 30},
            {"category": "uitpas", "name": {"nl": "UiTPAS"}, "price": 5},
        ],
    }
    body = merge(theirs, ours())
    assert body["name"] == {"nl": "Winterbos-kamp", "fr": "Stage"}
    assert body["description"] == {"nl": "Buiten spelen.", "en": "Old"}
    assert [item["category"] for item in body["priceInfo"]] == ["base", "tariff"]
    assert body["priceInfo"][1]["name"] == {"nl": "Inwoner", "fr": "Habitant"}
    assert body["priceInfo"][1]["price"] == 40


def test_labels_of_others_stay_ours_that_went_go_and_those_of_uitpas_are_not_sent():
    theirs = {
        "labels": ["Winter", "natuur", "sneeuw"],
        "hiddenLabels": ["vrijloket", "UiTPAS Gent", "regio-oost"],
    }
    body = merge(theirs, ours(), previous=ours(labels=("winter", "sneeuw")))
    assert body["labels"] == ["winter", "natuur"]
    assert body["hiddenLabels"] == ["vrijloket", "regio-oost"]


def test_the_theme_is_taken_away_apart_for_a_put_keeps_it():
    theirs = {
        "terms": [
            {"id": "0.57.0.0.0", "domain": "eventtype"},
            {"id": "1.51.12.0.0", "domain": "theme"},
            {"id": "3.13.1.0.0", "domain": "facility", "label": "Voorzieningen"},
        ]
    }
    assert theme_to_delete(theirs, ours())
    assert not theme_to_delete(theirs, ours(theme="1.51.11.0.0"))
    assert merge(theirs, ours())["terms"] == [
        {"id": "0.57.0.0.0", "domain": "eventtype"},
        {"id": "3.13.1.0.0", "domain": "facility"},
    ]


def test_childcare_of_the_same_start_stays_whatever_the_offset():
    theirs = {
        "subEvent": [
            {
                "id": 0,
                "startDate": "2027-01-04T08:00:00+00:00",
                "endDate": "2027-01-04T15:00:00+00:00",
                "childcare": {"start": "8:00"},
                "bookingAvailability": {"type": "Unavailable"},
            }
        ]
    }
    (date,) = merge(theirs, ours())["subEvent"]
    assert date["childcare"] == {"start": "8:00"}
    assert date["bookingAvailability"] == {"type": "Available"}
    assert date["startDate"] == "2027-01-04T09:00:00+01:00"


def test_contact_of_others_stays_and_ours_that_changed_goes():
    before = ours(email="oud@gemeente.be", phone="09 1")
    theirs = {
        "contactPoint": {
            "email": ["oud@gemeente.be", "collega@gemeente.be"],
            "phone": ["09 1"],
            "url": ["https://www.gemeente.be"],
        }
    }
    body = merge(theirs, ours(email="nieuw@gemeente.be"), previous=before)
    assert body["contactPoint"] == {
        "email": ["nieuw@gemeente.be", "collega@gemeente.be"],
        "url": ["https://www.gemeente.be"],
    }


def test_a_registration_link_that_was_switched_off_goes_and_one_of_others_stays():
    theirs = {"bookingInfo": {"phone": "09 2"}}
    assert merge(theirs, ours())["bookingInfo"] == {"phone": "09 2"}
    previous = {**ours(), "bookingInfo": {"phone": "09 2"}}
    assert "bookingInfo" not in merge(theirs, ours(), previous)


def test_what_only_publiq_writes_is_not_sent_back():
    theirs = {
        "@id": f"{IO}/events/1",
        "created": "2026-01-01T00:00:00+00:00",
        "creator": "demo@clients",
        "availableTo": "2027-01-04T08:00:00+00:00",
        "calendarSummary": {},
        "completedLanguages": ["nl"],
        "birthdateRange": {"from": "2015-01-01", "to": "2018-01-01"},
        "status": {"type": "Available"},
    }
    assert set(merge(theirs, ours())) == set(ours())


def test_an_event_that_can_be_followed_online_too_stays_so():
    theirs = {"attendanceMode": "mixed", "onlineUrl": "https://meet.example/1"}
    body = merge(theirs, ours())
    assert (body["attendanceMode"], body["onlineUrl"]) == ("mixed", "https://meet.example/1")
    assert "onlineUrl" not in merge({**theirs, "attendanceMode": "online"}, ours())


def test_exceptions_that_moved_to_the_description_leave_the_agenda():
    """Left out of a PUT they would stay there beside the sentences."""
    closed = {"startDate": "2027-07-21", "endDate": "2027-07-21"}
    ours_in_words = ours() | {"calendarType": "periodic", "openingHours": []}
    del ours_in_words["subEvent"]
    theirs = {"openingHours": [], "openingHoursClosedDays": [closed]}
    body = merge(theirs, ours_in_words)
    assert body["openingHoursClosedDays"] == []
    assert "openingHoursAdjustedDays" not in body
    in_agenda = ours_in_words | {"openingHoursClosedDays": [closed]}
    assert merge(theirs, in_agenda)["openingHoursClosedDays"] == [closed]
