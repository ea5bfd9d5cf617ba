"""What the steps of registering show and read: a parent's, and staff's on behalf (R1-R3)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask import redirect, request
from werkzeug.wrappers import Response

from app.activities.models import Activity
from app.activities.prices import cheapest_category
from app.activities.registering import age_on
from app.clock import local
from app.people.models import Person
from app.people.sharing import GROUP_PASS, sharing_notices_of
from app.sales.benefit_choice import LineOffers
from app.sales.models import Basket
from app.sales.problems import SaleProblem
from app.uitpas.benefits import Offer
from app.web.dates import exact_days_in_words
from app.web.pages import PageError, page

ZERO = Decimal("0.00")
LACKING = ("birth_date", "postal_code")
"""Problems of a person that go once something is filled in."""
USES_UITPAS = {"ja": True, "nee": False}
WHO = "wie"
"""Id of the part of the page where the persons are chosen."""


@dataclass(frozen=True)
class FlowAddresses:
    """Where the steps after the first stand, in the shop or for staff; templates call it ``at``."""

    basket: str
    benefits: str
    benefits_total: str
    extend: str
    hold_again: str
    finish: str
    more: str
    """Where something else is chosen."""
    remove: Callable[[int], str]
    """Of the id of a line."""
    number: Callable[[int], str]
    """Of the id of a line."""
    check_number: str
    """Where a number is looked at while it is typed."""


@dataclass
class Option:
    """One person for one activity, as the page offers it."""

    activity: Activity
    person: Person
    price: Decimal | None
    problems: list[str]
    chosen: bool
    error: str = ""
    lacks: str = ""
    """What is missing of the person, where filling it in may help: its field."""

    @property
    def value(self) -> str:
        """What the box sends."""
        return f"{self.activity.id}-{self.person.id}"

    @property
    def age(self) -> str:
        """The age on the first date, in words; empty where the birth date is unknown."""
        if self.person.birth_date is None or self.activity.first_start is None:
            return ""
        return f"{age_on(self.person.birth_date, local(self.activity.first_start).date())} jaar"


@dataclass
class StepOne:
    """Everything the first step shows."""

    activity: Activity
    activities: list[Activity]
    options: dict[int, list[Option]]
    asks_uitpas: bool
    uses_uitpas: str = ""
    errors: list[PageError] = field(default_factory=list)
    activity_errors: dict[int, str] = field(default_factory=dict)
    who_error: str = ""
    """Why nobody or these together cannot: stands above the first choice."""
    uitpas_error: str = ""

    @property
    def chosen(self) -> list[Option]:
        """What is ticked."""
        return [item for items in self.options.values() for item in items if item.chosen]

    @property
    def total(self) -> Decimal:
        """The price of what is ticked, before any benefit, in euro."""
        return sum((item.price or ZERO for item in self.chosen), ZERO)


def uitpas_sentence(*, coupons: bool, rewards: bool) -> str:
    """Why one would use a UiTPAS, in the wording of the manual's 4.3 that fits what is on."""
    words = "Gebruik UiTPASnummer om recht te hebben op kansentarief"
    if coupons and rewards:
        return f"{words} of gebruik te maken van coupons of omruilvoordeel"
    if coupons:
        return f"{words} of gebruik te maken van coupons"
    if rewards:
        return f"{words} of gebruik te maken van omruilvoordeel"
    return words


def option(
    activity: Activity,
    person: Person,
    problems: Iterable[SaleProblem],
    ticked: set[tuple[int, int]],
) -> Option:
    """A person for an activity, with the price of the cheapest category that is allowed."""
    category = cheapest_category(activity, person.postal_code)
    problems = list(problems)
    return Option(
        activity=activity,
        person=person,
        price=category.price if category is not None else None,
        problems=[problem.sentence for problem in problems],
        chosen=(activity.id, person.id) in ticked,
        lacks=next((problem.field for problem in problems if problem.field in LACKING), ""),
    )


def read_choices(values: Iterable[str]) -> set[tuple[int, int]]:
    """(activity, person) of each box; what is no pair of numbers never came from the page."""
    found = set()
    for value in values:
        activity_id, _, person_id = value.partition("-")
        if activity_id.isdecimal() and person_id.isdecimal() and len(value) < 20:
            found.add((int(activity_id), int(person_id)))
    return found


def show_problems(step: StepOne, problems: Iterable[SaleProblem]) -> None:
    """Each problem at its person where it has one, else at its activity, else above all."""
    by_pair = {
        (item.activity.id, item.person.id): item
        for items in step.options.values()
        for item in items
    }
    for problem in problems:
        item = by_pair.get((problem.activity_id or 0, problem.person_id or 0))
        if item is not None:
            item.error = problem.sentence
            step.errors.append((f"keuze-{item.value}", problem.sentence))
        elif problem.activity_id in step.options:
            step.activity_errors[problem.activity_id or 0] = problem.sentence
            step.errors.append((f"{WHO}-{problem.activity_id}", problem.sentence))
        else:
            step.errors.append((WHO, problem.sentence))


def posted_benefits() -> dict[int, str]:
    """The id of the offer by line, '' for none."""
    chosen = {}
    for name, value in request.form.items():
        line_id = name.removeprefix("voordeel-")
        if line_id != name and line_id.isdecimal() and len(line_id) < 12:
            chosen[int(line_id)] = value
    return chosen


def benefits_page(
    template: str,
    at: FlowAddresses,
    basket: Basket | None,
    items: list[LineOffers],
    *,
    errors: dict[int | None, str] | None = None,
    number_errors: dict[int, str] | None = None,
    typed: dict[int, str] | None = None,
    chosen: dict[int, str] | None = None,
    **context: Any,
) -> Response:
    """Step 2: what publiq offers for each line of ``basket``; to the basket where nothing does."""
    if not items:  # nothing uses a UiTPAS, or its lines went meanwhile
        return redirect(at.basket, code=303)
    errors, number_errors = errors or {}, number_errors or {}
    selected = {item.line.id: item.selected for item in items}
    selected |= {key: value for key, value in (chosen or {}).items() if key in selected}
    page_errors = [(f"voordeel-{line_id}", text) for line_id, text in errors.items()]
    page_errors += [(f"nummer-{line_id}", text) for line_id, text in number_errors.items()]
    return page(
        template,
        errors=page_errors,
        at=at,
        items=items,
        selected=selected,
        line_errors=errors,
        number_errors=number_errors,
        typed=typed or {},
        silent=any(not item.answered for item in items),
        pass_notices=_pass_notices(items),
        days_of=exact_days_in_words,
        **benefit_totals(basket, selected),
        **context,
    )


def _pass_notices(items: list[LineOffers]) -> dict[int, list[str]]:
    """What there is to say of the pass of each line: a group's, or somebody else's too (P1)."""
    persons = {item.line.person.id: item.line.person for item in items if item.line.person}
    shared = sharing_notices_of(persons.values())
    groups = {key: [str(GROUP_PASS)] for key, person in persons.items() if person.is_group_pass}
    return {
        item.line.id: groups.get(item.line.person_id or 0, [])
        + shared.get(item.line.person_id or 0, [])
        for item in items
    }


def benefit_totals(basket: Basket | None, selected: dict[int, str]) -> dict[str, Any]:
    """The lines of the basket as they would be with these choices, from what publiq offered."""
    rows, total = [], ZERO
    for line in basket.lines if basket is not None else []:
        price, words = line.price, line.benefit_name
        if line.id in selected:
            offers = [Offer.from_json(stored) for stored in line.offers]
            offer = next((item for item in offers if item.id == selected[line.id]), None)
            price = offer.price if offer is not None else line.regular_price
            words = offer.name if offer is not None else "Geen voordeel"
        who = line.person.first_name if line.person is not None else line.category_name
        title = line.activity.title
        rows.append((who, price, f"{title}, {words}" if words else title))
        total += price
    return {"rows": rows, "total": total}
