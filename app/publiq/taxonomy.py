"""Taxonomy: the terms that say what an event is about (contract, part 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.publiq.reading import text_of
from app.publiq.transport import Transport


@dataclass(frozen=True)
class Term:
    """A term: `domain` is eventtype, theme or facility, `scope` holds events or places.

    `suggested_theme_ids` are the themes publiq advises with an event type; any other is taken.
    """

    id: str
    domain: str
    name: str
    suggested_theme_ids: tuple[str, ...]
    scope: tuple[str, ...]


class TaxonomyApi:
    """publiq's taxonomy; asks no credentials."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def terms(self, purpose: str | None = None) -> list[Term]:
        """All terms at once (get-terms), to be cached for a day. Raises PubliqError."""
        return self._transport.call(
            "get-terms",
            "GET",
            "taxonomy",
            "/terms",
            auth="none",
            purpose=purpose,
            parse=lambda body: [_term(item) for item in body["terms"]],
        )


def _term(item: Mapping[str, Any]) -> Term:
    suggested = item.get("otherSuggestedTerms") or []
    return Term(
        id=str(item["id"]),
        domain=item["domain"],
        name=text_of(item["name"]),
        suggested_theme_ids=tuple(
            str(other["id"]) for other in suggested if other.get("domain") == "theme"
        ),
        scope=tuple(item["scope"]),
    )
