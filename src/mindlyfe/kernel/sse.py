"""Server-sent events: Structs as JSON messages, a sign of life in between, an end when the token counts no longer."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Final

import msgspec
import structlog
from litestar.response import ServerSentEventMessage
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import ASGIApp

PING_S: Final = 15.0
_PING: Final = b": \n\n"

type Watch = Callable[[Callable[[], None]], AbstractContextManager[None]]
"""Takes what to call once the stream must end, and is entered while it is open."""


def event_stream(
    items: AsyncIterator[Any],
    *,
    left_s: float | None,
    watched: Watch = lambda _: nullcontext(),
    ping_s: float = PING_S,
) -> ASGIApp:
    """An answer that sends `items` (Structs, or ServerSentEventMessage) for `left_s` seconds, or until told.

    The browser's EventSource then connects again, with a fresh token if it has one.
    """
    return ASGIStreamingResponse(
        iterator=_lines(items, left_s, watched, ping_s),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _lines(
    items: AsyncIterator[Any], left_s: float | None, watched: Watch, ping_s: float
) -> AsyncIterator[bytes]:
    """Each item as it comes; a comment when nothing came for `ping_s`, so that nobody takes the line for dead."""
    loop = asyncio.get_running_loop()
    end = float("inf") if left_s is None else loop.time() + left_s
    coming: asyncio.Future[Any] | None = None
    told = asyncio.Event()
    yield _PING
    over = asyncio.ensure_future(told.wait())
    try:
        with watched(told.set):
            while (now := loop.time()) < end and not told.is_set():
                coming = coming or asyncio.ensure_future(anext(items))
                await asyncio.wait({coming, over}, timeout=min(ping_s, end - now), return_when=asyncio.FIRST_COMPLETED)
                if coming.done():
                    yield _line(coming.result())
                    coming = None
                elif not told.is_set():
                    yield _PING
    except StopAsyncIteration:
        return
    except Exception as error:  # noqa: BLE001 - the answer has begun, so a problem can no longer be told
        structlog.get_logger().error("event stream failed", exc_info=error)
    finally:
        over.cancel()
        if coming:
            coming.cancel()


def _line(item: Any) -> bytes:
    if isinstance(item, ServerSentEventMessage):
        return item.encode()
    return b"data: " + msgspec.json.encode(item) + b"\n\n"
