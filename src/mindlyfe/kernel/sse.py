"""Server-sent events: Structs as JSON messages, a sign of life in between, an end when the token ends."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, Final

import msgspec
import structlog
from litestar.response import ServerSentEventMessage
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import ASGIApp

PING_S: Final = 15.0
_PING: Final = b": \n\n"


def event_stream(items: AsyncIterator[Any], *, until: int | None, ping_s: float = PING_S) -> ASGIApp:
    """An answer that sends `items` (Structs, or ServerSentEventMessage) until `until`, seconds since 1970.

    The browser's EventSource then connects again, with a fresh token.
    """
    left = None if until is None else max(until - time.time(), 0)
    return ASGIStreamingResponse(
        iterator=_lines(items, left, ping_s),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _lines(items: AsyncIterator[Any], left_s: float | None, ping_s: float) -> AsyncIterator[bytes]:
    """Each item as it comes; a comment when nothing came for `ping_s`, so that nobody takes the line for dead."""
    loop = asyncio.get_running_loop()
    end = float("inf") if left_s is None else loop.time() + left_s
    coming: asyncio.Future[Any] | None = None
    yield _PING
    try:
        while (now := loop.time()) < end:
            coming = coming or asyncio.ensure_future(anext(items))
            done, _ = await asyncio.wait({coming}, timeout=min(ping_s, end - now))
            if done:
                yield _line(coming.result())
                coming = None
            else:
                yield _PING
    except StopAsyncIteration:
        return
    except Exception as error:  # noqa: BLE001 - the answer has begun, so a problem can no longer be told
        structlog.get_logger().error("event stream failed", exc_info=error)
    finally:
        if coming:
            coming.cancel()


def _line(item: Any) -> bytes:
    if isinstance(item, ServerSentEventMessage):
        return item.encode()
    return b"data: " + msgspec.json.encode(item) + b"\n\n"
