"""Pages for people: what was received, events, ticket sales, passes and faults."""

import json

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for

from app.sandbox import by_hand, moments, seed
from app.sandbox.cardsystems import CARD_SYSTEMS
from app.sandbox.context import store
from app.sandbox.events import Event
from app.sandbox.faults import APIS, KINDS, add_fault, clear_faults, faults

pages = Blueprint("pages", __name__)

SHOWN_CALLS = 100
SOCIAL = {
    "ACTIVE": "kansentarief",
    "EXPIRED": "kansentarief vervallen",
    "SUSPENDED": "kansentarief geschorst",
    "NONE": "geen kansentarief",
}
STATUSES = {
    "DRAFT": "ontwerp",
    "READY_FOR_VALIDATION": "gepubliceerd",
    "APPROVED": "goedgekeurd",
    "REJECTED": "afgekeurd",
    "DELETED": "verwijderd",
}
CARDS = {"ACTIVE": "actief", "BLOCKED": "geblokkeerd", "LOCAL_STOCK": "niet geregistreerd"}


@pages.before_request
def refuse_other_sites():
    """The pages have no sign-in: a page elsewhere must not press their buttons."""
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site") in (
        "cross-site",
        "same-site",
    ):
        abort(403)


@pages.app_template_filter("moment")
def shown_moment(text):
    local = moments.read(text).astimezone(moments.BRUSSELS)
    return local.strftime("%d/%m/%Y %H:%M:%S")


@pages.get("/")
def root():
    return redirect(url_for("pages.received"))


@pages.get("/sandbox/")
def received():
    """What was received, newest first."""
    calls = _calls(SHOWN_CALLS)
    if request.args.get("format") == "json":
        return jsonify(calls)
    return render_template("received.html", calls=calls, faults=faults())


@pages.get("/sandbox/ontvangen.json")
def received_json():
    return jsonify(_calls(2000))


def _calls(count):
    rows = store().rows("SELECT * FROM received ORDER BY id DESC LIMIT ?", count)
    return [dict(row) for row in rows]


@pages.get("/sandbox/events")
def events():
    rows = store().rows("SELECT id FROM event ORDER BY rowid DESC")
    shown = [Event.load(row["id"]) for row in rows]
    if request.args.get("format") == "json":
        return jsonify([event.shown() for event in shown])
    return render_template("events.html", events=shown, statuses=STATUSES)


@pages.get("/sandbox/events/<event_id>")
@pages.get("/event/<event_id>/preview")
def event(event_id):
    found = Event.load(event_id)
    if found is None:
        abort(404)
    shown = found.shown(uitpas_prices=True)
    if request.args.get("format") == "json":
        return jsonify(shown)
    return render_template(
        "event.html",
        event=found,
        shown=shown,
        statuses=STATUSES,
        sales=_sales(found.id),
        document=json.dumps(shown, ensure_ascii=False, indent=2),
    )


@pages.post("/sandbox/events/<event_id>")
def change_event(event_id):
    """What someone at UiTdatabank may do by hand; the actions are those of by_hand."""
    with store().writing():
        found = Event.load(event_id)
        if found is None:
            abort(404)
        if not by_hand.change_event(found, form_fields()):
            abort(400)
        found.save()
    return done(url_for("pages.event", event_id=found.id))


@pages.get("/sandbox/ticket-sales")
def ticket_sales():
    sales = _sales()
    if request.args.get("format") == "json":
        return jsonify(sales)
    return render_template("ticket_sales.html", sales=sales)


@pages.get("/sandbox/ticket-sales.json")
def ticket_sales_json():
    return jsonify(_sales())


def _sales(event_id=""):
    """All sales ever registered, newest first, with `cancelled` true for those undone."""
    rows = store().rows(
        "SELECT document, cancelled_at FROM ticket_sale WHERE ? IN ('', event_id) "
        "ORDER BY sold_at DESC, rowid DESC",
        event_id,
    )
    return [
        json.loads(row["document"]) | {"cancelled": row["cancelled_at"] is not None} for row in rows
    ]


@pages.get("/sandbox/voordelen")
def redeemed():
    rows = store().rows("SELECT * FROM redeemed ORDER BY redeemed_at DESC, rowid DESC")
    shown = [
        json.loads(row["document"])
        | {"uitpasNumber": row["number"], "cancelled": row["cancelled_at"] is not None}
        for row in rows
    ]
    if request.args.get("format") == "json":
        return jsonify(shown)
    return render_template("redeemed.html", redeemed=shown)


@pages.get("/sandbox/passen")
def passes():
    """The passes to try things with; INSZ numbers are not shown."""
    names = {item.number: item.last_name for item in seed.DEMO_PASSES}
    shown = []
    for row in store().rows("SELECT number, document FROM pass ORDER BY rowid DESC"):
        document = json.loads(row["document"])
        shown.append(
            {
                "number": row["number"],
                "name": f"{document['firstName']} {names.get(row['number'], '')}".strip(),
                "social": SOCIAL[document["social"]],
                "card": CARDS[document["card"]],
                "points": document["points"],
                "region": CARD_SYSTEMS[document["cardSystem"]]["name"],
                "coupons": [coupon["name"] for coupon in document["coupons"]],
            }
        )
    return render_template("passes.html", passes=shown)


@pages.post("/sandbox/passen/<number>/vervangen")
def replace_card(number):
    """The passholder lost the card and gets another: a new number, as in the UiTPAS-balie."""
    with store().writing():
        new = by_hand.replace_card(number)
    if new is None:
        abort(404)
    return jsonify(number=new) if request.is_json else done(url_for("pages.passes"))


@pages.get("/sandbox/storingen")
def fault_page():
    if request.args.get("format") == "json":
        return jsonify([dict(row) for row in faults()])
    return render_template("faults.html", faults=faults(), kinds=KINDS, apis=APIS, fields={})


@pages.post("/sandbox/storingen")
def switch_on():
    """Fields of a form or of JSON: operation, kind, seconds, problem, count (empty: lasting)."""
    fields = form_fields()
    try:
        count = fields.get("count")
        add_fault(
            str(fields.get("operation") or "alles"),
            str(fields.get("kind") or ""),
            float(str(fields.get("seconds") or 0).replace(",", ".")),
            str(fields.get("problem") or ""),
            int(count) if count not in (None, "") else None,
        )
    except ValueError as error:
        if request.is_json:
            return jsonify(error=str(error)), 400
        sentence = str(error) if str(error).endswith(".") else "Vul bij de getallen cijfers in."
        page = render_template(
            "faults.html", faults=faults(), kinds=KINDS, apis=APIS, fields=fields, error=sentence
        )
        return page, 400
    return done(url_for("pages.fault_page"))


@pages.post("/sandbox/storingen/alles-uit")
def switch_all_off():
    clear_faults()
    return done(url_for("pages.fault_page"))


@pages.post("/sandbox/storingen/<int:fault_id>/uit")
def switch_off(fault_id):
    clear_faults(fault_id)
    return done(url_for("pages.fault_page"))


@pages.post("/sandbox/vooruit")
def forward():
    """Everything that was still on its way to Search and UiTPAS arrives now."""
    with store().writing():
        store().write("UPDATE event SET searchable_at = 0")
        store().write("UPDATE event SET uitpas_at = 0 WHERE uitpas_at IS NOT NULL")
    return done(url_for("pages.received"))


@pages.post("/sandbox/opnieuw")
def start_over():
    """Back to how the sandbox was when it was new."""
    with store().writing():
        store().clear()
        seed.fill(store())
    return done(url_for("pages.received"))


def form_fields():
    """What was sent, as a form or as JSON."""
    return (request.get_json(silent=True) or {}) if request.is_json else request.form


def done(address):
    """A form goes to a page; a test that sent JSON gets a short answer."""
    return jsonify(ok=True) if request.is_json else redirect(address, 303)
