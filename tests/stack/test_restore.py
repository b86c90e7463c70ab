"""Restoring an older backup of the keys revives nobody who was erased."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from mindlyfe.catalogue import CATALOGUE
from mindlyfe.kernel.config import DatabaseSettings, Settings
from mindlyfe.kernel.errors import Erased
from mindlyfe.kernel.local_keys import LocalKeys
from mindlyfe.kernel.messages import REGION, PersonId, TenantId
from mindlyfe.kernel.root_key import make_root_key
from mindlyfe.kernel.testing.databases import dropped, prepared
from mindlyfe.stack.postgresql import Postgresql
from mindlyfe.stack.restore import destroy_again

HARBOUR, MEADOW = TenantId(uuid4()), TenantId(uuid4())
GONE, NAMESAKE, KEPT = PersonId(uuid4()), PersonId(uuid4()), PersonId(uuid4())


@pytest.fixture(scope="module")
def database(postgresql: Postgresql, directory: Path) -> Iterator[DatabaseSettings]:
    contexts = {"identity": CATALOGUE["identity"].migrations}
    settings = prepared(postgresql.address(), contexts, directory / "passwords", name="restored")
    yield settings
    dropped(postgresql.address(), settings)


async def test_erased_keys_stay_erased(database: DatabaseSettings, postgresql: Postgresql, tmp_path: Path) -> None:
    root = tmp_path / "root.key"
    make_root_key(root)
    settings = Settings(database=database, root_key=root)
    keys = LocalKeys(settings)
    for tenant in (HARBOUR, MEADOW, REGION):
        for person in (GONE, NAMESAKE, KEPT):
            await keys.of(tenant, person)
    await keys.close()
    # As after a restore: the keys are from before the erasure, the records from after it.
    with psycopg.connect(postgresql.address(database.name)) as records:
        records.execute(
            "insert into identity.erasure (tenant, person, status, region, at, keys_destroyed_at, namesakes)"
            " values (%s, %s, 'erased', true, now(), now(), %s), (%s, %s, 'erasing', false, now(), null, '{}')",
            (HARBOUR, GONE, [NAMESAKE], MEADOW, KEPT),
        )
    assert destroy_again(postgresql.address(database.name), postgresql.address(database.keys_name)) == 2
    fresh = LocalKeys(settings)
    for tenant, person in ((HARBOUR, GONE), (REGION, GONE), (HARBOUR, NAMESAKE)):
        with pytest.raises(Erased):
            await fresh.of(tenant, person)
    for tenant, person in ((MEADOW, GONE), (HARBOUR, KEPT), (MEADOW, KEPT), (REGION, KEPT)):
        assert await fresh.of(tenant, person)
    await fresh.close()
