"""Answers on a beat: how long the work took, and so whether there is an account, cannot be told from outside."""

from asyncio import sleep
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Final

BEAT_S: Final = 0.1
"""Longer than a password takes to check on a quiet machine; a busy one answers at the next beat."""


@asynccontextmanager
async def refused_on_a_beat() -> AsyncGenerator[None]:
    """Let what is refused inside come out a whole number of beats after it began; what succeeds is not held."""
    begun = monotonic()
    try:
        yield
    except Exception:
        await _until_the_beat(begun)
        raise


@asynccontextmanager
async def on_a_beat() -> AsyncGenerator[None]:
    """Let the end come a whole number of beats after the beginning, refused or not."""
    begun = monotonic()
    try:
        yield
    finally:
        await _until_the_beat(begun)


async def _until_the_beat(begun: float) -> None:
    await sleep((begun - monotonic()) % BEAT_S)
