"""Persons and privacy as a parent on a phone and a clerk at a desk live through them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from app.extensions import db
from app.people.models import Customer, Person
from app.settings.privacy import insz_allowed
from tests.browser.conftest import ADMIN, Sandbox, Site
from tests.browser.staging import choose_who, set_scene
from tests.browser.visiting import Visitor
from tests.making import allow_insz, make_customer, make_person
from tests.signing_in import make_account

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize("screen", ["phone", "wide"]),
    pytest.mark.usefixtures("connected"),
]
PARENT = "ouder@gezin.example"
INSZ = "08091860684"
JADE, TYPING_ERROR = "0900 010 959 113", "0900 010 959 114"
BLOCKED, WITH_MESSAGE = "0900000002312", "0910000000711"


@pytest.fixture
def clerk(visit: Callable[..., Visitor], admin: str, screen: str) -> Visitor:
    """Somebody who may do everything, signed in."""
    visitor = visit(screen)
    visitor.sign_in(ADMIN)
    return visitor


def test_a_parent_is_warned_of_a_typing_error_and_finds_a_number_by_the_green_circle(
    site: Site, visit: Callable[..., Visitor], screen: str
) -> None:
    with site.open_database():
        allow_insz()
        customer = make_account(PARENT, customer=True).customer
        make_person(customer, "Jade", insz=INSZ)
    parent = visit(screen)
    parent.hides([INSZ, "08.09.18-606.84"])
    parent.sign_in(PARENT)
    parent.open("/mijn/gezin/nieuw")
    parent.type({"Voornaam": "Mira", "Geboortedatum": "04/05/2018"})
    parent.field("UiTPAS-nummer").fill(TYPING_ERROR)
    parent.field("UiTPAS-nummer").press("Tab")
    result = parent.page.locator("#uitpas_number-uitslag")
    expect(result).to_contain_text("Kijk het UiTPAS-nummer na")
    parent.look()
    parent.press("Bewaar")
    parent.see("Mijn gezin")
    parent.sees("Mira staat bij je gezin.")
    parent.sees("Kijk het UiTPAS-nummer na")
    parent.sees(TYPING_ERROR)

    parent.follow(re.compile("Wijzig de gegevens van Jade"))
    parent.see("Gegevens van Jade")
    parent.press(re.compile("Zoek het nummer van Jade op"))
    expect(parent.page.locator("#uitpas_number-uitslag")).to_contain_text("Gevonden.")
    expect(parent.field("UiTPAS-nummer")).to_have_value(JADE)
    parent.look()
    # the field that came with the answer warns as well
    parent.field("UiTPAS-nummer").fill(TYPING_ERROR)
    parent.field("UiTPAS-nummer").press("Tab")
    expect(parent.page.locator("#uitpas_number-uitslag")).to_contain_text("Kijk het UiTPAS-nummer")
    parent.field("UiTPAS-nummer").fill(JADE)
    parent.press("Bewaar")
    parent.sees("De gegevens van Jade zijn bewaard.")

    parent.open("/mijn/gegevens/inzage")
    parent.see("Wat we van je bewaren")


def test_a_parent_is_warned_while_choosing_as_soon_as_all_digits_are_there(
    site: Site, visit: Callable[..., Visitor], screen: str
) -> None:
    scene = set_scene(site)
    parent = visit(screen)
    parent.sign_in(PARENT)
    choose_who(parent, scene, "Tuur")
    parent.press("Volgende")
    parent.see("Kies een voordeel")
    field = parent.field("UiTPAS-nummer van Tuur")
    result = parent.page.locator("[id^=nummer-][role=status]")
    field.press_sequentially(TYPING_ERROR)  # one stays in the field
    expect(result).to_have_text(
        "Kijk het UiTPAS-nummer na: misschien staat er een cijfer verkeerd."
    )
    expect(field).to_be_focused()
    parent.look()
    field.press("Backspace")
    field.press_sequentially("3")
    expect(result).to_have_text("")
    field.fill("0900 010")
    field.press("Tab")
    expect(result).to_contain_text("Dit nummer telt 7 cijfers.")
    assert "0900" not in parent.page.url
    # a warning stops nobody: UiTPAS decides
    field.fill(TYPING_ERROR)
    parent.press("Nakijken")
    parent.sees_error("UiTPAS")
    expect(field).to_have_value(TYPING_ERROR)


def test_staff_are_warned_on_behalf_and_not_of_what_a_reader_types(
    site: Site, clerk: Visitor
) -> None:
    with site.open_database():
        allow_insz()
        person_id = make_person(make_customer(), "Jade").id
    warnings: list[str] = []
    clerk.page.on(
        "response",
        lambda answer: warnings.append(answer.text()) if "uitpas-nummer" in answer.url else None,
    )
    clerk.open(f"/beheer/gezinsleden/{person_id}")
    for read in ("B2026080918606840001", INSZ, "04ED6ACACF6180"):
        field = clerk.field("UiTPAS-nummer")
        field.fill(read)
        with clerk.page.expect_response("**/uitpas-nummer"):
            field.press("Tab")
        expect(clerk.page.locator("#uitpas_number-uitslag")).to_have_text("")
    assert [text.strip() for text in warnings] == ["", "", ""]
    clerk.open("/beheer/uitpas/waarom")
    clerk.field("UiTPAS-nummer").press_sequentially(TYPING_ERROR)
    expect(clerk.page.locator("#number-uitslag")).to_contain_text("Kijk het UiTPAS-nummer na")
    clerk.look()


def test_staff_ask_uitpas_about_a_selection_and_see_how_far_it_is(
    site: Site, clerk: Visitor
) -> None:
    with site.open_database():
        family = make_customer()
        make_person(family, "Jade", uitpas_number=JADE.replace(" ", ""))
        make_person(family, "Mohamed", uitpas_number=BLOCKED)
        make_person(family, "Bilal", uitpas_number=WITH_MESSAGE)
    clerk.open("/beheer/gezinsleden")
    clerk.see("Gezinsleden")
    clerk.page.get_by_label("Alles op deze pagina selecteren").check()
    expect(clerk.page.locator("[data-vl-bulk-count]")).to_have_text("3 geselecteerd")
    clerk.press("Kijk na bij UiTPAS")
    clerk.see("Nakijken bij UiTPAS")
    clerk.sees("0 van 3 klaar.")
    site.run_job("pass-checks")
    clerk.sees("3 van 3 klaar. 1 niet gelukt.")  # by itself, within two seconds
    expect(clerk.page.locator("#vl-nakijken-klaar")).to_contain_text("3 van 3 klaar.")
    clerk.sees("Waarschuwing van UiTPAS")
    clerk.sees("Deze UiTPAS is geblokkeerd.")
    clerk.look()
    clerk.press("Probeer opnieuw wat niet lukte")
    clerk.sees("2 van 3 klaar.")


def test_register_numbers_are_switched_on_with_a_ground_and_off_again(
    site: Site, clerk: Visitor
) -> None:
    with site.open_database():
        person_id = make_person(make_customer(), "Jade", insz=INSZ).id
    clerk.hides([INSZ])
    clerk.menu("Privacy")
    clerk.see("Privacy")
    clerk.sees("Er staat nog 1 rijksregisternummer in de databank")
    clerk.choose("We gebruiken het rijksregisternummer")
    clerk.press("Bewaar de instellingen")
    clerk.sees_error("Vul de wettelijke grond in.")
    clerk.type({"Wettelijke grond": "wet van 8 augustus 1983"})
    clerk.press("Bewaar de instellingen")
    clerk.sees("De privacy-instellingen zijn bewaard.")
    clerk.open(f"/beheer/gezinsleden/{person_id}")
    clerk.sees("••.••.••-•••.84")
    clerk.look()
    clerk.open("/beheer/gezinsleden/rijksregisternummer")
    clerk.type({"Rijksregisternummer": INSZ})
    clerk.press("Zoek")
    expect(clerk.page.get_by_role("link", name="Jade Peeters")).to_be_visible()
    assert INSZ not in clerk.page.url
    clerk.look()
    clerk.open("/beheer/instellingen/privacy")
    clerk.page.get_by_label("We gebruiken het rijksregisternummer").uncheck()
    clerk.press("Bewaar de instellingen")
    clerk.open(f"/beheer/gezinsleden/{person_id}")
    clerk.sees_not("Rijksregisternummer")
    clerk.open("/beheer/instellingen/privacy")
    clerk.follow("Wis ze")
    clerk.see("Alle rijksregisternummers wissen?")
    clerk.press("Wis het nummer")
    clerk.sees("1 rijksregisternummer is gewist.")
    with site.open_database():
        assert not insz_allowed()
        assert db.session.scalar(select(func.count(Person.insz))) == 0


def test_erasing_a_customer_is_explained_and_then_done(site: Site, clerk: Visitor) -> None:
    with site.open_database():
        customer = make_customer("Sofie", "Claes")
        make_person(customer, "Emma", "Claes")
    clerk.open(f"/beheer/klanten/{customer.id}")
    clerk.see("Sofie Claes")
    clerk.follow("Persoonsgegevens")
    clerk.see("Persoonsgegevens van Sofie Claes")
    clerk.open(f"/beheer/klanten/{customer.id}")
    clerk.follow("Wis de klant")
    clerk.see("Alle gegevens van Sofie Claes wissen?")
    clerk.press("Wis alles van Sofie Claes")
    clerk.sees_error("Vul in waarom je deze gegevens wist.")
    clerk.look()
    clerk.type({"Reden": "op vraag van de ouder"})
    clerk.press("Wis alles van Sofie Claes")
    clerk.sees("De gegevens van Sofie Claes zijn gewist.")
    with site.open_database():
        assert db.session.scalar(select(func.count(Customer.id))) == 0


def test_staff_read_a_chip_and_publiq_being_down_is_said(
    site: Site, sandbox: Sandbox, clerk: Visitor
) -> None:
    with site.open_database():
        person_id = make_person(make_customer(), "Jade").id
    clerk.open(f"/beheer/gezinsleden/{person_id}")
    sandbox.fault("GET /passes", "plat", count=None)
    clerk.field("UiTPAS-nummer").fill("04:ED:6A:CA:CF:61:80")
    clerk.press("Bewaar")
    clerk.sees_error("UiTPAS antwoordt nu niet.")
    expect(clerk.field("UiTPAS-nummer")).to_have_value("04:ED:6A:CA:CF:61:80")
    clerk.look()
    sandbox.heal()
    clerk.press("Bewaar")
    clerk.sees("Het UiTPAS-nummer is gevonden en bewaard.")
    expect(clerk.field("UiTPAS-nummer")).to_have_value(JADE)
    clerk.press(re.compile("^Vernieuw"))
    clerk.sees("10 punten")
    clerk.look()
