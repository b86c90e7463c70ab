"""What the service processes are told: written as a file at each start, beside the environment's overrides."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from mindlyfe.kernel.config import (
    CacheSettings,
    DatabaseSettings,
    MailSettings,
    NatsSettings,
    ObjectSettings,
    Settings,
    SmsGateway,
    SmsSettings,
)
from mindlyfe.stack.instance import Instance, replace, secret
from mindlyfe.stack.options import Options
from mindlyfe.stack.seaweedfs import ACCESS_KEY
from mindlyfe.stack.servers import Servers


def settings(
    instance: Instance, options: Options, servers: Servers, mail_port: int | None, phone_port: int | None = None
) -> Settings:
    """How services reach the servers of this instance; the ports are those of the development mailbox and phone."""
    return Settings(
        instance=instance.id,
        mode=options.mode,
        public_url=options.url,
        root_key=instance.root_key,
        database=DatabaseSettings(
            host=str(servers.postgresql.sockets),
            port=servers.postgresql.port,
            passwords=instance.secrets / "database",
        ),
        nats=NatsSettings(url=servers.nats.url, password_file=servers.nats.password_file),
        cache=CacheSettings(url=servers.valkey.url, password_file=servers.valkey.password),
        objects=ObjectSettings(
            endpoint=servers.seaweedfs.endpoint, access_key=ACCESS_KEY, secret_key_file=servers.seaweedfs.secret_key
        ),
        mail=MailSettings(port=mail_port) if mail_port else MailSettings(),
        sms=SmsSettings(gateways={"phone": phone(instance, phone_port)}) if phone_port else SmsSettings(),
    )


def phone(instance: Instance, port: int) -> SmsGateway:
    """The development phone; its secret is made when there is none."""
    token_file = instance.secrets / "phone"
    secret(token_file)
    return SmsGateway(
        url=f"http://127.0.0.1:{port}", account="development", token_file=token_file, sender="+15005550006"
    )


def write(instance: Instance, chosen: Settings) -> None:
    """Write `chosen` where the services look for it."""
    replace(instance.settings, _toml(msgspec.to_builtins(chosen, enc_hook=str)).encode())


def _toml(tree: Mapping[str, Any], name: str = "") -> str:
    """Strings, numbers and sections in sections, which is all there is; JSON writes those as TOML does."""
    lines = [f"[{name}]"] if name else []
    lines += [
        f"{key} = {json.dumps(value)}" for key, value in tree.items() if value is not None and type(value) is not dict
    ]
    prefix = f"{name}." if name else ""
    sections = [_toml(value, prefix + key) for key, value in tree.items() if type(value) is dict]
    return "\n".join([*lines, *sections, ""])
