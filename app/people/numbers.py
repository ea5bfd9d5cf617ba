"""The two numbers of a person: rijksregisternummer (INSZ) and UiTPAS number (P1)."""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import Enum

from stdnum import luhn
from stdnum.be import ssn
from stdnum.exceptions import ValidationError

from app.extensions import _l, _t

_SEPARATORS = re.compile(r"[\s.\-/:]")
UITPAS_DIGITS = 13
INSZ_DIGITS = 11
_CHIP = re.compile(r"(?=.*[A-F])[0-9A-F]{14}|04\d{12}")
"""Seven bytes; those of the maker of these cards begin with 04, by which digits alone are told."""
_BARCODE = re.compile(r"(?=.*\d{11})[0-9A-Z]{15,40}")
"""What a scanner reads from an identity card: the register number among other signs."""


class NumberProblem(Exception):
    """A number cannot be right; the sentence says what to look at, and never repeats it."""

    def __init__(self, sentence: object) -> None:
        super().__init__(type(self).__name__)
        self.sentence = str(sentence)


class InszProblem(NumberProblem):
    """No register number."""


class UitpasNumberProblem(NumberProblem):
    """No UiTPAS number."""


@dataclass(frozen=True)
class UitpasNumber:
    """A number of the right form; ``warning`` is a sentence when its check digit is wrong.

    publiq gives numbers out whose check digit is wrong, so that it decides and not we.
    """

    digits: str = field(repr=False)
    warning: str = ""


def read_insz(text: str) -> str:
    """The eleven digits of a register or BIS number, of either century.

    Dots, dashes and spaces may stand in it. Raises InszProblem.
    """
    digits = _SEPARATORS.sub("", text)
    if not digits.isascii() or not digits.isdigit():
        raise InszProblem(_l("Een rijksregisternummer bestaat uit cijfers, zoals 85.07.30-033.28."))
    if len(digits) != INSZ_DIGITS:
        raise InszProblem(_count(len(digits), _l("rijksregisternummer"), INSZ_DIGITS))
    try:
        return str(ssn.validate(digits))
    except ValidationError:
        raise InszProblem(
            _l("Dit rijksregisternummer klopt niet. Kijk na of de cijfers juist staan.")
        ) from None


def read_uitpas_number(text: str) -> UitpasNumber:
    """The thirteen digits; spaces, dots and dashes may stand between them.

    Raises UitpasNumberProblem when it cannot be one; a wrong check digit only warns.
    """
    digits = _SEPARATORS.sub("", text)
    if not digits:
        raise UitpasNumberProblem(_l("Vul een UiTPAS-nummer in."))
    if not digits.isascii() or not digits.isdigit():
        raise UitpasNumberProblem(
            _l("Een UiTPAS-nummer bestaat uit cijfers, zoals 0900 010 959 113.")
        )
    if len(digits) != UITPAS_DIGITS:
        raise UitpasNumberProblem(_count(len(digits), _l("UiTPAS-nummer"), UITPAS_DIGITS))
    if not luhn.is_valid(digits):
        return UitpasNumber(
            digits,
            str(_l("Kijk het UiTPAS-nummer na: misschien staat er een cijfer verkeerd.")),
        )
    return UitpasNumber(digits)


class IdentifierKind(Enum):
    """What somebody may give to have a pass found by."""

    NUMBER = "number"
    INSZ = "insz"
    BARCODE = "barcode"
    CHIP = "chip"


@dataclass(frozen=True)
class PassIdentifier:
    """What was typed or scanned in the field of the UiTPAS number, and what kind it is.

    Only a number may ever be kept; of the others a barcode and a register number name a person,
    and of a chip nothing is needed once the number is known.
    """

    kind: IdentifierKind
    value: str = field(repr=False)
    warning: str = ""

    @property
    def names_somebody(self) -> bool:
        """Whether a register number stands in it."""
        return self.kind in {IdentifierKind.INSZ, IdentifierKind.BARCODE}


def read_identifier(text: str, *, insz: bool, cards: bool) -> PassIdentifier:
    """What was given in the field of the number; without ``insz`` no register numbers are taken.

    ``cards``: also the chip of a UiTPAS and (with ``insz``) the barcode of an identity card, for
    staff who have a reader. Raises NumberProblem with a sentence for the field.
    """
    plain = _SEPARATORS.sub("", text).upper()
    if cards and _CHIP.fullmatch(plain):
        return PassIdentifier(IdentifierKind.CHIP, plain)
    if cards and insz and _BARCODE.fullmatch(plain):
        return PassIdentifier(IdentifierKind.BARCODE, plain)
    if insz and plain.isascii() and plain.isdigit() and len(plain) == INSZ_DIGITS:
        return PassIdentifier(IdentifierKind.INSZ, read_insz(plain))
    number = read_uitpas_number(text)
    return PassIdentifier(IdentifierKind.NUMBER, number.digits, number.warning)


def names_fit(ours: str, theirs: str) -> bool:
    """Whether publiq's first name may be that of our person.

    Capitals, accents and signs do not count, and of several first names only the first does.
    """
    mine, other = _first_token(ours), _first_token(theirs)
    return bool(mine) and mine == other


def _first_token(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign))
    words = re.findall(r"\w+", re.sub(r"['’]", "", letters.replace("-", " ")))
    return words[0] if words else ""


def _count(found: int, what: object, wanted: int) -> str:
    counted = _t("1 cijfer") if found == 1 else _t("%(count)s cijfers", count=found)
    if found == wanted - 1:
        look = _t("kijk na of er eentje ontbreekt")
    elif found < wanted:
        look = _t("kijk na of er enkele ontbreken")
    else:
        look = _t("kijk na of er te veel staan")
    return _t(
        "Dit nummer telt %(counted)s. Een %(what)s heeft er %(wanted)s: %(look)s.",
        counted=counted,
        what=what,
        wanted=wanted,
        look=look,
    )
