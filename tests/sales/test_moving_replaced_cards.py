"""A card that was replaced since the sale: the move goes on with the new one, wherever it stands.

Invariant: whatever a move registers anew, it registers with the card that works now, and what it
undoes it undoes by its ticket sale id.
"""

import pytest
from sqlalchemy import select

from app.activities.models import Activity
from app.extensions import db, end_read
from app.people.models import Person
from app.sales import change_steps
from app.sales.changes import UNDER_WAY
from app.sales.models import ChangeState, LineChange
from app.sales.move_preview import BenefitCase
from app.sales.moving import move_registration
from app.sales.reconciler import reconcile
from app.settings.models import AuditEntry
from app.uitpas.ledger import PassAlreadyClaimed
from app.uitpas.models import BenefitKind, EntryState, PassClaim
from tests.making import make_activity
from tests.sales.changing import SALE, UNDO, add, change, live_line, register, states, taken
from tests.sales.checking import check_after_healing, check_audit, heal, let_time_pass
from tests.sales.conftest import (
    ONCE_A_WEEK,
    SOCIAL,
    SOCIAL_TOO,
    Family,
    Publiq,
    publish_as,
)
from tests.sales.test_moving import go, preview, wish_for

R, C, U = EntryState.REGISTERED, EntryState.CANCELLED, EntryState.REFUSED


@pytest.fixture
def circus(connected: None) -> Activity:
    return publish_as(make_activity("Circus", capacity=3), ONCE_A_WEEK)


@pytest.fixture
def reference(family: Family, camp: Activity) -> str:
    """Mira is registered with her social tariff."""
    return register(family, camp, family.mira, uitpas=True)


def whole(publiq: Publiq) -> None:
    """All invariants hold, and nothing of the pass stays with the move."""
    check_after_healing(publiq)
    check_audit()
    kept = select(LineChange.id).where(
        LineChange.uitpas_number.is_not(None), LineChange.state.not_in(UNDER_WAY)
    )
    assert db.session.scalars(kept).all() == []
    end_read()


def number_of(person: Person) -> str | None:
    found = db.session.get_one(Person, person.id, populate_existing=True).uitpas_number
    end_read()
    return found


def sold_with(publiq: Publiq) -> str:
    (sale,) = publiq.live_sales()
    return sale["uitpasNumber"]


def test_the_benefit_is_asked_for_the_new_card_and_the_person_keeps_its_number(
    reference: str, family: Family, circus: Activity, publiq: Publiq
) -> None:
    new = publiq.replace_card(SOCIAL)
    shown = preview(reference, circus)
    assert shown.benefit.case is BenefitCase.GOES_ALONG
    assert shown.benefit.price is not None
    card = shown.benefit.card
    assert card is not None and (card.old, card.number, card.is_kept) == (SOCIAL, new, True)
    assert number_of(family.mira) == new
    audit = db.session.scalars(select(AuditEntry.action)).all()
    end_read()
    assert list(audit).count("UiTPAS-nummer vervangen") == 1


def test_the_new_sale_is_registered_with_the_new_card_and_the_old_one_undone(
    reference: str, family: Family, circus: Activity, publiq: Publiq
) -> None:
    new = publiq.replace_card(SOCIAL)
    done = go(reference, circus)
    assert done.state is ChangeState.DONE, done.message
    assert done.new_card == new
    assert states() == [C, R]
    assert sold_with(publiq) == new
    assert live_line().activity_id == circus.id
    whole(publiq)


def test_a_card_that_was_already_followed_with_the_person_is_followed_here_too(
    reference: str, family: Family, circus: Activity, publiq: Publiq
) -> None:
    new = publiq.replace_card(SOCIAL)
    preview(reference, circus)  # the person has the new number now, the sale the old one
    assert preview(reference, circus).benefit.card is not None
    assert go(reference, circus).state is ChangeState.DONE
    assert sold_with(publiq) == new
    whole(publiq)


def test_a_number_that_stands_with_nobody_is_followed_without_being_kept(
    family: Family, camp: Activity, circus: Activity, publiq: Publiq
) -> None:
    tuur = register(family, camp, family.tuur, uitpas=False)
    add(tuur, SOCIAL_TOO)
    new = publiq.replace_card(SOCIAL_TOO)
    card = preview(tuur, circus).benefit.card
    assert card is not None and (card.number, card.is_kept) == (new, False)
    assert go(tuur, circus).state is ChangeState.DONE
    assert sold_with(publiq) == new
    assert number_of(family.tuur) is None
    whole(publiq)


def test_a_card_replaced_while_the_move_waits_is_followed_when_it_goes_on(
    reference: str, family: Family, circus: Activity, publiq: Publiq
) -> None:
    wish = wish_for(reference, circus)
    publiq.fault(UNDO, "plat", count=None)
    assert move_registration(wish).state is ChangeState.UNDOING
    new = publiq.replace_card(SOCIAL)
    heal(publiq)
    assert change().state is ChangeState.DONE
    assert sold_with(publiq) == new
    assert number_of(family.mira) == new
    whole(publiq)


def test_refused_the_old_sale_is_registered_again_with_the_new_card(
    reference: str, camp: Activity, circus: Activity, publiq: Publiq
) -> None:
    new = publiq.replace_card(SOCIAL)
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    done = go(reference, circus)
    assert done.state is ChangeState.RETURNED
    assert done.new_card == new
    assert states() == [C, U, R]
    assert sold_with(publiq) == new
    assert (taken(camp), taken(circus)) == (1, 0)
    whole(publiq)


def test_a_card_replaced_between_the_question_and_the_sale_leads_back_with_the_new_one(
    reference: str,
    camp: Activity,
    circus: Activity,
    publiq: Publiq,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    register_sales, given = change_steps.register_sales, []

    def replaced_first(order_id: int):  # noqa: ANN202 - as register_sales()
        if not given:
            given.append(publiq.replace_card(SOCIAL))
        return register_sales(order_id)

    monkeypatch.setattr(change_steps, "register_sales", replaced_first)
    assert go(reference, circus).state is ChangeState.RETURNED
    assert live_line().activity_id == camp.id
    assert sold_with(publiq) == given[0]
    whole(publiq)


def test_nobody_else_uses_the_new_card_while_the_move_is_under_way(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    new = publiq.replace_card(SOCIAL)
    wish = wish_for(reference, circus)
    publiq.fault(UNDO, "plat", count=None)
    move_registration(wish)
    claimed = set(db.session.execute(select(PassClaim.uitpas_number, PassClaim.event_id)).all())
    end_read()
    assert (new, ONCE_A_WEEK) in {tuple(row) for row in claimed}
    assert len(claimed) == 3
    heal(publiq)
    whole(publiq)


def test_a_new_card_that_another_order_uses_at_this_moment_is_waited_for(
    reference: str, circus: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish = wish_for(reference, circus)
    publiq.fault(UNDO, "plat", count=None)
    move_registration(wish)
    publiq.replace_card(SOCIAL)

    def taken_by_another(*_args: object) -> None:
        raise PassAlreadyClaimed

    with monkeypatch.context() as patch:
        patch.setattr(change_steps, "claim_passes_of", taken_by_another)
        heal(publiq)
        assert change().state is ChangeState.UNDOING
        assert publiq.live_sales() == []
    reconcile(min_age_seconds=0)
    assert change().state is ChangeState.DONE
    whole(publiq)


def test_a_card_that_nothing_replaced_is_refused_in_the_words_of_publiq(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    publiq.fault("GET /tariffs", "geweigerd", problem="uitpas/invalid-card-status")
    benefit = preview(reference, circus).benefit
    assert benefit.card is None
    assert benefit.message == "De oefenomgeving weigert deze oproep op verzoek."


def test_undoing_goes_by_the_ticket_sale_id_whatever_the_card(
    reference: str, publiq: Publiq
) -> None:
    publiq.replace_card(SOCIAL)
    done = go(reference, make_activity("Atelier"))
    assert done.state is ChangeState.DONE
    assert publiq.live_sales() == []
    assert states() == [C]
    whole(publiq)


@pytest.mark.parametrize("plain", [False, True])
def test_a_look_at_the_card_that_gets_no_answer_is_put_off_and_costs_no_benefit(
    reference: str, circus: Activity, publiq: Publiq, plain: bool
) -> None:
    wish = wish_for(reference, circus, plain_agreed=plain)
    publiq.fault(UNDO, "plat", count=None)
    assert move_registration(wish).state is ChangeState.UNDOING
    publiq.replace_card(SOCIAL)
    publiq.heal()
    let_time_pass()
    publiq.fault("GET /passes", "plat", count=None)
    reconcile(min_age_seconds=0)
    assert change().state is ChangeState.UNDOING
    heal(publiq)
    assert change().state is ChangeState.DONE
    assert live_line().benefit_kind is BenefitKind.SOCIAL_TARIFF
    check_after_healing(publiq)


def test_going_back_waits_until_the_card_can_be_looked_at(
    reference: str, circus: Activity, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_sales = change_steps.register_sales
    given: list[str] = []

    def replaced_first(order_id: int) -> object:
        if not given:
            given.append(publiq.replace_card(SOCIAL))
            publiq.fault("GET /passes", "plat", count=None)
        return register_sales(order_id)

    monkeypatch.setattr(change_steps, "register_sales", replaced_first)
    move_registration(wish_for(reference, circus))
    heal(publiq)
    assert change().state is ChangeState.RETURNED
    assert live_line().benefit_kind is BenefitKind.SOCIAL_TARIFF
    check_after_healing(publiq)


def test_the_new_card_is_not_said_to_hold_a_benefit_that_was_refused(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    publiq.replace_card(SOCIAL)
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    done = go(reference, circus, plain_agreed=True)
    assert done.state is ChangeState.PLAIN
    assert done.new_card is None


def test_a_clerk_reads_that_the_card_could_not_be_looked_at(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    publiq.replace_card(SOCIAL)
    publiq.fault("GET /passes", "plat", count=None)
    benefit = preview(reference, circus).benefit
    assert (benefit.answered, benefit.message) == (False, "")
    assert "of deze kaart vervangen is" in benefit.sentence
