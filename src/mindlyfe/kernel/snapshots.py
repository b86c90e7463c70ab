"""Snapshots: the state of a long stream, kept so that not every event must be folded each time."""

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from mindlyfe.kernel.codec import Place
from mindlyfe.kernel.keyring import Keyring
from mindlyfe.kernel.messages import PersonId, TenantId


@dataclass(frozen=True, slots=True)
class Snapshots[S]:
    """Keep the state every `every` events. Another shape of `state`, or another `revision`, ignores what was kept."""

    state: type[S]
    every: int = 100
    revision: int = 1
    """Raise it when `evolve` changes its meaning and the state keeps its shape."""

    def shape(self) -> str:
        """Names the shape of the state: a snapshot of another shape is not read."""
        schema = msgspec.json.encode(msgspec.json.schema(self.state), order="deterministic")
        return f"{self.revision}:{hashlib.sha256(schema).hexdigest()[:16]}"


class Kept(NamedTuple):
    """A snapshot as it is stored."""

    stream: UUID
    version: int
    subject: PersonId | None
    data: bytes


class SnapshotCodec[S]:
    """States as bytes, sealed like the events they stand for."""

    def __init__(self, context: str, snapshots: Snapshots[S]) -> None:
        self._context, self.every, self.shape = context, snapshots.every, snapshots.shape()
        self._decoder: msgspec.json.Decoder[S] = msgspec.json.Decoder(snapshots.state)

    def due(self, before: int, after: int) -> bool:
        """Whether a stream that grew from one version to another wants a new snapshot."""
        return before // self.every < after // self.every

    def seal(self, tenant: TenantId, kept: tuple[UUID, int, PersonId | None], state: Any, keyring: Keyring) -> Kept:
        """The snapshot of a stream. Raises MissingKeys, Erased."""
        stream, version, subject = kept
        data = msgspec.json.encode(state)
        if subject is not None:
            place = Place(tenant, stream, version, self._type, subject)
            data = keyring.key(subject).seal(data, place.aad(self._context))
        return Kept(stream, version, subject, data)

    def open(self, tenant: TenantId, kept: Kept, keyring: Keyring) -> S:
        """The state that was kept. Raises MissingKeys, Erased, Unreadable."""
        data = kept.data
        if kept.subject is not None:
            place = Place(tenant, kept.stream, kept.version, self._type, kept.subject)
            data = keyring.key(kept.subject).open(data, place.aad(self._context))
        return self._decoder.decode(data)

    @property
    def _type(self) -> str:
        return f"snapshot {self.shape}"
