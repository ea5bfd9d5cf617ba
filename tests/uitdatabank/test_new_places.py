"""Making a location at UiTdatabank: made, found there already, refused, lost (D1)."""

import json

import pytest
import requests
import responses
from sqlalchemy import select

from app.extensions import db
from app.settings.models import AuditEntry, PubliqCall
from app.uitdatabank.new_places import Making, PlaceData, make_place, place_problems
from app.uitdatabank.searching import search_locations
from app.uitdatabank.taxonomy import place_kinds
from tests.uitdatabank.support import BOOMHUT, connect, fault, place_id

HALL = "OyaPaf64AEmEAYXHeLMAtA"
NEW = PlaceData("Schuur van Mia", "Akkerweg 12", "9995", "Zonnewende", HALL)


@pytest.fixture(autouse=True)
def _connected(app):
    connect()
    place_kinds()


def with_changes(**changes):
    return PlaceData(**{**vars(NEW), **changes})


def posts():
    return db.session.scalars(select(PubliqCall).where(PubliqCall.operation == "place-post")).all()


def test_a_place_is_made_and_its_id_is_known_at_once(sandbox_url):
    answer = make_place(NEW)
    assert answer.outcome is Making.MADE
    assert answer.location.address == "Akkerweg 12, 9995 Zonnewende"
    there = requests.get(f"{sandbox_url}/io/places/{answer.location.id}", timeout=10).json()
    assert there["name"] == {"nl": "Schuur van Mia"}
    assert there["calendarType"] == "permanent" and there["terms"][0]["id"] == HALL
    assert there["workflowStatus"] == "READY_FOR_VALIDATION", "a draft is found by nobody"
    found = search_locations("schuur van", "9995")
    assert [place.id for place in found.results] == [answer.location.id]
    entry = db.session.scalars(
        select(AuditEntry).where(AuditEntry.action == "Locatie gemaakt in UiTdatabank")
    ).one()
    assert entry.subject_id == answer.location.id


def test_kinds_of_places_are_no_thema_s():
    names = {term.name for term in place_kinds()}
    assert "Zaal of expohal" in names and "Kamp of vakantie" not in names


def test_one_with_the_same_name_in_the_postcode_is_offered_first():
    answer = make_place(with_changes(name=BOOMHUT.upper(), street="Elders 1"))
    assert answer.outcome is Making.LOOKS_ALIKE
    assert [place.id for place in answer.existing] == [place_id()]
    assert posts() == []
    again = make_place(with_changes(name=BOOMHUT, street="Elders 1"), is_another=True)
    assert again.outcome is Making.MADE, "another place with the same name"


def test_what_publiq_calls_a_duplicate_is_offered():
    answer = make_place(with_changes(name=BOOMHUT, street="Kastanjelaan 8"), is_another=True)
    assert answer.outcome is Making.EXISTS
    assert [(place.id, place.name) for place in answer.existing] == [(place_id(), BOOMHUT)]


@pytest.mark.parametrize(
    "extras",
    [
        {"duplicatePlaceUri": "/place/{id}"},
        {"duplicatePlaceUrl": "https://io.uitdatabank.be/places/{id}"},
        {"query": "/place/{id}"},
        {"query": "id:({id} OR 11111111-2222-4333-8444-555555555555)"},
        {"query": "unique_address_identifier:speelplein"},
        {"duplicatePlaceUri": "/"},
    ],
)
def test_each_spelling_of_a_duplicate_is_understood(sandbox_url, extras):
    body = {
        "type": "https://api.publiq.be/probs/uitdatabank/duplicate-place",
        "title": "Duplicate place",
        "status": 409,
        **{key: value.replace("{id}", place_id()) for key, value in extras.items()},
    }
    with responses.RequestsMock() as mock:
        mock.add_passthru(sandbox_url)
        mock.add(
            responses.POST,
            f"{sandbox_url}/io/places",
            body=json.dumps(body),
            status=409,
            content_type="application/json",
        )
        answer = make_place(with_changes(name=BOOMHUT), is_another=True)
    assert answer.outcome is Making.EXISTS
    assert [place.id for place in answer.existing] == [place_id()]


def test_a_lost_answer_is_looked_up_and_never_repeated_by_itself(sandbox_url):
    fault(sandbox_url, "POST /places", "antwoord-kwijt")
    answer = make_place(NEW)
    assert len(posts()) == 1
    assert answer.outcome is Making.EXISTS, "this index does not lag"
    assert [place.name for place in answer.existing] == [NEW.name]
    assert "gaf geen antwoord, maar we vonden" in answer.sentence


def test_a_lost_answer_that_cannot_be_looked_up_says_to_wait(sandbox_url):
    fault(sandbox_url, "POST /places", "antwoord-kwijt")
    let_search_fail(sandbox_url)
    answer = make_place(NEW, is_another=True)
    assert answer.outcome is Making.LOST and answer.call_id
    assert "Wacht een minuut en probeer dan opnieuw" in answer.sentence


def let_search_fail(sandbox_url):
    fault(sandbox_url, "GET /places", "plat", count=9)


def test_publiq_being_away_makes_nothing_and_says_so(sandbox_url):
    fault(sandbox_url, "alles", "plat", count=30)
    answer = make_place(NEW)
    assert answer.outcome is Making.FAILED
    assert answer.sentence == "UiTdatabank antwoordt nu niet. Probeer het straks opnieuw."


def test_what_publiq_refuses_is_said_at_its_field(sandbox_url):
    errors = [
        {"jsonPointer": "/address/nl/streetAddress", "error": "The string is too short"},
        {"jsonPointer": "/terms/0/id", "error": "The term does not exist"},
    ]
    body = {
        "type": "https://api.publiq.be/probs/body/invalid-data",
        "title": "Invalid body data",
        "status": 400,
        "schemaErrors": errors,
    }
    with responses.RequestsMock() as mock:
        mock.add_passthru(sandbox_url)
        mock.add(responses.POST, f"{sandbox_url}/io/places", json=body, status=400)
        answer = make_place(NEW)
    assert answer.outcome is Making.REFUSED
    assert [problem.field for problem in answer.problems] == ["street", "kind"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 91}, "name"),
        ({"street": ""}, "street"),
        ({"postal_code": "99950"}, "postal_code"),
        ({"locality": ""}, "locality"),
        ({"kind": ""}, "kind"),
        ({"kind": "0.57.0.0.0"}, "kind"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(changes, field):
    answer = make_place(with_changes(**changes))
    assert answer.outcome is Making.REFUSED
    assert [problem.field for problem in answer.problems] == [field]
    assert place_problems(NEW) == [] and posts() == []
