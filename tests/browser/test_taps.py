"""Three known children registered on a phone, from the activity's page to 'bevestigd', by taps."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Locator, expect
from sqlalchemy import select, update

from app.activities.models import Activity
from app.activities.offer import public_path
from app.clock import now
from app.extensions import db, write_transaction
from app.people.models import Customer, Person, TariffStatus
from app.sales.models import OrderLine
from app.uitpas.models import BenefitKind
from tests.browser.conftest import Sandbox, Site
from tests.browser.visiting import Visitor
from tests.making import make_activity, make_person
from tests.sales.conftest import SOCIAL, SOCIAL_TOO, WITH_COUPON, publish_as
from tests.signing_in import make_account

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("connected"),
]
PARENT = "ouder@gezin.example"
MOST_TAPS = 15
COUNT_TOUCHES = "addEventListener('pointerdown', () => window.touched(), true)"
"""Whatever is touched on whichever page, counted by the page itself."""


class Fingers:
    """The taps of a parent on a phone; typing into a field is one too."""

    def __init__(self, parent: Visitor) -> None:
        self.parent = parent
        self.taps = 0
        self.touched = 0
        parent.context.expose_function("touched", self._touch)
        parent.context.add_init_script(COUNT_TOUCHES)

    def _touch(self) -> None:
        self.touched += 1

    def tap(self, target: Locator) -> None:
        """Once on this element."""
        self.taps += 1
        target.tap()

    def press(self, name: str) -> None:
        """The button or link with this name that can be seen: on a phone in the bar below."""
        page = self.parent.page
        target = page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name))
        self.tap(target.filter(visible=True).first)

    def choose(self, name: str | re.Pattern[str], *, within: Locator | None = None) -> None:
        """A card, by its words: on its label."""
        place = within or self.parent.page.locator("main")
        self.tap(place.locator("label").filter(has_text=name).first)


@pytest.fixture
def camp(site: Site) -> str:
    """Three children with passes, and the address of a camp whose event UiTPAS knows."""
    with site.open_database():
        customer = make_account(PARENT, customer=True).customer
        assert isinstance(customer, Customer)
        for first_name, number in (("Mira", SOCIAL), ("Sara", WITH_COUPON), ("Lore", SOCIAL_TOO)):
            make_person(customer, first_name, uitpas_number=number)
        activity: Activity = publish_as(make_activity("Winterbos-kamp"))
        return public_path(activity)


def child(parent: Visitor, name: str) -> Locator:
    """The part of step 2 that is about this child."""
    return parent.page.get_by_role("group", name=re.compile(f"^{name} "))


def test_three_children_with_a_tariff_a_coupon_and_none_take_few_taps(
    visit: Callable[..., Visitor], site: Site, sandbox: Sandbox, camp: str
) -> None:
    parent = visit("phone")
    fingers = Fingers(parent)
    parent.sign_in(PARENT)
    site.run_job("indicative")
    parent.open("/aanbod")
    parent.sees("met kansentarief vanaf € 12,00, indicatief")
    parent.look()
    parent.open(camp)
    parent.see("Winterbos-kamp")
    parent.sees("Met kansentarief vanaf € 12,00, indicatief.")
    fingers.touched = 0

    fingers.press("Schrijf je in")
    for name in ("Mira", "Sara", "Lore"):
        fingers.choose(name)
    fingers.choose("Ja, ik gebruik een UiTPAS")
    fingers.press("Volgende")

    parent.see("Kies een voordeel")
    expect(
        child(parent, "Mira").get_by_role("radio", name=re.compile("Kansentarief"))
    ).to_be_checked()
    fingers.choose("Coupon:", within=child(parent, "Sara"))
    fingers.choose("Geen voordeel", within=child(parent, "Lore"))
    fingers.press("In mijn mandje")

    parent.see("Je mandje")
    fingers.choose("Aan het loket")
    fingers.choose("Ik ga akkoord")
    fingers.press("Afronden")
    parent.see(re.compile("^Bestelling "))
    parent.sees("bevestigd")

    assert fingers.touched == fingers.taps
    assert fingers.taps <= MOST_TAPS, f"{fingers.taps} taps"
    with site.open_database():
        lines = db.session.scalars(select(OrderLine).order_by(OrderLine.id)).all()
        chosen = {line.participant_name.split()[0]: line.benefit_kind for line in lines}
        paid = {line.participant_name.split()[0]: line.price for line in lines}
    assert chosen == {
        "Mira": BenefitKind.SOCIAL_TARIFF,
        "Sara": BenefitKind.COUPON,
        "Lore": None,
    }
    assert paid["Lore"] == Decimal("60.00") > paid["Sara"]
    assert len(sandbox.live_sales()) == 2


def test_a_tariff_that_was_left_aside_is_told_and_can_be_used_after_all(
    visit: Callable[..., Visitor], site: Site, camp: str
) -> None:
    with site.open_database(), write_transaction() as session:
        session.execute(
            update(Person)
            .where(Person.first_name == "Mira")
            .values(tariff_status=TariffStatus.ACTIVE, tariff_checked_at=now())
        )
    parent = visit("phone")
    parent.sign_in(PARENT)
    parent.open(f"{camp}/inschrijven")
    parent.choose(re.compile("Mira"))
    parent.choose(re.compile("Nee, zonder UiTPAS"))
    parent.press("Volgende")
    parent.see("Je mandje")
    parent.sees("Mira heeft een UiTPAS met kansentarief.")
    parent.press("Toch UiTPAS gebruiken")
    parent.see("Kies een voordeel")
    parent.press("In mijn mandje")
    parent.see("Je mandje")
    parent.sees("€ 12,00")
    parent.sees_not("Wil je die toch gebruiken")
