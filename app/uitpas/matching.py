"""Which sale at UiTPAS belongs to which entry of the ledger: pure functions."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from app.publiq.uitpas import TicketSale
from app.uitpas.models import UitpasEntry

CLOCKS_DIFFER = timedelta(minutes=2)
"""publiq's clock and ours may differ by this much."""


@dataclass
class FoundBack:
    """What publiq's list tells of sales whose answer was lost, by entry id."""

    sales: dict[int, TicketSale] = field(default_factory=dict)
    doubtful: dict[int, list[TicketSale]] = field(default_factory=dict)
    """Sales without our label that may be this entry's, and may be somebody else's."""


def match_answer(
    entries: Sequence[UitpasEntry], sales: Sequence[TicketSale]
) -> dict[int, TicketSale]:
    """The sale of each entry in the answer to our own request, by entry id.

    Exactly by regularPriceLabel, which names the line. The label is optional in publiq's answer:
    a sale without one goes to a line with the same pass, tariff, event and price, each to one
    line only; such lines are interchangeable.
    """
    by_label = {sale.regular_price_label: sale for sale in sales if sale.regular_price_label}
    unlabelled = [sale for sale in sales if not sale.regular_price_label]
    matched = {}
    for entry in entries:
        sale = by_label.get(entry.regular_price_label)
        if sale is None:
            sale = next((item for item in unlabelled if fits(entry, item)), None)
            if sale is None:
                continue
            unlabelled.remove(sale)
        matched[entry.id] = sale
    return matched


def find_back(
    entries: Sequence[UitpasEntry], listed: Iterable[TicketSale], known: Collection[str]
) -> FoundBack:
    """The sales of entries whose answer was lost, in a list that also holds those of others.

    By label where the list has labels. Else by pass, tariff, event, price and moment among the
    sales that the ledger does not know (``known`` are its ids); as many as there are entries for
    them, or a person has to look.
    """
    unknown = {sale.id: sale for sale in listed if sale.id not in known}.values()
    by_label = {sale.regular_price_label: sale for sale in unknown if sale.regular_price_label}
    found = FoundBack()
    alike: dict[tuple[object, ...], list[UitpasEntry]] = defaultdict(list)
    for entry in entries:
        sale = by_label.get(entry.regular_price_label)
        if sale is not None:
            found.sales[entry.id] = sale
        else:
            alike[_key(entry)].append(entry)
    for group in alike.values():
        candidates = [
            sale
            for sale in unknown
            if not sale.regular_price_label and fits(group[0], sale) and _may_be(group, sale)
        ]
        dated = all(sale.creation_date is not None for sale in candidates)
        if dated and len(candidates) == len(group):
            found.sales.update(
                {entry.id: sale for entry, sale in zip(group, candidates, strict=True)}
            )
        elif candidates:
            found.doubtful.update({entry.id: candidates for entry in group})
    return found


def fits(entry: UitpasEntry, sale: TicketSale) -> bool:
    """Whether pass, tariff, event and regular price are the same."""
    return _key(entry) == (sale.uitpas_number, sale.tariff_id, sale.event_id, sale.regular_price)


def _key(entry: UitpasEntry) -> tuple[object, ...]:
    return (entry.uitpas_number, entry.tariff_id, entry.event_id, entry.regular_price)


def _may_be(group: Sequence[UitpasEntry], sale: TicketSale) -> bool:
    """Not from before the first of these was sent; a sale without a moment may be."""
    sent_at = min(entry.sent_at or entry.created_at for entry in group)
    return sale.creation_date is None or sale.creation_date >= sent_at - CLOCKS_DIFFER
