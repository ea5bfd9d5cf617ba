"""The demo has a family for each situation: what stands in the database, and what UiTPAS says."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.activities.models import RegistrationGroup
from app.activities.monitors import coming_activities
from app.activities.registering import age_on
from app.clock import local, today
from app.demo import camps, classes, municipality
from app.demo.catalogue import KINDS
from app.demo.families import FAMILIES, birth_date
from app.demo.groups import ALL_CAMPS, OF_MONITOR
from app.demo.programme import ITEMS, _data
from app.demo.registrations import WISHES
from app.extensions import db, end_read
from app.people.models import Customer, Person, TariffStatus
from app.people.passes import PassOutcome, look_up_pass_by_insz
from app.people.sessions import account_by_email
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.settings.models import Environment
from app.uitdatabank.links import link_of
from app.uitpas.attention import Attention, attention_of
from app.uitpas.benefits import BenefitAnswer, BenefitAsk, ask_benefits
from app.uitpas.models import BenefitKind, EntryState, FindingKind, LedgerFinding, UitpasEntry
from tests.demo.test_fill import activity_id_of

GUIDE = Path(__file__).parents[2] / "docs" / "handleiding.md"
SITUATIONS = [(words, family) for family in FAMILIES for words in family.shows]


def person(name: str, last_name: str) -> Person:
    return db.session.scalars(
        select(Person).where(Person.first_name == name, Person.last_name == last_name)
    ).one()


def answer_for(name: str, last_name: str, title: str = camps.WINTERBOS_1) -> BenefitAnswer:
    """What UiTPAS offers this child for an activity."""
    number = person(name, last_name).uitpas_number
    link = link_of(activity_id_of(title))
    assert link is not None and link.event_id and number
    ask = BenefitAsk(0, Environment.SANDBOX, link.event_id, number, Decimal("60.00"))
    end_read()
    return ask_benefits([ask])[0]


def kinds(answer: BenefitAnswer) -> list[BenefitKind]:
    return [offer.kind for offer in answer.offers]


def line_and_entry(name: str, title: str) -> tuple[OrderLine, UitpasEntry]:
    line, entry = db.session.execute(
        select(OrderLine, UitpasEntry)
        .join(UitpasEntry, UitpasEntry.line_ref == OrderLine.line_ref)
        .join(Person, Person.id == OrderLine.person_id)
        .where(Person.first_name == name, OrderLine.activity_id == activity_id_of(title))
    ).one()
    return line, entry


class TestPasses:
    def test_an_active_tariff_and_none_at_all(self, filled: Flask) -> None:
        assert person("Emma", "Claes").tariff_status is TariffStatus.ACTIVE
        assert person("Mila", "Peeters").tariff_status is TariffStatus.NONE
        assert all(
            person(name, "Van Damme").uitpas_number is None for name in ("Hanna", "Wout", "Ella")
        )

    def test_an_expired_one_gives_the_message_of_uitpas_and_nothing_else(
        self, filled: Flask
    ) -> None:
        assert person("Lotte", "Maes").tariff_status is TariffStatus.EXPIRED
        answer = answer_for("Lotte", "Maes")
        assert not answer.offers and "vervallen" in answer.message

    def test_one_coupon_several_and_a_coupon_beside_a_social_tariff(self, filled: Flask) -> None:
        assert kinds(answer_for("Kobe", "Maes", camps.WINTERBOS_1)) == [BenefitKind.COUPON]
        assert kinds(answer_for("Ilias", "Aydin")) == [BenefitKind.COUPON] * 2
        assert set(kinds(answer_for("Yasmina", "El Amrani"))) == {
            BenefitKind.SOCIAL_TARIFF,
            BenefitKind.COUPON,
        }

    def test_a_replaced_card_is_followed_and_a_blocked_one_refused(self, filled: Flask) -> None:
        assert person("Amina", "Haddad").uitpas_number == "0910000001719"
        blocked = answer_for("Warre", "Jacobs")
        assert not blocked.offers and blocked.problem == "uitpas/invalid-card-status"

    def test_a_group_pass_is_recognised(self, filled: Flask) -> None:
        assert person("Speelplein", "Zonnewende").is_group_pass

    def test_a_card_of_another_region_gives_nothing_here(self, filled: Flask) -> None:
        answer = answer_for("Nora", "Dubois")
        assert not answer.offers and "andere regio" in answer.message

    def test_a_first_name_that_does_not_fit_is_not_filled_in(self, filled: Flask) -> None:
        senne = person("Senne", "Martens")
        person_id = senne.id
        end_read()
        assert look_up_pass_by_insz(person_id).outcome is PassOutcome.NAME_DIFFERS
        assert person("Senne", "Martens").uitpas_number is None

    def test_a_child_without_a_birth_date(self, filled: Flask) -> None:
        assert person("Joppe", "Martens").birth_date is None

    def test_a_limit_that_is_reached_for_one_activity_and_not_for_another(
        self, filled: Flask
    ) -> None:
        reached = answer_for("Moussa", "Diallo", camps.FRENCH)
        assert not reached.offers and "al zo vaak" in reached.message
        assert kinds(answer_for("Moussa", "Diallo")) == [BenefitKind.SOCIAL_TARIFF]


class TestOrders:
    def test_one_waits_for_uitpas_and_asks_a_person(self, filled: Flask) -> None:
        line, entry = line_and_entry("Awa", classes.MUSIC)
        assert line.order.state is OrderState.OPEN
        assert entry.state is EntryState.UNKNOWN
        assert attention_of(entry) == [Attention.MAY_NOT_LOOK]

    def test_one_was_refused_and_nothing_is_held_for_it(self, filled: Flask) -> None:
        line, entry = line_and_entry("Jule", camps.DANCE)
        assert (line.order.state, entry.state) == (OrderState.LAPSED, EntryState.REFUSED)
        assert line.state is LineState.CANCELLED
        assert entry.message

    def test_one_was_cancelled_and_its_sale_undone(self, filled: Flask) -> None:
        line, entry = line_and_entry("Lore", camps.DANCE)
        assert (line.state, entry.state) == (LineState.CANCELLED, EntryState.CANCELLED)
        assert line.order.state is OrderState.CONFIRMED, "the other one of the family stands"

    def test_one_sale_was_undone_elsewhere_and_the_check_saw_it(self, filled: Flask) -> None:
        line, entry = line_and_entry("Bilal", camps.ROBOTS)
        assert (line.state, entry.state) == (LineState.LIVE, EntryState.REGISTERED)
        findings = db.session.scalars(select(LedgerFinding)).all()
        assert [(one.kind, one.entry_id) for one in findings] == [
            (FindingKind.MISSING_THERE, entry.id)
        ]

    def test_nothing_is_left_that_goes_wrong_on_purpose(self, filled: Flask) -> None:
        import requests

        sandbox = filled.config["LOKET"].sandbox_url
        answer = requests.get(f"{sandbox}/sandbox/storingen?format=json", timeout=10)
        assert answer.json() == []

    def test_no_order_but_these_is_out_of_the_ordinary(self, filled: Flask) -> None:
        rows = db.session.scalars(
            select(Order.state).where(Order.state != OrderState.CONFIRMED)
        ).all()
        assert sorted(state.value for state in rows) == ["lapsed", "open"]


def test_the_camps_are_a_group_and_the_monitor_has_two_lists(filled: Flask) -> None:
    group = db.session.scalars(
        select(RegistrationGroup).where(RegistrationGroup.name == ALL_CAMPS)
    ).one()
    assert {one.title for one in group.activities} == {one.title for one in camps.CAMPS}
    account = account_by_email(municipality.MONITOR)
    assert account is not None
    assert {one.title for one in coming_activities(account.id)} == set(OF_MONITOR)


@pytest.mark.parametrize("words", [words for words, _family in SITUATIONS])
def test_the_guide_names_the_family_of_each_situation(words: str) -> None:
    family = next(family for found, family in SITUATIONS if found == words)
    rows = [row for row in GUIDE.read_text(encoding="utf-8").splitlines() if row.startswith("|")]
    row = next((row for row in rows if words in row), "")
    assert row, f"no row of a table of the guide holds ‘{words}’"
    assert family.last_name in row


def test_no_situation_stands_at_two_families() -> None:
    assert len({words for words, _family in SITUATIONS}) == len(SITUATIONS)
    assert all(family.shows for family in FAMILIES)


class TestAges:
    """Everybody of the demo fits what they are registered for, in whatever year it begins."""

    def test_a_birth_date_gives_the_age_that_was_asked_for_four_months_at_least(self) -> None:
        for number in range(0, 800, 11):
            begin = date(2026, 1, 1) + timedelta(days=number)
            for age in (0, 4, 9, 75):
                born = birth_date(age, begin)
                assert age_on(born, begin) == age, begin
                assert age_on(born, begin + timedelta(days=200)) == age, begin

    def test_every_registration_of_the_demo_fits_its_ages_on_any_day_of_the_coming_years(
        self,
    ) -> None:
        families = {family.email: family for family in FAMILIES}
        types = {kind.data.name: kind for kind in KINDS}
        items = {item.title: item for item in ITEMS}
        for number in range(0, 1500, 9):
            begin = today() + timedelta(days=number)
            planned = {
                title: _data(items[title], types[items[title].kind], begin)
                for wish in WISHES
                for _name, title in wish.lines
                if title in items
            }
            for wish in WISHES:
                ages = {one.first_name: one.age for one in families[wish.customer].members}
                for name, title in wish.lines:
                    if title not in planned:
                        continue  # of the summer, below
                    activity = planned[title]
                    first = local(min(one.starts_at for one in activity.dates)).date()
                    age = age_on(birth_date(ages[name] or 0, begin), first)
                    assert (activity.min_age or 0) <= age <= (activity.max_age or 200), (
                        begin,
                        name,
                        title,
                        age,
                    )

    def test_the_children_of_the_summer_fit_even_a_year_later(self) -> None:
        from app.demo import summer

        families = {family.email: family for family in FAMILIES}
        for wish in WISHES:
            ages = {one.first_name: one.age or 0 for one in families[wish.customer].members}
            for name, title in wish.lines:
                if title == summer.FULL:
                    assert 5 <= ages[name] <= 11, name

    def test_no_birth_date_is_written_out(self) -> None:
        source = (Path(municipality.__file__).parent / "families.py").read_text(encoding="utf-8")
        assert not re.search(r"date\(\d{4}", source)


def test_the_customers_of_the_demo_are_these(filled: Flask) -> None:
    emails = set(db.session.scalars(select(Customer.email)))
    assert emails == {family.email for family in FAMILIES}
