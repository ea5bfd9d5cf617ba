"""What a buyer reads when UiTPAS refuses: its own words, else one plain Dutch sentence of ours."""

from app.extensions import _l
from app.publiq.errors import PubliqAuthenticationFailed, PubliqError, PubliqForbidden

UNKNOWN_NUMBER = _l("UiTPAS kent dit nummer niet. Kijk het nummer na.")
NO_ANSWER = _l(
    "UiTPAS antwoordt nu niet. Probeer het straks opnieuw, of ga verder zonder voordeel."
)
NOT_ALLOWED = _l(
    "We mogen voor deze activiteit nu geen voordeel geven. Ga verder zonder voordeel, of vraag het "
    "aan de gemeente."
)
NOT_TAKEN = _l(
    "UiTPAS aanvaardt dit voordeel nu niet. Kies opnieuw een voordeel, of ga verder zonder."
)
SENTENCES = {
    "uitpas/social-tariff-expired": _l("Het kansentarief van deze UiTPAS is vervallen."),
    "uitpas/social-tariff-suspended": _l(
        "Het kansentarief van deze UiTPAS is tijdelijk geschorst."
    ),
    "uitpas/social-tariff-not-available": _l("Voor deze activiteit is er geen kansentarief."),
    "uitpas/event-not-found": _l("UiTPAS kent deze activiteit (nog) niet."),
    "uitpas/passholder-not-found": UNKNOWN_NUMBER,
    "uitpas/invalid-uitpas-number": UNKNOWN_NUMBER,
    "uitpas/pass-not-found": UNKNOWN_NUMBER,
    "uitpas/invalid-card": _l("Deze UiTPAS kan niet gebruikt worden."),
    "uitpas/invalid-card-status": _l("Deze UiTPAS is geblokkeerd of nog niet geregistreerd."),
    "uitpas/passholder-blocked": _l("Deze UiTPAS is geblokkeerd."),
    "uitpas/passholder-no-active-cardsystems": _l("Deze UiTPAS is in geen enkele regio actief."),
    "uitpas/maximum-reached": _l("Het maximum voor dit voordeel is bereikt."),
    "uitpas/invalid-coupon": _l("Deze coupon is al gebruikt of geldt niet voor deze activiteit."),
    "uitpas/invalid-number-of-tickets": _l(
        "Met deze UiTPAS kan je niet zo veel tickets tegelijk kopen."
    ),
}
"""By publiq's problem, in our one spelling of it."""


def said_to_buyer(error: PubliqError) -> str:
    """publiq's words to the end user, word for word; ours where it gave none."""
    return error.end_user_message or own_sentence(error)


def own_sentence(error: PubliqError) -> str:
    """Our sentence for a buyer; never one about settings or logs that a buyer cannot see."""
    if error.problem in SENTENCES:
        return str(SENTENCES[error.problem])
    if isinstance(error, PubliqForbidden | PubliqAuthenticationFailed):
        return str(NOT_ALLOWED)
    if error.may_have_arrived or error.retry_safe:
        return str(NO_ANSWER)
    return str(NOT_TAKEN)
