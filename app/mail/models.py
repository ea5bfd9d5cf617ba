"""The outbox: what is to be sent is a row, written in the transaction of what it tells about."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import now
from app.columns import UtcDateTime
from app.extensions import Base


class MailMessage(Base):
    """One mail; due until ``sent_at`` is set or it is given up."""

    __tablename__ = "mail_message"
    __table_args__ = (Index("ix_mail_message_due", "sent_at", "next_try_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(50))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    attachments: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """Each: name, media_type, and content as text."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    next_try_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=now)
    """Null once sent or given up."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str] = mapped_column(Text, default="")
