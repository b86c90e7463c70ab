"""Where each context runs: a file per context, which Envoy watches and reads again when it is replaced."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

ASSIGNMENT = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"

type Address = tuple[str, int]


def write_eds(directory: Path, context: str, addresses: Sequence[Address]) -> None:
    """Say that `context` runs at `addresses` (IP address, port); none means nowhere. Takes effect at once.

    By rename: Envoy does not see a file changed in place.
    """
    directory.mkdir(parents=True, exist_ok=True)
    endpoints = [
        {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}} for host, port in addresses
    ]
    assignment = {"@type": ASSIGNMENT, "cluster_name": context, "endpoints": [{"lb_endpoints": endpoints}]}
    with NamedTemporaryFile("w", dir=directory, prefix=f".{context}-", suffix=".tmp", delete=False) as file:
        json.dump({"resources": [assignment]}, file)
    path = Path(file.name)
    path.chmod(0o644)
    path.replace(eds_file(directory, context))


def eds_file(directory: Path, context: str) -> Path:
    """The file of one context."""
    return directory / f"{context}.json"
