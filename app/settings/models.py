"""Settings of the municipality and of UiT, tokens, the log of calls and the audit trail."""

from datetime import datetime
from enum import Enum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.columns import Encrypted, UtcDateTime, choice
from app.extensions import Base

ONLY_ROW = 1


class Environment(Enum):
    """Which of publiq's worlds a row belongs to."""

    PRODUCTION = "production"
    TEST = "test"
    SANDBOX = "sandbox"


class CallOutcome(Enum):
    """How a call to publiq ended."""

    OK = "ok"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    ANSWER_LOST = "answer lost"
    BUSY = "busy"
    AUTHENTICATION = "authentication"


class UitSettings(Base):
    """The general tab of the UiT settings (S2): one row."""

    __tablename__ = "uit_settings"

    id: Mapped[int] = mapped_column(primary_key=True, default=ONLY_ROW)
    active_environment: Mapped[Environment] = mapped_column(
        choice(Environment, "active_environment"), default=Environment.SANDBOX
    )
    default_postal_code: Mapped[str] = mapped_column(String(10), default="")
    registration_link_default: Mapped[bool] = mapped_column(default=False)
    registration_link_email: Mapped[str] = mapped_column(String(254), default="")
    registration_link_phone: Mapped[str] = mapped_column(String(40), default="")
    uitdatabank_on: Mapped[bool] = mapped_column(default=True)
    uitpas_on: Mapped[bool] = mapped_column(default=True)
    rewards_on: Mapped[bool] = mapped_column(default=False)
    coupons_on: Mapped[bool] = mapped_column(default=True)
    call_log_days: Mapped[int] = mapped_column(default=30)
    exceptions_in_words: Mapped[bool] = mapped_column(default=False)
    """Closed and adjusted days stand below the description, where publiq takes no others yet."""


class PrivacySettings(Base):
    """What may be kept of people, and how long: one row."""

    __tablename__ = "privacy_settings"

    id: Mapped[int] = mapped_column(primary_key=True, default=ONLY_ROW)
    insz_on: Mapped[bool] = mapped_column(default=False)
    """Whether register numbers may be asked and used; never without a legal ground."""
    insz_ground: Mapped[str] = mapped_column(Text, default="")
    insz_months: Mapped[int] = mapped_column(default=24)
    """After its last use a register number is forgotten."""
    tariff_months: Mapped[int] = mapped_column(default=3)
    """After it was last asked the status of a social tariff is forgotten."""
    guest_pass_months: Mapped[int] = mapped_column(default=13)
    """So long the ledger keeps the pass number of an order without customer."""


class EnvironmentSettings(Base):
    """Credentials and addresses for one environment (S1)."""

    __tablename__ = "environment_settings"

    environment: Mapped[Environment] = mapped_column(
        choice(Environment, "environment"), primary_key=True
    )
    client_id: Mapped[str] = mapped_column(String(200), default="")
    client_secret: Mapped[str | None] = mapped_column(Encrypted)
    registration_page_url: Mapped[str] = mapped_column(String(500), default="")
    tested_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class OrganizerPermission(Base):
    """An organizer for which our credentials have rights at UiTPAS, as of ``checked_at`` (S1)."""

    __tablename__ = "organizer_permission"

    environment: Mapped[Environment] = mapped_column(
        choice(Environment, "environment"), primary_key=True
    )
    organizer_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    name: Mapped[str] = mapped_column(String(300))
    permissions: Mapped[list[str]] = mapped_column(JSON)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class AccessToken(Base):
    """The token of one environment and client id (S3), encrypted."""

    __tablename__ = "access_token"

    environment: Mapped[Environment] = mapped_column(
        choice(Environment, "environment"), primary_key=True
    )
    client_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    token: Mapped[str] = mapped_column(Encrypted)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PubliqCall(Base):
    """One HTTP request to publiq (S4), already redacted when it is written."""

    __tablename__ = "publiq_call"
    __table_args__ = (
        Index("ix_publiq_call_started_at", "started_at"),
        Index("ix_publiq_call_outcome_started_at", "outcome", "started_at"),
        Index("ix_publiq_call_operation_started_at", "operation", "started_at"),
        Index("ix_publiq_call_activity_id_started_at", "activity_id", "started_at"),
        Index("ix_publiq_call_account_id_started_at", "account_id", "started_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    environment: Mapped[Environment] = mapped_column(choice(Environment, "environment"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    duration_ms: Mapped[int]
    operation: Mapped[str] = mapped_column(String(100))
    method: Mapped[str] = mapped_column(String(10))
    url: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(String(200), default="")
    status: Mapped[int | None]
    outcome: Mapped[CallOutcome] = mapped_column(choice(CallOutcome, "outcome"))
    problem_type: Mapped[str | None] = mapped_column(String(300))
    problem_title: Mapped[str | None] = mapped_column(Text)
    request_body: Mapped[str | None] = mapped_column(Text)
    response_body: Mapped[str | None] = mapped_column(Text)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    account_name: Mapped[str] = mapped_column(String(254), default="")
    activity_id: Mapped[int | None]


class Municipality(Base):
    """What every page and mail says of the municipality (C10): one row."""

    __tablename__ = "municipality"

    id: Mapped[int] = mapped_column(primary_key=True, default=ONLY_ROW)
    name: Mapped[str] = mapped_column(String(100), default="Onze gemeente")
    department_name: Mapped[str] = mapped_column(String(100), default="Vrije tijd")
    street: Mapped[str] = mapped_column(String(200), default="")
    postal_code: Mapped[str] = mapped_column(String(10), default="")
    locality: Mapped[str] = mapped_column(String(100), default="")
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    opening_hours: Mapped[str] = mapped_column(String(300), default="")
    iban: Mapped[str] = mapped_column(String(34), default="")
    account_holder: Mapped[str] = mapped_column(String(100), default="")
    brand_color: Mapped[str] = mapped_column(String(7), default="#5b2365")
    accent_color: Mapped[str] = mapped_column(String(7), default="#ffc43a")
    terms: Mapped[str] = mapped_column(Text, default="")
    privacy: Mapped[str] = mapped_column(Text, default="")


class AuditEntry(Base):
    """Who did what to whom, and why (C11)."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    account_name: Mapped[str] = mapped_column(String(254), default="")
    action: Mapped[str] = mapped_column(String(100))
    subject_kind: Mapped[str] = mapped_column(String(50), default="")
    subject_id: Mapped[str] = mapped_column(String(50), default="")
    subject_label: Mapped[str] = mapped_column(String(300), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    detail: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class JobLease(Base):
    """Which process runs a periodic job, and until when nobody else does."""

    __tablename__ = "job_lease"

    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    holder: Mapped[str] = mapped_column(String(100), default="")
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    last_run_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RateWindow(Base):
    """When something was tried of late, for the rate limits of all processes."""

    __tablename__ = "rate_window"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A fingerprint: the limit's own key names addresses and accounts."""
    moments: Mapped[str] = mapped_column(Text)
    """The tries that count, oldest first: a JSON list of seconds since 1970."""
    expires_at: Mapped[float]
    """When the last of them no longer counts, in seconds since 1970."""
