import time

import pytest

from app.sandbox import create_sandbox
from app.sandbox.search_query import QueryError, matches
from tests.sandbox.calling import Caller


def names(call, path):
    return [item["name"]["nl"] for item in call("GET", path + "&embed=true").json["member"]]


def test_places_are_found_by_postcode_and_part_of_a_word(call):
    found = names(
        call, r"/search/places?postalCode=9995&isDuplicate=false&q=name.\*:(spor* AND lork)"
    )
    assert found == ["Sporthal De Lork"]
    assert names(call, r"/search/places?postalCode=9000&q=name.\*:*lork*") == []


def test_duplicates_are_only_left_out_on_request_and_deleted_places_always(call):
    found = names(call, "/search/places?postalCode=9995")
    assert "Sporthal Lork" in found
    assert "Oude Turnzaal" not in found
    assert "Sporthal Lork" not in names(call, "/search/places?postalCode=9995&isDuplicate=false")
    everything = names(call, "/search/places?postalCode=9995&disableDefaultFilters=true")
    assert "Oude Turnzaal" in everything


def test_organizers_are_found_by_a_fragment_of_their_name(call):
    assert names(call, "/search/organizers?name=jeugd") == ["Jeugddienst Zonnewende"]
    assert names(call, "/search/organizers?name=feestcom") == []
    found = names(call, "/search/organizers?name=feestcom&workflowStatus=*")
    assert found == ["Feestcomité Zonnewende 2019"]
    assert "Feestcomité Zonnewende 2019" in names(
        call, "/search/organizers?name=feestcomite&workflowStatus=*"
    )


def test_without_embed_only_address_and_kind_are_given(call):
    member = call("GET", "/search/places?limit=1").json
    assert member["itemsPerPage"] == 1
    assert set(member["member"][0]) == {"@id", "@type"}


def test_a_private_event_and_a_draft_need_their_filter_switched_off(call):
    private = call.event(audience={"audienceType": "members"})
    draft = call.event(workflowStatus="DRAFT")
    assert call("GET", "/search/events?creator=demo").json["totalItems"] == 0
    members = call("GET", "/search/events?creator=demo&audienceType=*").json["member"]
    assert [item["@id"].rsplit("/", 1)[1] for item in members] == [private]
    query = "creator=demo&workflowStatus=DRAFT&availableFrom=*&availableTo=*"
    members = call("GET", "/search/events?" + query).json["member"]
    assert [item["@id"].rsplit("/", 1)[1] for item in members] == [draft]
    everything = call("GET", "/search/events?creator=demo&disableDefaultFilters=true").json
    assert everything["totalItems"] == 2


def test_an_event_is_found_by_label_organizer_and_uitpas(call):
    event_id = call.event(labels=["loket-42"])
    for query in (
        "labels[]=loket-42",
        "uitpas=true&creator=demo",
        f"organizerId={call.organizer_id()}",
        'q=labels:"loket-42"',
        f"q=organizer.id:({call.organizer_id()} OR onbekend)",
    ):
        members = call("GET", f"/search/events?{query}").json["member"]
        assert [item["@id"].rsplit("/", 1)[1] for item in members] == [event_id], query
    assert call("GET", "/search/events?labels[]=loket-43").json["totalItems"] == 0


def test_a_new_event_is_found_after_a_moment_only(tmp_path):
    app = create_sandbox(str(tmp_path / "late.sqlite"), delay_seconds=0.3)
    call = Caller(app)
    event_id = call.event()
    systems = f"/uitpas/events/{event_id}/card-systems"
    assert call("GET", "/search/events?creator=demo").json["totalItems"] == 0
    assert call("GET", systems).status_code == 404
    assert call("GET", f"/io/events/{event_id}").status_code == 200
    time.sleep(0.35)
    assert call("GET", "/search/events?creator=demo").json["totalItems"] == 1
    assert call("GET", systems).status_code == 200
    app.extensions["sandbox"].store.close()


@pytest.mark.parametrize("query", ["limit=2001", "start=10001", "limit=veel", "q=((a"])
def test_a_parameter_out_of_range_is_not_found(call, query):
    answer = call("GET", f"/search/places?{query}")
    assert answer.status_code == 404
    assert answer.json["type"].endswith("url/not-found")


DOCUMENT = {
    "name": {"nl": "Het Depot & Café", "fr": "Le Dépôt"},
    "address": {"nl": {"postalCode": "9000"}},
    "terms": [{"id": "0.5.0.0.0"}],
}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (r"name.\*:(het AND dep*)", True),
        (r"name.\*:(het dep*)", True),
        (r"name.\*:(het AND xyz*)", False),
        (r'name.\*:"Het Depot"', True),
        (r'name.\*:"Depot Het"', False),
        (r"name.nl:depo", False),
        (r"name.fr:depot", True),
        (r"name.\*:\&", False),
        (r"address.\*.postalCode:90*", True),
        (r"address.\*.postalCode:9001 OR terms.id:0.5.0.0.0", True),
        (r"NOT address.\*.postalCode:9000", False),
        ("_exists_:description.nl", False),
        ("_exists_:name.nl AND depot", True),
    ],
)
def test_a_query_means_what_it_means_at_publiq(query, expected):
    assert matches(DOCUMENT, query) is expected


def test_a_query_that_cannot_be_read_says_so():
    for query in ("", "name:", "(a", "a)", 'name:"open'):
        with pytest.raises(QueryError):
            matches(DOCUMENT, query)
