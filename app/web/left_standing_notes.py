"""Saying at the very moment that an event stays at UiTdatabank, with the ways to be rid of it."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from flask import flash, url_for
from markupsafe import Markup

from app.settings.environments import addresses_of
from app.settings.uit import active_environment
from app.uitdatabank.attention import Matter
from app.uitdatabank.left_standing import Standing, left_standing, sentence_of

FEW = 3
"""So many names stand in a sentence."""
ONE = Markup(
    '‘{title}’: {said} <a href="{event}" target="_blank" rel="noopener">Bekijk het event'
    '<span class="visually-hidden"> (opent UiTdatabank in een nieuw venster)</span></a> · '
    '<a href="{delete}">Verwijder bij UiTdatabank</a> · '
    '<a href="{unlink}">Staat het er niet meer? Verwijder de link</a>'
)
MANY = Markup('{said} <a href="{url}">Bekijk welke</a>')


@contextmanager
def telling_left_standing(activity_id: int) -> Iterator[None]:
    """Round a change of one activity: flash what it leaves standing that it did not before."""
    before = {why for one in left_standing([activity_id]) for why in one.whys}
    yield
    for one in left_standing([activity_id]):
        fresh = [why for why in one.whys if why not in before]
        if fresh:
            flash(_said_of_one(one, " ".join(map(sentence_of, fresh))), "warn")


@contextmanager
def telling_left_standing_of_type(type_id: int) -> Iterator[None]:
    """The same round a change of a type, whose activities may be many."""
    before = {one.activity_id: set(one.whys) for one in left_standing(type_id=type_id)}
    yield
    fresh = [
        one
        for one in left_standing(type_id=type_id)
        if set(one.whys) - before.get(one.activity_id, set())
    ]
    flash_left_standing(fresh)


def flash_left_standing(found: Sequence[Standing]) -> None:
    """Say it of some activities at once; nothing where there are none."""
    if len(found) == 1:
        flash(_said_of_one(found[0], " ".join(map(sentence_of, found[0].whys))), "warn")
    elif found:
        url = url_for("backoffice.uit_attention", wat=Matter.LEFT_STANDING.value)
        flash(MANY.format(said=said_of_many(found), url=url), "warn")


def said_of_many(found: Sequence[Standing]) -> str:
    """How many events stay, and of which activities, in a sentence or two."""
    return (
        f"{len(found)} activiteiten blijven in UiTdatabank staan: {_names(found)}. Daar verandert "
        "niets vanzelf: verwijder hun event bij UiTdatabank als het weg moet."
    )


def _said_of_one(one: Standing, said: str) -> str:
    return ONE.format(
        title=one.title,
        said=said,
        event=addresses_of(active_environment()).event_page_of(one.event_id),
        delete=url_for("backoffice.delete_uit_event", activity_id=one.activity_id),
        unlink=url_for("backoffice.confirm_delete_link", activity_id=one.activity_id),
    )


def _names(found: Iterable[Standing]) -> str:
    names = [f"‘{one.title}’" for one in found]
    rest = len(names) - FEW
    return ", ".join(names[:FEW]) + (f" en nog {rest}" if rest > 0 else "")
