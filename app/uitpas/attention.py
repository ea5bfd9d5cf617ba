"""Which entries of the ledger need a person, and why: one rule for the list and for the page."""

from collections.abc import Iterable
from datetime import timedelta
from enum import Enum

from sqlalchemy import ColumnElement, and_, func, or_, select, union

from app.clock import now
from app.extensions import _l, db
from app.uitpas.looking_up import AMBIGUOUS, SEARCH_FORBIDDEN
from app.uitpas.models import EntryState, FindingKind, LedgerFinding, UitpasEntry
from app.uitpas.undoing import UNDO_REFUSED, UNDO_UNSURE

ATTENTION_AFTER = timedelta(minutes=5)
UNDER_WAY = (EntryState.UNKNOWN, EntryState.REGISTERING, EntryState.CANCELLING)


class Attention(Enum):
    """Why somebody should look at an entry."""

    WAITS = "waits"
    MAY_NOT_LOOK = "may not look"
    AMBIGUOUS = "ambiguous"
    UNDO_REFUSED = "undo refused"
    UNDO_UNSURE = "undo unsure"
    FINDING = "finding"


WORDS = {
    Attention.WAITS: _l("Wacht te lang op UiTPAS"),
    Attention.MAY_NOT_LOOK: _l("We mogen de verkopen bij UiTPAS niet opzoeken"),
    Attention.AMBIGUOUS: _l("Verschillende verkopen bij UiTPAS kunnen deze zijn"),
    Attention.UNDO_REFUSED: _l("UiTPAS weigert de verkoop ongedaan te maken"),
    Attention.UNDO_UNSURE: _l("We weten niet of de verkoop nog bij UiTPAS staat"),
    Attention.FINDING: _l("Klopt niet met de lijst van UiTPAS"),
}
ADVICE = {
    Attention.WAITS: _l(
        "We proberen het vanzelf opnieuw, telkens na een langere pauze. Duurt het langer dan een "
        "dag, kijk dan in het oproepenlog wat UiTPAS antwoordt."
    ),
    Attention.MAY_NOT_LOOK: _l(
        "Zoek in de UiTPAS-balie bij de ticketverkopen van deze activiteit naar dit UiTPAS-nummer "
        "en deze referentie, en kies bij ‘Wat je kan doen’ wat je ziet. Vraag publiq ook om het "
        "recht TICKETSALES_SEARCH voor deze organisator."
    ),
    Attention.AMBIGUOUS: _l(
        "Zoek in de UiTPAS-balie welke van deze verkopen op ons moment en voor deze pas gemaakt "
        "is, en kies bij ‘Wat je kan doen’ wat je ziet."
    ),
    Attention.UNDO_REFUSED: _l(
        "Maak de verkoop ongedaan in de UiTPAS-balie, en meld het bij ‘Wat je kan doen’. Of vraag "
        "publiq om het recht TICKETSALES_REGISTER voor deze organisator, en probeer dan opnieuw."
    ),
    Attention.UNDO_UNSURE: _l(
        "Een eerste vraag om ze ongedaan te maken bleef zonder antwoord, de volgende werd "
        "geweigerd, en de lijst van UiTPAS zegt het niet. Zoek in de UiTPAS-balie naar dit "
        "ticket-id, en kies bij ‘Wat je kan doen’ wat je ziet."
    ),
}
FINDING_WORDS = {
    FindingKind.MISSING_THERE: _l("Hier geregistreerd, maar niet meer bij UiTPAS"),
    FindingKind.STILL_THERE: _l("Hier niet meer geldig, maar nog wel bij UiTPAS"),
    FindingKind.PRICE_DIFFERS: _l("Bij UiTPAS staat een andere prijs"),
    FindingKind.UNKNOWN_HERE: _l("Bij UiTPAS met een referentie als de onze, hier onbekend"),
    FindingKind.DOUBLE: _l("Bij UiTPAS staat deze verkoop dubbel"),
    FindingKind.MAYBE_OURS: _l("Bij UiTPAS staat een verkoop die van ons kan zijn"),
}
FINDING_ADVICE = {
    FindingKind.MISSING_THERE: _l(
        "Iemand maakte de verkoop elders ongedaan. Registreer ze opnieuw in de UiTPAS-balie en vul "
        "hier het nieuwe ticket-id in. Of spreek met het gezin af wat het betaalt, en annuleer de "
        "inschrijving of laat het verschil met een reden zo."
    ),
    FindingKind.STILL_THERE: _l(
        "We maken de verkoop vanzelf ongedaan. Lukt dat niet, maak ze dan ongedaan in de "
        "UiTPAS-balie."
    ),
    FindingKind.PRICE_DIFFERS: _l(
        "De terugbetaling volgt de prijs bij UiTPAS. Kijk na wat het gezin betaalde, en zet het "
        "verschil recht of laat het met een reden zo."
    ),
    FindingKind.UNKNOWN_HERE: _l(
        "Misschien werd een oude kopie van de databank teruggezet. Zoek de inschrijving op; is ze "
        "er niet, maak de verkoop dan ongedaan in de UiTPAS-balie."
    ),
    FindingKind.DOUBLE: _l(
        "Maak in de UiTPAS-balie de verkoop met dit ticket-id ongedaan, niet de andere."
    ),
    FindingKind.MAYBE_OURS: _l(
        "We gaven een verkoop voor deze pas op, want UiTPAS kende ze niet. Nu staat er een zonder "
        "onze referentie. Heeft niemand ze aan een ander loket gemaakt, maak ze dan ongedaan in de "
        "UiTPAS-balie."
    ),
}


def attention_of(entry: UitpasEntry, findings: Iterable[LedgerFinding] = ()) -> list[Attention]:
    """The reasons for one entry, with the findings about it."""
    reasons = []
    for problem, state, reason in _BY_PROBLEM:
        if entry.state is state and entry.problem == problem:
            reasons.append(reason)
    if not reasons and entry.state in UNDER_WAY and entry.changed_at < now() - ATTENTION_AFTER:
        reasons.append(Attention.WAITS)
    if any(is_open(finding) for finding in findings):
        reasons.append(Attention.FINDING)
    return reasons


def is_open(finding: LedgerFinding) -> bool:
    """Whether a finding still asks for somebody."""
    return finding.resolved_at is None and finding.accepted_at is None


def needs_attention() -> ColumnElement[bool]:
    """The same rule, for a query over entries."""
    by_problem = [
        and_(UitpasEntry.state == state, UitpasEntry.problem == problem)
        for problem, state, _reason in _BY_PROBLEM
    ]
    waits = and_(UitpasEntry.state.in_(UNDER_WAY), UitpasEntry.changed_at < now() - ATTENTION_AFTER)
    found = select(LedgerFinding.entry_id).where(
        LedgerFinding.entry_id.is_not(None), open_finding()
    )
    # each half by its own index, which an OR over the whole ledger would not be
    return UitpasEntry.id.in_(union(select(UitpasEntry.id).where(or_(waits, *by_problem)), found))


def open_finding() -> ColumnElement[bool]:
    """Findings that still ask for somebody, for a query."""
    return and_(LedgerFinding.resolved_at.is_(None), LedgerFinding.accepted_at.is_(None))


def attention_count() -> int:
    """How many entries, and findings without an entry, need a person; one query."""
    entries = select(func.count(UitpasEntry.id)).where(needs_attention()).scalar_subquery()
    others = (
        select(func.count(LedgerFinding.id))
        .where(LedgerFinding.entry_id.is_(None), open_finding())
        .scalar_subquery()
    )
    return db.session.scalar(select(entries + others)) or 0


def attention_to(line_refs: Iterable[str]) -> bool:
    """Whether the entry of one of these lines needs a person."""
    wanted = select(UitpasEntry.id).where(
        UitpasEntry.line_ref.in_(list(line_refs)), needs_attention()
    )
    return db.session.scalar(wanted.limit(1)) is not None


_BY_PROBLEM = (
    (SEARCH_FORBIDDEN, EntryState.UNKNOWN, Attention.MAY_NOT_LOOK),
    (AMBIGUOUS, EntryState.UNKNOWN, Attention.AMBIGUOUS),
    (UNDO_REFUSED, EntryState.CANCELLING, Attention.UNDO_REFUSED),
    (UNDO_UNSURE, EntryState.CANCELLING, Attention.UNDO_UNSURE),
)
