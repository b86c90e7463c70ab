"""One data directory: its name on this machine, its places, and the lock of who runs it."""

import fcntl
import json
import os
import secrets
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class AlreadyRunning(Exception):
    """Another supervisor holds this data directory."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A data directory that may be running. `id` is part of cookie names and of socket paths."""

    directory: Path
    id: str

    @property
    def run(self) -> Path:
        """What belongs to the running platform: state, settings, sockets' whereabouts."""
        return self.directory / "run"

    @property
    def logs(self) -> Path:
        """One file per part."""
        return self.directory / "logs"

    @property
    def secrets(self) -> Path:
        """Passwords and the root key, for the owner alone."""
        return self.directory / "secrets"

    @property
    def settings(self) -> Path:
        """What the service processes are told."""
        return self.run / "settings.toml"

    @property
    def state(self) -> Path:
        """What the supervisor says about its parts."""
        return self.run / "state.json"

    @property
    def root_key(self) -> Path:
        """The key above all keys."""
        return self.secrets / "root.key"

    @property
    def sockets(self) -> Path:
        """A short path: the operating system allows 107 bytes for a socket's name."""
        own = os.environ.get("XDG_RUNTIME_DIR") if os.geteuid() != 0 else None  # root's is closed to its servers
        return Path(own or tempfile.gettempdir()) / f"mindlyfe-{self.id}"

    @property
    def mark(self) -> Mapping[str, str]:
        """What the environment of each of our processes says, and of no other."""
        return {"MINDLYFE_INSTANCE": self.id, "MINDLYFE_CONFIG": str(self.settings)}


def find(directory: Path) -> Instance | None:
    """The instance in `directory`, if there is one."""
    path = directory.resolve()
    try:
        known = json.loads((path / "run" / "instance.json").read_text())
    except FileNotFoundError:
        return None
    # A copied directory is another instance, also while the original runs.
    return Instance(path, known["id"]) if known["directory"] == str(path) else None


def make(directory: Path) -> Instance:
    """The instance in `directory`, made on the first use."""
    instance = find(directory) or Instance(directory.resolve(), f"m{secrets.token_hex(4)}")
    # The unprivileged account walks through to its servers' directories; nobody else has business here.
    instance.directory.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    for private in (instance.run, instance.logs, instance.secrets):
        private.mkdir(mode=0o700, exist_ok=True)
    replace(
        instance.run / "instance.json", json.dumps({"id": instance.id, "directory": str(instance.directory)}).encode()
    )
    return instance


def replace(path: Path, content: bytes) -> None:
    """Write a file that readers see whole or not at all, for the owner alone."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    beside.replace(path)


def secret(path: Path) -> str:
    """The password in `path`, made on the first use."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        replace(path, secrets.token_urlsafe(24).encode())
    return path.read_text().strip()


@contextmanager
def held(instance: Instance) -> Generator[None]:
    """Hold the directory while supervising it. The lock ends with the process, however that ends.

    Raises AlreadyRunning.
    """
    with (instance.run / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise AlreadyRunning(instance.directory) from busy
        yield
