"""What the settings refuse, each with its sentence at its field (S1, S2, C10)."""

from dataclasses import replace

import pytest

from app.extensions import db
from app.settings.colors import INK, PAGE, contrast, read_color, readable_accent, readable_brand
from app.settings.contact import email_problem, iban_problem, phone_problem, spaced_iban
from app.settings.environments import (
    EnvironmentInput,
    environment_problems,
    environment_view,
    registration_page_url,
    save_environment,
)
from app.settings.models import AuditEntry, Environment
from app.settings.municipality import (
    MunicipalityInput,
    get_municipality,
    municipality_problems,
    save_municipality,
)
from app.settings.problems import SettingsRefused
from app.settings.uit import (
    UitInput,
    get_modules,
    get_uit_settings,
    save_uit_settings,
    uit_problems,
)

GENERAL = UitInput(
    active_environment=Environment.SANDBOX,
    default_postal_code="9000",
    registration_link_default=True,
    registration_link_email="vrijetijd@voorbeeld.be",
    registration_link_phone="09 210 10 10",
    uitdatabank_on=True,
    uitpas_on=True,
    rewards_on=False,
    coupons_on=True,
    call_log_days=30,
    exceptions_in_words=False,
)
TOWN = MunicipalityInput(
    name="Zonnewende",
    department_name="Vrije tijd",
    street="Markt 1",
    postal_code="9000",
    locality="Zonnewende",
    email="vrijetijd@voorbeeld.be",
    phone="09 210 10 10",
    opening_hours="",
    iban="BE68 5390 0754 7034",
    account_holder="Gemeente Zonnewende",
    brand_color="#5B2365",
    accent_color="ffc43a",
    terms="",
    privacy="",
)


def _fields(problems):
    return [problem.field for problem in problems]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"uitdatabank_on": False}, "uitpas_on"),
        ({"uitpas_on": False}, "coupons_on"),
        ({"uitpas_on": False, "coupons_on": False, "rewards_on": True}, "rewards_on"),
        ({"registration_link_email": "vrijetijd@"}, "registration_link_email"),
        ({"registration_link_phone": "bel ons"}, "registration_link_phone"),
        ({"call_log_days": 0}, "call_log_days"),
        ({"call_log_days": 4000}, "call_log_days"),
    ],
)
def test_general_settings_that_cannot_be_are_refused_at_their_field(change, field):
    assert _fields(uit_problems(replace(GENERAL, **change))) == [field]


def test_refused_settings_change_nothing(app):
    with pytest.raises(SettingsRefused):
        save_uit_settings(replace(GENERAL, call_log_days=0))
    assert get_uit_settings().default_postal_code == ""


def test_saved_settings_are_kept_and_written_in_the_logbook(app):
    save_uit_settings(replace(GENERAL, coupons_on=False))
    assert get_uit_settings().default_postal_code == "9000"
    assert get_modules().coupons is False
    entry = db.session.query(AuditEntry).one()
    assert entry.action == "UiT-instellingen aangepast"
    assert entry.detail["coupons_on"] is False


@pytest.mark.parametrize(
    "number", ["09 210 10 10", "0470/12.34.56", "+32 470 12 34 56", "1700", "+31 20 624 11 11"]
)
def test_an_unusual_but_plausible_phone_number_is_taken(number):
    assert phone_problem(number) == ""


@pytest.mark.parametrize("number", ["abc", "12", "0800 BLOEM", "+999 1", "1234567890123456"])
def test_what_can_be_no_phone_number_is_refused(number):
    assert phone_problem(number).startswith("Kijk dit telefoonnummer na")


def test_an_address_without_mail_server_is_taken():
    assert email_problem("an@bestaat-niet-echt.be") == ""
    assert email_problem("an@be") != ""


def test_an_account_number_with_a_typing_error_is_refused():
    assert iban_problem("BE68 5390 0754 7034") == ""
    assert iban_problem("BE68 5390 0754 7035").startswith("Kijk dit rekeningnummer na")
    assert spaced_iban("BE68539007547034") == "BE68 5390 0754 7034"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        (EnvironmentInput("", "geheim", ""), "client_id"),
        (EnvironmentInput("gemeente", "", ""), "client_secret"),
        (EnvironmentInput("", "", "vrijetijd.be"), "registration_page_url"),
        (EnvironmentInput("", "", "https://"), "registration_page_url"),
        (EnvironmentInput("", "", "https://[::1"), "registration_page_url"),
    ],
)
def test_settings_of_an_environment_are_refused_at_their_field(app, typed, field):
    assert _fields(environment_problems(Environment.TEST, typed)) == [field]


def test_an_empty_secret_keeps_the_stored_one_and_an_empty_id_forgets_it(app):
    save_environment(Environment.TEST, EnvironmentInput("gemeente", "geheim", ""))
    save_environment(Environment.TEST, EnvironmentInput("gemeente2", "", ""))
    assert environment_view(Environment.TEST).has_secret
    save_environment(Environment.TEST, EnvironmentInput("", "", ""))
    assert not environment_view(Environment.TEST).has_secret


def test_the_registration_page_falls_back_on_our_own_address(app):
    assert registration_page_url(Environment.TEST) == "http://localhost"
    save_environment(Environment.TEST, EnvironmentInput("", "", "https://vrij.voorbeeld.be/"))
    assert registration_page_url(Environment.TEST) == "https://vrij.voorbeeld.be"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "x@test"}, "email"),
        ({"phone": "geen"}, "phone"),
        ({"iban": "BE00"}, "iban"),
        ({"brand_color": "paars"}, "brand_color"),
        ({"accent_color": "#12345g"}, "accent_color"),
    ],
)
def test_the_municipality_is_refused_at_its_field(change, field):
    assert _fields(municipality_problems(replace(TOWN, **change))) == [field]


def test_a_colour_that_reads_is_kept_as_it_is(app):
    assert save_municipality(TOWN) == []
    kept = get_municipality()
    assert (kept.brand_color, kept.accent_color) == ("#5b2365", "#ffc43a")
    assert kept.iban == "BE68539007547034"


def test_a_colour_that_does_not_read_is_replaced_by_the_nearest_that_does(app):
    changes = save_municipality(replace(TOWN, brand_color="#ffdd00", accent_color="#203040"))
    assert [change.field for change in changes] == ["brand_color", "accent_color"]
    kept = get_municipality()
    assert contrast(kept.brand_color, PAGE) >= 4.5
    assert contrast(kept.accent_color, INK) >= 4.5
    assert contrast(kept.brand_color, PAGE) < 4.7


@pytest.mark.parametrize("color", ["#ffffff", "#000000", "#ff0000", "#00ff00", "#5b2365"])
def test_every_colour_has_a_readable_neighbour(color):
    assert contrast(readable_brand(color), PAGE) >= 4.5
    assert contrast(readable_accent(color), INK) >= 4.5


def test_colours_are_read_however_they_are_typed():
    assert read_color(" #ABC ") == "#aabbcc"
    assert read_color("5b2365") == "#5b2365"
    assert read_color("#5b23656") is None
