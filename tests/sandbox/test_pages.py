import re

import html5lib
import pytest

from tests.sandbox.calling import CREDENTIALS, TOKEN_PATH, sale

EMMA = "0910000000117"
PAGES = ["", "events", "locaties", "ticket-sales", "voordelen", "passen", "rechten", "storingen"]


def parsed(response):
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(response.text)
    assert parser.errors == []
    return tree


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_whole_in_dutch_and_without_inline_code(call, page):
    event_id = call.event()
    call.sell(sale(event_id, EMMA))
    call("POST", "/uitpas/rewards/redeemed", {"rewardId": "6006", "uitpasNumber": EMMA})
    call("POST", "/sandbox/storingen", {"operation": "GET /passes", "kind": "plat"})
    response = call.http.get(f"/sandbox/{page}")
    assert response.status_code == 200
    tree = parsed(response)
    assert tree.get("lang") == "nl"
    assert len(tree.findall(".//h1")) == 1
    assert not tree.findall(".//script")
    assert not tree.findall(".//style")
    assert not re.search(r'\s(style|onclick)="', response.text)
    labelled = {label.get("for") for label in tree.iter("label")}
    for field in [*tree.iter("input"), *tree.iter("select"), *tree.iter("textarea")]:
        assert field.get("id") in labelled
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_what_was_received_is_listed_without_insz_and_secrets(call):
    call("GET", "/uitpas/passes?identifier=16051411460")
    call("GET", "/uitpas/passes?identifier=16.05.14-114.60")
    call("GET", "/uitpas/passes?identifier=16%2005%2014%20114%2060")
    call("POST", "/io/events", {"note": "kind 18090205564"})
    call.http.post(TOKEN_PATH, data=CREDENTIALS | {"client_secret": "heel-geheim"})
    for address in ("/sandbox/", "/sandbox/ontvangen.json"):
        text = call.http.get(address).text
        for secret in ("16051411460", "16.05.14", "16 05 14", "18090205564", "heel-geheim"):
            assert secret not in text
    calls = call.http.get("/sandbox/ontvangen.json").json
    assert calls[0]["path"] == TOKEN_PATH
    assert calls[0]["status"] == "401"
    assert calls[1]["method"] == "POST"
    assert calls[1]["answer"] == "https://api.publiq.be/probs/body/invalid-data"


def test_a_uitpas_number_stays_readable(call):
    call("GET", f"/uitpas/passes?identifier={EMMA}")
    assert EMMA in call.http.get("/sandbox/ontvangen.json").json[0]["path"]


def test_a_call_without_an_answer_is_listed_as_such(call):
    fault = {"operation": "GET /permissions", "kind": "antwoord-kwijt", "count": 1}
    call("POST", "/sandbox/storingen", fault)
    with pytest.raises(ConnectionResetError):
        call("GET", "/uitpas/permissions")
    last = call.http.get("/sandbox/ontvangen.json").json[0]
    assert (last["status"], last["answer"]) == ("geen antwoord", "storing: antwoord-kwijt")


def test_an_event_has_a_page_at_the_address_of_uitdatabank(call):
    event_id = call.event()
    for address in (f"/event/{event_id}/preview", f"/sandbox/events/{event_id}"):
        page = call.http.get(address)
        tree = parsed(page)
        assert tree.find(".//h1").text == "Kleuterturnen in de herfst"
        assert "Speelplein De Boomhut" in page.text
    assert call.http.get("/event/onbekend/preview").status_code == 404


def test_an_event_is_changed_by_hand(call):
    event_id = call.event()
    path = f"/sandbox/events/{event_id}"
    call.http.post(path, data={"action": "title", "title": "Andere titel"})
    assert call("GET", f"/io/events/{event_id}").json["name"]["nl"] == "Andere titel"
    call.http.post(path, data={"action": "reject"})
    assert call("GET", f"/io/events/{event_id}").json["workflowStatus"] == "REJECTED"
    call.http.post(path, data={"action": "delete"})
    assert call("GET", f"/io/events/{event_id}").json["workflowStatus"] == "DELETED"
    assert call.http.post(path, data={"action": "title", "title": " "}).status_code == 400


@pytest.mark.parametrize(
    ("action", "text", "where", "wanted"),
    [
        ("description", "Helemaal anders", "description", {"nl": "Helemaal anders"}),
        ("audience", "members", "audience", {"audienceType": "members"}),
        ("translation", "Gymnastique", "name", {"nl": "Kleuterturnen in de herfst",
                                                "fr": "Gymnastique"}),
        ("label", "natuur", "labels", ["natuur"]),
        ("cancel", "Ziek", "status", {"type": "Unavailable", "reason": {"nl": "Ziek"}}),
    ],
)  # fmt: skip
def test_someone_changes_a_field_of_an_event_by_hand(call, action, text, where, wanted):
    event_id = call.event(labels=[], description={"nl": "Turnen"})
    answer = call.http.post(f"/sandbox/events/{event_id}", data={"action": action, "text": text})
    assert answer.status_code == 303
    assert call("GET", f"/io/events/{event_id}").json[where] == wanted
    page = call.http.get(f"/event/{event_id}/preview")
    parsed(page)
    assert text in page.text


def test_someone_adds_a_picture_by_hand_and_a_put_may_send_it_back(call):
    event_id = call.event()
    call.http.post(f"/sandbox/events/{event_id}", data={"action": "picture", "text": "In het bos"})
    (image,) = call("GET", f"/io/events/{event_id}").json["mediaObject"]
    assert image["description"] == "In het bos"
    assert call("GET", "/io" + image["@id"].split("/io")[1]).json["copyrightHolder"]


def test_what_makes_no_sense_by_hand_is_refused(call):
    path = f"/sandbox/events/{call.event()}"
    for fields in (
        {"action": "audience", "text": "iedereen"},
        {"action": "label", "text": "a"},
        {},
    ):
        assert call.http.post(path, data=fields).status_code == 400


def places(call):
    return {one["name"]: one for one in call.http.get("/sandbox/locaties?format=json").json}


def test_a_location_is_deleted_by_hand_and_put_back(call):
    place_id = places(call)["Speelplein De Boomhut"]["id"]
    path = f"/sandbox/locaties/{place_id}"
    call.http.post(path, data={"action": "delete"})
    assert call("GET", f"/io/places/{place_id}").json["workflowStatus"] == "DELETED"
    found = call("GET", "/search/places?postalCode=9995&embed=true").json["member"]
    assert "Speelplein De Boomhut" not in {one["name"]["nl"] for one in found}
    call.http.post(path, data={"action": "restore"})
    assert places(call)["Speelplein De Boomhut"]["status"] == "actief"


def test_a_location_is_merged_by_hand_and_its_events_move_along(call):
    event_id = call.event()
    known = places(call)
    one, other = known["Speelplein De Boomhut"]["id"], known["Sporthal De Lork"]["id"]
    path = f"/sandbox/locaties/{one}"
    assert call.http.post(path, data={"action": "merge", "into": one}).status_code == 400
    call.http.post(path, data={"action": "merge", "into": other})
    location = call("GET", f"/io/events/{event_id}").json["location"]
    assert location["name"]["nl"] == "Sporthal De Lork"
    assert call("GET", f"/io/places/{one}").json["duplicateOf"].endswith(other)
    assert places(call)["Speelplein De Boomhut"]["status"] == "samengevoegd"
    assert call.http.post("/sandbox/locaties/nergens", data={}).status_code == 404


def test_ticket_sales_are_listed_cancelled_ones_too(call):
    sold = call.sell(sale(call.event(), EMMA, label="Basistarief (x7)")).json[0]
    assert call.http.get("/sandbox/ticket-sales.json").json == [sold | {"cancelled": False}]
    call("DELETE", f"/uitpas/ticket-sales/{sold['id']}")
    assert call.http.get("/sandbox/ticket-sales.json").json == [sold | {"cancelled": True}]


def test_starting_over_brings_back_the_beginning(call):
    event_id = call.event()
    call("POST", "/sandbox/opnieuw", {})
    call.sign_in()
    assert call("GET", f"/io/events/{event_id}").status_code == 404
    assert call("GET", f"/uitpas/passes?identifier={EMMA}").json["points"] == 12


def test_a_page_elsewhere_cannot_press_the_buttons(call):
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert call.http.post("/sandbox/opnieuw", headers=headers).status_code == 403


def test_an_address_that_does_not_exist_is_told_as_publiq_does(call):
    unknown = call("GET", "/uitpas/onbekend")
    assert (unknown.status_code, unknown.mimetype) == (404, "application/problem+json")
    assert call("DELETE", "/uitpas/permissions").json["type"].endswith("method/not-allowed")


def test_a_card_that_is_replaced_keeps_its_holder_its_limit_and_its_sales(call):
    event_id = call.event()
    call.sell(sale(event_id, EMMA))
    answer = call.http.post(f"/sandbox/passen/{EMMA}/vervangen", json={})
    new = answer.json["number"]
    assert call("GET", f"/uitpas/passes?identifier={EMMA}").json["uitpasNumber"] == new
    of_old = f"/uitpas/tariffs?eventId={event_id}&regularPrice=10&uitpasNumber={EMMA}"
    assert call("GET", of_old).json["type"].endswith("/uitpas/passholder-not-found")
    assert call("GET", of_old.replace(EMMA, new)).status_code == 200
    (listed,) = call("GET", f"/uitpas/ticket-sales?eventId={event_id}").json["member"]
    assert listed["uitpasNumber"] == EMMA
    assert call.http.post(f"/sandbox/passen/{EMMA}/vervangen").status_code == 404
    assert call.http.post(f"/sandbox/passen/{new}/vervangen").status_code == 303
    assert call("GET", f"/uitpas/passes?identifier={EMMA}").json["uitpasNumber"] not in (EMMA, new)
