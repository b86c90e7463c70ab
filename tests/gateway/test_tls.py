"""TLS at the edge: HTTP/2, a promise of TLS for browsers, renewed certificates without a restart."""

import socket
import ssl
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mindlyfe.gateway.settings import GatewaySettings, Tls, UnsafeGateway


def certify(directory: Path) -> Tls:
    """A new self-signed certificate, put in place by rename as certificate tools do."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    contents = {
        "key.pem": key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain),
        "chain.pem": certificate.public_bytes(pem),
    }
    for file, content in contents.items():
        (directory / f".{file}").write_bytes(content)
        (directory / f".{file}").replace(directory / file)
    return Tls(certificate=directory / "chain.pem", key=directory / "key.pem")


def served(port: int) -> str:
    return ssl.get_server_certificate(("localhost", port))


def protocol(port: int) -> str | None:
    """What the server chooses when HTTP/2 is offered."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    with context.wrap_socket(socket.socket(), server_hostname="localhost") as connection:
        connection.connect(("localhost", port))
        return connection.selected_alpn_protocol()


def test_asvs_3_4_1_tls_brings_http2_hsts_and_renewal(
    start: Callable[..., AbstractContextManager[Any]], tmp_path: Path, until: Any
) -> None:
    with start(tls=certify(tmp_path), public_url="https://localhost:8443", domain="clinic.example") as gate:
        answer = gate.http.get("/v1/open")
        assert answer.headers["strict-transport-security"].startswith("max-age=")
        assert answer.json()["headers"]["x-forwarded-proto"] == "https"
        assert gate.http.get("/v1/open", headers={"host": "clinic.example"}).status_code == 200
        assert protocol(gate.port) == "h2"
        before = served(gate.port)
        certify(tmp_path)
        until(lambda: served(gate.port) != before)


def settings(directory: Path, **options: Any) -> GatewaySettings:
    return GatewaySettings(port=1, admin_port=2, eds=directory, access_log=directory / "log", **options)


def test_plain_http_is_answered_on_loopback_only(tmp_path: Path) -> None:
    with pytest.raises(UnsafeGateway, match="certificate"):
        settings(tmp_path, bind="0.0.0.0")
    with pytest.raises(UnsafeGateway, match="mailbox"):
        settings(tmp_path, mode="production", mailbox=("127.0.0.1", 3))
    with pytest.raises(UnsafeGateway, match="phone"):
        settings(tmp_path, mode="production", phone=("127.0.0.1", 3))


def test_cookies_name_the_instance_and_the_transport(tmp_path: Path) -> None:
    assert settings(tmp_path, instance="second").access_cookie == "mindlyfe_second_access"
    secure = settings(tmp_path, public_url="https://clinic.example")
    assert secure.access_cookie == "__Host-mindlyfe_main_access"
