"""Objects: sealed ones come back whole and in their place only; presigned addresses carry the others."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import httpx
import msgspec
import pytest

from mindlyfe.kernel.config import ObjectSettings
from mindlyfe.kernel.errors import NotFound, Unavailable
from mindlyfe.kernel.objects import Objects
from mindlyfe.kernel.postgres import marked
from mindlyfe.kernel.secrecy import DataKey, Unreadable
from mindlyfe.stack.seaweedfs import ACCESS_KEY, Seaweedfs

KEY = DataKey(bytes(range(32)))
MINUTE = timedelta(minutes=1)


@pytest.fixture
def settings(seaweedfs: Seaweedfs) -> ObjectSettings:
    return ObjectSettings(
        endpoint=seaweedfs.endpoint,
        bucket=f"test-{uuid4().hex[:8]}",
        access_key=ACCESS_KEY,
        secret_key_file=seaweedfs.secret_key,
    )


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient() as web:
        yield web


@pytest.fixture
async def objects(settings: ObjectSettings) -> Objects:
    objects = Objects(settings, "identity")
    await objects.make_bucket()
    return objects


@pytest.mark.parametrize("plain", [b"", b"hello", bytes(9_000_000)])
async def test_what_is_put_comes_back(objects: Objects, plain: bytes) -> None:
    await objects.put("t1/photo", plain, key=KEY)
    assert await objects.get("t1/photo", key=KEY) == plain


async def test_it_is_sealed_under_its_key_and_path(objects: Objects, web: httpx.AsyncClient) -> None:
    await objects.put("a", b"hello", key=KEY)
    stored = (await web.get(await objects.download_address("a", lasts=MINUTE))).content
    assert b"hello" not in stored
    with pytest.raises(Unreadable):
        await objects.get("a", key=DataKey(bytes(32)))
    await web.put(await objects.upload_address("b", lasts=MINUTE), content=stored)
    with pytest.raises(Unreadable):
        await objects.get("b", key=KEY)


async def test_presigned_addresses_carry_what_is_not_sealed(objects: Objects, web: httpx.AsyncClient) -> None:
    upload = await objects.upload_address("photo.jpg", lasts=MINUTE)
    await web.put(upload, content=b"jpeg", headers={"content-type": "image/jpeg"})
    download = await objects.download_address("photo.jpg", lasts=MINUTE)
    answer = await web.get(download)
    assert (answer.content, answer.headers["content-type"]) == (b"jpeg", "image/jpeg")
    assert (await web.put(download, content=b"other")).status_code == 403
    assert (await web.get(download.replace("photo", "other"))).status_code == 403


async def test_deleted_twice_is_gone(objects: Objects) -> None:
    await objects.put("a", b"hello", key=KEY)
    await objects.delete("a")
    await objects.delete("a")
    with pytest.raises(NotFound):
        await objects.get("a", key=KEY)


async def test_lists_a_directory(objects: Objects, settings: ObjectSettings) -> None:
    for path in ("t1/a", "t1/deep/b", "t10/c"):
        await objects.put(path, b"12345", key=KEY)
    await Objects(settings, "therapy").put("t1/z", b"", key=KEY)
    assert sorted([found.path async for found in objects.list("t1")]) == ["t1/a", "t1/deep/b"]
    assert sorted([found.path async for found in objects.list()]) == ["t1/a", "t1/deep/b", "t10/c"]
    assert len([found async for found in Objects(settings).list()]) == 4
    assert {found.bytes async for found in objects.list("t1")} == {5 + 29}


async def test_making_the_bucket_twice_keeps_what_is_in_it(objects: Objects) -> None:
    await objects.put("a", b"hello", key=KEY)
    await objects.make_bucket()
    assert await objects.get("a", key=KEY) == b"hello"
    assert await objects.ready()


@pytest.mark.parametrize("path", ["", "/a", "a/", "a//b", "..", "a/../b", "./a", "a b", "a?b", "ü", "a\n"])
async def test_paths_with_traps_are_refused(objects: Objects, path: str) -> None:
    with pytest.raises(ValueError, match="not a path"):
        await objects.put(path, b"", key=KEY)


async def test_nothing_leaves_inside_a_transaction(objects: Objects) -> None:
    with marked("identity"), pytest.raises(RuntimeError, match="transaction of identity"):
        await objects.get("a", key=KEY)


async def test_a_store_that_is_away_is_unavailable(settings: ObjectSettings) -> None:
    objects = Objects(msgspec.structs.replace(settings, endpoint="http://127.0.0.1:1"))
    assert not await objects.ready()
    for attempt in (objects.get("a", key=KEY), objects.put("a", b"", key=KEY), objects.make_bucket()):
        with pytest.raises(Unavailable):
            await attempt
