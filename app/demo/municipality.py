"""Zonnewende itself: the municipality, its UiT settings and the people who work there."""

from flask import current_app

from app.demo import DOMAIN, PASSWORD
from app.demo.catalogue import POSTAL_CODE
from app.extensions import write_transaction
from app.people.accounts import make_admin
from app.people.models import Account, AccountRole, Role
from app.people.passwords import hash_password
from app.people.sessions import account_by_email
from app.settings.environments import EnvironmentInput, environment_view, save_environment
from app.settings.models import Environment
from app.settings.municipality import MunicipalityInput, save_municipality
from app.settings.privacy import PrivacyInput, save_privacy
from app.settings.testing import last_report, test_connection
from app.settings.uit import UitInput, save_uit_settings

ADMIN = f"beheer@{DOMAIN}"
ADMIN_NAME = "Hanne Lindewater"
CASHIER = f"kassa@{DOMAIN}"
MONITOR = f"monitor@{DOMAIN}"
EMAIL = f"vrijetijd@{DOMAIN}"
PHONE = "09 000 00 00"

TERMS = """Inschrijven en betalen
Je inschrijving is definitief zodra je ze afrondt. Betaal aan het loket of met een overschrijving, \
binnen veertien dagen en altijd voor de eerste dag.

Annuleren
Je annuleert zelf bij 'Mijn inschrijvingen', gratis tot de dag die bij de activiteit staat. Voor \
kampen is dat veertien dagen vooraf. Daarna betalen we enkel terug met een doktersbriefje, dat je \
ons binnen de week bezorgt.

Kansentarief
Heb je een UiTPAS met kansentarief, dan betaal je de prijs die UiTPAS ons geeft wanneer je \
inschrijft. Is je kansentarief vervallen, vernieuw het dan eerst bij de UiTPAS-balie.

Als wij annuleren
Bij te weinig inschrijvingen kan een activiteit wegvallen. Je hoort het ten laatste een week \
vooraf, en je krijgt alles terug."""

INSZ_GROUND = (
    "de wet van 8 augustus 1983 tot regeling van een Rijksregister, met de machtiging van de "
    "gemeente Zonnewende"
)
PRIVACY = """Wat we bewaren
Van wie inschrijft bewaren we naam, adres, e-mail en telefoon, en van elke deelnemer naam en \
geboortedatum. Het rijksregisternummer vragen we enkel om een UiTPAS op te zoeken. Het staat \
versleuteld bewaard.

Met wie we delen
Gebruik je een UiTPAS, dan geven we het nummer en je inschrijving door aan UiTPAS. Begeleiders \
zien de lijst van hun eigen groep. Anderen krijgen niets.

Hoe lang
We bewaren inschrijvingen zeven jaar, omdat de boekhouding dat vraagt.

Je rechten
Je kan je gegevens inkijken, aanpassen en laten verwijderen: mail naar \
vrijetijd@zonnewende.example."""


def set_up() -> list[str]:
    """Municipality, settings, connection and staff; what was there already stays as it is."""
    save_municipality(
        MunicipalityInput(
            name="Zonnewende",
            department_name="Vrije Tijd",
            street="Lindeplein 1",
            postal_code=POSTAL_CODE,
            locality="Zonnewende",
            email=EMAIL,
            phone=PHONE,
            opening_hours="Elke werkdag van 9 tot 12 uur en van 13 tot 16 uur.",
            iban="BE68 5390 0754 7034",
            account_holder="Gemeente Zonnewende",
            brand_color="#5b2365",
            accent_color="#ffc43a",
            terms=TERMS,
            privacy=PRIVACY,
        )
    )
    save_uit_settings(
        UitInput(
            active_environment=Environment.SANDBOX,
            default_postal_code=POSTAL_CODE,
            registration_link_default=True,
            registration_link_email=EMAIL,
            registration_link_phone=PHONE,
            uitdatabank_on=True,
            uitpas_on=True,
            rewards_on=False,
            coupons_on=True,
            call_log_days=30,
            exceptions_in_words=False,
        )
    )
    save_privacy(
        PrivacyInput(
            insz_on=True,
            insz_ground=INSZ_GROUND,
            insz_months=24,
            tariff_months=3,
            guest_pass_months=13,
        )
    )
    return [
        "De gemeente Zonnewende is ingesteld, met de oefenomgeving als actieve omgeving.",
        *_connect(),
    ]


def make_staff() -> int:
    """The three members of staff; returns the id of the beheerder."""
    if account_by_email(ADMIN) is None:
        make_admin(ADMIN, ADMIN_NAME, PASSWORD)
    _member(CASHIER, "Ruben Korenaar", Role.CASHIER)
    _member(MONITOR, "Nele Zandweg", Role.MONITOR)
    admin = account_by_email(ADMIN)
    assert admin is not None
    return admin.id


def _member(email: str, name: str, role: Role) -> None:
    if account_by_email(email) is not None:
        return
    password_hash = hash_password(PASSWORD)
    with write_transaction() as session:
        account = Account(email=email, name=name, password_hash=password_hash)
        account.role_rows.append(AccountRole(role=role))
        session.add(account)


def _connect() -> list[str]:
    """Enter the credentials of the configuration and test them; says what went wrong."""
    loket = current_app.config["LOKET"]
    view = environment_view(Environment.SANDBOX)
    if not (view.has_secret and view.client_id == loket.sandbox_client_id):
        save_environment(
            Environment.SANDBOX,
            EnvironmentInput(loket.sandbox_client_id, loket.sandbox_client_secret, ""),
        )
    if last_report(Environment.SANDBOX) is not None:
        return []
    report = test_connection(Environment.SANDBOX)
    if report.problem:
        return [f"De verbinding met de oefenomgeving lukte niet: {report.problem}"]
    return []
