"""The UiTPAS-grootboek in words: what was done by itself, and its sheet."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from flask import url_for

from app.formats import pass_number
from app.sales.ledger_overview import LedgerRow, order_numbers, references
from app.settings.environments import ENVIRONMENT_NAMES
from app.uitpas.attention import WORDS as ATTENTION_WORDS
from app.uitpas.models import LedgerRun, RunKind
from app.web import words
from app.web.exports import Column, Kind, Row

SHOWN_LINKS = 5
COLUMNS = (
    Column("Referentie", width=12),
    Column("Stand", width=22),
    Column("Aandacht", width=40),
    Column("Activiteit", width=40),
    Column("Bestelling"),
    Column("Voordeel"),
    Column("Tarief", width=24),
    Column("UiTPAS-nummer", width=18),
    Column("UiTPAS-ticket-id", width=38),
    Column("Event-id", width=38),
    Column("Omgeving"),
    Column("Gewone prijs", Kind.MONEY, 12),
    Column("Geboekte prijs", Kind.MONEY, 12),
    Column("Gemaakt", Kind.MOMENT),
    Column("Gewijzigd", Kind.MOMENT),
)
DONE = {
    "confirmed": ("bestelling bevestigd", "bestellingen bevestigd"),
    "returned": ("bestelling terug naar het mandje", "bestellingen terug naar het mandje"),
    "undone": ("verkoop ongedaan gemaakt", "verkopen ongedaan gemaakt"),
    "late": ("verkoop kwam te laat aan", "verkopen kwamen te laat aan"),
    "waiting": ("wacht nog op UiTPAS", "wachten nog op UiTPAS"),
    "events": ("activiteit vergeleken", "activiteiten vergeleken"),
    "found": ("nieuw verschil", "nieuwe verschillen"),
    "gone": ("verschil opgelost", "verschillen opgelost"),
    "to_undo": ("verkoop ongedaan te maken", "verkopen ongedaan te maken"),
    "unreadable": ("niet te vergelijken", "niet te vergelijken"),
}
"""What a run did: one of it, more of it."""
OF_ORDERS = ("confirmed", "returned")


@dataclass(frozen=True)
class DoneLine:
    """'2 verkopen ongedaan gemaakt', with links to some of them as (label, address)."""

    text: str
    links: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class RunView:
    """A run as the page shows it."""

    run: LedgerRun
    lines: list[DoneLine]

    @property
    def title(self) -> str:
        """What kind of run it was."""
        return "Vergeleken" if self.run.kind is RunKind.AUDIT else "Bijgewerkt"


def run_views(runs: Sequence[LedgerRun]) -> list[RunView]:
    """The runs in words; two queries for all of them."""
    orders = order_numbers({key for run in runs for key in _ids(run, OF_ORDERS)})
    entries = references({key for run in runs for key in _ids(run, ("undone", "late"))})
    return [RunView(run, [*_lines(run, orders, entries)]) for run in runs]


def _ids(run: LedgerRun, kinds: Iterable[str]) -> list[int]:
    return [key for kind in kinds for key in run.done.get(kind) or []]


def _lines(run: LedgerRun, orders: dict[int, str], entries: dict[int, str]) -> Iterator[DoneLine]:
    for name, (one, many) in DONE.items():
        value = run.done.get(name)
        if not value:
            continue
        count = value if isinstance(value, int) else len(value)
        links = []
        if name in OF_ORDERS:
            links = [
                (orders[key], url_for("backoffice.order", number=orders[key]))
                for key in value[:SHOWN_LINKS]
                if key in orders
            ]
        elif name in ("undone", "late"):
            links = [
                (entries[key], url_for("backoffice.entry", entry_id=key))
                for key in value[:SHOWN_LINKS]
                if key in entries
            ]
        yield DoneLine(f"{count} {one if count == 1 else many}", links)


def cells(row: LedgerRow) -> Row:
    """One entry as a row of the sheet."""
    entry = row.entry
    return (
        entry.line_ref,
        words.ENTRY_STATES[entry.state],
        "; ".join(str(ATTENTION_WORDS[reason]) for reason in row.reasons),
        row.activity,
        row.order_number,
        words.BENEFIT_KINDS[entry.kind],
        entry.tariff_name,
        # as it stands on the card: of a bare number a spreadsheet would drop the zeros in front
        pass_number(entry.uitpas_number),
        entry.external_id,
        entry.event_id,
        str(ENVIRONMENT_NAMES[entry.environment]),
        entry.regular_price,
        entry.price,
        entry.created_at,
        entry.changed_at,
    )
