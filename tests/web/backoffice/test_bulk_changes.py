"""Changing many activities at once, through requests: form, preview, apply, publish (D9)."""

import html
import re
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.activities.models import (
    Activity,
    ActivityState,
    Module,
    PlacePool,
    PriceCategory,
    UitStatus,
    Zone,
)
from app.extensions import db, end_read, write_transaction
from app.formats import moment
from app.payments.models import PaymentMethod
from app.sales.basket import Choice, add_to_basket, open_basket
from app.sales.checkout import finish
from app.sales.models import LineState, OrderLine
from app.settings.models import AuditEntry
from app.uitdatabank.availability import find_changes, push_availability
from app.uitdatabank.models import Audience, PublicationItem, UitProfile
from app.uitdatabank.publishing import publish
from app.uitdatabank.sweeping import publish_due_items
from tests.making import days_from_now, make_customer, make_person, make_type
from tests.queries import count_queries
from tests.uitdatabank.support import BOOMHUT, connect, event_at_publiq, place_id, ready_activity
from tests.web.backoffice.staff_client import post, signed_in, words
from tests.web.reading import error_at, text

CHANGE = "/beheer/activiteiten/aanpassen"
RESIDENTS = [("Basistarief", "60.00", ()), ("Inwoner", "40.00", ("9995",))]


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    connect()
    return signed_in(app, "admin")


def camps(count: int = 3, **fields: object) -> list[int]:
    kind = make_type()
    return [
        ready_activity(f"Kamp {number}", activity_type=kind, **fields).id
        for number in range(1, count + 1)
    ]


def hidden(page: TestResponse) -> dict[str, list[str]]:
    """What the form of the preview sends along."""
    form = words(page).split('action="' + CHANGE + '"')[-1]
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if name != "csrf_token":
            found.setdefault(name, []).append(html.unescape(value))
    return found


def preview(admin: FlaskClient, ids: list[int], **typed: object) -> TestResponse:
    """The preview; ``typed`` by the names of the fields, with - written as __."""
    fields = {name.replace("__", "-"): value for name, value in typed.items()}
    return post(admin, CHANGE, {"id": ids, "doe": "voorbeeld", **fields})


def apply(admin: FlaskClient, page: TestResponse) -> TestResponse:
    assert page.status_code == 200, text(page)
    return post(admin, CHANGE, {**hidden(page), "doe": "toepassen"})


def price(activity_id: int, name: str = "Basistarief") -> Decimal:
    db.session.expire_all()
    query = select(PriceCategory.price).where(
        PriceCategory.activity_id == activity_id, PriceCategory.name == name
    )
    return db.session.scalars(query).one()


def profile(activity_id: int) -> UitProfile:
    db.session.expire_all()
    return db.session.scalars(select(UitProfile).where(UitProfile.activity_id == activity_id)).one()


BASE = {"change_prices": "y", "prices__0__name": "Basistarief", "prices__0__price": "65"}


def test_the_form_offers_each_price_with_what_it_is_now(app, admin):
    ids = [*camps(1), ready_activity("Duur", prices=[("Basistarief", "80.00", ())]).id]
    page = post(admin, CHANGE, {"id": ids})
    assert "Nieuwe prijs voor ‘Basistarief’" in text(page)
    assert "Nu € 60,00 tot € 80,00" in text(page).replace("\xa0", " ")
    assert "2 activiteiten aanpassen" in text(page)


def test_a_price_is_changed_by_name_in_all_that_have_it_after_a_preview(app, admin):
    ids = camps(2, prices=RESIDENTS)
    other = ready_activity("Gratis lezing", prices=[("Iedereen", "0.00", ())]).id
    page = preview(admin, [*ids, other], **BASE)
    assert "2 activiteiten veranderen, 1 blijft zoals ze is." in text(page)
    assert text(page).replace("\xa0", " ").count("€ 60,00") == 2
    assert "Heeft geen prijs ‘Basistarief’." in text(page)
    assert {price(one) for one in ids} == {Decimal(60)}, "a preview changes nothing"
    done = apply(admin, page)
    assert "2 activiteiten zijn aangepast." in text(done)
    assert [price(one) for one in ids] == [Decimal(65)] * 2
    assert [price(one, "Inwoner") for one in ids] == [Decimal(40)] * 2
    assert price(other, "Iedereen") == 0


def test_published_activities_become_changed_and_exactly_these_are_published(
    app, admin, sandbox_url
):
    ids = camps(3)
    event_ids = {one: publish(one).event_id for one in ids}
    done = apply(admin, preview(admin, ids[:2], **BASE))
    statuses = dict(db.session.execute(select(Activity.id, Activity.uit_status)).all())
    assert [statuses[one] for one in ids] == [
        UitStatus.CHANGED,
        UitStatus.CHANGED,
        UitStatus.PUBLISHED,
    ]
    publish_these = re.findall(r'name="id" value="(\d+)"', words(done))
    assert publish_these == [str(one) for one in ids[:2]]
    post(admin, "/beheer/publicaties", {"id": publish_these})
    publish_due_items()
    assert len(db.session.scalars(select(PublicationItem)).all()) == 2
    for one in ids[:2]:
        assert event_at_publiq(sandbox_url, event_ids[one])["priceInfo"][0]["price"] == 65


def test_everything_can_change_at_once(app, admin):
    (one,) = camps(1, state=ActivityState.DRAFT)
    page = preview(
        admin,
        [one],
        **BASE,
        change_capacity="y",
        capacity="25",
        change_state="y",
        state="online",
        change_description="y",
        description="Nu ook met een boomhut.",
        change_audience="y",
        audience="members",
        change_labels="y",
        label_mode="add",
        labels="zomer, WINTERKAMP",
        change_location="y",
        postal_code="9995",
        location="Bibliotheek",
        location_id=place_id(),
        change_starts="y",
        link_starts_on="2099-01-05",
        change_ends="y",
        link_ends_on="2099-02-05",
    )
    apply(admin, page)
    stored, activity = profile(one), db.session.get(Activity, one)
    assert price(one) == 65
    assert activity.state is ActivityState.ONLINE
    assert db.session.scalars(select(PlacePool.capacity)).all() == [25]
    assert stored.description == "Nu ook met een boomhut."
    assert stored.audience is Audience.MEMBERS
    assert stored.labels == ["winterkamp", "zomer"]
    assert (stored.location_id, stored.location_name) == (place_id(), BOOMHUT)
    assert (stored.link_starts_at.year, stored.link_ends_at.year) == (2099, 2099)
    assert stored.version == 2 and activity.version > 1
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert "activiteit in bulk aangepast" in actions


@pytest.mark.parametrize(
    ("mode", "typed", "left"),
    [
        ("replace", "zee", ["zee"]),
        ("remove", "Winterkamp", []),
        ("add", "zee", ["winterkamp", "zee"]),
    ],
)
def test_labels_are_replaced_added_or_taken_away(app, admin, mode, typed, left):
    (one,) = camps(1)
    apply(admin, preview(admin, [one], change_labels="y", label_mode=mode, labels=typed))
    assert profile(one).labels == left


def test_what_cannot_change_is_told_before_and_leaves_the_others_alone(app, admin):
    few, full = camps(1, taken=2), camps(1, taken=18)
    page = preview(admin, [*few, *full], change_capacity="y", capacity="10")
    assert "1 activiteit verandert, 1 kan niet aangepast worden." in text(page)
    assert "Er zijn al 18 plaatsen ingenomen of vastgehouden. Kies 18 of meer." in text(page)
    apply(admin, page)
    capacities = dict(db.session.execute(select(PlacePool.activity_id, PlacePool.capacity)).all())
    assert capacities == {few[0]: 10, full[0]: 20}


def test_an_activity_that_changed_since_the_preview_is_left_as_it_is(app, admin):
    ids = camps(2)
    page = preview(admin, ids, **BASE)
    with write_transaction() as session:
        category = session.scalars(
            select(PriceCategory).where(PriceCategory.activity_id == ids[0])
        ).one()
        category.price = Decimal(99)
    done = text(apply(admin, page))
    assert "1 activiteit is aangepast." in done
    assert "Intussen veranderde er iets aan deze activiteit." in done
    assert [price(one) for one in ids] == [Decimal(99), Decimal(65)]


def test_applying_twice_changes_nothing_the_second_time(app, admin):
    ids = camps(1)
    page = preview(admin, ids, **BASE)
    apply(admin, page)
    version = db.session.get(Activity, ids[0]).version
    assert "Intussen veranderde er iets" in text(apply(admin, page))
    db.session.expire_all()
    assert db.session.get(Activity, ids[0]).version == version


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"change_prices": "y", "prices__0__name": "Basistarief", "prices__0__price": "zestig"},
         "prices-0-price", "Typ een bedrag in euro"),
        ({"change_prices": "y", "prices__0__name": "Basistarief", "prices__0__price": "-5"},
         "prices-0-price", "Een prijs kan niet onder nul zijn."),
        ({"change_prices": "y", "prices__0__name": "Basistarief", "prices__0__price": ""},
         "change_prices", "Vul minstens één nieuwe prijs in."),
        ({"change_capacity": "y", "capacity": ""}, "capacity", "Vul het aantal plaatsen in."),
        ({"change_capacity": "y", "capacity": "0"}, "capacity", "Kies een aantal plaatsen van 1"),
        ({"change_capacity": "y", "capacity": "veel"}, "capacity", "Typ een geheel getal"),
        ({"change_description": "y", "description": "  "}, "description", "Schrijf de nieuwe"),
        ({"change_labels": "y", "label_mode": "add", "labels": ""}, "labels", "Typ minstens één"),
        ({"change_labels": "y", "label_mode": "add", "labels": "a;b"}, "labels", "kan niet"),
        ({"change_location": "y", "location": "Bos", "location_id": "zomaar"},
         "location", "Kies een locatie uit de lijst."),
        ({"change_location": "y", "location": "Bos",
          "location_id": "11111111-2222-4333-8444-555555555555"},
         "location", "Deze locatie bestaat niet meer"),
        ({"change_starts": "y", "link_starts_on": "32/13/2027"}, "link_starts_on", "Typ een datum"),
        ({"change_starts": "y", "link_starts_on": "2099-03-01", "change_ends": "y",
          "link_ends_on": "2099-02-01"}, "link_ends_on", "Het einde van de knop valt voor"),
        ({"change_state": "y", "state": "weg"}, "state", "Kies een toestand."),
        ({"change_state": "y", "state": "cancelled", "state_reason": " "},
         "state_reason", "Schrijf waarom de activiteit niet doorgaat."),
        ({"change_state": "y", "state": "postponed"},
         "state_reason", "Schrijf waarom de activiteit wordt uitgesteld."),
        ({"change_state": "y", "state": "cancelled", "state_reason": "x" * 501},
         "state_reason", "Kort de reden in tot 500 tekens."),
        ({"change_audience": "y", "audience": "katten"}, "audience", "Kies een doelpubliek."),
    ],
)  # fmt: skip
def test_bad_input_is_told_at_its_field_and_nothing_typed_is_lost(
    app, admin, typed, field, sentence
):
    ids = camps(2)
    page = preview(admin, ids, **typed, description_kept="x")
    assert page.status_code == 422
    assert sentence in error_at(page, field)
    assert words(page).count('name="id"') == 2, "the selection is kept"
    assert "checked" in words(page)


def test_nothing_to_change_is_told(app, admin):
    page = preview(admin, camps(1))
    assert page.status_code == 422 and "Duid aan wat je wil aanpassen." in text(page)


def test_what_stands_in_a_part_that_is_not_to_change_does_no_harm(app, admin):
    (one,) = camps(1)
    page = preview(admin, [one], **BASE, capacity="veel", labels="a;b", link_starts_on="x")
    assert page.status_code == 200
    apply(admin, page)
    assert price(one) == 65 and profile(one).labels == ["winterkamp"]


def test_back_from_the_preview_shows_what_was_typed(app, admin):
    page = preview(admin, camps(2), **BASE)
    again = post(admin, CHANGE, {**hidden(page), "doe": "terug"})
    assert 'value="65"' in words(again)


def test_a_cancelled_activity_is_not_put_online(app, admin):
    (one,) = camps(1, state=ActivityState.CANCELLED)
    page = preview(admin, [one], change_state="y", state="online")
    assert "Deze activiteit is geannuleerd." in text(page)
    assert "Pas " not in text(page)


PLACES = {"change_capacity": "y", "capacity": "30"}
ELSEWHERE = {
    "change_location": "y",
    "postal_code": "9995",
    "location": "Speelplein",
    "location_id": place_id(),
}


def lines(page: TestResponse) -> str:
    """What the preview reads out, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text(page)))


CANCEL = {"change_state": "y", "state": "cancelled", "state_reason": "Te weinig begeleiding"}
POSTPONE = {"change_state": "y", "state": "postponed", "state_reason": "Storm"}


def register(activity_id: int) -> str:
    """Lou is registered, to be paid at the desk; the reference of the line."""
    customer = make_customer()
    add_to_basket(customer.id, [Choice(activity_id, make_person(customer).id)], uses_uitpas=False)
    basket_id = open_basket(customer.id).id
    end_read()
    finish(basket_id, customer.id, PaymentMethod.DESK, terms_accepted=True)
    return db.session.scalars(select(OrderLine.line_ref)).one()


def stored(activity_id: int) -> Activity:
    db.session.rollback()
    return db.session.get_one(Activity, activity_id)


def kept_of(activity: Activity) -> dict[str, object]:
    """What cancelling leaves of an activity, apart from what names it."""
    told = find_changes()
    return {
        "state": activity.state,
        "reason": activity.state_reason,
        "status": activity.uit_status,
        "places": [(pool.capacity, pool.taken) for pool in activity.pools],
        "told": [one.wanted for one in told if one.activity_id == activity.id],
    }


def test_cancelling_in_bulk_leaves_exactly_what_cancelling_one_leaves(app, admin):
    alone, one, other = camps(3, taken=2)
    for activity_id in (alone, one):
        publish(activity_id)
    post(admin, f"/beheer/activiteiten/{alone}/annuleren", {"reason": "Te weinig begeleiding"})
    app.extensions["queue"].flush()
    page = preview(admin, [one, other], **CANCEL)
    shown = lines(page)
    assert shown.count("online → naar geannuleerd") == 2
    assert shown.count("reden voor bezoekers: van (leeg) → naar Te weinig begeleiding") == 2
    assert shown.count("Er zijn 2 plaatsen ingenomen of vastgehouden. De inschrijvingen") == 2
    assert shown.count("Binnen een minuut staat ze ook in UiTdatabank als geannuleerd.") == 1
    assert stored(one).state is ActivityState.ONLINE, "a preview changes nothing"
    done = text(apply(admin, page))
    assert "Je hoeft niet opnieuw te publiceren." in done and "Publiceer deze" not in done
    assert kept_of(stored(one)) == kept_of(stored(alone))
    assert stored(other).state is ActivityState.CANCELLED
    assert stored(other).uit_status is UitStatus.NOT_APPLICABLE
    assert "job-availability" in [task.name for task in app.extensions["queue"].pending()]
    entries = db.session.execute(
        select(AuditEntry.subject_id, AuditEntry.reason).where(
            AuditEntry.action == "activiteit geannuleerd"
        )
    ).all()
    assert sorted(entries) == [(str(one), "Te weinig begeleiding") for one in (alone, one, other)]


def test_a_registration_stands_after_its_activity_was_cancelled_in_bulk(app, admin):
    (one,) = camps(1)
    ref = register(one)
    apply(admin, preview(admin, [one], **CANCEL))
    line = db.session.scalars(select(OrderLine).where(OrderLine.line_ref == ref)).one()
    assert line.state is LineState.LIVE
    assert [pool.taken for pool in stored(one).pools] == [1]


def test_the_event_at_uitdatabank_is_cancelled_by_itself(app, admin, sandbox_url):
    (one,) = camps(1)
    event_id = publish(one).event_id
    apply(admin, preview(admin, [one], **CANCEL))
    push_availability()
    status = event_at_publiq(sandbox_url, event_id)["status"]
    assert status["type"] == "Unavailable"
    assert status["reason"]["nl"] == "Te weinig begeleiding"


def test_only_what_is_online_is_postponed_and_each_is_told(app, admin):
    (online,), (draft,) = camps(1), camps(1, state=ActivityState.DRAFT)
    page = preview(admin, [online, draft], **POSTPONE)
    assert "1 activiteit verandert, 1 kan niet aangepast worden." in text(page)
    assert "Enkel een activiteit die online staat, kan je uitstellen." in text(page)
    assert "Er is niemand ingeschreven." in text(page)
    apply(admin, page)
    assert (stored(online).state, stored(online).state_reason) == (
        ActivityState.POSTPONED,
        "Storm",
    )
    assert stored(draft).state is ActivityState.DRAFT


def test_a_postponed_activity_goes_on_again_in_bulk_without_its_reason(app, admin):
    (one,) = camps(1)
    publish(one)
    apply(admin, preview(admin, [one], **POSTPONE))
    page = preview(admin, [one], change_state="y", state="online")
    assert "Binnen een minuut staat ook in UiTdatabank dat ze weer doorgaat." in text(page)
    apply(admin, page)
    assert (stored(one).state, stored(one).state_reason) == (ActivityState.ONLINE, "")


def test_who_is_already_cancelled_keeps_its_reason_and_that_is_said(app, admin):
    (one,) = camps(1, state=ActivityState.CANCELLED, state_reason="Lesgever ziek")
    page = preview(admin, [one], **CANCEL)
    assert "Blijft zoals ze is." in text(page)
    assert "Is al geannuleerd. De reden blijft: ‘Lesgever ziek’" in text(page)
    apply(admin, page)
    assert stored(one).state_reason == "Lesgever ziek"


def performances(*taken: int, capacities: tuple[int, ...] = ()) -> int:
    """A ticketed activity with so much taken of each of its dates."""
    spans = [(days_from_now(30 + n, 20), days_from_now(30 + n, 22)) for n in range(len(taken))]
    made = ready_activity("Toneel", activity_type=make_type(module=Module.TICKETING), dates=spans)
    with write_transaction() as session:
        for place, pool in enumerate(session.get_one(Activity, made.id).pools):
            pool.taken = taken[place]
            pool.capacity = capacities[place] if capacities else 20
    return made.id


def capacities_of(activity_id: int) -> list[int]:
    return [pool.capacity for pool in stored(activity_id).pools]


def when(days: int) -> str:
    return moment(days_from_now(days, 20))


def test_places_of_dates_that_differ_are_told_and_changed_one_by_one(app, admin):
    one = performances(0, 3, 0, capacities=(10, 20, 25))
    page = preview(admin, [one], change_capacity="y", capacity="20")
    shown = lines(page)
    assert f"plaatsen op {when(30)}: van 10 → naar 20" in shown
    assert f"plaatsen op {when(32)}: van 25 → naar 20" in shown
    assert f"plaatsen op {when(31)}" not in shown, "that date has 20 already"
    apply(admin, page)
    assert capacities_of(one) == [20, 20, 20]


def test_dates_that_are_alike_are_told_in_one_line(app, admin):
    one = performances(0, 3)
    page = preview(admin, [one], change_capacity="y", capacity="30")
    assert "aantal plaatsen van elk van de 2 data: van 20 → naar 30" in lines(page)
    apply(admin, page)
    assert capacities_of(one) == [30, 30]


def test_a_date_with_more_taken_than_the_new_places_is_named_and_nothing_changes(app, admin):
    one = performances(2, 12, 15)
    page = preview(admin, [one], change_capacity="y", capacity="10", **BASE)
    shown = text(page)
    assert f"{when(31)}: er zijn al 12 plaatsen ingenomen of vastgehouden." in shown
    assert f"{when(32)}: er zijn al 15 plaatsen ingenomen of vastgehouden." in shown
    assert f"{when(30)}: er zijn" not in shown
    assert "Pas " not in shown
    apply(admin, page)
    assert capacities_of(one) == [20, 20, 20] and price(one) == 60


def test_who_took_a_place_since_the_preview_keeps_it_and_nothing_changes(app, admin):
    one = performances(2, 3)
    page = preview(admin, [one], change_capacity="y", capacity="10", **BASE)
    with write_transaction() as session:
        session.get_one(Activity, one).pools[1].taken = 11
    assert "Intussen veranderde er iets" in text(apply(admin, page))
    assert capacities_of(one) == [20, 20] and price(one) == 60


def test_places_in_zones_stay_and_that_is_said(app, admin):
    one = performances(0)
    with write_transaction() as session:
        zone = Zone(activity_id=one, name="Balkon")
        session.add(zone)
        session.flush()
        date_id = session.get_one(Activity, one).dates[0].id
        session.add(PlacePool(activity_id=one, date_id=date_id, zone_id=zone.id, capacity=50))
    page = preview(admin, [one], change_capacity="y", capacity="30")
    assert "De plaatsen in vakken (50) blijven zoals ze zijn." in text(page)
    apply(admin, page)
    assert sorted(capacities_of(one)) == [30, 50]


def test_a_location_is_searched_without_script(app, admin):
    page = post(
        admin,
        CHANGE,
        {"id": camps(1), "zoek": "location", "change_location": "y", "postal_code": "9995",
         "location": "boomhut"},
    )  # fmt: skip
    assert BOOMHUT in text(page) and 'type="radio"' in words(page)


@pytest.mark.parametrize("ids", [[], ["x"], ["99999"]])
def test_without_a_selection_one_is_sent_back(app, admin, ids):
    answer = post(admin, CHANGE, {"id": ids}, follow_redirects=True)
    assert "Duid eerst aan welke activiteiten je wil aanpassen." in text(answer)
    assert admin.get(CHANGE).status_code == 303


def test_a_preview_of_many_costs_no_more_queries(app, admin):
    few, many = camps(2, taken=1), camps(30, taken=1)
    asked = {**BASE, **CANCEL, **PLACES, **ELSEWHERE}
    publish(few[0])
    for activity_id in many[:5]:
        publish(activity_id)
    preview(admin, few, **asked)
    with count_queries() as for_few:
        preview(admin, few, **asked)
    with count_queries() as for_many:
        preview(admin, many, **asked)
    assert len(for_many) == len(for_few)


def test_a_cashier_changes_nothing(app):
    ids = camps(1)
    assert post(signed_in(app, "cashier"), CHANGE, {"id": ids}).status_code == 403
