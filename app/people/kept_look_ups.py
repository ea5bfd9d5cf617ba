"""A look-up by INSZ that was answered before: what is said of it without asking again (R2)."""

from app.encryption import keyring
from app.people.models import Person
from app.people.pass_sentences import (
    ASK_AT_DESK,
    BUSY,
    CARD_EXISTS,
    NO_ANSWER,
    NONE_KNOWN,
    NOT_ALLOWED,
    OTHER_NAME,
    TOO_OFTEN,
)
from app.people.passes import PassLookup, PassOutcome
from app.settings.uit import active_environment

SENTENCES = {
    PassOutcome.NOT_FOUND: NONE_KNOWN,
    PassOutcome.NAME_DIFFERS: OTHER_NAME,
    PassOutcome.BLOCKED: CARD_EXISTS,
    PassOutcome.FORBIDDEN: NOT_ALLOWED,
    PassOutcome.UNREACHABLE: NO_ANSWER,
    PassOutcome.BUSY: BUSY,
    PassOutcome.TOO_OFTEN: TOO_OFTEN,
}
"""What there is to say again where publiq is not asked again: these words are ours.

publiq's are never kept, for they hold for the moment and the person that they were said to.
"""
ASKED_AGAIN = frozenset({PassOutcome.UNREACHABLE, PassOutcome.BUSY, PassOutcome.TOO_OFTEN})
"""Nothing was learned, so the next look-up may end otherwise."""


def is_repeated(outcome: PassOutcome, *, said: bool) -> bool:
    """Whether the same question is put again for what publiq says, instead of what we kept.

    That is so where publiq had words of its own, and where it refused us: a right may come.
    """
    return said or outcome is PassOutcome.FORBIDDEN


def question_of(person: Person) -> str | None:
    """What a look-up asks of whom, as a keyed fingerprint from which no number can be read.

    Another environment, register number or first name is another question. None without number.
    """
    if person.insz_fingerprint is None:
        return None
    parts = ("look-up", active_environment().value, person.insz_fingerprint, person.first_name)
    return keyring.fingerprint("\n".join(parts))


def said_before(outcome: PassOutcome, *, for_public: bool) -> PassLookup:
    """The look-up as far as it is kept."""
    sentence = SENTENCES[outcome]
    if outcome is PassOutcome.NAME_DIFFERS and for_public:
        sentence = ASK_AT_DESK
    return PassLookup(outcome, sentence=str(sentence))
