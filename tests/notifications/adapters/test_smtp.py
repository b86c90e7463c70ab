"""Mail over real SMTP: to the mailbox, to a server that refuses, to nobody."""

import asyncio
import socket
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from mindlyfe.kernel.clock import system_clock
from mindlyfe.kernel.config import MailSettings
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


async def serve(handler: object, sender: str = "no-reply") -> tuple[asyncio.Server, Smtp]:
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(handler), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    return server, Smtp(MailSettings(port=port, sender=f"Clinic <{sender}@example.org>"), system_clock)


async def test_the_mailbox_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    server, smtp = await serve(Box(tmp_path))
    async with server:
        assert "kept as" in await smtp.hand_over(MAIL)
    kept = Box(tmp_path).newest("AMINA@example.org")
    assert [(m.message_id, m.subject, m.text.strip()) for m in kept] == [("<1@example>", "Termin für Zoë", "Grüße")]
    assert "<p>Grüße</p>" in kept[0].html


@pytest.mark.parametrize(
    ("to", "code", "permanent"),
    [("gone@x.example", "smtp-550", True), ("later@x.example", "smtp-451", False), ("ok@x.example", "smtp-452", False)],
)
async def test_a_refusal_says_whether_to_try_again(to: str, code: str, permanent: bool) -> None:
    server, smtp = await serve(Refusing())
    async with server:
        with pytest.raises(NotHandedOver) as refusal:
            await smtp.hand_over(Mail(id=MAIL.id, to=to, subject="x", text="x", html="x"))
    assert (refusal.value.code, refusal.value.permanent) == (code, permanent)


async def test_a_server_that_does_not_want_us_costs_no_mail() -> None:
    server, smtp = await serve(Refusing(), sender="unwelcome")
    async with server:
        with pytest.raises(NotHandedOver, match="smtp-550") as refusal:
            await smtp.hand_over(MAIL)
    assert not refusal.value.permanent


async def test_nobody_listening_is_worth_another_attempt_after_a_rest() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
    smtp = Smtp(MailSettings(port=port), system_clock)
    for _ in range(5):
        with pytest.raises(NotHandedOver, match="smtp-unreachable") as refusal:
            await smtp.hand_over(MAIL)
        assert not refusal.value.permanent
    with pytest.raises(NotHandedOver, match="smtp-unreachable") as refusal:
        await smtp.hand_over(MAIL)
    assert "rests" in str(refusal.value.__cause__)


async def test_an_address_cannot_smuggle_a_header() -> None:
    forged = Mail(id=MAIL.id, to="a@x.example\nBcc: b@x.example", subject="x", text="x", html="x")
    with pytest.raises(NotHandedOver, match="bad-address"):
        await Smtp(MailSettings(port=1), system_clock).hand_over(forged)
