"""Dead letters: messages a consumer could not handle, kept per region until somebody has mended the reason."""

import base64
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Final

import msgspec

from mindlyfe.kernel.errors import NotFound, Unavailable
from mindlyfe.kernel.messages import MessageId, TenantId
from mindlyfe.kernel.transport.nats_link import Link, Refusal, unavailable
from mindlyfe.kernel.transport.nats_streams import (
    CODE,
    ID,
    NO_MESSAGE,
    Acknowledged,
    Publisher,
    decoded,
    encoded,
    ensure,
    stream_of,
)
from mindlyfe.kernel.transport.port import Envelope

NO_STREAM: Final = 10059


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """What may be shown of one: no content."""

    number: int
    consumer: str
    code: str
    message: MessageId
    subject: str
    tenant: TenantId
    buried_at: datetime


class _Kept(msgspec.Struct, frozen=True):
    seq: int
    subject: str
    time: datetime
    hdrs: str
    data: str


class _Found(msgspec.Struct, frozen=True):
    message: _Kept


class _Done(msgspec.Struct, frozen=True):
    success: bool = False


class DeadLetters:
    """The dead letters of one region."""

    def __init__(self, link: Link, publisher: Publisher, region: str) -> None:
        self._link, self._publisher, self._subjects = link, publisher, f"{region}.dead.>"
        self._stream = stream_of(self._subjects)

    async def bury(self, consumer: str, envelope: Envelope, code: str) -> None:
        """Keep a message with the code of its error. Raises Unavailable."""
        await ensure(self._link, self._subjects)
        headers = {ID: str(envelope.id), CODE: code, "traceparent": envelope.correlation}
        with unavailable():
            subject = self._subjects.replace(">", consumer)
            reply = await self._link.request(subject, encoded(envelope), headers=headers)
        if msgspec.json.decode(reply.data, type=Acknowledged).error is not None:
            raise Unavailable("The message broker refused a dead letter.")

    async def all(self) -> AsyncGenerator[DeadLetter]:
        """Oldest first. Raises Unavailable."""
        number = 1
        while (kept := await self._after(number)) is not None:
            envelope = decoded(base64.b64decode(kept.data))
            yield DeadLetter(
                number=kept.seq,
                consumer=kept.subject.split(".", 2)[2],
                code=_header(kept, CODE),
                message=envelope.id,
                subject=envelope.subject,
                tenant=envelope.tenant,
                buried_at=kept.time,
            )
            number = kept.seq + 1

    async def redrive(self, number: int) -> None:
        """Send it again, after all that was sent since; who has handled it before ignores it. Raises NotFound."""
        kept = await self._after(number)
        if kept is None or kept.seq != number:
            raise NotFound(f"There is no dead letter {number}.")
        envelope = decoded(base64.b64decode(kept.data))
        held = await self._publisher.open(envelope.subject.split(".")[1])
        # The relay takes the last message's place for how far it has come.
        await self._publisher.publish([msgspec.structs.replace(envelope, cursor=held.upto or envelope.cursor)])
        await self._link.api(f"STREAM.MSG.DELETE.{self._stream}", {"seq": number}, _Done)

    async def _after(self, number: int) -> _Kept | None:
        """The first one from `number` on."""
        try:
            request = {"seq": number, "next_by_subj": self._subjects}
            return (await self._link.api(f"STREAM.MSG.GET.{self._stream}", request, _Found)).message
        except Refusal as refusal:
            if refusal.number in {NO_MESSAGE, NO_STREAM}:
                return None
            raise


def _header(kept: _Kept, name: str) -> str:
    lines = base64.b64decode(kept.hdrs).decode().split("\r\n")
    return next((line.partition(": ")[2] for line in lines if line.startswith(f"{name}: ")), "")
