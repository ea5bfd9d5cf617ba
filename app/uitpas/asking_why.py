"""Collecting the facts for 'Waarom geen kansentarief?': what we know, and what publiq answers now.

Outside any transaction. Nothing of what publiq tells of the holder is kept; that somebody asked is
written in the audit trail.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from app.activities.models import Activity, ActivityState
from app.activities.prices import base_category, cheapest_category
from app.clock import now
from app.extensions import _t, db, end_read, write_transaction
from app.parallel import in_parallel
from app.publiq import Publiq
from app.publiq.errors import (
    PubliqAuthenticationFailed,
    PubliqError,
    PubliqForbidden,
    PubliqRefused,
)
from app.publiq.redaction import mask_uitpas_number
from app.publiq.uitpas import Message, Pass, Tariffs, TicketSale
from app.settings.audit import record
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment
from app.settings.publiq_errors import call_of, explain
from app.settings.uit import active_environment, get_modules
from app.uitdatabank.links import is_under_way
from app.uitdatabank.models import Audience, EventLink, UitProfile
from app.uitpas.explaining import (
    ActivityFacts,
    Facts,
    PassFacts,
    Refused,
    TariffFacts,
    explain_benefit,
    may_be_a_limit,
)
from app.uitpas.models import BenefitKind, EntryState, UitpasEntry
from app.uitpas.reasons import Reason, ReasonKind
from app.uitpas.sales_sentences import SoldFacts

PURPOSE = "waarom geen kansentarief"
LIVE = (EntryState.REGISTERED, EntryState.CANCELLING)


@dataclass(frozen=True)
class Explanation:
    """The answer: the reasons, the prices (euro), and publiq's messages about the pass."""

    title: str
    reasons: list[Reason]
    price: Decimal | None = None
    social_price: Decimal | None = None
    messages: list[Message] = field(default_factory=list)

    @property
    def given(self) -> bool:
        """Whether there is a social tariff after all."""
        return any(reason.kind is ReasonKind.GIVEN for reason in self.reasons)


def why_no_tariff(
    activity_id: int, uitpas_number: str | None, postal_code: str | None = None
) -> Explanation | None:
    """Ask everything for this pass and activity now; None where there is no such activity.

    ``postal_code`` of the person decides the regular price, as at registering.
    """
    activity = db.session.scalar(
        select(Activity)
        .where(Activity.id == activity_id)
        .options(joinedload(Activity.activity_type), selectinload(Activity.price_categories))
    )
    if activity is None:
        return None
    title, modules, environment = activity.title, get_modules(), active_environment()
    facts = Facts(
        environment=environment,
        uitdatabank_on=modules.uitdatabank,
        uitpas_on=modules.uitpas,
        coupons_on=modules.coupons,
        activity=_activity_facts(activity, environment, postal_code),
        has_number=bool(uitpas_number),
    )
    if uitpas_number:
        facts = _with_ledger(facts, {uitpas_number})
    _remember(activity_id, title, uitpas_number)
    messages: list[Message] = []
    if facts.uitpas_on and facts.activity.event_id and facts.activity.price:
        facts = _ask(facts, uitpas_number, activity_id, messages)
    social = facts.tariffs.social_price if facts.tariffs else None
    return Explanation(title, explain_benefit(facts), facts.activity.price, social, messages)


def _activity_facts(
    activity: Activity, environment: Environment, postal_code: str | None
) -> ActivityFacts:
    links = db.session.scalars(select(EventLink).where(EventLink.activity_id == activity.id)).all()
    here = next((link for link in links if link.environment is environment), None)
    audience = db.session.scalar(
        select(UitProfile.audience).where(UitProfile.activity_id == activity.id)
    )
    category = cheapest_category(activity, postal_code) or base_category(activity.price_categories)
    return ActivityFacts(
        price=category.price if category else None,
        event_id=here.event_id if here else None,
        pending=here is not None and here.event_id is None and is_under_way(here),
        elsewhere=tuple(
            link.environment for link in links if link is not here and link.event_id is not None
        ),
        organizer_id=here.organizer_id if here else "",
        organizer_is_uitpas=here is not None and here.organizer_is_uitpas,
        hidden_audience=audience not in {None, Audience.EVERYONE},
        over=activity.state is ActivityState.CANCELLED
        or (activity.last_end is not None and activity.last_end <= now()),
    )


def _with_ledger(facts: Facts, numbers: Collection[str]) -> Facts:
    """What our own ledger knows of this pass, by the numbers of its cards."""
    mine = (
        UitpasEntry.environment == facts.environment,
        UitpasEntry.uitpas_number.in_(numbers),
        UitpasEntry.state.in_(LIVE),
    )
    here = (
        UitpasEntry.event_id == (facts.activity.event_id or ""),
        UitpasEntry.kind == BenefitKind.SOCIAL_TARIFF,
    )
    used, coupons = db.session.execute(
        select(
            func.count(UitpasEntry.id).filter(*here),
            func.count(UitpasEntry.id).filter(UitpasEntry.kind == BenefitKind.COUPON),
        ).where(*mine)
    ).one()
    return replace(facts, used_here=used, coupon_used=bool(coupons))


def _remember(activity_id: int, title: str, uitpas_number: str | None) -> None:
    with write_transaction():
        record(
            "kansentarief nagekeken",
            subject_kind="activiteit",
            subject_id=str(activity_id),
            subject_label=title,
            detail={"UiTPAS": mask_uitpas_number(uitpas_number) if uitpas_number else "geen"},
        )


def _ask(
    facts: Facts, uitpas_number: str | None, activity_id: int, messages: list[Message]
) -> Facts:
    """The four questions to publiq, at once; each failure is a fact too.

    Where a limit may be the reason, a fifth: what was sold to the holder.
    """
    activity = facts.activity
    assert activity.event_id is not None and activity.price is not None
    event_id, price = activity.event_id, activity.price
    questions: dict[str, Callable[[Publiq], Any]] = {
        "systems": lambda client: client.uitpas.card_systems(event_id),
        "rights": lambda client: client.uitpas.permissions(),
    }
    if uitpas_number:
        questions["holder"] = lambda client: client.uitpas.find_pass(uitpas_number)
        questions["tariffs"] = lambda client: client.uitpas.tariffs(event_id, uitpas_number, price)

    def asking(question: Callable[[Publiq], Any]) -> Callable[[], Any]:
        def ask() -> Any:
            try:
                client = publiq_client(facts.environment, purpose=PURPOSE, activity_id=activity_id)
                end_read()
                return question(client)
            except (PubliqError, NotConnected) as error:
                return error

        return ask

    end_read()
    answers = in_parallel({name: asking(question) for name, question in questions.items()})
    holder = answers.get("holder")
    if isinstance(holder, Pass) and holder.uitpas_number != uitpas_number:
        number = holder.uitpas_number  # the card was replaced: only the new one gives benefits
        answers["tariffs"] = asking(lambda client: client.uitpas.tariffs(event_id, number, price))()
        facts = _with_ledger(facts, {number, uitpas_number or number})
    facts = _read(facts, answers, messages, uitpas_number)
    if isinstance(holder, Pass) and activity.organizer_id and may_be_a_limit(facts):
        if facts.rights is not None and "TICKETSALES_SEARCH" not in facts.rights:
            return replace(facts, sold_hidden=True)
        holder_id, organizer_id = holder.passholder_id, activity.organizer_id
        facts = _with_sold(
            facts,
            asking(lambda client: list(_sold_to(client, holder_id, organizer_id)))(),
        )
    return facts


def _sold_to(client: Publiq, passholder_id: str, organizer_id: str) -> Iterator[TicketSale]:
    """publiq's live sales with social tariff, each once: the list may change between two pages."""
    seen: set[str] = set()
    for page in client.uitpas.ticket_sales_of_holder(passholder_id, organizer_id):
        for sale in page:
            if sale.id not in seen and sale.type == BenefitKind.SOCIAL_TARIFF.value:
                seen.add(sale.id)
                yield sale


def _with_sold(facts: Facts, answer: Any) -> Facts:
    """What publiq's list counts; that it gave none is told where it is for want of a right."""
    if isinstance(answer, PubliqForbidden):
        return replace(facts, sold_hidden=True)
    if isinstance(answer, PubliqError):
        return replace(facts, no_answer=_t("UiTPAS antwoordt nu niet op al onze vragen."))
    if not isinstance(answer, list):
        return facts
    here = sum(sale.event_id == facts.activity.event_id for sale in answer)
    return replace(facts, sold=SoldFacts(here, len(answer)))


def _read(
    facts: Facts, answers: dict[str, Any], messages: list[Message], uitpas_number: str | None
) -> Facts:
    found: dict[str, Any] = {}
    for name, answer in answers.items():
        if isinstance(answer, NotConnected | PubliqAuthenticationFailed):
            found["not_connected"] = (
                str(answer) if isinstance(answer, NotConnected) else explain(answer)
            )
            found["failed_call_id"] = call_of(answer) or found.get("failed_call_id")
        elif isinstance(answer, PubliqRefused):
            found.update(_refusal(name, answer))
        elif isinstance(answer, PubliqError):
            found["no_answer"] = _t("UiTPAS antwoordt nu niet op al onze vragen.")
            found["failed_call_id"] = found.get("failed_call_id") or call_of(answer)
        elif name == "systems":
            found["card_systems"] = {one.id: (one.name, one.enabled) for one in answer}
        elif name == "rights":
            mine = {one.id: one.permissions for one in answer}
            found["rights"] = mine.get(facts.activity.organizer_id, frozenset())
        elif isinstance(answer, Pass):
            found["holder"] = PassFacts(
                answer.social_tariff_status,
                answer.card_system_id,
                answer.card_system_name,
                replaced=answer.uitpas_number != uitpas_number,
            )
            messages += answer.messages
        elif isinstance(answer, Tariffs):
            found["tariffs"] = _tariff_facts(answer)
    return replace(facts, **found)


def _tariff_facts(answer: Tariffs) -> TariffFacts:
    social = [one.price for one in answer.available if one.type == BenefitKind.SOCIAL_TARIFF.value]
    coupons = sum(one.type == BenefitKind.COUPON.value for one in answer.available)
    return TariffFacts(social[0] if social else None, coupons, answer.message or "")


def _refusal(name: str, error: PubliqRefused) -> dict[str, Any]:
    if name == "systems":
        if error.problem != "uitpas/event-not-found":
            return {}
        return {"event_unknown": True, "event_call_id": call_of(error)}
    if name == "rights":
        return {}
    refused = Refused(
        error.problem,
        error.end_user_message or "",
        str(error.extras.get("cardStatus") or ""),
        isinstance(error, PubliqForbidden),
        call_of(error),
    )
    return {f"{name}_refused": refused}
