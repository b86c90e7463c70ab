"""Read model: in which browsers somebody wants to be told. Not how: that is sealed in the events."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, LiteralString
from uuid import UUID

from psycopg.rows import class_row

from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.web_address import host_of
from mindlyfe.notifications.contract.push import SubscriptionId, SubscriptionView
from mindlyfe.notifications.domain.subscription import Subscribed, Turn, Unsubscribed

SUBSCRIBED: Final[LiteralString] = """
    insert into push_subscription (id, person, session, server, endpoint, since, version)
    values (%s, %s, %s, %s, %s, %s, %s)
    on conflict (id) do update set session = excluded.session, version = excluded.version"""
UNSUBSCRIBED: Final[LiteralString] = "delete from push_subscription where id = %s"
OF: Final[LiteralString] = """
    select id, server, since, version, session = %(session)s as current from push_subscription
    where person = %(person)s order by since, id"""
IDS: Final[LiteralString] = "select id from push_subscription where person = %s order by since, id"
ELSEWHERE: Final[LiteralString] = "select id from push_subscription where endpoint = %s and id <> %s order by id"
OF_SESSION: Final[LiteralString] = "select tenant, id from push_subscription where session = %s order by id"
TOLD: Final[LiteralString] = "select id, server, since from push_subscription where person = %s order by since, id"


class Subscriptions:
    """Inline projection of push subscriptions, and its queries. Row-level security keeps to the tenant."""

    name = "push_subscriptions"
    tables: Sequence[LiteralString] = ("push_subscription",)
    constraints: Mapping[str, type[DomainError]] = {}

    def __init__(self, database: Database, digest: Callable[[str], bytes]) -> None:
        self._database, self._digest = database, digest

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Turn]]) -> None:
        """Fill the table; one tenant per call."""
        for r in recorded:
            match r.event:
                case Subscribed(person=person, endpoint=endpoint, session=session, at=at):
                    found = (host_of(endpoint), self._digest(endpoint), at, r.version)
                    await tx.execute(SUBSCRIBED, (r.stream, person, session, *found))
                case Unsubscribed():
                    await tx.execute(UNSUBSCRIBED, (r.stream,))

    async def of(self, tenant: TenantId, person: PersonId, session: UUID) -> Sequence[SubscriptionView]:
        """A person's, as they may see them."""
        asked = {"person": person, "session": session}
        async with self._database.app(tenant) as tx, tx.cursor(row_factory=class_row(SubscriptionView)) as rows:
            return await (await rows.execute(OF, asked)).fetchall()

    async def ids(self, tenant: TenantId, person: PersonId) -> Sequence[SubscriptionId]:
        """A person's."""
        async with self._database.app(tenant) as tx:
            return [SubscriptionId(one) for (one,) in await (await tx.execute(IDS, (person,))).fetchall()]

    async def elsewhere(self, tenant: TenantId, endpoint: str, own: SubscriptionId) -> Sequence[SubscriptionId]:
        """Others' subscriptions of the same browser."""
        async with self._database.app(tenant) as tx:
            found = await (await tx.execute(ELSEWHERE, (self._digest(endpoint), own))).fetchall()
        return [SubscriptionId(one) for (one,) in found]

    async def of_session(self, session: UUID) -> Sequence[tuple[TenantId, SubscriptionId]]:
        """Those that were made in a session, whose clinic ever it was in."""
        async with self._database.worker() as tx:
            found = await (await tx.execute(OF_SESSION, (session,))).fetchall()
        return [(TenantId(tenant), SubscriptionId(one)) for tenant, one in found]

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """For the person's export."""
        async with self._database.app(tenant) as tx:
            rows = await (await tx.execute(TOLD, (person,))).fetchall()
        return [
            Entry(
                topic="messages",
                values={"push_subscription": str(id_), "server": server, "since": since.isoformat()},
            )
            for id_, server, since in rows
        ]
