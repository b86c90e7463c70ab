"""From an envelope to the event a context hears, and from an error to the code that is reported of it."""

from collections.abc import Iterable
from typing import Any

import msgspec
from psycopg import OperationalError

from mindlyfe.kernel.errors import DomainError, Unavailable
from mindlyfe.kernel.messages import SYSTEM, Act, ByMessage, Event, Heard
from mindlyfe.kernel.transport.port import Envelope


class Vocabulary:
    """The public events one context listens to, by the subject they come under."""

    def __init__(self, context: str, region: str, events: Iterable[type[Event]]) -> None:
        self._context = context
        self._decoders = {f"{region}.{tag(event)}": msgspec.json.Decoder(event) for event in events}

    @property
    def subjects(self) -> list[str]:
        """What to ask the transport for."""
        return sorted(self._decoders)

    def heard(self, envelope: Envelope, consumer: str, correlation: str = "") -> Heard[Any]:
        """What `envelope` says to `consumer` of this context. Raises msgspec.DecodeError."""
        act = Act(
            tenant=envelope.tenant,
            actor=SYSTEM,
            correlation=correlation or envelope.correlation,
            once=ByMessage(f"{self._context}.{consumer}", envelope.id),
        )
        return Heard(
            event=self._decoders[envelope.subject].decode(envelope.body),
            message=envelope.id,
            stream=envelope.stream,
            version=envelope.version,
            at=envelope.at,
            act=act,
        )


def tag(event: type[Event]) -> str:
    """The tag of a contract event: `<context>.<event>.vN`."""
    return str(event.__struct_config__.tag)


def code_of(error: Exception) -> str:
    """What may be said of an error: never its message, which may quote a person's data."""
    match error:
        case DomainError():
            return error.code
        case OperationalError():
            return Unavailable.code
        case msgspec.DecodeError():
            return "undecodable"
        case _:
            return type(error).__name__
