"""What is to be paid, what was paid and what goes back; append-only, and knowing no orders."""

from datetime import datetime
from decimal import Decimal
from enum import Enum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.clock import now
from app.columns import Money, UtcDateTime, choice
from app.extensions import Base


class PaymentMethod(Enum):
    """How somebody pays."""

    DESK = "desk"
    TRANSFER = "transfer"
    ONLINE = "online"


class PaymentMeans(Enum):
    """With what a payment arrived."""

    CASH = "cash"
    TERMINAL = "terminal"
    TRANSFER = "transfer"
    ONLINE = "online"


class PaymentRequest(Base):
    """Betaalverzoek: a claim of so many euro, with its structured communication."""

    __tablename__ = "payment_request"
    __table_args__ = (CheckConstraint("amount >= 0", name="amount_not_negative"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    communication: Mapped[str] = mapped_column(String(12), unique=True)
    """Structured communication: twelve digits, the last two a check."""
    method: Mapped[PaymentMethod] = mapped_column(choice(PaymentMethod, "method"))
    amount: Mapped[Decimal] = mapped_column(Money)
    """What is claimed now; falls when a line is cancelled."""
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    payments: Mapped[list["Payment"]] = relationship(
        order_by="Payment.id", cascade="all, delete-orphan"
    )
    refunds: Mapped[list["Refund"]] = relationship(
        order_by="Refund.id", cascade="all, delete-orphan"
    )

    @property
    def paid(self) -> Decimal:
        """What came in less what goes back, in euro."""
        received = sum((p.amount for p in self.payments), Decimal("0.00"))
        return received - sum((r.amount for r in self.refunds), Decimal("0.00"))

    @property
    def open_amount(self) -> Decimal:
        """What is still to be paid, in euro; negative when too much was paid."""
        return self.amount - self.paid


class Payment(Base):
    """Money that arrived; a correction is a new row."""

    __tablename__ = "payment"
    __table_args__ = (Index("ix_payment_request_id", "request_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("payment_request.id"))
    amount: Mapped[Decimal] = mapped_column(Money)
    means: Mapped[PaymentMeans] = mapped_column(choice(PaymentMeans, "means"))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(Text, default="")


class Refund(Base):
    """Money that goes back; due until a person marks it as paid."""

    __tablename__ = "refund"
    __table_args__ = (
        Index("ix_refund_request_id", "request_id"),
        Index("ix_refund_paid_at", "paid_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[int] = mapped_column(ForeignKey("payment_request.id"))
    amount: Mapped[Decimal] = mapped_column(Money)
    reason: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    paid_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paid_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
