"""Takes every measure and prints one line for each: name, ratio, goal.

Everything happens on the loopback address and in a temporary folder that goes afterwards. It always
ends well: a measure that could not be taken has the ratio nan, and why is said on stderr.
"""

import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import requests
from sqlalchemy.exc import SQLAlchemyError

from bench import hanging, overview, publishing
from bench.staging import BenchFailed, make_application, running_sandbox, running_site

GOALS = {
    "publish-200-at-once-8": "<= 0.2",
    "overview-20000-against-1000": "<= 1.3",
    "offer-p95-while-publiq-hangs": "<= 1.1",
    "token-requests": "<= 1",
}
FAILURES = (
    BenchFailed,
    OSError,
    RuntimeError,
    subprocess.SubprocessError,
    requests.RequestException,
    SQLAlchemyError,
)
TOKEN = "/protocol/openid-connect/token"


def main() -> int:
    """Returns the exit code: always 0."""
    os.environ["NO_PROXY"] = "127.0.0.1"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        try:
            _measure_all(folder)
        except FAILURES as error:
            print(f"bench: {type(error).__name__}: {error}", file=sys.stderr)
    return 0


def _measure_all(folder: Path) -> None:
    with running_sandbox(folder) as sandbox:
        app = make_application(folder / "site", sandbox.url)
        _say("publish-200-at-once-8", lambda: publishing.measure(app, sandbox))
        _say("overview-20000-against-1000", lambda: overview.measure(folder / "overview"))
        with running_site(folder / "site", sandbox) as address:
            _say("offer-p95-while-publiq-hangs", lambda: hanging.measure(address, sandbox))
        _say("token-requests", lambda: float(sandbox.calls(TOKEN)))


def _say(name: str, measure: Callable[[], float]) -> None:
    try:
        ratio = measure()
    except FAILURES as error:
        print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        ratio = math.nan
    print(f"{name}\t{ratio:.3f}\t{GOALS[name]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
