"""The extensions, each created once, and the one way to write to the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import has_request_context
from flask_babel import Babel, gettext, lazy_gettext
from flask_limiter import Limiter
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.pagination import Pagination as Pagination  # what db.paginate() gives
from flask_wtf.csrf import CSRFProtect
from htmx_flask import Htmx
from sqlalchemy import MetaData, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase, Session

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Mother of all models."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(
    model_class=Base, session_options={"expire_on_commit": False}, disable_autonaming=True
)
migrate = Migrate(render_as_batch=True, compare_type=True)
login = LoginManager()
csrf = CSRFProtect()
htmx = Htmx()
babel = Babel()
_l = lazy_gettext
_t = gettext  # eager, for sentences that are made when they are said; returns plain str


def _limited_address() -> str:
    from flask import request

    return (request.remote_addr or "unknown") if has_request_context() else "job"


limiter = Limiter(key_func=_limited_address, default_limits=[], headers_enabled=False)


class WriteInsideWrite(RuntimeError):
    """A use case that needs its own commits was called inside another one's transaction."""


class PendingChanges(RuntimeError):
    """A model was changed outside a write transaction; that change would have been lost."""


_DEPTH = "write_depth"


@contextmanager
def write_transaction() -> Iterator[Session]:
    """Everything inside is written at once or not at all.

    The request's read transaction is ended first: on SQLite a transaction that has read cannot
    become the writer (it fails with 'database is locked'), so this one begins IMMEDIATE. Models
    that were read before are read again when they are next looked at. A use case called from
    within another joins it. Raises PendingChanges when something was changed outside.
    """
    session = db.session()
    if session.info.get(_DEPTH):
        yield session
        return
    end_read(session)
    session.expire_all()
    session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
    session.info[_DEPTH] = 1
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info.pop(_DEPTH, None)


def end_read(session: Session | None = None) -> None:
    """End the session's read transaction, so that a call to publiq may follow.

    What was loaded stays loaded. Raises PendingChanges when something was changed, and
    WriteInsideWrite inside a write transaction.
    """
    session = session or db.session()
    if session.info.get(_DEPTH):
        raise WriteInsideWrite("a write transaction is open")
    changed = [*session.new, *filter(session.is_modified, session.dirty), *session.deleted]
    if changed:
        kinds = ", ".join(sorted({type(item).__name__ for item in changed}))
        raise PendingChanges(f"changed outside write_transaction(): {kinds}")
    session.commit()


def in_transaction() -> bool:
    """Whether the current session is inside a transaction, a read included."""
    return bool(db.session().in_transaction())


def serves_a_page() -> bool:
    """Whether this is done for somebody who waits for a page, and not by a job."""
    return has_request_context()


def prepare_engine(engine: Engine) -> None:
    """On SQLite: write-ahead log, foreign keys, transactions that begin as they are asked to."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(dbapi_connection, _record) -> None:  # noqa: ANN001 - the driver's own types
        dbapi_connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "busy_timeout=15000",
            "foreign_keys=ON",
            "synchronous=NORMAL",
        ):
            dbapi_connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")
