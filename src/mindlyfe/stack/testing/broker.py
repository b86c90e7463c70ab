"""A NATS server for tests and measurements: real, and to be killed at will."""

import asyncio
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from mindlyfe.kernel.config import NatsSettings
from mindlyfe.stack.account import unprivileged
from mindlyfe.stack.nats import USER, Nats
from mindlyfe.stack.ports import free_port


class Broker:
    """A context manager. `directory` is made; the unprivileged account must be able to reach it."""

    def __init__(self, directory: Path) -> None:
        self.server = Nats(directory, free_port())
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> NatsSettings:
        """How to connect."""
        return NatsSettings(url=self.server.url, user=USER, password_file=self.server.password_file)

    def start(self) -> None:
        """Start it, without waiting until it answers."""
        self.server.prepare()
        with (self.server.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.server.command(),
                cwd=self.server.directory,
                stdout=log,
                stderr=log,
                env={"PATH": os.defpath},
                **unprivileged(),
            )

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def signal(self, number: int) -> None:
        """Send it a signal, such as SIGSTOP."""
        if self._process is not None:
            self._process.send_signal(number)

    def lose(self) -> None:
        """kill -9, and all it kept is gone."""
        self.kill()
        shutil.rmtree(self.server.directory / "store")

    async def restart(self, after_s: float = 0.0) -> None:
        """kill -9 and start again."""
        self.kill()
        await asyncio.sleep(after_s)
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()
