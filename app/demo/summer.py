"""The summer of Zonnewende: eight Wednesdays made by formula, and what befell them (D7 to D14).

By the use cases that a clerk's presses call: made at once, published in bulk, five made dearer and
published again, one sold out, one cancelled; one changed by somebody at UiTdatabank, and one whose
location was deleted there.
"""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from sqlalchemy import select

from app.activities.editing import ActivityData
from app.activities.models import Activity, ActivityState, Series
from app.activities.series import SeriesData, SeriesKind
from app.demo import by_hand
from app.demo.catalogue import PLAYGROUND, PLAYGROUND_WORK, POSTAL_CODE, with_residents
from app.demo.choices import Choices
from app.demo.days import WEDNESDAY, summer_formula
from app.demo.programme import image_of_type, put_in_state
from app.extensions import db, end_read
from app.publiq.errors import PubliqError
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment
from app.uitdatabank.availability import push_availability
from app.uitdatabank.bulk_change import BulkChange
from app.uitdatabank.bulk_changes import apply_change
from app.uitdatabank.bulk_preview import preview_change
from app.uitdatabank.checking import check_with_publiq
from app.uitdatabank.editing import create_series
from app.uitdatabank.models import (
    EventLink,
    ItemState,
    PublicationItem,
    PublicationRun,
    ReferenceKind,
    UitProfile,
)
from app.uitdatabank.new_places import PlaceData, make_place
from app.uitdatabank.profiles import ChosenLocation, ProfileData
from app.uitdatabank.references import look_at_reference
from app.uitdatabank.runs import start_run
from app.uitdatabank.sweeping import publish_due_items
from app.uitdatabank.taxonomy import place_kinds

TITLE = "Zomerse woensdagen"
WEEKS = 8
PLACES = 8
SOLD_OUT, CANCELLED, CHANGED_THERE, WITHOUT_PLACE = 1, 2, 4, 7
"""Which of the Wednesdays, counted from 0."""
DEARER = range(3, WEEKS)
NEW_PRICES = {"Basistarief": Decimal("6.00"), "Inwoners": Decimal("5.00")}
FIRST_RUN, SECOND_RUN = "Zomerse woensdagen", "Zomerse woensdagen, nieuwe prijs"
TEXT = (
    "Elke woensdagnamiddag van de zomer maken we het speelplein nog groter: springkastelen, een "
    "waterglijbaan en een atelier onder de bomen.\n\nBreng een zwempak en een handdoek mee. Om 16 "
    "uur is er voor iedereen een ijsje."
)
CANCELLED_BECAUSE = "Die dag is het plein bezet door de rommelmarkt."
TITLE_THERE = "Zomerse woensdag: de grote waterslag"
FULL = f"{TITLE}, de tweede"
"""What the registrations call the Wednesday that is sold out."""
MEADOW = PlaceData("Zomerweide De Hooiberg", "Veldstraat 120", POSTAL_CODE, "Zonnewende", "")
MEADOW_KIND = "Openbare ruimte"
NOT_BUNDLED = (
    "Dat iemand bij UiTdatabank iets wijzigt of een locatie wist, spelen we enkel na met de "
    "oefenserver die erbij zit."
)


@dataclass(frozen=True)
class Summer:
    """The ids of the activities, in the order of their dates."""

    ids: tuple[int, ...]

    @property
    def dearer(self) -> list[int]:
        """The ids of those whose price goes up."""
        return [self.ids[number] for number in DEARER]


def make_summer(types: dict[str, int], choices: Choices, begin: date) -> Summer:
    """The series, made at once where it is not there yet; the last one at a place of its own."""
    if not _ids():
        type_id = types[PLAYGROUND_WORK]
        activity = ActivityData(
            title=TITLE,
            dates=(),
            prices=with_residents("5.00", "4.00"),
            capacity=PLACES,
            min_age=5,
            max_age=12,
            state=ActivityState.ONLINE,
        )
        formula = summer_formula(begin, WEDNESDAY, WEEKS, time(14), time(17))
        profile = _profile(choices, type_id)
        end_read()
        create_series(
            type_id, SeriesData(SeriesKind.SEPARATE, formula, activity, 2, time(17)), profile
        )
    summer = Summer(_ids())
    _move_to_the_meadow(summer.ids[WITHOUT_PLACE])
    return summer


def publish_summer(summer: Summer) -> list[str]:
    """All in bulk, then five with another price; returns a sentence for each that failed."""
    _publish_in_bulk(summer.ids, FIRST_RUN)
    previews = preview_change(summer.dearer, BulkChange(prices=NEW_PRICES))
    changing = {one.activity_id: one.digest for one in previews if one.changes}
    end_read()
    apply_change(changing, BulkChange(prices=NEW_PRICES))
    _publish_in_bulk(summer.dearer, SECOND_RUN)
    return _failures()


def let_summer_happen(summer: Summer) -> list[str]:
    """After the registrations: one is cancelled, publiq hears of it, and others do their work.

    Returns a sentence where that last part was not played.
    """
    put_in_state(summer.ids[CANCELLED], ActivityState.CANCELLED, CANCELLED_BECAUSE)
    end_read()
    push_availability()
    if not by_hand.is_possible():
        return [NOT_BUNDLED]
    event_id = _event_of(summer.ids[CHANGED_THERE])
    if event_id:
        by_hand.retitle_event(event_id, TITLE_THERE)
    place_id = _meadow_of(summer.ids[WITHOUT_PLACE])
    if place_id and by_hand.delete_place(place_id):
        _look_at(place_id)
    check_with_publiq()
    return []


def published_number(summer: Summer) -> int:
    """How many of them stand in UiTdatabank."""
    return sum(1 for activity_id in summer.ids if _event_of(activity_id))


def full_id() -> int:
    """The id of the Wednesday that the registrations fill."""
    return _ids()[SOLD_OUT]


def _ids() -> tuple[int, ...]:
    rows = db.session.scalars(
        select(Activity.id)
        .join(Series, Series.id == Activity.series_id)
        .where(Series.title == TITLE)
        .order_by(Activity.first_start, Activity.id)
    )
    return tuple(rows)


def _profile(choices: Choices, type_id: int) -> ProfileData:
    event_type = choices.event_type("Kamp of vakantie")
    return ProfileData(
        postal_code=POSTAL_CODE,
        location=choices.location(PLAYGROUND),
        organizer=choices.organizer("Jeugddienst"),
        event_type=event_type,
        theme=choices.theme(event_type, "Creativiteit"),
        description=TEXT,
        registration_link=True,
        image_id=image_of_type(type_id),
    )


def _move_to_the_meadow(activity_id: int) -> None:
    """To a place that was made for it; where we cannot make one, it stays where it was."""
    if not by_hand.is_possible() or _event_of(activity_id) or _meadow_of(activity_id):
        return
    meadow = _make_the_meadow()
    if meadow is None:
        return
    change = BulkChange(location=meadow)
    (preview,) = preview_change([activity_id], change)
    end_read()
    apply_change({activity_id: preview.digest}, change)


def _make_the_meadow() -> ChosenLocation | None:
    """Make it at publiq, or take the one that an interrupted run made."""
    kind = next((one.id for one in place_kinds() if one.name == MEADOW_KIND), "")
    end_read()
    answer = make_place(
        PlaceData(MEADOW.name, MEADOW.street, MEADOW.postal_code, MEADOW.locality, kind)
    )
    return answer.location or next(iter(answer.existing), None)


def _meadow_of(activity_id: int) -> str:
    """The id of the meadow; empty where this activity takes place elsewhere."""
    return (
        db.session.scalar(
            select(UitProfile.location_id).where(
                UitProfile.activity_id == activity_id, UitProfile.location_name == MEADOW.name
            )
        )
        or ""
    )


def _event_of(activity_id: int) -> str:
    """The id of the published event; empty where there is none."""
    query = select(EventLink.event_id).where(EventLink.activity_id == activity_id)
    return db.session.scalar(query) or ""


def _publish_in_bulk(activity_ids: tuple[int, ...] | list[int], title: str) -> None:
    """Ask for it once, and work off what waits."""
    asked = db.session.scalar(select(PublicationRun.id).where(PublicationRun.title == title))
    end_read()
    if asked is None:
        start_run(activity_ids, title)
    publish_due_items()


def _failures() -> list[str]:
    rows = db.session.execute(
        select(Activity.title, Activity.first_start, PublicationItem.sentence)
        .join(Activity, Activity.id == PublicationItem.activity_id)
        .where(PublicationItem.state == ItemState.FAILED)
        .order_by(Activity.first_start)
    ).all()
    end_read()
    return [f"{row.title} is niet gepubliceerd: {row.sentence}" for row in rows]


def _look_at(place_id: str) -> None:
    """What the check of the next night would see, for it was there when we published."""
    try:
        client = publiq_client(purpose="Locatie nakijken")
        end_read()
        look_at_reference(client, Environment.SANDBOX, ReferenceKind.PLACE, place_id)
    except (NotConnected, PubliqError):
        end_read()  # it is seen in the night
