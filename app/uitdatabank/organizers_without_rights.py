"""Organizers that activities and types use, and that UiTPAS does not list among our rights (S1)."""

from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select

from app.activities.models import Activity
from app.clock import now
from app.extensions import _t, db
from app.settings.environments import ENVIRONMENT_NAMES
from app.settings.models import Environment, EnvironmentSettings, OrganizerPermission
from app.settings.testing import ABILITIES, needed_abilities
from app.settings.uit import get_modules
from app.uitdatabank.models import ReferenceKind, ReferenceState, UitProfile, UitReference


@dataclass(frozen=True)
class WithoutRights:
    """An organizer in use for which we have no rights at all at UiTPAS.

    ``activities`` are those that are not over. ``is_partner``: publiq marks it as a partner.
    ``sentence`` can be forwarded to publiq as it is.
    """

    id: str
    name: str
    activities: int
    types: int
    is_partner: bool
    sentence: str


def organizers_without_rights(environment: Environment) -> list[WithoutRights]:
    """Those in use here, the most used first; a fixed number of queries.

    Says what our last look at the permissions found. Who is gone at publiq is left out: that one
    is replaced instead (D13).
    """
    rows = db.session.execute(
        select(
            UitProfile.organizer_id,
            func.max(UitProfile.organizer_name).label("name"),
            func.count(UitProfile.activity_id).label("activities"),
            func.count(UitProfile.activity_type_id).label("types"),
            func.max(UitReference.name).label("known_name"),
            func.max(case((UitReference.is_uitpas, 1), else_=0)).label("is_partner"),
        )
        .outerjoin(Activity, Activity.id == UitProfile.activity_id)
        .outerjoin(
            OrganizerPermission,
            and_(
                OrganizerPermission.environment == environment,
                OrganizerPermission.organizer_id == UitProfile.organizer_id,
            ),
        )
        .outerjoin(
            UitReference,
            and_(
                UitReference.environment == environment,
                UitReference.kind == ReferenceKind.ORGANIZER,
                UitReference.publiq_id == UitProfile.organizer_id,
            ),
        )
        .where(
            UitProfile.environment == environment,
            UitProfile.organizer_id != "",
            OrganizerPermission.organizer_id.is_(None),
            or_(UitReference.state.is_(None), UitReference.state == ReferenceState.ALIVE),
            or_(
                UitProfile.activity_id.is_(None),
                Activity.last_end.is_(None),
                Activity.last_end > now(),
            ),
        )
        .group_by(UitProfile.organizer_id)
    ).all()
    asked = _asked(environment) if rows else ""
    found = [
        WithoutRights(
            row.organizer_id,
            row.known_name or row.name or row.organizer_id,
            row.activities,
            row.types,
            bool(row.is_partner),
            "",
        )
        for row in rows
    ]
    told = [_with_sentence(one, asked) for one in found]
    return sorted(told, key=lambda one: (-one.activities, -one.types, one.name.casefold()))


def _with_sentence(one: WithoutRights, asked: str) -> WithoutRights:
    words = {"name": one.name, "id": one.id, "uses": _uses(one), "asked": asked}
    if one.is_partner:
        sentence = _t(
            "Voor %(name)s (organisator %(id)s) lijst UiTPAS bij ons geen enkel recht op, en "
            "%(uses)s. %(asked)s",
            **words,
        )
    else:
        sentence = _t(
            "Voor %(name)s (organisator %(id)s) lijst UiTPAS bij ons geen enkel recht op, en "
            "%(uses)s. Is deze organisator UiTPAS-partner? %(asked)s",
            **words,
        )
    return WithoutRights(one.id, one.name, one.activities, one.types, one.is_partner, sentence)


def _uses(one: WithoutRights) -> str:
    """'3 activiteiten en 1 activiteittype gebruiken deze organisator'."""
    parts = []
    if one.activities:
        parts.append(
            _t("1 activiteit")
            if one.activities == 1
            else _t("%(count)s activiteiten", count=one.activities)
        )
    if one.types:
        parts.append(
            _t("1 activiteittype")
            if one.types == 1
            else _t("%(count)s activiteittypes", count=one.types)
        )
    if one.activities + one.types == 1:
        return _t("%(what)s gebruikt deze organisator", what=parts[0])
    return _t("%(what)s gebruiken deze organisator", what=_t(" en ").join(parts))


def _asked(environment: Environment) -> str:
    """Which rights we would need, with publiq's own codes."""
    codes = sorted({code for key in needed_abilities(get_modules()) for code in ABILITIES[key][0]})
    client_id = db.session.scalar(
        select(EnvironmentSettings.client_id).where(EnvironmentSettings.environment == environment)
    )
    return _t(
        "Wil je onze client id %(client_id)s (%(where)s) deze rechten geven: %(codes)s?",
        client_id=client_id or "",
        where=ENVIRONMENT_NAMES[environment],
        codes=", ".join(codes),
    )
