"""Lists as .xlsx and .csv that a spreadsheet opens as they are, and in which no cell is a formula.

Moments become the clock of Brussels, amounts stay numbers. Text that a spreadsheet would take for a
formula stays text: in .xlsx by the kind of the cell, in .csv by an apostrophe before it (OWASP: CSV
injection), and there every cell stands in quotes.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from tempfile import SpooledTemporaryFile
from typing import Any

import xlsxwriter
from flask import Response, send_file

from app.clock import local, today

BEGINS_A_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
IN_MEMORY = 2 * 1024 * 1024
"""Bytes of a file that are kept in memory; what is longer goes through the disk."""
LONGEST_CELL = 32_767
"""Signs that a spreadsheet takes in one cell."""


class Kind(Enum):
    """How a column is written; the value is its number format in .xlsx."""

    TEXT = ""
    NUMBER = "0"
    MONEY = "#,##0.00"
    DAY = "dd/mm/yyyy"
    MOMENT = "dd/mm/yyyy hh:mm"


@dataclass(frozen=True)
class Column:
    """A column of an export; ``width`` in signs."""

    title: str
    kind: Kind = Kind.TEXT
    width: int = 16


Row = Sequence[Any]
"""One value a column: text, a number, a Decimal in euro, an aware moment, or None."""


def export_xlsx(name: str, columns: Sequence[Column], rows: Iterable[Row]) -> Response:
    """A download ``<name>-<today>.xlsx`` with one sheet, its titles frozen and filtered."""
    file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed with the response
    book = xlsxwriter.Workbook(
        file,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    formats = [book.add_format({"num_format": c.kind.value or "@"}) for c in columns]
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.title, bold)
    last = 0
    for last, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            _write(sheet, last, place, value, formats[place])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, last, len(columns) - 1)
    book.close()
    file.seek(0)
    return send_file(
        file,  # type: ignore[arg-type] - it reads and seeks like any file
        mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        as_attachment=True,
        download_name=_file_name(name, "xlsx"),
        max_age=0,
    )


def export_csv(name: str, columns: Sequence[Column], rows: Iterable[Row]) -> Response:
    """A download ``<name>-<today>.csv`` that a Belgian spreadsheet opens: UTF-8, semicolons."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([harmless(column.title) for column in columns])
    for row in rows:
        writer.writerow([_in_words(value) for value in row])
    response = Response(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=_file_name(name, "csv"))
    response.headers["Cache-Control"] = "no-store"
    return response


def harmless(text: str) -> str:
    """The text as a cell of a .csv that no spreadsheet calculates."""
    text = text.replace("\x00", "")[: LONGEST_CELL - 1]
    looks_like_one = text.startswith(BEGINS_A_FORMULA) or text.lstrip().startswith(BEGINS_A_FORMULA)
    return f"'{text}" if looks_like_one else text


EXPORTS = {"xlsx": export_xlsx, "csv": export_csv}
"""What stands behind the point in an address: how it is written."""


def _write(sheet: Any, row: int, place: int, value: Any, cell_format: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, place, local(value).replace(tzinfo=None), cell_format)
    elif isinstance(value, date):
        sheet.write_datetime(row, place, value, cell_format)
    elif isinstance(value, (int, Decimal)):
        sheet.write_number(row, place, value, cell_format)
    else:
        sheet.write_string(row, place, str(value)[:LONGEST_CELL], cell_format)


def _in_words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return local(value).strftime("%d/%m/%Y %H:%M")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    if isinstance(value, Decimal):
        return f"{value:.2f}".replace(".", ",")
    return str(value) if isinstance(value, int) else harmless(str(value))


def _file_name(name: str, ending: str) -> str:
    return f"{name}-{today().isoformat()}.{ending}"
