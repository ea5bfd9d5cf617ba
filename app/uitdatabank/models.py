"""What an activity says at UiTdatabank, and what we know of its event there."""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
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
        Index("ix_uit_profile_location_id", "environment", "location_id"),
        Index("ix_uit_profile_organizer_id", "environment", "organizer_id"),
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
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    contact_phone: Mapped[str] = mapped_column(String(40), default="")
    contact_url: Mapped[str] = mapped_column(String(500), default="")
    image_id: Mapped[int | None] = mapped_column(ForeignKey("uit_image.id", ondelete="SET NULL"))
    follows: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Of an activity: the names of what came from its type and was not changed since."""
    version: Mapped[int] = mapped_column(default=1)
    """Counts the saves, so that the second of two clerks is told."""

    activity: Mapped[Activity | None] = relationship()
    activity_type: Mapped[ActivityType | None] = relationship()
    image: Mapped["UitImage | None"] = relationship()


class UitImage(Base):
    """A picture for an event, checked and made smaller; never changed, only replaced."""

    __tablename__ = "uit_image"

    id: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    media_type: Mapped[str] = mapped_column(String(30))
    width: Mapped[int]
    height: Mapped[int]
    description: Mapped[str] = mapped_column(String(250))
    copyright_holder: Mapped[str] = mapped_column(String(250))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    uploads: Mapped[list["ImageUpload"]] = relationship(cascade="all, delete-orphan")


class ImageUpload(Base):
    """Where a picture stands at publiq: sent once to each environment."""

    __tablename__ = "image_upload"

    image_id: Mapped[int] = mapped_column(
        ForeignKey("uit_image.id", ondelete="CASCADE"), primary_key=True
    )
    environment: Mapped[Environment] = mapped_column(
        choice(Environment, "environment"), primary_key=True
    )
    url: Mapped[str] = mapped_column(String(500))
    """publiq's ``@id`` of the picture."""


class EventLink(Base):
    """The UiT-koppeling of an activity in one environment: at most one event (invariant 5).

    No two activities have the same event either, whatever a look-up of a lost answer finds.
    """

    __tablename__ = "event_link"
    __table_args__ = (
        UniqueConstraint("activity_id", "environment"),
        UniqueConstraint("environment", "event_id"),
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
    organizer_fixed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when publiq lets nobody change the organizer: the first UiTPAS sale."""
    availability_sent: Mapped[list[Any] | None] = mapped_column(JSON)
    """Per date what publiq was last told: as planned, postponed or cancelled, and sold out."""
    availability_next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Not before this moment is a change of availability sent (again)."""
    availability_tries: Mapped[int] = mapped_column(default=0)
    availability_error: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the event was last compared with what we sent."""
    remote_status: Mapped[str] = mapped_column(String(30), default="")
    """publiq's workflowStatus as it was then; 'GONE' where publiq did not know the event."""
    differences: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    """What was changed at UiTdatabank since we published: part, ours and theirs, in Dutch."""

    activity: Mapped[Activity] = relationship()


class ReferenceKind(Enum):
    """What of publiq a profile refers to."""

    PLACE = "place"
    ORGANIZER = "organizer"


class ReferenceState(Enum):
    """Whether publiq still knows it (D13)."""

    ALIVE = "alive"
    GONE = "gone"
    MERGED = "merged"


class UitReference(Base):
    """A location or organizer of publiq as it was when we last looked (D13)."""

    __tablename__ = "uit_reference"
    __table_args__ = (Index("ix_uit_reference_state", "environment", "state"),)

    environment: Mapped[Environment] = mapped_column(
        choice(Environment, "environment"), primary_key=True
    )
    kind: Mapped[ReferenceKind] = mapped_column(choice(ReferenceKind, "kind"), primary_key=True)
    publiq_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(String(300), default="")
    address: Mapped[str] = mapped_column(String(300), default="")
    is_uitpas: Mapped[bool] = mapped_column(default=False)
    """Of an organizer: whether its labels or our permissions say that it is a partner."""
    state: Mapped[ReferenceState] = mapped_column(
        choice(ReferenceState, "state"), default=ReferenceState.ALIVE
    )
    successor_id: Mapped[str] = mapped_column(String(100), default="")
    """Into which other one it was merged."""
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class PublicationRun(Base):
    """Many activities to be published, asked for by one person at one moment (D8)."""

    __tablename__ = "publication_run"
    __table_args__ = (Index("ix_publication_run_created_at", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[Environment] = mapped_column(choice(Environment, "environment"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    account_name: Mapped[str] = mapped_column(String(254), default="")
    title: Mapped[str] = mapped_column(String(200), default="")
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    items: Mapped[list["PublicationItem"]] = relationship(
        back_populates="run", cascade="all, delete-orphan", order_by="PublicationItem.position"
    )


class ItemState(Enum):
    """Where one activity of a run stands."""

    WAITING = "waiting"
    SENDING = "sending"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


class PublicationItem(Base):
    """One activity of a run: the row is the truth, the queue only wakes who sweeps it."""

    __tablename__ = "publication_item"
    __table_args__ = (
        UniqueConstraint("run_id", "activity_id"),
        Index("ix_publication_item_state_next_try_at", "state", "next_try_at"),
        Index("ix_publication_item_activity_id", "activity_id"),
        Index(
            "uq_publication_item_due",
            "environment",
            "activity_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'sending')"),
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("publication_run.id", ondelete="CASCADE"))
    environment: Mapped[Environment] = mapped_column(choice(Environment, "environment"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=0)
    state: Mapped[ItemState] = mapped_column(choice(ItemState, "state"), default=ItemState.WAITING)
    outcome: Mapped[str] = mapped_column(String(30), default="")
    sentence: Mapped[str] = mapped_column(Text, default="")
    warning: Mapped[str] = mapped_column(Text, default="")
    call_id: Mapped[int | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_holder: Mapped[str] = mapped_column(String(64), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    run: Mapped[PublicationRun] = relationship(back_populates="items")
    activity: Mapped[Activity] = relationship()


class TaxonomyTerm(Base):
    """A term of publiq's taxonomy, kept as the last good copy (D1)."""

    __tablename__ = "taxonomy_term"
    __table_args__ = (Index("ix_taxonomy_term_domain_name", "domain", "name"),)

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    domain: Mapped[str] = mapped_column(String(30))
    name: Mapped[str] = mapped_column(String(200))
    suggested_theme_ids: Mapped[list[str]] = mapped_column(JSON, default=list)
    for_places: Mapped[bool] = mapped_column(default=False)
    """A kind of place, which a new location needs; the others are for events."""
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
