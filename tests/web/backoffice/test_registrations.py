"""Registrations in the back office: the details with their history, and the export (R6)."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.activities.models import Activity
from app.extensions import db, write_transaction
from app.people.models import Person
from app.settings.models import AuditEntry
from app.uitpas.looking_up import SEARCH_FORBIDDEN
from app.uitpas.models import EntryState, UitpasEntry
from tests.making import allow_insz, make_activity
from tests.queries import count_queries
from tests.sales.conftest import SOCIAL, WITH_COUPON, Family
from tests.spreadsheets import lines_of, sheet_of
from tests.web.backoffice.staff_client import post, signed_in
from tests.web.shop.steps import choose, finish, orders, take_benefit, text_of

CSV = "/beheer/inschrijvingen/export.csv"
INSZ = "15021760024"


@pytest.fixture
def registered(parent: FlaskClient, camp: Activity, family: Family) -> str:
    """Mira with a social tariff; the reference of her line."""
    choose(parent, camp, family.mira, uitpas="ja")
    take_benefit(parent)
    finish(parent)
    return orders()[-1].lines[0].line_ref


def rows(answer) -> list[dict[str, str]]:
    titles, *found = lines_of(answer)
    return [dict(zip(titles, row, strict=True)) for row in found]


class TestDetails:
    def test_they_show_benefit_tariff_both_prices_and_the_ticket_id(
        self, app: Flask, registered: str, publiq
    ) -> None:
        (sale,) = publiq.live_sales()
        shown = text_of(signed_in(app, "cashier").get(f"/beheer/inschrijvingen/{registered}"))
        line = orders()[-1].lines[0]
        for words in (
            "Voordeel Kansentarief",
            "Gewone prijs € 60,00",
            f"Betaalde prijs € {line.price:.2f}".replace(".", ","),
            f"UiTPAS-ticket-id {sale['id']}",
        ):
            assert words in shown
        assert "Geschiedenis bij UiTPAS" not in shown, "the ledger is for admins"

    def test_a_sale_that_needs_somebody_says_so_and_an_admin_is_led_to_the_ledger(
        self, app: Flask, registered: str
    ) -> None:
        address, says = f"/beheer/inschrijvingen/{registered}", "Deze verkoop vraagt aandacht."
        admin, cashier = signed_in(app, "admin"), signed_in(app, "cashier")
        assert says not in text_of(admin.get(address))
        with write_transaction() as session:
            entry = session.scalars(select(UitpasEntry)).one()
            entry.state, entry.problem = EntryState.UNKNOWN, SEARCH_FORBIDDEN
        for_admin = admin.get(address)
        assert says in text_of(for_admin)
        assert f'href="/beheer/grootboek/{entry.id}"' in for_admin.text
        for_cashier = cashier.get(address)
        assert "Een beheerder ziet in het grootboek waarom." in text_of(for_cashier)
        assert "/beheer/grootboek/" not in for_cashier.text

    def test_the_history_says_when_it_was_ordered_paid_and_cancelled_and_by_whom(
        self, app: Flask, registered: str
    ) -> None:
        admin = signed_in(app, "admin")
        order = orders()[-1]
        address = f"/beheer/bestellingen/{order.number}/betaling"
        paid = post(admin, address, {"amount": "12", "means": "cash", "note": "bonnetje 7"})
        assert paid.status_code == 303
        cancel = f"/beheer/inschrijvingen/{registered}/annuleren"
        assert post(admin, cancel, {"reason": "Doktersbriefje"}).status_code == 303
        shown = text_of(admin.get(f"/beheer/inschrijvingen/{registered}"))
        history = shown[shown.index("Geschiedenis van de bestelling") :]
        steps = (
            "Besteld",
            "Bevestigd",
            "Betaling van € 12,00",
            "Geannuleerd",
            "is terug te betalen",
        )
        places = [history.index(step) for step in steps]
        assert places == sorted(places)
        assert "bonnetje 7" in history and "Doktersbriefje" in history
        assert history.count("Hanne Lindewater") >= 2
        assert "Geschiedenis bij UiTPAS" in shown, "an admin sees the ledger's too"

    def test_one_query_gives_the_names_however_many_payments_there_are(
        self, app: Flask, registered: str
    ) -> None:
        admin = signed_in(app, "admin")
        pay = f"/beheer/bestellingen/{orders()[-1].number}/betaling"

        def queries() -> int:
            with count_queries() as sent:
                admin.get(f"/beheer/inschrijvingen/{registered}")
            return len(sent)

        post(admin, pay, {"amount": "1", "means": "cash"})
        few = queries()
        for cents in range(4):
            sent = {"amount": f"1,0{cents}", "means": "terminal"}
            assert post(admin, pay, sent).status_code == 303
        assert queries() == few


def test_activities_of_one_moment_are_not_mixed(
    app: Flask, parent: FlaskClient, camp: Activity, family: Family
) -> None:
    kind = camp.activity_type
    first, second = (make_activity(title, activity_type=kind) for title in ("Atelier", "Zwemkamp"))
    for activity in (second, first):
        choose(parent, activity, family.mira, family.tuur)
    finish(parent)
    shown = text_of(signed_in(app, "cashier").get("/beheer/inschrijvingen"))
    names = [name for name in shown.split() if name in {"Mira", "Tuur"}]
    assert names == ["Mira", "Tuur", "Mira", "Tuur"]
    assert shown.rindex("Atelier") < shown.index("Zwemkamp", shown.index("Deelnemer"))


@pytest.mark.parametrize("path", ["/beheer/inschrijvingen", CSV])
def test_a_register_number_typed_in_the_search_leaves_the_address_at_once(
    app: Flask, path: str
) -> None:
    answer = signed_in(app, "admin").get(path, query_string={"zoeken": "15.02.17-600.24"})
    assert answer.status_code == 303
    assert answer.location.endswith("/beheer/inschrijvingen")


class TestExport:
    def test_it_holds_benefit_prices_and_ticket_id_and_neither_insz_nor_pass_number(
        self, app: Flask, registered: str, family: Family, publiq
    ) -> None:
        allow_insz()
        with write_transaction() as session:
            session.get_one(Person, family.mira.id).insz = INSZ
        answer = signed_in(app, "admin").get(CSV)
        (row,) = rows(answer)
        (sale,) = publiq.live_sales()
        assert (row["Deelnemer"], row["Status"]) == ("Mira Peeters", "Ingeschreven")
        assert row["Voordeel"] == "Kansentarief"
        assert row["UiTPAS-ticket-id"] == sale["id"]
        assert row["Gewone prijs"] == "60,00" and row["Prijs"] != "60,00"
        assert row["Bestelling betaald"] == "nee"
        everything = answer.get_data(as_text=True).replace(" ", "").replace(".", "")
        assert SOCIAL not in everything and INSZ not in everything
        assert db.session.scalar(
            select(AuditEntry.id).where(AuditEntry.action == "inschrijvingen geëxporteerd")
        )

    def test_it_holds_what_the_overview_is_filtered_on_and_the_overview_links_to_it(
        self, app: Flask, registered: str, parent: FlaskClient, family: Family
    ) -> None:
        other = make_activity("Kookkamp")
        choose(parent, other, family.tuur)
        finish(parent)
        admin = signed_in(app, "admin")
        assert len(rows(admin.get(CSV))) == 2
        assert [row["Deelnemer"] for row in rows(admin.get(f"{CSV}?voordeel=zonder"))] == [
            "Tuur Peeters"
        ]
        assert [row["Activiteit"] for row in rows(admin.get(f"{CSV}?activiteit={other.id}"))] == [
            "Kookkamp"
        ]
        page = admin.get(f"/beheer/inschrijvingen?activiteit={other.id}").get_data(as_text=True)
        assert f'href="/beheer/inschrijvingen/export.xlsx?activiteit={other.id}"' in page

    def test_cancelled_ones_come_along_when_they_are_shown(
        self, app: Flask, registered: str, parent: FlaskClient
    ) -> None:
        post(parent, f"/mijn/inschrijvingen/{registered}/annuleren")
        admin = signed_in(app, "admin")
        assert rows(admin.get(CSV)) == []
        (row,) = rows(admin.get(f"{CSV}?geannuleerd=1"))
        assert row["Status"] == "Geannuleerd"

    def test_no_cell_is_a_formula(
        self, app: Flask, parent: FlaskClient, camp: Activity, family: Family
    ) -> None:
        with write_transaction() as session:
            session.get_one(Person, family.tuur.id).first_name = "=1+1"
        choose(parent, camp, family.tuur)
        finish(parent)
        admin = signed_in(app, "admin")
        assert rows(admin.get(CSV))[0]["Deelnemer"].startswith("'=")
        cells = sheet_of(admin.get("/beheer/inschrijvingen/export.xlsx"))[1]
        assert cells[0] == ("s", "=1+1 Peeters")
        assert all(kind != "f" for kind, _text in cells)

    @pytest.mark.parametrize("role", ["cashier", "monitor"])
    def test_only_admins_export(self, app: Flask, role: str) -> None:
        browser = signed_in(app, role)
        assert browser.get(CSV).status_code == 403
        assert "export.csv" not in browser.get("/beheer/inschrijvingen").get_data(as_text=True)

    def test_another_ending_does_not_exist_and_a_reference_still_does(
        self, app: Flask, registered: str
    ) -> None:
        admin = signed_in(app, "admin")
        assert admin.get("/beheer/inschrijvingen/export.pdf").status_code == 404
        assert admin.get(f"/beheer/inschrijvingen/{registered}").status_code == 200

    def test_with_uitpas_off_its_columns_vanish(self, app: Flask, registered: str) -> None:
        from tests.web.test_modules import switch_off

        switch_off("uitpas")
        titles, *_ = lines_of(signed_in(app, "admin").get(CSV))
        assert titles[-1] == "Bestelling betaald"

    def test_more_registrations_cost_no_more_queries(
        self, app: Flask, registered: str, parent: FlaskClient, family: Family
    ) -> None:
        admin = signed_in(app, "admin")

        def queries() -> int:
            with count_queries() as sent:
                assert admin.get(CSV).status_code == 200
            return len(sent)

        few = queries()
        with write_transaction():
            family.tuur.uitpas_number = WITH_COUPON
        for number in range(6):
            choose(parent, make_activity(f"Kamp {number}"), family.tuur, family.mira)
            finish(parent)
        db.session.remove()
        assert queries() == few
