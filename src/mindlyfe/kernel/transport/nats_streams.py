"""JetStream's keeping: a stream per region and context, filled by atomic batches, and one for dead letters."""

import base64
from collections.abc import Sequence
from typing import Any, Final
from uuid import uuid4

import msgspec

from mindlyfe.kernel.errors import Unavailable
from mindlyfe.kernel.messages import Cursor
from mindlyfe.kernel.transport.nats_link import Link, Refusal, unavailable
from mindlyfe.kernel.transport.port import Envelope, Held

ID: Final = "Mindlyfe-Id"
"""Not Nats-Msg-Id: the server refuses a whole batch when one id is inside its window, and a relay that crashed before
saving its cursor would be stuck."""
CODE: Final = "Mindlyfe-Code"
OTHER_CONFIGURATION: Final = 10058
NO_MESSAGE: Final = 10037


class State(msgspec.Struct, frozen=True):
    """What a stream holds."""

    messages: int
    last_seq: int


class Info(msgspec.Struct, frozen=True):
    """A stream: when it was made, what it holds."""

    created: str
    state: State


class _Kept(msgspec.Struct, frozen=True):
    data: str = ""


class _Message(msgspec.Struct, frozen=True):
    message: _Kept


class Acknowledged(msgspec.Struct, frozen=True):
    """The server's answer to what was published: the last number, how many, or why not."""

    seq: int = 0
    count: int = 0
    error: Any = None


def stream_of(subject: str) -> str:
    """The stream that keeps a subject `<region>.<context>.…`."""
    region, context, _ = subject.split(".", 2)
    return f"{region}-{context}".upper()


def encoded(envelope: Envelope) -> bytes:
    """As it stands in a stream."""
    return msgspec.json.encode(envelope)


decoded: Final = msgspec.json.Decoder(Envelope).decode


async def ensure(link: Link, subjects: str) -> Info:
    """The stream for `subjects` (`<region>.<context>.>`), made when there is none. Raises Unavailable."""
    name = stream_of(subjects)
    configuration = {
        "name": name,
        "subjects": [subjects],
        "retention": "limits",
        "storage": "file",
        "allow_atomic": True,
    }
    try:
        return await link.api(f"STREAM.CREATE.{name}", configuration, Info)
    except Refusal as refusal:
        if refusal.number != OTHER_CONFIGURATION:
            raise
        return await link.api(f"STREAM.INFO.{name}", None, Info)


class Publisher:
    """Fills the streams of one region, and notices when one holds less than it did."""

    def __init__(self, link: Link, region: str) -> None:
        self._link, self._region = link, region
        self._last: dict[str, int] = {}

    async def open(self, context: str) -> Held:
        """Make the stream of `context` if it is not there; say what it holds. Raises Unavailable."""
        subjects = f"{self._region}.{context}.>"
        info = await ensure(self._link, subjects)
        self._last[stream_of(subjects)] = info.state.last_seq
        return Held(info.created, await self._upto(stream_of(subjects), info.state))

    async def publish(self, batch: Sequence[Envelope]) -> None:
        """Hand over one context's envelopes, all or none. Raises Unavailable, also when earlier ones were lost."""
        stream = stream_of(batch[0].subject)
        client = await self._link.connected()
        batch_id = uuid4().hex
        with unavailable():
            for sequence, envelope in enumerate(batch[:-1], 1):
                await client.publish(
                    envelope.subject, encoded(envelope), headers=_headers(envelope, batch_id, sequence)
                )
            last = batch[-1]
            headers = _headers(last, batch_id, len(batch)) | {"Nats-Batch-Commit": "1"}
            reply = await self._link.request(last.subject, encoded(last), headers=headers)
        done = msgspec.json.decode(reply.data, type=Acknowledged)
        if done.error is not None or done.count != len(batch):
            raise Unavailable("The message broker refused a batch.")
        before, self._last[stream] = self._last.get(stream, 0), done.seq
        if done.seq < before + len(batch):
            raise Unavailable("The message broker lost messages it had acknowledged.")

    async def _upto(self, stream: str, state: State) -> Cursor | None:
        if state.last_seq == 0:
            return Cursor()
        try:
            found = await self._link.api(f"STREAM.MSG.GET.{stream}", {"seq": state.last_seq}, _Message)
        except Refusal as refusal:
            if refusal.number != NO_MESSAGE:
                raise
            return None
        return decoded(base64.b64decode(found.message.data)).cursor


def _headers(envelope: Envelope, batch_id: str, sequence: int) -> dict[str, str]:
    return {
        ID: str(envelope.id),
        "traceparent": envelope.correlation,
        "Nats-Batch-Id": batch_id,
        "Nats-Batch-Sequence": str(sequence),
    }
