"""The cache: values with an end, counters, and no harm when it is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import msgspec
import pytest

from mindlyfe.kernel.cache import Cache
from mindlyfe.kernel.config import CacheSettings
from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.postgres import marked
from mindlyfe.stack.valkey import Valkey

MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(valkey: Valkey) -> CacheSettings:
    return CacheSettings(url=valkey.url, password_file=valkey.password)


@pytest.fixture
async def cache(settings: CacheSettings) -> AsyncIterator[Cache]:
    cache = Cache(settings, f"test-{uuid4()}")
    yield cache
    await cache.close()


async def test_keeps_and_forgets(cache: Cache) -> None:
    assert await cache.get("name") is None
    await cache.set("name", b"\x00value", lasts=MINUTE)
    assert await cache.get("name") == b"\x00value"
    await cache.delete("name")
    await cache.delete("name")
    assert await cache.get("name") is None


async def test_values_end(cache: Cache) -> None:
    await cache.set("name", b"value", lasts=timedelta(milliseconds=30))
    async with asyncio.timeout(5):
        while await cache.get("name"):  # noqa: ASYNC110 - it ends by the server's clock
            await asyncio.sleep(0.01)


async def test_contexts_do_not_see_each_other(cache: Cache, settings: CacheSettings) -> None:
    other = Cache(settings, "other")
    await cache.set("name", b"value", lasts=MINUTE)
    assert await other.get("name") is None
    await other.close()


async def test_counts_since_the_first(cache: Cache) -> None:
    totals = await asyncio.gather(*(cache.count("tries", lasts=MINUTE) for _ in range(20)))
    assert sorted(totals) == list(range(1, 21))
    assert await cache.count("tries", lasts=MINUTE, by=5) == 25
    assert await cache.count("short", lasts=timedelta(milliseconds=50)) == 1
    highest = 1
    while (now := await cache.count("short", lasts=timedelta(milliseconds=50))) > highest:
        highest = now
        await asyncio.sleep(0.005)
    assert now == 1


async def test_a_cache_that_is_away_harms_nobody(settings: CacheSettings) -> None:
    cache = Cache(msgspec.structs.replace(settings, url="redis://127.0.0.1:1/0"), "therapy")
    for _ in range(20):
        assert await cache.get("name") is None
        await cache.set("name", b"value", lasts=MINUTE)
    assert not await cache.ready()
    for refused in (cache.count("tries", lasts=MINUTE), cache.delete("name")):
        with pytest.raises(Unavailable):
            await refused
    await cache.close()


async def test_a_wrong_password_is_no_cache(settings: CacheSettings, tmp_path_factory: pytest.TempPathFactory) -> None:
    wrong = tmp_path_factory.mktemp("cache") / "password"
    wrong.write_text("wrong")
    cache = Cache(msgspec.structs.replace(settings, password_file=wrong), "therapy")
    assert await cache.get("name") is None
    assert not await cache.ready()
    await cache.close()


async def test_ready_when_it_answers(cache: Cache) -> None:
    assert await cache.ready()


async def test_nothing_is_asked_inside_a_transaction(cache: Cache) -> None:
    with marked("therapy"), pytest.raises(RuntimeError, match="transaction of therapy"):
        await cache.get("name")
