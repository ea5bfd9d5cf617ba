"""'Vanaf' for holders: the indicative tariff of each event, asked in the background (R8).

Publiq's static tariff is that of a holder from the organizer's region before any pass is known. It
advertises on public pages and decides nothing: whoever registers is asked for the real one. What is
due follows from the rows of links, prices and answers, so nothing that publishes needs to tell us.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial

from sqlalchemy import and_, delete, exists, func, or_, select

from app.activities.models import Activity, ActivityState, PriceCategory
from app.clock import now
from app.extensions import db, end_read, write_transaction
from app.parallel import AT_ONCE, in_parallel
from app.publiq.errors import PubliqBusy, PubliqError, PubliqRefused
from app.settings.connections import NotConnected, publiq_client
from app.settings.models import Environment
from app.settings.uit import active_environment, get_modules
from app.uitdatabank.links import at_publiq, gives_benefits
from app.uitdatabank.models import EventLink
from app.uitpas.models import BenefitKind, IndicativeTariff

MOST = 40
"""Events in one run of the job, so that a large offer never floods publiq."""
FRESH_FOR = timedelta(days=1)
SHOWN_FOR = timedelta(days=7)
"""An answer that could not be renewed is not shown for longer."""
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=6))
"""After so many tries without an answer; UiTPAS learns of a new event some seconds late."""
NOT_YET = "uitpas/event-not-found"


@dataclass(frozen=True)
class Due:
    """One event to ask about, at the lowest price of its activity in euro."""

    activity_id: int
    event_id: str
    regular_price: Decimal


@dataclass(frozen=True)
class Answer:
    """What became of one question; ``price`` in euro, None where there is no social tariff."""

    price: Decimal | None = None
    answered: bool = True
    slow_down: bool = False
    wait: timedelta | None = None


def indicative_prices(events: Mapping[int, str]) -> dict[int, Decimal]:
    """What a holder would pay for each of these activities, from (activity id → event id).

    In euro, in the active environment; only where it is known, recent, about the price that the
    activity has now, and lower than it. One query beside the settings, and never a call.
    """
    if not events:
        return {}
    lowest = _lowest_prices()
    rows = db.session.execute(
        select(IndicativeTariff.event_id, IndicativeTariff.price)
        .join(
            EventLink,
            and_(
                EventLink.environment == IndicativeTariff.environment,
                EventLink.event_id == IndicativeTariff.event_id,
            ),
        )
        .join(lowest, lowest.c.activity_id == EventLink.activity_id)
        .where(
            EventLink.activity_id.in_(list(events)),
            IndicativeTariff.environment == active_environment(),
            IndicativeTariff.regular_price == lowest.c.price,
            IndicativeTariff.price < lowest.c.price,
            IndicativeTariff.answered_at > now() - SHOWN_FOR,
        )
    )
    prices = {row.event_id: row.price for row in rows}
    return {key: prices[event_id] for key, event_id in events.items() if event_id in prices}


def refresh_indicative_tariffs() -> int:
    """Ask publiq for what is due, and drop what is published no more; returns how many it asked.

    Harmless when repeated. It stops as soon as publiq asks to slow down or does not answer: the
    rest is still due next time. Outside any transaction.
    """
    if not get_modules().uitpas:
        return 0
    drop_unpublished()
    environment, asked = active_environment(), 0
    waiting = _due(environment)
    while waiting:
        batch, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        end_read()
        answers = in_parallel({due: partial(_ask, environment, due) for due in batch})
        _keep(environment, answers)
        asked += len(answers)
        if any(answer.slow_down for answer in answers.values()):
            break
    end_read()
    return asked


def drop_unpublished() -> int:
    """Forget the tariffs of events that stand at UiTdatabank no more; returns how many."""
    link = select(EventLink.id).where(
        EventLink.environment == IndicativeTariff.environment,
        EventLink.event_id == IndicativeTariff.event_id,
        at_publiq(),
    )
    with write_transaction() as session:
        return session.execute(
            delete(IndicativeTariff)
            .where(~exists(link.correlate(IndicativeTariff)))
            .execution_options(synchronize_session=False)
        ).rowcount


def _lowest_prices():  # noqa: ANN202 - a subquery of (activity_id, price)
    return (
        select(PriceCategory.activity_id, func.min(PriceCategory.price).label("price"))
        .where(PriceCategory.activity_id.is_not(None))
        .group_by(PriceCategory.activity_id)
        .subquery()
    )


def _due(environment: Environment) -> list[Due]:
    """Published, in the public offer, not free, and not asked since anything changed; soonest
    activities first."""
    lowest, moment = _lowest_prices(), now()
    rows = db.session.execute(
        select(EventLink.activity_id, EventLink.event_id, lowest.c.price)
        .join(Activity, Activity.id == EventLink.activity_id)
        .join(lowest, lowest.c.activity_id == Activity.id)
        .outerjoin(
            IndicativeTariff,
            and_(
                IndicativeTariff.environment == EventLink.environment,
                IndicativeTariff.event_id == EventLink.event_id,
            ),
        )
        .where(
            EventLink.environment == environment,
            gives_benefits(),
            Activity.state.in_((ActivityState.ONLINE, ActivityState.POSTPONED)),
            Activity.last_end > moment,
            lowest.c.price > Decimal(0),
            or_(
                IndicativeTariff.event_id.is_(None),
                IndicativeTariff.next_at <= moment,
                IndicativeTariff.asked_at < EventLink.published_at,
                IndicativeTariff.regular_price != lowest.c.price,
            ),
        )
        .order_by(Activity.first_start, Activity.id)
        .limit(MOST)
    )
    return [Due(row.activity_id, row.event_id, row.price) for row in rows]


def _ask(environment: Environment, due: Due) -> Answer:
    """GET /tariffs/static; a refusal is an answer too, and silence is none."""
    try:
        client = publiq_client(
            environment, purpose="indicatief kansentarief", activity_id=due.activity_id
        )
        end_read()
        tariffs = client.uitpas.static_tariffs(due.event_id, due.regular_price)
    except NotConnected:
        return Answer(answered=False, slow_down=True)
    except PubliqRefused as error:
        return Answer(answered=error.problem != NOT_YET)
    except PubliqError as error:
        busy = isinstance(error, PubliqBusy)
        wait = timedelta(seconds=error.retry_after) if busy and error.retry_after else None
        return Answer(answered=False, slow_down=True, wait=wait)
    social = [t.price for t in tariffs.available if t.type == BenefitKind.SOCIAL_TARIFF.value]
    return Answer(price=min(social, default=None))


def _keep(environment: Environment, answers: Mapping[Due, Answer]) -> None:
    moment = now()
    with write_transaction() as session:
        for due, answer in answers.items():
            row = session.get(IndicativeTariff, (environment, due.event_id), with_for_update=True)
            if row is None:
                row = IndicativeTariff(
                    environment=environment, event_id=due.event_id, tries=0, price=None
                )
                session.add(row)
            if row.regular_price != due.regular_price:
                row.price = row.answered_at = None
            row.regular_price, row.asked_at = due.regular_price, moment
            if answer.answered:
                row.price, row.answered_at, row.tries = answer.price, moment, 0
                row.next_at = moment + FRESH_FOR
            else:
                pause = PAUSES[min(row.tries, len(PAUSES) - 1)]
                row.next_at = moment + max(pause, answer.wait or pause)
                row.tries += 1
