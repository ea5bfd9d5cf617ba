"""What is known of a person's social tariff, as people read it (P3); it never decides."""

from enum import Enum

from app.clock import now
from app.people.models import Person, TariffStatus


class TariffView(Enum):
    """How the status stands now; an end that has passed is read with the moment of asking."""

    ACTIVE = "active"
    GRACE = "grace"
    ENDED = "ended"
    EXPIRED = "expired"
    NONE = "none"
    UNKNOWN = "unknown"


def tariff_view(person: Person) -> TariffView:
    """The status as of now.

    An active tariff whose end had passed when publiq was asked is in its period of grace, and
    still counts. One whose end passed since then is to be asked again.
    """
    if person.tariff_status is not TariffStatus.ACTIVE:
        return TariffView(person.tariff_status.value)
    until, checked = person.tariff_until, person.tariff_checked_at
    if until is None or until > now():
        return TariffView.ACTIVE
    return TariffView.GRACE if checked is not None and checked >= until else TariffView.ENDED
