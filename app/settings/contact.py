"""Whether an e-mail address, a phone number or an account number can be one; sentences if not."""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum import iban
from stdnum.exceptions import ValidationError

from app.extensions import _l

EMAIL_SENTENCE = _l("Kijk dit e-mailadres na: het ziet eruit als naam@voorbeeld.be.")
PHONE_SENTENCE = _l("Kijk dit telefoonnummer na: typ cijfers, zoals 09 210 10 10 of 0470 12 34 56.")
IBAN_SENTENCE = _l(
    "Kijk dit rekeningnummer na: er zit een tikfout in. Een Belgisch nummer ziet eruit als "
    "BE68 5390 0754 7034."
)
_PHONE = re.compile(r"^\+?[\d\s()/.\-]+$")


def email_problem(text: str) -> str:
    """'' when it can be an address, else a sentence; whether it exists is not asked."""
    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return str(EMAIL_SENTENCE)
    return ""


def phone_problem(text: str) -> str:
    """'' when it can be a number, also an unusual one; else a sentence."""
    digits = sum(character.isdigit() for character in text)
    if not _PHONE.match(text) or not 3 <= digits <= 15:
        return str(PHONE_SENTENCE)
    try:
        phonenumbers.parse(text, "BE")
    except phonenumbers.NumberParseException:
        return str(PHONE_SENTENCE)
    return ""


def iban_problem(text: str) -> str:
    """'' when the check digits fit, else a sentence."""
    try:
        iban.validate(text, check_country=False)  # its list of banks lags behind
    except ValidationError:
        return str(IBAN_SENTENCE)
    return ""


def compact_iban(text: str) -> str:
    """The number as it is stored: capitals, no spaces."""
    return iban.compact(text)


def spaced_iban(text: str) -> str:
    """The number in groups of four, as people read it."""
    return iban.format(text) if text else ""
