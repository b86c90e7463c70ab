"""The passwords that everybody tries first, shipped as a file: the list Django ships, made by Royce Williams."""

import gzip
from importlib.resources import files


def common_passwords() -> frozenset[str]:
    """About 20,000, in lower case, most common first in the file."""
    packed = files("mindlyfe.identity.adapters").joinpath("common-passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n")) - {""}
