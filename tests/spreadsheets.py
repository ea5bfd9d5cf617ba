"""Reading in tests what a spreadsheet program would read."""

import csv
import io
import zipfile
from datetime import datetime, timedelta
from xml.etree import ElementTree

NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no zones


def sheet_of(answer) -> list[list[tuple[str, str]]]:
    """The rows of the first sheet, each cell as (kind, text); kind is 's' for text, 'n', or 'f'."""
    answer.direct_passthrough = False
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as book:
        tree = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return [[_cell(cell) for cell in row] for row in tree.iter(f"{NAMESPACE}row")]


def texts_of(answer) -> list[list[str]]:
    """The words of each row of the first sheet."""
    return [[text for _kind, text in row] for row in sheet_of(answer)]


def lines_of(answer) -> list[list[str]]:
    """The lines of a .csv with semicolons."""
    return list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig")), delimiter=";"))


def moment_of(serial: str) -> datetime:
    """The clock that a number shows where its cell holds a moment."""
    return EPOCH + timedelta(minutes=round(float(serial) * 24 * 60))


def _cell(cell) -> tuple[str, str]:
    if cell.find(f"{NAMESPACE}f") is not None:
        return "f", "".join(cell.itertext())
    return ("s" if cell.get("t") == "inlineStr" else "n"), "".join(cell.itertext())
