"""'Waarom geen kansentarief?': from facts to reasons in plain Dutch, each with who can mend it.

A pure chain of checks. What stands in the way of asking further ends the chain; what publiq says
itself is passed on word for word.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from app.extensions import _t
from app.settings.environments import ENVIRONMENT_NAMES
from app.settings.models import Environment
from app.uitpas.reasons import ASIDE, BY_PROBLEM, SENTENCES, Mender, Reason, ReasonKind
from app.uitpas.sales_sentences import SoldFacts, counted, limit_reached


@dataclass(frozen=True)
class Refused:
    """publiq's refusal of a question: its problem, its words, and the card's status if it says."""

    problem: str
    said: str = ""
    card_status: str = ""
    forbidden: bool = False
    call_id: int | None = None


@dataclass(frozen=True)
class ActivityFacts:
    """What we know of the activity; ``price`` in euro is the regular one."""

    price: Decimal | None
    event_id: str | None = None
    pending: bool = False
    elsewhere: tuple[Environment, ...] = ()
    organizer_id: str = ""
    organizer_is_uitpas: bool = False
    hidden_audience: bool = False
    """It is for members or schools only."""
    over: bool = False
    """It is past, or will not take place."""


@dataclass(frozen=True)
class PassFacts:
    """What publiq says of the pass that an answer needs; never shown as such."""

    social_tariff: str
    card_system_id: int | None = None
    card_system_name: str = ""
    replaced: bool = False
    """Whether publiq gave another number: that of the card that came in its place."""


@dataclass(frozen=True)
class TariffFacts:
    """What publiq offers now: the price with social tariff, and whether there is a coupon."""

    social_price: Decimal | None = None
    coupons: int = 0
    said: str = ""


@dataclass(frozen=True)
class Facts:
    """All that was found out. None means that it could not be, or need not be, asked."""

    environment: Environment
    uitdatabank_on: bool
    uitpas_on: bool
    coupons_on: bool
    activity: ActivityFacts
    has_number: bool = True
    not_connected: str = ""
    no_answer: str = ""
    event_unknown: bool = False
    failed_call_id: int | None = None
    """The logged call after which nothing, or not all, was answered."""
    event_call_id: int | None = None
    """The logged call in which publiq did not know the event."""
    card_systems: dict[int, tuple[str, bool]] | None = None
    """Of the event: name and whether it is on, by id."""
    rights: frozenset[str] | None = None
    """Ours for the event's organizer; empty when it gave us none."""
    holder: PassFacts | None = None
    holder_refused: Refused | None = None
    tariffs: TariffFacts | None = None
    tariffs_refused: Refused | None = None
    used_here: int = 0
    """Live sales of ours with social tariff, with this pass for this event."""
    sold: SoldFacts | None = None
    sold_hidden: bool = False
    """We may not see publiq's list of sales."""
    coupon_used: bool = False
    """We sold with a coupon of this pass before, and that sale stands."""


def explain_benefit(facts: Facts) -> list[Reason]:
    """The reasons, what stands in the way of all else first; each kind once."""
    reasons: dict[ReasonKind, Reason] = {}
    for reason in _chain(facts):
        reasons.setdefault(reason.kind, reason)
    return list(reasons.values())


def may_be_a_limit(facts: Facts) -> bool:
    """Whether counting earlier sales may explain it: an active tariff that is not given here."""
    if facts.holder is None or facts.holder.social_tariff != "ACTIVE" or _is_elsewhere(facts):
        return False
    if facts.tariffs is not None:
        return facts.tariffs.social_price is None
    refused = facts.tariffs_refused
    return refused is not None and BY_PROBLEM.get(refused.problem) is ReasonKind.LIMIT_REACHED


def _chain(facts: Facts) -> Iterator[Reason]:
    before = [*_of_activity(facts)]
    yield from before
    if any(reason.kind not in ASIDE for reason in before):
        return
    if facts.not_connected:
        yield Reason(
            ReasonKind.NOT_CONNECTED,
            facts.not_connected,
            Mender.ADMIN,
            call_id=facts.failed_call_id,
        )
        return
    yield from _of_event(facts)
    yield from _of_holder(facts)
    yield from _of_tariffs(facts)
    if facts.no_answer:
        yield Reason(
            ReasonKind.NO_ANSWER, facts.no_answer, Mender.TIME, call_id=facts.failed_call_id
        )


def _of_activity(facts: Facts) -> Iterator[Reason]:
    activity = facts.activity
    if not facts.uitdatabank_on or not facts.uitpas_on:
        yield Reason(
            ReasonKind.MODULE_OFF,
            _t("De module UiTPAS staat uit bij de UiT-instellingen."),
            Mender.ADMIN,
        )
        return
    if activity.over:
        said = _t("De activiteit is voorbij of gaat niet door: inschrijven kan niet meer.")
        yield Reason(ReasonKind.ACTIVITY_OVER, said, Mender.NOBODY)
    if activity.hidden_audience:
        said = _t(
            "De activiteit is er alleen voor leden of scholen. Dat speelt geen rol: ook dan is "
            "kansentarief mogelijk."
        )
        yield Reason(ReasonKind.AUDIENCE_IRRELEVANT, said, Mender.NOBODY)
    if activity.price is None:
        said = _t(
            "De activiteit heeft geen prijs. Zonder prijs is er niets om korting op te geven."
        )
        yield Reason(ReasonKind.NO_PRICE, said, Mender.ADMIN)
        return
    if activity.price <= 0:
        said = _t("De activiteit is gratis. Dan is er niets om korting op te geven.")
        yield Reason(ReasonKind.ACTIVITY_FREE, said, Mender.NOBODY)
        return
    if activity.event_id is None:
        yield _not_published(facts)


def _not_published(facts: Facts) -> Reason:
    activity = facts.activity
    if activity.pending:
        said = _t("De activiteit wordt net gepubliceerd. Dat duurt hoogstens enkele minuten.")
        return Reason(ReasonKind.PUBLICATION_PENDING, said, Mender.TIME)
    if activity.elsewhere:
        said = _t(
            "De activiteit is gepubliceerd in %(elsewhere)s, en nu staat %(here)s aan. Publiceer "
            "ze ook in %(here)s, of zet de juiste omgeving aan.",
            elsewhere=", ".join(str(ENVIRONMENT_NAMES[one]) for one in activity.elsewhere),
            here=str(ENVIRONMENT_NAMES[facts.environment]),
        )
        return Reason(ReasonKind.OTHER_ENVIRONMENT, said, Mender.ADMIN)
    said = _t(
        "De activiteit is niet gepubliceerd in UiTdatabank. Vul de tab UiTdatabank in en publiceer."
    )
    return Reason(ReasonKind.NOT_PUBLISHED, said, Mender.ADMIN)


def _of_event(facts: Facts) -> Iterator[Reason]:
    activity, systems = facts.activity, facts.card_systems
    partner = activity.organizer_is_uitpas or bool(facts.rights)
    if (facts.event_unknown and not partner) or systems == {}:
        said = _t(
            "De organisator van deze activiteit is geen UiTPAS-partner. Kies op de tab UiTdatabank "
            "een organisator die dat wel is, of laat de organisator partner worden."
        )
        yield Reason(
            ReasonKind.ORGANIZER_NO_PARTNER, said, Mender.ORGANIZER, call_id=facts.event_call_id
        )
    elif facts.event_unknown:
        said = _t(
            "UiTPAS kent deze activiteit nog niet. Na het publiceren duurt dat enkele minuten; "
            "blijft het zo, publiceer ze dan opnieuw en kijk na of ze een basisprijs heeft."
        )
        yield Reason(ReasonKind.EVENT_UNKNOWN, said, Mender.TIME, call_id=facts.event_call_id)
    elif systems is not None and not any(on for _name, on in systems.values()):
        said = _t("Voor deze activiteit staan bij UiTPAS alle kaartsystemen uit.")
        yield Reason(ReasonKind.CARD_SYSTEMS_OFF, said, Mender.ORGANIZER)
    forbidden = facts.tariffs_refused is not None and facts.tariffs_refused.forbidden
    lacks = facts.rights is not None and "TARIFFS_READ" not in facts.rights
    asked = bool(activity.organizer_id) and systems != {} and not facts.event_unknown
    if forbidden or (asked and lacks):
        said = _t(
            "Onze gegevens mogen bij UiTPAS geen tarieven opvragen voor deze organisator (recht "
            "TARIFFS_READ). Bij de UiT-instellingen staat een zin die je aan publiq kan bezorgen."
        )
        call_id = facts.tariffs_refused.call_id if facts.tariffs_refused and forbidden else None
        yield Reason(ReasonKind.RIGHT_MISSING, said, Mender.PUBLIQ, call_id=call_id)


def _of_holder(facts: Facts) -> Iterator[Reason]:
    if not facts.has_number:
        said = _t("Bij deze persoon staat geen UiTPAS-nummer. Vul het in of zoek het op.")
        yield Reason(ReasonKind.NO_NUMBER, said, Mender.STAFF)
        return
    if facts.holder_refused is not None and not facts.holder_refused.forbidden:
        refused = facts.holder_refused
        yield replace(_of_card(refused), call_id=refused.call_id)
    holder, systems = facts.holder, facts.card_systems or {}
    if holder is not None and holder.replaced:
        yield _reason(ReasonKind.CARD_REPLACED)
    if holder is not None and _is_elsewhere(facts) and not _gives(facts):
        names = ", ".join(name for name, on in systems.values() if on)
        said = _t(
            "De pas is van %(own)s, en deze activiteit aanvaardt alleen %(names)s.",
            own=holder.card_system_name or _t("een andere regio"),
            names=names or _t("passen van de eigen regio"),
        )
        words = facts.tariffs.said if facts.tariffs else ""
        yield Reason(ReasonKind.REGION_DIFFERS, said, Mender.NOBODY, words)


def _of_tariffs(facts: Facts) -> Iterator[Reason]:
    refused, tariffs = facts.tariffs_refused, facts.tariffs
    if refused is not None and not refused.forbidden:
        yield replace(_of_refusal(refused), call_id=refused.call_id)
        if BY_PROBLEM.get(refused.problem) is ReasonKind.LIMIT_REACHED:
            yield from counted(facts.used_here, facts.sold, hidden=facts.sold_hidden)
    if facts.coupon_used:
        said = _t("Met deze pas werd bij ons al een coupon gebruikt; die telt niet opnieuw.")
        yield Reason(ReasonKind.COUPON_USED, said, Mender.NOBODY)
    if tariffs is None:
        return
    if tariffs.social_price is not None:
        said = _t("Er is wel kansentarief voor deze pas en deze activiteit.")
        yield Reason(ReasonKind.GIVEN, said, Mender.STAFF, tariffs.said)
        return
    yield from _without_social_tariff(facts, tariffs)


def _without_social_tariff(facts: Facts, tariffs: TariffFacts) -> Iterator[Reason]:
    status = facts.holder.social_tariff if facts.holder else ""
    if status == "EXPIRED":
        yield _reason(ReasonKind.TARIFF_EXPIRED, tariffs.said)
    elif status == "NONE":
        yield _reason(ReasonKind.NO_TARIFF, tariffs.said)
    elif facts.used_here or (facts.sold is not None and facts.sold.here):
        yield limit_reached(facts.used_here, facts.sold, tariffs.said)
    elif tariffs.said and not _is_elsewhere(facts):
        yield _reason(ReasonKind.SAID_BY_UITPAS, tariffs.said)
    elif not tariffs.coupons and not _is_elsewhere(facts):
        yield _reason(ReasonKind.UNEXPLAINED)
    if status not in {"EXPIRED", "NONE"}:
        yield from counted(facts.used_here, facts.sold, hidden=facts.sold_hidden)
    if tariffs.coupons and facts.coupons_on:
        yield _reason(ReasonKind.COUPON_ONLY)
    elif tariffs.coupons:
        yield _reason(ReasonKind.COUPONS_OFF)


def _is_elsewhere(facts: Facts) -> bool:
    """Whether the pass is surely of a card system that this event does not take."""
    holder, systems = facts.holder, facts.card_systems
    if holder is None or not systems or holder.card_system_id is None:
        return False
    return not systems.get(holder.card_system_id, ("", False))[1]


def _gives(facts: Facts) -> bool:
    return facts.tariffs is not None and facts.tariffs.social_price is not None


def _of_card(refused: Refused) -> Reason:
    if refused.problem in {"uitpas/pass-not-found", "uitpas/invalid-uitpas-number"}:
        return _reason(ReasonKind.NUMBER_UNKNOWN, refused.said)
    if refused.problem == "uitpas/invalid-card-status":
        if refused.card_status in {"LOCAL_STOCK", "PROVISIONED"}:
            return _reason(ReasonKind.CARD_UNREGISTERED, refused.said)
        if refused.card_status in {"BLOCKED", "DELETED"}:
            return _reason(ReasonKind.CARD_BLOCKED, refused.said)
        return _reason(ReasonKind.CARD_UNUSABLE, refused.said)
    return _of_refusal(refused)


def _of_refusal(refused: Refused) -> Reason:
    """Of any question about a pass and an event, by publiq's problem."""
    if refused.problem == "uitpas/invalid-card-status":
        return _of_card(refused)
    return _reason(BY_PROBLEM.get(refused.problem, ReasonKind.SAID_BY_UITPAS), refused.said)


def _reason(kind: ReasonKind, said: str = "") -> Reason:
    if kind is ReasonKind.SAID_BY_UITPAS and not said:
        kind = ReasonKind.UNEXPLAINED
    sentence, mender = SENTENCES[kind]
    return Reason(kind, str(sentence), mender, said)
