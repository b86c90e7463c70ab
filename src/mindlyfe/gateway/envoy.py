"""Envoy's bootstrap configuration, from the typed model."""

from collections.abc import Sequence
from typing import Any

from mindlyfe.gateway.settings import GatewaySettings
from mindlyfe.kernel.endpoints import Endpoint


def bootstrap(endpoints: Sequence[Endpoint], settings: GatewaySettings) -> dict[str, Any]:
    """The whole configuration, ready for JSON; every context named by an endpoint gets a cluster."""
    raise NotImplementedError
