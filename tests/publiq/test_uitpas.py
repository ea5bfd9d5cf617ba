"""Passes, tariffs, ticket sales and rewards at UiTPAS (P1, P2, R3, R5, R7, S1)."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from responses import matchers

from app.publiq.addresses import TEST
from app.publiq.errors import PROBLEM_PREFIX, PubliqAnswerLost, PubliqNotFound, PubliqUnreachable
from app.publiq.uitpas import Message, SaleWish
from tests.publiq.support import EVENT, INSZ, PASS_NUMBER

API = TEST.uitpas
PRICE = Decimal("12.50")

SALE = {
    "id": "21345",
    "creationDate": "2026-08-24T12:57:02Z",
    "tariff": {"id": "SOCIALTARIFF", "name": "Kansentarief", "price": 2.5, "type": "SOCIALTARIFF"},
    "eventId": EVENT,
    "eventTitle": "Kamp",
    "uitpasNumber": PASS_NUMBER,
    "regularPrice": 12.5,
    "regularPriceLabel": "Kind (k7q2)",
}
WISH = SaleWish(EVENT, PASS_NUMBER, PRICE, "SOCIALTARIFF", "Kind (k7q2)")


def query(**params):
    return matchers.query_param_matcher(params, strict_match=True)


def test_permissions_of_linked_organizers_count_too(signed_in, publiq):
    signed_in.get(
        API + "/permissions",
        json=[
            {
                "organizer": {"id": "org-1", "name": "Cultuurdienst"},
                "permissions": ["REWARDS_READ"],
                "permissionDetails": [{"id": "TARIFFS_READ"}],
                "linkedOrganizers": [
                    {
                        "organizer": {"id": "org-2", "name": "Sportdienst"},
                        "permissionDetails": [{"id": "CHECKINS_WRITE"}],
                    }
                ],
            },
            {
                "organizer": {"id": "org-2", "name": "Sportdienst"},
                "permissions": ["TICKETSALES_REGISTER"],
            },
        ],
    )

    first, second = publiq.uitpas.permissions()

    assert (first.id, first.name, first.permissions) == ("org-1", "Cultuurdienst", {"TARIFFS_READ"})
    assert second.permissions == {"CHECKINS_WRITE", "TICKETSALES_REGISTER"}


def test_a_pass_is_found_by_register_number(signed_in, publiq):
    signed_in.get(
        API + "/passes",
        match=[query(identifier=INSZ)],
        json={
            "passholderId": "p-1",
            "passType": "INDIVIDUAL",
            "uitpasNumber": PASS_NUMBER,
            "firstName": "Jan",
            "points": 12,
            "postalCode": "9000",
            "cardSystem": {"id": 1},
            "socialTariff": {"status": "ACTIVE", "endDate": "2027-06-30T23:59:59"},
            "messages": [{"level": "WARN", "text": "Haal je nieuwe kaart af."}],
        },
    )

    found = publiq.uitpas.find_pass("83.03.02-015.40")

    assert found.uitpas_number == PASS_NUMBER
    assert found.social_tariff_status == "ACTIVE"
    assert found.social_tariff_end == datetime(2027, 6, 30, 21, 59, 59, tzinfo=UTC)
    assert found.messages == (Message("WARN", "Haal je nieuwe kaart af."),)
    assert (found.first_name, found.points, found.postal_code) == ("Jan", 12, "9000")
    assert "Jan" not in repr(found)
    assert PASS_NUMBER not in repr(found)


def test_a_pass_without_social_tariff_and_with_an_unreadable_end_is_read(signed_in, publiq):
    answer = {"passholderId": "p-1", "uitpasNumber": PASS_NUMBER}
    signed_in.get(API + "/passes", json=answer)
    found = publiq.uitpas.find_pass(PASS_NUMBER)
    assert (found.social_tariff_status, found.social_tariff_end) == ("NONE", None)

    signed_in.replace(
        "GET",
        API + "/passes",
        json=answer | {"socialTariff": {"status": "EXPIRED", "endDate": "ooit"}},
    )
    found = publiq.uitpas.find_pass(PASS_NUMBER)
    assert (found.social_tariff_status, found.social_tariff_end) == ("EXPIRED", None)


def test_tariffs_are_asked_for_pass_event_and_price(signed_in, publiq):
    signed_in.get(
        API + "/tariffs",
        match=[query(eventId=EVENT, uitpasNumber=PASS_NUMBER, regularPrice="12.50")],
        body=b"""{"available": [
            {"id": "SOCIALTARIFF", "name": "Kansentarief", "price": 2.5, "type": "SOCIALTARIFF",
             "remaining": 1},
            {"id": "COUPON_1079", "name": "Bon", "price": 7.499, "type": "COUPON",
             "remaining": 2}],
            "endUserMessage": {"nl": "Nog 1 keer dit jaar."}}""",
    )

    tariffs = publiq.uitpas.tariffs(EVENT, PASS_NUMBER, PRICE)

    social, coupon = tariffs.available
    assert (social.id, social.price, social.type) == (
        "SOCIALTARIFF",
        Decimal("2.50"),
        "SOCIALTARIFF",
    )
    assert str(social.price) == "2.50"
    assert (coupon.price, coupon.remaining) == (Decimal("7.50"), 2)
    assert tariffs.message == "Nog 1 keer dit jaar."


def test_no_tariff_comes_with_the_reason_word_for_word(signed_in, publiq):
    signed_in.get(
        API + "/tariffs", json={"available": [], "endUserMessage": {"nl": "Niet in jouw regio."}}
    )

    tariffs = publiq.uitpas.tariffs(EVENT, PASS_NUMBER, PRICE)

    assert tariffs.available == ()
    assert tariffs.message == "Niet in jouw regio."


def test_a_tariff_with_a_price_in_text_is_not_trusted(signed_in, publiq):
    signed_in.get(API + "/tariffs", json={"available": [{"id": "S", "price": "2.50"}]})

    with pytest.raises(PubliqUnreachable):
        publiq.uitpas.tariffs(EVENT, PASS_NUMBER, PRICE)


def test_static_tariffs_need_no_pass(signed_in, publiq):
    signed_in.get(
        API + "/tariffs/static",
        match=[query(eventId=EVENT, regularPrice="12.50")],
        json={"available": []},
    )

    assert publiq.uitpas.static_tariffs(EVENT, PRICE).available == ()


@pytest.mark.parametrize("price", ["12.345", "-1", "NaN", "Infinity"])
def test_a_price_that_is_no_amount_is_not_sent(http, publiq, price):
    with pytest.raises(ValueError, match="euro"):
        publiq.uitpas.tariffs(EVENT, PASS_NUMBER, Decimal(price))


def test_a_ticket_sale_is_registered_and_read_back(signed_in, publiq):
    signed_in.post(
        API + "/ticket-sales",
        match=[
            matchers.json_params_matcher(
                [
                    {
                        "eventId": EVENT,
                        "uitpasNumber": PASS_NUMBER,
                        "regularPrice": 12.5,
                        "regularPriceLabel": "Kind (k7q2)",
                        "tariff": {"id": "SOCIALTARIFF"},
                    }
                ]
            )
        ],
        json=[SALE],
    )

    (sale,) = publiq.uitpas.register_ticket_sales([WISH])

    assert sale.id == "21345"
    assert sale.creation_date == datetime(2026, 8, 24, 12, 57, 2, tzinfo=UTC)
    assert (sale.tariff_id, sale.tariff_name, sale.type) == (
        "SOCIALTARIFF",
        "Kansentarief",
        "SOCIALTARIFF",
    )
    assert str(sale.price) == "2.50"
    assert sale.regular_price == PRICE
    assert (sale.event_id, sale.uitpas_number) == (EVENT, PASS_NUMBER)
    assert sale.regular_price_label == "Kind (k7q2)"
    assert PASS_NUMBER not in repr(sale)
    assert PASS_NUMBER not in repr(WISH)


def test_a_sale_as_in_publiqs_example_has_no_moment_and_a_number_as_id(signed_in, publiq):
    answer = {key: value for key, value in SALE.items() if key != "creationDate"} | {"id": 21345}
    signed_in.post(API + "/ticket-sales", json=[answer])

    (sale,) = publiq.uitpas.register_ticket_sales([WISH])

    assert (sale.id, sale.creation_date) == ("21345", None)


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [SALE, SALE],
        {"member": [SALE]},
        [{**SALE, "id": None}],
        [{**SALE, "tariff": {"id": "SOCIALTARIFF"}}],
        [{**SALE, "regularPrice": "12.50"}],
        ["21345"],
    ],
)
def test_sales_that_cannot_be_read_are_unknown_not_failed(signed_in, publiq, answer):
    signed_in.post(API + "/ticket-sales", json=answer)

    with pytest.raises(PubliqAnswerLost) as caught:
        publiq.uitpas.register_ticket_sales([WISH])

    assert caught.value.may_have_arrived


def test_nothing_to_register_asks_nothing(http, publiq):
    assert publiq.uitpas.register_ticket_sales([]) == []


def test_the_sales_of_an_event_come_page_by_page(signed_in, publiq):
    sales = [{**SALE, "id": str(number)} for number in range(501)]
    for start, page in (("0", sales[:500]), ("500", sales[500:])):
        signed_in.get(
            API + "/ticket-sales",
            match=[query(eventId=EVENT, start=start, limit="500")],
            json={"totalItems": 501, "member": page},
        )

    pages = list(publiq.uitpas.ticket_sales_of_event(EVENT))

    assert [len(page) for page in pages] == [500, 1]
    assert pages[1][0].id == "500"


@pytest.mark.parametrize("answer", [{"totalItems": 7, "member": []}, {"member": []}])
def test_pages_end_where_publiq_has_no_more(signed_in, publiq, answer):
    signed_in.get(API + "/ticket-sales", json=answer)

    assert list(publiq.uitpas.ticket_sales_of_event(EVENT)) == []


def test_a_cancelled_sale_may_be_gone_already(signed_in, publiq):
    signed_in.delete(API + "/ticket-sales/21345", status=204)
    publiq.uitpas.cancel_ticket_sale("21345")

    signed_in.delete(
        API + "/ticket-sales/21346",
        status=404,
        json={"type": PROBLEM_PREFIX + "uitpas/ticket-sale-not-found", "status": 404},
    )
    publiq.uitpas.cancel_ticket_sale("21346")


def test_a_cancellation_that_ended_elsewhere_is_no_success(signed_in, publiq):
    signed_in.delete(
        API + "/ticket-sales/21345",
        status=404,
        json={"type": PROBLEM_PREFIX + "url/not-found", "status": 404},
    )

    with pytest.raises(PubliqNotFound):
        publiq.uitpas.cancel_ticket_sale("21345")


def test_card_systems_of_an_event(signed_in, publiq):
    signed_in.get(
        f"{API}/events/{EVENT}/card-systems", json=[{"id": 1, "name": "Gent", "enabled": True}]
    )

    (system,) = publiq.uitpas.card_systems(EVENT)

    assert (system.id, system.name, system.enabled) == (1, "Gent", True)


REWARD = {
    "id": 5687,
    "title": "Test Voordeel",
    "type": "POINTS",
    "points": 5,
    "promotionalDescription": "Een sleutelhanger",
    "categories": ["Doen"],
    "publicationPeriod": {"begin": "2026-01-01T00:00:00+01:00"},
    "organizers": [{"id": "org-1", "name": "Cultuurdienst"}],
    "status": "ACTIVE",
}


def test_rewards_of_every_kind_are_searched(signed_in, publiq):
    signed_in.get(
        API + "/rewards",
        match=[
            query(
                text="sleutel",
                organizerId=["org-1", "org-2"],
                type="ANY",
                subset="ALL",
                start="0",
                limit="500",
            )
        ],
        json={"totalItems": 1, "member": [REWARD]},
    )

    ((reward,),) = publiq.uitpas.rewards(text="sleutel", organizer_ids=["org-1", "org-2"])

    assert (reward.id, reward.points, reward.organizer_ids) == ("5687", 5, ("org-1",))
    assert reward.publication_begin == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert reward.publication_end is None


def test_a_redemption_brings_what_must_be_shown(signed_in, publiq):
    signed_in.post(
        API + "/rewards/redeemed",
        status=201,
        match=[matchers.json_params_matcher({"rewardId": "5687", "uitpasNumber": PASS_NUMBER})],
        json={
            "id": "r-1",
            "reward": REWARD,
            "redeemDate": "2026-08-24T12:57:02Z",
            "redeemInfo": {"text": "Ga naar de balie"},
            "redeemCode": "ABC",
        },
    )

    redeemed = publiq.uitpas.redeem("5687", PASS_NUMBER)

    assert (redeemed.id, redeemed.reward_id, redeemed.text) == ("r-1", "5687", "Ga naar de balie")
    assert (redeemed.link, redeemed.code) == (None, "ABC")


def test_whether_a_reward_can_be_redeemed_is_said_in_publiqs_words(signed_in, publiq):
    signed_in.get(
        API + "/rewards/5687/redeem-status",
        match=[query(uitpasNumber=PASS_NUMBER)],
        json={"redeemable": False, "reason": "PASSHOLDER_POINTS", "message": "Te weinig punten."},
    )

    status = publiq.uitpas.redeem_status("5687", PASS_NUMBER)

    assert (status.redeemable, status.reason) == (False, "PASSHOLDER_POINTS")
    assert status.message == "Te weinig punten."


def test_a_check_in_saves_points(signed_in, publiq):
    signed_in.post(
        API + "/checkins",
        status=201,
        match=[matchers.json_params_matcher({"eventId": EVENT, "uitpasNumber": PASS_NUMBER})],
        json={"id": "c-1", "points": 1, "eventId": EVENT, "uitpasNumber": PASS_NUMBER},
    )

    assert publiq.uitpas.check_in(EVENT, PASS_NUMBER).points == 1
