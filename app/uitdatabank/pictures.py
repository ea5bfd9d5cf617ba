"""Pictures as people send them: checked by what is in them, turned upright, made smaller.

Pure functions over bytes: no database, no calls.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageOps

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes that somebody may upload; publiq takes twice as many."""
LONGEST_SIDE = 1920
"""Pixels of the picture that we keep and send."""
MOST_PIXELS = 50_000_000
"""A small file can hold a picture that fills the memory: larger ones are not opened."""
FORMATS = ("JPEG", "PNG", "GIF", "WEBP")
QUALITY = 85


class PictureRefused(Exception):  # noqa: N818 - states what happened
    """This file cannot be used; ``reason`` is one of: too_big, too_many_pixels, unreadable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Picture:
    """A picture that publiq takes: jpeg or png, without what the camera wrote in it."""

    content: bytes
    media_type: str
    width: int
    height: int


def read_picture(content: bytes) -> Picture:
    """The picture in a file, whatever its name says. Raises PictureRefused."""
    if len(content) > LARGEST_FILE:
        raise PictureRefused("too_big")
    try:
        opened = Image.open(io.BytesIO(content), formats=FORMATS)
        if opened.width * opened.height > MOST_PIXELS:
            raise PictureRefused("too_many_pixels")
        return _written(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureRefused("too_many_pixels") from None
    except (OSError, SyntaxError, ValueError, EOFError, OverflowError):
        # what Pillow raises for files that are cut off, damaged, or no picture at all
        raise PictureRefused("unreadable") from None


def _written(opened: Image.Image) -> Picture:
    kind = opened.format
    opened.load()  # of a moving picture: the first one
    image = ImageOps.exif_transpose(opened)
    see_through = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    as_png = see_through or kind in ("PNG", "GIF")
    image = image.convert("RGBA" if see_through else "RGB")
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    image.info.clear()  # places, comments and names of cameras are nobody's business
    target = io.BytesIO()
    if as_png:
        image.save(target, "PNG", optimize=True)
    else:
        image.save(target, "JPEG", quality=QUALITY, optimize=True, progressive=True)
    media_type = "image/png" if as_png else "image/jpeg"
    return Picture(target.getvalue(), media_type, image.width, image.height)
