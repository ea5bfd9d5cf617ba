"""Who says 'nee' with a child that has an active tariff is told once, without pressing."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.activities.models import Activity
from app.clock import now
from app.extensions import write_transaction
from app.people.models import Person, TariffStatus
from app.settings.uit import uit_settings_for_update
from app.uitpas.models import BenefitKind
from tests.making import make_activity, make_person
from tests.sales.conftest import SOCIAL_TOO, Family, Publiq
from tests.signing_in import post
from tests.web.shop.steps import choose, finish, lines, orders, take_benefit, text_of

TOLD = "heeft een UiTPAS met kansentarief. Wil je die toch gebruiken? Het hoeft niet."
AFTER_ALL = "/mandje/toch-uitpas"


def keep_status(person: Person, status: TariffStatus = TariffStatus.ACTIVE, **fields: object):
    """What UiTPAS last said of somebody, as it is kept with the person."""
    with write_transaction() as session:
        found = session.get_one(Person, person.id)
        found.tariff_status, found.tariff_checked_at = status, now()
        for name, value in fields.items():
            setattr(found, name, value)


def basket(browser: FlaskClient) -> str:
    return text_of(browser.get("/mandje"))


def test_it_is_told_once_for_a_basket(parent: FlaskClient, family: Family, camp: Activity) -> None:
    keep_status(family.mira)
    choose(parent, camp, family.mira, family.tuur, uitpas="nee")
    first = basket(parent)
    assert f"Mira {TOLD}" in first
    assert "Te betalen € 120,00" in first
    assert "Afronden" in first  # one may go on as it is
    assert "kansentarief" not in basket(parent)
    choose(parent, make_activity("Ander kamp"), family.mira, uitpas="nee")
    assert "kansentarief" not in basket(parent)


def test_the_next_basket_is_told_again(parent: FlaskClient, family: Family, camp: Activity) -> None:
    keep_status(family.mira)
    choose(parent, camp, family.mira, uitpas="nee")
    basket(parent)
    finish(parent)
    lore = make_person(family.customer, "Lore", uitpas_number=SOCIAL_TOO)
    keep_status(lore)
    choose(parent, camp, lore, uitpas="nee")
    assert f"Lore {TOLD}" in basket(parent)


def test_two_children_are_named_together(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    lore = make_person(family.customer, "Lore", uitpas_number=SOCIAL_TOO)
    keep_status(family.mira)
    keep_status(lore)
    choose(parent, camp, family.mira, lore, uitpas="nee")
    said = basket(parent)
    assert "Mira en Lore hebben een UiTPAS" in said or "Lore en Mira hebben een UiTPAS" in said


def test_it_can_be_used_after_all_and_the_places_stay_held(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    keep_status(family.mira)
    choose(parent, camp, family.mira, family.tuur, uitpas="nee")
    basket(parent)
    answer = post(parent, AFTER_ALL)
    assert (answer.status_code, answer.location) == (303, "/mandje/voordelen")
    assert [line.uses_uitpas for line in lines()] == [True, False]
    assert all(line.holding for line in lines())
    take_benefit(parent)
    assert [line.benefit_kind for line in lines()] == [BenefitKind.SOCIAL_TARIFF, None]
    assert finish(parent).status_code == 303
    assert orders()[0].total == 72
    assert len(publiq.live_sales()) == 1


def test_pressing_it_twice_or_with_nothing_to_use_leads_on(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    assert post(parent, AFTER_ALL, follow_redirects=True).status_code == 200
    keep_status(family.mira)
    choose(parent, camp, family.mira, uitpas="nee")
    for _ in range(2):
        assert post(parent, AFTER_ALL).location == "/mandje/voordelen"
    assert len(lines()) == 1


@pytest.mark.parametrize("status", [TariffStatus.EXPIRED, TariffStatus.NONE, TariffStatus.UNKNOWN])
def test_without_an_active_status_nothing_is_said(
    parent: FlaskClient, family: Family, camp: Activity, status: TariffStatus
) -> None:
    keep_status(family.mira, status)
    choose(parent, camp, family.mira, uitpas="nee")
    assert "kansentarief" not in basket(parent)


def test_a_period_of_grace_counts_and_an_end_that_passed_since_does_not(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    yesterday = now() - timedelta(days=1)
    keep_status(family.mira, tariff_until=yesterday, tariff_checked_at=now() - timedelta(days=2))
    choose(parent, camp, family.mira, uitpas="nee")
    assert "kansentarief" not in basket(parent)
    keep_status(family.mira, tariff_until=yesterday)
    assert TOLD in basket(parent)


def test_a_group_pass_and_a_number_that_is_gone_are_not_told(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    keep_status(family.mira, is_group_pass=True)
    choose(parent, camp, family.mira, uitpas="nee")
    assert "kansentarief" not in basket(parent)
    keep_status(family.mira, is_group_pass=False)
    with write_transaction() as session:
        session.get_one(Person, family.mira.id).uitpas_number = None
    assert "kansentarief" not in basket(parent)


def test_an_activity_that_gives_nothing_says_nothing(parent: FlaskClient, family: Family) -> None:
    keep_status(family.mira)
    choose(parent, make_activity("Niet gepubliceerd"), family.mira)
    assert "kansentarief" not in basket(parent)


def test_with_the_module_off_nothing_is_said_and_its_address_is_gone(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    keep_status(family.mira)
    choose(parent, camp, family.mira, uitpas="nee")
    with write_transaction():
        uit_settings_for_update().uitpas_on = False
    assert "kansentarief" not in basket(parent)
    assert post(parent, AFTER_ALL).status_code == 404


def test_who_said_ja_is_told_nothing(parent: FlaskClient, family: Family, camp: Activity) -> None:
    keep_status(family.mira)
    choose(parent, camp, family.mira, uitpas="ja")
    take_benefit(parent)
    assert "Wil je die toch gebruiken" not in basket(parent)


def test_another_customer_cannot_change_a_basket(
    parent: FlaskClient, stranger: FlaskClient, family: Family, camp: Activity
) -> None:
    keep_status(family.mira)
    choose(parent, camp, family.mira, uitpas="nee")
    post(stranger, AFTER_ALL)
    assert [line.uses_uitpas for line in lines()] == [False]
