"""Pictures are judged by what is in them, and become small, upright and silent."""

import io

import pytest
from PIL import Image

from app.uitdatabank.pictures import LARGEST_FILE, PictureRefused, read_picture
from tests.uitdatabank.pictures_of_all_kinds import bomb, picture, turned_jpeg


def opened(content):
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize(
    ("kind", "mode", "media_type"),
    [
        ("PNG", "RGB", "image/png"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("GIF", "P", "image/png"),
        ("JPEG", "RGB", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("WEBP", "RGB", "image/jpeg"),
        ("WEBP", "RGBA", "image/png"),
    ],
)
def test_each_kind_becomes_one_that_publiq_takes(kind, mode, media_type):
    read = read_picture(picture(kind, mode=mode))
    assert (read.media_type, read.width, read.height) == (media_type, 40, 30)
    assert opened(read.content).format == media_type.removeprefix("image/").upper()


def test_a_large_one_is_made_smaller_and_a_small_one_is_left():
    read = read_picture(picture("JPEG", (4000, 1000)))
    assert (read.width, read.height) == (1920, 480)
    assert opened(read.content).size == (1920, 480)


def test_it_is_turned_upright_and_tells_nothing_of_who_made_it():
    read = read_picture(turned_jpeg())
    assert (read.width, read.height) == (20, 60)
    again = opened(read.content)
    assert not again.getexif() and "comment" not in again.info
    assert b"Sofie" not in read.content and b"geheim" not in read.content


def test_a_moving_picture_becomes_its_first_image():
    target = io.BytesIO()
    frames = [Image.new("RGB", (10, 10), color) for color in ("red", "blue")]
    frames[0].save(target, "GIF", save_all=True, append_images=frames[1:])
    first = opened(read_picture(target.getvalue()).content).convert("RGB")
    assert first.getpixel((5, 5))[0] > 200


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "unreadable"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unreadable"),
        (b"MZ\x90\x00 een programma", "unreadable"),
        (picture("PNG", (400, 400))[:60], "unreadable"),
        (picture("JPEG", (400, 400))[:300], "unreadable"),
        (picture("BMP"), "unreadable"),
        (picture("TIFF"), "unreadable"),
        (bomb(), "too_many_pixels"),
        (b"x" * (LARGEST_FILE + 1), "too_big"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_reason(content, reason):
    with pytest.raises(PictureRefused) as refused:
        read_picture(content)
    assert refused.value.reason == reason
