"""The programme: types and activities as a clerk would make them, published as a clerk would."""

from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from sqlalchemy import select

from app.activities.editing import ActivityData, DateData, get_activity
from app.activities.models import Activity, ActivityState, ActivityType, Series, UitStatus
from app.activities.places import capacity_of
from app.activities.types import prices_of
from app.clock import from_local
from app.demo import camps, classes
from app.demo.catalogue import KINDS, POSTAL_CODE, Item, Kind
from app.demo.choices import Choices
from app.demo.days import OpenAllSummer, evening_before
from app.demo.drawing import draw_summer
from app.extensions import db, end_read, write_transaction
from app.uitdatabank.editing import change_state, create_activity, save_activity, save_type
from app.uitdatabank.images import store_image
from app.uitdatabank.models import UitProfile
from app.uitdatabank.profiles import (
    ChosenLocation,
    ChosenOrganizer,
    ProfileData,
    save_profile,
    save_type_profile,
)
from app.uitdatabank.publishing import publish

ITEMS = (*camps.CAMPS, *classes.CLASSES)
CLOSES_DAYS_BEFORE = 5
CANCELLED_BECAUSE = "De boswachter is ziek, en een nieuwe datum vonden we niet."
POSTPONED_BECAUSE = "De zaal staat onder water. Je hoort van ons zodra er een nieuwe datum is."
NEW_TEXT = (
    "Frans leren door te koken, te spelen en te zingen. Geen banken en geen rapport: je spreekt "
    "van de eerste minuut.\n\nNieuw: op de laatste dag nemen we samen de bus naar een Franse markt."
)
NEW_AGE = 6


@dataclass
class Published:
    """What publishing came to."""

    made: int
    failures: list[str]


def make_types(choices: Choices) -> dict[str, int]:
    """The types with the tab that their activities take over; ids by name."""
    rows = db.session.execute(select(ActivityType.name, ActivityType.id))
    known: dict[str, int] = dict(rows.all())
    for kind in KINDS:
        if kind.data.name not in known:
            profile = _type_profile(kind, choices)
            if kind.picture:
                profile = replace(profile, image_id=_picture(kind.picture))
            with write_transaction():
                made = save_type(None, kind.data)
                save_type_profile(made.id, profile)
            known[kind.data.name] = made.id
    return known


def make_activities(types: dict[str, int], choices: Choices, begin: date) -> int:
    """Every activity that is not there yet, each with its tab in one go; returns their number.

    The title is what an activity is known by.
    """
    known = set(db.session.scalars(select(Activity.title)))
    kinds = {kind.data.name: kind for kind in KINDS}
    for item in ITEMS:
        if item.title not in known:
            # what publiq advises is read before the transaction
            profile = _profile(item, kinds[item.kind], choices, types[item.kind])
            _make(item, kinds[item.kind], types[item.kind], profile, begin)
    put_in_state(activity_ids()[classes.NIGHT_WALK], ActivityState.CANCELLED, CANCELLED_BECAUSE)
    return len(ITEMS)


def publish_programme() -> Published:
    """Publish what is to be published and is not yet; each failure is a sentence."""
    failures = []
    ids = activity_ids()
    for item in ITEMS:
        if not item.published or _is_known_at_publiq(ids[item.title]):
            continue
        end_read()
        answer = publish(ids[item.title])
        if not answer.ok:
            failures.append(f"{item.title} is niet gepubliceerd: {answer.sentence}")
    wanted = sum(item.published for item in ITEMS)
    return Published(wanted - len(failures), failures)


def change_after_publication() -> None:
    """Clerks changed something since: a text, a price and an age; and a show is postponed."""
    ids = activity_ids()
    if _status(ids[camps.FRENCH]) is UitStatus.PUBLISHED:
        _change_text(ids[camps.FRENCH])
    if _status(ids[classes.DIGIDOCTOR]) is UitStatus.PUBLISHED:
        _change_price(ids[classes.DIGIDOCTOR])
    if _status(ids[classes.TODDLER_GYM_2]) is UitStatus.PUBLISHED:
        activity_id = ids[classes.TODDLER_GYM_2]
        save_activity(activity_id, replace(_data_of(activity_id), max_age=NEW_AGE))
    put_in_state(ids[classes.FILM], ActivityState.POSTPONED, POSTPONED_BECAUSE)


def activity_ids() -> dict[str, int]:
    """The ids of the demo's activities, by title."""
    titles = [item.title for item in ITEMS]
    rows = db.session.execute(select(Activity.title, Activity.id).where(Activity.title.in_(titles)))
    return dict(rows.all())


def _type_profile(kind: Kind, choices: Choices) -> ProfileData:
    event_type = choices.event_type(kind.event_type)
    return ProfileData(
        postal_code=POSTAL_CODE,
        organizer=choices.organizer(kind.organizer),
        event_type=event_type,
        theme=choices.theme(event_type, kind.theme),
        registration_link=True,
        contact_email=kind.contact[0],
        contact_phone=kind.contact[1],
    )


def _picture(description: str) -> int:
    return store_image(draw_summer(), description, "Gemeente Zonnewende").id


def image_of_type(type_id: int) -> int | None:
    """The picture that activities of this type follow."""
    return db.session.scalar(
        select(UitProfile.image_id).where(UitProfile.activity_type_id == type_id)
    )


def _profile(item: Item, kind: Kind, choices: Choices, type_id: int) -> ProfileData:
    event_type = choices.event_type(item.event_type or kind.event_type)
    words = kind.organizer if item.organizer is None else item.organizer
    return ProfileData(
        postal_code=POSTAL_CODE,
        location=choices.location(item.place) if item.place else ChosenLocation(),
        organizer=choices.organizer(words) if words else ChosenOrganizer(),
        event_type=event_type,
        theme=choices.theme(event_type, item.theme, kind.theme),
        labels=item.labels,
        description=item.text,
        registration_link=True,
        image_id=image_of_type(type_id),
    )


def _make(item: Item, kind: Kind, type_id: int, profile: ProfileData, begin: date) -> None:
    with write_transaction() as session:
        activity = create_activity(type_id, _data(item, kind, begin))
        save_profile(activity.id, profile)
        if item.series:
            activity.series = session.scalar(
                select(Series).where(Series.title == item.series)
            ) or Series(title=item.series)


def _data(item: Item, kind: Kind, begin: date) -> ActivityData:
    schedule, dates = None, []
    if isinstance(item.when, OpenAllSummer):
        schedule = item.when.schedule(begin)
        first = from_local(schedule.first_day, item.when.opens)
    else:
        dates = [DateData(starts_at, ends_at) for starts_at, ends_at in item.when.spans(begin)]
        first = dates[0].starts_at
    low, high = item.ages or (kind.data.min_age, kind.data.max_age)
    opens = None
    if item.opens_in_days:
        opens = from_local(begin + timedelta(days=item.opens_in_days), time(9))
    return ActivityData(
        title=item.title,
        dates=dates,
        prices=item.prices or kind.data.prices,
        capacity=item.capacity,
        registration_opens_at=opens,
        registration_closes_at=evening_before(first, CLOSES_DAYS_BEFORE),
        min_age=low,
        max_age=high,
        publish_in_uit=item.in_uit,
        state=ActivityState.ONLINE if item.online else ActivityState.DRAFT,
        schedule=schedule,
    )


def put_in_state(activity_id: int, state: ActivityState, reason: str) -> None:
    """Cancel or postpone an activity that is not yet so."""
    if db.session.get_one(Activity, activity_id).state is not state:
        change_state(activity_id, state, reason)


def _status(activity_id: int) -> UitStatus | None:
    return db.session.scalar(select(Activity.uit_status).where(Activity.id == activity_id))


def _is_known_at_publiq(activity_id: int) -> bool:
    return _status(activity_id) in (UitStatus.PUBLISHED, UitStatus.CHANGED)


def _change_text(activity_id: int) -> None:
    profile = db.session.scalars(
        select(UitProfile).where(UitProfile.activity_id == activity_id)
    ).one()
    data = ProfileData(
        postal_code=profile.postal_code,
        location=ChosenLocation(
            profile.location_id, profile.location_name, profile.location_address
        ),
        organizer=ChosenOrganizer(
            profile.organizer_id, profile.organizer_name, profile.organizer_is_uitpas
        ),
        event_type=profile.event_type,
        theme=profile.theme,
        labels=tuple(profile.labels),
        description=NEW_TEXT,
        registration_link=profile.registration_link,
    )
    save_profile(activity_id, data)


def _change_price(activity_id: int) -> None:
    data = _data_of(activity_id)
    dearer = [replace(item, price=item.price + 1) for item in data.prices]
    save_activity(activity_id, replace(data, prices=dearer))


def _data_of(activity_id: int) -> ActivityData:
    """An activity as its form shows it."""
    activity = get_activity(activity_id)
    assert activity is not None
    return ActivityData(
        title=activity.title,
        dates=[DateData(one.starts_at, one.ends_at, one.id) for one in activity.dates],
        prices=prices_of(activity),
        capacity=capacity_of(activity),
        registration_opens_at=activity.registration_opens_at,
        registration_closes_at=activity.registration_closes_at,
        min_age=activity.min_age,
        max_age=activity.max_age,
        publish_in_uit=activity.publish_in_uit,
        version=activity.version,
    )
