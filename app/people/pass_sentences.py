"""What is said of a look-up where publiq gives no words of its own."""

from app.extensions import _l

NO_ANSWER = _l(
    "UiTPAS antwoordt nu niet. Probeer het straks opnieuw, of ga verder zonder voordeel."
)
NOT_CHECKED = _l("UiTPAS antwoordt nu niet. Probeer het straks opnieuw.")
MAY_NOT_CHECK = _l(
    "We kunnen bij UiTPAS nu geen nummers nakijken. Een beheerder kijkt de verbinding na bij de "
    "UiT-instellingen."
)
NOT_ALLOWED = _l("We kunnen bij UiTPAS nu geen nummers opzoeken. Vul het nummer van de kaart in.")
NONE_KNOWN = _l("UiTPAS kent geen kaart bij dit rijksregisternummer.")
NUMBER_UNKNOWN = _l("UiTPAS kent dit nummer niet. Kijk het nummer na.")
NO_NUMBER = _l("Er staat geen UiTPAS-nummer meer bij deze persoon.")
NO_INSZ = _l("Vul eerst het rijksregisternummer in en bewaar het. Dan kunnen we zoeken.")
INSZ_UNREADABLE = _l(
    "Het rijksregisternummer is niet leesbaar: de sleutel waarmee het bewaard werd, ontbreekt. "
    "Vul het nummer van de kaart in."
)
INSZ_UNREADABLE_HERE = _l(
    "We kunnen het bewaarde rijksregisternummer niet lezen. Vul het nummer van de kaart in, of "
    "geef het rijksregisternummer opnieuw bij de gegevens van je gezinslid."
)
OTHER_NAME = _l(
    "Bij dit rijksregisternummer staat een andere voornaam. "
    "Kijk de voornaam en het rijksregisternummer na."
)
ASK_AT_DESK = _l(
    "Bij dit rijksregisternummer staat een andere voornaam, dus vullen we niets in. "
    "Kijk beide na, of vraag het aan het loket."
)
BUSY = _l("UiTPAS heeft het nu te druk. Probeer het over enkele minuten opnieuw.")
TICKETS_NOT_TOLD = _l("Hoeveel tickets er nog zijn, mogen we bij UiTPAS niet opvragen.")
TICKETS_UNKNOWN = _l("Hoeveel tickets er nog zijn, zegt UiTPAS nu niet.")
NOT_USABLE = _l("Deze UiTPAS is geblokkeerd of nog niet geregistreerd.")
CARD_EXISTS = _l("Er is een kaart, maar die kan nu niet gebruikt worden.")
FOUND = _l("Gevonden.")
TOO_OFTEN = _l(
    "Je zocht het voorbije uur al vaak een nummer op. Probeer het over een uur opnieuw, of vul het "
    "nummer van de kaart in."
)
NOBODY_HAS_IT = frozenset(
    {
        "uitpas/pass-not-found",
        "uitpas/passholder-not-found",
        "uitpas/invalid-insz-number",
        "uitpas/invalid-uitpas-number",
    }
)
"""Problems of publiq that say that there is no such card; the status differs by operation."""
CARD_SENTENCES = {
    "uitpas/passholder-blocked": _l("Deze UiTPAS is geblokkeerd."),
    "uitpas/card-blocked": _l("Deze UiTPAS is geblokkeerd."),
    "uitpas/passholder-no-active-cardsystems": _l("Deze UiTPAS is in geen enkele regio actief."),
}
