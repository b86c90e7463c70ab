"""TLS at the edge: the certificate is read again when its file is replaced, without a restart."""

import json
from pathlib import Path
from typing import Any, Final

from mindlyfe.gateway.settings import GatewaySettings, Tls

CONTEXT: Final = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"
SECRET: Final = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"  # noqa: S105 a type's name
NAME: Final = "edge"


def downstream_tls(settings: GatewaySettings) -> dict[str, Any]:
    """TLS 1.2 or newer, HTTP/2 offered first."""
    source = {"path_config_source": {"path": str(secret_file(settings))}, "resource_api_version": "V3"}
    common = {
        "alpn_protocols": ["h2", "http/1.1"],
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
        "tls_certificate_sds_secret_configs": [{"name": NAME, "sds_config": source}],
    }
    return {"name": "tls", "typed_config": {"@type": CONTEXT, "common_tls_context": common}}


def write_secret(settings: GatewaySettings, tls: Tls) -> None:
    """Write the file that names certificate and key, and the directory to watch for their renewal."""
    certificate = {
        "certificate_chain": {"filename": str(tls.certificate)},
        "private_key": {"filename": str(tls.key)},
        "watched_directory": {"path": str(tls.certificate.parent)},
    }
    secret = {"@type": SECRET, "name": NAME, "tls_certificate": certificate}
    settings.eds.mkdir(parents=True, exist_ok=True)
    secret_file(settings).write_text(json.dumps({"resources": [secret]}))


def secret_file(settings: GatewaySettings) -> Path:
    """Where Envoy finds the certificate's whereabouts; no context is named like it."""
    return settings.eds / "_tls.json"
