"""The picture, the contact, the preview and the notes on the tab UiTdatabank (D2)."""

import io
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.clock import now
from app.extensions import db, write_transaction
from app.settings.models import PubliqCall
from app.uitdatabank.images import store_image
from app.uitdatabank.links import link_of
from app.uitdatabank.models import TaxonomyTerm, UitImage
from app.uitdatabank.profiles import profile_of, profile_of_type
from app.uitdatabank.taxonomy import refresh_taxonomy
from app.web.body_limits import UPLOAD_LIMIT
from tests.making import make_activity, make_type
from tests.signing_in import make_account, post, sign_in
from tests.uitdatabank.pictures_of_all_kinds import picture
from tests.uitdatabank.support import connect, event_at_publiq, fault, ready_activity
from tests.web.backoffice.test_uit_profiles import filled, tab
from tests.web.reading import error_at, text, value_of

WORDS = {"image_description": "Kinderen in het bos", "image_copyright": "Gemeente Zonnewende"}


@pytest.fixture
def admin(client):
    connect()
    make_account("beheer@loket.be", ["admin"])
    sign_in(client, "beheer@loket.be")
    return client


def upload(content=None, name="kamp.jpg", **changes):
    file = (io.BytesIO(picture("JPEG", (2400, 800)) if content is None else content), name)
    return filled(**{"image_id": "", "image": file, **WORDS, **changes})


def images():
    return db.session.scalar(select(func.count()).select_from(UitImage))


def test_a_picture_is_kept_shown_and_published(admin, sandbox_url):
    activity = make_activity()
    answer = post(admin, tab(activity), upload(doe="publiceren"))
    assert answer.status_code == 303, text(answer)
    kept = profile_of(activity).image
    assert (kept.width, kept.height, kept.media_type) == (1920, 640, "image/jpeg")
    page = admin.get(tab(activity))
    assert f'src="/beheer/uitdatabank/afbeeldingen/{kept.id}"' in text(page)
    assert 'alt="Kinderen in het bos"' in text(page)
    shown = admin.get(f"/beheer/uitdatabank/afbeeldingen/{kept.id}")
    assert shown.mimetype == "image/jpeg" and shown.data.startswith(b"\xff\xd8")
    (sent,) = event_at_publiq(sandbox_url, link_of(activity.id).event_id)["mediaObject"]
    assert sent["copyrightHolder"] == "Gemeente Zonnewende"


def test_a_type_has_a_picture_too(admin):
    kind = make_type()
    answer = post(admin, f"/beheer/activiteittypes/{kind.id}/uitdatabank", upload())
    assert answer.status_code == 303, text(answer)
    assert profile_of_type(kind).image.description == "Kinderen in het bos"


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"content": b"MZ een programma", "name": "foto.jpg"}, "image", "geen afbeelding die we"),
        ({"content": b""}, "image", "geen afbeelding die we kunnen lezen"),
        (
            {"content": b"x" * (10 * 1024 * 1024 + 1)},
            "image",
            "te groot. Kies er een van hoogstens",
        ),
        ({"image_description": ""}, "image_description", "Beschrijf in 2 tot 250 tekens"),
        ({"image_description": "x" * 251}, "image_description", "Beschrijf in 2 tot 250 tekens"),
        ({"image_copyright": "x"}, "image_copyright", "Vul in wie de rechten"),
    ],
)
def test_a_picture_that_will_not_do_is_said_at_its_field(admin, changes, field, sentence):
    activity = make_activity()
    answer = post(admin, tab(activity), upload(**changes))
    assert answer.status_code == 422
    assert sentence in error_at(answer, field)
    assert "Een week buiten." in text(answer)
    assert profile_of(activity).image_id is None


def test_words_without_a_picture_ask_for_one(admin):
    answer = post(admin, tab(make_activity()), filled(image_id="", **WORDS))
    assert "Kies een afbeelding, of maak de beschrijving" in error_at(answer, "image")


@pytest.mark.parametrize("odd", ["999", "x", "-1", "1e9", "12345678901234567890"])
def test_an_id_of_no_picture_is_refused(admin, odd):
    answer = post(admin, tab(make_activity()), filled(image_id=odd, **WORDS))
    assert answer.status_code == 422
    assert "Deze afbeelding bestaat niet meer." in error_at(answer, "image")


def test_a_refused_form_keeps_the_upload_that_was_good(admin):
    activity = make_activity()
    refused = post(admin, tab(activity), upload(link_email="geen adres"))
    assert refused.status_code == 422 and images() == 1
    key = value_of(refused, "image_id")
    assert f"/beheer/uitdatabank/afbeeldingen/{key}" in text(refused)
    answer = post(admin, tab(activity), filled(image_id=key, **WORDS))
    assert answer.status_code == 303, text(answer)
    assert profile_of(activity).image.description == WORDS["image_description"]
    assert images() == 1


def test_a_button_that_saves_nothing_keeps_the_upload_as_well(admin):
    answer = post(admin, tab(make_activity()), upload(zoek="location", location="boom"))
    assert answer.status_code == 200
    assert value_of(answer, "image_id") and value_of(answer, "image_copyright")


def test_a_picture_can_be_replaced_described_anew_and_taken_away(admin):
    activity = make_activity()
    post(admin, tab(activity), upload())
    first = profile_of(activity).image_id
    post(admin, tab(activity), upload(picture("PNG"), "ander.png", image_id=str(first)))
    second = profile_of(activity).image_id
    assert second != first and profile_of(activity).image.media_type == "image/png"
    other = {**WORDS, "image_description": "Een vlot"}
    post(admin, tab(activity), filled(image_id=str(second), **other))
    db.session.expire_all()
    assert profile_of(activity).image.description == "Een vlot"
    assert profile_of(activity).image_id != second, "what was sent to publiq stays what it is"
    key = str(profile_of(activity).image_id)
    post(admin, tab(activity), filled(image_id=key, image_remove="y", **other))
    assert profile_of(activity).image_id is None


def test_a_form_without_a_picture_field_keeps_the_picture(admin):
    activity = ready_activity(profile={"image_id": store_image(picture(), *WORDS.values()).id})
    post(admin, tab(activity), filled())
    assert profile_of(activity).image_id is not None


def test_more_than_a_picture_may_be_is_told_in_dutch(admin):
    answer = post(admin, tab(make_activity()), upload(b"x" * (UPLOAD_LIMIT + 1)))
    assert answer.status_code == 413
    assert "Een afbeelding mag hoogstens 10 MB groot zijn." in text(answer)
    elsewhere = post(admin, "/beheer/activiteiten/nieuw?type=1", {"title": "x" * 1_100_000})
    assert elsewhere.status_code == 413
    assert "kort je tekst in" in text(elsewhere), "only the tab takes more"


def test_pictures_are_for_admins(admin, app):
    kept = store_image(picture(), *WORDS.values())
    url = f"/beheer/uitdatabank/afbeeldingen/{kept.id}"
    assert admin.get("/beheer/uitdatabank/afbeeldingen/4711").status_code == 404
    assert app.test_client().get(url).status_code == 302
    desk = app.test_client()
    make_account("kassa@loket.be", ["cashier"])
    sign_in(desk, "kassa@loket.be")
    assert desk.get(url).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contact_email": "vraag het"}, "contact_email"),
        ({"contact_phone": "bel"}, "contact_phone"),
        ({"contact_url": "gemeente.be"}, "contact_url"),
        ({"contact_url": "javascript:alert(1)"}, "contact_url"),
        ({"contact_url": "https://gemeente"}, "contact_url"),
        ({"contact_url": "https://" + "x" * 500 + ".be"}, "contact_url"),
        ({"contact_url": "https://[::1"}, "contact_url"),
    ],
)
def test_contact_is_checked_at_its_field(admin, changes, field):
    answer = post(admin, tab(make_activity()), filled(**changes))
    assert answer.status_code == 422 and error_at(answer, field)


def test_contact_reaches_the_event(admin, sandbox_url):
    activity = make_activity()
    contact = {
        "contact_email": "vragen@gemeente.be",
        "contact_phone": "09 765 43 21",
        "contact_url": "https://www.gemeente.be/kampen",
    }
    assert post(admin, tab(activity), filled(**contact, doe="publiceren")).status_code == 303
    sent = event_at_publiq(sandbox_url, link_of(activity.id).event_id)["contactPoint"]
    assert sent == {
        "email": ["vragen@gemeente.be"],
        "phone": ["09 765 43 21"],
        "url": ["https://www.gemeente.be/kampen"],
    }


def test_the_preview_shows_what_was_typed_even_before_it_is_saved(admin):
    activity = make_activity("Boskamp")
    long = "Elke dag naar het bos. " * 12
    answer = post(admin, tab(activity), filled(zoek="voorbeeld", description=long))
    assert answer.status_code == 200
    shown = text(answer)
    assert " ".join(long.split())[:200].rstrip() + "…" in shown
    assert "Speelplein De Boomhut" in shown and profile_of(activity).description == ""
    assert "In lijsten staan enkel de eerste 200 tekens." in shown


def test_a_title_that_will_be_cut_is_told_beforehand_on_both_tabs(admin):
    activity = make_activity("Een heel lang kamp in het bos bij de oude molen " * 3)
    shown = text(admin.get(tab(activity)))
    assert "De titel is te lang voor UiT in Vlaanderen" in shown and "bij de oude…" in shown
    general = text(admin.get(f"/beheer/activiteiten/{activity.id}"))
    assert "UiT in Vlaanderen toont hoogstens 90 tekens, dus: ‘" in general
    assert "hoogstens 90 tekens" not in text(admin.get(tab(make_activity("Kort"))))


def test_ages_and_prices_are_shown_as_they_go_out(admin):
    prices = [("Inwoners", "60.00", ["9995"]), ("Gewoon", "75.00", ())]
    activity = make_activity(min_age=6, max_age=12, prices=prices)
    shown = text(admin.get(tab(activity)))
    assert "6 tot 12 jaar" in shown and "‘6-12’" in shown
    assert "de eerste prijs die voor iedereen geldt" in shown and "Tarief ‘Inwoners’" in shown
    assert "enkel voor inwoners van 9995" in shown
    nobody = make_activity(prices=[("Inwoners", "60.00", ["9995"])])
    assert "Geen enkele prijs geldt voor iedereen." in text(admin.get(tab(nobody)))


def test_an_old_list_of_thema_s_is_used_and_told_and_no_page_waits_for_publiq(admin, sandbox_url):
    activity = make_activity()
    admin.get(tab(activity))
    with write_transaction() as session:
        session.execute(update(TaxonomyTerm).values(fetched_at=now() - timedelta(days=3, hours=1)))
        session.execute(update(PubliqCall).values(started_at=now() - timedelta(days=4)))
    fault(sandbox_url, "taxonomy", "plat", count=99)
    refresh_taxonomy()
    calls = db.session.scalar(select(func.count()).select_from(PubliqCall))
    db.session.commit()
    shown = text(admin.get(tab(activity)))
    assert (
        "De lijst met thema’s is van 3 dagen geleden: UiTdatabank antwoordde sindsdien niet."
        in shown
    )
    assert "Kamp of vakantie" in shown
    assert db.session.scalar(select(func.count()).select_from(PubliqCall)) == calls
