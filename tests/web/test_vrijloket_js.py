"""Our own scripts in a browser, under the CSP: live search, hold timer, sending once, the desk."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.web.headers import setup_headers
from tests.web.rendering import bare_app, render
from tests.web.test_layouts import layout_context

pytestmark = pytest.mark.browser
HTMX = files("js_lib_htmx") / "static" / "htmx" / "htmx.min.js"

SEARCH = """{% extends "layouts/shop.html" %}{% block title %}Zoek{% endblock %}
{% block content %}<form method="post" action="/traag">
{{ live_search('locatie', 'Locatie', '/zoek', 'location_id', value_id='7', value_label='Zaal',
noun='locaties') }}
<label for="naam">Naam</label><input id="naam" name="naam">
{{ submit('Bewaren', busy_label='Bezig met bewaren') }}</form>{% endblock %}"""
HOLD = """{% extends "layouts/shop.html" %}{% block title %}Mandje{% endblock %}
{% block content %}{{ hold_timer(at, '/langer', places=3, seconds_left=left) }}{% endblock %}"""
WHO = """{% extends "layouts/shop.html" %}{% block title %}Wie{% endblock %}
{% block content %}{{ error_summary([('wie', 'Kies minstens één persoon.')]) }}
<fieldset class="vl-field" id="wie"><legend>Wie?</legend>
<label><input type="checkbox" disabled> Lien</label><label><input type="checkbox"> Mira</label>
</fieldset>{% endblock %}"""
DESK = """{% extends "layouts/desk.html" %}{% block title %}Kassa{% endblock %}
{% block search %}<h2 id="vl-zoek">Zoek</h2><form action="/scan">
<label for="scan">Scan</label><input id="scan" name="scan" data-vl-scan data-vl-key="F2"></form>
{% endblock %}{% block sale %}<h2 id="vl-verkoop">Verkoop</h2>{% endblock %}
{% block pay %}<h2 id="vl-betalen">Betalen</h2><label for="g">Gekregen</label>
<input id="g" data-vl-given data-vl-due="9.60"><p id="terug" data-vl-change></p>{% endblock %}"""
BULK = """{% extends "layouts/backoffice.html" %}
{% from "components/table.html" import bulk_bar, select_all, select_row %}
{% block title %}Reeks{% endblock %}{% block content %}<form>
<label><input type="checkbox" name="ook" data-vl-also> Ook deze</label>
<table><thead><tr>{{ select_all() }}</tr></thead><tbody>
<tr>{{ select_row(1, 'een') }}</tr><tr>{{ select_row(2, 'twee') }}</tr></tbody></table>
{% call bulk_bar() %}{% endcall %}</form>{% endblock %}"""
TWO_PRESSES = """async () => {
  const button = document.querySelector('main .btn-primary');
  button.click();
  button.click();
  await new Promise((done) => setTimeout(done, 50));
  return [button.textContent, button.getAttribute('aria-busy')];
}"""
PLACES = ("Atelier in het Oude Station", "Academie, atelier", "Grote Zaal")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(5000)
    yield page
    page.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app = bare_app()
    app.jinja_env.globals["bootstrap_css_url"] = lambda: "/static/theme.css"
    setup_headers(app)
    add_pages(app)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()


def add_pages(app: Flask) -> None:
    sent: list[str] = []
    context = layout_context(environment_banner=None)
    plain = Response("", mimetype="text/css")
    app.add_url_rule("/huisstijl-1.css", "brand", lambda: plain)
    app.add_url_rule(
        "/lib/htmx.js", "htmx", lambda: Response(HTMX.read_bytes(), mimetype="text/javascript")
    )
    app.add_url_rule("/search", "search", lambda: render(app, SEARCH, **context))
    app.add_url_rule("/who", "who", lambda: render(app, WHO, **context))
    app.add_url_rule("/bulk", "bulk", lambda: render(app, BULK, **context))
    app.add_url_rule("/desk", "desk", lambda: render(app, DESK, **context))
    app.add_url_rule("/scan", "scan", lambda: f"gescand {request.args['scan']}")

    @app.get("/hold/<int:left>")
    def hold(left: int) -> str:
        at = datetime.now(UTC) + timedelta(seconds=left)
        return render(app, HOLD, at=at, left=left, **context)

    @app.get("/zoek")
    def find() -> str | tuple[str, int]:
        query = request.args["locatie"]
        if query.startswith("stuk"):
            return "", 500
        found = [
            {"id": str(number), "label": name}
            for number, name in enumerate(PLACES)
            if query.lower() in name.lower()
        ]
        source = "{{ live_search_results(found, query=query, noun='locaties') }}"
        return render(app, source, found=found, query=query)

    @app.post("/traag")
    def slow() -> tuple[str, int]:
        sent.append(request.form.get("zoek", "bewaren"))
        threading.Event().wait(0.5)
        return f"verzonden {len(sent)} {sent[-1]}", 200


def test_what_is_taken_along_counts_in_the_selection_and_is_cleared_with_it(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/bulk")
    count = page.locator("[data-vl-bulk-count]")
    page.get_by_label("Ook deze").check()
    expect(count).to_have_text("1 geselecteerd")
    page.locator("[data-vl-select-all]").check()
    expect(count).to_have_text("3 geselecteerd")
    page.get_by_role("button", name="Selectie wissen").click()
    expect(page.get_by_label("Ook deze")).not_to_be_checked()
    expect(count).not_to_contain_text("geselecteerd")


def test_choosing_with_the_arrows_and_enter_sends_the_id(page: Page, address: str) -> None:
    page.goto(f"{address}/search")
    box = page.get_by_role("combobox", name="Locatie")
    box.fill("atel")
    expect(page.locator("#vl-status")).to_contain_text("2 locaties gevonden")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "locatie-optie-2")
    box.press("Enter")
    expect(box).to_have_value("Academie, atelier")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(page.locator("input[name=location_id]")).to_have_value("1")


def test_escape_and_leaving_put_back_what_was_chosen(page: Page, address: str) -> None:
    page.goto(f"{address}/search")
    box = page.get_by_role("combobox", name="Locatie")
    box.fill("atel")
    box.press("Escape")
    expect(box).to_have_value("Zaal")
    box.fill("atel")
    page.get_by_label("Naam").focus()
    expect(box).to_have_value("Zaal")
    expect(page.locator("input[name=location_id]")).to_have_value("7")


def test_emptying_the_search_takes_the_choice_away(page: Page, address: str) -> None:
    page.goto(f"{address}/search")
    page.get_by_role("combobox", name="Locatie").fill("")
    expect(page.locator("input[name=location_id]")).to_have_value("")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("at", "Typ nog 1 letter."),
        ("atelx", "Geen locaties met “atelx”."),
        ("stuk", "We krijgen nu geen antwoord. Wat je koos, blijft bewaard."),
    ],
)
def test_the_foot_of_the_list_says_what_is_going_on(
    page: Page, address: str, typed: str, sentence: str
) -> None:
    page.goto(f"{address}/search")
    page.get_by_role("combobox", name="Locatie").fill(typed)
    expect(page.locator(".vl-combo__state")).to_contain_text(sentence)


def test_a_slow_search_says_so_twice_and_loses_no_choice(page: Page, address: str) -> None:
    page.clock.install()
    page.route("**/zoek?*", lambda route: None)  # publiq thinks on and on
    page.goto(f"{address}/search")
    page.get_by_role("combobox", name="Locatie").fill("atel")
    foot, spoken = page.locator(".vl-combo__state"), page.locator("#vl-status")
    page.clock.run_for(1000)
    expect(foot).to_contain_text("We zoeken locaties.")
    page.clock.run_for(8000)
    expect(foot).to_contain_text("Dit duurt langer dan gewoonlijk.")
    expect(spoken).to_contain_text("Dit duurt langer dan gewoonlijk.")
    expect(page.get_by_role("button", name="Zoek opnieuw")).to_be_visible()
    expect(page.locator("input[name=location_id]")).to_have_value("7")


def test_enter_in_another_field_sends_the_form_and_not_the_search(page: Page, address: str) -> None:
    page.goto(f"{address}/search")
    page.get_by_label("Naam").fill("Mira")
    page.get_by_label("Naam").press("Enter")
    expect(page.locator("body")).to_contain_text("bewaren")


def test_a_form_goes_once_and_its_button_says_that_it_is_busy(page: Page, address: str) -> None:
    page.goto(f"{address}/search")
    posts: list[str] = []
    page.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)
    words = page.evaluate(TWO_PRESSES)
    assert words == ["Bezig met bewaren", "true"]
    expect(page.locator("body")).to_contain_text("verzonden")
    assert len(posts) == 1


def test_an_error_about_a_group_leads_to_the_first_box_that_can_be_ticked(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/who")
    page.get_by_role("link", name="Kies minstens één persoon.").click()
    expect(page.get_by_label("Mira")).to_be_focused()


def test_the_last_minute_is_spoken_and_offers_more_time(page: Page, address: str) -> None:
    page.goto(f"{address}/hold/62")
    more = page.get_by_role("button", name="Geef me 5 minuten extra")
    expect(more).to_be_hidden()
    expect(more).to_be_visible()
    expect(page.locator("#vl-status")).to_contain_text("nog 1 minuut vast")


def test_when_the_time_is_up_the_page_stays_and_says_so(page: Page, address: str) -> None:
    page.goto(f"{address}/hold/1")
    expect(page.locator("#vl-status")).to_contain_text("Je mandje hebben we bewaard")
    expect(page.get_by_role("link", name="Kijk of er nog plaats is")).to_be_visible()
    assert page.url.endswith("/hold/1")


SCAN = """(field, digits) => {
  const press = (key) => field.dispatchEvent(
    new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  for (const digit of digits) { press(digit); field.value += digit; }
  press("Enter");
}"""


def test_the_scanner_types_anywhere(page: Page, address: str) -> None:
    page.goto(f"{address}/desk")
    field = page.locator("#g")
    field.fill("20")
    field.evaluate(SCAN, "0900010959113")  # in one go: Playwright's own keys come with pauses
    expect(page.locator("body")).to_contain_text("gescand 0900010959113")


def test_the_change_is_shown_while_the_cashier_types(page: Page, address: str) -> None:
    page.goto(f"{address}/desk")
    page.locator("#g").fill("20")
    expect(page.locator("#terug")).to_have_text("€ 10,40")
    page.locator("#g").fill("5,00")
    expect(page.locator("#terug")).to_have_text("nog € 4,60 te weinig")


@pytest.mark.parametrize("path", ["search", "hold/700", "desk"])
def test_the_policy_refuses_nothing_that_we_use(page: Page, address: str, path: str) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{address}/{path}")
    page.wait_for_timeout(200)
    assert [line for line in said if "favicon" not in line] == []
