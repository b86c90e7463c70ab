"""Commands that wait while others are saved are taken together: one transaction, one flush of the disk, for many."""

import asyncio
import contextvars
import random
from collections import deque
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import errors

from mindlyfe.kernel.aggregate import Aggregate
from mindlyfe.kernel.batch import Command, Later, Outcome
from mindlyfe.kernel.errors import DomainError, Unavailable, VersionConflict
from mindlyfe.kernel.keyring import Keyring, MissingKeys
from mindlyfe.kernel.messages import Decided, Event, TenantId
from mindlyfe.kernel.postgres import Database
from mindlyfe.kernel.secrecy import Keys
from mindlyfe.kernel.transact import Transactions

FLUSHERS: Final = 2
LARGEST: Final = 128
"""Commands in one transaction: its time stays far below the role's limit."""
ATTEMPTS: Final = 8
"""How often a command is decided again because another process was first."""
LOADS: Final = 20
"""How often a batch may discover that it needs more keys."""
OURS: Final = frozenset({"event_pkey", "idempotency_pkey", "inbox_pkey", "snapshot_pkey"})
"""Constraints whose violation means that another transaction was first."""


class Flushes[S, E: Event]:
    """The commands of one aggregate on their way into the database."""

    def __init__(self, database: Database, keys: Keys, aggregate: Aggregate[S, E]) -> None:
        self._keys, self._transactions = keys, Transactions(database, aggregate)
        self._meaning = {name: refusal for p in aggregate.inline for name, refusal in p.constraints.items()}
        self._waiting: dict[TenantId, deque[Command[S, E]]] = {}
        self._busy: set[UUID] = set()
        self._flushers: set[asyncio.Task[None]] = set()
        self._active = 0

    async def run(self, command: Command[S, E]) -> Decided:
        """Answers when the command is committed. A caller who leaves before its turn takes the command along."""
        self._waiting.setdefault(command.act.tenant, deque()).append(command)
        self._wake()
        return await command.answer

    def _wake(self) -> None:
        if self._waiting and self._active < FLUSHERS:
            self._active += 1
            # A context of its own: the work belongs to all callers, not to the one who happens to start it.
            flusher = asyncio.create_task(self._flush(), context=contextvars.Context())
            self._flushers.add(flusher)
            flusher.add_done_callback(self._flushers.discard)

    async def _flush(self) -> None:
        try:
            while commands := self._take():
                await self._save(commands)
        finally:
            self._active -= 1  # in the same step as the last look: a command that comes now starts another

    async def _save(self, commands: Sequence[Command[S, E]]) -> None:
        streams = {command.stream for command in commands}
        self._busy |= streams
        self._wake()
        try:
            await self._settle(commands)
        except Exception as failure:  # noqa: BLE001 - goes to whoever waits; the next batch is not to suffer
            for command in commands:
                _answer(command, failure)
        finally:
            self._busy -= streams

    def _take(self) -> list[Command[S, E]]:
        """The next batch: of the tenant whose turn it is, without streams that another flusher is at."""
        for tenant in list(self._waiting):
            waiting = self._waiting.pop(tenant)
            taken: list[Command[S, E]] = []
            left: deque[Command[S, E]] = deque()
            for command in waiting:
                if command.answer.cancelled():
                    continue
                free = len(taken) < LARGEST and command.stream not in self._busy
                (taken if free else left).append(command)
            if left:
                self._waiting[tenant] = left  # at the end: the others are next
            if taken:
                return taken
        return []

    async def _settle(self, commands: Sequence[Command[S, E]]) -> None:
        """Run a batch and answer its callers; what wants keys, or more room, runs again."""
        keyring, loads = Keyring(self._keys, commands[0].act.tenant), 0
        while commands:
            outcomes = await self._attempt(commands, keyring)
            wanted = {p for outcome in outcomes if isinstance(outcome, MissingKeys) for p in outcome.persons}
            again: list[Command[S, E]] = []
            for command, outcome in zip(commands, outcomes, strict=True):
                if isinstance(outcome, MissingKeys | Later):
                    again.append(command)
                else:
                    _answer(command, outcome)
            commands, loads = again, loads + bool(wanted)
            if loads > LOADS:
                raise RuntimeError("a decision is not pure: its events are about somebody else each time")
            if wanted:
                await keyring.load(wanted)

    async def _attempt(self, commands: Sequence[Command[S, E]], keyring: Keyring) -> Sequence[Outcome]:
        """One transaction; where the database refuses it, halves of it, down to the one command that is to blame."""
        try:
            return await self._transactions.run(commands[0].act.tenant, commands, keyring)
        except Unavailable as away:
            return [Unavailable(str(away)) for _ in commands]
        except Exception as refusal:  # noqa: BLE001 - judged below
            if len(commands) == 1:
                return [await self._alone(commands[0], keyring, refusal)]
            middle = len(commands) // 2
            first = await self._attempt(commands[:middle], keyring)
            return [*first, *await self._attempt(commands[middle:], keyring)]

    async def _alone(self, command: Command[S, E], keyring: Keyring, refusal: Exception) -> Outcome:
        for attempt in range(ATTEMPTS):
            if not _clash(refusal):
                return self._explained(refusal)
            # Somebody in another process was first, and may be at it still: a random pause lets one of us pass.
            await asyncio.sleep(random.uniform(0, 0.002 * 2**attempt))  # noqa: S311
            try:
                (outcome,) = await self._transactions.run(command.act.tenant, [command], keyring)
            except Exception as next_refusal:  # noqa: BLE001 - judged in the next round
                refusal = next_refusal
            else:
                return outcome
        return VersionConflict("Others keep changing it. Read it again and repeat the change.")

    def _explained(self, refusal: Exception) -> Exception:
        """What a refusal of the database means in the words of the domain."""
        if isinstance(refusal, DomainError):
            return refusal
        name = refusal.diag.constraint_name if isinstance(refusal, psycopg.IntegrityError) else None
        if name in self._meaning:
            meant = self._meaning[name]()
            meant.__cause__ = refusal
            return meant
        if isinstance(refusal, psycopg.OperationalError):
            unavailable = Unavailable()
            unavailable.__cause__ = refusal
            return unavailable
        return refusal


def _clash(refusal: Exception) -> bool:
    if isinstance(refusal, errors.UniqueViolation):
        return refusal.diag.constraint_name in OURS
    return isinstance(refusal, errors.SerializationFailure | errors.DeadlockDetected)


def _answer(command: Command[Any, Any], outcome: Outcome) -> None:
    """Tell the caller, if still there."""
    if command.answer.done():
        return
    if isinstance(outcome, Decided):
        command.answer.set_result(outcome)
    else:
        command.answer.set_exception(outcome)
