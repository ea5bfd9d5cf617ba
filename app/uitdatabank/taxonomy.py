"""Thema's and subthema's of publiq, kept for a day and longer while publiq is away (D1)."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, insert, select

from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.publiq.errors import PubliqError
from app.publiq.taxonomy import Term
from app.settings.connections import NotConnected, publiq_client
from app.uitdatabank.models import TaxonomyTerm

KEPT_FOR = timedelta(days=1)
EVENT_TYPE, THEME = "eventtype", "theme"


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


def refresh_taxonomy() -> bool:
    """Fetch the terms anew, unless that was done less than a day ago; the job of each night.

    Returns whether there is a fresh copy. When publiq is away the last good one stays.
    """
    fetched_at = db.session.scalar(
        select(TaxonomyTerm.fetched_at).order_by(TaxonomyTerm.fetched_at).limit(1)
    )
    # an hour less, or the job that runs each night would find the copy of last night fresh
    if fetched_at is not None and now() - fetched_at < KEPT_FOR - timedelta(hours=1):
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


def _stored(domain: str) -> list[TaxonomyTerm]:
    return list(
        db.session.scalars(
            select(TaxonomyTerm).where(TaxonomyTerm.domain == domain).order_by(TaxonomyTerm.name)
        )
    )


def _store(terms: list[Term]) -> None:
    """The new copy takes the place of the old one; terms for places only are left out."""
    kept = {
        term.id: term
        for term in terms
        if term.domain in (EVENT_TYPE, THEME) and "events" in term.scope and term.name
    }
    fetched_at = now()
    rows = [
        {
            "id": term.id,
            "domain": term.domain,
            "name": term.name[:200],
            "suggested_theme_ids": list(term.suggested_theme_ids),
            "fetched_at": fetched_at,
        }
        for term in kept.values()
    ]
    with write_transaction() as session:
        session.execute(delete(TaxonomyTerm).execution_options(synchronize_session=False))
        session.execute(insert(TaxonomyTerm), rows)
