"""A TCP proxy for tests that cuts connections just before or just after a certain message."""

import asyncio
import contextlib
from typing import Literal, Self


class Cutter:
    """Listens on `port` and passes everything on to the server, until a message holds `word`.

    `before` cuts without passing it on; `after` passes it on and cuts without the answer.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._listener: asyncio.Server | None = None
        self._word: bytes | None = None
        self._when: Literal["before", "after"] = "before"
        self._writers: set[asyncio.StreamWriter] = set()
        self.cuts = 0
        self.stays_away = False
        """Whether a cut is the end: nobody is let in again."""

    @property
    def port(self) -> int:
        """Where it listens."""
        assert self._listener
        port: int = self._listener.sockets[0].getsockname()[1]
        return port

    def cut(self, when: Literal["before", "after"], word: bytes) -> None:
        """Cut the next connection that says `word`, once."""
        self._when, self._word = when, word

    async def __aenter__(self) -> Self:
        self._listener = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._listener
        self._listener.close()
        self._listener.close_clients()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.stays_away and self.cuts:
            writer.transport.abort()
            return
        self._writers.add(writer)
        answers, server = await asyncio.open_connection("127.0.0.1", self._server_port)
        back = asyncio.create_task(self._pass(answers, writer))
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            while data := await reader.read(65_536):
                if self._word is not None and self._word in data:
                    self._word, self.cuts = None, self.cuts + 1
                    back.cancel()
                    if self._when == "after":
                        server.write(data)
                        await server.drain()
                        await asyncio.sleep(0.2)
                    break
                server.write(data)
        back.cancel()
        for one in self._writers if self.stays_away and self.cuts else (writer,):
            one.transport.abort()
        server.close()

    async def _pass(self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await answers.read(65_536):
                writer.write(data)
        writer.close()
