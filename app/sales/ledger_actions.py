"""What a person may set right in the ledger, with a reason: shown by one rule, obeyed by the same.

Each action is written in the entry's history and in the audit trail; then the normal flow follows.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clock import now
from app.columns import CENT
from app.extensions import _l, _t, db, end_read, write_transaction
from app.formats import money
from app.publiq.redaction import redact_text
from app.sales.change_steps import resume_change_of
from app.sales.ledger_audit import AuditReport, audit_event
from app.sales.models import ChangeState, LineChange, Order, OrderState
from app.sales.problems import SaleProblem
from app.sales.settling import settle_order
from app.settings.actor import current_actor
from app.settings.audit import record
from app.settings.environments import ENVIRONMENT_NAMES
from app.uitpas.ledger import LedgerEvent, locked_entry, move, note
from app.uitpas.looking_up import NOT_ARRIVED, look_up_sales
from app.uitpas.models import EntryState, FindingKind, LedgerFinding, UitpasEntry
from app.uitpas.undoing import UNDO_REFUSED, UNDO_UNSURE, undo_sale, undone

TICKET_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
LONGEST_REASON = 500


class LedgerAction(Enum):
    """What a person can do with an entry."""

    TRY_AGAIN = "try again"
    IS_THERE = "is there"
    IS_NOT_THERE = "is not there"
    UNDONE = "undone"
    STILL_STANDS = "still stands"


ACTION_WORDS = {
    LedgerAction.TRY_AGAIN: _l("Probeer nu opnieuw"),
    LedgerAction.IS_THERE: _l("De verkoop staat er"),
    LedgerAction.IS_NOT_THERE: _l("De verkoop staat er niet"),
    LedgerAction.UNDONE: _l("De verkoop is ongedaan gemaakt"),
    LedgerAction.STILL_STANDS: _l("De verkoop staat er nog"),
}


class ActionRefused(Exception):
    """Nothing was done; ``problems`` say why, each at its field."""

    def __init__(self, problems: list[SaleProblem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class SaleSeen:
    """What somebody read in the UiTPAS-balie; the price in euro."""

    ticket_id: str
    price: Decimal | None


def actions_for(
    entry: UitpasEntry, findings: Iterable[LedgerFinding] = ()
) -> tuple[LedgerAction, ...]:
    """What can be done with an entry as it stands."""
    if entry.state is EntryState.UNKNOWN:
        return (LedgerAction.TRY_AGAIN, LedgerAction.IS_THERE, LedgerAction.IS_NOT_THERE)
    if entry.state is EntryState.CANCELLING:
        unsure = entry.problem == UNDO_UNSURE
        stands = (LedgerAction.STILL_STANDS,) if unsure else ()
        return (LedgerAction.TRY_AGAIN, LedgerAction.UNDONE, *stands)
    kinds = {finding.kind for finding in findings if finding.resolved_at is None}
    if entry.state is EntryState.REGISTERED and FindingKind.MISSING_THERE in kinds:
        return (LedgerAction.TRY_AGAIN, LedgerAction.IS_THERE)
    return (LedgerAction.TRY_AGAIN,) if kinds else ()


def try_again(entry_id: int, reason: str) -> str:
    """Ask UiTPAS now; returns a sentence that says what came of it. Raises ActionRefused."""
    with write_transaction() as session:
        entry = _checked(session, entry_id, LedgerAction.TRY_AGAIN, reason)
        _record(session, entry, LedgerAction.TRY_AGAIN, reason)
        state, order_id = entry.state, entry.order_id
        where = (entry.environment, entry.event_id)
    if state is EntryState.UNKNOWN:
        look_up_sales(order_id)
        _follow(order_id)
    elif state is EntryState.CANCELLING:
        undo_sale(entry_id)
        resume_change_of(order_id)
    else:
        audit_event(*where, AuditReport())
    return _outcome(entry_id)


def sale_is_there(entry_id: int, seen: SaleSeen, reason: str) -> str:
    """Somebody saw the sale at UiTPAS: it is booked and its order follows. Raises ActionRefused."""
    with write_transaction() as session:
        entry = _checked(session, entry_id, LedgerAction.IS_THERE, reason, _seen_problems(seen))
        price = seen.price
        problems = _fit_problems(entry, seen)
        if problems or price is None:
            raise ActionRefused(problems)
        said = _t(
            "Met de hand: staat bij UiTPAS met ticket-id %(id)s, %(price)s. %(reason)s",
            id=seen.ticket_id,
            price=money(price),
            reason=reason.strip(),
        )
        entry.external_id = seen.ticket_id
        entry.problem = entry.message = ""
        if entry.state is EntryState.UNKNOWN:
            entry.price = price.quantize(CENT)
            move(session, entry, LedgerEvent.BOOK, said, current_actor().name)
        else:  # its line was sold at the price that is booked; the audit tells where they differ
            entry.changed_at = now()
            note(session, entry, said, current_actor().name)
            _resolve(session, entry.id, FindingKind.MISSING_THERE, reason)
        _audit(entry, LedgerAction.IS_THERE, reason, {"ticket-id": seen.ticket_id})
        order_id = entry.order_id
    _follow(order_id)
    return _outcome(entry_id)


def sale_is_not_there(entry_id: int, reason: str) -> str:
    """Somebody saw that the sale never arrived: the order returns. Raises ActionRefused."""
    with write_transaction() as session:
        entry = _checked(session, entry_id, LedgerAction.IS_NOT_THERE, reason)
        entry.problem, entry.message = NOT_ARRIVED, ""
        said = _t("Met de hand: staat niet bij UiTPAS. %(reason)s", reason=reason.strip())
        move(session, entry, LedgerEvent.REFUSE, said, current_actor().name)
        _audit(entry, LedgerAction.IS_NOT_THERE, reason)
        order_id = entry.order_id
    _follow(order_id)
    return _outcome(entry_id)


def mark_undone(entry_id: int, reason: str) -> str:
    """Somebody undid the sale in the UiTPAS-balie. Raises ActionRefused."""
    with write_transaction() as session:
        entry = _checked(session, entry_id, LedgerAction.UNDONE, reason)
        said = _t("Met de hand: ongedaan gemaakt bij UiTPAS. %(reason)s", reason=reason.strip())
        undone(session, entry, said, current_actor().name)
        _audit(entry, LedgerAction.UNDONE, reason)
        order_id = entry.order_id
    resume_change_of(order_id)
    return _outcome(entry_id)


def mark_still_standing(entry_id: int, reason: str) -> str:
    """Somebody saw that the sale still stands, so that no undo of ours was carried out.

    A line that was being moved stays where it is, with its benefit; that of a line that is
    cancelled is still to be undone. Raises ActionRefused.
    """
    with write_transaction() as session:
        entry = _checked(session, entry_id, LedgerAction.STILL_STANDS, reason)
        entry.problem, entry.undo_sent_at = UNDO_REFUSED, None
        said = _t("Met de hand: staat nog bij UiTPAS. %(reason)s", reason=reason.strip())
        note(session, entry, said, current_actor().name)
        _audit(entry, LedgerAction.STILL_STANDS, reason)
        order_id = entry.order_id
    resume_change_of(order_id)
    return _outcome(entry_id)


def accept_finding(finding_id: int, reason: str) -> LedgerFinding:
    """Leave a difference as it is, with a reason. Raises ActionRefused."""
    with write_transaction() as session:
        finding = session.get(LedgerFinding, finding_id, with_for_update=True)
        if finding is None:
            raise ActionRefused([SaleProblem(_t("Dit verschil bestaat niet meer."))])
        problems = _reason_problems(reason)
        if finding.resolved_at is not None or finding.accepted_at is not None:
            problems = [SaleProblem(_t("Dit verschil is al afgehandeld."))]
        if problems:
            raise ActionRefused(problems)
        finding.accepted_at, finding.reason = now(), redact_text(reason.strip())
        finding.account_name = current_actor().name
        if finding.entry is not None:
            said = _t("Verschil met UiTPAS aanvaard. %(reason)s", reason=reason.strip())
            note(session, finding.entry, said, current_actor().name)
        record(
            "verschil in grootboek aanvaard",
            subject_kind="grootboek",
            subject_id=str(finding.entry_id or ""),
            subject_label=finding.entry.line_ref if finding.entry else finding.external_id,
            reason=reason.strip(),
            detail={"verschil": finding.kind.value, "ticket-id": finding.external_id},
        )
        return finding


def _checked(
    session: Session,
    entry_id: int,
    action: LedgerAction,
    reason: str,
    problems: Iterable[SaleProblem] = (),
) -> UitpasEntry:
    """The entry, locked. Raises ActionRefused when the action is not open to it any more."""
    entry = locked_entry(session, entry_id)
    findings = session.scalars(
        select(LedgerFinding).where(
            LedgerFinding.entry_id == entry_id, LedgerFinding.resolved_at.is_(None)
        )
    ).all()
    if action not in actions_for(entry, findings):
        said = _t("Dit kan niet meer: de stand is ondertussen gewijzigd. Kijk hieronder opnieuw.")
        raise ActionRefused([SaleProblem(said)])
    found = [*_reason_problems(reason), *problems]
    if found:
        raise ActionRefused(found)
    return entry


def _reason_problems(reason: str) -> list[SaleProblem]:
    if not reason.strip():
        return [SaleProblem(_t("Geef een reden op: ze staat in het logboek."), field="reason")]
    if len(reason.strip()) > LONGEST_REASON:
        return [SaleProblem(_t("Hou de reden onder 500 tekens."), field="reason")]
    return []


def _seen_problems(seen: SaleSeen) -> list[SaleProblem]:
    problems = []
    if not seen.ticket_id:
        said = _t("Vul het ticket-id in dat in de UiTPAS-balie bij de verkoop staat.")
        problems.append(SaleProblem(said, field="ticket_id"))
    elif not TICKET_ID.fullmatch(seen.ticket_id):
        said = _t("Een ticket-id bestaat uit letters, cijfers en streepjes, zonder spaties.")
        problems.append(SaleProblem(said, field="ticket_id"))
    if seen.price is None:
        said = _t("Vul in hoeveel er volgens UiTPAS betaald wordt, zoals 12,50.")
        problems.append(SaleProblem(said, field="price"))
    return problems


def _fit_problems(entry: UitpasEntry, seen: SaleSeen) -> list[SaleProblem]:
    problems = []
    other = db.session.scalar(
        select(UitpasEntry.line_ref).where(
            UitpasEntry.environment == entry.environment,
            UitpasEntry.external_id == seen.ticket_id,
            UitpasEntry.id != entry.id,
        )
    )
    if other is not None:
        said = _t("Dit ticket-id hoort al bij %(other)s. Kijk het na.", other=other)
        problems.append(SaleProblem(said, field="ticket_id"))
    if seen.price is not None and seen.price > entry.regular_price:
        said = _t(
            "De gewone prijs is %(price)s, dus met een voordeel kan het niet meer zijn.",
            price=money(entry.regular_price),
        )
        problems.append(SaleProblem(said, field="price"))
    return problems


def _resolve(session: Session, entry_id: int, kind: FindingKind, reason: str) -> None:
    for finding in session.scalars(
        select(LedgerFinding).where(
            LedgerFinding.entry_id == entry_id,
            LedgerFinding.kind == kind,
            LedgerFinding.resolved_at.is_(None),
        )
    ):
        finding.resolved_at, finding.reason = now(), redact_text(reason.strip())
        finding.account_name = current_actor().name


def _record(session: Session, entry: UitpasEntry, action: LedgerAction, reason: str) -> None:
    said = _t("Met de hand opnieuw geprobeerd. %(reason)s", reason=reason.strip())
    note(session, entry, said, current_actor().name)
    _audit(entry, action, reason)


def _audit(
    entry: UitpasEntry, action: LedgerAction, reason: str, detail: dict[str, str] | None = None
) -> None:
    record(
        f"grootboek: {str(ACTION_WORDS[action]).lower()}",
        subject_kind="grootboek",
        subject_id=str(entry.id),
        subject_label=entry.line_ref,
        reason=reason.strip(),
        detail={"omgeving": str(ENVIRONMENT_NAMES[entry.environment]), **(detail or {})},
    )


def _follow(order_id: int) -> None:
    """The order, or the change of one of its lines, goes on from what is known now."""
    settle_order(order_id, tell=True)
    resume_change_of(order_id)


def _outcome(entry_id: int) -> str:
    """Where the entry and its order stand now, in one sentence."""
    entry = db.session.get(UitpasEntry, entry_id, populate_existing=True)
    assert entry is not None
    said = entry.message
    sentence = {
        EntryState.REGISTERED: _booked(entry),
        EntryState.REFUSED: _not_there(entry),
        EntryState.CANCELLED: _t("De verkoop staat niet meer bij UiTPAS."),
        EntryState.CANCELLING: _t("De verkoop wordt nog ongedaan gemaakt. %(said)s", said=said),
        EntryState.UNKNOWN: _t("We weten het nog niet. %(said)s", said=said),
    }.get(entry.state, _t("Nagekeken."))
    end_read()
    return sentence.strip()


def _booked(entry: UitpasEntry) -> str:
    if _is_called_off(entry.line_ref):
        return _t(
            "De verkoop is geboekt. De inschrijving is geannuleerd, dus de verkoop wordt vanzelf "
            "ongedaan gemaakt."
        )
    if _order_stands(entry.order_id):
        return _t("De verkoop is geboekt en de bestelling is bevestigd.")
    return _t("De verkoop is geboekt.")


def _not_there(entry: UitpasEntry) -> str:
    if _is_called_off(entry.line_ref):
        return _t("De verkoop staat niet bij UiTPAS. De inschrijving is geannuleerd.")
    if _order_stands(entry.order_id):
        return _t("De verkoop staat niet bij UiTPAS. De inschrijving blijft bestaan.")
    return _t("De verkoop staat niet bij UiTPAS. De bestelling gaat niet door.")


def _order_stands(order_id: int) -> bool:
    order = db.session.get(Order, order_id, populate_existing=True)
    return order is not None and order.state is OrderState.CONFIRMED


def _is_called_off(line_ref: str) -> bool:
    """Whether the line was cancelled while this wish was still under way for it."""
    called_off = select(LineChange.id).where(
        LineChange.wish_ref == line_ref, LineChange.state == ChangeState.CALLED_OFF
    )
    return db.session.scalar(called_off.limit(1)) is not None
