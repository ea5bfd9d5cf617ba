"""Everything our client sends is what publiq's OpenAPI documents describe, and nothing more."""

import inspect
import io
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import urlsplit

import pytest
import responses as responses_library

from app.publiq import Publiq
from app.publiq.addresses import TEST
from app.publiq.entry import EntryApi
from app.publiq.search import SearchApi
from app.publiq.taxonomy import TaxonomyApi
from app.publiq.tokens import MemoryTokenStore, Token
from app.publiq.transport import Transport
from app.publiq.uitpas import SaleWish, UitpasApi
from app.uitdatabank.new_places import PlaceData, place_body
from tests.contract import openapi

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(not openapi.available, reason=openapi.reason_unavailable),
]

EVENT = "5a0967f9-cc06-4c3c-9206-30481a767434"
PLACE = "787d7420-c06f-4935-b3c5-5cd5a1276796"
ORGANIZER = "0ce87cbc-9299-4528-8d35-92225dc9489f"
PASS_NUMBER = "0900010959113"
PRICE = Decimal("12.50")

APIS = {TEST.io: "entry", TEST.search: "search", TEST.taxonomy: "taxonomy", TEST.uitpas: "uitpas"}

EVENT_BODY = {
    "workflowStatus": "READY_FOR_VALIDATION",
    "mainLanguage": "nl",
    "name": {"nl": "Circusinitiatie"},
    "terms": [{"id": "0.57.0.0.0", "domain": "eventtype"}],
    "location": {"@id": f"{TEST.io}/places/{PLACE}"},
    "organizer": {"@id": f"{TEST.io}/organizers/{ORGANIZER}"},
    "calendarType": "single",
    "subEvent": [
        {"startDate": "2027-04-05T13:30:00+02:00", "endDate": "2027-04-05T16:30:00+02:00"}
    ],
    "priceInfo": [
        {"category": "base", "name": {"nl": "Basis"}, "price": PRICE, "priceCurrency": "EUR"}
    ],
}
PLACE_BODY = {
    "mainLanguage": "nl",
    "name": {"nl": "Sporthal Zonnewende"},
    "terms": [{"id": "8.70.0.0.0", "domain": "eventtype"}],
    "address": {
        "nl": {
            "addressCountry": "BE",
            "addressLocality": "Gent",
            "postalCode": "9000",
            "streetAddress": "Dorp 1",
        }
    },
    "calendarType": "permanent",
}
NEW_PLACE = PlaceData("Schuur van Mia", "Akkerweg 12", "9995", "Zonnewende", "8.70.0.0.0")
ORGANIZER_BODY = {
    "mainLanguage": "nl",
    "name": {"nl": "Vrije tijd Zonnewende"},
    "url": "https://www.zonnewende.example",
}
REWARD_BODY = {
    "title": "Zwembeurt",
    "type": "POINTS",
    "promotionalDescription": "Een beurt in het zwembad",
    "publicationPeriod": {"begin": "2027-01-01T00:00:00+01:00"},
    "points": 5,
    "categories": ["Doen"],
    "moreInfoURL": "https://www.uitpas.be/voordelen-zoeken",
    "organizers": [{"id": ORGANIZER}],
}
CHANGES = [
    {"id": 0, "status": {"type": "Unavailable", "reason": {"nl": "Lesgever ziek"}}},
    {"id": 1, "bookingAvailability": {"type": "Unavailable"}},
]
WISHES = [
    SaleWish(EVENT, PASS_NUMBER, PRICE, "SOCIALTARIFF", "Kind (k7q2)"),
    SaleWish(EVENT, "0900000067513", Decimal("0"), "COUPON_1079", ""),
]
MOMENT = datetime(2027, 3, 1, tzinfo=UTC)


def picture():
    return io.BytesIO(b"\x89PNG")


# One entry or more for each method of the client: who forgets one is told by the first test.
CALLS = {
    "entry.create_event": [lambda p: p.entry.create_event(EVENT_BODY)],
    "entry.get_event": [lambda p: p.entry.get_event(EVENT)],
    "entry.put_event": [lambda p: p.entry.put_event(EVENT, EVENT_BODY)],
    "entry.delete_event": [lambda p: p.entry.delete_event(EVENT)],
    "entry.set_status": [
        lambda p: p.entry.set_status(EVENT, "Available"),
        lambda p: p.entry.set_status(EVENT, "TemporarilyUnavailable", {"nl": "Storm"}),
    ],
    "entry.set_booking_availability": [
        lambda p: p.entry.set_booking_availability(EVENT, True),
        lambda p: p.entry.set_booking_availability(EVENT, False),
    ],
    "entry.patch_sub_events": [lambda p: p.entry.patch_sub_events(EVENT, CHANGES)],
    "entry.set_audience": [lambda p: p.entry.set_audience(EVENT, "members")],
    "entry.put_available_from": [lambda p: p.entry.put_available_from(EVENT, MOMENT)],
    "entry.put_workflow_status": [
        lambda p: p.entry.put_workflow_status(EVENT, "READY_FOR_VALIDATION", MOMENT),
        lambda p: p.entry.put_workflow_status(EVENT, "DELETED"),
    ],
    "entry.put_contact_point": [
        lambda p: p.entry.put_contact_point(EVENT),
        lambda p: p.entry.put_contact_point(
            EVENT, ["+32 9 123 45 67"], ["vrijetijd@zonnewende.example"], ["https://z.example"]
        ),
    ],
    "entry.delete_theme": [lambda p: p.entry.delete_theme(EVENT)],
    "entry.delete_description": [lambda p: p.entry.delete_description(EVENT)],
    "entry.get_place": [lambda p: p.entry.get_place(PLACE)],
    "entry.get_organizer": [lambda p: p.entry.get_organizer(ORGANIZER)],
    "entry.create_place": [
        lambda p: p.entry.create_place(PLACE_BODY),
        lambda p: p.entry.create_place(place_body(NEW_PLACE)),
    ],
    "entry.create_organizer": [lambda p: p.entry.create_organizer(ORGANIZER_BODY)],
    "entry.upload_image": [
        lambda p: p.entry.upload_image(
            picture(), "a.png", "image/png", description="Kamp", copyright_holder="Zonnewende"
        )
    ],
    "search.places": [
        lambda p: p.search.places("Sint-Pieters (zaal)", "9000"),
        lambda p: p.search.places("", None),
    ],
    "search.organizers": [
        lambda p: p.search.organizers("cultuur & co"),
        lambda p: p.search.organizers(""),
    ],
    "search.events_by": [
        lambda p: p.search.events_by("client@clients", "vrijloket", 'Kamp "Zee"', ORGANIZER),
        lambda p: p.search.events_by(),
    ],
    "taxonomy.terms": [lambda p: p.taxonomy.terms()],
    "uitpas.permissions": [lambda p: p.uitpas.permissions()],
    "uitpas.find_pass": [lambda p: p.uitpas.find_pass(PASS_NUMBER)],
    "uitpas.group_pass": [lambda p: p.uitpas.group_pass(PASS_NUMBER)],
    "uitpas.tariffs": [lambda p: p.uitpas.tariffs(EVENT, PASS_NUMBER, PRICE)],
    "uitpas.static_tariffs": [lambda p: p.uitpas.static_tariffs(EVENT, Decimal("0"))],
    "uitpas.register_ticket_sales": [lambda p: p.uitpas.register_ticket_sales(WISHES)],
    "uitpas.ticket_sales_of_event": [lambda p: list(p.uitpas.ticket_sales_of_event(EVENT))],
    "uitpas.ticket_sales_of_holder": [
        lambda p: list(p.uitpas.ticket_sales_of_holder("b1a2", ORGANIZER))
    ],
    "uitpas.cancel_ticket_sale": [lambda p: p.uitpas.cancel_ticket_sale("21345")],
    "uitpas.card_systems": [lambda p: p.uitpas.card_systems(EVENT)],
    "uitpas.rewards": [
        lambda p: list(p.uitpas.rewards()),
        lambda p: list(p.uitpas.rewards("zwem", [ORGANIZER, EVENT], ["Doen"], 1, 10)),
    ],
    "uitpas.reward": [lambda p: p.uitpas.reward("5687")],
    "uitpas.create_reward": [lambda p: p.uitpas.create_reward(REWARD_BODY)],
    "uitpas.update_reward": [lambda p: p.uitpas.update_reward("5687", REWARD_BODY)],
    "uitpas.redeem_status": [lambda p: p.uitpas.redeem_status("5687", PASS_NUMBER)],
    "uitpas.redeem": [lambda p: p.uitpas.redeem("5687", PASS_NUMBER)],
    "uitpas.redeemed_rewards": [lambda p: list(p.uitpas.redeemed_rewards(PASS_NUMBER))],
    "uitpas.cancel_redemption": [lambda p: p.uitpas.cancel_redemption("123")],
    "uitpas.check_in_status": [lambda p: p.uitpas.check_in_status(EVENT, PASS_NUMBER)],
    "uitpas.check_in": [lambda p: p.uitpas.check_in(EVENT, PASS_NUMBER)],
    "uitpas.cancel_check_in": [lambda p: p.uitpas.cancel_check_in("123")],
}
# Where publiq's document gives no example of an answer: the least that our client reads.
SHOWN = {
    "event-post": {"id": EVENT, "eventId": EVENT, "url": f"{TEST.io}/events/{EVENT}"},
    "event-get": {"@id": f"{TEST.io}/events/{EVENT}"},
    "place-get": {"@id": f"{TEST.io}/places/{PLACE}"},
    "organizer-get": {"@id": f"{TEST.io}/organizers/{ORGANIZER}"},
}
SINGLE = [
    pytest.param(call, id=f"{name}-{i}") for name in CALLS for i, call in enumerate(CALLS[name])
]


@pytest.fixture
def publiq():
    tokens = MemoryTokenStore()
    tokens.put("client", Token("token", datetime(2100, 1, 1, tzinfo=UTC)))
    transport = Transport(
        addresses=TEST,
        client_id="client",
        client_secret="secret",
        tokens=tokens,
        record=lambda record: None,
        before_call=lambda: None,
        slots=None,
    )
    return Publiq(transport)


@pytest.fixture
def answered_by_the_documents():
    """publiq as its documents show it: each call is checked, then answered by their example."""
    with responses_library.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            mock.add_callback(method, re.compile("https://.*"), callback=answer)
        yield mock


def test_every_method_of_the_client_is_checked():
    services = {
        "entry": EntryApi,
        "search": SearchApi,
        "taxonomy": TaxonomyApi,
        "uitpas": UitpasApi,
    }
    methods = {
        f"{service}.{name}"
        for service, kind in services.items()
        for name, _ in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }

    assert methods == set(CALLS)


@pytest.mark.parametrize("call", SINGLE)
def test_a_call_is_as_publiq_describes_it_and_its_example_answer_is_read(
    publiq, answered_by_the_documents, call
):
    call(publiq)

    assert len(answered_by_the_documents.calls) >= 1


@pytest.mark.parametrize(
    "wrong",
    [
        lambda p: p.entry.create_event({**EVENT_BODY, "faq": []}),
        lambda p: p.entry.set_audience(EVENT, "iedereen"),
        lambda p: p.uitpas.create_reward({**REWARD_BODY, "punten": 5}),
    ],
)
def test_the_check_itself_refuses_what_publiq_does_not_describe(
    publiq, answered_by_the_documents, wrong
):
    with pytest.raises(openapi.ContractError):
        wrong(publiq)


def answer(request):
    """Check the request against the documents and answer with the example they give."""
    host, _, rest = request.url.removeprefix("https://").partition("/")
    api, path = APIS["https://" + host], "/" + rest
    openapi.validate_request(
        api, request.method, path, headers=request.headers, json=_json_body(request)
    )
    status, body = example(api, request.method, path)
    return status, {}, "" if body is None else json.dumps(body)


def _json_body(request):
    if request.headers.get("Content-Type") != "application/json":
        return None
    return json.loads(request.body)


def example(api, method, path):
    """The status and the example of a good answer, read from publiq's document."""
    operation, _, _ = openapi._operation(api, method, path)
    raw = _raw_operation(api, method, operation["operationId"])
    status = next(status for status in raw["responses"] if status.startswith("2"))
    content = raw["responses"][status].get("content", {}).get("application/json", {})
    examples = content.get("examples") or {}
    shown = next(iter(examples.values()), {}).get("value")
    if shown is None and content:
        shown = SHOWN[raw["operationId"]]
    own = urlsplit(path).path
    if method == "POST" and own == "/ticket-sales":
        # The example has one sale; publiq answers as many as were asked.
        shown = [shown[0]] * len(WISHES)
    return int(status), shown


def _raw_operation(api, method, operation_id):
    document = json.loads((openapi.SHARED / openapi.DOCUMENTS[api]).read_text(encoding="utf-8"))
    return next(
        item[method.lower()]
        for item in document["paths"].values()
        if item.get(method.lower(), {}).get("operationId") == operation_id
    )
