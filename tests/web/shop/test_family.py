"""The family, the details and the green circle, through requests as a parent sends them."""

# ruff: noqa: F811 - a parameter names its fixture

import json
import re
from datetime import timedelta

import pytest
import responses
from sqlalchemy import func, select, text

from app.clock import now, today
from app.extensions import db, limiter, write_transaction
from app.people.models import AccountSession, Customer, Person, TariffStatus
from app.people.passes import look_up_pass_by_insz
from app.sales.models import Basket, BasketLine
from app.settings.models import PubliqCall
from app.settings.uit import uit_settings_for_update
from tests.making import allow_insz, make_activity, make_person
from tests.queries import count_queries
from tests.signing_in import PASSWORD, make_account, post, sign_in
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

INSZ = "08091860684"
INSZ_DOTS = "08.09.18-606.84"
JADE = "0900010959113"
MESSAGES = "12100509509"


@pytest.fixture(autouse=True)
def _register_numbers_may_be_used(app):
    allow_insz()


@pytest.fixture(autouse=True)
def _fresh_limits(app):
    limiter.reset()


def test_an_empty_family_says_what_to_do(client, parent):
    answer = text_of(client.get("/mijn/gezin"))
    assert "Nog niemand in je gezin" in answer and "/mijn/gezin/nieuw" in answer


def test_a_child_is_added_and_listed(client, parent):
    assert add_child(client).location == "/mijn/gezin"
    listed = text_of(client.get("/mijn/gezin"))
    assert "Jade Peeters" in listed and "donderdag 18 september 2008" in listed
    assert "Jade staat bij je gezin." in listed


def test_the_last_name_is_the_parents_when_left_empty(client, parent):
    assert 'value="Peeters"' in text_of(client.get("/mijn/gezin/nieuw"))
    add_child(client, last_name="")
    assert only_person().last_name == "Peeters"


def test_after_adding_one_goes_back_to_where_one_was_registering(client, parent):
    url = "/mijn/gezin/nieuw?verder=/aanbod/3-kamp/inschrijven"
    assert post(client, url, CHILD).location == "/aanbod/3-kamp/inschrijven"


def test_one_never_goes_on_to_another_site(client, parent):
    url = "/mijn/gezin/nieuw?verder=//elders.example"
    assert "elders.example" not in text_of(client.get(url))
    assert post(client, url, CHILD).location == "/mijn/gezin"


@pytest.mark.parametrize("typed", ["18/9/2008", "18-09-2008", "18.9.2008", "2008-09-18"])
def test_a_birth_date_may_be_written_in_several_ways(client, parent, typed):
    add_child(client, birth_date=typed)
    assert only_person().birth_date.isoformat() == "2008-09-18"


TOMORROW = (today() + timedelta(days=1)).strftime("%d/%m/%Y")


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("first_name", "  ", "Vul een voornaam in."),
        ("first_name", "x" * 101, "Een voornaam heeft hoogstens 100 tekens."),
        ("birth_date", "", "Vul een geboortedatum in, zoals 21/03/2018."),
        ("birth_date", "31/02/2018", "Vul een bestaande dag in, zoals 21/03/2018."),
        ("birth_date", "gisteren", "Vul een bestaande dag in, zoals 21/03/2018."),
        ("birth_date", TOMORROW, "Deze geboortedatum ligt in de toekomst."),
        ("birth_date", "31/12/1899", "Deze geboortedatum ligt voor 1900."),
        ("insz", "08091860685", "Dit rijksregisternummer klopt niet."),
        ("insz", "0809186068", "Dit nummer telt 10 cijfers. Een rijksregisternummer heeft er 11"),
        ("insz", "acht", "Een rijksregisternummer bestaat uit cijfers"),
        (
            "uitpas_number",
            "090001095911",
            "Dit nummer telt 12 cijfers. Een UiTPAS-nummer heeft er 13: "
            "kijk na of er eentje ontbreekt.",
        ),
        ("uitpas_number", "09000109591131", "kijk na of er te veel staan"),
        ("uitpas_number", "UITPAS", "Een UiTPAS-nummer bestaat uit cijfers"),
        ("own_postal_code", "90000", "Een postcode heeft vier cijfers, zoals 9000."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_kept(client, parent, field, typed, sentence):
    answer = add_child(client, **{field: typed})
    page = text_of(answer)
    assert answer.status_code == 422
    assert sentence in page
    assert f'href="#{field}"' in page and f'id="{field}-fout"' in page
    assert "<title>Fout: " in page
    if typed.strip():
        assert f'value="{typed}"' in page
    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_a_number_with_a_wrong_check_digit_is_warned_about_and_kept(client, parent):
    add_child(client, uitpas_number="0900010959114")
    assert only_person().uitpas_number == "0900010959114"
    assert "misschien staat er een cijfer verkeerd" in text_of(client.get("/mijn/gezin"))


def test_a_number_with_a_wrong_check_digit_is_still_asked_at_uitpas(client, parent, connected):
    add_child(client, uitpas_number="0900 010 959 114")
    assert calls() == 1
    assert only_person().uitpas_number == "0900010959114"
    listed = text_of(client.get("/mijn/gezin"))
    assert "We vinden geen UiTPAS met dit nummer. Kijk het nummer na en probeer opnieuw." in listed
    assert "misschien staat er een cijfer verkeerd" in listed


def test_a_typed_number_is_checked_and_nothing_of_its_holder_is_shown(client, parent, connected):
    add_child(client, first_name="Wout", uitpas_number=JADE)
    person = only_person()
    assert person.tariff_status is TariffStatus.ACTIVE
    assert person.tariff_checked_at is not None and person.tariff_until is not None
    listed = text_of(client.get("/mijn/gezin"))
    shown = listed + text_of(client.get(f"/mijn/gezin/{person.id}"))
    assert "0900 010 959 113" in shown
    for secret in ("Jade", "9090", "kansentarief", "punt"):
        assert secret not in shown


def test_what_uitpas_says_to_the_person_is_shown_word_for_word(client, parent, connected):
    add_child(client, first_name="Bilal", insz=MESSAGES)
    post(client, f"/mijn/gezin/{only_person().id}/uitpas-opzoeken")
    said = "Het kansentarief op deze UiTPAS loopt binnenkort af. Vraag het tijdig opnieuw aan."
    assert said in text_of(client.get("/mijn/gezin"))


def test_a_register_number_is_shown_masked_only(client, parent):
    add_child(client, insz=INSZ_DOTS)
    person = only_person()
    assert person.insz == INSZ
    page = text_of(client.get(f"/mijn/gezin/{person.id}"))
    assert "••.••.••-•••.84" in page
    for form in (INSZ, INSZ_DOTS, "0809186", "08.09"):
        assert form not in page and form not in text_of(client.get("/mijn/gezin"))


def test_saving_without_typing_a_register_number_keeps_it(client, parent):
    add_child(client, insz=INSZ)
    post(client, f"/mijn/gezin/{only_person().id}", {**CHILD, "first_name": "Jada"})
    person = only_person()
    assert (person.first_name, person.insz) == ("Jada", INSZ)


def test_a_register_number_is_changed_and_taken_away(client, parent):
    add_child(client, insz=INSZ)
    url = f"/mijn/gezin/{only_person().id}"
    post(client, url, {**CHILD, "change_insz": "y", "insz": MESSAGES})
    assert only_person().insz == MESSAGES
    post(client, url, {**CHILD, "change_insz": "y", "insz": ""})
    assert (only_person().insz, only_person().insz_fingerprint) == (None, None)


def test_two_persons_of_a_family_cannot_have_one_register_number(client, parent):
    add_child(client, insz=INSZ)
    answer = add_child(client, first_name="Lou", insz=INSZ)
    assert answer.status_code == 422
    assert "Dit rijksregisternummer staat al bij Jade." in text_of(answer)


def test_two_families_may_have_the_same_child(app, client, parent):
    add_child(client, insz=INSZ)
    make_account("ander@gezin.example", customer=True)
    other = app.test_client()
    sign_in(other, "ander@gezin.example")
    assert add_child(other, insz=INSZ).status_code == 303


def test_a_register_number_stands_nowhere_in_plain(client, parent, connected, caplog, tmp_path):
    caplog.set_level("DEBUG")
    add_child(client, insz=INSZ_DOTS)
    person_id = only_person().id
    post(client, f"/mijn/gezin/{person_id}/uitpas-opzoeken")
    stored = db.session.execute(text("SELECT insz FROM person")).scalar_one()
    assert INSZ not in stored and "606" not in stored
    calls = db.session.scalars(select(PubliqCall)).all()
    assert calls
    written = caplog.text.replace(".", "").replace("-", "")
    for kept in (*(f"{c.url} {c.request_body} {c.response_body}" for c in calls), written):
        assert INSZ not in kept
    for file in tmp_path.rglob("*"):
        if file.is_file() and "sqlite" in file.name:
            assert INSZ.encode() not in file.read_bytes()


def test_the_green_circle_finds_the_number(client, parent, connected):
    add_child(client, insz=INSZ)
    url = f"/mijn/gezin/{only_person().id}"
    assert f'hx-post="{url}/uitpas-opzoeken"' in text_of(client.get(url))
    answer = post(client, f"{url}/uitpas-opzoeken", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in text_of(answer)
    assert 'value="0900 010 959 113"' in text_of(answer) and 'hx-swap-oob="true"' in text_of(answer)
    person = only_person()
    assert (person.uitpas_number, person.tariff_status) == (JADE, TariffStatus.ACTIVE)


def test_the_green_circle_works_without_script(client, parent, connected):
    add_child(client, insz=INSZ)
    url = f"/mijn/gezin/{only_person().id}"
    answer = post(client, url, {**CHILD, "zoek": "uitpas_number"})
    assert answer.location == url
    page = text_of(client.get(url))
    assert "Het UiTPAS-nummer van Jade is gevonden en bewaard." in page
    assert 'value="0900 010 959 113"' in page


def test_the_green_circle_asks_to_save_a_register_number_that_was_just_typed(
    client, parent, connected
):
    add_child(client, insz=INSZ)
    url = f"/mijn/gezin/{only_person().id}/uitpas-opzoeken"
    answer = post(client, url, {"insz": MESSAGES}, headers={"HX-Request": "true"})
    assert "Bewaar eerst het rijksregisternummer" in text_of(answer)
    assert calls() == 0


@pytest.mark.parametrize("name", ["JADE", "Jadé", "Jade Marie", "jade-Lynn"])
def test_a_first_name_fits_whatever_its_capitals_accents_and_second_names(
    client, parent, connected, name
):
    add_child(client, first_name=name, insz=INSZ)
    post(client, f"/mijn/gezin/{only_person().id}/uitpas-opzoeken")
    assert only_person().uitpas_number == JADE


def test_a_number_of_somebody_with_another_first_name_is_not_filled_in(client, parent, connected):
    add_child(client, first_name="Wout", insz=INSZ)
    url = f"/mijn/gezin/{only_person().id}/uitpas-opzoeken"
    answer = text_of(post(client, url, headers={"HX-Request": "true"}))
    assert "staat een andere voornaam" in answer and "vraag het aan het loket" in answer
    assert "Jade" not in answer and JADE not in answer.replace(" ", "")
    assert only_person().uitpas_number is None
    assert only_person().tariff_status is TariffStatus.UNKNOWN


def test_without_register_number_the_circle_says_what_is_needed(client, parent, connected):
    add_child(client)
    url = f"/mijn/gezin/{only_person().id}/uitpas-opzoeken"
    answer = text_of(post(client, url, headers={"HX-Request": "true"}))
    assert "Vul eerst het rijksregisternummer in en bewaar het." in answer
    assert calls() == 0


def test_a_register_number_without_pass_says_so_in_publiqs_words(client, parent, connected):
    add_child(client, insz="85073003328")
    url = f"/mijn/gezin/{only_person().id}/uitpas-opzoeken"
    answer = text_of(post(client, url, headers={"HX-Request": "true"}))
    assert "We vinden geen UiTPAS met dit nummer." in answer


def test_a_blocked_pass_says_so_in_publiqs_words(client, parent, connected):
    add_child(client, first_name="Mohamed", insz="71030360442")
    url = f"/mijn/gezin/{only_person().id}/uitpas-opzoeken"
    answer = text_of(post(client, url, headers={"HX-Request": "true"}))
    assert "Deze UiTPAS is geblokkeerd. Neem contact op met je UiTPAS-balie." in answer
    assert only_person().uitpas_number is None


@pytest.mark.parametrize("kind", ["plat", "verbroken"])
def test_when_uitpas_is_down_the_circle_says_so(client, parent, connected, sandbox_url, kind):
    add_child(client, insz=INSZ)
    fault_on_passes(sandbox_url, kind)
    url = f"/mijn/gezin/{only_person().id}/uitpas-opzoeken"
    answer = post(client, url, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "UiTPAS antwoordt nu niet." in text_of(answer)


def test_when_uitpas_is_down_a_person_is_saved_all_the_same(client, parent, connected, sandbox_url):
    fault_on_passes(sandbox_url, "plat")
    assert add_child(client, uitpas_number=JADE).status_code == 303
    assert only_person().uitpas_number == JADE
    assert "Het nummer is bewaard, maar niet nagekeken." in text_of(client.get("/mijn/gezin"))


def test_without_credentials_the_circle_says_to_type_the_number(client, parent):
    add_child(client, insz=INSZ)
    url = f"/mijn/gezin/{only_person().id}/uitpas-opzoeken"
    answer = text_of(post(client, url, headers={"HX-Request": "true"}))
    assert "We kunnen bij UiTPAS nu geen nummers opzoeken." in answer


def test_after_ten_look_ups_in_an_hour_uitpas_is_not_asked_again(client, parent, connected):
    add_child(client, insz=INSZ)
    url = f"/mijn/gezin/{only_person().id}/uitpas-opzoeken"
    for _ in range(10):
        post(client, url, headers={"HX-Request": "true"})
    answer = post(client, url, headers={"HX-Request": "true"})
    assert "Je zocht het voorbije uur al vaak een nummer op." in text_of(answer)
    assert calls() == 10


def test_typed_numbers_count_as_look_ups_too(client, parent, connected):
    add_child(client)
    url = f"/mijn/gezin/{only_person().id}"
    numbers = [f"09000109591{digits:02d}" for digits in range(12)]
    for number in numbers[:10]:
        assert post(client, url, {**CHILD, "uitpas_number": number}).status_code == 303
    for number in numbers[10:]:
        answer = post(client, url, {**CHILD, "uitpas_number": number})
        assert answer.status_code == 422
        assert "Je liet al veel nummers nakijken." in text_of(answer)
    assert calls() == 10
    assert only_person().uitpas_number == numbers[9]


def test_another_number_forgets_the_social_tariff_of_the_first(client, parent, connected):
    add_child(client, uitpas_number=JADE)
    url = f"/mijn/gezin/{only_person().id}"
    post(client, url, {**CHILD, "uitpas_number": ""})
    person = only_person()
    assert (person.uitpas_number, person.tariff_status) == (None, TariffStatus.UNKNOWN)
    assert person.tariff_checked_at is None and person.tariff_until is None


def test_with_the_module_off_nothing_of_uitpas_is_there(client, parent):
    with write_transaction():
        uit_settings_for_update().uitpas_on = False
    add_child(client)
    url = f"/mijn/gezin/{only_person().id}"
    shown = text_of(client.get(url)) + text_of(client.get("/mijn/gezin"))
    assert "UiTPAS-nummer" not in shown and "Rijksregisternummer" not in shown
    assert post(client, f"{url}/uitpas-opzoeken").status_code == 404


@pytest.mark.parametrize("page", ["", "/verwijderen"])
def test_a_person_of_another_customer_is_not_found(app, client, parent, page):
    add_child(client, insz=INSZ)
    make_account("ander@gezin.example", customer=True)
    stranger = app.test_client()
    sign_in(stranger, "ander@gezin.example")
    url = f"/mijn/gezin/{only_person().id}{page}"
    assert stranger.get(url).status_code == 404
    assert post(stranger, url, {**CHILD, "first_name": "Gekaapt"}).status_code == 404
    assert only_person().first_name == "Jade"
    assert "Jade" not in text_of(stranger.get("/mijn/gezin"))


def test_nobody_looks_up_the_pass_of_anothers_child(app, client, parent, connected):
    add_child(client, insz=INSZ)
    make_account("ander@gezin.example", customer=True)
    stranger = app.test_client()
    sign_in(stranger, "ander@gezin.example")
    url = f"/mijn/gezin/{only_person().id}/uitpas-opzoeken"
    assert post(stranger, url).status_code == 404
    assert post(app.test_client(), url).status_code == 302
    assert calls() == 0


def test_a_person_is_taken_out_of_the_family_after_a_question(client, parent):
    add_child(client)
    url = f"/mijn/gezin/{only_person().id}/verwijderen"
    assert "Jade verwijderen?" in text_of(client.get(url))
    assert post(client, url).location == "/mijn/gezin"
    assert db.session.scalar(select(func.count(Person.id))) == 0


def test_a_person_who_is_in_the_basket_cannot_be_taken_out(client, parent):
    person = make_person(parent, "Lou")
    activity = make_activity(taken=1)
    with write_transaction() as session:
        basket = Basket(customer_id=parent.id, held_until=now() + timedelta(minutes=15))
        basket.lines = [
            BasketLine(
                activity_id=activity.id,
                person_id=person.id,
                pool_id=activity.pools[0].id,
                category_name="Basistarief",
                regular_price=activity.price_categories[0].price,
                price=activity.price_categories[0].price,
            )
        ]
        session.add(basket)
    url = f"/mijn/gezin/{person.id}/verwijderen"
    assert "Lou zit nog in een mandje." in text_of(client.get(url))
    answer = post(client, url)
    assert answer.status_code == 422
    assert "Lou zit nog in een mandje." in text_of(answer)
    assert db.session.scalar(select(func.count(Person.id))) == 1


def test_the_list_asks_the_database_no_more_for_a_larger_family(client, parent):
    make_person(parent, "Een")
    client.get("/mijn/gezin")
    with count_queries() as few:
        client.get("/mijn/gezin")
    for number in range(12):
        make_person(parent, f"Kind {number}")
    with count_queries() as many:
        client.get("/mijn/gezin")
    assert len(many) <= len(few)


def test_the_details_are_changed(client, parent):
    assert "ouder@gezin.example" in text_of(client.get("/mijn/gegevens"))
    data = {"first_name": "Sofie", "last_name": "Claes", "postal_code": "9995", "phone": "09 1"}
    assert post(client, "/mijn/gegevens", data).location == "/mijn/gegevens"
    customer = db.session.scalars(select(Customer)).one()
    assert (customer.last_name, customer.postal_code, customer.phone) == ("Claes", "9995", "09 1")
    assert customer.account.name == "Sofie Claes"


def test_the_details_need_a_postcode_of_four_digits(client, parent):
    data = {"first_name": "Sofie", "last_name": "Claes", "postal_code": "99950"}
    answer = post(client, "/mijn/gegevens", data)
    assert answer.status_code == 422
    assert "Een postcode heeft vier cijfers" in text_of(answer) and 'value="99950"' in text_of(
        answer
    )


def test_staff_become_a_customer_by_filling_in_their_details(client):
    make_account("kassa@gemeente.example", ["cashier"])
    sign_in(client, "kassa@gemeente.example")
    assert client.get("/mijn/gezin").location == "/mijn/gegevens?verder=/mijn/gezin"
    data = {"first_name": "Kim", "last_name": "Maes", "postal_code": "9995"}
    answer = post(client, "/mijn/gegevens?verder=/mijn/gezin", data)
    assert answer.location == "/mijn/gezin"
    assert client.get("/mijn/gezin").status_code == 200


def test_another_password_signs_out_the_other_devices(app, client, parent):
    other = app.test_client()
    sign_in(other, PARENT)
    before = client.get_cookie("vrijloket").value
    data = {"current_password": PASSWORD, "password": "een nieuw wachtwoord"}
    assert post(client, "/mijn/gegevens/wachtwoord", data).location == "/mijn/gegevens"
    assert client.get("/mijn/gezin").status_code == 200
    assert other.get("/mijn/gezin").status_code == 302
    assert db.session.scalar(select(func.count(AccountSession.id))) == 1
    client.set_cookie("vrijloket", before)
    assert client.get("/mijn/gezin").status_code == 302


@pytest.mark.parametrize(
    ("current", "new", "sentence"),
    [
        ("mis", "een nieuw wachtwoord", "Dit is niet je huidige wachtwoord."),
        (PASSWORD, "kort", "Kies een wachtwoord van minstens 10 tekens."),
        ("", "een nieuw wachtwoord", "Vul je huidige wachtwoord in."),
        (PASSWORD, "", "Kies een nieuw wachtwoord."),
    ],
)
def test_a_password_that_cannot_be_changed_so_says_why(client, parent, current, new, sentence):
    data = {"current_password": current, "password": new}
    answer = post(client, "/mijn/gegevens/wachtwoord", data)
    assert answer.status_code == 422
    assert sentence in text_of(answer) and "<title>Fout: Mijn gegevens" in text_of(answer)
    assert client.get("/mijn/gezin").status_code == 200


def test_guessing_the_present_password_is_stopped(client, parent):
    data = {"current_password": "mis", "password": "een nieuw wachtwoord"}
    for _ in range(10):
        assert post(client, "/mijn/gegevens/wachtwoord", data).status_code == 422
    answer = post(client, "/mijn/gegevens/wachtwoord", {**data, "current_password": PASSWORD})
    assert answer.status_code == 429
    assert "Probeer het over een kwartier." in text_of(answer)


@pytest.mark.parametrize("path", ["/mijn/gezin", "/mijn/gezin/nieuw", "/mijn/gegevens"])
def test_every_page_has_one_h1_and_no_inline_script_or_style(client, parent, path):
    page = text_of(client.get(path))
    assert page.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", page)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


@responses.activate
def test_a_person_changed_during_the_look_up_keeps_the_change(app, parent, connected):
    person_id = make_person(parent, "Jade", insz=INSZ).id
    base = app.config["LOKET"].sandbox_url

    def answer(_request):
        with write_transaction() as session:
            session.get(Person, person_id).insz = MESSAGES
        found = {
            "passholderId": "p",
            "passType": "INDIVIDUAL",
            "uitpasNumber": JADE,
            "firstName": "Jade",
            "points": 1,
            "postalCode": "9000",
            "socialTariff": {"status": "ACTIVE"},
        }
        return 200, {}, json.dumps(found)

    token = {"access_token": "t", "expires_in": 300}
    responses.post(re.compile(base + "/account/.*"), json=token)
    responses.add_callback("GET", re.compile(base + "/uitpas/passes.*"), callback=answer)
    look_up_pass_by_insz(person_id)
    assert only_person().uitpas_number is None
