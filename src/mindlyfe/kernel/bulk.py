"""Bulk work in short transactions: a long one would hold back every reader of every log in the cluster."""

import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from itertools import islice
from typing import Final

from mindlyfe.kernel.postgres import Tx

COMMIT_EVERY_S: Final = 0.4


async def bulk[T](
    transaction: Callable[[], AbstractAsyncContextManager[Tx]],
    items: Iterable[T],
    work: Callable[[Tx, T], Awaitable[None]],
    *,
    commit_every_s: float = COMMIT_EVERY_S,
) -> int:
    """Do `work` for each item, committing at least every `commit_every_s` seconds; returns how many were done.

    What was committed stays when a later item fails: `work` must bear being repeated.
    """
    done = 0
    waiting = iter(items)
    batch = list(islice(waiting, 1))
    while batch:
        async with transaction() as tx:
            until = time.monotonic() + commit_every_s
            while batch and time.monotonic() < until:
                await work(tx, batch[0])
                done += 1
                batch = list(islice(waiting, 1))
    return done
