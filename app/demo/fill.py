"""Filling an empty database with Zonnewende, step by step; each step skips what is there already.

The first and the last step leave an entry in the audit trail. So a second run sees that all is
done, an interrupted one goes on where it stopped, with the same days, and a database of somebody
else is left alone.
"""

from datetime import date

from sqlalchemy import exists, select

from app.activities.models import ActivityType
from app.clock import local
from app.demo import at_uitpas, by_hand, classes, groups, municipality, summer
from app.demo.choices import read_choices
from app.demo.families import check_passes, make_families
from app.demo.programme import (
    change_after_publication,
    make_activities,
    make_types,
    publish_programme,
)
from app.demo.registrations import register_all
from app.extensions import db, end_read, write_transaction
from app.people.models import Account, Customer
from app.settings.actor import clear_actor, set_actor
from app.settings.audit import record
from app.settings.models import AuditEntry

BEGUN = "demogegevens begonnen"
DONE = "demogegevens klaar"
ALREADY = "De databank is al gevuld met de demogemeente Zonnewende. Er is niets gewijzigd."
NOT_EMPTY = (
    "Deze databank is niet leeg en bevat geen demogemeente. Er is niets gewijzigd: de demo vult "
    "alleen een lege databank."
)


def fill() -> list[str]:
    """Fill an empty database; returns Dutch sentences on what was made. Safe to run twice."""
    if _entry(DONE) is not None:
        return [ALREADY]
    begun = _entry(BEGUN)
    if begun is None:
        if _is_used():
            return [NOT_EMPTY]
        begun = _mark(BEGUN)
    begin = local(begun.at).date()
    end_read()
    try:
        said = _fill(begin)
        _mark(DONE)
    finally:
        clear_actor()
    return said


def _fill(begin: date) -> list[str]:
    admin_id = municipality.make_staff()
    set_actor(admin_id, municipality.ADMIN_NAME)
    if by_hand.is_possible():  # before we ask what we may
        by_hand.sell_without_looking(classes.ACADEMY)
    said = municipality.set_up()
    choices = read_choices()
    types = make_types(choices)
    activities = make_activities(types, choices, begin)
    series = summer.make_summer(types, choices, begin)
    activities += len(series.ids)
    said.append(f"{len(types)} activiteittypes en {activities} activiteiten staan klaar.")
    published = publish_programme()
    if published.made:  # else publiq is away, and a run would only wait for it
        published.failures += summer.publish_summer(series)
        published.made += summer.published_number(series)
    said.append(f"{published.made} activiteiten zijn gepubliceerd in UiTdatabank.")
    said += published.failures
    change_after_publication()
    families = make_families(begin)
    check_passes()
    registered = register_all(admin_id)
    at_uitpas.let_others_do_their_work()
    groups.make_groups()
    groups.assign_the_monitor()
    said.append(
        f"{families} gezinnen hebben samen {registered.lines} inschrijvingen, waarvan "
        f"{registered.benefits} met een UiTPAS-voordeel."
    )
    return said + registered.failures + summer.let_summer_happen(series)


def _entry(action: str) -> AuditEntry | None:
    return db.session.scalar(select(AuditEntry).where(AuditEntry.action == action).limit(1))


def _mark(action: str) -> AuditEntry:
    with write_transaction():
        record(action, subject_kind="demo")
    found = _entry(action)
    assert found is not None
    return found


def _is_used() -> bool:
    """Whether somebody works with this database."""
    return any(
        db.session.scalar(select(exists().where(model.id.is_not(None))))
        for model in (Account, Customer, ActivityType)
    )
