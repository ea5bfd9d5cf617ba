"""Activities by formula in the back office: preview first, nothing lost, then all at once."""

import html
import io
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.activities.editing import get_activity
from app.activities.models import Activity, ActivityType, Module, Series
from app.activities.schedule import schedule_of
from app.clock import local
from app.extensions import db, write_transaction
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.images import store_image
from app.uitdatabank.models import UitProfile
from app.uitdatabank.profiles import ProfileData, save_type_profile
from tests.making import make_type
from tests.queries import count_queries
from tests.signing_in import csrf_token, make_account, sign_in
from tests.uitdatabank.pictures_of_all_kinds import picture
from tests.uitdatabank.support import BOOMHUT, CAMP, VRIJE_TIJD, connect, organizer_id, place_id
from tests.web.reading import error_at, text, value_of

GOOD: dict[str, Any] = {
    "title": "Speelplein",
    "capacity": "30",
    "state": "online",
    "publish_in_uit": "y",
    "kind": "separate",
    "weekdays": ["2"],
    "starts": "09:00",
    "ends": "16:00",
    "since": "2027-07-07",
    "until": "2027-08-25",
    "every": "1",
    "prices-0-name": "Basis",
    "prices-0-price": "6",
    "prices-0-postal_codes": "",
    "audience": "everyone",
    "postal_code": "9995",
    "description": "Een dag buiten spelen.",
}


@pytest.fixture
def admin(app: Flask, client: FlaskClient) -> FlaskClient:
    make_account("beheer@gemeente.example", ["admin"])
    sign_in(client, "beheer@gemeente.example")
    return client


@pytest.fixture
def kind(app: Flask) -> ActivityType:
    connect()
    return make_type("Speelplein")


def send(client: FlaskClient, kind: ActivityType, data: dict, **headers: str) -> TestResponse:
    """One step of the form."""
    return client.post(
        f"/beheer/activiteiten/nieuw/formule?type={kind.id}",
        data={**data, "csrf_token": csrf_token(client)},
        headers=headers,
    )


def preview(client: FlaskClient, kind: ActivityType, /, **changes: Any) -> TestResponse:
    return send(client, kind, {**GOOD, **changes, "doe": "data"})


def boxes(answer: TestResponse) -> dict[str, bool]:
    """The days of the preview, and which of them are ticked."""
    page = answer.get_data(as_text=True)
    return {
        value: bool(checked)
        for value, checked in re.findall(r'name="day" value="([\d-]+)"( checked)?', page)
    }


def ticked(answer: TestResponse) -> dict[str, Any]:
    """What the preview sends back as it stands."""
    return {
        "shown": value_of(answer, "shown"),
        "day": [day for day, checked in boxes(answer).items() if checked],
    }


def save(client: FlaskClient, kind: ActivityType, /, **changes: Any) -> TestResponse:
    """Look at the preview first, then save."""
    seen = preview(client, kind, **changes)
    return send(client, kind, {**GOOD, **changes, **ticked(seen), "doe": "opslaan"})


def activities() -> list[Activity]:
    ids = db.session.scalars(select(Activity.id).order_by(Activity.first_start)).all()
    return [get_activity(one) for one in ids]


class TestTheForm:
    def test_after_the_type_one_chooses_how(self, admin: FlaskClient, kind: ActivityType) -> None:
        one = admin.get(f"/beheer/activiteiten/nieuw?type={kind.id}")
        assert f"/beheer/activiteiten/nieuw/formule?type={kind.id}" in text(one)
        by_formula = admin.get(f"/beheer/activiteiten/nieuw/formule?type={kind.id}")
        assert f"/beheer/activiteiten/nieuw?type={kind.id}" in text(by_formula)

    def test_it_is_filled_from_the_type_the_tab_uitdatabank_too(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        with write_transaction() as session:
            session.add(UitProfile(activity_type_id=kind.id, postal_code="9031", labels=["sport"]))
        answer = admin.get(f"/beheer/activiteiten/nieuw/formule?type={kind.id}")
        assert value_of(answer, "capacity") == "20"
        assert value_of(answer, "prices-0-price") == "60,00"
        assert value_of(answer, "postal_code") == "9031"
        assert "sport</textarea>" in text(answer)

    def test_the_picture_of_the_type_goes_along(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        image = store_image(picture(), "Een glijbaan op het plein", "Gemeente Zonnewende")
        with write_transaction() as session:
            session.add(UitProfile(activity_type_id=kind.id, image_id=image.id))
        fresh = admin.get(f"/beheer/activiteiten/nieuw/formule?type={kind.id}")
        on_the_page = re.findall(r'name="(image\w*)"[^>]* value="([^"]*)"', text(fresh))
        kept = {name: value for name, value in on_the_page if name != "image_remove"}  # not ticked
        answer = save(admin, kind, **kept)
        assert answer.status_code == 303
        made = select(UitProfile.image_id).where(UitProfile.activity_id.is_not(None))
        assert db.session.scalars(made).all() == [image.id] * 8

    def test_without_the_module_there_is_no_tab_and_saving_still_works(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        with write_transaction():
            settings = uit_settings_for_update()
            settings.uitdatabank_on, settings.uitpas_on, settings.coupons_on = False, False, False
        answer = admin.get(f"/beheer/activiteiten/nieuw/formule?type={kind.id}")
        assert "Gegevens voor UiTdatabank" not in text(answer)
        assert save(admin, kind).status_code == 303
        assert len(activities()) == 8

    def test_for_tickets_there_is_no_weekly_schedule_and_the_page_says_why(
        self, admin: FlaskClient, app: Flask
    ) -> None:
        shows = make_type("Voorstelling", module=Module.TICKETING)
        page = text(admin.get(f"/beheer/activiteiten/nieuw/formule?type={shows.id}"))
        assert 'value="weekly"' not in page
        assert "een weekschema heeft geen aparte data" in page
        answer = preview(admin, shows, kind="weekly")
        assert "een ticket geldt voor één datum" in error_at(answer, "kind")

    def test_an_unknown_type_is_not_found(self, admin: FlaskClient, app: Flask) -> None:
        assert admin.get("/beheer/activiteiten/nieuw/formule?type=987").status_code == 404

    def test_a_cashier_may_not(self, app: Flask, client: FlaskClient, kind: ActivityType) -> None:
        make_account("kassa@gemeente.example", ["cashier"])
        sign_in(client, "kassa@gemeente.example")
        url = f"/beheer/activiteiten/nieuw/formule?type={kind.id}"
        assert client.get(url).status_code == 403
        assert send(client, kind, GOOD).status_code == 403


class TestThePreview:
    def test_it_shows_every_date_by_month_and_saves_nothing(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        answer = preview(admin, kind)
        assert answer.status_code == 200
        assert len(boxes(answer)) == 8
        assert "Elke woensdag van 7 juli tot 25 augustus 2027, 9 tot 16 uur." in text(answer)
        assert "Juli 2027: 4 data" in text(answer)
        assert "woensdag 7 juli" in text(answer)
        assert activities() == []

    def test_what_was_typed_elsewhere_stays_also_where_it_cannot_be(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        typed = {"title": "", "prices-0-price": "abc", "capacity": "veel", "link_phone": "x"}
        answer = preview(admin, kind, **typed)
        assert answer.status_code == 200
        for name, value in typed.items():
            assert value_of(answer, name) == value
        assert "Een dag buiten spelen.</textarea>" in text(answer)

    def test_school_holidays_are_left_out_at_a_click_and_one_day_can_come_back(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        winter = {"since": "2027-01-06", "until": "2027-03-24", "skip_holidays": "y"}
        answer = preview(admin, kind, **winter)
        assert boxes(answer)["2027-02-10"] is False
        assert "overgeslagen: Krokusvakantie" in text(answer)
        back = ticked(answer)
        back["day"] += ["2027-02-10"]
        again = preview(admin, kind, **winter, **back)
        assert boxes(again)["2027-02-10"] is True

    def test_a_single_day_stays_left_out_when_the_formula_changes(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        seen = ticked(preview(admin, kind))
        seen["day"].remove("2027-07-21")
        longer = preview(admin, kind, **seen, until="2027-09-01")
        assert boxes(longer)["2027-07-21"] is False
        assert boxes(longer)["2027-09-01"] is True
        other_day = preview(admin, kind, **{**ticked(longer), "weekdays": ["3"]})
        assert "2027-07-21" not in boxes(other_day)
        assert set(boxes(other_day).values()) == {True}

    def test_a_day_is_added_and_the_same_one_twice_is_said_at_the_field(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        seen = ticked(preview(admin, kind))
        data = {**GOOD, **seen, "doe": "dag", "extra_day": "2027-09-05"}
        added = send(admin, kind, data)
        assert boxes(added)["2027-09-05"] is True
        assert "en ook op 5 september" in text(added)
        assert value_of(added, "extra_day") == ""
        twice = send(admin, kind, {**data, **ticked(added)})
        assert twice.status_code == 422
        assert "Op zondag 5 september 2027 is er al een datum" in error_at(twice, "extra_day")
        assert value_of(twice, "extra_day") == "2027-09-05"
        assert len(boxes(twice)) == 9

    def test_adding_no_day_at_all_says_what_to_do(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        answer = send(admin, kind, {**GOOD, "doe": "dag"})
        assert error_at(answer, "extra_day") == "Kies de dag die je wil toevoegen."

    def test_htmx_gets_this_part_alone_and_it_is_spoken(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        answer = send(admin, kind, {**GOOD, "doe": "data"}, **{"HX-Request": "true"})
        page = answer.get_data(as_text=True)
        assert page.lstrip().startswith('<div class="vl-swap" id="formule">')
        assert "<title>" not in page
        assert re.search(r'id="vl-status" hx-swap-oob="innerHTML">8 data<', page)

    def test_htmx_puts_what_is_wrong_in_the_one_place_of_the_page_for_it(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        whole = send(admin, kind, {**GOOD, "title": "", "doe": "opslaan"})
        assert whole.get_data(as_text=True).count("data-vl-errors") == 1
        wrong = {**GOOD, "until": "2020-01-01", "doe": "data"}
        part = send(admin, kind, wrong, **{"HX-Request": "true"}).get_data(as_text=True)
        assert part.count("data-vl-errors") == 1
        assert re.search(
            r'<div id="vl-errors" hx-swap-oob="innerHTML"><div class="vl-errors"', part
        )
        right = send(admin, kind, {**GOOD, "doe": "data"}, **{"HX-Request": "true"})
        assert '<div id="vl-errors" hx-swap-oob="innerHTML"></div>' in right.get_data(as_text=True)

    def test_four_hundred_dates_are_folded_by_month_and_asked_for_in_few_queries(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        every_day = {"weekdays": list("0123456"), "until": "2028-08-09"}
        preview(admin, kind)  # fetches the taxonomy
        with count_queries() as for_eight:
            preview(admin, kind)
        with count_queries() as sent:
            answer = preview(admin, kind, **every_day)
        assert len(boxes(answer)) == 400
        assert '<details class="vl-more mb-2" open>' not in answer.get_data(as_text=True)
        assert len(sent) <= len(for_eight) < 60

    def test_a_row_for_a_price_more_keeps_the_formula_and_what_was_unticked(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        seen = ticked(preview(admin, kind))
        seen["day"].remove("2027-07-21")
        answer = send(admin, kind, {**GOOD, **seen, "add_price": "1"})
        assert value_of(answer, "prices-1-name") == ""
        assert boxes(answer)["2027-07-21"] is False
        assert value_of(answer, "since") == "2027-07-07"

    def test_a_search_without_javascript_keeps_everything(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        seen = ticked(preview(admin, kind))
        data = {**GOOD, **seen, "location": "boomhut", "zoek": "location"}
        answer = send(admin, kind, data)
        assert "Gevonden locaties" in text(answer)
        assert len(boxes(answer)) == 8


MISTAKES = [
    ("weekdays", [], "weekdays", "Duid minstens één dag van de week aan."),
    ("since", "", "since", "Kies de eerste dag."),
    ("since", "31/02/2027", "since", "31 februari 2027 bestaat niet."),
    ("until", "2027-07-06", "until", "Kies een dag vanaf 7 juli 2027."),
    ("starts", "25:00", "starts", "Typ een uur"),
    ("ends", "", "ends", "Vul het einduur in."),
    ("ends", "09:00", "ends", "Kies een ander einduur."),
    ("every", "0", "every", "van 1 tot 52"),
    ("every", "drie", "every", "Typ een geheel getal"),
    ("until", "2099-12-31", "until", "meer dan 500 data"),
    ("until", "2027-07-07", "until", None),
    ("kind", "iets", "kind", "Kies hoe mensen zich inschrijven."),
    ("extra_day", "morgen", "extra_day", "Typ een datum"),
]


@pytest.mark.parametrize(("name", "typed", "field_id", "sentence"), MISTAKES)
def test_a_mistake_in_the_formula_is_said_at_its_field_and_nothing_is_lost(
    admin: FlaskClient, kind: ActivityType, name: str, typed: Any, field_id: str, sentence: Any
) -> None:
    answer = preview(admin, kind, **{name: typed})
    if sentence is None:
        assert len(boxes(answer)) == 1
        return
    assert answer.status_code == 422
    assert sentence in error_at(answer, field_id)
    assert value_of(answer, "title") == "Speelplein"
    if isinstance(typed, str) and name != "kind":
        assert value_of(answer, name) == typed
    assert send(admin, kind, {**GOOD, name: typed, "doe": "opslaan"}).status_code == 422
    assert activities() == []


@pytest.mark.parametrize(
    ("name", "typed", "field_id", "sentence"),
    [
        ("title", "", "title", "Geef de activiteit een titel."),
        ("capacity", "0", "capacity", "van 1 tot 100.000"),
        ("prices-0-price", "abc", "prices-0-price", "Typ een bedrag"),
        ("closes_days", "veel", "closes_days", "Typ een geheel getal"),
        ("closes_days", "400", "closes_days", "van 0 tot 365"),
        ("closes_days_at", "12:00", "closes_days", "Vul ook het aantal dagen in."),
        ("opens_at", "12:00", "opens_on", "Kies ook de dag."),
        ("postal_code", "999", "postal_code", "vier cijfers"),
        ("labels", "x", "labels", "2 tot 255 tekens"),
        ("link_email", "geen", "link_email", "Typ voor de registratielink een e-mailadres"),
        ("location", "ergens", "location", "Kies een locatie uit de lijst."),
    ],
)
def test_a_mistake_elsewhere_is_said_when_saving_and_the_boxes_stay(
    admin: FlaskClient, kind: ActivityType, name: str, typed: str, field_id: str, sentence: str
) -> None:
    seen = ticked(preview(admin, kind))
    seen["day"].remove("2027-07-21")
    answer = send(admin, kind, {**GOOD, **seen, name: typed, "doe": "opslaan"})
    assert answer.status_code == 422
    assert sentence in html.unescape(error_at(answer, field_id))
    assert boxes(answer)["2027-07-21"] is False
    assert activities() == []


def test_mistakes_of_formula_fields_and_tab_are_said_at_once(
    admin: FlaskClient, kind: ActivityType
) -> None:
    data = {**GOOD, "title": "", "weekdays": [], "link_email": "geen", "doe": "opslaan"}
    answer = send(admin, kind, data)
    for field_id in ("title", "weekdays", "link_email"):
        assert error_at(answer, field_id)


class TestSaving:
    def test_without_a_look_at_the_dates_they_are_shown_first(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        answer = send(admin, kind, {**GOOD, "doe": "opslaan"})
        assert answer.status_code == 422
        assert "Kijk de data na" in text(answer)
        assert len(boxes(answer)) == 8
        assert activities() == []
        saved = send(admin, kind, {**GOOD, **ticked(answer), "doe": "opslaan"})
        assert saved.status_code == 303
        assert len(activities()) == 8

    def test_a_formula_that_changed_after_the_preview_is_shown_again(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        seen = ticked(preview(admin, kind))
        data = {**GOOD, **seen, "until": "2027-09-01", "doe": "opslaan"}
        answer = send(admin, kind, data)
        assert "Kijk de data na" in text(answer)
        assert len(boxes(answer)) == 9
        assert activities() == []

    def test_a_day_that_was_unticked_after_the_preview_is_not_made(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        seen = ticked(preview(admin, kind))
        seen["day"].remove("2027-07-21")
        assert send(admin, kind, {**GOOD, **seen, "doe": "opslaan"}).status_code == 303
        days = [local(one.first_start).date().isoformat() for one in activities()]
        assert len(days) == 7
        assert "2027-07-21" not in days
        series = db.session.scalars(select(Series)).one()
        assert series.formula["left_out"] == ["2027-07-21"]

    def test_all_that_was_filled_in_goes_to_each_the_tab_too(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        answer = save(
            admin,
            kind,
            event_type=CAMP,
            location=BOOMHUT,
            location_id=place_id(),
            organizer=VRIJE_TIJD,
            organizer_id=organizer_id(),
            closes_days="2",
            min_age="6",
        )
        assert answer.status_code == 303
        found = activities()
        first = found[0]
        assert answer.location.startswith(f"/beheer/activiteiten/{first.id}")
        assert {one.state.value for one in found} == {"online"}
        assert {one.pools[0].capacity for one in found} == {30}
        assert {(one.first_start - one.registration_closes_at).days for one in found} == {1}
        assert {one.uit_status.value for one in found} == {"complete"}
        profiles = db.session.scalars(select(UitProfile).where(UitProfile.activity_id > 0)).all()
        assert {(one.location_id, one.description) for one in profiles} == {
            (place_id(), "Een dag buiten spelen.")
        }

    def test_a_second_press_leads_to_what_was_made(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        first, again = save(admin, kind), save(admin, kind)
        assert again.location == first.location
        assert "niets dubbel" in text(admin.get(again.location))
        assert len(activities()) == 8

    def test_a_group_that_stays_together_is_one_activity(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        assert save(admin, kind, kind="together").status_code == 303
        (found,) = activities()
        assert len(found.dates) == 8

    def test_a_weekly_schedule_has_holidays_as_closed_days(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        winter = {"since": "2027-01-06", "until": "2027-03-24", "skip_holidays": "y"}
        assert save(admin, kind, kind="weekly", **winter).status_code == 303
        (found,) = activities()
        (closed,) = schedule_of(found).closed
        assert closed.reason == "Krokusvakantie"

    def test_a_night_ends_on_the_next_day_and_the_preview_says_so(
        self, admin: FlaskClient, kind: ActivityType
    ) -> None:
        night = {"starts": "20:00", "ends": "01:30"}
        assert "20 tot 1.30 uur de volgende dag" in text(preview(admin, kind, **night))
        save(admin, kind, **night)
        assert {local(one.last_end).hour for one in activities()} == {1}
        assert "Een weekschema" not in text(preview(admin, kind, **night))
        weekly = preview(admin, kind, **night, kind="weekly")
        assert "voor middernacht" in error_at(weekly, "ends")


def words_of_picture(page: TestResponse) -> dict[str, str]:
    names = ("image_id", "image_description", "image_copyright")
    return {name: value_of(page, name) for name in names}


def test_a_picture_of_the_type_goes_along_with_its_words(
    admin: FlaskClient, kind: ActivityType
) -> None:
    image = store_image(picture(), "Een zon boven heuvels", "Gemeente Zonnewende")
    save_type_profile(kind.id, ProfileData(image_id=image.id))
    page = admin.get(f"/beheer/activiteiten/nieuw/formule?type={kind.id}")
    shown = words_of_picture(page)
    assert shown["image_description"] == "Een zon boven heuvels"
    answer = save(admin, kind, **shown)
    assert answer.status_code == 303
    ids = [one.id for one in activities()]
    profiles = db.session.scalars(select(UitProfile).where(UitProfile.activity_id.in_(ids))).all()
    assert len(profiles) == 8
    assert {one.image_id for one in profiles} == {image.id}
    assert all("image" in one.follows for one in profiles)


def test_a_picture_that_is_sent_before_the_first_save_stays_through_every_step(
    admin: FlaskClient, kind: ActivityType
) -> None:
    sent = {"image": (io.BytesIO(picture()), "zon.png"), "image_description": "Een zon"}
    page = preview(admin, kind, **sent)
    shown = words_of_picture(page)
    assert shown["image_id"]
    refused = save(admin, kind, **shown)
    assert "Vul in wie de rechten op de afbeelding heeft" in text(refused)
    answer = save(admin, kind, **{**words_of_picture(refused), "image_copyright": "An Claes"})
    assert answer.status_code == 303
    profile = db.session.scalars(
        select(UitProfile).where(UitProfile.activity_id == activities()[0].id)
    ).one()
    assert profile.image is not None
    assert (profile.image.description, profile.image.copyright_holder) == ("Een zon", "An Claes")


def test_contact_can_be_filled_in_before_the_first_save(
    admin: FlaskClient, kind: ActivityType
) -> None:
    save_type_profile(kind.id, ProfileData(contact_email="speelplein@gemeente.example"))
    page = text(admin.get(f"/beheer/activiteiten/nieuw/formule?type={kind.id}"))
    assert "Van het type: speelplein@gemeente.example" in page
    save(admin, kind, contact_url="https://www.gemeente.example/speelplein")
    profile = db.session.scalars(
        select(UitProfile).where(UitProfile.activity_id == activities()[0].id)
    ).one()
    assert profile.contact_url == "https://www.gemeente.example/speelplein"
