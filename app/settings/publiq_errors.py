"""One Dutch sentence for staff about a call to publiq that did not end well."""

from app.extensions import _l, _t
from app.publiq.errors import (
    PubliqAnswerLost,
    PubliqAuthenticationFailed,
    PubliqBusy,
    PubliqError,
    PubliqForbidden,
    PubliqNotFound,
    PubliqUnreachable,
)

UITDATABANK = "UiTdatabank"
UITPAS = "UiTPAS"
_UITPAS_OPERATIONS = (
    "permissions",
    "passes",
    "tariffs",
    "ticket-sales",
    "card-systems",
    "rewards",
    "checkin",
)
_KNOWN = {
    "uitdatabank/organizer-not-found": _l(
        "UiTdatabank kent deze organisator niet meer. Kies een andere organisator."
    ),
    "uitdatabank/place-not-found": _l(
        "UiTdatabank kent deze locatie niet meer. Kies een andere locatie."
    ),
    "uitdatabank/label-not-allowed": _l(
        "UiTdatabank aanvaardt een van de labels niet. Haal het weg en probeer opnieuw."
    ),
    "uitpas/pass-not-found": _l("UiTPAS kent dit nummer niet. Kijk het nummer na."),
    "uitpas/invalid-uitpas-number": _l("UiTPAS kent dit nummer niet. Kijk het nummer na."),
    "uitpas/passholder-not-found": _l("UiTPAS kent dit nummer niet. Kijk het nummer na."),
    "uitpas/event-not-found": _l(
        "UiTPAS kent deze activiteit nog niet. Wacht een minuut na het publiceren en probeer "
        "opnieuw."
    ),
    "uitpas/invalid-card-status": _l("Deze UiTPAS is geblokkeerd of nog niet geregistreerd."),
    "uitpas/passholder-blocked": _l("Deze UiTPAS is geblokkeerd."),
    "uitpas/maximum-reached": _l("Het maximum voor dit voordeel is bereikt."),
}


def explain(error: PubliqError) -> str:
    """What happened and what to do, in one Dutch sentence or two.

    publiq's own message to the end user comes first, word for word; its texts for developers
    are left to the log of calls.
    """
    if error.end_user_message:
        return error.end_user_message
    if error.problem in _KNOWN:
        return str(_KNOWN[error.problem])
    service = service_of(error.operation)
    if isinstance(error, PubliqAuthenticationFailed):
        return _t(
            "publiq aanvaardt de client id of het client secret niet. Laat een beheerder ze "
            "nakijken bij de UiT-instellingen."
        )
    if isinstance(error, PubliqUnreachable):
        return _t("%(service)s antwoordt nu niet. Probeer het straks opnieuw.", service=service)
    if isinstance(error, PubliqBusy):
        return _t(
            "Er lopen nu te veel vragen bij %(service)s. Probeer het over een minuut opnieuw.",
            service=service,
        )
    if isinstance(error, PubliqAnswerLost):
        return _t(
            "%(service)s gaf geen antwoord, dus we weten niet of het gelukt is. Kijk het na voor "
            "je opnieuw probeert.",
            service=service,
        )
    return _refusal(error, service)


def call_of(error: Exception | None) -> int | None:
    """The row of the log of calls that an error is about; None where no call was logged."""
    call_id = getattr(error, "call_id", None)
    return call_id if isinstance(call_id, int) else None


def service_of(operation: str) -> str:
    """'UiTPAS', 'UiTdatabank' or 'publiq', for an operation of publiq."""
    if operation == "token":
        return "publiq"
    is_uitpas = any(part in operation for part in _UITPAS_OPERATIONS)
    return UITPAS if is_uitpas else UITDATABANK


def _refusal(error: PubliqError, service: str) -> str:
    if isinstance(error, PubliqForbidden):
        if service == UITDATABANK:
            if error.operation.startswith("event-"):
                return _t(
                    "Deze activiteit werd met andere gegevens gepubliceerd, en UiTdatabank laat "
                    "ons ze niet aanpassen. Verwijder de link en publiceer opnieuw."
                )
            return _t(
                "UiTdatabank laat dit niet toe met onze client id. Vraag publiq om het recht."
            )
        return _t(
            "We hebben bij UiTPAS geen recht om dit te doen voor deze organisator. Vraag het aan "
            "publiq."
        )
    if isinstance(error, PubliqNotFound):
        return _t(
            "%(service)s vindt dit niet meer terug. Kijk na of het daar nog bestaat.",
            service=service,
        )
    return _t(
        "%(service)s aanvaardt deze gegevens niet. In het oproepenlog staat wat er volgens publiq "
        "niet klopt.",
        service=service,
    )
