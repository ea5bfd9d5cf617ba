"""Column types that keep their promise on SQLite and PostgreSQL alike."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum as PythonEnum
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, Text
from sqlalchemy.types import TypeDecorator

from app.encryption import Undecipherable, keyring

CENT = Decimal("0.01")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; a naive one is refused, for SQLite would keep it."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """An amount in euro with two places, kept as whole cents; more places are refused."""

    impl = BigInteger().with_variant(Integer, "sqlite")
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        cents = value * 100
        if cents != cents.to_integral_value():
            raise ValueError("an amount with more than two places")
        return int(cents)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else (Decimal(value) / 100).quantize(CENT)


class Encrypted(TypeDecorator[str]):
    """Text that stands encrypted in the database; it cannot be searched.

    What no key reads any more raises Undecipherable, or gives ``unreadable`` where a page is to
    go on without it.
    """

    impl = Text
    cache_ok = True

    def __init__(self, unreadable: str | None = None) -> None:
        super().__init__()
        self.unreadable = unreadable

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else keyring.encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        try:
            return keyring.decrypt(value)
        except Undecipherable:
            if self.unreadable is None:
                raise
            return self.unreadable


def choice(kind: type[PythonEnum], name: str) -> Enum:
    """A column for one of an enumeration's values, guarded by a CHECK on both databases."""

    def values(enumeration: type[PythonEnum]) -> list[Any]:
        return [member.value for member in enumeration]

    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=30,
        values_callable=values,
        validate_strings=True,
    )
