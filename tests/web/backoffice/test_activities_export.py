"""The overview of activities as a spreadsheet (D11)."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.activities.models import ActivityState
from app.clock import today
from app.extensions import write_transaction
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.publishing import publish
from tests.making import days_from_now, make_activity, make_type
from tests.queries import count_queries
from tests.spreadsheets import lines_of, texts_of
from tests.uitdatabank.support import connect, ready_activity
from tests.web.backoffice.staff_client import signed_in
from tests.web.reading import text

CSV, XLSX = "/beheer/activiteiten/export.csv", "/beheer/activiteiten/export.xlsx"


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    connect()
    return signed_in(app, "admin")


@pytest.fixture
def three(admin: FlaskClient) -> None:
    camp = make_type("Kamp")
    for title, days in (("Zwemkamp", 5), ("=HYPERLINK(1)", 20), ("Vorig jaar", -300)):
        make_activity(
            title,
            activity_type=camp,
            dates=[(days_from_now(days), days_from_now(days, 16))],
            taken=4,
            prices=(("Basis", "60.00", ()), ("Inwoners", "45.50", ("9995",))),
        )


@pytest.mark.usefixtures("three")
def test_it_holds_exactly_what_the_overview_is_filtered_on(admin: FlaskClient) -> None:
    assert [row[0] for row in lines_of(admin.get(CSV))[1:]] == ["Zwemkamp", "'=HYPERLINK(1)"]
    assert [row[0] for row in lines_of(admin.get(f"{CSV}?van="))[1:]][0] == "Vorig jaar"
    assert [row[0] for row in lines_of(admin.get(f"{CSV}?zoeken=zwem"))[1:]] == ["Zwemkamp"]
    day = (today() + timedelta(days=20)).isoformat()
    assert len(lines_of(admin.get(f"{CSV}?van={day}&sorteer=-titel"))) == 2
    assert len(lines_of(admin.get(f"{CSV}?pagina=7"))) == 3, "all pages, whatever page was shown"
    assert [row[0] for row in lines_of(admin.get(f"{CSV}?sorteer=-titel"))[1:]][0] == "Zwemkamp"


@pytest.mark.usefixtures("three")
def test_a_row_says_all_that_a_clerk_needs(admin: FlaskClient) -> None:
    titles, row, *_ = lines_of(admin.get(CSV))
    said = dict(zip(titles, row, strict=True))
    assert said["Activiteittype"] == "Kamp"
    assert (said["Plaatsen"], said["Bezet"], said["Vrij"]) == ("20", "4", "16")
    assert (said["Laagste prijs"], said["Prijzen"]) == ("45,50", "Basis: 60,00; Inwoners: 45,50")
    assert said["Begint"].endswith("09:00") and "9 tot 16 uur" in said["Data"]
    assert said["Status UiTdatabank"] == "Onvolledige data"
    assert "een omschrijving" in said["Ontbreekt"] and "een locatie" in said["Ontbreekt"]
    assert texts_of(admin.get(XLSX))[1][:2] == ["Zwemkamp", "Kamp"]


def test_a_published_activity_carries_its_event_and_moment(admin: FlaskClient) -> None:
    activity = ready_activity()
    event_id = publish(activity.id).event_id
    titles, row = lines_of(admin.get(CSV))
    said = dict(zip(titles, row, strict=True))
    assert said["Event-id"] == event_id
    assert said["Status UiTdatabank"] == "Gepubliceerd"
    assert said["Gepubliceerd op"] and said["Locatie"] == "Speelplein De Boomhut"


def test_an_activity_without_dates_prices_or_pools_is_no_trouble(admin: FlaskClient) -> None:
    made = make_activity("Later", state=ActivityState.DRAFT)
    with write_transaction():
        made.dates, made.price_categories, made.pools = [], [], []
        made.first_start = made.last_end = None
    _titles, row = lines_of(admin.get(CSV))
    assert row[0] == "Later"
    assert texts_of(admin.get(XLSX))[1][0] == "Later"


@pytest.mark.usefixtures("three")
def test_with_uitdatabank_off_its_columns_vanish(admin: FlaskClient) -> None:
    with write_transaction():
        settings = uit_settings_for_update()
        settings.uitdatabank_on = settings.uitpas_on = settings.coupons_on = False
    titles, *_ = lines_of(admin.get(CSV))
    assert titles[-1] == "Prijzen"


@pytest.mark.usefixtures("three")
def test_the_overview_links_to_both_files_with_its_own_filters(admin: FlaskClient) -> None:
    page = text(admin.get("/beheer/activiteiten?zoeken=zwem&sorteer=titel"))
    for ending in ("xlsx", "csv"):
        assert f'href="/beheer/activiteiten/export.{ending}?zoeken=zwem&sorteer=titel"' in page
    assert admin.get("/beheer/activiteiten/export.pdf").status_code == 404


@pytest.mark.parametrize("role", ["cashier", "monitor"])
def test_only_admins_export(app: Flask, role: str) -> None:
    browser = signed_in(app, role)
    assert browser.get(CSV).status_code == 403
    assert "export.csv" not in text(browser.get("/beheer/activiteiten"))


def test_more_activities_cost_no_more_queries(admin: FlaskClient) -> None:
    kind = make_type()

    def queries() -> int:
        with count_queries() as sent:
            assert admin.get(CSV).status_code == 200
        return len(sent)

    make_activity("A", activity_type=kind)
    few = queries()
    for number in range(20):
        make_activity(f"B{number}", activity_type=kind)
    assert queries() == few
