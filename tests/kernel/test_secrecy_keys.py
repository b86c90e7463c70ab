"""Keys per person in the database of keys: one each, whoever comes first, gone when erased."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import msgspec
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from mindlyfe.kernel.config import DatabaseSettings, Settings
from mindlyfe.kernel.errors import Erased, Unavailable
from mindlyfe.kernel.local_keys import LocalKeys
from mindlyfe.kernel.messages import PersonId, TenantId
from mindlyfe.kernel.postgres import marked
from mindlyfe.kernel.recent import FRESH_S
from mindlyfe.kernel.root_key import make_root_key
from mindlyfe.kernel.secrecy import Unreadable, WrongRootKey
from mindlyfe.stack.postgresql import Postgresql

TENANT = TenantId(uuid4())


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def settings(rooms_settings: DatabaseSettings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    root = tmp_path_factory.mktemp("secrets") / "root.key"
    make_root_key(root)
    return Settings(database=rooms_settings, root_key=root)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def keys(settings: Settings, clock: Clock) -> AsyncIterator[LocalKeys]:
    keys = LocalKeys(settings, monotonic=clock)
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


async def test_a_person_has_one_key_everywhere(keys: LocalKeys, elsewhere: LocalKeys) -> None:
    who = person()
    sealed = (await keys.of(TENANT, who)).seal(b"hello", b"")
    assert (await elsewhere.of(TENANT, who)).open(sealed, b"") == b"hello"


async def test_persons_and_tenants_have_different_keys(keys: LocalKeys) -> None:
    who = person()
    sealed = (await keys.of(TENANT, who)).seal(b"hello", b"")
    strangers = [
        await keys.of(TENANT, person()),
        await keys.of(TenantId(uuid4()), who),
        await keys.of_tenant(TENANT),
    ]
    for stranger in strangers:
        with pytest.raises(Unreadable):
            stranger.open(sealed, b"")


async def test_many_at_once(keys: LocalKeys) -> None:
    people = [person() for _ in range(50)]
    await keys.erase(TENANT, people[7])
    found = await keys.of_many(TENANT, people)
    assert [who for who in people if found[who] is None] == [people[7]]
    assert all(keys.cached(TENANT, who) is found[who] for who in people)
    assert await keys.of_many(TENANT, []) == {}


FIRST_USE = """
import asyncio, sys, msgspec
from uuid import UUID
from mindlyfe.kernel.config import Settings
from mindlyfe.kernel.local_keys import LocalKeys
async def main():
    request = tuple[Settings, UUID, list[UUID]]
    settings, tenant, people = msgspec.json.decode(
        sys.stdin.buffer.read(), type=request, dec_hook=lambda kind, text: kind(text))
    keys = LocalKeys(settings)
    found = await keys.of_many(tenant, people)
    print(msgspec.json.encode([found[who].seal(b"hello", b"") for who in people]).decode())
    await keys.close()
asyncio.run(main())
"""


async def _first_use(settings: Settings, people: list[PersonId]) -> list[bytes]:
    """A text sealed for each of `people` by another process."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", FIRST_USE, stdin=pipe, stdout=pipe)
    request = msgspec.json.encode((settings, TENANT, people), enc_hook=str)
    answer, _ = await asyncio.wait_for(process.communicate(request), 30)
    return msgspec.json.decode(answer, type=list[bytes])


async def test_processes_that_are_first_together_agree(settings: Settings, keys: LocalKeys) -> None:
    people = [person() for _ in range(60)]
    answers = await asyncio.gather(*(_first_use(settings, people) for _ in range(4)))
    for number, who in enumerate(people):
        key = await keys.of(TENANT, who)
        assert {key.open(sealed[number], b"") for sealed in answers} == {b"hello"}


async def test_an_erased_key_is_gone(keys: LocalKeys, elsewhere: LocalKeys, settings: Settings) -> None:
    who = person()
    await keys.of(TENANT, who)
    await keys.erase(TENANT, who)
    await keys.erase(TENANT, who)
    assert keys.cached(TENANT, who) is None
    for either in (keys, elsewhere):
        with pytest.raises(Erased):
            await either.of(TENANT, who)


async def test_a_key_that_never_was_can_be_erased(keys: LocalKeys) -> None:
    who = person()
    await keys.erase(TENANT, who)
    with pytest.raises(Erased):
        await keys.of(TENANT, who)


async def test_an_erasure_reaches_other_processes_in_time(keys: LocalKeys, elsewhere: LocalKeys, clock: Clock) -> None:
    who = person()
    await keys.of(TENANT, who)
    await elsewhere.erase(TENANT, who)
    clock.now += FRESH_S - 1
    assert keys.cached(TENANT, who)
    clock.now += 1
    assert keys.cached(TENANT, who) is None
    with pytest.raises(Erased):
        await keys.of(TENANT, who)


async def test_only_wrapped_keys_are_stored(keys: LocalKeys, settings: Settings, postgresql: Postgresql) -> None:
    who = person()
    await keys.of(TENANT, who)
    await keys.erase(TENANT, who)
    server = make_conninfo(postgresql.address(), dbname=settings.database.keys_name)
    with psycopg.connect(server) as connection:
        stored = "select wrapped, erased_at is null from person_key where person = %s"
        rows = connection.execute(stored, (who,)).fetchall()
        assert rows == [(None, False)]


async def test_another_root_key_is_refused(settings: Settings, keys: LocalKeys, tmp_path: Path) -> None:
    await keys.check()
    make_root_key(tmp_path / "other.key")
    other = LocalKeys(msgspec.structs.replace(settings, root_key=tmp_path / "other.key"))
    with pytest.raises(WrongRootKey, match=r"other\.key is not the one"):
        await other.check()
    await other.close()


async def test_nothing_is_loaded_inside_a_transaction(keys: LocalKeys) -> None:
    who = person()
    key = await keys.of(TENANT, who)
    with marked("therapy"):
        assert keys.cached(TENANT, who) is key
        for refused in (keys.of(TENANT, who), keys.of_many(TENANT, [who]), keys.erase(TENANT, who)):
            with pytest.raises(RuntimeError, match="transaction of therapy"):
                await refused


async def test_without_its_database_it_is_unavailable(settings: Settings) -> None:
    nowhere = msgspec.structs.replace(settings.database, port=1)
    keys = LocalKeys(msgspec.structs.replace(settings, database=nowhere))
    with pytest.raises(Unavailable):
        await keys.of(TENANT, person())
    await keys.close()


async def test_digests_and_secrets_depend_on_their_purpose(keys: LocalKeys, elsewhere: LocalKeys) -> None:
    assert keys.digest("email", "a@b.c") == elsewhere.digest("email", "a@b.c")
    different = {keys.digest("email", "a@b.c"), keys.digest("phone", "a@b.c"), keys.mac("email", b"a@b.c")}
    assert len(different) == 3
    sealed = keys.seal_secret("signing", b"pem")
    assert elsewhere.open_secret("signing", sealed) == b"pem"
    with pytest.raises(Unreadable):
        keys.open_secret("other", sealed)
