"""Voordeel achteraf (C8): sold once, the balance follows, and whatever fails is healed."""

from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select

from app.activities.models import Activity
from app.extensions import db, end_read, write_transaction
from app.mail.models import MailMessage
from app.sales import afterwards, change_steps
from app.sales.afterwards import BenefitRefusal, add_benefit, offers_afterwards
from app.sales.cancelling import cancel_line, cancellation_preview
from app.sales.change_steps import WHY_NOT_SOLD
from app.sales.erasing import preview_erasing
from app.sales.ledger_actions import SaleSeen, sale_is_not_there, sale_is_there
from app.sales.ledger_export import export_ledger
from app.sales.models import ChangeState, LineChange, OrderLine, OrderState
from app.sales.problems import ChangeRefused
from app.sales.reconciler import reconcile
from app.settings.models import AuditEntry, Environment, EnvironmentSettings
from app.uitpas.looking_up import NOT_ARRIVED, SEARCH_FORBIDDEN
from app.uitpas.models import BenefitKind, EntryState, PassClaim
from tests.making import make_activity, make_person
from tests.sales.changing import (
    FIND,
    SALE,
    TARIFFS,
    add,
    change,
    line_of,
    live_line,
    offer_of,
    pay,
    price_there,
    register,
    states,
)
from tests.sales.checking import check_after_healing, check_audit, heal, let_time_pass
from tests.sales.conftest import (
    EVENT,
    ONCE_A_WEEK,
    SOCIAL,
    SOCIAL_TOO,
    WITH_COUPON,
    Family,
    ProcessKilled,
    Publiq,
    publish_as,
)
from tests.sales.meanwhile import Other, before, die, finish_now, put
from tests.sales.selling import entry as the_entry

PLAIN = Decimal("60.00")


@pytest.fixture
def reference(family: Family, camp: Activity) -> str:
    """Mira is registered at the regular price."""
    return register(family, camp, family.mira, uitpas=False)


def test_a_benefit_added_to_an_unpaid_line_lowers_the_claim(reference: str, publiq: Publiq) -> None:
    done = add(reference, SOCIAL)
    assert done.state is ChangeState.DONE
    line = line_of(reference)
    assert line.benefit_kind is BenefitKind.SOCIAL_TARIFF
    assert line.benefit_name
    assert line.price == price_there(publiq) == done.new_price < PLAIN
    assert publiq.live_sales()[0]["regularPriceLabel"].endswith(f"({reference})")
    request = line.order.payment_request
    assert (request.amount, request.refunds) == (line.price, [])
    assert states() == [EntryState.REGISTERED]
    check_after_healing(publiq)
    check_audit()


def test_a_benefit_added_to_a_paid_line_gives_the_difference_back(
    reference: str, publiq: Publiq
) -> None:
    pay(line_of(reference).order, "60")
    add(reference, SOCIAL)
    line = line_of(reference)
    (refund,) = line.order.payment_request.refunds
    assert refund.amount == PLAIN - line.price
    assert line.order.payment_request.open_amount == 0
    check_after_healing(publiq)


def test_what_was_half_paid_first_need_not_be_paid_and_then_goes_back(
    reference: str, publiq: Publiq
) -> None:
    pay(line_of(reference).order, "40")
    add(reference, SOCIAL)
    line = line_of(reference)
    (refund,) = line.order.payment_request.refunds
    assert refund.amount == Decimal("40.00") - line.price
    check_after_healing(publiq)


def test_the_contact_is_mailed_and_the_audit_trail_knows(reference: str) -> None:
    add(reference, SOCIAL)
    mails = db.session.scalars(select(MailMessage).order_by(MailMessage.id)).all()
    assert "Voordeel toegevoegd" in mails[-1].subject
    assert "in plaats van €\xa060" in mails[-1].text
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert "voordeel achteraf toegevoegd" in actions
    assert SOCIAL not in str(db.session.scalars(select(AuditEntry.detail)).all())


def test_a_second_benefit_on_a_line_is_refused(reference: str, publiq: Publiq) -> None:
    tariff, price = offer_of(reference, SOCIAL)
    add_benefit(reference, SOCIAL, tariff, price)
    with pytest.raises(ChangeRefused) as refused:
        add_benefit(reference, SOCIAL, tariff, price)
    assert "heeft al een voordeel" in refused.value.problems[0].sentence
    assert len(publiq.live_sales()) == 1


def test_a_line_of_an_activity_without_uitpas_can_have_none(family: Family) -> None:
    reference = register(family, make_activity("Klein atelier"), family.mira, uitpas=False)
    with pytest.raises(ChangeRefused) as refused:
        add_benefit(reference, SOCIAL, "x", Decimal("1.00"))
    assert "niet gepubliceerd" in refused.value.problems[0].sentence


def test_a_cancelled_line_can_have_none(reference: str, publiq: Publiq) -> None:
    tariff, price = offer_of(reference, SOCIAL)
    cancel_line(reference, "ziek", by_staff=True)
    with pytest.raises(ChangeRefused):
        add_benefit(reference, SOCIAL, tariff, price)
    assert publiq.live_sales() == []


def test_another_price_than_was_shown_stops_and_says_old_and_new(
    reference: str, publiq: Publiq
) -> None:
    tariff, price = offer_of(reference, SOCIAL)
    with pytest.raises(BenefitRefusal) as refused:
        add_benefit(reference, SOCIAL, tariff, price + 1)
    sentence = refused.value.problems[0].sentence
    assert "in plaats van" in sentence
    assert refused.value.answer.offers[0].price == price
    assert publiq.live_sales() == []
    assert states() == []


def test_a_benefit_that_is_gone_stops_with_what_there_is_now(
    reference: str, publiq: Publiq
) -> None:
    with pytest.raises(BenefitRefusal):
        add_benefit(reference, SOCIAL, "COUPON_77", Decimal("5.00"))
    assert states() == []


def test_publiq_being_down_says_so_and_changes_nothing(reference: str, publiq: Publiq) -> None:
    tariff, price = offer_of(reference, SOCIAL)
    publiq.fault("uitpas", "plat", count=None)
    with pytest.raises(BenefitRefusal) as refused:
        add_benefit(reference, SOCIAL, tariff, price)
    assert refused.value.problems[0].sentence
    assert states() == []


def test_a_refusal_is_said_word_for_word_and_changes_nothing(
    reference: str, publiq: Publiq
) -> None:
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    done = add(reference, SOCIAL)
    assert done.state is ChangeState.REFUSED
    assert done.message
    line = line_of(reference)
    assert (line.price, line.benefit_kind) == (PLAIN, None)
    assert line.order.payment_request.amount == PLAIN
    check_after_healing(publiq)


def test_after_a_refusal_another_attempt_has_a_reference_of_its_own(
    reference: str, publiq: Publiq
) -> None:
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    add(reference, SOCIAL)
    done = add(reference, SOCIAL)
    assert done.state is ChangeState.DONE
    assert done.line_ref != reference
    line = live_line()
    assert line.line_ref == done.line_ref
    assert line.price == price_there(publiq)
    assert line.order.payment_request.amount == line.price
    rows = {row["line_ref"]: row for row in export_ledger()}
    assert rows[reference]["status"] == "cancelled"
    assert rows[done.line_ref]["status"] == "confirmed"
    check_after_healing(publiq)
    check_audit()


def test_a_lost_answer_is_looked_up(reference: str, publiq: Publiq) -> None:
    publiq.fault(SALE, "antwoord-kwijt")
    assert add(reference, SOCIAL).state is ChangeState.DONE
    assert len(publiq.live_sales()) == 1
    check_after_healing(publiq)


def test_a_lost_answer_that_cannot_be_looked_up_waits_and_is_found_later(
    reference: str, publiq: Publiq
) -> None:
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault(FIND, "fout-500", count=None)
    done = add(reference, SOCIAL)
    assert done.state is ChangeState.SELLING
    assert export_ledger()[0]["status"] == "pending"
    tariff = "whatever"
    with pytest.raises(ChangeRefused) as refused:
        add_benefit(reference, SOCIAL, tariff, PLAIN)
    assert "wordt net iets gewijzigd" in refused.value.problems[0].sentence
    heal(publiq)
    assert change().state is ChangeState.DONE
    check_after_healing(publiq)
    check_audit()


def test_a_benefit_that_never_arrived_at_uitpas_is_not_said_to_be_refused(
    reference: str, publiq: Publiq
) -> None:
    publiq.fault(SALE, "fout-500")
    publiq.fault(FIND, "fout-500", count=None)
    assert add(reference, SOCIAL).state is ChangeState.SELLING
    heal(publiq)
    ended = change()
    assert ended.state is ChangeState.REFUSED
    assert ended.message == str(WHY_NOT_SOLD[NOT_ARRIVED])
    check_after_healing(publiq)


def test_a_benefit_whose_connection_was_just_removed_is_said_to_lack_that(
    reference: str, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = offer_of(reference, SOCIAL)

    def disconnect() -> None:
        with write_transaction() as session:
            session.execute(delete(EnvironmentSettings))

    before(monkeypatch, change_steps, "register_sales", disconnect)
    done = add_benefit(reference, SOCIAL, *offered)
    assert done.state is ChangeState.REFUSED
    assert "De verbinding met UiTPAS is niet ingesteld" in done.message


def test_the_pass_stays_claimed_while_it_waits(reference: str, publiq: Publiq) -> None:
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault(FIND, "fout-500", count=None)
    add(reference, SOCIAL)
    reconcile()
    assert db.session.scalar(select(func.count(PassClaim.id))) == 1
    end_read()
    heal(publiq)
    assert db.session.scalar(select(func.count(PassClaim.id))) == 0


def test_cancelling_is_not_blocked_by_a_benefit_that_waits(reference: str, publiq: Publiq) -> None:
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault(FIND, "fout-500", count=None)
    add(reference, SOCIAL)
    cancel_line(reference, "ziek", by_staff=True)
    assert line_of(reference).order.state is OrderState.CANCELLED
    assert change().state is ChangeState.CALLED_OFF
    heal(publiq)
    assert publiq.live_sales() == []
    check_after_healing(publiq)
    check_audit()


def test_two_clerks_at_once_add_one_benefit(
    reference: str, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered = offer_of(reference, SOCIAL)
    others = before(
        monkeypatch, afterwards, "_write", lambda: add_benefit(reference, SOCIAL, *offered)
    )
    with pytest.raises(ChangeRefused):
        add_benefit(reference, SOCIAL, *offered)
    assert isinstance(others[0], Other)
    assert others[0].end().state is ChangeState.DONE
    assert len(publiq.live_sales()) == 1
    assert db.session.scalar(select(func.count(LineChange.id))) == 1
    check_after_healing(publiq)


def test_the_pass_in_another_order_at_the_same_moment_is_said(
    reference: str, family: Family, publiq: Publiq
) -> None:
    offered = offer_of(reference, SOCIAL)
    with write_transaction() as session:
        session.add(
            PassClaim(
                environment=Environment.SANDBOX, uitpas_number=SOCIAL, event_id=EVENT, order_id=99
            )
        )
    with pytest.raises(ChangeRefused) as refused:
        add_benefit(reference, SOCIAL, *offered)
    assert "Er loopt net een bestelling" in refused.value.problems[0].sentence
    assert publiq.live_sales() == []


def test_a_coupon_that_two_lines_want_goes_to_one(family: Family, publiq: Publiq) -> None:
    sara = make_person(family.customer, "Sara", uitpas_number=WITH_COUPON)
    refs = [
        register(family, publish_as(make_activity("Circus"), ONCE_A_WEEK), sara, uitpas=False),
        register(family, publish_as(make_activity("Kamp")), sara, uitpas=False),
    ]
    coupons = []
    for reference in refs:
        line = line_of(reference)
        end_read()
        offers = offers_afterwards(line, WITH_COUPON).offers
        coupons.append(next(o for o in offers if o.kind is BenefitKind.COUPON))
    add_benefit(refs[0], WITH_COUPON, coupons[0].id, coupons[0].price)
    with pytest.raises(BenefitRefusal):
        add_benefit(refs[1], WITH_COUPON, coupons[1].id, coupons[1].price)
    check_after_healing(publiq)


@pytest.mark.parametrize(
    "kind", ["verbroken", "antwoord-kwijt", "fout-500", "plat", "te-vaak", "webpagina-na"]
)
@pytest.mark.parametrize("operation", [SALE, TARIFFS])
def test_every_fault_is_healed(reference: str, publiq: Publiq, kind: str, operation: str) -> None:
    offered = offer_of(reference, SOCIAL)
    publiq.fault(operation, kind)
    try:
        add_benefit(reference, SOCIAL, *offered)
    except BenefitRefusal:
        assert operation == TARIFFS
    heal(publiq)
    let_time_pass()
    check_after_healing(publiq)
    check_audit()


def test_what_may_not_be_looked_up_goes_on_once_a_person_saw_the_sale(
    reference: str, publiq: Publiq
) -> None:
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault(FIND, "geweigerd", count=None, problem="auth/forbidden")
    assert add(reference, SOCIAL).state is ChangeState.SELLING
    (sale,) = publiq.live_sales()
    entry = the_entry()
    assert entry.problem == SEARCH_FORBIDDEN
    said = sale_is_there(entry.id, SaleSeen(sale["id"], price_there(publiq)), "gezien")
    assert "geboekt" in said
    assert change().state is ChangeState.DONE
    assert line_of(reference).price == price_there(publiq)
    publiq.heal()
    check_after_healing(publiq)


def test_a_sale_that_a_person_did_not_see_leaves_the_line_as_it_was(
    reference: str, publiq: Publiq
) -> None:
    publiq.fault(SALE, "fout-500")
    publiq.fault(FIND, "geweigerd", count=None, problem="auth/forbidden")
    add(reference, SOCIAL)
    said = sale_is_not_there(the_entry().id, "niet gevonden")
    assert "De inschrijving blijft bestaan" in said
    assert change().state is ChangeState.REFUSED
    assert line_of(reference).price == PLAIN
    publiq.heal()
    check_after_healing(publiq)


def test_a_person_is_not_erased_while_a_benefit_waits(
    reference: str, family: Family, publiq: Publiq
) -> None:
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault(FIND, "fout-500", count=None)
    add(reference, SOCIAL)
    shown = preview_erasing(family.id, family.mira.id)
    assert shown is not None
    assert any("wordt net iets gewijzigd" in problem.sentence for problem in shown.problems)


def test_a_refusal_for_one_line_says_nothing_of_what_was_lost_for_another(
    reference: str, family: Family, camp: Activity, publiq: Publiq
) -> None:
    """A line is cancelled while its sale is lost; then another line of the order is refused."""
    lou = make_person(family.customer, "Lou", uitpas_number=SOCIAL_TOO)
    put(family, camp, family.tuur, lou, uitpas=False)
    order_id = finish_now(family).order_id
    lines = select(OrderLine.line_ref).where(OrderLine.order_id == order_id).order_by(OrderLine.id)
    first, second = db.session.scalars(lines).all()
    end_read()
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault(FIND, "fout-500", count=None)
    add(first, SOCIAL)
    cancel_line(first, "ziek", by_staff=True)
    publiq.fault(SALE, "geweigerd", problem="uitpas/maximum-reached")
    assert add(second, SOCIAL_TOO).state is ChangeState.REFUSED
    heal(publiq)
    assert publiq.live_sales() == []
    check_after_healing(publiq)
    check_audit()


def test_cancelling_undoes_at_once_what_a_benefit_that_waits_sold(
    reference: str, publiq: Publiq, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died between the answer of UiTPAS and the line's own change."""
    offered = offer_of(reference, SOCIAL)
    with monkeypatch.context() as patched:
        patched.setattr(change_steps, "_settle", die)
        with pytest.raises(ProcessKilled):
            add_benefit(reference, SOCIAL, *offered)
    db.session.remove()
    assert cancellation_preview(line_of(reference), by_staff=True).undoes_sale
    end_read()
    assert cancel_line(reference, "ziek", by_staff=True).undone is True
    assert publiq.live_sales() == []
    mail = db.session.scalars(select(MailMessage).order_by(MailMessage.id.desc())).first()
    assert "UiTPAS" in mail.text
    end_read()
    heal(publiq)
    check_after_healing(publiq)


def test_cancelling_says_that_a_lost_benefit_is_not_undone_yet(
    reference: str, publiq: Publiq
) -> None:
    publiq.fault(SALE, "antwoord-kwijt")
    publiq.fault(FIND, "fout-500", count=None)
    add(reference, SOCIAL)
    assert cancellation_preview(line_of(reference), by_staff=True).undoes_sale
    end_read()
    assert cancel_line(reference, "ziek", by_staff=True).undone is False
    heal(publiq)
    assert publiq.live_sales() == []
    check_after_healing(publiq)


@pytest.mark.parametrize("is_there", [True, False])
def test_what_a_person_says_of_a_line_that_was_cancelled_is_answered_truly(
    family: Family, camp: Activity, publiq: Publiq, is_there: bool
) -> None:
    """Another line of the order stands, so that the order itself is still confirmed."""
    put(family, camp, family.mira, family.tuur, uitpas=False)
    order_id = finish_now(family).order_id
    lines = select(OrderLine.line_ref).where(OrderLine.order_id == order_id).order_by(OrderLine.id)
    first = db.session.scalars(lines).first()
    end_read()
    assert first is not None
    publiq.fault(SALE, "antwoord-kwijt" if is_there else "fout-500")
    publiq.fault(FIND, "geweigerd", count=None, problem="auth/forbidden")
    add(first, SOCIAL)
    cancel_line(first, "ziek", by_staff=True)
    entry = the_entry()
    if is_there:
        (sale,) = publiq.live_sales()
        said = sale_is_there(entry.id, SaleSeen(sale["id"], price_there(publiq)), "gezien")
        assert "vanzelf ongedaan gemaakt" in said
    else:
        said = sale_is_not_there(entry.id, "niet gevonden")
        assert "blijft bestaan" not in said
    assert "De inschrijving is geannuleerd" in said
    heal(publiq)
    assert publiq.live_sales() == []
    check_after_healing(publiq)
