"""Runs the mailbox: aiosmtpd for SMTP, uvicorn for the pages, in one event loop."""

import asyncio
from pathlib import Path
from typing import Final

import uvicorn
from aiosmtpd.smtp import SMTP

from mindlyfe.notifications.mailbox.box import Box
from mindlyfe.notifications.mailbox.pages import Pages

LOOPBACK: Final = "127.0.0.1"
LARGEST_MAIL_BYTES: Final = 5 * 1024 * 1024


def serve(smtp_port: int, http_port: int, directory: Path) -> None:
    """Serve both until SIGTERM or SIGINT."""
    asyncio.run(_serve(smtp_port, http_port, Box(directory)))


async def _serve(smtp_port: int, http_port: int, box: Box) -> None:
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(box, hostname="mailbox", data_size_limit=LARGEST_MAIL_BYTES, loop=loop, enable_SMTPUTF8=True)

    smtp = await loop.create_server(session, LOOPBACK, smtp_port)
    config = uvicorn.Config(Pages(box), host=LOOPBACK, port=http_port, log_level="warning", lifespan="off")
    async with smtp:
        await uvicorn.Server(config).serve()
