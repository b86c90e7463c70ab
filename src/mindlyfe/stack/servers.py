"""The embedded servers of one instance, each at its place and port."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mindlyfe.stack.instance import Instance
from mindlyfe.stack.nats import Nats
from mindlyfe.stack.postgresql import Postgresql
from mindlyfe.stack.seaweedfs import INNER_PORTS, Seaweedfs
from mindlyfe.stack.valkey import Valkey

INNER: Final = tuple(f"seaweedfs-{number}" for number in range(INNER_PORTS))
NAMES: Final[Sequence[str]] = ("postgresql", "nats", "nats-health", "valkey", "seaweedfs", *INNER)
"""The ports they need, by name."""


@dataclass(frozen=True, slots=True)
class Servers:
    """What the services stand on."""

    postgresql: Postgresql
    nats: Nats
    valkey: Valkey
    seaweedfs: Seaweedfs


def servers(instance: Instance, ports: Mapping[str, int]) -> Servers:
    """The servers of `instance` at `ports`."""
    place = instance.directory
    return Servers(
        Postgresql(place / "postgresql", instance.sockets, ports["postgresql"]),
        Nats(place / "nats", ports["nats"], ports["nats-health"]),
        Valkey(place / "valkey", ports["valkey"]),
        Seaweedfs(place / "objects", ports["seaweedfs"], [ports[name] for name in INNER]),
    )
