"""What a look-up at UiTPAS tells the one who asked: a fragment beside the number, or a page."""

from flask import flash, render_template

from app.formats import masked_pass_number
from app.people.passes import PassLookup, PassOutcome
from app.web.call_links import flash_about_call

SAVE_FIRST = "Bewaar eerst het rijksregisternummer dat je typte. Dan kunnen we zoeken."
STATES = {
    PassOutcome.FOUND: "found",
    PassOutcome.NOT_FOUND: "none",
    PassOutcome.NO_INSZ: "problem",
    PassOutcome.NAME_DIFFERS: "problem",
    PassOutcome.BLOCKED: "problem",
    PassOutcome.UNREACHABLE: "no_answer",
    PassOutcome.BUSY: "no_answer",
    PassOutcome.FORBIDDEN: "no_answer",
    PassOutcome.TOO_OFTEN: "problem",
    PassOutcome.FAILED: "no_answer",
}
WORDS = {
    PassOutcome.NOT_FOUND: "Geen UiTPAS gevonden.",
    PassOutcome.BLOCKED: "Er is een kaart, maar die kan nu niet gebruikt worden.",
}
"""What happened, where publiq says the rest in its own words."""
UNANSWERED = frozenset({PassOutcome.UNREACHABLE, PassOutcome.BUSY})
LEVELS = {"INFO": "uitpas-info", "WARN": "uitpas-warn", "ERROR": "uitpas-error"}
"""The level of publiq's message as the kind of message on the next page."""
KINDS = {PassOutcome.FOUND: "success", PassOutcome.NOT_FOUND: "info"}


def pass_fragment(look_up: PassLookup, check_url: str, *, inputmode: str = "numeric") -> str:
    """The words that stand under the number, and the number itself when it was found.

    ``check_url`` is where the field asks about what is typed, ``inputmode`` its keyboard.
    """
    words = look_up.sentence or WORDS[look_up.outcome]
    replaced = replaced_words(look_up)
    return render_template(
        "components/pass_answer.html",
        look_up=look_up,
        state=STATES[look_up.outcome],
        words=f"{words} {replaced}".strip(),
        check_url=check_url,
        inputmode=inputmode,
    )


def pass_refusal(sentence: str) -> str:
    """The same place, when nothing was asked at UiTPAS."""
    return pass_fragment(PassLookup(PassOutcome.NO_INSZ, sentence=sentence), "")


def flash_look_up(name: str, look_up: PassLookup) -> None:
    """Say on the next page what a look-up by INSZ gave; publiq's own words stay as they are."""
    if look_up.found:
        flash(f"Het UiTPAS-nummer van {name} is gevonden en bewaard.", "success")
        flash_replaced(look_up)
    elif look_up.sentence:
        flash_about_call(look_up.sentence, KINDS.get(look_up.outcome, "warn"), look_up.call_id)
    flash_messages(look_up)


def flash_check(look_up: PassLookup, warning: str) -> None:
    """Say on the next page what became of a typed number: nothing of who holds the pass."""
    if look_up.found:
        warning = ""
        flash_replaced(look_up)
    elif look_up.outcome in UNANSWERED:
        sentence = "UiTPAS antwoordt nu niet. Het nummer is bewaard, maar niet nagekeken."
        flash_about_call(sentence, "info", look_up.call_id)
    elif look_up.outcome is PassOutcome.FORBIDDEN:
        sentence = "Het nummer is bewaard, maar we konden het niet nakijken bij UiTPAS."
        flash_about_call(sentence, "info", look_up.call_id)
    elif look_up.sentence:
        flash_about_call(look_up.sentence, "warn", look_up.call_id)
    if warning:
        flash(warning, "warn")
    flash_messages(look_up)


def flash_replaced(look_up: PassLookup) -> None:
    """Say that publiq gave another number for a card that was replaced."""
    if look_up.replaced:
        flash(replaced_words(look_up), "info")


def replaced_words(look_up: PassLookup) -> str:
    """The sentence about a card that was replaced; empty when none was."""
    if not look_up.replaced:
        return ""
    return (
        f"Deze kaart is vervangen. In de plaats van {masked_pass_number(look_up.replaced)} "
        f"bewaarden we het nieuwe nummer: {masked_pass_number(look_up.number)}."
    )


def flash_messages(look_up: PassLookup) -> None:
    """What publiq wants said to the person, word for word and by its level."""
    for message in look_up.messages:
        kind = LEVELS.get(message.level, "uitpas-message")
        flash_about_call(message.text, kind, look_up.call_id)
