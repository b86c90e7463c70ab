"""A transaction in one round trip: of one tenant, whole or not at all, and on a fresh connection when one was lost."""

from uuid import uuid4

import pytest
from psycopg import errors
from tests.kernel.test_postgres import cut

from mindlyfe.kernel.at_once import at_once
from mindlyfe.kernel.config import DatabaseSettings
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.stack.postgresql import Postgresql

ADD = "insert into visits (guest, times) values (%(guest)s, 1)"
SEEN = "select guest from visits where times > %(least)s"
LEAST = {"least": 0}


async def test_its_steps_see_each_other_and_one_tenant_alone(rooms: Database) -> None:
    here, elsewhere, guest = TenantId(uuid4()), TenantId(uuid4()), uuid4()
    assert await at_once(rooms, here, (ADD, {"guest": guest}), (SEEN, LEAST)) == [(guest,)]
    assert await at_once(rooms, elsewhere, (SEEN, LEAST)) == []
    assert await at_once(rooms, here, (SEEN, LEAST)) == [(guest,)]
    assert await at_once(rooms, here, (ADD, {"guest": uuid4()})) == []


async def test_all_of_it_is_done_or_nothing(rooms: Database) -> None:
    here = TenantId(uuid4())
    with pytest.raises(errors.DivisionByZero):
        await at_once(rooms, here, (ADD, {"guest": uuid4()}), ("select 1 / %(by)s", {"by": 0}))
    assert await at_once(rooms, here, (SEEN, LEAST)) == []


async def test_the_tenant_does_not_outlive_it(rooms: Database) -> None:
    await at_once(rooms, TenantId(uuid4()), (SEEN, LEAST))
    async with rooms.app_pool.connection() as tx:
        assert (await (await tx.execute("select current_setting('app.tenant', true)")).fetchone()) in ((None,), ("",))


async def test_a_lost_connection_is_replaced(
    rooms: Database, postgresql: Postgresql, rooms_settings: DatabaseSettings
) -> None:
    here, guest = TenantId(uuid4()), uuid4()
    await at_once(rooms, here, (ADD, {"guest": guest}))
    cut(postgresql, rooms_settings)
    assert await at_once(rooms, here, (SEEN, LEAST)) == [(guest,)]
