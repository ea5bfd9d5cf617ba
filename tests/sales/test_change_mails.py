"""What the contact reads when a change of a line makes it cheaper: where, how much, and how.

Invariant: no money is to go back without a mail that says how much, why, and in which way.
"""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.activities.models import Activity
from app.extensions import db, end_read
from app.formats import money
from app.mail.models import MailMessage
from app.payments.models import Refund
from app.sales.moving import move_registration
from tests.making import make_activity
from tests.sales.changing import UNDO, add, line_of, live_line, pay, register
from tests.sales.checking import check_after_healing, heal
from tests.sales.conftest import ONCE_A_WEEK, SOCIAL, Family, Publiq, publish_as
from tests.sales.test_moving import go, wish_for

HOW = "We storten het op je rekening; kennen we je rekeningnummer niet, dan vragen we het je."


@pytest.fixture
def short(connected: None) -> Activity:
    return make_activity("Kort atelier", prices=[("Basistarief", "20.00", ())])


def last_mail() -> MailMessage:
    found = db.session.scalars(select(MailMessage).order_by(MailMessage.id.desc()).limit(1)).one()
    end_read()
    return found


def refunds() -> list[Decimal]:
    found = db.session.scalars(select(Refund.amount).order_by(Refund.id)).all()
    end_read()
    return list(found)


def test_a_cheaper_move_says_from_where_to_where_how_much_comes_back_and_how(
    family: Family, short: Activity, publiq: Publiq
) -> None:
    reference = register(family, make_activity("Atelier"), family.tuur, uitpas=False)
    pay(line_of(reference).order, "60")
    go(reference, short)
    assert refunds() == [Decimal("40.00")]
    mail = last_mail()
    assert mail.kind == "line_changed"
    assert mail.recipient == family.account.email
    assert "verplaatst van Atelier naar Kort atelier" in mail.text
    assert (
        "De prijs is nu €\N{NO-BREAK SPACE}20,00 in plaats van €\N{NO-BREAK SPACE}60,00."
        in mail.text
    )
    assert f"Je krijgt €\N{NO-BREAK SPACE}40,00 terug. {HOW}" in mail.text
    assert "betaalt" not in mail.text, "nothing is left to be paid"
    check_after_healing(publiq)


def test_a_cheaper_move_that_was_paid_in_part_says_only_what_comes_back(
    family: Family, short: Activity, publiq: Publiq
) -> None:
    reference = register(family, make_activity("Atelier"), family.tuur, uitpas=False)
    pay(line_of(reference).order, "30")
    go(reference, short)
    assert f"Je krijgt €\N{NO-BREAK SPACE}10,00 terug. {HOW}" in last_mail().text
    check_after_healing(publiq)


def test_a_cheaper_move_of_which_just_enough_was_paid_says_that_nothing_is_left(
    family: Family, short: Activity, publiq: Publiq
) -> None:
    reference = register(family, make_activity("Atelier"), family.tuur, uitpas=False)
    pay(line_of(reference).order, "20")
    go(reference, short)
    mail = last_mail()
    assert "Je hoeft niets meer te betalen." in mail.text
    assert "terug" not in mail.text
    assert refunds() == []


def test_a_cheaper_move_that_was_not_paid_says_what_is_to_be_paid_now(
    family: Family, short: Activity, publiq: Publiq
) -> None:
    reference = register(family, make_activity("Atelier"), family.tuur, uitpas=False)
    go(reference, short)
    mail = last_mail()
    assert "Je betaalt €\N{NO-BREAK SPACE}20,00 aan het loket." in mail.text
    assert "terug" not in mail.text


def test_a_move_that_loses_no_benefit_and_comes_out_cheaper_later_tells_it_then(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    cheap = publish_as(make_activity("Circus", prices=[("Basistarief", "30.00", ())]), ONCE_A_WEEK)
    reference = register(family, camp, family.mira, uitpas=True)
    old = line_of(reference)
    pay(old.order, str(old.price))
    wish = wish_for(reference, cheap)
    publiq.fault(UNDO, "plat", count=None)
    move_registration(wish)
    assert last_mail().kind != "line_changed", "nothing is different yet"
    heal(publiq)
    new = live_line()
    assert new.price < old.price
    (back,) = refunds()
    mail = last_mail()
    assert "verplaatst van Winterbos-kamp naar Circus" in mail.text
    assert f"Je krijgt {money(back)} terug. {HOW}" in mail.text
    check_after_healing(publiq)


def test_a_benefit_afterwards_says_how_much_comes_back_and_how(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    reference = register(family, camp, family.mira, uitpas=False)
    pay(line_of(reference).order, "60")
    add(reference, SOCIAL)
    (back,) = refunds()
    mail = last_mail()
    assert "heeft nu een UiTPAS-voordeel" in mail.text
    assert f"Je krijgt {money(back)} terug. {HOW}" in mail.text
    check_after_healing(publiq)


def test_a_benefit_afterwards_that_was_not_paid_says_what_is_to_be_paid_now(
    family: Family, camp: Activity, publiq: Publiq
) -> None:
    reference = register(family, camp, family.mira, uitpas=False)
    add(reference, SOCIAL)
    assert f"Je betaalt {money(live_line().price)} aan het loket." in last_mail().text
    assert refunds() == []
