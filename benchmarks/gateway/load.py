"""A cheap HTTP/1.1 client: some connections, one request after another on each, latencies to a file. Own process."""

import asyncio
import json
import sys
import time
from functools import partial
from typing import Any

import uvloop


class Connection(asyncio.Protocol):
    """Sends the same request again as soon as the answer is complete, until time is up."""

    def __init__(self, request: bytes, until: float, done: asyncio.Future[None]) -> None:
        self._request, self._until, self._done = request, until, done
        self._buffer, self._sent = b"", 0.0
        self.latencies: list[float] = []
        self.failures = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport: Any = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Collect an answer; all of ours have a Content-Length."""
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        now = time.perf_counter()
        self.latencies.append(now - self._sent)
        self.failures += not head.startswith(b"HTTP/1.1 200")
        self._buffer = b""
        if now < self._until:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - a protocol's method
        """The end."""
        if not self._done.done():
            self._done.set_result(None)

    def _send(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._request)


async def main(host: str, port: int, request: bytes, connections: int, seconds: float) -> dict[str, Any]:
    """Run the load; what came of it."""
    loop = asyncio.get_running_loop()
    until = time.perf_counter() + seconds
    made: list[Connection] = []
    ends: list[asyncio.Future[None]] = []
    for _ in range(connections):
        done = loop.create_future()
        _, protocol = await loop.create_connection(partial(Connection, request, until, done), host, port)
        made.append(protocol)
        ends.append(done)
    await asyncio.gather(*ends)
    latencies = sorted(latency for connection in made for latency in connection.latencies)
    return {
        "requests": len(latencies),
        "failures": sum(connection.failures for connection in made),
        "p50_ms": latencies[len(latencies) // 2] * 1000,
        "p99_ms": latencies[len(latencies) * 99 // 100] * 1000,
    }


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(
            main(asked["host"], asked["port"], asked["request"].encode(), asked["connections"], asked["seconds"])
        )
    print(json.dumps(result))
