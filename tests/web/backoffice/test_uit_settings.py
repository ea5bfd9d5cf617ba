"""The screen UiT-instellingen (S1, S2)."""

import re
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.extensions import db, write_transaction
from app.settings.environments import EnvironmentInput, environment_view, save_environment
from app.settings.models import Environment
from app.settings.uit import get_uit_settings, uit_settings_for_update
from app.uitdatabank.models import (
    EventLink,
    LinkState,
    ReferenceKind,
    ReferenceState,
    UitProfile,
    UitReference,
)
from app.uitpas.models import BenefitKind, EntryState, UitpasEntry
from tests.making import days_from_now, make_activity, make_type
from tests.queries import count_queries
from tests.uitdatabank.support import (
    CLUB,
    VRIJE_TIJD,
    connect,
    fault,
    organizer_id,
    ready_activity,
)
from tests.web.backoffice.staff_client import post, signed_in, words
from tests.web.reading import text

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
CONFIRMED = TYPED | {"bevestigd": "test"}


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
    answer = post(admin, GENERAL, CONFIRMED, follow_redirects=True)
    assert "De UiT-instellingen zijn bewaard." in words(answer)
    settings = get_uit_settings()
    assert settings.active_environment is Environment.TEST
    assert (settings.default_postal_code, settings.call_log_days) == ("9000", 60)
    assert settings.rewards_on is False


def test_exceptions_in_words_are_a_switch_of_their_own(admin):
    assert "Uitzonderingen in de agenda onder de omschrijving zetten" in words(admin.get(GENERAL))
    post(admin, GENERAL, CONFIRMED | {"exceptions_in_words": "y"})
    assert get_uit_settings().exceptions_in_words
    post(admin, GENERAL, CONFIRMED)
    db.session.expire_all()
    assert not get_uit_settings().exceptions_in_words


def test_each_switch_says_what_it_needs(admin):
    page = words(admin.get(GENERAL))
    assert "Werkt alleen samen met UiTdatabank." in page
    assert page.count("Werkt alleen samen met UiTPAS.") == 2


class TestAnotherEnvironment:
    """Choosing one asks for a confirmation first, on a page that works without script."""

    @pytest.fixture(autouse=True)
    def _events(self, app):
        for title, days in (("Kamp", 20), ("Turnen", 30), ("Vorig jaar", -300)):
            activity = make_activity(
                title, dates=[(days_from_now(days), days_from_now(days, hours=16))]
            )
            with write_transaction() as session:
                session.add(
                    EventLink(
                        activity_id=activity.id,
                        environment=Environment.SANDBOX,
                        event_id=f"event-{activity.id}",
                        state=LinkState.PUBLISHED,
                    )
                )
                session.add(
                    UitProfile(
                        activity_id=activity.id,
                        environment=Environment.SANDBOX,
                        location_id="plaats",
                    )
                )

    def test_it_explains_counts_and_keeps_what_was_typed(self, admin):
        answer = post(admin, GENERAL, TYPED)
        assert answer.status_code == 200
        page = text(answer)
        assert "Werken in test?" in page
        assert "Er is nog niets bewaard." in page
        assert re.search(r"Oefenomgeving.{0,400}?<td class=\"is-num\">2</td>", page)
        assert "Van 2 activiteiten die nog komen, zijn de locatie of organisator" in page
        assert "blijft daar staan" in page and "in de omgeving waar ze gebeurde" in page
        assert "Deze omgeving is nog niet ingesteld" in page
        for name, value in TYPED.items():
            assert f'name="{name}" value="{value}"' in page, name
        assert get_uit_settings().active_environment is Environment.SANDBOX
        assert get_uit_settings().default_postal_code == ""

    def test_confirming_saves_everything_that_was_typed(self, admin):
        answer = post(admin, GENERAL, CONFIRMED | {"doe": "bewaar"}, follow_redirects=True)
        assert "Testomgeving:" in words(answer), "the banner says so at once"
        settings = get_uit_settings()
        assert settings.active_environment is Environment.TEST
        assert settings.registration_link_phone == "09 210 10 10"

    def test_going_back_loses_nothing_and_saves_nothing(self, admin):
        answer = post(admin, GENERAL, CONFIRMED | {"doe": "terug"})
        assert answer.status_code == 200
        assert 'value="09 210 10 10"' in words(answer)
        assert get_uit_settings().active_environment is Environment.SANDBOX

    def test_a_confirmation_of_another_environment_does_not_count(self, admin):
        answer = post(
            admin, GENERAL, TYPED | {"active_environment": "production", "bevestigd": "test"}
        )
        assert "Werken in productie?" in words(answer)
        assert "Dit is echt" in words(answer)
        assert get_uit_settings().active_environment is Environment.SANDBOX

    def test_what_is_wrong_is_said_before_anything_is_confirmed(self, admin):
        answer = post(admin, GENERAL, TYPED | {"call_log_days": "0"})
        assert answer.status_code == 422
        assert "Werken in" not in words(answer)

    def test_other_settings_need_no_confirmation(self, admin):
        answer = post(admin, GENERAL, TYPED | {"active_environment": "sandbox"})
        assert answer.status_code == 303

    def test_sales_at_uitpas_are_counted_where_they_are(self, admin):
        entry = {
            "order_id": 1,
            "kind": BenefitKind.SOCIAL_TARIFF,
            "event_id": "event-1",
            "uitpas_number": "0900000067513",
            "tariff_id": "SOCIALTARIFF",
            "tariff_name": "Kansentarief",
            "regular_price": Decimal("60"),
            "regular_price_label": "Basis",
            "wished_price": Decimal("12"),
        }
        with write_transaction() as session:
            for ref, environment, state in (
                ("aaaa", Environment.SANDBOX, EntryState.REGISTERED),
                ("bbbb", Environment.SANDBOX, EntryState.UNKNOWN),
                ("cccc", Environment.SANDBOX, EntryState.CANCELLED),
                ("dddd", Environment.TEST, EntryState.REGISTERED),
            ):
                session.add(
                    UitpasEntry(line_ref=ref, environment=environment, state=state, **entry)
                )
        page = text(post(admin, GENERAL, TYPED))
        assert "Verkopen bij UiTPAS" in page
        counts = re.findall(r'<td class="is-num">(\d+)</td><td class="is-num">(\d+)</td>', page)
        assert counts == [("0", "0"), ("0", "1"), ("2", "2")]


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


class TestOrganizersInUseWithoutRights:
    """'Test de verbinding' names who is used and not on the list of UiTPAS."""

    def listed(self, page) -> str:
        return text(page).split("In gebruik, maar niet op de lijst")[-1].split("</table>")[0]

    def test_they_are_named_with_who_uses_them_and_a_sentence_to_forward(self, admin):
        connect()
        kind = make_type()
        for title in ("Turnkamp", "Turnles"):
            ready_activity(title, {"organizer_id": organizer_id(CLUB), "organizer_name": CLUB})
        ready_activity("Kamp")  # of an organizer that is on the list
        past = (days_from_now(-2, 9), days_from_now(-2, 16))
        ready_activity(
            "Voorbij",
            {"organizer_id": "oud", "organizer_name": "Oude club"},
            activity_type=kind,
            dates=[past],
        )
        with write_transaction() as session:
            session.add(
                UitProfile(
                    activity_type_id=kind.id,
                    environment=Environment.SANDBOX,
                    organizer_id="partner",
                    organizer_name="Museum",
                )
            )
            session.add(
                UitReference(
                    environment=Environment.SANDBOX,
                    kind=ReferenceKind.ORGANIZER,
                    publiq_id="partner",
                    name="Museum Zonnewende",
                    is_uitpas=True,
                )
            )
        page = post(admin, f"{SANDBOX}/test")
        shown = self.listed(page)
        assert CLUB in shown and "2 activiteiten" in shown
        assert "niet bekend als UiTPAS-partner" in shown
        assert "Museum Zonnewende" in shown and "1 activiteittype" in shown
        assert "UiTPAS-partner, maar wij hebben er geen rechten." in shown
        assert "Oude club" not in text(page) and VRIJE_TIJD not in shown
        assert shown.index(CLUB) < shown.index("Museum Zonnewende")
        mail = text(page).split('id="doorsturen"')[1].split("</textarea>")[0]
        assert (
            f"Voor {CLUB} (organisator {organizer_id(CLUB)}) lijst UiTPAS bij ons geen enkel recht "
            "op, en 2 activiteiten gebruiken deze organisator. Is deze organisator UiTPAS-partner? "
            "Wil je onze client id demo (oefenomgeving) deze rechten geven: PASSES_READ, "
            "TARIFFS_READ, TICKETSALES_REGISTER, TICKETSALES_SEARCH?"
        ) in mail
        assert "Museum Zonnewende (organisator partner)" in mail
        assert "1 activiteittype gebruikt deze organisator. Wil je" in mail
        assert self.listed(admin.get(SANDBOX)) == shown, "also without a new test"

    def test_who_is_gone_at_publiq_is_replaced_and_not_asked_for(self, admin):
        connect()
        ready_activity(profile={"organizer_id": "weg", "organizer_name": "Weg"})
        with write_transaction() as session:
            session.add(
                UitReference(
                    environment=Environment.SANDBOX,
                    kind=ReferenceKind.ORGANIZER,
                    publiq_id="weg",
                    state=ReferenceState.GONE,
                )
            )
        assert "In gebruik, maar niet op de lijst" not in text(post(admin, f"{SANDBOX}/test"))

    def test_nothing_is_named_while_we_do_not_know_our_rights(self, admin, sandbox_url):
        connect()
        ready_activity(profile={"organizer_id": "x", "organizer_name": "Club X"})
        assert "Club X" not in text(admin.get(SANDBOX)), "never tested"
        fault(sandbox_url, "GET /permissions", "fout-500", count=9)
        page = text(post(admin, f"{SANDBOX}/test"))
        assert "UiTPAS gaf geen antwoord" in page and "Club X" not in page

    def test_without_the_module_uitpas_there_is_nothing_to_ask(self, admin):
        connect()
        ready_activity(profile={"organizer_id": "x", "organizer_name": "Club X"})
        with write_transaction():
            settings = uit_settings_for_update()
            settings.uitpas_on = settings.coupons_on = settings.rewards_on = False
        assert "Club X" not in text(post(admin, f"{SANDBOX}/test"))

    def test_many_cost_no_more_queries(self, admin):
        connect()
        post(admin, f"{SANDBOX}/test")

        def cost() -> int:
            with count_queries() as sent:
                assert admin.get(SANDBOX).status_code == 200
            return len(sent)

        ready_activity(profile={"organizer_id": "x1", "organizer_name": "Club"})
        few = cost()
        for number in range(2, 12):
            ready_activity(profile={"organizer_id": f"x{number}", "organizer_name": "Club"})
        assert cost() == few
