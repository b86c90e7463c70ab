"""An instance in a directory that the unprivileged account can reach, and small parts to keep running."""

import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mindlyfe.stack import probes
from mindlyfe.stack.instance import Instance, make
from mindlyfe.stack.part import Part, Tier

SLEEPER = "import time; print('here', flush=True); time.sleep(600)"


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory of this test, short and open to all."""
    path = Path(tempfile.mkdtemp(prefix="mls-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def instance(place: Path) -> Instance:
    """A fresh instance."""
    return make(place / "data")


type PartMaker = Callable[..., Part]


@pytest.fixture
def part(instance: Instance) -> PartMaker:
    """Makes a part that runs Python code; by default it sleeps and is ready at once."""

    def made(name: str = "sleeper", code: str = SLEEPER, **options: object) -> Part:
        chosen: dict[str, object] = {"tier": Tier.SERVICE, "ready": probes.alive, **options}
        command = lambda: [sys.executable, "-c", code]  # noqa: E731
        return Part(name=name, command=command, directory=instance.directory, **chosen)  # type: ignore[arg-type]

    return made


@pytest.fixture
def unused_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
