"""What the panel 'Publicatie' of the tab UiTdatabank tells, besides the status."""

from typing import Any

from flask import url_for

from app.activities.models import Activity, UitStatus
from app.settings.uit import active_environment
from app.uitdatabank.attention import Matter, failed_pushes, lost_references, matters_of
from app.uitdatabank.changes import changes_of
from app.uitdatabank.left_standing import TITLES, Why, sentence_of, why_left_standing
from app.uitdatabank.links import REMOTE_DELETING
from app.uitdatabank.models import EventLink, ReferenceKind, UitProfile
from app.uitdatabank.outcomes import general_fields
from app.uitdatabank.status import UitState

KIND_SLUGS = {ReferenceKind.PLACE: "locatie", ReferenceKind.ORGANIZER: "organisator"}


def general_url(activity: Activity, anchor: str) -> str:
    """Where a field stands on the tab Algemeen; a weekly schedule stands in place of dates."""
    if anchor == "dates" and activity.schedule is not None:
        anchor = "schedule"
    return url_for("backoffice.activity", activity_id=activity.id, _anchor=anchor or None)


def publication_context(
    activity: Activity, profile: UitProfile, link: EventLink | None, state: UitState
) -> dict[str, Any]:
    """What the template of the panel needs."""
    environment = active_environment()
    changed = state.status is UitStatus.CHANGED and not state.missing
    return {
        "changes": changes_of(activity.id, environment, link.sent_body) if link and changed else [],
        "matters": matters_of(link) if link else [],
        "general_links": [
            (what, general_url(activity, anchor))
            for what, anchor in general_fields(link.last_error if link else "")
        ],
        "Matter": Matter,
        "failed_push": failed_pushes([link]).get(link.id) if link else None,
        "left_standing": [
            (TITLES[why], sentence_of(why), why is Why.DRAFT)
            for why in why_left_standing(activity, link)
        ],
        "being_deleted": link is not None and link.remote_status == REMOTE_DELETING,
        "lost": [(one, KIND_SLUGS[one.kind]) for one in lost_references(profile, environment)],
    }
