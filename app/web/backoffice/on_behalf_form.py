"""The form of step 1 for staff: persons, each with a price category and a reason (R1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from flask import request

from app.activities.models import Activity
from app.activities.prices import cheapest_category
from app.activities.registering import age_on
from app.clock import local
from app.people.models import Person
from app.sales.overriding import LONGEST_REASON, MAY_BE_OVERRIDDEN, RESIDENCE, Choice
from app.sales.problems import SaleProblem
from app.web.forms import strip
from app.web.pages import PageError
from app.web.registering_steps import WHO, read_choices

PLACES = {"reason": "reden", "category": "categorie"}
"""Where a problem belongs beside the box of its person, by the field that the use case names."""


@dataclass
class StaffOption:
    """One person as step 1 offers it to staff: every problem, and what they filled in."""

    activity: Activity
    person: Person
    problems: list[SaleProblem]
    chosen: bool
    reason: str = ""
    category_id: int | None = None
    errors: dict[str, str] = field(default_factory=dict)
    """The sentence by place: 'keuze', 'reden' or 'categorie'."""

    @property
    def value(self) -> str:
        """What the box sends."""
        return f"{self.activity.id}-{self.person.id}"

    @property
    def choice(self) -> Choice:
        """What is asked of the basket."""
        return Choice(self.activity.id, self.person.id, self.category_id, self.reason)

    @property
    def age(self) -> str:
        """The age on the first date, in words; empty where the birth date is unknown."""
        if self.person.birth_date is None or self.activity.first_start is None:
            return ""
        return f"{age_on(self.person.birth_date, local(self.activity.first_start).date())} jaar"

    @property
    def stops(self) -> list[str]:
        """What no reason settles."""
        return [
            problem.sentence
            for problem in self.problems
            if problem.kind not in MAY_BE_OVERRIDDEN and problem.kind != RESIDENCE
        ]

    @property
    def asks_reason(self) -> list[str]:
        """What staff may go beyond with a reason."""
        return [item.sentence for item in self.problems if item.kind in MAY_BE_OVERRIDDEN]

    @property
    def residence(self) -> str:
        """Why no price fits, until staff choose one."""
        return next((item.sentence for item in self.problems if item.kind == RESIDENCE), "")

    @property
    def default_category_id(self) -> int | None:
        """The cheapest category that is allowed; None where none is."""
        found = cheapest_category(self.activity, self.person.postal_code)
        return found.id if found is not None else None

    @property
    def shown_category_id(self) -> int | str:
        """What the list of prices shows as chosen; empty for nothing yet."""
        return self.category_id or self.default_category_id or ""

    @property
    def asks_category(self) -> bool:
        """Whether there is something to choose among the prices."""
        several = len(self.activity.price_categories) > 1
        return bool(self.activity.price_categories) and (several or bool(self.residence))

    @property
    def price(self) -> Decimal | None:
        """In euro, before any benefit; None while no price fits."""
        wanted = self.shown_category_id
        return next((c.price for c in self.activity.price_categories if c.id == wanted), None)


@dataclass
class StaffStep:
    """Everything the first step shows to staff."""

    activity: Activity
    options: list[StaffOption]
    asks_uitpas: bool
    uses_uitpas: str = ""
    uitpas_error: str = ""
    who_error: str = ""
    errors: list[PageError] = field(default_factory=list)

    @property
    def chosen(self) -> list[StaffOption]:
        """Who is ticked."""
        return [option for option in self.options if option.chosen]


@dataclass(frozen=True)
class Posted:
    """What was filled in for one person."""

    chosen: bool
    reason: str
    category_id: int | None


def read_staff_choices(activity_id: int) -> Mapping[int, Posted]:
    """What was posted for each person of this activity.

    On a page that is just opened the address may tick persons beforehand, and nothing more.
    """
    if request.method != "POST":
        ticked = _ticked(request.args.getlist("keuze"), activity_id)
        return {person: Posted(True, "", None) for person in ticked}
    ticked = _ticked(request.form.getlist("keuze"), activity_id)
    prefix = f"reden-{activity_id}-"
    names = [name.removeprefix(prefix) for name in request.form if name.startswith(prefix)]
    filled = {int(name) for name in names if name.isascii() and name.isdecimal() and len(name) < 10}
    return {
        person: Posted(
            person in ticked,
            strip(request.form.get(f"{prefix}{person}", ""))[: LONGEST_REASON * 2],
            _number(request.form.get(f"categorie-{activity_id}-{person}", "")),
        )
        for person in ticked | filled
    }


def _ticked(values: list[str], activity_id: int) -> set[int]:
    return {person for activity, person in read_choices(values) if activity == activity_id}


def staff_option(
    activity: Activity,
    person: Person,
    problems: Iterable[SaleProblem],
    posted: Mapping[int, Posted],
) -> StaffOption:
    """A person with the problems as they are now, and with what was filled in."""
    found = posted.get(person.id, Posted(False, "", None))
    return StaffOption(
        activity,
        person,
        list(problems),
        chosen=found.chosen,
        reason=found.reason,
        category_id=found.category_id,
    )


def show_staff_problems(step: StaffStep, problems: Iterable[SaleProblem]) -> None:
    """Each problem at the field of its person where it has one, else above all."""
    by_person = {option.person.id: option for option in step.options}
    for problem in problems:
        option = by_person.get(problem.person_id or 0)
        if option is None:
            step.errors.append((WHO, problem.sentence))
            continue
        place = PLACES.get(problem.field, "keuze")
        if place not in option.errors:
            option.errors[place] = problem.sentence
            step.errors.append((f"{place}-{option.value}", problem.sentence))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
