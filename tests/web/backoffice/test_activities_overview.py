"""The overview of activities, through requests: filters, counts, HTMX, number of queries (D11)."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.activities.models import Module, UitStatus
from app.clock import today
from tests.making import days_from_now, make_activity, make_type
from tests.queries import count_queries
from tests.signing_in import make_account, sign_in
from tests.web.reading import text


@pytest.fixture
def admin(app: Flask, client: FlaskClient) -> FlaskClient:
    make_account("beheer@gemeente.example", ["admin"])
    sign_in(client, "beheer@gemeente.example")
    return client


class TestOverview:
    @pytest.fixture
    def three(self, app: Flask) -> None:
        camp, show = make_type("Kamp"), make_type("Voorstelling", module=Module.TICKETING)
        for title, kind, days, status in (
            ("Zwemkamp", camp, 5, UitStatus.PUBLISHED),
            ("Atelier", camp, 20, UitStatus.CHANGED),
            ("Concert", show, 10, UitStatus.INCOMPLETE),
            ("Vorig jaar", camp, -300, UitStatus.NOT_APPLICABLE),
        ):
            make_activity(
                title,
                activity_type=kind,
                dates=[(days_from_now(days), days_from_now(days, 16))],
                uit_status=status,
                taken=4,
            )

    def titles(self, answer: TestResponse) -> list[str]:
        assert answer.status_code == 200
        return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', answer.get_data(as_text=True))

    @pytest.mark.usefixtures("three")
    def test_it_starts_today_and_an_empty_day_shows_all(self, admin: FlaskClient) -> None:
        assert self.titles(admin.get("/beheer/activiteiten")) == ["Zwemkamp", "Concert", "Atelier"]
        assert self.titles(admin.get("/beheer/activiteiten?van="))[0] == "Vorig jaar"

    @pytest.mark.usefixtures("three")
    def test_filters_stand_in_the_address(self, admin: FlaskClient) -> None:
        day = (today() + timedelta(days=10)).isoformat()
        assert self.titles(admin.get(f"/beheer/activiteiten?van={day}&tot={day}")) == ["Concert"]
        assert self.titles(admin.get("/beheer/activiteiten?module=ticketing")) == ["Concert"]
        assert self.titles(admin.get("/beheer/activiteiten?zoeken=zwem")) == ["Zwemkamp"]
        assert self.titles(admin.get("/beheer/activiteiten?sorteer=-titel"))[0] == "Zwemkamp"

    @pytest.mark.usefixtures("three")
    def test_published_includes_changed_and_changed_stands_apart(self, admin: FlaskClient) -> None:
        published = admin.get("/beheer/activiteiten?uit=gepubliceerd")
        assert self.titles(published) == ["Zwemkamp", "Atelier"]
        assert self.titles(admin.get("/beheer/activiteiten?uit=gewijzigd")) == ["Atelier"]
        assert re.search(r"Gepubliceerd</span> <b>2</b>", text(published))

    @pytest.mark.usefixtures("three")
    def test_places_taken_and_left_are_shown(self, admin: FlaskClient) -> None:
        answer = text(admin.get("/beheer/activiteiten?zoeken=zwemkamp"))
        assert "4 / 20" in answer
        assert re.search(r'is-num">16</td>', answer)

    @pytest.mark.usefixtures("three")
    def test_htmx_gets_the_list_alone(self, admin: FlaskClient) -> None:
        answer = admin.get("/beheer/activiteiten?zoeken=zwem", headers={"HX-Request": "true"})
        assert "<html" not in text(answer)
        assert "1 activiteit gevonden" in text(answer)

    @pytest.mark.usefixtures("three")
    @pytest.mark.parametrize(
        "query", ["van=gisteren", "type=x", "sorteer=--", "pagina=-3", "pagina=9999", "uit=%00"]
    )
    def test_nonsense_in_the_address_is_left_out(self, admin: FlaskClient, query: str) -> None:
        assert admin.get(f"/beheer/activiteiten?{query}").status_code == 200

    def test_nothing_found_says_what_to_do(self, admin: FlaskClient) -> None:
        assert "Geen activiteiten gevonden" in text(admin.get("/beheer/activiteiten?zoeken=niets"))

    def test_more_activities_cost_no_more_queries(self, admin: FlaskClient) -> None:
        kind = make_type()
        for number in range(2):
            make_activity(f"A{number}", activity_type=kind)
        admin.get("/beheer/activiteiten")
        with count_queries() as few:
            admin.get("/beheer/activiteiten")
        for number in range(20):
            make_activity(f"B{number}", activity_type=kind)
        with count_queries() as many:
            admin.get("/beheer/activiteiten")
        assert len(many) == len(few)
