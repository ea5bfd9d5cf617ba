"""The register number and the UiTPAS number: what is taken and what is refused (P1)."""

import pytest

from app.people.numbers import (
    InszProblem,
    UitpasNumberProblem,
    names_fit,
    read_insz,
    read_uitpas_number,
)


@pytest.mark.parametrize(
    "typed",
    ["83030201540", "83.03.02-015.40", " 83 03 02 015 40 ", "08091860684", "20010170215"],
)
def test_register_numbers_of_both_centuries_are_taken(typed):
    digits = read_insz(typed)
    assert len(digits) == 11 and digits.isdigit()


def test_a_number_of_somebody_without_known_birth_date_is_taken():
    assert read_insz("00000009007") == "00000009007"


@pytest.mark.parametrize("typed", ["83030201541", "8303020154", "830302015401", "abc", "٠" * 11])
def test_a_register_number_that_cannot_be_right_is_refused_without_repeating_it(app, typed):
    with pytest.raises(InszProblem) as problem:
        read_insz(typed)
    assert typed not in problem.value.sentence and typed not in str(problem.value)


@pytest.mark.parametrize(
    "typed", ["0900010959113", "0900 010 959 113", "0900.010.959-113", " 0900010959113 "]
)
def test_a_uitpas_number_may_have_spaces_and_dots(app, typed):
    number = read_uitpas_number(typed)
    assert (number.digits, number.warning) == ("0900010959113", "")


def test_a_wrong_check_digit_is_only_a_warning(app):
    number = read_uitpas_number("0560002524314")
    assert number.digits == "0560002524314"
    assert "misschien staat er een cijfer verkeerd" in number.warning
    assert number.digits not in repr(number)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Vul een UiTPAS-nummer in."),
        ("1", "Dit nummer telt 1 cijfer. Een UiTPAS-nummer heeft er 13: "),
        ("090001095911", "Dit nummer telt 12 cijfers. Een UiTPAS-nummer heeft er 13: "),
        ("09000109591130", "Dit nummer telt 14 cijfers."),
        ("0900a10959113", "Een UiTPAS-nummer bestaat uit cijfers"),
    ],
)
def test_what_cannot_be_a_uitpas_number_is_refused(app, typed, sentence):
    with pytest.raises(UitpasNumberProblem) as problem:
        read_uitpas_number(typed)
    assert problem.value.sentence.startswith(sentence)


@pytest.mark.parametrize(
    ("ours", "theirs", "fit"),
    [
        ("Zoë", "ZOE", True),
        ("Jan Frans", "Jan", True),
        ("Jan", "Jan-Frans", True),
        ("D’Artagnan", "D'Artagnan", True),
        ("İlker", "Ilker", True),
        ("Jan", "Janne", False),
        ("Jan", "", False),
        ("", "", False),
        ("Jan", "Frans Jan", False),
    ],
)
def test_first_names_fit_by_their_first_word_without_accents(ours, theirs, fit):
    assert names_fit(ours, theirs) is fit
