"""A card that was replaced since its number was kept: the number that publiq gives wins (P1)."""

from collections.abc import Mapping
from typing import Any

from app.extensions import end_read, write_transaction
from app.people.passes import PassLookup, find_replaced
from app.sales.basket import lock_basket, open_basket
from app.uitpas.benefits import BenefitAnswer

OTHER_CARD = frozenset(
    {
        "uitpas/invalid-uitpas-number",
        "uitpas/passholder-not-found",
        "uitpas/pass-not-found",
        "uitpas/invalid-card",
        "uitpas/invalid-card-status",
    }
)
"""publiq's answers after which the card may have been replaced by another."""


def follow_replaced(
    customer_id: int, answers: Mapping[int, BenefitAnswer], **basket_of: Any
) -> dict[int, PassLookup]:
    """Ask about every card that was refused, and go on with the number of the new one.

    ``answers`` are by line id, ``basket_of`` says whose basket as for ``open_basket()``. Returns
    by person id whose card was replaced; person and lines have the new number, and their benefits
    are to be asked anew. Outside any transaction.
    """
    basket = open_basket(customer_id, **basket_of)
    refused = {
        line.person_id
        for line in (basket.lines if basket else [])
        if line.person_id is not None
        and line.id in answers
        and answers[line.id].problem in OTHER_CARD
    }
    end_read()
    newer = find_replaced(refused)
    if not newer:
        return {}
    with write_transaction() as session:
        basket = lock_basket(session, customer_id, **basket_of)
        for line in basket.lines if basket else []:
            look_up = newer.get(line.person_id or 0)
            if look_up is not None and line.uitpas_number == look_up.replaced:
                line.uitpas_number = look_up.number
    return newer
