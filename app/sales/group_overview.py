"""The overview of an inschrijvingsgroep: its activities, their places and their benefits (R6)."""

from dataclasses import dataclass, field

from sqlalchemy import func, select

from app.activities.groups import activities_of_group
from app.activities.models import Activity, group_activity
from app.activities.overview import places_of
from app.extensions import db
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.uitpas.models import BenefitKind


@dataclass
class GroupActivity:
    """One activity of a group: its places over all pools, and the registrations that stand."""

    activity: Activity
    taken: int
    capacity: int
    registrations: int = 0
    benefits: dict[BenefitKind, int] = field(default_factory=dict)

    @property
    def with_benefit(self) -> int:
        """How many of the registrations have a benefit, whatever it is."""
        return sum(self.benefits.values())


@dataclass(frozen=True)
class GroupOverview:
    """All activities of a group in the order of their dates."""

    activities: list[GroupActivity]

    @property
    def registrations(self) -> int:
        """Registrations that stand, over all activities."""
        return sum(item.registrations for item in self.activities)

    @property
    def benefits(self) -> dict[BenefitKind, int]:
        """How many there are of each benefit, in the order of BenefitKind."""
        totals = {
            kind: sum(item.benefits.get(kind, 0) for item in self.activities)
            for kind in BenefitKind
        }
        return {kind: count for kind, count in totals.items() if count}


def group_overview(group_id: int) -> GroupOverview:
    """What stands in a group; three queries, however many activities and registrations."""
    members = select(group_activity.c.activity_id).where(group_activity.c.group_id == group_id)
    places = places_of(members)
    rows = {
        activity.id: GroupActivity(activity, *places.get(activity.id, (0, 0)))
        for activity in activities_of_group(group_id)
    }
    counts = db.session.execute(
        select(OrderLine.activity_id, OrderLine.benefit_kind, func.count())
        .join(OrderLine.order)
        .where(
            OrderLine.activity_id.in_(members),
            OrderLine.state == LineState.LIVE,
            Order.state.in_([OrderState.OPEN, OrderState.CONFIRMED]),
        )
        .group_by(OrderLine.activity_id, OrderLine.benefit_kind)
    )
    for activity_id, kind, count in counts:
        row = rows.get(activity_id)
        if row is None:  # a colleague took it out of the group just now
            continue
        row.registrations += count
        if kind is not None:
            row.benefits[kind] = count
    return GroupOverview(list(rows.values()))
