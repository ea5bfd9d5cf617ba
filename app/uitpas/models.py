"""The ledger: what we did, do and must still do at UiTPAS."""

from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
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


class FindingKind(Enum):
    """How our ledger and publiq's list of sales can differ (the nightly audit)."""

    MISSING_THERE = "missing there"
    STILL_THERE = "still there"
    PRICE_DIFFERS = "price differs"
    UNKNOWN_HERE = "unknown here"
    DOUBLE = "double"
    MAYBE_OURS = "maybe ours"


class RunKind(Enum):
    """What went through the ledger by itself."""

    RECONCILE = "reconcile"
    AUDIT = "audit"


class UitpasEntry(Base):
    """One ticket sale or redemption at UiTPAS, from wish to undoing (UiTPAS-grootboek)."""

    __tablename__ = "uitpas_entry"
    __table_args__ = (
        Index("ix_uitpas_entry_state_next_try_at", "state", "next_try_at"),
        Index("ix_uitpas_entry_order_id", "order_id"),
        Index("ix_uitpas_entry_environment_external_id", "environment", "external_id"),
        Index("ix_uitpas_entry_uitpas_number", "uitpas_number"),
        Index("ix_uitpas_entry_event_id", "event_id"),
        Index("ix_uitpas_entry_external_id", "external_id"),
        Index("ix_uitpas_entry_created_at", "created_at"),
        Index("ix_uitpas_entry_environment_id", "environment", "id"),
        Index("ix_uitpas_entry_kind_id", "kind", "id"),
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
    undo_sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The last undo of which we do not know whether it arrived; null when there is none."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_holder: Mapped[str] = mapped_column(String(64), default="")
    last_call_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    """When it came into the state it is in, or when a person last set something right."""

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
    account_name: Mapped[str] = mapped_column(String(254), default="")
    """Who did it; empty for what went by itself."""


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


class LedgerFinding(Base):
    """One difference between our ledger and publiq's list of sales, until it is gone again."""

    __tablename__ = "ledger_finding"
    __table_args__ = (
        Index(
            "uq_ledger_finding_open",
            "environment",
            "event_id",
            "kind",
            "reference",
            unique=True,
            sqlite_where=text("resolved_at IS NULL"),
            postgresql_where=text("resolved_at IS NULL"),
        ),
        Index("ix_ledger_finding_entry_id", "entry_id"),
        Index("ix_ledger_finding_resolved_at", "resolved_at", "accepted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[Environment] = mapped_column(choice(Environment, "environment"))
    event_id: Mapped[str] = mapped_column(String(100))
    kind: Mapped[FindingKind] = mapped_column(choice(FindingKind, "kind"))
    reference: Mapped[str] = mapped_column(String(100))
    """What it is about: the line_ref of our entry and, where there is none, publiq's sale id."""
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("uitpas_entry.id", ondelete="CASCADE"))
    external_id: Mapped[str] = mapped_column(String(100), default="")
    """The sale at publiq; empty where none is there."""
    price_there: Mapped[Decimal | None] = mapped_column(Money)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when a person leaves it as it is; the reason stands beside it."""
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text, default="")
    account_name: Mapped[str] = mapped_column(String(254), default="")

    entry: Mapped[UitpasEntry | None] = relationship()


class EventAudit(Base):
    """When the sales of one event were, and will be, compared with publiq's list."""

    __tablename__ = "event_audit"
    __table_args__ = (
        Index("ix_event_audit_next_at", "next_at"),
        Index("ix_event_audit_problem", "problem"),
    )

    environment: Mapped[Environment] = mapped_column(
        choice(Environment, "environment"), primary_key=True
    )
    event_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When publiq's list was last read whole."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often in a row it could not be read."""
    problem: Mapped[str] = mapped_column(String(200), default="")
    sentence: Mapped[str] = mapped_column(Text, default="")
    """Why it could not be read, for staff."""
    ours: Mapped[int] = mapped_column(default=0)
    by_others: Mapped[int] = mapped_column(default=0)
    """Live sales of this event that other desks made."""


class IndicativeTariff(Base):
    """What a holder of the region would pay at an event, to advertise with: never to sell by."""

    __tablename__ = "indicative_tariff"

    environment: Mapped[Environment] = mapped_column(
        choice(Environment, "environment"), primary_key=True
    )
    event_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    regular_price: Mapped[Decimal] = mapped_column(Money)
    """The price in euro about which publiq was asked: the lowest of the activity."""
    price: Mapped[Decimal | None] = mapped_column(Money)
    """publiq's answer in euro; null where it gives no social tariff, or did not answer yet."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When publiq last said what stands here."""
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it is to be asked again; a publication or another price makes it due at once."""
    tries: Mapped[int] = mapped_column(default=0)
    """How often in a row publiq did not answer, or did not know the event yet."""


class LedgerRun(Base):
    """A run over the ledger that did something, or that a person asked for."""

    __tablename__ = "ledger_run"
    __table_args__ = (Index("ix_ledger_run_started_at", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[RunKind] = mapped_column(choice(RunKind, "kind"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    account_name: Mapped[str] = mapped_column(String(254), default="")
    """Who asked for it; empty for what went by itself."""
    done: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What was done: numbers of orders and references of entries, by kind."""
