"""Mail over real SMTP: to the mailbox, to a server that refuses, to nobody."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from hypothesis import given, strategies

from mindlyfe.kernel.clock import system_clock
from mindlyfe.kernel.config import SmtpServer
from mindlyfe.notifications.adapters.letters import composed
from mindlyfe.notifications.adapters.smtp import Smtp
from mindlyfe.notifications.application.ports import Mail, NotHandedOver
from mindlyfe.notifications.mailbox.box import Box

MAIL = Mail(id="<1@example>", to="amina@example.org", subject="Termin für Zoë", text="Grüße\n", html="<p>Grüße</p>")


class Refusing:
    """A server that does not take mail for some people, nor from one."""

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("unwelcome"):
            return "550 who are you"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("gone"):
            return "550 no such person"
        if address.startswith("later"):
            return "451 try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        return "452 disk full"


@asynccontextmanager
async def serving(handler: object, sender: str = "no-reply") -> AsyncGenerator[Smtp]:
    """A server, and us before it."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, loop=loop), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    smtp = Smtp("smtp", SmtpServer(port=port), f"Clinic <{sender}@example.org>", system_clock)
    async with server:
        yield smtp
        await smtp.close()
        server.close_clients()


async def test_the_mailbox_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    async with serving(Box(tmp_path)) as smtp:
        assert "kept as" in await smtp.hand_over(MAIL)
    kept = Box(tmp_path).newest("AMINA@example.org")
    assert [(m.message_id, m.subject, m.text.strip()) for m in kept] == [("<1@example>", "Termin für Zoë", "Grüße")]
    assert "<p>Grüße</p>" in kept[0].html


@pytest.mark.parametrize(
    ("to", "code", "permanent"),
    [("gone@x.example", "smtp-550", True), ("later@x.example", "smtp-451", False), ("ok@x.example", "smtp-452", False)],
)
async def test_a_refusal_says_whether_to_try_again(to: str, code: str, permanent: bool) -> None:
    async with serving(Refusing()) as smtp:
        with pytest.raises(NotHandedOver) as refusal:
            await smtp.hand_over(Mail(id=MAIL.id, to=to, subject="x", text="x", html="x"))
    assert (refusal.value.code, refusal.value.permanent) == (code, permanent)


async def test_a_server_that_does_not_want_us_costs_no_mail() -> None:
    async with serving(Refusing(), sender="unwelcome") as smtp:
        with pytest.raises(NotHandedOver, match="smtp-550") as refusal:
            await smtp.hand_over(MAIL)
    assert not refusal.value.permanent


async def test_where_nobody_listens_another_server_is_worth_asking() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
    with pytest.raises(NotHandedOver, match="smtp-unreachable") as refusal:
        await Smtp("smtp", SmtpServer(port=port), "no-reply@example.org", system_clock).hand_over(MAIL)
    assert refusal.value.elsewhere


async def test_an_address_cannot_smuggle_a_header() -> None:
    forged = Mail(id=MAIL.id, to="a@x.example\nBcc: b@x.example", subject="x", text="x", html="x")
    with pytest.raises(NotHandedOver, match="bad-address"):
        await Smtp("smtp", SmtpServer(port=1), "no-reply@example.org", system_clock).hand_over(forged)


class HangingUp:
    """A server that takes a mail and is gone before it says so."""

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        server.transport.abort()
        return "250 OK"


class Counting:
    """A server that takes everything and counts who connects."""

    def __init__(self) -> None:
        self.connections, self.mails = 0, 0
        self.hang_up: Callable[[], None]

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        self.hang_up = server.transport.abort
        session.host_name = hostname
        return responses

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails += 1
        return "250 OK"


async def test_one_connection_carries_many_mails() -> None:
    handler = Counting()
    async with serving(handler) as smtp:
        for _ in range(5):
            await smtp.hand_over(MAIL)
    assert (handler.connections, handler.mails) == (1, 5)


async def test_a_kept_connection_that_the_server_left_costs_no_attempt() -> None:
    handler = Counting()
    async with serving(handler) as smtp:
        await smtp.hand_over(MAIL)
        handler.hang_up()
        await smtp.hand_over(MAIL)
    assert (handler.connections, handler.mails) == (2, 2)


async def test_a_refused_recipient_leaves_nothing_behind_for_the_next() -> None:
    async with serving(Refusing()) as smtp:
        for _ in range(2):
            with pytest.raises(NotHandedOver, match="smtp-550"):
                await smtp.hand_over(msgspec.structs.replace(MAIL, to="gone@x.example"))
        with pytest.raises(NotHandedOver, match="smtp-452") as full:
            await smtp.hand_over(MAIL)
    assert full.value.elsewhere, "a full disk is the server's trouble"


async def test_a_server_that_hangs_up_over_a_mail_may_have_taken_it() -> None:
    async with serving(HangingUp()) as smtp:
        with pytest.raises(NotHandedOver, match="smtp-no-answer") as unknown:
            await smtp.hand_over(MAIL)
    assert unknown.value.ill
    assert not unknown.value.elsewhere, "another server would send it a second time"


def written(**values: Any) -> EmailMessage:
    """A mail as its reader's program reads it."""
    content = composed(
        msgspec.structs.replace(MAIL, **values), "Clinic <no-reply@example.org>", datetime(2026, 11, 2, 9, tzinfo=UTC)
    )
    assert b"\n" not in content.replace(b"\r\n", b"")
    return message_from_bytes(content, policy=policy.default)


def test_a_mail_is_ready_to_be_signed() -> None:
    message = written(id="<1@example.org>")
    assert message["Message-ID"].rpartition("@")[2] == "example.org>"
    assert message["From"].addresses[0].domain == "example.org"
    assert (message["MIME-Version"], message["Date"].datetime) == ("1.0", datetime(2026, 11, 2, 9, tzinfo=UTC))
    assert message.as_bytes().isascii(), "nobody on the way has to encode it anew"


@given(strategies.text(max_size=200), strategies.text(max_size=60), strategies.text(max_size=400))
def test_whatever_somebody_is_called_the_mail_has_one_recipient_and_one_sender(
    subject: str, sender: str, text: str
) -> None:
    message = written(subject=subject, sender=sender, text=text.encode(errors="replace").decode())
    assert [one.addr_spec for one in message["To"].addresses] == ["amina@example.org"]
    assert [one.addr_spec for one in message["From"].addresses] == ["no-reply@example.org"]
    assert message["Bcc"] is None
    assert len(list(message.iter_parts())) == 2


def test_an_address_that_is_not_ascii_stays_as_it_is() -> None:
    content = composed(msgspec.structs.replace(MAIL, to="zoë@example.org"), "x@example.org", datetime.now(UTC))
    assert "To: zoë@example.org\r\n".encode() in content


def test_a_long_line_is_encoded() -> None:
    message = written(text="x" * 5_000 + "\n")
    [text, _] = message.iter_parts()
    assert max(map(len, message.as_bytes().splitlines())) < 998
    assert text.get_content().strip() == "x" * 5_000


@pytest.mark.parametrize("to", ["", "x", "@x.example", "a@", "a@x, b@x", "<a@x.example>", "a b@x.example", "a@b@c"])
def test_what_is_not_one_address_is_refused(to: str) -> None:
    with pytest.raises(NotHandedOver, match="bad-address"):
        written(to=to)
