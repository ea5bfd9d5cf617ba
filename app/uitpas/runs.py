"""What went through the ledger by itself, or because somebody asked: kept for a while."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from app.clock import now
from app.extensions import db, write_transaction
from app.settings.actor import current_actor
from app.uitpas.models import LedgerRun, RunKind

KEPT_FOR = timedelta(days=30)


def remember_run(kind: RunKind, started_at: datetime, done: dict[str, Any]) -> None:
    """Write down what a run did."""
    with write_transaction() as session:
        session.add(
            LedgerRun(
                kind=kind, started_at=started_at, account_name=current_actor().name, done=done
            )
        )


def last_runs(limit: int = 8) -> Sequence[LedgerRun]:
    """The newest runs first."""
    return db.session.scalars(
        select(LedgerRun).order_by(LedgerRun.started_at.desc(), LedgerRun.id.desc()).limit(limit)
    ).all()


def clean_runs() -> int:
    """Forget runs of more than a month ago; returns how many."""
    with write_transaction() as session:
        return session.execute(
            delete(LedgerRun).where(LedgerRun.started_at < now() - KEPT_FOR)
        ).rowcount
