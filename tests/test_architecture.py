"""The rooms import one way only, and what each may know is as DESIGN says."""

import ast
from pathlib import Path

import pytest

APP = Path(__file__).parents[1] / "app"
ROOMS = [
    "sales",
    "payments",
    "uitpas",
    "uitdatabank",
    "activities",
    "people",
    "mail",
    "settings",
    "publiq",
]
"""Each imports only what stands to its right."""
FOUNDATION = {
    "clock",
    "columns",
    "config",
    "encryption",
    "extensions",
    "formats",
    "parallel",
}
WEB_LIBRARIES = {"flask_login", "flask_wtf", "wtforms", "htmx_flask", "jinja2", "werkzeug"}


def modules_of(room: str) -> list[Path]:
    return sorted((APP / room).rglob("*.py"))


def imported_by(path: Path) -> set[str]:
    """The dotted names a module imports, wherever in the file."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms_of(names: set[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("app.")}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_stands_to_its_right(room: str) -> None:
    allowed = set(ROOMS[ROOMS.index(room) :]) | FOUNDATION
    for path in modules_of(room):
        found = {name for name in rooms_of(imported_by(path)) if (APP / name).is_dir()} | {
            name for name in rooms_of(imported_by(path)) if (APP / f"{name}.py").exists()
        }
        assert found <= allowed, f"{path.relative_to(APP)} imports {sorted(found - allowed)}"


def test_the_client_of_publiq_knows_no_flask_and_no_database() -> None:
    for path in modules_of("publiq"):
        roots = {name.split(".")[0] for name in imported_by(path)}
        assert not roots & {"flask", "sqlalchemy", "flask_sqlalchemy"}, path.name
        assert rooms_of(imported_by(path)) <= {"publiq"}, path.name


def test_the_sandbox_imports_nothing_of_the_rest() -> None:
    for path in modules_of("sandbox"):
        assert rooms_of(imported_by(path)) <= {"sandbox"}, path.name


def test_nothing_of_the_product_imports_the_sandbox() -> None:
    for path in sorted(APP.rglob("*.py")):
        if "sandbox" not in path.parts:
            assert "sandbox" not in rooms_of(imported_by(path)), path.relative_to(APP)


@pytest.mark.parametrize("room", ROOMS)
def test_a_domain_room_knows_no_requests_forms_or_templates(room: str) -> None:
    for path in modules_of(room):
        names = imported_by(path)
        roots = {name.split(".")[0] for name in names}
        assert not roots & WEB_LIBRARIES, f"{path.relative_to(APP)}: {roots & WEB_LIBRARIES}"
        flask = {name for name in names if name.startswith("flask.")}
        if room not in {"settings", "mail"}:
            assert "flask" not in roots, path.relative_to(APP)
        assert flask <= {"flask.current_app"}, f"{path.relative_to(APP)}: {flask}"


@pytest.mark.parametrize("path", sorted(APP.rglob("*.py")), ids=lambda p: str(p.relative_to(APP)))
def test_a_module_stays_below_four_hundred_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
