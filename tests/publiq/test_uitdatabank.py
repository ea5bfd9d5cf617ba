"""Entry, Search and Taxonomy: events written, places and organizers found, terms read (D1-D3)."""

import io
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from responses import matchers

from app.publiq.addresses import TEST
from app.publiq.entry import duplicate_place
from app.publiq.errors import PROBLEM_PREFIX, PubliqAnswerLost, PubliqRefused, PubliqUnreachable
from app.publiq.search import creator_of, escape_query, fragment_query, is_uitpas_label
from app.publiq.taxonomy import Term
from tests.publiq.support import CLIENT_ID, EVENT

PLACE_URL = "https://io-test.uitdatabank.be/place/787d7420-c06f-4935-b3c5-5cd5a1276796"
ADDRESS = {
    "addressCountry": "BE",
    "addressLocality": "Brussel",
    "postalCode": "1000",
    "streetAddress": "Anspachlaan 110",
}


def query(params):
    return matchers.query_param_matcher(params, strict_match=True)


def by_client_id():
    return matchers.header_matcher({"x-client-id": CLIENT_ID})


# Entry


def test_a_created_event_has_an_id(signed_in, publiq):
    body = {"name": {"nl": "Kamp"}, "priceInfo": [{"price": Decimal("12.50")}]}
    signed_in.post(
        TEST.io + "/events",
        status=201,
        match=[
            matchers.json_params_matcher({"name": {"nl": "Kamp"}, "priceInfo": [{"price": 12.5}]})
        ],
        json={"id": EVENT, "url": f"{TEST.io}/events/{EVENT}", "eventId": EVENT},
    )

    assert publiq.entry.create_event(body) == EVENT


@pytest.mark.parametrize("answer", [{}, {"id": ""}, {"id": 7}, [], {"url": "https://"}, "tekst"])
def test_a_created_event_without_an_id_must_be_looked_up(signed_in, publiq, answer):
    signed_in.post(TEST.io + "/events", status=201, json=answer)

    with pytest.raises(PubliqAnswerLost):
        publiq.entry.create_event({})


def test_an_event_is_read_without_a_token(http, publiq):
    http.get(f"{TEST.io}/events/{EVENT}", json={"@id": "x"}, match=[query({})])
    assert publiq.entry.get_event(EVENT) == {"@id": "x"}
    assert "Authorization" not in http.calls[0].request.headers


def test_a_document_that_is_none_is_not_taken_for_one(http, publiq):
    http.get(f"{TEST.io}/events/{EVENT}", json=["?"])

    with pytest.raises(PubliqUnreachable):
        publiq.entry.get_event(EVENT)


@pytest.mark.parametrize(
    ("method", "path", "body", "call"),
    [
        ("PUT", "", {"name": {"nl": "x"}}, lambda e: e.put_event(EVENT, {"name": {"nl": "x"}})),
        ("DELETE", "", None, lambda e: e.delete_event(EVENT)),
        ("PUT", "/status", {"type": "Available"}, lambda e: e.set_status(EVENT, "Available")),
        (
            "PUT",
            "/status",
            {"type": "Unavailable", "reason": {"nl": "Ziek"}},
            lambda e: e.set_status(EVENT, "Unavailable", {"nl": "Ziek"}),
        ),
        (
            "PUT",
            "/status",
            {"type": "Available"},
            lambda e: e.set_status(EVENT, "Available", {"nl": "Ziek"}),
        ),
        (
            "PUT",
            "/booking-availability",
            {"type": "Unavailable"},
            lambda e: e.set_booking_availability(EVENT, False),
        ),
        ("PATCH", "/sub-events", [{"id": 0}], lambda e: e.patch_sub_events(EVENT, [{"id": 0}])),
        (
            "PUT",
            "/audience",
            {"audienceType": "members"},
            lambda e: e.set_audience(EVENT, "members"),
        ),
        (
            "PUT",
            "/available-from",
            {"availableFrom": "2027-03-01T00:00:00+00:00"},
            lambda e: e.put_available_from(EVENT, datetime(2027, 3, 1, tzinfo=UTC)),
        ),
        (
            "PUT",
            "/workflow-status",
            {"workflowStatus": "READY_FOR_VALIDATION"},
            lambda e: e.put_workflow_status(EVENT, "READY_FOR_VALIDATION"),
        ),
        (
            "PUT",
            "/contact-point",
            {"phone": [], "email": ["a@b.example"], "url": []},
            lambda e: e.put_contact_point(EVENT, emails=["a@b.example"]),
        ),
        ("DELETE", "/theme", None, lambda e: e.delete_theme(EVENT)),
        ("DELETE", "/description/nl", None, lambda e: e.delete_description(EVENT)),
    ],
)
def test_a_change_of_an_event_is_sent_as_publiq_wants_it(
    signed_in, publiq, method, path, body, call
):
    match = [] if body is None else [matchers.json_params_matcher(body)]
    signed_in.add(method, f"{TEST.io}/events/{EVENT}{path}", status=204, match=match)

    assert call(publiq.entry) is None
    assert (signed_in.calls[-1].request.body is None) == (body is None)


def test_a_moment_without_zone_is_not_sent(http, publiq):
    with pytest.raises(ValueError, match="aware"):
        publiq.entry.put_available_from(EVENT, datetime(2027, 3, 1))  # noqa: DTZ001


def test_a_place_that_exists_already_is_named(signed_in, publiq):
    signed_in.post(
        TEST.io + "/places",
        status=409,
        json={
            "type": PROBLEM_PREFIX + "uitdatabank/duplicate-place",
            "status": 409,
            "duplicatePlaceUri": PLACE_URL,
        },
    )

    with pytest.raises(PubliqRefused) as caught:
        publiq.entry.create_place({"name": {"nl": "AB"}})

    assert caught.value.problem == "uitdatabank/duplicate-place"
    assert duplicate_place(caught.value.extras) == PLACE_URL
    assert duplicate_place({"duplicatePlaceUrl": PLACE_URL}) == PLACE_URL
    assert duplicate_place({}) is None


def test_a_picture_is_uploaded_and_its_name_is_all_the_log_gets(signed_in, publiq, recorder):
    signed_in.post(
        TEST.io + "/images",
        status=201,
        json={"@id": "https://io-test.uitdatabank.be/images/1", "imageId": "1"},
    )

    image = publiq.entry.upload_image(
        io.BytesIO(b"\x89PNG"),
        "foto.png",
        "image/png",
        description="Zwembad",
        copyright_holder="Gemeente",
    )

    assert image == "https://io-test.uitdatabank.be/images/1"
    assert b"\x89PNG" in signed_in.calls[-1].request.body
    assert recorder.last.request_body == (
        '{"parts": ["copyrightHolder", "description", "file", "language"]}'
    )


# Search


def test_places_are_found_by_words_and_postal_code(http, publiq):
    http.get(
        TEST.search + "/places",
        match=[
            by_client_id(),
            query(
                {
                    "q": r"name.\*:(ancienne AND bel*)",
                    "postalCode": "1000",
                    "isDuplicate": "false",
                    "embed": "true",
                    "limit": "10",
                }
            ),
        ],
        json={
            "member": [
                {
                    "@id": PLACE_URL,
                    "mainLanguage": "fr",
                    "name": {"nl": "AB", "fr": "Ancienne Belgique"},
                    "address": {"fr": ADDRESS},
                },
                {"@id": PLACE_URL + "/", "name": "Oud", "address": ADDRESS},
                {"name": {"nl": "Zonder adres op het net"}},
            ]
        },
    )

    first, second = publiq.search.places("Ancienne  Bel", "1000")

    assert first.id == "787d7420-c06f-4935-b3c5-5cd5a1276796"
    assert (first.url, first.name) == (PLACE_URL, "Ancienne Belgique")
    assert (first.street, first.postal_code, first.locality) == (
        "Anspachlaan 110",
        "1000",
        "Brussel",
    )
    assert (second.id, second.name, second.locality) == (first.id, "Oud", "Brussel")


def test_places_of_a_postal_code_need_no_words(http, publiq):
    http.get(
        TEST.search + "/places",
        match=[
            query({"postalCode": "9000", "isDuplicate": "false", "embed": "true", "limit": "50"})
        ],
        json={"member": []},
    )

    assert publiq.search.places("  ", "9000", limit=50) == []


def test_organizers_are_found_and_uitpas_partners_marked(http, publiq):
    http.get(
        TEST.search + "/organizers",
        match=[by_client_id(), query({"name": "cultuur", "embed": "true", "limit": "10"})],
        json={
            "member": [
                {
                    "@id": f"{TEST.io}/organizers/org-1",
                    "name": {"nl": "Cultuurdienst"},
                    "labels": ["jeugd"],
                    "hiddenLabels": ["UiTPAS Gent"],
                },
                {"@id": f"{TEST.io}/organizers/org-2", "name": {"nl": "Cultuurraad"}},
            ]
        },
    )

    partner, other = publiq.search.organizers(" cultuur ")

    assert (partner.id, partner.is_uitpas) == ("org-1", True)
    assert partner.labels == ("jeugd", "UiTPAS Gent")
    assert (other.name, other.is_uitpas, other.street) == ("Cultuurraad", False, "")


@pytest.mark.parametrize("label", ["UiTPAS Gent", "uitpas dender", "Paspartoe"])
def test_labels_of_card_systems_are_known(label):
    assert is_uitpas_label(label)


def test_events_are_found_back_with_all_filters_off(http, publiq):
    http.get(
        TEST.search + "/events",
        match=[
            query(
                {
                    "creator": "gemeente-client@clients",
                    "labels[]": "vrijloket",
                    "q": r'name.\*:"Kamp \"Zee\""',
                    "disableDefaultFilters": "true",
                    "embed": "true",
                    "sort[created]": "desc",
                    "limit": "100",
                }
            )
        ],
        json={
            "member": [
                {
                    "@id": f"{TEST.io}/events/{EVENT}",
                    "name": {"nl": 'Kamp "Zee"'},
                    "created": "2027-01-01T10:00:00+00:00",
                    "workflowStatus": "DRAFT",
                    "startDate": "2020-01-01T00:00:00+00:00",
                    "subEvent": [{"startDate": "2027-04-05T13:30:00+02:00"}],
                },
                {"@id": f"{TEST.io}/events/x", "startDate": "2027-04-05T13:30:00+02:00"},
            ]
        },
    )

    first, second = publiq.search.events_by(
        creator=creator_of(CLIENT_ID), label="vrijloket", name='Kamp "Zee"'
    )

    assert (first.id, first.name, first.workflow_status) == (EVENT, 'Kamp "Zee"', "DRAFT")
    assert first.starts_at == datetime(2027, 4, 5, 11, 30, tzinfo=UTC)
    assert first.created_at == datetime(2027, 1, 1, 10, tzinfo=UTC)
    assert second.starts_at == first.starts_at


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Het Depot", "Het Depot"),
        ("a+b-c=d", r"a\+b\-c\=d"),
        ("(x) {y} [z]", r"\(x\) \{y\} \[z\]"),
        ('"a"^~*?:', r"\"a\"\^\~\*\?\:"),
        ("a&b|c!", r"a\&b\|c\!"),
        ("a\\b/c", r"a\\b\/c"),
        ("<script>", "script"),
        ("een AND twee OR NOT drie", "een and twee or not drie"),
        ("ANDERS ORKEST NOTA", "ANDERS ORKEST NOTA"),
    ],
)
def test_a_persons_text_cannot_become_a_query(text, escaped):
    assert escape_query(text) == escaped


@pytest.mark.parametrize(
    ("text", "query_text"),
    [
        ("het dep", "n:(het AND dep*)"),
        ("Sint-Niklaas", "n:(sint AND niklaas*)"),
        ("a:b* OR (c", r"n:(a\:b\* AND or AND \(c*)"),
        ("d'Academie", "n:(d'academie*)"),
        ("café Ü", "n:(café AND ü*)"),
        ("", None),
        (" - ? ", None),
    ],
)
def test_a_fragment_is_searched_word_by_word(text, query_text):
    assert fragment_query("n", text) == query_text


# Taxonomy


def test_terms_keep_the_themes_that_publiq_suggests(http, publiq):
    http.get(
        TEST.taxonomy + "/terms",
        json={
            "terms": [
                {
                    "id": "0.50.4.0.0",
                    "domain": "eventtype",
                    "name": {"nl": "Concert", "fr": "Concert (fr)"},
                    "scope": ["events"],
                    "otherSuggestedTerms": [
                        {"id": "1.8.3.5.0", "domain": "theme"},
                        {"id": "3.1", "domain": "facility"},
                    ],
                }
            ]
        },
    )

    assert publiq.taxonomy.terms() == [
        Term("0.50.4.0.0", "eventtype", "Concert", ("1.8.3.5.0",), ("events",))
    ]
    assert "Authorization" not in http.calls[0].request.headers
    assert "x-client-id" not in http.calls[0].request.headers
