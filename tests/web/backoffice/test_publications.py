"""The tab 'gerelateerd' and the pages of runs, through requests (D8)."""

import re
from datetime import date, time

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.activities.formula import Formula, written_formula
from app.activities.models import Activity, Series
from app.extensions import db, write_transaction
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.models import PublicationItem, PublicationRun
from app.uitdatabank.runs import start_run
from app.uitdatabank.sweeping import publish_due_items
from tests.making import days_from_now, make_type
from tests.queries import count_queries
from tests.uitdatabank.support import connect, fault, ready_activity
from tests.web.backoffice.staff_client import post, signed_in, words
from tests.web.reading import text


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    connect()
    return signed_in(app, "admin")


def make_series(count: int, title: str = "Kleuterturnen") -> list[int]:
    """Activities of one series, a week apart; the ids, the first one first."""
    kind = make_type()
    with write_transaction() as session:
        series = Series(title=title)
        session.add(series)
        session.flush()
        series_id = series.id
    return [
        ready_activity(
            title,
            activity_type=kind,
            series_id=series_id,
            dates=[(days_from_now(7 * week, 14), days_from_now(7 * week, 16))],
            capacity=16,
            taken=week % 16,
        ).id
        for week in range(1, count + 1)
    ]


def tab(activity_id: int) -> str:
    return f"/beheer/activiteiten/{activity_id}/gerelateerd"


def test_the_tab_shows_the_others_of_the_series_and_says_which_is_not_there(app, admin):
    first, *others = make_series(4)
    page = admin.get(tab(first))
    assert page.status_code == 200
    assert re.findall(r'name="id" value="(\d+)"', words(page)) == [str(i) for i in others]
    assert "staat niet in deze lijst" in text(page)
    assert "Niet gepubliceerd" in text(page) and "2 / 16" in text(page)
    assert "Gerelateerd (3)" in re.sub(
        r"<[^>]+>", "", text(admin.get(f"/beheer/activiteiten/{first}"))
    )


def test_the_tab_says_by_which_formula_the_series_was_made(app, admin):
    first, *_others = make_series(2)
    formula = Formula((2,), time(14), time(16), date(2027, 1, 6), date(2027, 3, 24))
    with write_transaction() as session:
        session.scalars(select(Series)).one().formula = written_formula(formula)
    words = admin.get(tab(first)).get_data(as_text=True)
    assert "Elke woensdag van 6 januari tot 24 maart 2027" in words


def test_only_activities_of_a_series_have_the_tab(app, admin):
    alone = ready_activity("Los kamp").id
    assert "Gerelateerd" not in text(admin.get(f"/beheer/activiteiten/{alone}"))
    assert admin.get(tab(alone)).status_code == 404
    assert admin.get(tab(987654)).status_code == 404


def test_all_can_be_selected_without_script(app, admin):
    first, *_others = make_series(4)
    assert words(admin.get(tab(first))).count(" checked") == 0
    page = admin.get(tab(first) + "?alles=1")
    assert words(page).count(" checked") == 3
    assert "3 geselecteerd" in text(page)


def test_a_selection_is_published_with_progress_and_a_result_for_each(app, admin, sandbox_url):
    first, *others = make_series(4)
    answer = post(
        admin, "/beheer/publicaties", {"id": others, "activiteit": first, "titel": "Kleuterturnen"}
    )
    assert answer.location == tab(first)
    page = text(admin.get(tab(first)))
    assert "0 van 3 klaar." in page and page.count("Wacht op zijn beurt") == 3
    assert "Je mag deze pagina sluiten" in page and "every 2s" in page and "Vernieuwen" in page
    fault(sandbox_url, "POST /events", "geweigerd", problem="auth/forbidden")
    publish_due_items()
    page = text(admin.get(tab(first)))
    assert "3 van 3 klaar." in page and "2 gepubliceerd, 1 mislukt." in page
    assert "every 2s" not in page
    assert page.count("Gepubliceerd om") == 2 and "Mislukt." in page
    assert "Bekijk de oproep" in page and "Probeer opnieuw" in page
    assert "1 mislukt" in text(admin.get("/beheer/publicaties"))
    assert "Niet alles van ‘Kleuterturnen’ is gepubliceerd" in text(admin.get("/beheer/"))


def test_the_activity_of_the_tab_itself_goes_along_where_that_is_ticked(app, admin):
    first, *others = make_series(3)
    assert f'name="ook" value="{first}"' in words(admin.get(tab(first)))
    post(admin, "/beheer/publicaties", {"id": others, "ook": first, "activiteit": first})
    assert "0 van 3 klaar." in text(admin.get(tab(first)))
    publish_due_items()
    assert "Ze is gepubliceerd op" in text(admin.get(tab(first)))
    form = post(admin, "/beheer/activiteiten/aanpassen", {"id": others[:1], "ook": first})
    assert "2 activiteiten aanpassen" in text(form)


def test_one_row_is_tried_again_where_it_failed(app, admin, sandbox_url):
    first, *others = make_series(3)
    fault(sandbox_url, "POST /events", "geweigerd", problem="auth/forbidden")
    post(admin, "/beheer/publicaties", {"id": others, "activiteit": first})
    publish_due_items()
    action, row = re.search(
        r'name="rij" value="(\d+)" formaction="([^"]+)"', words(admin.get(tab(first)))
    ).group(2, 1)
    assert post(admin, action, {"rij": row, "activiteit": first}).location == tab(first)
    publish_due_items()
    assert "2 gepubliceerd." in text(admin.get(tab(first)))
    assert "Niet alles" not in text(admin.get("/beheer/"))


def test_the_panel_alone_is_fetched_with_the_results_that_changed(app, admin):
    first, *others = make_series(3)
    post(admin, "/beheer/publicaties", {"id": others, "activiteit": first})
    htmx = {"HX-Request": "true"}
    waiting = text(admin.get(tab(first) + "?klaar=0&mislukt=0", headers=htmx))
    assert "<html" not in waiting and 'id="voortgang"' in waiting
    assert "resultaat-" not in waiting and "vl-status" not in waiting
    publish_due_items()
    done = text(admin.get(tab(first) + "?klaar=0&mislukt=0", headers=htmx))
    assert done.count('hx-swap-oob="true"') == 4, "result and status of two activities"
    assert 'id="vl-status" hx-swap-oob="innerHTML">2 van 2 klaar. 2 gepubliceerd.' in done
    assert "every 2s" not in done


def test_a_run_has_a_page_of_its_own_and_can_be_stopped(app, admin):
    first, *others = make_series(4)
    post(admin, "/beheer/publicaties", {"id": others, "titel": "Kleuterturnen"})
    run_id = db.session.scalars(select(PublicationRun.id)).one()
    page = text(admin.get(f"/beheer/publicaties/{run_id}"))
    assert "Stoppen na deze activiteit" in page and "Kleuterturnen" in page
    assert "We publiceren ‘Kleuterturnen’" in text(admin.get("/beheer/"))
    post(admin, f"/beheer/publicaties/{run_id}/stoppen")
    publish_due_items()
    page = text(admin.get(f"/beheer/publicaties/{run_id}"))
    assert "3 gestopt." in page and "Toch publiceren" in page
    post(admin, f"/beheer/publicaties/{run_id}/opnieuw")
    publish_due_items()
    assert "3 gepubliceerd." in text(admin.get(f"/beheer/publicaties/{run_id}"))


def test_what_a_colleague_already_asked_is_told(app, admin):
    first, *others = make_series(3)
    post(admin, "/beheer/publicaties", {"id": others[:1], "activiteit": first})
    post(admin, "/beheer/publicaties", {"id": others, "activiteit": first})
    page = text(admin.get(tab(first)))
    assert "Kleuterturnen: staat al in de wachtrij van Hanne Lindewater om" in page
    assert "1 stond al in een andere wachtrij." in page
    assert len(db.session.scalars(select(PublicationItem)).all()) == 3


@pytest.mark.parametrize("ids", [[], ["x"], ["²"], ["-1"], ["99999999999999"]])
def test_nothing_selected_is_said(app, admin, ids):
    first, *_others = make_series(2)
    answer = post(
        admin, "/beheer/publicaties", {"id": ids, "activiteit": first}, follow_redirects=True
    )
    assert "Duid eerst aan welke activiteiten je wil publiceren." in text(answer)


def test_four_hundred_activities_cost_no_more_queries(app, admin):
    first, *few = make_series(3)
    big, *many = make_series(40, "Zwemmen")
    start_run(few, "Turnen")
    start_run(many, "Zwemmen")
    admin.get(tab(first))
    with count_queries() as for_few:
        admin.get(tab(first))
    with count_queries() as for_many:
        admin.get(tab(big))
    assert len(for_many) == len(for_few)
    run_id = db.session.scalars(select(PublicationRun.id).order_by(PublicationRun.id)).all()[-1]
    with count_queries() as for_run:
        admin.get(f"/beheer/publicaties/{run_id}")
    assert len(for_run) < 20


def test_with_the_module_off_there_is_nothing_to_publish(app, admin):
    first, *others = make_series(3)
    with write_transaction():
        settings = uit_settings_for_update()
        settings.uitdatabank_on = settings.uitpas_on = False
    page = text(admin.get(tab(first)))
    assert "Publiceren in UiTdatabank" not in page and "Instellingen aanpassen" in page
    assert admin.get("/beheer/publicaties").status_code == 404
    assert post(admin, "/beheer/publicaties", {"id": others}).status_code == 404
    assert "Publicaties" not in text(admin.get("/beheer/"))


def test_the_overview_of_activities_publishes_a_selection_too(app, admin):
    ids = [ready_activity(f"Kamp {number}").id for number in range(2)]
    overview = words(admin.get("/beheer/activiteiten"))
    assert re.findall(r'name="id" value="(\d+)"', overview) == [str(i) for i in ids]
    answer = post(admin, "/beheer/publicaties", {"id": ids})
    run_id = db.session.scalars(select(PublicationRun.id)).one()
    assert answer.location == f"/beheer/publicaties/{run_id}"
    publish_due_items()
    assert {one.uit_status.value for one in db.session.scalars(select(Activity))} == {"published"}


def test_a_cashier_selects_nothing(app):
    ready_activity()
    cashier = signed_in(app, "cashier")
    assert 'name="id"' not in words(cashier.get("/beheer/activiteiten"))
