"""A step of the start: Envoy's configuration from the routes of the contexts, and the command that runs it."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from mindlyfe.assembly import modules
from mindlyfe.gateway.settings import GatewaySettings, Tls
from mindlyfe.kernel.config import load
from mindlyfe.kernel.endpoints import endpoints
from mindlyfe.stack import ports
from mindlyfe.stack.addresses import addresses_directory
from mindlyfe.stack.envoy import Envoy
from mindlyfe.stack.instance import Instance, find, replace
from mindlyfe.stack.logs import log_file
from mindlyfe.stack.options import Options
from mindlyfe.stack.plan import envoy_command, options_file


def gateway_settings(instance: Instance, options: Options, chosen: Mapping[str, int]) -> GatewaySettings:
    """Where the gateway listens and what it answers to."""
    return GatewaySettings(
        port=options.port,
        bind=options.bind,
        admin_port=chosen["envoy-admin"],
        eds=addresses_directory(instance),
        access_log=log_file(instance, "access"),
        public_url=options.url,
        instance=instance.id,
        mode=options.mode,
        domain=options.domain or None,
        tls=Tls(certificate=Path(options.tls_cert).resolve(), key=Path(options.tls_key).resolve())
        if options.tls_cert
        else None,
        mailbox=("127.0.0.1", chosen["mailbox-http"]) if options.mode == "development" else None,
        phone=("127.0.0.1", chosen["phone"]) if options.mode == "development" else None,
    )


def main(directory: str, *contexts: str) -> int:
    """Run the step for the data directory; the exit code."""
    instance = find(Path(directory))
    if instance is None:
        print(f"{directory} is not a data directory", file=sys.stderr)
        return 2
    options = msgspec.json.decode(options_file(instance).read_bytes(), type=Options)
    settings = gateway_settings(instance, options, ports.assigned(instance))
    served = [endpoint for module in modules(load(file=instance.settings), contexts) for endpoint in endpoints(module)]
    envoy = Envoy(instance.directory / "envoy", served, settings)
    envoy.prepare()
    replace(envoy_command(instance), json.dumps(envoy.command()).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
