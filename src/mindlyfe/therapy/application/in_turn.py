"""Several reactions to one event, one after the other."""

from mindlyfe.kernel.messages import Event, Heard
from mindlyfe.kernel.module import Reaction


def in_turn(*reactions: Reaction) -> Reaction:
    """All of them. Each is told again when one after it failed, and does what it did once."""

    async def told(heard: Heard[Event]) -> None:
        for reaction in reactions:
            await reaction(heard)

    return told
