"""The pages of activity types, through requests (C1)."""

from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.activities.models import ActivityType, Module
from app.activities.types import get_type
from app.extensions import db
from tests.making import make_activity, make_type
from tests.signing_in import make_account, post, sign_in
from tests.web.reading import error_at, text

NEW = "/beheer/activiteittypes/nieuw"
GOOD = {
    "name": "Sportkamp",
    "module": "registration",
    "poster": "sport",
    "default_capacity": "24",
    "min_age": "6",
    "max_age": "12",
    "publish_in_uit": "y",
    "cancel_until_days": "14",
    "refund_before_percent": "100",
    "refund_after_percent": "50",
    "prices-0-name": "Inwoners",
    "prices-0-price": "45,50",
    "prices-0-postal_codes": "9000 9030",
    "prices-1-name": "Basis",
    "prices-1-price": "60",
    "prices-1-postal_codes": "",
}


@pytest.fixture
def admin(app: Flask, client: FlaskClient) -> FlaskClient:
    make_account("beheer@gemeente.example", ["admin"])
    sign_in(client, "beheer@gemeente.example")
    return client


def test_a_type_is_made_with_its_prices_in_their_order(admin: FlaskClient) -> None:
    answer = post(admin, NEW, GOOD)
    assert answer.status_code == 303
    made = get_type(db.session.scalars(select(ActivityType.id)).one())
    assert (made.name, made.module, made.poster) == ("Sportkamp", Module.REGISTRATION, "sport")
    assert (made.cancel_until_days, made.refund_after_percent) == (14, 50)
    assert [(item.name, item.price, item.postal_codes) for item in made.price_categories] == [
        ("Inwoners", Decimal("45.50"), ["9000", "9030"]),
        ("Basis", Decimal("60.00"), []),
    ]
    assert "Sportkamp" in text(admin.get("/beheer/activiteittypes"))


def test_a_type_is_changed_and_unticked_boxes_are_off(admin: FlaskClient) -> None:
    kind = make_type("Kamp")
    data = {name: value for name, value in GOOD.items() if name != "publish_in_uit"}
    post(admin, f"/beheer/activiteittypes/{kind.id}", data)
    changed = get_type(kind.id)
    assert changed.name == "Sportkamp"
    assert changed.publish_in_uit is False
    assert len(changed.price_categories) == 2


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("name", "", "Geef het activiteittype een naam."),
        ("name", "x" * 101, "Kort de naam in tot 100 tekens."),
        ("default_capacity", "-3", "niet onder nul"),
        ("default_capacity", "100001", "van 1 tot 100.000"),
        ("max_age", "4", "Kies 6 jaar of meer."),
        ("refund_before_percent", "101", "van 0 tot 100"),
        ("cancel_until_days", "", "Vul het aantal dagen in"),
        ("prices-0-price", "12,345", "hoogstens twee cijfers na de komma"),
        ("prices-0-postal_codes", "90000", "vier cijfers"),
        ("prices-1-name", "inwoners", "Kies een andere naam."),
    ],
)
def test_a_mistake_is_said_at_its_field_and_what_was_typed_stays(
    admin: FlaskClient, name: str, typed: str, sentence: str
) -> None:
    answer = post(admin, NEW, {**GOOD, name: typed})
    assert answer.status_code == 422
    assert sentence in error_at(answer, name)
    assert f'value="{typed}"' in answer.get_data(as_text=True)
    assert 'value="45,50"' in answer.get_data(as_text=True) or name == "prices-0-price"


def test_two_types_cannot_have_the_same_name(admin: FlaskClient) -> None:
    make_type("sportkamp")
    answer = post(admin, NEW, GOOD)
    assert "Er is al een activiteittype" in error_at(answer, "name")


def test_the_module_of_a_type_in_use_stays(admin: FlaskClient) -> None:
    kind = make_type()
    make_activity(activity_type=kind)
    answer = post(admin, f"/beheer/activiteittypes/{kind.id}", {**GOOD, "module": "ticketing"})
    assert "Er zijn al activiteiten van dit type" in error_at(answer, "module")


def test_a_price_row_is_added_and_taken_away_without_javascript(admin: FlaskClient) -> None:
    more = post(admin, NEW, {**GOOD, "add_price": "1"})
    assert more.status_code == 200
    assert 'name="prices-2-name"' in text(more)
    less = text(post(admin, NEW, {**GOOD, "remove_price": "0"}))
    assert 'value="Basis"' in less
    assert 'value="Inwoners"' not in less
    assert 'name="prices-1-name"' not in less


def test_the_page_of_a_type_has_a_tab_uitdatabank(admin: FlaskClient) -> None:
    kind = make_type()
    page = text(admin.get(f"/beheer/activiteittypes/{kind.id}"))
    assert f'href="/beheer/activiteittypes/{kind.id}/uitdatabank"' in page


def test_an_unknown_type_is_not_found(admin: FlaskClient) -> None:
    assert admin.get("/beheer/activiteittypes/999").status_code == 404


def test_without_types_the_page_says_what_will_stand_there(admin: FlaskClient) -> None:
    assert "Nog geen activiteittypes" in text(admin.get("/beheer/activiteittypes"))
