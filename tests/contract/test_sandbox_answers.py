"""Whatever the sandbox answers is what publiq's documents describe, unknown properties refused."""

from urllib.parse import urlsplit

import pytest

from app.sandbox import create_sandbox
from tests.contract import openapi

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(not openapi.available, reason=openapi.reason_unavailable),
]

TEST_ORGANIZER = "0ce87cbc-9299-4528-8d35-92225dc9489f"
FESTIVITY = "5a0967f9-cc06-4c3c-9206-30481a767434"
LIMITED = "d83b5b8a-108a-45d6-9ac9-8bdc44a0a24a"
FORBIDDEN = "373d6cee-b4ae-4637-9b7c-eeb79e45f044"
GENT = "0900000067513"
APIS = {prefix: api for api, prefix in openapi.PREFIXES.items()}


@pytest.fixture
def check(tmp_path):
    """A caller that validates each answer before it returns it."""
    app = create_sandbox(str(tmp_path / "sandbox.sqlite"), delay_seconds=0)
    client = app.test_client()
    token = client.post(
        "/account/realms/uitid/protocol/openid-connect/token",
        data={"grant_type": "client_credentials", "client_id": "demo", "client_secret": "demo"},
    ).json["access_token"]

    def call(method, path, json=None, expect=200, signed=True):
        headers = {"Authorization": f"Bearer {token}"} if signed else {}
        response = client.open(path, method=method, json=json, headers=headers)
        assert response.status_code == expect, response.get_data(as_text=True)
        api = APIS["/" + urlsplit(path).path.split("/")[1]]
        openapi.validate_response(
            api, method, path, expect, response.content_type, response.get_json(silent=True)
        )
        return response.json if response.data else None

    yield call
    app.extensions["sandbox"].store.close()


@pytest.fixture
def body(check):
    place = check("GET", "/search/places?postalCode=9995&embed=true&isDuplicate=false")["member"][0]
    organizer = check("GET", "/uitpas/permissions")[1]["organizer"]["id"]
    return {
        "workflowStatus": "READY_FOR_VALIDATION",
        "mainLanguage": "nl",
        "name": {"nl": "Speelpleinweek", "fr": "Plaine de jeux"},
        "description": {"nl": "Een week spelen."},
        "terms": [
            {"id": "0.57.0.0.0", "domain": "eventtype"},
            {"id": "1.51.12.0.0", "domain": "theme"},
        ],
        "location": {"@id": place["@id"]},
        "organizer": {"@id": f"http://localhost/io/organizers/{organizer}"},
        "audience": {"audienceType": "everyone"},
        "typicalAgeRange": "6-12",
        "calendarType": "multiple",
        "subEvent": [
            {
                "startDate": f"2099-07-0{day}T09:00:00+02:00",
                "endDate": f"2099-07-0{day}T16:00:00+02:00",
                "status": {"type": "Unavailable", "reason": {"nl": "Regen"}}
                if day == 3
                else {"type": "Available"},
                "bookingAvailability": {"capacity": 20, "remainingCapacity": day},
                "childcare": {"start": "8:00", "end": "17:00"},
            }
            for day in (3, 1, 2)
        ],
        "priceInfo": [
            {"category": "base", "price": 60, "name": {"nl": "Basistarief"}},
            {"category": "tariff", "price": 45.5, "name": {"nl": "Inwoners"}},
        ],
        "bookingInfo": {
            "url": "https://inschrijven.zonnewende.example/a/1",
            "urlLabel": {"nl": "Schrijf je in"},
            "availabilityStarts": "2099-05-01T09:00:00+02:00",
        },
        "contactPoint": {"email": ["jeugd@zonnewende.example"]},
        "labels": ["speelplein"],
        "hiddenLabels": ["loket"],
        "faqs": [{"nl": {"question": "Wat breng je mee?", "answer": "Een drankje."}}],
    }


def problem(check, method, path, json, status, kind, signed=True):
    answer = check(method, path, json, expect=status, signed=signed)
    assert answer["type"] == "https://api.publiq.be/probs/" + kind
    return answer


def test_the_taxonomy_is_as_described(check):
    terms = check("GET", "/taxonomy/terms", signed=False)["terms"]
    assert sum(term["domain"] == "theme" for term in terms) == 73


def test_an_event_can_be_made_read_changed_and_deleted(check, body):
    made = check("POST", "/io/events", body, expect=201)
    path = f"/io/events/{made['id']}"
    check("GET", path)
    check("GET", path + "?embedUitpasPrices=true")
    assert check("PUT", path, body)["url"].endswith(path)
    check("DELETE", path, expect=204)
    assert check("GET", path)["workflowStatus"] == "DELETED"


def test_events_of_every_calendar_are_as_described(check, body):
    periodic = body | {
        "calendarType": "periodic",
        "subEvent": None,
        "startDate": "2099-01-01T00:00:00+01:00",
        "endDate": "2099-06-30T00:00:00+02:00",
        "openingHours": [{"opens": "14:00", "closes": "17:00", "dayOfWeek": ["wednesday"]}],
        "openingHoursClosedDays": [{"startDate": "2099-02-01", "endDate": "2099-02-07"}],
        "openingHoursAdjustedDays": [
            {
                "startDate": "2099-04-01",
                "endDate": "2099-04-07",
                "openingHours": [{"opens": "10:00", "closes": "12:00", "dayOfWeek": ["friday"]}],
            }
        ],
    }
    permanent = body | {"calendarType": "permanent", "subEvent": None}
    single = body | {"subEvent": body["subEvent"][:1], "typicalAgeRange": None}
    born = body | {
        "typicalAgeRange": None,
        "birthdateRange": {"from": "2090-01-01", "to": "2092-12-31"},
    }
    for variant in (periodic, permanent, single, born):
        made = check("POST", "/io/events", variant, expect=201)
        check("GET", f"/io/events/{made['id']}")
    check("GET", "/search/events?disableDefaultFilters=true&embed=true")


def test_every_sub_resource_answers_as_described_and_leaves_a_valid_event(check, body):
    path = f"/io/events/{check('POST', '/io/events', body, expect=201)['id']}"
    for method, part, json in (
        ("PUT", "audience", {"audienceType": "members"}),
        ("PUT", "status", {"type": "Unavailable", "reason": {"nl": "Afgelast"}}),
        ("PUT", "booking-availability", {"type": "Unavailable"}),
        ("PATCH", "sub-events", [{"id": 0, "bookingAvailability": {"remainingCapacity": 0}}]),
        ("PUT", "available-from", {"availableFrom": "2099-01-01T00:00:00+01:00"}),
        ("PUT", "price-info", [{"category": "base", "price": 5}]),
        ("PUT", "booking-info", {"phone": "09 123 45 67"}),
        ("PUT", "contact-point", {"phone": [], "email": [], "url": []}),
        ("PUT", "labels/met%20spatie", None),
        ("DELETE", "labels/speelplein", None),
        ("PUT", "labels", {"labels": ["nieuw label"]}),
        ("PUT", "description/nl", {"description": "Anders."}),
        ("DELETE", "description/nl", None),
        ("PUT", "name/nl", {"name": "Speelweek"}),
        ("DELETE", "theme", None),
        ("PUT", "theme/1.64.0.0.0", None),
        ("PUT", "type/0.3.1.0.0", None),
        ("PUT", "typical-age-range", {"typicalAgeRange": "3-5"}),
        ("DELETE", "typical-age-range", None),
        ("PUT", "birthdate-range", {"from": "2090-01-01", "to": "2091-01-01"}),
        ("PUT", "children-only", {"childrenOnly": True}),
        ("PUT", "faqs", []),
        ("PUT", "attendance-mode", {"attendanceMode": "mixed"}),
        ("PUT", f"organizer/{TEST_ORGANIZER}", None),
        ("DELETE", f"organizer/{TEST_ORGANIZER}", None),
        ("PUT", "calendar", {"calendarType": "permanent"}),
        ("PUT", "workflow-status", {"workflowStatus": "DELETED"}),
    ):
        check(method, f"{path}/{part}", json, expect=204)
        check("GET", path)


def test_refusals_of_the_entry_api_are_as_described(check, body):
    problem(check, "POST", "/io/events", body, 401, "auth/unauthorized", signed=False)
    problem(check, "POST", "/io/events", body | {"name": {}}, 400, "body/invalid-data")
    unknown = f"/io/events/{TEST_ORGANIZER}"
    problem(check, "PUT", unknown, body, 404, "url/not-found")
    problem(check, "GET", unknown, None, 404, "url/not-found")
    problem(check, "PUT", f"/io/events/{FESTIVITY}", body, 403, "auth/forbidden")
    made = check("POST", "/io/events", body, expect=201)
    label = f"/io/events/{made['id']}/labels/Paspartoe"
    problem(check, "PUT", label, None, 403, "uitdatabank/label-not-allowed")
    ages = body | {"birthdateRange": {"from": "2090-01-01", "to": "2091-01-01"}}
    kind = "uitdatabank/cannot-combine-typical-age-and-birthdate-range"
    problem(check, "POST", "/io/events", ages, 400, kind)


def test_places_organizers_and_images_are_as_described(check, body):
    check("GET", urlsplit(body["location"]["@id"]).path)
    check("GET", f"/io/organizers/{TEST_ORGANIZER}")
    place = {
        "mainLanguage": "nl",
        "name": {"nl": "Buurthuis De Klaver"},
        "terms": [{"id": "8.10.0.0.0"}],
        "calendarType": "permanent",
        "address": {
            "nl": {
                "addressCountry": "BE",
                "addressLocality": "Zonnewende",
                "postalCode": "9995",
                "streetAddress": "Kouter 4",
            }
        },
    }
    made = check("POST", "/io/places", place, expect=201)
    check("GET", f"/io/places/{made['id']}")
    check("POST", "/io/places", place, expect=409)
    club = {
        "mainLanguage": "nl",
        "name": {"nl": "Wandelclub"},
        "url": "https://wandel.zonnewende.example",
    }
    made = check("POST", "/io/organizers", club, expect=201)
    check("GET", f"/io/organizers/{made['id']}")
    check("POST", "/io/organizers", club, expect=400)
    image = {
        "contentUrl": "https://www.zonnewende.example/plein.jpeg",
        "description": "Het plein",
        "copyrightHolder": "Gemeente Zonnewende",
        "inLanguage": "nl",
    }
    made = check("POST", "/io/images", image, expect=201)
    linked = body | {"mediaObject": [{"@id": made["@id"]}]}
    event = check("POST", "/io/events", linked, expect=201)
    assert check("GET", f"/io/events/{event['id']}")["image"] == image["contentUrl"]
    check("GET", f"/io/images/{made['imageId']}")


@pytest.mark.parametrize("kind", ["places", "organizers", "events", "offers"])
@pytest.mark.parametrize("embed", ["true", "false"])
def test_search_answers_as_described(check, kind, embed):
    found = check("GET", f"/search/{kind}?embed={embed}&disableDefaultFilters=true&limit=50")
    assert found["totalItems"] > 2
    problem(check, "GET", f"/search/{kind}?limit=2001", None, 404, "url/not-found")
    problem(check, "GET", f"/search/{kind}", None, 401, "auth/unauthorized", signed=False)


@pytest.mark.parametrize(
    "number",
    ["0900000067513", "0910000000810", "0910000000711", "0910000001511", "83030201540"],
)
def test_a_pass_is_as_described(check, number):
    assert check("GET", f"/uitpas/passes?identifier={number}")["points"] >= 0


def test_passes_that_cannot_be_used_are_told_as_described(check):
    blocked = problem(
        check,
        "GET",
        "/uitpas/passes?identifier=0900000002312",
        None,
        400,
        "uitpas/invalid-card-status",
    )
    assert blocked["cardStatus"] == "BLOCKED"
    unknown = "/uitpas/passes?identifier=0910000009993"
    problem(check, "GET", unknown, None, 404, "uitpas/pass-not-found")
    check("GET", "/uitpas/grouppasses?uitpasNumber=0900000045410")


def test_tariffs_are_as_described(check):
    query = f"eventId={FESTIVITY}&regularPrice=10&uitpasNumber="
    assert check("GET", f"/uitpas/tariffs?{query}{GENT}")["available"]
    check("GET", f"/uitpas/tariffs?{query}0900010888817")
    assert check("GET", f"/uitpas/tariffs?{query}0900000093204")["endUserMessage"]["nl"]
    check("GET", f"/uitpas/tariffs/static?eventId={FESTIVITY}&regularPrice=10")
    for number, kind in (
        ("0900000031618", "social-tariff-expired"),
        ("0900000002312", "invalid-card-status"),
        ("0910000009993", "passholder-not-found"),
        ("123", "invalid-uitpasnumber"),
    ):
        problem(check, "GET", f"/uitpas/tariffs?{query}{number}", None, 400, f"uitpas/{kind}")
    strange = f"/uitpas/tariffs?eventId={TEST_ORGANIZER}&regularPrice=1&uitpasNumber={GENT}"
    problem(check, "GET", strange, None, 400, "uitpas/event-not-found")
    refused = f"/uitpas/tariffs?eventId={FORBIDDEN}&regularPrice=1&uitpasNumber={GENT}"
    problem(check, "GET", refused, None, 403, "auth/forbidden")


def test_ticket_sales_are_as_described(check):
    item = {
        "eventId": LIMITED,
        "uitpasNumber": GENT,
        "regularPrice": 10,
        "tariff": {"id": "SOCIALTARIFF-1"},
        "regularPriceLabel": "Basistarief (abc)",
    }
    sold = check("POST", "/uitpas/ticket-sales", [item])
    assert sold[0]["regularPriceLabel"] == "Basistarief (abc)"
    refused = problem(check, "POST", "/uitpas/ticket-sales", [item], 400, "uitpas/maximum-reached")
    assert refused["jsonPointer"] == "/0"
    assert check("GET", f"/uitpas/ticket-sales?eventId={LIMITED}")["totalItems"] == 1
    path = f"/uitpas/ticket-sales/{sold[0]['id']}"
    check("DELETE", path, expect=204)
    problem(check, "DELETE", path, None, 404, "uitpas/ticket-sale-not-found")
    limit = f"/uitpas/ticket-sales?eventId={LIMITED}&limit=501"
    problem(check, "GET", limit, None, 400, "url/query-limit-exceeded")
    problem(check, "POST", "/uitpas/ticket-sales", [{}], 400, "body/invalid-data")


def test_organizers_card_systems_and_settings_are_as_described(check, body):
    check("GET", "/uitpas/permissions")
    check("GET", "/uitpas/organizers?name=*zonnewende*")
    check("GET", f"/uitpas/organizers/{TEST_ORGANIZER}")
    check("GET", "/uitpas/card-systems")
    event = check("POST", "/io/events", body, expect=201)["id"]
    systems = check("GET", f"/uitpas/events/{event}/card-systems")
    check("PUT", f"/uitpas/events/{event}/card-systems", systems[:1], expect=204)
    settings = check("GET", f"/uitpas/events/{event}/settings")
    limited = settings | {"passholderTicketLimit": {"volume": 1, "periodType": "DAY"}}
    check("PUT", f"/uitpas/events/{event}/settings", limited, expect=204)
    unknown = f"/uitpas/events/{TEST_ORGANIZER}/card-systems"
    problem(check, "GET", unknown, None, 404, "uitpas/event-not-found")


def test_rewards_are_as_described(check):
    assert check("GET", "/uitpas/rewards?type=ANY&subset=ALL&limit=100")["totalItems"] > 10
    check("GET", "/uitpas/rewards?organizerId=" + TEST_ORGANIZER + "&sort=-points")
    reward = check("GET", "/uitpas/rewards/5687")
    new = {
        "title": "Gratis ijsje",
        "type": "POINTS",
        "promotionalDescription": "Een bolletje naar keuze.",
        "publicationPeriod": {"begin": "2024-01-01T00:00:00+01:00"},
        "points": 2,
        "categories": ["Eten en drinken"],
        "moreInfoURL": "https://www.zonnewende.example/ijsje",
    }
    made = check("POST", "/uitpas/rewards", new)
    changed = check("PUT", f"/uitpas/rewards/{made['id']}", made | {"points": 3})
    assert changed["points"] == 3
    check("GET", f"/uitpas/rewards/5687/redeem-status?uitpasNumber={GENT}")
    poor = "/uitpas/rewards/5687/redeem-status?uitpasNumber=1000000520006"
    assert check("GET", poor)["reason"] == "PASSHOLDER_POINTS"
    wish = {"rewardId": "5824", "uitpasNumber": GENT}
    redeemed = check("POST", "/uitpas/rewards/redeemed", wish, expect=201)
    assert check("GET", f"/uitpas/rewards/redeemed?uitpasNumber={GENT}")["totalItems"] == 1
    check("DELETE", f"/uitpas/rewards/redeemed/{redeemed['id']}", expect=204)
    late = wish | {"rewardId": "5825"}
    kind = "uitpas/reward-period-constraint"
    problem(check, "POST", "/uitpas/rewards/redeemed", late, 400, kind)
    none = wish | {"rewardId": "1"}
    problem(check, "POST", "/uitpas/rewards/redeemed", none, 404, "uitpas/reward-not-found")
    assert reward["owningCardSystem"]["name"] == "UiTPAS Gent"


def test_check_ins_are_as_described(check):
    query = f"eventId={FESTIVITY}&uitpasNumber={GENT}"
    assert check("GET", f"/uitpas/checkin-status?{query}")["allowed"]
    made = check(
        "POST", "/uitpas/checkins", {"eventId": FESTIVITY, "uitpasNumber": GENT}, expect=201
    )
    assert not check("GET", f"/uitpas/checkin-status?{query}")["allowed"]
    holder = check("GET", f"/uitpas/passes?identifier={GENT}")["passholderId"]
    found = check("GET", f"/uitpas/checkins?passholderId={holder}&organizerId={TEST_ORGANIZER}")
    assert found["totalItems"] == 1
    again = {"eventId": FESTIVITY, "uitpasNumber": GENT}
    problem(check, "POST", "/uitpas/checkins", again, 400, "uitpas/checkin-not-allowed")
    check("DELETE", f"/uitpas/checkins/{made['id']}", expect=204)


def test_the_judge_refuses_what_the_documents_do_not_know():
    sale = {"eventId": "a", "uitpasNumber": "1", "regularPrice": 1, "tariff": {"id": "x"}}
    signed = {"Authorization": "Bearer x"}
    openapi.validate_request("uitpas", "POST", "/ticket-sales", signed, [sale])
    for headers, item in (
        ({}, sale),
        (signed, sale | {"note": "?"}),
        (signed, sale | {"tariff": {"id": "x", "remaining": 1}}),
        (signed, sale | {"regularPrice": "1"}),
    ):
        with pytest.raises(openapi.ContractError):
            openapi.validate_request("uitpas", "POST", "/ticket-sales", headers, [item])
    with pytest.raises(openapi.ContractError):
        openapi.validate_request("search", "GET", "/places?gemeente=9995", {"x-client-id": "x"})
    with pytest.raises(openapi.ContractError):
        openapi.validate_response("entry", "DELETE", "/events/x", 200, "application/json", {})
