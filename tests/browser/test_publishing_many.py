"""A clerk publishes a series at once, sees one fail, leaves, comes back and tries it again (D8)."""

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from app.activities.models import Series
from app.extensions import db, write_transaction
from app.uitdatabank.sweeping import publish_due_items
from tests.browser.conftest import ADMIN, Sandbox, Site
from tests.browser.visiting import Visitor
from tests.making import days_from_now, make_type
from tests.uitdatabank.support import ready_activity

pytestmark = pytest.mark.browser
TITLE = "Kleuterturnen"
COUNT = 7


@pytest.fixture
def series(site: Site, connected: None) -> list[int]:
    """Activities a week apart that miss nothing."""
    with site.open_database():
        kind = make_type("Turnen")
        with write_transaction() as session:
            row = Series(title="Elke woensdag Kleuterturnen")
            session.add(row)
            session.flush()
            series_id = row.id
        return [
            ready_activity(
                TITLE,
                activity_type=kind,
                series_id=series_id,
                dates=[(days_from_now(7 * week, 14), days_from_now(7 * week, 15))],
                taken=week,
            ).id
            for week in range(1, COUNT + 1)
        ]


@pytest.fixture
def queue(site: Site) -> Iterator[Callable[[], None]]:
    """What the worker does once it is woken, in a thread of its own."""
    threads: list[threading.Thread] = []

    def work() -> None:
        with site.app.app_context():
            publish_due_items()
            db.session.remove()

    def start() -> None:
        threads.append(threading.Thread(target=work))
        threads[-1].start()

    yield start
    for thread in threads:
        thread.join(60)


@pytest.mark.parametrize(
    ("database_url", "screen"),
    [("sqlite", "wide"), ("sqlite", "phone"), ("postgresql", "wide")],
    indirect=["database_url"],
)
def test_a_series_is_published_with_progress_and_what_failed_is_tried_again(
    site: Site,
    sandbox: Sandbox,
    visit: Callable[..., Visitor],
    admin: str,
    series: list[int],
    queue: Callable[[], None],
    screen: str,
) -> None:
    clerk = visit(screen)
    clerk.sign_in(ADMIN)
    clerk.open(f"/beheer/activiteiten/{series[0]}")
    clerk.tab(f"Gerelateerd ({COUNT - 1})")
    clerk.see(TITLE)
    clerk.sees("staat niet in deze lijst")
    select_all(clerk)
    clerk.press("Publiceren in UiTdatabank")
    clerk.sees(f"0 van {COUNT - 1} klaar.")
    clerk.look()

    sandbox.fault("POST /events", "geweigerd", problem="auth/forbidden")
    sandbox.fault("POST /events", "traag", count=None, seconds=1.5)
    queue()
    expect(clerk.page.locator("main")).to_contain_text("Bezig met versturen")
    keep_one_ticked(clerk)
    expect(clerk.page.locator("#teller")).to_contain_text(
        f"{COUNT - 1} van {COUNT - 1} klaar.", timeout=60_000
    )
    clerk.sees(f"{COUNT - 2} gepubliceerd, 1 mislukt.")
    expect(clerk.page.locator("#vl-status")).to_contain_text("1 mislukt")
    expect(ticked(clerk)).to_have_count(1)  # looking again did not untick it
    clerk.look()

    clerk.open("/beheer")
    clerk.sees("Niet alles van ‘Elke woensdag Kleuterturnen’ is gepubliceerd")
    clerk.menu("Publicaties")
    clerk.see("Publicaties")
    clerk.sees("1 mislukt")
    clerk.page.locator("main th a").first.click()
    clerk.see("Elke woensdag Kleuterturnen")
    sandbox.heal()
    clerk.press(re.compile("^Probeer opnieuw"))
    queue()
    expect(clerk.page.locator("#teller")).to_contain_text(
        f"{COUNT - 1} gepubliceerd.", timeout=60_000
    )
    expect(clerk.page.get_by_role("button", name=re.compile("^Probeer opnieuw"))).to_have_count(0)
    clerk.look()
    held = clerk.page.request.get(f"{sandbox.url}/sandbox/events?format=json").text()
    assert held.count(TITLE) >= COUNT - 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_prices_of_some_are_changed_after_a_preview(
    visit: Callable[..., Visitor], admin: str, series: list[int], screen: str
) -> None:
    clerk = visit(screen)
    clerk.sign_in(ADMIN)
    clerk.open(f"/beheer/activiteiten/{series[0]}/gerelateerd")
    boxes = clerk.page.locator("[data-vl-select]")
    for place in range(3):
        boxes.nth(place).check()
    clerk.sees("3 geselecteerd")
    clerk.press("Instellingen aanpassen")
    clerk.see("3 activiteiten aanpassen")
    clerk.choose(re.compile("^Prijzen$"))
    clerk.type({"Nieuwe prijs voor ‘Basistarief’": "zestig"})
    clerk.press(re.compile("^Toon het voorbeeld$"))
    clerk.sees_error("Typ een bedrag in euro")
    clerk.look()
    clerk.type({"Nieuwe prijs voor ‘Basistarief’": "65"})
    clerk.press(re.compile("^Toon het voorbeeld$"))
    clerk.see("Voorbeeld van de aanpassing")
    clerk.sees("3 activiteiten veranderen.")
    clerk.press("Pas 3 activiteiten aan")
    clerk.see("3 activiteiten aangepast")
    clerk.press("Publiceer deze 3 activiteiten")
    clerk.see(TITLE)
    clerk.sees("0 van 3 klaar.")


def select_all(clerk: Visitor) -> None:
    """By the box above the rows, and the bar below says how many."""
    clerk.page.locator("[data-vl-select-all]").check()
    clerk.sees(f"{COUNT - 1} geselecteerd")


def ticked(clerk: Visitor):  # noqa: ANN201 - a locator
    return clerk.page.locator("[data-vl-select]:checked")


def keep_one_ticked(clerk: Visitor) -> None:
    """Select something for later, while the page looks again by itself."""
    clerk.page.locator("[data-vl-select]").last.check()
