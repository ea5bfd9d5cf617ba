"""Which benefits a pass gives for an activity: asked from UiTPAS each time, never calculated."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.extensions import end_read
from app.parallel import in_parallel
from app.publiq.errors import PubliqError
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment
from app.settings.publiq_errors import call_of
from app.settings.uit import get_modules
from app.uitpas.models import BenefitKind
from app.uitpas.sentences import NOT_ALLOWED, own_sentence

LONGEST_NAME = 300
"""What the ledger keeps of a tariff's name."""


@dataclass(frozen=True)
class BenefitAsk:
    """The question for one pass, one event and one price (euro)."""

    key: int
    environment: Environment
    event_id: str
    uitpas_number: str
    regular_price: Decimal
    activity_id: int | None = None


@dataclass(frozen=True)
class Offer:
    """One benefit that publiq offers; ``price`` is what the person pays, in euro."""

    id: str
    name: str
    kind: BenefitKind
    price: Decimal
    remaining: int

    def as_json(self) -> dict[str, Any]:
        """For keeping with a basket line."""
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind.value,
            "price": str(self.price),
            "remaining": self.remaining,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Offer":
        """From what was kept with a basket line."""
        return cls(
            stored["id"],
            stored["name"],
            BenefitKind(stored["kind"]),
            Decimal(stored["price"]),
            stored["remaining"],
        )


SOLD_KINDS = frozenset({BenefitKind.SOCIAL_TARIFF, BenefitKind.COUPON})
"""What is registered as a ticket sale; a reward goes its own way (DESIGN)."""


@dataclass(frozen=True)
class BenefitAnswer:
    """What publiq answered: offers, and what it says to the person, word for word."""

    offers: list[Offer] = field(default_factory=list)
    message: str = ""
    """publiq's own words to the end user."""
    sentence: str = ""
    """Our own sentence, when publiq gave no answer that a person can use."""
    answered: bool = True
    """False when publiq could not be asked: then nothing is known of this pass."""
    problem: str = ""
    call_id: int | None = None
    """The row of the log of calls, where publiq refused or gave no answer."""


def ask_benefits(asks: Sequence[BenefitAsk]) -> dict[int, BenefitAnswer]:
    """Ask the tariffs of each pass (GET /tariffs), several at once; one failure blocks no other.

    Outside any transaction. Coupons are left out while their module is off (R3, S2).
    """
    coupons = get_modules().coupons
    end_read()
    return in_parallel({ask.key: lambda ask=ask: _ask(ask, coupons) for ask in asks})


def _ask(ask: BenefitAsk, coupons: bool) -> BenefitAnswer:
    try:
        client = publiq_client(
            ask.environment, purpose="voordelen opvragen", activity_id=ask.activity_id
        )
        end_read()
        tariffs = client.uitpas.tariffs(ask.event_id, ask.uitpas_number, ask.regular_price)
    except NotConnected:  # its own sentence is for staff
        return BenefitAnswer(sentence=str(NOT_ALLOWED), answered=False)
    except PubliqError as error:
        return _refusal(error)
    # a type that is new at publiq, or a reward, is not sold as a ticket sale: it is left out
    wanted = {kind.value for kind in (SOLD_KINDS if coupons else {BenefitKind.SOCIAL_TARIFF})}
    offers = [
        Offer(t.id, t.name[:LONGEST_NAME], BenefitKind(t.type), t.price, t.remaining)
        for t in tariffs.available
        if t.type in wanted
    ]
    offers.sort(key=lambda offer: (offer.kind is not BenefitKind.SOCIAL_TARIFF, offer.price))
    return BenefitAnswer(offers=offers, message=tariffs.message or "")


def _refusal(error: PubliqError) -> BenefitAnswer:
    """publiq's refusal of a pass is an answer too; only silence is none."""
    answered = error.problem.startswith("uitpas/") and error.status in {400, 404}
    return BenefitAnswer(
        message=error.end_user_message or "",
        sentence="" if error.end_user_message else own_sentence(error),
        answered=answered,
        problem=error.problem,
        call_id=call_of(error),
    )
