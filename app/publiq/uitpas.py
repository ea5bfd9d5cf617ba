"""UiTPAS API v4: passes, tariffs and ticket sales (contract, part 6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.publiq.answers import dutch
from app.publiq.errors import PubliqNotFound
from app.publiq.reading import amount, identifier_of, moment, money
from app.publiq.rewards import RewardCalls
from app.publiq.transport import Timeouts
from app.publiq.wire import segment

# The name of the parameter that takes any number of a pass; publiq's notes also call it
# 'identification'.
IDENTIFIER_PARAMETER = "identifier"


@dataclass(frozen=True)
class OrganizerPermissions:
    """What our credentials may do at UiTPAS for one organizer, as `TICKETSALES_REGISTER`."""

    id: str
    name: str
    permissions: frozenset[str]


@dataclass(frozen=True)
class Message:
    """What publiq wants said to the person, word for word; level INFO, WARN or ERROR."""

    level: str
    text: str


@dataclass(frozen=True)
class Pass:
    """A UiTPAS and its holder.

    `social_tariff_status` is ACTIVE, EXPIRED or NONE and the only thing that decides; the end
    (aware UTC) may be past while the status is ACTIVE, for there is a period of grace. Use
    `uitpas_number` from here on, whatever number the pass was found by.
    """

    passholder_id: str
    pass_type: str
    uitpas_number: str = field(repr=False)
    first_name: str = field(repr=False)
    points: int = field(repr=False)
    postal_code: str = field(repr=False)
    social_tariff_status: str = field(repr=False)
    social_tariff_end: datetime | None = field(repr=False)
    messages: tuple[Message, ...] = ()
    card_system_id: int | None = field(default=None, repr=False)
    card_system_name: str = field(default="", repr=False)


@dataclass(frozen=True)
class GroupPass:
    """The pass of an organisation: it only buys tickets, `available_tickets` more this year.

    `card_status` must be ACTIVE for any use. Without a social tariff there is no number of tickets.
    """

    uitpas_number: str = field(repr=False)
    card_status: str
    social_tariff_status: str | None
    total_tickets: int | None
    available_tickets: int | None


@dataclass(frozen=True)
class Tariff:
    """A benefit at a price: `price` in euro is what the person pays, `type` SOCIALTARIFF or
    COUPON. `remaining` is how many tickets it is good for: 1, more for a group pass.
    """

    id: str
    name: str
    price: Decimal
    type: str
    remaining: int


@dataclass(frozen=True)
class Tariffs:
    """The benefits for one pass, event and price; `message` is for the person, word for word."""

    available: tuple[Tariff, ...]
    message: str | None


@dataclass(frozen=True)
class SaleWish:
    """A ticket sale to register; `regular_price` in euro, the label names nobody."""

    event_id: str
    uitpas_number: str = field(repr=False)
    regular_price: Decimal
    tariff_id: str
    regular_price_label: str


@dataclass(frozen=True)
class TicketSale:
    """A registered ticket sale; amounts in euro, `price` is what the person pays."""

    id: str
    creation_date: datetime | None
    tariff_id: str
    tariff_name: str
    price: Decimal
    type: str
    event_id: str
    uitpas_number: str = field(repr=False)
    regular_price: Decimal
    regular_price_label: str


@dataclass(frozen=True)
class CardSystem:
    """A card system of an event; a ticket sale is possible in those that are enabled."""

    id: int
    name: str
    enabled: bool


class UitpasApi(RewardCalls):
    """publiq's UiTPAS API. Every method raises PubliqError."""

    def permissions(self, purpose: str | None = None) -> list[OrganizerPermissions]:
        """The organizers we have permissions for, linked ones included (get-permissions, S1)."""
        return self._transport.call(
            "get-permissions",
            "GET",
            "uitpas",
            "/permissions",
            purpose=purpose,
            parse=_permissions,
        )

    def find_pass(self, identifier: str, purpose: str | None = None) -> Pass:
        """The pass with this UiTPAS number, register number, chip or barcode (get-passes, P1, P2).

        Raises PubliqNotFound with problem uitpas/pass-not-found, PubliqRefused with
        uitpas/invalid-card-status or uitpas/passholder-blocked.
        """
        return self._transport.call(
            "get-passes",
            "GET",
            "uitpas",
            "/passes",
            params={IDENTIFIER_PARAMETER: re.sub(r"[\s.\-/]", "", identifier)},
            purpose=purpose,
            parse=_pass,
        )

    def group_pass(self, uitpas_number: str, purpose: str | None = None) -> GroupPass | None:
        """The group pass with this number (get-grouppasses), or None; needs GROUPPASSES_SEARCH.

        publiq gives blocked and deleted ones too: look at `card_status`.
        """
        found = self._transport.call(
            "get-grouppasses",
            "GET",
            "uitpas",
            "/grouppasses",
            params={"uitpasNumber": uitpas_number},
            purpose=purpose,
            parse=lambda answer: [_group_pass(item) for item in answer["member"]],
        )
        return found[0] if found else None

    def tariffs(
        self,
        event_id: str,
        uitpas_number: str,
        regular_price: Decimal,
        purpose: str | None = None,
    ) -> Tariffs:
        """The benefits of this pass for the event at this price in euro (get-tariffs, R3).

        Never to be kept: earlier sales change them. An empty list with a message is normal.
        """
        params = {
            "eventId": event_id,
            "uitpasNumber": uitpas_number,
            "regularPrice": amount(regular_price),
        }
        return self._transport.call(
            "get-tariffs",
            "GET",
            "uitpas",
            "/tariffs",
            params=params,
            purpose=purpose,
            parse=_tariffs,
        )

    def static_tariffs(
        self, event_id: str, regular_price: Decimal, purpose: str | None = None
    ) -> Tariffs:
        """What somebody of the region with a social tariff would pay; only to advertise with."""
        return self._transport.call(
            "get-tariffs-static",
            "GET",
            "uitpas",
            "/tariffs/static",
            params={"eventId": event_id, "regularPrice": amount(regular_price)},
            purpose=purpose,
            parse=_tariffs,
        )

    def register_ticket_sales(
        self,
        wishes: Sequence[SaleWish],
        timeout: Timeouts | float | None = None,
        purpose: str | None = None,
    ) -> list[TicketSale]:
        """Registers all or none (post-ticket-sales, R5); the sales come in any order.

        Raises PubliqRefused, with `json_pointer` at the wrong wish where publiq gives one;
        PubliqAnswerLost when the sales may be registered all the same: look them up.
        """
        if not wishes:
            return []

        def parse(answer: Any) -> list[TicketSale]:
            sales = [_ticket_sale(item) for item in answer]
            if len(sales) != len(wishes):
                raise ValueError("another number of sales than was asked")
            return sales

        return self._transport.call(
            "post-ticket-sales",
            "POST",
            "uitpas",
            "/ticket-sales",
            json=[_wish(wish) for wish in wishes],
            timeout=timeout,
            purpose=purpose,
            parse=parse,
        )

    def ticket_sales_of_event(
        self, event_id: str, purpose: str | None = None
    ) -> Iterator[list[TicketSale]]:
        """All sales of the event, page by page (get-ticket-sales); in no order publiq promises."""
        params = {"eventId": event_id}
        return self._pages("get-ticket-sales", "/ticket-sales", params, _ticket_sale, purpose)

    def ticket_sales_of_holder(
        self, passholder_id: str, organizer_id: str, purpose: str | None = None
    ) -> Iterator[list[TicketSale]]:
        """All sales to a holder, whichever card, for events of an organizer (get-ticket-sales)."""
        params = {"passholderId": passholder_id, "organizerId": organizer_id}
        return self._pages("get-ticket-sales", "/ticket-sales", params, _ticket_sale, purpose)

    def cancel_ticket_sale(self, ticket_sale_id: str, purpose: str | None = None) -> None:
        """Undoes a sale (delete-ticket-sales, R7); one that is gone already is fine."""
        try:
            self._transport.call(
                "delete-ticket-sales",
                "DELETE",
                "uitpas",
                f"/ticket-sales/{segment(ticket_sale_id)}",
                purpose=purpose,
            )
        except PubliqNotFound as error:
            if error.problem != "uitpas/ticket-sale-not-found":
                raise

    def card_systems(self, event_id: str, purpose: str | None = None) -> list[CardSystem]:
        """The card systems of an event (get-events-card-systems).

        Raises PubliqNotFound with problem uitpas/event-not-found as long as UiTPAS does not know
        the event, which takes a moment after it was published.
        """
        return self._transport.call(
            "get-events-card-systems",
            "GET",
            "uitpas",
            f"/events/{segment(event_id)}/card-systems",
            purpose=purpose,
            parse=lambda answer: [_card_system(item) for item in answer],
        )


def _permissions(answer: Any) -> list[OrganizerPermissions]:
    if not isinstance(answer, list):
        raise ValueError("permissions are a list")
    names: dict[str, str] = {}
    found: dict[str, set[str]] = {}
    for item in answer:
        for part in (item, *(item.get("linkedOrganizers") or [])):
            organizer = part["organizer"]
            details = part.get("permissionDetails")
            if details is None:
                ids = part.get("permissions") or []
            else:
                ids = [detail["id"] for detail in details]
            names[organizer["id"]] = organizer.get("name") or names.get(organizer["id"], "")
            found.setdefault(organizer["id"], set()).update(ids)
    return [OrganizerPermissions(key, names[key], frozenset(ids)) for key, ids in found.items()]


def _pass(answer: Mapping[str, Any]) -> Pass:
    social_tariff = answer.get("socialTariff") or {}
    card_system = answer.get("cardSystem") or {}
    return Pass(
        passholder_id=identifier_of(answer["passholderId"]),
        pass_type=answer.get("passType") or "INDIVIDUAL",
        uitpas_number=identifier_of(answer["uitpasNumber"]),
        first_name=answer.get("firstName") or "",
        points=int(answer.get("points") or 0),
        postal_code=str(answer.get("postalCode") or ""),
        social_tariff_status=social_tariff.get("status") or "NONE",
        social_tariff_end=moment(social_tariff.get("endDate")),
        messages=tuple(
            Message(str(item.get("level") or "INFO"), item["text"])
            for item in answer.get("messages") or []
            if item.get("text")
        ),
        card_system_id=None if card_system.get("id") is None else int(card_system["id"]),
        card_system_name=card_system.get("name") or "",
    )


def _group_pass(item: Mapping[str, Any]) -> GroupPass:
    social_tariff = item.get("socialTariff") or {}
    return GroupPass(
        uitpas_number=identifier_of(item.get("uitpasNumber") or ""),
        card_status=item.get("cardStatus") or "",
        social_tariff_status=social_tariff.get("status"),
        total_tickets=_count(social_tariff.get("totalTicketsPerYear")),
        available_tickets=_count(social_tariff.get("availableTickets")),
    )


def _count(value: Any) -> int | None:
    return None if value is None else int(value)


def _tariffs(answer: Mapping[str, Any]) -> Tariffs:
    return Tariffs(
        available=tuple(
            Tariff(
                id=identifier_of(item["id"]),
                name=item.get("name") or "",
                price=money(item["price"]),
                type=item.get("type") or "",
                remaining=int(item.get("remaining", 1)),
            )
            for item in answer.get("available") or []
        ),
        message=dutch(answer.get("endUserMessage")),
    )


def _wish(wish: SaleWish) -> dict[str, Any]:
    body = {
        "eventId": wish.event_id,
        "uitpasNumber": wish.uitpas_number,
        "regularPrice": amount(wish.regular_price),
        "tariff": {"id": wish.tariff_id},
    }
    if wish.regular_price_label:
        body["regularPriceLabel"] = wish.regular_price_label
    return body


def _ticket_sale(item: Mapping[str, Any]) -> TicketSale:
    tariff = item["tariff"]
    return TicketSale(
        id=identifier_of(item["id"]),
        creation_date=moment(item.get("creationDate")),
        tariff_id=identifier_of(tariff["id"]),
        tariff_name=tariff.get("name") or "",
        price=money(tariff["price"]),
        type=tariff.get("type") or "",
        event_id=identifier_of(item["eventId"]),
        uitpas_number=identifier_of(item["uitpasNumber"]),
        regular_price=money(item["regularPrice"]),
        regular_price_label=item.get("regularPriceLabel") or "",
    )


def _card_system(item: Mapping[str, Any]) -> CardSystem:
    return CardSystem(int(item["id"]), item.get("name") or "", bool(item["enabled"]))
