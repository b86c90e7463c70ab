"""A mail server that takes everything at once and notes when which message came, in a process of its own."""

import asyncio
import re
import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ID: Final = re.compile(rb"^Message-ID: <([^@>]+)@", re.MULTILINE)
ANSWERS: Final = {b"EHLO": b"250 sink\r\n", b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}


class Session(asyncio.Protocol):
    """One connection: whole lines in, an answer each, and a note per message."""

    def __init__(self, notes: list[tuple[str, float]]) -> None:
        self._notes, self._data, self._rest = notes, False, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Commands, or a message."""
        self._rest += data
        while self._step():
            pass

    def _step(self) -> bool:
        end = b"\r\n.\r\n" if self._data else b"\r\n"
        part, found, rest = self._rest.partition(end)
        if not found:
            return False
        self._rest = rest
        if self._data:
            self._data = False
            match = ID.search(part)
            self._notes.append((match.group(1).decode() if match else "", time.time()))
            self._transport.write(b"250 taken\r\n")
        else:
            verb = part[:4].upper()
            self._data = verb == b"DATA"
            self._transport.write(ANSWERS.get(verb, b"250 OK\r\n"))
        return True


async def _serve(port: int, file: Path) -> None:
    notes: list[tuple[str, float]] = []
    server = await asyncio.get_running_loop().create_server(lambda: Session(notes), "127.0.0.1", port)
    async with server:
        with file.open("a") as out:
            while True:
                await asyncio.sleep(0.02)
                taken, notes[:] = notes[:], []
                out.writelines(f"{name} {at}\n" for name, at in taken)
                out.flush()


@contextmanager
def sink(within: Path) -> Generator[tuple[int, Path]]:
    """Its port and the file of its notes, for as long as the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    file = within / "mails"
    file.touch()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.notifications.sink", str(port), str(file)])
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port, file
    finally:
        process.terminate()
        process.wait(10)


def arrived(file: Path) -> list[tuple[str, float]]:
    """Which message came when, seconds since 1970."""
    return [(name, float(at)) for name, at in (line.split(" ") for line in file.read_text().splitlines())]


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
