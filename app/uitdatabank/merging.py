"""Laying our event over the one that stands at publiq: a pure function.

publiq's PUT resets what is left out, so what colleagues added there (pictures, translations,
labels, questions) is sent along. What only publiq may write is left out.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from app.publiq.reading import moment
from app.publiq.search import is_uitpas_label

Body = dict[str, Any]

KEPT = ("childrenOnly", "departurePlaces", "faqs", "availableFrom")
"""Taken from the event as it stands, since we have no field for it."""
IMAGE_KEYS = ("@id", "description", "copyrightHolder", "inLanguage")
VIDEO_KEYS = ("url", "language", "copyrightHolder")
EXCEPTIONS = ("openingHoursClosedDays", "openingHoursAdjustedDays")
TRANSLATED = ("name", "description")


def merge(theirs: Mapping[str, Any], ours: Body, previous: Mapping[str, Any] | None = None) -> Body:
    """The body of PUT /events: ours, with what others added to the event.

    ``previous`` is what we sent last time: what stood there and stands in ours no longer is taken
    away, where publiq allows it; anything else of theirs stays. The theme cannot be taken away by
    a PUT: see ``theme_to_delete``.
    """
    previous = previous or {}
    body = {**_kept(theirs), **ours}
    for name in TRANSLATED:
        body[name] = _with_translations(theirs.get(name), ours[name])
    body["terms"] = [*ours["terms"], *_facilities(theirs)]
    if "subEvent" in ours:
        body["subEvent"] = _sub_events(theirs, ours)
    else:
        body["openingHours"] = _opening_hours(theirs, ours)
        # left out they would stay: those of ours stand in the description then
        body |= {name: [] for name in EXCEPTIONS if theirs.get(name) and name not in ours}
    _merge_images(body, theirs, ours, previous)
    body["priceInfo"] = _prices(theirs, ours)
    _merge_attendance(body, theirs)
    _merge_booking(body, theirs, previous)
    _merge_contact(body, theirs, previous)
    _merge_labels(body, theirs, ours, previous)
    return body


def theme_to_delete(theirs: Mapping[str, Any], ours: Body) -> bool:
    """Whether the event has a theme that we do not want: a PUT without theme keeps it."""
    return "theme" in _domains(theirs.get("terms")) and "theme" not in _domains(ours["terms"])


def _kept(theirs: Mapping[str, Any]) -> Body:
    kept = {name: theirs[name] for name in KEPT if theirs.get(name)}
    videos = [_only(item, VIDEO_KEYS) for item in theirs.get("videos") or []]
    if videos:
        kept["videos"] = videos
    return kept


def _only(item: Mapping[str, Any], keys: Iterable[str]) -> Body:
    return {key: item[key] for key in keys if item.get(key)}


def _with_translations(theirs: Any, ours: Body) -> Body:
    return {**theirs, **ours} if isinstance(theirs, Mapping) else dict(ours)


def _facilities(theirs: Mapping[str, Any]) -> list[Body]:
    return [
        {"id": term["id"], "domain": "facility"}
        for term in theirs.get("terms") or []
        if term.get("domain") == "facility"
    ]


def _domains(terms: Any) -> set[str]:
    return {term.get("domain", "") for term in terms or []}


def _sub_events(theirs: Mapping[str, Any], ours: Body) -> list[Body]:
    """Our dates, with the childcare and the overnight stay that were filled in for that start."""
    extras = {
        _minute(item.get("startDate")): _only(item, ("childcare", "overnight"))
        for item in theirs.get("subEvent") or []
    }
    return [{**extras.get(_minute(item["startDate"]), {}), **item} for item in ours["subEvent"]]


def _opening_hours(theirs: Mapping[str, Any], ours: Body) -> list[Body]:
    """Our hours, with the childcare that was filled in for the same days and hours."""
    extras = {
        _hours_key(item): _only(item, ("childcare",)) for item in theirs.get("openingHours") or []
    }
    return [{**extras.get(_hours_key(item), {}), **item} for item in ours["openingHours"]]


def _hours_key(item: Mapping[str, Any]) -> tuple[Any, ...]:
    return item.get("opens"), item.get("closes"), tuple(sorted(item.get("dayOfWeek") or []))


def _merge_images(
    body: Body, theirs: Mapping[str, Any], ours: Body, previous: Mapping[str, Any]
) -> None:
    """Ours first, for it is the main one; then theirs that we did not send before."""
    mine = {_image_key(item) for item in [*_images(ours), *_images(previous)]}
    added = [_only(item, IMAGE_KEYS) for item in _images(theirs) if _image_key(item) not in mine]
    merged = [*_images(ours), *added]
    if merged:
        body["mediaObject"] = merged
    else:
        body.pop("mediaObject", None)


def _images(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [item for item in document.get("mediaObject") or [] if item.get("@id")]


def _image_key(item: Mapping[str, Any]) -> str:
    return str(item["@id"]).rstrip("/").rpartition("/")[2]


def _minute(text: Any) -> str:
    """A moment as publiq gives it, comparable whatever its offset."""
    read = moment(text)
    return read.isoformat(timespec="minutes") if read else ""


def _prices(theirs: Mapping[str, Any], ours: Body) -> list[Body]:
    """Our prices, with the translations of those that keep their Dutch name."""
    names = {
        item["name"].get("nl"): item["name"]
        for item in theirs.get("priceInfo") or []
        if isinstance(item.get("name"), Mapping)
    }
    found = []
    used: set[tuple[str, str]] = set()
    for item in ours["priceInfo"]:
        name = {**names.get(item["name"]["nl"], {}), **item["name"]}
        # publiq wants names to differ in every language
        name = {
            language: text
            for language, text in name.items()
            if language == "nl" or (language, text.strip()) not in used
        }
        used.update((language, text.strip()) for language, text in name.items())
        found.append({**item, "name": name})
    return found


def _merge_attendance(body: Body, theirs: Mapping[str, Any]) -> None:
    """Somebody may have added a web address to follow along; the place stays ours."""
    if theirs.get("attendanceMode") == "mixed":
        body["attendanceMode"] = "mixed"
        if theirs.get("onlineUrl"):
            body["onlineUrl"] = theirs["onlineUrl"]


def _merge_booking(body: Body, theirs: Mapping[str, Any], previous: Mapping[str, Any]) -> None:
    at_publiq = theirs.get("bookingInfo") or {}
    if "bookingInfo" in body:
        label = {**(at_publiq.get("urlLabel") or {}), **body["bookingInfo"]["urlLabel"]}
        if at_publiq.get("urlLabel", {}).get("nl") == body["bookingInfo"]["urlLabel"]["nl"]:
            body["bookingInfo"] = {**body["bookingInfo"], "urlLabel": label}
    elif at_publiq and not previous.get("bookingInfo"):
        body["bookingInfo"] = at_publiq


def _merge_contact(body: Body, theirs: Mapping[str, Any], previous: Mapping[str, Any]) -> None:
    """Ours first, then what others added."""
    at_publiq, ours = theirs.get("contactPoint") or {}, body.pop("contactPoint", {})
    before = previous.get("contactPoint") or {}
    merged = {}
    for name in ("phone", "email", "url"):
        added = [v for v in at_publiq.get(name) or [] if v and v not in before.get(name, [])]
        values = list(dict.fromkeys([*ours.get(name, []), *added]))
        if values:
            merged[name] = values
    if merged:
        body["contactPoint"] = merged


def _merge_labels(
    body: Body, theirs: Mapping[str, Any], ours: Body, previous: Mapping[str, Any]
) -> None:
    """Ours, and theirs that we did not send before; each label once, over both lists.

    Labels of UiTPAS are publiq's own: nobody may send them, and they stay by themselves.
    """
    before = {text.casefold() for text in _labels(previous)}
    used = {text.casefold() for text in _labels(ours)}
    for name in ("labels", "hiddenLabels"):
        kept = []
        for label in theirs.get(name) or []:
            key = label.casefold()
            if key not in before | used and not is_uitpas_label(label):
                kept.append(label)
                used.add(key)
        merged = [*ours.get(name, []), *kept]
        if merged:
            body[name] = merged


def _labels(body: Mapping[str, Any]) -> list[str]:
    return [*(body.get("labels") or []), *(body.get("hiddenLabels") or [])]
