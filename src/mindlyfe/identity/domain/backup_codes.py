"""Backup codes: for the day the phone is gone. 120 random bits each, so that a keyed digest is kept safely.

A code is spelled without the letters and digits that people mix up, and is read whatever its case and spacing.
"""

import base64
from collections.abc import Sequence
from typing import Final

from mindlyfe.identity.domain.codes import Mac
from mindlyfe.kernel.messages import PersonId

COUNT: Final = 10
CODE_BYTES: Final = 15
GROUP: Final = 6
PURPOSE: Final = "identity/backup-code"
_SPELLED: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789abcdefghjkmnpqrstvwxyz")
_MEANT: Final = str.maketrans("iloILO", "110110")


def spelled(random: bytes) -> Sequence[str]:
    """As many codes as there are in these random bytes, as they are shown once."""
    whole = (random[at : at + CODE_BYTES] for at in range(0, len(random), CODE_BYTES))
    texts = (base64.b32encode(one).decode().translate(_SPELLED) for one in whole)
    return ["-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP)) for text in texts]


def digest(code: str, person: PersonId, mac: Mac) -> bytes:
    """What is kept of a person's code."""
    plain = "".join(code.split()).replace("-", "").translate(_MEANT).lower()
    return mac(PURPOSE, person.bytes + plain.encode())
