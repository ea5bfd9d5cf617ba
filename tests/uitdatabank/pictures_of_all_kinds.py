"""For tests: files as people upload them, good and bad."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30), mode: str = "RGB", **how: Any):
    """The bytes of a picture in this format."""
    target = io.BytesIO()
    Image.new(mode, size, how.pop("color", None) or 0).save(target, kind, **how)
    return target.getvalue()


def turned_jpeg() -> bytes:
    """A camera held on its side: 60 by 20, to be shown as 20 by 60; it tells where it was made."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Toestel van Sofie"
    return picture("JPEG", (60, 20), exif=exif, comment=b"geheim")


def bomb() -> bytes:
    """A file of a few bytes that says it is a picture of 60,000 by 60,000."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body
