"""The page of rights: what an organizer lets us do at UiTPAS, as publiq gives or takes it."""

import json

from flask import abort, jsonify, render_template, request, url_for

from app.sandbox.context import store
from app.sandbox.pages import done, form_fields, pages

NONE, ALL, WITHOUT_SEARCH = 0, 1, 2
"""What stands in the column `permitted` of an organizer."""
RIGHTS = {
    "geen": (NONE, "geen rechten"),
    "alle": (ALL, "alle rechten"),
    "zonder-opzoeken": (WITHOUT_SEARCH, "alles, maar verkopen niet opzoeken"),
}


@pages.get("/sandbox/rechten")
def rights():
    """Every organizer that stands, with what it lets us do."""
    names = {value: key for key, (value, _words) in RIGHTS.items()}
    shown = []
    for row in store().rows("SELECT id, document, permitted FROM organizer ORDER BY rowid"):
        document = json.loads(row["document"])
        if document["workflowStatus"] == "ACTIVE":
            name = document["name"][document["mainLanguage"]]
            shown.append({"id": row["id"], "name": name, "rights": names[row["permitted"]]})
    if request.args.get("format") == "json":
        return jsonify(shown)
    words = {key: words for key, (_value, words) in RIGHTS.items()}
    return render_template("rights.html", organizers=shown, rights=words)


@pages.post("/sandbox/rechten/<organizer_id>")
def change_rights(organizer_id):
    """Field: rights, one of RIGHTS."""
    if store().row("SELECT id FROM organizer WHERE id = ?", organizer_id) is None:
        abort(404)
    wanted = RIGHTS.get(form_fields().get("rights")) or abort(400)
    store().write("UPDATE organizer SET permitted = ? WHERE id = ?", wanted[0], organizer_id)
    return done(url_for("pages.rights"))
