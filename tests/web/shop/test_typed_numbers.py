"""What a parent gives in the field of the UiTPAS number, and what is kept of the family (P1)."""

# ruff: noqa: F811 - a parameter names its fixture

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from app.clock import now
from app.extensions import db, limiter, write_transaction
from app.formats import day, pass_number
from app.people.models import Person, TariffStatus
from app.settings.models import AuditEntry
from tests.making import GROUND, allow_insz, make_customer, make_person
from tests.signing_in import PASSWORD, post
from tests.web.reading import error_at, value_of
from tests.web.shop.own_family import (  # noqa: F401 - fixtures
    CHILD,
    PARENT,
    add_child,
    calls,
    connected,
    fault_on_passes,
    only_person,
    parent,
    text_of,
)

INSZ, INSZ_DOTS = "08091860684", "08.09.18-606.84"
JADE = "0900010959113"


@pytest.fixture(autouse=True)
def _register_numbers_may_be_used(app):
    limiter.reset()
    allow_insz()


# A register number, a replaced card, a group's pass in the field of the number (P1)


def test_a_register_number_in_the_field_of_the_number_is_replaced_by_the_number(
    client, parent, connected
):
    answer = add_child(client, uitpas_number=INSZ_DOTS)
    assert answer.location == "/mijn/gezin"
    person = only_person()
    assert (person.uitpas_number, person.insz) == (JADE, None)
    assert person.tariff_status is TariffStatus.ACTIVE
    said = text_of(client.get("/mijn/gezin"))
    assert "Het UiTPAS-nummer is gevonden en bewaard." in said
    assert INSZ not in said and INSZ_DOTS not in said
    assert calls() == 1


@pytest.mark.parametrize(
    ("typed", "first_name", "sentence"),
    [
        (INSZ, "Wout", "staat een andere voornaam, dus vullen we niets in."),
        ("85073003328", "Jade", "We vinden geen UiTPAS met dit nummer."),
        ("71030360442", "Mohamed", "Deze UiTPAS is geblokkeerd."),
        ("08091860685", "Jade", "Dit rijksregisternummer klopt niet."),
        ("04ED6ACACF6180", "Jade", "Een UiTPAS-nummer bestaat uit cijfers"),
    ],
)
def test_a_register_number_that_gives_no_number_is_said_at_the_field(
    client, parent, connected, typed, first_name, sentence
):
    answer = add_child(client, first_name=first_name, uitpas_number=typed)
    assert answer.status_code == 422
    assert sentence in error_at(answer, "uitpas_number")
    assert value_of(answer, "uitpas_number") == typed
    assert db.session.scalar(select(func.count(Person.id))) == 0
    if first_name == "Wout":
        assert "Jade" not in text_of(answer)


def test_a_typed_register_number_counts_among_the_look_ups(client, parent, connected):
    for _ in range(10):
        add_child(client, first_name="Wout", uitpas_number=INSZ)
    assert calls() == 10
    answer = add_child(client, uitpas_number=INSZ)
    assert "Je liet al veel nummers nakijken." in error_at(answer, "uitpas_number")
    assert calls() == 10


def test_without_answer_a_typed_register_number_is_given_back(
    client, parent, connected, sandbox_url
):
    fault_on_passes(sandbox_url, "plat")
    answer = add_child(client, uitpas_number=INSZ)
    assert "UiTPAS antwoordt nu niet." in error_at(answer, "uitpas_number")


def test_while_switched_off_a_register_number_is_just_a_wrong_number(client, parent, connected):
    allow_insz("")
    answer = add_child(client, uitpas_number=INSZ)
    assert "Dit nummer telt 11 cijfers." in error_at(answer, "uitpas_number")
    shown = text_of(client.get("/mijn/gezin/nieuw"))
    assert 'name="insz"' not in shown and "ijksregister" not in shown
    assert add_child(client, insz=INSZ).location == "/mijn/gezin"
    person = only_person()
    assert person.insz is None
    url = f"/mijn/gezin/{person.id}/uitpas-opzoeken"
    assert post(client, url).status_code == 404
    assert calls() == 0


def test_the_ground_for_using_the_register_number_stands_beside_its_field(client, parent):
    assert f"Dat mag op grond van: {GROUND}." in text_of(client.get("/mijn/gezin/nieuw"))


def test_a_number_is_looked_at_while_it_is_typed_and_nobody_is_asked(client, parent, connected):
    url = "/mijn/uitpas-nummer"
    for typed, said in (
        ("0900 010 959 114", "Kijk het UiTPAS-nummer na"),
        ("0900.010.959.113", ""),
        ("090001095911", "Dit nummer telt 12 cijfers."),
        ("", ""),
    ):
        answer = text_of(post(client, url, {"uitpas_number": typed}))
        assert said in answer and bool(said) == bool(answer.strip()), typed
    assert calls() == 0
    assert f'hx-post="{url}"' in text_of(client.get("/mijn/gezin/nieuw"))


def test_a_replaced_card_is_followed_and_said(client, parent, connected):
    add_child(client, first_name="Amina", uitpas_number="0910000001602")
    assert only_person().uitpas_number == "0910000001719"
    said = text_of(client.get("/mijn/gezin"))
    assert "Deze kaart is vervangen." in said and "0910 ••• ••• 719" in said
    assert "Bericht van UiTPAS" in said and "Je nieuwe kaart is actief." in said


def test_a_group_pass_on_a_child_is_said_with_what_it_is_for(client, parent, connected):
    add_child(client, uitpas_number="0900000045410")
    for shown in (client.get("/mijn/gezin"), client.get(f"/mijn/gezin/{only_person().id}")):
        assert "Dit is een groepspas, van een organisatie." in text_of(shown)


def test_a_number_of_another_familys_child_is_allowed_but_said(client, parent, connected):
    make_person(make_customer("Geheim", "Anders"), "Verborgen", uitpas_number=JADE)
    assert add_child(client, uitpas_number=JADE).location == "/mijn/gezin"
    for shown in (
        client.get("/mijn/gezin"),
        client.get(f"/mijn/gezin/{db.session.scalar(select(func.max(Person.id)))}"),
    ):
        said = text_of(shown)
        assert "staat ook bij iemand van een ander gezin" in said
        assert "Verborgen" not in said and "Geheim" not in said


def test_one_number_on_two_children_of_a_family_is_said(client, parent, connected):
    make_person(parent, "Mira", uitpas_number=JADE)
    add_child(client, uitpas_number=JADE)
    assert "Dit UiTPAS-nummer staat ook bij Mira." in text_of(client.get("/mijn/gezin"))


def test_each_level_of_what_uitpas_says_looks_different(client, parent, connected):
    for number, title in (
        ("0910000001719", "Bericht van UiTPAS"),
        ("0910000000711", "Waarschuwing van UiTPAS"),
        ("0910000001818", "Foutmelding van UiTPAS"),
    ):
        add_child(client, first_name=f"Kind{number}", uitpas_number=number)
        assert title in text_of(client.get("/mijn/gezin"))


# What is kept of one


def test_a_customer_reads_and_takes_along_all_that_is_kept(client, parent):
    make_person(parent, "Jade", insz=INSZ, uitpas_number=JADE)
    url = "/mijn/gegevens/inzage"
    shown = text_of(client.get(url))
    assert pass_number(JADE) in shown and INSZ not in shown and "••.••.••-•••.84" in shown
    wrong = post(client, url, {"password": "niet het juiste"})
    assert "Dit wachtwoord klopt niet." in error_at(wrong, "password")
    assert INSZ not in text_of(wrong)
    taken = post(client, url, {"password": PASSWORD})
    assert taken.headers["Content-Disposition"].startswith("attachment")
    data = json.loads(taken.get_data())
    assert data["klant"]["e-mail"] == PARENT
    assert data["gezinsleden"][0]["rijksregisternummer"] == INSZ
    assert "Bekijk alles wat we van je bewaren" in text_of(client.get("/mijn/gegevens"))


def test_whoever_takes_register_numbers_along_is_written_down_like_every_look_at_one(
    client, parent
):
    jade = make_person(parent, "Jade", insz=INSZ)
    make_person(parent, "Lou")
    with write_transaction():
        jade.insz_used_at = now() - timedelta(days=300)
    url = "/mijn/gegevens/inzage"
    client.get(url)
    post(client, url, {"password": "niet het juiste"})
    assert db.session.scalars(select(AuditEntry)).all() == []
    post(client, url, {"password": PASSWORD})
    shown, taken = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    assert (shown.action, shown.subject_id) == ("rijksregisternummer getoond", str(jade.id))
    assert shown.reason == "gedownload door de klant zelf"
    assert (taken.action, taken.detail) == (
        "eigen gegevens gedownload",
        {"rijksregisternummers": 1},
    )
    assert taken.account_name == shown.account_name != ""
    assert INSZ not in f"{shown.__dict__}{taken.__dict__}"
    assert now() - jade.insz_used_at < timedelta(days=1)


def test_without_legal_ground_nothing_of_a_register_number_is_taken_along(client, parent):
    make_person(parent, "Jade", insz=INSZ)
    allow_insz("")
    taken = post(client, "/mijn/gegevens/inzage", {"password": PASSWORD})
    assert INSZ not in taken.get_data(as_text=True)
    (entry,) = db.session.scalars(select(AuditEntry))
    assert entry.detail == {"rijksregisternummers": 0}


def test_what_is_kept_is_read_in_dutch_and_taken_along_as_programs_read_it(client, parent):
    make_person(parent, "Jade", uitpas_number=JADE)
    url = "/mijn/gegevens/inzage"
    (jade,) = json.loads(post(client, url, {"password": PASSWORD}).get_data())["gezinsleden"]
    born, added = jade["geboortedatum"], jade["toegevoegd op"]
    shown = text_of(client.get(url))
    assert day(date.fromisoformat(born)) in shown and born not in shown
    assert added[:4].isdigit() and added not in shown
    assert "Geboortedatum" in shown and "Oproepen bij UiTPAS" in shown


def test_whatever_a_parent_typed_is_shown_as_it_was_typed(client, parent):
    make_person(parent, "2026-13-45 10:00")
    assert "2026-13-45 10:00" in text_of(client.get("/mijn/gegevens/inzage"))


def test_guessing_the_password_for_ones_data_ends(client, parent):
    for _ in range(12):
        answer = post(client, "/mijn/gegevens/inzage", {"password": "niet het juiste"})
    assert answer.status_code == 429
    assert post(client, "/mijn/gegevens/inzage", {"password": PASSWORD}).status_code == 429
