"""A card that was replaced, a group's pass, a number that somebody else has, a period of grace."""

from datetime import timedelta

import pytest
import requests
from sqlalchemy import select

from app.clock import now
from app.extensions import db, write_transaction
from app.people.models import TariffStatus
from app.people.passes import PassOutcome, check_pass, look_up_pass_by_insz
from app.people.sharing import sharing_notices
from app.people.tariffs import TariffView, tariff_view
from app.settings.models import AuditEntry, Environment, EnvironmentSettings, PubliqCall
from app.settings.uit import uit_settings_for_update
from tests.making import allow_insz, make_customer, make_person

OLD_CARD, NEW_CARD = "0910000001602", "0910000001719"
BLOCKED, BLOCKED_INSZ = "0900000002312", "71030360442"
JADE, JADE_INSZ = "0900010959113", "08091860684"
GRACE = "0910000001818"
GROUP = "0900000045410"


@pytest.fixture(autouse=True)
def _connected(app):
    allow_insz()
    with write_transaction() as session:
        uit_settings_for_update().active_environment = Environment.SANDBOX
        session.add(
            EnvironmentSettings(
                environment=Environment.SANDBOX, client_id="demo", client_secret="demo"
            )
        )


def _replacements():
    return list(
        db.session.scalars(select(AuditEntry).where(AuditEntry.action == "UiTPAS-nummer vervangen"))
    )


def test_the_number_that_publiq_answers_wins_and_that_is_written_down(app):
    person = make_person(make_customer(), "Amina", uitpas_number=OLD_CARD)
    answer = check_pass(person.id)
    db.session.expire_all()
    assert (answer.outcome, answer.replaced) == (PassOutcome.FOUND, OLD_CARD)
    assert (person.uitpas_number, person.tariff_status) == (NEW_CARD, TariffStatus.ACTIVE)
    [entry] = _replacements()
    assert entry.detail == {"van": "0910 ••• ••• 602", "naar": "0910 ••• ••• 719"}
    again = check_pass(person.id)
    assert again.replaced is None
    assert len(_replacements()) == 1


def test_staff_find_the_card_that_came_for_a_blocked_one_by_the_register_number(app):
    person = make_person(make_customer(), "Jade", uitpas_number=BLOCKED, insz=JADE_INSZ)
    assert check_pass(person.id).outcome is PassOutcome.BLOCKED
    db.session.expire_all()
    assert person.uitpas_number == BLOCKED
    answer = check_pass(person.id, by_staff=True)
    db.session.expire_all()
    assert (answer.number, answer.replaced, person.uitpas_number) == (JADE, BLOCKED, JADE)


def test_a_card_of_somebody_with_another_name_does_not_come_for_a_blocked_one(app):
    person = make_person(make_customer(), "Wout", uitpas_number=BLOCKED, insz=JADE_INSZ)
    assert check_pass(person.id, by_staff=True).outcome is PassOutcome.BLOCKED
    db.session.expire_all()
    assert person.uitpas_number == BLOCKED


def test_a_blocked_card_whose_register_number_finds_the_same_card_stays_blocked(app):
    person = make_person(make_customer(), "Mohamed", uitpas_number=BLOCKED, insz=BLOCKED_INSZ)
    assert check_pass(person.id, by_staff=True).outcome is PassOutcome.BLOCKED


def test_an_active_tariff_whose_end_had_passed_is_in_its_period_of_grace(app):
    person = make_person(make_customer(), "Ferre", uitpas_number=GRACE)
    answer = check_pass(person.id)
    db.session.expire_all()
    assert [(message.level) for message in answer.messages] == ["ERROR"]
    assert (person.tariff_status, tariff_view(person)) == (TariffStatus.ACTIVE, TariffView.GRACE)


def test_an_active_tariff_that_ended_since_it_was_asked_is_to_be_asked_again(app):
    person = make_person(
        make_customer(),
        uitpas_number=JADE,
        tariff_status=TariffStatus.ACTIVE,
        tariff_until=now() - timedelta(days=1),
        tariff_checked_at=now() - timedelta(days=2),
    )
    assert tariff_view(person) is TariffView.ENDED


def test_a_group_pass_is_recognised_until_another_number_stands_there(app):
    person = make_person(make_customer(), uitpas_number=GROUP)
    assert check_pass(person.id).is_group
    db.session.expire_all()
    assert person.is_group_pass
    with write_transaction():
        person.uitpas_number = JADE
    assert not person.is_group_pass


def test_a_number_of_another_family_is_said_without_telling_whose(app):
    make_person(make_customer("An", "Anders"), "Geheim", "Anders", uitpas_number=JADE)
    person = make_person(make_customer(), uitpas_number=JADE)
    [notice] = sharing_notices(person)
    assert "iemand van een ander gezin" in notice
    assert "Geheim" not in notice and "Anders" not in notice


def test_a_number_on_several_children_of_a_family_names_them(app):
    family = make_customer()
    person = make_person(family, "Lou", uitpas_number=JADE)
    make_person(family, "Mia", uitpas_number=JADE)
    make_person(family, "Bo", uitpas_number=JADE)
    [notice] = sharing_notices(person)
    assert "staat ook bij Mia en Bo." in notice
    assert sharing_notices(make_person(family, "Ed")) == []


def test_a_register_number_is_not_used_while_that_is_switched_off(app):
    allow_insz("")
    person = make_person(make_customer(), "Jade", insz=JADE_INSZ)
    assert look_up_pass_by_insz(person.id).outcome is PassOutcome.NO_INSZ
    assert db.session.scalars(select(PubliqCall.id)).all() == []
    db.session.expire_all()
    assert person.insz == JADE_INSZ


def test_a_client_that_may_not_search_group_passes_says_so(app, sandbox_url):
    fault = {"operation": "GET /grouppasses", "kind": "geweigerd", "problem": "auth/forbidden"}
    requests.post(f"{sandbox_url}/sandbox/storingen", json=fault, timeout=5).raise_for_status()
    person = make_person(make_customer(), uitpas_number=GROUP)
    answer = check_pass(person.id, by_staff=True)
    assert answer.tickets == "Hoeveel tickets er nog zijn, mogen we bij UiTPAS niet opvragen."
