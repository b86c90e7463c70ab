"""Who was erased, signed, as objects: a restore of the records and the keys does not take it back.

Each later backup holds them, too. `mindlyfe restore` reads them there, and repeats the erasures.
"""

from typing import Final

import msgspec

from mindlyfe.identity.application.erasures import erasure_stream
from mindlyfe.identity.domain.erasure import Gone
from mindlyfe.kernel.attest import Attestor, Forged
from mindlyfe.kernel.objects import Objects

FOLDER: Final = "erasures"
PURPOSE: Final = "erasure"


class Tombstones:
    """One object per person and organisation: ids and a moment."""

    def __init__(self, objects: Objects, attestor: Attestor) -> None:
        self._objects, self._attestor = objects, attestor

    async def keep(self, gone: Gone) -> None:
        """Put it outside the database; again, in its own place. Raises Unavailable."""
        place = f"{FOLDER}/{erasure_stream(gone.tenant, gone.persons[0])}"
        await self._objects.put_plain(place, self._attestor.signed(msgspec.json.encode(gone)).encode())


def read(attestor: Attestor, signed: str) -> Gone | None:
    """Who was erased, if it is we who say so."""
    try:
        return msgspec.json.decode(attestor.opened(signed), type=Gone)
    except (Forged, msgspec.MsgspecError):
        return None
