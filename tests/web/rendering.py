"""Rendering macros and layouts in a bare application, and reading what comes out."""

import re
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
from flask import Flask, render_template_string
from jinja2 import StrictUndefined

from app import formats

APP = Path(__file__).parents[2] / "app"


def bare_app() -> Flask:
    """Our templates without the rest of the application."""
    app = Flask("components", root_path=str(APP))
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        money=formats.money,
        day=formats.day,
        clock=formats.clock,
        pass_number=formats.pass_number,
    )
    app.jinja_env.globals.update(
        static_url=lambda name: f"/static/{name}",
        bootstrap_css_url=lambda: "/lib/bootstrap.css",
        htmx_js_url=lambda: "/lib/htmx.js",
        brand_css_url=lambda: "/huisstijl-1.css",
        csrf_token=lambda: "token",
        get_flashed_messages=lambda **_: [],
    )
    return app


def render(app: Flask, source: str, path: str = "/beheer/activiteiten", **context: object) -> str:
    """The macros of every component file are at hand, as pages import them."""
    imports = "".join(
        f'{{% from "components/{file.name}" import {", ".join(names)} %}}'
        for file in sorted((APP / "templates/components").glob("*.html"))
        if (names := re.findall(r"{%-? macro ([a-z]\w*)\(", file.read_text()))
    )
    extends = re.match(r"{% extends .*? %}", source)
    head = extends.group() if extends else ""
    with app.test_request_context(path):
        return render_template_string(head + imports + source[len(head) :], **context)


def parse(html: str) -> Element:
    """The page as a browser reads it."""
    return html5lib.parse(html, namespaceHTMLElements=False)


def ids(tree: Element) -> list[str]:
    """Every id, as often as it is used."""
    return [element.get("id") for element in tree.iter() if element.get("id")]


def by_id(tree: Element, name: str) -> Element:
    """The element with that id."""
    return next(element for element in tree.iter() if element.get("id") == name)


def words(element: Element) -> str:
    """What the element says, with single spaces."""
    return " ".join("".join(element.itertext()).split())
