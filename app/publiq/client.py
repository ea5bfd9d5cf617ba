"""publiq as one thing: its four services over one transport."""

from __future__ import annotations

from app.publiq.entry import EntryApi
from app.publiq.search import SearchApi
from app.publiq.taxonomy import TaxonomyApi
from app.publiq.tokens import Token
from app.publiq.transport import Transport
from app.publiq.uitpas import UitpasApi


class Publiq:
    """The services of publiq for one client in one environment."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.entry = EntryApi(transport)
        self.search = SearchApi(transport)
        self.taxonomy = TaxonomyApi(transport)
        self.uitpas = UitpasApi(transport)

    def fetch_token(self) -> Token:
        """A token asked anew: 'test de verbinding' (S1). Raises PubliqError."""
        return self.transport.fetch_token()
