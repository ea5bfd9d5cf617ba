"""The pages of the UiTPAS-grootboek: filters, reasons, actions with a reason, the sheet."""

# ruff: noqa: F811 - a parameter names its fixture

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.activities.models import Activity
from app.clock import now, today
from app.extensions import db, write_transaction
from app.sales.ledger_audit import audit_ledger, audit_now
from app.sales.models import OrderState
from app.sales.reconciler import reconcile
from app.settings.models import AuditEntry, Environment
from app.uitpas.models import (
    BenefitKind,
    EntryState,
    FindingKind,
    LedgerFinding,
    LedgerRun,
    UitpasEntry,
)
from app.uitpas.runs import clean_runs
from tests.queries import count_queries
from tests.sales.conftest import (  # noqa: F401 - fixtures
    Family,
    Publiq,
    camp,
    connected,
    family,
    publiq,
)
from tests.sales.selling import FIND, entry, long_ago, lose, order, sell, undo_elsewhere
from tests.web.backoffice.staff_client import post, signed_in, words
from tests.web.reading import error_at, text

LEDGER = "/beheer/grootboek"


@pytest.fixture
def admin(app: Flask) -> FlaskClient:
    return signed_in(app, "admin")


def _put(count: int = 1, **values: object) -> list[int]:
    defaults: dict[str, object] = {
        "order_id": 1,
        "environment": Environment.SANDBOX,
        "kind": BenefitKind.SOCIAL_TARIFF,
        "event_id": "event-een",
        "uitpas_number": "0900010959113",
        "tariff_id": "SOCIALTARIFF",
        "tariff_name": "Kansentarief",
        "regular_price": Decimal("60.00"),
        "regular_price_label": "Basis (abc)",
        "wished_price": Decimal("12.00"),
        "state": EntryState.REGISTERED,
    }
    with write_transaction() as session:
        known = len(session.scalars(select(UitpasEntry.id)).all())
        rows = [
            UitpasEntry(**{**defaults, "line_ref": f"ref{known + n:05}", **values})
            for n in range(count)
        ]
        session.add_all(rows)
        session.flush()
        return [row.id for row in rows]


def shown(client: FlaskClient, query: str = "") -> str:
    return words(client.get(f"{LEDGER}{query}"))


def test_an_empty_ledger_says_what_will_stand_there(admin: FlaskClient) -> None:
    page = shown(admin)
    assert "Nog niets in het grootboek" in page
    assert "Niets vraagt aandacht" in shown(admin, "?aandacht=1")
    assert "wordt nu niet terugbetaald" not in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?zoeken=0900+010+959+113", "ref00000"),
        ("?zoeken=0900.0109.59113", "ref00000"),
        ("?zoeken=ticket-b", "ref00001"),
        ("?zoeken=event-twee", "ref00001"),
        ("?zoeken=REF00001", "ref00001"),
        ("?status=unknown", "ref00001"),
        ("?omgeving=test", "ref00001"),
        ("?voordeel=COUPON", "ref00001"),
        ("?tot=2020-12-31", "ref00001"),
        ("?aandacht=1", "ref00001"),
    ],
)
def test_each_filter_finds_what_fits(admin: FlaskClient, query: str, found: str) -> None:
    _put()
    _put(
        line_ref="ref00001",
        uitpas_number="0900000067513",
        external_id="ticket-b",
        event_id="event-twee",
        state=EntryState.UNKNOWN,
        environment=Environment.TEST,
        kind=BenefitKind.COUPON,
        created_at=now().replace(year=2020),
        changed_at=now() - timedelta(hours=1),
    )
    page = shown(admin, query)
    assert [ref for ref in ("ref00000", "ref00001") if f">{ref}<" in page] == [found]


def test_half_a_pass_number_finds_nothing(admin: FlaskClient) -> None:
    _put()
    assert "Niets gevonden" in shown(admin, "?zoeken=0900010")


def test_nonsense_in_a_filter_is_no_error(admin: FlaskClient) -> None:
    query = "?status=raar&omgeving=x&van=gisteren&activiteit=%C2%B2&pagina=x&zoeken=%00"
    assert admin.get(f"{LEDGER}{query}").status_code == 200


def test_the_list_of_an_activity_by_title_and_by_link(
    admin: FlaskClient, family: Family, camp: Activity
) -> None:
    sell(family, camp)
    ref = entry().line_ref
    _put()
    for query in ("?titel=winterbos", f"?activiteit={camp.id}"):
        page = shown(admin, query)
        assert f">{ref}<" in page
        assert ">ref0000" not in page
    assert "Niets gevonden" in shown(admin, "?titel=zwemmen")


def test_the_list_is_paged_in_a_fixed_number_of_queries(admin: FlaskClient) -> None:
    _put(2)
    shown(admin)
    with count_queries() as few:
        shown(admin)
    _put(60)
    with count_queries() as many:
        page = shown(admin)
    assert len(many) == len(few)
    assert "1 tot 50 van 62 regels" in page


def test_what_waits_too_long_is_the_first_filter_with_its_reason(admin: FlaskClient) -> None:
    _put()
    _put(state=EntryState.UNKNOWN, changed_at=now() - timedelta(minutes=6))
    page = shown(admin, "?aandacht=1")
    assert "Wacht te lang op UiTPAS" in page
    assert page.index("Vraagt aandacht <b>1</b>") < page.index("Alles <b>2</b>")


def test_the_amount_that_would_not_be_repaid_is_told_with_how_it_is_computed(
    admin: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    assert "wordt nu niet terugbetaald" not in shown(admin)
    undo_elsewhere(entry().external_id or "")
    audit_now()
    audit_ledger()
    line = order().lines[0]
    given = f"€ {line.regular_price - line.price}".replace(".", ",")
    page = shown(admin)
    assert f"{given} korting wordt nu niet terugbetaald" in page
    assert "Hoe we dit berekenen" in page


def test_without_the_permission_the_entry_asks_a_person_and_offers_both_answers(
    admin: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq)
    publiq.fault(FIND, "geweigerd", problem="auth/forbidden", count=None)
    reconcile(min_age_seconds=0)
    page = words(admin.get(f"{LEDGER}/{entry().id}"))
    assert "We mogen de verkopen bij UiTPAS niet opzoeken" in page
    assert "TICKETSALES_SEARCH" in page
    assert entry().regular_price_label in page
    for slug in ("opnieuw", "staat-er", "staat-er-niet"):
        assert f"{LEDGER}/{entry().id}/{slug}" in page


def test_saying_that_the_sale_is_there_books_it_and_is_recorded(
    admin: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq)
    (sale,) = publiq.live_sales()
    address = f"{LEDGER}/{entry().id}/staat-er"
    answer = post(admin, address, {"ticket_id": "met spatie", "price": "veel", "reason": ""})
    assert answer.status_code == 422
    assert "zonder spaties" not in error_at(answer, "price")
    assert "Typ een bedrag" in error_at(answer, "price")
    assert 'value="met spatie"' in words(answer)
    answer = post(admin, address, {"ticket_id": "met spatie", "price": "12", "reason": ""})
    assert "zonder spaties" in error_at(answer, "ticket_id")
    assert "Geef een reden op" in error_at(answer, "reason")
    price = str(sale["tariff"]["price"]).replace(".", ",")
    answer = post(
        admin, address, {"ticket_id": sale["id"], "price": price, "reason": "gezien in de balie"}
    )
    assert answer.status_code == 303
    assert order().state is OrderState.CONFIRMED
    page = words(admin.get(f"{LEDGER}/{entry().id}"))
    assert "gezien in de balie" in page
    assert "Hanne Lindewater" in page
    assert "De verkoop is geboekt en de bestelling is bevestigd." in page
    found = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject_kind == "grootboek")
    ).one()
    assert (found.account_name, found.reason) == ("Hanne Lindewater", "gezien in de balie")


def test_saying_that_the_sale_is_not_there_returns_the_order(
    admin: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq, "fout-500")
    answer = post(admin, f"{LEDGER}/{entry().id}/staat-er-niet", {"reason": "niet gevonden"})
    assert answer.status_code == 303
    assert order().state is OrderState.LAPSED
    assert publiq.live_sales() == []


def test_an_action_that_does_not_fit_the_state_explains_itself(admin: FlaskClient) -> None:
    (entry_id,) = _put()
    assert "Dit kan nu niet" in words(admin.get(f"{LEDGER}/{entry_id}/ongedaan"))
    answer = post(admin, f"{LEDGER}/{entry_id}/ongedaan", {"reason": "zomaar"})
    assert answer.status_code == 422
    assert admin.get(f"{LEDGER}/{entry_id}/bestaat-niet").status_code == 404
    assert admin.get(f"{LEDGER}/999999/opnieuw").status_code == 404


def test_a_finding_is_shown_with_what_to_do_and_can_be_accepted(
    admin: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    long_ago()
    undo_elsewhere(entry().external_id or "")
    audit_now()
    audit_ledger()
    assert "Klopt niet met de lijst van UiTPAS" in shown(admin, "?aandacht=1")
    page = words(admin.get(f"{LEDGER}/{entry().id}"))
    assert "Hier geregistreerd, maar niet meer bij UiTPAS" in page
    finding_id = db.session.scalars(select(LedgerFinding.id)).one()
    address = f"{LEDGER}/verschillen/{finding_id}"
    answer = post(admin, address, {"reason": ""})
    assert "Geef een reden op" in error_at(answer, "reason")
    assert post(admin, address, {"reason": "zo afgesproken"}).status_code == 303
    assert "zo afgesproken" in words(admin.get(f"{LEDGER}/{entry().id}"))
    assert "Niets vraagt aandacht" in shown(admin, "?aandacht=1")
    assert admin.get(f"{LEDGER}/verschillen/999999").status_code == 404


def test_a_sale_that_no_entry_has_stands_above_the_list_and_on_the_dashboard(
    admin: FlaskClient,
) -> None:
    with write_transaction() as session:
        session.add(
            LedgerFinding(
                environment=Environment.SANDBOX,
                event_id="event-een",
                kind=FindingKind.UNKNOWN_HERE,
                reference="vreemd-id",
                external_id="vreemd-id",
                price_there=Decimal("12.00"),
            )
        )
    assert "vreemd-id" in shown(admin)
    assert "1 UiTPAS-verkoop vraagt aandacht" in words(admin.get("/beheer/"))


def test_what_went_by_itself_is_shown_with_links(
    admin: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    lose(family, camp, publiq)
    reconcile(min_age_seconds=0)
    page = shown(admin)
    assert "1 bestelling bevestigd" in page
    assert f"/beheer/bestellingen/{order().number}" in page
    answer = post(admin, f"{LEDGER}/bijwerken")
    assert answer.status_code == 303
    assert "door Hanne Lindewater" in shown(admin)
    assert "Er was niets te doen." in shown(admin)


def test_comparing_now_makes_every_event_due_and_says_so(
    admin: FlaskClient, family: Family, camp: Activity
) -> None:
    assert "nog niets om" in words(
        admin.get(post(admin, f"{LEDGER}/vergelijken").headers["Location"])
    )
    sell(family, camp)
    assert post(admin, f"{LEDGER}/vergelijken").status_code == 303
    assert audit_ledger().events == 1
    assert "1 van 1" in text(admin.get(LEDGER))


def test_a_missing_permission_is_said_once_on_the_page(
    admin: FlaskClient, family: Family, camp: Activity, publiq: Publiq
) -> None:
    sell(family, camp)
    publiq.fault(FIND, "geweigerd", problem="auth/forbidden", count=None)
    audit_now()
    audit_ledger()
    assert shown(admin).count("missen we bij UiTPAS het recht TICKETSALES_SEARCH") == 1


def test_the_sheet_holds_what_the_filters_show_and_no_formula(admin: FlaskClient) -> None:
    _put(3, tariff_name="=1+1")
    _put(state=EntryState.UNKNOWN)
    answer = admin.get(f"{LEDGER}/export.csv?status=registered")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert f"uitpas-grootboek-{today().isoformat()}.csv" in answer.headers["Content-Disposition"]
    lines = answer.get_data().decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert "'=1+1" in lines[1]
    assert "0900 010 959 113" in lines[1]
    assert db.session.scalar(select(AuditEntry.action)) == "grootboek geëxporteerd"
    assert admin.get(f"{LEDGER}/export.xlsx").get_data()[:2] == b"PK"
    assert admin.get(f"{LEDGER}/export.pdf").status_code == 404


def test_the_sheet_of_many_entries_is_read_in_batches(
    admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sales.ledger_overview.BATCH", 2)
    _put(5)
    answer = admin.get(f"{LEDGER}/export.csv").get_data().decode("utf-8-sig")
    assert [line.split(";")[0] for line in answer.splitlines()[1:]] == [
        f'"ref0000{n}"' for n in (4, 3, 2, 1, 0)
    ]


def test_old_runs_are_forgotten(admin: FlaskClient, family: Family, camp: Activity) -> None:
    reconcile(by_hand=True)
    with write_transaction() as session:
        session.execute(update(LedgerRun).values(started_at=now() - timedelta(days=31)))
    assert clean_runs() == 1


def test_the_ledger_is_for_admins_only(app: Flask) -> None:
    (entry_id,) = _put()
    cashier = signed_in(app, "cashier")
    for path in (LEDGER, f"{LEDGER}/{entry_id}", f"{LEDGER}/{entry_id}/opnieuw"):
        assert cashier.get(path).status_code == 403
    assert cashier.get(f"{LEDGER}/export.csv").status_code == 403
    assert post(cashier, f"{LEDGER}/vergelijken").status_code == 403
