"""Baskets that hold places, and the orders that come of them."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.activities.models import Activity, ActivityDate, PlacePool, PriceCategory
from app.clock import now
from app.columns import Money, UtcDateTime, choice
from app.extensions import Base
from app.payments.models import PaymentMethod, PaymentRequest
from app.people.models import Account, Customer, Person
from app.people.passes import PassOutcome
from app.settings.models import Environment
from app.uitpas.models import BenefitKind


class BasketState(Enum):
    """A basket is open until it is finished."""

    OPEN = "open"
    ORDERED = "ordered"


class OrderState(Enum):
    """DESIGN: Orders. What was paid is a balance apart."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class LineKind(Enum):
    """Inschrijving or ticket."""

    REGISTRATION = "registration"
    TICKET = "ticket"


class LineState(Enum):
    """Whether a line of an order still stands."""

    LIVE = "live"
    CANCELLED = "cancelled"


class ChangeKind(Enum):
    """What is changed about a line that stands."""

    BENEFIT = "benefit"
    """Voordeel achteraf."""
    MOVE = "move"
    """Verplaatsen."""
    REGULAR_PRICE = "regular price"
    """The regular price after all."""


class ChangeState(Enum):
    """Where a change of a line stands; ``changes.STATES`` says what follows what."""

    UNDOING = "undoing"
    """The old sale is being undone, so that limits and coupons are free."""
    SELLING = "selling"
    """The new sale is to be registered."""
    CLEARING = "clearing"
    """Refused: what was sold too dear is undone before the old sale is registered again."""
    RESTORING = "restoring"
    """The old sale is being registered again."""
    DONE = "done"
    PLAIN = "plain"
    """Moved at the regular price, as was agreed for a refusal."""
    REFUSED = "refused"
    """Nothing changed."""
    RETURNED = "returned"
    """The line is where it was, with its benefit."""
    WITHOUT = "without"
    """The line is where it was at its price; UiTPAS did not register its benefit again."""
    CALLED_OFF = "called off"
    """The line was cancelled meanwhile."""


class Basket(Base):
    """Mandje: of a customer. Its places are held until ``held_until``.

    Open at most one that the customer fills, and one for each member of staff who registers on
    behalf of this customer.
    """

    __tablename__ = "basket"
    __table_args__ = (
        Index("ix_basket_customer_id_state", "customer_id", "state"),
        Index(
            "uq_basket_open",
            "customer_id",
            unique=True,
            sqlite_where=text("state = 'open' AND made_by_id IS NULL"),
            postgresql_where=text("state = 'open' AND made_by_id IS NULL"),
        ),
        Index(
            "uq_basket_open_made_by",
            "customer_id",
            "made_by_id",
            unique=True,
            sqlite_where=text("state = 'open' AND made_by_id IS NOT NULL"),
            postgresql_where=text("state = 'open' AND made_by_id IS NOT NULL"),
        ),
        Index("ix_basket_made_by_id", "made_by_id"),
        Index("ix_basket_held_until", "held_until"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    """The account of staff who register on behalf of the customer; null is the customer."""
    state: Mapped[BasketState] = mapped_column(
        choice(BasketState, "state"), default=BasketState.OPEN
    )
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Null when nothing is held."""
    hold_started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    extensions: Mapped[int] = mapped_column(default=0)
    order_id: Mapped[int | None]
    """The order that came of it, so that a second press finds it."""
    message: Mapped[str] = mapped_column(Text, default="")
    """Why finishing did not succeed, above the basket."""
    tariff_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When was said that a UiTPAS can still be used: once for each basket."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    customer: Mapped[Customer] = relationship()
    lines: Mapped[list["BasketLine"]] = relationship(
        back_populates="basket", cascade="all, delete-orphan", order_by="BasketLine.id"
    )


class BasketLine(Base):
    """A person and an activity, with the price and the benefit chosen so far."""

    __tablename__ = "basket_line"
    __table_args__ = (
        Index("ix_basket_line_basket_id", "basket_id"),
        Index("ix_basket_line_pool_id_holding", "pool_id", "holding"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    basket_id: Mapped[int] = mapped_column(ForeignKey("basket.id", ondelete="CASCADE"))
    kind: Mapped[LineKind] = mapped_column(choice(LineKind, "kind"), default=LineKind.REGISTRATION)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    date_id: Mapped[int | None] = mapped_column(ForeignKey("activity_date.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("place_pool.id"))
    holding: Mapped[bool] = mapped_column(default=True)
    """Whether this line's place is counted in its pool."""
    price_category_id: Mapped[int | None] = mapped_column(
        ForeignKey("price_category.id", ondelete="SET NULL")
    )
    category_name: Mapped[str] = mapped_column(String(90))
    regular_price: Mapped[Decimal] = mapped_column(Money)
    price: Mapped[Decimal] = mapped_column(Money)
    overridden: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Kinds of problems that staff went beyond; those of ``sales.overriding``."""
    override_reason: Mapped[str] = mapped_column(Text, default="")
    """Why; empty where nothing was gone beyond but the price category."""
    uses_uitpas: Mapped[bool] = mapped_column(default=False)
    benefit_settled: Mapped[bool] = mapped_column(default=True)
    """False while the parent still has to choose a benefit."""
    uitpas_number: Mapped[str | None] = mapped_column(String(13))
    look_up_outcome: Mapped[PassOutcome | None] = mapped_column(
        choice(PassOutcome, "look_up_outcome")
    )
    """What became of looking up the missing number, so that it is asked once."""
    look_up_of: Mapped[str | None] = mapped_column(String(64))
    """The fingerprint of what was asked; ``question_of()`` of the person."""
    look_up_said: Mapped[bool] = mapped_column(default=False)
    """Whether publiq had words of its own to say: those are never kept, but asked again."""
    event_id: Mapped[str | None] = mapped_column(String(100))
    environment: Mapped[Environment | None] = mapped_column(choice(Environment, "environment"))
    offers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """What publiq offered at the moment of choosing: id, name, kind, price, remaining."""
    offers_message: Mapped[str] = mapped_column(Text, default="")
    benefit_kind: Mapped[BenefitKind | None] = mapped_column(choice(BenefitKind, "benefit_kind"))
    tariff_id: Mapped[str | None] = mapped_column(String(100))
    benefit_name: Mapped[str] = mapped_column(String(300), default="")
    message: Mapped[str] = mapped_column(Text, default="")
    """Why finishing stopped at this line; publiq's own words where it gave any."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    basket: Mapped[Basket] = relationship(back_populates="lines")
    activity: Mapped[Activity] = relationship()
    date: Mapped[ActivityDate | None] = relationship()
    person: Mapped[Person | None] = relationship()
    pool: Mapped[PlacePool] = relationship()
    price_category: Mapped[PriceCategory | None] = relationship()


class Order(Base):
    """Bestelling: what a basket became at finishing."""

    __tablename__ = "customer_order"
    __table_args__ = (
        Index("ix_customer_order_customer_id_created_at", "customer_id", "created_at"),
        Index("ix_customer_order_state_created_at", "state", "created_at"),
        Index("ix_customer_order_contact_name", "contact_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    """What people read and say: year and a short random part."""
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    contact_name: Mapped[str] = mapped_column(String(200), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    state: Mapped[OrderState] = mapped_column(choice(OrderState, "state"), default=OrderState.OPEN)
    basket_id: Mapped[int | None]
    payment_method: Mapped[PaymentMethod | None] = mapped_column(
        choice(PaymentMethod, "payment_method")
    )
    payment_request_id: Mapped[int | None] = mapped_column(
        ForeignKey("payment_request.id"), unique=True
    )
    message: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))

    customer: Mapped[Customer | None] = relationship()
    created_by: Mapped[Account | None] = relationship()
    """Who of the staff made it on behalf of the customer; None for the customer itself."""
    payment_request: Mapped[PaymentRequest | None] = relationship()
    lines: Mapped[list["OrderLine"]] = relationship(
        back_populates="order", cascade="all, delete-orphan", order_by="OrderLine.id"
    )

    @property
    def live_lines(self) -> list["OrderLine"]:
        """The lines that still stand."""
        return [line for line in self.lines if line.state is LineState.LIVE]

    @property
    def total(self) -> Decimal:
        """The price of the lines that still stand, in euro."""
        return sum((line.price for line in self.live_lines), Decimal("0.00"))


class OrderLine(Base):
    """One registration or ticket."""

    __tablename__ = "order_line"
    __table_args__ = (
        Index("ix_order_line_order_id", "order_id"),
        Index("ix_order_line_activity_id_state", "activity_id", "state"),
        Index("ix_order_line_person_id_activity_id", "person_id", "activity_id"),
        Index("ix_order_line_benefit_kind", "benefit_kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id", ondelete="CASCADE"))
    kind: Mapped[LineKind] = mapped_column(choice(LineKind, "kind"), default=LineKind.REGISTRATION)
    line_ref: Mapped[str] = mapped_column(String(12), unique=True)
    """Short and random; stands in publiq's regularPriceLabel and names nobody."""
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    date_id: Mapped[int | None] = mapped_column(ForeignKey("activity_date.id"))
    pool_id: Mapped[int] = mapped_column(ForeignKey("place_pool.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    participant_name: Mapped[str] = mapped_column(String(200), default="")
    price_category_id: Mapped[int | None] = mapped_column(
        ForeignKey("price_category.id", ondelete="SET NULL")
    )
    category_name: Mapped[str] = mapped_column(String(90))
    regular_price: Mapped[Decimal] = mapped_column(Money)
    price: Mapped[Decimal] = mapped_column(Money)
    benefit_kind: Mapped[BenefitKind | None] = mapped_column(choice(BenefitKind, "benefit_kind"))
    benefit_name: Mapped[str] = mapped_column(String(300), default="")
    overridden: Mapped[list[str]] = mapped_column(JSON, default=list)
    """As on the line of the basket: what staff went beyond, and why."""
    override_reason: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[LineState] = mapped_column(choice(LineState, "state"), default=LineState.LIVE)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancel_reason: Mapped[str] = mapped_column(Text, default="")
    cancelled_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL")
    )

    order: Mapped[Order] = relationship(back_populates="lines")
    activity: Mapped[Activity] = relationship()
    date: Mapped[ActivityDate | None] = relationship()
    person: Mapped[Person | None] = relationship()
    pool: Mapped[PlacePool] = relationship()


class LineChange(Base):
    """Verplaatsen, or voordeel achteraf: one change of a line, from intent to outcome.

    One at a time for each order, so that what UiTPAS answers can only be about this one.
    """

    __tablename__ = "line_change"
    __table_args__ = (
        Index(
            "uq_line_change_open",
            "order_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_line_change_order_id", "order_id"),
        Index("ix_line_change_line_id", "line_id"),
        Index("ix_line_change_new_line_id", "new_line_id"),
        Index("ix_line_change_wish_ref", "wish_ref"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("customer_order.id", ondelete="CASCADE"))
    line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id", ondelete="CASCADE"))
    new_line_id: Mapped[int | None] = mapped_column(ForeignKey("order_line.id", ondelete="CASCADE"))
    """The line that came in its place; null while there is none, or where the line stayed."""
    kind: Mapped[ChangeKind] = mapped_column(choice(ChangeKind, "kind"))
    state: Mapped[ChangeState] = mapped_column(choice(ChangeState, "state"))
    from_activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    to_activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    held_pool_id: Mapped[int | None] = mapped_column(ForeignKey("place_pool.id"))
    """The pool in which this change holds a place; null when it holds none."""
    price_category_id: Mapped[int | None] = mapped_column(
        ForeignKey("price_category.id", ondelete="SET NULL")
    )
    category_name: Mapped[str] = mapped_column(String(90))
    regular_price: Mapped[Decimal] = mapped_column(Money)
    environment: Mapped[Environment | None] = mapped_column(choice(Environment, "environment"))
    event_id: Mapped[str | None] = mapped_column(String(100))
    """Where the new sale is to be registered; null without one."""
    uitpas_number: Mapped[str | None] = mapped_column(String(13))
    """The pass that a move under way goes on with: another than was sold with where the card was
    replaced. Null once it ended, for the ledger holds it, and where no sale comes along."""
    agreed_price: Mapped[Decimal] = mapped_column(Money)
    """The most that was agreed to be paid with the benefit, in euro."""
    plain_agreed: Mapped[bool] = mapped_column(default=False)
    """Whether a refusal leads to the regular price instead of back."""
    wish_ref: Mapped[str | None] = mapped_column(String(12))
    """The reference of the ledger entry that is, or was last, under way for this change."""
    earlier_ref: Mapped[str | None] = mapped_column(String(12))
    """That of the entry before it: the new sale that was refused before the old one returned."""
    old_price: Mapped[Decimal] = mapped_column(Money)
    new_price: Mapped[Decimal | None] = mapped_column(Money)
    """What the line costs since the change; null until it ended so."""
    message: Mapped[str] = mapped_column(Text, default="")
    """Why it was refused; publiq's own words where it gave any."""
    reason: Mapped[str] = mapped_column(Text, default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    account_name: Mapped[str] = mapped_column(String(254), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    """When it came into the state it is in."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    line: Mapped[OrderLine] = relationship(foreign_keys=line_id)
    new_line: Mapped[OrderLine | None] = relationship(foreign_keys=new_line_id)
    from_activity: Mapped[Activity] = relationship(foreign_keys=from_activity_id)
    to_activity: Mapped[Activity] = relationship(foreign_keys=to_activity_id)

    @property
    def is_other_category(self) -> bool:
        """Whether the registration stays at its activity and only its price category changes."""
        return self.kind is ChangeKind.MOVE and self.from_activity_id == self.to_activity_id
