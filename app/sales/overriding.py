"""Going beyond the rules on behalf of a customer: staff give a reason, which is kept (R1).

A problem whose kind stands in ``MAY_BE_OVERRIDDEN`` is settled by a reason. It is written in the
audit trail at once, with the name of who gave it, and stands with the line of the basket and of the
order; at finishing what was overridden is not refused again, and anything else still is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from app.activities.models import Activity, PriceCategory
from app.activities.prices import allowed_categories, cheapest_category
from app.extensions import _l, _t
from app.people.models import Person
from app.people.persons import subject_of
from app.sales.models import BasketLine
from app.sales.problems import SaleProblem
from app.settings.audit import record

FULL, RESIDENCE = "full", "residence"
MAY_BE_OVERRIDDEN = {
    "not_open_yet": _l("voor de inschrijvingsperiode"),
    "closed": _l("na de inschrijvingsperiode"),
    "too_young": _l("te jong"),
    "too_old": _l("te oud"),
    "no_birth_date": _l("geboortedatum niet gekend"),
    FULL: _l("boven het aantal plaatsen"),
}
"""Kinds of problems that a reason settles, with their words. Residence is settled by choosing a
price category, for which no reason is asked (DESIGN: Prices)."""
OVERRIDE_ACTION = "uitzondering bij inschrijven"
LONGEST_REASON = 500


@dataclass(frozen=True)
class Choice:
    """One person for one activity.

    Only staff name a price category, or a reason to go beyond the rules.
    """

    activity_id: int
    person_id: int
    category_id: int | None = None
    reason: str = ""

    def without_exceptions(self) -> "Choice":
        """The choice as a customer may make it."""
        return Choice(self.activity_id, self.person_id)


def unsettled_problems(
    problems: Iterable[SaleProblem], choice: Choice, activity: Activity, person: Person
) -> list[SaleProblem]:
    """What still stops a choice of staff; at the field of the reason or the category."""
    ids = {"activity_id": activity.id, "person_id": person.id}
    left = []
    if len(choice.reason) > LONGEST_REASON:
        sentence = _t("Hou de reden onder %(most)s tekens.", most=LONGEST_REASON)
        left.append(SaleProblem(sentence, field="reason", kind="reason", **ids))
    if choice.category_id is not None and chosen_category(choice, activity) is None:
        sentence = _t("Deze prijs is er niet meer. Kies een andere.")
        left.append(SaleProblem(sentence, field="category", kind="category", **ids))
    for problem in problems:
        if problem.kind == RESIDENCE:
            if choice.category_id is None:
                sentence = _t("%(why)s Of kies zelf een prijs.", why=problem.sentence)
                left.append(SaleProblem(sentence, field="category", kind=RESIDENCE, **ids))
        elif problem.kind not in MAY_BE_OVERRIDDEN:
            left.append(problem)
        elif not choice.reason:
            left.append(_reason_needed(problem.sentence, problem.kind, person, ids))
    return left


def no_place_problem(activity: Activity, person: Person) -> SaleProblem:
    """The places ran out, and no reason was given to go beyond them."""
    ids = {"activity_id": activity.id, "person_id": person.id}
    return _reason_needed(_t("%(title)s is volzet.", title=activity.title), FULL, person, ids)


def _reason_needed(why: str, kind: str, person: Person, ids: dict[str, int]) -> SaleProblem:
    sentence = _t(
        "%(why)s Geef een reden op om %(name)s toch in te schrijven.",
        why=why,
        name=person.first_name,
    )
    return SaleProblem(sentence, field="reason", kind=kind, **ids)


def chosen_category(choice: Choice, activity: Activity) -> PriceCategory | None:
    """The price category that staff named; None when they named none, or it is gone."""
    return next((c for c in activity.price_categories if c.id == choice.category_id), None)


def category_for(choice: Choice, activity: Activity, person: Person) -> PriceCategory | None:
    """What staff chose, else the cheapest that is allowed."""
    return chosen_category(choice, activity) or cheapest_category(activity, person.postal_code)


def note_overrides(
    line: BasketLine, choice: Choice, problems: Iterable[SaleProblem], capacity: int | None
) -> None:
    """Write what was gone beyond on the line and in the audit trail, in the same transaction.

    ``problems`` are those of the choice, ``capacity`` what its pool was raised to, if it was.
    """
    kinds = [problem.kind for problem in problems if problem.kind in MAY_BE_OVERRIDDEN]
    if capacity is not None:
        kinds.append(FULL)
    if kinds:
        line.override_reason = record_override(line, kinds, choice.reason, capacity)
    if line.price_category not in allowed_categories(line.activity, line.person.postal_code):
        kinds.append(RESIDENCE)
    line.overridden = kinds


def record_override(
    line: BasketLine, kinds: Iterable[str], reason: str, capacity: int | None
) -> str:
    """The entry in the audit trail; returns the reason as it stands there, without any numbers
    of persons."""
    detail = {
        "activiteit": line.activity.title,
        "regels": ", ".join(override_words(kinds)),
    }
    if capacity is not None:
        detail["aantal plaatsen"] = _t(
            "van %(before)s naar %(after)s", before=capacity - 1, after=capacity
        )
    subject = subject_of(line.person)
    return record(OVERRIDE_ACTION, **subject, reason=reason, detail=detail).reason


def override_words(kinds: Iterable[str]) -> list[str]:
    """What was gone beyond, for people."""
    return [str(MAY_BE_OVERRIDDEN[kind]) for kind in kinds if kind in MAY_BE_OVERRIDDEN]
