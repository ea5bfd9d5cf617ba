"""The reasons why there is no social tariff: kinds, sentences, and who can mend each."""

from dataclasses import dataclass
from enum import Enum

from app.extensions import _l


class Mender(Enum):
    """Who can do something about a reason."""

    STAFF = "staff"
    ADMIN = "admin"
    PUBLIQ = "publiq"
    UITPAS_DESK = "uitpas desk"
    ORGANIZER = "organizer"
    SELLER = "seller"
    MESSAGE = "message"
    TIME = "time"
    NOBODY = "nobody"


MENDERS = {
    Mender.STAFF: _l("Jij of een collega, hier"),
    Mender.ADMIN: _l("Een beheerder van Vrijloket"),
    Mender.PUBLIQ: _l("publiq, op vraag van een beheerder"),
    Mender.UITPAS_DESK: _l("De houder, aan de UiTPAS-balie"),
    Mender.ORGANIZER: _l("De organisator, samen met de UiTPAS-regio"),
    Mender.SELLER: _l(
        "Wie zo’n verkoop deed, door ze te annuleren als ze niet klopt. Het maximum zelf bepaalt "
        "de organisator, samen met de UiTPAS-regio"
    ),
    Mender.MESSAGE: _l("Wie het bericht noemt; noemt het niemand, dan de UiTPAS-balie"),
    Mender.TIME: _l("Niemand: even wachten en opnieuw proberen"),
    Mender.NOBODY: _l("Niemand: zo werkt het"),
}


class ReasonKind(Enum):
    """Why there is no social tariff, or what else is worth knowing."""

    GIVEN = "given"
    MODULE_OFF = "module off"
    ACTIVITY_OVER = "activity over"
    ACTIVITY_FREE = "activity free"
    NO_PRICE = "no price"
    NOT_PUBLISHED = "not published"
    PUBLICATION_PENDING = "publication pending"
    OTHER_ENVIRONMENT = "other environment"
    NOT_CONNECTED = "not connected"
    NO_ANSWER = "no answer"
    EVENT_UNKNOWN = "event unknown"
    ORGANIZER_NO_PARTNER = "organizer no partner"
    CARD_SYSTEMS_OFF = "card systems off"
    RIGHT_MISSING = "right missing"
    NO_NUMBER = "no number"
    NUMBER_UNKNOWN = "number unknown"
    CARD_REPLACED = "card replaced"
    CARD_BLOCKED = "card blocked"
    CARD_UNREGISTERED = "card unregistered"
    CARD_UNUSABLE = "card unusable"
    CARD_EXPIRED = "card expired"
    TARIFF_EXPIRED = "tariff expired"
    TARIFF_SUSPENDED = "tariff suspended"
    NO_TARIFF = "no tariff"
    REGION_DIFFERS = "region differs"
    LIMIT_REACHED = "limit reached"
    SALES_COUNTED = "sales counted"
    SALES_HIDDEN = "sales hidden"
    COUPON_USED = "coupon used"
    COUPONS_OFF = "coupons off"
    COUPON_ONLY = "coupon only"
    SAID_BY_UITPAS = "said by uitpas"
    UNEXPLAINED = "unexplained"
    AUDIENCE_IRRELEVANT = "audience irrelevant"


ASIDE = frozenset(
    {
        ReasonKind.GIVEN,
        ReasonKind.ACTIVITY_OVER,
        ReasonKind.AUDIENCE_IRRELEVANT,
        ReasonKind.COUPON_ONLY,
        ReasonKind.COUPON_USED,
        ReasonKind.SALES_COUNTED,
        ReasonKind.SALES_HIDDEN,
    }
)
"""What is worth knowing and is no reason in itself."""


@dataclass(frozen=True)
class Reason:
    """One answer; ``said`` is publiq's own sentence to the person, word for word."""

    kind: ReasonKind
    sentence: str
    mender: Mender
    said: str = ""
    call_id: int | None = None
    """The row of the log of calls in which publiq said so, where one call did."""


BY_PROBLEM = {
    "uitpas/pass-not-found": ReasonKind.NUMBER_UNKNOWN,
    "uitpas/passholder-not-found": ReasonKind.NUMBER_UNKNOWN,
    "uitpas/invalid-uitpas-number": ReasonKind.NUMBER_UNKNOWN,
    "uitpas/passholder-blocked": ReasonKind.CARD_BLOCKED,
    "uitpas/card-blocked": ReasonKind.CARD_BLOCKED,
    "uitpas/invalid-card": ReasonKind.CARD_UNUSABLE,
    "uitpas/passholder-no-active-cardsystems": ReasonKind.CARD_EXPIRED,
    "uitpas/social-tariff-expired": ReasonKind.TARIFF_EXPIRED,
    "uitpas/social-tariff-suspended": ReasonKind.TARIFF_SUSPENDED,
    "uitpas/maximum-reached": ReasonKind.LIMIT_REACHED,
    "uitpas/invalid-coupon": ReasonKind.COUPON_USED,
    "uitpas/event-not-found": ReasonKind.EVENT_UNKNOWN,
}
SENTENCES = {
    ReasonKind.NUMBER_UNKNOWN: (
        _l("UiTPAS kent dit nummer niet. Kijk het nummer na op de kaart."),
        Mender.STAFF,
    ),
    ReasonKind.CARD_REPLACED: (
        _l(
            "Dit is het nummer van een kaart die vervangen is. Druk bij het gezinslid op "
            "‘Vernieuw’: dan bewaren we het nieuwe nummer. Hieronder gaat het over de nieuwe kaart."
        ),
        Mender.STAFF,
    ),
    ReasonKind.CARD_BLOCKED: (_l("De kaart is geblokkeerd."), Mender.UITPAS_DESK),
    ReasonKind.CARD_UNREGISTERED: (
        _l("De kaart is nog niet op naam geregistreerd."),
        Mender.UITPAS_DESK,
    ),
    ReasonKind.CARD_UNUSABLE: (_l("De kaart kan niet gebruikt worden."), Mender.UITPAS_DESK),
    ReasonKind.CARD_EXPIRED: (
        _l("De pas is vervallen: ze is in geen enkele UiTPAS-regio nog actief."),
        Mender.UITPAS_DESK,
    ),
    ReasonKind.TARIFF_EXPIRED: (
        _l("Het kansentarief van deze pas is vervallen."),
        Mender.UITPAS_DESK,
    ),
    ReasonKind.TARIFF_SUSPENDED: (
        _l("Het kansentarief van deze pas is tijdelijk geschorst."),
        Mender.UITPAS_DESK,
    ),
    ReasonKind.NO_TARIFF: (
        _l("Deze pas geeft geen kansentarief. Wie er recht op heeft, vraagt het aan."),
        Mender.UITPAS_DESK,
    ),
    ReasonKind.LIMIT_REACHED: (
        _l("Het maximum is bereikt: deze pas gebruikte haar voordeel voor deze activiteit al."),
        Mender.NOBODY,
    ),
    ReasonKind.COUPON_USED: (
        _l("De coupon is al gebruikt, of geldt niet voor deze activiteit."),
        Mender.NOBODY,
    ),
    ReasonKind.COUPONS_OFF: (
        _l(
            "De pas heeft een coupon voor deze activiteit, maar de module UiTPAS-coupons staat uit."
        ),
        Mender.ADMIN,
    ),
    ReasonKind.COUPON_ONLY: (
        _l("De pas heeft wel een coupon voor deze activiteit. Die kies je bij het inschrijven."),
        Mender.STAFF,
    ),
    ReasonKind.EVENT_UNKNOWN: (
        _l("UiTPAS kent deze activiteit nog niet. Wacht enkele minuten en probeer opnieuw."),
        Mender.TIME,
    ),
    ReasonKind.SAID_BY_UITPAS: (
        _l("UiTPAS geeft voor deze pas en deze activiteit geen kansentarief, en zegt waarom."),
        Mender.MESSAGE,
    ),
    ReasonKind.UNEXPLAINED: (
        _l(
            "UiTPAS geeft voor deze pas en deze activiteit geen kansentarief, en zegt niet waarom. "
            "Kijk in de UiTPAS-balie wat er bij de pashouder staat."
        ),
        Mender.UITPAS_DESK,
    ),
}
