"""The page of a basket, for whoever shows it: opening it, or a finishing that did not succeed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from werkzeug.wrappers import Response

from app.clock import now
from app.payments.models import PaymentMethod
from app.sales.benefit_choice import unsettled
from app.sales.checkout import total_of
from app.sales.holds import HOLD, extendable_from, is_held
from app.sales.models import Basket, BasketLine
from app.sales.problems import SaleProblem
from app.web.dates import when_in_words
from app.web.pages import page
from app.web.places import place_names
from app.web.registering_steps import FlowAddresses
from app.web.words import BENEFIT_KINDS

ZERO = Decimal("0.00")
FIELDS = {"method": "betaalwijze-desk", "terms": "voorwaarden"}
"""Where on the page a problem of finishing belongs, by the field that the use case names."""


def basket_page(
    found: Basket,
    at: FlowAddresses,
    *,
    template: str,
    problems: Sequence[SaleProblem] = (),
    method: str = "",
    methods: Sequence[tuple[str, str, str]] | None = None,
    terms_accepted: bool = False,
    **context: Any,
) -> Response:
    """The page of a basket; each problem stands at its line or field, and what was typed stays."""
    by_line = {item.line_id: item.sentence for item in problems if item.line_id is not None}
    by_field = {item.field: item.sentence for item in problems if item.field in FIELDS}
    return page(
        template,
        errors=[(_place_of(item), item.sentence) for item in problems],
        at=at,
        basket=found,
        lines=found.lines,
        line_messages={line.id: by_line.get(line.id) or line.message for line in found.lines},
        field_errors=by_field,
        when=when_in_words,
        kinds=BENEFIT_KINDS,
        places=place_names(line.activity_id for line in found.lines),
        method=method,
        methods=methods or _methods(),
        terms_accepted=terms_accepted,
        **_sums(found.lines, total_of(found)),
        **_time(found, at),
        unsettled_ids={line.id for line in unsettled(found)},
        **context,
    )


def _place_of(problem: SaleProblem) -> str:
    if problem.line_id is not None:
        return f"lijn-{problem.line_id}"
    return FIELDS.get(problem.field, "")


def _methods() -> list[tuple[str, str, str]]:
    return [
        (PaymentMethod.DESK.value, "Aan het loket", "Met cash of kaart, als je langskomt."),
        (
            PaymentMethod.TRANSFER.value,
            "Met een overschrijving",
            "Je krijgt het rekeningnummer en de mededeling.",
        ),
    ]


def _sums(lines: Sequence[BasketLine], total: Decimal) -> dict[str, Any]:
    regular = sum((line.regular_price for line in lines), ZERO)
    return {"regular": regular, "discount": regular - total, "total": total}


def _time(found: Basket, at: FlowAddresses) -> dict[str, Any]:
    held = is_held(found)
    left = int((found.held_until - now()).total_seconds()) if held and found.held_until else 0
    return {
        "expired": not held or any(not line.holding for line in found.lines),
        "held": held,
        "seconds_left": left,
        "total_seconds": max(int(HOLD.total_seconds()), left),
        "extend_url": at.extend if extendable_from(found) else None,
    }
