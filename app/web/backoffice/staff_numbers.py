"""What staff type or scan in a field for a pass, at a line of a basket or of an order (P1)."""

from flask import flash

from app.people.numbers import IdentifierKind, NumberProblem, read_identifier
from app.people.passes import PassLookup, PassOutcome, find_pass
from app.settings.privacy import insz_allowed
from app.web.pass_answers import WORDS

UNKNOWN_PASS = frozenset({PassOutcome.NOT_FOUND, PassOutcome.BLOCKED})


class NoNumberFound(NumberProblem):
    """publiq gave no number that can be used; ``call_id`` is the row of the log of calls."""

    def __init__(self, sentence: str, call_id: int | None) -> None:
        super().__init__(sentence)
        self.call_id = call_id


def number_for_staff(typed: str, first_name: str) -> tuple[str, PassLookup | None]:
    """The number publiq answers for what was typed or scanned: of a replaced card the new one.

    A number is used as it stands where the pass itself cannot be read. Raises NumberProblem. Not
    counted against the limits of the public.
    """
    given = read_identifier(typed, insz=insz_allowed(), cards=True)
    look_up = find_pass(given, first_name, for_public=False)
    if look_up.number is not None:
        return look_up.number, look_up
    if given.kind is IdentifierKind.NUMBER and look_up.outcome not in UNKNOWN_PASS:
        if given.warning:
            flash(given.warning, "warn")
        return given.value, None
    said = " ".join(message.text for message in look_up.messages)
    sentence = said or look_up.sentence or WORDS.get(look_up.outcome, "")
    raise NoNumberFound(f"{given.warning} {sentence}".strip(), look_up.call_id)
