"""One Dutch sentence for staff about a call to publiq that did not end well."""

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
    "uitdatabank/organizer-not-found": (
        "UiTdatabank kent deze organisator niet meer. Kies een andere organisator."
    ),
    "uitdatabank/place-not-found": (
        "UiTdatabank kent deze locatie niet meer. Kies een andere locatie."
    ),
    "uitdatabank/label-not-allowed": (
        "UiTdatabank aanvaardt een van de labels niet. Haal het weg en probeer opnieuw."
    ),
    "uitpas/pass-not-found": "UiTPAS kent dit nummer niet. Kijk het nummer na.",
    "uitpas/invalid-uitpas-number": "UiTPAS kent dit nummer niet. Kijk het nummer na.",
    "uitpas/passholder-not-found": "UiTPAS kent dit nummer niet. Kijk het nummer na.",
    "uitpas/event-not-found": (
        "UiTPAS kent deze activiteit nog niet. Wacht een minuut na het publiceren en probeer "
        "opnieuw."
    ),
    "uitpas/invalid-card-status": "Deze UiTPAS is geblokkeerd of nog niet geregistreerd.",
    "uitpas/passholder-blocked": "Deze UiTPAS is geblokkeerd.",
    "uitpas/maximum-reached": "Het maximum voor dit voordeel is bereikt.",
}


def explain(error: PubliqError) -> str:
    """What happened and what to do, in one Dutch sentence or two.

    publiq's own message to the end user comes first, word for word; its texts for developers
    are left to the log of calls.
    """
    if error.end_user_message:
        return error.end_user_message
    if error.problem in _KNOWN:
        return _KNOWN[error.problem]
    service = service_of(error.operation)
    if isinstance(error, PubliqAuthenticationFailed):
        return (
            "publiq aanvaardt de client id of het client secret niet. Laat een beheerder ze "
            "nakijken bij de UiT-instellingen."
        )
    if isinstance(error, PubliqUnreachable):
        return f"{service} antwoordt nu niet. Probeer het straks opnieuw."
    if isinstance(error, PubliqBusy):
        return f"Er lopen nu te veel vragen bij {service}. Probeer het over een minuut opnieuw."
    if isinstance(error, PubliqAnswerLost):
        return (
            f"{service} gaf geen antwoord, dus we weten niet of het gelukt is. Kijk het na voor "
            "je opnieuw probeert."
        )
    return _refusal(error, service)


def service_of(operation: str) -> str:
    """'UiTPAS', 'UiTdatabank' or 'publiq', for an operation of publiq."""
    if operation == "token":
        return "publiq"
    is_uitpas = any(part in operation for part in _UITPAS_OPERATIONS)
    return UITPAS if is_uitpas else UITDATABANK


def _refusal(error: PubliqError, service: str) -> str:
    if isinstance(error, PubliqForbidden):
        if service == UITDATABANK:
            return (
                "Deze activiteit werd met andere gegevens gepubliceerd, en UiTdatabank laat ons "
                "ze niet aanpassen. Verwijder de link en publiceer opnieuw."
                if error.operation.startswith("event-")
                else "UiTdatabank laat dit niet toe met onze client id. Vraag publiq om het recht."
            )
        return (
            "We hebben bij UiTPAS geen recht om dit te doen voor deze organisator. Vraag het aan "
            "publiq."
        )
    if isinstance(error, PubliqNotFound):
        return f"{service} vindt dit niet meer terug. Kijk na of het daar nog bestaat."
    return (
        f"{service} aanvaardt deze gegevens niet. In het oproepenlog staat wat er volgens publiq "
        "niet klopt."
    )
