"""Accounts that sign in, customers, and the persons of a customer."""

from datetime import date, datetime
from enum import Enum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.clock import now
from app.columns import Encrypted, UtcDateTime, choice
from app.encryption import keyring
from app.extensions import Base


class Role(Enum):
    """What a member of staff may do (DESIGN: Accounts)."""

    ADMIN = "admin"
    CASHIER = "cashier"
    MONITOR = "monitor"


class TariffStatus(Enum):
    """What UiTPAS last said of a person's social tariff (P3); it informs and never decides."""

    ACTIVE = "active"
    EXPIRED = "expired"
    NONE = "none"
    UNKNOWN = "unknown"


class Account(Base):
    """Somebody who can sign in: staff, a customer, or both."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    password_hash: Mapped[str] = mapped_column(String(200), default="")
    blocked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    password_changed_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    role_rows: Mapped[list["AccountRole"]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )
    customer: Mapped["Customer | None"] = relationship(back_populates="account", lazy="joined")

    @validates("email")
    def _lower(self, _key: str, value: str) -> str:
        return value.strip().lower()

    @property
    def roles(self) -> frozenset[Role]:
        """The roles of staff; empty for a customer's account."""
        return frozenset(row.role for row in self.role_rows)

    def has_role(self, *roles: Role) -> bool:
        """Whether the account holds at least one of these."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_admin(self) -> bool:
        """Beheerder."""
        return self.has_role(Role.ADMIN)

    @property
    def is_cashier(self) -> bool:
        """Kassier."""
        return self.has_role(Role.CASHIER)

    @property
    def is_monitor(self) -> bool:
        """Monitor."""
        return self.has_role(Role.MONITOR)

    @property
    def is_staff(self) -> bool:
        """Whether the account holds any role."""
        return bool(self.role_rows)


class AccountRole(Base):
    """One role of an account."""

    __tablename__ = "account_role"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("account.id", ondelete="CASCADE"), primary_key=True
    )
    role: Mapped[Role] = mapped_column(choice(Role, "role"), primary_key=True)


class AccountSession(Base):
    """A sign-in that has not ended; deleting the row ends it wherever it is (DESIGN: Accounts)."""

    __tablename__ = "account_session"
    __table_args__ = (Index("ix_account_session_account_id", "account_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    account: Mapped[Account] = relationship(lazy="joined")


class Customer(Base):
    """A household that registers or buys; needs neither e-mail nor account."""

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_last_name_first_name", "last_name", "first_name"),
        Index("ix_customer_email", "email"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("account.id", ondelete="SET NULL"), unique=True
    )
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    email: Mapped[str] = mapped_column(String(254), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    street: Mapped[str] = mapped_column(String(200), default="")
    postal_code: Mapped[str] = mapped_column(String(10), default="")
    locality: Mapped[str] = mapped_column(String(100), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    account: Mapped[Account | None] = relationship(back_populates="customer")
    persons: Mapped[list["Person"]] = relationship(
        back_populates="customer",
        cascade="all, delete-orphan",
        order_by="Person.birth_date, Person.id",
    )

    @property
    def name(self) -> str:
        """First name and last name."""
        return f"{self.first_name} {self.last_name}"


UNREADABLE = ""
"""In the place of a register number that no key reads: as little use as none, yet not None."""


class Person(Base):
    """A member of a customer's family, or a contact."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("customer_id", "insz_fingerprint"),
        Index("ix_person_customer_id", "customer_id"),
        Index("ix_person_insz_fingerprint", "insz_fingerprint"),
        Index("ix_person_uitpas_number", "uitpas_number"),
        Index("ix_person_tariff_status", "tariff_status", "tariff_until"),
        Index("ix_person_tariff_checked_at", "tariff_checked_at"),
        Index("ix_person_insz_used_at", "insz_used_at"),
        Index("ix_person_is_group_pass", "is_group_pass"),
        Index("ix_person_last_name_first_name", "last_name", "first_name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100))
    birth_date: Mapped[date | None]
    own_postal_code: Mapped[str] = mapped_column(String(10), default="")
    insz: Mapped[str | None] = mapped_column(Encrypted(unreadable=UNREADABLE))
    insz_fingerprint: Mapped[str | None] = mapped_column(String(64))
    insz_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the register number was last typed, looked up by or shown; its term runs from here."""
    uitpas_number: Mapped[str | None] = mapped_column(String(13))
    is_group_pass: Mapped[bool] = mapped_column(default=False)
    """Whether publiq said that the number is an organisation's: it only buys tickets."""
    tariff_status: Mapped[TariffStatus] = mapped_column(
        choice(TariffStatus, "tariff_status"), default=TariffStatus.UNKNOWN
    )
    tariff_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tariff_checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)

    customer: Mapped[Customer] = relationship(back_populates="persons")

    @validates("insz")
    def _fingerprint(self, _key: str, value: str | None) -> str | None:
        self.insz_fingerprint = None if value is None else keyring.fingerprint(value)
        self.insz_used_at = None if value is None else now()
        return value

    @property
    def insz_unreadable(self) -> bool:
        """Whether there is a register number that no key reads: LOKET_SECRET_KEY was changed."""
        return self.insz == UNREADABLE

    @property
    def name(self) -> str:
        """First name and last name."""
        return f"{self.first_name} {self.last_name}"

    @validates("uitpas_number")
    def _other_number(self, _key: str, value: str | None) -> str | None:
        if self.uitpas_number is not None and value != self.uitpas_number:
            self.forget_tariff()
        return value

    def forget_tariff(self) -> None:
        """What was known of the social tariff belonged to another number."""
        self.tariff_status = TariffStatus.UNKNOWN
        self.tariff_until = None
        self.tariff_checked_at = None
        self.is_group_pass = False

    @property
    def postal_code(self) -> str:
        """The person's own postcode, or else the customer's."""
        return self.own_postal_code or self.customer.postal_code


class PassCheckState(Enum):
    """Where one person of a run stands."""

    WAITING = "waiting"
    ASKING = "asking"
    DONE = "done"
    FAILED = "failed"


class PassCheckRun(Base):
    """Asking UiTPAS about a selection of persons, one by one, on the queue (P3)."""

    __tablename__ = "pass_check_run"
    __table_args__ = (Index("ix_pass_check_run_created_at", "created_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    account_name: Mapped[str] = mapped_column(String(254), default="")

    items: Mapped[list["PassCheckItem"]] = relationship(
        back_populates="run", cascade="all, delete-orphan", order_by="PassCheckItem.position"
    )


class PassCheckItem(Base):
    """One person of a run: the row is the truth, the queue only wakes who sweeps it."""

    __tablename__ = "pass_check_item"
    __table_args__ = (
        UniqueConstraint("run_id", "person_id"),
        Index("ix_pass_check_item_state_next_try_at", "state", "next_try_at"),
        Index("ix_pass_check_item_person_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("pass_check_run.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(default=0)
    state: Mapped[PassCheckState] = mapped_column(
        choice(PassCheckState, "state"), default=PassCheckState.WAITING
    )
    sentence: Mapped[str] = mapped_column(Text, default="")
    """What became of it, in Dutch; empty when there is nothing to say."""
    messages: Mapped[list[list[str]]] = mapped_column(JSON, default=list)
    """publiq's messages, word for word, each with its level: they must be shown to who asked."""
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_holder: Mapped[str] = mapped_column(String(64), default="")
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    run: Mapped[PassCheckRun] = relationship(back_populates="items")
    person: Mapped[Person] = relationship()
