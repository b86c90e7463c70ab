"""Events as bytes: JSON, sealed for the person they are about, lifted to the newest shape when read."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeAliasType, cast, get_args
from uuid import UUID

import msgspec

from mindlyfe.kernel.messages import Event, PersonId, TenantId
from mindlyfe.kernel.secrecy import DataKey

type Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""An old event as plain data → the next newer one, its `type` included."""

_encode: Final = msgspec.json.Encoder().encode


class Place(NamedTuple):
    """Where bytes stand: sealed bytes open in their own place alone."""

    tenant: TenantId
    stream: UUID
    version: int
    type: str
    subject: PersonId | None

    def aad(self, context: str) -> bytes:
        """The place as bytes, to be authenticated with what stands there."""
        subject = self.subject.bytes if self.subject else b""
        where = b"".join((self.tenant.bytes, self.stream.bytes, self.version.to_bytes(4), subject))
        return f"{context}\0{self.type}\0".encode() + where


class Codec[E: Event]:
    """What one kind of stream writes and reads. `tags` are the types it can read, old ones included."""

    def __init__(self, context: str, events: Any, upcasts: Mapping[str, Upcast]) -> None:
        self.context = context
        self._upcasts = upcasts
        self._decode: Callable[[bytes], E] = msgspec.json.Decoder(events).decode
        written = {str(kind.__struct_config__.tag) for kind in _members(events)}
        self.tags: frozenset[str] = frozenset(written | set(upcasts))
        self._kinds = {_kind(tag) for tag in self.tags}

    def is_foreign(self, tag: str) -> bool:
        """Whether another kind of stream wrote this type. A newer version's type is not foreign, only unknown."""
        return _kind(tag) not in self._kinds

    def encode(self, event: E) -> bytes:
        """The event as JSON."""
        return _encode(event)

    def decode(self, tag: str, data: bytes) -> E:
        """The event, in its newest shape."""
        if tag not in self._upcasts:
            return self._decode(data)
        raw = cast("dict[str, Any]", msgspec.json.decode(data))
        while (lift := self._upcasts.get(raw["type"])) is not None:
            raw = lift(raw)
        return self._decode(_encode(raw))

    def seal(self, place: Place, event: E, key: DataKey | None) -> bytes:
        """The bytes to store. `key` belongs to the place's subject, None when there is none."""
        data = _encode(event)
        return key.seal(data, place.aad(self.context)) if key else data

    def open(self, place: Place, data: bytes, key: DataKey | None) -> E:
        """What `seal` stored. Raises Unreadable."""
        return self.decode(place.type, key.open(data, place.aad(self.context)) if key else data)


def _kind(tag: str) -> str:
    return tag.partition(".")[0]


def tag_of(event: Event) -> str:
    """The type an event is stored under."""
    return str(type(event).__struct_config__.tag)


def _members(events: Any) -> Iterator[type[Event]]:
    if isinstance(events, TypeAliasType):
        yield from _members(events.__value__)
    elif members := get_args(events):
        for member in members:
            yield from _members(member)
    else:
        yield events
