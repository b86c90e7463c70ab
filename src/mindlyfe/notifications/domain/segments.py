"""How many parts a text message takes on the air (3GPP TS 23.038, 23.040). Pure."""

from collections.abc import Iterable
from typing import Final

GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("\f^{}\\[~]|€")
"""These take two places."""
GSM_ONE, GSM_EACH = 160, 153
WIDE_ONE, WIDE_EACH = 70, 67
"""One part alone holds more than each of several, which carry their number."""


def segments(text: str) -> int:
    """How many parts `text` takes; 0 when it is empty."""
    if set(text) <= GSM | EXTENDED:
        return _parts([2 if one in EXTENDED else 1 for one in text], GSM_ONE, GSM_EACH)
    return _parts([2 if ord(one) > 0xFFFF else 1 for one in text], WIDE_ONE, WIDE_EACH)


def _parts(places: Iterable[int], one: int, each: int) -> int:
    """No character is cut in two: one that does not fit begins the next part."""
    places = list(places)
    if sum(places) <= one:
        return int(bool(places))
    parts, used = 1, 0
    for place in places:
        if used + place > each:
            parts, used = parts + 1, 0
        used += place
    return parts
