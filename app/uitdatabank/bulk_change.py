"""What changes in many activities at once (D9): what is typed once, and its rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum

from app.activities.models import ActivityState
from app.activities.state_changes import WHY, reason_problems
from app.activities.types import capacity_problems
from app.extensions import _t
from app.uitdatabank.models import Audience
from app.uitdatabank.problems import Problem
from app.uitdatabank.profiles import ChosenLocation, ProfileData, profile_problems


class LabelMode(Enum):
    """What happens to the labels that an activity has."""

    REPLACE = "replace"
    ADD = "add"
    REMOVE = "remove"


@dataclass(frozen=True)
class Moment:
    """A new start or end of the button; None takes away what stands there."""

    at: datetime | None


@dataclass(frozen=True)
class BulkChange:
    """What to change, typed once; what is None stays as it is.

    ``prices``: new amounts in euro by the name of the price category. ``capacity``: of every pool.
    ``state_reason``: for the public, where the state asks one.
    """

    prices: Mapping[str, Decimal] = field(default_factory=dict)
    description: str | None = None
    audience: Audience | None = None
    labels: tuple[str, ...] = ()
    label_mode: LabelMode | None = None
    location: ChosenLocation | None = None
    link_starts: Moment | None = None
    link_ends: Moment | None = None
    capacity: int | None = None
    state: ActivityState | None = None
    state_reason: str = ""

    @property
    def asks_reason(self) -> bool:
        """Whether the new state says to the public why."""
        return self.state in WHY

    @property
    def needs_publishing(self) -> bool:
        """Whether UiTdatabank only hears of it by a publication; not of what goes by itself."""
        return bool(self.prices) or self.touches_profile or self.state is ActivityState.ONLINE

    @property
    def touches_profile(self) -> bool:
        """Whether something of the tab UiTdatabank changes."""
        return any(
            value is not None
            for value in (
                self.description,
                self.audience,
                self.label_mode,
                self.location,
                self.link_starts,
                self.link_ends,
            )
        )


@dataclass(frozen=True)
class Line:
    """One thing that changes, as it was and as it becomes, in words."""

    what: str
    old: str
    new: str


@dataclass(frozen=True)
class Preview:
    """What would change in one activity, and what cannot, with the reason.

    With ``problems`` nothing of the activity changes. ``digest`` names exactly this change.
    """

    activity_id: int
    title: str
    first_start: datetime | None
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    digest: str = ""
    left_standing: bool = False
    """Whether the event stays at UiTdatabank while the activity becomes a concept."""

    @property
    def changes(self) -> bool:
        """Whether applying it changes something."""
        return bool(self.lines) and not self.problems


def bulk_problems(change: BulkChange) -> list[Problem]:
    """What is wrong with what was typed, by the rules and in the words of the single forms."""
    found = profile_problems(
        ProfileData(
            labels=change.labels,
            link_starts_at=change.link_starts.at if change.link_starts else None,
            link_ends_at=change.link_ends.at if change.link_ends else None,
        )
    )
    if change.capacity is not None:
        found += [Problem(one.sentence, one.field) for one in capacity_problems(change.capacity)]
    if change.state is not None:
        found += [
            Problem(one.sentence, one.field)
            for one in reason_problems(change.state, change.state_reason, "state_reason")
        ]
    if change.label_mode in (LabelMode.ADD, LabelMode.REMOVE) and not change.labels:
        found.append(Problem(_t("Typ minstens één label."), "labels"))
    return found
