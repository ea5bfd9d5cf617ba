"""Staff go beyond places, age, period and residence with a reason.

The invariants: no pool above its capacity, also where staff raise it; a raise lives only while the
pool is full; what was gone beyond stands on the line and in the audit trail.
"""

# ruff: noqa: F811 - a parameter names its fixture

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from app.activities.models import Activity, ActivityState
from app.activities.places import registration_pool, set_capacity
from app.activities.problems import ActivityRefused
from app.clock import now
from app.extensions import db, write_transaction
from app.people.models import Account, Person
from app.sales import basket as basket_module
from app.sales.basket import add_to_basket, hold_again, remove_line
from app.sales.cancelling import cancel_line
from app.sales.checkout import FinishOutcome
from app.sales.holds import release_lapsed_holds
from app.sales.models import Basket
from app.sales.overriding import Choice
from app.sales.problems import BasketRefused
from app.settings.models import AuditEntry
from tests.making import days_from_now, make_activity, make_person
from tests.sales.behalf import (  # noqa: F401 - fixtures
    WHY,
    basket_of,
    clerk,
    exceptions,
    finish_for,
    full,
    lapse_all,
    make_customer_elsewhere,
    pool,
    put,
    refused,
)
from tests.sales.checking import (
    check_places,
)
from tests.sales.conftest import Family
from tests.sales.meanwhile import Other, before, order_of
from tests.signing_in import make_account

# Beyond the places


def test_without_a_reason_a_full_activity_stays_full(
    family: Family, clerk: Account, full: Activity
) -> None:
    (problem,) = refused(lambda: put(clerk, full, family.tuur))
    assert (problem.kind, problem.field, problem.person_id) == ("full", "reason", family.tuur.id)
    assert problem.sentence == (
        "Klein atelier is volzet. Geef een reden op om Tuur toch in te schrijven."
    )
    assert pool(full) == (2, 2, 0)
    assert exceptions() == []


def test_with_a_reason_the_pool_is_raised_by_one_and_the_trail_says_by_whom_and_why(
    family: Family, clerk: Account, full: Activity
) -> None:
    put(clerk, full, family.tuur, reason=WHY)
    assert pool(full) == (3, 3, 1)
    (entry,) = exceptions()
    assert (entry.account_id, entry.account_name, entry.reason) == (clerk.id, clerk.name, WHY)
    assert entry.subject_label == family.tuur.name
    assert entry.detail == {
        "activiteit": "Klein atelier",
        "regels": "boven het aantal plaatsen",
        "aantal plaatsen": "van 2 naar 3",
    }
    (line,) = basket_of(clerk, family).lines
    assert (line.overridden, line.override_reason) == (["full"], WHY)


def test_a_parent_never_goes_beyond_whatever_is_sent(
    family: Family, connected: None, full: Activity
) -> None:
    choice = Choice(full.id, family.tuur.id, reason=WHY)
    (problem,) = refused(lambda: add_to_basket(family.id, [choice], False))
    assert problem.kind == "full"
    young = make_activity("Peuters", max_age=4)
    (problem,) = refused(
        lambda: add_to_basket(family.id, [Choice(young.id, family.tuur.id, reason=WHY)], False)
    )
    assert problem.kind == "too_old"
    assert pool(full) == (2, 2, 0)


def test_a_reason_that_was_not_needed_raises_nothing_and_is_not_kept(
    family: Family, clerk: Account, camp: Activity
) -> None:
    put(clerk, camp, family.tuur, reason=WHY)
    assert pool(camp) == (1, 5, 0)
    (line,) = basket_of(clerk, family).lines
    assert (line.overridden, line.override_reason) == ([], "")
    assert exceptions() == []


def test_what_is_left_goes_to_who_has_no_reason_to_go_beyond(
    family: Family, clerk: Account, connected: None
) -> None:
    activity = make_activity("Klein atelier", capacity=1)
    choices = [Choice(activity.id, family.mira.id, reason=WHY), Choice(activity.id, family.tuur.id)]
    add_to_basket(family.id, choices, False, made_by_id=clerk.id)
    lines = {line.person_id: line.overridden for line in basket_of(clerk, family).lines}
    assert lines == {family.mira.id: ["full"], family.tuur.id: []}
    assert pool(activity) == (2, 2, 1)


def test_a_raise_goes_with_the_line_that_is_taken_out(
    family: Family, clerk: Account, full: Activity
) -> None:
    put(clerk, full, family.tuur, reason=WHY)
    (line,) = basket_of(clerk, family).lines
    assert remove_line(family.id, line.id, made_by_id=clerk.id)
    assert pool(full) == (2, 2, 0)


def test_a_raise_goes_when_the_hold_lapses_and_comes_back_with_the_same_reason(
    family: Family, clerk: Account, full: Activity
) -> None:
    put(clerk, full, family.tuur, reason=WHY)
    with write_transaction() as session:
        session.execute(
            update(Basket)
            .where(Basket.made_by_id == clerk.id)
            .values(held_until=now() - timedelta(minutes=1))
        )
    release_lapsed_holds()
    assert pool(full) == (2, 2, 0)
    assert hold_again(family.id, made_by_id=clerk.id) == []
    assert pool(full) == (3, 3, 1)
    assert [entry.reason for entry in exceptions()] == [WHY, WHY]
    check_places()


def test_a_line_that_had_its_place_is_not_put_beyond_without_a_reason(
    family: Family, clerk: Account, connected: None
) -> None:
    activity = make_activity("Klein atelier", capacity=1)
    put(clerk, activity, family.tuur)
    lapse_all()
    noor = make_person(make_customer_elsewhere(), "Noor")
    add_to_basket(noor.customer_id, [Choice(activity.id, noor.id)], False)
    (problem,) = hold_again(family.id, made_by_id=clerk.id)
    assert "met een reden" in problem.sentence
    assert pool(activity) == (1, 1, 0)


def test_a_cancelled_registration_beyond_the_places_gives_the_raise_back(
    family: Family, clerk: Account, full: Activity
) -> None:
    put(clerk, full, family.tuur, reason=WHY)
    order = order_of(finish_for(clerk, family))
    (line,) = order.lines
    assert (line.overridden, line.override_reason) == (["full"], WHY)
    assert pool(full) == (3, 3, 1)
    cancel_line(line.line_ref, "ziek", account_id=clerk.id, by_staff=True)
    assert pool(full) == (2, 2, 0)
    check_places()


def test_two_clerks_who_go_beyond_at_the_same_moment_raise_by_one_each(
    family: Family, clerk: Account, full: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    colleague = make_account("kassa2@gemeente.example", ["cashier"])
    others = before(
        monkeypatch,
        basket_module,
        "take_beyond",
        lambda: put(colleague, full, family.mira, reason="Ook afgesproken"),
    )
    put(clerk, full, family.tuur, reason=WHY)
    others[0].end()
    assert pool(full) == (4, 4, 2)
    moves = sorted(entry.detail["aantal plaatsen"] for entry in exceptions())
    assert moves == ["van 2 naar 3", "van 3 naar 4"]
    check_places()


def test_many_clerks_and_parents_at_once_never_break_the_pool(
    family: Family, clerk: Account, connected: None
) -> None:
    activity = make_activity("Klein atelier", capacity=2)
    homes = [make_customer_elsewhere() for _ in range(6)]
    children = [make_person(home, f"Kind {home}") for home in homes]

    def register(place: int) -> None:
        child = children[place]
        choice = Choice(activity.id, child.id, reason=WHY)
        add_to_basket(
            child.customer_id, [choice], False, made_by_id=clerk.id if place % 2 else None
        )

    others = [Other(lambda place=place: register(place)) for place in range(6)]
    for other in others:
        try:
            other.end()
        except BasketRefused:
            assert pool(activity)[0] >= 2
    taken, capacity, raised = pool(activity)
    assert taken == capacity == 2 + raised
    assert raised == len(exceptions())
    check_places()


def test_a_parent_who_takes_the_last_place_meanwhile_is_beyond_nothing(
    family: Family, clerk: Account, connected: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    activity = make_activity("Klein atelier", capacity=1)
    noor = make_person(make_customer_elsewhere(), "Noor")

    def parent() -> None:
        add_to_basket(noor.customer_id, [Choice(activity.id, noor.id)], False)

    parent()  # the clerk's page was shown before this
    problems = refused(lambda: put(clerk, activity, family.tuur))
    assert [problem.kind for problem in problems] == ["full"]
    put(clerk, activity, family.tuur, reason=WHY)
    assert pool(activity) == (2, 2, 1)
    with write_transaction() as session:
        session.execute(
            update(Basket)
            .where(Basket.made_by_id.is_(None))
            .values(held_until=now() - timedelta(minutes=1))
        )
    release_lapsed_holds()
    assert pool(activity) == (1, 1, 0), "the parent let go, and nothing is beyond any more"


def test_a_capacity_below_what_staff_raised_is_refused(
    family: Family, clerk: Account, full: Activity
) -> None:
    put(clerk, full, family.tuur, reason=WHY)
    with pytest.raises(ActivityRefused):
        set_capacity(registration_pool(full).id, 2)
    assert pool(full) == (3, 3, 1)


# Beyond age, period and residence


@pytest.mark.parametrize(
    ("fields", "kind", "words"),
    [
        ({"min_age": 12}, "too_young", "te jong"),
        ({"max_age": 4}, "too_old", "te oud"),
        (
            {"registration_opens_at": days_from_now(2)},
            "not_open_yet",
            "voor de inschrijvingsperiode",
        ),
        ({"registration_closes_at": days_from_now(-2)}, "closed", "na de inschrijvingsperiode"),
    ],
)
def test_a_rule_is_gone_beyond_with_a_reason_that_stays_with_the_registration(
    family: Family, clerk: Account, fields: dict, kind: str, words: str
) -> None:
    activity = make_activity("Klimmen", **fields)
    (problem,) = refused(lambda: put(clerk, activity, family.tuur))
    assert (problem.kind, problem.field) == (kind, "reason")
    assert problem.sentence.endswith("Geef een reden op om Tuur toch in te schrijven.")
    put(clerk, activity, family.tuur, reason=WHY)
    result = finish_for(clerk, family)
    assert result.outcome is FinishOutcome.CONFIRMED
    (line,) = order_of(result).lines
    assert (line.overridden, line.override_reason) == ([kind], WHY)
    (entry,) = exceptions()
    assert entry.detail == {"activiteit": "Klimmen", "regels": words}


def test_several_rules_need_one_reason_and_all_are_written_down(
    family: Family, clerk: Account, full: Activity
) -> None:
    with write_transaction() as session:
        activity = session.get_one(Activity, full.id)
        activity.min_age, activity.registration_closes_at = 12, days_from_now(-1)
    kinds = [problem.kind for problem in refused(lambda: put(clerk, full, family.tuur))]
    assert kinds == ["closed", "too_young"]
    put(clerk, full, family.tuur, reason=WHY)
    (line,) = basket_of(clerk, family).lines
    assert line.overridden == ["closed", "too_young", "full"]


def test_another_problem_than_was_gone_beyond_is_still_refused_at_finishing(
    family: Family, clerk: Account, connected: None
) -> None:
    activity = make_activity("Klimmen", min_age=12, max_age=14)
    put(clerk, activity, family.tuur, reason=WHY)
    with write_transaction() as session:
        session.get_one(Person, family.tuur.id).birth_date = date(1990, 1, 1)
    result = finish_for(clerk, family)
    assert result.outcome is FinishOutcome.RETURNED
    assert [problem.kind for problem in result.problems] == ["too_old"]


@pytest.mark.parametrize("state", ["draft", "cancelled", "postponed"])
def test_no_reason_goes_beyond_an_activity_that_is_not_there(
    family: Family, clerk: Account, state: str
) -> None:
    activity = make_activity("Klimmen", state=ActivityState(state))
    problems = refused(lambda: put(clerk, activity, family.tuur, reason=WHY))
    assert [problem.field for problem in problems] == ["activity"]


def test_a_child_without_a_birth_date_is_registered_with_a_reason(
    family: Family, clerk: Account, connected: None
) -> None:
    fien = make_person(family.customer, "Fien", birth_date=None)
    activity = make_activity("Klimmen", min_age=6)
    assert [p.kind for p in refused(lambda: put(clerk, activity, fien))] == ["no_birth_date"]
    put(clerk, activity, fien, reason="De ouder brengt de geboortedatum mee")
    assert finish_for(clerk, family).outcome is FinishOutcome.CONFIRMED


def test_staff_choose_a_price_category_and_need_no_reason_for_it(
    family: Family, clerk: Account, connected: None
) -> None:
    activity = make_activity(
        "Zwemmen", prices=[("Inwoners", "20.00", ["1000"]), ("Personeel", "5.00", ["1000"])]
    )
    (problem,) = refused(lambda: put(clerk, activity, family.tuur))
    assert (problem.kind, problem.field) == ("residence", "category")
    staff_price = activity.price_categories[1].id
    put(clerk, activity, family.tuur, category_id=staff_price)
    (line,) = basket_of(clerk, family).lines
    assert (line.category_name, str(line.price)) == ("Personeel", "5.00")
    assert (line.overridden, line.override_reason) == (["residence"], "")
    assert finish_for(clerk, family).outcome is FinishOutcome.CONFIRMED
    assert exceptions() == []
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry.detail["prijs gekozen door de medewerker"] == "Tuur Peeters: Personeel"


def test_a_price_that_changed_after_staff_chose_it_stops_finishing(
    family: Family, clerk: Account, connected: None
) -> None:
    activity = make_activity("Zwemmen", prices=[("Inwoners", "20.00", ["1000"])])
    put(clerk, activity, family.tuur, category_id=activity.price_categories[0].id)
    with write_transaction() as session:
        session.get_one(Activity, activity.id).price_categories[0].price += 1
    (problem,) = finish_for(clerk, family).problems
    assert problem.kind == "changed"
    said = problem.sentence.replace("\xa0", " ")
    assert "€ 21,00" in said and "€ 20,00" in said


def test_a_category_of_another_activity_is_refused(
    family: Family, clerk: Account, camp: Activity
) -> None:
    other = make_activity("Zwemmen", prices=[("Gratis", "0.00", ())])
    (problem,) = refused(
        lambda: put(clerk, camp, family.tuur, category_id=other.price_categories[0].id)
    )
    assert (problem.kind, problem.field) == ("category", "category")


def test_a_reason_is_kept_without_the_register_number_that_was_typed_in_it(
    family: Family, clerk: Account, full: Activity
) -> None:
    put(clerk, full, family.tuur, reason="Kind 93051822361 van de opvang")
    (line,) = basket_of(clerk, family).lines
    assert "93051822361" not in line.override_reason
    assert "93051822361" not in exceptions()[0].reason
