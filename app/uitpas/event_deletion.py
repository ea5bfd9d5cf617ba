"""May the event of an activity be deleted at UiTdatabank? Not while sales at UiTPAS stand (D14).

The event is what a sale at UiTPAS belongs to. Its link is locked while the ledger is looked at,
and who writes a wish holds that lock too: so an order that is being finished at the same moment is
either seen here, or sees that the event is going.
"""

from sqlalchemy import func, select

from app.extensions import _t, db, write_transaction
from app.settings.models import Environment
from app.uitdatabank.deleting import Answer, begin_deletion, carry_out, lock_event
from app.uitdatabank.links import LinkRefused, is_under_way, link_of
from app.uitdatabank.problems import Problem
from app.uitpas.models import EntryState, UitpasEntry

LIVE = (
    EntryState.PLANNED,
    EntryState.REGISTERING,
    EntryState.REGISTERED,
    EntryState.UNKNOWN,
    EntryState.CANCELLING,
)
"""A sale that stands at UiTPAS, may stand there, or is about to."""


def deletion_problems(activity_id: int) -> list[Problem]:
    """Why the event cannot be deleted now: shown on its page, and obeyed."""
    link = link_of(activity_id)
    if link is None or link.event_id is None:
        return []
    if is_under_way(link):
        return [Problem(_t("Deze activiteit wordt net gepubliceerd of verwijderd. Wacht even."))]
    return _sales_problems(link.environment, link.event_id)


def delete_event(activity_id: int) -> Answer:
    """Delete the event in the active environment, and forget it. Outside any transaction.

    Raises LinkRefused with the reason while sales at UiTPAS stand or a publication is under way.
    """
    with write_transaction() as session:
        link = lock_event(session, activity_id)
        problems = _sales_problems(link.environment, link.event_id or "")
        if problems:
            raise LinkRefused(problems[0])
        deletion = begin_deletion(session, link)
    return carry_out(deletion)


def live_sales(environment: Environment, event_id: str) -> int:
    """How many sales of this event stand at UiTPAS, or may."""
    return (
        db.session.scalar(
            select(func.count(UitpasEntry.id)).where(
                UitpasEntry.environment == environment,
                UitpasEntry.event_id == event_id,
                UitpasEntry.state.in_(LIVE),
            )
        )
        or 0
    )


def _sales_problems(environment: Environment, event_id: str) -> list[Problem]:
    count = live_sales(environment, event_id)
    if not count:
        return []
    if count == 1:
        sentence = _t(
            "Er staat nog 1 verkoop met UiTPAS op dit event. Annuleer eerst die inschrijving of "
            "dat ticket, dan maken we de verkoop ongedaan."
        )
    else:
        sentence = _t(
            "Er staan nog %(count)s verkopen met UiTPAS op dit event. Annuleer eerst die "
            "inschrijvingen of tickets, dan maken we de verkopen ongedaan.",
            count=count,
        )
    return [Problem(sentence)]
