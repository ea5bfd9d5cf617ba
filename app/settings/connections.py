"""The client of publiq for an environment, with its tokens, its log of calls and its limits."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from app.encryption import Undecipherable
from app.extensions import _t, db, end_read, in_transaction, serves_a_page
from app.publiq import Publiq
from app.publiq.calls import CallRecord
from app.publiq.exchange import new_session
from app.publiq.slots import Slots
from app.publiq.tokens import Token
from app.publiq.transport import Transport
from app.settings.actor import current_actor
from app.settings.environments import ENVIRONMENT_NAMES, addresses_of
from app.settings.models import (
    AccessToken,
    CallOutcome,
    Environment,
    EnvironmentSettings,
    PubliqCall,
)
from app.settings.uit import active_environment

log = logging.getLogger(__name__)
OTHER_JOBS = 8
"""Calls that other jobs may make while many activities are published."""


class NotConnected(Exception):
    """There is nothing to connect with; the text is a Dutch sentence for staff."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def publiq_client(
    environment: Environment | None = None,
    *,
    purpose: str = "",
    activity_id: int | None = None,
) -> Publiq:
    """A client for this environment, or for the active one.

    ``purpose`` says in Dutch what the calls are for, in the log of calls. Leaves the session as
    it was: a read that it began it also ends. Every call refuses with RuntimeError while the
    session is in a transaction. Raises NotConnected without client id and secret.
    """
    was_reading = in_transaction()
    try:
        environment = environment or active_environment()
        client_id, secret = _credentials(environment)
    finally:
        if not was_reading:
            end_read()
    return Publiq(
        Transport(
            addresses=addresses_of(environment),
            client_id=client_id,
            client_secret=secret,
            tokens=StoredTokens(environment),
            record=_recorder(environment, purpose, activity_id),
            before_call=refuse_in_transaction,
            slots=_slots(),
            session=_once("publiq_session", new_session),
        )
    )


def refuse_in_transaction() -> None:
    """Invariant 4: nobody waits for publiq while holding a transaction, a read included."""
    if in_transaction():
        raise RuntimeError("a call to publiq inside a database transaction: end_read() comes first")


class StoredTokens:
    """The tokens of one environment, encrypted in the database, for all processes (S3)."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def get(self, client_id: str) -> Token | None:
        """The token kept for this client, also when it has ended."""
        with _apart() as session:
            try:
                row = session.get(AccessToken, (self._environment, client_id))
            except Undecipherable:  # kept with a key that is gone: a new one is asked
                return None
        return None if row is None else Token(row.token, row.expires_at)

    def put(self, client_id: str, token: Token) -> None:
        """Keep the token instead of what was kept for this client."""
        row = AccessToken(
            environment=self._environment,
            client_id=client_id,
            token=token.access_token,
            expires_at=token.expires_at,
        )
        try:
            with _apart(writing=True) as session:
                session.execute(
                    AccessToken.__table__.delete().where(
                        AccessToken.environment == self._environment,
                        AccessToken.client_id == client_id,
                    )
                )
                session.add(row)
        except IntegrityError:
            log.info("another process kept a token first")

    def drop(self, client_id: str, access_token: str) -> None:
        """Forget this token; a newer one of the same client stays."""
        with _apart(writing=True) as session:
            # several threads are refused the same token at once: one of them deletes it
            key = (self._environment, client_id)
            row = session.get(AccessToken, key, with_for_update=True)
            if row is not None and row.token == access_token:
                session.delete(row)


def _recorder(
    environment: Environment, purpose: str, activity_id: int | None
) -> Callable[[CallRecord], int | None]:
    actor = current_actor()

    def write_down(call: CallRecord) -> int | None:
        row = PubliqCall(
            environment=environment,
            started_at=call.started_at.astimezone(UTC),
            duration_ms=call.duration_ms,
            operation=call.operation[:100],
            method=call.method,
            url=call.url,
            purpose=(call.purpose or purpose)[:200],
            status=call.status,
            outcome=CallOutcome(call.outcome),
            problem_type=call.problem_type[:300] if call.problem_type else None,
            problem_title=call.problem_title,
            request_body=call.request_body,
            response_body=call.response_body,
            account_id=actor.account_id,
            account_name=actor.name,
            activity_id=activity_id,
        )
        try:
            with _apart(writing=True) as session:
                session.add(row)
        except SQLAlchemyError as error:  # the answer of publiq matters more than its log
            log.error("a call was not written down: %s", type(error).__name__)
            return None
        return row.id

    return write_down


def _credentials(environment: Environment) -> tuple[str, str]:
    try:
        row = db.session.execute(
            select(EnvironmentSettings.client_id, EnvironmentSettings.client_secret).where(
                EnvironmentSettings.environment == environment
            )
        ).one_or_none()
    except Undecipherable:
        raise NotConnected(
            _t(
                "Het bewaarde client secret kan niet meer gelezen worden. Vul het opnieuw in bij "
                "de UiT-instellingen."
            )
        ) from None
    if row is None or not row.client_id or not row.client_secret:
        raise NotConnected(
            _t(
                "De verbinding met publiq is nog niet ingesteld voor %(environment)s. Een "
                "beheerder vult client id en client secret in bij de UiT-instellingen.",
                environment=_named(environment),
            )
        )
    return row.client_id, row.client_secret


def _named(environment: Environment) -> str:
    if environment is Environment.SANDBOX:
        return _t("de oefenomgeving")
    return str(ENVIRONMENT_NAMES[environment])


@contextmanager
def _apart(*, writing: bool = False) -> Iterator[Session]:
    """A session of its own, so that what the caller has loaded stays loaded."""
    with Session(db.engine, expire_on_commit=False) as session:
        if writing:
            session.connection(execution_options={"sqlite_begin": "IMMEDIATE"})
        yield session
        session.commit()


def publish_at_once() -> int:
    """How many publications this process may have under way when there are many to do."""
    return current_app.config["LOKET"].publish_at_once


def _slots() -> Slots:
    """Pages and jobs each have their own: neither refuses the other (invariant 4)."""
    if serves_a_page():
        return _once("publiq_slots", _make_slots)
    return _once("publiq_background_slots", _make_background_slots)


def _make_slots() -> Slots:
    return Slots(max(1, current_app.config["LOKET"].threads // 2))


def _make_background_slots() -> Slots:
    return Slots(publish_at_once() + OTHER_JOBS)


def _once(name: str, make: Callable[[], object]):  # noqa: ANN202 - whatever is made
    """One of these for each application, so for each process."""
    return current_app.extensions.get(name) or current_app.extensions.setdefault(name, make())
