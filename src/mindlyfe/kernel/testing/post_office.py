"""An SMTP server for tests: it keeps what it takes, and misbehaves as it is told."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from uuid import UUID

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class PostOffice:
    """What came in, and how to answer what comes next."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list[EmailMessage])
    answers: list[str] = field(default_factory=list[str])
    """What it says to the next mails instead of taking them."""
    closed: bool = False
    """It hangs up on whoever connects."""
    delay_s: float = 0.0
    """From taking a mail to saying so."""
    silent: bool = False
    """It takes mails and never says so."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        """Called by aiosmtpd for each message."""
        if self.answers:
            return self.answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        await asyncio.sleep(self.delay_s)
        if self.silent:
            await asyncio.Event().wait()
        return "250 taken"

    def ids(self) -> list[str]:
        """Message-IDs, in the order of arrival."""
        return [mail["Message-ID"] for mail in self.mails]

    def ids_to(self, person: UUID) -> list[str]:
        """Message-IDs of the mails to an address that begins with this id."""
        return [mail["Message-ID"] for mail in self.mails if mail["To"].startswith(f"{person}@")]


@asynccontextmanager
async def opened() -> AsyncGenerator[PostOffice]:
    """A post office in this event loop, until the end of the block."""
    office, loop = PostOffice(), asyncio.get_running_loop()

    def session() -> SMTP:
        if office.closed:
            raise ConnectionAbortedError
        return SMTP(office, loop=loop)

    server = await loop.create_server(session, "127.0.0.1", 0)
    office.port = server.sockets[0].getsockname()[1]
    async with server:
        yield office
        server.close_clients()
