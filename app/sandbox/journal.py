"""What the sandbox received, with INSZ numbers, chips and client secrets blacked out."""

import json
import re
from contextlib import suppress
from urllib.parse import unquote_plus

from flask import g, request

from app.sandbox import moments
from app.sandbox.context import store
from app.sandbox.faults import is_api_call

# Eleven digits as they are typed, not part of a longer number such as a UiTPAS number.
INSZ = re.compile(r"(?<![\w-])\d{2}[-./\s]?\d{2}[-./\s]?\d{2}[-./\s]?\d{3}[-./\s]?\d{2}(?![\w-])")
# A chip, or a barcode that holds an INSZ: of what finds a pass only a UiTPAS number is shown.
IDENTIFIER = re.compile(r"((?:identifier|identification|chipNumber)=)(?!\d{13}(?:&|$))[^&]*")
SECRET = re.compile(r"(client_secret=)[^&]*")
BLACK = "█" * 11
LONGEST_BODY = 20_000


def redacted(text):
    """The text without INSZ numbers, client secrets and what else names a holder."""
    return SECRET.sub(r"\1" + BLACK, IDENTIFIER.sub(r"\1" + BLACK, INSZ.sub(BLACK, text)))


def record(response):
    """After a call: remember it, and what became of it."""
    if not is_api_call():
        return response
    # Decoded, for a number may be typed with spaces.
    path = unquote_plus(request.full_path.rstrip("?"))
    status = str(response.status_code)
    if "sandbox.drop" in request.environ:
        status = "geen antwoord"
    fault = getattr(g, "fault", "")
    answer = "storing: " + fault if fault else ""
    if response.mimetype == "application/problem+json":
        problem = response.get_json(silent=True) or {}
        answer = " ".join(part for part in (answer, problem.get("type")) if part)
    moment = moments.now().isoformat(timespec="milliseconds")
    store().record_call(moment, request.method, redacted(path), status, _body(), redacted(answer))
    return response


def _body():
    if request.mimetype.startswith("multipart/"):
        return "(bestand)"
    if request.mimetype == "application/x-www-form-urlencoded":
        return redacted("&".join(f"{key}={value}" for key, value in request.form.items()))
    text = request.get_data(as_text=True)[:LONGEST_BODY]
    with suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    return redacted(text)
