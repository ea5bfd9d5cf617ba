"""The whole database as text, to look for what must not stand in it."""

import json
from collections.abc import Iterator

from sqlalchemy import MetaData, select

from app.extensions import db


def dump() -> Iterator[tuple[str, str]]:
    """Every value of every table, with where it stands."""
    metadata = MetaData()
    metadata.reflect(db.engine)
    with db.engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                for name, value in row._mapping.items():
                    shown = value if isinstance(value, str) else json.dumps(value, default=str)
                    yield f"{table.name}.{name}", shown
