"""Keys of a person for one class of data: apart from their own key, and destroyed with it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from mindlyfe.kernel.config import DatabaseSettings, Settings
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.local_keys import LocalKeys
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import marked
from mindlyfe.kernel.root_key import make_root_key
from mindlyfe.kernel.secrecy import Unreadable
from mindlyfe.stack.postgresql import Postgresql

TENANT = TenantId(uuid4())
NOTES: Final = "psychotherapy-note"


@pytest.fixture(scope="module")
def settings(rooms_settings: DatabaseSettings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    root: Path = tmp_path_factory.mktemp("secrets") / "root.key"
    make_root_key(root)
    return Settings(database=rooms_settings, root_key=root)


@pytest.fixture
async def keys(settings: Settings) -> AsyncIterator[LocalKeys]:
    keys = LocalKeys(settings)
    yield keys
    await keys.close()


@pytest.fixture
async def elsewhere(settings: Settings) -> AsyncIterator[LocalKeys]:
    """The same keys in another process."""
    keys = LocalKeys(settings)
    yield keys
    await keys.close()


def person() -> PersonId:
    return PersonId(uuid4())


async def test_a_class_has_one_key_everywhere_and_the_persons_own_opens_nothing_of_it(
    keys: LocalKeys, elsewhere: LocalKeys
) -> None:
    who = person()
    sealed = (await keys.of_class(TENANT, who, NOTES)).seal(b"hello", b"")
    assert (await elsewhere.of_class(TENANT, who, NOTES)).open(sealed, b"") == b"hello"
    assert (await keys.of_class(TENANT, who, NOTES)).open(sealed, b"") == b"hello"
    for stranger in (
        await keys.of(TENANT, who),
        await keys.of_tenant(TENANT),
        await keys.of_class(TENANT, person(), NOTES),
        await keys.of_class(TenantId(uuid4()), who, NOTES),
    ):
        with pytest.raises(Unreadable):
            stranger.open(sealed, b"")


async def test_whoever_comes_first_makes_it_once(keys: LocalKeys, elsewhere: LocalKeys) -> None:
    who = person()
    found = await asyncio.gather(*(one.of_class(TENANT, who, NOTES) for one in (keys, elsewhere) * 5))
    sealed = found[0].seal(b"hello", b"")
    assert {one.open(sealed, b"") for one in found} == {b"hello"}


async def test_erasing_a_person_destroys_the_keys_of_all_classes(
    keys: LocalKeys, settings: Settings, postgresql: Postgresql
) -> None:
    both, never = person(), person()
    await keys.of(TENANT, both)
    await keys.of_class(TENANT, both, NOTES)
    for who in (both, never, both):
        await keys.erase(TENANT, who)
        for asked in (keys.of(TENANT, who), keys.of_class(TENANT, who, NOTES)):
            with pytest.raises(Erased):
                await asked
    server = make_conninfo(postgresql.address(), dbname=settings.database.keys_name)
    with psycopg.connect(server) as connection:
        stored = "select wrapped, class from class_key where person = any(%s)"
        assert connection.execute(stored, ([both, never],)).fetchall() == [(None, NOTES)] * 2


async def test_another_process_forgets_what_was_destroyed(keys: LocalKeys, elsewhere: LocalKeys) -> None:
    who = person()
    await elsewhere.of_class(TENANT, who, NOTES)
    watching = asyncio.create_task(elsewhere.forget_erased())
    await keys.erase(TENANT, who)
    for _ in range(100):
        try:
            await elsewhere.of_class(TENANT, who, NOTES)
        except Erased:
            break
        await asyncio.sleep(0.1)
    watching.cancel()
    with pytest.raises(Erased):
        await elsewhere.of_class(TENANT, who, NOTES)


async def test_none_is_loaded_inside_a_transaction(keys: LocalKeys) -> None:
    with marked("therapy"), pytest.raises(RuntimeError, match="transaction of therapy"):
        await keys.of_class(TENANT, person(), NOTES)
