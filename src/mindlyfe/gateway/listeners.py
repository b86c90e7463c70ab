"""The listener: how requests are read from the wire, what is refused before any route is looked up, what is logged."""

from typing import Any, Final

from mindlyfe.gateway.filters import http_filters
from mindlyfe.gateway.hygiene import ADDED_BY_ENVOY, cleansing
from mindlyfe.gateway.model import Edge
from mindlyfe.gateway.replies import local_replies
from mindlyfe.gateway.security import of_every_answer
from mindlyfe.gateway.settings import GatewaySettings
from mindlyfe.gateway.tls import downstream_tls
from mindlyfe.gateway.vhosts import route_configuration

CONNECTIONS: Final = (
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
)
FILE_LOG: Final = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog"
LOGGED: Final = {
    "at": "%START_TIME(%Y-%m-%dT%H:%M:%S.%3fZ)%",
    # Neither path nor query: they hold ids, and sometimes codes.
    "route": "%ROUTE_NAME%",
    "method": "%REQ(:METHOD)%",
    "status": "%RESPONSE_CODE%",
    "flags": "%RESPONSE_FLAGS%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "cluster": "%UPSTREAM_CLUSTER%",
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "ms": "%DURATION%",
    "service_ms": "%RESPONSE_TX_DURATION%",
    "received": "%BYTES_RECEIVED%",
    "sent": "%BYTES_SENT%",
    "protocol": "%PROTOCOL%",
    "request": "%REQ(X-REQUEST-ID)%",
    "traceparent": "%REQ(TRACEPARENT):55%",
}


def listener(edge: Edge, settings: GatewaySettings) -> dict[str, Any]:
    """The one listener, with TLS when there is a certificate."""
    manager = {"name": "http", "typed_config": {"@type": CONNECTIONS, **_manager(edge, settings)}}
    chain: dict[str, Any] = {"filters": [manager], "transport_socket_connect_timeout": "10s"}
    if settings.tls is not None:
        chain["transport_socket"] = downstream_tls(settings)
    return {
        "name": "edge",
        "address": {"socket_address": {"address": settings.bind, "port_value": settings.port}},
        # How much of a slow reader's answer is held; request bodies have their own limit.
        "per_connection_buffer_limit_bytes": 65_536,
        "filter_chains": [chain],
    }


def _manager(edge: Edge, settings: GatewaySettings) -> dict[str, Any]:
    return {
        "stat_prefix": "edge",
        "codec_type": "AUTO",
        "server_name": "mindlyfe",
        "route_config": route_configuration(edge, settings) | {"request_headers_to_remove": list(ADDED_BY_ENVOY)},
        "http_filters": http_filters(settings),
        "local_reply_config": local_replies(of_every_answer(settings)),
        "access_log": [_access_log(settings)],
        "upgrade_configs": [{"upgrade_type": "websocket", "enabled": False}],
        **_identity(),
        **_reading(settings),
    }


def _identity() -> dict[str, Any]:
    """Who the client is, is what the connection says."""
    return {
        "use_remote_address": True,
        "xff_num_trusted_hops": 0,
        "early_header_mutation_extensions": [cleansing()],
        "generate_request_id": True,
        "preserve_external_request_id": False,
        "always_set_request_id_in_response": True,
    }


def _reading(settings: GatewaySettings) -> dict[str, Any]:
    limits = settings.limits
    return {
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "max_request_headers_kb": limits.headers_kib,
        "request_headers_timeout": f"{limits.headers_s}s",
        "request_timeout": f"{limits.request_s}s",
        "stream_idle_timeout": f"{limits.idle_s}s",
        "drain_timeout": "2s",
        "common_http_protocol_options": {
            "idle_timeout": f"{limits.idle_s}s",
            "max_headers_count": limits.headers_count,
            # An underscore is a hyphen to some servers: x_forwarded_for must not slip through.
            "headers_with_underscores_action": "DROP_HEADER",
        },
        "http_protocol_options": {"allow_chunked_length": False},
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 65_536,
            "initial_connection_window_size": 1_048_576,
        },
    }


def _access_log(settings: GatewaySettings) -> dict[str, Any]:
    log_format = {"json_format": LOGGED, "omit_empty_values": True}
    config = {"@type": FILE_LOG, "path": str(settings.access_log), "log_format": log_format}
    return {"name": "envoy.access_loggers.file", "typed_config": config}
