"""What a look-up at UiTPAS tells the one who asked: a fragment beside the number, or a page."""

from flask import flash, render_template

from app.people.passes import PassLookup, PassOutcome

SAVE_FIRST = "Bewaar eerst het rijksregisternummer dat je typte. Dan kunnen we zoeken."
STATES = {
    PassOutcome.FOUND: "found",
    PassOutcome.NOT_FOUND: "none",
    PassOutcome.NO_INSZ: "problem",
    PassOutcome.NAME_DIFFERS: "problem",
    PassOutcome.BLOCKED: "problem",
    PassOutcome.UNREACHABLE: "no_answer",
    PassOutcome.FORBIDDEN: "no_answer",
    PassOutcome.TOO_OFTEN: "problem",
}
KINDS = {PassOutcome.FOUND: "success", PassOutcome.NOT_FOUND: "info"}


def pass_fragment(look_up: PassLookup) -> str:
    """The words that stand under the number, and the number itself when it was found."""
    return render_template(
        "components/pass_answer.html", look_up=look_up, state=STATES[look_up.outcome]
    )


def pass_refusal(sentence: str) -> str:
    """The same place, when nothing was asked at UiTPAS."""
    look_up = PassLookup(PassOutcome.NO_INSZ, sentence=sentence)
    return render_template("components/pass_answer.html", look_up=look_up, state="problem")


def flash_look_up(name: str, look_up: PassLookup) -> None:
    """Say on the next page what a look-up by INSZ gave; publiq's own words stay as they are."""
    if look_up.found:
        flash(f"Het UiTPAS-nummer van {name} is gevonden en bewaard.", "success")
    elif look_up.sentence:
        flash(look_up.sentence, KINDS.get(look_up.outcome, "warn"))
    flash_messages(look_up)


def flash_check(look_up: PassLookup, warning: str) -> None:
    """Say on the next page what became of a typed number: nothing of who holds the pass."""
    if look_up.found:
        warning = ""
    elif look_up.outcome is PassOutcome.UNREACHABLE:
        flash("UiTPAS antwoordt nu niet. Het nummer is bewaard, maar niet nagekeken.", "info")
    elif look_up.sentence and look_up.outcome is not PassOutcome.FORBIDDEN:
        flash(look_up.sentence, "warn")
    if warning:
        flash(warning, "warn")
    flash_messages(look_up)


def flash_messages(look_up: PassLookup) -> None:
    """What publiq wants said to the person, word for word."""
    for message in look_up.messages:
        flash(message, "info" if look_up.found else "warn")
