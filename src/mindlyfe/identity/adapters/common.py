"""The passwords that everybody tries first, shipped as files.

The short ones are the list Django ships, made by Royce Williams. Those that our rules would let pass by their length
are the first 10,000 with 12 characters or more of Mark Burnett's ten million passwords (public domain, by OWASP's
SecLists).
"""

import gzip
from importlib.resources import files
from typing import Final

LISTS: Final = ("common-passwords.txt.gz", "common-long-passwords.txt.gz")


def common_passwords() -> frozenset[str]:
    """About 30,000, in lower case."""
    return frozenset(one for name in LISTS for one in listed(name))


def listed(name: str) -> list[str]:
    """One list, most common first."""
    packed = files("mindlyfe.identity.adapters").joinpath(name).read_bytes()
    return [one for one in gzip.decompress(packed).decode().split("\n") if one]
