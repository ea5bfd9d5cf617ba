"""What differs: since we published (D10), and between us and UiTdatabank (D14). Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.extensions import _l, _t
from app.formats import moment as shown_moment
from app.publiq.reading import moment
from app.uitdatabank.readable import PARTS, Item, Names, joined, listed, read_event, reference_id
from app.uitdatabank.told import CANCELLED, POSTPONED, UNSURE, WHOLE, Told, keyed, told_by

Body = Mapping[str, Any]

ADDED_TO = ("labels", "contact", "image")
"""Where somebody may add something at UiTdatabank, and publishing leaves it."""
GOING_ON = _l("doorgaan en plaatsen")
LANGUAGES = {"fr": _l("Frans"), "en": _l("Engels"), "de": _l("Duits")}


@dataclass(frozen=True)
class Change:
    """One thing that is to become something else; empty for what was not there or goes."""

    part: str
    before: str
    after: str


@dataclass(frozen=True)
class Difference:
    """One thing that was changed at UiTdatabank. ``kept``: publishing leaves it as it is there."""

    part: str
    ours: str
    theirs: str
    kept: bool = False

    def as_json(self) -> dict[str, str]:
        """As the link keeps it."""
        return {"part": self.part, "ours": self.ours, "theirs": self.theirs}


@dataclass(frozen=True)
class Row:
    """One field beside itself: as we sent it, as it stands there, as we would send it now."""

    part: str
    sent: str
    theirs: str
    next: str
    changed_there: bool = False
    changed_here: bool = False
    added_there: str = ""
    """What was added there and stays."""


def changes_since(sent: Body, present: Body, names: Names | None = None) -> list[Change]:
    """What publishing would change of what we published: 'prijs: € 10,00 → € 12,00'."""
    before, after = read_event(sent, names), read_event(present, names)
    return [change for part in PARTS for change in _changes(part, before[part], after[part])]


def compare(
    sent: Body,
    theirs: Body,
    *,
    told: Sequence[Told] | None = None,
    successors: Mapping[str, str] | None = None,
    names: Names | None = None,
) -> list[Difference]:
    """What somebody changed at UiTdatabank since we sent this; empty where it reads the same.

    ``told``: what publiq was last told of the dates, when that was after ``sent``. ``successors``:
    into which other one a location or an organizer was merged; to publiq these are the same.
    """
    ours = read_event(_merged(sent, theirs, successors or {}), names)
    there = read_event(theirs, names)
    found = []
    for part in PARTS:
        if part == "booking" and not ours[part]:
            found += _added(part, ours[part], there[part])
        elif part in ADDED_TO:
            found += _removed(part, ours[part], there[part])
            found += _added(part, ours[part], there[part])
        else:
            found += [
                Difference(one.part, one.before, one.after)
                for one in _changes(part, ours[part], there[part])
            ]
    found += _of_dates(told_by(sent) if told is None else told, theirs)
    return found + _extras(theirs)


def overwritten(differences: Sequence[Difference]) -> list[Difference]:
    """Those that publishing would undo: what somebody should look at."""
    return [one for one in differences if not one.kept]


def side_by_side(
    sent: Body,
    theirs: Body,
    present: Body,
    differences: Sequence[Difference],
    names: Names | None = None,
) -> list[Row]:
    """Every field for the page 'Vergelijk met UiTdatabank'."""
    ours, there, now = (read_event(body, names) for body in (sent, theirs, present))
    rows = []
    for part, words in PARTS.items():
        mine = [one for one in differences if one.part.split(" (")[0] == str(words)]
        added = "; ".join(one.theirs for one in mine if one.kept)
        rows.append(
            Row(
                str(words),
                joined(ours[part]),
                joined(there[part]),
                "; ".join(filter(None, (joined(now[part]), added))),
                changed_there=any(not one.kept for one in mine),
                changed_here=bool(_changes(part, ours[part], now[part])),
                added_there=added,
            )
        )
    shown = set(map(str, PARTS.values()))
    others = [one for one in differences if one.part.split(" (")[0] not in shown]
    return rows + [_row(one, present) for one in others]


def _row(one: Difference, present: Body) -> Row:
    """A field that is none of the tab: what stays as it is there, and how the dates stand."""
    if one.kept:
        return Row(one.part, one.ours, one.theirs, one.theirs, added_there=one.theirs)
    following = listed([dates_words(item) for item in told_by(present)])
    return Row(one.part, one.ours, one.theirs, following, changed_there=True)


def _changes(part: str, before: Sequence[Item], after: Sequence[Item]) -> list[Change]:
    """Things that changed one by one; what came and what went together, for dates and labels."""
    old, new = {item.slot: item for item in before}, {item.slot: item for item in after}
    words = str(PARTS[part])
    found = [
        Change(_about(words, item), item.words, new[slot].words)
        for slot, item in old.items()
        if slot in new and new[slot].value != item.value
    ]
    gone = [item for slot, item in old.items() if slot not in new]
    come = [item for slot, item in new.items() if slot not in old]
    if gone or come:
        found.append(Change(words, joined(gone), joined(come)))
    return found


def _about(words: str, item: Item) -> str:
    return f"{words} ({item.about})" if item.about else words


def _removed(part: str, ours: Sequence[Item], theirs: Sequence[Item]) -> list[Difference]:
    there = {item.slot for item in theirs}
    gone = [item for item in ours if item.slot not in there]
    return [Difference(str(PARTS[part]), joined(gone), "")] if gone else []


def _added(part: str, ours: Sequence[Item], theirs: Sequence[Item]) -> list[Difference]:
    mine = {item.slot for item in ours}
    come = [item for item in theirs if item.slot not in mine]
    return [Difference(str(PARTS[part]), "", joined(come), kept=True)] if come else []


def _merged(sent: Body, theirs: Body, successors: Mapping[str, str]) -> Body:
    """What we sent, with the location that publiq put in place of a duplicate of it."""
    known = {key.lower(): value.lower() for key, value in successors.items()}
    body = dict(sent)
    for name in ("location", "organizer"):
        mine, there = reference_id(sent.get(name)), reference_id(theirs.get(name))
        if mine and there and mine != there:
            others = {_last(url) for url in (theirs[name].get("duplicatedBy") or [])}
            if known.get(mine) == there or mine in others:
                body[name] = theirs[name]
    return body


def _last(url: Any) -> str:
    return str(url).rstrip("/").rpartition("/")[2].lower()


def _of_dates(told: Sequence[Told], theirs: Body) -> list[Difference]:
    """Dates that stand otherwise than publiq was told: the check on drift."""
    mine = keyed(told)
    drifted = [
        (mine[key], there)
        for key, there in keyed(told_by(theirs)).items()
        if key in mine and mine[key].status != UNSURE and mine[key] != there
    ]
    if not drifted:
        return []
    ours, stands = ([dates_words(pair[side]) for pair in drifted] for side in (0, 1))
    return [Difference(str(GOING_ON), listed(ours), listed(stands))]


def dates_words(item: Told) -> str:
    """'ma 4 jan 2027 om 9 uur: geannuleerd (ziek)'."""
    words = _t("gaat door")
    if item.status == CANCELLED:
        words = _t("geannuleerd")
    elif item.status == POSTPONED:
        words = _t("uitgesteld")
    elif item.full:
        words = _t("volzet")
    if item.reason:
        words = f"{words} ({item.reason})"
    return words if item.start == WHOLE else f"{shown_moment(moment(item.start))}: {words}"


def _extras(theirs: Body) -> list[Difference]:
    """What has no field here, was added there, and stays when we publish."""
    found = {
        _t("vertaling"): _translations(theirs),
        _t("films"): _count(theirs.get("videos")),
        _t("vragen en antwoorden"): _count(theirs.get("faqs")),
        _t("online volgen"): theirs.get("onlineUrl") or "",
        _t("voorzieningen"): ", ".join(
            term.get("label") or term["id"]
            for term in theirs.get("terms") or []
            if term.get("domain") == "facility"
        ),
        _t("opvang en overnachting"): _childcare(theirs),
    }
    return [Difference(part, "", words, kept=True) for part, words in found.items() if words]


def _translations(theirs: Body) -> str:
    languages = {*(theirs.get("name") or {}), *(theirs.get("description") or {})} - {"nl"}
    return ", ".join(str(LANGUAGES.get(code, code)) for code in sorted(languages))


def _count(items: Any) -> str:
    return str(len(items)) if items else ""


def _childcare(theirs: Body) -> str:
    dates = [*(theirs.get("subEvent") or []), *(theirs.get("openingHours") or [])]
    count = sum(1 for item in dates if item.get("childcare") or item.get("overnight"))
    return _t("op %(count)s momenten", count=count) if count else ""
