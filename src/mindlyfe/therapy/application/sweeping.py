"""A worker's turn: all that is due, some at a time. What fails waits for the next turn, and holds up no other."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import structlog

AT_ONCE: Final = 100
MOST_ROUNDS: Final = 1_000
"""A turn ends even if what was done comes back as due, which would be a mistake of ours."""
_log: Final = structlog.get_logger("sweeping")


async def swept[T](
    due: Callable[[int, int], Awaitable[Sequence[T]]], work: Callable[[T], Awaitable[bool]], what: str
) -> int:
    """Do `work` for all that `due(most, passed)` gives, which leaves out what was done and skips what was passed over.

    Returns how many were done; `work` says False when there was nothing to do.
    """
    done = passed = 0
    for _ in range(MOST_ROUNDS):
        batch = await due(AT_ONCE, passed)
        for one in batch:
            try:
                well = await work(one)
            except Exception as failure:  # noqa: BLE001 - one thing's trouble
                _log.warning("waits for the next turn", what=what, error=type(failure).__name__)
                well = False
            done, passed = done + well, passed + (not well)
        if len(batch) < AT_ONCE:
            break
    return done
