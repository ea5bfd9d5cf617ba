"""'Waarom geen kansentarief?': the chain of checks, alone and with publiq's public test holders."""

from dataclasses import replace
from decimal import Decimal

import pytest
import requests
from flask import Flask
from sqlalchemy import select, update

from app.activities.models import Activity, ActivityState
from app.clock import now
from app.extensions import db, write_transaction
from app.publiq.uitpas import SaleWish
from app.settings.connections import publiq_client
from app.settings.models import AuditEntry, Environment, PubliqCall
from app.settings.uit import uit_settings_for_update
from app.uitdatabank.models import EventLink
from app.uitpas.asking_why import why_no_tariff
from app.uitpas.explaining import (
    ActivityFacts,
    Facts,
    PassFacts,
    Refused,
    TariffFacts,
    explain_benefit,
)
from app.uitpas.reasons import SENTENCES, Mender, ReasonKind
from app.uitpas.sales_sentences import SoldFacts
from tests.making import make_activity
from tests.sales.conftest import (  # noqa: F401 - fixtures
    EVENT,
    ONCE_A_WEEK,
    SOCIAL,
    Publiq,
    camp,
    connected,
    publiq,
    publish_as,
)

# ruff: noqa: F811 - a parameter names its fixture

ORGANIZER = "0ce87cbc-9299-4528-8d35-92225dc9489f"
OTHER_ORGANIZER_EVENT = "373d6cee-b4ae-4637-9b7c-eeb79e45f044"
GENT = {1: ("UiTPAS Gent", True), 2: ("Paspartoe", True)}
FULL = frozenset({"TARIFFS_READ", "TICKETSALES_REGISTER"})

GOOD = Facts(
    environment=Environment.PRODUCTION,
    uitdatabank_on=True,
    uitpas_on=True,
    coupons_on=True,
    activity=ActivityFacts(
        price=Decimal("60.00"), event_id="e", organizer_id="o", organizer_is_uitpas=True
    ),
    card_systems=GENT,
    rights=FULL,
    holder=PassFacts("ACTIVE", 1, "UiTPAS Gent"),
    tariffs=TariffFacts(social_price=Decimal("12.00")),
)


def kinds(facts: Facts) -> list[ReasonKind]:
    return [reason.kind for reason in explain_benefit(facts)]


def activity(**changes: object) -> Facts:
    return replace(GOOD, activity=replace(GOOD.activity, **changes))


def without(**changes: object) -> Facts:
    """No social tariff, and publiq says nothing."""
    return replace(GOOD, **{"tariffs": TariffFacts(), **changes})


def test_a_pass_with_a_social_tariff_gets_it_and_there_is_no_other_reason() -> None:
    assert kinds(GOOD) == [ReasonKind.GIVEN]


@pytest.mark.parametrize(
    ("facts", "kind", "mender"),
    [
        (replace(GOOD, uitpas_on=False), ReasonKind.MODULE_OFF, Mender.ADMIN),
        (replace(GOOD, uitdatabank_on=False), ReasonKind.MODULE_OFF, Mender.ADMIN),
        (activity(price=Decimal("0.00")), ReasonKind.ACTIVITY_FREE, Mender.NOBODY),
        (activity(price=None), ReasonKind.NO_PRICE, Mender.ADMIN),
        (activity(event_id=None), ReasonKind.NOT_PUBLISHED, Mender.ADMIN),
        (activity(event_id=None, pending=True), ReasonKind.PUBLICATION_PENDING, Mender.TIME),
        (
            activity(event_id=None, elsewhere=(Environment.TEST,)),
            ReasonKind.OTHER_ENVIRONMENT,
            Mender.ADMIN,
        ),
        (without(not_connected="nog niet ingesteld"), ReasonKind.NOT_CONNECTED, Mender.ADMIN),
        (
            without(no_answer="antwoordt niet", tariffs=None, holder=None),
            ReasonKind.NO_ANSWER,
            Mender.TIME,
        ),
        (
            without(event_unknown=True, card_systems=None, tariffs=None),
            ReasonKind.EVENT_UNKNOWN,
            Mender.TIME,
        ),
        (
            without(
                event_unknown=True,
                card_systems=None,
                rights=frozenset(),
                tariffs=None,
                activity=replace(GOOD.activity, organizer_is_uitpas=False),
            ),
            ReasonKind.ORGANIZER_NO_PARTNER,
            Mender.ORGANIZER,
        ),
        (without(card_systems={}, tariffs=None), ReasonKind.ORGANIZER_NO_PARTNER, Mender.ORGANIZER),
        (
            without(card_systems={1: ("UiTPAS Gent", False)}, tariffs=None, holder=None),
            ReasonKind.CARD_SYSTEMS_OFF,
            Mender.ORGANIZER,
        ),
        (without(rights=frozenset(), tariffs=None), ReasonKind.RIGHT_MISSING, Mender.PUBLIQ),
        (
            without(tariffs=None, tariffs_refused=Refused("auth/forbidden", forbidden=True)),
            ReasonKind.RIGHT_MISSING,
            Mender.PUBLIQ,
        ),
        (
            without(has_number=False, holder=None, tariffs=None),
            ReasonKind.NO_NUMBER,
            Mender.STAFF,
        ),
        (
            without(holder=PassFacts("ACTIVE", 3, "UiTPAS Dender")),
            ReasonKind.REGION_DIFFERS,
            Mender.NOBODY,
        ),
        (without(holder=PassFacts("EXPIRED", 1)), ReasonKind.TARIFF_EXPIRED, Mender.UITPAS_DESK),
        (without(holder=PassFacts("NONE", 1)), ReasonKind.NO_TARIFF, Mender.UITPAS_DESK),
        (without(used_here=1), ReasonKind.LIMIT_REACHED, Mender.SELLER),
        (without(sold=SoldFacts(1, 1)), ReasonKind.LIMIT_REACHED, Mender.SELLER),
        (without(sold=SoldFacts(0, 2)), ReasonKind.SALES_COUNTED, Mender.SELLER),
        (without(sold=SoldFacts(0, 0)), ReasonKind.SALES_COUNTED, Mender.UITPAS_DESK),
        (without(sold_hidden=True), ReasonKind.SALES_HIDDEN, Mender.PUBLIQ),
        (
            without(tariffs=TariffFacts(said="Dit kan niet.")),
            ReasonKind.SAID_BY_UITPAS,
            Mender.MESSAGE,
        ),
        (without(), ReasonKind.UNEXPLAINED, Mender.UITPAS_DESK),
    ],
)
def test_each_reason_has_a_sentence_and_says_who_can_mend_it(
    facts: Facts, kind: ReasonKind, mender: Mender
) -> None:
    reason = next(one for one in explain_benefit(facts) if one.kind is kind)
    assert reason.mender is mender
    assert reason.sentence.endswith((".", "ingesteld", "niet"))
    assert ReasonKind.GIVEN not in kinds(facts)


@pytest.mark.parametrize(
    ("problem", "status", "kind"),
    [
        ("uitpas/pass-not-found", "", ReasonKind.NUMBER_UNKNOWN),
        ("uitpas/invalid-uitpas-number", "", ReasonKind.NUMBER_UNKNOWN),
        ("uitpas/passholder-not-found", "", ReasonKind.NUMBER_UNKNOWN),
        ("uitpas/invalid-card-status", "BLOCKED", ReasonKind.CARD_BLOCKED),
        ("uitpas/invalid-card-status", "DELETED", ReasonKind.CARD_BLOCKED),
        ("uitpas/invalid-card-status", "LOCAL_STOCK", ReasonKind.CARD_UNREGISTERED),
        ("uitpas/invalid-card-status", "PROVISIONED", ReasonKind.CARD_UNREGISTERED),
        ("uitpas/invalid-card-status", "", ReasonKind.CARD_UNUSABLE),
        ("uitpas/passholder-blocked", "", ReasonKind.CARD_BLOCKED),
        ("uitpas/invalid-card", "", ReasonKind.CARD_UNUSABLE),
        ("uitpas/passholder-no-active-cardsystems", "", ReasonKind.CARD_EXPIRED),
        ("uitpas/social-tariff-expired", "", ReasonKind.TARIFF_EXPIRED),
        ("uitpas/social-tariff-suspended", "", ReasonKind.TARIFF_SUSPENDED),
        ("uitpas/maximum-reached", "", ReasonKind.LIMIT_REACHED),
        ("uitpas/invalid-coupon", "", ReasonKind.COUPON_USED),
        ("uitpas/event-not-found", "", ReasonKind.EVENT_UNKNOWN),
        ("uitpas/price-cap-reached", "", ReasonKind.SAID_BY_UITPAS),
    ],
)
def test_what_publiq_refuses_is_a_reason_with_its_words(
    problem: str, status: str, kind: ReasonKind
) -> None:
    facts = without(
        holder=None, tariffs=None, tariffs_refused=Refused(problem, "Woord voor woord.", status)
    )
    (reason,) = explain_benefit(facts)
    assert (reason.kind, reason.said) == (kind, "Woord voor woord.")
    assert reason.sentence == str(SENTENCES[kind][0])


def test_a_card_that_is_refused_twice_is_told_once() -> None:
    blocked = Refused("uitpas/invalid-card-status", "Geblokkeerd.", "BLOCKED")
    facts = without(holder=None, holder_refused=blocked, tariffs=None, tariffs_refused=blocked)
    assert kinds(facts) == [ReasonKind.CARD_BLOCKED]


def test_publiqs_words_about_another_region_are_told_once() -> None:
    facts = without(
        holder=PassFacts("ACTIVE", 3, "UiTPAS Dender"), tariffs=TariffFacts(said="Andere regio.")
    )
    (reason,) = explain_benefit(facts)
    assert (reason.kind, reason.said) == (ReasonKind.REGION_DIFFERS, "Andere regio.")


def test_coupons_are_told_with_the_module_on_or_off() -> None:
    facts = without(holder=PassFacts("NONE", 1), tariffs=TariffFacts(coupons=1))
    assert kinds(facts) == [ReasonKind.NO_TARIFF, ReasonKind.COUPON_ONLY]
    assert kinds(replace(facts, coupons_on=False)) == [
        ReasonKind.NO_TARIFF,
        ReasonKind.COUPONS_OFF,
    ]


def test_a_hidden_audience_is_told_to_be_irrelevant_and_ends_nothing() -> None:
    assert kinds(activity(hidden_audience=True)) == [
        ReasonKind.AUDIENCE_IRRELEVANT,
        ReasonKind.GIVEN,
    ]


def test_an_activity_that_is_over_still_gets_its_answer() -> None:
    assert kinds(activity(over=True)) == [ReasonKind.ACTIVITY_OVER, ReasonKind.GIVEN]


# With the sandbox


def asked(shown: Activity, number: str | None = SOCIAL) -> list[ReasonKind]:
    answer = why_no_tariff(shown.id, number)
    assert answer is not None
    return [reason.kind for reason in answer.reasons]


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        ("0900000095902", ReasonKind.NO_TARIFF, ""),
        ("0900000067513", ReasonKind.GIVEN, ""),
        ("0900000031618", ReasonKind.TARIFF_EXPIRED, "vervallen"),
        ("0900010959113", ReasonKind.GIVEN, ""),
        ("0900000002312", ReasonKind.CARD_BLOCKED, "geblokkeerd"),
        ("0900000058918", ReasonKind.TARIFF_EXPIRED, "vervallen"),
        ("1000000520006", ReasonKind.NO_TARIFF, ""),
        ("0900000093204", ReasonKind.REGION_DIFFERS, "andere regio"),
        ("0900004518305", ReasonKind.NO_TARIFF, ""),
        ("0900011902815", ReasonKind.GIVEN, ""),
        ("0900011903417", ReasonKind.GIVEN, ""),
        ("0900000074519", ReasonKind.CARD_UNREGISTERED, "nog niet geregistreerd"),
        ("0900000020405", ReasonKind.CARD_UNREGISTERED, "nog niet geregistreerd"),
        ("0900000045410", ReasonKind.GIVEN, ""),
        ("0900000191800", ReasonKind.COUPON_ONLY, ""),
        ("0900000000009", ReasonKind.NUMBER_UNKNOWN, "geen UiTPAS"),
    ],
)
def test_publiqs_public_test_passholders_get_the_answer_that_fits_them(
    app: Flask, camp: Activity, number: str, kind: ReasonKind, words: str
) -> None:
    answer = why_no_tariff(camp.id, number)
    assert answer is not None
    found = {reason.kind: reason for reason in answer.reasons}
    assert kind in found
    assert answer.given == (kind is ReasonKind.GIVEN)
    assert any(words in reason.said for reason in found.values())
    if answer.given:
        assert answer.social_price is not None and answer.social_price < Decimal("60")


def test_an_activity_that_was_never_published_asks_publiq_nothing(
    app: Flask, connected: None
) -> None:
    assert asked(make_activity("Circus")) == [ReasonKind.NOT_PUBLISHED]
    assert db.session.scalar(select(PubliqCall.id)) is None


def test_an_activity_published_in_another_environment_is_told(app: Flask, camp: Activity) -> None:
    with write_transaction():
        uit_settings_for_update().active_environment = Environment.TEST
    assert asked(camp) == [ReasonKind.OTHER_ENVIRONMENT]


def test_an_event_that_uitpas_does_not_know_yet_is_told(app: Flask, connected: None) -> None:
    shown = publish_as(make_activity("Circus"), "11111111-1111-4111-8111-111111111111")
    with write_transaction() as session:
        session.execute(update(EventLink).values(organizer_id=ORGANIZER, organizer_is_uitpas=True))
    assert ReasonKind.EVENT_UNKNOWN in asked(shown)


def test_an_organizer_that_gave_us_no_right_is_told(app: Flask, connected: None) -> None:
    shown = publish_as(make_activity("Circus"), OTHER_ORGANIZER_EVENT)
    with write_transaction() as session:
        session.execute(update(EventLink).values(organizer_id="een-andere-organisator"))
    assert ReasonKind.RIGHT_MISSING in asked(shown)


def test_card_systems_that_were_switched_off_are_told(
    app: Flask, camp: Activity, sandbox_url: str
) -> None:
    client = publiq_client()
    token = client.transport.fetch_token().access_token
    answer = requests.put(
        f"{sandbox_url}/uitpas/events/{EVENT}/card-systems",
        json=[],
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 204
    assert ReasonKind.CARD_SYSTEMS_OFF in asked(camp)


def test_a_limit_that_is_reached_is_told_with_publiqs_words(app: Flask, connected: None) -> None:
    shown = publish_as(make_activity("Circus"), ONCE_A_WEEK)
    client = publiq_client()
    price = Decimal("60.00")
    (tariff,) = client.uitpas.tariffs(ONCE_A_WEEK, SOCIAL, price).available
    client.uitpas.register_ticket_sales([SaleWish(ONCE_A_WEEK, SOCIAL, price, tariff.id, "x")])
    answer = why_no_tariff(shown.id, SOCIAL)
    assert answer is not None and not answer.given
    assert any("al zo vaak" in reason.said for reason in answer.reasons)


def test_the_number_of_a_replaced_card_is_told_and_the_new_card_is_asked_about(
    app: Flask, camp: Activity
) -> None:
    assert asked(camp, "0910000001602") == [ReasonKind.CARD_REPLACED, ReasonKind.REGION_DIFFERS]


def test_publiq_being_down_is_told_and_nothing_breaks(
    app: Flask, camp: Activity, publiq: Publiq
) -> None:
    publiq.fault("uitpas", "plat", count=None)
    assert asked(camp) == [ReasonKind.NO_ANSWER]


def test_a_person_without_a_number_is_told(app: Flask, camp: Activity) -> None:
    assert asked(camp, None) == [ReasonKind.NO_NUMBER]


def test_a_cancelled_activity_and_a_free_one_are_told(app: Flask, connected: None) -> None:
    gone = publish_as(make_activity("Circus", state=ActivityState.CANCELLED))
    assert asked(gone)[0] is ReasonKind.ACTIVITY_OVER
    free = make_activity("Boeken", prices=(("Basistarief", "0.00", ()),))
    assert asked(free) == [ReasonKind.ACTIVITY_FREE]


def test_a_look_up_is_recorded_with_a_masked_number_and_nothing_of_the_holder(
    app: Flask, camp: Activity
) -> None:
    started = now()
    why_no_tariff(camp.id, "0900000031618")
    found = db.session.scalars(select(AuditEntry).where(AuditEntry.at >= started)).all()
    (entry,) = [one for one in found if one.action == "kansentarief nagekeken"]
    assert entry.subject_label == camp.title
    assert entry.detail == {"UiTPAS": "0900…618"}
    calls = db.session.scalars(select(PubliqCall)).all()
    assert len(calls) >= 4
    assert all("0900000031618" not in f"{call.url} {call.request_body}" for call in calls)
    assert all("Rita" not in (call.response_body or "") for call in calls)
