"""`make bench` takes every measure: here at a tiny size, through the same code."""

import math
import re

import pytest

from bench import __main__ as bench
from bench import hanging, overview, publishing

GOAL = re.compile(r"(<=|>=) \d+(\.\d+)?")
SMALL = {
    publishing: {"COUNT": 2, "LATENCY": 0.05},
    overview: {"FEW": 10, "MANY": 20, "TIMES": 1, "WARM_UP": 0},
    hanging: {"PAIRS": 1, "SEARCHES": 1, "READS": 2, "HANGS": 0.5},
}


def test_it_prints_a_line_for_every_measure_with_name_ratio_and_goal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")  # main() sets it: it goes back after this test
    for module, sizes in SMALL.items():
        for name, size in sizes.items():
            monkeypatch.setattr(module, name, size)
    assert bench.main() == 0
    printed = capsys.readouterr()
    lines = [line.split("\t") for line in printed.out.splitlines()]
    assert [line[0] for line in lines] == list(bench.GOALS), printed.err
    for name, ratio, goal in lines:
        assert math.isfinite(float(ratio)), f"{name}: {printed.err}"
        assert goal == bench.GOALS[name] and GOAL.fullmatch(goal)


def test_a_measure_that_cannot_be_taken_is_told_and_it_still_ends_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> float:
        raise bench.BenchFailed("niets te meten")

    bench._say("token-requests", fail)
    printed = capsys.readouterr()
    assert printed.out == f"token-requests\tnan\t{bench.GOALS['token-requests']}\n"
    assert "niets te meten" in printed.err
