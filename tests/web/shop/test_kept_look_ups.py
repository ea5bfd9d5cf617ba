"""A look-up by register number is done once for each child; what it gave is said again (R2)."""

import pytest
from flask.testing import FlaskClient
from limits import parse
from sqlalchemy import select

from app.activities.models import Activity
from app.extensions import db, limiter, write_transaction
from app.people.models import Person
from app.sales.look_ups import forget_look_ups
from app.settings.models import Environment, PubliqCall
from app.settings.uit import uit_settings_for_update
from app.web import throttling
from tests.making import allow_insz, make_activity, make_person
from tests.sales.conftest import ONCE_A_WEEK, SOCIAL, Family, Publiq, publish_as
from tests.signing_in import post
from tests.web.reading import error_at
from tests.web.shop.steps import choose, lines, text_of

STEP_TWO = "/mandje/voordelen"
CARDS = {
    "Bo": ("16051411460", "0910000000117"),
    "Kit": ("18090205564", "0910000000216"),
    "Pol": ("15113007627", "0910000000406"),
    "Sam": ("17070803167", "0910000000505"),
}
"""By nickname: the register number of a child that UiTPAS knows by another name, and its card."""
UNKNOWN_INSZ, BLOCKED_INSZ = "85073003328", "71030360442"
NOT_A_PASS = "0900000000000"
OTHER_NAME = "Bij dit rijksregisternummer staat een andere voornaam"
TOO_OFTEN = "Je zocht het voorbije uur al vaak een nummer op"


@pytest.fixture(autouse=True)
def _register_numbers_may_be_used(app: object) -> None:
    limiter.reset()
    allow_insz()


def with_nickname(family: Family, name: str) -> Person:
    return make_person(family.customer, name, insz=CARDS[name][0])


def line_of(name: str) -> int:
    return next(line.id for line in lines() if line.person.first_name == name)


def type_number(browser: FlaskClient, name: str, number: str):
    line_id = line_of(name)
    return post(browser, f"{STEP_TWO}/{line_id}/nummer", {f"nummer-{line_id}": number})


def look_ups() -> int:
    query = select(PubliqCall.id).where(PubliqCall.operation == "get-passes")
    return len(db.session.scalars(query).all())


def publiq_event() -> Activity:
    return publish_as(make_activity("Circus"), ONCE_A_WEEK)


def change(person: Person, **fields: object) -> None:
    with write_transaction() as session:
        kept = session.get_one(Person, person.id)
        for name, value in fields.items():
            setattr(kept, name, value)


def test_the_numbers_of_four_children_with_a_nickname_are_all_accepted(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, *(with_nickname(family, name) for name in CARDS), uitpas="ja")
    assert text_of(parent.get(STEP_TWO)).count(OTHER_NAME) == 4
    for left, (name, (_insz, number)) in enumerate(CARDS.items()):
        answer = type_number(parent, name, number)
        assert answer.status_code == 303, name
        assert text_of(parent.get(answer.location)).count(OTHER_NAME) == 3 - left
    assert [line.uitpas_number for line in lines()] == [number for _insz, number in CARDS.values()]


def test_what_we_said_of_a_child_is_said_again_without_asking(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, with_nickname(family, "Bo"), uitpas="ja")
    for _ in range(3):
        shown = text_of(parent.get(STEP_TWO))
    assert OTHER_NAME in shown
    assert look_ups() == 1


@pytest.mark.parametrize(
    ("insz", "words", "ours"),
    [
        (
            UNKNOWN_INSZ,
            "We vinden geen UiTPAS met dit nummer. Kijk het nummer na en probeer opnieuw.",
            "UiTPAS kent geen kaart bij dit rijksregisternummer.",
        ),
        (
            BLOCKED_INSZ,
            "Deze UiTPAS is geblokkeerd. Neem contact op met je UiTPAS-balie.",
            "Er is een kaart, maar die kan nu niet gebruikt worden.",
        ),
    ],
)
def test_what_publiq_said_of_a_child_is_said_in_its_own_words_each_time(
    parent: FlaskClient, family: Family, camp: Activity, insz: str, words: str, ours: str
) -> None:
    choose(parent, camp, make_person(family.customer, "Bo", insz=insz), family.tuur, uitpas="ja")
    for times in range(1, 4):
        shown = text_of(parent.get(STEP_TWO))
        assert words in shown
        assert ours not in shown
        assert look_ups() == times
    assert words in text_of(type_number(parent, "Tuur", "123")), "also beside another's error"
    assert "balie" not in str(lines()[0].look_up_outcome), "what it said is kept nowhere"


def test_asking_again_for_the_words_leaves_look_ups_for_typed_numbers(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    """And it counts: whatever a page asks, it is never more than ten in an hour."""
    children = {"Bo": UNKNOWN_INSZ, "Kit": BLOCKED_INSZ}
    persons = [make_person(family.customer, name, insz=insz) for name, insz in children.items()]
    choose(parent, camp, *persons, uitpas="ja")
    for _ in range(8):
        shown = text_of(parent.get(STEP_TWO))
    assert look_ups() == 5
    assert "Er is een kaart, maar die kan nu niet gebruikt worden." in shown
    assert TOO_OFTEN not in shown
    for _ in range(4):
        assert type_number(parent, "Bo", NOT_A_PASS).status_code == 422
    assert type_number(parent, "Bo", SOCIAL).status_code == 303


def test_once_the_words_were_asked_too_often_ours_are_said(
    parent: FlaskClient,
    family: Family,
    camp: Activity,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    choose(parent, camp, make_person(family.customer, "Bo", insz=UNKNOWN_INSZ), uitpas="ja")
    monkeypatch.setattr(throttling, "PASS_LOOK_UP", parse("7 per hour"))
    for _ in range(3):
        shown = text_of(parent.get(STEP_TWO))
    assert "UiTPAS kent geen kaart bij dit rijksregisternummer." in shown
    assert TOO_OFTEN not in shown
    assert look_ups() == 2


def test_while_uitpas_is_silent_what_it_said_is_said_in_our_words_and_asked_again_later(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    choose(parent, camp, make_person(family.customer, "Bo", insz=UNKNOWN_INSZ), uitpas="ja")
    parent.get(STEP_TWO)
    publiq.fault("GET /passes", "fout-500", count=None)
    assert "UiTPAS kent geen kaart bij dit" in text_of(parent.get(STEP_TWO))
    publiq.heal()
    assert "We vinden geen UiTPAS met dit nummer." in text_of(parent.get(STEP_TWO))


def test_the_words_are_asked_again_for_every_line_of_the_child(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    child = make_person(family.customer, "Bo", insz=UNKNOWN_INSZ)
    choose(parent, camp, child, uitpas="ja")
    parent.get(STEP_TWO)
    choose(parent, publiq_event(), child, uitpas="ja")
    assert text_of(parent.get(STEP_TWO)).count("We vinden geen UiTPAS met dit nummer.") == 2
    post(parent, f"/mandje/{lines()[0].id}/weghalen")
    assert "We vinden geen UiTPAS met dit nummer." in text_of(parent.get(STEP_TWO))


def test_a_right_that_came_meanwhile_is_used_at_the_next_visit(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    choose(parent, camp, make_person(family.customer, "Emma", insz=CARDS["Bo"][0]), uitpas="ja")
    publiq.fault("GET /passes", "geweigerd", problem="auth/forbidden", count=None)
    for _ in range(2):
        shown = text_of(parent.get(STEP_TWO))
    assert "We kunnen bij UiTPAS nu geen nummers opzoeken." in shown
    publiq.heal()
    shown = text_of(parent.get(STEP_TWO))
    assert "Gevonden: dit is het UiTPAS-nummer van Emma." in shown
    assert lines()[0].uitpas_number == CARDS["Bo"][1]


def test_a_wrong_number_for_another_child_leaves_what_was_said_of_this_one(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, with_nickname(family, "Bo"), family.tuur, uitpas="ja")
    assert OTHER_NAME in text_of(parent.get(STEP_TWO))
    answer = type_number(parent, "Tuur", NOT_A_PASS)
    assert answer.status_code == 422
    assert error_at(answer, f"nummer-{line_of('Tuur')}")
    assert OTHER_NAME in text_of(answer) and TOO_OFTEN not in text_of(answer)


def test_a_refused_benefit_of_another_child_leaves_what_was_said_of_this_one(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, with_nickname(family, "Bo"), family.mira, uitpas="ja")
    assert OTHER_NAME in text_of(parent.get(STEP_TWO))
    answer = post(parent, STEP_TWO, {f"voordeel-{line_of('Mira')}": "verzonnen"})
    assert answer.status_code == 422
    assert OTHER_NAME in text_of(answer) and TOO_OFTEN not in text_of(answer)


def test_that_uitpas_gave_no_answer_stays_said_beside_an_error_of_another_child(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    choose(parent, camp, with_nickname(family, "Bo"), family.tuur, uitpas="ja")
    publiq.fault("GET /passes", "fout-500", count=None)
    parent.get(STEP_TWO)
    before = look_ups()
    publiq.heal()
    answer = type_number(parent, "Tuur", "123")
    assert "UiTPAS antwoordt nu niet." in text_of(answer) and TOO_OFTEN not in text_of(answer)
    assert look_ups() == before


def test_where_nothing_was_asked_nothing_is_said(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, with_nickname(family, "Bo"), family.tuur, uitpas="ja")
    answer = type_number(parent, "Tuur", "123")
    assert answer.status_code == 422
    assert TOO_OFTEN not in text_of(answer) and OTHER_NAME not in text_of(answer)
    assert look_ups() == 0


def test_a_parent_who_did_look_up_often_still_hears_it(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, family.tuur, with_nickname(family, "Bo"), uitpas="ja")
    for _ in range(10):
        type_number(parent, "Tuur", NOT_A_PASS)
    assert TOO_OFTEN in text_of(parent.get(STEP_TWO))
    assert TOO_OFTEN in text_of(type_number(parent, "Tuur", "123"))
    limiter.reset()
    assert OTHER_NAME in text_of(parent.get(STEP_TWO))


@pytest.mark.parametrize(
    "fields", [{"first_name": "Emma"}, {"insz": "14021714075", "first_name": "Yasmina"}]
)
def test_another_first_name_or_register_number_is_asked_again(
    parent: FlaskClient, family: Family, camp: Activity, fields: dict[str, str]
) -> None:
    child = with_nickname(family, "Bo")
    choose(parent, camp, child, uitpas="ja")
    assert OTHER_NAME in text_of(parent.get(STEP_TWO))
    change(child, **fields)
    shown = text_of(parent.get(STEP_TWO))
    assert f"Gevonden: dit is het UiTPAS-nummer van {fields['first_name']}." in shown
    assert OTHER_NAME not in shown
    assert (lines()[0].look_up_outcome, lines()[0].look_up_of) == (None, None)


def test_what_was_said_of_another_first_name_is_not_said_of_the_new_one(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    child = with_nickname(family, "Bo")
    choose(parent, camp, child, family.tuur, uitpas="ja")
    parent.get(STEP_TWO)
    change(child, first_name="Emma")
    assert OTHER_NAME not in text_of(type_number(parent, "Tuur", "123"))


def test_a_look_up_without_answer_is_done_again_and_then_kept(
    parent: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    choose(parent, camp, with_nickname(family, "Bo"), uitpas="ja")
    publiq.fault("GET /passes", "fout-500", count=None)
    assert "UiTPAS antwoordt nu niet." in text_of(parent.get(STEP_TWO))
    publiq.heal()
    before = look_ups()
    for _ in range(3):
        assert OTHER_NAME in text_of(parent.get(STEP_TWO))
    assert look_ups() == before + 1


def test_the_same_child_in_another_activity_is_not_asked_again(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    child = with_nickname(family, "Bo")
    choose(parent, camp, child, uitpas="ja")
    parent.get(STEP_TWO)
    choose(parent, publish_as(make_activity("Circus"), ONCE_A_WEEK), child, uitpas="ja")
    assert text_of(parent.get(STEP_TWO)).count(OTHER_NAME) == 2
    post(parent, f"/mandje/{lines()[0].id}/weghalen")
    assert OTHER_NAME in text_of(parent.get(STEP_TWO))
    assert look_ups() == 1


def test_another_environment_of_uitpas_is_asked_for_itself(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, with_nickname(family, "Bo"), family.tuur, uitpas="ja")
    parent.get(STEP_TWO)
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.TEST
    parent.get(STEP_TWO)
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.SANDBOX
    assert OTHER_NAME not in text_of(type_number(parent, "Tuur", "123"))


def test_once_register_numbers_may_not_be_used_nothing_is_said_of_them(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, with_nickname(family, "Bo"), uitpas="ja")
    parent.get(STEP_TWO)
    allow_insz("")
    assert "rijksregisternummer" not in text_of(parent.get(STEP_TWO))


def test_a_number_that_is_used_leaves_nothing_of_the_look_up(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    choose(parent, camp, with_nickname(family, "Bo"), uitpas="ja")
    parent.get(STEP_TWO)
    (line,) = lines()
    assert line.look_up_outcome == "name_differs"
    assert len(line.look_up_of) == 64 and CARDS["Bo"][0] not in line.look_up_of
    type_number(parent, "Bo", SOCIAL)
    db.session.expire_all()
    assert (line.look_up_outcome, line.look_up_of) == (None, None)


def test_what_was_looked_up_is_forgotten_with_the_register_number(
    parent: FlaskClient, family: Family, camp: Activity
) -> None:
    gone, stays = with_nickname(family, "Bo"), with_nickname(family, "Kit")
    choose(parent, camp, gone, stays, uitpas="ja")
    parent.get(STEP_TWO)
    change(gone, insz=None)
    assert forget_look_ups() == 1
    db.session.expire_all()
    assert [line.look_up_outcome for line in lines()] == [None, "name_differs"]
