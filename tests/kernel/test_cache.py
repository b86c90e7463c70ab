"""The cache on a real Valkey, and with none."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from subprocess import Popen

import pytest

from mindlyfe.kernel.cache import Cache
from mindlyfe.kernel.config import CacheSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.stack.account import unprivileged
from mindlyfe.stack.ports import free_port
from mindlyfe.stack.valkey import Valkey

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def settings(directory: Path) -> Iterator[CacheSettings]:
    server = Valkey(directory / "cache", free_port())
    server.prepare()
    process = Popen(server.command(), **unprivileged())
    yield CacheSettings(url=server.url, password_file=server.password)
    process.terminate()
    process.wait(10)


@pytest.fixture
async def cache(settings: CacheSettings) -> AsyncIterator[Cache]:
    cache = Cache(settings, "test")
    for _ in range(100):
        if await cache.ready():
            break
        await asyncio.sleep(0.05)
    yield cache
    await cache.close()


async def test_a_value_is_kept_until_it_is_deleted(cache: Cache) -> None:
    await cache.set("colour", b"green", lasts=MINUTE)
    assert await cache.get("colour") == b"green"
    await cache.delete("colour")
    assert await cache.get("colour") is None


async def test_a_value_ends(cache: Cache) -> None:
    await cache.set("brief", b"x", lasts=timedelta(milliseconds=20))
    await asyncio.sleep(0.1)
    assert await cache.get("brief") is None


async def test_a_counter_counts_once_per_call_and_ends(cache: Cache) -> None:
    counted = await asyncio.gather(*(cache.count("tries", lasts=timedelta(seconds=1)) for _ in range(20)))
    assert sorted(counted) == list(range(1, 21))
    await asyncio.sleep(1.1)
    assert await cache.count("tries", lasts=MINUTE) == 1


async def test_contexts_do_not_see_each_other(cache: Cache, settings: CacheSettings) -> None:
    await cache.set("colour", b"green", lasts=MINUTE)
    other = Cache(settings, "other")
    assert await other.get("colour") is None
    await other.close()


async def test_without_a_server_reading_misses_and_counting_says_so(settings: CacheSettings) -> None:
    away = Cache(CacheSettings(url=f"redis://127.0.0.1:{free_port()}/0", password_file=settings.password_file), "test")
    await away.set("colour", b"green", lasts=MINUTE)
    assert await away.get("colour") is None
    assert not await away.ready()
    with pytest.raises(Unavailable):
        await away.count("tries", lasts=MINUTE)
    with pytest.raises(Unavailable):
        await away.delete("colour")
    await away.close()
