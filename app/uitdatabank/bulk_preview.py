"""What a change of many activities at once (D9) would change in each, before it is applied."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.activities.models import Activity, PriceCategory
from app.clock import local
from app.extensions import _l, _t, db
from app.formats import day, money
from app.settings.models import Environment
from app.settings.uit import active_environment
from app.uitdatabank.bulk_change import BulkChange, LabelMode, Line, Preview
from app.uitdatabank.bulk_places import places_lines, places_notes, places_problems
from app.uitdatabank.bulk_states import becomes_draft, state_lines, state_notes, state_problems_of
from app.uitdatabank.event import clean_labels
from app.uitdatabank.left_standing import events_standing
from app.uitdatabank.models import Audience, UitProfile
from app.uitdatabank.profiles import profile_of

AUDIENCE_WORDS = {
    Audience.EVERYONE: _l("iedereen"),
    Audience.MEMBERS: _l("enkel leden"),
    Audience.EDUCATION: _l("scholen"),
}
NOTHING = _l("(leeg)")
SHOWN = 80
"""Signs of a long text that the preview shows."""


def preview_change(activity_ids: Iterable[int], change: BulkChange) -> list[Preview]:
    """What the change does to each activity, the soonest first; in a fixed number of queries."""
    activities = _load(db.session(), activity_ids)
    profiles, environment = _profiles(activities), active_environment()
    standing = events_standing(one.id for one in activities if becomes_draft(one, change))
    return [
        preview_of(one, profiles[one.id], change, environment, standing=one.id in standing)
        for one in activities
    ]


def price_names(activities: Iterable[Activity]) -> dict[str, list[Decimal]]:
    """Every price category that these have, by its first spelling, with its lowest and highest."""
    found: dict[str, list[Decimal]] = {}
    spelled: dict[str, str] = {}
    for activity in activities:
        for category in activity.price_categories:
            name = spelled.setdefault(category.name.casefold(), category.name)
            found.setdefault(name, []).append(category.price)
    return {name: sorted({min(prices), max(prices)}) for name, prices in found.items()}


def selected_activities(activity_ids: Iterable[int]) -> list[Activity]:
    """The activities that a change is for, with their prices, places and type."""
    return _load(db.session(), activity_ids)


def _load(session: Session, activity_ids: Iterable[int]) -> list[Activity]:
    return list(
        session.scalars(
            select(Activity)
            .where(Activity.id.in_(list(activity_ids)))
            .options(
                joinedload(Activity.activity_type),
                selectinload(Activity.price_categories),
                selectinload(Activity.pools),
                selectinload(Activity.dates),
            )
            .order_by(Activity.first_start, Activity.id)
        )
    )


def _profiles(activities: Sequence[Activity]) -> dict[int | None, UitProfile]:
    stored = db.session.scalars(
        select(UitProfile).where(UitProfile.activity_id.in_([one.id for one in activities]))
    )
    found = {row.activity_id: row for row in stored}
    of_types: dict[int, UitProfile] = {}
    for one in activities:
        if one.id not in found:  # all of a type begin alike
            kind = one.activity_type_id
            of_types[kind] = of_types.get(kind) or profile_of(one)
            found[one.id] = of_types[kind]
    return found


def preview_of(
    activity: Activity,
    profile: UitProfile,
    change: BulkChange,
    environment: Environment,
    *,
    standing: bool = False,
) -> Preview:
    """What the change does to one activity with this profile, while this environment is active.

    ``standing``: whether it becomes a concept whose event stays at UiTdatabank, which is told.
    """
    lines = [
        line for line in _lines(activity, profile, change, environment) if line.old != line.new
    ]
    notes = tuple(_notes(activity, change))
    problems = tuple(_problems(activity, profile, change))
    content = [
        [activity.version, profile.version, activity.state.value],
        [[line.what, line.old, line.new] for line in lines],
        problems,
    ]
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
    return Preview(
        activity.id,
        activity.title,
        activity.first_start,
        tuple(Line(line.what, _short(line.old), _short(line.new)) for line in lines),
        notes,
        problems,
        digest[:32],
        left_standing=standing and not problems,
    )


def _lines(
    activity: Activity, profile: UitProfile, change: BulkChange, environment: Environment
) -> Iterable[Line]:
    for category in activity.price_categories:
        yield Line(category.name, money(category.price), money(new_price(category, change)))
    yield from places_lines(activity, change)
    yield from state_lines(activity, change)
    if change.description is not None:
        yield Line(
            _t("omschrijving"), _or_empty(profile.description), _or_empty(change.description)
        )
    if change.audience is not None:
        old, new = AUDIENCE_WORDS[profile.audience], AUDIENCE_WORDS[change.audience]
        yield Line(_t("doelpubliek"), str(old), str(new))
    if change.label_mode is not None:
        labels = new_labels(profile, change)
        yield Line(_t("labels"), _or_empty(", ".join(profile.labels)), _or_empty(", ".join(labels)))
    if change.location is not None:
        here = profile.environment is environment
        old_place = profile.location_name if here else ""
        yield Line(_t("locatie"), _or_empty(old_place), _or_empty(change.location.name))
    for what, old_at, new_at in (
        (_t("start van de knop"), profile.link_starts_at, change.link_starts),
        (_t("einde van de knop"), profile.link_ends_at, change.link_ends),
    ):
        if new_at is not None:
            yield Line(what, _or_empty(_day(old_at)), _or_empty(_day(new_at.at)))


def _problems(activity: Activity, profile: UitProfile, change: BulkChange) -> Iterable[str]:
    yield from places_problems(activity, change)
    yield from state_problems_of(activity, change)
    starts = change.link_starts.at if change.link_starts else profile.link_starts_at
    ends = change.link_ends.at if change.link_ends else profile.link_ends_at
    touched = change.link_starts is not None or change.link_ends is not None
    if touched and starts and ends and ends < starts:
        yield _t("Het einde van de knop valt voor de start. Kies een latere dag.")


def _notes(activity: Activity, change: BulkChange) -> Iterable[str]:
    """What was asked and does not concern this activity, and what follows from the change."""
    has = {category.name.casefold() for category in activity.price_categories}
    for name in change.prices:
        if name.casefold() not in has:
            yield _t("Heeft geen prijs ‘%(name)s’.", name=name)
    yield from places_notes(activity, change)
    yield from state_notes(activity, change)


def new_price(category: PriceCategory, change: BulkChange) -> Decimal:
    """What a price becomes, in euro."""
    for name, price in change.prices.items():
        if name.casefold() == category.name.casefold():
            return price
    return category.price


def new_labels(profile: UitProfile, change: BulkChange) -> list[str]:
    """What the labels become."""
    typed = clean_labels(change.labels)
    if change.label_mode is LabelMode.REPLACE:
        return typed
    folded = {label.casefold() for label in typed}
    if change.label_mode is LabelMode.REMOVE:
        return [label for label in profile.labels if label.casefold() not in folded]
    return clean_labels([*profile.labels, *typed])


def _day(moment: datetime | None) -> str:
    return "" if moment is None else day(local(moment).date())


def _or_empty(text: str) -> str:
    return text or str(NOTHING)


def _short(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= SHOWN else folded[: SHOWN - 1] + "…"
