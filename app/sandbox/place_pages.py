"""The page of locations: someone at UiTdatabank deletes one, or merges it into another."""

import json

from flask import abort, jsonify, render_template, request, url_for

from app.sandbox import by_hand
from app.sandbox.context import store
from app.sandbox.events import shown_place
from app.sandbox.pages import done, form_fields, pages
from app.sandbox.seed_uitdatabank import ONLINE


@pages.get("/sandbox/locaties")
def places():
    """Every location with how it stands, and how many events take place there."""
    rows = store().rows(
        "SELECT place.id, place.document, place.duplicate_of, count(event.id) AS events "
        "FROM place LEFT JOIN event ON event.place_id = place.id WHERE place.id != ? "
        "GROUP BY place.id",
        ONLINE,
    )
    shown = sorted((_shown(row) for row in rows), key=lambda one: one["name"].lower())
    if request.args.get("format") == "json":
        return jsonify(shown)
    names = {one["id"]: one["name"] for one in shown}
    targets = [one for one in shown if one["status"] == "actief"]
    return render_template("places.html", places=shown, names=names, targets=targets)


def _shown(row):
    document = json.loads(row["document"])
    place = document["address"].get(document["mainLanguage"], {})
    status = "verwijderd" if document["workflowStatus"] == "DELETED" else "actief"
    return {
        "id": row["id"],
        "name": document["name"][document["mainLanguage"]],
        "where": f"{place.get('postalCode', '')} {place.get('addressLocality', '')}".strip(),
        "status": "samengevoegd" if row["duplicate_of"] else status,
        "duplicate_of": row["duplicate_of"],
        "events": row["events"],
    }


@pages.post("/sandbox/locaties/<place_id>")
def change_place(place_id):
    """Fields: action (delete, merge, restore), and into which one it is merged."""
    fields = form_fields()
    if shown_place(place_id) is None:
        abort(404)
    with store().writing():
        changed = {
            "delete": lambda: by_hand.delete_place(place_id),
            "restore": lambda: by_hand.restore_place(place_id),
            "merge": lambda: by_hand.merge_place(
                place_id, str(fields.get("into", "")), alive=bool(fields.get("alive"))
            ),
        }.get(fields.get("action"), lambda: False)()
    if not changed:
        abort(400)
    return done(url_for("pages.places"))
