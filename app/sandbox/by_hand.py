"""What someone at publiq may do by hand: change an event, delete or merge a place, renew a card."""

import json
import uuid

from app.sandbox import calendars
from app.sandbox.context import address, store
from app.sandbox.entry_rules import LABEL, NAME_LENGTH
from app.sandbox.events import Event, place_row
from app.sandbox.uitpas_passes import passes_luhn

AUDIENCES = ("everyone", "members", "education")
WORKFLOW = {"delete": "DELETED", "reject": "REJECTED", "approve": "APPROVED"}


def change_event(event, fields):
    """Carry out the `action` of a form on an event. Whether it could be done."""
    action = fields.get("action")
    text = str(fields.get("text", fields.get("title", ""))).strip()
    if action in WORKFLOW:
        event.document["workflowStatus"] = WORKFLOW[action]
        return True
    change = CHANGES.get(action)
    return change is not None and bool(text) and change(event, text)


def _title(event, text):
    event.document["name"][event.document["mainLanguage"]] = text[:NAME_LENGTH]
    return True


def _description(event, text):
    description = event.document.setdefault("description", {})
    description[event.document["mainLanguage"]] = text.replace("\r\n", "\n")
    return True


def _audience(event, text):
    event.document["audience"] = {"audienceType": text}
    return text in AUDIENCES


def _label(event, text):
    labels = event.document.setdefault("labels", [])
    if text not in labels:
        labels.append(text)
    return LABEL.match(text) is not None


def _translation(event, text):
    event.document["name"]["fr"] = text[:NAME_LENGTH]
    return True


def _picture(event, text):
    """A picture by its description; who holds the rights is made up."""
    image_id = str(uuid.uuid4())
    content = address(f"/io/images/{image_id}/bestand")
    document = {
        "contentUrl": content,
        "thumbnailUrl": content,
        "description": text,
        "copyrightHolder": "Redactie UiTdatabank",
        "inLanguage": "nl",
    }
    store().write("INSERT INTO image VALUES (?, ?)", image_id, json.dumps(document))
    linked = {"@id": address(f"/io/images/{image_id}"), "id": image_id, **document}
    event.document["mediaObject"] = [*(event.document.get("mediaObject") or []), linked]
    return True


def _cancel(event, text):
    calendars.set_status(event.document, {"type": "Unavailable", "reason": {"nl": text}})
    return True


def _ticket_limit(event, text):
    """How often each pass buys with a discount, as an organizer sets it in the UiTPAS-balie."""
    if not text.isdecimal() or int(text) < 1:
        return False
    limit = {"volume": int(text), "periodType": "ABSOLUTE"}
    event.settings = (event.settings or {"checkinPoints": 1}) | {"passholderTicketLimit": limit}
    return True


CHANGES = {
    "title": _title,
    "description": _description,
    "audience": _audience,
    "label": _label,
    "translation": _translation,
    "picture": _picture,
    "cancel": _cancel,
    "limit": _ticket_limit,
}


def delete_place(place_id):
    """Soft, as publiq does: it stays readable as DELETED. Whether there is such a place."""
    return _set_workflow(place_id, "DELETED", None)


def restore_place(place_id):
    """As it was before it was deleted or merged."""
    return _set_workflow(place_id, "APPROVED", None)


def merge_place(place_id, canonical_id, alive=False):
    """Mark a place as a duplicate of another one; its events move along, as at publiq.

    `alive`: it still looks as if nothing happened to it.
    """
    target = place_row(canonical_id)
    if target is None or target["id"] == place_id or target["duplicate_of"]:
        return False
    status = "APPROVED" if alive else "DELETED"
    if not _set_workflow(place_id, status, target["id"]):
        return False
    for row in store().rows("SELECT id FROM event WHERE place_id = ?", place_id):
        event = Event.load(row["id"])
        event.place_id = target["id"]
        event.save()
    return True


def _set_workflow(place_id, status, duplicate_of):
    row = place_row(place_id)
    if row is None:
        return False
    document = json.loads(row["document"]) | {"workflowStatus": status}
    store().write(
        "UPDATE place SET document = ?, duplicate_of = ? WHERE id = ?",
        *(json.dumps(document), duplicate_of, row["id"]),
    )
    return True


def replace_card(number):
    """Give a passholder a new card with another number, which is returned; None without the pass.

    The old number still finds the pass, and opens nothing else. Sales keep the number that was
    used for them, and count for the passholder.
    """
    row = store().row("SELECT * FROM pass WHERE number = ?", number)
    if row is None:
        return None
    new = _free_number(number)
    document = json.loads(row["document"]) | {"uitpasNumber": new}
    store().write(
        "UPDATE pass SET number = ?, chip = ?, document = ? WHERE number = ?",
        *(new, f"{row['chip'] or ''} {number}".strip(), json.dumps(document), number),
    )
    for table in ("ticket_sale", "redeemed", "checkin"):
        store().write(f"UPDATE {table} SET number = ? WHERE number = ?", new, number)  # noqa: S608
    return new


def _free_number(number):
    """The next number with a good check digit that no card has or had."""
    first = int(number[:12]) + 1
    for start in range(first, first + 1000):
        for digit in range(10):
            found = f"{start:012d}{digit}"
            taken = (
                "SELECT 1 FROM pass WHERE number = ? OR ' ' || chip || ' ' LIKE '% ' || ? || ' %'"
            )
            if passes_luhn(found) and store().row(taken, found, found) is None:
                return found
    raise LookupError("no number is free")
