"""The page of the offer while publiq hangs and live searches wait for it, against publiq well."""

import re
import threading
import time
from statistics import median, quantiles

import requests

from bench.staging import EMAIL, PASSWORD, POSTAL_CODE, BenchFailed, Sandbox

PAIRS, SEARCHES, READS = 7, 16, 60
HANGS = 60.0
"""Seconds that publiq keeps silent: longer than our client waits."""
TYPES_AGAIN = 8.0
"""Seconds after which a clerk without an answer searches again."""
OFFER = "/aanbod"
SEARCH = f"/beheer/uitdatabank/locaties?location=speelplein&postal_code={POSTAL_CODE}"
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def measure(address: str, sandbox: Sandbox) -> float:
    """p95 of the offer with 16 searches hanging ÷ p95 with publiq well.

    Taken in pairs of blocks, one right after the other, so that what else the machine does falls
    on both; the ratio is the median of the pairs.
    """
    cookies = _signed_in(address)
    _block(address)
    ratios = []
    for turn in range(PAIRS):
        if turn % 2:
            hanging = _while_hanging(address, sandbox, cookies)
            well = _block(address)
        else:
            well = _block(address)
            hanging = _while_hanging(address, sandbox, cookies)
        ratios.append(hanging / well)
    return median(ratios)


def _while_hanging(address: str, sandbox: Sandbox, cookies: dict[str, str]) -> float:
    """A block while searches wait for a publiq that keeps silent."""
    sandbox.fault("search", "traag", HANGS)
    over = threading.Event()
    searches = [
        threading.Thread(target=_search, args=(address, cookies, over), daemon=True)
        for _ in range(SEARCHES)
    ]
    try:
        for search in searches:
            search.start()
        time.sleep(0.5)
        return _block(address)
    finally:
        over.set()
        sandbox.heal()
        for search in searches:
            search.join(timeout=HANGS)


def _block(address: str) -> float:
    """p95 of so many readings of the offer, in seconds."""
    times = []
    with requests.Session() as session:
        for _ in range(READS):
            started = time.perf_counter()
            session.get(address + OFFER, timeout=30).raise_for_status()
            times.append(time.perf_counter() - started)
    return quantiles(times, n=20)[-1]


def _search(address: str, cookies: dict[str, str], over: threading.Event) -> None:
    """Search until it is over; who is told at once that publiq is busy waits a while."""
    while not over.is_set():
        started = time.monotonic()
        try:
            requests.get(
                address + SEARCH, cookies=cookies, headers={"HX-Request": "true"}, timeout=HANGS
            )
        except requests.RequestException:
            return  # the server has stopped
        over.wait(max(0.0, TYPES_AGAIN - (time.monotonic() - started)))


def _signed_in(address: str) -> dict[str, str]:
    with requests.Session() as session:
        form = TOKEN.search(session.get(f"{address}/aanmelden", timeout=30).text)
        typed = {"email": EMAIL, "password": PASSWORD, "csrf_token": form.group(1) if form else ""}
        answer = session.post(f"{address}/aanmelden", data=typed, timeout=30, allow_redirects=False)
        if answer.status_code != 303:
            raise BenchFailed("signing in does not work")
        return session.cookies.get_dict()
