"""Read model: who left the clinic, fed by identity."""

from collections.abc import Sequence
from typing import Final, LiteralString

from mindlyfe.identity.contract.members import MemberLeftV1
from mindlyfe.kernel.messages import Event, Heard
from mindlyfe.kernel.postgres import Tx

LEFT: Final[LiteralString] = """
    insert into leaver (person, left_at) values (%s, %s)
    on conflict (tenant, person) do update set left_at = greatest(leaver.left_at, excluded.left_at)"""
KEEPS: Final = "that a clinician left, by id alone: without it their notes would have no custodian"


class LeaverList:
    """Who came back is in it still: whether somebody belongs is asked at the moment of use."""

    name = "leavers"
    events: Sequence[type[Event]] = (MemberLeftV1,)

    async def apply(self, tx: Tx, heard: Sequence[Heard[MemberLeftV1]], /) -> None:
        """Note each."""
        for each in heard:
            await tx.execute(LEFT, (each.event.person, each.event.at))
