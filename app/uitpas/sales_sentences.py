"""'Waarom geen kansentarief?': what earlier sales with social tariff tell of a limit.

publiq names no limit and no count: of a pass it says what is still available, and in its own words
why nothing is. Its list of sales can be counted, by who may see it (TICKETSALES_SEARCH).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.extensions import _t
from app.uitpas.reasons import Mender, Reason, ReasonKind


@dataclass(frozen=True)
class SoldFacts:
    """Live sales with social tariff to the holder, in publiq's list, whoever sold them."""

    here: int
    """For this event."""
    at_organizer: int
    """For all events of its organizer, this one included."""


def limit_reached(ours: int, sold: SoldFacts | None, said: str) -> Reason:
    """An active tariff that is not given, where it was before; ``ours`` as in the ledger."""
    if sold is None:
        sentence = _t(
            "Waarschijnlijk is het maximum bereikt: in ons grootboek staat voor deze activiteit al "
            "%(sales)s met kansentarief op deze pas.",
            sales=_sales(ours),
        )
    else:
        sentence = _t(
            "Waarschijnlijk is het maximum bereikt: UiTPAS telt voor deze activiteit al %(sales)s "
            "met kansentarief van deze pashouder, en bij deze organisator in het geheel %(total)s. "
            "%(here)s",
            sales=_sales(sold.here),
            total=sold.at_organizer,
            here=_in_our_ledger(ours),
        )
    return Reason(ReasonKind.LIMIT_REACHED, sentence, Mender.SELLER, said)


def counted(ours: int, sold: SoldFacts | None, *, hidden: bool) -> Iterator[Reason]:
    """What the list says where it holds nothing for this event, or that we may not see it."""
    if hidden:
        sentence = _t(
            "Hoe vaak deze pas al kansentarief kreeg, mogen we bij UiTPAS niet zien (recht "
            "TICKETSALES_SEARCH). We zien enkel ons eigen grootboek: daar staat voor deze "
            "activiteit %(sales)s met kansentarief op deze pas.",
            sales=_sales(ours),
        )
        yield Reason(ReasonKind.SALES_HIDDEN, sentence, Mender.PUBLIQ)
    elif sold is not None and not sold.here and not ours:
        if sold.at_organizer:
            sentence = _t(
                "UiTPAS telt voor deze activiteit nog geen verkoop met kansentarief van deze "
                "pashouder, en bij deze organisator in het geheel %(total)s. Geldt er een maximum "
                "over al zijn activiteiten, dan kan dat bereikt zijn.",
                total=sold.at_organizer,
            )
            yield Reason(ReasonKind.SALES_COUNTED, sentence, Mender.SELLER)
        else:
            sentence = _t(
                "UiTPAS telt bij deze organisator nog geen verkoop met kansentarief van deze "
                "pashouder. Een maximum bij deze organisator is dus niet de reden."
            )
            yield Reason(ReasonKind.SALES_COUNTED, sentence, Mender.UITPAS_DESK)


def _sales(count: int) -> str:
    if not count:
        return _t("geen verkoop")
    return _t("1 verkoop") if count == 1 else _t("%(count)s verkopen", count=count)


def _in_our_ledger(ours: int) -> str:
    if not ours:
        return _t("In ons grootboek staat er geen voor deze activiteit: ze zijn elders verkocht.")
    return _t("In ons grootboek: %(sales)s voor deze activiteit.", sales=_sales(ours))
