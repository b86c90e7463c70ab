"""What the gateway must be told by whoever starts it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

PAGES: Final = Path(__file__).parent / "pages"


class UnsafeGateway(ValueError):
    """The settings would answer the network in the clear, or show development tools to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """Certificate chain and private key, PEM files; both are read again when they are replaced."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one client may ask of the edge. Times in seconds, sizes in bytes."""

    headers_s: float = 10
    """The whole request head must have arrived."""
    request_s: float = 30
    """The whole request must have arrived."""
    idle_s: float = 60
    """Silence on a connection, or on a request that is no stream."""
    stream_idle_s: float = 300
    """Silence on a stream: services send a heartbeat far more often."""
    body_bytes: int = 2_097_152
    """The largest body any route may ask for."""
    headers_kib: int = 32
    headers_count: int = 80
    client_per_s: int = 1_000
    """Requests of one client address (IPv6: /64), all routes together; 0 means no limit."""
    connections: int = 10_000
    streams: int = 2_000
    """Open streams (SSE, WebSocket) towards one context."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySettings:
    """One Envoy: where it listens, whom it believes, where its files are."""

    port: int
    admin_port: int
    eds: Path
    """Directory of `<context>.json`, the addresses of each context (see `write_eds`)."""
    access_log: Path
    bind: str = "127.0.0.1"
    public_url: str = "http://localhost:8080"
    """As browsers see us; also the issuer of access tokens."""
    instance: str = "main"
    mode: Literal["development", "production"] = "production"
    tls: Tls | None = None
    domain: str | None = None
    cors_origins: Sequence[str] = ()
    pages: Path = PAGES
    web: Path | None = None
    """The built web client; its files are served beside the pages."""
    mailbox: tuple[str, int] | None = None
    """Host and port of the development mailbox; refused in production."""
    phone: tuple[str, int] | None = None
    """And of the development phone."""
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Raises UnsafeGateway."""
        if self.tls is None and not ip_address(self.bind).is_loopback:
            raise UnsafeGateway(f"{self.bind}: plain HTTP is answered on loopback only; give a certificate and its key")
        if (self.mailbox or self.phone) and self.mode != "development":
            raise UnsafeGateway("the mailbox and the phone show everybody's messages: they are for development mode")

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by TLS."""
        return self.public_url.startswith("https://")

    @property
    def access_cookie(self) -> str:
        """Name of the cookie that carries the access token."""
        return f"{'__Host-' if self.secure else ''}mindlyfe_{self.instance}_access"

    @property
    def hosts(self) -> list[str]:
        """Host names we answer to, without ports: others are refused, so that no foreign name can be pointed at us."""
        names = [urlsplit(self.public_url).hostname, self.domain, "localhost", "127.0.0.1", "[::1]"]
        return list(dict.fromkeys(name for name in names if name))
