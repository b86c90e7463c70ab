"""Typed configuration from the environment and a TOML file; a wrong value stops the start and says what is allowed."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import msgspec

PREFIX = "MINDLYFE_"
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
PerSecond = Annotated[int, msgspec.Meta(ge=0, le=10_000)]
"""How many messages a second a provider is given at most; 0: as many as there are."""


class WrongSetting(Exception):
    """A setting that cannot be used: its name, value, source and what is allowed."""


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class DatabaseSettings(_Section, frozen=True):
    """Where PostgreSQL listens. `host` is an address or the directory of a unix socket."""

    host: str = "127.0.0.1"
    port: Port = 5432
    name: str = "mindlyfe"
    keys_name: str = "mindlyfe_keys"
    passwords: Path = Path("secrets/database")
    """Directory with one file per role (`therapy_app`, …) that holds its password."""


class NatsSettings(_Section, frozen=True):
    """The message broker; the password file holds one line."""

    url: str = "nats://127.0.0.1:4222"
    user: str = "mindlyfe"
    password_file: Path = Path("secrets/nats")


class CacheSettings(_Section, frozen=True):
    """Valkey (Redis protocol)."""

    url: str = "redis://127.0.0.1:6379/0"
    password_file: Path = Path("secrets/valkey")


class ObjectSettings(_Section, frozen=True):
    """An S3 endpoint."""

    endpoint: str = "http://127.0.0.1:8333"
    bucket: str = "mindlyfe"
    region: str = "us-east-1"
    access_key: str = "mindlyfe"
    secret_key_file: Path = Path("secrets/s3")


class SmtpServer(_Section, frozen=True):
    """A server that takes mail."""

    host: str = "127.0.0.1"
    port: Port = 2525
    user: str = ""
    password_file: Path | None = None
    security: Literal["none", "starttls", "tls"] = "none"
    per_second: PerSecond = 0


class MailSettings(SmtpServer, frozen=True):
    """The SMTP server mail is handed to, and those that stand in for it."""

    sender: str = "Clinic <no-reply@mindlyfe.localhost>"
    standby: dict[Name, SmtpServer] = {}
    """Name → server, asked in the order of their names when the first one fails."""
    receipts_secret_file: Path | None = None
    """With what receipts for mail are signed; none: no receipts are taken."""


class SmsGateway(_Section, frozen=True):
    """A provider that takes text messages as Twilio does."""

    url: str
    """Without the path of its API: `https://api.twilio.com`."""
    account: str
    token_file: Path
    sender: str
    """A telephone number, a short code or a name."""
    per_second: PerSecond = 0


class SmsSettings(_Section, frozen=True):
    """Who takes text messages; nobody: there is no such channel."""

    gateways: dict[Name, SmsGateway] = {}
    """Name → provider, asked in the order of their names."""
    segments: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    """A text that would need more is not sent."""


class TelemetrySettings(_Section, frozen=True):
    """Logs go to standard error; traces are exported when an OTLP endpoint is set."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    otlp_endpoint: str = ""


class Settings(_Section, frozen=True):
    """Everything a service process must be told."""

    instance: Name = "main"
    """Names this installation on this machine; part of cookie names, since cookies ignore ports."""
    region: Name = "eu"
    mode: Literal["development", "production"] = "production"
    public_url: str = "http://localhost:8080"
    root_key: Path = Path("secrets/root.key")
    database: DatabaseSettings = DatabaseSettings()
    nats: NatsSettings = NatsSettings()
    cache: CacheSettings = CacheSettings()
    objects: ObjectSettings = ObjectSettings()
    mail: MailSettings = MailSettings()
    sms: SmsSettings = SmsSettings()
    telemetry: TelemetrySettings = TelemetrySettings()

    @property
    def secure(self) -> bool:
        """Whether browsers reach us by TLS."""
        return self.public_url.startswith("https://")


def load(environment: Mapping[str, str] = os.environ, file: Path | None = None) -> Settings:
    """Settings from `file` (TOML), overridden by the environment: `MINDLYFE_DATABASE__PORT=5433`.

    Raises WrongSetting.
    """
    named = environment.get(f"{PREFIX}CONFIG")
    path = file or (Path(named) if named else None)
    tree: dict[str, Any] = tomllib.loads(path.read_text()) if path else {}
    sources: dict[str, str] = {}
    for variable, value in environment.items():
        if variable.startswith(PREFIX) and variable != f"{PREFIX}CONFIG":
            _put(tree, variable.removeprefix(PREFIX).lower().split("__"), value)
            sources[variable.removeprefix(PREFIX).lower().replace("__", ".")] = f"environment variable {variable}"
    try:
        return msgspec.convert(tree, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as wrong:
        raise WrongSetting(_explain(wrong, tree, sources, path)) from wrong


def _path(kind: type[Any], value: Any) -> Any:
    if kind is Path and isinstance(value, str):
        return Path(value)
    raise NotImplementedError(kind)


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
    tree[path[-1]] = value


def _explain(
    wrong: msgspec.ValidationError, tree: Mapping[str, Any], sources: Mapping[str, str], file: Path | None
) -> str:
    what, _, where = str(wrong).partition(" - at `$")
    name = where.rstrip("`").lstrip(".")
    value: Any = tree
    for part in name.split(".") if name else []:
        value = cast("Mapping[str, Any]", value).get(part) if isinstance(value, Mapping) else None
    source = sources.get(name, f"file {file}" if file else "the environment")
    return f"setting {name or '(top level)'}: {what} (value {value!r}, from {source})"
