"""Read models fed by public events: a batch of one tenant per transaction, together with its rows in the inbox."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString, Protocol
from uuid import UUID

import structlog
from psycopg import OperationalError

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.heard import Vocabulary, code_of, tag
from mindlyfe.kernel.messages import Event, Heard, MessageId, TenantId
from mindlyfe.kernel.postgres import Database, Tx
from mindlyfe.kernel.transport.port import Envelope, Failures

TAKE: Final[LiteralString] = """
    insert into inbox (consumer, message) select %s, unnest(%b::uuid[]) on conflict do nothing returning message"""
_log: Final = structlog.get_logger("follower")


class ReadModel(Protocol):
    """A read model fed by public events, a batch of one tenant per transaction."""

    @property
    def name(self) -> str:
        """Names its rows in the inbox; unique in the context."""
        ...

    @property
    def events(self) -> Sequence[type[Event]]:
        """Public contract events; each one's tag is `<context>.<event>.vN`."""
        ...

    async def apply(self, tx: Tx, heard: Sequence[Heard[Any]], /) -> None:
        """Fill the tables. `app.tenant` is set, nothing comes twice, and it commits with the inbox rows."""
        ...


class Follower:
    """Feeds the read models of one context. A model that fails does not hold up the others."""

    def __init__(self, database: Database, region: str, models: Sequence[ReadModel]) -> None:
        self._database, self._models = database, models
        self._wanted = {model.name: frozenset(f"{region}.{tag(event)}" for event in model.events) for model in models}
        self._vocabulary = Vocabulary(database.context, region, {event for model in models for event in model.events})

    @property
    def subjects(self) -> Sequence[str]:
        """What it wants to hear."""
        return self._vocabulary.subjects

    async def deliver(self, batch: Sequence[Envelope]) -> Failures:
        """Apply what is new of `batch`; returns what failed. Raises Unavailable."""
        failures: dict[MessageId, str] = {}
        try:
            for model in self._models:
                tenants: dict[TenantId, list[Envelope]] = {}
                for envelope in batch:
                    if envelope.subject in self._wanted[model.name]:
                        tenants.setdefault(envelope.tenant, []).append(envelope)
                for tenant, envelopes in tenants.items():
                    failures |= await self._follow(model, tenant, envelopes)
        except OperationalError as lost:
            raise Unavailable from lost
        return failures

    async def _follow(self, model: ReadModel, tenant: TenantId, envelopes: Sequence[Envelope]) -> Failures:
        """All in one transaction, or when that fails each in its own, to find the one to blame."""
        try:
            await self._apply(model, tenant, envelopes)
            return {}
        except (Unavailable, OperationalError):
            raise
        except Exception as mistake:  # noqa: BLE001 - a model's mistake
            if len(envelopes) == 1:
                _log.warning("read model failed", model=model.name, exc_info=mistake)
                return {envelopes[0].id: code_of(mistake)}
        failures: dict[MessageId, str] = {}
        failed: set[UUID] = set()
        for envelope in envelopes:
            if envelope.stream not in failed and (failure := await self._follow(model, tenant, [envelope])):
                failures |= failure
                failed.add(envelope.stream)
        return failures

    async def _apply(self, model: ReadModel, tenant: TenantId, envelopes: Sequence[Envelope]) -> None:
        consumer = f"{self._database.context}.{model.name}"
        async with self._database.app(tenant) as tx:
            taken = await tx.execute(TAKE, (consumer, [envelope.id for envelope in envelopes]), binary=True)
            new = {message for (message,) in await taken.fetchall()}
            heard = [self._vocabulary.heard(envelope, model.name) for envelope in envelopes if envelope.id in new]
            if heard:
                await model.apply(tx, heard)
