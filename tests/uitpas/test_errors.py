"""Every error of publiq on tariffs and ticket sales, both spellings: words at the right place."""

from decimal import Decimal

import pytest
import responses
from flask import Flask
from sqlalchemy import select

from app.activities.models import Activity
from app.clock import now
from app.extensions import db, write_transaction
from app.people.models import TariffStatus
from app.people.passes import PassOutcome, check_pass
from app.publiq.errors import PROBLEM_PREFIX
from app.sales.basket import open_basket
from app.sales.checkout import FinishOutcome
from app.settings.models import Environment
from app.settings.uit import uit_settings_for_update
from app.uitpas.benefits import BenefitAsk, ask_benefits
from app.uitpas.models import EntryState, UitpasEntry
from app.uitpas.sentences import NO_ANSWER, NOT_ALLOWED, NOT_TAKEN, SENTENCES
from tests.making import make_activity, make_person
from tests.sales.conftest import (  # noqa: F401 - fixtures
    EVENT,
    ONCE_A_WEEK,
    SOCIAL,
    SOCIAL_TOO,
    Family,
    camp,
    connected,
    family,
    publish_as,
)
from tests.sales.meanwhile import choose, finish_now, put

# ruff: noqa: F811 - a parameter names its fixture

SAID = "Zo staat het bij UiTPAS, woord voor woord."
SPELLED_OTHERWISE = {
    "uitpas/invalid-uitpasnumber": "uitpas/invalid-uitpas-number",
    "uitpas/social-tariff-discount-expired": "uitpas/social-tariff-expired",
}
ON_A_PASS = [
    "uitpas/event-not-found",
    "uitpas/passholder-not-found",
    "uitpas/passholder-no-active-cardsystems",
    "uitpas/social-tariff-expired",
    "uitpas/social-tariff-discount-expired",
    "uitpas/social-tariff-suspended",
    "uitpas/invalid-uitpasnumber",
    "uitpas/invalid-uitpas-number",
    "uitpas/invalid-card",
    "uitpas/invalid-card-status",
    "uitpas/passholder-blocked",
]
ON_TARIFFS = [*ON_A_PASS, "uitpas/social-tariff-not-available"]
ON_SALES = [
    *ON_A_PASS,
    "uitpas/maximum-reached",
    "uitpas/invalid-number-of-tickets",
    "uitpas/invalid-coupon",
]
SHAPES = ["body/missing", "body/invalid-syntax", "body/invalid-data", "uitpas/something-new"]


def problem(kind: str, status: int = 400, *, said: bool, **extras: object) -> dict[str, object]:
    body = {"type": PROBLEM_PREFIX + kind, "title": "Developer text", "status": status, **extras}
    body["detail"] = "Only for developers"
    return body | {"endUserMessage": {"nl": SAID}} if said else body


def sentence_of(kind: str) -> str:
    return str(SENTENCES[SPELLED_OTHERWISE.get(kind, kind)])


@pytest.fixture
def mocked(sandbox_url: str):  # noqa: ANN201
    """publiq's stand-in as it is, but for the calls that a test answers itself."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_passthru(sandbox_url)
        yield mock


def asked(mocked: responses.RequestsMock, url: str, status: int, body: object):  # noqa: ANN201
    mocked.get(f"{url}/uitpas/tariffs", json=body, status=status)
    ask = BenefitAsk(1, Environment.SANDBOX, EVENT, SOCIAL, Decimal("60.00"))
    return ask_benefits([ask])[1]


@pytest.mark.parametrize(
    ("kind", "status"), [*((kind, 400) for kind in ON_TARIFFS), ("uitpas/event-not-found", 404)]
)
def test_a_refusal_of_tariffs_is_an_answer_with_publiqs_words(
    app: Flask, connected: None, mocked, sandbox_url: str, kind: str, status: int
) -> None:
    answer = asked(mocked, sandbox_url, status, problem(kind, status, said=True))
    assert (answer.message, answer.sentence, answer.offers) == (SAID, "", [])
    assert answer.answered


@pytest.mark.parametrize("kind", ON_TARIFFS)
def test_a_refusal_of_tariffs_without_words_gets_our_sentence(
    app: Flask, connected: None, mocked, sandbox_url: str, kind: str
) -> None:
    answer = asked(mocked, sandbox_url, 400, problem(kind, said=False))
    assert (answer.message, answer.sentence) == ("", sentence_of(kind))
    assert answer.answered


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (403, "auth/forbidden", NOT_ALLOWED),
        (401, "auth/unauthorized", NOT_ALLOWED),
        (429, "uitpas/rate-limited", NO_ANSWER),
        (500, "about:blank", NO_ANSWER),
        (503, "about:blank", NO_ANSWER),
        (400, "url/not-found", NOT_TAKEN),
    ],
)
def test_what_is_no_answer_about_the_pass_says_so_without_words_for_developers(
    app: Flask, connected: None, mocked, sandbox_url: str, status: int, kind: str, sentence: object
) -> None:
    answer = asked(mocked, sandbox_url, status, problem(kind, status, said=False))
    assert answer.sentence == str(sentence)
    assert not answer.answered
    assert "eveloper" not in answer.sentence + answer.message


def test_words_that_come_with_an_answer_are_passed_on(
    app: Flask, connected: None, mocked, sandbox_url: str
) -> None:
    body = {"available": [], "endUserMessage": {"nl": SAID, "fr": "Autre"}}
    answer = asked(mocked, sandbox_url, 200, body)
    assert (answer.message, answer.answered) == (SAID, True)


def test_a_type_of_tariff_that_we_do_not_know_and_a_reward_are_left_out(
    app: Flask, connected: None, mocked, sandbox_url: str
) -> None:
    with write_transaction():
        uit_settings_for_update().coupons_on = True
    offered = [
        {"id": kind, "name": kind, "price": 12, "type": kind, "remaining": 1}
        for kind in ("SOMETHINGNEW", "REWARD", "COUPON", "SOCIALTARIFF")
    ]
    answer = asked(mocked, sandbox_url, 200, {"available": offered})
    assert [offer.id for offer in answer.offers] == ["SOCIALTARIFF", "COUPON"]
    assert answer.answered


@pytest.mark.parametrize(
    ("status", "kind", "outcome"),
    [
        (404, "uitpas/pass-not-found", PassOutcome.NOT_FOUND),
        (400, "uitpas/pass-not-found", PassOutcome.NOT_FOUND),
        (400, "uitpas/passholder-not-found", PassOutcome.NOT_FOUND),
        (400, "uitpas/invalid-card-status", PassOutcome.BLOCKED),
        (400, "uitpas/passholder-no-active-cardsystems", PassOutcome.BLOCKED),
        (404, "url/not-found", PassOutcome.UNREACHABLE),
        (400, "header/missing", PassOutcome.UNREACHABLE),
        (400, "body/invalid-data", PassOutcome.UNREACHABLE),
    ],
)
def test_only_what_is_about_the_card_says_something_of_it_and_of_its_status(
    app: Flask,
    family: Family,
    mocked,
    sandbox_url: str,
    status: int,
    kind: str,
    outcome: PassOutcome,
) -> None:
    mira = family.mira
    mira.tariff_status, mira.tariff_checked_at = TariffStatus.ACTIVE, now()
    db.session.commit()
    body = problem(kind, status, said=False)
    mocked.get(f"{sandbox_url}/uitpas/passes", json=body, status=status)
    assert check_pass(mira.id).outcome is outcome
    db.session.expire_all()
    kept = mira.tariff_status is TariffStatus.ACTIVE
    assert kept == (outcome is PassOutcome.UNREACHABLE)


def _finish(family: Family, *activities: Activity):  # noqa: ANN202
    for shown in activities:
        put(family, shown, family.mira)
    choose(family)
    return lambda: finish_now(family)


@pytest.mark.parametrize("kind", [*ON_SALES, *SHAPES])
@pytest.mark.parametrize("said", [True, False], ids=["words", "no words"])
def test_a_refused_sale_puts_the_words_at_its_line(
    family: Family, camp: Activity, mocked, sandbox_url: str, kind: str, said: bool
) -> None:
    finish = _finish(family, camp)
    mocked.post(f"{sandbox_url}/uitpas/ticket-sales", json=problem(kind, said=said), status=400)
    result = finish()
    wanted = SAID if said else str(NOT_TAKEN) if kind in SHAPES else sentence_of(kind)
    assert result.outcome is FinishOutcome.RETURNED
    basket = open_basket(family.id)
    assert basket is not None
    assert [line.message for line in basket.lines] == [wanted]
    assert [one.sentence for one in result.problems] == [wanted]
    assert [line.holding for line in basket.lines] == [True]
    entry = db.session.scalars(select(UitpasEntry)).one()
    assert entry.state is EntryState.REFUSED
    assert "eveloper" not in entry.message


@pytest.mark.parametrize("pointer", ["jsonPointer", "schemaErrors"])
def test_a_refusal_that_points_at_a_line_is_put_there_and_nowhere_else(
    family: Family, camp: Activity, mocked, sandbox_url: str, pointer: str
) -> None:
    other = publish_as(make_activity("Circus"), ONCE_A_WEEK)
    finish = _finish(family, camp, other)
    where = {
        "jsonPointer": {"jsonPointer": "/1"},
        "schemaErrors": {"schemaErrors": [{"jsonPointer": "/1/tariff/id", "error": "no"}]},
    }[pointer]
    body = problem("uitpas/maximum-reached", said=True, **where)
    mocked.post(f"{sandbox_url}/uitpas/ticket-sales", json=body, status=400)
    finish()
    basket = open_basket(family.id)
    assert basket is not None
    messages = {line.activity.title: line.message for line in basket.lines}
    assert messages == {"Winterbos-kamp": "", "Circus": SAID}


def test_a_refusal_that_names_no_line_goes_to_the_line_whose_tariff_is_gone(
    family: Family, camp: Activity, mocked, sandbox_url: str
) -> None:
    lore = make_person(family.customer, "Lore", uitpas_number=SOCIAL_TOO)
    put(family, camp, family.mira, lore)
    choose(family)
    body = problem("uitpas/social-tariff-expired", said=True)
    mocked.post(f"{sandbox_url}/uitpas/ticket-sales", json=body, status=400)
    offered = {"id": "SOCIALTARIFF-1", "name": "Kansentarief", "price": 12, "type": "SOCIALTARIFF"}
    fine = {"available": [{**offered, "remaining": 1}]}
    gone = {"available": [], "endUserMessage": {"nl": "Niet meer."}}
    match = responses.matchers.query_param_matcher
    url = f"{sandbox_url}/uitpas/tariffs"
    mine = match({"uitpasNumber": SOCIAL}, strict_match=False)
    hers = match({"uitpasNumber": SOCIAL_TOO}, strict_match=False)
    mocked.get(url, json=fine, match=[mine])
    mocked.get(url, json=fine, match=[hers])  # before finishing it is still there
    mocked.get(url, json=gone, match=[hers])
    finish_now(family)
    basket = open_basket(family.id)
    assert basket is not None
    messages = {line.person.first_name: line.message for line in basket.lines if line.person}
    assert messages == {"Mira": "", "Lore": "Niet meer."}


def test_a_refusal_that_names_no_line_stands_above_the_basket_when_a_second_look_tells_nothing(
    family: Family, camp: Activity, mocked, sandbox_url: str
) -> None:
    other = publish_as(make_activity("Circus"), ONCE_A_WEEK)
    finish = _finish(family, camp, other)
    body = problem("uitpas/maximum-reached", said=True)
    mocked.post(f"{sandbox_url}/uitpas/ticket-sales", json=body, status=400)
    result = finish()
    basket = open_basket(family.id)
    assert basket is not None
    assert basket.message == SAID
    assert [line.message for line in basket.lines] == ["", ""]
    assert [one.sentence for one in result.problems] == [SAID]


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        (403, "auth/forbidden", NOT_ALLOWED),
        (401, "auth/unauthorized", NOT_ALLOWED),
        (429, "uitpas/rate-limited", NO_ANSWER),
    ],
)
def test_a_sale_that_was_surely_not_made_returns_with_a_sentence_for_the_parent(
    family: Family,
    camp: Activity,
    mocked,
    sandbox_url: str,
    status: int,
    kind: str,
    sentence: object,
) -> None:
    finish = _finish(family, camp)
    body = problem(kind, status, said=False)
    mocked.post(f"{sandbox_url}/uitpas/ticket-sales", json=body, status=status)
    assert [one.sentence for one in finish().problems] == [str(sentence)]
