"""A whole transaction in one round trip: what is read on every request must not wait for the network three times."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, LiteralString

from psycopg.rows import TupleRow

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import TenantId
from mindlyfe.kernel.postgres import TENANT, Database, connection, ended


class _Lost(Unavailable):
    """The connection to the database was lost."""


STALE: Final = 3
"""So many connections may be found ended, one after the other; each is replaced."""
type Step = tuple[LiteralString, Mapping[str, Any]]


async def at_once(database: Database, tenant: TenantId, *steps: Step) -> list[TupleRow]:
    """Do all steps or none, as the app role that sees one tenant; the rows of the last.

    Only for what may be done twice: after a connection that the server ended while it lay idle, they are sent again.
    No step can depend on what an earlier one answered, except in its own SQL. Raises Unavailable.
    """
    for _ in range(STALE):
        try:
            return await _sent(database, tenant, steps)
        except _Lost:
            await database.app_pool.check()
    return await _sent(database, tenant, steps)


async def _sent(database: Database, tenant: TenantId, steps: Sequence[Step]) -> list[TupleRow]:
    # Statements between two syncs of a pipeline are one transaction, and a local setting lasts as long as it.
    async with connection(database.app_pool) as tx:
        try:
            async with tx.pipeline():
                await tx.execute(TENANT, (str(tenant),))
                done = [await tx.execute(query, values) for query, values in steps]
            last = done[-1]
            return await last.fetchall() if last.description else []
        except BaseException as failure:
            if await ended(tx, failure):
                raise _Lost from failure
            raise
