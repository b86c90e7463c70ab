"""After a restore, before anybody comes in: who was erased since the backup is erased again."""

from collections.abc import Sequence

from mindlyfe.identity.adapters.rights import erasing
from mindlyfe.identity.adapters.streams import identity_streams
from mindlyfe.identity.adapters.tombstones import FOLDER, PURPOSE, read
from mindlyfe.kernel.attest import Attestor
from mindlyfe.kernel.module import Platform

__all__ = ["FOLDER", "repeat_erasures"]


async def repeat_erasures(platform: Platform, signed: Sequence[str]) -> int:
    """Erase all whom these objects name, in every context; how many. Raises Unavailable.

    What we did not sign is no list of ours, and erases nobody.
    """
    attestor = Attestor(platform.keys, PURPOSE)
    gone = {one.persons[0]: one for text in signed if (one := read(attestor, text))}
    worker = erasing(platform, identity_streams(platform.database, platform.keys))
    for one in gone.values():
        await worker.repeat(one)
    return len(gone)
