"""The contrast of the municipality's two colours with the page (LOOK: Branding)."""

import re

PAGE = "#f8f5f1"
"""The ground under links and headings in the brand colour."""
INK = "#241a29"
"""The words that stand on the accent colour."""
ENOUGH = 4.5
_HEX = re.compile(r"^#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})$")
_BLACK = (0, 0, 0)
_WHITE = (255, 255, 255)
_STEPS = 256


def read_color(text: str) -> str | None:
    """'#5b2365' for '5B2365', '#5b2365' or '#abc'; None for anything else."""
    match = _HEX.match(text.strip())
    if match is None:
        return None
    digits = match.group(1).lower()
    return "#" + ("".join(d * 2 for d in digits) if len(digits) == 3 else digits)


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 counts it: from 1 to 21."""
    light, dark = sorted((_luminance(_rgb(one)), _luminance(_rgb(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_brand(color: str) -> str:
    """The colour itself, or the nearest darker one that reads on the page."""
    return _toward(color, _BLACK, PAGE)


def readable_accent(color: str) -> str:
    """The colour itself, or the nearest lighter one on which our ink reads."""
    return _toward(color, _WHITE, INK)


def _toward(color: str, target: tuple[int, int, int], against: str) -> str:
    """The first colour on the way to black or white with enough contrast."""
    start = _rgb(color)
    for step in range(_STEPS + 1):
        mixed = "#" + "".join(
            f"{round(a + (b - a) * step / _STEPS):02x}" for a, b in zip(start, target, strict=True)
        )
        if contrast(mixed, against) >= ENOUGH:
            return mixed
    raise ValueError(f"no shade of {color} reads on {against}")


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(rgb: tuple[int, int, int]) -> float:
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in rgb
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
