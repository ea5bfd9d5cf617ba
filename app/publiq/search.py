"""Search API: finding places, organizers and events (contract, part 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.publiq.reading import address_of, id_of, members, moment, text_of
from app.publiq.transport import Transport

# Card systems whose label does not hold the word UiTPAS.
_OTHER_CARD_LABELS = frozenset({"paspartoe"})

_SPECIAL = re.compile(r'[+\-=&|!(){}\[\]^"~*?:\\/]')
_OPERATORS = re.compile(r"\b(AND|OR|NOT)\b")
_WORD_BREAKS = re.compile(r"[\s\-/\u2010-\u2015]+")


@dataclass(frozen=True)
class FoundPlace:
    """A place that can be the location of an event."""

    id: str
    url: str
    name: str
    street: str
    postal_code: str
    locality: str


@dataclass(frozen=True)
class FoundOrganizer:
    """An organizer; `is_uitpas` is read from its labels and is a hint, permissions decide."""

    id: str
    url: str
    name: str
    labels: tuple[str, ...]
    is_uitpas: bool
    street: str
    postal_code: str
    locality: str


@dataclass(frozen=True)
class FoundEvent:
    """An event; `starts_at` and `created_at` are aware UTC, None where publiq gives none."""

    id: str
    url: str
    name: str
    starts_at: datetime | None
    created_at: datetime | None
    workflow_status: str
    body: Mapping[str, Any]


class SearchApi:
    """publiq's Search API. Every method raises PubliqError. What was just written may lack."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def places(
        self,
        text: str,
        postal_code: str | None,
        limit: int = 10,
        purpose: str | None = None,
    ) -> list[FoundPlace]:
        """Places whose name has these words, the last one as far as typed (D1)."""
        params = {
            "q": fragment_query(r"name.\*", text),
            "postalCode": postal_code or None,
            "isDuplicate": False,
            "embed": True,
            "limit": limit,
        }
        return self._find("get-places", "/places", params, purpose, _place)

    def organizers(
        self, text: str, limit: int = 10, purpose: str | None = None
    ) -> list[FoundOrganizer]:
        """Organizers whose name holds this fragment (D1)."""
        params = {"name": " ".join(text.split()) or None, "embed": True, "limit": limit}
        return self._find("get-organizers", "/organizers", params, purpose, _organizer)

    def events_by(
        self,
        creator: str | None = None,
        label: str | None = None,
        name: str | None = None,
        organizer_id: str | None = None,
        limit: int = 100,
        purpose: str | None = None,
    ) -> list[FoundEvent]:
        """Events with this creator, label and exact name, the newest first.

        All of publiq's default filters are off, so drafts, events for members and past ones are
        found too: to find back an event whose answer was lost. See also `creator_of`.
        """
        params = {
            "creator": creator,
            "labels[]": label,
            "q": phrase_query(r"name.\*", name) if name else None,
            "organizerId": organizer_id,
            "disableDefaultFilters": True,
            "embed": True,
            "sort[created]": "desc",
            "limit": limit,
        }
        return self._find("get-events", "/events", params, purpose, _event)

    def _find(self, operation, path, params, purpose, read):
        return self._transport.call(
            operation,
            "GET",
            "search",
            path,
            params=params,
            auth="client-id",
            purpose=purpose,
            parse=lambda body: [read(item) for item in members(body) if item.get("@id")],
        )


def creator_of(client_id: str) -> str:
    """How publiq names the creator of events made with this client's token."""
    return f"{client_id}@clients"


def escape_query(text: str) -> str:
    """A person's text made harmless for the parameter q.

    Characters with a meaning get a backslash, `<` and `>` cannot be escaped and go, the words
    AND, OR and NOT lose their meaning in lower case.
    """
    text = text.replace("<", "").replace(">", "")
    text = _OPERATORS.sub(lambda match: match.group().lower(), text)
    return _SPECIAL.sub(lambda match: "\\" + match.group(), text)


def fragment_query(field: str, text: str) -> str | None:
    r"""A query for names with all words of a text, the last one unfinished: `name.\*:(de zaa*)`.

    Per word, since wildcards have no effect inside quotes; at hyphens and slashes as well, for
    there publiq's index cuts names into words. None for a text without words.
    """
    # Wildcards are compared with the index as they are, and the index is in lower case.
    words = [word for word in _WORD_BREAKS.split(text.lower()) if re.search(r"\w", word)]
    escaped = [escape_query(word) for word in words]
    if not escaped:
        return None
    return f"{field}:({' AND '.join(escaped)}*)"


def phrase_query(field: str, text: str) -> str:
    r"""A query for names that hold exactly this text: `name.\*:"Het Depot"`."""
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'{field}:"{quoted}"'


def _place(item: Mapping[str, Any]) -> FoundPlace:
    address = address_of(item)
    return FoundPlace(
        id=id_of(item["@id"]),
        url=item["@id"],
        name=text_of(item.get("name"), item.get("mainLanguage")),
        street=_plain(address.get("streetAddress")),
        postal_code=_plain(address.get("postalCode")),
        locality=_plain(address.get("addressLocality")),
    )


def _organizer(item: Mapping[str, Any]) -> FoundOrganizer:
    address = address_of(item)
    labels = _labels(item)
    return FoundOrganizer(
        id=id_of(item["@id"]),
        url=item["@id"],
        name=text_of(item.get("name"), item.get("mainLanguage")),
        labels=labels,
        is_uitpas=any(is_uitpas_label(label) for label in labels),
        street=_plain(address.get("streetAddress")),
        postal_code=_plain(address.get("postalCode")),
        locality=_plain(address.get("addressLocality")),
    )


def _event(item: Mapping[str, Any]) -> FoundEvent:
    parts = item.get("subEvent")
    first = parts[0] if isinstance(parts, list) and parts else item
    starts = first.get("startDate") if isinstance(first, Mapping) else None
    return FoundEvent(
        id=id_of(item["@id"]),
        url=item["@id"],
        name=text_of(item.get("name"), item.get("mainLanguage")),
        starts_at=moment(starts),
        created_at=moment(item.get("created")),
        workflow_status=_plain(item.get("workflowStatus")),
        body=item,
    )


def is_uitpas_label(label: str) -> bool:
    """Whether publiq puts this label on partners of a UiTPAS card system."""
    name = label.casefold().strip()
    return "uitpas" in name or name in _OTHER_CARD_LABELS


def _labels(item: Mapping[str, Any]) -> tuple[str, ...]:
    found = [*(item.get("labels") or []), *(item.get("hiddenLabels") or [])]
    return tuple(label for label in found if isinstance(label, str))


def _plain(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""
