"""Texts over HTTP: to the development phone, which speaks as Twilio does."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
import uvicorn

from mindlyfe.kernel.config import SmsGateway
from mindlyfe.notifications.adapters.sms import Sms
from mindlyfe.notifications.application.ports import NotHandedOver, Text
from mindlyfe.notifications.contract import DeliveryId
from mindlyfe.notifications.phone.book import Book
from mindlyfe.notifications.phone.exchange import Exchange

TEXT = Text(delivery=DeliveryId(UUID(int=7)), to="+447700900123", body="Your appointment")
TOKEN = "a-secret"


@asynccontextmanager
async def ringing(tmp_path: Path, told: list[tuple[str, dict[str, str]]] | None = None) -> AsyncGenerator[Sms]:
    """The phone, and us before it."""
    heard = told if told is not None else []

    async def tell(callback: str, form: dict[str, str]) -> None:
        heard.append((callback, form))

    (tmp_path / "token").write_text(TOKEN + "\n")
    exchange = Exchange(Book(tmp_path / "phone"), "AC1", TOKEN, tell)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(exchange, log_level="error", lifespan="off"))
        serving = asyncio.ensure_future(server.serve(sockets=[listening]))
        gateway = SmsGateway(
            url=f"http://127.0.0.1:{port}", account="AC1", token_file=tmp_path / "token", sender="+15005550006"
        )
        sms = Sms("phone", gateway, "https://clinic.example")
        try:
            yield sms
        finally:
            await sms.close()
            server.should_exit = True
            await serving


async def test_the_phone_keeps_what_it_acknowledged_and_tells_what_became_of_it(tmp_path: Path) -> None:
    told: list[tuple[str, dict[str, str]]] = []
    async with ringing(tmp_path, told) as sms:
        assert (await sms.hand_over(TEXT)).startswith("queued SM")
    [kept] = Book(tmp_path / "phone").newest("+447700900123")
    assert (kept.body, kept.sender, kept.parts, kept.status) == ("Your appointment", "+15005550006", 1, "delivered")
    callback = f"https://clinic.example/v1/receipts/sms?provider=phone&delivery={TEXT.delivery}"
    assert [(where, form["MessageStatus"]) for where, form in told] == [(callback, "sent"), (callback, "delivered")]


@pytest.mark.parametrize(
    ("to", "code", "permanent", "elsewhere"),
    [
        ("+15005550001", "sms-21211", True, False),
        ("+15005550004", "sms-21610", True, False),
        ("+15005550009", "sms-21614", True, False),
        ("+15005550429", "sms-20429", False, True),
        ("+15005550500", "sms-20500", False, True),
    ],
)
async def test_a_refusal_says_whose_fault_it_is(
    tmp_path: Path, to: str, code: str, permanent: bool, elsewhere: bool
) -> None:
    async with ringing(tmp_path) as sms:
        with pytest.raises(NotHandedOver, match=code) as refusal:
            await sms.hand_over(msgspec.structs.replace(TEXT, to=to))
    assert (refusal.value.permanent, refusal.value.elsewhere) == (permanent, elsewhere)
    assert (refusal.value.rests_s == 2) == (code == "sms-20429")


async def test_a_wrong_secret_is_ours_to_mend_and_costs_no_text(tmp_path: Path) -> None:
    async with ringing(tmp_path) as sms:
        (tmp_path / "token").write_text("another")
        with pytest.raises(NotHandedOver, match="sms-20003") as refusal:
            await sms.hand_over(TEXT)
    assert refusal.value.elsewhere


async def test_where_nobody_listens_another_provider_is_worth_asking(tmp_path: Path) -> None:
    async with ringing(tmp_path) as sms:
        pass
    with pytest.raises(NotHandedOver, match="sms-unreachable") as refusal:
        await Sms("gone", sms._gateway, "https://clinic.example").hand_over(TEXT)
    assert refusal.value.elsewhere


@pytest.mark.parametrize(
    ("answer", "code", "elsewhere"),
    [
        (b"", "sms-no-answer", False),
        (b"HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 0\r\n\r\n", "sms-504", False),
        (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 5\r\n\r\n<html", "sms-502", True),
        (b"HTTP/1.1 400 Bad\r\ncontent-length: 40000\r\n\r\n" + b"x" * 40_000, "sms-400", True),
    ],
)
async def test_an_answer_that_says_nothing_is_not_believed(
    tmp_path: Path, answer: bytes, code: str, elsewhere: bool
) -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    (tmp_path / "token").write_text(TOKEN)
    server = await asyncio.start_server(broken, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    gateway = SmsGateway(url=url, account="AC1", token_file=tmp_path / "token", sender="Clinic")
    async with server:
        with pytest.raises(NotHandedOver, match=code) as failure:
            await Sms("broken", gateway, "https://clinic.example").hand_over(TEXT)
    assert failure.value.elsewhere == elsewhere
