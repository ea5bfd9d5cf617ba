"""The macros and layouts: what a screen reader, a keyboard and our own CSP need of them."""

import re
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.validators import InputRequired

from tests.web.rendering import APP, bare_app, by_id, ids, parse, render, words


class Address(Form):
    street = StringField("Straat", [InputRequired("Vul de straat in.")])


class Example(Form):
    name = StringField("Naam", [InputRequired("Vul je naam in.")])
    story = TextAreaField("Omschrijving")
    kind = SelectField("Soort", choices=[("a", "Kamp"), ("b", "Les")], validate_choice=False)
    audience = RadioField(
        "Doelpubliek", [InputRequired("Kies wie mag komen.")], choices=[("e", "Iedereen")]
    )
    days = SelectMultipleField(
        "Dagen",
        choices=[("ma", "maandag"), ("di", "dinsdag")],
        option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )
    agreed = BooleanField("Ik ga akkoord", [InputRequired("Duid aan dat je akkoord gaat.")])
    day = DateField("Dag", default=date(2027, 1, 6))
    price = StringField("Prijs", default="12,50")
    secret = PasswordField("Wachtwoord")
    address = FormField(Address)
    streets = FieldList(FormField(Address), min_entries=1)


def failed_form() -> Example:
    form = Example(data={"price": "12,50"})
    form.validate()
    return form


@pytest.fixture
def app() -> Flask:
    return bare_app()


EVERYTHING = """
{% for name in ('name', 'story', 'kind', 'audience', 'days', 'agreed', 'day', 'secret') %}
{{ field(form[name], hint='Uitleg.') }}
{% endfor %}
{{ field(form.price, type='money', suffix='per persoon') }}
{{ error_summary([form]) }}
{{ text_field('q', 'Zoeken', error='Typ een woord.', hint='Een woord.') }}
{{ select_field('soort', 'Soort', [('a', 'Kamp')], value='a') }}
{{ submit('Bewaren', busy_label='Bezig met bewaren') }}
{{ post_button('Weg', '/weg', about='ermee') }}
{% call choices('Voordeel', 'keuze', error='Kies.') %}
{{ choice_card('v', '1', 'v1', 'Kansentarief', price=now, was=was, error_id='keuze-fout') }}
{{ check_card('w', '1', 'w1', 'Mira', aside='8 jaar') }}
{% endcall %}
{{ plain_card('Tuur kan mee', price=was) }}
{{ live_search('locatie', 'Locatie', '/zoek', 'location_id', value_id=1, value_label='Zaal') }}
{{ uitpas_field('pas', 'UiTPAS-nummer', value='0900010959113', lookup_url='/pas', person='Mira') }}
{{ hold_timer(moment, '/langer', places=2, seconds_left=30) }}
{{ occupancy(21, 24) }}{{ occupancy(3, none) }}{{ date_tile(moment) }}{{ price(12) }}
{{ activity_card('Kamp', '/aanbod/1', date=moment, price_amount=now, free=0) }}
{{ benefit_info('Kansentarief', rows=[('Gewone prijs', '€ 60,00')]) }}
{{ steps([('Een', '/1'), ('Twee', none)], 2) }}{{ breadcrumbs([('A', '/a'), ('B', none)]) }}
{{ tabs([{'label': 'A', 'url': '/a', 'current': True}, {'label': 'B', 'url': '/b'}]) }}
{{ notice('warn', 'Titel', 'Tekst') }}{{ publiq_message('Je statuut is vervallen.') }}
{{ empty('Nog niets', 'Hier komt iets.') }}{{ facts([('clock', '9 uur')]) }}
{{ uit_status('incomplete', missing=['een omschrijving']) }}{{ missing_list(['een locatie']) }}
<table><tr>{{ select_all() }}{{ sort_link('Naam', 'naam', '-naam') }}</tr>
<tr>{{ select_row(1, 'Kamp') }}</tr></table>
{% call filters('Filteren') %}{% endcall %}
{{ facets([{'label': 'Alle', 'count': 1, 'url': '/'}], 'Status') }}
<form>{% call bulk_bar() %}<button class="btn">Publiceren</button>{% endcall %}</form>
{% call ticket('Samen', 'totaal') %}{{ sum_list([('Mira', now, none)], total=now) }}{% endcall %}
{{ bar(now, 'Te betalen', 'Afronden', url='/afrekenen') }}
"""


@pytest.fixture
def everything(app: Flask) -> str:
    return render(
        app,
        EVERYTHING,
        form=failed_form(),
        now=Decimal("12.00"),
        was=Decimal("60.00"),
        moment=datetime(2027, 1, 6, 9, tzinfo=UTC),
    )


def test_no_component_has_an_inline_style_or_an_inline_script(everything: str) -> None:
    tree = parse(everything)
    for element in tree.iter():
        names = {str(name).lower() for name in element.attrib}
        assert "style" not in names
        assert not {name for name in names if name.startswith(("on", "hx-on"))}
        assert element.tag != "script"


def test_no_template_or_stylesheet_of_ours_relies_on_what_the_csp_refuses() -> None:
    for file in (APP / "templates").glob("**/*.html"):
        if "mail" in file.parts:
            continue
        html = re.sub(r"{[%{#].*?[%}#]}", "", file.read_text(), flags=re.DOTALL)
        assert not re.search(r"\s(style|on[a-z]+|hx-on[\w:-]*)=", html), file.name
        assert not re.search(r"<style|<script(?! src=)", html), file.name
    for file in (APP / "static").glob("*.css"):
        assert "data:" not in file.read_text(), file.name
        assert "http" not in re.sub(r'a\[href\^="http"\]', "", file.read_text()), file.name


def test_every_id_is_used_once_and_every_reference_has_its_target(everything: str) -> None:
    tree = parse(everything)
    counted = Counter(ids(tree))
    assert [name for name, count in counted.items() if count > 1] == []
    for element in tree.iter():
        for attribute in ("for", "aria-describedby", "aria-labelledby", "aria-controls"):
            for name in (element.get(attribute) or "").split():
                assert name in counted, f"{attribute}={name}"


def test_every_input_has_a_visible_label_or_a_name_of_its_own(everything: str) -> None:
    tree = parse(everything)
    labelled = {label.get("for") for label in tree.iter("label")}
    for tag in ("input", "select", "textarea"):
        for element in tree.iter(tag):
            if element.get("type") == "hidden":
                continue
            assert element.get("id") in labelled or element.get("aria-label"), element.attrib


def test_nothing_is_disabled_and_no_placeholder_stands_in_for_a_label(everything: str) -> None:
    for element in parse(everything).iter():
        assert element.get("disabled") is None
        assert element.get("placeholder") is None


def test_a_field_comes_in_the_order_label_hint_error_input(app: Flask) -> None:
    html = render(app, "{{ field(form.name, hint='Zoals op je kaart.') }}", form=failed_form())
    places = [
        html.index('for="name"'),
        html.index('id="name-hint"'),
        html.index('id="name-fout"'),
        html.index("<input"),
    ]
    assert places == sorted(places)
    field = by_id(parse(html), "name")
    assert field.get("aria-describedby") == "name-hint name-fout"
    assert field.get("aria-invalid") == "true"


def test_a_field_without_problems_says_nothing_about_errors(app: Flask) -> None:
    html = render(app, "{{ field(form.name, optional=True) }}", form=Example())
    field = by_id(parse(html), "name")
    assert field.get("aria-invalid") is None
    assert field.get("aria-describedby") is None
    assert field.get("required") is None
    assert "(mag leeg blijven)" in html


@pytest.mark.parametrize("name", ["audience", "days"])
def test_a_group_of_radios_or_checkboxes_stands_in_a_fieldset_with_its_legend(
    app: Flask, name: str
) -> None:
    html = render(app, f"{{{{ field(form.{name}, hint='Kies.') }}}}", form=failed_form())
    group = next(parse(html).iter("fieldset"))
    assert words(next(group.iter("legend"))) == failed_form()[name].label.text
    assert f"{name}-hint" in (group.get("aria-describedby") or "")
    assert [box.get("id") for box in group.iter("input")][0] == f"{name}-0"


def test_a_checkbox_has_its_label_behind_it_and_its_error_before_it(app: Flask) -> None:
    html = render(app, "{{ field(form.agreed) }}", form=failed_form())
    assert html.index("agreed-fout") < html.index("<input") < html.index("<label")


def test_attributes_for_htmx_are_passed_on_with_dashes(app: Flask) -> None:
    html = render(app, "{{ field(form.name, hx_get='/x', hx_trigger='change') }}", form=Example())
    field = by_id(parse(html), "name")
    assert (field.get("hx-get"), field.get("hx-trigger")) == ("/x", "change")


def test_an_amount_is_typed_with_a_decimal_keyboard_and_shows_the_euro(app: Flask) -> None:
    html = render(app, "{{ field(form.price, type='money') }}", form=Example())
    assert by_id(parse(html), "price").get("inputmode") == "decimal"
    assert "€" in html


def test_the_error_summary_links_to_every_field_nested_ones_included(app: Flask) -> None:
    tree = parse(render(app, "{{ error_summary([form]) }}", form=failed_form()))
    links = {link.get("href"): words(link) for link in tree.iter("a")}
    assert links == {
        "#name": "Vul je naam in.",
        "#audience-0": "Kies wie mag komen.",
        "#agreed": "Duid aan dat je akkoord gaat.",
        "#address-street": "Vul de straat in.",
        "#streets-0-street": "Vul de straat in.",
    }
    assert words(next(tree.iter("h2"))) == "Nog vijf dingen voor je verder kan"


def test_the_error_summary_takes_sentences_with_and_without_a_field(app: Flask) -> None:
    source = "{{ error_summary([('name', 'Vul je naam in.'), ('', 'De kassa is gesloten.')]) }}"
    tree = parse(render(app, source))
    assert [link.get("href") for link in tree.iter("a")] == ["#name"]
    assert [words(item) for item in tree.iter("li")] == [
        "Vul je naam in.",
        "De kassa is gesloten.",
    ]


def test_the_error_summary_is_absent_when_nothing_is_wrong(app: Flask) -> None:
    assert render(app, "{{ error_summary([]) }}{{ error_summary([form]) }}", form=Example()) == ""


def test_what_people_typed_is_escaped_everywhere(app: Flask) -> None:
    evil = "<b onclick=x>"
    html = render(
        app,
        "{{ live_search_results([{'id': evil, 'label': evil}], query='b') }}{{ notice(text=evil) }}"
        "{{ error_summary([('x', evil)]) }}{{ text_field('q', evil, value=evil) }}"
        "{{ publiq_message(evil) }}",
        evil=evil,
    )
    assert "<b " not in html


def test_the_old_price_is_struck_and_spoken(app: Flask) -> None:
    html = render(app, "{{ price(a, was=b) }}", a=Decimal("12.00"), b=Decimal("60.00"))
    assert words(next(parse(html).iter("s"))) == "in plaats van € 60,00"
    assert "<s>" not in render(app, "{{ price(a, was=a) }}", a=Decimal("12.00"))


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("incomplete", "Onvolledige data"),
        ("complete", "Niet gepubliceerd"),
        ("published", "Gepubliceerd"),
        ("changed", "Gewijzigd sinds publicatie"),
        ("not_applicable", "Niet van toepassing"),
    ],
)
def test_each_status_at_uitdatabank_has_a_word_and_an_outline_of_its_own(
    app: Flask, status: str, sentence: str
) -> None:
    html = render(app, "{{ uit_status(status) }}", status=status)
    assert words(parse(html)) == sentence
    symbol = re.search(r"#(st-[a-z]+)", html)
    assert symbol is not None
    assert f'id="{symbol.group(1)}"' in (APP / "static/icons.svg").read_text()


def test_every_icon_a_template_names_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (APP / "static/icons.svg").read_text()))
    named = set()
    for file in (APP / "templates").glob("**/*.html"):
        named |= set(re.findall(r"\bicon\('([\w-]+)'", file.read_text()))
    assert named - sprite == set()


def test_a_sort_link_keeps_the_filters_and_turns_the_order_round(app: Flask) -> None:
    source = "<table><tr>{{ sort_link('Naam', 'naam', 'naam') }}</tr></table>"
    tree = parse(render(app, source, path="/beheer/klanten?q=mira&pagina=3"))
    assert next(tree.iter("th")).get("aria-sort") == "ascending"
    assert next(tree.iter("a")).get("href") == "/beheer/klanten?q=mira&sorteer=-naam"


def test_a_strange_query_parameter_cannot_turn_a_link_elsewhere(app: Flask) -> None:
    html = render(app, "{{ query_url(pagina=2) }}", path="/aanbod?_scheme=javascript&_external=1")
    assert html.startswith("/aanbod?")


def test_the_answer_of_a_search_says_what_happened(app: Flask) -> None:
    found = render(
        app,
        "{{ live_search_results(r, query='zaal', noun='locaties') }}",
        r=[{"id": "1", "label": "Grote Zaal", "detail": "Markt 1"}],
    )
    tree = parse(f"<ul>{found}</ul>")
    option = next(li for li in tree.iter("li") if li.get("role") == "option")
    assert (option.get("data-id"), option.get("data-label")) == ("1", "Grote Zaal")
    assert "1 locaties gevonden" not in words(tree)
    assert "1 resultaat gevonden" in words(tree)
    nothing = render(app, "{{ live_search_results([], query='zaal', noun='locaties') }}")
    assert "Geen locaties met “zaal”" in nothing


def test_without_script_a_search_offers_a_button_and_radios(app: Flask) -> None:
    html = render(
        app,
        "{{ live_search('loc', 'Locatie', '/zoek', 'loc_id', value_id='2', no_script_results=r) }}",
        r=[{"id": "1", "label": "A"}, {"id": "2", "label": "B"}],
    )
    tree = parse(html)
    radios = [box for box in tree.iter("input") if box.get("type") == "radio"]
    assert [box.get("name") for box in radios] == ["loc_id", "loc_id"]
    assert [box.get("checked") is not None for box in radios] == [False, True]
    assert [box for box in tree.iter("input") if box.get("type") == "hidden"] == []
    submits = [one for one in tree.iter("button") if one.get("type") == "submit"]
    assert [one.get("value") for one in submits] == ["loc"]


def test_the_button_for_more_time_shows_only_in_the_last_minute(app: Flask) -> None:
    source = "{{ hold_timer(at, '/langer', seconds_left=left) }}"
    at = datetime(2027, 1, 6, 9, tzinfo=UTC)
    early = next(parse(render(app, source, at=at, left=700)).iter("form"))
    late = next(parse(render(app, source, at=at, left=60)).iter("form"))
    assert early.get("hidden") is not None
    assert late.get("hidden") is None
