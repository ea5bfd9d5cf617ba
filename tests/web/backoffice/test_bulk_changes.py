"""Changing many activities at once, through requests: form, preview, apply, publish (D9)."""

import html
import re
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.activities.models import Activity, ActivityState, PlacePool, PriceCategory, UitStatus
from app.extensions import db, write_transaction
from app.settings.models import AuditEntry
from app.uitdatabank.models import Audience, PublicationItem, UitProfile
from app.uitdatabank.publishing import publish
from app.uitdatabank.sweeping import publish_due_items
from tests.making import make_type
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
    assert "heeft geen prijs ‘Basistarief’" in text(page)
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
        ({"change_state": "y", "state": "cancelled"}, "state", "Kies concept of online."),
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
    few, many = camps(2), camps(30)
    preview(admin, few, **BASE)
    with count_queries() as for_few:
        preview(admin, few, **BASE)
    with count_queries() as for_many:
        preview(admin, many, **BASE)
    assert len(for_many) == len(for_few)


def test_a_cashier_changes_nothing(app):
    ids = camps(1)
    assert post(signed_in(app, "cashier"), CHANGE, {"id": ids}).status_code == 403
