"""Another number of places in many activities at once, told for every pool that counts places."""

from collections.abc import Iterable, Sequence

from app.activities.models import Activity, PlacePool
from app.activities.places import capacity_problem
from app.extensions import _t
from app.formats import moment
from app.uitdatabank.bulk_change import BulkChange, Line


def changing_pools(activity: Activity) -> list[PlacePool]:
    """The pools that a number of places is for: those without a zone, in the order of the dates."""
    order = {date.id: place for place, date in enumerate(activity.dates)}
    pools = [pool for pool in activity.pools if pool.zone_id is None]
    return sorted(pools, key=lambda pool: order.get(pool.date_id or 0, -1))


def places_lines(activity: Activity, change: BulkChange) -> Iterable[Line]:
    """From old to new: once where all pools are alike, otherwise of each pool that differs."""
    if change.capacity is None:
        return
    pools = changing_pools(activity)
    new = str(change.capacity)
    if len(pools) > 1 and len({pool.capacity for pool in pools}) == 1:
        what = _t("aantal plaatsen van elk van de %(count)s data", count=len(pools))
        yield Line(what, str(pools[0].capacity), new)
        return
    for pool in pools:
        yield Line(_name(activity, pool), str(pool.capacity), new)


def places_problems(activity: Activity, change: BulkChange) -> Iterable[str]:
    """Of each pool that holds more than the new number; then nothing of the activity changes."""
    if change.capacity is None:
        return
    for pool in changing_pools(activity):
        if change.capacity < pool.taken:
            sentence = capacity_problem(pool.taken).sentence
            when = _when(activity, pool)
            yield f"{when}: {_lowered(sentence)}" if when else sentence


def places_notes(activity: Activity, change: BulkChange) -> Iterable[str]:
    """Which places the number is not for."""
    if change.capacity is None:
        return
    zoned: Sequence[PlacePool] = [pool for pool in activity.pools if pool.zone_id is not None]
    if zoned:
        yield _t(
            "De plaatsen in vakken (%(places)s) blijven zoals ze zijn.",
            places=sum(pool.capacity for pool in zoned),
        )
    elif not activity.pools:
        yield _t("Heeft geen plaatsen om aan te passen.")


def _name(activity: Activity, pool: PlacePool) -> str:
    when = _when(activity, pool)
    return _t("plaatsen op %(when)s", when=when) if when else _t("aantal plaatsen")


def _when(activity: Activity, pool: PlacePool) -> str:
    """The date of a pool among several; of the only pool there is nothing to tell apart."""
    if pool.date_id is None or len(changing_pools(activity)) == 1:
        return ""
    return next((moment(date.starts_at) for date in activity.dates if date.id == pool.date_id), "")


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
