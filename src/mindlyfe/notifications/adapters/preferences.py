"""Read model: what people prefer, as runs and senders look it up."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, LiteralString

import msgspec
from psycopg.types.json import Jsonb

from mindlyfe.kernel.at_once import at_once
from mindlyfe.kernel.errors import DomainError
from mindlyfe.kernel.messages import PersonId, Recorded, TenantId
from mindlyfe.kernel.personal import Entry
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.notifications.adapters.briefly import Briefly
from mindlyfe.notifications.domain.preferences import NONE, Preferences, Preferred

SET: Final[LiteralString] = """
    insert into preference (person, channels, workflows, quiet, version) values (%s, %s, %s, %s, %s)
    on conflict (tenant, person) do update set (channels, workflows, quiet, version)
        = (excluded.channels, excluded.workflows, excluded.quiet, excluded.version)"""
ONE: Final[LiteralString] = "select channels, workflows, quiet from preference where person = %(person)s"


class PreferenceList:
    """Inline projection of preferences, and its queries."""

    name = "preferences"
    tables: Sequence[LiteralString] = ("preference",)
    constraints: Mapping[str, type[DomainError]] = MappingProxyType({})

    def __init__(self, database: Database) -> None:
        self._database = database
        self._briefly: Briefly[tuple[TenantId, PersonId], Preferences] = Briefly()

    async def apply(self, tx: Tx, recorded: Sequence[Recorded[Preferred]], /) -> None:
        """What was said last is kept."""
        self._briefly.forget()
        for r in recorded:
            said = (r.event.channels, r.event.workflows, r.event.quiet)
            await tx.execute(SET, (r.event.person, *(Jsonb(msgspec.to_builtins(one)) for one in said), r.version))

    async def of(self, tenant: TenantId, person: PersonId) -> Preferences:
        """What somebody prefers; nothing, when they said nothing. As it was a second ago at most."""
        return await self._briefly.of((tenant, person), lambda: self._of(tenant, person))

    async def _of(self, tenant: TenantId, person: PersonId) -> Preferences:
        row = await self._row(tenant, person)
        if row is None:
            return NONE
        channels, workflows, quiet = row
        values = {"channels": channels, "workflows": workflows, "quiet": quiet}
        return msgspec.convert(values, Preferences)

    async def tells(self, tenant: TenantId, person: PersonId) -> Sequence[Entry]:
        """For the person's export."""
        row = await self._row(tenant, person)
        if row is None:
            return ()
        values = dict(zip(("channels", "workflows", "quiet_hours"), row, strict=True))
        return [Entry(topic="messages", values={"preferences": values})]

    async def _row(self, tenant: TenantId, person: PersonId) -> tuple[Any, ...] | None:
        return next(iter(await at_once(self._database, tenant, (ONE, {"person": person}))), None)
