"""Pictures that people send, decoded and made anew by Pillow: nothing in them survives but what can be seen."""

import asyncio
import io
import struct
from typing import Final

from PIL import Image, ImageOps

from mindlyfe.identity.domain.photo import BadPicture

FORMATS: Final = ("PNG", "JPEG", "WEBP")
MOST_PIXELS: Final = 24_000_000
"""Decoded, 72 MB: more than any telephone takes within 2 MiB."""
SIDE: Final = 400
QUALITY: Final = 85
AT_ONCE: Final = 2
_PNG: Final = b"\x89PNG\r\n\x1a\n"


class Pillow:
    """Decodes beside the event loop, a few at a time: a picture is small, and what is made of it may not be."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    async def plain(self, content: bytes) -> bytes:
        """A JPEG of at most 400 × 400, upright, without metadata. Raises BadPicture."""
        async with self._room:
            return await asyncio.to_thread(made_anew, content)


def made_anew(content: bytes) -> bytes:
    """The picture, decoded and encoded. Raises BadPicture."""
    if not _alone(content):
        raise BadPicture
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS or getattr(picture, "is_animated", False):
                raise BadPicture
            picture.draft("RGB", (2 * SIDE, 2 * SIDE))
            picture.load()
            upright = ImageOps.exif_transpose(picture)
            seen = upright.convert("RGBA")
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, Image.DecompressionBombError):
        raise BadPicture from None
    seen.thumbnail((SIDE, SIDE))
    ground = Image.new("RGB", seen.size, "white")
    ground.paste(seen, mask=seen.getchannel("A"))
    out = io.BytesIO()
    ground.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _alone(content: bytes) -> bool:
    """Whether the file is one picture from its first byte to its last, with nothing behind it."""
    if content.startswith(_PNG):
        return _end_of_png(content) == len(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _end_of_jpeg(content) == len(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return 8 + int.from_bytes(content[4:8], "little") == len(content)
    return False


def _end_of_png(content: bytes) -> int:
    """Where its last chunk ends; -1: nowhere."""
    at = len(_PNG)
    while at + 12 <= len(content):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        at += 12 + length
        if kind == b"IEND":
            return at
    return -1


def _end_of_jpeg(content: bytes) -> int:
    """Where its end marker ends; -1: nowhere. Segments are stepped over, so that a thumbnail's end is not taken."""
    at = 2
    while (at := content.find(b"\xff", at)) != -1 and at + 1 < len(content):
        marker = content[at + 1]
        if marker == 0xD9:
            return at + 2
        if marker == 0xFF:
            at += 1
        elif marker in {0x00, 0x01} or 0xD0 <= marker <= 0xD8:
            at += 2
        else:
            at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return -1
