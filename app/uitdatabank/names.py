"""What the ids in our event bodies are called, from what we keep ourselves."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.settings.models import Environment
from app.uitdatabank.models import ReferenceKind, TaxonomyTerm, UitProfile, UitReference
from app.uitdatabank.readable import Names, reference_id


def names_for(
    bodies: Sequence[Mapping[str, Any]], environment: Environment, profile: UitProfile | None = None
) -> Names:
    """Names of the terms, locations and organizers in these bodies; two queries.

    ``profile`` knows the names of what it chose, also before anybody looked at publiq.
    """
    terms = {term["id"] for body in bodies for term in body.get("terms") or []}
    places = {reference_id(body.get("location")) for body in bodies} - {""}
    organizers = {reference_id(body.get("organizer")) for body in bodies} - {""}
    named = dict(
        db.session.execute(
            select(TaxonomyTerm.id, TaxonomyTerm.name).where(TaxonomyTerm.id.in_(terms))
        ).all()
    )
    rows = db.session.execute(
        select(UitReference.kind, UitReference.publiq_id, UitReference.name).where(
            UitReference.environment == environment,
            UitReference.publiq_id.in_(places | organizers),
        )
    ).all()
    by_kind: dict[ReferenceKind, dict[str, str]] = {kind: {} for kind in ReferenceKind}
    for row in rows:
        if row.name:
            by_kind[row.kind][row.publiq_id.lower()] = row.name
    if profile is not None and profile.environment is environment:
        by_kind[ReferenceKind.PLACE].setdefault(profile.location_id, profile.location_name)
        by_kind[ReferenceKind.ORGANIZER].setdefault(profile.organizer_id, profile.organizer_name)
    return Names(named, by_kind[ReferenceKind.PLACE], by_kind[ReferenceKind.ORGANIZER])
