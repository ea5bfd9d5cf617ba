"""Reading pages in tests: their words, what stands in an input, what is said at a field."""

import html
import re

from werkzeug.test import TestResponse


def text(answer: TestResponse) -> str:
    """The page with its entities read and its white space folded."""
    return re.sub(r"\s+", " ", html.unescape(answer.get_data(as_text=True)))


def value_of(answer: TestResponse, name: str) -> str:
    """What stands in the input with this name."""
    tag = re.search(rf'<input[^>]*\bname="{re.escape(name)}"[^>]*>', answer.get_data(as_text=True))
    assert tag, f"no input {name}"
    value = re.search(r'value="([^"]*)"', tag.group())
    return html.unescape(value.group(1)) if value else ""


def error_at(answer: TestResponse, field_id: str) -> str:
    """The sentence at the field with this id; fails where there is none."""
    found = re.search(
        rf'id="{re.escape(field_id)}-fout">.*?Fout: </span>(.*?)</span>',
        answer.get_data(as_text=True),
        re.S,
    )
    assert found, f"no error at {field_id}"
    return html.unescape(found.group(1))
