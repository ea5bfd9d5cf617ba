"""Where publiq's services stand (feature S1)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, fields
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Addresses:
    """Base addresses of one environment of publiq, none ending in a slash.

    `event_page` is the page of an event for people; `{id}` stands for the event's id.
    """

    account: str
    io: str
    search: str
    taxonomy: str
    uitpas: str
    event_page: str

    def event_page_of(self, event_id: str) -> str:
        """The address at which a person sees the event."""
        return self.event_page.replace("{id}", event_id)


PRODUCTION = Addresses(
    account="https://account.uitid.be",
    io="https://io.uitdatabank.be",
    search="https://search.uitdatabank.be",
    taxonomy="https://taxonomy.uitdatabank.be",
    uitpas="https://api.uitpas.be",
    event_page="https://www.uitdatabank.be/event/{id}/preview",
)

TEST = Addresses(
    account="https://account-test.uitid.be",
    io="https://io-test.uitdatabank.be",
    search="https://search-test.uitdatabank.be",
    # publiq runs no test host for the taxonomy: its terms are the same everywhere.
    taxonomy="https://taxonomy.uitdatabank.be",
    uitpas="https://api-test.uitpas.be",
    event_page="https://test.uitdatabank.be/event/{id}/preview",
)


def sandbox_addresses(base: str) -> Addresses:
    """The addresses of a stand-in for publiq that keeps all services below one base."""
    base = base.rstrip("/")
    return Addresses(
        account=f"{base}/account",
        io=f"{base}/io",
        search=f"{base}/search",
        taxonomy=f"{base}/taxonomy",
        uitpas=f"{base}/uitpas",
        event_page=f"{base}/event/{{id}}/preview",
    )


def is_loopback(url: str) -> bool:
    """Whether the address stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def require_safe(addresses: Addresses) -> None:
    """Refuses addresses over which a secret would travel in the clear.

    Raises ValueError for anything but https, http on this machine's loopback excepted.
    """
    for field in fields(addresses):
        url = getattr(addresses, field.name)
        scheme = urlsplit(url).scheme
        if scheme == "https" or (scheme == "http" and is_loopback(url)):
            continue
        raise ValueError(f"The address of publiq's {field.name} must be https: {url}")
