"""Asking a part whether it is ready, each in its own language, with nothing imported for it."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum


class Health(Enum):
    """What a part answered."""

    READY = "ready"
    NOT_READY = "not ready"
    SILENT = "silent"


type Probe = Callable[[], Awaitable[Health]]

PATIENCE_S = 2.0


async def alive() -> Health:
    """For a part without a door to knock at: it is ready while its process lives."""
    return Health.READY


def http(port: int, path: str, method: str = "GET") -> Probe:
    """Ready when `path` is answered by 2xx; 4xx and 5xx are an answer too."""
    request = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()

    def judge(answer: bytes) -> Health:
        return Health.READY if answer.startswith(b"HTTP/1.1 2") else Health.NOT_READY

    return _exchange(port, request, judge)


def greeting(port: int, expected: bytes, request: bytes = b"") -> Probe:
    """Ready when the first line after `request` begins with `expected`."""
    return _exchange(port, request, lambda answer: Health.READY if answer.startswith(expected) else Health.NOT_READY)


def command(line: Sequence[str]) -> Probe:
    """Ready when the command ends with 0; 1 means it answers but is not ready, anything else is silence."""

    async def ask() -> Health:
        quiet = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*line, stdin=quiet, stdout=quiet, stderr=quiet)
        match await process.wait():
            case 0:
                return Health.READY
            case 1:
                return Health.NOT_READY
            case _:
                return Health.SILENT

    return ask


def _exchange(port: int, request: bytes, judge: Callable[[bytes], Health]) -> Probe:
    async def ask() -> Health:
        try:
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                try:
                    writer.write(request)
                    line = await reader.readline()
                finally:
                    writer.close()
        except (OSError, TimeoutError, ValueError):
            return Health.SILENT
        return judge(line) if line else Health.SILENT

    return ask
