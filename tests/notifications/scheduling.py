"""A scheduler at work beside an office."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from mindlyfe.kernel.module import Module


@asynccontextmanager
async def scheduling(office: Any, module: Module | None = None) -> AsyncGenerator[None]:
    """Inside, a scheduler runs."""
    scheduler = office.start(module, "scheduler")
    try:
        yield
    finally:
        await office.kill(scheduler)


async def carried_out(office: Any) -> None:
    """Returns when nothing is left that goes on by now, and nobody is at anything."""
    async with asyncio.timeout(10):
        while await _going_on(office):  # noqa: ASYNC110 - PostgreSQL has no event for it
            await asyncio.sleep(0.02)


CLAIMED = "exists (select from claim where until > clock_timestamp())"


async def _going_on(office: Any) -> bool:
    async with office.database.worker() as tx:
        due = f"select exists (select from run where due_at <= %s) or {CLAIMED}"
        return bool(await (await tx.execute(due, (office.watch(),))).fetchone() == (True,))
