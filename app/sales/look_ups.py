"""Finding the UiTPAS numbers that lines of a basket miss, and asking for each of them once (R2)."""

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import or_, select, update

from app.extensions import end_read, write_transaction
from app.people.kept_look_ups import (
    ASKED_AGAIN,
    SENTENCES,
    is_repeated,
    question_of,
    said_before,
)
from app.people.models import Person
from app.people.passes import PassLookup, find_missing_numbers
from app.sales.basket import lock_basket
from app.sales.models import Basket, BasketLine, BasketState

BATCH = 500


def find_numbers(
    customer_id: int,
    made_by_id: int | None,
    lines: Iterable[BasketLine],
    may_look_up: Callable[[], bool] | None,
    may_repeat: Callable[[], bool],
) -> dict[int, PassLookup]:
    """Look up the numbers that are missing, and keep with the lines what became of it, by person.

    What was answered before is said again: each look-up takes one of the few that a parent has,
    and so does a number that is typed. Without ``may_look_up`` nobody is asked anything new.
    What publiq said in its own words is asked again, as often as ``may_repeat`` allows. Outside
    any transaction.
    """
    missing = [line for line in lines if line.person is not None and not line.uitpas_number]
    if not missing:
        return {}
    questions = {line.person.id: question_of(line.person) for line in missing if line.person}
    kept = _kept(missing, questions, for_public=made_by_id is None)
    if may_look_up is not None:
        kept = {key: said for key, said in kept.items() if said.outcome not in ASKED_AGAIN}
    with_words = {
        line.person_id for line in missing if line.look_up_said and line.person_id in kept
    }
    repeated = [
        key for key, said in kept.items() if is_repeated(said.outcome, said=key in with_words)
    ]
    end_read()
    for_public = made_by_id is None
    look_ups = find_missing_numbers(questions, may_look_up, for_public=for_public, kept=kept)
    if repeated:
        again = find_missing_numbers(repeated, may_repeat, for_public=for_public)
        look_ups |= {key: said for key, said in again.items() if said.outcome not in ASKED_AGAIN}
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, made_by_id=made_by_id)
        for line in basket.lines if basket else []:
            look_up = look_ups.get(line.person_id or 0)
            if look_up is not None and not line.uitpas_number:
                line.uitpas_number = look_up.number
                _keep(line, look_up, questions[line.person_id or 0])
                if look_up is kept.get(line.person_id or 0):
                    line.look_up_said = line.person_id in with_words
    return look_ups


def forget_look_up(line: BasketLine) -> None:
    """Nothing of a look-up stays where a number is used."""
    line.look_up_outcome = line.look_up_of = None
    line.look_up_said = False


def forget_look_ups() -> int:
    """What was looked up by register numbers that are gone, or for baskets that are finished.

    A fingerprint of a number may not outlive that number. Returns of how many lines.
    """
    gone = 0
    while True:
        with write_transaction() as session:
            lines = (
                select(BasketLine.id)
                .join(BasketLine.basket)
                .outerjoin(BasketLine.person)
                .where(
                    BasketLine.look_up_of.is_not(None),
                    or_(Basket.state != BasketState.OPEN, Person.insz_fingerprint.is_(None)),
                )
                .limit(BATCH)
            )
            done = session.execute(
                update(BasketLine)
                .where(BasketLine.id.in_(lines))
                .values(look_up_outcome=None, look_up_of=None, look_up_said=False)
                .execution_options(synchronize_session=False)
            ).rowcount
        gone += done
        if done < BATCH:
            return gone


def _kept(
    lines: Iterable[BasketLine], questions: Mapping[int, str | None], *, for_public: bool
) -> dict[int, PassLookup]:
    """What was answered to the question that would be asked now; one line tells it for all."""
    return {
        line.person.id: said_before(line.look_up_outcome, for_public=for_public)
        for line in lines
        if line.person is not None
        and line.look_up_outcome is not None
        and line.look_up_of == questions[line.person.id]
    }


def _keep(line: BasketLine, look_up: PassLookup, question: str | None) -> None:
    if look_up.outcome in SENTENCES and question is not None:
        line.look_up_outcome, line.look_up_of = look_up.outcome, question
        line.look_up_said = bool(look_up.messages)
    else:
        forget_look_up(line)
