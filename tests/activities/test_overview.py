"""The staff's list: what it finds, in which order, and with how many queries."""

from datetime import timedelta

import pytest
from flask import Flask

from app.activities.models import Activity, ActivityState, Module, PlacePool, UitStatus
from app.activities.overview import ActivityFilters, count_by_status, find_activities
from app.clock import today
from app.extensions import db, write_transaction
from tests.making import days_from_now, make_activity, make_type
from tests.queries import count_queries


def titles(page: int = 1, **filters) -> list[str]:
    return [row.activity.title for row in find_activities(ActivityFilters(**filters), page).items]


@pytest.fixture
def three(app: Flask) -> None:
    camp, show = make_type("Kamp"), make_type("Voorstelling", module=Module.TICKETING)
    for title, kind, days, taken, status, state in (
        ("Zwemkamp", camp, 5, 9, UitStatus.PUBLISHED, ActivityState.ONLINE),
        ("atelier 100%", camp, 20, 0, UitStatus.CHANGED, ActivityState.DRAFT),
        ("Concert", show, 10, 3, UitStatus.INCOMPLETE, ActivityState.CANCELLED),
    ):
        make_activity(
            title,
            activity_type=kind,
            dates=[(days_from_now(days), days_from_now(days, 16))],
            capacity=10,
            taken=taken,
            uit_status=status,
            state=state,
        )


@pytest.mark.usefixtures("three")
class TestFinding:
    def test_all_by_date(self) -> None:
        assert titles() == ["Zwemkamp", "Concert", "atelier 100%"]

    def test_text_looks_in_title_and_type_and_takes_signs_literally(self) -> None:
        assert titles(text="ZWEM") == ["Zwemkamp"]
        assert titles(text="voorstelling") == ["Concert"]
        assert titles(text="100%") == ["atelier 100%"]
        assert titles(text="1%0") == []

    def test_period_counts_whole_days(self) -> None:
        day = today() + timedelta(days=10)
        assert titles(since=day, until=day) == ["Concert"]

    def test_module_state_and_status(self) -> None:
        assert titles(module=Module.TICKETING) == ["Concert"]
        assert titles(state=ActivityState.DRAFT) == ["atelier 100%"]
        assert titles(statuses=(UitStatus.INCOMPLETE,)) == ["Concert"]

    def test_sorting_by_title_places_and_downwards(self) -> None:
        assert titles(sort="titel") == ["atelier 100%", "Concert", "Zwemkamp"]
        assert titles(sort="-titel") == ["Zwemkamp", "Concert", "atelier 100%"]
        assert titles(sort="bezet") == ["atelier 100%", "Concert", "Zwemkamp"]

    def test_counts_per_status_ignore_the_status_chosen(self) -> None:
        counts = count_by_status(ActivityFilters(statuses=(UitStatus.INCOMPLETE,), text="a"))
        assert counts[UitStatus.PUBLISHED] == 1
        assert counts[UitStatus.CHANGED] == 1
        assert counts[UitStatus.COMPLETE] == 0

    def test_places_taken_and_left_are_summed(self) -> None:
        row = find_activities(ActivityFilters(text="Zwemkamp")).items[0]
        assert (row.taken, row.capacity, row.left) == (9, 10, 1)


def fill(count: int) -> None:
    kind = make_type()
    with write_transaction() as session:
        for number in range(count):
            session.add(
                Activity(
                    title=f"Activiteit {number:04d}",
                    activity_type_id=kind.id,
                    first_start=days_from_now(number % 90 + 1),
                    last_end=days_from_now(number % 90 + 1, 16),
                    pools=[PlacePool(capacity=20, taken=number % 20)],
                )
            )


def queries_of_the_list() -> int:
    db.session.remove()
    with count_queries() as sent:
        found = find_activities(ActivityFilters())
        for row in found.items:
            assert row.activity.activity_type.name
            assert row.left >= 0
        assert found.total
    return len(sent)


def test_a_thousand_activities_cost_as_many_queries_as_ten(app: Flask) -> None:
    fill(10)
    few = queries_of_the_list()
    fill(990)
    assert queries_of_the_list() == few == 4
    assert len(titles()) == 50
    assert len(titles(page=20)) == 50
    assert titles(page=21) == []
