"""The dashboard: what needs attention today first (C5)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from app.activities.models import (
    Activity,
    ActivityDate,
    ActivityState,
    ActivityType,
    Module,
    PlacePool,
    UitStatus,
)
from app.clock import now
from app.extensions import write_transaction
from app.mail.models import MailMessage
from app.mail.outbox import put_mail
from app.sales.models import LineState, Order, OrderLine, OrderState
from app.settings.environments import EnvironmentInput, save_environment
from app.settings.models import Environment
from app.settings.testing import test_connection as try_connection
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.models import (
    EventLink,
    LinkState,
    ReferenceKind,
    ReferenceState,
    UitProfile,
    UitReference,
)
from app.uitpas.models import BenefitKind, EntryState, UitpasEntry
from tests.queries import count_queries
from tests.web.backoffice.staff_client import signed_in, words


@pytest.fixture
def connected(app):
    """The sandbox's connection was set up and tested: nothing to say about it."""
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "demo", ""))
    try_connection(Environment.SANDBOX)
    return app


def _activity(
    title, *, taken=0, capacity=20, uit_status=UitStatus.NOT_APPLICABLE, link=None, days=10
):
    start = now() + timedelta(days=days)
    with write_transaction() as session:
        kind = ActivityType(name=f"Type {title}", module=Module.REGISTRATION)
        activity = Activity(
            activity_type=kind,
            title=title,
            state=ActivityState.ONLINE,
            uit_status=uit_status,
            first_start=start,
            last_end=start + timedelta(hours=2),
        )
        activity.dates = [ActivityDate(starts_at=start, ends_at=start + timedelta(hours=2))]
        activity.pools = [PlacePool(capacity=capacity, taken=taken)]
        session.add(activity)
        session.flush()
        if link:
            session.add(EventLink(activity_id=activity.id, environment=Environment.SANDBOX, **link))
        return activity.id, activity.pools[0].id


def _entry(state, minutes, ref="abc"):
    with write_transaction() as session:
        session.add(
            UitpasEntry(
                line_ref=ref,
                order_id=1,
                environment=Environment.SANDBOX,
                kind=BenefitKind.SOCIAL_TARIFF,
                event_id="e",
                uitpas_number="0900010959113",
                tariff_id="SOCIALTARIFF",
                tariff_name="Kansentarief",
                regular_price=Decimal("60.00"),
                regular_price_label="Basis (abc)",
                wished_price=Decimal("12.00"),
                state=state,
                changed_at=now() - timedelta(minutes=minutes),
                sent_at=now() - timedelta(minutes=minutes),
            )
        )


def _shown(app, role="admin"):
    answer = signed_in(app, role).get("/beheer/")
    assert answer.status_code == 200
    return words(answer)


def test_with_nothing_to_do_it_says_so(connected):
    page = _shown(connected)
    assert "Niets vraagt je aandacht." in page
    assert ", Hanne</h1>" in page


def test_its_address_needs_no_slash(connected):
    assert signed_in(connected, "admin").get("/beheer").status_code == 200


def test_sales_that_wait_too_long_come_first(connected):
    _entry(EntryState.UNKNOWN, 10, "oud")
    _entry(EntryState.REGISTERING, 1, "nieuw")
    _activity("Circuskamp", uit_status=UitStatus.COMPLETE)
    page = _shown(connected)
    assert "1 UiTPAS-verkoop vraagt aandacht" in page
    assert page.index("1 UiTPAS-verkoop vraagt") < page.index(
        "1 activiteit is nog niet gepubliceerd"
    )


def test_failed_publications_are_named(connected):
    _activity("Circuskamp", link={"state": LinkState.FAILED, "last_error": "x"})
    _activity("Padel", link={"state": LinkState.UNKNOWN})
    _activity("Voorbij", link={"state": LinkState.FAILED, "last_error": "x"}, days=-10)
    page = _shown(connected)
    assert "Voorbij" not in page, "what is over can no longer be published"
    assert "2 publicaties zijn niet gelukt" in page
    assert "Circuskamp, Padel." in page


def test_published_activities_without_partner_are_named_while_uitpas_is_on(connected):
    _activity(
        "Padelinitiatie",
        uit_status=UitStatus.PUBLISHED,
        link={"state": LinkState.PUBLISHED, "event_id": "e", "organizer_id": "o"},
    )
    _activity(
        "Circuskamp",
        uit_status=UitStatus.PUBLISHED,
        link={
            "state": LinkState.PUBLISHED,
            "event_id": "f",
            "organizer_is_uitpas": True,
            "organizer_id": "p",
        },
    )
    page = _shown(connected)
    assert "1 gepubliceerde activiteit zonder UiTPAS-partner" in page
    assert "Padelinitiatie." in page
    with write_transaction():
        settings = uit_settings_for_update()
        settings.uitpas_on = settings.coupons_on = False
    assert "UiTPAS-partner" not in words(
        signed_in(connected, "admin", "twee@voorbeeld.be").get("/beheer/")
    )


PUBLISHED = {"state": LinkState.PUBLISHED, "event_id": "e", "organizer_is_uitpas": True}


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"remote_status": "DELETED"}, "1 event bestaat niet meer bij UiTdatabank"),
        ({"remote_status": "GONE"}, "1 event bestaat niet meer bij UiTdatabank"),
        ({"remote_status": "REJECTED"}, "1 event is afgekeurd door UiTdatabank"),
        (
            {"differences": [{"part": "titel", "ours": "a", "theirs": "b"}]},
            "1 event is gewijzigd bij UiTdatabank",
        ),
        (
            {"availability_tries": 3, "availability_error": "x"},
            "1 event kreeg zijn plaatsen of status niet door",
        ),
    ],
)
def test_what_is_the_matter_at_uitdatabank_is_named(connected, link, words):
    activity_id, _ = _activity("Circuskamp", link={**PUBLISHED, **link})
    _activity("Goed zo", link={**PUBLISHED, "event_id": "f", "availability_tries": 1})
    page = _shown(connected)
    assert words in page and "Circuskamp." in page and "Goed zo" not in page
    assert f'href="/beheer/activiteiten/{activity_id}/uitdatabank"' in page


def test_several_lead_to_a_list_of_them(connected):
    for number in range(7):
        link = {**PUBLISHED, "event_id": f"e{number}", "remote_status": "REJECTED"}
        _activity(f"Kamp {number}", link=link)
    page = _shown(connected)
    assert "7 events zijn afgekeurd door UiTdatabank" in page and "en 2 andere" in page
    assert 'href="/beheer/uitdatabank/nakijken?wat=afgekeurd"' in page


def test_locations_that_went_are_counted_where_they_are_in_use(connected):
    activity_id, _ = _activity("Circuskamp")
    with write_transaction() as session:
        session.add(
            UitProfile(
                activity_id=activity_id,
                environment=Environment.SANDBOX,
                location_id="p",
                organizer_id="o",
            )
        )
        for kind, key in ((ReferenceKind.PLACE, "p"), (ReferenceKind.ORGANIZER, "unused")):
            session.add(
                UitReference(
                    environment=Environment.SANDBOX,
                    kind=kind,
                    publiq_id=key,
                    state=ReferenceState.GONE,
                )
            )
    page = _shown(connected)
    assert "1 locatie is verdwenen bij UiTdatabank" in page
    assert 'href="/beheer/uitdatabank/verdwenen"' in page


def test_more_than_five_are_counted(connected):
    for number in range(7):
        _activity(f"Kamp {number}", uit_status=UitStatus.INCOMPLETE)
    page = _shown(connected)
    assert "7 activiteiten missen gegevens voor UiT" in page
    assert "en 2 andere" in page


def test_mails_that_did_not_leave_are_counted(connected):
    with write_transaction() as session:
        put_mail("welcome", "an@voorbeeld.be", "Welkom", "Dag")
        session.flush()
        session.execute(update(MailMessage).values(next_try_at=None))
    page = _shown(connected)
    assert "1 mail is niet vertrokken" in page
    assert 'href="/beheer/mails?stand=failed"' in page


def test_a_connection_that_was_never_set_up_or_tested_is_said(app):
    assert "nog niet ingesteld" in _shown(app)
    save_environment(Environment.SANDBOX, EnvironmentInput("demo", "demo", ""))
    page = words(signed_in(app, "admin", "twee@voorbeeld.be").get("/beheer/"))
    assert "De verbinding met publiq is nog niet getest" in page


def test_the_week_counts_what_still_stands(connected):
    activity_id, pool_id = _activity("Circuskamp", taken=18, capacity=20)
    with write_transaction() as session:
        order = Order(number="27-A", state=OrderState.CONFIRMED, confirmed_at=now())
        for number, state in enumerate((LineState.LIVE, LineState.LIVE, LineState.CANCELLED)):
            order.lines.append(
                OrderLine(
                    line_ref=f"ref{number}",
                    activity_id=activity_id,
                    pool_id=pool_id,
                    category_name="Basis",
                    regular_price=Decimal("60.00"),
                    price=Decimal("12.00"),
                    benefit_kind=BenefitKind.SOCIAL_TARIFF if number == 0 else None,
                    state=state,
                )
            )
        session.add(order)
    page = " ".join(_shown(connected).split())
    assert "<dt>Ingeschreven</dt><dd>2</dd>" in page
    assert "<dt>Met kansentarief</dt><dd>1</dd>" in page
    assert "18 / 20" in page


def test_a_cashier_sees_figures_and_no_settings(connected):
    _activity("Circuskamp", taken=20, uit_status=UitStatus.INCOMPLETE)
    page = _shown(connected, "cashier")
    assert "Waar het vol loopt" in page
    assert "Circuskamp" in page
    assert "Vraagt je aandacht" not in page
    assert "Verbinding met publiq" not in page


def test_a_monitor_sees_no_figures(connected):
    _activity("Circuskamp", taken=20)
    page = _shown(connected, "monitor")
    assert "Circuskamp" not in page
    assert "Je aanwezigheidslijsten" in page


def test_it_takes_as_many_queries_however_many_there_are(connected):
    client = signed_in(connected, "admin")
    for number in range(2):
        _activity(f"Een {number}", taken=19, uit_status=UitStatus.COMPLETE)
    with count_queries() as few:
        client.get("/beheer/")
    for number in range(15):
        _activity(f"Twee {number}", taken=19, uit_status=UitStatus.COMPLETE)
    with count_queries() as many:
        client.get("/beheer/")
    assert len(many) == len(few)
    assert len(many) <= 30
