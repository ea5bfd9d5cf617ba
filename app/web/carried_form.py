"""A form that was not saved yet and is left for another page: it travels along in one field."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

CARRIED = "bewaard"
"""The hidden field in which everything that was typed travels."""


def packed(pairs: Iterable[tuple[str, str]]) -> str:
    """The fields of a form as one text, line breaks and empty ones included."""
    return urlencode(list(pairs))


def unpacked(text: str) -> MultiDict[str, str]:
    """The fields as they were typed."""
    return MultiDict(parse_qsl(text, keep_blank_values=True))
