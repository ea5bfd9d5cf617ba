"""A UiTPAS number that somebody else has too: allowed, but said, and never whose (P1)."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from app.extensions import _l, _t, db
from app.people.models import Person

ELSEWHERE = _l(
    "Dit UiTPAS-nummer staat ook bij iemand van een ander gezin. Kijk na of het van deze kaart is."
)
GROUP_PASS = _l(
    "Dit is een groepspas, van een organisatie. Je koopt er tickets met korting mee. Punten sparen "
    "en omruilvoordelen kunnen er niet mee."
)


def sharing_notices(person: Person) -> list[str]:
    """What there is to say of this person's number; empty for a number of their own."""
    return sharing_notices_of([person])[person.id]


def sharing_notices_of(persons: Iterable[Person]) -> dict[int, list[str]]:
    """The same for several persons, by id; one query."""
    asked = {person.id: person for person in persons}
    numbers = {person.uitpas_number for person in asked.values() if person.uitpas_number}
    if not numbers:
        return {person_id: [] for person_id in asked}
    holders = db.session.execute(
        select(Person.id, Person.customer_id, Person.first_name, Person.uitpas_number)
        .where(Person.uitpas_number.in_(numbers))
        .order_by(Person.id)
    ).all()
    return {
        person.id: _notices(
            person.customer_id,
            [
                (row.customer_id, row.first_name)
                for row in holders
                if row.uitpas_number == person.uitpas_number and row.id != person.id
            ],
        )
        for person in asked.values()
    }


def _notices(customer_id: int, others: Sequence[tuple[int, str]]) -> list[str]:
    own = [first_name for other_id, first_name in others if other_id == customer_id]
    notices = []
    if own:
        sentence = "Dit UiTPAS-nummer staat ook bij %(names)s. Elk kind heeft een eigen nummer."
        notices.append(_t(sentence, names=_listed(own)))
    if len(own) < len(others):
        notices.append(str(ELSEWHERE))
    return notices


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} en {names[-1]}"
