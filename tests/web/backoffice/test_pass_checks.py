"""The page on which staff ask UiTPAS about a selection, and see how far it is."""

import pytest
from markupsafe import escape
from sqlalchemy import select

from app.extensions import db, write_transaction
from app.jobs import run_job
from app.people.models import PassCheckRun
from app.settings.models import Environment, EnvironmentSettings
from app.settings.uit import uit_settings_for_update
from tests.making import make_customer, make_person
from tests.web.backoffice.staff_client import post, signed_in, words

JADE, BLOCKED, WITH_MESSAGE = "0900010959113", "0900000002312", "0910000000711"


@pytest.fixture(autouse=True)
def _connected(app):
    with write_transaction() as session:
        uit_settings_for_update().active_environment = Environment.SANDBOX
        session.add(
            EnvironmentSettings(
                environment=Environment.SANDBOX, client_id="demo", client_secret="demo"
            )
        )


@pytest.fixture
def cashier(app):
    return signed_in(app, "cashier")


def test_a_selection_is_asked_on_the_queue_and_each_result_is_shown(cashier):
    family = make_customer()
    ids = [
        make_person(family, "Jade", uitpas_number=JADE).id,
        make_person(family, "Mohamed", uitpas_number=BLOCKED).id,
        make_person(family, "Bilal", uitpas_number=WITH_MESSAGE).id,
    ]
    overview = words(cashier.get("/beheer/gezinsleden"))
    assert all(f'name="id" value="{person_id}"' in overview for person_id in ids)
    answer = post(cashier, "/beheer/gezinsleden/nakijken", {"id": ids})
    run_id = db.session.scalar(select(PassCheckRun.id))
    assert answer.location == f"/beheer/gezinsleden/nakijken/{run_id}"
    waiting = words(cashier.get(answer.location))
    assert "0 van 3 klaar." in waiting and 'hx-trigger="every 2s"' in waiting
    assert "Kijk hoever het staat" in waiting and "Hanne Lindewater" in waiting
    assert run_job("pass-checks")
    done = words(cashier.get(answer.location, headers={"HX-Request": "true"}))
    assert "<h1" not in done and "hx-trigger" not in done
    assert "3 van 3 klaar. 1 niet gelukt." in done
    assert "Kansentarief actief" in done
    assert "Deze UiTPAS is geblokkeerd. Neem contact op met je UiTPAS-balie." in done
    assert "Waarschuwing van UiTPAS" in done and "loopt binnenkort af" in done
    again = post(cashier, f"{answer.location}/opnieuw")
    assert again.location == answer.location
    assert "2 van 3 klaar." in words(cashier.get(answer.location))


def test_a_selection_of_nobody_says_what_to_do(cashier):
    person = make_person(make_customer(), "Zonder")
    for sent in ({}, {"id": [person.id]}, {"id": ["onzin", "²", "9" * 30]}):
        answer = post(cashier, "/beheer/gezinsleden/nakijken", sent, follow_redirects=True)
        assert "Duid minstens één persoon met een UiTPAS-nummer aan." in words(answer)


def test_a_selection_that_is_refused_leaves_the_filters_and_the_page_as_they_were(cashier):
    family = make_customer()
    for _ in range(51):
        make_person(family, "Zonder")
    shown = words(cashier.get("/beheer/gezinsleden?zoeken=Zonder&uitpas=zonder&pagina=2"))
    query = "?pagina=2&zoeken=Zonder&uitpas=zonder"
    assert f'action="/beheer/gezinsleden/nakijken{escape(query)}"' in shown
    answer = post(cashier, f"/beheer/gezinsleden/nakijken{query}", {})
    assert answer.location == f"/beheer/gezinsleden{query}"


def test_a_run_that_is_not_there_is_not_found(cashier):
    assert cashier.get("/beheer/gezinsleden/nakijken/9").status_code == 404
    assert post(cashier, "/beheer/gezinsleden/nakijken/9/opnieuw").status_code == 404


def test_without_the_module_nothing_is_asked(cashier):
    person = make_person(make_customer(), uitpas_number=JADE)
    with write_transaction():
        uit_settings_for_update().uitpas_on = False
    sent = post(cashier, "/beheer/gezinsleden/nakijken", {"id": [person.id]})
    assert sent.status_code == 404
    overview = words(cashier.get("/beheer/gezinsleden"))
    assert "Kijk na bij UiTPAS" not in overview and "UiTPAS-nummer</th>" not in overview
