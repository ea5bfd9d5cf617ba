"""Activity types, activities with their dates, prices, series, groups and place pools."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clock import now
from app.columns import Money, UtcDateTime, choice
from app.extensions import Base


class Module(Enum):
    """Which of the two modules an activity belongs to."""

    REGISTRATION = "registration"
    TICKETING = "ticketing"


class ActivityState(Enum):
    """Whether the public sees an activity."""

    DRAFT = "draft"
    ONLINE = "online"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class UitStatus(Enum):
    """How an activity stands at UiTdatabank in the active environment (D10)."""

    INCOMPLETE = "incomplete"
    COMPLETE = "complete"
    PUBLISHED = "published"
    CHANGED = "changed"
    NOT_APPLICABLE = "not_applicable"


class ActivityType(Base):
    """What activities of one kind share; an activity copies it when it is made (C1)."""

    __tablename__ = "activity_type"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    module: Mapped[Module] = mapped_column(choice(Module, "module"))
    poster: Mapped[str] = mapped_column(String(30), default="play")
    """Which drawing stands on the cards of the shop: the part after ``art-`` in icons.svg."""
    default_capacity: Mapped[int] = mapped_column(default=20)
    min_age: Mapped[int | None]
    max_age: Mapped[int | None]
    publish_in_uit: Mapped[bool] = mapped_column(default=True)
    cancel_until_days: Mapped[int] = mapped_column(default=7)
    """Until how many days before the first date a customer may cancel."""
    refund_before_percent: Mapped[int] = mapped_column(default=100)
    refund_after_percent: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    price_categories: Mapped[list["PriceCategory"]] = relationship(
        back_populates="activity_type",
        cascade="all, delete-orphan",
        order_by="PriceCategory.position",
    )


class Series(Base):
    """A formula: activities that belong together and are chosen separately."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    formula: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """By what its activities were made (D7); None for a series that was put together by hand."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    activities: Mapped[list["Activity"]] = relationship(
        back_populates="series", order_by="Activity.first_start"
    )


group_activity = Table(
    "registration_group_activity",
    Base.metadata,
    Column("group_id", ForeignKey("registration_group.id", ondelete="CASCADE"), primary_key=True),
    Column("activity_id", ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_registration_group_activity_activity_id", "activity_id"),
)

activity_monitor = Table(
    "activity_monitor",
    Base.metadata,
    Column("activity_id", ForeignKey("activity.id", ondelete="CASCADE"), primary_key=True),
    Column("account_id", ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_activity_monitor_account_id", "account_id"),
)
"""Which members of staff see the attendance list of an activity (DESIGN: Accounts)."""


class RegistrationGroup(Base):
    """A named set of activities with one registration period and one overview.

    Where it has a period, each of its activities keeps a copy of it, so that whoever asks when
    registration opens looks at the activity alone; no activity is in two such groups. Without a
    period each activity has its own.
    """

    __tablename__ = "registration_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    registration_opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    registration_closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    activities: Mapped[list["Activity"]] = relationship(
        secondary=group_activity, order_by="Activity.first_start"
    )


class Activity(Base):
    """What one registration is for (DESIGN: What things are)."""

    __tablename__ = "activity"
    __table_args__ = (
        Index("ix_activity_activity_type_id_first_start", "activity_type_id", "first_start"),
        Index("ix_activity_uit_status_first_start", "uit_status", "first_start"),
        Index("ix_activity_state_last_end", "state", "last_end"),
        Index("ix_activity_first_start_last_end", "first_start", "last_end"),
        Index("ix_activity_uit_status_last_end", "uit_status", "last_end"),
        Index("ix_activity_series_id", "series_id"),
        Index("ix_activity_title", "title"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_type_id: Mapped[int] = mapped_column(ForeignKey("activity_type.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[ActivityState] = mapped_column(
        choice(ActivityState, "state"), default=ActivityState.DRAFT
    )
    state_reason: Mapped[str] = mapped_column(Text, default="")
    """Why it is cancelled or postponed, for the public."""
    schedule: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """A weekly schedule in place of dates; read and written by schedule.py."""
    registration_opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    registration_closes_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    min_age: Mapped[int | None]
    max_age: Mapped[int | None]
    publish_in_uit: Mapped[bool] = mapped_column(default=True)
    uit_status: Mapped[UitStatus] = mapped_column(
        choice(UitStatus, "uit_status"), default=UitStatus.INCOMPLETE
    )
    first_start: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_end: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)
    """Counts the saves, so that the second of two clerks is told."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    activity_type: Mapped[ActivityType] = relationship()
    series: Mapped[Series | None] = relationship(back_populates="activities")
    dates: Mapped[list["ActivityDate"]] = relationship(
        back_populates="activity",
        cascade="all, delete-orphan",
        order_by="ActivityDate.starts_at",
    )
    price_categories: Mapped[list["PriceCategory"]] = relationship(
        back_populates="activity",
        cascade="all, delete-orphan",
        order_by="PriceCategory.position",
    )
    pools: Mapped[list["PlacePool"]] = relationship(
        back_populates="activity", cascade="all, delete-orphan", order_by="PlacePool.id"
    )


class ActivityDate(Base):
    """One date of an activity, with its times."""

    __tablename__ = "activity_date"
    __table_args__ = (
        CheckConstraint("ends_at >= starts_at", name="order"),
        Index("ix_activity_date_activity_id_starts_at", "activity_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    postponed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status_reason: Mapped[str] = mapped_column(Text, default="")
    """Why this date is cancelled or postponed, for the public."""

    activity: Mapped[Activity] = relationship(back_populates="dates")


class SchoolHoliday(Base):
    """Days that a formula can leave out at a click; both days count (D7)."""

    __tablename__ = "school_holiday"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="order"),
        UniqueConstraint("name", "first_day"),
        Index("ix_school_holiday_first_day", "first_day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)


class Zone(Base):
    """A part of the hall with places of its own (vak)."""

    __tablename__ = "zone"
    __table_args__ = (UniqueConstraint("activity_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))


class PlacePool(Base):
    """Places that can be taken; ``taken`` includes what baskets hold (DESIGN: Places).

    Never sold above its capacity: the CHECK says so even when code forgets.
    """

    __tablename__ = "place_pool"
    __table_args__ = (
        CheckConstraint("taken >= 0", name="taken_not_negative"),
        CheckConstraint("taken <= capacity", name="taken_within_capacity"),
        CheckConstraint(
            "raised >= 0 AND (raised = 0 OR taken = capacity)", name="raised_only_when_full"
        ),
        UniqueConstraint("activity_id", "date_id", "zone_id"),
        Index(
            "uq_place_pool_activity_only",
            "activity_id",
            unique=True,
            sqlite_where=text("date_id IS NULL AND zone_id IS NULL"),
            postgresql_where=text("date_id IS NULL AND zone_id IS NULL"),
        ),
        Index(
            "uq_place_pool_date_only",
            "date_id",
            unique=True,
            sqlite_where=text("zone_id IS NULL"),
            postgresql_where=text("zone_id IS NULL"),
        ),
        Index("ix_place_pool_activity_id", "activity_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    date_id: Mapped[int | None] = mapped_column(ForeignKey("activity_date.id", ondelete="CASCADE"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id", ondelete="CASCADE"))
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    raised: Mapped[int] = mapped_column(default=0)
    """How many of the capacity staff added to go beyond it (``places.take_beyond``)."""

    activity: Mapped[Activity] = relationship(back_populates="pools")

    @property
    def left(self) -> int:
        """Places that are neither sold nor held."""
        return self.capacity - self.taken


class PriceCategory(Base):
    """A price of a type or an activity; the first without a residence rule is the base price."""

    __tablename__ = "price_category"
    __table_args__ = (
        CheckConstraint("(activity_type_id IS NULL) <> (activity_id IS NULL)", name="one_owner"),
        CheckConstraint("price >= 0", name="price_not_negative"),
        Index("ix_price_category_activity_id", "activity_id"),
        Index("ix_price_category_activity_type_id", "activity_type_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_type_id: Mapped[int | None] = mapped_column(
        ForeignKey("activity_type.id", ondelete="CASCADE")
    )
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=0)
    name: Mapped[str] = mapped_column(String(90))
    price: Mapped[Decimal] = mapped_column(Money)
    postal_codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    """'Enkel inwoners': the postcodes that may have this price; empty means everybody."""

    activity_type: Mapped[ActivityType | None] = relationship(back_populates="price_categories")
    activity: Mapped[Activity | None] = relationship(back_populates="price_categories")

    @property
    def residents_only(self) -> bool:
        """Whether only people of certain postcodes may have this price."""
        return bool(self.postal_codes)
