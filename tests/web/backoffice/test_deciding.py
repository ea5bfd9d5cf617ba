"""An open order whose sale nobody may look up: the page says where to decide, and then it goes on.

Invariant: whatever UiTPAS does not tell, a person can say, and after that the order is confirmed
(so that it can be cancelled) or it does not go through; nothing waits for ever.
"""

# ruff: noqa: F811 - a parameter names its fixture

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.activities.models import Activity
from app.extensions import write_transaction
from app.sales.cancelling import cancellation_preview, find_line
from app.sales.models import OrderState
from app.uitpas.models import EntryState
from tests.sales.changing import add, change, register, taken
from tests.sales.checking import check_after_healing
from tests.sales.conftest import (  # noqa: F401 - fixtures
    SOCIAL,
    SOCIAL_TOO,
    Family,
    Publiq,
    camp,
    connected,
    family,
    publiq,
)
from tests.sales.meanwhile import choose, finish_now, put
from tests.sales.selling import FIND, SALE, entry, order, sell
from tests.web.backoffice.staff_client import post, signed_in, words

LEDGER = re.compile(r'href="(/beheer/grootboek/\d+)">Beslis in het UiTPAS-grootboek')
WHY = (
    "We weten niet of de verkoop voor Mira Peeters bij UiTPAS staat, en we mogen het niet opzoeken."
)


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return signed_in(app, "admin")


@pytest.fixture
def unseen(family: Family, camp: Activity, publiq: Publiq) -> str:
    """Mira's sale was carried out, its answer lost, and the list is not ours to read."""
    publiq.fault(FIND, "geweigerd", problem="auth/forbidden", count=None)
    publiq.fault(SALE, "antwoord-kwijt")
    sell(family, camp)
    return f"/beheer/bestellingen/{order().number}"


def pages_of(number_address: str) -> list[str]:
    reference = order().lines[0].line_ref
    return [
        number_address,
        f"{number_address}/annuleren",
        f"/beheer/inschrijvingen/{reference}/annuleren",
        f"/beheer/inschrijvingen/{reference}/verplaatsen",
    ]


def test_every_page_that_refuses_says_why_and_links_to_where_it_is_decided(
    admin: FlaskClient, unseen: str
) -> None:
    for address in pages_of(unseen):
        page = admin.get(address)
        assert WHY in words(page), address
        assert LEDGER.search(page.get_data(as_text=True)).group(1) == (
            f"/beheer/grootboek/{entry().id}"
        )
        assert "over een minuut" not in words(page)


def test_a_refused_cancellation_says_the_same_and_keeps_nothing_undone(
    admin: FlaskClient, unseen: str
) -> None:
    answer = post(admin, f"{unseen}/annuleren", {"reason": "ziek"})
    assert WHY in words(answer)
    assert order().state is OrderState.OPEN


def test_a_cashier_reads_who_decides(app: Flask, unseen: str) -> None:
    page = words(signed_in(app, "cashier").get(f"{unseen}/annuleren"))
    assert WHY in page
    assert "Een beheerder doet dat in het UiTPAS-grootboek." in page
    assert "Beslis in het" not in page


def test_the_parent_reads_that_it_is_looked_into(
    family: Family, unseen: str, publiq: Publiq
) -> None:
    line = find_line(order().lines[0].line_ref, family.id)
    (problem,) = cancellation_preview(line, by_staff=False).problems
    assert problem.sentence.startswith("Deze bestelling wacht nog op UiTPAS. We kijken het na")


def test_it_is_there_so_the_order_stands_and_can_be_cancelled(
    admin: FlaskClient, unseen: str, camp: Activity, publiq: Publiq
) -> None:
    (sale,) = publiq.live_sales()
    ledger = LEDGER.search(admin.get(unseen).get_data(as_text=True)).group(1)
    assert f"{ledger}/staat-er" in admin.get(ledger).get_data(as_text=True)
    typed = {
        "ticket_id": sale["id"],
        "price": str(sale["tariff"]["price"]).replace(".", ","),
        "reason": "nagekeken in de balie",
    }
    assert post(admin, f"{ledger}/staat-er", typed).status_code == 303
    assert order().state is OrderState.CONFIRMED
    answer = post(admin, f"{unseen}/annuleren", {"reason": "ziek"}, follow_redirects=True)
    assert "de verkopen bij UiTPAS zijn ongedaan gemaakt" in words(answer)
    assert publiq.live_sales() == []
    assert taken(camp) == 0
    assert order().state is OrderState.CANCELLED


def test_it_is_not_there_so_the_order_returns_to_the_basket_with_a_mail(
    admin: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    publiq.fault(FIND, "geweigerd", problem="auth/forbidden", count=None)
    publiq.fault(SALE, "fout-500")
    sell(family, camp)
    address = f"/beheer/bestellingen/{order().number}"
    ledger = LEDGER.search(admin.get(address).get_data(as_text=True)).group(1)
    answer = post(
        admin, f"{ledger}/staat-er-niet", {"reason": "niet gevonden"}, follow_redirects=True
    )
    assert "De bestelling gaat niet door." in words(answer)
    assert order().state is OrderState.LAPSED
    assert entry().state is EntryState.REFUSED
    page = words(admin.get(address))
    assert "Beslis" not in page
    assert "Niet doorgegaan" in page
    check_after_healing(publiq)


def test_a_sale_that_is_only_waited_for_asks_for_nobody(
    admin: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    publiq.fault(FIND, "fout-500", count=None)
    publiq.fault(SALE, "antwoord-kwijt")
    sell(family, camp)
    page = words(admin.get(f"/beheer/bestellingen/{order().number}/annuleren"))
    assert "Probeer het over een minuut." in page
    assert "Beslis" not in page


def test_a_change_whose_sale_may_not_be_looked_up_says_where_to_decide(
    admin: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    reference = register(family, camp, family.mira, uitpas=False)
    publiq.fault(FIND, "geweigerd", problem="auth/forbidden", count=None)
    publiq.fault(SALE, "antwoord-kwijt")
    add(reference, SOCIAL)
    address = f"/beheer/inschrijvingen/{reference}"
    for page in (admin.get(address), admin.get(f"{address}/verplaatsen")):
        assert WHY in words(page)
        assert LEDGER.search(page.get_data(as_text=True))
    (sale,) = publiq.live_sales()
    typed = {"ticket_id": sale["id"], "price": "12", "reason": "gezien"}
    post(admin, f"/beheer/grootboek/{entry().id}/staat-er", typed)
    assert change().ended_at is not None
    assert "Beslis" not in words(admin.get(address))


def test_several_sales_in_doubt_are_each_named(
    admin: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    with write_transaction():
        family.tuur.uitpas_number = SOCIAL_TOO
    put(family, camp, family.mira, family.tuur)
    choose(family)
    publiq.fault(FIND, "geweigerd", problem="auth/forbidden", count=None)
    publiq.fault(SALE, "antwoord-kwijt")
    finish_now(family)
    page = admin.get(f"/beheer/bestellingen/{order().number}/annuleren")
    assert "voor Mira Peeters" in words(page)
    assert "voor Tuur Peeters" in words(page)
    assert len(LEDGER.findall(page.get_data(as_text=True))) == 2
