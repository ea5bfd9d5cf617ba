"""Collecting what an event says: the activity, its profile, and what both fall back on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Protocol

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.activities.models import Activity, ActivityState, Module, PriceCategory
from app.activities.offer import public_path
from app.activities.prices import base_category
from app.activities.schedule import schedule_of
from app.clock import from_local, now, today
from app.settings.environments import registration_page_url
from app.settings.models import Environment
from app.settings.municipality import get_municipality
from app.settings.uit import get_modules, get_uit_settings
from app.uitdatabank.event import BookingLink, EventDate, EventFacts, EventImage, EventPrice
from app.uitdatabank.models import Audience, EventLink, UitImage, UitProfile

NOT_SENT = "nog-niet-verstuurd"
BUTTON_WORDS = {Module.REGISTRATION: "Schrijf je in", Module.TICKETING: "Koop tickets"}


@dataclass(frozen=True)
class Surroundings:
    """What every activity falls back on: the settings, read once for many activities."""

    environment: Environment
    uitdatabank_on: bool
    email: str
    phone: str
    contact_email: str
    contact_phone: str
    shop_url: str
    exceptions_in_words: bool
    """Whether closed and adjusted days stand in the description; see UitSettings."""
    now: datetime


@dataclass(frozen=True)
class Subject:
    """An activity with all that its status and its event depend on."""

    activity: Activity
    profile: UitProfile
    type_profile: UitProfile | None
    link: EventLink | None


def read_surroundings() -> Surroundings:
    """The settings as they are now; three queries at most."""
    settings, municipality = get_uit_settings(), get_municipality()
    return Surroundings(
        environment=settings.active_environment,
        uitdatabank_on=get_modules().uitdatabank,
        email=settings.registration_link_email.strip(),
        phone=settings.registration_link_phone.strip(),
        contact_email=municipality.email.strip(),
        contact_phone=municipality.phone.strip(),
        shop_url=registration_page_url(settings.active_environment),
        exceptions_in_words=settings.exceptions_in_words,
        now=now(),
    )


def load_subjects(
    session: Session, activity_ids: Iterable[int], environment: Environment
) -> list[Subject]:
    """These activities with all they need, read anew; eight queries, however many there are."""
    ids = list(activity_ids)
    if not ids:
        return []
    session.flush()
    activities = session.scalars(
        select(Activity)
        .where(Activity.id.in_(ids))
        .options(
            joinedload(Activity.activity_type),
            selectinload(Activity.dates),
            selectinload(Activity.price_categories),
            selectinload(Activity.pools),
        )
        .execution_options(populate_existing=True)
    ).all()
    return _subjects(session, activities, environment)


def _subjects(
    session: Session, activities: Sequence[Activity], environment: Environment
) -> list[Subject]:
    ids = [activity.id for activity in activities]
    type_ids = {activity.activity_type_id for activity in activities}
    both = session.scalars(
        select(UitProfile)
        .where(or_(UitProfile.activity_id.in_(ids), UitProfile.activity_type_id.in_(type_ids)))
        .options(selectinload(UitProfile.image).selectinload(UitImage.uploads))
        .execution_options(populate_existing=True)
    ).all()
    profiles = {row.activity_id: row for row in both if row.activity_id is not None}
    of_types = {row.activity_type_id: row for row in both if row.activity_type_id is not None}
    links = {
        row.activity_id: row
        for row in session.scalars(
            select(EventLink).where(
                EventLink.activity_id.in_(ids), EventLink.environment == environment
            )
        )
    }
    return [
        Subject(
            activity=activity,
            profile=profiles.get(activity.id) or empty_profile(),
            type_profile=of_types.get(activity.activity_type_id),
            link=links.get(activity.id),
        )
        for activity in activities
    ]


def empty_profile() -> UitProfile:
    """A profile with nothing filled in, that is not stored."""
    return UitProfile(
        environment=None,
        postal_code="",
        location_id="",
        location_name="",
        location_address="",
        organizer_id="",
        organizer_name="",
        organizer_is_uitpas=False,
        event_type="",
        theme="",
        labels=[],
        audience=Audience.EVERYONE,
        description="",
        registration_link=False,
        link_email="",
        link_phone="",
        link_starts_at=None,
        link_ends_at=None,
        contact_email="",
        contact_phone="",
        contact_url="",
        image_id=None,
        follows=[],
        version=1,
    )


def base_first(categories: Sequence[PriceCategory]) -> list[PriceCategory]:
    """The prices with the base price in front: the first without a residence rule.

    Empty when there is no base price.
    """
    base = base_category(categories)
    return [] if base is None else [base, *(item for item in categories if item is not base)]


def link_email(subject: Subject, surroundings: Surroundings) -> str:
    """The e-mail of the registration link: of the activity, else its type, else the settings."""
    return _own_or_of_type(subject, "link_email") or surroundings.email


def link_phone(subject: Subject, surroundings: Surroundings) -> str:
    """The phone of the registration link: of the activity, else its type, else the settings."""
    return _own_or_of_type(subject, "link_phone") or surroundings.phone


def contact_email(subject: Subject, surroundings: Surroundings) -> str:
    """The e-mail for questions: its own, else the registration link's, else the municipality's."""
    own = _own_or_of_type(subject, "contact_email")
    return own or link_email(subject, surroundings) or surroundings.contact_email


def contact_phone(subject: Subject, surroundings: Surroundings) -> str:
    """The phone for questions: its own, else the registration link's, else the municipality's."""
    own = _own_or_of_type(subject, "contact_phone")
    return own or link_phone(subject, surroundings) or surroundings.contact_phone


def _own_or_of_type(subject: Subject, name: str) -> str:
    of_type = getattr(subject.type_profile, name) if subject.type_profile else ""
    return getattr(subject.profile, name) or of_type


def button_start(subject: Subject) -> datetime | None:
    """From when the button shows; None where that is 'vandaag' and nothing was published yet."""
    fixed = subject.link.registration_opens_at if subject.link else None
    return subject.profile.link_starts_at or subject.activity.registration_opens_at or fixed


def button_end(subject: Subject) -> datetime | None:
    """Until when the button shows, in UTC; None for no end."""
    return subject.profile.link_ends_at or subject.activity.registration_closes_at


def start_of_today() -> datetime:
    """The first moment of today in Brussels, in UTC: what 'vandaag' means for the button."""
    return from_local(today(), time())


def event_facts(subject: Subject, surroundings: Surroundings, io_base: str) -> EventFacts:
    """What the event of an activity says. Only for one that misses nothing.

    The base price must exist: see ``missing_for_publication``.
    """
    activity, profile = subject.activity, subject.profile
    return EventFacts(
        io_base=io_base.rstrip("/"),
        title=activity.title,
        description=profile.description,
        event_type=profile.event_type,
        theme=profile.theme,
        location_id=profile.location_id,
        organizer_id=profile.organizer_id,
        dates=tuple(
            EventDate(
                date.starts_at,
                date.ends_at,
                cancelled=date.cancelled_at is not None,
                sold_out=sold_out(activity.pools, date.id),
                postponed=date.postponed_at is not None,
                reason=date.status_reason,
            )
            for date in activity.dates
        ),
        prices=tuple(
            EventPrice(item.name, item.price) for item in base_first(activity.price_categories)
        ),
        audience=profile.audience.value,
        min_age=activity.min_age,
        max_age=activity.max_age,
        labels=tuple(profile.labels),
        booking=_booking(subject, surroundings),
        phone=contact_phone(subject, surroundings),
        email=contact_email(subject, surroundings),
        url=_own_or_of_type(subject, "contact_url"),
        cancelled=activity.state == ActivityState.CANCELLED,
        postponed=activity.state == ActivityState.POSTPONED,
        state_reason=activity.state_reason,
        schedule=schedule_of(activity),
        exceptions_in_words=surroundings.exceptions_in_words,
        image=_image(profile, surroundings.environment, io_base),
    )


def _image(profile: UitProfile, environment: Environment, io_base: str) -> EventImage | None:
    """The picture; one that was not sent to this environment yet has an address of no picture."""
    image = profile.image
    if image is None:
        return None
    urls = [item.url for item in image.uploads if item.environment is environment]
    url = urls[0] if urls else f"{io_base}/images/{NOT_SENT}-{image.id}"
    return EventImage(url, image.description, image.copyright_holder)


def _booking(subject: Subject, surroundings: Surroundings) -> BookingLink | None:
    if not subject.profile.registration_link:
        return None
    activity = subject.activity
    return BookingLink(
        url=surroundings.shop_url + public_path(activity),
        label=BUTTON_WORDS[activity.activity_type.module],
        phone=link_phone(subject, surroundings),
        email=link_email(subject, surroundings),
        starts_at=button_start(subject) or start_of_today(),
        ends_at=button_end(subject),
    )


class Places(Protocol):
    """A pool as far as it tells of free places."""

    @property
    def date_id(self) -> int | None:
        """Whose places they are; None for those of all dates."""

    @property
    def left(self) -> int:
        """Places that are neither sold nor held."""


def sold_out(pools: Sequence[Places], date_id: int) -> bool:
    """Whether no place is left on a date: of its own pools, else of the pool of all dates."""
    own = [pool for pool in pools if pool.date_id == date_id]
    counted = own or [pool for pool in pools if pool.date_id is None]
    return bool(counted) and all(pool.left <= 0 for pool in counted)
