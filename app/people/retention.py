"""Forgetting what was kept of persons long enough; the terms are settings (Privacy)."""

from datetime import timedelta

from sqlalchemy import delete, func, select, update

from app.clock import months_ago, now
from app.extensions import write_transaction
from app.people.insz import BATCH, forget_insz
from app.people.models import PassCheckRun, Person, TariffStatus
from app.settings.privacy import get_privacy

RUNS_KEPT = timedelta(days=30)


def forget_unused_insz() -> int:
    """Register numbers that were not used for so many months; returns how many."""
    oldest = months_ago(get_privacy().insz_months)
    gone = 0
    while done := forget_insz(
        BATCH, func.coalesce(Person.insz_used_at, Person.created_at) < oldest
    ):
        gone += done
    return gone


def forget_old_tariffs() -> int:
    """What UiTPAS said of social tariffs so many months ago; returns of how many persons.

    Numbers stay, and so does whether one is a group's.
    """
    oldest = months_ago(get_privacy().tariff_months)
    gone = 0
    while True:
        with write_transaction() as session:
            old = select(Person.id).where(Person.tariff_checked_at < oldest).limit(BATCH)
            done = session.execute(
                update(Person)
                .where(Person.id.in_(old))
                .values(
                    tariff_status=TariffStatus.UNKNOWN, tariff_until=None, tariff_checked_at=None
                )
                .execution_options(synchronize_session=False)
            ).rowcount
        gone += done
        if done < BATCH:
            return gone


def forget_old_runs() -> int:
    """Runs of asking UiTPAS whose results nobody looks at any more; returns how many."""
    with write_transaction() as session:
        return session.execute(
            delete(PassCheckRun).where(PassCheckRun.created_at < now() - RUNS_KEPT)
        ).rowcount
