import threading

import pytest

from tests.sandbox.calling import Caller, event_body, sale

FESTIVITY = "5a0967f9-cc06-4c3c-9206-30481a767434"
LIMITED = "d83b5b8a-108a-45d6-9ac9-8bdc44a0a24a"
FORBIDDEN = "373d6cee-b4ae-4637-9b7c-eeb79e45f044"
GENT = "0900000067513"
EMMA, NOAH = "0910000000117", "0910000000216"
GROUP = "0910000001511"


def kind(response):
    return response.json["type"].removeprefix("https://api.publiq.be/probs/")


def tariffs(call, event_id, number, price=10, **more):
    query = {"eventId": event_id, "uitpasNumber": number, "regularPrice": price, **more}
    return call("GET", "/uitpas/tariffs", query_string=query)


def test_permissions_name_the_test_organizer_and_zonnewende(call):
    found = call("GET", "/uitpas/permissions").json
    assert [item["organizer"]["name"] for item in found] == [
        "[TEST] UiTPAS Organisatie (Regio Gent + Paspartoe)",
        "Gemeente Zonnewende – Vrije Tijd",
        "Jeugddienst Zonnewende",
        "Sportdienst Zonnewende",
    ]
    ids = {detail["id"] for detail in found[0]["permissionDetails"]}
    assert {"TARIFFS_READ", "TICKETSALES_REGISTER", "TICKETSALES_SEARCH", "PASSES_READ"} <= ids


@pytest.mark.parametrize("identifier", [EMMA, "16051411460", "16.05.14-114.60", "04A1B2C3D40101"])
def test_a_pass_is_found_by_number_insz_and_chip(call, identifier):
    answer = call("GET", "/uitpas/passes", query_string={"identifier": identifier}).json
    assert answer["uitpasNumber"] == EMMA
    assert answer["firstName"] == "Emma"
    assert answer["socialTariff"]["status"] == "ACTIVE"


def test_messages_of_a_pass_and_a_suspension_are_told_as_publiq_does(call):
    with_message = call("GET", "/uitpas/passes?identifier=0910000000711").json
    assert with_message["messages"][0]["level"] == "WARN"
    suspended = call("GET", "/uitpas/passes?identifier=0910000001016").json
    assert suspended["socialTariff"]["status"] == "ACTIVE"
    unregistered = call("GET", "/uitpas/passes?identifier=0900000074519")
    assert unregistered.json["cardStatus"] == "LOCAL_STOCK"
    assert "passholderId" not in unregistered.json


def test_kansentarief_is_a_fifth_rounded_to_the_cent(call):
    event_id = call.event()
    found = tariffs(call, event_id, EMMA, 12.33).json["available"]
    assert [(item["type"], item["price"], item["remaining"]) for item in found] == [
        ("SOCIALTARIFF", 2.47, 1)
    ]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0910000000810", "uitpas/social-tariff-expired"),
        ("0910000001016", "uitpas/social-tariff-suspended"),
        ("0910000001305", "uitpas/invalid-card-status"),
        ("0900000074519", "uitpas/invalid-card-status"),
        ("0910000009993", "uitpas/passholder-not-found"),
        ("0910000009994", "uitpas/invalid-uitpasnumber"),
        ("091000000999", "uitpas/invalid-uitpasnumber"),
    ],
)
def test_a_pass_without_right_is_refused_with_a_dutch_reason(call, number, expected):
    answer = tariffs(call, call.event(), number)
    assert answer.status_code == 400
    assert kind(answer) == expected
    assert answer.json["endUserMessage"]["nl"]


def test_no_tariff_without_kansentarief_and_a_message_for_another_region(call):
    event_id = call.event()
    assert tariffs(call, event_id, "0910000000406").json == {"available": []}
    elsewhere = tariffs(call, event_id, "0910000001214").json
    assert elsewhere["available"] == []
    assert "andere regio" in elsewhere["endUserMessage"]["nl"]


def test_passes_of_gent_get_their_tariff_at_the_test_organizer_and_in_zonnewende(call):
    for event_id in (FESTIVITY, call.event()):
        assert tariffs(call, event_id, GENT).json["available"][0]["price"] == 2


def test_an_event_is_known_only_when_published_with_price_and_uitpas_organizer(call):
    draft = call.event(workflowStatus="DRAFT")
    free = call.event(priceInfo=None)
    club = call("GET", "/search/organizers?name=hoog&embed=true").json["member"][0]["@id"]
    other = call.event(organizer={"@id": club})
    for event_id in (draft, free, other):
        assert kind(tariffs(call, event_id, EMMA)) == "uitpas/event-not-found"
    shown = call("GET", f"/io/events/{call.event()}").json
    assert shown["hiddenLabels"] == ["UiTPAS Zonnewende", "UiTPAS Gent"]


def test_an_organizer_that_gave_no_rights_is_forbidden(call):
    assert tariffs(call, FORBIDDEN, GENT).status_code == 403
    answer = call.sell(sale(FORBIDDEN, GENT, tariff="SOCIALTARIFF-1"))
    assert answer.status_code == 403


def test_sales_are_answered_in_another_order_with_all_they_need(call):
    event_id = call.event()
    answer = call.sell(
        sale(event_id, EMMA, label="Basistarief (a1)"), sale(event_id, NOAH, label="Inwoners (b2)")
    )
    assert [item["uitpasNumber"] for item in answer.json] == [NOAH, EMMA]
    assert answer.json[1]["regularPriceLabel"] == "Basistarief (a1)"
    assert answer.json[1]["tariff"]["price"] == 2
    assert answer.json[1]["eventTitle"] == "Kleuterturnen in de herfst"


def test_one_bad_sale_and_none_is_registered(call):
    event_id = call.event()
    answer = call.sell(sale(event_id, EMMA), sale(event_id, "0910000000810"))
    assert kind(answer) == "uitpas/social-tariff-expired"
    assert answer.json["jsonPointer"] == "/1"
    assert call("GET", f"/uitpas/ticket-sales?eventId={event_id}").json["totalItems"] == 0


def test_a_tariff_that_is_not_offered_is_refused_at_its_place(call):
    event_id = call.event()
    answer = call.sell(sale(event_id, EMMA, tariff="SOCIALTARIFF-999"))
    assert answer.json["schemaErrors"][0]["jsonPointer"] == "/0/tariff/id"
    assert kind(call.sell(sale(event_id, EMMA, tariff="COUPON_2001"))) == "uitpas/invalid-coupon"


def test_the_limit_of_an_event_holds_until_a_sale_is_cancelled(call):
    item = sale(LIMITED, GENT, tariff="SOCIALTARIFF-1")
    first = call.sell(item)
    assert kind(call.sell(item)) == "uitpas/maximum-reached"
    refused = tariffs(call, LIMITED, GENT).json
    assert refused["available"] == []
    assert refused["endUserMessage"]["nl"]
    path = f"/uitpas/ticket-sales/{first.json[0]['id']}"
    assert call("DELETE", path).status_code == 204
    assert kind(call("DELETE", path)) == "uitpas/ticket-sale-not-found"
    assert call.sell(item).status_code == 200


def test_a_coupon_is_used_once_and_comes_back_when_cancelled(call):
    yasmina, event_id = "0910000000612", call.event()
    found = tariffs(call, event_id, yasmina, type="COUPON").json["available"]
    assert [(item["id"], item["price"]) for item in found] == [("COUPON_2001", 1)]
    item = sale(event_id, yasmina, tariff="COUPON_2001")
    sold = call.sell(item).json[0]
    assert kind(call.sell(item)) == "uitpas/invalid-coupon"
    assert tariffs(call, event_id, yasmina, type="COUPON").json["available"] == []
    call("DELETE", f"/uitpas/ticket-sales/{sold['id']}")
    assert call.sell(item).status_code == 200


def test_an_expired_kansentarief_hides_a_coupon_unless_coupons_are_asked(call):
    event_id = call.event()
    assert tariffs(call, event_id, "0910000000810").status_code == 400
    assert tariffs(call, event_id, "0910000000810", type="COUPON").json["available"]


def test_a_group_pass_takes_several_tickets_and_a_person_one(call):
    event_id = call.event()
    assert tariffs(call, event_id, GROUP).json["available"][0]["remaining"] == 20
    assert len(call.sell(*[sale(event_id, GROUP)] * 3).json) == 3
    assert tariffs(call, event_id, GROUP).json["available"][0]["remaining"] == 17
    assert kind(call.sell(*[sale(event_id, GROUP)] * 18)) == "uitpas/maximum-reached"
    twice = call.sell(sale(event_id, EMMA), sale(event_id, EMMA))
    assert kind(twice) == "uitpas/invalid-number-of-tickets"
    assert twice.json["jsonPointer"] == "/1"


def test_a_sale_freezes_the_organizer_until_it_is_cancelled(call):
    event_id = call.event()
    sold = call.sell(sale(event_id, EMMA)).json[0]
    organizer = f"/io/events/{event_id}/organizer/{call.organizer_id('Jeugddienst Zonnewende')}"
    assert kind(call("PUT", organizer)) == "uitdatabank/event-has-uitpas-ticket-sales"
    without = event_body(call, organizer=None)
    answer = call("PUT", f"/io/events/{event_id}", without)
    assert kind(answer) == "uitdatabank/event-has-uitpas-ticket-sales"
    systems = call("PUT", f"/uitpas/events/{event_id}/card-systems", [])
    assert kind(systems) == "uitpas/event-already-has-ticketsales"
    call("DELETE", f"/uitpas/ticket-sales/{sold['id']}")
    assert call("PUT", organizer).status_code == 204


def test_switched_off_card_systems_give_no_tariff(call):
    event_id = call.event()
    assert call("PUT", f"/uitpas/events/{event_id}/card-systems", []).status_code == 204
    assert tariffs(call, event_id, EMMA).json["available"] == []


def test_sales_are_looked_up_by_event_or_by_passholder_with_organizer(call):
    event_id = call.event()
    call.sell(sale(event_id, EMMA), sale(event_id, NOAH))
    holder = call("GET", f"/uitpas/passes?identifier={EMMA}").json["passholderId"]
    path = "/uitpas/ticket-sales"
    assert call("GET", f"{path}?eventId={event_id}").json["totalItems"] == 2
    query = f"passholderId={holder}&organizerId={call.organizer_id()}"
    assert call("GET", f"{path}?{query}").json["totalItems"] == 1
    assert call("GET", f"{path}?passholderId={holder}").status_code == 404
    assert kind(call("GET", f"{path}?eventId=x&limit=501")) == "url/query-limit-exceeded"


def test_two_at_once_never_pass_a_limit(sandbox):
    callers = [Caller(sandbox) for _ in range(8)]
    statuses = []

    def buy(caller):
        item = sale(LIMITED, GENT, tariff="SOCIALTARIFF-1")
        statuses.append(caller.sell(item).status_code)

    threads = [threading.Thread(target=buy, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] + [400] * 7


def test_static_tariffs_need_no_pass(call):
    query = f"eventId={call.event()}&regularPrice=10"
    assert call("GET", f"/uitpas/tariffs/static?{query}").json["available"][0]["price"] == 2


def test_prices_of_uitpas_stand_on_the_event_when_asked(call):
    event_id = call.event()
    shown = call("GET", f"/io/events/{event_id}?embedUitpasPrices=true").json
    uitpas = [price for price in shown["priceInfo"] if price["category"] == "uitpas"]
    assert [price["price"] for price in uitpas] == [2.5, 2.5]
    plain = call("GET", f"/io/events/{event_id}").json
    assert all(price["category"] != "uitpas" for price in plain["priceInfo"])


def test_every_invented_number_passes_its_check_digit():
    from app.sandbox.seed import DEMO_PASSES, TEST_PASSES
    from app.sandbox.uitpas_passes import passes_luhn

    assert all(passes_luhn(item.number) for item in (*DEMO_PASSES, *TEST_PASSES))
    for item in DEMO_PASSES:
        if item.insz:
            century = "2" if item.born >= "2000" else ""
            assert int(item.insz[9:]) == 97 - int(century + item.insz[:9]) % 97


def test_an_organizer_may_let_us_sell_but_not_look_up_what_was_sold(call):
    name = "Gemeente Zonnewende – Vrije Tijd"
    organizer_id = call.organizer_id(name)
    path = f"/sandbox/rechten/{organizer_id}"
    event_id = call.event()
    assert call.http.post(path, data={"rights": "zonder-opzoeken"}).status_code == 303
    found = call("GET", "/uitpas/permissions").json
    rights = next(item["permissions"] for item in found if item["organizer"]["name"] == name)
    assert "TICKETSALES_REGISTER" in rights and "TICKETSALES_SEARCH" not in rights
    sold = call.sell(sale(event_id, EMMA))
    assert sold.status_code == 200
    assert call("GET", f"/uitpas/ticket-sales?eventId={event_id}").status_code == 403
    shown = call.http.get("/sandbox/rechten?format=json").json
    assert {"id": organizer_id, "name": name, "rights": "zonder-opzoeken"} in shown
    call.http.post(path, data={"rights": "alle"})
    assert call("GET", f"/uitpas/ticket-sales?eventId={event_id}").json["totalItems"] == 1
    call.http.post(path, data={"rights": "geen"})
    assert call.sell(sale(event_id, EMMA)).status_code == 403
    assert call.http.post(path, data={"rights": "veel"}).status_code == 400
    assert call.http.post("/sandbox/rechten/nergens", data={"rights": "alle"}).status_code == 404


def test_an_organizer_limits_by_hand_how_often_a_pass_gets_a_discount(call):
    event_id = call.event()
    path = f"/sandbox/events/{event_id}"
    assert call.http.post(path, data={"action": "limit", "text": "nul"}).status_code == 400
    assert call.http.post(path, data={"action": "limit", "text": "1"}).status_code == 303
    assert call.sell(sale(event_id, EMMA)).status_code == 200
    answer = tariffs(call, event_id, EMMA)
    assert answer.json["available"] == []
    assert "al zo vaak" in answer.json["endUserMessage"]["nl"]
