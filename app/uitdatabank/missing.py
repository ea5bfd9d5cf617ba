"""What an activity still misses before it can be published (D2, D6, D10)."""

from datetime import datetime

from app.extensions import _t
from app.settings.models import Environment
from app.uitdatabank.facts import (
    Subject,
    Surroundings,
    base_first,
    button_end,
    button_start,
    link_email,
    link_phone,
)
from app.uitdatabank.models import UitProfile
from app.uitdatabank.problems import Problem


def missing_for_publication(subject: Subject, surroundings: Surroundings) -> list[Problem]:
    """What is missing, each as a noun and the id of its field; empty when all is there."""
    return [
        *_missing_in_activity(subject),
        *_missing_in_profile(subject.profile, surroundings.environment),
        *_missing_for_link(subject, surroundings),
    ]


def _missing_in_activity(subject: Subject) -> list[Problem]:
    activity = subject.activity
    found = []
    if not activity.title.strip():
        found.append(Problem(_t("een titel"), general="title"))
    if not activity.dates and activity.schedule is None:
        found.append(Problem(_t("een datum"), general="dates"))
    if not base_first(activity.price_categories):
        found.append(Problem(_t("een prijs die voor iedereen geldt"), general="prices"))
    return found


def _missing_in_profile(profile: UitProfile, environment: Environment) -> list[Problem]:
    found = []
    if not profile.description.strip():
        found.append(Problem(_t("een omschrijving"), "description"))
    elsewhere = profile.environment is not environment
    if not profile.location_id:
        found.append(Problem(_t("een locatie"), "location"))
    elif elsewhere:
        found.append(Problem(_t("een locatie uit deze omgeving"), "location"))
    if not profile.organizer_id:
        found.append(Problem(_t("een organisator"), "organizer"))
    elif elsewhere:
        found.append(Problem(_t("een organisator uit deze omgeving"), "organizer"))
    if not profile.event_type:
        found.append(Problem(_t("een thema"), "event_type"))
    return found


def _missing_for_link(subject: Subject, surroundings: Surroundings) -> list[Problem]:
    if not subject.profile.registration_link:
        return []
    found = []
    if not link_email(subject, surroundings):
        found.append(Problem(_t("een e-mailadres bij de registratielink"), "link_email"))
    if not link_phone(subject, surroundings):
        found.append(Problem(_t("een telefoonnummer bij de registratielink"), "link_phone"))
    starts, ends = button_start(subject), button_end(subject)
    if starts and ends and starts > ends:
        found.append(Problem(_t("een einde van de knop dat na de start valt"), "link_ends_on"))
    return found


def is_past(last_end: datetime | None, moment: datetime) -> bool:
    """Whether an activity is over; one without dates is not."""
    return last_end is not None and last_end <= moment
