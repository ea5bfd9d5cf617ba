"""The ledger: what we did, do and must still do at UiTPAS."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clock import now
from app.columns import Money, UtcDateTime, choice
from app.extensions import Base
from app.settings.models import Environment


class BenefitKind(Enum):
    """What a holder of a UiTPAS uses."""

    SOCIAL_TARIFF = "SOCIALTARIFF"
    COUPON = "COUPON"
    REWARD = "REWARD"


class EntryState(Enum):
    """Where a wish at UiTPAS stands (DESIGN: Ledger and reconciler)."""

    PLANNED = "planned"
    REGISTERING = "registering"
    REGISTERED = "registered"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    DROPPED = "dropped"
    KEPT = "kept"


class UitpasEntry(Base):
    """One ticket sale or redemption at UiTPAS, from wish to undoing (UiTPAS-grootboek)."""

    __tablename__ = "uitpas_entry"
    __table_args__ = (
        Index("ix_uitpas_entry_state_next_try_at", "state", "next_try_at"),
        Index("ix_uitpas_entry_order_id", "order_id"),
        Index("ix_uitpas_entry_environment_external_id", "environment", "external_id"),
        Index("ix_uitpas_entry_uitpas_number", "uitpas_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_ref: Mapped[str] = mapped_column(String(12), unique=True)
    order_id: Mapped[int]
    """Whose line it is; this room knows no orders, so the number is all it keeps."""
    environment: Mapped[Environment] = mapped_column(choice(Environment, "environment"))
    kind: Mapped[BenefitKind] = mapped_column(choice(BenefitKind, "kind"))
    event_id: Mapped[str] = mapped_column(String(100))
    uitpas_number: Mapped[str] = mapped_column(String(13))
    tariff_id: Mapped[str] = mapped_column(String(100))
    tariff_name: Mapped[str] = mapped_column(String(300))
    regular_price: Mapped[Decimal] = mapped_column(Money)
    regular_price_label: Mapped[str] = mapped_column(String(200))
    wished_price: Mapped[Decimal] = mapped_column(Money)
    """What publiq asked at the moment of choosing."""
    price: Mapped[Decimal | None] = mapped_column(Money)
    """What publiq answered to the sale; the price that is booked."""
    external_id: Mapped[str | None] = mapped_column(String(100))
    """UiTPAS-ticket-id."""
    state: Mapped[EntryState] = mapped_column(
        choice(EntryState, "state"), default=EntryState.PLANNED
    )
    problem: Mapped[str] = mapped_column(String(200), default="")
    message: Mapped[str] = mapped_column(Text, default="")
    """What publiq says to the end user, word for word."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_holder: Mapped[str] = mapped_column(String(64), default="")
    last_call_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    history: Mapped[list["UitpasEntryEvent"]] = relationship(
        cascade="all, delete-orphan", order_by="UitpasEntryEvent.id"
    )


class UitpasEntryEvent(Base):
    """One step in the life of a ledger entry."""

    __tablename__ = "uitpas_entry_event"
    __table_args__ = (Index("ix_uitpas_entry_event_entry_id", "entry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("uitpas_entry.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    state: Mapped[EntryState] = mapped_column(choice(EntryState, "state"))
    note: Mapped[str] = mapped_column(Text, default="")


class PassClaim(Base):
    """While an order is being finished, no second order uses the same pass for the same event."""

    __tablename__ = "pass_claim"
    __table_args__ = (
        UniqueConstraint("environment", "uitpas_number", "event_id"),
        Index("ix_pass_claim_order_id", "order_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[Environment] = mapped_column(choice(Environment, "environment"))
    uitpas_number: Mapped[str] = mapped_column(String(13))
    event_id: Mapped[str] = mapped_column(String(100))
    order_id: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
