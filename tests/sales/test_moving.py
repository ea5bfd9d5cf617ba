"""Verplaatsen (R7): place, sale and money go along in one action, whatever fails on the way."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.activities.models import Activity, ActivityState, PlacePool
from app.activities.places import take_places
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.mail.models import MailMessage
from app.publiq.redaction import INSZ_MARK
from app.sales import moving
from app.sales.basket import hold_again
from app.sales.benefit_choice import choose_benefits, offers_for
from app.sales.cancelling import cancel_line, cancellation_preview
from app.sales.change_steps import Changed
from app.sales.checkout import FinishOutcome
from app.sales.erasing import erase_customer
from app.sales.ledger_export import export_ledger
from app.sales.ledger_overview import AtRisk, LedgerFilter, at_risk, ledger_page
from app.sales.models import Basket, ChangeState, LineChange, LineState, OrderLine
from app.sales.move_preview import BenefitCase, MovePreview, find_targets, load_target, preview_move
from app.sales.moving import MoveWish, move_registration
from app.sales.problems import BasketRefused, ChangeRefused
from app.sales.reconciler import reconcile
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.links import delete_link
from app.uitpas.models import BenefitKind, EntryState, PassClaim, UitpasEntry
from tests.making import make_activity, make_person, make_type
from tests.queries import count_queries
from tests.sales.changing import (
    FIND,
    SALE,
    TARIFFS,
    UNDO,
    add,
    change,
    line_of,
    live_line,
    pay,
    price_there,
    register,
    states,
    taken,
)
from tests.sales.checking import (
    check_after_healing,
    check_audit,
    check_places,
    heal,
    let_time_pass,
)
from tests.sales.conftest import EVENT, ONCE_A_WEEK, SOCIAL, WITH_COUPON, Family, Publiq, publish_as
from tests.sales.meanwhile import Other, before, finish_now, put
from tests.web.backoffice.staff_client import signed_in, words

SIXTY = Decimal("60.00")
TWO_PRICES = [("Ochtend", "40.00", ()), ("Dag", "60.00", ())]
"""Who is registered gets the first one."""
R, C, U = EntryState.REGISTERED, EntryState.CANCELLED, EntryState.REFUSED


@pytest.fixture
def circus(connected: None) -> Activity:
    """Where people move to: another event, with the same price."""
    return publish_as(make_activity("Circus", capacity=3), ONCE_A_WEEK)


@pytest.fixture
def reference(family: Family, camp: Activity) -> str:
    """Mira is registered with her social tariff."""
    return register(family, camp, family.mira, uitpas=True)


def preview(reference: str, target: Activity) -> MovePreview:
    line, there = line_of(reference), load_target(target.id)
    assert there is not None
    end_read()
    shown = preview_move(line, there, None)
    end_read()
    return shown


def go(
    reference: str, target: Activity, *, benefit: bool = True, plain_agreed: bool = False
) -> Changed:
    """Move it as the preview proposes."""
    return move_registration(wish_for(reference, target, benefit, plain_agreed))


def wish_for(
    reference: str, target: Activity, benefit: bool = True, plain_agreed: bool = False
) -> MoveWish:
    shown = preview(reference, target)
    assert shown.category is not None
    along = shown.benefit.case is BenefitCase.GOES_ALONG
    return MoveWish(
        line_ref=reference,
        activity_id=target.id,
        category_id=shown.category.id,
        regular_price=shown.category.price,
        benefit_case=shown.benefit.case,
        with_benefit=benefit and along,
        agreed_price=shown.benefit.most if along else None,
        plain_agreed=plain_agreed,
        reason="op vraag van de ouder",
    )


def whole(publiq: Publiq) -> None:
    check_after_healing(publiq)
    check_audit()


def test_a_line_without_benefit_moves_with_its_place_and_its_money(
    family: Family, publiq: Publiq
) -> None:
    old = make_activity("Klein atelier", capacity=1)
    new = make_activity("Groot atelier", prices=[("Basistarief", "75.00", ())])
    reference = register(family, old, family.tuur, uitpas=False)
    pay(line_of(reference).order, "60")
    shown = preview(reference, new)
    assert shown.plain.extra == Decimal("15.00")
    assert go(reference, new).state is ChangeState.DONE
    line = line_of(reference)
    assert (line.activity_id, line.price) == (new.id, Decimal("75.00"))
    assert line.order.payment_request.open_amount == Decimal("15.00")
    assert (taken(old), taken(new)) == (0, 1)
    mail = db.session.scalars(select(MailMessage).order_by(MailMessage.id.desc())).first()
    assert "verplaatst van Klein atelier naar Groot atelier" in mail.text
    whole(publiq)


def test_a_cheaper_activity_gives_the_difference_back(family: Family, publiq: Publiq) -> None:
    new = make_activity("Kort atelier", prices=[("Basistarief", "20.00", ())])
    reference = register(family, make_activity("Atelier"), family.tuur, uitpas=False)
    pay(line_of(reference).order, "60")
    assert preview(reference, new).plain.refund == Decimal("40.00")
    go(reference, new)
    (refund,) = line_of(reference).order.payment_request.refunds
    assert refund.amount == Decimal("40.00")
    whole(publiq)


def test_from_free_to_paid_the_order_gets_a_claim(family: Family, publiq: Publiq) -> None:
    free = make_activity("Gratis", prices=[("Basistarief", "0.00", ())])
    reference = register(family, free, family.tuur, uitpas=False)
    go(reference, make_activity("Atelier"))
    assert line_of(reference).order.payment_request.amount == SIXTY
    whole(publiq)


def test_within_the_same_event_the_sale_stays(family: Family, publiq: Publiq) -> None:
    """Another price category at the same price; the activity is full, and the place stays."""
    prices = [("Basistarief", "60.00", ()), ("Leden", "60.00", ())]
    club = publish_as(make_activity("Club", capacity=1, prices=prices))
    reference = register(family, club, family.mira, uitpas=True)
    (sale,) = publiq.live_sales()
    make_an_exception(reference)
    assert preview(reference, club).benefit.case is BenefitCase.STAYS
    price = line_of(reference).price
    assert go(reference, club).state is ChangeState.DONE
    line = line_of(reference)
    assert (line.category_name, line.price, line.state) == ("Leden", price, LineState.LIVE)
    assert [one["id"] for one in publiq.live_sales()] == [sale["id"]]
    assert states() == [R]
    assert taken(club) == 1
    assert exception_of(line) == (["full"], "haar broer is er ook"), "still true of the activity"
    mail = db.session.scalars(select(MailMessage).order_by(MailMessage.id.desc())).first()
    assert "geldt nu de prijscategorie ‘Leden’." in mail.text
    assert "verplaatst" not in mail.text
    whole(publiq)


def test_a_sale_stays_at_another_category_while_benefits_are_off_here(
    family: Family, publiq: Publiq
) -> None:
    """Nothing at UiTPAS needs to change for it, and nobody pays more."""
    prices = [("Basistarief", "60.00", ()), ("Leden", "60.00", ())]
    club = publish_as(make_activity("Club", capacity=1, prices=prices))
    reference = register(family, club, family.mira, uitpas=True)
    with write_transaction():
        uit_settings_for_update().uitpas_on = False
    assert preview(reference, club).benefit.case is BenefitCase.STAYS
    go(reference, club)
    assert (live_line().category_name, states()) == ("Leden", [R])
    whole(publiq)


def test_another_category_without_benefit_changes_the_claim_and_no_place(
    family: Family, publiq: Publiq
) -> None:
    club = make_activity("Club", capacity=1, prices=TWO_PRICES)
    reference = register(family, club, family.tuur, uitpas=False)
    go(reference, club)
    line = line_of(reference)
    assert (line.line_ref, line.category_name, line.price) == (reference, "Dag", SIXTY)
    assert line.order.payment_request.amount == SIXTY
    assert taken(club) == 1
    whole(publiq)


def test_the_category_it_has_is_refused_and_an_only_one_cannot_be_left(
    family: Family, publiq: Publiq
) -> None:
    club = make_activity("Club", prices=TWO_PRICES)
    reference = register(family, club, family.tuur, uitpas=False)
    line, wish = line_of(reference), wish_for(reference, club)
    same = {"category_id": line.price_category_id, "regular_price": line.price}
    with pytest.raises(ChangeRefused) as refused:
        move_registration(MoveWish(**{**vars(wish), **same}))
    (problem,) = refused.value.problems
    assert (problem.field, "staat al in die" in problem.sentence) == ("category", True)
    with write_transaction() as session:
        session.get_one(Activity, club.id).price_categories = [
            one
            for one in session.get_one(Activity, club.id).price_categories
            if one.id == line.price_category_id
        ]
    (problem,) = preview(reference, club).problems
    assert "heeft geen andere prijscategorie" in problem.sentence
    whole(publiq)


def test_another_category_that_uitpas_refuses_leaves_all_as_it_was(
    family: Family, publiq: Publiq
) -> None:
    club = publish_as(make_activity("Club", capacity=1, prices=TWO_PRICES))
    reference = register(family, club, family.mira, uitpas=True)
    make_an_exception(reference)
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    assert go(reference, club).state is ChangeState.RETURNED
    line = live_line()
    assert (line.category_name, line.benefit_kind) == ("Ochtend", BenefitKind.SOCIAL_TARIFF)
    assert exception_of(line) == (["full"], "haar broer is er ook")
    assert taken(club) == 1
    whole(publiq)


def test_cancelling_while_another_category_waits_gives_one_place_back(
    family: Family, publiq: Publiq
) -> None:
    club = publish_as(make_activity("Club", capacity=1, prices=TWO_PRICES))
    reference = register(family, club, family.mira, uitpas=True)
    wish = wish_for(reference, club)
    publiq.fault(UNDO, "plat", count=None)
    assert move_registration(wish).state is ChangeState.UNDOING
    cancel_line(reference, "ziek", by_staff=True)
    assert change().state is ChangeState.CALLED_OFF
    assert taken(club) == 0
    heal(publiq)
    assert publiq.live_sales() == []
    whole(publiq)


def test_to_another_event_the_old_sale_is_undone_and_the_new_one_registered(
    reference: str, camp: Activity, circus: Activity, publiq: Publiq
) -> None:
    (old_sale,) = publiq.live_sales()
    done = go(reference, circus)
    assert done.state is ChangeState.DONE
    (sale,) = publiq.live_sales()
    assert sale["id"] != old_sale["id"]
    assert sale["regularPriceLabel"].endswith(f"({done.line_ref})")
    line = live_line()
    assert line.line_ref == done.line_ref
    assert (line.activity_id, line.price) == (circus.id, price_there(publiq))
    assert line.benefit_kind is BenefitKind.SOCIAL_TARIFF
    assert line_of(reference).cancel_reason == "Verplaatst naar Circus"
    assert (taken(camp), taken(circus)) == (0, 1)
    assert states() == [C, R]
    assert line.order.payment_request.amount == line.price
    rows = {row["line_ref"]: row["status"] for row in export_ledger()}
    assert rows == {reference: "cancelled", done.line_ref: "confirmed"}
    whole(publiq)


def test_a_coupon_with_one_use_left_moves(family: Family, circus: Activity, publiq: Publiq) -> None:
    """It must be free before it can be used again."""
    sara = make_person(family.customer, "Sara", uitpas_number=WITH_COUPON)
    camp = publish_as(make_activity("Kamp"))
    put(family, camp, sara)
    coupon = {
        item.line.id: next(o.id for o in item.offers if o.kind is BenefitKind.COUPON)
        for item in offers_for(family.id)
    }
    choose_benefits(family.id, coupon)
    finish_now(family)
    reference = live_line().line_ref
    shown = preview(reference, circus)
    assert shown.benefit.price is None
    assert shown.benefit.most == SIXTY
    done = go(reference, circus)
    assert done.state is ChangeState.DONE, done.message
    (sale,) = publiq.live_sales()
    assert sale["tariff"]["type"] == "COUPON"
    assert live_line().activity_id == circus.id
    whole(publiq)


def test_a_full_activity_is_refused_and_nothing_happens(
    reference: str, camp: Activity, publiq: Publiq
) -> None:
    full = publish_as(make_activity("Vol", capacity=1), ONCE_A_WEEK)
    with write_transaction() as session:
        pool = session.scalars(select(PlacePool).where(PlacePool.activity_id == full.id)).one()
        assert take_places(session, pool.id)
    with pytest.raises(ChangeRefused) as refused:
        go(reference, full)
    assert "volzet" in refused.value.problems[0].sentence
    assert states() == [R]
    assert len(publiq.live_sales()) == 1
    assert taken(camp) == 1


def test_refused_by_uitpas_the_old_sale_is_registered_again(
    reference: str, camp: Activity, circus: Activity, publiq: Publiq
) -> None:
    price = line_of(reference).price
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    done = go(reference, circus)
    assert done.state is ChangeState.RETURNED
    assert done.message
    line = live_line()
    assert (line.activity_id, line.price) == (camp.id, price)
    assert line.line_ref == done.line_ref
    assert (taken(camp), taken(circus)) == (1, 0)
    assert states() == [C, U, R]
    whole(publiq)


def test_refused_by_uitpas_it_moves_at_the_regular_price_where_that_was_agreed(
    reference: str, camp: Activity, circus: Activity, publiq: Publiq
) -> None:
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    done = go(reference, circus, plain_agreed=True)
    assert done.state is ChangeState.PLAIN
    line = live_line()
    assert (line.activity_id, line.price, line.benefit_kind) == (circus.id, SIXTY, None)
    assert line.order.payment_request.amount == SIXTY
    assert publiq.live_sales() == []
    mail = db.session.scalars(select(MailMessage).order_by(MailMessage.id.desc())).first()
    assert done.message in mail.text
    whole(publiq)


def test_without_its_benefit_the_old_sale_is_undone(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    done = go(reference, circus, benefit=False)
    assert done.state is ChangeState.DONE
    line = live_line()
    assert (line.activity_id, line.price, line.benefit_kind) == (circus.id, SIXTY, None)
    assert publiq.live_sales() == []
    whole(publiq)


def test_without_its_benefit_it_moves_also_when_uitpas_is_down(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    publiq.fault("uitpas", "plat", count=None)
    assert go(reference, circus, benefit=False).state is ChangeState.DONE
    assert live_line().activity_id == circus.id
    heal(publiq)
    assert publiq.live_sales() == []
    whole(publiq)


def test_an_activity_without_benefits_takes_it_at_the_regular_price(
    reference: str, publiq: Publiq
) -> None:
    atelier = make_activity("Atelier")
    assert preview(reference, atelier).benefit.case is BenefitCase.LOST
    go(reference, atelier)
    assert live_line().price == SIXTY
    assert publiq.live_sales() == []
    whole(publiq)


def test_the_old_sale_that_uitpas_does_not_take_back_leaves_the_price_as_it_was(
    reference: str, camp: Activity, circus: Activity, publiq: Publiq
) -> None:
    line = line_of(reference)
    publiq.fault(SALE, "geweigerd", count=2, problem="uitpas/maximum-reached")
    done = go(reference, circus)
    assert done.state is ChangeState.WITHOUT
    new = live_line()
    assert (new.activity_id, new.price, new.benefit_kind) == (camp.id, line.price, None)
    assert publiq.live_sales() == []
    assert (taken(camp), taken(circus)) == (1, 0)
    assert at_risk() == AtRisk(SIXTY - line.price, 1)
    whole(publiq)


def test_what_was_lost_so_can_be_added_afterwards(
    reference: str, family: Family, circus: Activity, publiq: Publiq
) -> None:
    price = line_of(reference).price
    publiq.fault(SALE, "geweigerd", count=2, problem="uitpas/maximum-reached")
    lost = go(reference, circus)
    done = add(lost.line_ref, SOCIAL)
    assert done.state is ChangeState.DONE
    line = live_line()
    assert (line.price, line.benefit_kind) == (price, BenefitKind.SOCIAL_TARIFF)
    assert line.order.payment_request.amount == price
    assert at_risk() == AtRisk(Decimal("0.00"), 0)
    whole(publiq)


def test_uitpas_refusing_the_undo_leaves_everything_as_it_was(
    reference: str, camp: Activity, circus: Activity, publiq: Publiq
) -> None:
    publiq.fault(UNDO, "geweigerd", problem="auth/forbidden")
    done = go(reference, circus)
    assert done.state is ChangeState.RETURNED
    line = live_line()
    assert (line.line_ref, line.activity_id) == (reference, camp.id)
    assert (taken(camp), taken(circus)) == (1, 0)
    assert states() == [R]
    whole(publiq)


def test_an_undo_that_waits_is_resumed_until_the_line_is_moved(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    wish = wish_for(reference, circus)
    publiq.fault(UNDO, "plat", count=None)
    done = move_registration(wish)
    assert done.state is ChangeState.UNDOING
    assert {row["status"] for row in export_ledger()} == {"pending"}
    reconcile()
    assert db.session.scalar(select(func.count(PassClaim.id))) == 2
    end_read()
    heal(publiq)
    assert change().state is ChangeState.DONE
    assert live_line().activity_id == circus.id
    whole(publiq)


def test_a_lost_answer_to_the_new_sale_is_looked_up_and_never_sent_again(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault(FIND, "fout-500", count=None)
    assert go(reference, circus).state is ChangeState.SELLING
    assert len(publiq.live_sales()) == 1
    reconcile()
    assert len(publiq.live_sales()) == 1, "a sale without its line yet is not undone"
    heal(publiq)
    assert change().state is ChangeState.DONE
    whole(publiq)


def test_tariffs_that_stay_silent_too_long_lead_back(
    reference: str,
    camp: Activity,
    circus: Activity,
    publiq: Publiq,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wish = wish_for(reference, circus)
    resume = moving.resume_change

    def silent(change_id: int) -> ChangeState:
        publiq.fault(TARIFFS, "fout-500", count=None)
        return resume(change_id)

    monkeypatch.setattr(moving, "resume_change", silent)
    assert move_registration(wish).state is ChangeState.UNDOING
    for _ in range(6):
        reconcile(min_age_seconds=0)
    assert change().state is ChangeState.RETURNED
    publiq.heal()
    assert live_line().activity_id == camp.id
    whole(publiq)


def test_cancelling_is_not_blocked_by_a_move_that_waits(
    reference: str, camp: Activity, circus: Activity, publiq: Publiq
) -> None:
    wish = wish_for(reference, circus)
    publiq.fault("uitpas", "plat", count=None)
    with pytest.raises(ChangeRefused):
        move_registration(wish)  # UiTPAS is asked first, so that nothing is begun
    publiq.heal()
    publiq.fault(UNDO, "plat", count=None)
    move_registration(wish)
    cancel_line(reference, "ziek", by_staff=True)
    assert change().state is ChangeState.CALLED_OFF
    assert (taken(camp), taken(circus)) == (0, 0)
    heal(publiq)
    assert publiq.live_sales() == []
    whole(publiq)


def test_a_move_called_off_while_its_sale_is_lost_leaves_no_sale(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault(FIND, "fout-500", count=None)
    go(reference, circus)
    cancel_line(reference, "ziek", by_staff=True)
    heal(publiq)
    assert publiq.live_sales() == []
    whole(publiq)


def test_another_price_than_was_shown_stops_before_anything_happens(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    wish = wish_for(reference, circus)
    cheaper = MoveWish(**{**vars(wish), "agreed_price": Decimal("0.10")})
    with pytest.raises(ChangeRefused) as refused:
        move_registration(cheaper)
    assert "is nu" in refused.value.problems[0].sentence
    changed = MoveWish(**{**vars(wish), "regular_price": Decimal("59.00")})
    with pytest.raises(ChangeRefused):
        move_registration(changed)
    assert states() == [R]


def test_it_takes_a_reason(reference: str, circus: Activity) -> None:
    wish = MoveWish(**{**vars(wish_for(reference, circus)), "reason": " "})
    with pytest.raises(ChangeRefused) as refused:
        move_registration(wish)
    assert [problem.field for problem in refused.value.problems] == ["reason"]


def test_a_reward_is_never_moved(reference: str, circus: Activity) -> None:
    with write_transaction() as session:
        session.scalars(select(OrderLine)).one().benefit_kind = BenefitKind.REWARD
        session.scalars(select(UitpasEntry)).one().kind = BenefitKind.REWARD
    assert "omruilvoordeel" in preview(reference, circus).problems[0].sentence


@pytest.mark.parametrize("state", [ActivityState.DRAFT, ActivityState.CANCELLED])
def test_an_activity_that_is_not_there_for_people_takes_nobody(
    reference: str, state: ActivityState
) -> None:
    assert preview(reference, make_activity("Weg", state=state)).problems


def test_who_is_there_already_does_not_go_there_again(
    reference: str, family: Family, circus: Activity
) -> None:
    register(family, circus, family.mira, uitpas=False)
    assert "al ingeschreven" in preview(reference, circus).problems[0].sentence


def test_the_category_of_the_same_name_is_kept(family: Family) -> None:
    two = [("Basistarief", "60.00", ()), ("Vroege vogel", "40.00", ())]
    old, new = make_activity("A", prices=two), make_activity("B", prices=two)
    reference = register(family, old, family.tuur, uitpas=False)
    shown = preview(reference, new)
    assert shown.category is not None
    assert shown.category.name == line_of(reference).category_name
    assert [item.name for item in shown.categories] == ["Basistarief", "Vroege vogel"]


def test_targets_are_found_in_a_fixed_number_of_queries(reference: str, camp: Activity) -> None:
    line = line_of(reference)

    def look() -> None:
        for activity in find_targets(line, "deel"):
            assert activity.pools[0].left >= 0
            assert activity.dates[0].starts_at

    kind = make_type("Veel")
    for number in range(3):
        make_activity(f"Deel {number}", activity_type=kind)
    with count_queries() as few:
        look()
    for number in range(3, 12):
        make_activity(f"Deel {number}", activity_type=kind)
    with count_queries() as many:
        look()
    assert len(many) == len(few)


def test_two_clerks_at_once_move_it_once(
    reference: str,
    camp: Activity,
    circus: Activity,
    publiq: Publiq,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wish = wish_for(reference, circus)
    others = before(monkeypatch, moving, "_write", lambda: move_registration(wish))
    with pytest.raises(ChangeRefused):
        move_registration(wish)
    assert isinstance(others[0], Other)
    assert others[0].end().state is ChangeState.DONE
    assert (taken(camp), taken(circus)) == (0, 1)
    assert len(publiq.live_sales()) == 1
    whole(publiq)


FAULTS = ("verbroken", "antwoord-kwijt", "verlopen-token", "te-vaak", "fout-500", "webpagina-na")


@pytest.mark.parametrize("kind", FAULTS)
@pytest.mark.parametrize("operation", [UNDO, TARIFFS, SALE])
def test_every_fault_is_healed(
    reference: str, circus: Activity, publiq: Publiq, kind: str, operation: str
) -> None:
    wish = wish_for(reference, circus)
    publiq.fault(operation, kind)
    try:
        move_registration(wish)
    except ChangeRefused:
        assert operation == TARIFFS
    heal(publiq)
    let_time_pass()
    whole(publiq)


def test_erasing_also_forgets_the_pass_in_a_wish_that_never_became_a_line(
    reference: str, family: Family, circus: Activity, publiq: Publiq
) -> None:
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    done = go(reference, circus)
    cancel_line(done.line_ref, "verhuisd", by_staff=True)
    erase_customer(family.id, "op vraag van de ouder")
    db.session.rollback()
    assert set(db.session.scalars(select(UitpasEntry.uitpas_number))) == {""}
    assert db.session.scalars(select(LineChange.reason)).all() == [""]


def test_a_wish_without_a_line_is_found_in_the_ledger_with_its_order(
    app: Flask, reference: str, circus: Activity, publiq: Publiq
) -> None:
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    number = go(reference, circus).order_number
    _page, rows = ledger_page(LedgerFilter())
    assert [(row.order_number, bool(row.activity)) for row in rows] == [
        (number, True),
        (number, False),
        (number, True),
    ]
    admin = signed_in(app, "admin")
    end_read()
    page = words(admin.get(f"/beheer/grootboek/{rows[1].entry.id}"))
    assert f"Naar bestelling {number}" in page
    assert "Naar de inschrijving" not in page


def test_who_is_on_the_way_to_an_activity_is_not_registered_there_twice(
    reference: str, family: Family, circus: Activity, publiq: Publiq
) -> None:
    """While the move waits for UiTPAS, the parent registers the same child, and staff move it."""
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault(FIND, "fout-500", count=None)
    assert go(reference, circus).state is ChangeState.SELLING
    with pytest.raises(BasketRefused) as refused:
        put(family, circus, family.mira, uitpas=False)
    assert "al ingeschreven" in refused.value.problems[0].sentence
    elsewhere = register(family, make_activity("Atelier"), family.mira, uitpas=False)
    with pytest.raises(ChangeRefused) as stopped:
        go(elsewhere, circus)
    assert "al ingeschreven" in stopped.value.problems[0].sentence
    heal(publiq)
    assert change().state is ChangeState.DONE
    assert taken(circus) == 1
    whole(publiq)


def test_a_basket_that_is_finished_while_a_move_waits_registers_nobody_twice(
    reference: str, family: Family, circus: Activity, publiq: Publiq
) -> None:
    put(family, circus, family.mira, uitpas=False)
    let_basket_lapse()
    wish = wish_for(reference, circus)
    publiq.fault(UNDO, "plat", count=None)
    assert move_registration(wish).state is ChangeState.UNDOING
    hold_again(family.id)
    assert finish_now(family).outcome is FinishOutcome.RETURNED
    heal(publiq)
    assert change().state is ChangeState.DONE
    assert live_line().activity_id == circus.id
    whole(publiq)


def let_basket_lapse() -> None:
    with write_transaction() as session:
        session.execute(update(Basket).values(held_until=now() - timedelta(hours=1)))


def test_a_basket_whose_time_is_over_keeps_nobody_from_moving(
    family: Family, publiq: Publiq
) -> None:
    old, new = make_activity("Oud"), make_activity("Nieuw")
    reference = register(family, old, family.tuur, uitpas=False)
    put(family, new, family.tuur, uitpas=False)
    assert "mandje" in preview(reference, new).problems[0].sentence
    let_basket_lapse()
    assert go(reference, new).state is ChangeState.DONE
    hold_again(family.id)
    assert finish_now(family).outcome is FinishOutcome.RETURNED
    assert line_of(reference).activity_id == new.id
    assert taken(old) == 0
    check_places()


def test_cancelling_while_the_old_sale_waits_to_be_undone_says_so_and_undoes_it(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    wish = wish_for(reference, circus)
    publiq.fault(UNDO, "plat", count=None)
    assert move_registration(wish).state is ChangeState.UNDOING
    assert cancellation_preview(line_of(reference), by_staff=True).undoes_sale
    end_read()
    publiq.heal()
    assert cancel_line(reference, "ziek", by_staff=True).undone is True
    assert publiq.live_sales() == []
    whole(publiq)


def make_an_exception(reference: str) -> None:
    """Staff registered this line above the number of places."""
    with write_transaction() as session:
        line = session.scalars(select(OrderLine).where(OrderLine.line_ref == reference)).one()
        line.overridden, line.override_reason = ["full"], "haar broer is er ook"


def exception_of(line: OrderLine) -> tuple[list[str], str]:
    return line.overridden, line.override_reason


@pytest.mark.parametrize("uitpas", [True, False])
def test_an_exception_stays_behind_at_the_activity_for_which_it_was_made(
    family: Family, camp: Activity, circus: Activity, publiq: Publiq, uitpas: bool
) -> None:
    reference = register(family, camp, family.mira, uitpas=uitpas)
    make_an_exception(reference)
    go(reference, circus)
    assert live_line().activity_id == circus.id
    assert exception_of(live_line()) == ([], "")


def test_an_exception_stays_with_a_line_that_comes_back(
    reference: str, camp: Activity, circus: Activity, publiq: Publiq
) -> None:
    make_an_exception(reference)
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    assert go(reference, circus).state is ChangeState.RETURNED
    assert live_line().line_ref != reference
    assert exception_of(live_line()) == (["full"], "haar broer is er ook")


@pytest.mark.parametrize("event_id", [EVENT, ONCE_A_WEEK])
def test_within_the_same_event_at_another_price_the_sale_is_registered_anew(
    family: Family, publiq: Publiq, event_id: str
) -> None:
    club = publish_as(make_activity("Club", capacity=1, prices=TWO_PRICES), event_id)
    reference = register(family, club, family.mira, uitpas=True)
    assert preview(reference, club).benefit.case is BenefitCase.GOES_ALONG
    done = go(reference, club)
    assert done.state is ChangeState.DONE, done.message
    line = live_line()
    assert line.category_name == "Dag"
    assert line.price == price_there(publiq) == Decimal("12.00")
    assert line_of(reference).cancel_reason == "Vervangen: prijscategorie Dag"
    assert taken(club) == 1
    whole(publiq)


def test_a_category_that_goes_while_a_move_waits_does_not_keep_it_from_ending(
    reference: str, circus: Activity, publiq: Publiq
) -> None:
    wish = wish_for(reference, circus)
    publiq.fault(UNDO, "plat", count=None)
    assert move_registration(wish).state is ChangeState.UNDOING
    with write_transaction() as session:
        session.get_one(Activity, circus.id).price_categories = []
    heal(publiq)
    assert change().state is ChangeState.DONE
    assert (live_line().category_name, live_line().activity_id) == ("Basistarief", circus.id)
    whole(publiq)


@pytest.mark.parametrize("which", ["camp", "circus", "both"])
def test_a_link_that_goes_while_a_move_waits_leads_back(
    reference: str, camp: Activity, circus: Activity, publiq: Publiq, which: str
) -> None:
    wish = wish_for(reference, circus)
    publiq.fault(UNDO, "plat", count=None)
    assert move_registration(wish).state is ChangeState.UNDOING
    for name, activity in (("camp", camp), ("circus", circus)):
        if which in (name, "both"):
            delete_link(activity.id)
    heal(publiq)
    expected = {
        "camp": (ChangeState.DONE, circus.id),
        "circus": (ChangeState.RETURNED, camp.id),
        "both": (ChangeState.WITHOUT, camp.id),
    }
    assert (change().state, live_line().activity_id) == expected[which]
    whole(publiq)


def test_no_register_number_is_kept_in_a_reason(family: Family, publiq: Publiq) -> None:
    reference = register(family, make_activity("Oud"), family.tuur, uitpas=False)
    wish = wish_for(reference, make_activity("Nieuw"))
    reason = "op vraag van 93.05.18-223.61"
    move_registration(MoveWish(**{**vars(wish), "reason": reason}))
    assert change().reason == f"op vraag van {INSZ_MARK}"
    cancel_line(reference, reason, by_staff=True)
    assert line_of(reference).cancel_reason == f"op vraag van {INSZ_MARK}"
    mail = db.session.scalars(select(MailMessage).order_by(MailMessage.id.desc())).first()
    assert "223" not in mail.text
