"""The inschrijvingsgroepen of Zonnewende, and what its monitor may see (C1, R6)."""

from sqlalchemy import select

from app.activities.groups import GroupData
from app.activities.models import Activity, RegistrationGroup, Series
from app.activities.monitors import assign_monitors, monitor_ids
from app.demo import camps, summer
from app.demo.municipality import MONITOR
from app.demo.programme import activity_ids
from app.extensions import db, end_read
from app.people.sessions import account_by_email
from app.uitdatabank.editing import save_group

ALL_CAMPS = "Alle kampen"
OF_MONITOR = (camps.WINTERBOS_1, camps.ROBOTS)


def make_groups() -> None:
    """A group of all camps and one of the summer's Wednesdays, where they are not there yet.

    They set no period: each camp opens on a day of its own.
    """
    known, ids = set(db.session.scalars(select(RegistrationGroup.name))), activity_ids()
    of_summer = (
        select(Activity.id)
        .join(Series, Series.id == Activity.series_id)
        .where(Series.title == summer.TITLE)
    )
    wanted = {
        ALL_CAMPS: [ids[item.title] for item in camps.CAMPS],
        summer.TITLE: db.session.scalars(of_summer).all(),
    }
    end_read()
    for name, members in wanted.items():
        if members and name not in known:
            save_group(None, GroupData(name, members))


def assign_the_monitor() -> None:
    """Nele sees the lists of two camps."""
    account = account_by_email(MONITOR)
    assert account is not None
    account_id, ids = account.id, activity_ids()
    for title in OF_MONITOR:
        if not monitor_ids(ids[title]):
            assign_monitors(ids[title], [account_id])
