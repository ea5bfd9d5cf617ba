"""What publishing now would change of what was published (D10), in words for people."""

from dataclasses import dataclass

from app.extensions import db
from app.settings.models import Environment
from app.uitdatabank.comparing import Change, changes_since
from app.uitdatabank.event import Body, event_body
from app.uitdatabank.facts import event_facts, load_subjects, read_surroundings
from app.uitdatabank.names import names_for
from app.uitdatabank.readable import Names
from app.uitdatabank.status import ANYWHERE


@dataclass(frozen=True)
class Present:
    """The body that would be sent now, and what its ids are called."""

    body: Body
    names: Names


def present_event(activity_id: int, environment: Environment, *others: Body) -> Present:
    """What would be sent of an activity as it stands; ``others`` are named along with it."""
    surroundings = read_surroundings()
    (subject,) = load_subjects(db.session(), [activity_id], environment)
    body = event_body(event_facts(subject, surroundings, ANYWHERE))
    return Present(body, names_for([body, *others], environment, subject.profile))


def changes_of(activity_id: int, environment: Environment, sent: Body | None) -> list[Change]:
    """Every field that differs from ``sent``, with its old and its new value."""
    if not sent:
        return []
    present = present_event(activity_id, environment, sent)
    return changes_since(sent, present.body, present.names)
