"""Snapshots: the state of a long stream, kept so that not every event must be folded each time."""

import hashlib
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from mindlyfe.kernel.codec import Place
from mindlyfe.kernel.messages import PersonId
from mindlyfe.kernel.secrecy import DataKey


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

    def seal(self, place: Place, state: Any, key: DataKey | None) -> Kept:
        """The snapshot made just after the event at `place`, whose subject has `key`."""
        data = msgspec.json.encode(state)
        if key is not None:
            data = key.seal(data, self._aad(place))
        return Kept(place.stream, place.version, place.subject, data)

    def open(self, place: Place, data: bytes, key: DataKey | None) -> S:
        """The state that was kept. Raises Unreadable."""
        return self._decoder.decode(key.open(data, self._aad(place)) if key else data)

    def _aad(self, place: Place) -> bytes:
        return place._replace(type=f"snapshot {self.shape}").aad(self._context)
