"""Registering in steps: who, whether UiTPAS is used, and the benefit of each."""

import re

import pytest
from flask.testing import FlaskClient

from app.activities.models import Activity, PlacePool, Series
from app.activities.offer import public_path
from app.extensions import db, write_transaction
from app.people.models import Person
from app.settings.uit import uit_settings_for_update
from app.uitpas.models import BenefitKind
from app.web.shop.registering import uitpas_sentence
from tests.making import (
    allow_insz,
    days_from_now,
    make_activity,
    make_customer,
    make_person,
    make_type,
)
from tests.sales.conftest import BLOCKED, EXPIRED, SOCIAL, SOCIAL_TOO, Family, Publiq
from tests.signing_in import make_account, post, sign_in
from tests.web.reading import error_at
from tests.web.shop.steps import choose, lines, take_benefit, text_of

WITH_COUPONS = (
    "Gebruik UiTPASnummer om recht te hebben op kansentarief of gebruik te maken van coupons"
)


def step_one(activity: Activity) -> str:
    return f"{public_path(activity)}/inschrijven"


@pytest.mark.parametrize(
    ("coupons", "rewards", "end"),
    [
        (False, False, "kansentarief"),
        (True, True, "kansentarief of gebruik te maken van coupons of omruilvoordeel"),
        (True, False, "kansentarief of gebruik te maken van coupons"),
        (False, True, "kansentarief of gebruik te maken van omruilvoordeel"),
    ],
)
def test_the_question_has_the_wording_that_fits_what_is_on(
    coupons: bool, rewards: bool, end: str
) -> None:
    sentence = uitpas_sentence(coupons=coupons, rewards=rewards)
    assert sentence == f"Gebruik UiTPASnummer om recht te hebben op {end}"


def test_a_stranger_signs_in_first_and_comes_back(client: FlaskClient, camp: Activity) -> None:
    answer = client.get(step_one(camp))
    assert answer.status_code == 302
    assert answer.location.startswith("/aanmelden?verder=")
    assert "inschrijven" in answer.location


def test_an_account_that_is_no_customer_first_gives_its_details(
    client: FlaskClient, camp: Activity
) -> None:
    make_account("kassa@stad.example", ["cashier"])
    sign_in(client, "kassa@stad.example")
    answer = client.get(step_one(camp))
    assert answer.status_code == 302
    assert answer.location.startswith("/mijn/gegevens?verder=")


def test_the_family_is_shown_with_who_cannot_and_why(parent: FlaskClient, family: Family) -> None:
    toddler = make_person(family.customer, "Lio", birth_date=days_from_now(-900).date())
    shown = make_activity(min_age=6, max_age=12)
    page = parent.get(step_one(shown))
    html = page.get_data(as_text=True)
    assert "Lio is nog te jong" in text_of(page)
    assert re.search(rf'id="keuze-{shown.id}-{toddler.id}"[^>]* disabled', html)
    assert not re.search(rf'id="keuze-{shown.id}-{family.mira.id}"[^>]* disabled', html)
    assert "/mijn/gezin/nieuw?verder=" in html
    assert "UiTPAS gebruiken?" not in html


def test_a_family_without_persons_adds_one_first(client: FlaskClient, connected: None) -> None:
    make_account("nieuw@gezin.example", customer=True)
    sign_in(client, "nieuw@gezin.example")
    page = client.get(step_one(make_activity())).get_data(as_text=True)
    assert "Voeg eerst een gezinslid toe" in page
    assert "/mijn/gezin/nieuw?verder=/aanbod/" in page


def test_uitpas_is_asked_only_where_it_can_give_something(
    parent: FlaskClient, camp: Activity
) -> None:
    assert WITH_COUPONS in text_of(parent.get(step_one(camp)))
    with write_transaction():
        uit_settings_for_update().uitpas_on = False
    assert "UiTPAS gebruiken?" not in text_of(parent.get(step_one(camp)))


def test_without_uitpas_the_basket_follows_and_the_places_are_held(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    answer = choose(parent, camp, family.mira, family.tuur, uitpas="nee")
    assert answer.status_code == 303
    assert answer.location == "/mandje"
    assert [line.uses_uitpas for line in lines()] == [False, False]
    assert db.session.get_one(PlacePool, lines()[0].pool_id).taken == 2


def test_nobody_chosen_and_uitpas_not_answered_are_said_at_their_place(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    empty = choose(parent, camp, uitpas="nee")
    assert empty.status_code == 422
    assert "Kies minstens één persoon." in error_at(empty, "wie")
    silent = choose(parent, camp, family.mira, uitpas="")
    html = silent.get_data(as_text=True)
    assert silent.status_code == 422
    assert '<a href="#uitpas-ja">Kies of je een UiTPAS gebruikt.</a>' in html
    assert re.search(rf'value="{camp.id}-{family.mira.id}" checked', html)
    assert not lines()


def test_the_last_place_gone_meanwhile_is_said_and_keeps_what_was_ticked(
    parent: FlaskClient, family: Family, connected: None
) -> None:
    shown = make_activity("Klein kamp", capacity=1)
    answer = choose(parent, shown, family.mira, family.tuur)
    assert answer.status_code == 422
    assert "Je koos 2 personen voor Klein kamp, en er is nog 1 plaats vrij." in text_of(answer)
    assert answer.get_data(as_text=True).count(" checked") == 2
    assert not lines()


def test_a_stranger_of_the_family_cannot_be_registered(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    other = make_person(make_customer("Ander", "Gezin"), "Vreemd")
    answer = choose(parent, camp, other)
    assert answer.status_code == 422
    assert "Vreemd" not in text_of(answer)
    assert not lines()


def test_who_is_in_the_basket_already_is_not_put_in_twice(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira)
    again = choose(parent, camp, family.mira)
    assert again.status_code == 422
    assert "Mira zit al in je mandje voor deze activiteit." in text_of(again)
    assert len(lines()) == 1


def test_in_a_series_each_pair_of_person_and_activity_is_one_line(
    parent: FlaskClient, family: Family
) -> None:
    with write_transaction() as session:
        series = Series(title="Winterbos")
        session.add(series)
        session.flush()
        series_id = series.id
    kind = make_type()
    first, second = (
        make_activity(
            "Winterbos",
            activity_type=kind,
            series_id=series_id,
            dates=[(days_from_now(day), days_from_now(day, 16))],
        )
        for day in (20, 27)
    )
    assert "Wie doet mee, en wanneer?" in text_of(parent.get(step_one(first)))
    pairs = [(first, family.mira), (second, family.mira), (second, family.tuur)]
    answer = post(
        parent,
        step_one(first),
        {"keuze": [f"{activity.id}-{person.id}" for activity, person in pairs], "uitpas": "nee"},
    )
    assert answer.status_code == 303
    assert {(line.activity_id, line.person_id) for line in lines()} == {
        (activity.id, person.id) for activity, person in pairs
    }


def test_the_ticket_follows_what_is_ticked(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    answer = post(
        parent,
        f"{step_one(camp)}/totaal",
        {"keuze": [f"{camp.id}-{family.mira.id}", f"{camp.id}-{family.tuur.id}"]},
    )
    assert "€ 120,00" in text_of(answer)
    assert "2 inschrijvingen" in text_of(answer)


def test_the_social_tariff_is_preselected_at_publiqs_price(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    answer = choose(parent, camp, family.mira, uitpas="ja")
    assert answer.location == "/mandje/voordelen"
    page = parent.get("/mandje/voordelen")
    html = page.get_data(as_text=True)
    assert re.search(r'name="voordeel-\d+" value="[^"]+" checked', html)
    assert "Kansentarief in plaats van € 60,00 € 12,00" in text_of(page)
    assert take_benefit(parent).location == "/mandje"
    line = lines()[0]
    assert line.benefit_kind is BenefitKind.SOCIAL_TARIFF
    assert line.price == 12


def test_nobody_is_held_to_a_benefit(parent: FlaskClient, family: Family, camp: Activity) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    parent.get("/mandje/voordelen")
    post(parent, "/mandje/voordelen", {f"voordeel-{lines()[0].id}": ""})
    line = lines()[0]
    assert (line.benefit_settled, line.tariff_id, line.price) == (True, None, 60)


@pytest.mark.parametrize("number", [EXPIRED, BLOCKED])
def test_a_pass_that_cannot_be_used_gives_publiqs_words_and_no_benefit(
    parent: FlaskClient, family: Family, camp: Activity, number: str
) -> None:
    with write_transaction() as session:
        session.get_one(Person, family.mira.id).uitpas_number = number
    choose(parent, camp, family.mira, uitpas="ja")
    page = text_of(parent.get("/mandje/voordelen"))
    assert "Bericht van UiTPAS" in page
    assert "Mira kan gewoon mee" in page
    assert "Kansentarief" not in page


def test_a_missing_number_is_looked_up_by_insz(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    allow_insz()
    with write_transaction() as session:
        tuur = session.get_one(Person, family.tuur.id)
        tuur.first_name, tuur.insz = "Lore", "15021760024"
    choose(parent, camp, family.tuur, uitpas="ja")
    page = text_of(parent.get("/mandje/voordelen"))
    assert "Gevonden: dit is het UiTPAS-nummer van Lore." in page
    assert "€ 12,00" in page
    assert "15021760024" not in page
    assert lines()[0].uitpas_number == SOCIAL_TOO


def test_a_number_can_be_typed_and_is_then_asked_at_uitpas(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    assert "UiTPAS-nummer van Tuur" in text_of(parent.get("/mandje/voordelen"))
    line_id = lines()[0].id
    typed = f"{SOCIAL[:4]} {SOCIAL[4:7]} {SOCIAL[7:10]} {SOCIAL[10:]}"
    answer = post(parent, f"/mandje/voordelen/{line_id}/nummer", {f"nummer-{line_id}": typed})
    assert answer.status_code == 303
    page = text_of(parent.get("/mandje/voordelen"))
    assert "€ 12,00" in page
    assert "Georges" not in page


def test_a_number_of_twelve_digits_is_refused_at_its_field_and_kept(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    line_id = lines()[0].id
    answer = post(
        parent, f"/mandje/voordelen/{line_id}/nummer", {f"nummer-{line_id}": "090000006751"}
    )
    assert answer.status_code == 422
    assert "Dit nummer telt 12 cijfers. Een UiTPAS-nummer heeft er 13" in text_of(answer)
    assert 'value="090000006751"' in answer.get_data(as_text=True)


def test_a_wrong_check_digit_warns_and_is_still_asked_at_publiq(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    line_id = lines()[0].id
    wrong = SOCIAL[:-1] + str((int(SOCIAL[-1]) + 1) % 10)
    answer = post(parent, f"/mandje/voordelen/{line_id}/nummer", {f"nummer-{line_id}": wrong})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Kijk het UiTPAS-nummer na: misschien staat er een cijfer verkeerd." in page
    assert "We vinden geen UiTPAS met dit nummer." in page


def test_typed_numbers_are_looked_up_so_many_times_and_then_no_more(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    line_id = lines()[0].id
    address, field = f"/mandje/voordelen/{line_id}/nummer", f"nummer-{line_id}"
    answers = [post(parent, address, {field: SOCIAL}) for _ in range(12)]
    assert answers[0].status_code == 303
    assert answers[-1].status_code == 422
    assert "Je liet al veel nummers nakijken." in text_of(answers[-1])


def test_uitpas_being_away_says_so_and_lets_one_go_on_without(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    publiq.fault("uitpas", "plat", count=None)
    page = text_of(parent.get("/mandje/voordelen"))
    assert "UiTPAS antwoordt nu niet" in page
    assert "Probeer het straks opnieuw, of ga verder zonder voordeel." in page
    assert take_benefit(parent).location == "/mandje"
    assert lines()[0].price == 60


def test_a_benefit_that_was_not_offered_cannot_be_chosen(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    parent.get("/mandje/voordelen")
    answer = post(parent, "/mandje/voordelen", {f"voordeel-{lines()[0].id}": "verzonnen"})
    assert answer.status_code == 422
    assert "Dit voordeel is er niet meer. Kies opnieuw." in text_of(answer)
    assert lines()[0].price == 60


def test_step_two_without_anything_to_choose_leads_to_the_basket(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira, uitpas="nee")
    assert parent.get("/mandje/voordelen").location == "/mandje"


def test_the_ticket_of_step_two_follows_the_choice(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    parent.get("/mandje/voordelen")
    line = lines()[0]
    social = line.offers[0]["id"]
    address, field = "/mandje/voordelen/totaal", f"voordeel-{line.id}"
    assert "Samen € 12,00" in text_of(post(parent, address, {field: social}))
    assert "Samen € 60,00" in text_of(post(parent, address, {field: ""}))


def test_a_benefit_or_number_for_a_basket_that_went_meanwhile_leads_to_the_basket(
    parent: FlaskClient,
) -> None:
    for address in ("/mandje/voordelen/7/nummer", "/mandje/voordelen"):
        answer = post(parent, address, {"nummer-7": "12", "voordeel-7": "x"})
        assert answer.status_code == 303
        assert answer.location == "/mandje"
    assert post(parent, "/mandje/voordelen/7/nummer", {"nummer-7": SOCIAL}).status_code == 404
