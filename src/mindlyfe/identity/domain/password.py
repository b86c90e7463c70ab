"""Which passwords are refused: short, long, common, or made from what everybody knows of the person.

Length counts most (NIST SP 800-63B); no rule asks for digits or signs.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from typing import Final

from mindlyfe.identity.domain.refusals import WeakPassword

SHORTEST: Final = 12
LONGEST: Final = 128
TELLING: Final = 4
"""Parts of a name or an address shorter than this tell nothing."""
VARIETY: Final = 5
"""Fewer different characters than this are a pattern."""
SIGNS: Final = re.compile(r"^[\W_]+|[\W_]+$")
EDGES: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def normal(password: str) -> str:
    """The same characters however the keyboard composes them; this is what is hashed."""
    return unicodedata.normalize("NFC", password)


def accepted(password: str, *, common: AbstractSet[str], email: str, name: str) -> str:
    """The password in its normal form. `common` is in lower case. Raises WeakPassword, saying which rule."""
    plain = normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        raise WeakPassword(f"The password has {len(plain)} characters; {SHORTEST} to {LONGEST} are accepted.")
    folded = plain.casefold()
    if len(set(folded)) < VARIETY or _repeats(folded):
        raise WeakPassword("The password repeats a short pattern.")
    stem = EDGES.sub("", folded)
    if not stem or not common.isdisjoint({folded, SIGNS.sub("", folded), stem}):
        raise WeakPassword("The password is one of those tried first, perhaps with digits or signs added.")
    if _telling(folded, stem, email, name):
        raise WeakPassword("The password is made from your name or your address.")
    return plain


def _repeats(text: str) -> bool:
    return text in (text + text)[1:-1] and len(text) > 1


def _telling(folded: str, stem: str, email: str, name: str) -> bool:
    """Whether what is left without the person's own words would be too short by itself."""
    words = [word for word in re.split(r"[\W_]+", f"{email} {name}".casefold()) if len(word) >= TELLING]
    rest = folded
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < len(folded) and (len(rest) < SHORTEST // 2 or stem in words)
