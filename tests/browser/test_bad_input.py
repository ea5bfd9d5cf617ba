"""What goes wrong while somebody sits before the screen: a clear sentence, and nothing is lost."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select, update

from app.activities.models import PlacePool
from app.clock import now
from app.extensions import db, write_transaction
from app.sales.models import Basket, Order
from tests.browser.conftest import ADMIN, Sandbox, Site
from tests.browser.staging import PARENT, Scene, accept, choose_who, fill_basket, set_scene
from tests.browser.visiting import Visitor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("connected"),
]
TARIFFS, SALES = "GET /tariffs", "POST /ticket-sales"


@pytest.fixture
def scene(site: Site, connected: None) -> Scene:
    return set_scene(site)


@pytest.fixture
def parent(visit: Callable[..., Visitor], scene: Scene) -> Visitor:
    visitor = visit("phone")
    visitor.sign_in(PARENT)
    return visitor


def fill_up(site: Site) -> None:
    with site.open_database(), write_transaction() as session:
        session.execute(update(PlacePool).values(taken=PlacePool.capacity))


def count_orders(site: Site) -> int:
    with site.open_database():
        return db.session.scalar(select(func.count(Order.id))) or 0


def test_the_last_place_that_went_meanwhile_is_said_at_the_choice_which_stays(
    parent: Visitor, scene: Scene, site: Site
) -> None:
    choose_who(parent, scene, "Mira", uses_uitpas=False)
    fill_up(site)
    parent.press("Volgende")
    parent.sees_error(re.compile("geen plaats|volzet", re.IGNORECASE))
    expect(parent.page.get_by_role("radio", name="Nee, zonder UiTPAS")).to_be_checked()
    expect(parent.page.get_by_role("checkbox", name="Mira")).to_be_checked()
    parent.look()


def test_an_expired_basket_is_kept_and_its_places_can_be_held_again(
    parent: Visitor, scene: Scene, site: Site
) -> None:
    fill_basket(parent, scene)
    let_the_basket_expire(site)
    accept(parent)
    parent.press("Afronden")
    parent.sees_error(re.compile("tijd|niet meer vast"))
    parent.sees("Winterbos-kamp")
    parent.look()
    parent.press("Leg mijn plaatsen opnieuw vast")
    parent.sees("Je plaatsen liggen opnieuw vast.")
    accept(parent)
    parent.press("Afronden")
    parent.see(re.compile("^Bestelling "))


def let_the_basket_expire(site: Site) -> None:
    with site.open_database(), write_transaction() as session:
        session.execute(update(Basket).values(held_until=now() - timedelta(minutes=1)))
    site.run_job("holds")


def test_an_expired_basket_whose_place_went_says_so_at_its_line(
    parent: Visitor, scene: Scene, site: Site
) -> None:
    fill_basket(parent, scene)
    let_the_basket_expire(site)
    fill_up(site)
    parent.open("/mandje")
    parent.press("Leg mijn plaatsen opnieuw vast")
    parent.sees("Niet alles is nog vrij.")
    line = parent.page.get_by_role("listitem").filter(has_text="Winterbos-kamp").last
    expect(line).to_contain_text("Deze plaats is intussen ingenomen.")
    parent.look()


def test_publiq_down_at_the_benefits_says_so_and_lets_one_go_on_without(
    parent: Visitor, scene: Scene, sandbox: Sandbox
) -> None:
    sandbox.fault("uitpas", "plat", count=None)
    choose_who(parent, scene, "Mira")
    parent.press("Volgende")
    parent.see("Kies een voordeel")
    parent.sees("UiTPAS antwoordt nu niet")
    sandbox.heal()
    parent.follow("Probeer opnieuw")
    expect(parent.page.get_by_role("radio", name=re.compile("Kansentarief"))).to_be_checked()


def test_publiq_down_at_finishing_keeps_basket_and_choices(
    parent: Visitor, scene: Scene, sandbox: Sandbox, site: Site
) -> None:
    fill_basket(parent, scene)
    sandbox.fault("uitpas", "verbroken", count=None)
    accept(parent)
    parent.press("Afronden")
    parent.sees_error("UiTPAS antwoordt nu niet")
    expect(parent.page.get_by_role("radio", name="Aan het loket")).to_be_checked()
    expect(parent.page.get_by_role("checkbox", name="Ik ga akkoord")).to_be_checked()
    parent.look()
    assert sandbox.sales() == []
    sandbox.heal()
    parent.press("Afronden")
    parent.see(re.compile("^Bestelling "))
    assert len(sandbox.live_sales()) == 1


def test_an_answer_that_does_not_come_leaves_an_order_that_waits_and_then_confirms(
    parent: Visitor, scene: Scene, sandbox: Sandbox, site: Site
) -> None:
    fill_basket(parent, scene)
    sandbox.fault(SALES, "antwoord-kwijt")
    sandbox.fault("GET /ticket-sales", "plat", count=None)
    accept(parent)
    parent.press("Afronden")
    parent.see(re.compile("^Bestelling "))
    parent.sees("We wachten op UiTPAS")
    sandbox.heal()
    with site.open_database():
        from app.sales.reconciler import reconcile

        reconcile(min_age_seconds=0)
    expect(parent.page.locator("main")).not_to_contain_text("We wachten op UiTPAS")
    parent.sees("Betaal aan het loket")
    assert len(sandbox.live_sales()) == 1


def test_a_double_click_on_finishing_makes_one_order(
    parent: Visitor, scene: Scene, sandbox: Sandbox, site: Site
) -> None:
    fill_basket(parent, scene)
    sandbox.fault(SALES, "traag", seconds=0.5)
    accept(parent)
    parent.page.get_by_role("button", name="Afronden").dblclick()
    parent.see(re.compile("^Bestelling "))
    assert count_orders(site) == 1
    assert len(sandbox.live_sales()) == 1


def test_a_second_tab_that_finishes_too_arrives_at_the_same_order(
    parent: Visitor, scene: Scene, sandbox: Sandbox, site: Site
) -> None:
    fill_basket(parent, scene)
    first, second = parent.page, parent.context.new_page()
    second.goto("/mandje")
    accept(parent)
    parent.press("Afronden")
    number = first.get_by_role("heading", level=1)
    expect(number).to_have_text(re.compile("^Bestelling "))
    parent.page = second
    accept(parent)
    parent.press("Afronden")
    expect(second.get_by_role("heading", level=1)).to_have_text(number.inner_text())
    assert count_orders(site) == 1
    assert len(sandbox.live_sales()) == 1


def test_going_back_after_finishing_and_pressing_again_changes_nothing(
    parent: Visitor, scene: Scene, sandbox: Sandbox, site: Site
) -> None:
    fill_basket(parent, scene)
    accept(parent)
    parent.press("Afronden")
    parent.see(re.compile("^Bestelling "))
    parent.page.go_back()
    if parent.page.get_by_role("button", name="Afronden").count():
        accept(parent)
        parent.press("Afronden")
        parent.see(re.compile("^Bestelling "))
    else:
        parent.sees("Je mandje is leeg")
        parent.sees("Mijn inschrijvingen")
    assert count_orders(site) == 1
    assert len(sandbox.live_sales()) == 1


def test_a_form_of_more_than_a_megabyte_is_refused_in_dutch(parent: Visitor, scene: Scene) -> None:
    parent.expected.add(413)
    parent.open("/mijn/gezin/nieuw")
    parent.page.get_by_label("Voornaam").evaluate("field => { field.value = 'a'.repeat(1100000); }")
    parent.press("Bewaar")
    parent.see(re.compile("te groot"))
    parent.page.go_back()
    parent.see("Voeg iemand toe aan je gezin")


def test_a_wrong_price_stays_in_its_field_with_what_to_type(
    visit: Callable[..., Visitor], admin: str
) -> None:
    clerk = visit("wide")
    clerk.sign_in(ADMIN)
    clerk.open("/beheer/activiteittypes/nieuw")
    clerk.type({"Naam": "Kampen"}, within=clerk.page.get_by_role("region", name="Activiteittype"))
    row = clerk.page.get_by_role("group", name="Prijs 1")
    for typed in ("12,345", "-1", "abc", "1.250,00"):
        clerk.type({"Prijs": typed}, within=row)
        clerk.press("Opslaan")
        clerk.sees_error(re.compile("bedrag|onder nul"))
        expect(row.get_by_role("textbox", name="Prijs")).to_have_value(typed)
    clerk.look()


def test_a_wrong_client_secret_is_said_at_its_field(
    visit: Callable[..., Visitor], admin: str
) -> None:
    clerk = visit("wide")
    clerk.sign_in(ADMIN)
    clerk.open("/beheer/instellingen/uit/oefenomgeving")
    clerk.type({"Client id": "vrijloket-zonnewende", "Client secret": "dit is het niet"})
    clerk.press("Bewaar de instellingen")
    clerk.press("Test de verbinding")
    clerk.sees("De verbinding werkt niet")
    clerk.look()
