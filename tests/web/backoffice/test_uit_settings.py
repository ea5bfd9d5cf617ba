"""The screen UiT-instellingen (S1, S2)."""

import pytest
from sqlalchemy import select

from app.extensions import db
from app.settings.environments import EnvironmentInput, environment_view, save_environment
from app.settings.models import Environment
from app.settings.uit import get_uit_settings
from tests.web.backoffice.staff_client import post, signed_in, words

GENERAL = "/beheer/instellingen/uit"
SANDBOX = "/beheer/instellingen/uit/oefenomgeving"
TYPED = {
    "active_environment": "test",
    "default_postal_code": "9000",
    "uitdatabank_on": "y",
    "uitpas_on": "y",
    "coupons_on": "y",
    "registration_link_default": "y",
    "registration_link_email": "vrijetijd@voorbeeld.be",
    "registration_link_phone": "09 210 10 10",
    "call_log_days": "60",
}


@pytest.fixture
def admin(app):
    return signed_in(app, "admin")


def test_each_tab_is_a_page(admin):
    for url in (GENERAL, SANDBOX, f"{GENERAL}/productie", f"{GENERAL}/test"):
        answer = admin.get(url)
        assert answer.status_code == 200
        assert words(answer).count("<h1") == 1
    assert admin.get(f"{GENERAL}/elders").status_code == 404


@pytest.mark.parametrize("role", ["cashier", "monitor"])
def test_only_admins_see_it(app, role):
    assert signed_in(app, role).get(GENERAL).status_code == 403


def test_general_settings_are_kept(admin):
    answer = post(admin, GENERAL, TYPED, follow_redirects=True)
    assert "De UiT-instellingen zijn bewaard." in words(answer)
    settings = get_uit_settings()
    assert settings.active_environment is Environment.TEST
    assert (settings.default_postal_code, settings.call_log_days) == ("9000", 60)
    assert settings.rewards_on is False


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"default_postal_code": "90000"}, "Een postcode heeft vier cijfers, zoals 9000."),
        ({"uitdatabank_on": ""}, "UiTPAS werkt alleen samen met UiTdatabank."),
        ({"uitpas_on": ""}, "UiTPAS-coupons werken alleen samen met UiTPAS."),
        ({"registration_link_email": "an@"}, "Kijk dit e-mailadres na"),
        ({"registration_link_phone": "bel ons"}, "Kijk dit telefoonnummer na"),
        ({"call_log_days": "veel"}, "Typ een geheel aantal dagen, zoals 30."),
        ({"call_log_days": ""}, "Vul in hoeveel dagen we het oproepenlog bewaren."),
        ({"call_log_days": "-1"}, "Kies een aantal dagen van 1 tot 3650."),
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(admin, change, sentence):
    typed = {name: value for name, value in (TYPED | change).items() if value or "days" in name}
    answer = post(admin, GENERAL, typed)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert 'value="09 210 10 10"' in words(answer) or "registration_link_phone" in change
    assert get_uit_settings().default_postal_code == ""


def test_the_secret_goes_in_and_never_comes_out(admin):
    secret = "een-zeer-geheim-woord-9731"
    answer = post(
        admin, SANDBOX, {"client_id": "demo", "client_secret": secret}, follow_redirects=True
    )
    assert "Er is een geheim bewaard." in words(answer)
    assert secret not in words(answer)
    refused = post(
        admin,
        SANDBOX,
        {"client_id": "demo", "client_secret": secret, "registration_page_url": "geen adres"},
    )
    assert refused.status_code == 422
    assert "Typ een volledig webadres" in words(refused)
    assert secret not in words(refused)
    for url in (SANDBOX, "/beheer/logboek", "/beheer/oproepen"):
        assert secret not in words(admin.get(url))


def test_an_empty_secret_keeps_the_stored_one(admin):
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "demo", ""))
    post(admin, SANDBOX, {"client_id": "demo", "client_secret": ""})
    db.session.expire_all()
    assert environment_view(Environment.SANDBOX).has_secret


def test_a_client_id_without_secret_is_refused_at_the_secret(admin):
    answer = post(admin, SANDBOX, {"client_id": "demo", "client_secret": ""})
    assert answer.status_code == 422
    assert "Vul het client secret in dat bij deze client id hoort." in words(answer)
    assert 'value="demo"' in words(answer)


def test_testing_the_connection_lists_the_organizers(admin):
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "demo", ""))
    answer = post(admin, f"{SANDBOX}/test")
    assert answer.status_code == 200
    assert "De verbinding werkt" in words(answer)
    assert "verkopen registreren en ongedaan maken" in words(answer)
    assert "Laatst getest op" in words(answer)
    assert "De verbinding werkt" in words(admin.get(SANDBOX))


def test_a_wrong_secret_is_said_at_its_field(admin):
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "fout-geheim", ""))
    answer = post(admin, f"{SANDBOX}/test")
    assert answer.status_code == 422
    assert 'id="client_secret-fout"' in words(answer)
    assert "publiq aanvaardt dit geheim niet bij deze client id." in words(answer)
    assert "fout-geheim" not in words(answer)


def test_testing_without_credentials_says_what_to_fill_in(admin):
    answer = post(admin, f"{GENERAL}/test/test")
    assert answer.status_code == 422
    assert 'id="client_id-fout"' in words(answer)


def test_a_reload_of_the_result_returns_to_the_tab(admin):
    assert admin.get(f"{SANDBOX}/test").status_code == 303


def test_the_call_of_the_test_names_who_did_it(admin):
    from app.settings.models import PubliqCall

    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "demo", ""))
    post(admin, f"{SANDBOX}/test")
    calls = db.session.scalars(select(PubliqCall).order_by(PubliqCall.id)).all()
    assert [(call.operation, call.account_name) for call in calls] == [
        ("token", "Hanne Lindewater"),
        ("get-permissions", "Hanne Lindewater"),
    ]
