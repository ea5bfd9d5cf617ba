"""A family that drives the selling room while publiq misbehaves."""

from decimal import Decimal

from sqlalchemy import select

from app.extensions import db, end_read
from app.payments.models import PaymentMethod
from app.people.models import Customer
from app.sales.afterwards import add_benefit, benefit_problems, offers_afterwards
from app.sales.basket import Choice, add_to_basket, open_basket
from app.sales.benefit_choice import LineOffers, choose_benefits, offers_for
from app.sales.cancelling import find_line
from app.sales.change_steps import Changed
from app.sales.checkout import FinishResult, finish
from app.sales.ledger_actions import SaleSeen, sale_is_not_there, sale_is_there
from app.sales.models import LineState, OrderLine
from app.sales.move_preview import BenefitCase, load_target, preview_move
from app.sales.moving import MoveWish, move_registration
from app.uitpas.models import BenefitKind, EntryState, UitpasEntry
from tests.making import make_activity, make_customer, make_person
from tests.sales.conftest import (
    EVENT,
    ONCE_A_WEEK,
    SOCIAL,
    SOCIAL_TOO,
    WITH_COUPON,
    Publiq,
    publish_as,
)


class Household:
    """A customer with three passes, one with a coupon, a child without, and few places."""

    def __init__(self) -> None:
        customer: Customer = make_customer()
        self.id = customer.id
        self.persons = [
            make_person(customer, "Mira", uitpas_number=SOCIAL).id,
            make_person(customer, "Lou", uitpas_number=SOCIAL_TOO).id,
            make_person(customer, "Tuur").id,
            make_person(customer, "Sara", uitpas_number=WITH_COUPON).id,
        ]
        self.cards = {0: SOCIAL, 1: SOCIAL_TOO, 3: WITH_COUPON}
        self.activities = [
            publish_as(make_activity("Winterbos-kamp", capacity=2), EVENT).id,
            publish_as(make_activity("Circus", capacity=3), ONCE_A_WEEK).id,
            make_activity("Klein atelier", capacity=1).id,
        ]

    def put(self, activity: int, *persons: int) -> None:
        """Put persons in the basket, by their place in the lists."""
        chosen = [Choice(self.activities[activity], self.persons[person]) for person in persons]
        add_to_basket(self.id, chosen, uses_uitpas=True)

    def choose(self, coupons: bool = False) -> None:
        """The benefit that is preselected, for each line, or its coupon where it has one."""
        choose_benefits(
            self.id,
            {item.line.id: _choice(item, coupons) for item in offers_for(self.id)},
        )

    def finish(self) -> FinishResult | None:
        """Finish the open basket, if there is one."""
        basket = open_basket(self.id)
        end_read()
        if basket is None:
            return None
        return finish(basket.id, self.id, PaymentMethod.DESK, terms_accepted=True)

    def live_refs(self) -> list[str]:
        """The lines that stand."""
        found = db.session.scalars(
            select(OrderLine.line_ref)
            .where(OrderLine.state == LineState.LIVE)
            .order_by(OrderLine.id)
        ).all()
        end_read()
        return list(found)

    def add_benefit(self, line_ref: str, coupons: bool = False) -> Changed | None:
        """Voordeel achteraf for this line, where UiTPAS offers its child one."""
        line = find_line(line_ref)
        number = line.person.uitpas_number if line and line.person else None
        if line is None or number is None or benefit_problems(line):
            end_read()
            return None
        offers = offers_afterwards(line, number).offers
        wanted = [offer for offer in offers if offer.kind is BenefitKind.COUPON] if coupons else []
        if not offers:
            return None
        offer = (wanted or offers)[0]
        return add_benefit(line_ref, number, offer.id, offer.price)

    def move(
        self, line_ref: str, activity: int, *, benefit: bool = True, plain_agreed: bool = False
    ) -> Changed | None:
        """Verplaatsen as the page proposes it, where it can be."""
        line, target = find_line(line_ref), load_target(self.activities[activity])
        assert line is not None
        assert target is not None
        end_read()
        shown = preview_move(line, target, None)
        end_read()
        if not shown.allowed or shown.category is None:
            return None
        along = shown.benefit.case is BenefitCase.GOES_ALONG
        wish = MoveWish(
            line_ref=line_ref,
            activity_id=target.id,
            category_id=shown.category.id,
            regular_price=shown.category.price,
            benefit_case=shown.benefit.case,
            with_benefit=benefit and along,
            agreed_price=shown.benefit.most if along else None,
            plain_agreed=plain_agreed,
            reason="op vraag van de ouder",
        )
        return move_registration(wish)

    def replace_card(self, person: int, publiq: Publiq) -> None:
        """That person lost the card, and has one with another number since."""
        self.cards[person] = publiq.replace_card(self.cards[person])

    def look_in_the_desk(self, publiq: Publiq) -> None:
        """A person looks in the UiTPAS-balie for what is unknown, and says what is there."""
        live = {sale["regularPriceLabel"]: sale for sale in publiq.live_sales()}
        unknown = db.session.scalars(
            select(UitpasEntry).where(UitpasEntry.state == EntryState.UNKNOWN)
        ).all()
        end_read()
        for entry in unknown:
            sale = live.get(entry.regular_price_label)
            if sale is None:
                sale_is_not_there(entry.id, "niet gevonden")
            else:
                price = Decimal(str(sale["tariff"]["price"]))
                sale_is_there(entry.id, SaleSeen(sale["id"], price), "gezien")


def _choice(item: LineOffers, coupons: bool) -> str:
    found = [offer.id for offer in item.offers if offer.kind is BenefitKind.COUPON]
    return found[0] if coupons and found else item.selected


def full_basket(home: Household) -> None:
    """Two children with passes and one without, for three places."""
    home.put(0, 0, 2)
    home.put(1, 1)
    home.choose()


def one_line(home: Household, *, uitpas: bool) -> str:
    """Mira is registered for the camp, with her social tariff or without; her line's reference."""
    add_to_basket(home.id, [Choice(home.activities[0], home.persons[0])], uitpas)
    if uitpas:
        home.choose()
    home.finish()
    return home.live_refs()[0]
