import pytest

JEF, EMMA = "0910000001115", "0910000000117"
GENT = "0900000067513"


def kind(response):
    return response.json["type"].removeprefix("https://api.publiq.be/probs/")


def redeem(call, reward_id, number):
    return call("POST", "/uitpas/rewards/redeemed", {"rewardId": reward_id, "uitpasNumber": number})


def points(call, number):
    return call("GET", f"/uitpas/passes?identifier={number}").json["points"]


def test_only_active_rewards_for_points_are_shown_unless_asked(call):
    shown = [item["id"] for item in call("GET", "/uitpas/rewards").json["member"]]
    assert "6001" in shown
    assert not {"5688", "5825"} & set(shown)
    everything = call("GET", "/uitpas/rewards?type=ANY&subset=ALL&limit=100").json["member"]
    assert {"5688", "5825", "5826"} <= {item["id"] for item in everything}


def test_rewards_are_found_by_organizer_text_and_points(call):
    organizer = call.organizer_id("Sportdienst Zonnewende")
    for name in ("organizerId", "organizerId[]"):
        found = call("GET", f"/uitpas/rewards?{name}={organizer}").json["member"]
        assert {item["id"] for item in found} == {"6002", "6003"}
    found = call("GET", "/uitpas/rewards?text=zwembeurt").json["member"]
    assert [item["id"] for item in found] == ["6002"]
    found = call("GET", "/uitpas/rewards?pointsFrom=15&sort=-points").json["member"]
    assert [item["points"] for item in found] == [20, 15]


def test_redeeming_takes_the_points_and_undoing_gives_them_back(call):
    redeemed = redeem(call, "6001", JEF)
    assert redeemed.status_code == 201
    assert points(call, JEF) == 225
    path = f"/uitpas/rewards/redeemed/{redeemed.json['id']}"
    assert call("DELETE", path).status_code == 204
    assert points(call, JEF) == 240
    assert call("DELETE", path).status_code == 404


def test_for_some_rewards_the_points_stay_away(call):
    before = points(call, GENT)
    redeemed = redeem(call, "5824", GENT).json
    assert redeemed["redeemInfo"]["link"]
    assert redeemed["redeemCode"]
    call("DELETE", f"/uitpas/rewards/redeemed/{redeemed['id']}")
    assert points(call, GENT) == before - 1


@pytest.mark.parametrize(
    ("reward_id", "number", "reason", "expected"),
    [
        ("6001", EMMA, "PASSHOLDER_POINTS", "uitpas/reward-passholder-points-constraint"),
        ("5825", GENT, "REWARD_PERIOD", "uitpas/reward-period-constraint"),
        (
            "5687",
            JEF,
            "PASSHOLDER_APPLICABLE_CARDSYSTEMS",
            "uitpas/reward-passholder-no-applicable-cardsystems",
        ),
        ("6002", "0910000001511", "INVALID_CARD", "uitpas/invalid-card"),
        ("6002", "0910000001305", "INVALID_CARD", "uitpas/invalid-card"),
    ],
)
def test_what_stands_in_the_way_is_told_before_and_at_redeeming(
    call, reward_id, number, reason, expected
):
    path = f"/uitpas/rewards/{reward_id}/redeem-status?uitpasNumber={number}"
    status = call("GET", path).json
    assert (status["redeemable"], status["reason"]) == (False, reason)
    assert status["message"]
    assert kind(redeem(call, reward_id, number)) == expected


def test_a_reward_runs_out_and_may_be_taken_only_so_often(call):
    for _ in range(3):
        assert redeem(call, "6003", JEF).status_code == 201
    assert kind(redeem(call, "6003", JEF)) == "uitpas/reward-volume-constraint"
    assert redeem(call, "6004", JEF).status_code == 201
    assert kind(redeem(call, "6004", JEF)) == "uitpas/reward-passholder-volume-constraint"


def test_redeemed_rewards_are_found_by_number_or_holder_but_not_both(call):
    redeem(call, "6002", JEF)
    path = "/uitpas/rewards/redeemed"
    assert call("GET", f"{path}?uitpasNumber={JEF}").json["totalItems"] == 1
    assert call("GET", f"{path}?uitpasNumber={JEF}&passholderId=x").status_code == 404
    assert call("GET", path).status_code == 404
    assert kind(call("GET", f"{path}?uitpasNumber=12")) == "uitpas/invalid-uitpas-number"


def test_price_and_start_are_frozen_once_a_reward_was_redeemed(call):
    reward = call("GET", "/uitpas/rewards/6001").json
    assert call("PUT", "/uitpas/rewards/6001", reward | {"points": 14}).status_code == 200
    redeem(call, "6001", JEF)
    frozen = call("PUT", "/uitpas/rewards/6001", reward | {"points": 16})
    assert kind(frozen) == "uitpas/reward-not-editable"
    renamed = call("PUT", "/uitpas/rewards/6001", reward | {"points": 14, "title": "Anders"})
    assert renamed.json["title"] == "Anders"


def test_a_reward_without_organizer_gets_the_first_we_may_create_for(call):
    body = {
        "title": "IJsje",
        "type": "POINTS",
        "promotionalDescription": "Een bolletje.",
        "publicationPeriod": {"begin": "2024-01-01T00:00:00+01:00"},
        "points": 2,
        "categories": ["Eten en drinken"],
        "moreInfoURL": "https://www.zonnewende.example",
    }
    made = call("POST", "/uitpas/rewards", body)
    assert made.status_code == 200
    assert made.json["organizers"][0]["name"].startswith("[TEST]")
    unknown = call("POST", "/uitpas/rewards", body | {"owningCardSystem": {"id": 99}})
    assert kind(unknown) == "uitpas/invalid-card-system"
    assert kind(call("POST", "/uitpas/rewards", body | {"points": None})) == "body/invalid-data"
