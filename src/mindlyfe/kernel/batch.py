"""Commands decided in memory, one on the result of the other, into the rows of one transaction."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from mindlyfe.kernel.aggregate import Aggregate, History, Stored
from mindlyfe.kernel.codec import Place, tag_of
from mindlyfe.kernel.errors import KeyReused, VersionConflict
from mindlyfe.kernel.keyring import Keyring, MissingKeys
from mindlyfe.kernel.messages import (
    Act,
    ByKey,
    ByMessage,
    Cursor,
    Decided,
    Event,
    PersonId,
    Recorded,
    TenantId,
)
from mindlyfe.kernel.rows import AuditLine, KeyLine, MessageLine, Row, Rows

POSITIONS: Final = 1000
"""How many events a transaction has positions for: the increment of the log's sequence."""


@dataclass(frozen=True, slots=True, eq=False)
class Command[S, E: Event]:
    """Something to decide, and the future of who waits for it."""

    act: Act
    stream: UUID
    decision: Callable[[S | None], Sequence[E]]
    expected: int | None
    answer: asyncio.Future[Decided]


class Later(Exception):
    """The command is for the next transaction: this one is full, or the one before it in its stream waits."""


type Outcome = Decided | Exception
"""What came of a command: done, or why not. After MissingKeys (load them) and Later it is asked again."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a transaction found before its commands were decided."""

    epoch: int
    tx: int
    position: int
    """The first of POSITIONS."""
    at: datetime
    by_key: dict[tuple[PersonId, str], tuple[bytes, Decided]]
    by_message: set[ByMessage]
    streams: Mapping[UUID, Sequence[Stored]]


class Batch[S, E: Event]:
    """Decides commands of one tenant on what was loaded; a refusal touches its own command only."""

    def __init__(self, aggregate: Aggregate[S, E], tenant: TenantId, keyring: Keyring, loaded: Loaded) -> None:
        self._aggregate, self._tenant, self._keyring, self._loaded = aggregate, tenant, keyring, loaded
        self._histories: dict[UUID, History[S]] = {}
        self._held: set[UUID] = set()
        """Streams with a command that must wait: those after it wait, too."""
        self.rows: Rows[E] = Rows()

    def decide(self, command: Command[S, E]) -> Outcome:
        """What comes of `command`; its rows are added when it succeeds."""
        try:
            if command.stream in self._held:
                raise Later
            return self._replayed(command) or self._append(command)
        except (MissingKeys, Later) as again:
            self._held.add(command.stream)
            return again
        except Exception as refusal:  # noqa: BLE001 - whatever it raised belongs to its caller alone
            return refusal

    def _replayed(self, command: Command[S, E]) -> Decided | None:
        once = command.act.once
        if isinstance(once, ByKey):
            first = self._loaded.by_key.get((command.act.actor, once.key))
            if first is None:
                return None
            digest, decided = first
            if digest != once.digest:
                raise KeyReused
            return msgspec.structs.replace(decided, replayed=True)
        if once is None or once not in self._loaded.by_message:
            return None
        history = self._history(command.stream)
        return Decided(command.stream, history.version, history.cursor, replayed=True)

    def _history(self, stream: UUID) -> History[S]:
        history = self._histories.get(stream)
        if history is None:
            history = self._aggregate.fold(self._tenant, self._loaded.streams.get(stream, ()), self._keyring)
            self._histories[stream] = history
        return history

    def _append(self, command: Command[S, E]) -> Decided:
        history = self._history(command.stream)
        if command.expected not in (None, history.version):
            raise VersionConflict(f"Expected version {command.expected}, found {history.version}.")
        grown, rows = self._grow(history, command)
        decided = Decided(command.stream, grown.version, grown.cursor)
        self._histories[command.stream] = grown
        self.rows.extend(rows)
        self._remember(command.act, decided)
        return decided

    def _remember(self, act: Act, decided: Decided) -> None:
        match act.once:
            case ByKey(key=key, digest=digest):
                at = decided.cursor
                line = KeyLine(
                    act.actor, key, digest, decided.stream, decided.version, at.epoch, str(at.tx), at.position
                )
                self.rows.keys.append(line)
                self._loaded.by_key[act.actor, key] = digest, decided
            case ByMessage(consumer=consumer, message=message) as once:
                self.rows.messages.append(MessageLine(consumer, message))
                self._loaded.by_message.add(once)
            case None:
                pass

    def _grow(self, history: History[S], command: Command[S, E]) -> tuple[History[S], Rows[E]]:
        rows: Rows[E] = Rows()
        state, version, cursor = history
        subject: PersonId | None = None
        meta = msgspec.json.encode({"actor": command.act.actor, "correlation": command.act.correlation}).decode()
        for event in command.decision(state):
            state, version = self._aggregate.evolve(state, event), version + 1
            subject = self._aggregate.about(state)
            cursor = self._next(len(rows.events))
            place = Place(self._tenant, command.stream, version, tag_of(event), subject)
            data = self._aggregate.codec.seal(place, event, self._keyring.key(subject) if subject else None)
            rows.events.append(Row(cursor.position, command.stream, version, place.type, subject, data, meta))
            rows.recorded.append(self._recorded(command, version, event, cursor))
        if rows.events:
            if self._aggregate.audited:
                rows.audit.append(self._audited(command.act, command.stream, rows.events))
            self._keep(rows, history.version, state)
        return History(state, version, cursor), rows

    def _next(self, ahead: int) -> Cursor:
        offset = len(self.rows.events) + ahead
        if offset >= POSITIONS:
            raise Later if self.rows.events else OverflowError(f"a command appends at most {POSITIONS} events")
        return Cursor(self._loaded.epoch, self._loaded.tx, self._loaded.position + offset)

    def _recorded(self, command: Command[S, E], version: int, event: E, cursor: Cursor) -> Recorded[E]:
        return Recorded(
            tenant=self._tenant,
            stream=command.stream,
            version=version,
            event=event,
            at=self._loaded.at,
            cursor=cursor,
            actor=command.act.actor,
            correlation=command.act.correlation,
        )

    def _audited(self, act: Act, stream: UUID, events: Sequence[Row]) -> AuditLine:
        detail = {"version": events[-1].version, "events": [row.type for row in events]}
        place = f"{self._aggregate.name}/{stream}"
        written = msgspec.json.encode(detail).decode()
        return AuditLine(act.actor, events[0].type, events[-1].subject, place, act.correlation, act.client, written)

    def _keep(self, rows: Rows[E], before: int, state: S | None) -> None:
        last, snapshots = rows.events[-1], self._aggregate.snapshots
        if snapshots is not None and snapshots.due(before, last.version):
            place = Place(self._tenant, last.stream, last.version, last.type, last.subject)
            key = self._keyring.key(last.subject) if last.subject else None
            rows.snapshots[last.stream] = snapshots.seal(place, state, key)
