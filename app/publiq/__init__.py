"""Client of publiq's APIs: UiTdatabank (Entry, Search, Taxonomy) and UiTPAS.

It knows no web framework, no database and none of our models: what it needs of them (where
tokens are kept, what is written in the log of calls, whether a call is allowed now) is given to
Transport.
"""

from app.publiq.client import Publiq

__all__ = ["Publiq"]
