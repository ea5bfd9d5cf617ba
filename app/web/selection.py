"""Which rows of a list somebody selected."""

from flask import request

LARGEST_ID = 2**31 - 1
NAMES = ("id", "ook")
"""Of the boxes: of the rows, and of what the list itself belongs to and leaves out."""


def selected_ids() -> list[int]:
    """The ids of what was ticked, each once, in the order sent; nonsense is left out."""
    texts = [text for name in NAMES for text in request.form.getlist(name)]
    ids = [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 11]
    return [number for number in dict.fromkeys(ids) if number <= LARGEST_ID]
