"""The main job as people do it: publish, register a child at the social tariff, and undo it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.clock import today
from app.extensions import db
from app.sales.models import OrderLine
from app.uitpas.models import BenefitKind
from tests.browser.conftest import (
    ADMIN,
    CLIENT_ID,
    CLIENT_SECRET,
    POSTAL_CODE,
    Sandbox,
    Site,
)
from tests.browser.visiting import Visitor

pytestmark = pytest.mark.browser

PARENT = "an.claes@gezin.example"
PASSWORD = "vier woorden achter elkaar"
WITH_PASS, WITHOUT_PASS = "Noah", "Roos"
INSZ = "18090205564"
"""Of a pass of the sandbox, whose holder is called Noah and has a social tariff."""
PASS_NUMBER = "0910000000216"
TITLE = "Bosbouwers in de kerstvakantie"
REGULAR, SOCIAL = "€ 50,00", "€ 10,00"


@dataclass
class Story:
    """Who plays it, and where."""

    site: Site
    sandbox: Sandbox
    visit: Callable[..., Visitor]
    screen: str

    def come(self) -> Visitor:
        """Somebody new, at whose pages no secret and no register number may show."""
        visitor = self.visit(self.screen)
        visitor.hides([INSZ, "18.09.02-055.64"])
        return visitor


@pytest.mark.parametrize(
    ("database_url", "screen"),
    [("sqlite", "wide"), ("sqlite", "phone"), ("postgresql", "phone")],
    indirect=["database_url"],
)
def test_a_child_is_registered_at_the_social_tariff_and_the_registration_is_undone(
    site: Site,
    sandbox: Sandbox,
    visit: Callable[..., Visitor],
    admin: str,
    screen: str,
    tmp_path: Path,
) -> None:
    story = Story(site, sandbox, visit, screen)
    clerk = story.come()
    clerk.sign_in(ADMIN)
    connect_to_the_sandbox(clerk)
    allow_register_numbers(clerk)
    make_a_type(clerk)
    fill_in_the_type_for_uitdatabank(clerk)
    make_an_activity(clerk)
    event_id = publish(clerk)
    assert event_id in clerk.page.request.get(f"{sandbox.url}/sandbox/events?format=json").text()
    clerk.page.wait_for_timeout(400)  # the event reaches UiTPAS only after a moment

    parent = story.come()
    find_the_activity(parent)
    sign_up(parent)
    add_the_children(parent)
    register_both(parent)
    choose_the_benefit(parent)
    finish_at_the_desk(parent)
    the_sale_stands(story, event_id)
    take_the_calendar(parent, tmp_path)
    cancel_the_child(parent)
    the_sale_is_gone(story)
    story.site.run_job("mails")
    subjects = site.mail_subjects()
    for beginning in ("Je bent ingeschreven", "Geannuleerd"):
        assert any(subject.startswith(beginning) for subject in subjects), subjects

    the_clerk_sees_what_happened(clerk, story)
    the_log_shows_each_call(clerk)


def connect_to_the_sandbox(clerk: Visitor) -> None:
    clerk.see(re.compile("."))
    clerk.menu("UiT-instellingen")
    clerk.see("UiT-instellingen")
    clerk.choose("Oefenomgeving")
    clerk.type({"Standaard postcode": POSTAL_CODE})
    clerk.press("Bewaar de instellingen")
    clerk.sees("De UiT-instellingen zijn bewaard.")
    clerk.tab("Oefenomgeving")
    clerk.see(re.compile("oefenomgeving"))
    clerk.type({"Client id": CLIENT_ID, "Client secret": CLIENT_SECRET})
    clerk.press("Bewaar de instellingen")
    clerk.sees("Test nu de verbinding.")
    clerk.press("Test de verbinding")
    clerk.sees("De verbinding werkt")
    clerk.sees("Jeugddienst Zonnewende")
    clerk.look()


def make_a_type(clerk: Visitor) -> None:
    clerk.menu("Activiteittypes")
    clerk.see("Activiteittypes")
    clerk.follow("Nieuw activiteittype")
    clerk.see("Nieuw activiteittype")
    clerk.type({"Naam": "Kampen"}, within=clerk.page.get_by_role("region", name="Activiteittype"))
    clerk.type({"Standaardcapaciteit": "12", "Minimumleeftijd": "5", "Maximumleeftijd": "12"})
    first = clerk.page.get_by_role("group", name="Prijs 1")
    clerk.type({"Naam": "Basistarief", "Prijs": "60"}, within=first)
    clerk.press("Prijs toevoegen")
    second = clerk.page.get_by_role("group", name="Prijs 2")
    expect(second).to_be_visible()
    clerk.type(
        {"Naam": "Inwoners", "Prijs": "50,00", "Enkel inwoners van postcode": POSTAL_CODE},
        within=second,
    )
    clerk.press("Opslaan")
    clerk.sees("Activiteittype ‘Kampen’ is bewaard.")
    clerk.look()


def fill_in_the_type_for_uitdatabank(clerk: Visitor) -> None:
    clerk.tab("UiTdatabank")
    clerk.see("Kampen")
    expect(clerk.field("Postcode")).to_have_value(POSTAL_CODE)
    clerk.search("Locatie", "boom", "Speelplein De Boomhut")
    clerk.search("Organisator", "jeugd", "Jeugddienst Zonnewende")
    clerk.field("Thema").select_option(label="Kamp of vakantie")
    theme = clerk.field("Subthema")
    expect(theme.get_by_role("option", name="Creativiteit")).to_be_attached()
    theme.select_option(label="Creativiteit")
    clerk.press("Opslaan")
    clerk.sees("De gegevens voor UiTdatabank zijn bewaard.")
    expect(clerk.page.get_by_role("combobox", name="Locatie")).to_have_value(
        re.compile("Speelplein De Boomhut")
    )
    clerk.look()


def make_an_activity(clerk: Visitor) -> None:
    clerk.menu("Activiteiten")
    clerk.see("Activiteiten")
    clerk.follow("Nieuwe activiteit")
    clerk.see("Nieuwe activiteit")
    clerk.follow("Kampen")
    clerk.see("Nieuwe activiteit")
    clerk.type({"Titel": TITLE})
    expect(clerk.page.get_by_role("group", name="Prijs 2").get_by_label("Naam")).to_have_value(
        "Inwoners"
    )
    first = clerk.page.get_by_role("group", name="Datum 1")
    day = today() + timedelta(days=40)
    clerk.type({"Datum": day.isoformat(), "Van": "09:00", "Tot": "16:00"}, within=first)
    clerk.choose("Online")
    clerk.press("Opslaan")
    clerk.see(TITLE)
    clerk.sees(f"Activiteit ‘{TITLE}’ is bewaard.")


def publish(clerk: Visitor) -> str:
    clerk.tab("UiTdatabank")
    clerk.see(TITLE)
    clerk.sees("Onvolledige data")
    clerk.type({"Omschrijving": "Hutten bouwen, vuur maken en spelen in het bos."})
    clerk.press("Publiceren")
    publication = clerk.page.get_by_role("region", name="Publicatie")
    expect(publication).to_contain_text("Gepubliceerd")
    expect(publication).not_to_contain_text("Onvolledige data")
    link = publication.get_by_role("link", name=re.compile("opent UiTdatabank"))
    expect(link).to_be_visible()
    clerk.look()
    found = re.search(r"[0-9a-f-]{36}", link.get_attribute("href") or "")
    assert found, "the link leads to the event"
    return found.group()


def find_the_activity(parent: Visitor) -> None:
    parent.open("/aanbod")
    parent.see(re.compile("Wat wil je doen"))
    parent.follow(TITLE)
    parent.see(TITLE)
    parent.sees("Heb je een UiTPAS met kansentarief?")
    parent.follow("Schrijf je in")
    parent.see("Aanmelden")


def sign_up(parent: Visitor) -> None:
    parent.follow("Maak een aanmelding")
    parent.see("Maak een aanmelding")
    parent.type(
        {
            "Voornaam": "An",
            "Naam": "Claes",
            "E-mailadres": PARENT,
            "Postcode": POSTAL_CODE,
            "Wachtwoord": PASSWORD,
        }
    )
    parent.press("Maak mijn aanmelding")
    parent.see(f"Inschrijven voor {TITLE}")


def allow_register_numbers(clerk: Visitor) -> None:
    clerk.menu("Privacy")
    clerk.see("Privacy")
    clerk.choose("We gebruiken het rijksregisternummer")
    clerk.press("Bewaar de instellingen")
    clerk.sees_error("Vul de wettelijke grond in.")
    clerk.type({"Wettelijke grond": "de wet van 8 augustus 1983"})
    clerk.press("Bewaar de instellingen")
    clerk.sees("De privacy-instellingen zijn bewaard.")


def add_the_children(parent: Visitor) -> None:
    add_child(parent, WITH_PASS, "02/09/2018", INSZ)
    add_child(parent, WITHOUT_PASS, "21/03/2016")


def add_child(parent: Visitor, first_name: str, birth_date: str, insz: str = "") -> None:
    parent.follow(re.compile("Gezinslid toevoegen"))
    parent.see("Voeg iemand toe aan je gezin")
    parent.type({"Voornaam": first_name, "Geboortedatum": birth_date})
    if insz:
        parent.type({"Rijksregisternummer": insz})
    parent.press("Bewaar")
    parent.sees(f"{first_name} staat bij je gezin.")


def register_both(parent: Visitor) -> None:
    parent.look()
    for name in (WITH_PASS, WITHOUT_PASS):
        parent.choose(re.compile(rf"^{name} Claes"))
    expect(parent.page.locator("#vl-balk" if parent.is_phone else "#vl-samen")).to_contain_text(
        "€ 100,00"
    )
    parent.choose(re.compile("Ja, ik gebruik een UiTPAS"))
    parent.press("Volgende")


def choose_the_benefit(parent: Visitor) -> None:
    parent.see("Kies een voordeel")
    parent.sees(f"Gevonden: dit is het UiTPAS-nummer van {WITH_PASS}.")
    social = parent.page.get_by_role("radio", name=re.compile("Kansentarief"))
    expect(social).to_be_checked()
    total = parent.page.locator("#vl-balk" if parent.is_phone else "#vl-samen")
    expect(total).to_contain_text("€ 60,00")
    parent.sees(f"{WITHOUT_PASS} kan gewoon mee")
    parent.choose(re.compile("Geen voordeel"))
    expect(total).to_contain_text("€ 100,00")
    parent.choose(re.compile("Kansentarief"))
    expect(total).to_contain_text("€ 60,00")
    parent.press("In mijn mandje")


def finish_at_the_desk(parent: Visitor) -> None:
    parent.see("Je mandje")
    expect(parent.page.get_by_role("timer")).to_contain_text(re.compile(r"1[45] min"))
    expect(parent.page.locator(".vl-sum__total")).to_contain_text("€ 60,00")
    line = parent.page.get_by_role("listitem").filter(has_text=WITH_PASS).first
    expect(line).to_contain_text(SOCIAL)
    line.get_by_text("Kansentarief").first.click()
    expect(line).to_contain_text("Gewone prijs")
    parent.choose(re.compile("Aan het loket"))
    parent.choose(re.compile("Ik ga akkoord"))
    parent.press("Afronden")
    parent.see(re.compile("^Bestelling "))
    parent.sees("bevestigd")
    parent.sees("€ 60,00")
    parent.sees("Betaal aan het loket")


def the_sale_stands(story: Story, event_id: str) -> None:
    (sale,) = story.sandbox.live_sales()
    assert sale["uitpasNumber"] == PASS_NUMBER
    assert sale["eventId"] == event_id
    with story.site.open_database():
        line = db.session.scalars(
            select(OrderLine).where(OrderLine.benefit_kind == BenefitKind.SOCIAL_TARIFF)
        ).one()
        assert sale["regularPriceLabel"].endswith(f"({line.line_ref})")


def take_the_calendar(parent: Visitor, folder: Path) -> None:
    with parent.page.expect_download() as started:
        parent.follow("Zet in je agenda")
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    assert path.suffix == ".ics"
    assert TITLE in path.read_text(encoding="utf-8").replace("\r\n ", "")


def cancel_the_child(parent: Visitor) -> None:
    navigation = parent.page.get_by_role("navigation", name="Hoofdmenu")
    parent.follow("Mijn inschrijvingen", within=navigation)
    parent.see("Mijn inschrijvingen")
    line = parent.page.get_by_role("listitem").filter(has_text=f"{WITH_PASS} Claes").first
    line.get_by_role("link", name=re.compile("^Bestelling")).click()
    parent.see(re.compile("^Bestelling "))
    parent.follow(re.compile(f"^Annuleren.*{WITH_PASS}"))
    parent.see("Inschrijving annuleren")
    parent.sees("Je hoeft € 10,00 niet meer te betalen.")
    parent.sees("Je voordeel draaien we ook bij UiTPAS terug.")
    parent.type({"Waarom annuleer je?": "Ziek geworden."})
    parent.press("Annuleer de inschrijving")
    parent.see(re.compile("^Bestelling "))
    parent.sees("Ook bij UiTPAS is ze ongedaan gemaakt.")
    parent.sees("€ 50,00")
    parent.open("/aanbod")
    parent.sees("Nog 11 plaatsen")


def the_sale_is_gone(story: Story) -> None:
    (sale,) = story.sandbox.sales()
    assert sale["cancelled"] is True


def the_clerk_sees_what_happened(clerk: Visitor, story: Story) -> None:
    clerk.menu("Inschrijvingen")
    clerk.see("Inschrijvingen")
    clerk.sees(f"{WITHOUT_PASS} Claes")
    clerk.sees_not(f"{WITH_PASS} Claes")
    clerk.field("Geannuleerde").select_option(label="Ook tonen")
    clerk.press("Filteren")
    clerk.follow(f"{WITH_PASS} Claes")
    clerk.see(f"Inschrijving van {WITH_PASS} Claes")
    clerk.sees("Ziek geworden.")
    benefit = clerk.page.get_by_role("region", name="UiTPAS-voordeel")
    (sale,) = story.sandbox.sales()
    expect(benefit).to_contain_text("Kansentarief")
    expect(benefit).to_contain_text(str(sale["id"]))
    history = clerk.page.get_by_role("region", name="Geschiedenis bij UiTPAS").get_by_role("row")
    expect(history.nth(1)).to_be_visible()
    assert history.count() >= 5, "planned, registering, registered, cancelling, cancelled"


def the_log_shows_each_call(clerk: Visitor) -> None:
    clerk.menu("Oproepenlog")
    clerk.see("Oproepenlog")
    rows = clerk.page.get_by_role("row").filter(has=clerk.page.get_by_role("rowheader"))
    count = rows.count()
    assert count > 8
    for index in range(count):
        expect(rows.nth(index)).to_contain_text(re.compile(r"\d+ ms"))
    sale = rows.filter(has_text=re.compile("verko", re.IGNORECASE)).first
    sale.get_by_role("link").click()
    clerk.sees("Wat publiq antwoordde")
    clerk.look()
