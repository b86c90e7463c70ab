"""Clusters: where a context's processes are, when they count as well, and how much is sent to them."""

from typing import Any, Final

from mindlyfe.gateway.eds import eds_file
from mindlyfe.gateway.model import Cluster
from mindlyfe.gateway.settings import GatewaySettings

REQUESTS: Final = 1024
CONNECTING: Final = 256
"""Requests that wait for their connection to be made."""
HTTP_OPTIONS: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


def cluster(cluster: Cluster, settings: GatewaySettings) -> dict[str, Any]:
    """One cluster in Envoy's words."""
    common: dict[str, Any] = {
        "name": cluster.name,
        "connect_timeout": "1s",
        "circuit_breakers": _breakers(settings),
        "typed_extension_protocol_options": {
            HTTP_OPTIONS: {
                "@type": f"type.googleapis.com/{HTTP_OPTIONS}",
                # Shorter than the services' own keep-alive, so that no request meets a connection being closed.
                "common_http_protocol_options": {"idle_timeout": "60s"},
                "explicit_http_config": {"http_protocol_options": {}},
            }
        },
    }
    if cluster.address is None:
        return common | _discovered(cluster.name, settings)
    host, port = cluster.address
    endpoint = {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}}
    assignment = {"cluster_name": cluster.name, "endpoints": [{"lb_endpoints": [endpoint]}]}
    return common | {"type": "STATIC", "load_assignment": assignment}


def _discovered(name: str, settings: GatewaySettings) -> dict[str, Any]:
    source = {"path_config_source": {"path": str(eds_file(settings.eds, name))}, "resource_api_version": "V3"}
    return {
        "type": "EDS",
        "eds_cluster_config": {"service_name": name, "eds_config": source},
        "lb_policy": "LEAST_REQUEST",
        # A process that is told to stop leaves the list while it still answers: do not wait for its health check.
        "ignore_health_on_host_removal": True,
        "health_checks": [_readiness()],
        "outlier_detection": _outliers(),
    }


def _readiness() -> dict[str, Any]:
    return {
        "timeout": "1s",
        "interval": "1s",
        "no_traffic_interval": "1s",
        "unhealthy_interval": "0.25s",
        "unhealthy_edge_interval": "0.25s",
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
        "http_health_check": {"path": "/readyz"},
    }


def _outliers() -> dict[str, Any]:
    """Part with a process that resets connections or answers 502 to 504, if it is not the last one."""
    return {
        "split_external_local_origin_errors": True,
        "consecutive_local_origin_failure": 3,
        "enforcing_consecutive_local_origin_failure": 100,
        "consecutive_gateway_failure": 5,
        "enforcing_consecutive_gateway_failure": 100,
        "enforcing_consecutive_5xx": 0,
        "enforcing_success_rate": 0,
        "enforcing_local_origin_success_rate": 0,
        "interval": "1s",
        "base_ejection_time": "5s",
        "max_ejection_time": "60s",
        "max_ejection_percent": 50,
        # A process may say that it is ready and fail every request all the same.
        "successful_active_health_check_uneject_host": False,
    }


def _breakers(settings: GatewaySettings) -> dict[str, Any]:
    """Requests and streams (priority HIGH) are counted apart: open streams never use up the places of requests."""
    budget = {"budget_percent": {"value": 20}, "min_retry_concurrency": 10}
    return {
        "thresholds": [
            _threshold(REQUESTS) | {"retry_budget": budget},
            _threshold(settings.limits.streams) | {"priority": "HIGH"},
        ]
    }


def _threshold(requests: int) -> dict[str, Any]:
    """At most so many at once. Connections are more, so that what is too much is refused and not queued."""
    return {"max_requests": requests, "max_connections": requests + CONNECTING, "max_pending_requests": CONNECTING}
