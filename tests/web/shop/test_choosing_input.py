"""What can be wrong while choosing a benefit: said at its place, and nothing typed is lost (R3)."""

import re
from collections.abc import Iterator

import pytest
import responses
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.activities.models import Activity, ActivityState
from app.activities.offer import public_path
from app.extensions import db, limiter, write_transaction
from app.formats import pass_number
from app.mail.models import MailMessage
from app.people.models import Person, TariffStatus
from app.publiq.errors import PROBLEM_PREFIX
from app.settings.models import Environment, OrganizerPermission
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.links import delete_link
from app.uitdatabank.models import EventLink
from app.uitpas.models import BenefitKind
from tests.making import allow_insz, make_activity, make_customer, make_person
from tests.queries import count_queries
from tests.sales.conftest import (
    BLOCKED,
    NO_TARIFF,
    ONCE_A_WEEK,
    SOCIAL,
    SOCIAL_TOO,
    WITH_COUPON,
    Family,
    Publiq,
    publish_as,
)
from tests.signing_in import post
from tests.uitpas.test_errors import (
    ON_A_PASS,
    ON_SALES,
    ON_TARIFFS,
    SAID,
    SHAPES,
    problem,
    sentence_of,
)
from tests.web.reading import error_at
from tests.web.shop.steps import choose, finish, lines, take_benefit, text_of

GROUP, REPLACED, REPLACEMENT = "0900000045410", "0910000001602", "0910000001719"
JADE, INSZ_OF_JADE = "0900010959113", "08.09.18-606.84"
STEP_TWO = "/mandje/voordelen"
PER_CALL = re.compile(r"environment_settings|access_token|publiq_call|UPDATE basket_line")


@pytest.fixture(autouse=True)
def _nobody_asked_before(app: object) -> None:
    limiter.reset()


@pytest.fixture
def mocked(sandbox_url: str) -> Iterator[responses.RequestsMock]:
    """publiq's stand-in as it is, but for the calls that a test answers itself."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_passthru(sandbox_url)
        yield mock


def child(family: Family, name: str, number: str | None = None, **fields: object) -> Person:
    return make_person(family.customer, name, uitpas_number=number, **fields)


def type_number(browser: FlaskClient, number: str, line_id: int | None = None, **more: str):
    line_id = line_id or lines()[0].id
    return post(browser, f"{STEP_TWO}/{line_id}/nummer", {f"nummer-{line_id}": number, **more})


def offers_of(line_id: int) -> dict[str, str]:
    """Id by name, of what a line was offered."""
    found = next(line for line in lines() if line.id == line_id)
    return {offer["kind"]: offer["id"] for offer in found.offers}


# The question of step 1


@pytest.mark.parametrize("coupons", [True, False])
def test_the_question_names_coupons_only_while_that_module_is_on(
    parent: FlaskClient, family: Family, camp: Activity, coupons: bool
) -> None:
    with write_transaction():
        uit_settings_for_update().coupons_on = coupons
    said = text_of(parent.get(f"{public_path(camp)}/inschrijven"))
    assert "Gebruik UiTPASnummer om recht te hebben op kansentarief" in said
    assert ("of gebruik te maken van coupons" in said) == coupons
    assert "omruilvoordeel" not in said


@pytest.mark.parametrize("state", [ActivityState.CANCELLED, ActivityState.POSTPONED])
def test_uitpas_is_not_asked_for_what_does_not_take_place(
    parent: FlaskClient, family: Family, camp: Activity, state: ActivityState
) -> None:
    with write_transaction() as session:
        session.get_one(Activity, camp.id).state = state
    assert "UiTPAS gebruiken?" not in text_of(parent.get(f"{public_path(camp)}/inschrijven"))


def test_uitpas_is_not_asked_where_nothing_is_to_be_paid(
    parent: FlaskClient, family: Family, connected: None
) -> None:
    free = publish_as(make_activity("Speelnamiddag", prices=(("Gratis", "0.00", ()),)))
    assert "UiTPAS gebruiken?" not in text_of(parent.get(f"{public_path(free)}/inschrijven"))
    assert choose(parent, free, family.mira, uitpas="").location == "/mandje"


def test_uitpas_is_not_asked_of_an_organizer_that_is_no_partner(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    with write_transaction() as session:
        session.execute(update(EventLink).values(organizer_id="turnkring"))
        session.add(
            OrganizerPermission(
                environment=Environment.SANDBOX,
                organizer_id="vrije-tijd",
                name="Vrije tijd",
                permissions=["TARIFFS_READ"],
            )
        )
    assert "UiTPAS gebruiken?" not in text_of(parent.get(f"{public_path(camp)}/inschrijven"))
    assert choose(parent, camp, family.mira, uitpas="").location == "/mandje"


def test_who_says_nee_is_asked_nothing_more(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    publiq.fault("uitpas", "plat", count=None)
    assert choose(parent, camp, family.mira, uitpas="nee").location == "/mandje"
    page = text_of(parent.get("/mandje"))
    assert "Kies een voordeel" not in page and "UiTPAS-nummer" not in page
    assert finish(parent).status_code == 303


def test_a_child_without_birth_date_can_be_completed_from_there(
    parent: FlaskClient, family: Family, connected: None
) -> None:
    lio = child(family, "Lio", birth_date=None)
    shown = make_activity(min_age=6, max_age=12)
    address = f"{public_path(shown)}/inschrijven"
    page = parent.get(address)
    assert "We kennen de geboortedatum van Lio niet." in text_of(page)
    link = re.search(rf'href="(/mijn/gezin/{lio.id}\?verder=[^"]+)"', page.get_data(as_text=True))
    assert link is not None
    answer = choose(parent, shown, lio)
    assert answer.status_code == 422
    assert not lines()


def test_a_child_without_birth_date_takes_part_where_age_does_not_matter(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    lio = child(family, "Lio", SOCIAL_TOO, birth_date=None)
    choose(parent, camp, lio, uitpas="ja")
    take_benefit(parent)
    assert lines()[0].benefit_kind is BenefitKind.SOCIAL_TARIFF
    assert finish(parent).status_code == 303


# Numbers


def test_a_number_of_another_familys_child_is_allowed_but_said(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    make_person(make_customer("Geheim", "Anders"), "Verborgen", uitpas_number=JADE)
    choose(parent, camp, family.tuur, uitpas="ja")
    assert type_number(parent, JADE).status_code == 303
    page = text_of(parent.get(STEP_TWO))
    assert "staat ook bij iemand van een ander gezin" in page
    assert "€ 12,00" in page
    for hidden in ("Verborgen", "Geheim", "Jade"):
        assert hidden not in page


def test_one_number_on_two_children_is_said_and_used_once(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    lou = child(family, "Lou", SOCIAL)
    choose(parent, camp, family.mira, lou, uitpas="ja")
    page = parent.get(STEP_TWO)
    assert "Dit UiTPAS-nummer staat ook bij Lou. Elk kind heeft een eigen nummer." in text_of(page)
    assert "Dit UiTPAS-nummer staat ook bij Mira." in text_of(page)
    html = page.get_data(as_text=True)
    preselected = re.findall(r'name="voordeel-\d+" value="([^"]*)" checked', html)
    assert len(preselected) == 2 and preselected.count("") == 1
    first, second = (line.id for line in lines())
    social = offers_of(first)["SOCIALTARIFF"]
    both = {f"voordeel-{first}": social, f"voordeel-{second}": social}
    answer = post(parent, STEP_TWO, both)
    assert answer.status_code == 422
    said = text_of(answer)
    assert "Mira en Lou gebruiken hetzelfde UiTPAS-nummer." in said
    assert "Dit voordeel kan nog 1 keer met deze UiTPAS." in said
    assert post(parent, STEP_TWO, both | {f"voordeel-{second}": ""}).status_code == 303
    assert [line.price for line in lines()] == [12, 60]


def test_a_group_pass_on_a_child_is_recognised_and_publiq_decides(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    assert type_number(parent, GROUP).status_code == 303
    page = text_of(parent.get(STEP_TWO))
    assert "Dit is een groepspas, van een organisatie." in page
    assert "Nog 20 keer voor deze activiteit." in page
    assert db.session.get_one(Person, family.tuur.id).is_group_pass
    assert take_benefit(parent).location == "/mandje"
    assert finish(parent).status_code == 303


def test_a_replaced_card_is_followed_and_said(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    assert type_number(parent, REPLACED).status_code == 303
    page = text_of(parent.get(STEP_TWO))
    assert "Deze kaart is vervangen." in page
    assert "Je nieuwe kaart is actief." in page
    assert lines()[0].uitpas_number == REPLACEMENT
    assert db.session.get_one(Person, family.tuur.id).uitpas_number == REPLACEMENT


def test_what_uitpas_says_of_the_tariff_is_kept_with_the_person(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    type_number(parent, SOCIAL_TOO)
    person = db.session.get_one(Person, family.tuur.id)
    assert (person.uitpas_number, person.tariff_status) == (SOCIAL_TOO, TariffStatus.ACTIVE)
    assert person.tariff_checked_at is not None


def test_a_blocked_card_is_refused_at_its_field_with_publiqs_words(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    answer = type_number(parent, BLOCKED)
    assert answer.status_code == 422
    assert "Deze UiTPAS is geblokkeerd" in error_at(answer, f"nummer-{lines()[0].id}")
    assert lines()[0].uitpas_number is None


def test_a_number_is_used_though_passes_cannot_be_asked(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    publiq.fault("GET /passes", "geweigerd", problem="auth/forbidden", count=None)
    assert type_number(parent, SOCIAL_TOO).status_code == 303
    assert "€ 12,00" in text_of(parent.get(STEP_TWO))


def test_a_register_number_is_looked_up_and_replaced_by_the_number(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    allow_insz()
    jade = child(family, "Jade")
    choose(parent, camp, jade, uitpas="ja")
    assert type_number(parent, INSZ_OF_JADE).status_code == 303
    page = text_of(parent.get(STEP_TWO))
    assert "€ 12,00" in page and INSZ_OF_JADE not in page and "08091860684" not in page
    person = db.session.get_one(Person, jade.id)
    assert (person.uitpas_number, person.insz) == (JADE, None)


def test_a_register_number_of_somebody_else_is_not_filled_in(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    allow_insz()
    choose(parent, camp, family.tuur, uitpas="ja")
    answer = type_number(parent, INSZ_OF_JADE)
    assert answer.status_code == 422
    assert "vraag het aan het loket" in text_of(answer)
    assert "Jade" not in text_of(answer)
    assert lines()[0].uitpas_number is None


def test_what_uitpas_says_at_a_look_up_by_register_number_is_shown(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    allow_insz()
    mohamed = child(family, "Mohamed", insz="71030360442")
    choose(parent, camp, mohamed, uitpas="ja")
    page = text_of(parent.get(STEP_TWO))
    assert "Bericht van UiTPAS Deze UiTPAS is geblokkeerd" in page
    assert "UiTPAS-nummer van Mohamed" in page


def test_another_card_can_be_used_though_the_first_one_gives_something(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    assert "Ander UiTPAS-nummer gebruiken voor Mira" in text_of(parent.get(STEP_TWO))
    assert type_number(parent, WITH_COUPON).status_code == 303
    assert "Coupon:" in text_of(parent.get(STEP_TWO))


# Benefits


def test_several_benefits_stand_with_price_and_what_remains_and_one_is_chosen(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    sara = child(family, "Sara", WITH_COUPON)
    choose(parent, camp, sara, uitpas="ja")
    page = parent.get(STEP_TWO)
    assert set(offers_of(lines()[0].id)) == {"SOCIALTARIFF", "COUPON"}
    assert page.get_data(as_text=True).count('type="radio"') == 3
    assert text_of(page).count("Nog 1 keer voor deze activiteit.") == 2
    assert "Staat al voor je aangeduid." in text_of(page)


def test_one_childs_error_does_not_undo_the_choice_of_another(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    lore = child(family, "Lore", SOCIAL_TOO)
    choose(parent, camp, family.mira, lore, uitpas="ja")
    parent.get(STEP_TWO)
    first, second = (line.id for line in lines())
    good = offers_of(second)["SOCIALTARIFF"]
    answer = post(parent, STEP_TWO, {f"voordeel-{first}": "verzonnen", f"voordeel-{second}": good})
    assert answer.status_code == 422
    assert "Dit voordeel is er niet meer." in error_at(answer, f"voordeel-{first}")
    assert [line.benefit_settled for line in lines()] == [False, True]
    assert lines()[1].price == 12


def test_a_refused_pass_leaves_the_benefits_of_the_others(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    rita = child(family, "Rita", "0900000031618")
    choose(parent, camp, family.mira, rita, uitpas="ja")
    take_benefit(parent)
    assert [line.price for line in lines()] == [12, 60]


def test_a_coupon_chosen_twice_in_one_basket_is_said_at_both(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    other = publish_as(make_activity("Circus"), ONCE_A_WEEK)
    sara = child(family, "Sara", WITH_COUPON)
    for activity in (camp, other):
        choose(parent, activity, sara, uitpas="ja")
    parent.get(STEP_TWO)
    first, second = (line.id for line in lines())
    coupon = offers_of(first)["COUPON"]
    assert coupon == offers_of(second)["COUPON"]
    twice = {f"voordeel-{first}": coupon, f"voordeel-{second}": coupon}
    answer = post(parent, STEP_TWO, twice)
    assert answer.status_code == 422
    for line_id in (first, second):
        assert "Deze coupon kan nog 1 keer" in error_at(answer, f"voordeel-{line_id}")
    social = offers_of(second)["SOCIALTARIFF"]
    assert post(parent, STEP_TWO, twice | {f"voordeel-{second}": social}).status_code == 303
    assert finish(parent).status_code == 303
    assert len(publiq.live_sales()) == 2


def test_a_coupon_that_stands_in_the_basket_counts_when_a_line_is_added(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    sara = child(family, "Sara", WITH_COUPON)
    choose(parent, camp, sara, uitpas="ja")
    parent.get(STEP_TWO)
    coupon = offers_of(lines()[0].id)["COUPON"]
    post(parent, STEP_TWO, {f"voordeel-{lines()[0].id}": coupon})
    choose(parent, publish_as(make_activity("Circus"), ONCE_A_WEEK), sara, uitpas="ja")
    parent.get(STEP_TWO)
    answer = post(parent, STEP_TWO, {f"voordeel-{lines()[1].id}": coupon})
    assert answer.status_code == 422
    assert "Deze coupon kan nog 1 keer" in text_of(answer)
    assert [line.benefit_settled for line in lines()] == [True, False]


def test_benefits_asked_for_an_activity_that_was_unpublished_meanwhile(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    take_benefit(parent)
    delete_link(camp.id)
    assert parent.get(STEP_TWO).location == "/mandje"
    page = text_of(parent.get("/mandje"))
    assert "de prijs is nu € 60,00 in plaats van € 12,00" in page
    assert finish(parent).status_code == 303


def test_unpublished_at_finishing_shows_both_prices_at_the_line(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    take_benefit(parent)
    delete_link(camp.id)
    answer = finish(parent)
    assert answer.status_code == 422
    assert f'href="#lijn-{lines()[0].id}"' in answer.get_data(as_text=True)
    assert "de prijs is nu € 60,00 in plaats van € 12,00" in text_of(answer)
    assert not publiq.live_sales()
    assert finish(parent).status_code == 303


def test_a_child_whose_pass_was_not_answered_says_so_at_that_child(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    lore = child(family, "Lore", NO_TARIFF)
    choose(parent, camp, family.mira, lore, uitpas="ja")
    publiq.fault("GET /tariffs", "plat", count=None)
    page = parent.get(STEP_TWO)
    for line in lines():
        part = page.get_data(as_text=True).split(f'id="lijn-{line.id}"')[1][:3000]
        assert "UiTPAS antwoordt nu niet. Probeer het straks opnieuw" in part


def test_the_chosen_benefit_stands_behind_the_price_everywhere(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    sara = child(family, "Sara", WITH_COUPON)
    choose(parent, camp, sara, family.mira, uitpas="ja")
    parent.get(STEP_TWO)
    by_person = {line.person_id: line for line in lines()}
    first, second = by_person[sara.id].id, by_person[family.mira.id].id
    coupons = [one for one in by_person[sara.id].offers if one["kind"] == "COUPON"]
    name = coupons[0]["name"]
    chosen = {first: coupons[0]["id"], second: offers_of(second)["SOCIALTARIFF"]}
    post(parent, STEP_TWO, {f"voordeel-{key}": value for key, value in chosen.items()})
    basket = parent.get("/mandje")
    order = parent.get(finish(parent).location)
    for page in (basket, order):
        assert page.get_data(as_text=True).count('<details class="vl-info">') == 2
        assert f"Gewone prijs € 60,00 {name}" in text_of(page)
        assert "Gewone prijs € 60,00 Kansentarief − € 48,00" in text_of(page)
    mail = db.session.scalars(select(MailMessage.text)).one().replace("\xa0", " ")
    assert "€ 12,00 met kansentarief (in plaats van € 60,00)" in mail
    assert f"€ 54,00 met {name[0].lower()}{name[1:]} (in plaats van € 60,00)" in mail


def test_the_number_of_queries_of_step_two_does_not_grow_with_the_children(
    parent: FlaskClient, family: Family, connected: None
) -> None:
    camp = publish_as(make_activity("Groot kamp", capacity=20))
    counted = []
    for size in (2, 6):
        for number in range(size):
            some = child(family, f"Kind {size}{number}", SOCIAL)
            choose(parent, camp, some, uitpas="ja")
        with count_queries() as sent:
            assert parent.get(STEP_TWO).status_code == 200
        # each call to publiq reads its settings and is written down
        counted.append(len([one for one in sent if PER_CALL.search(one) is None]))
    assert counted[0] == counted[1], counted


# Every error of publiq, both spellings


@pytest.mark.parametrize("kind", ON_TARIFFS)
@pytest.mark.parametrize("said", [True, False], ids=["words", "no words"])
def test_a_refusal_of_tariffs_stands_at_the_child_and_lets_one_go_on(
    parent: FlaskClient,
    family: Family,
    camp: Activity,
    mocked: responses.RequestsMock,
    sandbox_url: str,
    kind: str,
    said: bool,
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    mocked.get(f"{sandbox_url}/uitpas/tariffs", json=problem(kind, said=said), status=400)
    page = text_of(parent.get(STEP_TWO))
    assert (f"Bericht van UiTPAS {SAID}" if said else sentence_of(kind)) in page
    assert "eveloper" not in page
    assert "Mira kan gewoon mee" in page
    assert take_benefit(parent).location == "/mandje"
    assert finish(parent).status_code == 303


@pytest.mark.parametrize("kind", [*ON_SALES, *SHAPES])
def test_a_refused_sale_stands_at_its_line_of_the_basket(
    parent: FlaskClient,
    family: Family,
    camp: Activity,
    mocked: responses.RequestsMock,
    sandbox_url: str,
    kind: str,
) -> None:
    choose(parent, camp, family.mira, uitpas="ja")
    take_benefit(parent)
    body = problem(kind, said=True)
    mocked.post(f"{sandbox_url}/uitpas/ticket-sales", json=body, status=400)
    answer = finish(parent)
    assert answer.status_code == 422
    assert SAID in error_at(answer, f"lijn-{lines()[0].id}")
    assert "eveloper" not in text_of(answer)
    assert 'name="voorwaarden" value="ja" checked' in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("uitpas/pass-not-found", 404),
        *((kind, 400) for kind in ON_A_PASS if kind != "uitpas/event-not-found"),
    ],
)
@pytest.mark.parametrize("said", [True, False], ids=["words", "no words"])
def test_a_refusal_of_a_typed_pass_stands_at_its_field_and_the_number_stays(
    parent: FlaskClient,
    family: Family,
    camp: Activity,
    mocked: responses.RequestsMock,
    sandbox_url: str,
    kind: str,
    status: int,
    said: bool,
) -> None:
    choose(parent, camp, family.tuur, uitpas="ja")
    body = problem(kind, status, said=said)
    assert str(body["type"]).startswith(PROBLEM_PREFIX)
    mocked.get(f"{sandbox_url}/uitpas/passes", json=body, status=status)
    answer = type_number(parent, SOCIAL_TOO)
    assert answer.status_code == 422
    error = error_at(answer, f"nummer-{lines()[0].id}")
    assert (SAID in error) == said
    assert error and "eveloper" not in error
    assert f'value="{pass_number(SOCIAL_TOO)}"' in answer.get_data(as_text=True)
    assert lines()[0].uitpas_number is None
