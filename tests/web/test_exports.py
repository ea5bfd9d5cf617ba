"""Lists as spreadsheets: what they hold, and that no cell of them is a formula."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from flask import Flask

from app.web.exports import EXPORTS, Column, Kind, export_csv, export_xlsx, harmless
from tests.spreadsheets import lines_of, moment_of, sheet_of
from tests.web.rendering import bare_app

COLUMNS = (
    Column("Naam"),
    Column("Plaatsen", Kind.NUMBER),
    Column("Prijs", Kind.MONEY),
    Column("Begint", Kind.MOMENT),
)
FORMULAS = (
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    '=HYPERLINK("http://kwaad.example","klik")',
    "=cmd|' /C calc'!A0",
    "＝1+1",
)
SUMMER = datetime(2027, 7, 5, 22, 30, tzinfo=UTC)


@pytest.fixture
def app() -> Flask:
    return bare_app()


@pytest.mark.parametrize("text", FORMULAS)
def test_text_that_looks_like_a_formula_stays_text(app: Flask, text: str) -> None:
    row = [text, 1, Decimal("2.50"), SUMMER]
    with app.test_request_context():
        cell = sheet_of(export_xlsx("lijst", COLUMNS, [row]))[1][0]
        assert cell[0] == "s"
        assert cell[1].strip() == text.strip() or text.startswith(("\t", "\r", "\n"))
        (line,) = lines_of(export_csv("lijst", COLUMNS, [row]))[1:]
    assert line[0] == f"'{text}"


@pytest.mark.parametrize("text", ["Kamp", "Zwemmen - gevorderd", "12 = 12", "", "1+1"])
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert harmless(text) == text


def test_moments_are_those_of_brussels_and_amounts_are_numbers(app: Flask) -> None:
    with app.test_request_context():
        _titles, row = sheet_of(
            export_xlsx("lijst", COLUMNS, [["Kamp", 12, Decimal("60"), SUMMER]])
        )
        assert row[:3] == [("s", "Kamp"), ("n", "12"), ("n", "60")]
        assert moment_of(row[3][1]) == datetime(2027, 7, 6, 0, 30)  # noqa: DTZ001
        titles, line = lines_of(export_csv("lijst", COLUMNS, [["Kamp", 12, Decimal("60"), SUMMER]]))
    assert titles == ["Naam", "Plaatsen", "Prijs", "Begint"]
    assert line == ["Kamp", "12", "60,00", "06/07/2027 00:30"]


def test_a_csv_opens_in_a_belgian_spreadsheet(app: Flask) -> None:
    with app.test_request_context():
        answer = export_csv("lijst", COLUMNS, [["Één; twee “drie”", None, None, None]])
    assert answer.get_data().startswith(b"\xef\xbb\xbf"), "or accents would be broken"
    assert lines_of(answer)[1] == ["Één; twee “drie”", "", "", ""]
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=lijst-20")


@pytest.mark.parametrize("kind", EXPORTS)
def test_an_empty_list_still_has_its_titles(app: Flask, kind: str) -> None:
    with app.test_request_context():
        answer = EXPORTS[kind]("lijst", COLUMNS, [])
        rows = sheet_of(answer) if kind == "xlsx" else lines_of(answer)
    assert len(rows) == 1


def test_a_sign_that_no_spreadsheet_knows_spoils_nothing(app: Flask) -> None:
    with app.test_request_context():
        row = ["a\x00b\x07c" + "x" * 40_000, None, None, None]
        assert sheet_of(export_xlsx("lijst", COLUMNS, [row]))[1][0][1]
        assert len(lines_of(export_csv("lijst", COLUMNS, [row]))[1][0]) < 32_768
