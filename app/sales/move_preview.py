"""Where a registration can be moved to, and what that would do: money, UiTPAS, places (R7).

Another price category of its own activity is a move too: within the same event, and to no other
place.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any

from sqlalchemy import case, select
from sqlalchemy.orm import joinedload, selectinload

from app.activities.models import Activity, ActivityState, ActivityType, Module, PriceCategory
from app.activities.places import registration_pool
from app.activities.prices import allowed_categories, cheapest_category
from app.activities.registering import activity_problems, age_problems
from app.clock import now
from app.extensions import _l, _t, db, end_read
from app.sales.change_steps import same_benefit
from app.sales.changes import NO_EXCEPTION, MoneyFollows, change_problems, money_follows
from app.sales.choice_problems import registered
from app.sales.models import (
    Basket,
    BasketLine,
    BasketState,
    LineKind,
    OrderLine,
)
from app.sales.problems import SaleProblem
from app.sales.replaced_cards import NewCard, ask_following
from app.settings.models import Environment
from app.settings.uit import active_environment
from app.uitdatabank.links import benefits_possible
from app.uitpas.benefits import BenefitAnswer, BenefitAsk
from app.uitpas.ledger import entries_of_lines
from app.uitpas.models import BenefitKind, EntryState, UitpasEntry

FOUND = 30
STAFF_MAY = frozenset({"not_open_yet", "closed"})
"""Reasons for which the public cannot register, and that do not keep staff from moving."""
REWARD = _l(
    "Een omruilvoordeel kan niet mee naar een andere activiteit. Annuleer deze inschrijving en "
    "schrijf opnieuw in."
)
NOT_SURE = _l(
    "De verkoop bij UiTPAS is nog niet zeker. Kijk in het UiTPAS-grootboek, en verplaats daarna."
)


ONE_CATEGORY = _l("%(title)s heeft geen andere prijscategorie. Kies een andere activiteit.")
SAME_CATEGORY = _l("Deze inschrijving staat al in die prijscategorie. Kies een andere.")


class BenefitCase(Enum):
    """What becomes of the benefit of a line that is moved."""

    NONE = "none"
    """It has none."""
    STAYS = "stays"
    """Within the same event and at the same price the sale stays as it is."""
    GOES_ALONG = "goes along"
    """The old sale is undone and the new one registered."""
    LOST = "lost"
    """The new activity gives no benefits."""


@dataclass(frozen=True)
class Destination:
    """An activity and the price category there."""

    activity: Activity
    category: PriceCategory

    def is_home_of(self, line: OrderLine) -> bool:
        """Whether the line is at this activity already, and so keeps its place."""
        return self.activity.id == line.activity_id

    @property
    def fields(self) -> dict[str, Any]:
        """What a line that goes there is, without a benefit."""
        return {
            "activity_id": self.activity.id,
            "pool_id": registration_pool(self.activity).id,
            "price_category_id": self.category.id,
            "category_name": self.category.name,
            "regular_price": self.category.price,
            "price": self.category.price,
            **NO_EXCEPTION,
        }


@dataclass(frozen=True)
class BenefitMoves:
    """The benefit of a line that is moved; prices in euro."""

    case: BenefitCase
    price: Decimal | None = None
    """What publiq asks for it there; None while the old sale keeps it from saying so."""
    most: Decimal = Decimal("0.00")
    """The most it can be: that price, or the regular one."""
    message: str = ""
    """publiq's own words."""
    sentence: str = ""
    answered: bool = True
    card: NewCard | None = None
    """The card that came in the place of the one with which was sold, where one did."""


@dataclass
class MovePreview:
    """What moving would do, before anybody confirms it."""

    line: OrderLine
    target: Activity
    categories: list[PriceCategory]
    category: PriceCategory | None
    """The one that is chosen or preselected."""
    left: int
    """Places left there, before this one."""
    benefit: BenefitMoves
    event: tuple[Environment, str] | None
    """Environment and event of the new activity, where it gives benefits."""
    with_benefit: MoneyFollows | None
    plain: MoneyFollows
    warnings: list[str] = field(default_factory=list)
    problems: list[SaleProblem] = field(default_factory=list)

    @property
    def allowed(self) -> bool:
        """Whether it can be moved."""
        return not self.problems

    @property
    def stays_there(self) -> bool:
        """Whether only its price category changes."""
        return self.target.id == self.line.activity_id


def find_targets(line: OrderLine, words: str = "") -> Sequence[Activity]:
    """Activities to come that registrations can go to, those of the same type first."""
    query = (
        select(Activity)
        .join(ActivityType, ActivityType.id == Activity.activity_type_id)
        .where(
            ActivityType.module == Module.REGISTRATION,
            Activity.state == ActivityState.ONLINE,
            Activity.last_end > now(),
            Activity.id != line.activity_id,
        )
        .options(
            selectinload(Activity.pools),
            selectinload(Activity.dates),
            selectinload(Activity.price_categories),
        )
    )
    for word in words.split():
        query = query.where(Activity.title.icontains(word, autoescape=True))
    same_type = Activity.activity_type_id == line.activity.activity_type_id
    order = (case((same_type, 0), else_=1), Activity.first_start, Activity.id)
    return db.session.scalars(query.order_by(*order).limit(FOUND)).all()


def load_target(activity_id: int) -> Activity | None:
    """An activity with all that moving to it needs."""
    return db.session.scalar(
        select(Activity)
        .where(Activity.id == activity_id)
        .options(
            joinedload(Activity.activity_type),
            selectinload(Activity.dates),
            selectinload(Activity.price_categories),
            selectinload(Activity.pools),
        )
        .execution_options(populate_existing=True)
    )


def leaving_problems(line: OrderLine) -> list[SaleProblem]:
    """Why a registration cannot be moved at all, wherever to."""
    problems = change_problems(line)
    if problems:
        return problems
    if line.kind is not LineKind.REGISTRATION:
        return [SaleProblem(_t("Alleen een inschrijving kan je verplaatsen."), kind="kind")]
    if line.benefit_kind is BenefitKind.REWARD:
        return [SaleProblem(str(REWARD), kind="reward")]
    if line.benefit_kind is not None and sale_of(line) is None:
        return [SaleProblem(str(NOT_SURE), kind="unsure")]
    return []


def move_problems(line: OrderLine, target: Activity) -> list[SaleProblem]:
    """Why this registration cannot go to that activity: shown on the page, and obeyed.

    Places are looked at when they are taken.
    """
    problems = leaving_problems(line)
    if problems:
        return problems
    if target.activity_type.module is not Module.REGISTRATION:
        return [_at_target(_t("Voor deze activiteit koop je een ticket."))]
    found = [p for p in activity_problems(target) if p.kind not in STAFF_MAY]
    if found:
        return [_at_target(found[0].sentence)]
    if not target.price_categories:
        return [_at_target(_t("Deze activiteit heeft nog geen prijs. Vul die eerst in."))]
    if target.id == line.activity_id:
        others = [one for one in target.price_categories if one.id != line.price_category_id]
        return [] if others else [_at_target(str(ONE_CATEGORY) % {"title": target.title})]
    if line.person_id is not None and _is_there_already(line.person_id, target.id):
        said = _t("%(name)s is daar al ingeschreven, of heeft het in het mandje.")
        return [_at_target(said % {"name": line.participant_name})]
    return []


def _at_target(sentence: str) -> SaleProblem:
    return SaleProblem(sentence, field="activity")


def _is_there_already(person_id: int, activity_id: int) -> bool:
    """Registered there, or held a place by a basket; one whose time is over keeps nobody away."""
    if registered([person_id], [activity_id]):
        return True
    in_basket = (
        select(BasketLine.id)
        .join(Basket)
        .where(
            BasketLine.person_id == person_id,
            BasketLine.activity_id == activity_id,
            BasketLine.holding,
            Basket.state == BasketState.OPEN,
            Basket.held_until > now(),
        )
    )
    return db.session.scalar(in_basket.limit(1)) is not None


def preview_move(
    line: OrderLine, target: Activity, category_id: int | None, *, ask: bool = True
) -> MovePreview:
    """What moving would do; asks UiTPAS where the benefit goes along, unless ``ask`` is off.

    Outside any transaction. A category that is not there falls back on what is preselected.
    """
    category = _chosen(line, target, category_id)
    event = event_of(target)
    problems = move_problems(line, target)
    pool = registration_pool(target) if not problems else None
    benefit = BenefitMoves(BenefitCase.NONE)
    if not problems and category is not None:
        benefit = _benefit(line, Destination(target, category), event, ask=ask)
    regular = category.price if category else line.price
    plain_price = line.price if benefit.case is BenefitCase.STAYS else regular
    return MovePreview(
        line=line,
        target=target,
        categories=sorted(target.price_categories, key=lambda item: item.position or 0),
        category=category,
        left=max(pool.left, 0) if pool is not None else 0,
        benefit=benefit,
        event=event,
        with_benefit=None
        if benefit.price is None
        else money_follows(line.order, line.price, benefit.price),
        plain=money_follows(line.order, line.price, plain_price),
        warnings=_warnings(line, target),
        problems=problems,
    )


def _chosen(line: OrderLine, target: Activity, category_id: int | None) -> PriceCategory | None:
    """The category asked for; else the one of the same name, else the cheapest that is allowed.

    At its own activity it is another one than it has, the first that is allowed.
    """
    for category in target.price_categories:
        if category.id == category_id:
            return category
    postal_code = line.person.postal_code if line.person else None
    allowed = allowed_categories(target, postal_code)
    if target.id == line.activity_id:
        others = [one for one in target.price_categories if one.id != line.price_category_id]
        return next((one for one in others if one in allowed), next(iter(others), None))
    same = next((item for item in allowed if item.name == line.category_name), None)
    return same or cheapest_category(target, postal_code)


def _warnings(line: OrderLine, target: Activity) -> list[str]:
    """What staff may pass by, knowing it; the reason says why."""
    if line.person is None or target.id == line.activity_id:
        return []
    return [problem.sentence for problem in age_problems(target, line.person)]


def _benefit(
    line: OrderLine, there: Destination, event: tuple[Environment, str] | None, *, ask: bool
) -> BenefitMoves:
    entry, which = sale_of(line), benefit_case(line, there, event)
    if which is BenefitCase.STAYS:
        return BenefitMoves(which, line.price, line.price)
    if entry is None or event is None:
        return BenefitMoves(which)
    answer, card = _ask(line, entry, there, event) if ask else (BenefitAnswer(), None)
    offer = same_benefit(answer.offers, entry.kind, entry.tariff_id)
    return BenefitMoves(
        which,
        offer.price if offer else None,
        offer.price if offer else there.category.price,
        answer.message,
        answer.sentence,
        answer.answered,
        card,
    )


def _ask(
    line: OrderLine, entry: UitpasEntry, there: Destination, event: tuple[Environment, str]
) -> tuple[BenefitAnswer, NewCard | None]:
    wanted = BenefitAsk(
        key=line.id,
        environment=event[0],
        event_id=event[1],
        uitpas_number=entry.uitpas_number,
        regular_price=there.category.price,
        activity_id=there.activity.id,
    )
    end_read()
    return ask_following(wanted, line.person_id, by_staff=True)


def sale_of(line: OrderLine) -> UitpasEntry | None:
    """The sale at UiTPAS that surely stands for this line."""
    entry = entries_of_lines([line.line_ref]).get(line.line_ref)
    return entry if entry is not None and entry.state is EntryState.REGISTERED else None


def event_of(target: Activity) -> tuple[Environment, str] | None:
    """Environment and event of an activity, where it gives benefits now."""
    event_id = benefits_possible([target.id]).get(target.id)
    return (active_environment(), event_id) if event_id else None


def benefit_case(
    line: OrderLine, there: Destination, event: tuple[Environment, str] | None
) -> BenefitCase:
    """What becomes of the benefit of a line that goes there; ``event`` is that of ``there``.

    Within the same event a sale stays, as long as it is about the same regular price.
    """
    entry = sale_of(line)
    if entry is None:
        return BenefitCase.NONE
    same_event = event == (entry.environment, entry.event_id)
    unknown_here = event is None and there.is_home_of(line)  # the sale stands there all the same
    same_price = there.category.price == line.regular_price == entry.regular_price
    if same_price and (same_event or unknown_here):
        return BenefitCase.STAYS
    return BenefitCase.LOST if event is None else BenefitCase.GOES_ALONG
