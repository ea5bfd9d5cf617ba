"""'Vanaf' for holders: asked in the background, shown as indicative, gone with the publication."""

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.activities.models import Activity, ActivityState, PriceCategory
from app.activities.offer import public_path
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.jobs import run_job
from app.settings.models import Environment, OrganizerPermission, PubliqCall
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.links import delete_link
from app.uitdatabank.models import EventLink, ReferenceKind, UitReference
from app.uitpas import indicative
from app.uitpas.indicative import refresh_indicative_tariffs
from app.uitpas.models import IndicativeTariff
from tests.making import days_from_now, make_activity
from tests.queries import count_queries
from tests.sales.conftest import (  # noqa: F401 - fixtures
    EVENT,
    ONCE_A_WEEK,
    Publiq,
    camp,
    connected,
    publiq,
    publish_as,
)
from tests.web.shop.steps import text_of

# ruff: noqa: F811 - a parameter names its fixture

WORDS = "met kansentarief vanaf € 12,00, indicatief"
NOT_PERMITTED = "373d6cee-b4ae-4637-9b7c-eeb79e45f044"
UNKNOWN_EVENT = "00000000-aaaa-4000-8000-000000000001"


def calls() -> int:
    found = db.session.scalar(
        select(func.count(PubliqCall.id)).where(PubliqCall.operation == "get-tariffs-static")
    )
    end_read()
    return found or 0


def rows() -> list[IndicativeTariff]:
    found = list(
        db.session.scalars(
            select(IndicativeTariff)
            .order_by(IndicativeTariff.event_id)
            .execution_options(populate_existing=True)
        )
    )
    end_read()
    return found


def change(model: type, **values: object) -> None:
    with write_transaction() as session:
        session.execute(update(model).values(**values).execution_options(synchronize_session=False))


def page_of(client: FlaskClient, activity: Activity) -> str:
    return text_of(client.get(public_path(activity)))


def test_the_price_for_holders_stands_on_the_card_and_the_page_as_indicative(
    client: FlaskClient, camp: Activity
) -> None:
    assert "indicatief" not in page_of(client, camp)
    assert calls() == 0
    assert run_job("indicative")
    assert calls() == 1
    assert WORDS in text_of(client.get("/aanbod"))
    assert "Met kansentarief vanaf € 12,00, indicatief." in page_of(client, camp)
    assert calls() == 1


def test_no_page_waits_for_publiq(client: FlaskClient, camp: Activity, publiq: Publiq) -> None:
    publiq.fault("uitpas", "plat", count=None)
    for address in ("/aanbod", public_path(camp)):
        assert client.get(address).status_code == 200
    assert calls() == 0


def test_it_is_the_tariff_of_the_lowest_price(client: FlaskClient, connected: None) -> None:
    prices = (("Basistarief", "60.00", ()), ("Inwoners", "40.00", ("9000",)))
    shown = publish_as(make_activity("Bosklassen", prices=prices))
    refresh_indicative_tariffs()
    assert "vanaf € 8,00, indicatief" in page_of(client, shown)


def test_a_free_activity_a_draft_and_one_that_is_over_are_not_asked(connected: None) -> None:
    publish_as(make_activity("Gratis", prices=(("Gratis", "0.00", ()),)), EVENT)
    publish_as(make_activity("Ontwerp", state=ActivityState.DRAFT), ONCE_A_WEEK)
    past = [(days_from_now(-3, 9), days_from_now(-3, 16))]
    publish_as(make_activity("Voorbij", dates=past), UNKNOWN_EVENT)
    make_activity("Niet gepubliceerd")
    assert refresh_indicative_tariffs() == 0
    assert rows() == []


def test_once_a_day_is_enough(camp: Activity) -> None:
    assert refresh_indicative_tariffs() == 1
    assert refresh_indicative_tariffs() == 0
    change(IndicativeTariff, next_at=now() - timedelta(seconds=1))
    assert refresh_indicative_tariffs() == 1
    assert calls() == 2


def test_a_publication_makes_it_due_at_once(camp: Activity) -> None:
    refresh_indicative_tariffs()
    change(EventLink, published_at=now() + timedelta(seconds=1))
    assert refresh_indicative_tariffs() == 1


def test_another_price_hides_the_old_answer_and_is_asked_at_once(
    client: FlaskClient, camp: Activity
) -> None:
    refresh_indicative_tariffs()
    change(PriceCategory, price=Decimal("50.00"))
    assert "indicatief" not in page_of(client, camp)
    assert refresh_indicative_tariffs() == 1
    assert "vanaf € 10,00, indicatief" in page_of(client, camp)


def test_another_price_while_publiq_is_silent_shows_nothing(
    client: FlaskClient, camp: Activity, publiq: Publiq
) -> None:
    refresh_indicative_tariffs()
    change(PriceCategory, price=Decimal("50.00"))
    publiq.fault("uitpas", "plat", count=None)
    refresh_indicative_tariffs()
    assert "indicatief" not in page_of(client, camp)
    change(PriceCategory, price=Decimal("60.00"))
    assert "indicatief" not in page_of(client, camp)


def test_it_is_gone_when_the_event_is_unpublished(client: FlaskClient, camp: Activity) -> None:
    refresh_indicative_tariffs()
    delete_link(camp.id)
    assert "indicatief" not in page_of(client, camp)
    refresh_indicative_tariffs()
    assert rows() == []


def test_what_publiq_says_is_gone_is_dropped_too(client: FlaskClient, camp: Activity) -> None:
    refresh_indicative_tariffs()
    change(EventLink, remote_status="GONE")
    assert "indicatief" not in page_of(client, camp)
    refresh_indicative_tariffs()
    assert rows() == []


def test_another_environment_has_its_own(client: FlaskClient, camp: Activity) -> None:
    refresh_indicative_tariffs()
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.TEST
    assert "indicatief" not in page_of(client, camp)
    assert refresh_indicative_tariffs() == 0
    assert [row.environment for row in rows()] == [Environment.SANDBOX]
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.SANDBOX
    assert "indicatief" in page_of(client, camp)


def test_with_the_module_off_the_job_rests_and_nothing_is_shown(
    client: FlaskClient, camp: Activity
) -> None:
    refresh_indicative_tariffs()
    with write_transaction():
        uit_settings_for_update().uitpas_on = False
    assert not run_job("indicative")
    assert "indicatief" not in page_of(client, camp)
    assert "kansentarief" not in text_of(client.get("/aanbod"))


@pytest.mark.parametrize("kind", ["plat", "fout-500", "webpagina", "te-vaak", "verbroken"])
def test_while_publiq_does_not_answer_the_last_answer_stays_for_a_week(
    client: FlaskClient, camp: Activity, publiq: Publiq, kind: str
) -> None:
    refresh_indicative_tariffs()
    change(IndicativeTariff, next_at=now())
    publiq.fault("GET /tariffs/static", kind, count=None)
    assert refresh_indicative_tariffs() == 1
    assert refresh_indicative_tariffs() == 0  # not at once again
    assert "€ 12,00, indicatief" in page_of(client, camp)
    change(IndicativeTariff, answered_at=now() - timedelta(days=8))
    assert "indicatief" not in page_of(client, camp)
    publiq.heal()
    change(IndicativeTariff, next_at=now())
    refresh_indicative_tariffs()
    assert "€ 12,00, indicatief" in page_of(client, camp)


def test_a_refusal_is_an_answer_and_tomorrow_it_is_asked_again(
    client: FlaskClient, connected: None
) -> None:
    shown = publish_as(make_activity(), NOT_PERMITTED)
    assert refresh_indicative_tariffs() == 1
    (row,) = rows()
    assert (row.price, row.tries) == (None, 0)
    assert row.next_at > now() + timedelta(hours=23)
    assert "indicatief" not in page_of(client, shown)


def test_an_event_that_uitpas_does_not_know_yet_is_asked_again_soon(connected: None) -> None:
    publish_as(make_activity(), UNKNOWN_EVENT)
    refresh_indicative_tariffs()
    (row,) = rows()
    assert row.answered_at is None
    assert row.next_at < now() + timedelta(minutes=2)
    change(IndicativeTariff, next_at=now())
    refresh_indicative_tariffs()
    assert rows()[0].next_at > now() + timedelta(minutes=4)


def test_when_publiq_is_down_the_rest_waits_instead_of_trying_all(
    connected: None, publiq: Publiq
) -> None:
    for number in range(9):
        publish_as(make_activity(f"Kamp {number}"), f"00000000-aaaa-4000-8000-00000000010{number}")
    publiq.fault("GET /tariffs/static", "plat", count=None)
    assert refresh_indicative_tariffs() == 4


def test_one_run_asks_a_bounded_number(connected: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indicative, "MOST", 3)
    for number in range(5):
        publish_as(make_activity(f"Kamp {number}"), f"00000000-aaaa-4000-8000-00000000010{number}")
    assert [refresh_indicative_tariffs() for _ in range(3)] == [3, 2, 0]


def test_the_number_of_queries_does_not_grow_with_the_offer(app: Flask, connected: None) -> None:
    counted = []
    for size in (3, 30):
        for number in range(size):
            event_id = f"00000000-aaaa-4000-8000-0000000{size}{number:04}"
            publish_as(make_activity(f"Kamp {size} {number}"), event_id)
            with write_transaction() as session:
                session.add(
                    IndicativeTariff(
                        environment=Environment.SANDBOX,
                        event_id=event_id,
                        regular_price=Decimal("60.00"),
                        price=Decimal("12.00"),
                        asked_at=now(),
                        answered_at=now(),
                        next_at=now(),
                        tries=0,
                    )
                )
        browser = app.test_client()
        with count_queries() as sent:
            assert WORDS in text_of(browser.get("/aanbod"))
        counted.append(len(sent))
    assert counted[0] == counted[1]


# Whether UiTPAS is asked about at all: of a known non-partner it is not


def _permit(organizer: str) -> None:
    with write_transaction() as session:
        session.add(
            OrganizerPermission(
                environment=Environment.SANDBOX,
                organizer_id=organizer,
                name=organizer,
                permissions=["TARIFFS_READ"],
            )
        )


def test_the_events_of_a_known_non_partner_give_nothing(
    client: FlaskClient, camp: Activity
) -> None:
    change(EventLink, organizer_id="turnkring")
    assert "Heb je een UiTPAS met kansentarief?" in page_of(client, camp)  # we do not know
    _permit("vrije-tijd")
    assert "kansentarief" not in page_of(client, camp)
    assert refresh_indicative_tariffs() == 0


@pytest.mark.parametrize("source", ["link", "permission", "badge"])
def test_whoever_says_that_an_organizer_is_a_partner_is_believed(
    client: FlaskClient, camp: Activity, source: str
) -> None:
    _permit("vrije-tijd")
    change(EventLink, organizer_id="turnkring", organizer_is_uitpas=source == "link")
    if source == "permission":
        _permit("turnkring")
    if source == "badge":
        with write_transaction() as session:
            session.add(
                UitReference(
                    environment=Environment.SANDBOX,
                    kind=ReferenceKind.ORGANIZER,
                    publiq_id="turnkring",
                    is_uitpas=True,
                )
            )
    assert "Heb je een UiTPAS met kansentarief?" in page_of(client, camp)


def test_a_cancelled_activity_promises_nothing(client: FlaskClient, camp: Activity) -> None:
    refresh_indicative_tariffs()
    change(Activity, state=ActivityState.CANCELLED)
    assert "kansentarief" not in page_of(client, camp)
