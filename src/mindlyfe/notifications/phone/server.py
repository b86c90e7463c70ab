"""Runs the development phone, and tells the platform what became of each text."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx
import uvicorn

from mindlyfe.notifications.domain.signing import sms_signature
from mindlyfe.notifications.phone.book import Book
from mindlyfe.notifications.phone.exchange import Exchange

LOOPBACK: Final = "127.0.0.1"
PATIENCE_S: Final = 10.0


def serve(port: int, directory: Path, account: str, token_file: Path) -> None:
    """Serve until SIGTERM or SIGINT."""
    asyncio.run(_serve(port, Book(directory), account, token_file.read_text().strip()))


async def _serve(port: int, book: Book, account: str, token: str) -> None:
    async with httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False) as client:

        async def tell(callback: str, form: dict[str, str]) -> None:
            headers = {"x-twilio-signature": sms_signature(token, callback, form.items())}
            with suppress(httpx.HTTPError):
                await client.post(callback, data=form, headers=headers)

        exchange = Exchange(book, account, token, tell)
        await uvicorn.Server(
            uvicorn.Config(exchange, host=LOOPBACK, port=port, log_level="warning", lifespan="off")
        ).serve()
