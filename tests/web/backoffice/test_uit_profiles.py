"""The tab UiTdatabank in the back office: filling in, publishing, bad input (D1 – D12)."""

import re
from html import unescape

import pytest
from sqlalchemy import select

from app.activities.models import ActivityState, UitStatus
from app.clock import local
from app.extensions import db, write_transaction
from app.settings.models import Environment, OrganizerPermission, PubliqCall
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.models import Audience, EventLink, UitProfile
from app.uitdatabank.publishing import link_of, publish
from tests.making import make_activity, make_type
from tests.queries import count_queries
from tests.signing_in import make_account, post, sign_in
from tests.uitdatabank.support import (
    BOOMHUT,
    CAMP,
    CLUB,
    OMNISPORT,
    VRIJE_TIJD,
    connect,
    fault,
    organizer_id,
    place_id,
    ready_activity,
)

FILLED = {
    "postal_code": "9995",
    "location": BOOMHUT,
    "location_id": "",
    "organizer": VRIJE_TIJD,
    "organizer_id": "",
    "event_type": CAMP,
    "theme": OMNISPORT,
    "labels": "winter, bos\nbuiten spelen",
    "audience": "members",
    "description": "Een week buiten.",
    "registration_link": "y",
    "link_email": "",
    "link_phone": "",
    "link_starts_on": "2027-01-04",
    "link_ends_on": "2027-02-05",
    "doe": "opslaan",
}


@pytest.fixture
def admin(client):
    connect()
    make_account("beheer@loket.be", ["admin"])
    sign_in(client, "beheer@loket.be")
    return client


def filled(**changes):
    chosen = {"location_id": place_id(), "organizer_id": organizer_id()}
    return {**FILLED, **chosen, **changes}


def tab(activity):
    return f"/beheer/activiteiten/{activity.id}/uitdatabank"


def profile(activity):
    return db.session.scalar(select(UitProfile).where(UitProfile.activity_id == activity.id))


def text_of(answer):
    return answer.get_data(as_text=True)


def test_the_tab_of_a_type_is_kept_and_taken_over_by_a_new_activity(admin):
    from app.activities.editing import DateData, data_from_type
    from app.uitdatabank.editing import create_activity
    from tests.making import days_from_now

    kind = make_type()
    url = f"/beheer/activiteittypes/{kind.id}/uitdatabank"
    assert 'value="9995"' in text_of(admin.get(url)), "the postcode of the settings"
    answer = post(admin, url, filled())
    assert answer.status_code == 303, text_of(answer)
    data = data_from_type(
        kind, "Boskamp", dates=(DateData(days_from_now(9, 9), days_from_now(9, 16)),)
    )
    activity = create_activity(kind.id, data)
    kept = profile(activity)
    assert (kept.location_name, kept.organizer_name) == (BOOMHUT, VRIJE_TIJD)
    assert kept.location_address == "Kastanjelaan 8, 9995 Zonnewende"
    assert kept.organizer_is_uitpas and kept.labels == ["winter", "bos", "buiten spelen"]
    assert kept.audience is Audience.MEMBERS and kept.registration_link
    assert activity.uit_status is UitStatus.INCOMPLETE, "the description is still missing"
    assert "een omschrijving" in text_of(admin.get(tab(activity)))


def test_saving_does_not_publish(admin):
    activity = make_activity()
    answer = post(admin, tab(activity), filled())
    assert answer.status_code == 303, text_of(answer)
    kept = profile(activity)
    assert kept.environment is Environment.SANDBOX and kept.location_id == place_id()
    assert local(kept.link_starts_at).isoformat() == "2027-01-04T00:00:00+01:00"
    assert local(kept.link_ends_at).isoformat() == "2027-02-05T23:59:59+01:00"
    assert link_of(activity.id) is None
    assert "Niet gepubliceerd" in text_of(admin.get(tab(activity)))


def test_publishing_saves_first_and_shows_the_event_with_its_moment(admin, sandbox_url):
    activity = make_activity()
    answer = post(admin, tab(activity), filled(doe="publiceren"), follow_redirects=True)
    shown = text_of(answer)
    event_id = link_of(activity.id).event_id
    assert "De activiteit is gepubliceerd in UiTdatabank." in shown
    assert f'href="{sandbox_url}/event/{event_id}/preview"' in shown
    assert "Gepubliceerd" in shown and "door Sofie Peeters" in shown
    again = post(
        admin, tab(activity), filled(doe="publiceren", description="Anders."), follow_redirects=True
    )
    assert "Het event in UiTdatabank is bijgewerkt." in text_of(again)
    assert link_of(activity.id).event_id == event_id


def test_a_change_after_publication_is_shown(admin):
    activity = ready_activity()
    publish(activity.id)
    post(admin, tab(activity), filled(description="Helemaal anders"))
    assert "Gewijzigd sinds publicatie" in text_of(admin.get(tab(activity)))


def test_a_published_concept_and_one_that_no_longer_goes_to_uit_are_told(admin):
    activity = ready_activity()
    publish(activity.id)
    page = unescape(admin.get(tab(activity)).get_data(as_text=True))
    hidden, unwanted = "Bezoekers vinden deze activiteit niet", "staat nog in UiTdatabank"
    assert hidden not in page and unwanted not in page
    with write_transaction():
        activity.state = ActivityState.DRAFT
    page = unescape(admin.get(tab(activity)).get_data(as_text=True))
    assert hidden in page and unwanted not in page
    with write_transaction():
        activity.state, activity.publish_in_uit = ActivityState.ONLINE, False
    page = unescape(admin.get(tab(activity)).get_data(as_text=True))
    assert hidden not in page and unwanted in page


def test_publishing_without_description_says_so_at_the_field_and_keeps_the_rest(admin):
    activity = make_activity()
    answer = post(admin, tab(activity), filled(description="", doe="publiceren"))
    assert answer.status_code == 422
    shown = text_of(answer)
    assert "Voor je publiceert, ontbreekt nog een omschrijving." in shown
    assert 'href="#description"' in shown
    assert profile(activity).location_id == place_id(), "what was typed is saved"
    assert not db.session.scalars(
        select(PubliqCall)
        .where(PubliqCall.method == "POST")
        .where(PubliqCall.operation == "event-post")
    ).all()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"postal_code": "99950"}, "Een postcode heeft vier cijfers, zoals 9000."),
        ({"location_id": "", "location": "De Maan"}, "Kies een locatie uit de lijst."),
        ({"location_id": "onzin", "location": "De Maan"}, "Kies een locatie uit de lijst."),
        ({"organizer_id": "", "organizer": "Iemand"}, "Kies een organisator uit de lijst."),
        (
            {"location_id": "11111111-2222-4333-8444-555555555555"},
            "Deze locatie bestaat niet meer bij UiTdatabank.",
        ),
        ({"link_ends_on": "2026-12-31"}, "Het einde van de knop valt voor de start."),
        ({"link_starts_on": "31/02/2027"}, "31 februari 2027 bestaat niet."),
        ({"link_email": "vrije tijd"}, "Typ voor de registratielink een e-mailadres zoals"),
        ({"link_phone": "bel maar"}, "Typ voor de registratielink een telefoonnummer, zoals"),
        ({"labels": "bos, a"}, "Het label ‘a’ kan niet"),
        ({"labels": "bos; hei"}, "Het label ‘bos; hei’ kan niet"),
        ({"theme": "9.9.9.9.9"}, "Kies een subthema uit de lijst."),
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(admin, changes, sentence):
    activity = make_activity()
    admin.get(tab(activity))  # fetches the taxonomy
    answer = post(admin, tab(activity), filled(**changes))
    shown = text_of(answer)
    assert answer.status_code == 422, shown
    assert sentence in shown
    assert "Een week buiten." in shown
    for value in changes.values():
        if value and "-" not in value and "." not in value:
            assert value in shown
    assert profile(activity) is None


def test_what_was_chosen_while_publiq_is_away_is_kept(admin, sandbox_url):
    activity = make_activity()
    admin.get(tab(activity))
    fault(sandbox_url, "io", "plat", count=20)
    answer = post(admin, tab(activity), filled(doe="publiceren"), follow_redirects=True)
    shown = text_of(answer)
    assert "UiTdatabank antwoordt nu niet. Probeer het straks opnieuw." in shown
    assert re.search(r'href="/beheer/oproepen/\d+"', shown), "a link to the call that failed"
    kept = profile(activity)
    assert (kept.location_id, kept.location_name) == (place_id(), BOOMHUT)


def test_locations_are_searched_in_their_postcode(admin, sandbox_url):
    activity = make_activity()
    admin.get(tab(activity))
    address = "/beheer/uitdatabank/locaties"
    found = text_of(admin.get(address, query_string={"location": "boom", "postal_code": "9995"}))
    assert BOOMHUT.split()[0] in found and place_id() in found
    asked = text_of(admin.get(address, query_string={"location": "boom", "postal_code": ""}))
    assert "Vul eerst een postcode" in asked
    none = text_of(admin.get(address, query_string={"location": "xyz", "postal_code": "9995"}))
    assert "Geen locaties" in none
    fault(sandbox_url, "search", "plat", count=9)
    away = admin.get(address, query_string={"location": "boom", "postal_code": "9995"})
    assert away.status_code == 200
    assert 'data-vl-answer="no_answer"' in text_of(away)
    assert "UiTdatabank antwoordt nu niet." in text_of(away)


def test_organizers_are_searched_and_partners_of_uitpas_are_marked(admin):
    found = text_of(admin.get("/beheer/uitdatabank/organisatoren?organizer=jeugd"))
    assert "Jeugddienst Zonnewende" in found and "UiTPAS-partner" in found


def test_without_script_a_button_searches_and_shows_radios_and_nothing_typed_is_lost(admin):
    activity = make_activity()
    answer = post(admin, tab(activity), filled(zoek="location", location="boom", location_id=""))
    shown = text_of(answer)
    assert answer.status_code == 200, shown
    assert re.search(rf'type="radio"[^>]*name="location_id" value="{place_id()}"', shown)
    assert "Een week buiten." in shown
    chosen = post(admin, tab(activity), filled(location="boom", doe="publiceren"))
    assert chosen.status_code == 303
    assert profile(activity).location_name == BOOMHUT
    assert link_of(activity.id).event_id
    other = post(admin, tab(activity), filled(zoek="organizer", organizer="zzz"))
    assert "Geen organisatoren gevonden." in text_of(other)
    themes = post(admin, tab(activity), filled(zoek="thema", theme=""))
    assert themes.status_code == 200 and OMNISPORT in text_of(themes)


def test_subthemas_are_those_of_the_thema(admin):
    admin.get(tab(make_activity()))
    shown = text_of(admin.get(f"/beheer/uitdatabank/subthemas?event_type={CAMP}"))
    assert OMNISPORT in shown and "1.8.3.1.0" not in shown


def test_the_note_says_what_an_organizer_means_for_the_social_tariff(admin):
    partner = ready_activity("Met")
    other = ready_activity(
        "Zonder",
        profile={
            "organizer_id": organizer_id(CLUB),
            "organizer_name": CLUB,
            "organizer_is_uitpas": False,
        },
    )
    assert "het kansentarief wordt vanzelf toegepast" in text_of(admin.get(tab(partner)))
    assert "geen UiTPAS-partner" in text_of(admin.get(tab(other)))
    answer = post(
        admin,
        tab(other),
        filled(organizer=CLUB, organizer_id=organizer_id(CLUB), doe="publiceren"),
        follow_redirects=True,
    )
    assert "geen UiTPAS-partner" in text_of(answer)


def test_the_note_follows_a_permission_that_came_since_the_organizer_was_chosen(admin):
    profile = {
        "organizer_id": organizer_id(CLUB),
        "organizer_name": CLUB,
        "organizer_is_uitpas": False,
    }
    activity = ready_activity(profile=profile)
    assert "geen UiTPAS-partner" in text_of(admin.get(tab(activity)))
    with write_transaction() as session:
        session.add(
            OrganizerPermission(
                environment=Environment.SANDBOX,
                organizer_id=organizer_id(CLUB),
                name=CLUB,
                permissions=["TARIFFS_READ"],
            )
        )
    assert "het kansentarief wordt vanzelf toegepast" in text_of(admin.get(tab(activity)))


def test_members_only_carries_its_note(admin):
    shown = text_of(admin.get(tab(make_activity())))
    assert "niet zichtbaar op UiT in Vlaanderen" in " ".join(shown.split())


def test_another_environment_asks_to_choose_again_and_forgets_nothing(admin):
    activity = ready_activity()
    connect(Environment.TEST)
    shown = text_of(admin.get(tab(activity)))
    assert "Gekozen in een andere omgeving" in shown
    assert "een locatie uit deze omgeving" in shown
    nothing = {"location": "", "location_id": "", "organizer": "", "organizer_id": ""}
    answer = post(admin, tab(activity), filled(**nothing, description="Nieuw"))
    assert answer.status_code == 303
    kept = profile(activity)
    assert kept.environment is Environment.SANDBOX and kept.location_id == place_id()
    assert kept.description == "Nieuw"


def test_the_link_is_deleted_after_a_page_that_warns(admin):
    activity = ready_activity()
    publish(activity.id)
    url = tab(activity) + "/verwijder-link"
    assert "Doe dit alleen als het event in UiTdatabank verwijderd is" in text_of(admin.get(url))
    assert link_of(activity.id).event_id
    answer = post(admin, url, {}, follow_redirects=True)
    assert "De volgende publicatie maakt een nieuw event." in text_of(answer)
    assert db.session.scalar(select(EventLink)) is None


def test_the_tab_is_for_admins_and_disappears_with_the_module(admin, app):
    activity = make_activity()
    desk = app.test_client()
    make_account("kassa@loket.be", ["cashier"])
    sign_in(desk, "kassa@loket.be")
    assert desk.get(tab(activity)).status_code == 403
    with write_transaction():
        uit_settings_for_update().uitdatabank_on = False
    assert admin.get(tab(activity)).status_code == 404


def test_the_tab_takes_a_fixed_number_of_queries(admin):
    activity = ready_activity()
    admin.get(tab(activity))
    with count_queries() as sent:
        assert admin.get(tab(activity)).status_code == 200
    assert len(sent) < 50, len(sent)
