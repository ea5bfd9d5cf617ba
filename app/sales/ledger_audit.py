"""The nightly audit: our ledger against publiq's sales, event by event and in both directions.

What is due is a row for each event (EventAudit), so that an audit that is broken off goes on where
it was. Rows of every environment, active or not. A sale of ours that should not stand is undone by
the reconciler; a sale that should stand and does not is never sold again, but told.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.clock import from_local, now, today
from app.extensions import _t, db, end_read, write_transaction
from app.publiq.errors import (
    PubliqAuthenticationFailed,
    PubliqBusy,
    PubliqError,
    PubliqForbidden,
    PubliqRefused,
)
from app.publiq.uitpas import TicketSale
from app.sales.reconciler import line_stands
from app.settings.connections import NotConnected
from app.settings.models import Environment
from app.uitpas.comparing import Comparison, Difference, compare
from app.uitpas.event_deletion import live_sales
from app.uitpas.ledger import LedgerEvent, move
from app.uitpas.looking_up import SEARCH_FORBIDDEN, sales_of_event
from app.uitpas.models import EventAudit, FindingKind, LedgerFinding, RunKind, UitpasEntry
from app.uitpas.retrying import next_try, said_to_staff
from app.uitpas.runs import remember_run

AT_ONCE = 40
"""Events a run takes on; the next minute takes the rest."""
NIGHT = time(2, 30)
SPREAD = 90
"""Minutes of the night over which the events are spread."""
RECENT = timedelta(days=60)
EVENT_GONE = "uitpas/event-not-found"
"""Of a deleted event there is no list: nothing of ours stands there, or somebody has to look."""
OLD_EVERY = timedelta(days=30)
"""An event of which nothing changed for long is looked at once a month."""

log = logging.getLogger(__name__)


@dataclass
class AuditReport:
    """What a run found."""

    events: int = 0
    found: int = 0
    gone: int = 0
    to_undo: int = 0
    unreadable: int = 0


def audit_ledger() -> AuditReport:
    """One run over the events whose turn it is. Outside any transaction."""
    started_at = now()
    _seed()
    report = AuditReport()
    stopped: set[Environment] = set()
    for environment, event_id in _due():
        if environment not in stopped and not audit_event(environment, event_id, report):
            stopped.add(environment)
    if report.found or report.gone or report.to_undo:
        remember_run(RunKind.AUDIT, started_at, vars(report))
    return report


def audit_now() -> int:
    """Make every event due; returns how many. Wake 'ledger-audit' after this."""
    _seed()
    with write_transaction() as session:
        return session.execute(
            update(EventAudit).values(next_at=now()).execution_options(synchronize_session=False)
        ).rowcount


def audit_event(environment: Environment, event_id: str, report: AuditReport) -> bool:
    """Compare one event; False when the environment had better be left alone for a while."""
    end_read()
    asked_at = now()
    try:
        sales = sales_of_event(environment, event_id, "grootboek nakijken")
    except PubliqRefused as error:
        if error.problem == EVENT_GONE and not _stands_there(environment, event_id):
            report.events += 1
            _write(environment, event_id, [], asked_at, report)
            return True
        report.unreadable += 1
        forbidden = isinstance(error, PubliqForbidden)
        problem = SEARCH_FORBIDDEN if forbidden else error.problem or "refused"
        _unreadable(environment, event_id, problem, said_to_staff(error), _next_night(event_id))
        return True
    except (PubliqError, NotConnected) as error:
        report.unreadable += 1
        _put_off(environment, event_id, error)
        return False
    report.events += 1
    _write(environment, event_id, sales, asked_at, report)
    return True


def _stands_there(environment: Environment, event_id: str) -> bool:
    """Whether a sale of ours should, or may, stand at UiTPAS for this event."""
    try:
        return live_sales(environment, event_id) > 0
    finally:
        end_read()


def _seed() -> None:
    """A row for each event that the ledger knows; a new one has its turn at night."""
    new = (
        select(UitpasEntry.environment, UitpasEntry.event_id)
        .where(
            ~exists().where(
                EventAudit.environment == UitpasEntry.environment,
                EventAudit.event_id == UitpasEntry.event_id,
            )
        )
        .distinct()
    )
    if db.session.execute(new.limit(1)).first() is None:
        end_read()
        return
    try:
        with write_transaction() as session:
            for environment, event_id in session.execute(new).all():
                session.add(
                    EventAudit(
                        environment=environment, event_id=event_id, next_at=_next_night(event_id)
                    )
                )
    except IntegrityError:
        log.info("another process made the rows of the audit first")


def _due() -> Sequence[tuple[Environment, str]]:
    rows = db.session.execute(
        select(EventAudit.environment, EventAudit.event_id)
        .where(EventAudit.next_at <= now())
        .order_by(EventAudit.next_at, EventAudit.event_id)
        .limit(AT_ONCE)
    ).all()
    end_read()
    return [(row.environment, row.event_id) for row in rows]


def _next_night(event_id: str) -> datetime:
    minutes = sum(event_id.encode()) % SPREAD
    tonight = from_local(today(), NIGHT) + timedelta(minutes=minutes)
    if tonight > now():
        return tonight
    return from_local(today() + timedelta(days=1), NIGHT) + timedelta(minutes=minutes)


def _unreadable(
    environment: Environment, event_id: str, problem: str, sentence: str, until: datetime
) -> None:
    with write_transaction() as session:
        row = _locked(session, environment, event_id)
        row.tries += 1
        row.problem, row.sentence, row.next_at = problem[:200], sentence, until


def _put_off(environment: Environment, event_id: str, error: Exception) -> None:
    """publiq is busy or away, or does not know us: every event of the environment waits."""
    tries = db.session.scalar(
        select(EventAudit.tries).where(
            EventAudit.environment == environment, EventAudit.event_id == event_id
        )
    )
    lasting = isinstance(error, NotConnected | PubliqAuthenticationFailed)
    until = next_try((tries or 0) + 1, error, for_good=lasting)
    problem = "busy" if isinstance(error, PubliqBusy) else type(error).__name__
    _unreadable(environment, event_id, problem, said_to_staff(error), until)
    with write_transaction() as session:
        session.execute(
            update(EventAudit)
            .where(EventAudit.environment == environment, EventAudit.next_at < until)
            .values(next_at=until)
            .execution_options(synchronize_session=False)
        )


def _locked(session: Session, environment: Environment, event_id: str) -> EventAudit:
    """The row, locked: of two audits of one event the second waits for the first."""
    query = select(EventAudit).where(
        EventAudit.environment == environment, EventAudit.event_id == event_id
    )
    row = session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:
        row = EventAudit(environment=environment, event_id=event_id, next_at=now(), tries=0)
        session.add(row)
    return row


def _write(
    environment: Environment,
    event_id: str,
    sales: Sequence[TicketSale],
    asked_at: datetime,
    report: AuditReport,
) -> None:
    with write_transaction() as session:
        row = _locked(session, environment, event_id)
        of_event = (UitpasEntry.environment == environment, UitpasEntry.event_id == event_id)
        entries = session.scalars(select(UitpasEntry).where(*of_event)).all()
        standing = set(
            session.scalars(select(UitpasEntry.line_ref).where(*of_event, line_stands()))
        )
        compared = compare(entries, sales, standing, asked_at)
        _keep_findings(session, environment, event_id, compared, report)
        by_id = {entry.id: entry for entry in entries}
        for difference in compared.differences:
            report.to_undo += _undo_what_should_not_stand(session, difference, by_id, standing)
        row.checked_at, row.tries = now(), 0
        row.problem = row.sentence = ""
        row.ours, row.by_others = compared.ours, compared.by_others
        newest = max((entry.changed_at for entry in entries), default=asked_at)
        quiet = newest < asked_at - RECENT and not compared.differences
        row.next_at = now() + OLD_EVERY if quiet else _next_night(event_id)


def _keep_findings(
    session: Session,
    environment: Environment,
    event_id: str,
    compared: Comparison,
    report: AuditReport,
) -> None:
    """New differences are written, those that are gone are resolved, the others stay."""
    known = {
        (finding.kind, finding.reference): finding
        for finding in session.scalars(
            select(LedgerFinding).where(
                LedgerFinding.environment == environment,
                LedgerFinding.event_id == event_id,
                LedgerFinding.resolved_at.is_(None),
            )
        )
    }
    for difference in compared.differences:
        finding = known.pop(difference.key, None)
        if finding is None:
            finding = LedgerFinding(
                environment=environment,
                event_id=event_id,
                kind=difference.kind,
                reference=difference.reference,
                entry_id=difference.entry_id,
            )
            session.add(finding)
            report.found += 1
        finding.external_id, finding.price_there = difference.external_id, difference.price_there
    for finding in known.values():
        if finding.entry_id in compared.undecided:
            continue
        finding.resolved_at = now()
        report.gone += 1


def _undo_what_should_not_stand(
    session: Session,
    difference: Difference,
    by_id: dict[int, UitpasEntry],
    standing: set[str],
) -> bool:
    """A live sale of ours whose line does not stand is undone by the reconciler (invariant 3)."""
    if difference.kind is not FindingKind.STILL_THERE or difference.entry_id is None:
        return False
    entry = by_id[difference.entry_id]
    if entry.line_ref in standing:
        return False
    entry.external_id, entry.price = difference.external_id, difference.price_there
    entry.problem = entry.message = ""
    move(session, entry, LedgerEvent.FOUND_LATE, _t("staat nog bij UiTPAS, zegt de nachtcontrole"))
    return True


def audit_trouble() -> list[tuple[str, str, int]]:
    """Why events could not be compared: (problem, sentence, how many events), the most first."""
    rows = db.session.execute(
        select(EventAudit.problem, EventAudit.sentence, func.count())
        .where(EventAudit.problem != "")
        .group_by(EventAudit.problem, EventAudit.sentence)
        .order_by(func.count().desc())
    )
    return [(row[0], row[1], row[2]) for row in rows]
