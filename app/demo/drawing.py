"""A picture for the demo, drawn here so that no file of somebody else is needed."""

import io
import math

from PIL import Image, ImageDraw

WIDTH, HEIGHT = 1200, 800
SKY, SUN, GLOW = "#bfe3f5", "#ffc43a", "#ffe09a"
HILLS = ("#9ccf86", "#76b568", "#4f9650")
KITE, TAIL = "#d8446a", "#5b2365"


def draw_summer() -> bytes:
    """A sun above green hills, and a kite in the air: the content of a png file."""
    image = Image.new("RGB", (WIDTH, HEIGHT), SKY)
    draw = ImageDraw.Draw(image)
    _sun(draw, 300, 250)
    for number, colour in enumerate(HILLS):
        draw.polygon([*_ridge(number), (WIDTH, HEIGHT), (0, HEIGHT)], fill=colour)
    _kite(draw, 850, 230)
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()


def _sun(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    for number in range(12):
        angle = math.tau * number / 12
        tip = x + 190 * math.cos(angle), y + 190 * math.sin(angle)
        draw.line([(x, y), tip], fill=GLOW, width=22)
    draw.ellipse([x - 110, y - 110, x + 110, y + 110], fill=SUN)


def _ridge(number: int) -> list[tuple[float, float]]:
    height = 480 + 90 * number
    return [
        (x, height + 55 * math.sin(x / (170 + 40 * number) + 2 * number))
        for x in range(0, WIDTH + 20, 20)
    ]


def _kite(draw: ImageDraw.ImageDraw, x: int, y: int) -> None:
    tail = [(x + 30 * math.sin(n / 4), y + 110 + 14 * n) for n in range(26)]
    draw.line(tail, fill=TAIL, width=6, joint="curve")
    draw.polygon([(x, y - 130), (x + 85, y), (x, y + 110), (x - 85, y)], fill=KITE)
    draw.line([(x, y - 130), (x, y + 110)], fill="white", width=5)
    draw.line([(x - 85, y), (x + 85, y)], fill="white", width=5)
