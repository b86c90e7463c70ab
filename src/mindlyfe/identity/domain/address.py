"""E-mail addresses: what is kept, and by what one is found."""

import unicodedata


def kept(email: str) -> str:
    """The address mail goes to: as typed, in one Unicode form."""
    return unicodedata.normalize("NFKC", email).strip()


def sought(email: str) -> str:
    """What two spellings of one address have in common. Its keyed digest finds the account."""
    return unicodedata.normalize("NFKC", kept(email).casefold())
