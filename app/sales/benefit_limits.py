"""How often a benefit can be used within one basket: what publiq says remains (R3)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from app.extensions import _t
from app.sales.models import BasketLine
from app.sales.problems import SaleProblem
from app.uitpas.benefits import Offer
from app.uitpas.models import BenefitKind


def offer_of(line: BasketLine, offer_id: str) -> Offer | None:
    """What publiq offered this line under that id; None for no benefit, or one it did not."""
    offers = [Offer.from_json(stored) for stored in line.offers]
    return next((offer for offer in offers if offer.id == offer_id), None)


def chosen_too_often(
    lines: Mapping[int, BasketLine], wanted: Mapping[int, Offer | None]
) -> list[SaleProblem]:
    """The same benefit of the same pass, more often than publiq says remains.

    ``wanted`` is what is chosen now; the other lines count with what they have.
    """
    uses: dict[tuple[str | None, ...], list[tuple[int, Offer]]] = defaultdict(list)
    for line_id, line in lines.items():
        offer = wanted[line_id] if line_id in wanted else offer_of(line, line.tariff_id or "")
        if offer is not None:
            uses[use_of(line, offer)].append((line_id, offer))
    problems = []
    for found in uses.values():
        remaining = min(offer.remaining for _line_id, offer in found)
        if len(found) <= remaining:
            continue
        for line_id, offer in found:
            sentence = _too_often(lines, [other for other, _offer in found], offer, remaining)
            problems.append(SaleProblem(sentence, field=f"benefit-{line_id}", line_id=line_id))
    return problems


def use_of(line: BasketLine, offer: Offer) -> tuple[str | None, ...]:
    """What uses up the same: a coupon wherever it is used, a tariff at its event."""
    if offer.kind is BenefitKind.COUPON:
        return (line.uitpas_number, offer.id)
    return (line.uitpas_number, line.event_id, offer.id)


def _too_often(
    lines: Mapping[int, BasketLine], line_ids: Sequence[int], offer: Offer, remaining: int
) -> str:
    names = dict.fromkeys(
        person.first_name for line_id in line_ids if (person := lines[line_id].person) is not None
    )
    what = _t("Deze coupon") if offer.kind is BenefitKind.COUPON else _t("Dit voordeel")
    sentence = _t(
        "%(what)s kan nog %(number)s keer met deze UiTPAS. Kies het minder vaak.",
        what=what,
        number=remaining,
    )
    if len(names) < 2:
        return sentence
    shared = _t("%(names)s gebruiken hetzelfde UiTPAS-nummer.", names=" en ".join(names))
    return f"{shared} {sentence}"
