"""'Waarom geen kansentarief?': earlier sales with social tariff, counted where we may see them."""

# ruff: noqa: F811 - a parameter names its fixture

from decimal import Decimal

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.activities.models import Activity
from app.extensions import db, write_transaction
from app.publiq.uitpas import SaleWish
from app.settings.connections import publiq_client
from app.settings.models import PubliqCall
from app.uitdatabank.models import EventLink
from app.uitpas.asking_why import Explanation, why_no_tariff
from app.uitpas.reasons import Reason, ReasonKind
from tests.making import make_activity
from tests.sales.conftest import (  # noqa: F401 - fixtures
    EVENT,
    NO_TARIFF,
    ONCE_A_WEEK,
    SOCIAL,
    SOCIAL_TOO,
    Family,
    Publiq,
    connected,
    family,
    publiq,
    publish_as,
)
from tests.sales.selling import sell
from tests.web.backoffice.staff_client import post, signed_in, words

ORGANIZER = "0ce87cbc-9299-4528-8d35-92225dc9489f"
OURS = "In ons grootboek: 1 verkoop voor deze activiteit."
ELSEWHERE = "In ons grootboek staat er geen voor deze activiteit: ze zijn elders verkocht."


@pytest.fixture
def once_a_week(connected: None) -> Activity:
    """An activity whose event sells each pass one ticket a week."""
    activity = publish_as(make_activity("Circus", capacity=5), ONCE_A_WEEK)
    with write_transaction() as session:
        session.execute(update(EventLink).values(organizer_id=ORGANIZER, organizer_is_uitpas=True))
    return activity


def sell_elsewhere(event_id: str = ONCE_A_WEEK, number: str = SOCIAL) -> None:
    """As the UiTPAS-balie would: publiq knows it, our ledger does not."""
    client, price = publiq_client(), Decimal("60.00")
    (tariff,) = client.uitpas.tariffs(event_id, number, price).available
    client.uitpas.register_ticket_sales([SaleWish(event_id, number, price, tariff.id, "balie")])


def take_search_away(publiq: Publiq) -> None:
    answer = requests.post(
        f"{publiq.url}/sandbox/rechten/{ORGANIZER}", data={"rights": "zonder-opzoeken"}, timeout=10
    )
    assert answer.ok


def why(activity: Activity, number: str = SOCIAL) -> Explanation:
    answer = why_no_tariff(activity.id, number)
    assert answer is not None
    return answer


def reason(answer: Explanation, kind: ReasonKind) -> Reason:
    return next(one for one in answer.reasons if one.kind is kind)


def lists_asked() -> int:
    urls = db.session.scalars(select(PubliqCall.url).where(PubliqCall.method == "GET")).all()
    return sum("/ticket-sales" in url for url in urls)


def test_a_limit_that_our_own_sale_reached_is_counted_at_uitpas_and_in_the_ledger(
    family: Family, once_a_week: Activity
) -> None:
    sell(family, once_a_week)
    found = reason(why(once_a_week), ReasonKind.LIMIT_REACHED)
    assert "UiTPAS telt voor deze activiteit al 1 verkoop met kansentarief" in found.sentence
    assert found.sentence.endswith(OURS)
    assert "al zo vaak" in found.said


def test_a_limit_that_was_reached_elsewhere_is_counted_too(
    app: Flask, once_a_week: Activity
) -> None:
    sell_elsewhere()
    sell_elsewhere(EVENT)
    found = reason(why(once_a_week), ReasonKind.LIMIT_REACHED)
    assert "UiTPAS telt voor deze activiteit al 1 verkoop" in found.sentence
    assert "bij deze organisator in het geheel 2." in found.sentence
    assert found.sentence.endswith(ELSEWHERE)


def test_a_sale_to_somebody_else_and_one_that_was_undone_do_not_count(
    app: Flask, once_a_week: Activity, publiq: Publiq
) -> None:
    sell_elsewhere(number=SOCIAL_TOO)
    sell_elsewhere()
    (mine,) = [sale for sale in publiq.live_sales() if sale["uitpasNumber"] == SOCIAL]
    found = reason(why(once_a_week), ReasonKind.LIMIT_REACHED)
    assert "al 1 verkoop met kansentarief" in found.sentence
    publiq_client().uitpas.cancel_ticket_sale(mine["id"])
    assert why(once_a_week).given


def test_without_the_right_to_see_the_list_that_is_said_and_the_ledger_counts_alone(
    family: Family, once_a_week: Activity, publiq: Publiq
) -> None:
    sell(family, once_a_week)
    take_search_away(publiq)
    answer = why(once_a_week)
    found = reason(answer, ReasonKind.LIMIT_REACHED)
    assert "in ons grootboek staat voor deze activiteit al 1 verkoop" in found.sentence
    hidden = reason(answer, ReasonKind.SALES_HIDDEN)
    assert "TICKETSALES_SEARCH" in hidden.sentence and "1 verkoop" in hidden.sentence
    assert lists_asked() == 0


def test_without_the_right_and_without_a_sale_of_ours_publiq_has_the_word(
    app: Flask, once_a_week: Activity, publiq: Publiq
) -> None:
    sell_elsewhere()
    take_search_away(publiq)
    answer = why(once_a_week)
    assert [one.kind for one in answer.reasons] == [
        ReasonKind.SAID_BY_UITPAS,
        ReasonKind.SALES_HIDDEN,
    ]
    assert "daar staat voor deze activiteit geen verkoop" in answer.reasons[1].sentence


def test_a_list_that_is_refused_after_all_is_said_to_be_hidden(
    app: Flask, once_a_week: Activity, publiq: Publiq
) -> None:
    sell_elsewhere()
    publiq.fault("GET /ticket-sales", "geweigerd", problem="auth/forbidden")
    assert reason(why(once_a_week), ReasonKind.SALES_HIDDEN)


def test_a_list_that_does_not_come_leaves_the_rest_of_the_answer(
    app: Flask, once_a_week: Activity, publiq: Publiq
) -> None:
    sell_elsewhere()
    publiq.fault("GET /ticket-sales", "plat", count=None)
    kinds = [one.kind for one in why(once_a_week).reasons]
    assert kinds == [ReasonKind.SAID_BY_UITPAS, ReasonKind.NO_ANSWER]


def test_who_has_a_tariff_or_none_is_not_counted(app: Flask, once_a_week: Activity) -> None:
    assert why(once_a_week).given
    assert reason(why(once_a_week, NO_TARIFF), ReasonKind.NO_TARIFF)
    assert lists_asked() == 0


@pytest.mark.parametrize("role", ["admin", "cashier"])
def test_the_page_tells_the_count_and_who_can_mend_it(
    app: Flask, family: Family, once_a_week: Activity, role: str
) -> None:
    sell(family, once_a_week)
    desk: FlaskClient = signed_in(app, role)
    typed = {"activity": once_a_week.title, "activity_id": once_a_week.id, "number": SOCIAL}
    page = words(post(desk, "/beheer/uitpas/waarom", typed))
    assert "UiTPAS telt voor deze activiteit al 1 verkoop met kansentarief" in page
    assert OURS in page
    assert "Wie zo’n verkoop deed, door ze te annuleren als ze niet klopt." in page
    assert "Georges" not in page
