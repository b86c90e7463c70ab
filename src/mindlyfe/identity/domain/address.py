"""E-mail addresses: what is kept, and by what one is found."""

import re
import unicodedata
from typing import Final

from mindlyfe.kernel.errors import Malformed

SHAPE: Final = re.compile(r"""[^@\s<>()\[\],;:"\\]+@[^@\s<>()\[\],;:"\\]+""")


def kept(email: str) -> str:
    """The address mail goes to: as typed, in one Unicode form, so that no two look-alikes are two accounts.

    Raises Malformed when that form is no address any more: a full-width comma becomes a comma.
    """
    plain = _folded(email)
    if not SHAPE.fullmatch(plain):
        raise Malformed("The e-mail address has characters that no address has.")
    return plain


def sought(email: str) -> str:
    """What all spellings of one address have in common. Its keyed digest finds the account."""
    return _folded(_folded(email).casefold())


def _folded(email: str) -> str:
    return unicodedata.normalize("NFKC", email).strip()
