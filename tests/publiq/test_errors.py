"""What an error of publiq tells, and what it keeps to itself."""

import pytest

from app.publiq.errors import (
    PROBLEM_PREFIX,
    PubliqAnswerLost,
    PubliqBusy,
    PubliqNotFound,
    PubliqRefused,
    PubliqUnreachable,
    problem_name,
)


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        (PROBLEM_PREFIX + "uitpas/maximum-reached", "uitpas/maximum-reached"),
        (PROBLEM_PREFIX + "uitpas/invalid-uitpasnumber", "uitpas/invalid-uitpas-number"),
        (PROBLEM_PREFIX + "uitpas/invalid-uitpas-number", "uitpas/invalid-uitpas-number"),
        (PROBLEM_PREFIX + "uitpas/disributionkey-not-found", "uitpas/distributionkey-not-found"),
        (PROBLEM_PREFIX + "uitpas/social-tariff-discount-expired", "uitpas/social-tariff-expired"),
        (PROBLEM_PREFIX + "headers/not-acceptable", "header/not-acceptable"),
        ("about:blank", ""),
        ("https://elders.example/probs/uitpas/maximum-reached", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_a_problem_has_one_short_name(uri, name):
    assert problem_name(uri) == name


def test_the_text_of_an_error_names_operation_problem_and_status_only():
    error = PubliqRefused(
        "post-ticket-sales",
        type=PROBLEM_PREFIX + "uitpas/maximum-reached",
        status=400,
        title="Something",
        detail="developer text",
        end_user_message="Je hebt het maximum bereikt.",
    )

    assert str(error) == "post-ticket-sales: uitpas/maximum-reached (400)"
    assert repr(error) == "<PubliqRefused post-ticket-sales: uitpas/maximum-reached (400)>"
    assert str(PubliqUnreachable("get-terms")) == "get-terms: unreachable"


def test_the_kind_of_error_says_whether_to_look_up_or_to_try_again():
    assert PubliqAnswerLost("x").may_have_arrived
    assert not PubliqAnswerLost("x").retry_safe
    assert PubliqAnswerLost("x", retry_safe=True).retry_safe
    assert PubliqUnreachable("x").retry_safe
    assert not PubliqUnreachable("x").may_have_arrived
    assert PubliqBusy("x").retry_safe
    assert not PubliqRefused("x").retry_safe
    assert isinstance(PubliqNotFound("x"), PubliqRefused)
