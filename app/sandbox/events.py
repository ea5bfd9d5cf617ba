"""Events as the sandbox keeps them and as publiq shows them, and the places they refer to."""

import json
import re
import time
from datetime import timedelta

from app.sandbox import moments
from app.sandbox.cardsystems import CARD_SYSTEMS, LABELS, social_price
from app.sandbox.context import address, store
from app.sandbox.taxonomy import TERMS, short_term

BASE_NAME = {"nl": "Basistarief", "fr": "Tarif de base", "en": "Base tariff", "de": "Basisrate"}
ENDS_AT_START = {"0.3.1.0.0", "0.57.0.0.0"}
PUBLISHED = ("READY_FOR_VALIDATION", "APPROVED")


class Event:
    """One event with the columns beside its document. `save` writes all of it."""

    def __init__(self, row):
        self.id = row["id"]
        self.document = json.loads(row["document"])
        self.place_id = row["place_id"]
        self.organizer_id = row["organizer_id"]
        self.owner = row["owner"]
        self.searchable_at = row["searchable_at"]
        self.uitpas_at = row["uitpas_at"]
        self.imported_labels = json.loads(row["imported_labels"])
        self.settings = json.loads(row["settings"]) if row["settings"] else None
        self.disabled_systems = json.loads(row["disabled_systems"] or "[]")

    @classmethod
    def load(cls, event_id):
        row = store().row("SELECT * FROM event WHERE id = ?", event_id.lower())
        return cls(row) if row else None

    @classmethod
    def new(cls, event_id, owner):
        """An event that nobody stored yet; it reaches Search after the delay."""
        return cls(
            {
                "id": event_id,
                "document": "{}",
                "place_id": None,
                "organizer_id": None,
                "owner": owner,
                "searchable_at": store().soon(),
                "uitpas_at": None,
                "imported_labels": "[]",
                "settings": None,
                "disabled_systems": None,
            }
        )

    @property
    def title(self):
        name = self.document["name"]
        return name.get(self.document["mainLanguage"]) or next(iter(name.values()))

    @property
    def card_systems(self):
        """Ids of the card systems of the organizer, switched off ones included."""
        organizer = organizer_row(self.organizer_id)
        return json.loads(organizer["card_systems"]) if organizer else []

    @property
    def enabled_systems(self):
        return [key for key in self.card_systems if key not in self.disabled_systems]

    @property
    def in_uitpas(self):
        return self.uitpas_at is not None and self.uitpas_at <= time.time()

    @property
    def has_sales(self):
        statement = "SELECT 1 FROM ticket_sale WHERE event_id = ? AND cancelled_at IS NULL LIMIT 1"
        return store().row(statement, self.id) is not None

    def save(self):
        """Write the event; what UiTPAS needs to know it starts counting here (asynchronously)."""
        self.document["modified"] = moments.written(moments.now())
        self._announce()
        store().write(
            "INSERT OR REPLACE INTO event (id, document, place_id, organizer_id, owner, "
            "searchable_at, uitpas_at, imported_labels, settings, disabled_systems) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(
                self.id,
                json.dumps(self.document),
                self.place_id,
                self.organizer_id,
                self.owner,
                self.searchable_at,
                self.uitpas_at,
                json.dumps(self.imported_labels),
                json.dumps(self.settings) if self.settings else None,
                json.dumps(self.disabled_systems),
            ),
        )

    def _announce(self):
        prices = self.document.get("priceInfo") or []
        fits = (
            self.document.get("workflowStatus") in PUBLISHED
            and any(price["category"] == "base" for price in prices)
            and bool(self.card_systems)
        )
        if fits and self.uitpas_at is None:
            self.uitpas_at = store().soon()
        elif not fits and not self.has_sales:
            self.uitpas_at = None

    def shown(self, uitpas_prices=False):
        """The event as `GET /events/{id}` answers it."""
        document = self.document
        languages = sorted(document["name"])
        shown = {
            "@id": address(f"/io/events/{self.id}"),
            **{key: value for key, value in document.items() if value not in (None, [])},
            "availableTo": self._available_to(),
            "languages": languages,
            "completedLanguages": [
                language
                for language in languages
                if language in document.get("description", {language: ""})
            ],
            "creator": f"{self.owner}@clients",
        }
        place = shown_place(self.place_id)
        if place:
            shown["location"] = place | merged_into(self.place_id)
        organizer = shown_organizer(self.organizer_id)
        if organizer:
            shown["organizer"] = organizer
        if self.in_uitpas:
            names = [LABELS[key] for key in self.enabled_systems]
            shown["hiddenLabels"] = document.get("hiddenLabels", []) + names
            if not shown["hiddenLabels"]:
                del shown["hiddenLabels"]
            if uitpas_prices:
                shown["priceInfo"] = document["priceInfo"] + self._uitpas_prices()
        if document.get("mediaObject"):
            shown["image"] = document["mediaObject"][0]["contentUrl"]
        return shown

    def _uitpas_prices(self):
        return [
            {
                "category": "uitpas",
                "name": {"nl": f"{CARD_SYSTEMS[key]['name']}: {_label(price)}"},
                "price": social_price(key, price["price"]),
                "priceCurrency": "EUR",
            }
            for key in self.enabled_systems
            for price in self.document["priceInfo"]
        ]

    def _available_to(self):
        document = self.document
        if document["calendarType"] == "permanent":
            return moments.FOREVER
        if {term["id"] for term in document["terms"]} & ENDS_AT_START:
            return document["startDate"]
        return document["endDate"]

    def open_now(self, margin=timedelta(hours=2)):
        """Whether someone may save points now: during the event and a while around it."""
        document = self.document
        if document["calendarType"] == "permanent":
            return True
        spans = document.get("subEvent") or [document]
        now = moments.now()
        return any(
            moments.read(span["startDate"]) - margin
            <= now
            <= moments.read(span["endDate"]) + margin
            for span in spans
        )


def _label(price):
    return price["name"].get("nl") or next(iter(price["name"].values()))


def named_prices(prices):
    """Prices as stored: without those of UiTPAS, the base price with its fixed name."""
    stored = []
    for price in prices:
        if price["category"] != "uitpas":
            name = BASE_NAME if price["category"] == "base" else price["name"]
            kept = {"category": price["category"], "name": name, "price": price["price"]}
            kept["priceCurrency"] = "EUR"
            if "groupPrice" in price:
                kept["groupPrice"] = price["groupPrice"]
            stored.append(kept)
    return stored


def stored_terms(terms):
    """Type, then at most one theme, then facilities, each with label and domain."""
    chosen = [short_term(term["id"]) for term in terms]
    themes = [term for term in chosen if term["domain"] == "theme"][:1]
    return [term for term in chosen if term["domain"] == "eventtype"] + themes


def without_reserved(labels):
    """Labels of card systems are not ours to set: publiq drops them without a word."""
    reserved = {name.lower() for name in LABELS.values()}
    return [label for label in labels if label.lower() not in reserved]


def is_reserved(label):
    return label.lower() in {name.lower() for name in LABELS.values()}


def place_row(place_id):
    return store().row("SELECT * FROM place WHERE id = ?", place_id.lower()) if place_id else None


def canonical_place(place_id):
    """The place that an event gets: a known duplicate is replaced by the real one. Or None."""
    row = place_row(place_id)
    return (row["duplicate_of"] or row["id"]) if row else None


def organizer_row(organizer_id):
    if not organizer_id:
        return None
    return store().row("SELECT * FROM organizer WHERE id = ?", organizer_id.lower())


def shown_place(place_id):
    row = place_row(place_id)
    if row is None:
        return None
    return {
        "@id": address(f"/io/places/{row['id']}"),
        **json.loads(row["document"]),
        "creator": f"{row['owner']}@clients",
    }


def merged_into(place_id):
    """The places that were merged into this one, as publiq's back end tells them of an event."""
    others = store().rows("SELECT id FROM place WHERE duplicate_of = ?", place_id)
    named = [address(f"/io/places/{other['id']}") for other in others]
    return {"duplicatedBy": named} if named else {}


def successor_of(place_id):
    """The address of the place into which this one was merged, or None.

    publiq's documents do not name it; its back end tells it of a single place.
    """
    row = place_row(place_id)
    return address(f"/io/places/{row['duplicate_of']}") if row and row["duplicate_of"] else None


def shown_organizer(organizer_id):
    row = organizer_row(organizer_id)
    if row is None:
        return None
    shown = {
        "@id": address(f"/io/organizers/{row['id']}"),
        **json.loads(row["document"]),
        "creator": f"{row['owner']}@clients",
    }
    names = [LABELS[key] for key in json.loads(row["card_systems"])]
    if names:
        shown["hiddenLabels"] = shown.get("hiddenLabels", []) + names
    return shown


def place_key(document):
    """What makes a place the same as another: its name and address."""
    language = document["mainLanguage"]
    place = document["address"].get(language, {})
    parts = (document["name"][language], place.get("streetAddress"), place.get("postalCode"))
    return re.sub(r"\s+", " ", "|".join(str(part).lower() for part in parts)).strip()


def known_term(key, domain):
    term = TERMS.get(key)
    return term is not None and term["domain"] == domain and "events" in term["scope"]
