"""What an order or a change of a line waits for at UiTPAS, and where a person decides (R5, R7).

What UiTPAS tells by itself is only waited for. What it will not tell (a list that we may not read,
sales that look alike) is said with the entry of the ledger where somebody says what there is.
"""

from collections.abc import Iterable, Mapping

from app.extensions import _l
from app.sales.models import LineChange, Order, OrderState
from app.sales.problems import SaleProblem
from app.uitpas.attention import Attention, attention_of
from app.uitpas.ledger import entries_of_lines, entries_of_order
from app.uitpas.models import UitpasEntry

SOON = _l("Deze bestelling wacht nog op UiTPAS. Probeer het over een minuut.")
LOOKED_INTO = _l(
    "Deze bestelling wacht nog op UiTPAS. We kijken het na: je krijgt een mail zodra ze bevestigd "
    "is of niet doorgaat."
)
"""To the customer, when it may last."""
SAY_IT = _l("Kijk het na in de UiTPAS-balie en zeg het in het grootboek. Daarna gaat dit verder.")
WHY = {
    Attention.MAY_NOT_LOOK: _l(
        "We weten niet of de verkoop voor %(name)s bij UiTPAS staat, en we mogen het niet opzoeken."
    ),
    Attention.AMBIGUOUS: _l(
        "We weten niet welke verkoop bij UiTPAS die voor %(name)s is: er zijn er die het kunnen "
        "zijn."
    ),
    Attention.UNDO_REFUSED: _l("UiTPAS weigert de verkoop voor %(name)s ongedaan te maken."),
    Attention.UNDO_UNSURE: _l(
        "We weten niet of de verkoop voor %(name)s nog bij UiTPAS staat: een vraag om ze ongedaan "
        "te maken bleef zonder antwoord."
    ),
    Attention.WAITS: _l(
        "UiTPAS antwoordt al een tijd niet over de verkoop voor %(name)s. We proberen het vanzelf "
        "opnieuw, of zeg wat je weet."
    ),
}


def decisions_of_order(order: Order) -> list[SaleProblem]:
    """The sales in doubt of an order that is open; empty where nobody need decide."""
    if order.state is not OrderState.OPEN:
        return []
    names = {line.line_ref: line.participant_name for line in order.lines}
    return _to_decide(entries_of_order(order.id), names)


def waiting_problems(order: Order, *, by_staff: bool = True) -> list[SaleProblem]:
    """Why nothing can be done yet about an order that is open; empty for every other."""
    if order.state is not OrderState.OPEN:
        return []
    found = decisions_of_order(order)
    if not found:
        return [SaleProblem(str(SOON), kind="waits")]
    return found if by_staff else [SaleProblem(str(LOOKED_INTO), kind="waits")]


def change_waits(change: LineChange) -> list[SaleProblem]:
    """What a change under way waits for that somebody can decide; empty where nothing is."""
    name, sale = change.line.participant_name, change.line.line_ref
    references = {reference: name for reference in (sale, change.wish_ref) if reference}
    return _to_decide(entries_of_lines(references).values(), references)


def _to_decide(entries: Iterable[UitpasEntry], names: Mapping[str, str]) -> list[SaleProblem]:
    found = []
    for entry in entries:
        reason = next((why for why in attention_of(entry) if why in WHY), None)
        if reason is not None:
            why = str(WHY[reason]) % {"name": names.get(entry.line_ref, entry.line_ref)}
            found.append(SaleProblem(f"{why} {SAY_IT}", kind="decide", entry_id=entry.id))
    return found
