"""Which parts make up the platform, what each needs, and how each is asked for its health."""

import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol

import msgspec

from mindlyfe.stack import configuration, ports, probes
from mindlyfe.stack.account import unprivileged
from mindlyfe.stack.addresses import Addresses
from mindlyfe.stack.instance import Instance, replace
from mindlyfe.stack.options import Options
from mindlyfe.stack.part import Part, Tier
from mindlyfe.stack.postgresql import programs
from mindlyfe.stack.seaweedfs import ENVIRONMENT
from mindlyfe.stack.servers import NAMES, Servers, servers
from mindlyfe.stack.supervisor import Plan

PLATFORM: Final = "platform"
"""The process of all contexts together."""
STORES: Final = frozenset({"schema", "nats", "valkey"})
"""What a service cannot start without; objects are needed later."""
OTHERS: Final = ("envoy-admin", "mailbox-smtp", "mailbox-http", "phone")
MINIMAL: Final = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
"""The environment of servers, which must not depend on the caller's."""


def plan(instance: Instance, options: Options, contexts: Sequence[str]) -> Plan:
    """The whole platform in `instance`; writes the files its parts read."""
    groups = {context: [context] for context in contexts} if options.apart else {PLATFORM: list(contexts)}
    chosen = ports.assign(instance, [*NAMES, *OTHERS, *groups])
    stack = servers(instance, chosen)
    development = options.mode == "development"
    tools = (chosen["mailbox-smtp"], chosen["phone"]) if development else (None, None)
    settings = configuration.settings(instance, options, stack, *tools)
    configuration.write(instance, settings)
    replace(options_file(instance), msgspec.json.encode(options))
    parts = [*server_parts(stack), schema_part(instance, contexts), *_bucket(instance)]
    parts += [_service(instance, name, group, chosen[name], options.apart) for name, group in groups.items()]
    parts += [_relay(instance, contexts)] if options.apart else []
    parts += [_mailbox(instance, chosen), _phone(instance, chosen["phone"])] if development else []
    parts += _gateway(instance, options, contexts, chosen)
    return Plan(parts=parts, mode=options.mode, url=options.url, follow=Addresses(instance, parts).follow)


def options_file(instance: Instance) -> Path:
    """Where the steps find what `up` was asked for."""
    return instance.run / "options.json"


def server_parts(stack: Servers) -> list[Part]:
    """The embedded servers."""
    postgresql, nats, valkey, seaweedfs = stack.postgresql, stack.nats, stack.valkey, stack.seaweedfs
    is_ready = [str(programs() / "pg_isready"), "-h", "127.0.0.1", "-p", str(postgresql.port), "-t", "2"]
    return [
        Part(
            name="postgresql",
            tier=Tier.SERVER,
            prepare=postgresql.prepare,
            command=postgresql.command,
            ready=probes.command(is_ready),
            directory=postgresql.data,
            environment=MINIMAL,
            account=unprivileged(),
            port=postgresql.port,
            stop_signal=signal.SIGINT,
        ),
        _server("nats", nats, probes.http(nats.monitoring or nats.port, "/healthz")),
        _server("valkey", valkey, probes.greeting(valkey.port, b"-NOAUTH", b"PING\r\n")),
        _server("seaweedfs", seaweedfs, probes.http(seaweedfs.port, "/status"), ENVIRONMENT),
    ]


def schema_part(instance: Instance, contexts: Sequence[str]) -> Part:
    """The step that makes roles, schemas and tables."""
    return _step("schema", instance, "mindlyfe.stack.schema", contexts, needs=frozenset({"postgresql"}))


def restore_part(instance: Instance, backup: Path, later: Sequence[Path]) -> Part:
    """The step that fills new servers from a backup; `later` ones tell who was erased since."""
    needs = frozenset({"postgresql", "seaweedfs"})
    return _step("restore", instance, "mindlyfe.stack.restore", [str(one.resolve()) for one in (backup, *later)], needs)


def _bucket(instance: Instance) -> list[Part]:
    """The step that makes the bucket, until it was made."""
    if (instance.run / "bucket").exists():
        return []
    return [_step("bucket", instance, "mindlyfe.stack.objects", [], needs=frozenset({"seaweedfs"}))]


class _Server(Protocol):
    @property
    def directory(self) -> Path: ...
    @property
    def port(self) -> int: ...
    def prepare(self) -> None: ...
    def command(self) -> list[str]: ...


def _server(name: str, server: _Server, ready: probes.Probe, environment: Mapping[str, str] | None = None) -> Part:
    return Part(
        name=name,
        tier=Tier.SERVER,
        prepare=server.prepare,
        command=server.command,
        ready=ready,
        directory=server.directory,
        environment={**MINIMAL, **(environment or {})},
        port=server.port,
    )


def _service(instance: Instance, name: str, contexts: Sequence[str], port: int, apart: bool) -> Part:
    words = ["serve", "--contexts", ",".join(contexts), "--port", str(port), *(["--no-relay"] if apart else [])]
    return Part(
        name=name,
        tier=Tier.SERVICE,
        command=lambda: [sys.executable, "-m", "mindlyfe", *words],
        ready=probes.http(port, "/readyz"),
        needs=STORES,
        directory=instance.directory,
        environment=os.environ,
        port=port,
        contexts=frozenset(contexts),
    )


def _relay(instance: Instance, contexts: Sequence[str]) -> Part:
    return Part(
        name="relay",
        tier=Tier.SERVICE,
        command=lambda: [sys.executable, "-m", "mindlyfe", "relay", "--contexts", ",".join(contexts)],
        ready=probes.alive,
        needs=STORES,
        directory=instance.directory,
        environment=os.environ,
    )


def _mailbox(instance: Instance, chosen: Mapping[str, int]) -> Part:
    smtp, http = chosen["mailbox-smtp"], chosen["mailbox-http"]
    words = ["mailbox", "--smtp-port", str(smtp), "--http-port", str(http)]
    return Part(
        name="mailbox",
        tier=Tier.SERVER,
        command=lambda: [sys.executable, "-m", "mindlyfe", *words, "--directory", str(instance.directory / "mailbox")],
        ready=probes.http(http, "/dev/mailbox/messages"),
        directory=instance.directory,
        environment=os.environ,
        port=http,
    )


def _phone(instance: Instance, port: int) -> Part:
    gateway = configuration.phone(instance, port)
    words = ["phone", "--port", str(port), "--account", gateway.account, "--token-file", str(gateway.token_file)]
    return Part(
        name="phone",
        tier=Tier.SERVER,
        command=lambda: [sys.executable, "-m", "mindlyfe", *words, "--directory", str(instance.directory / "phone")],
        ready=probes.http(port, "/dev/phone/messages"),
        directory=instance.directory,
        environment=os.environ,
        port=port,
    )


def _gateway(instance: Instance, options: Options, contexts: Sequence[str], chosen: Mapping[str, int]) -> list[Part]:
    """The step that writes Envoy's configuration from the contexts' routes, and Envoy."""
    routes = _step("routes", instance, "mindlyfe.stack.routes", contexts)
    admin = chosen["envoy-admin"]
    envoy = Part(
        name="envoy",
        tier=Tier.EDGE,
        command=lambda: json.loads(envoy_command(instance).read_bytes()),
        ready=probes.http(admin, "/ready"),
        needs=frozenset({"routes"}),
        directory=instance.directory,
        environment=MINIMAL,
        port=options.port,
        drain=probes.http(admin, "/drain_listeners?graceful&skip_exit", "POST"),
    )
    return [routes, envoy]


def envoy_command(instance: Instance) -> Path:
    """Where the step `routes` leaves the command line of Envoy."""
    return instance.run / "envoy-command.json"


def _step(
    name: str, instance: Instance, module: str, words: Sequence[str], needs: frozenset[str] = frozenset()
) -> Part:
    return Part(
        name=name,
        tier=Tier.SERVICE,
        command=lambda: [sys.executable, "-m", module, str(instance.directory), *words],
        needs=needs,
        directory=instance.directory,
        environment=os.environ,
    )
