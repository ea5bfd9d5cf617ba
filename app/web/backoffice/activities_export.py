"""Activities: the overview as a spreadsheet, exactly as it is filtered and sorted (D11)."""

from collections.abc import Iterator

from flask import abort
from werkzeug.wrappers import Response

from app.formats import period
from app.settings.uit import get_modules
from app.uitdatabank.exporting import ExportedActivity, exported_activities
from app.web.access import Access, allow
from app.web.activity_forms import MODULE_WORDS, STATE_WORDS
from app.web.backoffice import backoffice
from app.web.backoffice.activities import read_filters
from app.web.exports import EXPORTS, Column, Kind, Row
from app.web.words import UIT_STATUSES

COLUMNS = (
    Column("Activiteit", width=40),
    Column("Activiteittype", width=24),
    Column("Module"),
    Column("Reeks", width=24),
    Column("Toestand"),
    Column("Begint", Kind.MOMENT),
    Column("Eindigt", Kind.MOMENT),
    Column("Aantal data", Kind.NUMBER, 12),
    Column("Data", width=40),
    Column("Plaatsen", Kind.NUMBER, 10),
    Column("Bezet", Kind.NUMBER, 10),
    Column("Vrij", Kind.NUMBER, 10),
    Column("Laagste prijs", Kind.MONEY, 12),
    Column("Prijzen", width=40),
)
OF_UITDATABANK = (
    Column("Status UiTdatabank", width=24),
    Column("Ontbreekt", width=40),
    Column("Locatie", width=30),
    Column("Organisator", width=30),
    Column("Event-id", width=38),
    Column("Gepubliceerd op", Kind.MOMENT),
)


@backoffice.get("/activiteiten/export.<kind>")
@allow(Access.ADMIN)
def export_activities(kind: str) -> Response:
    """All pages of the overview in one file; the filters are those of the address."""
    write = EXPORTS.get(kind) or abort(404)
    with_uit = get_modules().uitdatabank
    rows = _rows(exported_activities(read_filters()), with_uit=with_uit)
    return write("activiteiten", (*COLUMNS, *OF_UITDATABANK) if with_uit else COLUMNS, rows)


def _rows(found: list[ExportedActivity], *, with_uit: bool) -> Iterator[Row]:
    for item in found:
        row: list[object] = [
            item.title,
            item.type_name,
            MODULE_WORDS[item.module],
            item.series_title,
            STATE_WORDS[item.state],
            item.first_start,
            item.last_end,
            len(item.dates),
            "; ".join(period(start, end) for start, end in item.dates),
            item.capacity,
            item.taken,
            max(item.capacity - item.taken, 0),
            min((price for _name, price in item.prices), default=None),
            "; ".join(f"{name}: {price:.2f}".replace(".", ",") for name, price in item.prices),
        ]
        if with_uit:
            row += [
                UIT_STATUSES[item.uit_status],
                ", ".join(item.missing),
                item.location,
                item.organizer,
                item.event_id,
                item.published_at,
            ]
        yield row
