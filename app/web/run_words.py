"""How far a run is and what came of each activity, in words (D8)."""

from dataclasses import dataclass

from app.clock import local, now
from app.formats import clock, moment
from app.uitdatabank.models import ItemState, PublicationItem
from app.uitdatabank.outcomes import Outcome, general_fields
from app.uitdatabank.run_views import Progress
from app.uitdatabank.runs import ELSEWHERE, UNSURE


@dataclass(frozen=True)
class Result:
    """One row in words: ``kind`` is ok, bad or busy, ``strong`` stands in front."""

    kind: str
    icon: str
    words: str
    strong: str = ""
    spins: bool = False
    can_repeat: bool = False
    fields: tuple[tuple[str, str], ...] = ()
    """What publiq refused of the tab Algemeen: in words, and the id of each field."""


def done_words(progress: Progress) -> str:
    """'7 van 10 klaar.'"""
    return f"{progress.done} van {progress.total} klaar."


def detail_words(progress: Progress) -> str:
    """'6 gepubliceerd, 1 mislukt. Nog ongeveer 5 seconden.'"""
    parts = [
        f"{count} {words}"
        for count, words in (
            (progress.published, "gepubliceerd"),
            (progress.failed, "mislukt"),
            (progress.stopped, "gestopt"),
            (progress.unsure, "nog onzeker"),
        )
        if count
    ]
    sentences = [", ".join(parts) + "."] if parts else []
    if progress.elsewhere:
        stood = "1 stond" if progress.elsewhere == 1 else f"{progress.elsewhere} stonden"
        sentences.append(f"{stood} al in een andere wachtrij.")
    if progress.running:
        sentences.append(_time_left(progress))
    return " ".join(filter(None, sentences))


def result_of(item: PublicationItem) -> Result:
    """What came of an activity in a run, or what it waits for."""
    if item.state is ItemState.SENDING:
        return Result("busy", "busy", "Bezig met versturen", spins=True)
    if item.state is ItemState.WAITING:
        return _waiting(item)
    if item.state is ItemState.STOPPED:
        again = item.outcome != ELSEWHERE
        return Result("busy", "info", item.sentence, can_repeat=again)
    if item.state is ItemState.FAILED:
        fields = tuple(general_fields(item.sentence))
        return Result(
            "bad", "alert", item.sentence, strong="Mislukt.", can_repeat=True, fields=fields
        )
    what = "Bijgewerkt" if item.outcome == Outcome.UPDATED.value else "Gepubliceerd"
    return Result("ok", "check", f"{what} {_at(item)}")


def said_aloud(progress: Progress, done_before: int, failed_before: int) -> str:
    """What a screen reader says after a look; empty while there is little news."""
    news = progress.failed > failed_before or not progress.running
    quarters = (
        4 * progress.done // (progress.total or 1),
        4 * done_before // (progress.total or 1),
    )
    if news or quarters[0] > quarters[1]:
        return f"{done_words(progress)} {detail_words(progress)}"
    return ""


def _waiting(item: PublicationItem) -> Result:
    if item.outcome == UNSURE:
        return Result("busy", "search", item.sentence, strong="Nog onzeker.")
    if item.next_try_at > now() and item.outcome:
        words = f"Nieuwe poging om {clock(item.next_try_at)}. {item.sentence}"
        return Result("busy", "clock", words)
    return Result("busy", "clock", "Wacht op zijn beurt")


def _at(item: PublicationItem) -> str:
    if item.ended_at is None:
        return ""
    if local(item.ended_at).date() == local(now()).date():
        return f"om {clock(item.ended_at)}"
    return f"op {moment(item.ended_at)}"


def _time_left(progress: Progress) -> str:
    if progress.paused_until is not None:
        return (
            f"UiTdatabank vraagt om te wachten: we gaan verder om {clock(progress.paused_until)}."
        )
    if progress.unsure and not progress.waiting:
        return "We zoeken of die toch bij UiTdatabank staan; dat duurt hoogstens vijf minuten."
    seconds = progress.seconds_left
    if seconds is None:
        return ""
    if seconds < 60:
        return f"Nog ongeveer {seconds} seconden."
    minutes = -(-seconds // 60)
    return f"Nog ongeveer {minutes} {'minuut' if minutes == 1 else 'minuten'}."
