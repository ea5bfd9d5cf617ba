"""The colours of the theme: every pair that meets can be read."""

import re

import pytest

from tests.web.rendering import APP

LIGHT, DARK = "light", "dark"


def tokens(mode: str) -> dict[str, str]:
    """The hexadecimal colours of one mode of the theme, without what is derived."""
    css = (APP / "static/theme.css").read_text()
    light = dict(
        re.findall(r"(--vl-[\w-]+): (#[0-9a-f]{3,6});", block(css, ":root, [data-bs-theme"))
    )
    if mode == LIGHT:
        return light | {
            "--vl-brand-text": light["--vl-brand"],
            "--vl-brand-fill": light["--vl-brand"],
        }
    dark = re.findall(r"(--vl-[\w-]+): (#[0-9a-f]{3,6});", block(css, '\n[data-bs-theme="dark"]'))
    return light | dict(dark)


def block(css: str, start: str) -> str:
    at = css.index(start)
    return css[at : css.index("}", at)]


def luminance(color: str) -> float:
    digits = color.lstrip("#")
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


PAIRS = [
    *((name, ground, 4.5) for name in ("ink", "muted", "brand-text", "ok", "warn", "bad", "info")
      for ground in ("page", "surface", "sunken")),
    *(("line-strong", ground, 3.0) for ground in ("page", "surface", "sunken")),
    *((name, f"{name}-soft", 5.7) for name in ("ok", "warn", "bad", "info")),
    *(("ink", f"{name}-soft", 4.5) for name in ("ok", "warn", "bad", "info", "brand")),
    *(("muted", f"{name}-soft", 4.5) for name in ("brand", "warn", "bad")),
    ("brand-text", "brand-soft", 4.5),
    ("on-brand", "brand-fill", 4.5),
    ("on-brand", "brand-deep", 4.5),
    ("on-status", "ok", 4.5),
    ("on-status", "bad", 4.5),
    ("page", "ink", 4.5),
]  # fmt: skip


@pytest.mark.parametrize("mode", [LIGHT, DARK])
@pytest.mark.parametrize(("text", "ground", "least"), PAIRS)
def test_every_pair_of_colours_can_be_read(mode: str, text: str, ground: str, least: float) -> None:
    colors = tokens(mode)
    ratio = contrast(colors[f"--vl-{text}"], colors[f"--vl-{ground}"])
    assert ratio >= least, f"{text} on {ground} ({mode}): {ratio:.2f}"


def test_dark_by_the_system_and_dark_by_choice_are_the_same_colours() -> None:
    css = (APP / "static/theme.css").read_text()
    by_system = block(css, ':root:not([data-bs-theme="light"])')
    by_choice = block(css, '\n[data-bs-theme="dark"]')
    pattern = r"--[\w-]+: [^;]+;"
    assert re.findall(pattern, by_system) == re.findall(pattern, by_choice)


def test_the_accent_carries_the_ink_it_is_used_with() -> None:
    colors = tokens(LIGHT)
    assert contrast(colors["--vl-accent"], colors["--vl-ink"]) >= 4.5
