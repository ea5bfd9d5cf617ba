"""For tests of lists: how many statements a piece of code sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from app.extensions import db


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """The statements that were sent inside, whichever thread sent them; ``len()`` counts them."""
    sent: list[str] = []

    def _note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("BEGIN"):  # SQLite's, sent by ourselves
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", _note)
    try:
        yield sent
    finally:
        event.remove(db.engine, "before_cursor_execute", _note)
