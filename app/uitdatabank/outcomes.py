"""How a publication ended, in Dutch, and which field publiq's objections concern."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from app.extensions import _l, _t
from app.publiq.errors import (
    PubliqAnswerLost,
    PubliqBusy,
    PubliqError,
    PubliqForbidden,
    PubliqNotFound,
    PubliqRefused,
)
from app.settings.publiq_errors import call_of, explain
from app.uitdatabank.problems import Problem


class Outcome(Enum):
    """The ways in which a publication ends."""

    PUBLISHED = "published"
    UPDATED = "updated"
    INCOMPLETE = "incomplete"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"
    BUSY = "busy"
    GONE = "gone"


@dataclass(frozen=True)
class Publication:
    """What happened, in one Dutch sentence; ``problems`` name fields, ``call_id`` the log's row.

    ``may_repeat``: nothing was carried out, and the same may work in a moment. ``slow_down``:
    publiq asks to wait, ``retry_after`` seconds where it says how long.
    """

    outcome: Outcome
    sentence: str
    problems: list[Problem] = field(default_factory=list)
    call_id: int | None = None
    event_id: str | None = None
    warnings: tuple[str, ...] = ()
    may_repeat: bool = False
    slow_down: bool = False
    retry_after: float | None = None
    organizer_fixed: bool = False
    """publiq lets nobody change the organizer any more, since tickets were sold with UiTPAS."""

    @property
    def ok(self) -> bool:
        """Whether the event stands at UiTdatabank as we sent it."""
        return self.outcome in (Outcome.PUBLISHED, Outcome.UPDATED)


BUSY = _l("Een collega publiceert deze activiteit net. Wacht even en kijk dan opnieuw.")
BEING_DELETED = _l(
    "Het event wordt net verwijderd bij UiTdatabank. Wacht even en kijk dan opnieuw."
)
NOT_APPLICABLE = _l(
    "Deze activiteit kan niet naar UiTdatabank: ze is voorbij, geannuleerd, of publiceren in UiT "
    "staat uit."
)
GONE = _l(
    "Dit event bestaat niet meer bij UiTdatabank. Verwijder de link: dan maakt de volgende "
    "publicatie een nieuw event."
)
OTHER_CREDENTIALS = _l(
    "Dit event is gemaakt met een andere client id, en dan laat publiq ons het niet wijzigen. "
    "Pas het aan op uitdatabank.be, of verwijder de link en publiceer opnieuw: dat maakt een "
    "nieuw event."
)
LOST_CREATION = _l(
    "UiTdatabank gaf geen antwoord. We zoeken nu of het event er toch staat. Dat duurt hoogstens "
    "vijf minuten, tot dan kun je niet opnieuw publiceren."
)
LOST_UPDATE = _l(
    "UiTdatabank gaf geen antwoord. Publiceer straks opnieuw: dat werkt hetzelfde event bij."
)
NOT_FOUND_BACK = _l(
    "UiTdatabank gaf geen antwoord en we vonden het event daar niet terug. Kijk het eerst na bij "
    "UiTdatabank: staat het er toch, dan maakt opnieuw publiceren er een tweede van."
)
OTHER_ENVIRONMENT = _l(
    "Intussen is een andere omgeving actief. Er is niets verstuurd: publiceer opnieuw als je deze "
    "activiteit ook daar wil."
)
BROKEN_OFF_UNSENT = _l(
    "De vorige publicatie brak af voor er iets verstuurd was. Publiceer opnieuw."
)
BROKEN_OFF = _l("De vorige publicatie brak af. Publiceer opnieuw: dat werkt hetzelfde event bij.")
ORGANIZER_FIXED = _l(
    "Er zijn al kaarten met UiTPAS verkocht, daarom kan de organisator niet meer wijzigen. Kies "
    "opnieuw de vorige organisator."
)
NO_PARTNER = _l(
    "Deze organisator is geen UiTPAS-partner: er is geen kansentarief voor deze activiteit."
)
PARTNER = _l("Deze organisator is UiTPAS-partner: het kansentarief wordt vanzelf toegepast.")
REJECTED = _l(
    "UiTdatabank keurde dit event af: het staat niet online, en opnieuw publiceren brengt het niet "
    "terug. Vraag publiq waarom."
)


class General(str):
    """The id of a field that stands on the tab Algemeen."""


_FIELDS: tuple[tuple[str, Any, str], ...] = (
    ("/name", _l("de titel"), General("title")),
    ("/description", _l("de omschrijving"), "description"),
    ("/terms/1", _l("het subthema"), "theme"),
    ("/terms", _l("het thema"), "event_type"),
    ("/location", _l("de locatie"), "location"),
    ("/organizer", _l("de organisator"), "organizer"),
    ("/labels", _l("de labels"), "labels"),
    ("/hiddenLabels", _l("de labels"), "labels"),
    ("/audience", _l("het doelpubliek"), "audience"),
    ("/bookingInfo/phone", _l("het telefoonnummer"), "link_phone"),
    ("/bookingInfo/email", _l("het e-mailadres"), "link_email"),
    ("/bookingInfo/availabilityStarts", _l("de start van de knop"), "link_starts_on"),
    ("/bookingInfo/availabilityEnds", _l("het einde van de knop"), "link_ends_on"),
    ("/bookingInfo", _l("de registratielink"), "registration_link"),
    ("/contactPoint/phone", _l("het telefoonnummer voor vragen"), "contact_phone"),
    ("/contactPoint/email", _l("het e-mailadres voor vragen"), "contact_email"),
    ("/contactPoint/url", _l("het webadres voor meer informatie"), "contact_url"),
    ("/contactPoint", _l("de contactgegevens"), "contact_email"),
    ("/mediaObject", _l("de afbeelding"), "image"),
    ("/priceInfo", _l("de prijzen"), General("prices")),
    ("/subEvent", _l("de data"), General("dates")),
    ("/openingHours", _l("de dagen en uren van het weekschema"), General("openings")),
    ("/startDate", _l("de data"), General("dates")),
    ("/endDate", _l("de data"), General("dates")),
    ("/calendarType", _l("de data"), General("dates")),
    ("/status", _l("de reden van het annuleren of uitstellen"), ""),
    ("/bookingAvailability", _l("de plaatsen"), General("capacity")),
    ("/typicalAgeRange", _l("de leeftijd"), General("min_age")),
)
_EXCEPTIONS = ("/openingHoursClosedDays", "/openingHoursAdjustedDays")
NO_EXCEPTIONS = _l(
    "UiTdatabank aanvaardt de gesloten of aangepaste dagen niet. Zet bij de UiT-instellingen "
    "‘Uitzonderingen in de agenda onder de omschrijving zetten’ aan, en publiceer opnieuw."
)
"""Closed and adjusted days are new at publiq: where it takes none, words below the text help."""


def objections(error: PubliqError) -> list[Problem]:
    """publiq's findings on our body as sentences at our fields, each field once."""
    found: dict[str, Problem] = {}
    pointers = [item.json_pointer for item in error.schema_errors]
    if error.json_pointer:
        pointers.append(error.json_pointer)
    for pointer in pointers:
        if pointer.startswith(_EXCEPTIONS):
            found.setdefault("", Problem(str(NO_EXCEPTIONS)))
            continue
        for prefix, words, name in _FIELDS:
            if pointer.startswith(prefix):
                found.setdefault(str(words), _objection(str(words), name))
                break
    return list(found.values())


def general_fields(sentence: str) -> list[tuple[str, str]]:
    """What a kept sentence says of fields on the tab Algemeen: in words, and the id of each."""
    known = {str(words): name for _, words, name in _FIELDS if isinstance(name, General)}
    return [
        (words, str(name))
        for words, name in known.items()
        if _objection(words, name).sentence in sentence
    ]


def _objection(what: str, name: str) -> Problem:
    if isinstance(name, General):
        sentence = _t(
            "UiTdatabank aanvaardt %(what)s niet. Kijk dit na op het tabblad Algemeen.", what=what
        )
        return Problem(sentence, general=str(name))
    return Problem(_t("UiTdatabank aanvaardt %(what)s niet. Kijk dit na.", what=what), name)


def points_at_organizer(error: PubliqError) -> bool:
    """Whether publiq refused the organizer: then it may have stored the event all the same."""
    pointers = [item.json_pointer for item in error.schema_errors]
    return any(
        (pointer or "").startswith("/organizer") for pointer in [*pointers, error.json_pointer]
    )


def failure(error: PubliqError) -> Publication:
    """A call of a publication that did not end well, and carried nothing out for sure or safely."""
    call_id = call_of(error)
    if isinstance(error, PubliqNotFound) and error.operation in ("event-get", "event-put"):
        return Publication(Outcome.GONE, str(GONE), call_id=call_id)
    if error.problem == "uitdatabank/event-has-uitpas-ticket-sales":
        sentence = str(ORGANIZER_FIXED)
        problem = Problem(sentence, "organizer")
        return Publication(Outcome.REFUSED, sentence, [problem], call_id, organizer_fixed=True)
    is_label = error.problem == "uitdatabank/label-not-allowed"
    if isinstance(error, PubliqForbidden) and error.operation == "event-put" and not is_label:
        return Publication(Outcome.REFUSED, str(OTHER_CREDENTIALS), call_id=call_id)
    if isinstance(error, PubliqAnswerLost):
        return Publication(Outcome.FAILED, str(LOST_UPDATE), call_id=call_id)
    refused, found = isinstance(error, PubliqRefused), objections(error)
    said = " ".join(problem.sentence for problem in found)
    return Publication(
        Outcome.REFUSED if refused else Outcome.FAILED,
        said if said and not error.end_user_message else explain(error),
        found,
        call_id,
        may_repeat=error.retry_safe,
        slow_down=isinstance(error, PubliqBusy),
        retry_after=error.retry_after,
    )
