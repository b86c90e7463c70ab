"""Envoy's bootstrap configuration, from the typed model."""

from collections.abc import Sequence
from typing import Any

from mindlyfe.gateway.clusters import cluster
from mindlyfe.gateway.listeners import listener
from mindlyfe.gateway.model import edge
from mindlyfe.gateway.settings import GatewaySettings
from mindlyfe.kernel.endpoints import Endpoint

CONNECTION_LIMIT = (
    "type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"
)


def bootstrap(endpoints: Sequence[Endpoint], settings: GatewaySettings) -> dict[str, Any]:
    """The whole configuration, ready for JSON; every context named by an endpoint gets a cluster.

    Raises ValueError when two contexts claim the same route.
    """
    served = edge(endpoints, settings)
    return {
        "node": {"id": settings.instance, "cluster": "mindlyfe"},
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": settings.admin_port}}},
        "static_resources": {
            "listeners": [listener(served, settings)],
            "clusters": [cluster(one, settings) for one in served.clusters],
        },
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": CONNECTION_LIMIT,
                        "max_active_downstream_connections": settings.limits.connections,
                    },
                }
            ]
        },
    }
