"""Ticket sales at UiTPAS: registering them and booking what publiq answers (R5).

Each intent is committed before its call and each outcome after it. A sale is posted once; what
may have arrived is looked up (``looking_up``), never sent again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from sqlalchemy.orm import Session

from app.clock import now
from app.extensions import _t, end_read, write_transaction
from app.publiq.errors import PubliqError, PubliqRefused
from app.publiq.uitpas import SaleWish, TicketSale
from app.settings.connections import NotConnected, publiq_client
from app.uitdatabank.links import fix_organizer
from app.uitpas.benefits import BenefitAsk, ask_benefits
from app.uitpas.ledger import LedgerEvent, entries_of_order, move
from app.uitpas.matching import match_answer
from app.uitpas.models import EntryState, UitpasEntry
from app.uitpas.retrying import call_id_of, said_to_staff
from app.uitpas.sentences import said_to_buyer

NOT_CONNECTED = "niet verbonden"
"""The problem of an entry that could not be sent, for we have no credentials."""


class SaleOutcome(Enum):
    """How registering the sales of an order ended."""

    SOLD = "sold"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOTHING_TO_DO = "nothing to do"


@dataclass
class SaleResult:
    """The outcome; refusals by line_ref, or under '' where publiq named no line."""

    outcome: SaleOutcome
    refusals: dict[str, str] = field(default_factory=dict)


def register_sales(order_id: int) -> SaleResult:
    """One POST /ticket-sales for all planned sales of an order (all or nothing).

    Outside any transaction. Only the first caller sends: the step from planned to registering is
    committed before the call.
    """
    with write_transaction() as session:
        entries = [
            entry
            for entry in entries_of_order(order_id, lock=True)
            if entry.state is EntryState.PLANNED
        ]
        for entry in entries:
            move(session, entry, LedgerEvent.SEND)
            entry.sent_at = now()
            entry.attempts += 1
        wishes = [_wish(entry) for entry in entries]
        sent = frozenset(entry.id for entry in entries)
        environment = entries[0].environment if entries else None
    if environment is None:
        return SaleResult(SaleOutcome.NOTHING_TO_DO)
    try:
        client = publiq_client(environment, purpose="verkoop registreren")
        end_read()
        sales = client.uitpas.register_ticket_sales(wishes)
    except NotConnected as error:
        return _refuse(order_id, sent, {"": str(error)}, NOT_CONNECTED)
    except PubliqError as error:
        if error.may_have_arrived:
            return _lose(order_id, sent, error)
        result = _refuse(order_id, sent, _named(error, wishes), error.problem, error)
        return _second_look(order_id, result) if isinstance(error, PubliqRefused) else result
    return book(order_id, sales, sent=sent)


def book(order_id: int, sales: Sequence[TicketSale], *, sent: Collection[int]) -> SaleResult:
    """Write the ids and prices that publiq answered about the entries that were ``sent``."""
    with write_transaction() as session:
        entries = _awaiting(order_id, sent)
        matched = match_answer(entries, sales)
        missing = [entry for entry in entries if entry.id not in matched]
        for entry in entries:
            sale = matched.get(entry.id)
            if sale is not None:
                _write_sale(session, entry, sale)
            elif entry.state is EntryState.REGISTERING:
                move(session, entry, LedgerEvent.LOSE, _t("staat niet in het antwoord"))
    return SaleResult(SaleOutcome.UNKNOWN if missing else SaleOutcome.SOLD)


def book_found(order_id: int, found: Mapping[int, TicketSale]) -> None:
    """Write what publiq's list showed of lost sales, by entry id."""
    with write_transaction() as session:
        for entry in entries_of_order(order_id, lock=True):
            if entry.state is EntryState.UNKNOWN and entry.id in found:
                _write_sale(session, entry, found[entry.id], _t("gevonden in de lijst van UiTPAS"))


def _awaiting(order_id: int, sent: Collection[int]) -> list[UitpasEntry]:
    """What an answer is about: the entries that were sent with it, locked.

    They may have been given up as lost a moment before; what the order lost earlier, with another
    request, is none of this answer's business.
    """
    return [
        entry
        for entry in entries_of_order(order_id, lock=True)
        if entry.id in sent and entry.state in {EntryState.REGISTERING, EntryState.UNKNOWN}
    ]


def _write_sale(session: Session, entry: UitpasEntry, sale: TicketSale, note: str = "") -> None:
    entry.external_id = sale.id
    entry.price = sale.price
    entry.problem = entry.message = ""
    move(session, entry, LedgerEvent.BOOK, note)
    fix_organizer(session, entry.environment, {entry.event_id})


def _wish(entry: UitpasEntry) -> SaleWish:
    return SaleWish(
        event_id=entry.event_id,
        uitpas_number=entry.uitpas_number,
        regular_price=entry.regular_price,
        tariff_id=entry.tariff_id,
        regular_price_label=entry.regular_price_label,
    )


def _named(error: PubliqError, wishes: Sequence[SaleWish]) -> dict[str, str]:
    """The refusal under the label of the line that publiq points at, or under ''."""
    sentence = said_to_buyer(error)
    if len(wishes) == 1:
        return {wishes[0].regular_price_label: sentence}
    pointers = [error.json_pointer, *(item.json_pointer for item in error.schema_errors)]
    for pointer in pointers:
        first = (pointer or "").strip("/").split("/")[0]
        if first.isdigit() and int(first) < len(wishes):
            return {wishes[int(first)].regular_price_label: sentence}
    return {"": sentence}


def _refuse(
    order_id: int,
    sent: Collection[int],
    by_label: dict[str, str],
    problem: str,
    error: PubliqError | None = None,
) -> SaleResult:
    refusals = {}
    with write_transaction() as session:
        for entry in _awaiting(order_id, sent):
            sentence = by_label.get(entry.regular_price_label, "")
            entry.problem = problem
            entry.message = sentence
            entry.last_call_id = call_id_of(error)
            move(session, entry, LedgerEvent.REFUSE, sentence or problem)
            if sentence:
                refusals[entry.line_ref] = sentence
    if "" in by_label:
        refusals[""] = by_label[""]
    return SaleResult(SaleOutcome.REFUSED, refusals)


def _second_look(order_id: int, result: SaleResult) -> SaleResult:
    """Which line was refused, where publiq named none: one whose tariff is not offered any more.

    The refusal stands as it was where asking again tells nothing.
    """
    said = result.refusals.get("", "")
    if not said:
        return result
    entries = {entry.id: entry for entry in entries_of_order(order_id)}
    answers = ask_benefits(
        [
            BenefitAsk(e.id, e.environment, e.event_id, e.uitpas_number, e.regular_price)
            for e in entries.values()
        ]
    )
    named = {
        entries[key].line_ref: answer.message or answer.sentence or said
        for key, answer in answers.items()
        if answer.answered and entries[key].tariff_id not in {offer.id for offer in answer.offers}
    }
    return SaleResult(result.outcome, named) if named else result


def _lose(order_id: int, sent: Collection[int], error: PubliqError) -> SaleResult:
    with write_transaction() as session:
        for entry in _awaiting(order_id, sent):
            if entry.state is EntryState.REGISTERING:
                entry.last_call_id = call_id_of(error)
                move(session, entry, LedgerEvent.LOSE, said_to_staff(error))
    return SaleResult(SaleOutcome.UNKNOWN)
