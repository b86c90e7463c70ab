"""Hands mail over by SMTP, on connections that are kept for a while."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from email.utils import parseaddr
from typing import Final

import aiosmtplib
import msgspec

from mindlyfe.kernel.clock import Clock
from mindlyfe.kernel.config import SmtpServer
from mindlyfe.notifications.adapters.letters import composed
from mindlyfe.notifications.application.ports import Mail, NotHandedOver

CONNECT_S: Final = 5.0
ANSWER_S: Final = 45.0
"""A server may look at a mail for a while before it takes it: who hangs up too early sends it twice."""
KEPT_S: Final = 20.0
"""How long a connection is kept for the next mail: servers hang up after 60 s or more."""
KEPT: Final = 32
WIDE: Final = ("SMTPUTF8", "BODY=8BITMIME")
"""Asked for an address that is not ASCII (RFC 6531)."""
PERMANENT: Final = 500
ITS_OWN: Final = frozenset({421, 452, 454})
"""Said of the server, whatever the mail: it closes down, has no room, cannot sign anybody in just now."""


class Letter(msgspec.Struct, frozen=True):
    """A mail as SMTP carries it."""

    sender: str
    to: str
    content: bytes


class Smtp:
    """One SMTP server. A mail that was not said to be taken may still have been: then it is `uncertain`."""

    def __init__(self, name: str, server: SmtpServer, sender: str, clock: Clock) -> None:
        self.name = name
        self._server, self._sender, self._clock = server, sender, clock
        self._idle: list[tuple[float, aiosmtplib.SMTP]] = []

    async def hand_over(self, mail: Mail) -> str:
        """The server's answer to the message. Raises NotHandedOver."""
        content = composed(mail, self._sender, self._clock())
        letter = Letter(parseaddr(self._sender)[1], mail.to, content)
        connection = await self._envelope(letter)
        with _closed_by_trouble(connection):
            try:
                answer = await connection.data(letter.content, timeout=ANSWER_S)
            except aiosmtplib.SMTPDataError as refused:
                raise _refusal(refused) from refused
            except (OSError, aiosmtplib.SMTPException) as failure:
                raise NotHandedOver("smtp-no-answer", ill=True, uncertain=True) from failure
        self._keep(connection)
        return f"{answer.code} {answer.message}"

    async def _envelope(self, letter: Letter) -> aiosmtplib.SMTP:
        """A connection on which the server waits for the mail itself: a kept one that still answers, or a new one."""
        while self._idle:
            since, connection = self._idle.pop()
            if connection.is_connected and asyncio.get_running_loop().time() - since < KEPT_S:
                try:
                    return await self._addressed(connection, letter)
                except NotHandedOver as failure:
                    if not failure.ill:
                        raise
            connection.close()
        return await self._addressed(await self._connected(), letter)

    async def _addressed(self, connection: aiosmtplib.SMTP, letter: Letter) -> aiosmtplib.SMTP:
        wide = not letter.to.isascii()
        options, encoding = (WIDE, "utf-8") if wide else ((), "ascii")
        with _closed_by_trouble(connection):
            if wide and not connection.supports_extension("smtputf8"):
                raise NotHandedOver("smtp-no-such-letters", ill=True)
            try:
                await connection.mail(letter.sender, options=options, encoding=encoding)
                await connection.rcpt(letter.to, encoding=encoding)
            except aiosmtplib.SMTPRecipientRefused as refused:
                raise _refusal(refused) from refused
            except (OSError, aiosmtplib.SMTPException) as failure:
                raise _trouble(failure) from failure
        return connection

    async def _connected(self) -> aiosmtplib.SMTP:
        s = self._server
        connection = aiosmtplib.SMTP(
            hostname=s.host,
            port=s.port,
            username=s.user or None,
            password=s.password_file.read_text().strip() if s.password_file else None,
            use_tls=s.security == "tls",
            start_tls=s.security == "starttls",
            timeout=CONNECT_S,
        )
        with _closed_by_trouble(connection):
            try:
                await connection.connect()
            except (OSError, aiosmtplib.SMTPException) as failure:
                raise _trouble(failure) from failure
        return connection

    def _keep(self, connection: aiosmtplib.SMTP) -> None:
        if len(self._idle) < KEPT:
            self._idle.append((asyncio.get_running_loop().time(), connection))
        else:
            connection.close()

    async def close(self) -> None:
        """Hang up on all kept connections."""
        while self._idle:
            self._idle.pop()[1].close()


def _refusal(refused: aiosmtplib.SMTPResponseException) -> NotHandedOver:
    """Of this mail, or of its recipient, unless the code is about the server."""
    code, ill = refused.code, refused.code in ITS_OWN
    answer = f"{code} {refused.message}"
    return NotHandedOver(f"smtp-{code}", permanent=code >= PERMANENT, ill=ill, answer=answer)


@contextmanager
def _closed_by_trouble(connection: aiosmtplib.SMTP) -> Generator[None]:
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _trouble(failure: Exception) -> NotHandedOver:
    """Of us, not of this mail (the password, the sender), or nobody answers: an operator can mend it, another helps."""
    match failure:
        case aiosmtplib.SMTPResponseException():
            return NotHandedOver(f"smtp-{failure.code}", ill=True, answer=f"{failure.code} {failure.message}")
        case OSError():
            return NotHandedOver("smtp-unreachable", ill=True)
        case _:
            return NotHandedOver("smtp-unsupported", ill=True)
