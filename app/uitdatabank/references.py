"""Locations and organizers of publiq that profiles refer to: does publiq still know them (D13)?

What was seen is kept for a while, so that publishing many activities asks about each only once.
"""

import threading
from datetime import timedelta
from typing import Any

from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.publiq import Publiq
from app.publiq.errors import PubliqNotFound
from app.publiq.reading import address_of, id_of, text_of
from app.publiq.search import is_uitpas_label
from app.settings.models import Environment, OrganizerPermission
from app.uitdatabank.event import Body
from app.uitdatabank.models import ReferenceKind, ReferenceState, UitReference

FRESH_FOR = timedelta(minutes=10)
_locks: dict[tuple[Environment, ReferenceKind, str], threading.Lock] = {}
_locks_guard = threading.Lock()


def ensure_reference(
    client: Publiq, environment: Environment, kind: ReferenceKind, publiq_id: str
) -> UitReference:
    """What we know of it, asked of publiq unless that was done minutes ago and it was there.

    Outside any transaction. Raises PubliqError.
    """
    known = _fresh(environment, kind, publiq_id)
    if known is not None:
        return known
    with _one_at_a_time((environment, kind, publiq_id)):  # who waited finds what the first saw
        return _fresh(environment, kind, publiq_id) or look_at_reference(
            client, environment, kind, publiq_id
        )


def known_reference(
    environment: Environment, kind: ReferenceKind, publiq_id: str
) -> UitReference | None:
    """What we saw last, however long ago; None when it was never looked at."""
    return db.session.get(UitReference, (environment, kind, publiq_id))


def look_at_reference(
    client: Publiq, environment: Environment, kind: ReferenceKind, publiq_id: str
) -> UitReference:
    """Ask publiq for it and keep what it said. Outside any transaction. Raises PubliqError."""
    read = client.entry.get_place if kind is ReferenceKind.PLACE else client.entry.get_organizer
    try:
        document: Body | None = read(publiq_id)
    except PubliqNotFound:
        document = None
    with write_transaction() as session:
        seen = _seen(environment, kind, publiq_id, document)
        known = session.get(UitReference, (environment, kind, publiq_id))
        if known is not None and known.successor_id and seen.state is ReferenceState.GONE:
            # publiq said once into which other one it was merged, and says no more than 'gone' now
            seen.state, seen.successor_id = ReferenceState.MERGED, known.successor_id
        return session.merge(seen)


def keep_seen_in(environment: Environment, place: Body) -> None:
    """A location as an event of publiq's holds it, kept where it was never looked at.

    Inside write_transaction() only.
    """
    publiq_id = id_of(place["@id"]).lower()
    if known_reference(environment, ReferenceKind.PLACE, publiq_id) is None:
        db.session.add(_seen(environment, ReferenceKind.PLACE, publiq_id, place))


def written_address(street: str, postal_code: str, locality: str) -> str:
    """'Kerkplein 1, 9995 Zonnewende', with only the parts that are known."""
    place = " ".join(filter(None, (postal_code, locality)))
    return ", ".join(filter(None, (street, place)))


def address_line(document: Body) -> str:
    """The address of a place or an organizer of publiq in one line."""
    address = address_of(document)
    keys = ("streetAddress", "postalCode", "addressLocality")
    return written_address(*(str(address.get(key) or "") for key in keys))


def has_uitpas_label(document: Body) -> bool:
    """Whether publiq marks an organizer as partner of a card system."""
    labels = [*(document.get("labels") or []), *(document.get("hiddenLabels") or [])]
    return any(isinstance(text, str) and is_uitpas_label(text) for text in labels)


def _fresh(environment: Environment, kind: ReferenceKind, publiq_id: str) -> UitReference | None:
    """What we know of it, if we saw it alive not long ago; ends the read."""
    known = db.session.get(UitReference, (environment, kind, publiq_id), populate_existing=True)
    end_read()
    is_alive = known is not None and known.state is ReferenceState.ALIVE
    return known if is_alive and now() - known.checked_at < FRESH_FOR else None


def _one_at_a_time(key: tuple[Environment, ReferenceKind, str]) -> threading.Lock:
    """In this process, the lock of one location or organizer."""
    with _locks_guard:
        return _locks.setdefault(key, threading.Lock())


def _seen(
    environment: Environment, kind: ReferenceKind, publiq_id: str, document: Body | None
) -> UitReference:
    """A row as publiq's answer makes it; of what is gone the name that we knew stays."""
    row = UitReference(environment=environment, kind=kind, publiq_id=publiq_id, checked_at=now())
    row.successor_id = _successor(document)
    row.state = _state(document, row.successor_id)
    if document is not None:
        row.name = text_of(document.get("name"), document.get("mainLanguage"))[:300]
        row.address = address_line(document)[:300]
        row.is_uitpas = kind is ReferenceKind.ORGANIZER and (
            has_uitpas_label(document) or _permitted(environment, publiq_id)
        )
    return row


def _state(document: Body | None, successor_id: str) -> ReferenceState:
    if document is None or document.get("workflowStatus") == "DELETED":
        return ReferenceState.MERGED if successor_id else ReferenceState.GONE
    return ReferenceState.MERGED if successor_id else ReferenceState.ALIVE


def _successor(document: Body | None) -> str:
    """Into which place this one was merged; publiq's documents do not promise that it says so."""
    address: Any = (document or {}).get("duplicateOf")
    try:
        return id_of(address) if isinstance(address, str) else ""
    except ValueError:
        return ""


def _permitted(environment: Environment, organizer_id: str) -> bool:
    return db.session.get(OrganizerPermission, (environment, organizer_id)) is not None
