"""Why nothing of an activity is sent to UiTdatabank now, decided under the lock of its link."""

from app.activities.models import UitStatus
from app.clock import now
from app.extensions import _t
from app.uitdatabank.facts import Subject
from app.uitdatabank.left_standing import Why, sentence_of, why_left_standing
from app.uitdatabank.links import NOTHING_SENT, REMOTE_DELETING, is_broken_off
from app.uitdatabank.models import EventLink, LinkState
from app.uitdatabank.outcomes import (
    BEING_DELETED,
    BUSY,
    LOST_CREATION,
    NOT_APPLICABLE,
    Outcome,
    Publication,
)
from app.uitdatabank.status import UitState


def refusal(link: EventLink, subject: Subject, state: UitState) -> Publication | None:
    """How a publication ends before it began; None when it may begin.

    A first publication that broke off after its POST may have left is to be looked for from here.
    """
    if state.status is UitStatus.NOT_APPLICABLE:
        return Publication(Outcome.INCOMPLETE, _not_applicable(link, subject))
    if state.missing:
        words = [problem.sentence for problem in state.missing]
        listed = words[-1]
        if words[:-1]:
            listed = _t("%(first)s en %(last)s", first=", ".join(words[:-1]), last=words[-1])
        sentence = _t("Voor je publiceert, ontbreekt nog: %(what)s.", what=listed)
        return Publication(Outcome.INCOMPLETE, sentence, state.missing)
    if link.remote_status == REMOTE_DELETING:
        return Publication(Outcome.BUSY, str(BEING_DELETED))
    if link.state is LinkState.UNKNOWN:
        return Publication(Outcome.UNKNOWN, str(LOST_CREATION))
    if link.state is LinkState.SENDING:
        if not is_broken_off(link, now()):
            return Publication(Outcome.BUSY, str(BUSY))
        if link.event_id is None and link.content_hash != NOTHING_SENT:
            link.state, link.searches = LinkState.UNKNOWN, 0
            link.last_error = str(LOST_CREATION)
            return Publication(Outcome.UNKNOWN, str(LOST_CREATION))
    return None


def _not_applicable(link: EventLink, subject: Subject) -> str:
    """Where an event stands that we no longer keep, that is what counts."""
    off = [why for why in why_left_standing(subject.activity, link) if why is not Why.DRAFT]
    if off:
        return _t("Er is niets verstuurd. %(why)s", why=sentence_of(off[0]))
    return str(NOT_APPLICABLE)
