"""What an activity of the demo is made of, and its seven types with their prices."""

from dataclasses import dataclass
from decimal import Decimal

from app.activities.models import Module
from app.activities.types import PriceData, TypeData
from app.demo import DOMAIN
from app.demo.days import When

POSTAL_CODE = "9995"
CAMP, SPORTS_CAMP, LESSONS, TODDLERS, WORKSHOP, SHOW, PLAYGROUND_WORK = (
    "Vakantiekamp",
    "Sportkamp",
    "Lessenreeks",
    "Kleuteratelier",
    "Workshop volwassenen",
    "Familievoorstelling",
    "Speelpleinwerking",
)
PLAYGROUND = "Speelplein De Boomhut"
SPORTS_HALL = "Sporthal De Lork"
THEATRE = "GC De Meander"
LIBRARY = "Bibliotheek De Letterzetter"
POOL = "Zwembad Waterlelie"
YOUTH_CENTRE = "Jeugdhuis 't Kompas"
STUDIO = "Atelier De Kleiput"
PARK = "Park Hooghe Linden"
NOWHERE = ""


@dataclass(frozen=True)
class Item:
    """One activity as the demo makes it.

    ``published`` asks for the event at UiTdatabank; ``text`` empty or ``place`` empty leaves the
    activity incomplete, as does an empty ``organizer``. Ages, prices and organizer that are not
    given are those of the type.
    """

    title: str
    kind: str
    when: When
    place: str
    capacity: int
    text: str
    theme: str = ""
    event_type: str = ""
    ages: tuple[int | None, int | None] | None = None
    prices: tuple[PriceData, ...] = ()
    series: str = ""
    labels: tuple[str, ...] = ()
    published: bool = False
    online: bool = True
    in_uit: bool = True
    opens_in_days: int = 0
    organizer: str | None = None


@dataclass(frozen=True)
class Kind:
    """A type with what its profile says: words in the organizer's name, thema and subthema.

    ``contact`` are an e-mail address and a telephone number; ``picture`` says what is drawn on the
    picture of the type.
    """

    data: TypeData
    organizer: str
    event_type: str
    theme: str
    contact: tuple[str, str] = ("", "")
    picture: str = ""


def price(name: str, euro: str, *, residents: bool = False) -> PriceData:
    """A price category; one for residents holds for the postcode of Zonnewende."""
    return PriceData(name, Decimal(euro), (POSTAL_CODE,) if residents else ())


def with_residents(base: str, residents: str) -> tuple[PriceData, ...]:
    """The base price and a lower one for who lives in Zonnewende, in euro."""
    return price("Basistarief", base), price("Inwoners", residents, residents=True)


KINDS = (
    Kind(
        TypeData(
            CAMP,
            poster="nature",
            default_capacity=24,
            min_age=6,
            max_age=12,
            cancel_until_days=14,
            prices=with_residents("75.00", "60.00"),
        ),
        "Jeugddienst",
        "Kamp of vakantie",
        "Themakamp",
    ),
    Kind(
        TypeData(
            SPORTS_CAMP,
            poster="sport",
            default_capacity=20,
            min_age=7,
            max_age=14,
            cancel_until_days=14,
            prices=with_residents("80.00", "64.00"),
        ),
        "Sportdienst",
        "Kamp of vakantie",
        "Omnisport en andere",
    ),
    Kind(
        TypeData(
            LESSONS,
            poster="make",
            default_capacity=16,
            cancel_until_days=7,
            refund_after_percent=50,
            prices=with_residents("48.00", "40.00"),
        ),
        "Sportdienst",
        "Lessenreeks",
        "Omnisport en andere",
    ),
    Kind(
        TypeData(
            TODDLERS,
            poster="play",
            default_capacity=14,
            min_age=3,
            max_age=6,
            cancel_until_days=14,
            prices=with_residents("70.00", "56.00"),
        ),
        "Jeugddienst",
        "Kamp of vakantie",
        "Creativiteit",
    ),
    Kind(
        TypeData(
            WORKSHOP,
            poster="make",
            default_capacity=12,
            min_age=16,
            cancel_until_days=3,
            prices=(price("Basistarief", "15.00"),),
        ),
        "Vrije Tijd",
        "Cursus met open sessies",
        "Creativiteit",
    ),
    Kind(
        TypeData(
            SHOW,
            module=Module.TICKETING,
            poster="stage",
            default_capacity=120,
            cancel_until_days=1,
            prices=(price("Basistarief", "8.00"), price("Kinderen tot 12 jaar", "6.00")),
        ),
        "Vrije Tijd",
        "Theatervoorstelling",
        "Tekst- en muziektheater",
    ),
    Kind(
        TypeData(
            PLAYGROUND_WORK,
            poster="play",
            default_capacity=40,
            min_age=5,
            max_age=12,
            cancel_until_days=2,
            prices=with_residents("5.00", "4.00"),
        ),
        "Jeugddienst",
        "Kamp of vakantie",
        "Creativiteit",
        contact=(f"speelplein@{DOMAIN}", "0470 00 00 99"),
        picture="Tekening: een zon boven groene heuvels, met een vlieger in de lucht",
    ),
)
