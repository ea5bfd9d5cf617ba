"""The layouts and the error pages: what stands on every page."""

from collections import Counter
from types import SimpleNamespace

import pytest
from flask import Flask

from tests.web.rendering import bare_app, by_id, ids, parse, render, words


@pytest.fixture
def app() -> Flask:
    return bare_app()


def layout_context(**more: object) -> dict[str, object]:
    user = SimpleNamespace(
        is_authenticated=True,
        name="Hanne",
        is_admin=True,
        is_cashier=False,
        is_staff=True,
        is_monitor=False,
    )
    municipality = SimpleNamespace(
        name="Zonnewende",
        department_name="Vrije Tijd",
        street="Lindeplein 1",
        postal_code="9995",
        locality="Zonnewende",
        phone="09 000 00 00",
        email="vrijetijd@zonnewende.example",
        opening_hours="",
    )
    menu = [{"title": "Personen", "items": [{"label": "Klanten", "url": "/k", "icon": "person"}]}]
    return {
        "current_user": user,
        "municipality": municipality,
        "basket_count": 2,
        "environment_banner": "Oefenomgeving.",
        "backoffice_menu": menu,
        "page_errors": [],
        **more,
    }


@pytest.mark.parametrize("layout", ["shop", "backoffice", "desk"])
def test_every_layout_has_its_live_regions_one_heading_and_one_main(
    app: Flask, layout: str
) -> None:
    source = (
        f'{{% extends "layouts/{layout}.html" %}}{{% block title %}}Klanten{{% endblock %}}'
        "{% block content %}<p>Tekst</p>{% endblock %}"
    )
    tree = parse(render(app, source, **layout_context()))
    assert by_id(tree, "vl-status").get("role") == "status"
    assert by_id(tree, "vl-alert").get("role") == "alert"
    assert words(by_id(tree, "vl-status")) == words(by_id(tree, "vl-alert")) == ""
    assert [words(heading) for heading in tree.iter("h1")] == ["Klanten"]
    assert len(list(tree.iter("main"))) == 1
    assert words(next(tree.iter("title"))).startswith("Klanten – ")
    assert next(tree.iter("html")).get("lang") == "nl-BE"
    assert [name for name, count in Counter(ids(tree)).items() if count > 1] == []


@pytest.mark.parametrize("layout", ["shop", "backoffice", "desk"])
def test_the_title_says_first_that_something_is_wrong(app: Flask, layout: str) -> None:
    source = (
        f'{{% extends "layouts/{layout}.html" %}}{{% block title %}}Klanten{{% endblock %}}'
        "{% block content %}<p>Tekst</p>{% endblock %}"
    )
    errors = [("name", "Vul je naam in.")]
    tree = parse(render(app, source, **layout_context(page_errors=errors)))
    assert words(next(tree.iter("title"))).startswith("Fout: Klanten")
    assert words(by_id(tree, "vl-errors")).endswith("Vul je naam in.")


@pytest.mark.parametrize("status", [400, 403, 404, 413, 429, 500, 503])
def test_an_error_page_needs_nobody_and_shows_one_way_out(app: Flask, status: int) -> None:
    with app.test_request_context("/weg"):
        html = app.jinja_env.get_template(f"errors/{status}.html").render()
    main = next(parse(html).iter("main"))
    assert len(list(main.iter("a"))) == 1
    assert str(status) not in words(main)
