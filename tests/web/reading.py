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


def shown_form(answer: TestResponse) -> dict[str, str]:
    """What a browser would send back of the fields of a page, nothing changed; no token."""
    page = answer.get_data(as_text=True)
    fields = {}
    for tag in re.findall(r"<input\b[^>]*>", page):
        kind, name = re.search(r'type="(\w+)"', tag), re.search(r'\bname="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if not name or (kind and kind[1] in ("checkbox", "radio") and " checked" not in tag):
            continue
        fields[html.unescape(name[1])] = html.unescape(value[1]) if value else ""
    for name, body in re.findall(r'<select[^>]*\bname="([^"]+)"(.*?)</select>', page, re.S):
        chosen = re.search(r'<option(?= [^>]*selected)[^>]*value="([^"]*)"', body)
        fields[name] = html.unescape(chosen[1]) if chosen else ""
    for name, typed in re.findall(
        r'<textarea[^>]*\bname="([^"]+)"[^>]*>(.*?)</textarea>', page, re.S
    ):
        fields[name] = html.unescape(typed).strip("\r\n")
    fields.pop("csrf_token", None)
    return fields
