"""Pictures are made anew, and what is no picture, or more than one, is refused."""

import io
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mindlyfe.identity.adapters.pictures import MOST_PIXELS, SIDE, made_anew
from mindlyfe.identity.domain.photo import BadPicture

SECRET = b"GPS-51.5074-private"


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB", **more: Any) -> bytes:
    """A picture that is red above and blue below."""
    drawn = Image.new(mode, size, "red")
    drawn.paste("blue", (0, size[1] // 2, size[0], size[1]))
    out = io.BytesIO()
    drawn.save(out, kind, **more)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def colour(content: bytes, x: int, y: int) -> str:
    r, _, b = opened(content).convert("RGB").resize((64, 64)).getpixel((x, y))  # type: ignore[misc]
    return "red" if r > b else "blue"


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        *(("PNG", mode) for mode in ("RGB", "L", "RGBA", "LA")),
        *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
        *(("WEBP", mode) for mode in ("RGB", "RGBA")),
    ],
)
def test_every_kind_becomes_a_small_jpeg(kind: str, mode: str) -> None:
    made = opened(made_anew(picture(kind, mode=mode)))
    assert (made.format, made.mode, made.size) == ("JPEG", "RGB", (SIDE, SIDE * 3 // 4))


def test_a_progressive_one_and_one_of_a_single_pixel() -> None:
    assert opened(made_anew(picture(progressive=True))).size == (SIDE, SIDE * 3 // 4)
    assert opened(made_anew(picture("PNG", (1, 1)))).size == (1, 1)


def test_nothing_survives_but_what_is_seen_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 3, SECRET.decode()  # upside down; a description
    content = picture(exif=exif, comment=SECRET)
    assert SECRET in content
    made = made_anew(content)
    assert SECRET not in made
    assert dict(opened(made).getexif()) == {}
    assert (colour(made, 32, 8), colour(made, 32, 56)) == ("blue", "red")


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    out = io.BytesIO()
    clear.save(out, "PNG")
    assert opened(made_anew(out.getvalue())).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\x05\x06" + bytes(18), b"\0", b"\xff\xd9"])
def test_asvs_5_2_2_a_file_that_is_something_else_as_well_is_refused(kind: str, tail: bytes) -> None:
    with pytest.raises(BadPicture):
        made_anew(picture(kind) + tail)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%PDF-1.7\n" + picture(),
        picture("GIF"),
        picture("BMP"),
        picture("TIFF"),
        picture()[:-400],
        picture("PNG")[:-12],
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"\xff\xd8\xff\xd9",
        b"RIFF\x04\0\0\0WEBP",
    ],
)
def test_asvs_5_2_2_what_is_no_picture_of_these_kinds_is_refused(content: bytes) -> None:
    with pytest.raises(BadPicture):
        made_anew(content)


def test_an_animation_is_refused() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for kind in ("PNG", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:])
        with pytest.raises(BadPicture):
            made_anew(out.getvalue())


def test_asvs_5_2_6_a_small_file_of_too_many_pixels_is_refused_before_it_is_decoded() -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    side = int(MOST_PIXELS**0.5) + 1
    for width in (side, 60_000):
        head = width.to_bytes(4) + width.to_bytes(4) + bytes([8, 2, 0, 0, 0])
        bomb = (
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(9))) + chunk(b"IEND", b"")
        )
        with pytest.raises(BadPicture):
            made_anew(bomb)


@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_whatever_is_damaged_is_a_picture_or_refused(kind: str, place: int, noise: bytes) -> None:
    content = bytearray(picture(kind, (64, 48)))
    at = place % len(content)
    content[at : at + len(noise)] = noise
    try:
        assert opened(made_anew(bytes(content))).format == "JPEG"
    except BadPicture:
        return
