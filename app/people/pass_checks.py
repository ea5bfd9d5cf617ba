"""Asking UiTPAS about a selection of persons, on the queue: the rows are the truth (P3).

A run is written with its items; a job sweeps what is due. An item is leased before it is asked, so
that two workers never ask the same; a worker that was killed leaves a lease that ends, and the
item is asked again. Asking twice is harmless. When UiTPAS is too busy the whole sweep waits.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import defer, joinedload

from app.clock import now
from app.extensions import _l, _t, db, end_read, write_transaction
from app.formats import masked_pass_number
from app.parallel import AT_ONCE, in_parallel
from app.people.models import PassCheckItem, PassCheckRun, PassCheckState, Person
from app.people.passes import PassLookup, PassOutcome, check_pass
from app.people.problems import PersonProblem, PersonRefused
from app.people.searching import persons_with_number
from app.settings.actor import current_actor, set_actor
from app.settings.uit import get_modules

log = logging.getLogger(__name__)

MOST_PERSONS = 500
"""In one run: more is a matter of choosing a filter."""
LEASE = timedelta(minutes=2)
SWEEP = timedelta(minutes=3)
"""So long one sweep goes on; the job's lease lasts longer."""
MOST_TRIES = 5
PAUSE = timedelta(seconds=30)
"""After a try without answer; it doubles with each."""
LONGEST_WAIT = timedelta(minutes=15)
TRY_LATER = frozenset({PassOutcome.UNREACHABLE, PassOutcome.BUSY})
OUR_FAULT = _l(
    "Dit lukte niet door een fout bij ons. Probeer opnieuw. Blijft het zo, meld het dan aan wie "
    "Vrijloket beheert."
)
NOBODY = _l("Duid minstens één persoon met een UiTPAS-nummer aan.")


@dataclass(frozen=True)
class RunTally:
    """How far a run is."""

    total: int
    done: int
    failed: int

    @property
    def ended(self) -> int:
        """How many have an outcome."""
        return self.done + self.failed

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be asked any more."""
        return self.ended == self.total


def start_run(person_ids: Sequence[int]) -> int:
    """Write a run for those of these persons who have a number; returns its id.

    Wake the job 'pass-checks' after this. Raises PersonRefused.
    """
    ids = persons_with_number(list(dict.fromkeys(person_ids)))
    if not ids:
        raise PersonRefused([PersonProblem(str(NOBODY), "id")])
    if len(ids) > MOST_PERSONS:
        sentence = _t("Duid hoogstens %(most)s personen tegelijk aan.", most=MOST_PERSONS)
        raise PersonRefused([PersonProblem(sentence, "id")])
    actor = current_actor()
    with write_transaction() as session:
        run = PassCheckRun(account_id=actor.account_id, account_name=actor.name)
        run.items = [
            PassCheckItem(person_id=person_id, position=place)
            for place, person_id in enumerate(ids)
        ]
        session.add(run)
        session.flush()
        return run.id


def get_run(run_id: int) -> PassCheckRun | None:
    """A run, without its items."""
    return db.session.get(PassCheckRun, run_id)


def items_of(run_id: int) -> list[PassCheckItem]:
    """The persons of a run with what became of each, in order."""
    return list(
        db.session.scalars(
            select(PassCheckItem)
            .where(PassCheckItem.run_id == run_id)
            .options(
                joinedload(PassCheckItem.person).options(
                    defer(Person.insz), joinedload(Person.customer)
                )
            )
            .order_by(PassCheckItem.position)
        )
    )


def checks_of(person_ids: Sequence[int]) -> Sequence[PassCheckItem]:
    """What runs told of these persons and is kept still, oldest first."""
    return db.session.scalars(
        select(PassCheckItem)
        .where(PassCheckItem.person_id.in_(person_ids), PassCheckItem.ended_at.is_not(None))
        .order_by(PassCheckItem.id)
    ).all()


def tally_of(run_id: int) -> RunTally:
    """How far a run is."""
    counts = db.session.execute(
        select(
            func.count(PassCheckItem.id),
            func.count(PassCheckItem.id).filter(PassCheckItem.state == PassCheckState.DONE),
            func.count(PassCheckItem.id).filter(PassCheckItem.state == PassCheckState.FAILED),
        ).where(PassCheckItem.run_id == run_id)
    ).one()
    return RunTally(*counts)


def try_failed_again(run_id: int) -> int:
    """Make what failed due again; returns how many. Wake the job 'pass-checks' after this."""
    with write_transaction() as session:
        return session.execute(
            update(PassCheckItem)
            .where(PassCheckItem.run_id == run_id, PassCheckItem.state == PassCheckState.FAILED)
            .values(
                state=PassCheckState.WAITING,
                sentence="",
                messages=[],
                tries=0,
                next_try_at=now(),
                ended_at=None,
            )
        ).rowcount


def sweep_pass_checks() -> int:
    """Ask UiTPAS about whoever is due, a few at once; returns how many got an outcome."""
    _give_up_on_broken()
    until, ended = now() + SWEEP, 0
    while now() < until and get_modules().uitpas:
        claimed = _claim(AT_ONCE)
        if not claimed:
            break
        done = in_parallel({key: partial(_settle, key, who) for key, who in claimed.items()})
        waits = [wait for _outcome, wait in done.values() if wait is not None]
        ended += len(done) - len(waits)
        if any(outcome is PassOutcome.BUSY for outcome, _wait in done.values()):
            _wait_with_all(max(waits, default=PAUSE))
            break
    end_read()
    return ended


def _due(moment: datetime) -> object:
    """Waiting and due, or left behind by a worker that was killed."""
    return or_(
        and_(
            PassCheckItem.state == PassCheckState.WAITING,
            PassCheckItem.next_try_at <= moment,
        ),
        and_(
            PassCheckItem.state == PassCheckState.ASKING,
            PassCheckItem.lease_until < moment,
        ),
    )


def _claim(most: int) -> dict[int, tuple[int, int | None, str]]:
    """Lease so many items that are due: by id the person and who asked for the run."""
    moment, holder = now(), uuid4().hex
    with write_transaction() as session:
        due = session.execute(
            select(
                PassCheckItem.id,
                PassCheckItem.person_id,
                PassCheckRun.account_id,
                PassCheckRun.account_name,
            )
            .join(PassCheckItem.run)
            .where(_due(moment))
            .order_by(PassCheckItem.next_try_at, PassCheckItem.id)
            .limit(most)
        ).all()
        claimed = {}
        for row in due:
            mine = session.execute(
                update(PassCheckItem)
                .where(PassCheckItem.id == row.id, _due(moment))
                .values(
                    state=PassCheckState.ASKING,
                    lease_until=moment + LEASE,
                    lease_holder=holder,
                    tries=PassCheckItem.tries + 1,
                )
                .execution_options(synchronize_session=False)
            )
            if mine.rowcount == 1:
                claimed[row.id] = (row.person_id, row.account_id, row.account_name)
        return claimed


def _give_up_on_broken() -> None:
    """On whom the work broke off each time: that person's outcome, and no longer a try."""
    with write_transaction() as session:
        session.execute(
            update(PassCheckItem)
            .where(
                PassCheckItem.state == PassCheckState.ASKING,
                PassCheckItem.lease_until < now(),
                PassCheckItem.tries >= MOST_TRIES,
            )
            .values(
                state=PassCheckState.FAILED,
                sentence=str(OUR_FAULT),
                lease_until=None,
                ended_at=now(),
            )
            .execution_options(synchronize_session=False)
        )


def _settle(item_id: int, who: tuple[int, int | None, str]) -> tuple[PassOutcome, timedelta | None]:
    """Ask and write at once: what breaks off for one takes no answer of another along."""
    answer = _ask(*who)
    return answer.outcome, _write(item_id, answer)


def _ask(person_id: int, account_id: int | None, account_name: str) -> PassLookup:
    """In the name of whoever started the run, as the log of calls and the audit trail tell it."""
    before = current_actor()
    set_actor(account_id, account_name)
    try:
        return check_pass(person_id, by_staff=True)
    finally:
        set_actor(before.account_id, before.name)


def _write(item_id: int, answer: PassLookup) -> timedelta | None:
    """The outcome of an item; a time to wait when it is to be asked again."""
    with write_transaction() as session:
        item = session.get(PassCheckItem, item_id, with_for_update=True)
        if item is None:  # the person was removed meanwhile, and the row with it
            return None
        item.lease_until = None
        if answer.outcome in TRY_LATER and item.tries < MOST_TRIES:
            wait = PAUSE * 2 ** (item.tries - 1)
            if answer.wait is not None:
                wait = max(wait, min(timedelta(seconds=answer.wait), LONGEST_WAIT))
            item.state, item.next_try_at = PassCheckState.WAITING, now() + wait
            item.sentence = answer.sentence
            return wait
        item.state = PassCheckState.DONE if answer.found else PassCheckState.FAILED
        item.sentence = _sentence(answer)
        item.messages = [[message.level, message.text] for message in answer.messages]
        item.ended_at = now()
        return None


def _wait_with_all(wait: timedelta) -> None:
    """UiTPAS asked us to slow down: nothing of any run is asked before."""
    moment = now() + wait
    with write_transaction() as session:
        session.execute(
            update(PassCheckItem)
            .where(
                PassCheckItem.state == PassCheckState.WAITING,
                PassCheckItem.next_try_at < moment,
            )
            .values(next_try_at=moment)
        )


def _sentence(answer: PassLookup) -> str:
    """Our words beside the person; publiq's own stand apart."""
    if answer.replaced:
        return _t(
            "UiTPAS gaf een nieuw nummer: %(number)s.", number=masked_pass_number(answer.number)
        )
    return "" if answer.found else answer.sentence
