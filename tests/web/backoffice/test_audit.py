"""The screen Logboek (C11)."""

import pytest

from app.extensions import write_transaction
from app.settings.audit import record
from tests.queries import count_queries
from tests.web.backoffice.staff_client import post, signed_in, words


@pytest.fixture
def admin(app):
    return signed_in(app, "admin")


def _record(count=1, action="inschrijving geannuleerd", **values):
    with write_transaction():
        for _ in range(count):
            record(action, **values)


def test_what_staff_did_stands_there_by_name(admin):
    post(
        admin,
        "/beheer/instellingen/gemeente",
        {"name": "Zonnewende", "brand_color": "#5b2365", "accent_color": "#ffc43a"},
    )
    answer = words(admin.get("/beheer/logboek"))
    assert "gemeente aangepast" in answer
    assert "Hanne Lindewater" in answer


def test_the_logbook_is_searched_and_filtered(admin):
    _record(subject_label="Noor <b>", reason="ziek", detail={"prijs": "€ 12,00", "gratis": False})
    _record(action="medewerker uitgenodigd", subject_label="Bo")
    answer = words(admin.get("/beheer/logboek?zoeken=ziek"))
    assert "Noor &lt;b&gt;" in answer
    assert "prijs: € 12,00; gratis: nee" in answer
    assert "1 tot 1 van 1 regels" in answer
    assert "1 tot 1 van 1" in words(admin.get("/beheer/logboek?wat=medewerker+uitgenodigd"))
    assert "Niets gevonden" in words(admin.get("/beheer/logboek?zoeken=onbestaand"))


def test_it_is_paged_without_a_query_for_each_row(admin):
    _record(2)
    with count_queries() as few:
        admin.get("/beheer/logboek")
    _record(60)
    with count_queries() as many:
        answer = admin.get("/beheer/logboek")
    assert len(few) == len(many)
    assert "1 tot 50 van 62 regels" in words(answer)


@pytest.mark.parametrize("role", ["cashier", "monitor"])
def test_only_admins_see_it(app, role):
    assert signed_in(app, role).get("/beheer/logboek").status_code == 403
