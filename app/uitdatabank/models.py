"""What an activity says at UiTdatabank, and what we know of its event there."""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.activities.models import Activity, ActivityType
from app.clock import now
from app.columns import UtcDateTime, choice
from app.extensions import Base
from app.settings.models import Environment


class Audience(Enum):
    """For whom an event is visible (D5); the values are publiq's audienceType."""

    EVERYONE = "everyone"
    MEMBERS = "members"
    EDUCATION = "education"


class LinkState(Enum):
    """Where the publication of an activity stands."""

    NEVER = "never"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PUBLISHED = "published"
    FAILED = "failed"


class UitProfile(Base):
    """The tab UiTdatabank of a type or an activity (D1, D2)."""

    __tablename__ = "uit_profile"
    __table_args__ = (
        CheckConstraint("(activity_type_id IS NULL) <> (activity_id IS NULL)", name="one_owner"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_type_id: Mapped[int | None] = mapped_column(
        ForeignKey("activity_type.id", ondelete="CASCADE"), unique=True
    )
    activity_id: Mapped[int | None] = mapped_column(
        ForeignKey("activity.id", ondelete="CASCADE"), unique=True
    )
    environment: Mapped[Environment | None] = mapped_column(choice(Environment, "environment"))
    """Where location and organizer were chosen; elsewhere they count as missing."""
    postal_code: Mapped[str] = mapped_column(String(10), default="")
    location_id: Mapped[str] = mapped_column(String(100), default="")
    location_name: Mapped[str] = mapped_column(String(300), default="")
    location_address: Mapped[str] = mapped_column(String(300), default="")
    organizer_id: Mapped[str] = mapped_column(String(100), default="")
    organizer_name: Mapped[str] = mapped_column(String(300), default="")
    organizer_is_uitpas: Mapped[bool] = mapped_column(default=False)
    event_type: Mapped[str] = mapped_column(String(40), default="")
    """Thema: id of the term in publiq's domain eventtype."""
    theme: Mapped[str] = mapped_column(String(40), default="")
    """Subthema: id of the term in publiq's domain theme."""
    labels: Mapped[list[str]] = mapped_column(JSON, default=list)
    audience: Mapped[Audience] = mapped_column(
        choice(Audience, "audience"), default=Audience.EVERYONE
    )
    description: Mapped[str] = mapped_column(Text, default="")
    registration_link: Mapped[bool] = mapped_column(default=False)
    link_email: Mapped[str] = mapped_column(String(254), default="")
    link_phone: Mapped[str] = mapped_column(String(40), default="")
    link_starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    link_ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    activity: Mapped[Activity | None] = relationship()
    activity_type: Mapped[ActivityType | None] = relationship()


class EventLink(Base):
    """The UiT-koppeling of an activity in one environment: at most one event (invariant 5)."""

    __tablename__ = "event_link"
    __table_args__ = (
        UniqueConstraint("activity_id", "environment"),
        Index("ix_event_link_state", "state", "sent_at"),
        Index("ix_event_link_event_id", "event_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    environment: Mapped[Environment] = mapped_column(choice(Environment, "environment"))
    event_id: Mapped[str | None] = mapped_column(String(100))
    state: Mapped[LinkState] = mapped_column(choice(LinkState, "state"), default=LinkState.NEVER)
    first_published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    content_hash: Mapped[str] = mapped_column(String(64), default="")
    """Of what a clerk edits, as it was last sent."""
    published_by: Mapped[str] = mapped_column(String(254), default="")
    """Name of who published last, as it was then."""
    sent_body: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last request left, for the look-up of a lost answer."""
    searches: Mapped[int] = mapped_column(default=0)
    """How often a lost answer was looked for: after 10 seconds, 1 and 5 minutes."""
    registration_opens_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """'Vandaag' as the start of the button, fixed at the first publication."""
    organizer_id: Mapped[str] = mapped_column(String(100), default="")
    organizer_is_uitpas: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str] = mapped_column(Text, default="")
    last_call_id: Mapped[int | None]

    activity: Mapped[Activity] = relationship()


class TaxonomyTerm(Base):
    """A term of publiq's taxonomy, kept as the last good copy (D1)."""

    __tablename__ = "taxonomy_term"
    __table_args__ = (Index("ix_taxonomy_term_domain_name", "domain", "name"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    domain: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(200))
    suggested_theme_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    fetched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class StatusBasis(Base):
    """What the UiT statuses of a type's activities were last computed from, as a hash.

    Differs from what stands there now when settings or the type changed; a job then catches up.
    """

    __tablename__ = "uit_status_basis"

    activity_type_id: Mapped[int] = mapped_column(
        ForeignKey("activity_type.id", ondelete="CASCADE"), primary_key=True
    )
    fingerprint: Mapped[str] = mapped_column(String(64))
