"""What is said to who has, or asks, an account: plain values in, subject and text out."""

from app.extensions import _t
from app.mail.parts import Message, as_text, greeting


def password_reset(name: str, link: str, municipality: str) -> Message:
    """The way to a new password; the link works once."""
    parts = [
        greeting(name),
        _t("Je vroeg om een nieuw wachtwoord te kiezen. Dat kan via deze link:\n%(url)s", url=link),
        _t(
            "De link werkt één keer en twee uur lang. Vroeg je dit niet? Dan hoef je niets te "
            "doen: je wachtwoord blijft wat het is."
        ),
        _t("Groeten\n%(municipality)s", municipality=municipality),
    ]
    return _t("Kies een nieuw wachtwoord"), as_text(parts)


def reset_unknown_address(municipality: str) -> Message:
    """Somebody asked a password for an address that has no account."""
    parts = [
        greeting(""),
        _t(
            "Iemand vroeg een nieuw wachtwoord voor dit e-mailadres, maar er hoort geen "
            "aanmelding bij."
        ),
        _t(
            "Was jij dat? Probeer dan een ander e-mailadres, of maak een aanmelding op onze site. "
            "Was jij het niet, dan hoef je niets te doen."
        ),
        _t("Groeten\n%(municipality)s", municipality=municipality),
    ]
    return _t("Geen aanmelding met dit e-mailadres"), as_text(parts)


def invitation(name: str, link: str, municipality: str, invited_by: str = "") -> Message:
    """A colleague gets an account in the back office (C15)."""
    opening = (
        _t(
            "%(name)s nodigt je uit om mee te werken in Vrijloket van %(municipality)s.",
            name=invited_by,
            municipality=municipality,
        )
        if invited_by
        else _t(
            "Je bent uitgenodigd om mee te werken in Vrijloket van %(municipality)s.",
            municipality=municipality,
        )
    )
    parts = [
        greeting(name),
        opening,
        _t("Kies eerst je wachtwoord:\n%(url)s", url=link),
        _t(
            "De link werkt één keer en een week lang. Is hij te oud? Vraag dan bij het aanmelden "
            "een nieuw wachtwoord met dit e-mailadres."
        ),
        _t("Tot straks\n%(municipality)s", municipality=municipality),
    ]
    subject = _t("Welkom bij Vrijloket van %(municipality)s", municipality=municipality)
    return subject, as_text(parts)


def welcome(name: str, offer_url: str, municipality: str) -> Message:
    """A customer signed up."""
    parts = [
        greeting(name),
        _t(
            "Fijn dat je er bent. Je kan nu je gezin toevoegen en inschrijven voor alles wat we "
            "organiseren:\n%(url)s",
            url=offer_url,
        ),
        _t(
            "Heb je een UiTPAS? Vul het nummer in bij je gezinsleden, dan kijken we bij elke "
            "inschrijving welk voordeel je krijgt."
        ),
        _t("Tot binnenkort\n%(municipality)s", municipality=municipality),
    ]
    return _t("Welkom bij %(municipality)s", municipality=municipality), as_text(parts)
