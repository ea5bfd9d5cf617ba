"""Activities by formula, the part UiTdatabank: as on the tab, and nothing lost on the way (D7)."""

import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.activities.models import ActivityType
from app.extensions import db
from app.uitdatabank.models import UitProfile
from app.uitdatabank.profiles import ChosenLocation, ProfileData, save_type_profile
from tests.making import make_type
from tests.signing_in import csrf_token, post
from tests.uitdatabank.pictures_of_all_kinds import picture
from tests.uitdatabank.support import BOOMHUT, CAMP, connect, place_id
from tests.web.backoffice.staff_client import signed_in
from tests.web.backoffice.test_activity_series import GOOD, boxes, preview, send, ticked
from tests.web.backoffice.test_uit_new_place import NEW, URL
from tests.web.reading import error_at, text, value_of

TYPED: dict[str, Any] = {
    **GOOD,
    "title": "Speelplein & ‘bos’",
    "description": "Eerste regel.\r\n\r\nTweede regel, met é en 100 %.",
    "event_type": CAMP,
    "labels": "zomer, bos",
    "audience": "members",
    "link_starts_on": "2027-05-01",
    "contact_email": "plein@gemeente.example",
    "prices-1-name": "Inwoner",
    "prices-1-price": "4,50",
    "prices-1-postal_codes": "9995",
    "closes_days": "2",
    "location": "Schuur van Mia",
    "location_id": "",
    "doe": "nieuwe-locatie",
}


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return signed_in(app, "admin")


@pytest.fixture
def kind(app: Flask) -> ActivityType:
    connect()
    made = make_type("Speelplein")
    save_type_profile(
        made.id,
        ProfileData(
            postal_code="9995",
            location=ChosenLocation(place_id(), BOOMHUT, "Kastanjelaan 8"),
            labels=("sport",),
            contact_email="type@gemeente.example",
        ),
    )
    return made


def address(kind: ActivityType) -> str:
    return f"/beheer/activiteiten/nieuw/formule?type={kind.id}"


def hidden(page: TestResponse) -> dict[str, str]:
    return {"bewaard": value_of(page, "bewaard")}


def origin(page: TestResponse, name: str) -> str:
    """Where a field says that its value comes from."""
    found = re.search(rf'id="herkomst-{name}">(.*?)</p>', text(page))
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


def left_for_a_new_place(client: FlaskClient, kind: ActivityType) -> TestResponse:
    """The formula with one day unticked and a picture, left for a new location."""
    seen = preview(client, kind)
    days = ticked(seen)
    days["day"].remove("2027-07-21")
    sent = {"image": (io.BytesIO(picture()), "zon.png"), "image_description": "Een zon"}
    page = send(client, kind, {**TYPED, **days, **sent})
    assert page.status_code == 200
    return page


def assert_as_typed(page: TestResponse) -> None:
    shown = text(page)
    assert "Tweede regel, met é en 100 %.</textarea>" in shown
    assert value_of(page, "title") == TYPED["title"]
    assert value_of(page, "prices-1-name") == "Inwoner"
    assert value_of(page, "prices-1-price") == "4,50"
    assert value_of(page, "link_starts_on") == "2027-05-01"
    assert value_of(page, "contact_email") == "plein@gemeente.example"
    assert value_of(page, "closes_days") == "2"
    assert value_of(page, "image_id") and value_of(page, "image_description") == "Een zon"
    assert "zomer, bos</textarea>" in shown
    assert f'<option selected value="{CAMP}">' in shown
    days = boxes(page)
    assert days["2027-07-14"] and not days["2027-07-21"]


def test_values_of_the_type_are_marked_and_can_be_given_back(admin, kind):
    fresh = admin.get(address(kind))
    assert origin(fresh, "location") == origin(fresh, "labels") == "Van het type"
    assert origin(fresh, "contact_email") == "Van het type: type@gemeente.example"
    own = preview(admin, kind, labels="zee", location=BOOMHUT, location_id=place_id())
    assert "Eigen waarde" in origin(own, "labels")
    assert origin(own, "location") == "Van het type"
    again = send(admin, kind, {**GOOD, "labels": "zee", "title": "Zomer", "volg": "labels"})
    assert "sport</textarea>" in text(again) and value_of(again, "title") == "Zomer"
    assert "Labels volgt weer het type." in text(again)
    assert origin(again, "labels") == "Van het type"


def test_a_title_that_uitdatabank_cuts_is_told_with_what_visitors_read(admin, kind):
    title = "Een heel lange titel " * 6
    page = preview(admin, kind, title=title)
    assert "De titel is te lang voor UiT in Vlaanderen" in text(page)
    assert "Bezoekers lezen: ‘Een heel lange titel" in text(page)
    fine = preview(admin, kind, title="Kort")
    assert "De titel is te lang" not in text(fine)
    assert 'data-vl-counter="title" data-vl-limit="90"' in text(fine)


def test_the_description_tells_how_much_of_it_stands_in_lists(admin, kind):
    page = text(admin.get(address(kind)))
    assert 'data-vl-counter="description" data-vl-limit="200"' in page
    assert "In lijsten staan enkel de eerste 200 tekens." in page


def test_a_new_place_is_made_on_the_way_and_nothing_typed_is_lost(admin, kind):
    page = left_for_a_new_place(admin, kind)
    assert value_of(page, "name") == "Schuur van Mia"
    assert value_of(page, "postal_code") == "9995"
    there = f"{URL}?terug={address(kind)}"
    assert "/locaties/nieuw?terug=" in text(page)
    refused = post(admin, there, {**NEW, **hidden(page), "street": ""})
    assert refused.status_code == 422 and error_at(refused, "street")
    body = {**NEW, **hidden(refused), "csrf_token": csrf_token(admin)}
    made = admin.post(there, data=body)
    assert made.status_code == 307 and made.location.startswith(address(kind))
    back = admin.post(made.location, data=body)  # as browsers follow a 307
    assert "‘Schuur van Mia’ is gemaakt in UiTdatabank en is gekozen als locatie." in text(back)
    assert_as_typed(back)
    assert value_of(back, "location") == "Schuur van Mia"
    location_id = value_of(back, "location_id")
    assert location_id and location_id != place_id()
    saved = send(
        admin,
        kind,
        {
            **TYPED,
            **ticked(back),
            "location_id": location_id,
            "image_id": value_of(back, "image_id"),
            "image_description": "Een zon",
            "image_copyright": "An Claes",
            "doe": "opslaan",
        },
    )
    assert saved.status_code == 303, text(saved)
    profiles = db.session.scalars(select(UitProfile).where(UitProfile.activity_id > 0)).all()
    assert len(profiles) == 7
    assert {one.location_id for one in profiles} == {location_id}
    assert {one.location_address for one in profiles} == {"Akkerweg 12, 9995 Zonnewende"}


def test_an_existing_place_is_chosen_on_the_way(admin, kind):
    page = left_for_a_new_place(admin, kind)
    there = f"{URL}?terug={address(kind)}"
    chosen = {**NEW, **hidden(page), "doe": "kies", "location_id": place_id()}
    answer = post(admin, there, chosen)
    assert answer.status_code == 307
    back = post(admin, answer.location, chosen)
    assert_as_typed(back)
    assert (value_of(back, "location"), value_of(back, "location_id")) == (BOOMHUT, place_id())


def test_who_goes_back_without_a_new_place_finds_all_as_it_was(admin, kind):
    page = left_for_a_new_place(admin, kind)
    assert f'formaction="{address(kind)}"' in text(page)
    back = post(admin, address(kind), {**NEW, **hidden(page), "doe": "terug"})
    assert_as_typed(back)
    assert value_of(back, "location") == "Schuur van Mia"
    assert value_of(back, "location_id") == ""


def test_a_picture_that_is_refused_is_told_before_going(admin, kind):
    sent = {"image": (io.BytesIO(b"geen beeld"), "zon.png")}
    page = send(admin, kind, {**TYPED, **sent})
    assert error_at(page, "image")
    assert value_of(page, "title") == TYPED["title"], "still the formula"


def test_what_did_not_come_from_the_page_does_no_harm(admin, kind):
    odd = post(admin, f"{address(kind)}&locatie=onzin&naam=x", {"bewaard": "title=A&%ff&day=x"})
    assert odd.status_code == 200 and value_of(odd, "title") == "A"
    assert value_of(odd, "location") != "x"
