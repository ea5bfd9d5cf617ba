"""Thema's and subthema's of publiq, kept for a day and longer while publiq is away (D1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, insert, select

from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.publiq.errors import PubliqError
from app.publiq.taxonomy import Term
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import CallOutcome, PubliqCall
from app.uitdatabank.models import TaxonomyTerm

KEPT_FOR = timedelta(days=1)
EVENT_TYPE, THEME = "eventtype", "theme"
OPERATION = "get-terms"


@dataclass(frozen=True)
class TermChoice:
    """A thema or a subthema to choose from."""

    id: str
    name: str


def event_types() -> list[TermChoice]:
    """The thema's by name: the last good copy, fetched first where there is none yet.

    Empty when publiq never answered.
    """
    found = stored_event_types()
    if not found and refresh_taxonomy():
        found = stored_event_types()
    return found


def stored_event_types() -> list[TermChoice]:
    """The thema's of the last good copy, without asking publiq."""
    return [TermChoice(row.id, row.name) for row in _stored(EVENT_TYPE)]


def all_themes() -> list[TermChoice]:
    """Every subthema by name; publiq takes any of them with any thema."""
    return [TermChoice(row.id, row.name) for row in _stored(THEME)]


def place_kinds() -> list[TermChoice]:
    """The kinds of places by name, of which a new location needs one.

    Empty when publiq never answered.
    """
    found = _stored(EVENT_TYPE, for_places=True)
    if not found and refresh_taxonomy(anyway=True):
        found = _stored(EVENT_TYPE, for_places=True)
    return [TermChoice(row.id, row.name) for row in found]


@dataclass(frozen=True)
class TaxonomyAge:
    """How old the copy is. ``unanswered``: publiq was asked since and gave no answer."""

    days: int
    is_stale: bool
    unanswered: bool


def taxonomy_age() -> TaxonomyAge:
    """Whether the copy is older than a day, and whether publiq is the reason. Two queries."""
    fetched_at = _fetched_at()
    if fetched_at is None:
        return TaxonomyAge(0, is_stale=False, unanswered=False)
    age = now() - fetched_at
    if age < KEPT_FOR:
        return TaxonomyAge(age.days, is_stale=False, unanswered=False)
    unanswered = db.session.scalar(
        select(
            exists().where(
                PubliqCall.operation == OPERATION,
                PubliqCall.started_at > fetched_at,
                PubliqCall.outcome != CallOutcome.OK,
            )
        )
    )
    return TaxonomyAge(age.days, is_stale=True, unanswered=bool(unanswered))


def themes_for(event_type_id: str) -> list[TermChoice]:
    """The subthema's that publiq advises with this thema, by name; empty where it has none."""
    if not event_type_id:
        return []
    advised = db.session.scalar(
        select(TaxonomyTerm.suggested_theme_ids).where(
            TaxonomyTerm.id == event_type_id, TaxonomyTerm.domain == EVENT_TYPE
        )
    )
    if not advised:
        return []
    return [TermChoice(row.id, row.name) for row in _stored(THEME) if row.id in set(advised)]


def term_name(term_id: str) -> str:
    """The Dutch name of a term; its id where it is not known."""
    return db.session.scalar(select(TaxonomyTerm.name).where(TaxonomyTerm.id == term_id)) or term_id


def refresh_taxonomy(*, anyway: bool = False) -> bool:
    """Fetch the terms anew, unless that was done less than a day ago; the job of each night.

    Returns whether there is a fresh copy. When publiq is away the last good one stays.
    ``anyway``: also when the copy is fresh.
    """
    fetched_at = _fetched_at()
    # an hour less, or the job that runs each night would find the copy of last night fresh
    is_fresh = fetched_at is not None and now() - fetched_at < KEPT_FOR - timedelta(hours=1)
    if is_fresh and not anyway:
        return True
    try:
        client = publiq_client(purpose="Thema's ophalen")
        end_read()
        terms = client.taxonomy.terms(purpose="Thema's ophalen")
    except (NotConnected, PubliqError):
        return False
    if not any(term.domain == EVENT_TYPE for term in terms):
        return False
    _store(terms)
    return True


def _fetched_at() -> datetime | None:
    return db.session.scalar(
        select(TaxonomyTerm.fetched_at).order_by(TaxonomyTerm.fetched_at).limit(1)
    )


def _stored(domain: str, *, for_places: bool = False) -> list[TaxonomyTerm]:
    return list(
        db.session.scalars(
            select(TaxonomyTerm)
            .where(TaxonomyTerm.domain == domain, TaxonomyTerm.for_places == for_places)
            .order_by(TaxonomyTerm.name)
        )
    )


def _store(terms: list[Term]) -> None:
    """The new copy takes the place of the old one. A term for both is one for events."""
    fetched_at = now()
    kept: dict[str, dict[str, Any]] = {}
    for term in terms:
        for_events = term.domain in (EVENT_TYPE, THEME) and "events" in term.scope
        for_places = term.domain == EVENT_TYPE and "places" in term.scope and not for_events
        if term.name and (for_events or for_places):
            kept[term.id] = {
                "id": term.id,
                "domain": term.domain,
                "name": term.name[:200],
                "suggested_theme_ids": list(term.suggested_theme_ids),
                "for_places": for_places,
                "fetched_at": fetched_at,
            }
    with write_transaction() as session:
        session.execute(delete(TaxonomyTerm).execution_options(synchronize_session=False))
        session.execute(insert(TaxonomyTerm), list(kept.values()))
