"""Activity types: what is filled in on one, its rules, and saving it (C1)."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from app.activities.models import Activity, ActivityType, Module, PriceCategory
from app.activities.places import LARGEST_CAPACITY
from app.activities.prices import ROWS
from app.activities.problems import ActivityRefused, Problem
from app.extensions import _t, db, write_transaction
from app.settings.audit import record

POSTERS = ("nature", "sport", "water", "make", "stage", "play", "read")
"""The drawings of icons.svg, without their 'art-'."""
OLDEST = 120
LONGEST_CANCEL_DAYS = 365


@dataclass(frozen=True)
class PriceData:
    """One price as filled in; ``id`` is that of the category it changes, if any. In euro."""

    name: str
    price: Decimal
    postal_codes: tuple[str, ...] = ()
    id: int | None = None


@dataclass(frozen=True)
class TypeData:
    """What is filled in on an activity type; ages in full years, refunds in per cent.

    ``version`` is that of the type the clerk saw, see ``type_version``; empty does not check it.
    """

    name: str
    module: Module = Module.REGISTRATION
    poster: str = "play"
    default_capacity: int = 20
    min_age: int | None = None
    max_age: int | None = None
    publish_in_uit: bool = True
    cancel_until_days: int = 7
    refund_before_percent: int = 100
    refund_after_percent: int = 0
    prices: Sequence[PriceData] = field(default_factory=tuple)
    version: str = ""


FIELDS = (
    "name",
    "module",
    "poster",
    "default_capacity",
    "min_age",
    "max_age",
    "publish_in_uit",
    "cancel_until_days",
    "refund_before_percent",
    "refund_after_percent",
)
"""What a type keeps of what is filled in, beside its prices."""
SAVED = "activiteittype bewaard"
TYPE_CHANGES = (SAVED,)
"""What the audit trail calls a change of what stands on the tab Algemeen."""


def type_data(found: ActivityType) -> TypeData:
    """A stored type as it would be filled in."""
    values = {name: getattr(found, name) for name in FIELDS}
    return TypeData(**values, prices=prices_of(found))


def type_version(found: ActivityType) -> str:
    """Names exactly what a stored type says, so that who saves can tell that it changed."""
    prices = [
        (item.id, item.name, f"{item.price:.2f}", item.postal_codes) for item in prices_of(found)
    ]
    content = [[str(getattr(found, name)) for name in FIELDS], prices]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()[:32]


def update_type(type_id: int | None, data: TypeData) -> ActivityType:
    """Save a type, a new one where the id is None; activities that exist keep what they have.

    Raises ActivityRefused, LookupError when there is no such type. A version that is no longer the
    type's gives the problem of kind 'version', alone.
    """
    with write_transaction() as session:
        found = ActivityType() if type_id is None else _locked(session, type_id)
        if type_id is not None and data.version and data.version != type_version(found):
            raise ActivityRefused([_version_problem()])
        problems = type_problems(data) + _stored_problems(session, found, data)
        if problems:
            raise ActivityRefused(problems)
        for name in FIELDS:
            setattr(found, name, getattr(data, name))
        apply_prices(found, data.prices)
        session.add(found)
        try:
            session.flush()
        except IntegrityError as error:  # a colleague chose the name at the same moment
            raise ActivityRefused([_name_taken(data.name)]) from error
        record(
            SAVED,
            subject_kind="activiteittype",
            subject_id=found.id,
            subject_label=found.name,
        )
        return found


def _locked(session: Session, type_id: int) -> ActivityType:
    """The type, waiting for a colleague who is saving it at the same moment."""
    found = session.get(
        ActivityType, type_id, with_for_update={"key_share": True}, populate_existing=True
    )
    if found is None:
        raise LookupError(f"no activity type {type_id}")
    return found


def _version_problem() -> Problem:
    sentence = _t(
        "Een collega bewaarde dit activiteittype terwijl je bezig was. Wat je typte, staat hier "
        "nog. Kijk na wat je collega wijzigde en druk dan opnieuw op ‘Opslaan’."
    )
    return Problem("version", sentence)


def type_problems(data: TypeData) -> list[Problem]:
    """What is wrong with what was filled in, by itself."""
    found = []
    if not data.name.strip():
        found.append(Problem("missing", _t("Geef het activiteittype een naam."), "name"))
    elif len(data.name) > 100:
        found.append(Problem("too_long", _t("Kort de naam in tot 100 tekens."), "name"))
    if data.poster not in POSTERS:
        found.append(Problem("poster", _t("Kies een van de tekeningen."), "poster"))
    found += capacity_problems(data.default_capacity, "default_capacity")
    found += age_range_problems(data.min_age, data.max_age)
    if not 0 <= data.cancel_until_days <= LONGEST_CANCEL_DAYS:
        sentence = _t("Kies een aantal dagen van 0 tot %(most)s.", most=LONGEST_CANCEL_DAYS)
        found.append(Problem("range", sentence, "cancel_until_days"))
    for name in ("refund_before_percent", "refund_after_percent"):
        if not 0 <= getattr(data, name) <= 100:
            found.append(Problem("range", _t("Kies een percentage van 0 tot 100."), name))
    return found + price_problems(data.prices)


def capacity_problems(capacity: int, name: str = "capacity") -> list[Problem]:
    """Whether a number of places is one that we can count."""
    if 1 <= capacity <= LARGEST_CAPACITY:
        return []
    return [Problem("range", _t("Kies een aantal plaatsen van 1 tot 100.000."), name)]


def age_range_problems(low: int | None, high: int | None) -> list[Problem]:
    """Whether the ages can be, and stand in their order."""
    found = [
        Problem("range", _t("Kies een leeftijd van 0 tot %(oldest)s jaar.", oldest=OLDEST), name)
        for name, age in (("min_age", low), ("max_age", high))
        if age is not None and not 0 <= age <= OLDEST
    ]
    if not found and low is not None and high is not None and high < low:
        sentence = _t(
            "De maximumleeftijd is lager dan de minimumleeftijd. Kies %(low)s jaar of meer.",
            low=low,
        )
        found.append(Problem("order", sentence, "max_age"))
    return found


def price_problems(prices: Sequence[PriceData]) -> list[Problem]:
    """Whether there are prices, each with a name of its own, not below zero."""
    if not prices:
        return [Problem("missing", _t("Voeg minstens één prijscategorie toe."), "prices")]
    if len(prices) > ROWS:
        return [
            Problem(
                "range", _t("Er passen hoogstens %(most)s prijscategorieën.", most=ROWS), "prices"
            )
        ]
    found: list[Problem] = []
    seen: set[str] = set()
    for index, item in enumerate(prices):
        name = item.name.strip()
        if not name:
            found.append(
                Problem("missing", _t("Geef deze prijs een naam."), f"prices-{index}-name")
            )
        elif len(name) > 90:
            found.append(
                Problem("too_long", _t("Kort de naam in tot 90 tekens."), f"prices-{index}-name")
            )
        elif name.lower() in seen:
            sentence = _t(
                "Er is al een prijscategorie ‘%(name)s’. Kies een andere naam.", name=name
            )
            found.append(Problem("double", sentence, f"prices-{index}-name"))
        seen.add(name.lower())
        if item.price < 0:
            sentence = _t("Een prijs kan niet onder nul zijn. Typ 0 voor gratis.")
            found.append(Problem("range", sentence, f"prices-{index}-price"))
    return found


def apply_prices(owner: Activity | ActivityType, prices: Sequence[PriceData]) -> None:
    """Make these the owner's categories in this order; a row with a known id keeps its row."""
    known = {category.id: category for category in owner.price_categories if category.id}
    kept = []
    for position, item in enumerate(prices):
        category = known.pop(item.id, None) if item.id else None
        category = category or PriceCategory()
        for name, value in price_values(position, item).items():
            setattr(category, name, value)
        kept.append(category)
    owner.price_categories = kept


def price_values(position: int, item: PriceData) -> dict[str, Any]:
    """One price by the names of the columns."""
    return {
        "position": position,
        "name": item.name.strip(),
        "price": item.price,
        "postal_codes": list(item.postal_codes),
    }


def prices_of(owner: Activity | ActivityType, *, with_ids: bool = True) -> tuple[PriceData, ...]:
    """The categories as data, to take them over (without ids) or to change them."""
    return tuple(
        PriceData(
            category.name,
            category.price,
            tuple(category.postal_codes),
            category.id if with_ids else None,
        )
        for category in owner.price_categories
    )


def all_types() -> list[ActivityType]:
    """Every type with its prices, by name."""
    return list(
        db.session.scalars(
            select(ActivityType)
            .options(selectinload(ActivityType.price_categories))
            .order_by(func.lower(ActivityType.name))
        )
    )


def get_type(type_id: int) -> ActivityType | None:
    """A type with its prices."""
    return db.session.get(
        ActivityType, type_id, options=[selectinload(ActivityType.price_categories)]
    )


def activities_per_type() -> dict[int, int]:
    """How many activities there are of each type that has any."""
    rows = db.session.execute(
        select(Activity.activity_type_id, func.count()).group_by(Activity.activity_type_id)
    )
    return dict(rows.all())


def _stored_problems(session: Session, found: ActivityType, data: TypeData) -> list[Problem]:
    """What only the database knows: the name of another type, a module that is in use."""
    problems = []
    query = select(ActivityType.id).where(func.lower(ActivityType.name) == data.name.lower())
    with session.no_autoflush:
        if any(type_id != found.id for type_id in session.scalars(query)):
            problems.append(_name_taken(data.name))
        if found.id and found.module is not data.module and _in_use(session, found.id):
            problems.append(
                Problem(
                    "in_use",
                    _t(
                        "Er zijn al activiteiten van dit type. Maak voor de andere module een "
                        "nieuw activiteittype."
                    ),
                    "module",
                )
            )
    return problems


def _in_use(session: Session, type_id: int) -> bool:
    query = select(Activity.id).where(Activity.activity_type_id == type_id).limit(1)
    return session.scalar(query) is not None


def _name_taken(name: str) -> Problem:
    sentence = _t("Er is al een activiteittype ‘%(name)s’. Kies een andere naam.", name=name)
    return Problem("double", sentence, "name")
