"""Another state in many activities at once: the same rules and consequences as for a single one."""

from collections.abc import Iterable

from app.activities.models import Activity, ActivityState, UitStatus
from app.activities.places import places_taken
from app.activities.state_changes import state_problems
from app.extensions import _l, _t
from app.uitdatabank.bulk_change import BulkChange, Line

STATE_WORDS = {
    ActivityState.DRAFT: _l("concept"),
    ActivityState.ONLINE: _l("online"),
    ActivityState.POSTPONED: _l("uitgesteld"),
    ActivityState.CANCELLED: _l("geannuleerd"),
}
NOT_AS_PLANNED = (ActivityState.POSTPONED, ActivityState.CANCELLED)
AT_PUBLIQ = (UitStatus.PUBLISHED, UitStatus.CHANGED)


def changes_state(activity: Activity, change: BulkChange) -> bool:
    """Whether the activity gets another state; who is already cancelled keeps its reason too."""
    return change.state is not None and change.state is not activity.state


def becomes_draft(activity: Activity, change: BulkChange) -> bool:
    """Whether the activity is turned back to concept, from whatever it was."""
    return change.state is ActivityState.DRAFT and changes_state(activity, change)


def state_lines(activity: Activity, change: BulkChange) -> Iterable[Line]:
    """The state, and what visitors read about it."""
    if change.state is None or not changes_state(activity, change):
        return
    yield Line(_t("toestand"), str(STATE_WORDS[activity.state]), str(STATE_WORDS[change.state]))
    if change.asks_reason:
        nothing = _t("(leeg)")
        yield Line(
            _t("reden voor bezoekers"),
            activity.state_reason or nothing,
            change.state_reason.strip() or nothing,
        )


def state_problems_of(activity: Activity, change: BulkChange) -> Iterable[str]:
    """Why this activity cannot get the state."""
    if change.state is None or not changes_state(activity, change):
        return
    if activity.state is ActivityState.CANCELLED:
        yield _t(
            "Deze activiteit is geannuleerd. Maak er eerst weer een concept van op haar eigen "
            "pagina."
        )
    else:
        for problem in state_problems(activity, change.state):
            yield problem.sentence


def state_notes(activity: Activity, change: BulkChange) -> Iterable[str]:
    """What follows: who is registered, and what UiTdatabank hears; or why nothing changes."""
    if change.state is None:
        return
    if not changes_state(activity, change):
        if change.asks_reason:
            yield _t(
                "Is al %(state)s. De reden blijft: ‘%(reason)s’",
                state=STATE_WORDS[activity.state],
                reason=activity.state_reason,
            )
        return
    if change.asks_reason:
        yield _taken_words(activity)
    at_uit = activity.uit_status in AT_PUBLIQ  # nothing is while the module is off
    if at_uit and (change.state in NOT_AS_PLANNED or activity.state in NOT_AS_PLANNED):
        yield _uit_words(change)


def _taken_words(activity: Activity) -> str:
    taken = places_taken(activity)
    if not taken:
        return _t("Er is niemand ingeschreven.")
    if taken == 1:
        return _t("Er is 1 plaats ingenomen of vastgehouden. De inschrijving blijft staan.")
    return _t(
        "Er zijn %(taken)s plaatsen ingenomen of vastgehouden. De inschrijvingen blijven staan.",
        taken=taken,
    )


def _uit_words(change: BulkChange) -> str:
    """That the event follows by itself (D14), as the page of the single activity says it."""
    if change.state is ActivityState.CANCELLED:
        return _t("Binnen een minuut staat ze ook in UiTdatabank als geannuleerd.")
    if change.state is ActivityState.POSTPONED:
        return _t("Binnen een minuut staat ze ook in UiTdatabank als uitgesteld.")
    return _t("Binnen een minuut staat ook in UiTdatabank dat ze weer doorgaat.")
