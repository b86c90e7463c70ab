"""Reactions to public events: streams side by side, each in its order, every message handled once."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, LiteralString
from uuid import UUID

import structlog
from psycopg import OperationalError

from mindlyfe.kernel.errors import Erased, Unavailable
from mindlyfe.kernel.heard import Vocabulary, code_of, tag
from mindlyfe.kernel.messages import Event, Heard, MessageId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.telemetry import within
from mindlyfe.kernel.transport.port import Envelope, Failures

AT_A_TIME: Final = 32
"""Streams whose reactions run at the same time."""
REACTION_S: Final = 30.0
"""A reaction that takes longer has failed."""
FOUND: Final[LiteralString] = """
    select message from inbox natural join
    unnest(%s::uuid[], %s::text[], %s::uuid[]) as asked (tenant, consumer, message)"""
MARK: Final[LiteralString] = """
    insert into inbox (tenant, consumer, message) select * from unnest(%s::uuid[], %s::text[], %s::uuid[])
    on conflict do nothing"""
_log: Final = structlog.get_logger("reactor")

type Reaction = Callable[[Heard[Any]], Awaitable[None]]


class Reactor:
    """Runs the reactions of one context.

    Each effect is made once by `heard.act`. What was handled is also marked as a whole, so that a transport that was
    rebuilt and says everything again costs a look and no reaction.
    """

    def __init__(self, database: Database, region: str, reactions: Mapping[type[Event], Reaction]) -> None:
        self._database = database
        self._reactions = {f"{region}.{tag(event)}": (tag(event), act) for event, act in reactions.items()}
        self._vocabulary = Vocabulary(database.context, region, reactions)

    @property
    def subjects(self) -> Sequence[str]:
        """What it wants to hear."""
        return self._vocabulary.subjects

    async def deliver(self, batch: Sequence[Envelope]) -> Failures:
        """React to what is new of `batch`; returns what failed. Raises Unavailable."""
        try:
            handled = await self._handled(batch)
            new: dict[MessageId, Envelope] = {one.id: one for one in batch if one.id not in handled}
            failures, done = await self._react(list(new.values()))
            await self._mark(done)
        except OperationalError as lost:
            raise Unavailable from lost
        return failures

    async def _react(self, batch: Sequence[Envelope]) -> tuple[Failures, Sequence[Envelope]]:
        streams: dict[UUID, list[Envelope]] = {}
        for envelope in batch:
            streams.setdefault(envelope.stream, []).append(envelope)
        failures: dict[MessageId, str] = {}
        done: list[Envelope] = []
        free = asyncio.Semaphore(AT_A_TIME)

        async def in_order(envelopes: Sequence[Envelope]) -> None:
            async with free:
                for envelope in envelopes:
                    code = await self._one(envelope)
                    if code is not None:
                        failures[envelope.id] = code
                        return
                    done.append(envelope)

        async with asyncio.TaskGroup() as tasks:
            for envelopes in streams.values():
                tasks.create_task(in_order(envelopes))
        return failures, done

    async def _one(self, envelope: Envelope) -> str | None:
        """React to one message; returns the code of its failure."""
        name, reaction = self._reactions[envelope.subject]
        with within(envelope.correlation) as step:
            try:
                async with asyncio.timeout(REACTION_S):
                    await reaction(self._vocabulary.heard(envelope, name, step))
            except Erased:
                _log.info("nothing to do for an erased person", message=str(envelope.id), reaction=name)
            except Exception as mistake:  # noqa: BLE001 - one reaction's mistake
                _log.warning("reaction failed", message=str(envelope.id), reaction=name, exc_info=mistake)
                return code_of(mistake)
        return None

    async def _handled(self, batch: Sequence[Envelope]) -> frozenset[MessageId]:
        async with self._database.worker() as tx:
            found = await tx.execute(FOUND, self._marks(batch))
            return frozenset(message for (message,) in await found.fetchall())

    async def _mark(self, done: Sequence[Envelope]) -> None:
        if done:
            async with self._database.worker() as tx:
                await tx.execute(MARK, self._marks(done))

    def _marks(self, batch: Sequence[Envelope]) -> tuple[list[UUID], list[str], list[UUID]]:
        """Tenants, consumers and messages. The consumer is not the act's own: a reaction may have further steps."""
        context = self._database.context
        consumers = [f"{context}.{self._reactions[envelope.subject][0]}/handled" for envelope in batch]
        return [envelope.tenant for envelope in batch], consumers, [envelope.id for envelope in batch]
