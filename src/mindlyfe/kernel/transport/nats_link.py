"""One lasting connection to NATS: reconnects for ever, and replaces the client when that gives up."""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, Self

import msgspec
import nats
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error

from mindlyfe.kernel.config import NatsSettings
from mindlyfe.kernel.errors import Unavailable

WAIT_S: Final = 0.25
"""Between attempts to connect, seconds."""
REQUEST_S: Final = 5.0
"""How long the server may take to answer, seconds."""
_log: Final = structlog.get_logger("nats")


class Refusal(Unavailable):
    """The server's JetStream refused a request; `number` is its error code."""

    def __init__(self, number: int, description: str) -> None:
        super().__init__(description)
        self.number = number


class _Error(msgspec.Struct, frozen=True):
    err_code: int = 0
    description: str = ""


class _Status(msgspec.Struct, frozen=True):
    error: _Error | None = None


@contextmanager
def unavailable() -> Generator[None]:
    """Turns whatever the client raises into Unavailable."""
    try:
        yield
    except (Error, OSError, TimeoutError) as lost:
        raise Unavailable("The message broker does not answer.") from lost


class Link:
    """An async context manager; entering waits until the server answers, however long that takes."""

    def __init__(self, settings: NatsSettings, name: str) -> None:
        self._settings, self._name = settings, name
        self._client: Client | None = None
        self._connecting: asyncio.Task[Client] | None = None
        self._dropped = asyncio.Event()
        self._complained = 0.0

    async def __aenter__(self) -> Self:
        await self.client()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        if self._client is not None:
            await self._client.close()

    @property
    def is_connected(self) -> bool:
        """Whether the server is there now, as far as is known."""
        return self._client is not None and self._client.is_connected

    async def client(self) -> Client:
        """The client, connected or reconnecting; waits for the first connection. Raises Unavailable."""
        client = self._client
        if client is None or client.is_closed:
            # A task of its own: a caller whose time is up leaves, the attempt goes on for the others.
            if self._connecting is None or self._connecting.done():
                self._connecting = asyncio.create_task(self._connect())
            client = await asyncio.shield(self._connecting)
            self._client = client
        return client

    async def connected(self) -> Client:
        """The client, if it is connected now. Raises Unavailable."""
        client = await self.client()
        if not client.is_connected:
            raise Unavailable("The message broker does not answer.")
        return client

    async def request(
        self, subject: str, payload: bytes, *, headers: dict[str, str] | None = None, timeout_s: float = REQUEST_S
    ) -> Msg:
        """One answer. Raises what the client raises, and Unavailable at once on a lost connection."""
        client = await self.connected()
        asking = asyncio.ensure_future(client.request(subject, payload, timeout=timeout_s, headers=headers))
        dropped = asyncio.ensure_future(self._dropped.wait())
        try:
            await asyncio.wait((asking, dropped), return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise Unavailable("The connection to the message broker was lost.")
            return asking.result()
        finally:
            asking.cancel()
            dropped.cancel()

    async def api[T](self, call: str, request: object, answer: type[T]) -> T:
        """Call JetStream's interface: `STREAM.INFO.<name>` and its like. Raises Refusal, Unavailable."""
        payload = msgspec.json.encode(request) if request is not None else b""
        with unavailable():
            reply = await self.request(f"$JS.API.{call}", payload)
        error = msgspec.json.decode(reply.data, type=_Status).error
        if error is not None:
            raise Refusal(error.err_code, error.description)
        return msgspec.json.decode(reply.data, type=answer)

    async def _connect(self) -> Client:
        def password() -> str:
            return self._settings.password_file.read_text().strip()

        with unavailable():
            return await nats.connect(
                self._settings.url,
                name=self._name,
                user=self._settings.user,
                password=password,
                error_cb=self._complain,
                disconnected_cb=self._drop,
                connect_timeout=2,
                reconnect_time_wait=WAIT_S,  # pyright: ignore[reportArgumentType] - a float is slept as well
                max_reconnect_attempts=-1,
                # A server that hangs without closing is given up after three of these.
                ping_interval=2,
                max_outstanding_pings=2,
                pending_size=16 * 1024 * 1024,
            )

    async def _drop(self) -> None:
        self._dropped.set()
        self._dropped = asyncio.Event()

    async def _complain(self, error: Exception) -> None:
        """Once per 10 s: a server that is away raises an error per attempt."""
        if time.monotonic() - self._complained > 10:
            self._complained = time.monotonic()
            _log.warning("trouble with the message broker", error=type(error).__name__)
